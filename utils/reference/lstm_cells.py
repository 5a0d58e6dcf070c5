"""One step of the LSTM and its first weights: the lesson's functions, rearranged for speed.

Rearrangements, named once: the four gates stand on top of each other in one product, in the order f, u, o, c; σ is
taken of three gates at once; on the way back the four gradients of the sums are stacked likewise, so that one product
gives all weight gradients and another both inputs.

Source: Hochreiter and Schmidhuber (1997), https://doi.org/10.1162/neco.1997.9.8.1735; forget gate: Gers, Schmidhuber
and Cummins (2000), https://doi.org/10.1162/089976600300015015; peepholes: Gers and Schmidhuber (2000).
"""

import numpy as np

from .activations import sigmoid, softmax
from .door import expect, expect_lstm, expect_number, expect_parameters, expect_rng

CACHE = ("a_next", "c_next", "a_prev", "c_prev", "gate_f", "gate_u", "c_tilde", "gate_o", "xt", "P")
WEIGHTS = tuple(f"W{gate}" for gate in "fuoc")
BIASES = tuple(f"b{gate}" for gate in "fuoc")
PEEPHOLES = ("pf", "pu", "po")


def lstm_cell_forward(xt, a_prev, c_prev, P):
    """One step: c⟨t⟩ = Γf * c⟨t-1⟩ + Γu * c̃, a⟨t⟩ = Γo * tanh(c⟨t⟩), ŷ⟨t⟩ = softmax(Wy a⟨t⟩ + by).

    Γf, Γu, Γo = σ(W [a⟨t-1⟩; x⟨t⟩] + b), each with its own W and b, and c̃ = tanh(Wc [a⟨t-1⟩; x⟨t⟩] + bc).

    xt: (n_x, m); a_prev, c_prev: (n_a, m). Returns a_next, c_next (n_a, m), yt_pred (n_y, m) and
    cache (a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P).
    """
    expect_lstm(P, expect(xt=(xt, "n_x m"), a_prev=(a_prev, "n_a m"), c_prev=(c_prev, "n_a m")))
    z = np.vstack([P[name] for name in WEIGHTS]) @ np.vstack([a_prev, xt]) + np.vstack([P[name] for name in BIASES])
    n_a = len(a_prev)
    gate_f, gate_u, gate_o = np.split(sigmoid(z[: 3 * n_a]), 3)
    c_tilde = np.tanh(z[3 * n_a :])
    c_next = gate_f * c_prev + gate_u * c_tilde
    a_next = gate_o * np.tanh(c_next)
    cache = (a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P)
    return a_next, c_next, softmax(P["Wy"] @ a_next + P["by"]), cache


def lstm_cell_backward(da_next, dc_next, cache):
    """Gradients of one step, from da_next and dc_next (n_a, m), the latter without the way through a⟨t⟩.

    dc = dc_next + da_next Γo (1 - tanh² c⟨t⟩); at the sums: dzf = dc c⟨t-1⟩ Γf (1 - Γf), dzu = dc c̃ Γu (1 - Γu),
    dzc = dc Γu (1 - c̃²), dzo = da_next tanh(c⟨t⟩) Γo (1 - Γo). Each product W [a⟨t-1⟩; x⟨t⟩] then sends back Wᵀ dz
    and dz [a⟨t-1⟩; x⟨t⟩]ᵀ. Returns dxt, da_prev, dc_prev, dWf, dbf, dWu, dbu, dWc, dbc, dWo, dbo.
    """
    expect_cell_gradients(da_next, dc_next, cache)
    _, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P = cache
    n_a, tanh_c = len(a_prev), np.tanh(c_next)
    dc = dc_next + da_next * gate_o * (1 - tanh_c * tanh_c)
    sigmoids = np.vstack([gate_f, gate_u, gate_o])
    dz = np.vstack([dc * c_prev, dc * c_tilde, da_next * tanh_c, dc * gate_u * (1 - c_tilde * c_tilde)])
    dz[: 3 * n_a] *= sigmoids * (1 - sigmoids)
    dstacked = np.vstack([P[name] for name in WEIGHTS]).T @ dz
    dW = np.split(dz @ np.vstack([a_prev, xt]).T, 4)
    db = np.split(dz.sum(axis=1, keepdims=True), 4)
    inputs = {"dxt": dstacked[n_a:], "da_prev": dstacked[:n_a], "dc_prev": dc * gate_f}
    return inputs | {f"d{n}": d for n, d in zip(WEIGHTS + BIASES, dW + db, strict=True)}


