# %% scalar_bptt
def scalar_bptt(x, a0, w_x, w_a, b):
    T = len(x)
    a = [a0]
    for t in range(T):
        a.append(np.tanh(w_x * x[t] + w_a * a[t] + b))
    terms = np.zeros(T)
    later = 1
    for t in range(T, 0, -1):
        slope = 1 - a[t] ** 2
        terms[t - 1] = later * slope * a[t - 1]
        later = later * slope * w_a
    return terms, terms.sum()

# %% rnn_cell_backward
def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, P = cache
    dz = (1 - a_next**2) * da_next
    return {
        "dxt": P["Wax"].T @ dz,
        "da_prev": P["Waa"].T @ dz,
        "dWax": dz @ xt.T,
        "dWaa": dz @ a_prev.T,
        "dba": dz.sum(axis=1, keepdims=True),
    }

# %% rnn_backward
def rnn_backward(da, caches):
    cells, x = caches
    n_a, m, T = da.shape
    dx = np.zeros(x.shape)
    later = np.zeros((n_a, m))
    dWax = dWaa = dba = 0
    for t in range(T - 1, -1, -1):
        step = rnn_cell_backward(da[:, :, t] + later, cells[t])
        later = step["da_prev"]
        dx[:, :, t] = step["dxt"]
        dWax, dWaa, dba = dWax + step["dWax"], dWaa + step["dWaa"], dba + step["dba"]
    return {"dx": dx, "da0": later, "dWax": dWax, "dWaa": dWaa, "dba": dba}
