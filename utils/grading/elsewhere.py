"""The judge's side of the wire: run a learner's function in another process.

This is the second way to run a function that `utils.checking.judge` knows; the verdict is reached here, from values.
The process is a plain one: it keeps apart memory, not rights. A sandbox goes around the command, not into this module.
"""

import contextlib
import os
import subprocess
import sys
import threading

from utils import reference
from utils.checking.exercise import Exercise
from utils.checking.judge import Outcome, arguments, required_names

from .wire import Packer, RemoteError, Unpacker, WireError, error_line, receive, send

DEADLINE = 20.0  # seconds a cell or a call may take


class Elsewhere:
    """A worker process with a learner's cells in it. Use as a context manager.

    replay(text) runs a cell there; run(exercise, kwargs) calls the function of the exercise's name. A worker that dies,
    answers nonsense or outlasts `deadline` is ended; every later run says so as an error of the function.
    """

    def __init__(self, command=None, deadline: float = DEADLINE):
        there_read, here_write = os.pipe()
        here_read, there_write = os.pipe()
        command = [*(command or [sys.executable, "-m", "utils.grading.worker"]), str(there_read), str(there_write)]
        self.process = subprocess.Popen(
            command,
            pass_fds=(there_read, there_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(there_read)
        os.close(there_write)
        self.outgoing, self.incoming = os.fdopen(here_write, "wb"), os.fdopen(here_read, "rb")
        self.deadline = deadline
        self.dead = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.outgoing.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1.0)
        self._end()
        self.incoming.close()

    def _end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def replay(self, text: str) -> str:
        """Run a cell there. Returns "" or its error in one line."""
        message, _ = self._exchange({"replay": text})
        return message.get("error", "")

    def run(self, exercise: Exercise, kwargs: dict) -> Outcome:
        """Call the function of the exercise's name with fresh copies of the arguments."""
        positional, named = arguments(exercise, kwargs)
        packer = Packer()
        packed = {"call": exercise.name, "args": packer.pack(positional), "kwargs": packer.pack(named)}
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
                with contextlib.suppress(OSError):
                    send(self.outgoing, {"restore": None})

    def _exchange(self, message, packer=None, functions=()):
        """Send a message and wait for its answer, serving calls back in between, all within the deadline."""
        if self.dead:
            return {"error": self.dead}, b""
        timer = threading.Timer(self.deadline, self.process.kill)
        timer.start()
        try:
            send(self.outgoing, message, packer)
            return self._converse(functions)
        except (EOFError, OSError):
            self.dead = "RuntimeError: " + ("its process ended" if timer.is_alive() else "it took longer than allowed")
        except WireError as error:
            self.dead = f"RuntimeError: its process sent something that is no answer: {error}"
        finally:
            timer.cancel()
        self._end()
        return {"error": self.dead}, b""

    def _converse(self, functions):
        """Serve calls back until the answer comes."""
        while True:
            frame = receive(self.incoming)
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
            send(self.outgoing, packed, packer)
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
            answer = {"value": packer.pack(value)}
        except Exception as error:  # whatever a learner sends to a function of ours is theirs to hear about
            answer, packer = {"error": error_line(error)}, None
        send(self.outgoing, answer, packer)
