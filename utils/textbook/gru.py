"""The gated recurrent unit, step by step. Source: Cho et al. (2014), arXiv:1406.1078."""

import numpy as np

from .activations import sigmoid, softmax


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
