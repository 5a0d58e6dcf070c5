"""`python -m utils site`: the course as a static site that needs no network, neither to be built nor to be read.

The pages are made from what is there: README, NOTATION, the released notebooks, the solved ones, and a sample class.

    examples.py   a graded class in build/site/course/: its report, one feedback page
    sources.py    what Sphinx reads, in build/site/source/; notebooks.py prepares the notebooks for it
    sphinx/       the settings of Sphinx, one style sheet, one script
    html/         the site, where --out names no other folder
"""

import argparse
import importlib
import shutil
import sys
import time
from pathlib import Path

from utils.errors import CourseError
from utils.paths import hold_lock, root

__all__ = ["main"]
NEEDS = ("sphinx", "myst_nb", "sphinx_book_theme", "sphinx-mathjax-offline")
MARK = ".nojekyll"  # tells a site of ours from other folders, and GitHub's pages to leave _static/ as it is


def build(html: Path, lesson: str) -> int:
    """Build the site in the folder `html`, with the sample class of `lesson`; the number of its pages.

    CourseError where a notebook is missing, the folder cannot be written, or Sphinx has a complaint.
    """
    for package in NEEDS:  # what is not installed is named before a class is graded
        importlib.import_module(package)
    from .examples import make_examples
    from .sources import lay_out

    home = root() / "build" / "site"
    with hold_lock(home / "lock", "site"):
        writable(html)
        examples = make_examples(home / "course", lesson)
        source = lay_out(home / "source")
        run_sphinx(source, html, home / "doctrees")
        shutil.copytree(examples, html / "examples", dirs_exist_ok=True)
    return sum("_static" not in page.parts for page in html.rglob("*.html"))


def writable(html: Path) -> None:
    """Make the folder of the site, or say why that cannot be. Files that are not a site's are left alone."""
    try:
        html.mkdir(parents=True, exist_ok=True)
        if any(html.iterdir()) and not (html / MARK).is_file():
            raise CourseError(f"{html} holds files that are no site of ours: name an empty or a new folder.")
        (html / MARK).touch()
    except OSError as error:
        raise CourseError(
            f"Could not write the site to {html} ({error.strerror or error}): name a folder that you may write to."
        ) from error


def run_sphinx(source: Path, html: Path, doctrees: Path) -> None:
    """Make HTML of what changed since the last time. CourseError where Sphinx warns of anything."""
    from sphinx.cmd.build import build_main

    settings = Path(__file__).parent / "sphinx"
    arguments = ["-b", "html", "-q", "-W", "--keep-going", "-c", settings, "-d", doctrees, source, html]
    if build_main([str(argument) for argument in arguments]):
        raise CourseError("Sphinx found the faults above: mend them in the lesson's text, then build again.")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    it = argparse.ArgumentParser(prog="python -m utils site", description="The course as a static site.")
    it.add_argument("--out", type=Path, metavar="FOLDER", help="where to; build/site/html if not given")
    it.add_argument("--class", dest="lesson", default="01", metavar="NN", help="whose sample class is the example; 01")
    return it


def main(arguments) -> int:
    """Command line. Returns the exit code."""
    options, begun = parser().parse_args(arguments), time.perf_counter()
    html = (options.out or root() / "build" / "site" / "html").resolve()
    # nbgrader brings in a grammar of addresses that nobody asks here; building it takes two seconds
    sys.modules.setdefault("rfc3987_syntax", None)
    pages = build(html, options.lesson)
    print(f"{pages} pages in {time.perf_counter() - begun:.0f} s: open {html / 'index.html'}")
    return 0
