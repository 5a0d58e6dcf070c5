"""Where things lie, and how files are written: at once, by one process at a time.

Standard library only, so that every other module may import this one.
"""

import contextlib
import difflib
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from utils.errors import CourseError

PACKAGE = Path(__file__).resolve().parent
ROOT: Path | None = PACKAGE.parent if (PACKAGE.parent / "pyproject.toml").is_file() else None


def root() -> Path:
    """The folder of the checkout. CourseError when the course was installed from a wheel, which has none."""
    if ROOT is None:
        raise CourseError(
            "This command needs the course's own folder, but only the installed package was found; "
            "clone the repository and run the command there."
        )
    return ROOT


def data_file(name: str) -> Path:
    """The path of one data file, in a checkout (`data/`) or a wheel (`utils/data`). CourseError when absent."""
    folder = PACKAGE / "data" if ROOT is None else ROOT / "data"
    path = folder / name
    if path.is_file():
        return path
    here = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []
    raise CourseError(
        f"There is no data file {name} in {folder}{did_you_mean(name, here)}; restore it from the repository."
    )


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """' (did you mean X?)' with the nearest choice, or an empty string when nothing is close."""
    near = difflib.get_close_matches(name, list(choices), n=1, cutoff=0.5)
    return f" (did you mean {near[0]}?)" if near else ""


def pick_notebooks(folder: Path, suffix: str, query: str | None = None) -> list[Path]:
    """The lesson files `folder/LESSON/STEM.suffix`, sorted, that `query` names: a number (01, 01a), a lesson or a stem.

    Without a query: all of them. CourseError when nothing fits, with the nearest name.
    """
    found = sorted(p for p in folder.glob(f"[0-9][0-9]_*/[0-9][0-9]*{suffix}") if ".backup-" not in p.name)
    if not query:
        return found
    wanted = query.strip("/").zfill(2) if query.strip("/").isdigit() else Path(query.strip("/")).name
    wanted = wanted.removesuffix(".ipynb").removesuffix(".py")
    chosen = [p for p in found if wanted in _names(p)]
    if not chosen:
        known = sorted({name for p in found for name in _names(p)})
        raise CourseError(
            f"There is no lesson {query} in {folder.name}/{did_you_mean(wanted, known)}; "
            f"the lessons are {', '.join(sorted({p.parent.name for p in found})) or 'not built yet'}."
        )
    return chosen


def _names(path: Path) -> tuple[str, ...]:
    lesson, stem = path.parent.name, path.stem
    return lesson, stem, lesson.partition("_")[0], stem.partition("_")[0]


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part. CourseError when that is refused."""
    data = content.encode() if isinstance(content, str) else content
    scratch = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        # mkstemp makes private files; a course is to be read by everybody who may read its folder
        os.chmod(scratch, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(scratch, path)
        scratch = None
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        if scratch is not None:
            with contextlib.suppress(OSError):
                os.unlink(scratch)


def _refused(path: Path, error: OSError) -> CourseError:
    reason = error.strerror or type(error).__name__
    return CourseError(
        f"Could not write {path} ({reason}); run this in a copy of the course that you may write to, with space left."
    )


@contextlib.contextmanager
def hold_lock(path: Path, doing: str) -> Iterator[None]:
    """Hold the lock file `path` while the block runs. CourseError, naming the holder, when another process has it.

    The system frees the lock when its process ends, however it ends: no stale lock is ever left. A process started
    with close_fds=False shares the lock, and keeps it where its parent is killed (not on Windows).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = open(path, "a+", encoding="utf-8")
    except OSError as error:
        raise _refused(path, error) from error
    with stream:
        if not _try_lock(stream.fileno()):
            raise CourseError(f"{_holder(path)}; wait until it and what it started have ended, and run this again.")
        os.set_inheritable(stream.fileno(), True)
        stream.truncate(0)
        stream.write(json.dumps({"pid": os.getpid(), "doing": doing, "since": time.strftime("%H:%M:%S")}))
        stream.flush()
        try:
            yield
        finally:
            stream.truncate(0)


def _holder(path: Path) -> str:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return f"Process {note['pid']} has been busy with `{note['doing']}` since {note['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return f"Another process holds {path}"


def _try_lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            # Windows forbids others to read a locked byte, so a byte far behind the note is locked
            os.lseek(handle, 1 << 20, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
