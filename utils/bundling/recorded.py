"""What calls of a function gave, kept in a file: for experiments that work with functions which a bundle leaves out."""

import hashlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils.checking.sketch import Sketch
from utils.grading.frames import WireError, framed, receive
from utils.grading.wire import Packer, Unpacker

NEARLY = 1e-6  # what a learner's own functions computed may differ by so much, relative to the largest number


@dataclass(frozen=True)
class Record:
    """One call. asked: as from `digest`; answer: what it printed and gave, and its generators afterwards."""

    name: str
    asked: list
    answer: dict
    data: bytes

    def is_of(self, args: tuple, kwargs: dict) -> bool:
        """Whether these are its arguments, up to rounding."""
        mark, *kept = self.asked
        try:
            given, *arrays = _taken_apart(args, kwargs)
        except WireError:  # something that no lesson hands over
            return False
        return given == mark and all(_sketch(a.shape, *k).fits(a, NEARLY) for a, k in zip(arrays, kept, strict=True))

    def replay(self, args: tuple, kwargs: dict):
        """Print and return the same, and leave the generators among the arguments as the call left them."""
        sys.stdout.write(self.answer["printed"])
        value, after = (Unpacker(self.data).unpack(self.answer[key]) for key in ("value", "after"))
        for rng, then in zip(_generators(args, kwargs), after, strict=True):
            rng.bit_generator.state = then.bit_generator.state
        return value


def record(name: str, asked: list, args: tuple, kwargs: dict, printed: str, value) -> bytes:
    """A call as a frame: asked is the digest from before it. WireError for a value that is no plain data."""
    packer = Packer()
    answer = {"printed": printed, "value": packer.pack(value), "after": packer.pack(_generators(args, kwargs))}
    return framed({"name": name, "asked": asked, "answer": answer}, packer)


def read(path: Path) -> list[Record]:
    """The calls that a file holds."""
    stream, found = io.BytesIO(path.read_bytes()), []
    while (frame := receive(stream)) is not None:
        found.append(Record(**frame[0], data=frame[1]))
    return found


def digest(args: tuple, kwargs: dict) -> list:
    """What arguments are known by, as plain data: a hash, and for each array of floats a sketch."""
    mark, *arrays = _taken_apart(args, kwargs)
    sketches = map(Sketch.of, arrays)
    return [mark, *([one.scale, one.odd, list(one.sums)] for one in sketches)]


def _sketch(shape, scale, odd, sums):
    return Sketch(shape, "f", scale, odd, tuple(sums))


def _taken_apart(args, kwargs) -> list:
    """A hash of the arguments, the same on every machine, and the arrays of floats, which it leaves out."""
    packer, arrays = Packer(), []
    header = json.dumps(packer.pack([_listed(args, arrays), _listed(dict(sorted(kwargs.items())), arrays)]))
    return [hashlib.sha256(header.encode() + b"".join(packer.chunks)).hexdigest(), *arrays]


def _listed(value, arrays):
    """The value with ranges and tuples as lists, and whole numbers of NumPy as Python's: nobody minds in a call.

    Arrays of floats are put into `arrays`; in the value stands their shape.
    """
    if isinstance(value, range | list | tuple):
        return [_listed(one, arrays) for one in value]
    if isinstance(value, dict):
        return {key: _listed(one, arrays) for key, one in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        arrays.append(value)
        return ["array of floats", *value.shape]
    return value.item() if isinstance(value, np.generic) else value


def _generators(args, kwargs):
    return [one for one in (*args, *kwargs.values()) if isinstance(one, np.random.Generator)]
