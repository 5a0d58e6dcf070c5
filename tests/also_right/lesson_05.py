"""Right answers to the exercises of lesson 05 as students write them. `python -m utils prove` must accept every one."""

import collections
import random

import numpy as np


def embed_symbols__product_with_one_hot(indices, W):
    one_hot = (np.arange(W.shape[1])[:, None] == indices).astype(float)
    return W @ one_hot


def embed_symbols__look_up_and_blank(indices, W):
    columns = W[:, indices]
    columns[:, indices == -1] = 0
    return columns


def embed_symbols__a_zero_column_more(indices, W):
    """-1 is the last column: put a column of zeros there."""
    return np.concatenate([W, np.zeros((len(W), 1))], axis=1)[:, indices]


def embed_symbols__comprehension(indices, W):
    nothing = np.zeros(W.shape[0])
    return np.array([W[:, i] if i >= 0 else nothing for i in indices]).T


def embed_symbols__times_a_mask(indices, W):
    return np.take(W, np.maximum(indices, 0), axis=1) * (indices >= 0)


def pad_left__lists_first(sequences):
    T = max(map(len, sequences))
    rows = [[-1] * (T - len(sequence)) + list(sequence) for sequence in sequences]
    return np.array(rows), np.array(rows) >= 0


def pad_left__np_pad(sequences):
    longest = max([len(s) for s in sequences])
    table = np.stack([np.pad(s, (longest - len(s), 0), constant_values=-1) for s in sequences])
    return table, table != -1


def pad_left__from_the_right_end(sequences):
    lengths = [len(s) for s in sequences]
    out = -np.ones((len(sequences), max(lengths)), dtype=int)
    mask = out > 0
    for row, ok, sequence, k in zip(out, mask, sequences, lengths, strict=True):
        row[-k:] = sequence
        ok[-k:] = 1
    return out, mask


def pad_left__place_by_place(sequences):
    T = 0
    for s in sequences:
        T = max(T, len(s))
    indices = np.empty((len(sequences), T), int)
    mask = np.empty((len(sequences), T), bool)
    for i, s in enumerate(sequences):
        for t in range(T):
            k = t - (T - len(s))
            mask[i, t] = k >= 0
            indices[i, t] = s[k] if k >= 0 else -1
    return indices, mask


def encode_batch__each_alone(x, mask, P):
    """One example at a time: its padding is cut away."""
    columns = []
    for i in range(x.shape[1]):
        a = np.zeros((len(P["ba"]), 1))
        for xt in x[:, i, mask[i]].T:
            a = np.tanh(P["Wax"] @ xt[:, None] + P["Waa"] @ a + P["ba"])
        columns.append(a)
    return np.hstack(columns)


def encode_batch__blend(x, mask, P):
    keep = mask.astype(float)
    h = np.zeros((P["Waa"].shape[0], x.shape[1]))
    for t in range(x.shape[2]):
        new = np.tanh(P["Wax"] @ x[:, :, t] + P["Waa"] @ h + P["ba"])
        h = keep[:, t] * new + (1 - keep[:, t]) * h
    return h


def encode_batch__only_the_columns_that_count(x, mask, P):
    h = np.zeros((len(P["Wax"]), x.shape[1]))
    driven = np.einsum("ai,imt->amt", P["Wax"], x) + P["ba"][:, :, None]
    for t, on in enumerate(mask.T):
        h[:, on] = np.tanh(driven[:, on, t] + P["Waa"] @ h[:, on])
    return h


def encode_batch__all_states_kept(x, mask, P):
    states = [np.zeros((len(P["ba"]), x.shape[1]))]
    for t in range(x.shape[2]):
        new = np.tanh(np.hstack([P["Waa"], P["Wax"]]) @ np.vstack([states[-1], x[..., t]]) + P["ba"])
        new[:, ~mask[:, t]] = states[-1][:, ~mask[:, t]]
        states.append(new)
    return states[-1]


