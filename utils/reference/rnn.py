"""The plain recurrent network: the lesson's functions, rearranged for speed.

Rearrangements, named once: memory is (T, m, n) and comes back as a transposed view with axes (n, m, T), so that each
step touches contiguous rows; the input product of all steps is one product before the loop; weight gradients are one
product after the backward loop; the softmax of all steps is taken at once.

Source: Elman (1990), https://doi.org/10.1207/s15516709cog1402_1; Jordan (1986); Werbos (1990) for the backward pass.
"""

import numpy as np

from .activations import softmax
from .door import expect, expect_mask, expect_rnn, expect_targets


def unfold(f, s0, xs):
    """States s1 … sT of s⟨t⟩ = f(s⟨t-1⟩, x⟨t⟩), as a list; s0 itself is not in it."""
    states = []
    for x in xs:
        states.append(f(states[-1] if states else s0, x))
    return states


def count_rnn_parameters(n_x, n_a, n_y):
    """n_a (n_x + n_a + 1) + n_y (n_a + 1): Wax, Waa, ba, Wya, by. The length of the sequence is not in it."""
    return n_a * (n_x + n_a + 1) + n_y * (n_a + 1)


def rnn_cell_forward(xt, a_prev, P):
    """One step: a⟨t⟩ = tanh(Wax x⟨t⟩ + Waa a⟨t-1⟩ + ba), ŷ⟨t⟩ = softmax(Wya a⟨t⟩ + by).

    xt: (n_x, m); a_prev: (n_a, m). Returns a_next (n_a, m), yt_pred (n_y, m), cache (a_next, a_prev, xt, P).
    """
    expect_rnn(P, expect(xt=(xt, "n_x m"), a_prev=(a_prev, "n_a m")))
    a_next = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"])
    return a_next, softmax(P["Wya"] @ a_next + P["by"]), (a_next, a_prev, xt, P)


def rnn_cell_forward_compact(xt, a_prev, Wa, ba):
    """One step with stacked weights: a⟨t⟩ = tanh(Wa [a⟨t-1⟩; x⟨t⟩] + ba). Wa = [Waa | Wax] is (n_a, n_a + n_x)."""
    sizes = expect(xt=(xt, "n_x m"), a_prev=(a_prev, "n_a m"))
    sizes["n_a+n_x"] = sizes["n_a"] + sizes["n_x"]
    expect(sizes, Wa=(Wa, "n_a n_a+n_x"), ba=(ba, "n_a 1"))
    return np.tanh(Wa @ np.vstack([a_prev, xt]) + ba)


def _states(x, a0, P, mask=None):
    """All states as one (T, m, n_a) slab, and the candidates before the mask (the same slab when there is none)."""
    n_x, m, T = x.shape
    xs = np.ascontiguousarray(x.transpose(2, 1, 0))  # (T, m, n_x)
    slab = (xs.reshape(T * m, n_x) @ P["Wax"].T + P["ba"].T).reshape(T, m, -1)  # (T, m, n_a)
    kept = slab if mask is None else np.empty_like(slab)
    a, WaaT = a0.T, P["Waa"].T
    for t in range(T):
        slab[t] += a @ WaaT
        np.tanh(slab[t], out=slab[t])
        if mask is not None:
            kept[t] = np.where(mask[:, t, None], slab[t], a)
        a = kept[t]
    return kept, slab


def _cell_caches(candidates, kept, x, a0, P):
    """The cell caches of every step as views: (a_next, a_prev, xt, P)."""
    a = candidates.transpose(0, 2, 1)  # (T, n_a, m)
    before = [a0, *kept.transpose(0, 2, 1)]
    return [(a[t], before[t], x[:, :, t], P) for t in range(len(a))]


