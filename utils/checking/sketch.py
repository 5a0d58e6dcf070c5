"""A sketch of an array: enough to tell whether another array is the same, too little to give the array away.

The answer key of a bundle holds what hundreds of mistakes would give. In full that would be many megabytes.
"""

import functools
import zlib
from dataclasses import dataclass

import numpy as np

SUMS = 3  # weighted sums of the entries that are kept
KINDS = {"f": np.dtype(float), "i": np.dtype(int), "u": np.dtype("u8"), "b": np.dtype(bool)}


@dataclass(frozen=True)
class Sketch:
    """An array's shape, kind of dtype and largest entry, where it is not finite, and a few weighted sums.

    Two arrays that differ have the same sums only by an accident of one in a thousand million: the weights are random,
    and the same everywhere.
    """

    shape: tuple[int, ...]
    kind: str
    scale: float
    odd: int
    sums: tuple[float, ...]

    @classmethod
    def of(cls, array: np.ndarray) -> "Sketch":
        """The sketch of an array of real numbers."""
        size = scale(array)
        return cls(array.shape, array.dtype.kind, size, _odd(array), tuple(map(float, _sums(array, size))))

    @property
    def dtype(self) -> np.dtype:
        """A dtype of its kind."""
        return KINDS[self.kind]

    def fits(self, got: np.ndarray, tolerance: float) -> bool:
        """Whether an array of this shape may be the one sketched: all that `compare.close` lets pass does."""
        if _odd(got) != self.odd:
            return False
        difference = np.abs(_sums(got, self.scale) - self.sums)
        return bool((difference <= tolerance * _reach(got.size)).all())


def scale(array) -> float:
    """The largest finite entry, which tolerances are relative to; 1.0 where all are zero."""
    finite = np.abs(array[np.isfinite(array)]) if isinstance(array, np.ndarray) else np.abs([array])
    return float(finite.max(initial=0)) or 1.0


def _odd(array) -> int:
    """A number that stands for the places of NaN and of either infinity; 0 where there are none."""
    if np.isfinite(array).all():
        return 0
    return zlib.crc32((np.isnan(array) + 2 * np.isposinf(array) + 3 * np.isneginf(array)).astype(np.uint8).tobytes())


def _sums(array, size):
    finite = np.where(np.isfinite(array), array, 0.0).ravel() / size
    return _weights(finite.size) @ finite if finite.size > SUMS else finite


@functools.cache
def _weights(count):
    return np.random.RandomState(count).uniform(-1.0, 1.0, (SUMS, count))  # NumPy keeps this stream as it is for ever


@functools.cache
def _reach(count):
    """How far each sum may move when every entry moves by 1."""
    return np.abs(_weights(count)).sum(axis=1) if count > SUMS else np.ones(count)
