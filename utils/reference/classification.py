"""Many to one: reading batches of sequences, learning from one answer each, and counting who is taken for whom.

The textbook goes cell by cell; here the pieces are those of `rnn_states` and its backward pass.
"""

import numpy as np

from .door import expect, expect_mask, expect_rnn
from .rnn import rnn_states, rnn_states_backward


def encode_batch(x, mask, P):
    """The state after the last step that counts, from zeros: a⟨t⟩ = tanh(Wax x⟨t⟩ + Waa a⟨t-1⟩ + ba), kept if masked.

    x: (n_x, m, T); mask: bool (m, T), True = counts; P: Wax, Waa, ba. Returns H (n_a, m). ValueError for other shapes,
    a mask of anything but True and False, and NaN.
    """
    sizes = expect(expect_rnn(P, expect(x=(x, "n_x m T")), output=False), mask=(mask, "m T"))
    expect_mask(mask, sizes)
    a0 = np.zeros((sizes["n_a"], sizes["m"]), np.result_type(x, P["Wax"]))
    return rnn_states(x, a0, P, mask)[0][:, :, -1].copy()  # a copy, so that the states of all steps can go


def classify_backward(y_pred, labels, caches, P):
    """Gradients of the summed loss -Σ log ŷ[label], in nats, through `sequence_to_one_forward`.

    At the output ∂L/∂z = ŷ - 1[label] with ŷ = softmax(Wya a_last + by); from there as in `rnn_states_backward`.

    y_pred: (n_y, m); labels: int (m,), 0 … n_y - 1; caches: (list of T cell caches, x, mask) of
    `sequence_to_one_forward`. Returns dWax, dWaa, dba, dWya, dby. ValueError for other shapes, labels that are no
    class, caches of another form. Source: Werbos (1990).
    """
    if not isinstance(caches, tuple | list) or len(caches) != 3 or not isinstance(caches[0], list | tuple):
        came = f"{len(caches)} entries" if isinstance(caches, tuple | list) else type(caches).__name__
        raise ValueError(f"caches must be (list of cell caches, x, mask), got {came}.")
    cells, x, mask = caches
    sizes = expect_rnn(P, expect(y_pred=(y_pred, "n_y m"), x=(x, "n_x m T")))
    expect_mask(mask, sizes)
    if len(cells) != sizes["T"]:
        raise ValueError(f"caches must hold one cell cache for each of the {sizes['T']} steps, got {len(cells)}.")
    _expect_classes(sizes, labels=(labels, sizes["n_y"]))
    a_next, a_before = _expect_cell(cells[-1], sizes)
    a_last = a_next if mask is None else np.where(mask[:, -1], a_next, a_before)
    dz = y_pred - (np.arange(len(y_pred))[:, None] == labels)
    da = np.zeros((*a_last.shape, sizes["T"]), dz.dtype)
    da[:, :, -1] = P["Wya"].T @ dz
    G = rnn_states_backward(da, caches)
    return {name: G[name] for name in ("dWax", "dWaa", "dba")} | {
        "dWya": dz @ a_last.T,
        "dby": dz.sum(axis=1, keepdims=True),
    }


def confusion_matrix(labels, predicted, n):
    """How many examples of each class were taken for each: int64 (n, n), row = true class, column = predicted class.

    labels, predicted: int (m,), 0 … n - 1. ValueError for other shapes and for numbers that are no class.
    """
    if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 1:
        raise ValueError(f"n must be a whole number of at least 1, got {n!r}.")
    _expect_classes({}, labels=(labels, n), predicted=(predicted, n))
    pairs = np.asarray(labels, np.int64) * n + predicted  # a number for each cell of the table, read row by row
    return np.bincount(pairs, minlength=n * n).reshape(n, n)


def _expect_classes(sizes, **arrays):
    """Whole numbers 0 … n - 1, shape (m,): NumPy would take -1 for the last class."""
    for name, (values, n) in arrays.items():
        sizes = expect(sizes, **{name: (values, "m")})
        if values.dtype.kind not in "iu":
            raise ValueError(f"{name} must be whole numbers, got dtype {values.dtype}.")
        wrong = values[(values < 0) | (values >= n)]
        if wrong.size:
            raise ValueError(f"{name} must lie between 0 and {n - 1}, got {wrong[0]}.")


def _expect_cell(cell, sizes):
    """The two states of a cell cache (a_next, a_prev, xt, P), their shapes checked."""
    if not isinstance(cell, tuple | list) or len(cell) != 4:
        raise ValueError(f"caches must hold cell caches (a_next, a_prev, xt, P), got {type(cell).__name__}.")
    expect(sizes, a_next=(cell[0], "n_a m"), a_prev=(cell[1], "n_a m"))
    return cell[0], cell[1]
