"""Values on the wire between two processes that do not trust each other: tagged JSON and raw arrays, no pickle.

A message is the header of a frame (see frames.py), and the bytes of its arrays follow it. Every value is tagged:

    null, true, text, whole numbers            themselves
    {"float": "0x1.8p+1"}                      a float, written exactly ("nan", "inf" too)
    {"list": […]}, {"tuple": […]}, {"dict": [[key, value], …]}
    {"array": [dtype, shape, start]}           bytes in the second half of the frame, C order
    {"scalar": [dtype, [], start]}             a NumPy number: np.float64(2.0), np.True_
    {"yours": [dtype, shape, start]}           in an answer: the very array that came with the question
    {"generator": {…}}                         a numpy.random.Generator, by the state of its PCG64
    {"vocabulary": [tokens]}                   a utils.text.Vocabulary
    {"function": 3}                            a function that stays where it is and is called over the wire

Whoever reads checks limits on size, depth and count before it builds anything, and takes only listed dtypes.
"""

import functools
from collections.abc import Callable

import numpy as np

from utils.text import Vocabulary

from .frames import WireError

DTYPES = ("<f8", "<f4", "<i8", "<i4", "|b1", "|u1", "|i1", "<i2", "<u2", "<u4", "<u8", "<f2", "<c16", "<c8")
MAX_DEPTH, MAX_VALUES, MAX_ERROR = 40, 1_000_000, 400


class RemoteError(Exception):
    """An error that was raised on the other side; its text is the whole line, the kind of error first."""


def error_line(error: BaseException) -> str:
    """`ValueError: what it says`, on one line of at most 400 characters; a RemoteError keeps its own line.

    The words are those of utils.checking.running.last_line, which would bring the judge into every worker's start.
    """
    try:
        text = " ".join(str(error)[:MAX_ERROR].split())
    except Exception:  # an error may fail at telling itself
        text = ""
    name = "" if isinstance(error, RemoteError) else type(error).__name__
    return ": ".join(filter(None, (name, text)))[:MAX_ERROR]


class Packer:
    """Turns values into a tagged header and a run of bytes. Functions are kept in `functions`, by number.

    answering: the Unpacker of the question. What it built goes back as a reference, so that an array which is handed
    through stays one and the same array on the other side.
    """

    def __init__(self, answering: "Unpacker | None" = None):
        self.sent: dict[tuple, np.ndarray] = {}
        self.answering = answering
        self.chunks: list[bytes] = []
        self.size = 0
        self.functions: list[Callable] = []
        self.count = 0
        # id -> (array, its tag): weights in every cache are sent once. The array is held, or its id would be used again
        self._seen: dict[int, tuple] = {}

    def pack(self, value, depth=0):
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_VALUES:
            raise WireError(f"a value is nested deeper than {MAX_DEPTH} levels, or holds over {MAX_VALUES} values.")
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, np.ndarray | np.generic):
            return self._array(value)
        if isinstance(value, int):
            if abs(value) >= 1 << 256:
                raise WireError("a whole number is larger than 2^256.")
            return value
        if isinstance(value, float):
            return {"float": float(value).hex()}
        if isinstance(value, list | tuple):
            return {"list" if isinstance(value, list) else "tuple": [self.pack(v, depth + 1) for v in value]}
        if isinstance(value, dict):
            if not all(isinstance(key, str) for key in value):
                raise WireError("the keys of a dict must be texts.")
            return {"dict": [[key, self.pack(v, depth + 1)] for key, v in value.items()]}
        if isinstance(value, np.random.Generator):
            return {"generator": self._generator(value)}
        if isinstance(value, Vocabulary):
            return {"vocabulary": list(value.tokens)}
        if callable(value):
            self.functions.append(value)
            return {"function": len(self.functions) - 1}
        raise WireError(f"a value of type {type(value).__name__} cannot be sent.")

    def _array(self, value):
        if id(value) in self._seen:
            return self._seen[id(value)][1]
        if id(value) in self._given:
            return {"yours": list(self._given[id(value)])}
        if isinstance(value, np.ma.MaskedArray):
            raise WireError("a masked array cannot be sent.")
        if value.dtype.newbyteorder("<").str not in DTYPES:
            raise WireError(f"an array of dtype {value.dtype} cannot be sent.")
        plain = np.asarray(value, dtype=value.dtype.newbyteorder("<"), order="C")
        kind = "scalar" if isinstance(value, np.generic) else "array"
        tag = {kind: [plain.dtype.str, list(plain.shape), self.size]}
        self.sent[(plain.dtype.str, plain.shape, self.size)] = value
        self.chunks.append(plain.tobytes())
        self.size += plain.nbytes
        self._seen[id(value)] = (value, tag)
        return tag

    @functools.cached_property
    def _given(self) -> dict[int, tuple]:
        return {id(array): key for key, array in self.answering.arrays.items()} if self.answering else {}

    @staticmethod
    def _generator(rng):
        state = rng.bit_generator.state
        if state["bit_generator"] != "PCG64":
            kind = state["bit_generator"]
            raise WireError(f"a generator of kind {kind} cannot be sent; use numpy.random.default_rng.")
        # 128 bits are too long for other JSON readers
        numbers = {key: str(state["state"][key]) for key in ("state", "inc")}
        return numbers | {"has_uint32": state["has_uint32"], "uinteger": state["uinteger"]}


