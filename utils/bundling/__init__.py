"""`python -m utils bundle 03`: one lesson as a zip for students, with checks and without answers.

`package` cuts `utils` for it, `answer_key` makes the key that its checks work from, `recording` keeps what some
experiments give, `leaflet` holds its texts, `archive` puts all into a zip, and `guard` looks for answers in it.
In the bundle itself `yours` stands in the place of the answers.
"""

import argparse
from pathlib import Path

from utils.errors import CourseError
from utils.paths import root, write_atomic


def main(argv: list[str]) -> int:
    """Write the bundle of a lesson and print where it is."""
    from .archive import TOP, files, zipped
    from .package import chosen

    parser = argparse.ArgumentParser(
        prog="python -m utils bundle", description="a lesson as a zip for students, with checks and without answers"
    )
    parser.add_argument("lesson", help="a lesson such as 03; both notebooks of 04 are in one bundle")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where the zip goes (default: build/bundle)")
    options = parser.parse_args(argv)
    lesson = chosen(options.lesson)
    folder = options.out or root() / "build" / "bundle"
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"--out must name a folder, and {folder} is a file; name another.")
    found = files(lesson)
    target = folder / f"{TOP}-{lesson.number}.zip"
    content = zipped(found)
    write_atomic(target, content)
    print(f"{target}: {len(found)} files, {len(content) / 1024:.0f} kB. It unzips to {TOP}/; its README says the rest.")
    return 0
