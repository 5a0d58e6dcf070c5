"""A machine of a cluster: what it says of itself, and how it judges one submission, in a process of its own.

A Dask worker may have threads, may forbid itself children of `multiprocessing`, and may have loaded our code long ago.
A process that lives for one submission takes none of this over, and the system ends it together with its worker.
"""

import os
import pickle
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import utils
from utils.errors import CourseError
from utils.paths import root

from .inbox import Handed
from .journal import fingerprint
from .pool import LIMIT, die_with_us, surroundings
from .report import Report
from .sandbox import obstacle
from .verdict import judge

DECIDING = "numpy", "torch", "distributed"  # packages on which verdicts, or the words with them, depend


def identity() -> str:
    """The course as it lies on this machine. Where two say the same, they reach the same verdicts."""
    lessons = sorted(path.name for path in (root() / "notebooks").glob("[0-9][0-9]_*"))
    python = ".".join(platform.python_version_tuple()[:2])
    words = [f"code {fingerprint(lessons)[:12]}", f"Python {python}", *filter(None, map(_installed, DECIDING))]
    return f"{utils.__course__} {utils.__version__} ({', '.join(words)})"


def _installed(package):
    try:
        return f"{package} {version(package).partition('+')[0]}"
    except PackageNotFoundError:
        return ""


def unfit(wanted: str, unsafe: bool) -> str:
    """Why this machine cannot judge for one whose identity is `wanted`; "" where it can."""
    if (here := identity()) != wanted:
        return f"has {here}, and this machine {wanted}: install the same on both, then start it there again"
    return "" if unsafe else obstacle()


def question(student: str, lesson: str, handed: Handed, seed: int, unsafe: bool, wanted: str) -> bytes:
    """A submission as it travels to a machine whose identity is `wanted`."""
    return pickle.dumps(((student, lesson, handed, seed, unsafe), wanted))


def judge_apart(asked: bytes) -> Report:
    """The report on a `question`, from a fresh process. TimeoutError after LIMIT, ChildProcessError where it fails."""
    command = [sys.executable, "-m", "utils.grading.member", str(os.getpid())]
    options = {"cwd": root(), "env": os.environ | surroundings(), "timeout": LIMIT, "capture_output": True}
    try:
        ended = subprocess.run(command, input=asked, **options)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        raise ChildProcessError(said[-1] if said else f"the process that judges ended with {ended.returncode}.")
    return pickle.loads(ended.stdout)


def main() -> None:
    """In that process: a question from stdin, the report to stdout."""
    die_with_us(int(sys.argv[1]))
    answer = os.dup(1)
    os.dup2(2, 1)  # what anything prints here must not get into the report
    task, wanted = pickle.load(sys.stdin.buffer)
    if identity() != wanted:
        raise CourseError(f"This machine has {identity()}, and the submission comes from one that has {wanted}.")
    with open(answer, "wb") as stream:
        pickle.dump(judge(*task), stream)


if __name__ == "__main__":
    main()
