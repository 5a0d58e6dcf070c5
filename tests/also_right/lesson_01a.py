"""Right answers to lesson 01, part A, as students write them. `python -m utils prove` must accept every one."""

import math

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def my_cell(x, a, P):
    a = np.tanh(P["Wax"] @ x + P["Waa"] @ a + P["ba"])
    return a, softmax(P["Wya"] @ a + P["by"])


def rnn_cell_forward__one_product(xt, a_prev, P):
    both = np.hstack([P["Waa"], P["Wax"]]) @ np.vstack([a_prev, xt])
    a_next = np.tanh(both + P["ba"])
    return a_next, softmax(P["Wya"] @ a_next + P["by"]), (a_next, a_prev, xt, P)


def rnn_cell_forward__pure_python(xt, a_prev, P):
    n_a, m = a_prev.shape
    n_x, n_y = len(xt), len(P["by"])
    a, y = np.zeros((n_a, m)), np.zeros((n_y, m))
    for j in range(m):
        for i in range(n_a):
            total = P["ba"][i, 0]
            for k in range(n_x):
                total += P["Wax"][i, k] * xt[k, j]
            for k in range(n_a):
                total += P["Waa"][i, k] * a_prev[k, j]
            a[i, j] = math.tanh(total)
        z = [P["by"][i, 0] + sum(P["Wya"][i, k] * a[k, j] for k in range(n_a)) for i in range(n_y)]
        e = [math.exp(v - max(z)) for v in z]
        for i in range(n_y):
            y[i, j] = e[i] / sum(e)
    return a, y, (a, a_prev, xt, P)


def rnn_cell_forward__einsum(x, h, params):
    Wax, Waa, ba, Wya, by = (params[k] for k in ("Wax", "Waa", "ba", "Wya", "by"))
    a = np.tanh(np.einsum("ij,jm->im", Wax, x) + np.einsum("ij,jm->im", Waa, h) + ba)
    y = softmax(np.einsum("ij,jm->im", Wya, a) + by)
    return a, y, (a, h, x, params)


def rnn_cell_forward__in_place_on_own(xt, a_prev, P):
    a = P["Wax"].dot(xt)
    a += P["Waa"].dot(a_prev)
    a += P["ba"]
    np.tanh(a, out=a)
    y = P["Wya"].dot(a)
    y += P["by"]
    y -= y.max(axis=0)
    np.exp(y, out=y)
    y /= y.sum(axis=0)
    return a, y, (a, a_prev, xt, P)


def rnn_cell_forward__transposed(xt, a_prev, P):
    a = np.tanh(xt.T @ P["Wax"].T + a_prev.T @ P["Waa"].T + P["ba"].T).T
    z = (a.T @ P["Wya"].T + P["by"].T).T
    return [a, softmax(z), [a, a_prev, xt, P]]


def rnn_forward__stacked_at_the_end(x, a0, P):
    states, answers, cells = [], [], []
    a = a0
    for t in range(x.shape[-1]):
        before = a
        a, y = my_cell(x[..., t], a, P)
        states.append(a)
        answers.append(y)
        cells.append((a, before, x[..., t], P))
    return np.stack(states, axis=2), np.stack(answers, axis=-1), (cells, x)


def rnn_forward__hoisted_input(x, a0, P):
    n_x, m, T = x.shape
    driven = np.tensordot(P["Wax"], x, axes=1) + P["ba"][:, :, None]
    a = np.empty((len(a0), m, T))
    cells = []
    for t in range(T):
        before = a[:, :, t - 1] if t > 0 else a0
        a[:, :, t] = np.tanh(driven[:, :, t] + P["Waa"] @ before)
        cells.append((a[:, :, t], before, x[:, :, t], P))
    return a, softmax(np.tensordot(P["Wya"], a, axes=1) + P["by"][:, :, None]), (cells, x)


