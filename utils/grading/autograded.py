"""autograded/STUDENT/LESSON: the notebooks that formgrader and the feedback show, built aside and put in place."""

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from utils.errors import CourseError
from utils.paths import root

LONGEST = 128  # characters of a name in nbgrader's tables
NEW, OLD = ".new-", ".old-"


def safe_name(name):
    """Whether a folder's name can stand for a student: in a path, in the gradebook and on a page."""
    return 0 < len(name) <= LONGEST and name.isprintable() and name[0] != "." and not set(name) & set("/\\")


def put_away(home, report):
    """Make home/autograded/STUDENT/LESSON what the report holds, the release's figures beside it.

    Without notebooks in the report what stood there is taken away. One process at a time. Killed at any moment it
    leaves the old folder or the new one, once `tidy` has been run. Raises CourseError where the system refuses.
    """
    for name in (report.student, report.lesson, *report.notebooks):
        if not safe_name(name):
            raise CourseError(f"{name!r} cannot be the name of a student, a lesson or a notebook: rename it.")
    top = Path(home) / "autograded"
    place = top / report.student / report.lesson
    with _refusals(place), contextlib.ExitStack() as stack:
        place.parent.mkdir(parents=True, exist_ok=True)
        new, old = (Path(tempfile.mkdtemp(prefix=prefix, dir=top)) for prefix in (NEW, OLD))
        for scratch in (new, old):
            stack.callback(_clear, scratch)
        if not report.notebooks:
            if os.path.lexists(place):
                os.rename(place, new / "gone")
            return
        _fill(new / report.lesson, report)
        if os.path.lexists(place):
            (old / report.student).mkdir()
            os.rename(place, old / report.student / report.lesson)
        os.rename(new / report.lesson, place)


def _fill(folder, report):
    """Write the notebooks and the figures; the notebooks may only be read, as nbgrader's own."""
    folder.mkdir()
    for name, notebook in report.notebooks.items():
        file = folder / f"{name}.ipynb"
        # half a surrogate pair, which a student's text may hold, stays an escape of JSON
        file.write_bytes((json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode(errors="backslashreplace"))
        file.chmod(0o444)
    figures = root() / "notebooks" / report.lesson / "figures"
    if figures.is_dir():
        (folder / "figures").mkdir()
        for figure in figures.iterdir():  # not copytree, which makes a list of its errors
            shutil.copyfile(figure, folder / "figures" / figure.name)


def tidy(home):
    """Remove what killed runs left in autograded/; what they had taken out and not replaced is put back.

    Only for the process that holds the lock of the course's folder.
    """
    top = Path(home) / "autograded"
    with _refusals(top):
        for prefix in (NEW, OLD):
            for scratch in sorted(top.glob(f"{prefix}*")):
                _clear(scratch)


def _clear(scratch):
    """Remove a scratch folder, the old STUDENT/LESSON in it put back where nothing has taken its place."""
    if scratch.name.startswith(OLD):
        for lesson in scratch.glob("*/*"):
            place = scratch.parent / lesson.relative_to(scratch)
            if not os.path.lexists(place):
                place.parent.mkdir(exist_ok=True)
                os.rename(lesson, place)
    for folder, _, files in os.walk(scratch):
        os.chmod(folder, 0o700)
        if os.name == "nt":  # where a file that may only be read cannot be removed
            for name in files:
                os.chmod(os.path.join(folder, name), 0o600)
    shutil.rmtree(scratch)


@contextlib.contextmanager
def _refusals(path):
    try:
        yield
    except OSError as error:
        raise CourseError(
            f"Could not write {path} ({error.strerror or error}): see that it may be written to and has room, then "
            f"run this again."
        ) from error
