# %% rnn_cell_forward_compact
def rnn_cell_forward_compact(xt, a_prev, Wa, ba):
    both = np.concatenate([a_prev, xt])
    return np.tanh(Wa @ both + ba)

# %% jordan_forward
def jordan_forward(x, y0, P, teacher=None):
    n_x, m, T = x.shape
    n_y, n_a = P["Wya"].shape
    a = np.zeros((n_a, m, T))
    y_pred = np.zeros((n_y, m, T))
    y = y0
    for t in range(T):
        a[:, :, t] = np.tanh(P["Wax"] @ x[:, :, t] + P["Way"] @ y + P["ba"])
        y_pred[:, :, t] = softmax(P["Wya"] @ a[:, :, t] + P["by"])
        y = y_pred[:, :, t] if teacher is None else teacher[:, :, t]
    return a, y_pred

# %% sequence_to_one_forward
def sequence_to_one_forward(x, a0, P, mask=None):
    n_x, m, T = x.shape
    cells = []
    a = a0
    for t in range(T):
        a_new, _, cache = rnn_cell_forward(x[:, :, t], a, P)
        cells.append(cache)
        a = a_new
    y_pred = softmax(P["Wya"] @ a + P["by"])
    return a, y_pred, (cells, x, mask)
