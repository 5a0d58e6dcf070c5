"""Submissions looked at side by side, each in a process that may die or hang without hurting the run."""

import concurrent.futures as futures
import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator

from utils.threads import ONE_THREAD

from .report import REVIEW, Report
from .verdict import look_at

LIMIT = 1800.0  # seconds for one submission; what it may take is bounded far below that
TASKS = 200  # submissions after which a process is replaced by a fresh one
PR_SET_PDEATHSIG = 1


def look_at_all(tasks: list[tuple], seed: int, workers: int, unsafe: bool) -> Iterator[Report | None]:
    """Reports on (student, lesson, folder, digest), as they are ready; None where the digest is still the same.

    A fault of ours is tried again once, then for review.
    """
    from pebble import ProcessPool

    os.environ.update(ONE_THREAD)
    waiting = ((task, True) for task in tasks)
    running: dict = {}
    again: list = []
    born = {"initializer": die_with_us, "initargs": [os.getpid()], "context": multiprocessing.get_context("spawn")}
    with ProcessPool(workers, max_tasks=TASKS, **born) as pool:
        try:
            with uninterrupted():
                pool.active  # noqa: B018  (looking at it starts it)
            while True:
                while len(running) < 2 * workers and (task := again.pop() if again else next(waiting, None)):
                    running[pool.schedule(look_at, args=[*task[0][:3], seed, unsafe, task[0][3]], timeout=LIMIT)] = task
                if not running:
                    return
                for future in futures.wait(running, return_when=futures.FIRST_COMPLETED).done:
                    task, first = running.pop(future)
                    try:
                        yield future.result()
                    except Exception as error:
                        if first:
                            again.append((task, False))
                        else:
                            yield Report(*task[:2], REVIEW, reason=in_words(error))
        finally:
            pool.stop()  # nothing is running here, unless the run was interrupted


@contextlib.contextmanager
def uninterrupted():
    """Threads that start in this block, and processes that these start, never hear of Ctrl-C: the run itself does."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def in_words(error: Exception) -> str:
    """A fault of ours in one line."""
    if isinstance(error, futures.TimeoutError | TimeoutError):
        return f"it was not finished within {LIMIT:g} seconds."
    words = str(error).strip().splitlines()
    return f"{type(error).__name__}: {words[0]}" if words else type(error).__name__


def die_with_us(parent: int) -> None:
    """Let the system end this process, and with it its sandboxes, when the run is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
