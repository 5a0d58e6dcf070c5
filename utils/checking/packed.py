"""Values in a file, exactly as they are: JSON for their structure, raw bytes for their arrays, no pickle.

Plain values stand for themselves; of all others, and of what is one object in two places, a tag says what it is:

    {"list": […]}, {"tuple": […]}, {"dict": [[key, value], …]}
    {"array": [dtype, shape, start]}     bytes from `start` on, C order
    {"scalar": [dtype, [], start]}       a NumPy number
    {"sketch": [shape, kind, start, 5]}  a `Sketch`, so many numbers as bytes
    {"vocabulary": [tokens]}             a utils.text.Vocabulary
    {"given": ["P", "Wax"]}              `Given`
    {"again": 3}                         the fourth object with a tag that was met
"""

import io
import json
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils.errors import CourseError
from utils.text import Vocabulary

from .sketch import Sketch


@dataclass(frozen=True)
class Given:
    """Stands in an answer for something that was given to the function: the keys that lead to it from its arguments."""

    path: tuple


def dump(values: dict) -> bytes:
    """A file with these values, by name. TypeError for what is not listed above."""
    members = {}
    for name, value in values.items():
        packer = _Packer()
        text = json.dumps(packer.pack(value), separators=(",", ":"), ensure_ascii=False)
        members |= {f"{name}.json": np.frombuffer(text.encode(), np.uint8)}
        members |= {f"{name}.raw": np.frombuffer(b"".join(packer.chunks), np.uint8)}
    np.savez(stream := io.BytesIO(), **members)
    return stream.getvalue()


def load(path: Path, name: str):
    """The value of that name, or None where the file has none. CourseError when the file cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if f"{name}.json" not in file:
                return None
            return _Unpacker(file[f"{name}.raw"].tobytes()).unpack(json.loads(file[f"{name}.json"].tobytes()))
    except (OSError, ValueError, TypeError, LookupError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise CourseError(
            f"Expected the answer key of a lesson in {path}, but it cannot be read ({type(error).__name__}); unzip the "
            "bundle over this folder once more."
        ) from error


class _Packer:
    def __init__(self):
        self.starts: dict[bytes, int] = {}
        self.chunks: list[bytes] = []
        self.size = 0
        self.seen: dict[int, tuple] = {}  # id -> (number, the object, held so that its id is not used again)

    def pack(self, value):
        if value is None or type(value) in (bool, int, float, str):
            return value
        if id(value) in self.seen:
            return {"again": self.seen[id(value)][0]}
        self.seen[id(value)] = len(self.seen), value
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "fiubU":
            kind = "scalar" if isinstance(value, np.generic) else "array"
            return {kind: [value.dtype.str, list(value.shape), self._start(value.tobytes())]}
        if type(value) in (list, tuple):
            return {type(value).__name__: list(map(self.pack, value))}
        if isinstance(value, dict) and all(type(key) is str for key in value):
            return {"dict": [[key, self.pack(item)] for key, item in value.items()]}
        if isinstance(value, Sketch):
            numbers = np.array([value.scale, value.odd, *value.sums], "<f8")
            return {"sketch": [list(value.shape), value.kind, self._start(numbers.tobytes()), numbers.size]}
        if isinstance(value, Vocabulary):
            return {"vocabulary": list(value.tokens)}
        if isinstance(value, Given):
            return {"given": list(value.path)}
        raise TypeError(f"a value of type {type(value).__name__} cannot be kept in a file.")

    def _start(self, content: bytes) -> int:
        """Where these bytes stand; the same bytes are written once."""
        if content not in self.starts:
            self.starts[content] = self.size
            self.chunks.append(content)
            self.size += len(content)
        return self.starts[content]


class _Unpacker:
    def __init__(self, raw: bytes):
        self.raw = raw
        self.seen: list = []

    def unpack(self, tagged):
        if not isinstance(tagged, dict):
            return tagged
        ((kind, content),) = tagged.items()
        if kind == "again":
            return self.seen[content]
        number = len(self.seen)
        self.seen.append(None)
        self.seen[number] = value = getattr(self, f"_read_{kind}")(content)
        return value

    def _read_list(self, items):
        return list(map(self.unpack, items))

    def _read_tuple(self, items):
        return tuple(map(self.unpack, items))

    def _read_dict(self, items):
        return {key: self.unpack(item) for key, item in items}

    def _read_array(self, content):
        dtype, shape, start = content
        flat = np.frombuffer(self.raw, dtype, count=math.prod(shape), offset=start)
        return flat.reshape(shape).copy()

    def _read_scalar(self, content):
        return self._read_array(content)[()]

    def _read_sketch(self, content):
        shape, kind, start, count = content
        size, odd, *sums = np.frombuffer(self.raw, "<f8", count, start).tolist()
        return Sketch(tuple(shape), kind, size, int(odd), tuple(sums))

    @staticmethod
    def _read_vocabulary(tokens):
        return Vocabulary(tuple(tokens))

    @staticmethod
    def _read_given(path):
        return Given(tuple(path))