def rnn_forward__s0_in_front(x, a0, P):
    """One array with a place for a⟨0⟩, so that no step is special; the caches are views of it."""
    T = x.shape[2]
    a = np.concatenate([a0[:, :, None], np.zeros((*a0.shape, T))], axis=2)
    y = np.zeros((len(P["by"]), x.shape[1], T))
    for t in range(1, T + 1):
        a[:, :, t], y[:, :, t - 1] = my_cell(x[:, :, t - 1], a[:, :, t - 1], P)
    cells = [(a[:, :, t + 1], a[:, :, t], x[:, :, t], P) for t in range(T)]
    return a[:, :, 1:], y, (cells, x)


def rnn_forward__one_example_at_a_time(x, a0, P):
    n_x, m, T = x.shape
    a, y = np.zeros((a0.shape[0], m, T)), np.zeros((P["by"].shape[0], m, T))
    for j in range(m):
        state = a0[:, j : j + 1]
        for t in range(T):
            state, answer = my_cell(x[:, j : j + 1, t], state, P)
            a[:, j, t] = state[:, 0]
            y[:, j, t] = answer.ravel()
    cells = [(a[:, :, t], a[:, :, t - 1] if t else a0, x[:, :, t], P) for t in range(T)]
    return a, y, (cells, x)


def rnn_forward__recursion(inputs, state, P):
    def read(t, a):
        if t == inputs.shape[2]:
            return []
        new, y = my_cell(inputs[:, :, t], a, P)
        return [(new, y, (new, a, inputs[:, :, t], P)), *read(t + 1, new)]

    a, y, cells = zip(*read(0, state), strict=True)
    return np.dstack(a), np.dstack(y), (list(cells), inputs)


def sequence_loss__flat(y_pred, targets, mask=None):
    n_y, m, T = y_pred.shape
    flat = y_pred.reshape(n_y, m * T)
    picked = flat[targets.ravel(), np.arange(m * T)]
    if mask is not None:
        picked = picked[mask.ravel()]
    return -np.log(picked).sum()


def sequence_loss__three_loops(y_pred, targets, mask=None):
    n_y, m, T = y_pred.shape
    loss = 0
    for t in range(T):
        for j in range(m):
            if mask is not None and not mask[j, t]:
                continue
            loss -= math.log(y_pred[targets[j, t], j, t])
    return loss


def sequence_loss__one_hot_einsum(y_pred, targets, mask=None):
    right = np.eye(len(y_pred))[targets]  # (m, T, n_y)
    if mask is None:
        mask = np.ones(targets.shape, dtype=bool)
    return -np.einsum("imt,mti,mt->", np.log(y_pred), right, mask)


def sequence_loss__take_along_axis(probabilities, labels, mask=None):
    p = np.take_along_axis(probabilities, labels[np.newaxis], 0).squeeze(0)
    weights = 1.0 if mask is None else mask.astype(float)
    return float((-np.log(p) * weights).sum())


def sequence_loss__product_of_probabilities(y_pred, targets, mask=None):
    p = np.array([[y_pred[c, j, t] for t, c in enumerate(row)] for j, row in enumerate(targets)])
    return -np.log(np.prod(p if mask is None else np.where(mask, p, 1.0)))


def count_rnn_parameters__by_shapes(n_x, n_a, n_y):
    shapes = [(n_a, n_x), (n_a, n_a), (n_a, 1), (n_y, n_a), (n_y, 1)]
    return sum(rows * columns for rows, columns in shapes)


def count_rnn_parameters__factored(n_x, n_a, n_y):
    return n_a * (n_x + n_a + 1) + n_y * (n_a + 1)


def count_rnn_parameters__array_sizes(inputs, hidden, outputs):
    Wa = np.broadcast_to(0, (hidden, hidden + inputs + 1))
    Wy = np.broadcast_to(0, (outputs, hidden + 1))
    return Wa.size + Wy.size


def count_rnn_parameters__numpy_product(n_x, n_a, n_y):
    return np.prod([n_a, n_x]) + np.prod([n_a, n_a]) + n_a + np.prod([n_y, n_a]) + n_y
