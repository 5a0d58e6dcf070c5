"""Submissions looked at side by side, each in a process that may die or hang without hurting the run."""

import concurrent.futures as futures
import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker

from utils.paths import root
from utils.threads import ONE_THREAD

from .report import REVIEW, Report
from .verdict import look_at

LIMIT = 1800.0  # seconds for one submission; what it may take is bounded far below that
TASKS = 200  # submissions after which a process is replaced by a fresh one
GLANCE = 1.0  # seconds between two looks at whether there is still somebody who judges
POOLS = 5  # how often all processes may be lost and made anew
PR_SET_PDEATHSIG = 1


def look_at_all(tasks: list[tuple], seed: int, workers: int, unsafe: bool) -> Iterator[Report | None]:
    """Reports on (student, lesson, folder, digest), as they are ready; None where the digest is still the same.

    A fault of ours is tried again once, then for review.
    """
    from pebble import ProcessPool

    os.environ.update(surroundings())
    waiting, running = deque((task, 1) for task in tasks), {}
    for _ in range(POOLS + len(tasks) // TASKS):
        born = {"initializer": die_with_us, "initargs": [os.getpid()], "context": multiprocessing.get_context("spawn")}
        with ProcessPool(workers, max_tasks=TASKS, **born) as pool:
            try:
                with uninterrupted():
                    pool.active  # noqa: B018  (looking at it starts it)
                yield from work_off(scheduler(pool, seed, unsafe), waiting, running, lambda: 2 * workers)
                return
            except RuntimeError:  # a process ended between two tasks, and all others were given up with it
                waiting.extendleft(running.values())
                running.clear()
            finally:
                pool.stop()  # nothing is running here, unless the run was interrupted
    for task, _ in waiting:
        yield Report(*task[:2], REVIEW, reason="the processes that judge ended again and again.")


def scheduler(pool, seed: int, unsafe: bool) -> Callable:
    """What gives a task to a pool."""
    return lambda task: pool.schedule(look_at, args=[*task[:3], seed, unsafe, task[3]], timeout=LIMIT)


def surroundings() -> dict[str, str]:
    """What the environment of a process that judges holds besides ours."""
    # torch makes a folder for what it compiles, which is nothing here, as soon as there is an optimizer
    torch = os.environ.get("TORCHINDUCTOR_CACHE_DIR") or str(root() / "build" / "torch")
    return ONE_THREAD | {"TORCHINDUCTOR_CACHE_DIR": torch}


def work_off(
    schedule: Callable, waiting: deque, running: dict, room: Callable[[], int], hopeless: dict | None = None
) -> Iterator[Report | None]:
    """The reports on what is waiting, (task, which try). RuntimeError when a pool is broken; nothing is lost then.

    schedule: task -> future of its report. room: how many may run; called at least every GLANCE seconds, and before a
    report is believed, it may raise what ends the run. hopeless: {error after which nothing is tried again: in words}.
    """
    hopeless, most = hopeless or {}, room()
    while waiting or running:
        while waiting and len(running) < most:
            running[schedule(waiting[0][0])] = waiting[0]
            waiting.popleft()
        done = futures.wait(running, GLANCE, return_when=futures.FIRST_COMPLETED).done
        most = room()
        for future in done:
            task, attempt = running[future]
            try:
                report = future.result()
            except BrokenProcessPool:
                raise
            except tuple(hopeless) as error:
                report, attempt = Report(*task[:2], REVIEW, reason=hopeless[type(error)]), 2
            except Exception as error:
                report = Report(*task[:2], REVIEW, reason=in_words(error))
            del running[future]
            if report is not None and report.status == REVIEW and attempt == 1:
                waiting.append((task, 2))
            else:
                yield report


@contextlib.contextmanager
def uninterrupted():
    """Threads that start in this block, and processes that these start, never hear of Ctrl-C: the run itself does."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # where it starts with the first process, it lets Ctrl-C through again
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
