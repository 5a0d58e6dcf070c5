"""Processes that judge, when all of them are lost: nobody's work is, and nobody is looked at without end."""

import subprocess
import sys
from collections import deque
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pebble
import pytest

from utils.errors import CourseError
from utils.grading import pool
from utils.grading.report import GRADED, REVIEW, Report
from utils.paths import ROOT

TASKS = [(name, "00_start_here", None, "") for name in ("ada", "bob", "cleo", "dora", "emil")]


class Pool:
    """In the place of a pool of processes: breaks at the number of a call that stands in `breaks`."""

    calls = 0
    breaks: set = set()
    faults: dict = {}  # student -> how often looking at their work fails

    def __init__(self, workers, **_):
        self.active, self.broken = True, False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Nothing to close."""

    stop = __exit__

    def schedule(self, function, args, timeout):
        if self.broken:
            raise RuntimeError("Unexpected error within the Pool")
        future, student = Future(), args[0]
        Pool.calls += 1
        if Pool.calls in Pool.breaks:
            self.broken = True
            future.set_exception(BrokenProcessPool("All workers expired"))
        elif Pool.faults.get(student, 0):
            Pool.faults[student] -= 1
            future.set_exception(OSError(5, "Input/output error"))
        else:
            future.set_result(Report(student, args[1]))
        return future


@pytest.fixture
def reports(monkeypatch):
    """reports(breaks, faults): {student: status}, all tasks worked off."""
    monkeypatch.setattr(pebble, "ProcessPool", Pool)

    def run(breaks=(), **faults):
        Pool.calls, Pool.breaks, Pool.faults = 0, set(breaks), faults
        found = list(pool.look_at_all(TASKS, 7, 1, False))
        assert sorted(report.student for report in found) == [task[0] for task in TASKS]  # each exactly once
        return {report.student: report.status for report in found}

    return run


@pytest.mark.parametrize("breaks", [(), (1,), (2,), (5,), (1, 2, 3, 4), (2, 6)])
def test_a_broken_pool_is_made_anew_and_costs_nobody_a_try(reports, breaks):
    assert set(reports(breaks, bob=1).values()) == {GRADED}


def test_a_fault_of_ours_is_tried_twice_and_no_more(reports):
    found = reports((), bob=2, cleo=1)
    assert found.pop("bob") == REVIEW and set(found.values()) == {GRADED}


def test_pools_that_break_for_ever_leave_everybody_to_a_person(reports):
    assert set(reports(range(1, 100)).values()) == {REVIEW}


def test_an_error_that_leaves_no_hope_is_not_tried_again_and_the_room_is_kept():
    tried, under_way = [], []

    def schedule(task):
        tried.append(task[0])
        future = Future()
        future.set_exception(KeyError("x")) if task[0] == "bob" else future.set_result(Report(*task[:2]))
        return future

    running = {}
    room = iter([2, 1, 2, 2, 2, 2, 2, 2])

    def look():
        under_way.append(len(running))
        return next(room)

    found = list(pool.work_off(schedule, deque((t, 1) for t in TASKS), running, look, {KeyError: "it was hopeless."}))
    assert {r.student: (r.status, r.reason) for r in found if r.reason} == {"bob": (REVIEW, "it was hopeless.")}
    assert tried == [task[0] for task in TASKS] and len(found) == len(TASKS) and max(under_way) == 2


def test_what_ends_the_run_is_said_before_a_report_is_believed():
    future, looks = Future(), iter([2])
    future.set_result(Report("ada", "00_start_here"))

    def look():
        for most in looks:
            return most
        raise CourseError("the cluster is gone")

    with pytest.raises(CourseError, match="the cluster is gone"):
        next(pool.work_off(lambda task: future, deque([(TASKS[0], 1)]), {}, look))


def test_processes_that_judge_never_hear_of_an_interrupt():
    """The tracker of multiprocessing starts with the first of them, and lets Ctrl-C through to whoever started it."""
    code = """
import signal
from multiprocessing import resource_tracker
from utils.grading.pool import uninterrupted
with uninterrupted():
    resource_tracker.ensure_running()
    assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
