# %% embed_symbols
def embed_symbols(indices, W):
    there = np.asarray(indices) >= 0
    return np.where(there, W[:, indices], 0.0)

# %% pad_left
def pad_left(sequences):
    T = max(map(len, sequences))
    indices = np.array([[-1] * (T - len(s)) + list(s) for s in sequences])
    return indices, indices != -1

# %% encode_batch
def encode_batch(x, mask, P):
    push = np.einsum("ai,imt->tam", P["Wax"], x) + P["ba"]
    H = np.zeros_like(push[0])
    for t, here in enumerate(mask.T):
        H = H + here * (np.tanh(push[t] + P["Waa"] @ H) - H)
    return H

# %% classify_backward
def classify_backward(y_pred, labels, caches, P):
    cells, x, mask = caches
    if mask is None:
        mask = np.full((x.shape[1], x.shape[2]), True)
    dz = y_pred - np.eye(len(y_pred))[:, labels]
    last, before = cells[-1][0], cells[-1][1]
    a = np.where(mask[:, -1], last, before)
    G = {"dWya": dz @ a.T, "dby": dz.sum(1)[:, None]}
    G |= {"d" + name: np.zeros(P[name].shape) for name in ("Wax", "Waa", "ba")}
    da = P["Wya"].T @ dz
    for t in range(len(cells) - 1, -1, -1):
        a_next, a_prev, xt, _ = cells[t]
        inside = mask[:, t] * (1 - a_next**2) * da
        G["dWax"] += inside @ xt.T
        G["dWaa"] += inside @ a_prev.T
        G["dba"] += inside.sum(1)[:, None]
        da = P["Waa"].T @ inside + ~mask[:, t] * da
    return G

# %% minibatches
def minibatches(n, size, rng):
    order = list(rng.permutation(n))
    batches = []
    while order:
        batches.append(np.array(order[:size]))
        del order[:size]
    return batches

# %% confusion_matrix
def confusion_matrix(labels, predicted, n):
    counts = np.zeros((n, n), dtype=int)
    np.add.at(counts, (labels, predicted), 1)
    return counts

# %% [markdown] answer_depends_on_batch
# After the t the word is finished, but the network keeps multiplying by Waa and adding the bias for 87 steps, so the
# vector it answers from is no longer that of Kot. A mask keeps the state at padded steps. Padding left alone helps only
# while the bias is zero. I would put 0.91 beside the largest class and a model of letter runs, and use the matrix to see
# which languages are mixed up.
