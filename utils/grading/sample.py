"""Submissions stored as answers: a student is a folder, a notebook in it a text of cells, named after their exercises.

    # structure: check-before rnn_forward      (optional first line: what else this student did to the notebook)

    # %% rnn_cell_forward
    def rnn_cell_forward(xt, a_prev, P): …

    # %% [markdown] why_share
    # Because …

A submission is the released notebook of today with these answers in it, so that the stored class never goes stale.
A notebook without a text was not handed in; a text without cells was handed in as it was released.
"""

import copy
import re
from pathlib import Path

from utils.errors import CourseError
from utils.paths import did_you_mean

MARKER = re.compile(r"^# %% (\[markdown\] )?(\S+)\s*$")
STRUCTURE = "# structure: "


def read_answers(path):
    """Read one text. Returns ({grade id: source}, structure); structure is "" where the cells stand as released."""
    lines = path.read_text(encoding="utf-8").splitlines()
    structure = lines[0].removeprefix(STRUCTURE) if lines and lines[0].startswith(STRUCTURE) else ""
    answers, current, is_text = {}, None, False
    for line in lines:
        marker = MARKER.match(line)
        if marker:
            is_text, current = bool(marker[1]), marker[2]
            if current in answers:
                raise CourseError(f"{path} answers {current} twice: keep one of the two cells.")
            answers[current] = []
        elif current is not None:
            answers[current].append(line.removeprefix("# ").removeprefix("#") if is_text else line)
    return {name: "\n".join(source).strip("\n") for name, source in answers.items()}, structure


def grade_id(cell):
    """The nbgrader name of a cell, or ""."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def compose(release, answers, structure="", where="the submission"):
    """A submission: the released notebook (as read from JSON) with the answers in their cells, then restructured.

    release: the notebook as a dict; it is not changed. Raises CourseError for an answer to no exercise.
    """
    notebook = copy.deepcopy(release)
    cells = {grade_id(cell): cell for cell in notebook["cells"] if grade_id(cell)}
    open_cells = [name for name, cell in cells.items() if cell["metadata"]["nbgrader"]["solution"]]
    for name, source in answers.items():
        if name not in open_cells:
            raise CourseError(f"{where} answers {name}, which is no exercise of it{did_you_mean(name, open_cells)}.")
        cells[name]["source"] = source
    restructure(notebook, structure, where)
    return notebook


def restructure(notebook, structure, where):
    """Do to the cells what this student did: "", "answers-first", "check-before NAME" or "delete GRADE_ID"."""
    cells = notebook["cells"]
    action, _, name = structure.partition(" ")
    if action == "answers-first":
        answers = [cell for cell in cells if is_answer(cell)]
        rest = [cell for cell in cells if not is_answer(cell)]
        first = next(i for i, cell in enumerate(rest) if "setup" in cell["metadata"].get("tags", [])) + 1
        notebook["cells"] = rest[:first] + answers + rest[first:]
    elif action == "check-before":
        check = cells.pop(position(cells, name + "-check", where))
        cells.insert(position(cells, name, where), check)
    elif action == "delete":
        cells.pop(position(cells, name, where))
    elif structure:
        raise CourseError(
            f"{where} asks for the structure {structure!r}: give answers-first, check-before NAME or delete GRADE_ID."
        )


def is_answer(cell):
    """Whether a cell holds a learner's code."""
    return cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution", False)


def position(cells, name, where):
    """The place of the cell with this grade id. Raises CourseError where there is none."""
    names = [grade_id(cell) for cell in cells]
    if name not in names:
        raise CourseError(
            f"{where} speaks of the cell {name}, which is not in the notebook{did_you_mean(name, names)}."
        )
    return names.index(name)


def students(folder: Path):
    """The folders of the class in alphabetical order. Raises CourseError where there is no class."""
    found = (
        sorted(path for path in folder.iterdir() if path.is_dir() and any(path.glob("*.py"))) if folder.is_dir() else []
    )
    if not found:
        raise CourseError(f"There is no sample class in {folder}: restore it with `git checkout tests/sample_class`.")
    return found
