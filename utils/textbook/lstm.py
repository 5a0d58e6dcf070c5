"""Long short-term memory, step by step. Source: Hochreiter and Schmidhuber (1997)."""

import numpy as np

from .activations import sigmoid, softmax


def lstm_cell_forward(xt, a_prev, c_prev, P):
    """One step of the LSTM: three gates decide what the memory forgets, takes in and shows.

    Γf = σ(Wf [a⟨t-1⟩; x⟨t⟩] + bf)
    Γu = σ(Wu [a⟨t-1⟩; x⟨t⟩] + bu)
    c̃ = tanh(Wc [a⟨t-1⟩; x⟨t⟩] + bc)
    Γo = σ(Wo [a⟨t-1⟩; x⟨t⟩] + bo)
    c⟨t⟩ = Γf * c⟨t-1⟩ + Γu * c̃
    a⟨t⟩ = Γo * tanh(c⟨t⟩)
    ŷ⟨t⟩ = softmax(Wy a⟨t⟩ + by)

    Arguments
    xt -- the input of this step, shape (n_x, m)
    a_prev -- what the cell showed before this step, shape (n_a, m)
    c_prev -- the memory before this step, shape (n_a, m)
    P -- a dict with Wf, Wu, Wc, Wo (n_a, n_a + n_x), bf, bu, bc, bo (n_a, 1),
         Wy (n_y, n_a), by (n_y, 1)

    Returns
    a_next -- what the cell shows now, shape (n_a, m)
    c_next -- the new memory, shape (n_a, m)
    yt_pred -- the prediction of this step, shape (n_y, m)
    cache -- the tuple (a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P),
             kept for the way back
    """
    stacked = np.concatenate([a_prev, xt], axis=0)  # (n_a + n_x, m)
    gate_f = sigmoid(P["Wf"] @ stacked + P["bf"])
    gate_u = sigmoid(P["Wu"] @ stacked + P["bu"])
    c_tilde = np.tanh(P["Wc"] @ stacked + P["bc"])
    gate_o = sigmoid(P["Wo"] @ stacked + P["bo"])
    kept = gate_f * c_prev
    taken_in = gate_u * c_tilde
    c_next = kept + taken_in
    a_next = gate_o * np.tanh(c_next)
    yt_pred = softmax(P["Wy"] @ a_next + P["by"])
    cache = (a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P)
    return a_next, c_next, yt_pred, cache


def lstm_forward(x, a0, P, c0=None):
    """The whole sequence: the cell at every step, always with the same weights.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    a0 -- what the cell shows before the first step, shape (n_a, m)
    P -- a dict with Wf, Wu, Wc, Wo, bf, bu, bc, bo, Wy, by, as in lstm_cell_forward
    c0 -- the memory before the first step, shape (n_a, m); None: zeros

    Returns
    a -- what the cell shows after every step, shape (n_a, m, T)
    y_pred -- the prediction of every step, shape (n_y, m, T)
    c -- the memory after every step, shape (n_a, m, T)
    caches -- the tuple (list of the T cell caches, x)
    """
    n_x, m, T = x.shape
    n_y, n_a = P["Wy"].shape
    a = np.zeros((n_a, m, T))
    y_pred = np.zeros((n_y, m, T))
    c = np.zeros((n_a, m, T))
    cells = []
    a_next = a0
    c_next = np.zeros((n_a, m)) if c0 is None else c0
    for t in range(T):
        a_next, c_next, yt_pred, cache = lstm_cell_forward(x[:, :, t], a_next, c_next, P)
        a[:, :, t] = a_next
        y_pred[:, :, t] = yt_pred
        c[:, :, t] = c_next
        cells.append(cache)
    return a, y_pred, c, (cells, x)


def lstm_cell_backward(da_next, dc_next, cache):
    """One step back: from the gradients of a⟨t⟩ and c⟨t⟩ to those of everything that made them.

    The memory is reached on two ways: from later steps, and through a⟨t⟩ = Γo * tanh(c⟨t⟩).
    dc = dc_next + da_next * Γo * (1 - tanh²(c⟨t⟩))

    The sum inside each σ and tanh, called z, gets
    dzf = dc * c⟨t-1⟩ * Γf * (1 - Γf)
    dzu = dc * c̃ * Γu * (1 - Γu)
    dzc = dc * Γu * (1 - c̃²)
    dzo = da_next * tanh(c⟨t⟩) * Γo * (1 - Γo)

    Arguments
    da_next -- gradient of the loss with respect to a_next, shape (n_a, m)
    dc_next -- gradient that comes to c_next from later steps, shape (n_a, m);
               the way through a_next is not in it
    cache -- the tuple (a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P)
             of lstm_cell_forward

    Returns
    a dict with dxt (n_x, m), da_prev and dc_prev (n_a, m),
    dWf, dWu, dWc, dWo (n_a, n_a + n_x) and dbf, dbu, dbc, dbo (n_a, 1)
    """
    a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P = cache
    tanh_c = np.tanh(c_next)
    through_a = da_next * gate_o * (1 - tanh_c**2)
    dc = dc_next + through_a  # (n_a, m)
    dzf = (dc * c_prev) * gate_f * (1 - gate_f)
    dzu = (dc * c_tilde) * gate_u * (1 - gate_u)
    dzc = (dc * gate_u) * (1 - c_tilde**2)
    dzo = (da_next * tanh_c) * gate_o * (1 - gate_o)
    stacked = np.concatenate([a_prev, xt], axis=0)  # (n_a + n_x, m)
    dstacked = P["Wf"].T @ dzf + P["Wu"].T @ dzu + P["Wc"].T @ dzc + P["Wo"].T @ dzo
    n_a = len(a_prev)
    gradients = {"dxt": dstacked[n_a:], "da_prev": dstacked[:n_a], "dc_prev": dc * gate_f}
    for gate, dz in [("f", dzf), ("u", dzu), ("c", dzc), ("o", dzo)]:
        gradients["dW" + gate] = dz @ stacked.T
        gradients["db" + gate] = np.sum(dz, axis=1, keepdims=True)
    return gradients


