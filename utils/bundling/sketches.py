"""Values with sketches for their arrays, and equal ones made one object, so that a file holds them once."""

import numpy as np

from utils.checking.sketch import KINDS, Sketch


class Unseen(Exception):
    """A value that no answer can be the same as."""


def sketch(value, shared: dict):
    """A value with sketches for its arrays. shared: what was made so far, so that equal values become one object.

    Raises Unseen for a value that `compare.problems` calls different from every answer.
    """
    if value is None or isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return one({key: sketch(item, shared) for key, item in value.items()}, shared)
    if isinstance(value, list | tuple):
        return one(tuple(sketch(item, shared) for item in value), shared)
    if isinstance(value, np.ndarray) and value.dtype.kind in KINDS:
        return one(Sketch.of(value), shared)
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value)
    raise Unseen


def one(value, shared):
    """The first object that was equal to this one. What is inside has been here before, so that ids stand for it."""
    if isinstance(value, Sketch):
        return shared.setdefault(value, value)
    items = value.items() if isinstance(value, dict) else enumerate(value)
    mark = tuple((k, type(v), v if isinstance(v, str | float | bool) else id(v)) for k, v in items)
    return shared.setdefault((type(value), mark), value)
