# %% lstm_cell_forward
def lstm_cell_forward(xt, a_prev, c_prev, P):
    stacked = np.concatenate([a_prev, xt], axis=0)
    gate_f = sigmoid(P["Wf"] @ stacked + P["bf"])
    gate_u = sigmoid(P["Wu"] @ stacked + P["bu"])
    gate_o = sigmoid(P["Wo"] @ stacked + P["bo"])
    c_tilde = np.tanh(P["Wc"] @ stacked + P["bc"])
    c_next = gate_f * c_prev + gate_u * c_tilde
    a_next = gate_o * c_next
    yt_pred = softmax(P["Wy"] @ a_next + P["by"])
    return a_next, c_next, yt_pred, (a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P)

# %% lstm_forward
def lstm_forward(x, a0, P, c0=None):
    n_a, m = a0.shape
    T = x.shape[2]
    a, c, y_pred, cells = np.zeros((n_a, m, T)), np.zeros((n_a, m, T)), np.zeros((len(P["by"]), m, T)), []
    a_next, c_next = a0, np.zeros((n_a, m)) if c0 is None else c0
    for t in range(T):
        a_next, c_next, yt_pred, cache = lstm_cell_forward(x[:, :, t], c_next, a_next, P)
        a[:, :, t], c[:, :, t], y_pred[:, :, t] = a_next, c_next, yt_pred
        cells.append(cache)
    return a, y_pred, c, (cells, x)

# %% lstm_cell_backward
def lstm_cell_backward(da_next, dc_next, cache):
    a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P = cache
    dc = dc_next
    dzf = dc * c_prev * gate_f * (1 - gate_f)
    dzu = dc * c_tilde * gate_u * (1 - gate_u)
    dzc = dc * gate_u * (1 - c_tilde**2)
    dzo = da_next * np.tanh(c_next) * gate_o * (1 - gate_o)
    stacked = np.concatenate([a_prev, xt], axis=0)
    dstacked = P["Wf"].T @ dzf + P["Wu"].T @ dzu + P["Wc"].T @ dzc + P["Wo"].T @ dzo
    G = {"dxt": dstacked[len(a_prev) :], "da_prev": dstacked[: len(a_prev)], "dc_prev": dc * gate_f}
    for g, dz in zip("fuco", (dzf, dzu, dzc, dzo)):
        G["dW" + g] = dz @ stacked.T
        G["db" + g] = dz.sum(axis=1, keepdims=True)
    return G

# %% lstm_backward
def lstm_backward(da, caches):
    cells, x = caches
    n_a, m, T = da.shape
    dx = np.zeros(x.shape)
    da_later, dc_later = np.zeros((n_a, m)), np.zeros((n_a, m))
    for t in reversed(range(T)):
        step = lstm_cell_backward(da[:, :, t] + da_later, dc_later, cells[t])
        da_later, dc_later = step["da_prev"], step["dc_prev"]
        dx[:, :, t] = step["dxt"]
        total = {name: value for name, value in step.items() if name[1] in "Wb"}
    return {"dx": dx, "da0": da_later, "dc0": dc_later, **total}
