"""Right answers to gru_cell_forward as students write them. `python -m utils prove` must accept every one."""

import math

import numpy as np


def sig(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def gru_cell_forward__split_weights(x, c_prev, P):
    n = len(c_prev)

    def act(gate, memory):
        return P["W" + gate][:, :n] @ memory + P["W" + gate][:, n:] @ x + P["b" + gate]

    u, r = sig(act("u", c_prev)), sig(act("r", c_prev))
    candidate = np.tanh(act("c", r * c_prev))
    c = c_prev + u * (candidate - c_prev)
    return c, softmax(P["Wy"] @ c + P["by"]), (c, c_prev, u, r, candidate, x, P)


def gru_cell_forward__both_gates_at_once(xt, c_prev, P):
    W, b = np.stack([P["Wu"], P["Wr"]]), np.stack([P["bu"], P["br"]])
    u, r = (np.tanh((W @ np.vstack([c_prev, xt]) + b) / 2) + 1) / 2
    c_tilde = np.tanh(P["Wc"] @ np.vstack([r * c_prev, xt]) + P["bc"])
    c_next = (1 - u) * c_prev + u * c_tilde
    return c_next, softmax(P["Wy"] @ c_next + P["by"]), (c_next, c_prev, u, r, c_tilde, xt, P)


def gru_cell_forward__loops(xt, c_prev, P):
    n_c, m = c_prev.shape
    u, r, new, c = (np.zeros((n_c, m)) for _ in range(4))
    for j in range(m):
        column = [*c_prev[:, j], *xt[:, j]]
        for i in range(n_c):
            u[i, j] = 1 / (1 + math.exp(-sum(w * v for w, v in zip(P["Wu"][i], column, strict=True)) - P["bu"][i, 0]))
            r[i, j] = 1 / (1 + math.exp(-sum(w * v for w, v in zip(P["Wr"][i], column, strict=True)) - P["br"][i, 0]))
        seen = np.array([*(r[:, j] * c_prev[:, j]), *xt[:, j]])
        for i in range(n_c):
            new[i, j] = math.tanh(P["Wc"][i].dot(seen) + P["bc"][i, 0])
            c[i, j] = u[i, j] * new[i, j] + (1 - u[i, j]) * c_prev[i, j]
    return c, softmax(P["Wy"] @ c + P["by"]), (c, c_prev, u, r, new, xt, P)


def gru_cell_forward__in_place_on_own(xt, c_prev, P):
    both = np.concatenate((c_prev, xt))
    u = sig(P["Wu"] @ both + P["bu"])
    r = sig(P["Wr"] @ both + P["br"])
    both[: len(c_prev)] *= r
    c_tilde = P["Wc"] @ both
    c_tilde += P["bc"]
    np.tanh(c_tilde, out=c_tilde)
    c = c_prev.copy()
    c *= 1 - u
    c += u * c_tilde
    return c, softmax(P["Wy"] @ c + P["by"]), [c, c_prev, u, r, c_tilde, xt, P]
