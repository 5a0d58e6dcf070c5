"""`python -m utils check 01`: check a notebook of work/ from the command line, without a kernel.

The cells that hold imports and answers are replayed in a process of their own, and each exercise is judged from here,
with the words of the notebook. A cell that stops with an error is named and left out; the rest goes on.
"""

import argparse
import json
import zlib
from pathlib import Path

import numpy as np

from utils.checking.exercises import find
from utils.checking.judge import judge
from utils.checking.message import message
from utils.errors import CourseError
from utils.paths import pick_notebooks, root

from .elsewhere import Elsewhere

LEFT_OUT = {"demo", "try-it", "nbval-ignore-output"}


def read(path: Path) -> list[dict]:
    """The code cells of a notebook. CourseError when it is not one."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8-sig"))["cells"]
        return [
            {**c, "source": "".join(c["source"]), "about": c["metadata"]} for c in cells if c["cell_type"] == "code"
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"{path} should be a notebook, but it cannot be read as one ({type(error).__name__}); "
            "restore it with `python -m utils reset`, or from a backup beside it."
        ) from error


def is_check(cell) -> bool:
    return cell["about"].get("nbgrader", {}).get("grade") is True


def check_notebook(path: Path) -> tuple[list[str], bool]:
    """The message of every exercise in a notebook, and whether all are right."""
    cells, words, all_right = read(path), [], True
    with Elsewhere() as worker:
        for cell in cells:
            if is_check(cell) or LEFT_OUT & set(cell["about"].get("tags", ())):
                continue
            error = worker.replay(cell["source"])
            if error:
                words.append(f"A cell stopped with {error}\n  It begins: {cell['source'].splitlines()[0]}")
        for cell in filter(is_check, cells):
            exercise = find(cell["about"]["nbgrader"]["grade_id"].removesuffix("-check"))
            verdict = judge(exercise, worker, np.random.default_rng(zlib.crc32(exercise.name.encode())))
            words.append(message(verdict))
            all_right &= verdict.ok
    return words, all_right


def main(argv: list[str]) -> int:
    """Print what the checks of a lesson say. 0: all right, 1: not yet."""
    parser = argparse.ArgumentParser(
        prog="python -m utils check", description="check a lesson of work/ without opening it"
    )
    parser.add_argument("lesson", help="a lesson such as 01 or 01a, or the path of a notebook")
    options = parser.parse_args(argv)
    given = Path(options.lesson)
    paths = [given] if given.suffix == ".ipynb" else pick_notebooks(root() / "work", ".ipynb", options.lesson)
    all_right = True
    for path in paths:
        words, right = check_notebook(path)
        all_right &= right
        print(f"{path.stem}\n" + "\n".join(words) + "\n")
    return 0 if all_right else 1
