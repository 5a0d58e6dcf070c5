# %% build_vocabulary
def build_vocabulary(tokens, size):
    counts = {}
    for token in tokens:
        if token not in ("<EOS>", "<UNK>"):
            counts[token] = counts.get(token, 0) + 1
    best = sorted(counts, key=counts.get, reverse=True)
    return ["<EOS>", "<UNK>"] + best[: size - 2]

# %% encode
def encode(tokens, vocabulary):
    known = {symbol: i for i, symbol in enumerate(vocabulary.tokens)}
    return np.array([known[token] for token in tokens if token in known] + [vocabulary.eos])

# %% shift_targets
def shift_targets(indices):
    x = np.roll(indices, 1)
    x[0] = -1
    return x, np.array(indices)

# %% sequence_log_probability
def sequence_log_probability(indices, P):
    n_a, n = P["Wax"].shape
    a, log_p = np.zeros((n_a, 1)), 0.0
    for index in indices:
        xt = one_hot(np.array([index]), n)
        a, yt_pred, _ = rnn_cell_forward(xt, a, P)
        log_p += np.log(yt_pred[index, 0])
    return log_p

# %% perplexity
def perplexity(nats, steps):
    return 2 ** (nats / steps)

# %% bits_per_character
def bits_per_character(nats, steps):
    return nats / steps / np.log(2)

# %% adam_step
def adam_step(P, G, state, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    if state is None:
        state = (0, {name: np.zeros(P[name].shape) for name in P}, {name: np.zeros(P[name].shape) for name in P})
    k, first, second = state
    first = {name: beta1 * first[name] + (1 - beta1) * G["d" + name] for name in P}
    second = {name: beta2 * second[name] + (1 - beta2) * G["d" + name] ** 2 for name in P}
    new_P = {name: P[name] - learning_rate * first[name] / (np.sqrt(second[name]) + eps) for name in P}
    return new_P, (k + 1, first, second)

# %% sample_sequence
def sample_sequence(P, vocabulary, rng, max_length, temperature=1.0):
    n = len(vocabulary)
    a, xt, indices = np.zeros_like(P["ba"]), np.zeros((n, 1)), []
    for _ in range(max_length):
        a, yt_pred, _ = rnn_cell_forward(xt, a, P)
        p = softmax(np.log(yt_pred) / temperature)[:, 0]
        index = int(rng.choice(n, p=p))
        if index == vocabulary.eos:
            break
        indices.append(index)
        xt = one_hot(np.array([index]), n)
    return indices

# %% [markdown] fair_comparison
# Characters and words cannot be compared at all. One should take the same model twice.
