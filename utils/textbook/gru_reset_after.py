"""The GRU whose reset gate acts after the product, step by step. Source: Cho et al. (2014), arXiv:1406.1078v1.

PyTorch's GRU layer is this variant. Its gate z is 1 - Γu: there, 1 keeps the old value.
"""

import numpy as np

from .activations import sigmoid, softmax


def gru_cell_forward_reset_after(xt, c_prev, P):
    """One step of the GRU with the reset gate after the product: first multiply, then forget.

    The reset gate is the relevance gate Γr by its other name.

    Γu = σ(Wu [c⟨t-1⟩; x⟨t⟩] + bu)
    Γr = σ(Wr [c⟨t-1⟩; x⟨t⟩] + br)
    c̃ = tanh(Γr * (Wcc c⟨t-1⟩ + bcc) + Wcx x⟨t⟩ + bcx)
    c⟨t⟩ = Γu * c̃ + (1 - Γu) * c⟨t-1⟩
    ŷ⟨t⟩ = softmax(Wy c⟨t⟩ + by)

    Arguments
    xt -- the input of this step, shape (n_x, m)
    c_prev -- the memory before this step, shape (n_c, m)
    P -- a dict with Wu, Wr (n_c, n_c + n_x), bu, br (n_c, 1), Wcc (n_c, n_c), bcc (n_c, 1),
         Wcx (n_c, n_x), bcx (n_c, 1), Wy (n_y, n_c), by (n_y, 1)

    Returns
    c_next -- the new memory, shape (n_c, m)
    yt_pred -- the prediction of this step, shape (n_y, m)
    cache -- the tuple (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)
    """
    stacked = np.concatenate([c_prev, xt], axis=0)  # (n_c + n_x, m)
    gate_u = sigmoid(P["Wu"] @ stacked + P["bu"])
    gate_r = sigmoid(P["Wr"] @ stacked + P["br"])
    from_memory = P["Wcc"] @ c_prev + P["bcc"]
    from_input = P["Wcx"] @ xt + P["bcx"]
    c_tilde = np.tanh(gate_r * from_memory + from_input)
    c_next = gate_u * c_tilde + (1 - gate_u) * c_prev
    yt_pred = softmax(P["Wy"] @ c_next + P["by"])
    cache = (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)
    return c_next, yt_pred, cache


def gru_cell_backward_reset_after(dc_next, cache):
    """One step back through the GRU with the reset gate after the product.

    dzc = dc⟨t⟩ * Γu * (1 - c̃²) reaches Wcx x⟨t⟩ + bcx as it is, and Wcc c⟨t-1⟩ + bcc as Γr * dzc.
    dΓr = dzc * (Wcc c⟨t-1⟩ + bcc)

    Arguments
    dc_next -- gradient of the loss with respect to c_next, shape (n_c, m)
    cache -- the tuple (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P) of the forward step

    Returns
    a dict with dxt (n_x, m), dc_prev (n_c, m), dWu, dWr (n_c, n_c + n_x), dbu, dbr (n_c, 1),
    dWcc (n_c, n_c), dbcc (n_c, 1), dWcx (n_c, n_x), dbcx (n_c, 1)
    """
    c_next, c_prev, gate_u, gate_r, c_tilde, xt, P = cache
    n_c = len(c_prev)
    stacked = np.concatenate([c_prev, xt], axis=0)  # (n_c + n_x, m)
    from_memory = P["Wcc"] @ c_prev + P["bcc"]

    dgate_u = dc_next * (c_tilde - c_prev)
    dzu = dgate_u * gate_u * (1 - gate_u)
    dc_tilde = dc_next * gate_u
    dzc = dc_tilde * (1 - c_tilde**2)
    dfrom_memory = dzc * gate_r
    dgate_r = dzc * from_memory
    dzr = dgate_r * gate_r * (1 - gate_r)
    dstacked = P["Wu"].T @ dzu + P["Wr"].T @ dzr  # (n_c + n_x, m)

    kept = dc_next * (1 - gate_u)
    dc_prev = kept + P["Wcc"].T @ dfrom_memory + dstacked[:n_c]
    dxt = P["Wcx"].T @ dzc + dstacked[n_c:]
    dWu, dbu = dzu @ stacked.T, np.sum(dzu, axis=1, keepdims=True)
    dWr, dbr = dzr @ stacked.T, np.sum(dzr, axis=1, keepdims=True)
    dWcc, dbcc = dfrom_memory @ c_prev.T, np.sum(dfrom_memory, axis=1, keepdims=True)
    dWcx, dbcx = dzc @ xt.T, np.sum(dzc, axis=1, keepdims=True)
    gates = {"dWu": dWu, "dbu": dbu, "dWr": dWr, "dbr": dbr}
    candidate = {"dWcc": dWcc, "dbcc": dbcc, "dWcx": dWcx, "dbcx": dbcx}
    return {"dxt": dxt, "dc_prev": dc_prev, **gates, **candidate}


def gru_forward_reset_after(x, c0, P):
    """The whole sequence with the cell of gru_cell_forward_reset_after at every step.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    c0 -- the memory before the first step, shape (n_c, m)
    P -- a dict with Wu, Wr, Wcc, Wcx, bu, br, bcc, bcx, Wy, by, as in gru_cell_forward_reset_after

    Returns
    c -- the memory after every step, shape (n_c, m, T)
    y_pred -- the prediction of every step, shape (n_y, m, T)
    caches -- the tuple (list of the T cell caches, x)
    """
    n_x, m, T = x.shape
    n_y, n_c = P["Wy"].shape
    c = np.zeros((n_c, m, T))
    y_pred = np.zeros((n_y, m, T))
    cells = []
    c_next = c0
    for t in range(T):
        c_next, yt_pred, cache = gru_cell_forward_reset_after(x[:, :, t], c_next, P)
        c[:, :, t] = c_next
        y_pred[:, :, t] = yt_pred
        cells.append(cache)
    return c, y_pred, (cells, x)


def gru_backward_reset_after(dc, caches):
    """All steps back through gru_forward_reset_after, from the last to the first.

    Arguments
    dc -- gradient that enters at each step from that step's output, shape (n_c, m, T)
    caches -- the tuple (list of the T cell caches, x) of gru_forward_reset_after

    Returns
    a dict with dx (n_x, m, T), dc0 (n_c, m), and the gradients of the weights and biases
    (dWu, dbu, dWr, dbr, dWcc, dbcc, dWcx, dbcx), each summed over all steps
    """
    cells, x = caches
    n_c, m, T = dc.shape
    dx = np.zeros(x.shape)
    total = dict.fromkeys(["dWu", "dbu", "dWr", "dbr", "dWcc", "dbcc", "dWcx", "dbcx"], 0.0)
    dc_from_later = np.zeros((n_c, m))
    for t in reversed(range(T)):
        step = gru_cell_backward_reset_after(dc[:, :, t] + dc_from_later, cells[t])
        dc_from_later = step["dc_prev"]
        dx[:, :, t] = step["dxt"]
        for name in total:
            total[name] = total[name] + step[name]
    return {"dx": dx, "dc0": dc_from_later, **total}
