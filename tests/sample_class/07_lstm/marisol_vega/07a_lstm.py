# %% lstm_cell_forward
def lstm_cell_forward(xt, a_prev, c_prev, P):
    stacked = np.concatenate([a_prev, xt])
    gate_f = sigmoid(P["Wf"] @ stacked + P["bf"])
    gate_u = sigmoid(P["Wu"] @ stacked + P["bu"])
    gate_o = sigmoid(P["Wo"] @ stacked + P["bo"])
    c_tilde = np.tanh(P["Wc"] @ stacked + P["bc"])
    c_next = gate_f * c_prev + gate_u * c_tilde
    a_next = gate_o * np.tanh(c_next)
    return a_next, c_next, softmax(P["Wy"] @ a_next + P["by"]), (a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P)

# %% lstm_forward
def lstm_forward(x, a0, P, c0=None):
    n_a, m = a0.shape
    T = x.shape[2]
    a, c, y_pred = np.zeros((n_a, m, T)), np.zeros((n_a, m, T)), np.zeros((len(P["by"]), m, T))
    at, ct, cells = a0, c0, []
    if ct is None:
        ct = np.zeros((n_a, m))
    for t in range(T):
        at, ct, y_pred[:, :, t], cache = lstm_cell_forward(x[:, :, t], at, ct, P)
        a[:, :, t], c[:, :, t] = at, ct
        cells.append(cache)
    return a, y_pred, c, (cells, x)
