# %% gru_cell_forward_simple
def gru_cell_forward_simple(xt, c_prev, P):
    both = np.concatenate([c_prev, xt], axis=0)
    gate_u = sigmoid(P["Wu"] @ both + P["bu"])
    c_tilde = np.tanh(P["Wc"] @ both + P["bc"])
    c_next = gate_u * c_tilde + (1 - gate_u) * c_prev
    yt_pred = softmax(P["Wy"] @ c_next + P["by"])
    return c_next, yt_pred, (c_next, c_prev, gate_u, c_tilde, xt, P)

# %% gru_cell_forward
def gru_cell_forward(xt, c_prev, P):
    both = np.concatenate([c_prev, xt], axis=0)
    gate_u = sigmoid(P["Wu"] @ both + P["bu"])
    gate_r = sigmoid(P["Wr"] @ both + P["br"])
    c_tilde = np.tanh(P["Wc"] @ np.concatenate([gate_r * c_prev, xt], axis=0) + P["bc"])
    c_next = gate_u * c_tilde + (1 - gate_u) * c_prev
    yt_pred = softmax(P["Wy"] @ c_next + P["by"])
    return c_next, yt_pred, (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)

# %% gru_forward
def gru_forward(x, c0, P):
    n_x, m, T = x.shape
    c = np.zeros((*c0.shape, T))
    y_pred = np.zeros((len(P["by"]), m, T))
    cells = []
    state = c0
    for t in range(T):
        state, y_pred[:, :, t], cache = gru_cell_forward(x[:, :, t], state, P)
        c[:, :, t] = state
        cells.append(cache)
    return c, y_pred, (cells, x)
