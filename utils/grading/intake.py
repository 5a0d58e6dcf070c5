"""Look at a submission without running any of it: files and bytes in, notebooks of the release out.

Nothing that a student can put into a folder stops this or lets it read a file elsewhere. A file that the machine cannot
give (no permission, a broken disk) raises OSError: that is no fault of the student's.
"""

import contextlib
import errno
import hashlib
import itertools
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from utils.errors import CourseError
from utils.grading.compose import answer_names, compose
from utils.grading.submitted import Unreadable, read_cells
from utils.paths import pick_notebooks, root

MAX_BYTES = 20_000_000
MAX_ENTRIES = 200
HANDLES = os.open in os.supports_dir_fd and os.scandir in os.supports_fd  # not on Windows
FLAGS = os.O_RDONLY
for _name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):
    FLAGS |= getattr(os, _name, 0)
# what open says of links, sockets, devices and the like; any other error is the machine's
STUDENTS = {errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.ENODEV, errno.ENOTDIR, errno.EISDIR, errno.ENOENT}
NOT_A_FILE = "{} is a link, a folder or no ordinary file; hand in the notebook itself."


@dataclass(frozen=True)
class Sheet:
    """One notebook of the release, with the student's text in it.

    fault: why nothing of the student's could be read, as a sentence, or "". missing: it was not handed in, nor anything
    that might be it.
    """

    name: str
    notebook: dict
    fault: str = ""
    missing: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intake:
    """A submission: a sheet for each notebook of the release, in its order.

    digest: of all that was read. received: when the newest of the notebooks came to lie here, seconds since 1970 (a
    time that its owner cannot set), or None.
    """

    sheets: dict[str, Sheet]
    digest: str
    received: float | None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _File:
    name: str
    raw: bytes = b""
    fault: str = ""
    missing: bool = False
    time: float | None = None
    remarks: tuple[str, ...] = ()


def releases(lesson: str) -> dict[str, dict]:
    """{stem: notebook} of a released lesson. CourseError where there is none of this name, with the nearest one."""
    folder = root() / "notebooks"
    found = pick_notebooks(folder, ".ipynb", lesson or "?")[0].parent.name
    try:
        paths = pick_notebooks(folder, ".ipynb", found)
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    except ValueError as error:
        raise CourseError(
            f"A notebook in {folder / found} is damaged; restore it with `git checkout notebooks/{found}`."
        ) from error


def take_in(folder: Path, releases: dict[str, dict]) -> Intake:
    """The submission in `folder` (…/STUDENT/LESSON), as the notebooks of `releases` with the student's text in them."""
    remarks: list[str] = []
    try:
        with _entered(folder) as place:
            files = {stem: _read(place, f"{stem}.ipynb") for stem in releases}
            entries, remarks = _entries(place)
            files = _renamed(place, files, entries, releases)
    except OSError as error:
        missing = _is_missing(error)
        fault = "was not handed in." if missing else "is no ordinary folder; hand in a folder with the notebooks in it."
        files = {stem: _File(f"{stem}.ipynb", b"", f"The folder of this lesson {fault}", missing) for stem in releases}
    digest = hashlib.sha256()
    for stem, file in files.items():
        digest.update(json.dumps([stem, file.name, file.fault, len(file.raw)]).encode() + file.raw)
    sheets = {stem: _sheet(stem, file, releases[stem]) for stem, file in files.items()}
    times = [file.time for file in files.values() if file.time is not None]
    return Intake(sheets, digest.hexdigest(), max(times, default=None), tuple(remarks))


def _sheet(stem: str, file: _File, release: dict) -> Sheet:
    cells, remarks, fault = [], list(file.remarks), file.fault
    if not fault:
        try:
            cells, more = read_cells(file.raw)
            remarks += more
        except Unreadable as error:
            fault = f"{_shown(file.name)} {error}"
    notebook, more = compose(release, cells)
    return Sheet(stem, notebook, fault, file.missing, tuple(dict.fromkeys(remarks + more)))


@contextlib.contextmanager
def _entered(folder: Path) -> Iterator[int | Path]:
    """The lesson's folder of a student, opened such that neither it nor the student's own folder can be a link."""
    folder = Path(os.path.abspath(folder))
    place: int | Path = folder.parent.parent
    with contextlib.ExitStack() as stack:
        if HANDLES:
            place = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, place)
        for name in (folder.parent.name, folder.name):
            place = _open(place, name, folder=True)
            if HANDLES:
                stack.callback(os.close, place)
        yield place


