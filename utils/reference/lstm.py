"""The long short-term memory, rearranged as rnn.py says.

Gates lie in memory as (T, gate, n_a, m), in the order o, f, u, c̃: the first three are
squashed by σ, the last three feed the memory. σ(z) = (1 + tanh(z/2)) / 2: with the weights of the
gates halved beforehand, one tanh serves gates and candidate.
Source: Hochreiter and Schmidhuber (1997); Gers, Schmidhuber and Cummins (2000) for the forget gate.
"""

import numpy as np

from .activations import softmax
from .door import expect, expect_caches, expect_lstm
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

ORDER = "ofuc"


def lstm_block(x, state, P):
    """All states of a stretch of time. x: slab (T, n_x, m); state: (a0, c0). For the rest see `rnn_block`."""
    (a0, c0), (T, _, m), n = state, x.shape, len(P["bf"])
    dtype = np.result_type(x, a0, c0, P["Wf"])
    W, half = weights_and_biases(P, ORDER, dtype), np.array(0.5, dtype)
    halved = W.copy()
    halved[:3] *= half
    seen = seen_by(a0[None], x, dtype, T + 1)
    gates, c, squashed = (np.empty(shape, dtype) for shape in ((T, 4, n, m), (T + 1, n, m), (T, n, m)))
    c[0] = c0
    written = np.empty((n, m), dtype)
    product, halved, sums = all_gates(halved, gates)
    slabs = seen, sums, gates[:, :3], *gates.swapaxes(0, 1), c, c[1:], squashed, seen[1:, :n]
    for column, z, three, o, f, u, new, c_prev, c_next, tanh_c, a_next in zip(*slabs, strict=False):
        product(halved, column, out=z)
        np.tanh(z, out=z)
        three *= half
        three += half
        np.multiply(f, c_prev, out=c_next)
        np.multiply(u, new, out=written)
        c_next += written
        np.tanh(c_next, out=tanh_c)
        np.multiply(o, tanh_c, out=a_next)
    return seen[1:, :n], (seen[-1, :n], c[-1]), (seen[:-1], c, gates, squashed, W)


def _slopes(gates, c_prev, squashed, d):
    """What turns an arriving gradient into that of each gate's sum, for a few steps at once: written into d[:, 1:].

    In front of them, in d[:, 0], o (1 - tanh²(c)), which turns the gradient of a into that of c.
    """
    o, _, u, new = gates.swapaxes(0, 1)
    to_c, d_o, d_f, d_u, d_new = d.swapaxes(0, 1)
    np.square(squashed, out=to_c)
    np.subtract(1, to_c, out=to_c)
    to_c *= o
    np.subtract(1, gates[:, :3], out=d[:, 1:4])
    d[:, 1:4] *= gates[:, :3]
    d_o *= squashed
    d_f *= c_prev
    d_u *= new
    np.square(new, out=d_new)
    np.subtract(1, d_new, out=d_new)
    d_new *= u


def lstm_block_backward(da, dstate, tape, need_dx=True):
    """Back through `lstm_block`; dstate: (da, dc). For the rest see `rnn_block_backward`.

    dc⟨t⟩ = dc + Γo (1 - tanh²(c⟨t⟩)) da⟨t⟩: what comes from the next memory and what comes from the state.
    """
    seen, c, gates, squashed, W = tape
    T, _, n, m = gates.shape
    state_back = W[:, :, :n].reshape(4 * n, n).T.copy()
    d = np.empty((T, 5, n, m), seen.dtype)
    sums = d.reshape(T, 5 * n, m)[:, n:]
    da_now, dc_now = (np.array(gradient, seen.dtype) for gradient in dstate)
    for now in backwards(T, gates[0].size):
        _slopes(gates[now], c[now], squashed[now], d[now])
        slabs = da[now], d[now, :2], d[now, 0], d[now, 2:], gates[now, 1], sums[now]
        for da_t, by_a, to_c, by_c, f, d_t in zip(*(steps[::-1] for steps in slabs), strict=True):
            da_now += da_t
            by_a *= da_now
            dc_now += to_c
            by_c *= dc_now
            dc_now *= f
            np.dot(state_back, d_t, out=da_now)
    dW, dx = gradients(sums, seen, W[:, :, n:-1].reshape(4 * n, -1) if need_dx else None)
    G = {}
    for gate, dWb in zip(ORDER, dW.reshape(4, n, -1), strict=True):
        G |= {f"dW{gate}": dWb[:, :-1], f"db{gate}": dWb[:, -1:]}
    return G, (da_now, dc_now), dx


def lstm_forward(x, a0, P, c0=None):
    """The cell of `lstm_cell_forward` at every step, with shared weights.

    x: (n_x, m, T); a0: (n_a, m); c0: (n_a, m), zeros when None. Returns a (n_a, m, T), y_pred (n_y, m, T),
    c (n_a, m, T) and caches (list of T cell caches as from `lstm_cell_forward`, x).
    """
    c0 = np.zeros_like(a0) if c0 is None else c0
    expect_lstm(P, expect(x=(x, "n_x m T"), a0=(a0, "n_a m"), c0=(c0, "n_a m")))
    a, _, (seen, c, gates, _, _) = lstm_block(slab(x), (a0, c0), P)
    n, (o, f, u, new) = len(a0), gates.swapaxes(0, 1)
    cells = list(zip(a, c[1:], seen[:, :n], c[:-1], f, u, new, o, seen[:, n:-1], [P] * len(a), strict=True))
    return handed_out(a), softmax(axes(every_step(P["Wy"], a) + P["by"])), handed_out(c[1:]), (cells, x)


def lstm_backward(da, caches):
    """Backpropagation through time for `lstm_forward`; no gradient arrives at the last memory from outside.

    da: (n_a, m, T), the gradient that enters at each step from its output. Returns dx (n_x, m, T), da0, dc0 (n_a, m)
    and dWf, dbf, dWu, dbu, dWc, dbc, dWo, dbo summed over the steps.
    """
    expect_caches(caches, "(cells, x)", "(a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P)")
    cells, x = caches
    P, a0, c0 = cells[0][9], cells[0][2], cells[0][3]
    expect_lstm(P, expect(da=(da, "n_a m T"), x=(x, "n_x m T"), a0=(a0, "n_a m"), c0=(c0, "n_a m")), output=False)
    gates = stacked(cells, 7, 4, 5, 6)  # in ORDER
    c = np.concatenate([c0[None], stacked(cells, 1)])
    seen, zero = seen_by(stacked(cells, 2), slab(x), gates.dtype), np.zeros_like(a0)
    tape = seen, c, gates, np.tanh(c[1:]), weights_and_biases(P, ORDER, gates.dtype)
    G, (da0, dc0), dx = lstm_block_backward(slab(da), (zero, zero), tape)
    return {"dx": dx, "da0": da0, "dc0": dc0} | G
