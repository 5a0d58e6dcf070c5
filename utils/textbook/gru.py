"""The gated recurrent unit, step by step. Source: Cho et al. (2014), arXiv:1406.1078."""

import numpy as np

from .activations import sigmoid, softmax


def gru_cell_forward_simple(xt, c_prev, P):
    """One step of the simplest GRU: a single gate decides what to overwrite.

    Γu = σ(Wu [c⟨t-1⟩; x⟨t⟩] + bu)
    c̃ = tanh(Wc [c⟨t-1⟩; x⟨t⟩] + bc)
    c⟨t⟩ = Γu * c̃ + (1 - Γu) * c⟨t-1⟩
    ŷ⟨t⟩ = softmax(Wy c⟨t⟩ + by)

    Γu = 1 takes the new value, Γu = 0 keeps the old one.

    Arguments
    xt -- the input of this step, shape (n_x, m)
    c_prev -- the memory before this step, shape (n_c, m)
    P -- a dict with Wu, Wc (n_c, n_c + n_x), bu, bc (n_c, 1), Wy (n_y, n_c), by (n_y, 1)

    Returns
    c_next -- the new memory, shape (n_c, m)
    yt_pred -- the prediction of this step, shape (n_y, m)
    cache -- the tuple (c_next, c_prev, gate_u, c_tilde, xt, P)
    """
    stacked = np.concatenate([c_prev, xt], axis=0)  # (n_c + n_x, m)
    gate_u = sigmoid(P["Wu"] @ stacked + P["bu"])
    c_tilde = np.tanh(P["Wc"] @ stacked + P["bc"])
    c_next = gate_u * c_tilde + (1 - gate_u) * c_prev
    yt_pred = softmax(P["Wy"] @ c_next + P["by"])
    cache = (c_next, c_prev, gate_u, c_tilde, xt, P)
    return c_next, yt_pred, cache


def gru_cell_forward(xt, c_prev, P):
    """One step of the full GRU: two gates decide what to look at and what to overwrite.

    Γu = σ(Wu [c⟨t-1⟩; x⟨t⟩] + bu)
    Γr = σ(Wr [c⟨t-1⟩; x⟨t⟩] + br)
    c̃ = tanh(Wc [Γr * c⟨t-1⟩; x⟨t⟩] + bc)
    c⟨t⟩ = Γu * c̃ + (1 - Γu) * c⟨t-1⟩
    ŷ⟨t⟩ = softmax(Wy c⟨t⟩ + by)

    Arguments
    xt -- the input of this step, shape (n_x, m)
    c_prev -- the memory before this step, shape (n_c, m)
    P -- a dict with Wu, Wr, Wc (n_c, n_c + n_x), bu, br, bc (n_c, 1), Wy (n_y, n_c), by (n_y, 1)

    Returns
    c_next -- the new memory, shape (n_c, m)
    yt_pred -- the prediction of this step, shape (n_y, m)
    cache -- the tuple (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)
    """
    stacked = np.concatenate([c_prev, xt], axis=0)  # (n_c + n_x, m)
    gate_u = sigmoid(P["Wu"] @ stacked + P["bu"])
    gate_r = sigmoid(P["Wr"] @ stacked + P["br"])
    looked_at = gate_r * c_prev
    c_tilde = np.tanh(P["Wc"] @ np.concatenate([looked_at, xt], axis=0) + P["bc"])
    c_next = gate_u * c_tilde + (1 - gate_u) * c_prev
    yt_pred = softmax(P["Wy"] @ c_next + P["by"])
    cache = (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)
    return c_next, yt_pred, cache


