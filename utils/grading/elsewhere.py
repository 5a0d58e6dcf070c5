"""The judge's side of the wire: run a learner's function in another process.

This is the second way to run a function that `utils.checking.judge` knows; the verdict is reached here, from values.
A plain process keeps apart memory, not rights; for strangers' work `sandbox.Sandbox` takes the place of `Plain`.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time

from utils.checking.exercise import Described
from utils.checking.exercises import right
from utils.checking.judge import Outcome, arguments

from .frames import WireError, framed, receive, send
from .wire import Packer, RemoteError, Unpacker, error_line

DEADLINE = 20.0  # seconds a cell or a call may take
CHILD_ENDED = "RuntimeError: its process ended"
GLANCE = 100  # milliseconds between two looks at what a busy process uses
CAN_POLL = hasattr(select, "poll")  # Windows cannot wait for a pipe with a time limit


class _Pipes:
    """Both pipes of a process as one stream. TimeoutError when reading or writing is not done by the moment `until`.

    The end of the process alone would not do: processes that it started may hold its pipes open. Where pipes cannot be
    polled, whoever sets `until` must end the process in time.
    """

    def __init__(self, process, excess):
        self.outgoing, self.incoming = process.stdin, process.stdout
        self.until = 0.0
        self.excess = excess
        if CAN_POLL:
            os.set_blocking(self.outgoing.fileno(), False)

    def read(self, size: int) -> bytes:
        """`size` bytes, or fewer at the end of the stream."""
        parts = []
        while size:
            self._wait(self.incoming, "POLLIN")
            parts.append(os.read(self.incoming.fileno(), min(size, 1 << 20)))
            if not parts[-1]:
                break
            size -= len(parts[-1])
        return b"".join(parts)

    def write(self, content: bytes) -> None:
        """Write everything; nothing is kept back."""
        left = memoryview(content)
        while left:
            self._wait(self.outgoing, "POLLOUT")
            left = left[os.write(self.outgoing.fileno(), left[: 1 << 20]) :]

    def flush(self) -> None:
        """There is nothing to flush."""

    def _wait(self, pipe, event):
        if CAN_POLL:
            poll = select.poll()
            poll.register(pipe, getattr(select, event))
            while (left := self.until - time.monotonic()) > 0:
                if poll.poll(min(left * 1000, GLANCE)):
                    return
                if what := self.excess():
                    raise Excess(what)
            raise TimeoutError


class Excess(OSError):
    """A process used more than it may."""


class Plain:
    """A process of this machine, with the rights of whoever starts it."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # its own group of processes, which can be ended as one
        )

    def excess(self) -> str:
        """Nobody looks."""
        return ""

    def kill(self) -> None:
        """End it, and the processes that it started."""
        if self.process.returncode is not None:
            return  # waited for already: the number may belong to another process by now
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()


