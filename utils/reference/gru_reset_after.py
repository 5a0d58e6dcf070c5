"""The sequence with the reset gate after the product, the variant of cuDNN and PyTorch; see gru_cells.py for one step.

The product of the memory with all three matrices is one, because it need not wait for Γr; weight gradients are one
product after the loop.
"""

import numpy as np

from .activations import sigmoid, softmax
from .door import expect, expect_caches, expect_gru
from .slabs import axes, every_step, handed_out, over_steps, slab, stacked


def _split(P):
    """[Wu; Wr; Wcc] on the memory (3 n_c, n_c), [Wu; Wr; Wcx] on the input (3 n_c, n_x), and their biases."""
    n = len(P["bu"])
    on_memory = np.vstack([P["Wu"][:, :n], P["Wr"][:, :n], P["Wcc"]])
    on_input = np.vstack([P["Wu"][:, n:], P["Wr"][:, n:], P["Wcx"]])
    nothing = np.zeros_like(P["bu"])
    return on_memory, np.vstack([nothing, nothing, P["bcc"]]), on_input, np.vstack([P["bu"], P["br"], P["bcx"]])


def gru_forward_reset_after(x, c0, P):
    """The cell of `gru_cell_forward_reset_after` at every step, with shared weights.

    x: (n_x, m, T); c0: (n_c, m). Returns c (n_c, m, T), y_pred (n_y, m, T), caches (list of T cell caches, x).
    Raises ValueError on a wrong shape, NaN or a missing parameter.
    """
    expect_gru(P, expect(x=(x, "n_x m T"), c0=(c0, "n_c m")), reset="after")
    n, steps = len(c0), slab(x)
    on_memory, b_memory, on_input, b_input = _split(P)
    driven = every_step(on_input, steps) + b_input  # (T, 3 n_c, m)
    c = np.empty((len(steps), *c0.shape), driven.dtype)
    cells, before = [], c0
    for t, from_input in enumerate(driven):
        from_memory = on_memory @ before + b_memory
        gate_u, gate_r = np.split(sigmoid(from_input[: 2 * n] + from_memory[: 2 * n]), 2)
        c_tilde = np.tanh(gate_r * from_memory[2 * n :] + from_input[2 * n :])
        c[t] = before + gate_u * (c_tilde - before)
        cells.append((c[t], before, gate_u, gate_r, c_tilde, steps[t], P))
        before = c[t]
    return handed_out(c), softmax(axes(every_step(P["Wy"], c) + P["by"])), (cells, x)


def gru_backward_reset_after(dc, caches):
    """Backpropagation through time for `gru_forward_reset_after`.

    dc: (n_c, m, T), the gradient that enters at each step from its output. Returns dx (n_x, m, T), dc0 (n_c, m) and
    dWu, dbu, dWr, dbr, dWcc, dbcc, dWcx, dbcx summed over the steps. Raises ValueError as the forward does.
    """
    expect_caches(caches, "(cells, x)", "(c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)")
    cells, x = caches
    P, c0, n = cells[0][6], cells[0][1], len(cells[0][1])
    expect_gru(P, expect(dc=(dc, "n_c m T"), x=(x, "n_x m T"), c0=(c0, "n_c m")), False, reset="after")
    on_memory, _, on_input, _ = _split(P)
    before, u, r, new = (stacked(cells, place) for place in range(1, 5))
    inner = every_step(P["Wcc"], before) + P["bcc"]
    d_sums = np.concatenate([(new - before) * u * (1 - u), u * (1 - new**2) * inner * r * (1 - r), u * (1 - new**2)], 1)
    d_memory = np.empty_like(d_sums)  # of what the memory's product gave
    flowing = np.zeros_like(c0)
    for t in reversed(range(len(cells))):
        flowing = flowing + dc[:, :, t]
        d_sums[t] *= np.tile(flowing, (3, 1))
        d_memory[t] = d_sums[t]
        d_memory[t, 2 * n :] *= r[t]
        flowing = flowing * (1 - u[t]) + on_memory.T @ d_memory[t]
    dW_memory, dW_input = over_steps(d_memory, before), over_steps(d_sums, slab(x))
    db_memory, db_input = (d.sum(axis=(0, 2))[:, None] for d in (d_memory, d_sums))
    G = {}
    for gate, rows in zip("ur", (slice(n), slice(n, 2 * n)), strict=True):
        G |= {f"dW{gate}": np.hstack([dW_memory[rows], dW_input[rows]]), f"db{gate}": db_input[rows]}
    G |= {"dWcc": dW_memory[2 * n :], "dbcc": db_memory[2 * n :], "dWcx": dW_input[2 * n :], "dbcx": db_input[2 * n :]}
    return {"dx": axes(every_step(on_input.T, d_sums)), "dc0": flowing} | G
