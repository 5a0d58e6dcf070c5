"""Shapes are checked once, at the door of a function, so that a wrong axis is a sentence and not a silent broadcast."""

import numpy as np


def expect(sizes=None, /, **arrays):
    """Check that arrays have the named axes and that equal names mean equal sizes.

    Each keyword is an array and its axes in one string: ``expect(x=(x, "n_x m T"), Wax=(P["Wax"], "n_a n_x"))``.
    A number stands for itself. Returns the sizes by name.

    Raises ValueError with what was expected and what came; also for an axis of length zero and for NaN.
    """
    sizes = dict(sizes or {})
    for name, (array, axes) in arrays.items():
        axes = axes.split()
        if not isinstance(array, np.ndarray):
            raise ValueError(f"{name} must be a NumPy array of shape ({', '.join(axes)}), got {type(array).__name__}.")
        if array.ndim != len(axes):
            raise ValueError(f"{name} must have the {len(axes)} axes ({', '.join(axes)}), got shape {array.shape}.")
        for axis, length in zip(axes, array.shape, strict=True):
            wanted = int(axis) if axis.isdigit() else sizes.setdefault(axis, length)
            if length != wanted:
                known = f" with {axis} = {wanted}" if not axis.isdigit() else ""
                raise ValueError(f"{name} must have shape ({', '.join(axes)}){known}, got {array.shape}.")
            if length == 0:
                raise ValueError(f"{name} is empty along {axis}: expected at least 1, got shape {array.shape}.")
        if array.dtype.kind not in "fiubc":
            raise ValueError(f"{name} must hold numbers, got dtype {array.dtype}.")
        if array.dtype.kind in "fc" and np.isnan(array).any():
            raise ValueError(f"{name} holds NaN: look at the step that made it before you pass it on.")
    return sizes


def expect_mask(mask, sizes):
    """Check a mask (m, T). Ones and zeros are refused: as indices they would pick rows 0 and 1 in silence."""
    if mask is None:
        return
    expect(sizes, mask=(mask, "m T"))
    if mask.dtype != bool:
        raise ValueError(f"mask must hold True and False, got {mask.dtype}; True means that a step counts.")


def expect_targets(targets, n_y, mask=None):
    """Check that targets are classes 0 … n_y - 1 wherever they count: NumPy would take -1 for the last class."""
    if targets.dtype.kind not in "iu":
        raise ValueError(f"targets must be whole numbers, got {targets.dtype}.")
    wrong = (targets < 0) | (targets >= n_y)
    wrong = targets[wrong if mask is None else wrong & mask]
    if wrong.size:
        raise ValueError(f"targets must lie between 0 and {n_y - 1} where they count, got {wrong[0]}.")


def expect_rnn(P, sizes=None, output=True):
    """Check the parameters of an RNN (see `init_rnn`) against the sizes known so far."""
    shapes = {"Wax": "n_a n_x", "Waa": "n_a n_a", "ba": "n_a 1"} | ({"Wya": "n_y n_a", "by": "n_y 1"} if output else {})
    missing = [name for name in shapes if name not in P]
    if missing:
        raise ValueError(f"P must hold {', '.join(shapes)}; {', '.join(missing)} is missing, got {', '.join(P)}.")
    return expect(sizes, **{name: (P[name], axes) for name, axes in shapes.items()})
