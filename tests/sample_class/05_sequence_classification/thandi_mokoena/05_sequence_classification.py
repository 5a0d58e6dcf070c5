# %% embed_symbols
def embed_symbols(indices, W):
    columns = np.zeros((W.shape[0], len(indices)))
    for j, k in enumerate(indices):
        if k != -1:
            columns[:, j] = W[:, k]
    return columns

# %% pad_left
def pad_left(sequences):
    T = max(len(s) for s in sequences)
    indices = np.full((len(sequences), T), -1)
    for i, s in enumerate(sequences):
        indices[i, -len(s) :] = s
    return indices, indices >= 0

# %% encode_batch
def encode_batch(x, mask, P):
    H = np.zeros((len(P["ba"]), x.shape[1]))
    for t in range(x.shape[2]):
        new = rnn_cell_forward(x[:, :, t], H, P)[0]
        H = np.where(mask[:, t], new, H)
    return H
