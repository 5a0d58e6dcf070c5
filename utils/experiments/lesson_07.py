"""The LSTM measured: gradients along the memory, ways back with other equations, and what training makes of them."""

from dataclasses import replace

import numpy as np

from utils.datasets import random_symbols
from utils.generators import adding_problem
from utils.reference import (
    gradient_check,
    gradient_norm_by_lag,
    init_lstm,
    init_rnn,
    lstm_backward,
    lstm_cell_backward,
    lstm_forward,
    sequence_loss,
)
from utils.training import TO_NUMBER, on_one_thread, train

GATES = "fuco"


def memory_gradient_by_lag(x, P, targets):
    """Norms of ∂L/∂c⟨T-k⟩, lag k from 0 to T - 1, (T,), for a loss at the last step only; an LSTM, started from zeros.

    x: (n_x, m, T); targets: int (m,). As gradient_norm_by_lag, but of the memory: all that arrives there, whether
    along the memory or through what the cell shows.
    """
    n_a, m = len(P["bf"]), x.shape[1]
    _, y_pred, _, (cells, _) = lstm_forward(x, np.zeros((n_a, m)), P)
    dz = y_pred[:, :, -1].copy()
    dz[targets, np.arange(m)] -= 1
    da, dc, norms = P["Wy"].T @ dz, np.zeros((n_a, m)), []
    for cell in reversed(cells):
        tanh_c, gate_o = np.tanh(cell[1]), cell[7]
        norms.append(np.linalg.norm(dc + da * gate_o * (1 - tanh_c**2)))
        step = lstm_cell_backward(da, dc, cell)
        da, dc = step["da_prev"], step["dc_prev"]
    return np.array(norms)


@on_one_thread
def gradients_by_forget_bias(biases, seeds, *, n_x=28, n_a=64, m=16, T=51):
    """How much of the gradient is left k steps back, before learning: {"plain RNN" or "forget bias b": (seeds, T)}.

    The networks read random symbols; each row is divided by its entry at lag 0.
    """
    rows = {"plain RNN": []} | {f"forget bias {bias}": [] for bias in biases}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        x, targets = random_symbols(rng, n_x, m, T)[1], rng.integers(n_x, size=m)
        P = init_rnn(n_x, n_a, n_x, np.random.default_rng([seed, 1]))
        rows["plain RNN"].append(gradient_norm_by_lag(x, np.zeros((n_a, m)), P, targets))
        for bias in biases:
            P = init_lstm(n_x, n_a, n_x, np.random.default_rng([seed, 1]), forget_bias=bias)
            rows[f"forget bias {bias}"].append(memory_gradient_by_lag(x, P, targets))
    return {name: np.array([norms / norms[0] for norms in found]) for name, found in rows.items()}


def backward_with(sums, da, caches):
    """Backpropagation through time for an LSTM with other equations inside the step.

    sums: a function (da_next, dc_next, cache, c_tilde_prev) -> (dzf, dzu, dzc, dzo), what reaches the sum inside each σ
    and tanh; c_tilde_prev is the candidate of the step before, zeros at the first step. All else is as in
    lstm_backward: dc_prev, the products with the weights, the sums over time. Returns the same dict.
    """
    cells, x = caches
    n_a, P, dx = len(da), cells[0][9], np.zeros(x.shape)
    W = np.concatenate([P[f"W{gate}"] for gate in GATES])
    dW, db = np.zeros(W.shape), np.zeros((len(W), 1))
    da_later = dc_later = np.zeros(da.shape[:2])
    for t in reversed(range(len(cells))):
        _, c_next, a_prev, _, gate_f, _, _, gate_o, xt, _ = cells[t]
        da_next = da[:, :, t] + da_later
        c_tilde_prev = cells[t - 1][6] if t else np.zeros(da_later.shape)
        dz = np.concatenate(sums(da_next, dc_later, cells[t], c_tilde_prev))  # (4 n_a, m)
        dW += dz @ np.concatenate([a_prev, xt]).T
        db += dz.sum(axis=1, keepdims=True)
        back = W.T @ dz
        dc_later = (dc_later + da_next * gate_o * (1 - np.tanh(c_next) ** 2)) * gate_f
        da_later, dx[:, :, t] = back[:n_a], back[n_a:]
    total = {f"dW{gate}": part for gate, part in zip(GATES, np.split(dW, 4), strict=True)}
    total |= {f"db{gate}": part for gate, part in zip(GATES, np.split(db, 4), strict=True)}
    return {"dx": dx, "da0": da_later, "dc0": dc_later} | total