def classify_backward__einsum(y_pred, labels, caches, P):
    cells, x, mask = caches
    m = len(labels)
    on = np.ones((m, len(cells))) if mask is None else mask * 1.0
    target = np.eye(len(y_pred))[:, labels]
    dz = y_pred - target
    a, before = cells[-1][0], cells[-1][1]
    last = on[:, -1] * a + (1 - on[:, -1]) * before
    G = {"dWya": np.einsum("ym,am->ya", dz, last), "dby": np.einsum("ym->y", dz)[:, None]}
    G |= {"dWax": 0, "dWaa": 0, "dba": 0}
    back = np.einsum("ya,ym->am", P["Wya"], dz)
    for t in range(len(cells) - 1, -1, -1):
        a, before, xt, _ = cells[t]
        du = (1 - a * a) * back * on[:, t]
        G["dWax"] = G["dWax"] + np.einsum("am,im->ai", du, xt)
        G["dWaa"] = G["dWaa"] + np.einsum("am,bm->ab", du, before)
        G["dba"] = G["dba"] + du.sum(1, keepdims=True)
        back = P["Waa"].T @ du + back * (1 - on[:, t])
    return G


def classify_backward__each_alone(y_pred, labels, caches, P):
    """One example at a time, its padding left out."""
    cells, _, mask = caches
    G = {"d" + name: np.zeros_like(value) for name, value in P.items()}
    for i, label in enumerate(labels):
        steps = [(a[:, i], b[:, i], x[:, i]) for t, (a, b, x, _) in enumerate(cells) if mask is None or mask[i, t]]
        dz = y_pred[:, i].copy()
        dz[label] -= 1
        G["dWya"] += np.outer(dz, steps[-1][0])
        G["dby"][:, 0] += dz
        back = dz @ P["Wya"]
        for a, before, x in steps[::-1]:
            du = back * (1 - a**2)
            G["dWax"] += np.outer(du, x)
            G["dWaa"] += np.outer(du, before)
            G["dba"][:, 0] += du
            back = du @ P["Waa"]
    return G


def classify_backward__products_after_the_loop(y_pred, labels, caches, P):
    cells, x, mask = caches
    n_y, m = y_pred.shape
    if mask is None:
        mask = np.full((m, len(cells)), True)
    dz = np.array(y_pred)
    for j in range(m):
        dz[labels[j], j] = dz[labels[j], j] - 1.0
    kept = cells[-1][1].copy()
    kept[:, mask[:, -1]] = cells[-1][0][:, mask[:, -1]]
    da, du = P["Wya"].T @ dz, [None] * len(cells)
    for t in reversed(range(len(cells))):
        du[t] = da * (1 - cells[t][0] ** 2)
        du[t][:, ~mask[:, t]] = 0
        da = np.where(mask[:, t], P["Waa"].T @ du[t], da)
    side = np.hstack(du)
    return dict(
        dWax=side @ np.hstack([c[2] for c in cells]).T,
        dWaa=side @ np.hstack([c[1] for c in cells]).T,
        dba=side.sum(axis=1).reshape(-1, 1),
        dWya=dz @ kept.T,
        dby=dz.sum(axis=1).reshape(-1, 1),
    )


def minibatches__comprehension(n, size, rng):
    order = rng.permutation(n)
    return [order[i : i + size] for i in range(0, n, size)]


def minibatches__shuffled_in_place(n, size, rng):
    """rng.shuffle moves its own array in the way that rng.permutation(n) is drawn."""
    order = np.arange(n)
    rng.shuffle(order)
    return np.split(order, range(size, n, size))


def minibatches__while_something_is_left(n, size, rng):
    left, batches = rng.permutation(n), []
    while len(left) > 0:
        batches.append(left[:size].copy())
        left = left[size:]
    return batches


def minibatches__counted(n, size, rng):
    order, how_many = rng.permutation(n), -(-n // size)
    return [order[k * size : min((k + 1) * size, n)] for k in range(how_many)]


def confusion_matrix__add_at(labels, predicted, n):
    counts = np.zeros((n, n), int)
    np.add.at(counts, (labels, predicted), 1)
    return counts


def confusion_matrix__product_of_one_hots(labels, predicted, n):
    eye = np.eye(n, dtype=int)
    return eye[labels].T @ eye[predicted]


def confusion_matrix__every_pair_asked(labels, predicted, n):
    return np.array([[np.sum((labels == i) & (predicted == j)) for j in range(n)] for i in range(n)])


def confusion_matrix__counter(labels, predicted, n):
    pairs = collections.Counter(zip(labels.tolist(), predicted.tolist(), strict=True))
    return np.array([pairs[i, j] for i in range(n) for j in range(n)]).reshape(n, n)


def confusion_matrix__in_any_order(labels, predicted, n):
    out = np.zeros((n, n), dtype=np.int32)
    for k in random.Random(1).sample(range(len(labels)), len(labels)):
        out[labels[k]][predicted[k]] += 1
    return out
