"""The notebook that a learner opens: nbgrader's own preprocessors, run in this process.

The result equals what `nbgrader generate_assignment` writes, with two additions under the key `course`: a hash of the
notebook's own cells, and, in a written answer, the checksum of the blank. nbgrader keeps that in its own metadata,
where Validate takes a blank written answer for a failed test; autograding restores it there from the gradebook.
"""

import contextlib
import copy
import logging
from pathlib import Path

from nbformat import NotebookNode
from nbgrader import preprocessors as steps
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import ValidationError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from utils import paths
from utils.authoring.text import dump, load, own_hash
from utils.errors import CourseError

CLEARED = (steps.LockCells, steps.ClearSolutions, steps.ClearOutput, steps.CheckCellMetadata)
RELEASED = (*CLEARED, steps.ClearHiddenTests, steps.ClearMarkScheme, steps.ComputeChecksums)
REGISTERED = (*CLEARED, steps.ComputeChecksums, steps.SaveCells)
SOLUTIONS, NOTEBOOKS = "solutions", "notebooks"


def settings() -> Config:
    """nbgrader_config.py of this course."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(paths.root())).load_config()


def make_release(solution: NotebookNode, name: str) -> NotebookNode:
    """The released form of an executed solution. CourseError when nbgrader refuses it. The solution is not changed."""
    released = _run(RELEASED, solution, {}, name)
    for cell in released.cells:
        mark = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and mark.get("grade") and mark.get("solution"):
            cell.metadata["course"] = {"blank": mark.pop("checksum")}
    released.metadata["course"] = {"release": own_hash(released)}
    return released


def register(lesson: str, db_url: str | None = None) -> None:
    """Put a lesson's cells and points into the gradebook, as `nbgrader generate_assignment` does; made when missing.

    Submissions are never deleted. CourseError when cells were added or removed while submissions exist.
    """
    folder = paths.root() / SOLUTIONS / lesson
    notebooks = {path.stem: load(path) for path in paths.pick_notebooks(folder.parent, ".ipynb", lesson)}
    config = settings()
    db_url = db_url or config.CourseDirectory.db_url
    try:
        with Gradebook(db_url, config.CourseDirectory.get("course_id", "")) as gradebook:
            assignment = gradebook.update_or_create_assignment(lesson)
            gone = [notebook.name for notebook in assignment.notebooks if notebook.name not in notebooks]
            if gone and assignment.submissions:
                raise RuntimeError(f"notebook {gone[0]} has submissions")
            for name in gone:
                gradebook.remove_notebook(name, lesson)
        for name, notebook in notebooks.items():
            _run(REGISTERED, notebook, {"nbgrader": {"notebook": name, "assignment": lesson, "db_url": db_url}}, name)
    except RuntimeError as error:
        raise CourseError(
            f"The gradebook {db_url} holds submissions for {lesson}, so its cells cannot be added to or taken away; "
            f"move the gradebook aside, or build with --no-register."
        ) from error
    except CourseError:
        raise
    except Exception as error:  # sqlalchemy and the database drivers have no common error to name
        raise CourseError(
            f"Could not use the gradebook {db_url} ({_short(error)}); check that it may be written."
        ) from error


def _run(chain: tuple, notebook: NotebookNode, resources: dict, name: str) -> NotebookNode:
    result, config = copy.deepcopy(notebook), settings()
    try:
        with _quiet():
            for step in chain:
                result, resources = step(config=config).preprocess(result, resources)
    except (ValidationError, KeyError) as error:
        raise CourseError(
            f"{name}: nbgrader refuses its cell metadata ({_short(error)}); correct the cell marker."
        ) from error
    except RuntimeError as error:
        if steps.SaveCells in chain:
            raise
        raise CourseError(f"{name}: nbgrader cannot release it ({_short(error)}); correct that cell.") from error
    return result


@contextlib.contextmanager
def _quiet():
    """nbgrader logs a traceback before it raises; the caller says the same in one sentence."""
    logger = logging.getLogger("traitlets")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _short(error: BaseException) -> str:
    """The first line of the first of a chain of errors; nbgrader's last one only says that there was another."""
    while error.__context__ is not None:
        error = error.__context__
    words = [line.strip() for line in str(error).splitlines() if line.strip()]
    return words[0].rstrip(".") if words else type(error).__name__


def figure_changes(lesson: str) -> list[tuple[Path, bytes | None]]:
    """What must happen to notebooks/LESSON/figures: (file, its new content), None for a file that has no source."""
    source, target = (paths.root() / top / lesson / "figures" for top in (SOLUTIONS, NOTEBOOKS))
    wanted = {p.relative_to(source): p.read_bytes() for p in _files(source)}
    changes: list[tuple[Path, bytes | None]] = [(target / p.relative_to(target), None) for p in _files(target)
                                                if p.relative_to(target) not in wanted]  # fmt: skip
    for name, content in sorted(wanted.items()):
        if not (target / name).is_file() or (target / name).read_bytes() != content:
            changes.append((target / name, content))
    return changes


def copy_figures(lesson: str) -> None:
    """Make notebooks/LESSON/figures equal to solutions/LESSON/figures."""
    for path, content in figure_changes(lesson):
        if content is None:
            path.unlink()
        else:
            paths.write_atomic(path, content)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))


def release_path(solution: Path) -> Path:
    """notebooks/LESSON/STEM.ipynb for solutions/LESSON/STEM.*"""
    return paths.root() / NOTEBOOKS / solution.parent.name / f"{solution.stem}.ipynb"


def write_release(path: Path, released: NotebookNode) -> None:
    """Write a released notebook at once."""
    paths.write_atomic(path, dump(released))
