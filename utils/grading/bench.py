"""Where a notebook's functions are judged: a worker with its cells in it, and a fresh one whenever it was lost."""

import contextlib

import numpy as np

from utils.checking.exercise import Described
from utils.checking.judge import judge

from .elsewhere import DEADLINE, Elsewhere


class Bench:
    """A worker with a notebook's cells in it, and a fresh one with the same cells whenever it was lost.

    A way to run a function, for `utils.checking.judge`.
    """

    def __init__(self, deadline: float = DEADLINE):
        self.deadline = deadline
        self.cells: list[str] = []
        self.killers: set[str] = set()  # functions that ended or hung a worker
        self.worker = self._open()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.worker.__exit__()

    def _open(self):
        return Elsewhere(deadline=self.deadline)

    def _renew(self):
        """A fresh worker, if the last one is lost."""
        if self.worker.dead:
            self.worker.__exit__()
            self.worker = self._open()
            for text in self.cells:
                self.worker.replay(text)

    def replay(self, text: str) -> str:
        """Run a cell. Returns "" or its error in one line; a cell that loses the worker is not run again."""
        self._renew()
        error = self.worker.replay(text)
        if not self.worker.dead:
            self.cells.append(text)
        return error

    def judge(self, exercise: Described, seed=None):
        """The verdict on the function of the exercise's name, by default on the cases that the notebook's check has."""
        self._renew()
        verdict = judge(exercise, self, np.random.default_rng(exercise.seed if seed is None else seed))
        if self.worker.dead:
            self.killers.add(exercise.name)
        return verdict

    def is_ours(self, name: str) -> bool:
        """Whether the function was imported from the course's package."""
        self._renew()
        return self.worker.is_ours(name)

    def run(self, exercise, kwargs):
        """Call the function of the exercise's name."""
        return self.worker.run(exercise, kwargs)

    @contextlib.contextmanager
    def with_references(self, names):
        """Answer these earlier functions from here. A lost worker is renewed when one of them is known to lose it."""
        if self.killers & set(names):
            self._renew()
        with self.worker.with_references(names) as changed:
            yield changed
