"""Reading in both directions, for sequences of unequal length in one batch.

Rearrangements: a reversal is one gather with an index table (m, T); the predictions of all steps are one product.

Source: Schuster and Paliwal (1997), https://doi.org/10.1109/78.650093. One departure: the states behind the end of a
sequence are zero, so that a batch gives the numbers that each sequence gives alone.
"""

import numpy as np

from .activations import sigmoid
from .door import expect, expect_entries, expect_parameters
from .losses import blank_padding
from .rnn import rnn_states, rnn_states_backward

_SHAPES = {f"{name}_{way}": axes for way in ("fwd", "bwd") for name, axes in (
    ("Wax", "n_a n_x"), ("Waa", "n_a n_a"), ("ba", "n_a 1"),
)} | {"Wy": "n_y n_a+n_a", "by": "n_y 1"}  # fmt: skip


def expect_lengths(lengths, sizes):
    """Check the numbers of valid steps (m,): whole numbers between 1 and T."""
    expect(sizes, lengths=(lengths, "m"))
    if lengths.dtype.kind not in "iu":
        raise ValueError(f"lengths must be whole numbers, got {lengths.dtype}.")
    if lengths.min() < 1 or lengths.max() > sizes["T"]:
        came = f"{lengths.min()} … {lengths.max()}"
        raise ValueError(f"lengths must lie between 1 and T = {sizes['T']}, got {came}.")


def _reverse(x, lengths):
    """`reverse_valid` behind its door: step t of example i comes from step lengths[i] - 1 - t, padding from itself."""
    t, ends = np.arange(x.shape[2]), lengths.astype(np.intp)[:, None]
    return np.take_along_axis(x, np.where(t < ends, ends - 1 - t, t)[None], axis=2)


def reverse_valid(x, lengths):
    """The first lengths[i] steps of each example in reverse order; the padding behind them stays. Its own inverse.

    x: (n_x, m, T); lengths: int (m,), 1 … T. Returns a new array like x.
    Raises ValueError where a shape does not fit or a length is not between 1 and T.
    """
    expect_lengths(lengths, expect(x=(x, "n_x m T")))
    return _reverse(x, lengths)


def brnn_forward(x, a0_fwd, a0_bwd, P, lengths):
    """Two passes, a = [a→; a←] and ŷ = σ(Wy a + by); a is zero behind the end of a sequence, so ŷ = σ(by) there.

    a→ are the states of x, a← those of the reversed x put back into the order of x, each with weights of its own:
    P holds Wax_*, Waa_*, ba_* for * = fwd and bwd, Wy (n_y, 2 n_a), by (n_y, 1). x: (n_x, m, T); a0_fwd, a0_bwd:
    (n_a, m); lengths: int (m,), 1 … T. Returns a (2 n_a, m, T), y_pred (n_y, m, T) between 0 and 1, and caches
    (caches_fwd, caches_bwd, lengths), the first two as from `rnn_states` without a mask.
    Raises ValueError where a shape does not fit, a parameter is missing or a length is not between 1 and T.
    """
    sizes = expect(x=(x, "n_x m T"), a0_fwd=(a0_fwd, "n_a m"), a0_bwd=(a0_bwd, "n_a m"))
    expect_lengths(lengths, sizes)
    expect_parameters(P, _SHAPES, sizes)
    one_way = [{name: P[f"{name}_{way}"] for name in ("Wax", "Waa", "ba")} for way in ("fwd", "bwd")]
    a_fwd, caches_fwd = rnn_states(x, a0_fwd, one_way[0])
    a_bwd, caches_bwd = rnn_states(_reverse(x, lengths), a0_bwd, one_way[1])
    a = np.concatenate([a_fwd, _reverse(a_bwd, lengths)])
    a *= np.arange(x.shape[2]) < lengths[:, None]
    z = (P["Wy"] @ a.reshape(len(a), -1) + P["by"]).reshape(-1, *x.shape[1:])
    return a, sigmoid(z), (caches_fwd, caches_bwd, lengths)


def brnn_backward(da, caches):
    """Backward of `brnn_forward` from the gradient of its states, da (2 n_a, m, T); ignored behind the ends.

    The backward direction's half is reversed on its way in, its dx on the way out; the two dx add up.
    Returns dx (n_x, m, T) and da0, dWax, dWaa, dba of each direction, with _fwd or _bwd behind the name.
    Raises ValueError where da, caches and lengths do not fit together, and for NaN in da where it counts.
    """
    expect_entries("caches", caches, "(caches_fwd, caches_bwd, lengths)")
    caches_fwd, caches_bwd, lengths = caches
    sizes = expect(x=(caches_fwd[1], "n_x m T"), a0=(caches_fwd[0][0][1], "n_a m"))
    expect_lengths(lengths, sizes)
    da = blank_padding(da, np.arange(sizes["T"]) < lengths[:, None])
    expect(sizes, da=(da, "n_a+n_a m T"))
    fwd = rnn_states_backward(da[: sizes["n_a"]], caches_fwd)
    bwd = rnn_states_backward(_reverse(da[sizes["n_a"] :], lengths), caches_bwd)
    G = {"dx": fwd.pop("dx") + _reverse(bwd.pop("dx"), lengths)}
    return G | {f"{name}_fwd": g for name, g in fwd.items()} | {f"{name}_bwd": g for name, g in bwd.items()}
