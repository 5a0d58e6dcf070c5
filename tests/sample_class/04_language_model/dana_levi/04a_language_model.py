# %% build_vocabulary
def build_vocabulary(tokens, size):
    counts = {}
    for token in tokens:
        if token not in ("<EOS>", "<UNK>"):
            counts[token] = counts.get(token, 0) + 1
    best = sorted(sorted(counts), key=lambda token: -counts[token])
    return ["<EOS>", "<UNK>"] + best[:size]

# %% encode
def encode(tokens, vocabulary):
    indices = []
    for token in tokens:
        if token in vocabulary.tokens:
            indices.append(vocabulary.tokens.index(token))
        else:
            indices.append(vocabulary.unk)
    indices.append(vocabulary.eos)
    return np.array(indices)

# %% shift_targets
def shift_targets(indices):
    x = np.zeros(len(indices), dtype=int)
    x[1:] = indices[:-1]
    return x, indices.copy()

# %% sequence_log_probability
def sequence_log_probability(indices, P):
    n_a, n = P["Wax"].shape
    a, xt, log_p = np.zeros((n_a, 1)), np.zeros((n, 1)), 0.0
    for index in indices[:-1]:
        a, yt_pred, _ = rnn_cell_forward(xt, a, P)
        log_p += np.log(yt_pred[index, 0])
        xt = one_hot(np.array([index]), n)
    return log_p

# %% perplexity
def perplexity(nats, steps):
    per_step = nats / steps
    return np.e**per_step

# %% bits_per_character
def bits_per_character(nats, steps):
    return nats / steps

# %% adam_step
def adam_step(P, G, state, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    if state is None:
        state = (0, {name: 0 * P[name] for name in P}, {name: 0 * P[name] for name in P})
    k = state[0] + 1
    new_P, first, second = {}, {}, {}
    for name in P:
        g = G["d" + name]
        first[name] = beta1 * state[1][name] + (1 - beta1) * g
        second[name] = beta2 * state[2][name] + (1 - beta2) * g**2
        m_hat = first[name] / (1 - beta1**k)
        v_hat = second[name] / (1 - beta2**k)
        new_P[name] = P[name] - learning_rate * m_hat / np.sqrt(v_hat + eps)
    return new_P, (k, first, second)

# %% sample_sequence
def sample_sequence(P, vocabulary, rng, max_length, temperature=1.0):
    n = len(vocabulary)
    a, xt, indices = np.zeros_like(P["ba"]), np.zeros((n, 1)), []
    for _ in range(max_length):
        a, yt_pred, _ = rnn_cell_forward(xt, a, P)
        p = softmax(np.log(yt_pred) / temperature)[:, 0]
        p[vocabulary.unk] = 0
        p = p / p.sum()
        index = int(rng.choice(n, p=p))
        if index == vocabulary.eos:
            break
        indices.append(index)
    return indices

# %% [markdown] fair_comparison
# B is better, because it hesitates less.
