"""Shapes are checked once, at the door of a function, so that a wrong axis is a sentence and not a silent broadcast."""

import numpy as np


def expect(sizes=None, /, **arrays):
    """Check that arrays have the named axes and that equal names mean equal sizes.

    Each keyword is an array and its axes in one string: ``expect(x=(x, "n_x m T"), Wax=(P["Wax"], "n_a n_x"))``.
    A number stands for itself, "n_a+n_x" for a sum. Returns the sizes by name.

    Raises ValueError with what was expected and what came; also for an axis of length zero and for NaN.
    """
    sizes = dict(sizes or {})
    for name, (array, axes) in arrays.items():
        wanted = _taken_apart(axes)
        if not isinstance(array, np.ndarray):
            raise ValueError(f"{name} must be a NumPy array of shape {_shown(axes)}, got {type(array).__name__}.")
        if array.ndim != len(wanted):
            raise ValueError(f"{name} must have the {len(wanted)} axes {_shown(axes)}, got shape {array.shape}.")
        for (axis, number, parts), length in zip(wanted, array.shape, strict=True):
            size = number or sizes.get(axis)
            if size is None:
                size = sum(sizes[part] for part in parts) if parts and sizes.keys() >= set(parts) else length
                sizes[axis] = size
            if length != size:
                known = "" if number else f" with {axis} = {size}"
                raise ValueError(f"{name} must have shape {_shown(axes)}{known}, got {array.shape}.")
        if not array.size:
            empty = axes.split()[array.shape.index(0)]
            raise ValueError(f"{name} is empty along {empty}: expected at least 1, got shape {array.shape}.")
        if array.dtype.kind not in "fiubc":
            raise ValueError(f"{name} must hold numbers, got dtype {array.dtype}.")
        if array.dtype.kind in "fc" and _holds_nan(array):
            raise ValueError(f"{name} holds NaN: look at the step that made it before you pass it on.")
    return sizes


def _holds_nan(array):
    """NaN spreads into the sum of squares, infinity does not make one; a product is the fastest look at all numbers."""
    flat = array.ravel(order="K")
    total = np.dot(flat, flat)
    return total != total and np.isnan(array).any()


_KNOWN_AXES: dict = {}  # taken apart once, because every call of every function asks


def _taken_apart(axes):
    """The words "n_a 1 n_a+n_x" as [(axis, number or None, the parts of a sum or None)]."""
    if axes not in _KNOWN_AXES:
        _KNOWN_AXES[axes] = [
            (axis, int(axis) if axis.isdigit() else None, axis.split("+") if "+" in axis else None)
            for axis in axes.split()
        ]
    return _KNOWN_AXES[axes]


def _shown(axes):
    return f"({', '.join(axes.split())})"


def expect_mask(mask, sizes, name="mask", axes="m T"):
    """Check a mask or None. Ones and zeros are refused: as indices they would pick rows 0 and 1 in silence."""
    if mask is None:
        return
    expect(sizes, **{name: (mask, axes)})
    if mask.dtype != bool:
        raise ValueError(f"{name} must hold True and False, got {mask.dtype}; True means that a step counts.")


def expect_targets(targets, n_y, mask=None):
    """Check that targets are classes 0 … n_y - 1 wherever they count: NumPy would take -1 for the last class."""
    if targets.dtype.kind not in "iu":
        raise ValueError(f"targets must be whole numbers, got {targets.dtype}.")
    wrong = (targets < 0) | (targets >= n_y)
    wrong = targets[wrong if mask is None else wrong & mask]
    if wrong.size:
        raise ValueError(f"targets must lie between 0 and {n_y - 1} where they count, got {wrong[0]}.")


def expect_number(name, value, *, above=-np.inf, least=-np.inf, most=np.inf, whole=False, infinite=False):
    """Check one plain number: real, not NaN, in its range, finite unless `infinite`, and an integer when `whole`."""
    kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
    number = isinstance(value, kinds) and not isinstance(value, bool)
    if number and above < value >= least and value <= most and (infinite or value < np.inf):
        return
    wanted = "a whole number" if whole else "a number"
    if most < np.inf:
        wanted += f" between {least} and {most}"
    elif above > -np.inf:
        wanted += f" above {above}"
    elif least > -np.inf:
        wanted += f" of at least {least}"
    came = value if isinstance(value, int | float | np.number) else type(value).__name__
    raise ValueError(f"{name} must be {wanted}, got {came}.")


