# %% embed_symbols
def embed_symbols(indices, W):
    return W[:, indices]

# %% pad_left
def pad_left(sequences):
    T = max(len(s) for s in sequences)
    indices = np.zeros((len(sequences), T), dtype=int)
    mask = np.zeros((len(sequences), T), dtype=bool)
    for i, s in enumerate(sequences):
        indices[i, T - len(s) :] = s
        mask[i, T - len(s) :] = True
    return indices, mask

# %% encode_batch
def encode_batch(x, mask, P):
    n_x, m, T = x.shape
    H = np.zeros((P["Waa"].shape[0], m))
    for t in range(T):
        H, _, _ = rnn_cell_forward(x[:, :, t], H, P)
    return H

# %% classify_backward
def classify_backward(y_pred, labels, caches, P):
    cells, x, mask = caches
    n_x, m, T = x.shape
    if mask is None:
        mask = np.ones((m, T), dtype=bool)
    a_last = np.where(mask[:, -1], cells[-1][0], cells[-1][1])
    dz = y_pred.copy()
    dz[labels, np.arange(m)] -= 1
    dz = dz / m
    G = {"dWya": dz @ a_last.T, "dby": dz.sum(axis=1, keepdims=True)}
    G["dWax"], G["dWaa"], G["dba"] = np.zeros_like(P["Wax"]), np.zeros_like(P["Waa"]), np.zeros_like(P["ba"])
    da = P["Wya"].T @ dz
    for t in reversed(range(T)):
        step = rnn_cell_backward(np.where(mask[:, t], da, 0), cells[t])
        for name in ("dWax", "dWaa", "dba"):
            G[name] = G[name] + step[name]
        da = np.where(mask[:, t], step["da_prev"], da)
    return G

# %% minibatches
def minibatches(n, size, rng):
    order = rng.permutation(n)
    return [order[i : i + size] for i in range(0, n - size + 1, size)]

# %% confusion_matrix
def confusion_matrix(labels, predicted, n):
    counts = np.zeros((n, n), dtype=int)
    for true, said in zip(labels, predicted):
        counts[said, true] += 1
    return counts

# %% [markdown] answer_depends_on_batch
# The state of Kot is pushed on by the padding. Padding on the left would solve it.