def lstm_backward(da, caches):
    """Backpropagation through time: all steps back, from the last to the first.

    Two gradients come back from step t + 1: one to a⟨t⟩, which is added to da[:, :, t], and one to
    c⟨t⟩. After the last step nothing follows: both begin as zeros.

    Arguments
    da -- gradient that enters at each step from that step's output, shape (n_a, m, T)
    caches -- the tuple (list of the T cell caches, x) of lstm_forward

    Returns
    a dict with dx (n_x, m, T), da0 and dc0 (n_a, m), and dWf, dbf, dWu, dbu, dWc, dbc, dWo, dbo,
    each summed over all steps
    """
    cells, x = caches
    n_a, m, T = da.shape
    P = cells[0][9]
    dx = np.zeros(x.shape)
    total = {}
    for name in ["Wf", "bf", "Wu", "bu", "Wc", "bc", "Wo", "bo"]:
        total["d" + name] = np.zeros(P[name].shape)
    da_later = np.zeros((n_a, m))
    dc_later = np.zeros((n_a, m))
    for t in reversed(range(T)):
        step = lstm_cell_backward(da[:, :, t] + da_later, dc_later, cells[t])
        da_later = step["da_prev"]
        dc_later = step["dc_prev"]
        dx[:, :, t] = step["dxt"]
        for name in total:
            total[name] = total[name] + step[name]
    return {"dx": dx, "da0": da_later, "dc0": dc_later, **total}


def init_lstm(n_x, n_a, n_y, rng, forget_bias=1):
    """Draw the first weights of an LSTM.

    Each matrix is rng.standard_normal((rows, columns)) / sqrt(columns), so that sums of many inputs
    are not larger than sums of few. Draw Wf, Wu, Wc, Wo and Wy, in this order, one call each.
    All biases are zero but bf: with bf = 1 the forget gate begins near σ(1) = 0.73, not near 0.5,
    so that what is in the memory lives longer.

    Arguments
    n_x, n_a, n_y -- size of the input, of the state and of the output
    rng -- a numpy.random.Generator
    forget_bias -- every entry of bf, a number

    Returns
    P -- a dict with Wf, Wu, Wc, Wo (n_a, n_a + n_x), bf, bu, bc, bo (n_a, 1),
         Wy (n_y, n_a), by (n_y, 1)
    """
    columns = n_a + n_x
    P = {}
    for gate in ["f", "u", "c", "o"]:
        P["W" + gate] = rng.standard_normal((n_a, columns)) / np.sqrt(columns)
        P["b" + gate] = np.zeros((n_a, 1))
    P["bf"] = P["bf"] + forget_bias
    P["Wy"] = rng.standard_normal((n_y, n_a)) / np.sqrt(n_a)
    P["by"] = np.zeros((n_y, 1))
    return P


def lstm_cell_forward_peephole(xt, a_prev, c_prev, P):
    """One step of an LSTM whose gates also look at the memory itself, through peepholes.

    Γf = σ(Wf [a⟨t-1⟩; x⟨t⟩] + pf * c⟨t-1⟩ + bf)
    Γu = σ(Wu [a⟨t-1⟩; x⟨t⟩] + pu * c⟨t-1⟩ + bu)
    c̃ = tanh(Wc [a⟨t-1⟩; x⟨t⟩] + bc)
    c⟨t⟩ = Γf * c⟨t-1⟩ + Γu * c̃
    Γo = σ(Wo [a⟨t-1⟩; x⟨t⟩] + po * c⟨t⟩ + bo)
    a⟨t⟩ = Γo * tanh(c⟨t⟩)
    ŷ⟨t⟩ = softmax(Wy a⟨t⟩ + by)

    Each unit sees its own entry of the memory only, so a peephole is one number per unit. The
    output gate comes last, because it looks at the new memory. Source: Gers and Schmidhuber (2000).

    Arguments
    xt -- the input of this step, shape (n_x, m)
    a_prev -- what the cell showed before this step, shape (n_a, m)
    c_prev -- the memory before this step, shape (n_a, m)
    P -- the dict of lstm_cell_forward, and pf, pu, po (n_a, 1)

    Returns
    a_next, c_next, yt_pred, cache -- as lstm_cell_forward
    """
    stacked = np.concatenate([a_prev, xt], axis=0)  # (n_a + n_x, m)
    gate_f = sigmoid(P["Wf"] @ stacked + P["pf"] * c_prev + P["bf"])
    gate_u = sigmoid(P["Wu"] @ stacked + P["pu"] * c_prev + P["bu"])
    c_tilde = np.tanh(P["Wc"] @ stacked + P["bc"])
    c_next = gate_f * c_prev + gate_u * c_tilde
    gate_o = sigmoid(P["Wo"] @ stacked + P["po"] * c_next + P["bo"])
    a_next = gate_o * np.tanh(c_next)
    yt_pred = softmax(P["Wy"] @ a_next + P["by"])
    cache = (a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P)
    return a_next, c_next, yt_pred, cache
