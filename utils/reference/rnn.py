"""The plain recurrent network: the lesson's functions, rearranged for speed.

Rearrangements, named once for all cells: memory is a slab (T, n, m) in which every step is one contiguous matrix; what
a step multiplies, [a⟨t-1⟩; x⟨t⟩; 1], lies ready in one slab, so that one product with [Waa | Wax | ba] is the whole
sum (see slabs.py); the weight gradients are one product after the loop; the slope of tanh is taken for many steps at
once; a step writes into arrays that exist already.

One block primitive, `rnn_block`, takes a state and returns the last one; `rnn_block_backward` takes the gradient of the
last state and returns that of the first. Full, truncated and checkpointed backpropagation through time are made of
these two (see bptt.py).

Source: Elman (1990), https://doi.org/10.1207/s15516709cog1402_1; Werbos (1990) for the backward pass.
"""

import numpy as np

from .activations import softmax
from .door import (
    expect,
    expect_caches,
    expect_entries,
    expect_function,
    expect_mask,
    expect_number,
    expect_rnn,
    expect_targets,
)
from .slabs import axes, backwards, every_step, gradients, handed_out, seen_by, slab, stacked


def unfold(f, s0, xs):
    """States s1 … sT of s⟨t⟩ = f(s⟨t-1⟩, x⟨t⟩), as a list; s0 itself is not in it."""
    expect_function("f", f, "takes a state and an input")
    if not isinstance(xs, list | tuple | np.ndarray):
        raise ValueError(f"xs must be a list of inputs, got {type(xs).__name__}.")
    states = []
    for x in xs:
        states.append(f(states[-1] if states else s0, x))
    return states


def count_rnn_parameters(n_x, n_a, n_y):
    """n_a (n_x + n_a + 1) + n_y (n_a + 1): Wax, Waa, ba, Wya, by. The length of the sequence is not in it."""
    for name, size in (("n_x", n_x), ("n_a", n_a), ("n_y", n_y)):
        expect_number(name, size, least=1, whole=True)
    return n_a * (n_x + n_a + 1) + n_y * (n_a + 1)


def rnn_cell_forward(xt, a_prev, P):
    """One step: a⟨t⟩ = tanh(Wax x⟨t⟩ + Waa a⟨t-1⟩ + ba), ŷ⟨t⟩ = softmax(Wya a⟨t⟩ + by).

    xt: (n_x, m); a_prev: (n_a, m). Returns a_next (n_a, m), yt_pred (n_y, m), cache (a_next, a_prev, xt, P).
    """
    expect_rnn(P, expect(xt=(xt, "n_x m"), a_prev=(a_prev, "n_a m")))
    a_next = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"])
    return a_next, softmax(P["Wya"] @ a_next + P["by"]), (a_next, a_prev, xt, P)


def rnn_block(x, state, P, mask=None):
    """All states of a stretch of time: a⟨t⟩ = tanh([Waa | Wax | ba] [a⟨t-1⟩; x⟨t⟩; 1]).

    x: slab (T, n_x, m); state: (a0,); mask: bool (m, T), a masked step keeps the state. Returns
    a slab (T, n_a, m), the state after the last step as (a,), and a tape for `rnn_block_backward`.
    """
    (a0,), n = state, len(P["ba"])
    W = np.hstack([P["Waa"], P["Wax"], P["ba"]])
    dtype = np.result_type(x, a0, W)
    W, seen = W.astype(dtype, copy=False), seen_by(a0[None], x, dtype, len(x) + 1)
    kept = seen[1:, :n]
    candidates = kept if mask is None else np.empty(kept.shape, dtype)
    z = np.empty(a0.shape, dtype)
    for t, (column, candidate) in enumerate(zip(seen, candidates, strict=False)):
        np.dot(W, column, out=z)
        np.tanh(z, out=candidate)
        if mask is not None:
            kept[t] = np.where(mask[:, t], candidate, column[:n])
    return kept, (kept[-1],), (seen[:-1], candidates, P, mask)


