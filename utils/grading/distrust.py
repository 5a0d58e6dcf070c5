"""A bench for strangers' notebooks: in a sandbox, in bounded time, with nothing kept from one judgement to the next."""

import contextlib
import math
import signal
import time
from pathlib import Path

from utils import reference

from .bench import Bench
from .elsewhere import CHILD_ENDED, Elsewhere

try:
    import resource
except ModuleNotFoundError:  # Windows, where nobody is graded
    resource = None

CALL = 10.0  # seconds that a cell or a call may take
CELLS = 30.0  # seconds for the student's own cells, all together
EXERCISE = 40.0  # seconds for one exercise, all its cases, and again with earlier functions right
SHOWING = 20.0  # seconds for what the feedback shows
PLANTED = 1.0  # seconds that one planted mistake may run, or a little more
SERVED, MEMORY = 3.0, 512 << 20  # seconds and bytes for what a student's code asks us to compute, a call
LEAST = 0.1
SETTLE = 0.2  # seconds after which a process that was ended is seen to have ended


class SandboxFault(Exception):
    """There is no working sandbox, before any cell of a student has run in it: nobody's points may depend on that."""


class StrangersBench(Bench):
    """As Bench, but the worker is a nursery that `start` makes.

    Each judgement with earlier functions right has a child of its own and new cases, so that nothing which those
    functions were asked for can be of use to another exercise.
    """

    distrust = True

    def __init__(self, start):
        self.start = start
        self.until = math.inf
        self.stale = False
        super().__init__(CALL)

    def _open(self):
        worker = Elsewhere(deadline=CALL, start=self.start)
        worker.bounds = _bounded
        worker.begin()
        if worker.replay(""):
            worker.__exit__()
            raise SandboxFault(f"the sandbox did not start ({worker.dead}).")
        return worker

    @contextlib.contextmanager
    def within(self, seconds: float):
        """All that happens in this block has so much time together."""
        self.until = time.monotonic() + seconds
        try:
            yield
        finally:
            self.until = math.inf

    def _hurry(self):
        self.worker.deadline = min(CALL, max(LEAST, self.until - time.monotonic()))

    def _renew(self):
        if self.worker.dead or self.stale:
            self._begin()

    def _begin(self, display=False):
        """A fresh child of the nursery, or of a new one where that is lost; the cells are replayed unless displayed."""
        self.stale = False
        self.worker.deadline = CALL
        self.worker.end()
        if not self.worker.lost:
            self.worker.begin(display)
        if self.worker.lost or self.worker.replay(""):
            self.worker.__exit__()
            self.worker = self._open()
            if display:
                self.worker.end()
                self.worker.begin(display)
        for text in () if display else self.cells:
            self._hurry()
            self.worker.replay(text)

    def replay(self, text: str) -> str:
        """Run a cell. Returns "" or its error in one line; a cell that loses the worker is not run again."""
        return self._tried(CELLS + CALL, super().replay, text)

    def judge(self, exercise, seed=None):
        """The verdict on the function of the exercise's name, on cases drawn from `seed`."""
        with _in_time():
            return self._tried(EXERCISE, super().judge, exercise, seed)

    def _tried(self, seconds, work, *arguments):
        """What comes of this work; once more where the process ended, which an earlier cell or call may have done."""
        for last in (False, True):
            with self.within(seconds):
                self._renew()
                self._hurry()
                result = work(*arguments)
            if last or not self.worker.dead.endswith(CHILD_ENDED):
                return result
            self._weed()

    def _weed(self):
        """Drop the cells that end their process a moment after they have answered."""
        with self.within(CELLS + CALL):
            self._begin()
            if self._lives():
                return
            cells, self.cells = self.cells, []
            for text in cells:
                if self.worker.dead:
                    self._begin()
                self._hurry()
                self.worker.replay(text)
                self.cells += [text] if self._lives() else []

    def _lives(self) -> bool:
        time.sleep(SETTLE)
        return not self.worker.replay("")

    def run(self, exercise, kwargs):
        """Call the function of the exercise's name."""
        self._hurry()
        return super().run(exercise, kwargs)

    @contextlib.contextmanager
    def with_references(self, names):
        """Answer these earlier functions from here, in a child of its own."""
        self._begin()
        self._hurry()
        with self.worker.with_references(names) as changed:
            self.stale = True
            yield changed

    def show(self, cells: list[tuple[str, str]]) -> dict:
        """Run cells, pairs of a key and a text, as a notebook does. {key: (printed, error, plots)}; no verdict."""
        shown = {}
        with self.within(SHOWING), _in_time():
            self._begin(display=True)
            self.stale = True
            self.worker.answering = set(reference.__all__)
            for key, text in cells:
                self._hurry()
                shown[key] = self.worker.show(text)
                if self.worker.dead:
                    break
        return shown


_serving: list[float] = []  # when the calls began that we are computing for a student's code just now


@contextlib.contextmanager
def _bounded():
    """For work of ours whose size a student's code chooses: MemoryError when it takes too much, see also _in_time."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(OSError):  # only Linux tells how much there is already
        now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, hard))
    _serving.append(time.monotonic())
    try:
        yield
    finally:
        _serving.pop()
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def _in_time():
    """Stop our own work where it may not end: what a student's code asked for, and planted mistakes, which may loop on
    cases that nobody has seen before. Only in the main thread."""

    seen = None  # the call of a planted mistake that was running when the time was looked at last

    def stop(_, frame):
        nonlocal seen
        if _serving and time.monotonic() - _serving[0] > SERVED:
            raise TimeoutError("this call took too long")
        running = None
        while frame is not None:
            running = frame if frame.f_code.co_filename == "<mistake>" else running
            frame = frame.f_back
        if running is not None and running is seen:
            raise TimeoutError("a planted mistake ran for too long")
        seen = running

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, PLANTED, PLANTED)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
