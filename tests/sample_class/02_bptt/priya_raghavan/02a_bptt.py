# %% scalar_bptt
def scalar_bptt(x, a0, w_x, w_a, b):
    a = [a0]
    for number in x:
        a.append(np.tanh(w_x * number + w_a * a[-1] + b))
    terms = np.zeros(len(x))
    later = 1.0
    for t in range(len(x), 0, -1):
        slope = 1 - a[t] ** 2
        terms[t - 1] = later * slope * a[t - 1]
        later = later * slope
    return terms, terms.sum()

# %% rnn_cell_backward
def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, P = cache
    dz = (1 - a_next**2) * da_next
    gradients = {"dxt": P["Wax"].T @ dz, "da_prev": P["Waa"].T @ dz}
    gradients["dWax"] = dz @ xt.T
    gradients["dWaa"] = dz @ a_next.T
    gradients["dba"] = np.sum(dz, axis=1, keepdims=True)
    return gradients

# %% rnn_backward
def rnn_backward(da, caches):
    cells, x = caches
    T = da.shape[2]
    dx = np.zeros(x.shape)
    total = {"dWax": 0, "dWaa": 0, "dba": 0}
    for t in reversed(range(T)):
        step = rnn_cell_backward(da[:, :, t], cells[t])
        dx[:, :, t] = step["dxt"]
        for name in total:
            total[name] = total[name] + step[name]
    return {"dx": dx, "da0": step["da_prev"]} | total

# %% output_layer_backward
def output_layer_backward(y_pred, targets, a, P, mask=None):
    n_y, m, T = y_pred.shape
    dWya, dby, da = np.zeros_like(P["Wya"]), np.zeros((n_y, 1)), np.zeros_like(a)
    for t in range(T):
        dz = y_pred[:, :, t].copy()
        dz[targets[:, t], np.arange(m)] -= 1
        dWya += dz @ a[:, :, t].T
        dby += dz.sum(axis=1, keepdims=True)
        da[:, :, t] = P["Wya"].T @ dz
    return dWya, dby, da, sequence_loss(y_pred, targets, mask)
