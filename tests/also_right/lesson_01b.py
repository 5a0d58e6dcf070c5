"""Right answers to lesson 01, part B, as students write them. `python -m utils prove` must accept every one."""

import functools
import math

import numpy as np


def softmax(z):
    e = np.exp(z - np.max(z, 0))
    return e / np.sum(e, 0)


def rnn_cell_forward(xt, a_prev, P):
    a = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"])
    return a, softmax(P["Wya"] @ a + P["by"]), (a, a_prev, xt, P)


def rnn_cell_forward_compact__vstack(xt, a_prev, Wa, ba):
    return np.tanh(Wa.dot(np.vstack((a_prev, xt))) + ba)


def rnn_cell_forward_compact__split(x, a, W, b):
    n = len(a)
    return np.tanh(W[:, :n] @ a + W[:, n:] @ x + b)


def rnn_cell_forward_compact__loops(xt, a_prev, Wa, ba):
    stacked = list(a_prev) + list(xt)
    out = np.empty_like(a_prev)
    for i, row in enumerate(Wa):
        total = ba[i]
        for weight, values in zip(row, stacked, strict=True):
            total = total + weight * values
        out[i] = [math.tanh(v) for v in total]
    return out


def rnn_cell_forward_compact__bias_as_a_weight(xt, a_prev, Wa, ba):
    ones = np.ones((1, xt.shape[1]))
    return np.tanh(np.c_[Wa, ba] @ np.r_[a_prev, xt, ones])


def rnn_cell_forward_compact__einsum(xt, a_prev, Wa, ba):
    return np.tanh(np.einsum("ij,jm->im", Wa, np.append(a_prev, xt, axis=0)) + ba)


def jordan_forward__lists(x, y0, P, teacher=None):
    a, y = [], [y0]
    for t in range(x.shape[2]):
        back = y[-1] if teacher is None or t == 0 else teacher[:, :, t - 1]
        a.append(np.tanh(P["Wax"] @ x[:, :, t] + P["Way"] @ back + P["ba"]))
        y.append(softmax(P["Wya"] @ a[-1] + P["by"]))
    return np.stack(a, axis=2), np.stack(y[1:], axis=2)


def jordan_forward__all_steps_at_once_with_a_teacher(x, y0, P, teacher=None):
    m, T = x.shape[1:]
    a, y = np.zeros((len(P["ba"]), m, T)), np.zeros((len(P["by"]), m, T))
    if teacher is not None:
        fed = np.dstack([y0, teacher[:, :, :-1]])
        a = np.tanh(np.tensordot(P["Wax"], x, 1) + np.tensordot(P["Way"], fed, 1) + P["ba"][..., None])
        return a, softmax(np.tensordot(P["Wya"], a, 1) + P["by"][..., None])
    for t in range(T):
        back = y[:, :, t - 1] if t else y0
        a[:, :, t] = np.tanh(P["Wax"] @ x[:, :, t] + P["Way"] @ back + P["ba"])
        y[:, :, t] = softmax(P["Wya"] @ a[:, :, t] + P["by"])
    return a, y


def jordan_forward__what_was_fed_kept(x, y0, P, teacher=None):
    """One array of everything that is fed back: y0, then the answers or the teacher's."""
    n_x, m, T = x.shape
    fed = np.zeros((*y0.shape, T + 1))
    fed[:, :, 0] = y0
    a, y = np.zeros((P["Way"].shape[0], m, T)), np.zeros((*y0.shape, T))
    for t in range(T):
        a[:, :, t] = np.tanh(P["Wax"] @ x[:, :, t] + P["Way"] @ fed[:, :, t] + P["ba"])
        y[:, :, t] = softmax(P["Wya"] @ a[:, :, t] + P["by"])
        fed[:, :, t + 1] = teacher[:, :, t] if teacher is not None else y[:, :, t]
    return [a, y]


def jordan_forward__stacked_weights(x, y, P, teacher=None):
    W = np.hstack([P["Way"], P["Wax"]])
    states, answers = [], []
    for t in range(x.shape[2]):
        a = np.tanh(W @ np.vstack([y, x[:, :, t]]) + P["ba"])
        out = softmax(P["Wya"] @ a + P["by"])
        states.append(a)
        answers.append(out)
        y = out if teacher is None else teacher[:, :, t]
    return np.moveaxis(np.array(states), 0, -1), np.moveaxis(np.array(answers), 0, -1)


def sequence_to_one_forward__blend(x, a0, P, mask=None):
    """A mask of ones and zeros blends the new state with the old one."""
    n_x, m, T = x.shape
    counts = np.ones((m, T)) if mask is None else mask * 1.0
    a, cells = a0, []
    for t in range(T):
        new, _, cache = rnn_cell_forward(x[:, :, t], a, P)
        cells.append(cache)
        a = counts[:, t] * new + (1 - counts[:, t]) * a
    return a, softmax(P["Wya"] @ a + P["by"]), (cells, x, mask)


def sequence_to_one_forward__columns_that_count(x, a0, P, mask=None):
    a, cells = a0.copy(), []
    for t in range(x.shape[2]):
        new, _, cache = rnn_cell_forward(x[:, :, t], a, P)
        cells.append(cache)
        a = a.copy()  # the cache still shows the old one
        if mask is None:
            a[:, :] = new
        else:
            a[:, mask[:, t]] = new[:, mask[:, t]]
    return a, softmax(P["Wya"] @ a + P["by"]), (cells, x, mask)


def sequence_to_one_forward__reduce(x, a0, P, mask=None):
    cells = []

    def step(a, t):
        cells.append(rnn_cell_forward(x[:, :, t], a, P)[2])
        new = cells[-1][0]
        return new if mask is None else np.where(mask[:, t][None, :], new, a)

    a = functools.reduce(step, range(x.shape[2]), a0)
    return a, softmax(P["Wya"] @ a + P["by"]), (cells, x, mask)


def sequence_to_one_forward__example_by_example(x, a0, P, mask=None):
    n_x, m, T = x.shape
    a, cells = a0, []
    for t in range(T):
        new, _, cache = rnn_cell_forward(x[:, :, t], a, P)
        cells.append(cache)
        columns = [new[:, j] if mask is None or mask[j, t] else a[:, j] for j in range(m)]
        a = np.array(columns).T
    z = P["Wya"] @ a + P["by"]
    return a, np.exp(z - np.logaddexp.reduce(z, axis=0)), (cells, x, mask)
