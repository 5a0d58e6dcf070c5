"""`python -m utils report [LESSON…]`: one page about a class, to be read before the next meeting.

Which mistakes were made comes from the verdicts that a run kept in grading/results.json, and from nothing that a
student wrote. No student is named unless that is asked for.
"""

import argparse
import sys
from pathlib import Path

from utils.paths import root, write_atomic

__all__ = ["main", "write_report"]


def write_report(results: dict, folder: Path, lessons=(), standing=None, names=False) -> list[Path]:
    """Write index.html (with names: index-names.html), report.csv and mistakes.csv into a folder. Returns the files.

    results: as in results.json. lessons: their names, all if there are none. standing: {lesson: Book.totals}, what the
    gradebook holds now, if it is known. names: with the students' ids. The same input gives the same bytes.
    """
    from .gather import gather
    from .page import page
    from .table import mistakes_csv, report_csv

    chosen = [gather(results, name, (standing or {}).get(name)) for name in lessons or sorted(results["lessons"])]
    texts = {
        "index-names.html" if names else "index.html": page(chosen, live=standing is not None, names=names),
        "report.csv": report_csv(chosen),
        "mistakes.csv": mistakes_csv(chosen),
    }
    for name, text in texts.items():
        write_atomic(folder / name, text)
    return [folder / name for name in texts]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    it = argparse.ArgumentParser(prog="python -m utils report", description="One page about the class.")
    it.add_argument("lessons", nargs="*", metavar="LESSON", help="03 or 03_gradients_over_time; all if none")
    it.add_argument("--course", type=Path, help="the folder with grading/ and gradebook.db, if it is not this one")
    it.add_argument("--db", metavar="URL", help="the gradebook, if it is not the course's own; see README")
    it.add_argument("--names", action="store_true", help="index-names.html, with the students' ids: for your eyes only")
    it.add_argument("--out", type=Path, help="where to write; grading/report/ of the course if not given")
    return it


def main(arguments) -> int:
    """Command line. Returns the exit code."""
    from .read import pick, read_results, read_standing

    options = parser().parse_args(arguments)
    home = options.course or root()
    results = read_results(home)
    lessons = pick(results, options.lessons)
    standing, why = read_standing(home, lessons, options.db)
    if why:
        print(f"Points given by hand since the run are not counted. {why}", file=sys.stderr)
    folder = options.out or home / "grading" / "report"
    page, *tables = write_report(results, folder, lessons, standing, options.names)
    print(f"{page}\nThe same numbers are in {' and '.join(path.name for path in tables)} beside it.")
    return 0
