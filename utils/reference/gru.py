"""The gated recurrent unit with the reset gate before the product. Source: Cho et al. (2014), arXiv:1406.1078."""

import numpy as np

from .activations import sigmoid, softmax
from .door import expect


def gru_cell_forward(xt, c_prev, P):
    """One step of the full GRU; Γu takes the new value.

    Γu = σ(Wu [c⟨t-1⟩; x⟨t⟩] + bu), Γr = σ(Wr [c⟨t-1⟩; x⟨t⟩] + br), c̃ = tanh(Wc [Γr * c⟨t-1⟩; x⟨t⟩] + bc),
    c⟨t⟩ = Γu * c̃ + (1 - Γu) * c⟨t-1⟩, ŷ⟨t⟩ = softmax(Wy c⟨t⟩ + by).

    xt: (n_x, m); c_prev: (n_c, m). Returns c_next (n_c, m), yt_pred (n_y, m) and
    cache (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P). Both gates come from one stacked product.
    """
    sizes = expect(xt=(xt, "n_x m"), c_prev=(c_prev, "n_c m"), Wy=(P["Wy"], "n_y n_c"), by=(P["by"], "n_y 1"))
    sizes["n_c+n_x"] = sizes["n_c"] + sizes["n_x"]
    expect(
        sizes,
        **{f"W{g}": (P[f"W{g}"], "n_c n_c+n_x") for g in "urc"},
        **{f"b{g}": (P[f"b{g}"], "n_c 1") for g in "urc"},
    )
    stacked = np.vstack([P["Wu"], P["Wr"]]) @ np.vstack([c_prev, xt]) + np.vstack([P["bu"], P["br"]])
    gate_u, gate_r = np.split(sigmoid(stacked), 2)
    c_tilde = np.tanh(P["Wc"] @ np.vstack([gate_r * c_prev, xt]) + P["bc"])
    c_next = c_prev + gate_u * (c_tilde - c_prev)
    return c_next, softmax(P["Wy"] @ c_next + P["by"]), (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)