class Elsewhere:
    """A worker process with a learner's cells in it. Use as a context manager.

    replay(text) runs a cell there; run(exercise, kwargs) calls the function of the exercise's name. A worker that dies,
    answers nonsense or outlasts `deadline` is ended, with the processes it started; every later run says so as an error
    of the function, and so does `dead`. start: makes what holds the process, a `Plain` or a sandbox. In a nursery (see
    worker.py), `begin` starts a fresh child; `dead` tells of the child, `lost` of the whole process.
    """

    def __init__(self, command=None, deadline: float = DEADLINE, start=None):
        self.home = start() if start else Plain(command or [sys.executable, "-m", "utils.grading.worker"])
        self.process = self.home.process
        self.pipes = _Pipes(self.process, self.home.excess)
        self.deadline = deadline
        self.dead = ""
        self.lost = False
        self.answering: set[str] = set()  # functions of the reference that may be asked for from there
        self.bounds = contextlib.nullcontext  # what stands around the work that is asked for from there

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        if not self.dead:
            with self._within(1.0), contextlib.suppress(OSError):
                self.pipes.read(1)  # until it has ended by itself
        self._end()
        self.process.stdout.close()

    def _end(self):
        self.lost = True
        self.home.kill()

    def begin(self, display: bool = False) -> None:
        """A fresh child of the nursery, without any cell in it."""
        self.dead, self.answering = "", set()
        with self._within(self.deadline), self._or_lost():
            send(self.pipes, {"begin": {"display": display}})

    def end(self) -> None:
        """The child ends by itself, or the whole process is ended."""
        if not self.dead:
            self._exchange({"end": None})
            if not self.lost and self.dead != CHILD_ENDED:
                self._end()

    @contextlib.contextmanager
    def _within(self, seconds):
        """Whatever is read or written in this block is done, or fails, within so many seconds."""
        self.pipes.until = time.monotonic() + seconds
        timer = threading.Timer(seconds, self.home.kill)
        if not CAN_POLL:
            timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def replay(self, text: str) -> str:
        """Run a cell there. Returns "" or its error in one line."""
        message, _ = self._exchange({"replay": text})
        return str(message.get("error", ""))

    def show(self, text: str) -> tuple[str, str, list[bytes]]:
        """Run a cell there as a notebook does. Returns what it printed, its error in one line, and its plots."""
        message, data = self._exchange({"show": text})
        try:
            plots = [plot.tobytes() for plot in Unpacker(data).unpack(message.get("plots"))]
        except (WireError, AttributeError, TypeError):
            plots = []
        return str(message.get("printed", "")), str(message.get("error", "")), plots

    def is_ours(self, name: str) -> bool:
        """Whether the function of that name was imported there from the course's package."""
        message, _ = self._exchange({"whose": name})
        return message.get("ours") is True

    def run(self, exercise: Described, kwargs: dict) -> Outcome:
        """Call the function of the exercise's name with fresh copies of the arguments."""
        positional, named = arguments(exercise, kwargs)
        packer = Packer()
        packed = {"call": exercise.name, "args": packer.pack(positional), "kwargs": packer.pack(named)}
        if exercise.probe:
            packed["probe"] = [exercise.probe.__module__, exercise.probe.__name__]
        packed["in_place"] = [exercise.required.index(name) for name in exercise.in_place]
        message, data = self._exchange(packed, packer, functions=packer.functions)
        if "error" in message:
            return Outcome(error=str(message["error"]), stub=message.get("stub") is True, arguments=kwargs)
        try:
            unpacker = Unpacker(data)
            value, plain = unpacker.unpack(message["value"]), unpacker.unpack(message["args"])
            after = dict(unpacker.unpack(message["kwargs"]))
        except (WireError, KeyError, TypeError, ValueError) as error:
            return Outcome(error=f"TypeError: the answer could not be read: {error}", arguments=kwargs)
        sent = [name for name in exercise.required if not callable(kwargs[name])]
        return Outcome(value, arguments=dict(zip(sent, plain, strict=False)) | after)

    @contextlib.contextmanager
    def with_references(self, names):
        """Answer these earlier functions from here while the block runs."""
        self.answering = set(names)
        message, _ = self._exchange({"replace": list(names)})
        try:
            yield message.get("changed") is True
        finally:
            self.answering = set()
            if not self.dead:
                with self._within(self.deadline), contextlib.suppress(OSError):
                    send(self.pipes, {"restore": None})

    def _exchange(self, message, packer=None, functions=()):
        """Send a message and wait for its answer, serving calls back in between, all within the deadline."""
        if not self.dead:
            with self._within(self.deadline), self._or_lost():
                send(self.pipes, message, packer)
                answer = self._converse(functions)
                if "ended" not in answer[0]:
                    return answer
                self.dead = CHILD_ENDED
        return {"error": self.dead}, b""

    @contextlib.contextmanager
    def _or_lost(self):
        """End the process where talking to it fails; `dead` says why."""
        try:
            yield
        except (EOFError, OSError, WireError) as error:
            self.dead = f"RuntimeError: {self._why(error)}"
            self._end()

    def _why(self, error) -> str:
        if isinstance(error, Excess):
            return str(error)
        if time.monotonic() >= self.pipes.until:
            return "it took longer than allowed"
        if isinstance(error, WireError):
            return f"its process sent something that is no answer: {error}"
        return "its process ended"

    def _converse(self, functions):
        """Serve calls back until the answer comes."""
        while True:
            frame = receive(self.pipes)
            if frame is None:
                raise EOFError
            if "back" not in frame[0]:
                return frame
            self._serve_back(*frame, functions)

    def _forth(self, number, functions):
        """A learner's function that came as an argument: `numerical_gradient` is given one."""

        def over_the_wire(*args, **kwargs):
            packer = Packer()
            packed = {"forth": number, "args": packer.pack(list(args)), "kwargs": packer.pack(kwargs)}
            send(self.pipes, packed, packer)
            message, data = self._converse(functions)
            if "error" in message:
                raise RemoteError(str(message["error"]))
            return Unpacker(data).unpack(message["value"])

        return over_the_wire

    def _serve_back(self, message, data, functions):
        """Answer one call back: a function of the case by its number, or a reference by its name."""
        which = message["back"]
        unpacker = Unpacker(data, lambda number: self._forth(number, functions))
        try:
            args, kwargs = unpacker.unpack(message["args"]), unpacker.unpack(message["kwargs"])
            if isinstance(which, str) and which in self.answering:
                function = right(which)
            elif type(which) is int and 0 <= which < len(functions):
                function = functions[which]
            else:
                raise WireError("there is no such function.")
            with self.bounds():
                value = function(*args, **kwargs)
            packer = Packer(answering=unpacker)
            answer = framed({"value": packer.pack(value)}, packer)
        except Exception as error:  # whatever a learner sends to a function of ours is theirs to hear about
            answer = framed({"error": error_line(error)})
        self.pipes.write(answer)