def _open(place: int | Path, name: str, folder: bool = False) -> int | Path:
    """Open `name` in a folder, never through a link. Windows has no handles of folders: there they are paths."""
    if not isinstance(place, Path):
        return os.open(name, FLAGS | (os.O_DIRECTORY if folder else 0), dir_fd=place)
    path = place / name
    if path.is_symlink() or (path.exists() and path.is_dir() != folder):
        raise OSError(errno.ELOOP, "a link, or of the wrong type")
    if folder:
        path.stat()
        return path
    return os.open(path, FLAGS)


def _read(place: int | Path, name: str) -> _File:
    """The bytes of one file of the student's, or the sentence why there are none."""
    try:
        handle = _open(place, name)
    except OSError as error:
        if _is_missing(error):
            return _File(name, fault=f"{_shown(name)} was not handed in.", missing=True)
        return _File(name, fault=NOT_A_FILE.format(_shown(name)))
    try:
        facts, raw = os.fstat(handle), b""
        fault = _unfit(facts, _shown(name))
        if not fault:
            with open(handle, "rb", closefd=False) as stream:
                raw = stream.read(MAX_BYTES + 1)
            if len(raw) > MAX_BYTES:
                raw, fault = b"", _too_large(_shown(name))
    finally:
        os.close(handle)
    return _File(name, raw, fault, time=facts.st_ctime if stat.S_ISREG(facts.st_mode) else None)


def _unfit(facts: os.stat_result, name: str) -> str:
    if not stat.S_ISREG(facts.st_mode):
        return NOT_A_FILE.format(name)
    if facts.st_nlink != 1:
        return f"{name} is a second name of another file; hand in a copy of it."
    return _too_large(name) if facts.st_size > MAX_BYTES else ""


def _too_large(name: str) -> str:
    return f"{name} is larger than {MAX_BYTES / 1e6:g} MB; clear its outputs and hand it in again."


def _is_missing(error: OSError) -> bool:
    """Whether nothing is there, rather than something that cannot be read. Raises what the student did not do."""
    if error.errno not in STUDENTS:
        raise error
    return error.errno == errno.ENOENT


def _entries(place: int | Path) -> tuple[list[str], list[str]]:
    """The names in a folder, at most MAX_ENTRIES of them, and remarks on what will not be looked at."""
    with os.scandir(place) as scan:
        names = [entry.name for entry in itertools.islice(scan, MAX_ENTRIES + 1)]
    many = [f"More than {MAX_ENTRIES} files were handed in; not all were looked at."] * (len(names) > MAX_ENTRIES)
    names = sorted(names[:MAX_ENTRIES])
    helpers = [_shown(name) for name in names if name.endswith(".py")]
    words = f"{', '.join(helpers[:3])}{' and others' * (len(helpers) > 3)}"
    put = f"Not taken in: {words}. Put the functions of such files into the notebook."
    return names, many + [put] * bool(helpers)


def _renamed(place: int | Path, files: dict[str, _File], entries: list[str], releases: dict) -> dict[str, _File]:
    """The files, where a notebook that is missing was handed in under another name with that one."""
    present = {file.name.lower() for file in files.values() if not file.missing}
    others = [name for name in entries if name.lower().endswith(".ipynb") and name.lower() not in present]
    others = [name for name in others if not name.startswith(".")]
    files = dict(files)
    for stem in [stem for stem, file in files.items() if file.missing]:
        alike = [name for name in others if name.lower() == f"{stem}.ipynb".lower()]
        if len(alike) == 1:
            files[stem] = _read(place, alike[0])
            others.remove(alike[0])
    missing = [stem for stem, file in files.items() if file.missing]
    if len(missing) == 1 and len(others) == 1:
        file = _read(place, others[0])
        if not file.fault and _is_of(file.raw, releases[missing[0]]):
            remark = f"{_shown(others[0])} was taken for {missing[0]}.ipynb."
            return files | {missing[0]: _File(file.name, file.raw, time=file.time, remarks=(remark,))}
    found = ", ".join(_shown(name) for name in others[:3])
    for stem in missing if others else []:
        sentence = f"{stem}.ipynb was not handed in; found {found}: give the notebook its name back."
        files[stem] = _File(f"{stem}.ipynb", fault=sentence)
    return files


def _is_of(raw: bytes, release: dict) -> bool:
    """Whether a notebook holds at least half of a release's answer cells."""
    names = set(answer_names(release))
    with contextlib.suppress(Unreadable):
        there = {cell.grade_id or cell.id for cell in read_cells(raw)[0]}
        return bool(names) and 2 * len(names & there) >= len(names)
    return False


def _shown(name: str) -> str:
    """A file's name as it can be printed."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:80])
