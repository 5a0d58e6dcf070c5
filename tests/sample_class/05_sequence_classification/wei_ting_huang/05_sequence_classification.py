# %% embed_symbols
def embed_symbols(indices, W):
    columns = np.zeros((W.shape[0], len(indices)))
    for j in range(len(indices)):
        if indices[j] > 0:
            columns[:, j] = W[:, indices[j]]
    return columns

# %% pad_left
def pad_left(sequences):
    T = max(len(s) for s in sequences)
    indices = np.full((len(sequences), T), -1)
    mask = np.zeros((len(sequences), T), dtype=bool)
    for i, s in enumerate(sequences):
        indices[i, : len(s)] = s
        mask[i, : len(s)] = True
    return indices, mask

# %% encode_batch
def encode_batch(x, mask, P):
    H = np.zeros((len(P["ba"]), x.shape[1]))
    for t in range(x.shape[2]):
        H_new, _, _ = rnn_cell_forward(x[:, :, t], H, P)
        H = np.where(mask[:, t], H, H_new)
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
    dWax, dWaa, dba = 0 * P["Wax"], 0 * P["Waa"], 0 * P["ba"]
    da = P["Wya"].T @ dz
    for t in reversed(range(T)):
        step = rnn_cell_backward(np.where(mask[:, t], da, 0.0), cells[t])
        dWax, dWaa, dba = dWax + step["dWax"], dWaa + step["dWaa"], dba + step["dba"]
        da = step["da_prev"]
    return {"dWax": dWax, "dWaa": dWaa, "dba": dba, "dWya": dz @ a_last.T, "dby": dz.sum(axis=1, keepdims=True)}

# %% minibatches
def minibatches(n, size, rng):
    order = np.arange(n)
    return [order[i : i + size] for i in range(0, n, size)]

# %% confusion_matrix
def confusion_matrix(labels, predicted, n):
    counts = np.zeros((n, n), dtype=int)
    counts[labels, predicted] += 1
    return counts

# %% [markdown] answer_depends_on_batch
# Kot stands at the front of its row and then come 87 empty columns. The bias is added in every one of them, so the state
# drifts. With a mask it would stay.
