# %% build_vocabulary
def build_vocabulary(tokens, size):
    from collections import Counter

    counts = Counter(token for token in tokens if token not in {"<EOS>", "<UNK>"})
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ["<EOS>", "<UNK>", *(token for token, _ in ranked[: size - 2])]

# %% encode
def encode(tokens, vocabulary):
    number = dict(zip(vocabulary.tokens, range(len(vocabulary))))
    return np.array([number.get(token, vocabulary.unk) for token in tokens] + [vocabulary.eos])

# %% shift_targets
def shift_targets(indices):
    return np.concatenate([[-1], indices[:-1]]), np.copy(indices)

# %% sequence_log_probability
def sequence_log_probability(indices, P):
    n = P["Wax"].shape[1]
    read, asked = shift_targets(indices)
    x = np.stack([one_hot(np.array([i]), n) for i in read], axis=2)  # (n, 1, T)
    y_pred = rnn_forward(x, np.zeros_like(P["ba"]), P)[1]
    return np.log(y_pred[asked, 0, np.arange(len(asked))]).sum()

# %% perplexity
def perplexity(nats, steps):
    return 2 ** bits_per_character(nats, steps)


def bits_per_character(nats, steps):
    return nats / steps / np.log(2)

# %% bits_per_character
def bits_per_character(nats, steps):
    return nats * np.log2(np.e) / steps

# %% adam_step
def adam_step(P, G, state, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    k, m, v = state or (0, dict.fromkeys(P, 0.0), dict.fromkeys(P, 0.0))
    k += 1
    m = {name: beta1 * m[name] + (1 - beta1) * G[f"d{name}"] for name in P}
    v = {name: beta2 * v[name] + (1 - beta2) * np.square(G[f"d{name}"]) for name in P}
    step = {
        name: m[name] / (1 - beta1**k) / (np.sqrt(v[name] / (1 - beta2**k)) + eps) for name in P
    }
    return {name: P[name] - learning_rate * step[name] for name in P}, (k, m, v)

# %% sample_sequence
def sample_sequence(P, vocabulary, rng, max_length, temperature=1.0):
    n, written = len(vocabulary), []
    a, x = np.zeros((P["Waa"].shape[0], 1)), np.zeros((n, 1))
    while len(written) < max_length:
        a, y, _ = rnn_cell_forward(x, a, P)
        p = y.ravel() ** (1 / temperature)
        p[vocabulary.unk] = 0
        symbol = int(rng.choice(n, p=p / p.sum()))
        if symbol == vocabulary.eos:
            return written
        written.append(symbol)
        x = np.eye(n)[:, [symbol]]
    return written

# %% [markdown] fair_comparison
# The two numbers count different symbols. Per word A needs 6 bits, since 2 to the 6 is 64, and B 2 bits for each of 5.5
# characters, so 11. A is better, but it got every rare word cheaply as <UNK>; I would let it pay for spelling them, or leave out
# sentences with such words.
