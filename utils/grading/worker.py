"""The learner's side of the wire: `python -m utils.grading.worker` replays cells, then answers calls.

In a sandbox the process is a nursery: it has NumPy loaded, and each {"begin": …} starts a child that replays and
answers until {"end": null}, or until it dies; then the nursery says {"ended": status} and waits for the next. So a
fresh start costs milliseconds. Elsewhere the process itself replays and answers.

Frames come on standard input and leave on standard output. Both are taken out of reach before any cell runs, so that
prints of the learner's code cannot get in between. Messages that come, and what is answered:

    {"replay": text}                            run one cell               {"done": null} or {"error": one line}
    {"show": text}                              the same, and see it       {"printed": text, "error": …, "plots": …}
    {"call": name, "args": …, "kwargs": …}      call a function by name    {"value": …, "args": …, "kwargs": …}
        "in_place": places of dicts whose own arrays come back, whatever stands in the dict by then
        "probe": [module, name] of a function of ours that asks the learner's for numbers, as probe(function, …)
    {"whose": name}                            from the course's package?  {"ours": true or false}
    {"replace": [names]}, {"restore": null}     earlier functions are answered from the other side, or no longer

While a call runs, a function that stayed on the other side is reached by {"back": number or name, "args": …}, which is
answered by {"value": …} or {"error": …}. That function may have been given one of ours: then {"forth": number,
"args": …} comes first, and is answered in the same way.
"""

import contextlib
import functools
import importlib
import inspect
import os
import sys
import warnings

import numpy as np

from . import absent, display
from .frames import Descriptor, WireError, framed, receive, send
from .wire import Packer, RemoteError, Unpacker, error_line


class _StreamEnded(SystemExit):
    """The judge is gone in the middle of a call. No `except Exception` of a learner stops it."""


class Learner:
    """One namespace of replayed cells, and the stream to the judge."""

    def __init__(self, incoming, outgoing, execute=exec):
        self.incoming, self.outgoing, self.execute = incoming, outgoing, execute
        self.namespace: dict = {"__name__": "__main__"}
        self.kept: dict = {}

    def serve(self) -> None:
        """Answer until the stream ends, or the judge says that this is the end."""
        while (frame := receive(self.incoming)) is not None:
            message, data = frame
            if "end" in message:
                return
            if "replay" in message:
                self._answer(self._replay, message["replay"])
            elif "show" in message:
                self._answer(self._show, message["show"])
            elif "call" in message:
                self._answer(self._call, message, data)
            elif "whose" in message:
                self._answer(self._whose, message["whose"])
            elif "replace" in message:
                self._replace(message["replace"])
            elif "restore" in message:
                self._restore()
            else:
                raise WireError(f"there is no message {', '.join(message)}.")

    def _answer(self, work, *arguments):
        packer = Packer()
        try:
            answer = framed(work(packer, *arguments), packer)
        except _StreamEnded:
            raise
        except NotImplementedError:
            answer = framed({"error": "NotImplementedError", "stub": True})
        except WireError as error:
            answer = framed({"error": f"TypeError: {error}"})
        except (Exception, SystemExit) as error:
            answer = framed({"error": error_line(error)})
        self.outgoing.write(answer)
        self.outgoing.flush()

    def _replay(self, packer, text):
        with _quiet():
            self.execute(text, self.namespace)
        return {"done": None}

    def _show(self, packer, text):
        """Run one cell as a notebook does: what it printed, its last value, its error and its plots."""
        with _quiet(), display.Printed() as printed:
            error = display.run_cell(text, self.namespace)
        plots = [np.frombuffer(plot, np.uint8) for plot in display.plots()]
        return {"printed": str(printed), "error": error, "plots": packer.pack(plots)}

    def _call(self, packer, message, data):
        unpacker = Unpacker(data, self._proxy)
        args, kwargs = unpacker.unpack(message["args"]), unpacker.unpack(message["kwargs"])
        function = self.namespace.get(message["call"])
        if not callable(function):
            raise NotImplementedError
        if "probe" in message:
            module, name = message["probe"]
            function = functools.partial(getattr(importlib.import_module(module), name), function)
        seen = [dict(a) if i in message.get("in_place", ()) else a for i, a in enumerate(args)]
        with _quiet():
            value = function(*args, **kwargs)
        plain = [a for a in seen if not callable(a)]
        return {"value": packer.pack(value), "args": packer.pack(plain), "kwargs": packer.pack(kwargs)}

    def _whose(self, packer, name):
        """Whether the function of that name was written by us, not by the learner."""
        function = inspect.unwrap(self.namespace.get(name))
        while isinstance(function, functools.partial):
            function = inspect.unwrap(function.func)
        module = getattr(function, "__module__", None)
        return {"ours": (module or "").split(".")[0] == "utils"}

    def _call_own(self, packer, functions, message, data):
        """Call a function that was sent along with a call back: the other side has only its number."""
        unpacker = Unpacker(data)
        args, kwargs = unpacker.unpack(message["args"]), unpacker.unpack(message["kwargs"])
        return {"value": packer.pack(functions[message["forth"]](*args, **kwargs))}

    def _proxy(self, which):
        """A function that asks the other side."""

        def over_the_wire(*args, **kwargs):
            packer = Packer()
            send(self.outgoing, {"back": which, "args": packer.pack(list(args)), "kwargs": packer.pack(kwargs)}, packer)
            while True:
                frame = receive(self.incoming)
                if frame is None:
                    raise _StreamEnded
                message, data = frame
                if "forth" not in message:
                    break
                self._answer(self._call_own, packer.functions, message, data)
            if "error" in message:
                raise RemoteError(message["error"])
            return Unpacker(data, asked=packer).unpack(message["value"])

        return over_the_wire

    def _replace(self, names):
        self._restore()
        self.kept = {name: self.namespace[name] for name in names if name in self.namespace}
        self.namespace.update({name: self._proxy(name) for name in self.kept})
        send(self.outgoing, {"changed": bool(self.kept)})

    def _restore(self):
        self.namespace.update(self.kept)
        self.kept = {}


@contextlib.contextmanager
def _quiet():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def take_streams() -> tuple:
    """Standard input and output as (incoming, outgoing); in their places, nothing to read and nowhere to write.

    The copies are not inherited by processes that a learner's code starts.
    """
    streams = Descriptor(_binary(os.dup(0))), Descriptor(_binary(os.dup(1)))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    # a pipe takes the encoding of the system's language, in which "ŷ" may be an error
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)
    return streams


def _binary(descriptor):
    """The same descriptor; on Windows, one that leaves line ends alone."""
    if os.name == "nt":
        import msvcrt

        msvcrt.setmode(descriptor, os.O_BINARY)
    return descriptor


def nursery(incoming, outgoing) -> None:
    """Start a child for each {"begin": {"display": true or false}}; it has the streams to itself until it ends."""
    while (frame := receive(incoming)) is not None:
        child = os.fork()
        if not child:
            try:
                learner = Learner(incoming, outgoing, absent.replay)
                if frame[0]["begin"]["display"]:
                    display.prepare(learner._proxy)
                learner.serve()
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        send(outgoing, {"ended": status})


def main(serve=lambda *streams: Learner(*streams).serve()) -> None:
    """Serve until the judge closes the stream. In a sandbox, `serve` is `nursery`."""
    serve(*take_streams())


if __name__ == "__main__":
    main()
