"""Submissions looked at on a Dask cluster (`--scheduler ADDRESS`): each is one pure task, from bytes to verdict.

The machines share nothing but the wire. This process reads what was handed in and alone writes what comes of it; a
worker (member.py) gets bytes and gives a report back. The task of a worker that died, Dask gives to another one.

Dask's wire is pickle: whoever reaches a scheduler can run code on all its machines. Let them be your own, on a private
network or behind tls://. What a student wrote is never unpickled: it travels as bytes, and reports are plain values.
"""

import asyncio
import concurrent.futures as futures
import contextlib
import logging
import warnings
from collections import deque
from collections.abc import Callable, Iterator

from utils.errors import CourseError

from .member import identity, judge_apart, question, unfit
from .pool import work_off
from .report import Report
from .verdict import news

CONNECT = 10.0  # seconds in which a scheduler has to answer
PATIENCE = 60.0  # seconds for which a cluster may be without any worker
SETTINGS = {
    "distributed.comm.timeouts.connect": CONNECT,
    "distributed.admin.large-graph-warning-threshold": "1GB",  # bytes go with their task: no worker's death loses them
}
SEVERAL_ENDED = "several workers of the cluster ended while they looked at it."


@contextlib.contextmanager
def joined(address: str, unsafe: bool, say) -> Iterator[Callable]:
    """`look_at_all` of the cluster at this address, whose workers are all fit. CourseError where there is none."""
    import dask
    from distributed import Client

    for name in ("distributed", "distributed.client"):  # what they have to say, we say in a sentence
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with dask.config.set(SETTINGS):
        _knock(address)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what differs in its version, we refuse below
            client = Client(address, timeout=CONNECT, set_as_default=False)
        with client:
            cluster = Cluster(client, address, unsafe, say)
            cluster.expect_scheduler()
            cluster.look_around()
            yield cluster.look_at_all


def _knock(address: str) -> None:
    """CourseError unless a scheduler answers. Dask's own client that finds none leaves threads and tracebacks."""
    from distributed import Security, rpc

    async def ask():
        how = Security().get_connection_args("client")
        async with asyncio.timeout(CONNECT), rpc(address, connection_args=how) as there:
            return (await there.identity())["type"]

    try:
        if (kind := asyncio.run(ask())) == "Scheduler":
            return
        reason = f"it is that of a {kind.lower()}"
    except TimeoutError:
        reason = f"nothing answered within {CONNECT:g} seconds"
    except (OSError, ValueError, TypeError) as error:
        reason = _first_line(error)
    raise CourseError(
        f"There is no Dask scheduler at {address!r} ({reason}): start one with `dask scheduler`, and give its address "
        "as --scheduler tcp://HOST:8786."
    )


class Cluster:
    """A scheduler and its workers. `fit`: the addresses of those that were asked and have what is needed."""

    def __init__(self, client, address: str, unsafe: bool, say):
        self.client, self.address, self.unsafe, self.say = client, address, unsafe, say
        self.wanted, self.fit = identity(), set()

    def look_at_all(self, tasks: list[tuple], seed: int) -> Iterator[Report | None]:
        """As `pool.look_at_all`. CourseError when the cluster is lost; what is not done then can be done later."""
        from distributed.scheduler import KilledWorker

        executor = self.client.get_executor(pure=False)

        def schedule(task):
            student, lesson, folder, known = task
            done = futures.Future()
            try:
                if (handed := news(lesson, folder, known)) is None:
                    done.set_result(None)
                    return done
            except OSError as error:
                done.set_exception(error)
                return done
            return executor.submit(judge_apart, question(student, lesson, handed, seed, self.unsafe, self.wanted))

        waiting = deque((task, 1) for task in tasks)
        return work_off(schedule, waiting, {}, self.look_around, {KilledWorker: SEVERAL_ENDED})

    def expect_scheduler(self) -> None:
        """CourseError where the scheduler has another course, or none: it has to know what a task consists of."""
        try:
            reason = self.client.run_on_scheduler(unfit, self.wanted, True)
        except Exception as error:  # whatever is missing there
            reason = error
        if reason:
            raise CourseError(_refusal(f"scheduler {self.address}", reason, self.wanted))

    def look_around(self) -> int:
        """How many submissions may be under way: two for each thread of the workers, all of whom are fit.

        CourseError where one is not, where none comes within PATIENCE, or where the scheduler is gone.
        """
        try:
            if self.client.status != "running":  # asked all the same, it would wait for CONNECT seconds
                raise ConnectionError("the connection is lost")
            threads = self.client.nthreads() or self._wait()
            new = threads.keys() - self.fit
            found = self.client.run(unfit, self.wanted, self.unsafe, workers=[*new], on_error="return") if new else {}
        except OSError as error:
            raise CourseError(f"The Dask scheduler at {self.address} does not answer any more.") from error
        for worker, reason in found.items():
            if isinstance(reason, OSError):
                continue  # it has left meanwhile; otherwise it is asked again
            if reason:
                raise CourseError(_refusal(f"worker {worker}", reason, self.wanted))
            self.fit.add(worker)
        return 2 * sum(threads.values())

    def _wait(self):
        self.say(f"The cluster at {self.address} has no worker; waiting {PATIENCE:g} seconds for one.")
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise CourseError(
                f"The cluster at {self.address} has no worker: start one with `dask worker {self.address}`."
            ) from error
        return self.client.nthreads()


def _refusal(who, reason, wanted):
    if isinstance(reason, Exception):
        what = f"{type(reason).__name__}: {_first_line(reason)}"
        reason = f"cannot load this course ({what}), and this machine has {wanted}: install the same on both"
    elif not reason.startswith("has "):
        reason = f"cannot judge strangers' work: {reason}"
    return f"The {who} {reason}."


def _first_line(error):
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