def expect_finite(arrays, what):
    """Check a dict that is not empty: its values are arrays of finite floating numbers."""
    if not isinstance(arrays, dict) or not arrays:
        came = "an empty one" if isinstance(arrays, dict) else type(arrays).__name__
        raise ValueError(f"{what} must be a dict with at least one array, got {came}.")
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            came = f"dtype {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
            raise ValueError(f"{name} must be a NumPy array of floating numbers, got {came}.")
        if not np.isfinite(array).all():
            bad = "NaN" if np.isnan(array).any() else "an infinite number"
            raise ValueError(f"{name} must hold finite numbers, got {bad}: look at the step that made it.")


def expect_function(name, f, does):
    """Check that something can be called."""
    if not callable(f):
        raise ValueError(f"{name} must be a function that {does}, got {type(f).__name__}.")


def expect_rng(rng):
    """Check that rng is one of the new generators: the old ones have other methods, a seed has none."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy.random.Generator, got {type(rng).__name__}.")


def expect_entries(name, value, layout):
    """Check that a cache is the tuple that `layout` spells out, such as "(a_next, a_prev, xt, P)"."""
    wanted = layout.count(",") + 1
    if not isinstance(value, tuple | list) or len(value) != wanted:
        came = f"{len(value)} entries" if isinstance(value, tuple | list) else type(value).__name__
        raise ValueError(f"{name} must be the tuple {layout}, got {came}.")


def expect_caches(caches, layout, cell, name="caches"):
    """Check the caches of a sequence: layout, such as "(cells, x)", and a list of cell caches at its head."""
    expect_entries(name, caches, layout)
    cells = caches[0]
    if not isinstance(cells, list | tuple) or not len(cells):
        came = "an empty one" if isinstance(cells, list | tuple) else type(cells).__name__
        raise ValueError(f"{name}[0] must be a list with one cell cache a step, got {came}.")
    wanted = cell.count(",") + 1
    if not all(isinstance(one, tuple | list) and len(one) == wanted for one in cells):
        for t, one in enumerate(cells):
            expect_entries(f"{name}[0][{t}]", one, cell)
    T = caches[1].shape[2] if isinstance(caches[1], np.ndarray) and caches[1].ndim == 3 else len(cells)
    if len(cells) != T:
        raise ValueError(f"{name} must hold one cell cache for each of the {T} steps of x, got {len(cells)}.")


def expect_parameters(P, axes, sizes=None):
    """Check a dict of parameters against {name: its axes} and the sizes known so far. Returns the sizes."""
    if not isinstance(P, dict):
        raise ValueError(f"P must be a dict with {', '.join(axes)}, got {type(P).__name__}.")
    missing = [name for name in axes if name not in P]
    if missing:
        raise ValueError(f"P must hold {', '.join(axes)}; {', '.join(missing)} is missing, got {', '.join(P)}.")
    return expect(sizes, **{name: (P[name], shape) for name, shape in axes.items()})


def expect_rnn(P, sizes=None, output=True):
    """Check the parameters of an RNN (see `init_rnn`) against the sizes known so far."""
    axes = {"Wax": "n_a n_x", "Waa": "n_a n_a", "ba": "n_a 1"} | ({"Wya": "n_y n_a", "by": "n_y 1"} if output else {})
    return expect_parameters(P, axes, sizes)


def expect_lstm(P, sizes=None, output=True):
    """Check the parameters of an LSTM (see `init_lstm`) against the sizes known so far."""
    axes = {f"W{gate}": "n_a n_a+n_x" for gate in "fuco"} | {f"b{gate}": "n_a 1" for gate in "fuco"}
    return expect_parameters(P, axes | ({"Wy": "n_y n_a", "by": "n_y 1"} if output else {}), sizes)


_RESET = {  # what the candidate of a GRU needs, by the place of the reset gate
    "before": {"Wc": "n_c n_c+n_x", "bc": "n_c 1"},
    "after": {"Wcc": "n_c n_c", "bcc": "n_c 1", "Wcx": "n_c n_x", "bcx": "n_c 1"},
}


def expect_gru(P, sizes=None, output=True, gates="ur", reset="before"):
    """Check the parameters of a GRU (see `init_gru`) against the sizes known so far."""
    axes = {f"W{gate}": "n_c n_c+n_x" for gate in gates} | {f"b{gate}": "n_c 1" for gate in gates} | _RESET[reset]
    return expect_parameters(P, axes | ({"Wy": "n_y n_c", "by": "n_y 1"} if output else {}), sizes)


def expect_language_model(P, n=None):
    """Check the parameters of an RNN that reads and predicts the same n symbols. Returns n."""
    sizes = expect_rnn(P)
    if sizes["n_x"] != sizes["n_y"]:
        raise ValueError(f"P must read and predict the same symbols, got n_x = {sizes['n_x']}, n_y = {sizes['n_y']}.")
    if n is not None and n != sizes["n_x"]:
        raise ValueError(f"P must be for the {n} symbols of the vocabulary, got {sizes['n_x']}.")
    return sizes["n_x"]