def gru_forward(x, c0, P):
    """The whole sequence: the GRU cell at every step, always with the same weights.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    c0 -- the memory before the first step, shape (n_c, m)
    P -- a dict with Wu, Wr, Wc, bu, br, bc, Wy, by, as in gru_cell_forward

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
        c_next, yt_pred, cache = gru_cell_forward(x[:, :, t], c_next, P)
        c[:, :, t] = c_next
        y_pred[:, :, t] = yt_pred
        cells.append(cache)
    return c, y_pred, (cells, x)


def gru_cell_backward(dc_next, cache):
    """One step back through the full GRU. z is what stands inside the brackets of σ or tanh.

    dΓu = dc⟨t⟩ * (c̃ - c⟨t-1⟩)        dzu = dΓu * Γu * (1 - Γu)
    dc̃ = dc⟨t⟩ * Γu                   dzc = dc̃ * (1 - c̃²)
    dΓr = d(Γr * c⟨t-1⟩) * c⟨t-1⟩     dzr = dΓr * Γr * (1 - Γr)

    d(Γr * c⟨t-1⟩) is the upper part of Wcᵀ dzc. The memory c⟨t-1⟩ is used in four places: in the
    sum that makes c⟨t⟩, in Γr * c⟨t-1⟩ and in the two gates. dc_prev adds up what comes back from
    all four.

    Arguments
    dc_next -- gradient of the loss with respect to c_next, shape (n_c, m)
    cache -- the tuple (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P) of gru_cell_forward

    Returns
    a dict with dxt (n_x, m), dc_prev (n_c, m), dWu, dWr, dWc (n_c, n_c + n_x) and
    dbu, dbr, dbc (n_c, 1)
    """
    c_next, c_prev, gate_u, gate_r, c_tilde, xt, P = cache
    n_c = len(c_prev)
    stacked = np.concatenate([c_prev, xt], axis=0)  # (n_c + n_x, m)
    seen = np.concatenate([gate_r * c_prev, xt], axis=0)  # (n_c + n_x, m)

    dgate_u = dc_next * (c_tilde - c_prev)
    dzu = dgate_u * gate_u * (1 - gate_u)
    dc_tilde = dc_next * gate_u
    dzc = dc_tilde * (1 - c_tilde**2)
    dseen = P["Wc"].T @ dzc  # (n_c + n_x, m)
    dgate_r = dseen[:n_c] * c_prev
    dzr = dgate_r * gate_r * (1 - gate_r)
    dstacked = P["Wu"].T @ dzu + P["Wr"].T @ dzr  # (n_c + n_x, m)

    kept = dc_next * (1 - gate_u)
    through_reset = dseen[:n_c] * gate_r
    dc_prev = kept + through_reset + dstacked[:n_c]
    dxt = dseen[n_c:] + dstacked[n_c:]
    dWu, dbu = dzu @ stacked.T, np.sum(dzu, axis=1, keepdims=True)
    dWr, dbr = dzr @ stacked.T, np.sum(dzr, axis=1, keepdims=True)
    dWc, dbc = dzc @ seen.T, np.sum(dzc, axis=1, keepdims=True)
    weights = {"dWu": dWu, "dbu": dbu, "dWr": dWr, "dbr": dbr, "dWc": dWc, "dbc": dbc}
    return {"dxt": dxt, "dc_prev": dc_prev, **weights}


def gru_backward(dc, caches):
    """Backpropagation through time for the GRU: all steps back, from the last to the first.

    What reaches c⟨t⟩ is the gradient of its own output, dc[:, :, t], plus what comes back from
    step t + 1. After the last step nothing follows: what comes back begins as zeros.

    Arguments
    dc -- gradient that enters at each step from that step's output, shape (n_c, m, T)
    caches -- the tuple (list of the T cell caches, x) of gru_forward

    Returns
    a dict with dx (n_x, m, T), dc0 (n_c, m), and dWu, dbu, dWr, dbr, dWc, dbc, each summed over
    all steps
    """
    cells, x = caches
    n_c, m, T = dc.shape
    dx = np.zeros(x.shape)
    total = {"dWu": 0.0, "dbu": 0.0, "dWr": 0.0, "dbr": 0.0, "dWc": 0.0, "dbc": 0.0}
    dc_from_later = np.zeros((n_c, m))
    for t in reversed(range(T)):
        step = gru_cell_backward(dc[:, :, t] + dc_from_later, cells[t])
        dc_from_later = step["dc_prev"]
        dx[:, :, t] = step["dxt"]
        for name in total:
            total[name] = total[name] + step[name]
    return {"dx": dx, "dc0": dc_from_later, **total}


def init_gru(n_x, n_c, n_y, rng, update_bias=0.0):
    """Draw the parameters of a GRU: Gaussian weights with variance 1 / (number of inputs).

    The draws are made in this order: Wu, Wr, Wc, Wy; each is
    rng.standard_normal((rows, columns)) / sqrt(columns). Biases are zero, except bu.

    Arguments
    n_x, n_c, n_y -- size of the input, of the memory and of the output
    rng -- a numpy.random.Generator
    update_bias -- what bu is filled with: below zero the memory keeps its value for longer

    Returns
    P -- a dict with Wu, Wr, Wc (n_c, n_c + n_x), bu, br, bc (n_c, 1), Wy (n_y, n_c), by (n_y, 1)
    """
    n_seen = n_c + n_x
    shapes = {"Wu": (n_c, n_seen), "Wr": (n_c, n_seen), "Wc": (n_c, n_seen), "Wy": (n_y, n_c)}
    P = {}
    for name, (rows, columns) in shapes.items():
        P[name] = rng.standard_normal((rows, columns)) / np.sqrt(columns)
    P["bu"] = np.full((n_c, 1), float(update_bias))
    P["br"] = np.zeros((n_c, 1))
    P["bc"] = np.zeros((n_c, 1))
    P["by"] = np.zeros((n_y, 1))
    return P
