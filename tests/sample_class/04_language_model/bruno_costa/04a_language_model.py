# %% build_vocabulary
def build_vocabulary(tokens, size):
    counts = {}
    for token in tokens:
        if token != "<EOS>" and token != "<UNK>":
            counts[token] = counts.get(token, 0) + 1
    ordered = sorted(sorted(counts), key=counts.get, reverse=True)
    return ["<EOS>", "<UNK>"] + ordered[: size - 2]

# %% encode
def encode(tokens, vocabulary):
    places = {symbol: i for i, symbol in enumerate(vocabulary.tokens)}
    return np.array([places.get(token, vocabulary.unk) for token in tokens] + [vocabulary.eos])

# %% shift_targets
def shift_targets(indices):
    x = np.full(len(indices), -1)
    x[1:] = indices[:-1]
    return x, indices.copy()

# %% perplexity
def perplexity(nats, steps):
    return np.exp(nats / steps)