def rnn_forward(x, a0, P):
    """The cell of `rnn_cell_forward` at every step, with shared weights.

    x: (n_x, m, T); a0: (n_a, m). Returns a (n_a, m, T), y_pred (n_y, m, T), caches (list of T cell caches, x).
    """
    expect_rnn(P, expect(x=(x, "n_x m T"), a0=(a0, "n_a m")))
    slab, _ = _states(x, a0, P)
    a = slab.transpose(2, 1, 0)  # (n_a, m, T)
    z = (slab @ P["Wya"].T + P["by"].T).transpose(2, 1, 0)  # (n_y, m, T)
    return a, softmax(z), (_cell_caches(slab, slab, x, a0, P), x)


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
    kept, candidates = _states(x, a0, P, mask)
    a_last = kept[-1].T
    return a_last, softmax(P["Wya"] @ a_last + P["by"]), (_cell_caches(candidates, kept, x, a0, P), x, mask)


def output_layer_backward(y_pred, targets, a, P, mask=None):
    """Gradient of the summed loss through ŷ = softmax(Wya a + by): ∂L/∂z = ŷ - 1[target] where a step counts.

    Returns dWya, dby, da (n_a, m, T) and the loss in nats.
    """
    sizes = expect_rnn(P, expect(y_pred=(y_pred, "n_y m T"), targets=(targets, "m T"), a=(a, "n_a m T")))
    expect_mask(mask, sizes)
    expect_targets(targets, sizes["n_y"], mask)
    counts = np.ones(targets.shape, bool) if mask is None else mask
    dz = y_pred.copy()
    rows = np.where(counts, targets, 0)[None]
    np.put_along_axis(dz, rows, np.take_along_axis(dz, rows, axis=0) - 1, axis=0)
    dz *= counts
    loss = float(-np.log(np.take_along_axis(y_pred, rows, axis=0)[0][counts]).sum())
    flat = dz.reshape(len(dz), -1)
    da = (P["Wya"].T @ flat).reshape(a.shape)
    return flat @ a.reshape(len(a), -1).T, flat.sum(axis=1, keepdims=True), da, loss


def rnn_cell_backward(da_next, cache):
    """Gradients of one step from da_next (n_a, m): through tanh, dz = (1 - a_next²) da_next, then to every input."""
    a_next, a_prev, xt, P = cache
    dz = (1 - a_next * a_next) * da_next
    return {
        "dxt": P["Wax"].T @ dz,
        "da_prev": P["Waa"].T @ dz,
        "dWax": dz @ xt.T,
        "dWaa": dz @ a_prev.T,
        "dba": dz.sum(axis=1, keepdims=True),
    }


def rnn_backward(da, caches):
    """Backpropagation through time: ∂L/∂a⟨t⟩ = da⟨t⟩ + Waaᵀ (1 - a⟨t+1⟩²) ∂L/∂a⟨t+1⟩, from t = T down to 1.

    da: (n_a, m, T), the gradient that enters at each step from its output; caches: as from `rnn_forward`.
    Returns dx (n_x, m, T), da0 (n_a, m) and dWax, dWaa, dba summed over the steps.
    """
    cells, x = caches
    P, a0 = cells[0][3], cells[0][1]
    expect(expect_rnn(P, output=False), da=(da, "n_a m T"), x=(x, "n_x m T"), a0=(a0, "n_a m"))
    n_a, m, T = da.shape
    a = np.stack([a0.T, *(cell[0].T for cell in cells)])  # (T + 1, m, n_a)
    dz = np.empty((T, m, n_a), da.dtype)
    flowing = np.zeros((m, n_a), da.dtype)
    for t in reversed(range(T)):
        np.multiply(da[:, :, t].T + flowing, 1 - a[t + 1] * a[t + 1], out=dz[t])
        flowing = dz[t] @ P["Waa"]
    flat = dz.reshape(T * m, n_a)
    xs = x.transpose(2, 1, 0).reshape(T * m, -1)
    return {
        "dx": (flat @ P["Wax"]).reshape(T, m, -1).transpose(2, 1, 0),
        "da0": flowing.T,
        "dWax": flat.T @ xs,
        "dWaa": flat.T @ a[:-1].reshape(T * m, n_a),
        "dba": flat.sum(axis=0)[:, None],
    }
