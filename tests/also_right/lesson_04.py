"""Right answers to lesson 04 as students write them. `python -m utils prove` must accept every one."""

import bisect
import collections
import itertools
import math

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


def build_vocabulary__counter(tokens, size):
    counts = collections.Counter(t for t in tokens if t not in {"<EOS>", "<UNK>"})
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ["<EOS>", "<UNK>", *(word for word, _ in ranked[: size - 2])]


def build_vocabulary__one_after_the_other(tokens, size):
    """Take the best of those that are left, again and again."""
    words = [t for t in tokens if t != "<EOS>" and t != "<UNK>"]
    left, symbols = set(words), ["<EOS>", "<UNK>"]
    while left and len(symbols) < size:
        best = min(left, key=lambda word: (-words.count(word), word))
        symbols.append(best)
        left.remove(best)
    return symbols


def build_vocabulary__numpy_unique(tokens, size):
    words, counts = np.unique([t for t in tokens if t not in ("<EOS>", "<UNK>")], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return ["<EOS>", "<UNK>"] + list(words[order][: size - 2])


def build_vocabulary__groups_of_sorted(tokens, size):
    groups = [(-len(list(group)), word) for word, group in itertools.groupby(sorted(tokens))]
    groups.sort()
    return ("<EOS>", "<UNK>", *[word for _, word in groups if word[0] != "<"])[:size]


def encode__list_index(tokens, vocabulary):
    known = list(vocabulary.tokens)
    return np.array([known.index(t) if t in known else vocabulary.unk for t in tokens] + [vocabulary.eos])


def encode__filled_array(words, vocab):
    out = np.full(len(words) + 1, vocab.eos)
    for t, word in enumerate(words):
        out[t] = vocab.unk
        for i, known in enumerate(vocab.tokens):
            if word == known:
                out[t] = i
    return out


def encode__comparison(tokens, vocabulary):
    """A table of who equals whom; where a row has no match, <UNK>."""
    table = np.array([[word == known for known in vocabulary.tokens] for word in [*tokens, "<EOS>"]])
    return np.where(table.any(axis=1), table.argmax(axis=1), vocabulary.unk)


def encode__try_except(tokens, vocabulary):
    numbers = dict(zip(vocabulary.tokens, itertools.count(), strict=False))
    indices = []
    for token in tokens:
        try:
            indices += [numbers[token]]
        except KeyError:
            indices += [numbers["<UNK>"]]
    return np.asarray(indices + [numbers["<EOS>"]], dtype=np.int32)


def shift_targets__concatenate(indices):
    return np.concatenate([[-1], indices[:-1]]), indices


def shift_targets__roll(indices):
    x = np.roll(indices, 1)
    x[0] = -1
    return x, indices + 0


def shift_targets__loop(y):
    x = []
    for t in range(len(y)):
        x.append(y[t - 1] if t > 0 else -1)
    return np.array(x), y.copy()


def sequence_log_probability__log_softmax(indices, P):
    """The logarithm is taken on paper: z - log Σ e^z."""
    a, total, driven = np.zeros((len(P["ba"]), 1)), 0.0, 0.0
    for index in indices:
        a = np.tanh(driven + P["Waa"] @ a + P["ba"])
        z = (P["Wya"] @ a + P["by"])[:, 0]
        total += z[index] - np.logaddexp.reduce(z)
        driven = P["Wax"][:, [index]]
    return total


def sequence_log_probability__all_inputs_first(indices, P):
    n, T = P["Wax"].shape[1], len(indices)
    x = np.zeros((n, T))
    for t in range(1, T):
        x[indices[t - 1], t] = 1
    states = np.zeros((len(P["ba"]), T + 1))
    for t in range(T):
        states[:, t + 1] = np.tanh(P["Wax"] @ x[:, t] + P["Waa"] @ states[:, t] + P["ba"][:, 0])
    y = softmax(P["Wya"] @ states[:, 1:] + P["by"])
    return float(np.log(y[indices, range(T)]).sum())


def sequence_log_probability__recursion(indices, P, a=None, x=None):
    if len(indices) == 0:
        return 0.0
    n_a, n = P["Wax"].shape
    a, x = (np.zeros(n_a), np.zeros(n)) if a is None else (a, x)
    a = np.tanh(P["Wax"] @ x + P["Waa"] @ a + P["ba"].ravel())
    p = softmax(P["Wya"] @ a + P["by"].ravel())
    rest = sequence_log_probability__recursion(indices[1:], P, a, (np.arange(n) == indices[0]) * 1.0)
    return np.log(p[indices[0]]) + rest


def perplexity__power(nats, steps):
    return math.e ** (nats / steps)


def perplexity__root(nats, steps):
    """The steps-th root of e^nats, without the overflow."""
    return math.exp(nats / steps / 2) ** 2


def perplexity__through_bits(nats, steps):
    return 2 ** (nats / math.log(2) / steps)


def bits_per_character__log2_e(nats, steps):
    return nats * np.log2(np.e) / steps


def bits_per_character__one_fraction(nats, steps):
    return nats / (steps * math.log(2))


def bits_per_character__log_of_the_perplexity(nats, steps):
    return math.log2(math.exp(nats / steps))


def adam_step__comprehensions(P, G, state, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    k, first, second = state if state else (0, dict.fromkeys(P, 0.0), dict.fromkeys(P, 0.0))
    k += 1
    m = {n: beta1 * first[n] + (1 - beta1) * G["d" + n] for n in P}
    v = {n: beta2 * second[n] + (1 - beta2) * np.square(G["d" + n]) for n in P}
    step = {n: m[n] / (1 - beta1**k) / (np.sqrt(v[n] / (1 - beta2**k)) + eps) for n in P}
    return {n: P[n] - learning_rate * step[n] for n in P}, (k, m, v)


def adam_step__in_place_on_copies(P, G, state, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    P = {name: value.copy() for name, value in P.items()}
    if state is None:
        steps, m, v = 0, {n: np.zeros(P[n].shape) for n in P}, {n: np.zeros(P[n].shape) for n in P}
    else:
        steps, m, v = state[0], {n: a.copy() for n, a in state[1].items()}, {n: a.copy() for n, a in state[2].items()}
    steps += 1
    for name in P:
        g = G[f"d{name}"]
        m[name] += (1 - beta1) * (g - m[name])
        v[name] += (1 - beta2) * (g * g - v[name])
        P[name] -= learning_rate * (m[name] / (1 - beta1**steps)) / ((v[name] / (1 - beta2**steps)) ** 0.5 + eps)
    return P, (steps, m, v)


def adam_step__correction_in_the_step_length(P, G, state, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """The form at the end of section 2 of the paper, with eps scaled to match."""
    steps, first, second = (0, {}, {}) if state is None else state
    t = steps + 1
    root = math.sqrt(1 - beta2**t)
    new_P, new_first, new_second = {}, {}, {}
    for name, theta in P.items():
        g = G["d" + name]
        new_first[name] = beta1 * first.get(name, 0 * g) + (1 - beta1) * g
        new_second[name] = beta2 * second.get(name, 0 * g) + (1 - beta2) * g**2
        length = learning_rate * root / (1 - beta1**t)
        new_P[name] = theta - length * new_first[name] / (np.sqrt(new_second[name]) + eps * root)
    return new_P, [t, new_first, new_second]


def adam_step__one_entry_at_a_time(P, G, state, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    t = 1 if state is None else state[0] + 1
    new_P, m, v = ({name: np.empty_like(theta) for name, theta in P.items()} for _ in range(3))
    for name, theta in P.items():
        for i in np.ndindex(theta.shape):
            g = G["d" + name][i]
            m[name][i] = (1 - beta1) * g + (beta1 * state[1][name][i] if state else 0)
            v[name][i] = (1 - beta2) * g * g + (beta2 * state[2][name][i] if state else 0)
            root = math.sqrt(v[name][i] / (1 - beta2**t))
            new_P[name][i] = theta[i] - learning_rate * m[name][i] / (1 - beta1**t) / (root + eps)
    return new_P, (t, m, v)


def apply_temperature__exponential(logits, tau):
    e = np.exp((logits - logits.max()) / tau)
    return e / e.sum()


def apply_temperature__log_sum_exp(z, temperature):
    z = z / temperature
    return np.exp(z - np.logaddexp.reduce(z))


def apply_temperature__power_of_the_odds(logits, tau):
    """p to the power 1/tau, divided by its sum."""
    p = np.exp(logits - max(logits)) ** (1 / tau)
    return np.array([value / sum(p) for value in p])


def top_k__sorted_pairs(p, k):
    best = sorted(range(len(p)), key=lambda i: (-p[i], i))[:k]
    total = sum(p[i] for i in best)
    return np.array([p[i] / total if i in best else 0.0 for i in range(len(p))])


def top_k__argmax_again_and_again(p, k):
    left, out = p.copy(), np.zeros_like(p)
    for _ in range(k):
        i = np.argmax(left)
        out[i] = p[i]
        left[i] = -1
    return out / out.sum()


def top_k__ranks(p, k):
    """How many symbols stand before each one."""
    i = np.arange(len(p))
    ahead = (p[:, None] > p) | ((p[:, None] == p) & (i[:, None] < i))
    kept = np.where(ahead.sum(axis=0) < k, p, 0)
    return kept / kept.sum()


def top_k__rest_removed(p, k):
    p = np.array(p)
    p[np.lexsort((np.arange(len(p)), -p))[k:]] = 0
    return p / p.sum()


def nucleus__loop(p, mass):
    out, total = np.zeros(len(p)), 0.0
    for i in np.argsort(-p, kind="stable"):
        out[i] = p[i]
        total += p[i]
        if total >= mass:
            break
    return out / total


def nucleus__argmax_again_and_again(p, mass):
    left, kept = p.copy(), np.zeros(p.shape)
    while kept.sum() < mass and left.max() > 0:
        i = left.argmax()
        kept[i], left[i] = left[i], 0
    return kept / kept.sum()


def nucleus__what_stands_before(p, mass):
    """A symbol is kept if those ahead of it do not suffice."""
    order = np.lexsort((np.arange(len(p)), -p))
    ahead = np.zeros(len(p))
    ahead[order] = np.concatenate([[0], np.cumsum(p[order])[:-1]])
    kept = p * (ahead < mass)
    return kept / kept.sum()


def nucleus__searchsorted(p, mass):
    order = sorted(range(len(p)), key=lambda i: -p[i])
    count = np.searchsorted(np.cumsum(p[order]), mass) + 1
    kept = [p[i] if i in order[:count] else 0.0 for i in range(len(p))]
    return np.array(kept) / np.sum(kept)
