# %% rnn_cell_forward
def rnn_cell_forward(xt, a_prev, P):
    z = P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"]
    a_next = np.tanh(z)
    yt_pred = softmax(P["Wya"] @ a_next + P["by"])
    return a_next, yt_pred, (a_next, a_prev, xt, P)

# %% rnn_forward
def rnn_forward(x, a0, P):
    n_x, m, T = x.shape
    n_y, n_a = P["Wya"].shape
    a = np.zeros((n_a, m, T))
    y_pred = np.zeros((n_y, m, T))
    cells = []
    state = a0
    for t in range(T):
        state, y_pred[:, :, t], cache = rnn_cell_forward(x[:, :, t], state, P)
        a[:, :, t] = state
        cells.append(cache)
    return a, y_pred, (cells, x)