def rnn_block_backward(da, dstate, tape, need_dx=True):
    """Back through `rnn_block`: ∂L/∂a⟨t⟩ = da⟨t⟩ + Waaᵀ (1 - a⟨t+1⟩²) ∂L/∂a⟨t+1⟩.

    da: slab (T, n_a, m), what enters at each step; dstate: (da,), what arrives at the last state from later blocks.
    Returns G (dWax, dWaa, dba), the gradient of the first state as (da0,), and dx (n_x, m, T), None unless needed.
    """
    seen, candidates, P, mask = tape
    T, n, m = candidates.shape
    Waa_back = np.ascontiguousarray(P["Waa"].T, seen.dtype)
    dz, flowing = np.empty((T, n, m), seen.dtype), np.array(dstate[0], seen.dtype)
    for now in backwards(T, n * m):
        slope = np.square(candidates[now], out=dz[now])
        np.subtract(1, slope, out=slope)
        counts = [None] * (now.stop - now.start) if mask is None else mask.T[now][::-1]
        for da_t, dz_t, counts_t in zip(da[now][::-1], dz[now][::-1], counts, strict=True):
            flowing += da_t
            dz_t *= flowing
            if counts_t is None:
                np.dot(Waa_back, dz_t, out=flowing)
            else:
                dz_t *= counts_t
                flowing = np.where(counts_t, Waa_back @ dz_t, flowing)
    dW, dx = gradients(dz, seen, P["Wax"] if need_dx else None)
    return {"dWax": dW[:, n:-1], "dWaa": dW[:, :n], "dba": dW[:, -1:]}, (flowing,), dx


def cell_caches(tape):
    """The cell caches of every step, (a_next, a_prev, xt, P), cut from the slabs without copying."""
    seen, candidates, P, _ = tape
    n = candidates.shape[1]
    return list(zip(candidates, seen[:, :n], seen[:, n:-1], [P] * len(seen), strict=True))


def _tape(cells, x, mask):
    """The tape of `rnn_block`, put together again from cell caches."""
    candidates = stacked(cells, 0)
    return seen_by(stacked(cells, 1), slab(x), candidates.dtype), candidates, cells[0][3], mask


def rnn_forward(x, a0, P):
    """The cell of `rnn_cell_forward` at every step, with shared weights.

    x: (n_x, m, T); a0: (n_a, m). Returns a (n_a, m, T), y_pred (n_y, m, T), caches (list of T cell caches, x).
    """
    expect_rnn(P, expect(x=(x, "n_x m T"), a0=(a0, "n_a m")))
    a, _, tape = rnn_block(slab(x), (a0,), P)
    y_pred = softmax(axes(every_step(P["Wya"], a) + P["by"]))
    return handed_out(a), y_pred, (cell_caches(tape), x)


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
    expect_entries("cache", cache, "(a_next, a_prev, xt, P)")
    a_next, a_prev, xt, P = cache
    sizes = expect(da_next=(da_next, "n_a m"), a_next=(a_next, "n_a m"), a_prev=(a_prev, "n_a m"), xt=(xt, "n_x m"))
    expect_rnn(P, sizes, output=False)
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
    expect_entries("caches", caches, "(cells, x)")
    return rnn_states_backward(da, (*caches, None))


def rnn_states(x, a0, P, mask=None):
    """The states alone: a⟨t⟩ = tanh(Wax x⟨t⟩ + Waa a⟨t-1⟩ + ba), or a⟨t-1⟩ where mask[:, t] is False.

    x: (n_x, m, T); a0: (n_a, m); P: Wax, Waa, ba; mask: bool (m, T). Returns a (n_a, m, T) and
    caches (list of T cell caches, x, mask); a cell cache holds the candidate before the mask is applied.
    """
    sizes = expect_rnn(P, expect(x=(x, "n_x m T"), a0=(a0, "n_a m")), output=False)
    expect_mask(mask, sizes)
    a, _, tape = rnn_block(slab(x), (a0,), P, mask)
    return handed_out(a), (cell_caches(tape), x, mask)


def rnn_states_backward(da, caches):
    """Backward of `rnn_states`: a masked step hands its gradient on untouched.

    da: (n_a, m, T). Returns dx (n_x, m, T), da0 (n_a, m) and dWax, dWaa, dba summed over the steps.
    """
    expect_caches(caches, "(cells, x, mask)", "(a_next, a_prev, xt, P)")
    steps, x, mask = caches
    P, a0 = steps[0][3], steps[0][1]
    sizes = expect(expect_rnn(P, output=False), da=(da, "n_a m T"), x=(x, "n_x m T"), a0=(a0, "n_a m"))
    expect_mask(mask, sizes)
    G, (da0,), dx = rnn_block_backward(slab(da), (np.zeros_like(a0),), _tape(steps, x, mask))
    return {"dx": dx, "da0": da0} | G
