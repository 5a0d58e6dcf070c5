# %% scalar_bptt
def scalar_bptt(x, a0, w_x, w_a, b):
    a = [a0]
    for number in x:
        a.append(np.tanh(w_x * number + w_a * a[-1] + b))
    terms = []
    later = 1.0
    for t in range(len(x), 0, -1):
        slope = 1 - a[t] ** 2
        terms.append(later * slope * a[t - 1])
        later = later * slope * w_a
    return np.array(terms), sum(terms)

# %% rnn_cell_backward
def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, P = cache
    dz = (1 - a_next**2) * da_next
    dba = np.sum(dz, axis=1, keepdims=True)
    return {"dxt": P["Wax"].T @ dz, "da_prev": P["Waa"] @ dz, "dWax": dz @ xt.T, "dWaa": dz @ a_prev.T, "dba": dba}

# %% rnn_backward
def rnn_backward(da, caches):
    cells, x = caches
    n_a, m, T = da.shape
    dx, later, dWax, dba = np.zeros(x.shape), np.zeros((n_a, m)), 0, 0
    for t in reversed(range(T)):
        step = rnn_cell_backward(da[:, :, t] + later, cells[t])
        dx[:, :, t] = step["dxt"]
        dWax = dWax + step["dWax"]
        dWaa = step["dWaa"]
        dba = dba + step["dba"]
        later = step["da_prev"]
    return {"dx": dx, "da0": later, "dWax": dWax, "dWaa": dWaa, "dba": dba}

# %% output_layer_backward
def output_layer_backward(y_pred, targets, a, P, mask=None):
    n_y, m, T = y_pred.shape
    dWya, dby, da = np.zeros_like(P["Wya"]), np.zeros((n_y, 1)), np.zeros_like(a)
    for t in range(T):
        p = y_pred[:, :, t]
        dz = p.copy()
        dz[targets[:, t], np.arange(m)] -= 1
        dz = dz * p * (1 - p)
        if mask is not None:
            dz = dz * mask[:, t]
        dWya += dz @ a[:, :, t].T
        dby += dz.sum(axis=1, keepdims=True)
        da[:, :, t] = P["Wya"].T @ dz
    return dWya, dby, da, sequence_loss(y_pred, targets, mask)
