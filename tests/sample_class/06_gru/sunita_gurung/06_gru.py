# %% gru_cell_forward_simple
def gru_cell_forward_simple(xt, c_prev, P):
    both = np.concatenate([c_prev, xt], axis=0)
    gate_u = sigmoid(P["Wu"] @ both + P["bu"])
    c_tilde = np.tanh(P["Wc"] @ both + P["bc"])
    c_next = gate_u * c_tilde + c_prev
    yt_pred = softmax(P["Wy"] @ c_next + P["by"])
    return c_next, yt_pred, (c_next, c_prev, gate_u, c_tilde, xt, P)

# %% gru_cell_forward
def gru_cell_forward(xt, c_prev, P):
    both = np.concatenate([xt, c_prev], axis=0)
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
        c[:, :, t] = state
        state, y_pred[:, :, t], cache = gru_cell_forward(x[:, :, t], state, P)
        cells.append(cache)
    return c, y_pred, (cells, x)

# %% gru_cell_backward
def gru_cell_backward(dc_next, cache):
    c_next, c_prev, gate_u, gate_r, c_tilde, xt, P = cache
    n_c = c_prev.shape[0]
    both = np.concatenate([c_prev, xt], axis=0)
    dzu = dc_next * (c_tilde - c_prev) * gate_u * (1 - gate_u)
    dzc = dc_next * gate_u * (1 - c_tilde**2)
    dseen = P["Wc"].T @ dzc
    dzr = dseen[:n_c] * c_prev * gate_r * (1 - gate_r)
    dboth = P["Wu"].T @ dzu + P["Wr"].T @ dzr
    G = {"dxt": dseen[n_c:] + dboth[n_c:]}
    G["dc_prev"] = dc_next * (1 - gate_u) + dseen[:n_c] * gate_r + dboth[:n_c]
    G["dWu"], G["dbu"] = dzu @ both.T, np.sum(dzu, axis=1, keepdims=True)
    G["dWr"], G["dbr"] = dzr @ both.T, np.sum(dzr, axis=1, keepdims=True)
    G["dWc"], G["dbc"] = dzc @ both.T, np.sum(dzc, axis=1, keepdims=True)
    return G

# %% gru_backward
def gru_backward(dc, caches):
    cells, x = caches
    n_c, m, T = dc.shape
    dx = np.zeros(x.shape)
    names = ("dWu", "dbu", "dWr", "dbr", "dWc", "dbc")
    G = dict.fromkeys(names, 0.0)
    later = np.zeros((n_c, m))
    for t in reversed(range(T)):
        step = gru_cell_backward(dc[:, :, t] + later, cells[t])
        later = step["dc_prev"]
        dx[:, :, t] = step["dxt"]
        for name in names:
            G[name] = step[name] + G[name] if name[1] == "W" else step[name]
    return {"dx": dx, "dc0": later, **G}

# %% gru_cell_forward_reset_after
def gru_cell_forward_reset_after(xt, c_prev, P):
    both = np.concatenate([c_prev, xt], axis=0)
    gate_u = sigmoid(P["Wu"] @ both + P["bu"])
    gate_r = sigmoid(P["Wr"] @ both + P["br"])
    c_tilde = np.tanh(gate_r * (P["Wcc"] @ c_prev) + P["bcc"] + P["Wcx"] @ xt + P["bcx"])
    c_next = gate_u * c_tilde + (1 - gate_u) * c_prev
    yt_pred = softmax(P["Wy"] @ c_next + P["by"])
    return c_next, yt_pred, (c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)

# %% [markdown] a_gate_is_not_enough
# Gates are slow at first and need more epochs.
