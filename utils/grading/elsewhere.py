"""The judge's side of the wire: run a learner's function in another process.

This is the second way to run a function that `utils.checking.judge` knows; the verdict is reached here, from values.
The process is a plain one: it keeps apart memory, not rights. A sandbox goes around the command, not into this module.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time

from utils import reference
from utils.checking.exercise import Exercise
from utils.checking.judge import Outcome, arguments, required_names

from .frames import WireError, framed, receive, send
from .wire import Packer, RemoteError, Unpacker, error_line

DEADLINE = 20.0  # seconds a cell or a call may take
CAN_POLL = hasattr(select, "poll")  # Windows cannot wait for a pipe with a time limit


class _Pipes:
    """Both pipes of a process as one stream. TimeoutError when reading or writing is not done by the moment `until`.

    The end of the process alone would not do: processes that it started may hold its pipes open. Where pipes cannot be
    polled, whoever sets `until` must end the process in time.
    """

    def __init__(self, process):
        self.outgoing, self.incoming = process.stdin, process.stdout
        self.until = 0.0
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
            left = self.until - time.monotonic()
            poll = select.poll()
            poll.register(pipe, getattr(select, event))
            if left <= 0 or not poll.poll(left * 1000):
                raise TimeoutError


class Elsewhere:
    """A worker process with a learner's cells in it. Use as a context manager.

    replay(text) runs a cell there; run(exercise, kwargs) calls the function of the exercise's name. A worker that dies,
    answers nonsense or outlasts `deadline` is ended, with the processes it started; every later run says so as an error
    of the function, and so does `dead`.
    """

    def __init__(self, command=None, deadline: float = DEADLINE):
        self.process = subprocess.Popen(
            command or [sys.executable, "-m", "utils.grading.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # its own group of processes, which can be ended as one
        )
        self.pipes = _Pipes(self.process)
        self.deadline = deadline
        self.dead = ""

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
        if self.process.returncode is None:  # not waited for yet, so that the number still belongs to it
            self._kill()
            self.process.wait()

    def _kill(self):
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()

    @contextlib.contextmanager
    def _within(self, seconds):
        """Whatever is read or written in this block is done, or fails, within so many seconds."""
        self.pipes.until = time.monotonic() + seconds
        timer = threading.Timer(seconds, self._kill)
        if not CAN_POLL:
            timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def replay(self, text: str) -> str:
        """Run a cell there. Returns "" or its error in one line."""
        message, _ = self._exchange({"replay": text})
        return message.get("error", "")

    def is_ours(self, name: str) -> bool:
        """Whether the function of that name was imported there from the course's package."""
        message, _ = self._exchange({"whose": name})
        return message.get("ours") is True

    def run(self, exercise: Exercise, kwargs: dict) -> Outcome:
        """Call the function of the exercise's name with fresh copies of the arguments."""
        positional, named = arguments(exercise, kwargs)
        packer = Packer()
        packed = {"call": exercise.name, "args": packer.pack(positional), "kwargs": packer.pack(named)}
        packed["in_place"] = [required_names(exercise).index(name) for name in exercise.in_place]
        message, data = self._exchange(packed, packer, functions=packer.functions)
        if "error" in message:
            return Outcome(error=str(message["error"]), stub=message.get("stub") is True, arguments=kwargs)
        try:
            unpacker = Unpacker(data)
            value, plain = unpacker.unpack(message["value"]), unpacker.unpack(message["args"])
            after = dict(unpacker.unpack(message["kwargs"]))
        except (WireError, KeyError, TypeError, ValueError) as error:
            return Outcome(error=f"TypeError: the answer could not be read: {error}", arguments=kwargs)
        sent = [name for name in required_names(exercise) if not callable(kwargs[name])]
        return Outcome(value, arguments=dict(zip(sent, plain, strict=False)) | after)

    @contextlib.contextmanager
    def with_references(self, names):
        """Answer these earlier functions from here while the block runs."""
        message, _ = self._exchange({"replace": list(names)})
        try:
            yield message.get("changed") is True
        finally:
            if not self.dead:
                with self._within(self.deadline), contextlib.suppress(OSError):
                    send(self.pipes, {"restore": None})

    def _exchange(self, message, packer=None, functions=()):
        """Send a message and wait for its answer, serving calls back in between, all within the deadline."""
        if self.dead:
            return {"error": self.dead}, b""
        try:
            with self._within(self.deadline):
                send(self.pipes, message, packer)
                return self._converse(functions)
        except (EOFError, OSError, WireError) as error:
            self.dead = f"RuntimeError: {self._why(error)}"
        self._end()
        return {"error": self.dead}, b""

    def _why(self, error) -> str:
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
            if isinstance(which, str) and which in reference.__all__:
                function = getattr(reference, which)
            elif type(which) is int and 0 <= which < len(functions):
                function = functions[which]
            else:
                raise WireError("there is no such function.")
            value = function(*args, **kwargs)
            packer = Packer(answering=unpacker)
            answer = framed({"value": packer.pack(value)}, packer)
        except Exception as error:  # whatever a learner sends to a function of ours is theirs to hear about
            answer = framed({"error": error_line(error)})
        self.pipes.write(answer)
