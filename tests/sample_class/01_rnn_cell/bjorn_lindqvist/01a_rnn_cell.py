# %% rnn_cell_forward
def rnn_cell_forward(xt, a_prev, P):
    drive = np.einsum("ij,jm->im", P["Wax"], xt) + np.einsum("ij,jm->im", P["Waa"], a_prev)
    a_next = np.tanh(drive + P["ba"])
    logits = np.einsum("ij,jm->im", P["Wya"], a_next) + P["by"]
    return a_next, softmax(logits), (a_next, a_prev, xt, P)

# %% rnn_forward
def rnn_forward(x, a0, P):
    drive = np.einsum("ij,jmt->imt", P["Wax"], x) + P["ba"][:, :, None]
    a = np.empty_like(drive)
    for t in range(x.shape[2]):
        before = a0 if t == 0 else a[:, :, t - 1]
        a[:, :, t] = np.tanh(drive[:, :, t] + P["Waa"] @ before)
    logits = np.einsum("ij,jmt->imt", P["Wya"], a) + P["by"][:, :, None]
    y_pred = softmax(logits)
    before = [a0] + [a[:, :, t] for t in range(x.shape[2] - 1)]
    cells = [(a[:, :, t], before[t], x[:, :, t], P) for t in range(x.shape[2])]
    return a, y_pred, (cells, x)

# %% sequence_loss
def sequence_loss(y_pred, targets, mask=None):
    p_right = np.take_along_axis(y_pred, targets[None], axis=0)[0]
    weight = 1.0 if mask is None else mask
    return -np.sum(weight * np.log(p_right))

# %% count_rnn_parameters
def count_rnn_parameters(n_x, n_a, n_y):
    return n_a * (n_x + n_a + 1) + n_y * (n_a + 1)

# %% [markdown] why_share
# Sharing says that a step is a step wherever it stands. It keeps the count at n_a (n_x + n_a + 1) + n_y (n_a + 1) for
# any length, and every step of every sentence teaches the same weights.
