"""The GRU over a sequence, with the reset gate before the product, rearranged as rnn.py says. One step: gru_cells.py.

Gates lie in memory as (T, gate, n_c, m), in the order u, r, c̃. σ(z) = (1 + tanh(z/2)) / 2: with the weights of the
gates halved beforehand a gate costs one tanh, which works in place. Source: Cho et al. (2014), arXiv:1406.1078.
"""

import numpy as np

from .activations import softmax
from .door import expect, expect_caches, expect_gru
from .slabs import (
    all_gates,
    axes,
    backwards,
    every_step,
    gradients,
    handed_out,
    seen_by,
    slab,
    stacked,
    weights_and_biases,
)


def gru_block(x, state, P):
    """All states of a stretch of time. x: slab (T, n_x, m); state: (c0,). For the rest see `rnn_block`.

    Two slabs: what the gates see, [c⟨t-1⟩; x⟨t⟩; 1], and what the candidate sees, [Γr * c⟨t-1⟩; x⟨t⟩; 1].
    """
    (c0,), (T, _, m), n = state, x.shape, len(P["bu"])
    dtype = np.result_type(x, c0, P["Wu"])
    W, half = weights_and_biases(P, "urc", dtype), np.array(0.5, dtype)
    W_gates, W_new = W[:2] * half, W[2]
    seen = seen_by(c0[None], x, dtype, T + 1)
    seen_new = seen_by(seen[:0, :n], x, dtype)
    gates, moved = np.empty((T, 3, n, m), dtype), np.empty((n, m), dtype)
    product, W_gates, sums = all_gates(W_gates, gates[:, :2])
    slabs = seen, seen_new, sums, *gates.swapaxes(0, 1), seen[:, :n], seen_new[:, :n], seen[1:, :n]
    for column, column_new, both, u, r, new, before, looked_at, after in zip(*slabs, strict=False):
        product(W_gates, column, out=both)
        np.tanh(both, out=both)
        both *= half
        both += half
        np.multiply(r, before, out=looked_at)
        np.dot(W_new, column_new, out=new)
        np.tanh(new, out=new)
        np.subtract(new, before, out=moved)
        np.multiply(u, moved, out=moved)
        np.add(before, moved, out=after)
    return seen[1:, :n], (seen[-1, :n],), (seen[:-1], seen_new, gates, W)


def _slopes(gates, before, d):
    """What turns an arriving gradient into that of each gate's sum, for a few steps at once: written into d.

    Returns 1 - Γu, which turns the gradient of c⟨t⟩ into that of c⟨t-1⟩.
    """
    u, _, new = gates.swapaxes(0, 1)
    d_u, d_r, d_new = d.swapaxes(0, 1)
    np.subtract(1, gates[:, :2], out=d[:, :2])
    keep = d_u.copy()
    d[:, :2] *= gates[:, :2]
    d_u *= new - before
    d_r *= before
    np.square(new, out=d_new)
    np.subtract(1, d_new, out=d_new)
    d_new *= u
    return keep


def gru_block_backward(dc, dstate, tape, need_dx=True):
    """Back through `gru_block`; arguments and results as for `rnn_block_backward`.

    dc⟨t-1⟩ has four terms: (1 - Γu) dc⟨t⟩, the path through the candidate and Γr, and one through each gate.
    """
    seen, seen_new, gates, W = tape
    T, _, n, m = gates.shape
    gates_back, new_back = W[:2, :, :n].reshape(2 * n, n).T.copy(), W[2, :, :n].T.copy()
    d, flowing, buffer = np.empty_like(gates), np.array(dstate[0], seen.dtype), np.empty((n, m), seen.dtype)
    both = d.reshape(T, 3 * n, m)[:, : 2 * n]
    for now in backwards(T, gates[0].size):
        keep = _slopes(gates[now], seen[now, :n], d[now])
        slabs = dc[now], keep, gates[now, 1], *d[now].swapaxes(0, 1), both[now]
        for dc_t, keep_t, r, d_u, d_r, d_new, both_t in zip(*(steps[::-1] for steps in slabs), strict=True):
            flowing += dc_t
            d_u *= flowing
            d_new *= flowing
            flowing *= keep_t
            np.dot(new_back, d_new, out=buffer)
            d_r *= buffer
            buffer *= r
            flowing += buffer
            np.dot(gates_back, both_t, out=buffer)
            flowing += buffer
    dW, dx = gradients(both, seen, W[:2, :, n:-1].reshape(2 * n, -1) if need_dx else None)
    dW_new, dx_new = gradients(d[:, 2], seen_new, W[2, :, n:-1] if need_dx else None)
    G = {}
    for gate, dWb in zip("urc", [*dW.reshape(2, n, -1), dW_new], strict=True):
        G |= {f"dW{gate}": dWb[:, :-1], f"db{gate}": dWb[:, -1:]}
    return G, (flowing,), dx + dx_new if need_dx else None


def gru_forward(x, c0, P):
    """The cell of `gru_cell_forward` at every step, with shared weights.

    x: (n_x, m, T); c0: (n_c, m). Returns c (n_c, m, T), y_pred (n_y, m, T), caches (list of T cell caches, x).
    """
    expect_gru(P, expect(x=(x, "n_x m T"), c0=(c0, "n_c m")))
    c, _, (seen, _, gates, _) = gru_block(slab(x), (c0,), P)
    n = len(c0)
    cells = list(zip(c, seen[:, :n], *gates.swapaxes(0, 1), seen[:, n:-1], [P] * len(c), strict=True))
    return handed_out(c), softmax(axes(every_step(P["Wy"], c) + P["by"])), (cells, x)


def gru_backward(dc, caches):
    """Backpropagation through time for `gru_forward`.

    dc: (n_c, m, T), the gradient that enters at each step from its output. Returns dx (n_x, m, T), dc0 (n_c, m) and
    dWu, dbu, dWr, dbr, dWc, dbc summed over the steps.
    """
    expect_caches(caches, "(cells, x)", "(c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)")
    cells, x = caches
    P, c0 = cells[0][6], cells[0][1]
    expect_gru(P, expect(dc=(dc, "n_c m T"), x=(x, "n_x m T"), c0=(c0, "n_c m")), output=False)
    before, gates = stacked(cells, 1), stacked(cells, 2, 3, 4)
    seen, seen_new = (seen_by(states, slab(x), gates.dtype) for states in (before, gates[:, 1] * before))
    tape = seen, seen_new, gates, weights_and_biases(P, "urc", gates.dtype)
    G, (dc0,), dx = gru_block_backward(slab(dc), (np.zeros_like(c0),), tape)
    return {"dx": dx, "dc0": dc0} | G
