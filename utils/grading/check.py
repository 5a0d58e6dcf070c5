"""`python -m utils check 01`: check a notebook of work/ from the command line, without a kernel.

The cells that hold imports and answers are replayed in a process of their own, and each exercise is judged from here,
with the words of the notebook. A cell that stops with an error is named, and the rest goes on. A cell that ends or
hangs the process is named and left out: a fresh process takes over, with the other cells replayed.
"""

import argparse
import ast
import json
import re
from pathlib import Path

from utils.checking.exercises import find, known
from utils.checking.message import fit, message, refusal
from utils.errors import CourseError
from utils.paths import pick_notebooks, root

from .bench import Bench
from .elsewhere import DEADLINE

LEFT_OUT = {"demo", "try-it", "nbval-ignore-output"}
_MAGIC = re.compile(r"(\s*)(?:[%!?]|[\w, ]+=\s*[%!]|.*\?\s*$)")


def read(path: Path) -> list[dict]:
    """The code cells of a notebook: source, tags, and the grade_id of a graded check. CourseError when it is none."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8-sig"))["cells"]
        return [_about(cell) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CourseError(
            f"Expected a notebook in {path}, but it cannot be read as one ({type(error).__name__}); restore it from a "
            "backup beside it, or move it away and run `python -m utils lab --no-open` for a fresh copy."
        ) from error


def _about(cell) -> dict:
    nbgrader = cell["metadata"].get("nbgrader", {})
    return {
        "source": "".join(cell["source"]),
        "tags": set(cell["metadata"].get("tags", ())),
        "graded": nbgrader.get("grade") is True,
        "grade_id": str(nbgrader.get("grade_id", "")),
    }


def plain(text: str) -> str:
    """A cell without the lines that only IPython understands, `%matplotlib inline` or `!ls`; what `%time` times stays.

    Only lines at which Python's own parser stops are touched, so `%` in an expression or a text is left alone. A cell
    that is written in another language (`%%bash`) becomes empty.
    """
    first, _, rest = text.lstrip().partition("\n")
    if first.startswith("%%"):
        return plain(rest) if first.split()[0] in ("%%time", "%%timeit", "%%capture", "%%prun") else ""
    lines = text.split("\n")
    while True:
        try:
            ast.parse("\n".join(lines))
        except SyntaxError as error:
            number = (error.lineno or 0) - 1
            magic = _MAGIC.match(lines[number]) if 0 <= number < len(lines) else None
            if not magic:
                return "\n".join(lines)
            timed = re.match(r"\s*%time\s+(.+)", lines[number])
            lines[number] = magic[1] + (timed[1] if timed else "pass")
        except ValueError:  # a null character: the worker says so
            return text
        else:
            return "\n".join(lines)


def checked(cells: list[dict]) -> list[str]:
    """The exercises that have a check cell."""
    return [cell["grade_id"].removesuffix("-check") for cell in cells if cell["graded"] and cell["grade_id"]]


def unchecked(cells: list[dict]) -> list[str]:
    """The exercises that have a cell to answer in, but no check cell any more."""
    answers = [cell["grade_id"] for cell in cells if not cell["graded"] and cell["grade_id"] in known()]
    return [name for name in answers if name not in checked(cells)]


def check_notebook(path: Path, deadline: float = DEADLINE) -> tuple[list[str], bool]:
    """The message of every exercise in a notebook, and whether all is right: every exercise, and no cell stopped."""
    cells, words, all_right = read(path), [], True
    with Bench(deadline) as bench:
        for cell in cells:
            if cell["graded"] or LEFT_OUT & cell["tags"]:
                continue
            error = bench.replay(plain(cell["source"]))
            if error and not error.startswith("NotHere: "):  # in a bundle, for want of an answer: that has a line
                all_right = False
                words.append(f"A cell stopped with {error}\n  It begins: {cell['source'].strip().splitlines()[0]}")
        exercises = list(map(find, checked(cells)))
        words += dict.fromkeys(filter(None, (exercise.advice() for exercise in exercises)))
        for exercise in exercises:
            text, right = _check(bench, exercise)
            words.append(text)
            all_right &= right
        short, lost = path.stem.partition("_")[0], unchecked(cells)
        words += [
            f"{name}: its check cell is gone; `python -m utils reset {short} {name}-check` puts it back."
            for name in lost
        ]
        all_right &= not lost
    return words, all_right


def _check(bench, exercise) -> tuple[str, bool]:
    if bench.is_ours(exercise.name):
        return "\n".join(fit([refusal(exercise.name)])), False
    verdict = bench.judge(exercise)
    return message(verdict), verdict.ok or verdict.open


def main(argv: list[str]) -> int:
    """Print what the checks of a lesson say. 0: all right, 1: not yet."""
    parser = argparse.ArgumentParser(
        prog="python -m utils check", description="check a lesson of work/ without opening it"
    )
    parser.add_argument("lesson", help="a lesson such as 01 or 01a, or the path of a notebook")
    all_right = True
    for path in chosen(parser.parse_args(argv).lesson):
        words, right = check_notebook(path)
        all_right &= right
        print(f"{path.stem}\n" + "\n".join(words) + "\n")
    return 0 if all_right else 1


def chosen(lesson: str) -> list[Path]:
    """The notebooks that an argument names: a path, or lessons of work/. CourseError when there are none."""
    given = Path(lesson)
    if given.suffix == ".ipynb" and given.is_file():
        return [given]
    work = root() / "work"
    if not pick_notebooks(work, ".ipynb"):
        raise CourseError("work/ has no lessons yet; `python -m utils lab --no-open` makes your copy.")
    return pick_notebooks(work, ".ipynb", lesson)
