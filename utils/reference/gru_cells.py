"""Single steps of the GRU family, forwards and backwards, and the initial weights.

Rearrangements, named once: the two gates come from one stacked product, and go back through one; the blend is written
as c⟨t-1⟩ + Γu * (c̃ - c⟨t-1⟩).

Source: Cho et al. (2014), arXiv:1406.1078 (reset gate before the product in the paper, after it in its first version,
which cuDNN and PyTorch follow); the gate u takes the new value here, where the paper's z keeps the old one.
"""

import numpy as np

from .activations import sigmoid, softmax
from .door import expect, expect_gru, expect_number, expect_rng


def _opened(dc_next, cache, reset):
    """The entries of a cell cache, checked together with the gradient that arrives."""
    layout = "(c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)"
    if not isinstance(cache, tuple | list) or len(cache) != 7:
        came = f"{len(cache)} entries" if isinstance(cache, tuple | list) else type(cache).__name__
        raise ValueError(f"cache must be the tuple {layout}, got {came}.")
    names = layout[1:-1].split(", ")[:5]
    states = {name: (value, "n_c m") for name, value in zip(names, cache, strict=False)}
    expect_gru(cache[6], expect(dc_next=(dc_next, "n_c m"), **states, xt=(cache[5], "n_x m")), False, reset=reset)
    return cache


def gru_cell_forward_simple(xt, c_prev, P):
    """One step with the update gate alone: Γu and c̃ both look at [c⟨t-1⟩; x⟨t⟩].

    Γu = σ(Wu [c⟨t-1⟩; x⟨t⟩] + bu), c̃ = tanh(Wc [c⟨t-1⟩; x⟨t⟩] + bc), c⟨t⟩ = Γu * c̃ + (1 - Γu) * c⟨t-1⟩,
    ŷ⟨t⟩ = softmax(Wy c⟨t⟩ + by).

    xt: (n_x, m); c_prev: (n_c, m); Wu, Wc: (n_c, n_c + n_x). Returns c_next (n_c, m), yt_pred (n_y, m) and
    cache (c_next, c_prev, gate_u, c_tilde, xt, P). Raises ValueError on a wrong shape, NaN or a missing parameter.
    """
    expect_gru(P, expect(xt=(xt, "n_x m"), c_prev=(c_prev, "n_c m")), gates="u")
    z_u, z_c = np.split(np.vstack([P["Wu"], P["Wc"]]) @ np.vstack([c_prev, xt]) + np.vstack([P["bu"], P["bc"]]), 2)
    gate_u, c_tilde = sigmoid(z_u), np.tanh(z_c)
    c_next = c_prev + gate_u * (c_tilde - c_prev)
    return c_next, softmax(P["Wy"] @ c_next + P["by"]), (c_next, c_prev, gate_u, c_tilde, xt, P)


def _gates(xt, c_prev, P):
    """Γu and Γr from one stacked product."""
    z = np.vstack([P["Wu"], P["Wr"]]) @ np.vstack([c_prev, xt]) + np.vstack([P["bu"], P["br"]])
    return np.split(sigmoid(z), 2)


def gru_cell_forward(xt, c_prev, P):
    """One step of the full GRU; Γu takes the new value.

    Γu = σ(Wu [c⟨t-1⟩; x⟨t⟩] + bu), Γr = σ(Wr [c⟨t-1⟩; x⟨t⟩] + br), c̃ = tanh(Wc [Γr * c⟨t-1⟩; x⟨t⟩] + bc),
    c⟨t⟩ = Γu * c̃ + (1 - Γu) * c⟨t-1⟩, ŷ⟨t⟩ = softmax(Wy c⟨t⟩ + by).

    xt: (n_x, m); c_prev: (n_c, m). Returns c_next (n_c, m), yt_pred (n_y, m) and
    cache (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P). Both gates come from one stacked product.
    """
    expect_gru(P, expect(xt=(xt, "n_x m"), c_prev=(c_prev, "n_c m")))
    gate_u, gate_r = _gates(xt, c_prev, P)
    c_tilde = np.tanh(P["Wc"] @ np.vstack([gate_r * c_prev, xt]) + P["bc"])
    c_next = c_prev + gate_u * (c_tilde - c_prev)
    return c_next, softmax(P["Wy"] @ c_next + P["by"]), (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)


def _gates_backward(dgate_u, dgate_r, cache):
    """Back through both gates at once: what reaches c_prev and xt, and the gradients of Wu, bu, Wr, br."""
    _, c_prev, gate_u, gate_r, _, xt, P = cache
    gates = np.vstack([gate_u, gate_r])
    dz = np.vstack([dgate_u, dgate_r]) * (gates - gates * gates)  # (2 n_c, m)
    dc_prev, dxt = np.split(np.vstack([P["Wu"], P["Wr"]]).T @ dz, [len(c_prev)])
    dWu, dWr = np.split(dz @ np.vstack([c_prev, xt]).T, 2)
    dbu, dbr = np.split(dz.sum(axis=1, keepdims=True), 2)
    return dc_prev, dxt, {"dWu": dWu, "dbu": dbu, "dWr": dWr, "dbr": dbr}