def expect_cell_gradients(da_next, dc_next, cache):
    """Check a cell's cache, and the two gradients that enter against it."""
    if not isinstance(cache, tuple | list) or len(cache) != len(CACHE):
        got = f"{len(cache)} values" if isinstance(cache, tuple | list) else type(cache).__name__
        raise ValueError(f"cache must be the {len(CACHE)} values ({', '.join(CACHE)}), got {got}.")
    of = dict(zip(CACHE, cache, strict=True))
    sizes = expect(xt=(of["xt"], "n_x m"), **{name: (of[name], "n_a m") for name in CACHE[:-2]})
    expect_lstm(of["P"], sizes, output=False)
    expect(sizes, da_next=(da_next, "n_a m"), dc_next=(dc_next, "n_a m"))


def init_lstm(n_x, n_a, n_y, rng, forget_bias=1):
    """LSTM parameters P: Wf, Wu, Wc, Wo (n_a, n_a + n_x), bf, bu, bc, bo (n_a, 1), Wy (n_y, n_a), by (n_y, 1).

    Weights are Gaussian with variance 1 / (number of inputs), drawn in the order Wf, Wu, Wc, Wo, Wy, one call of
    rng.standard_normal each; biases are zero but bf = forget_bias. `rng` is a numpy.random.Generator.
    Source of the forget bias: Gers et al. (2000); Jozefowicz et al. (2015).
    """
    for name, size in (("n_x", n_x), ("n_a", n_a), ("n_y", n_y)):
        expect_number(name, size, least=1, whole=True)
    expect_rng(rng)
    expect_number("forget_bias", forget_bias)
    shapes = dict.fromkeys(("Wf", "Wu", "Wc", "Wo"), (n_a, n_a + n_x)) | {"Wy": (n_y, n_a)}
    P = {name: rng.standard_normal(shape) / np.sqrt(shape[1]) for name, shape in shapes.items()}
    biases = {"bf": float(forget_bias), "bu": 0.0, "bc": 0.0, "bo": 0.0}
    return P | {name: np.full((n_a, 1), value) for name, value in biases.items()} | {"by": np.zeros((n_y, 1))}


def lstm_cell_forward_peephole(xt, a_prev, c_prev, P):
    """One step with peepholes: Γf and Γu see pf * c⟨t-1⟩ and pu * c⟨t-1⟩ as well, Γo sees po * c⟨t⟩, the new memory.

    xt: (n_x, m); a_prev, c_prev: (n_a, m); P: that of `lstm_cell_forward`, and pf, pu, po (n_a, 1).
    Returns a_next, c_next, yt_pred, cache as `lstm_cell_forward` does; with zero peepholes it is that function.
    """
    sizes = expect(xt=(xt, "n_x m"), a_prev=(a_prev, "n_a m"), c_prev=(c_prev, "n_a m"))
    expect_lstm(P, sizes)
    expect_parameters(P, dict.fromkeys(PEEPHOLES, "n_a 1"), sizes)
    z = np.vstack([P[name] for name in WEIGHTS]) @ np.vstack([a_prev, xt]) + np.vstack([P[name] for name in BIASES])
    forget, update, output, candidate = np.split(z, 4)
    gate_f, gate_u = sigmoid(forget + P["pf"] * c_prev), sigmoid(update + P["pu"] * c_prev)
    c_tilde = np.tanh(candidate)
    c_next = gate_f * c_prev + gate_u * c_tilde
    gate_o = sigmoid(output + P["po"] * c_next)
    a_next = gate_o * np.tanh(c_next)
    cache = (a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P)
    return a_next, c_next, softmax(P["Wy"] @ a_next + P["by"]), cache