class Unpacker:
    """Builds values from a header and bytes. `proxy(number)` stands for a function that stayed on the other side.

    asked: the Packer of the question that this answers, for the arrays that come back as references.
    """

    def __init__(self, data: bytes, proxy: Callable[[int], Callable] | None = None, asked: Packer | None = None):
        self.asked = asked
        self.data, self.proxy = data, proxy
        self.count = self.copied = 0
        self.arrays: dict[tuple, np.ndarray] = {}

    def unpack(self, tagged, depth=0):
        self.count += 1
        if self.count > MAX_VALUES or depth > MAX_DEPTH:
            raise WireError("a message holds too many values, or nests them too deeply.")
        if tagged is None or isinstance(tagged, bool | str | int):
            return tagged
        if not isinstance(tagged, dict) or len(tagged) != 1:
            raise WireError("a value has no tag, or more than one.")
        (kind, content), *_ = tagged.items()
        read = getattr(self, f"_read_{kind}", None)
        if read is None:
            raise WireError(f"there is no value of kind {kind!r}.")
        try:
            return read(content, depth + 1)
        except (TypeError, ValueError, KeyError, OverflowError) as error:
            raise WireError(f"a {kind} is malformed.") from error

    def _read_float(self, text, _):
        return float.fromhex(text)

    def _read_list(self, items, depth):
        if not isinstance(items, list):
            raise TypeError
        return [self.unpack(item, depth) for item in items]

    def _read_tuple(self, items, depth):
        return tuple(self._read_list(items, depth))

    def _read_dict(self, items, depth):
        result = {}
        for key, value in items:
            if not isinstance(key, str):
                raise TypeError
            result[key] = self.unpack(value, depth)
        return result

    def _read_array(self, content, _):
        dtype, shape, start = content
        key = (dtype, tuple(shape), start)
        if key not in self.arrays:
            natural = all(type(n) is int and 0 <= n < 1 << 31 for n in [*shape, start])
            if dtype not in DTYPES or len(shape) > 8 or not natural:
                raise ValueError
            length = int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize
            if start + length > len(self.data):
                raise WireError("an array reaches beyond the end of its message.")
            self.copied += length
            if self.copied > len(self.data):  # a small message must not unfold into a large one
                raise WireError("the arrays of a message overlap.")
            flat = np.frombuffer(self.data, dtype, count=length // np.dtype(dtype).itemsize, offset=start)
            self.arrays[key] = flat.reshape(shape).copy()
        return self.arrays[key]

    def _read_yours(self, content, _):
        dtype, shape, start = content
        if self.asked is None:
            raise ValueError
        return self.asked.sent[(dtype, tuple(shape), start)]

    def _read_scalar(self, content, depth):
        value = self._read_array(content, depth)
        if value.ndim:
            raise ValueError
        return value[()]

    def _read_generator(self, content, _):
        rng = np.random.default_rng(0)
        inner = {"state": int(content["state"]), "inc": int(content["inc"])}
        more = {"has_uint32": content["has_uint32"], "uinteger": content["uinteger"]}
        rng.bit_generator.state = {"bit_generator": "PCG64", "state": inner, **more}
        return rng

    def _read_vocabulary(self, tokens, depth):
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise TypeError
        return Vocabulary(tuple(tokens))

    def _read_function(self, number, _):
        if self.proxy is None or type(number) is not int:
            raise ValueError
        return self.proxy(number)
