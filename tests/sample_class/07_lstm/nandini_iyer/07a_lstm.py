# %% lstm_cell_forward
def lstm_cell_forward(xt, a_prev, c_prev, P):
    stacked = np.concatenate([a_prev, xt], axis=0)
    gate_u = sigmoid(P["Wu"] @ stacked + P["bu"])
    gate_f = sigmoid(P["Wf"] @ stacked + P["bf"])
    gate_o = sigmoid(P["Wo"] @ stacked + P["bo"])
    c_tilde = np.tanh(P["Wc"] @ stacked + P["bc"])
    c_next = gate_u * c_tilde + (1 - gate_u) * c_prev
    a_next = gate_o * np.tanh(c_next)
    yt_pred = softmax(P["Wy"] @ a_next + P["by"])
    return a_next, c_next, yt_pred, (a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P)

# %% lstm_forward
def lstm_forward(x, a0, P, c0=None):
    n_a, m = a0.shape
    T = x.shape[2]
    a, c, y_pred, cells = np.zeros((n_a, m, T)), np.zeros((n_a, m, T)), np.zeros((len(P["by"]), m, T)), []
    a_next, c_next = a0, np.zeros((n_a, m))
    for t in range(T):
        a_next, c_next, yt_pred, cache = lstm_cell_forward(x[:, :, t], a_next, c_next, P)
        a[:, :, t], c[:, :, t], y_pred[:, :, t] = a_next, c_next, yt_pred
        cells.append(cache)
    return a, y_pred, c, (cells, x)

# %% lstm_cell_backward
def lstm_cell_backward(da_next, dc_next, cache):
    a_next, c_next, a_prev, c_prev, gate_f, gate_u, c_tilde, gate_o, xt, P = cache
    shown = gate_o * (1 - np.tanh(c_next) ** 2) * da_next
    dc = dc_next + shown
    dz = {
        "f": dc_next * c_prev + shown * c_prev * gate_f * (1 - gate_f),
        "u": dc_next * c_tilde + shown * c_tilde * gate_u * (1 - gate_u),
        "c": dc * gate_u * (1 - c_tilde**2),
        "o": da_next * np.tanh(c_next) * gate_o * (1 - gate_o),
    }
    stacked = np.concatenate([a_prev, xt], axis=0)
    dstacked = sum(P["W" + g].T @ dz[g] for g in "fuco")
    G = {"dxt": dstacked[len(a_prev) :], "da_prev": dstacked[: len(a_prev)], "dc_prev": dc * gate_f}
    for g in "fuco":
        G["dW" + g] = dz[g] @ stacked.T
        G["db" + g] = dz[g].sum(axis=1, keepdims=True)
    return G

# %% lstm_backward
def lstm_backward(da, caches):
    cells, x = caches
    n_a, m, T = da.shape
    dx = np.zeros(x.shape)
    names = ["Wf", "bf", "Wu", "bu", "Wc", "bc", "Wo", "bo"]
    total = {"d" + name: np.zeros(cells[0][9][name].shape) for name in names}
    da_later = np.zeros((n_a, m))
    dc_later = np.zeros((n_a, m))
    for t in reversed(range(T)):
        step = lstm_cell_backward(da[:, :, t] + da_later, np.zeros((n_a, m)), cells[t])
        da_later, dc_later = step["da_prev"], step["dc_prev"]
        dx[:, :, t] = step["dxt"]
        for name in total:
            total[name] += step[name]
    return {"dx": dx, "da0": da_later, "dc0": dc_later, **total}
