"""The families beside the plain network: one stacked matrix, memory in the output, one answer for a whole sequence.

Source: Jordan (1986) for the recurrence through the output.
"""

import numpy as np

from .activations import softmax
from .door import expect, expect_mask, expect_rnn
from .rnn import cell_caches, rnn_block
from .slabs import slab


def rnn_cell_forward_compact(xt, a_prev, Wa, ba):
    """One step with stacked weights: a⟨t⟩ = tanh(Wa [a⟨t-1⟩; x⟨t⟩] + ba). Wa = [Waa | Wax] is (n_a, n_a + n_x)."""
    expect(xt=(xt, "n_x m"), a_prev=(a_prev, "n_a m"), Wa=(Wa, "n_a n_a+n_x"), ba=(ba, "n_a 1"))
    return np.tanh(Wa @ np.vstack([a_prev, xt]) + ba)


def jordan_forward(x, y0, P, teacher=None):
    """Recurrence through the output: a⟨t⟩ = tanh(Wax x⟨t⟩ + Way y⟨t-1⟩ + ba), ŷ⟨t⟩ = softmax(Wya a⟨t⟩ + by).

    x: (n_x, m, T); y0: (n_y, m); P: as for `rnn_forward` with Way (n_a, n_y) in place of Waa. What is fed back is
    the net's own softmax, or the given teacher[:, :, t-1] (n_y, m, T). Returns a (n_a, m, T), y_pred (n_y, m, T).

    With a teacher no step waits for the one before: the whole sequence is then a few products.
    """
    axes = {"Wax": "n_a n_x", "Way": "n_a n_y", "ba": "n_a 1", "Wya": "n_y n_a", "by": "n_y 1"}
    sizes = expect(x=(x, "n_x m T"), y0=(y0, "n_y m"), **{k: (P[k], shape) for k, shape in axes.items()})
    driven = np.einsum("ai,imt->amt", P["Wax"], x, optimize=True) + P["ba"][:, :, None]
    if teacher is not None:
        expect(sizes, teacher=(teacher, "n_y m T"))
        fed = np.concatenate([y0[:, :, None], teacher[:, :, :-1]], axis=2)
        a = np.tanh(driven + np.einsum("ay,ymt->amt", P["Way"], fed, optimize=True))
        return a, softmax(np.einsum("ya,amt->ymt", P["Wya"], a, optimize=True) + P["by"][:, :, None])
    a = np.empty_like(driven)
    y_pred = np.empty((len(P["by"]), *x.shape[1:]), driven.dtype)
    for t in range(x.shape[2]):
        a[:, :, t] = np.tanh(driven[:, :, t] + P["Way"] @ (y_pred[:, :, t - 1] if t else y0))
        y_pred[:, :, t] = softmax(P["Wya"] @ a[:, :, t] + P["by"])
    return a, y_pred


def sequence_to_one_forward(x, a0, P, mask=None):
    """Read the whole sequence, then answer once: ŷ = softmax(Wya a_last + by). A masked step keeps the state.

    x: (n_x, m, T); a0: (n_a, m); mask: bool (m, T), True = counts. Returns a_last (n_a, m), y_pred (n_y, m) and
    caches (list of T cell caches, x, mask); a cell cache holds the candidate before the mask is applied.
    """
    sizes = expect_rnn(P, expect(x=(x, "n_x m T"), a0=(a0, "n_a m")))
    expect_mask(mask, sizes)
    _, (a_last,), tape = rnn_block(slab(x), (a0,), P, mask)
    return a_last.copy(), softmax(P["Wya"] @ a_last + P["by"]), (cell_caches(tape), x, mask)