def from_the_sheet(da_next, dc_next, cache, c_tilde_prev, mended=()):
    """dzf, dzu, dzc, dzo as a sheet has them; what is named in `mended` is put right.

    mended: any of "memory", "bracket f", "bracket u" and "bracket c".
    """
    _, c_next, _, c_prev, gate_f, gate_u, c_tilde, gate_o, _, _ = cache
    shown = gate_o * (1 - np.tanh(c_next) ** 2) * da_next
    memory = c_prev if "memory" in mended else c_tilde_prev
    dzf = dc_next * memory + shown * c_prev * gate_f * (1 - gate_f)
    if "bracket f" in mended:
        dzf = (dc_next * memory + shown * c_prev) * gate_f * (1 - gate_f)
    dzu = dc_next * c_tilde + shown * c_tilde * gate_u * (1 - gate_u)
    if "bracket u" in mended:
        dzu = (dc_next * c_tilde + shown * c_tilde) * gate_u * (1 - gate_u)
    dzc = dc_next * gate_u + shown * gate_u * (1 - c_tilde**2)
    if "bracket c" in mended:
        dzc = (dc_next * gate_u + shown * gate_u) * (1 - c_tilde**2)
    return dzf, dzu, dzc, da_next * np.tanh(c_next) * gate_o * (1 - gate_o)


def gradient_errors(way_back, T, *, way_forward=lstm_forward, seed=0):
    """Relative errors {name: error} of a way back, in the measure of gradient_check, on T steps of random numbers.

    way_back: (da, caches) -> G, as lstm_backward; way_forward: as lstm_forward. Two inputs, three units, four classes,
    five examples; a0, c0 and the biases are random, too. The errors of Wy and by, whose gradients do not pass the cell,
    are left out.
    """
    rng = np.random.default_rng(seed)
    P = {name: theta + 0.3 * rng.normal(size=theta.shape) for name, theta in init_lstm(2, 3, 4, rng).items()}
    x, targets = rng.normal(size=(2, 5, T)), rng.integers(4, size=(5, T))
    a0, c0, everything = 0.5 * rng.normal(size=(3, 5)), rng.normal(size=(3, 5)), np.ones((5, T), bool)

    def loss(P):
        return sequence_loss(way_forward(x, a0, P, c0)[1], targets, everything)

    a, y_pred, _, caches = way_forward(x, a0, P, c0)
    dz = y_pred - (np.arange(4)[:, None, None] == targets)
    G = way_back(np.einsum("ya,ymt->amt", P["Wy"], dz), caches)
    G = G | {"dWy": np.einsum("ymt,amt->ya", dz, a), "dby": dz.sum(axis=(1, 2))[:, None]}
    return {name: error for name, (error, _) in gradient_check(loss, P, G).items() if name not in ("Wy", "by")}


@on_one_thread
def adding_run(
    way_back=lstm_backward, seed=0, *, way_forward=lstm_forward, init=init_lstm, T=20, m=1000, epochs=10, n_a=16,
    learning_rate=0.02, progress=False,
):  # fmt: skip
    """Held-out squared error by epoch, (epochs,), on the adding problem, learned with an LSTM given as functions.

    way_back: (da, caches) -> G, as lstm_backward; way_forward and init: as lstm_forward and init_lstm. The prediction
    is linear, Wy a⟨T⟩ + by, so the softmax of way_forward is not used.
    """
    rng = np.random.default_rng([seed, T])
    (x, y), held_out = adding_problem(rng, m, T), adding_problem(rng, 1000, T)
    P = init(2, n_a, 1, rng)

    def forward(P, x, y):
        a, _, _, caches = way_forward(x, np.zeros((n_a, x.shape[1])), P)
        y_pred = (P["Wy"] @ a[:, :, -1] + P["by"])[0]

        def gradients():
            dz = 2 * (y_pred - y)[None]
            da = np.zeros(a.shape)
            da[:, :, -1] = P["Wy"].T @ dz
            G = way_back(da, caches)
            G = {name: g for name, g in G.items() if name[1:] in P}
            return G | {"dWy": dz @ a[:, :, -1].T, "dby": dz.sum(axis=1, keepdims=True)}

        return float(np.square(y_pred - y).sum()), y_pred, gradients

    settings = {"epochs": epochs, "batch": 20, "learning_rate": learning_rate, "held_out": held_out}
    settings["progress"] = progress
    return np.array(train(replace(TO_NUMBER, forward=forward), (x, y), P, rng, **settings)[1].held_out)
