"""Stands for `look_at` in the grader's processes, where something of ours fails: students are named after what."""

import os
import signal
import time
from pathlib import Path

from utils.grading import verdict

FLAGS = "FAULTY_FLAGS"  # a folder in which a process of this kind says that it has been there


def look_at(student, lesson, folder, *rest):
    """As `verdict.look_at`, but for students of these names."""
    flag = Path(os.environ[FLAGS]) / f"{student}-{time.monotonic_ns()}"
    before = len(list(flag.parent.glob(f"{student}-*")))
    flag.write_text(str(os.getpid()))
    if student == "disk":
        raise OSError(5, "Input/output error")
    if student == "once" and not before:
        raise OSError(5, "Input/output error")
    if student == "killed" or (student == "killed_once" and not before):
        os.kill(os.getpid(), signal.SIGKILL)
    return verdict.look_at(student, lesson, folder, *rest)
