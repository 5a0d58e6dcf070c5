"""Right answers to sample_sequence as students write them. `python -m utils prove` must accept every one."""

import bisect
import itertools

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def sample_sequence__cumulative_sum(P, vocabulary, rng, max_length, temperature=1.0):
    """rng.choice is one uniform number looked up in the running total of p; here it is written out."""
    n = len(vocabulary)
    a, x, out = np.zeros((len(P["ba"]), 1)), np.zeros((n, 1)), []
    for _ in range(max_length):
        a = np.tanh(P["Wax"] @ x + P["Waa"] @ a + P["ba"])
        p = softmax((P["Wya"] @ a + P["by"]) / temperature).ravel()
        p[vocabulary.unk] = 0
        total = np.cumsum(p / p.sum())
        i = int(np.searchsorted(total / total[-1], rng.random(), side="right"))
        if i == vocabulary.eos:
            return out
        out.append(i)
        x = np.eye(n)[:, [i]]
    return out


def sample_sequence__bisect(P, vocab, rng, limit, temperature=1.0):
    a = np.zeros_like(P["by"][:1]) * np.zeros_like(P["ba"])
    row, indices = None, []
    while len(indices) < limit:
        a = np.tanh(P["Waa"] @ a + P["ba"] + (0 if row is None else P["Wax"][:, row : row + 1]))
        weights = np.exp((P["Wya"] @ a + P["by"])[:, 0] / temperature)
        weights[vocab.unk] = 0.0
        running = list(itertools.accumulate(weights / weights.sum()))
        row = bisect.bisect_right(running, rng.random() * running[-1])
        if row == vocab.eos:
            break
        indices.append(row)
    return indices


def sample_sequence__minus_infinity(P, vocabulary, rng, max_length, temperature=1.0):
    """<UNK> gets the logarithm of zero, so that the softmax itself gives it nothing and divides the rest."""
    n_a, n = len(P["ba"]), len(vocabulary)
    a, xt, written = np.zeros((n_a, 1)), np.zeros((n, 1)), []
    for _ in range(max_length):
        a = np.tanh(P["Wax"] @ xt + P["Waa"] @ a + P["ba"])
        z = (P["Wya"] @ a + P["by"]) / temperature
        z[vocabulary.unk] = -np.inf
        token = rng.choice(n, p=softmax(z)[:, 0])
        if token == vocabulary.eos:
            break
        written.append(token)
        xt = np.zeros((n, 1))
        xt[token] = 1
    return written


def sample_sequence__power(P, vocabulary, rng, max_length, temperature=1.0):
    """p to the power 1/temperature is the same as the softmax of log p / temperature."""
    n = len(vocabulary)
    a, xt, index, written = np.zeros_like(P["ba"]), np.zeros((n, 1)), None, []
    while index != vocabulary.eos and len(written) < max_length:
        a = np.tanh(P["Wax"] @ xt + P["Waa"] @ a + P["ba"])
        p = softmax(P["Wya"] @ a + P["by"])[:, 0] ** (1 / temperature)
        p[vocabulary.unk] = 0
        index = int(rng.choice(np.arange(n), p=p / p.sum()))
        xt = (np.arange(n) == index).astype(float)[:, None]
        if index != vocabulary.eos:
            written += [index]
    return written
