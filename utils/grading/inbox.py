"""Look into a submission's folder without running or following anything: files in, bytes out.

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
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

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
class File:
    """One file: its bytes, or the sentence why there are none. time: when it came to lie here, seconds since 1970."""

    name: str
    raw: bytes = b""
    fault: str = ""
    missing: bool = False
    time: float | None = None


@dataclass(frozen=True)
class Handed:
    """What was handed in for one lesson, as bytes: all that a verdict is made of, besides the seed.

    files: one for each notebook of the release. others: names of further notebooks. spare: the one of these that may be
    the one notebook that is missing, under another name.
    """

    files: dict[str, File]
    others: tuple[str, ...] = ()
    spare: File | None = None
    remarks: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Of all that was read."""
        digest = hashlib.sha256(json.dumps(self.others).encode())
        for stem, file in [*self.files.items(), *([("", self.spare)] if self.spare else [])]:
            digest.update(json.dumps([stem, file.name, file.fault, len(file.raw)]).encode() + file.raw)
        return digest.hexdigest()


def read(folder: Path, stems: Collection[str]) -> Handed:
    """What lies in `folder` (…/STUDENT/LESSON) of the notebooks with these names."""
    try:
        with _entered(folder) as place:
            files = {stem: _read(place, f"{stem}.ipynb") for stem in stems}
            names, remarks = _entries(place)
            files, others = _renamed(place, files, names)
            lonely = len(others) == 1 == sum(file.missing for file in files.values())
            return Handed(files, tuple(others), _read(place, others[0]) if lonely else None, tuple(remarks))
    except OSError as error:
        missing = _is_missing(error)
        fault = "was not handed in." if missing else "is no ordinary folder; hand in a folder with the notebooks in it."
        return Handed({s: File(f"{s}.ipynb", b"", f"The folder of this lesson {fault}", missing) for s in stems})


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


def _read(place: int | Path, name: str) -> File:
    """The bytes of one file of the student's, or the sentence why there are none."""
    try:
        handle = _open(place, name)
    except OSError as error:
        if _is_missing(error):
            return File(name, fault=f"{shown(name)} was not handed in.", missing=True)
        return File(name, fault=NOT_A_FILE.format(shown(name)))
    try:
        facts, raw = os.fstat(handle), b""
        fault = _unfit(facts, shown(name))
        if not fault:
            with open(handle, "rb", closefd=False) as stream:
                raw = stream.read(MAX_BYTES + 1)
            if len(raw) > MAX_BYTES:
                raw, fault = b"", _too_large(shown(name))
    finally:
        os.close(handle)
    return File(name, raw, fault, time=facts.st_ctime if stat.S_ISREG(facts.st_mode) else None)


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
    helpers = [shown(name) for name in names if name.endswith(".py")]
    words = f"{', '.join(helpers[:3])}{' and others' * (len(helpers) > 3)}"
    put = f"Not taken in: {words}. Put the functions of such files into the notebook."
    return names, many + [put] * bool(helpers)


def _renamed(place: int | Path, files: dict[str, File], names: list[str]) -> tuple[dict[str, File], list[str]]:
    """The files, where a missing one may be there in capitals, say; and the names of the notebooks that are left."""
    present = {file.name.lower() for file in files.values() if not file.missing}
    others = [name for name in names if name.lower().endswith(".ipynb") and name.lower() not in present]
    others = [name for name in others if not name.startswith(".")]
    files = dict(files)
    for stem in [stem for stem, file in files.items() if file.missing]:
        alike = [name for name in others if name.lower() == f"{stem}.ipynb".lower()]
        if len(alike) == 1:
            files[stem] = _read(place, alike[0])
            others.remove(alike[0])
    return files, others


def shown(name: str) -> str:
    """A file's name as it can be printed."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:80])