def gru_cell_backward(dc_next, cache):
    """Gradients of one step of `gru_cell_forward` from dc_next (n_c, m).

    With z inside the brackets: dzc = dc⟨t⟩ Γu (1 - c̃²), d(Γr c⟨t-1⟩) = the memory's rows of Wcᵀ dzc,
    dzu = dc⟨t⟩ (c̃ - c⟨t-1⟩) Γu (1 - Γu), dzr = d(Γr c⟨t-1⟩) c⟨t-1⟩ Γr (1 - Γr).

    cache: (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P). Returns dxt (n_x, m), dc_prev (n_c, m) and
    dWu, dbu, dWr, dbr, dWc, dbc, summed over the examples. Raises ValueError as the forward does.
    """
    _, c_prev, gate_u, gate_r, c_tilde, xt, P = _opened(dc_next, cache, "before")
    dzc = dc_next * gate_u * (1 - c_tilde * c_tilde)
    seen, seen_x = np.split(P["Wc"].T @ dzc, [len(c_prev)])  # (n_c, m), (n_x, m)
    dc_prev, dxt, G = _gates_backward(dc_next * (c_tilde - c_prev), seen * c_prev, cache)
    dc_prev += dc_next - dc_next * gate_u + seen * gate_r
    dxt += seen_x
    G |= {"dWc": dzc @ np.vstack([gate_r * c_prev, xt]).T, "dbc": dzc.sum(axis=1, keepdims=True)}
    return {"dxt": dxt, "dc_prev": dc_prev} | G


def gru_cell_forward_reset_after(xt, c_prev, P):
    """One step with the reset gate after the product: c̃ = tanh(Γr * (Wcc c⟨t-1⟩ + bcc) + Wcx x⟨t⟩ + bcx).

    Γu, Γr, c⟨t⟩ and ŷ⟨t⟩ as in `gru_cell_forward`. cuDNN and PyTorch compute this one: the product with c⟨t-1⟩ need
    not wait for Γr.

    xt: (n_x, m); c_prev: (n_c, m); Wcc: (n_c, n_c); Wcx: (n_c, n_x). Returns c_next (n_c, m), yt_pred (n_y, m) and
    cache (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P). Raises ValueError on a wrong shape, NaN or a missing
    parameter.
    """
    expect_gru(P, expect(xt=(xt, "n_x m"), c_prev=(c_prev, "n_c m")), reset="after")
    gate_u, gate_r = _gates(xt, c_prev, P)
    c_tilde = np.tanh(gate_r * (P["Wcc"] @ c_prev + P["bcc"]) + (P["Wcx"] @ xt + P["bcx"]))
    c_next = c_prev + gate_u * (c_tilde - c_prev)
    return c_next, softmax(P["Wy"] @ c_next + P["by"]), (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)


def gru_cell_backward_reset_after(dc_next, cache):
    """Gradients of one step of `gru_cell_forward_reset_after` from dc_next (n_c, m).

    dzc = dc⟨t⟩ Γu (1 - c̃²); Wcc c⟨t-1⟩ + bcc receives Γr dzc, and Γr receives dzc (Wcc c⟨t-1⟩ + bcc), which is
    computed again because the cache does not hold it.

    cache: (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P). Returns dxt (n_x, m), dc_prev (n_c, m) and
    dWu, dbu, dWr, dbr, dWcc, dbcc, dWcx, dbcx, summed over the examples. Raises ValueError as the forward does.
    """
    _, c_prev, gate_u, gate_r, c_tilde, xt, P = _opened(dc_next, cache, "after")
    dzc = dc_next * gate_u * (1 - c_tilde * c_tilde)
    dinner = dzc * gate_r
    dgate_r = dzc * (P["Wcc"] @ c_prev + P["bcc"])
    dc_prev, dxt, G = _gates_backward(dc_next * (c_tilde - c_prev), dgate_r, cache)
    dc_prev += dc_next - dc_next * gate_u + P["Wcc"].T @ dinner
    dxt += P["Wcx"].T @ dzc
    G |= {"dWcc": dinner @ c_prev.T, "dbcc": dinner.sum(axis=1, keepdims=True)}
    G |= {"dWcx": dzc @ xt.T, "dbcx": dzc.sum(axis=1, keepdims=True)}
    return {"dxt": dxt, "dc_prev": dc_prev} | G


def init_gru(n_x, n_c, n_y, rng, update_bias=0.0):
    """GRU parameters P: Wu, Wr, Wc (n_c, n_c + n_x), bu, br, bc (n_c, 1), Wy (n_y, n_c), by (n_y, 1), in float64.

    Weights are Gaussian with variance 1 / (number of inputs), drawn in the order Wu, Wr, Wc, Wy; biases are zero but
    bu = update_bias: below zero the memory keeps its value for longer. `rng` is a numpy.random.Generator.
    Raises ValueError for sizes that are no positive whole numbers, another kind of rng, a bias that is not finite.
    """
    for name, size in {"n_x": n_x, "n_c": n_c, "n_y": n_y}.items():
        expect_number(name, size, least=1, whole=True)
    expect_number("update_bias", update_bias)
    expect_rng(rng)
    W = {gate: rng.standard_normal((n_c, n_c + n_x)) / np.sqrt(n_c + n_x) for gate in ("Wu", "Wr", "Wc")}
    biases = {name: np.zeros((n_c, 1)) for name in ("bu", "br", "bc")}
    biases["bu"] += update_bias
    return W | biases | {"Wy": rng.standard_normal((n_y, n_c)) / np.sqrt(n_c), "by": np.zeros((n_y, 1))}
