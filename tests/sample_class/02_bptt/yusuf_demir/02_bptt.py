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

# %% numerical_gradient
def numerical_gradient(f, theta, h=1e-5):
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        kept = theta[index]
        theta[index] = kept + h
        above = f(theta)
        theta[index] = kept - h
        below = f(theta)
        gradient[index] = (above - below) / (2 * h)
    return gradient

# %% gradient_check
def gradient_check(f, P, G, h=1e-5, tolerance=1e-6):
    result = {}
    for name in P:
        measured = numerical_gradient(lambda theta: f({**P, name: theta}), P[name].copy(), h)
        size = np.linalg.norm(measured)
        error = np.linalg.norm(measured - G["d" + name]) / size if size > 0 else 0.0
        result[name] = (error, error < tolerance)
    return result

# %% update_parameters
def update_parameters(P, G, learning_rate):
    for name in P:
        P[name] -= learning_rate * G["d" + name]
    return P

# %% train_step
def train_step(x, targets, mask, a0, P, learning_rate, limit):
    a, y_pred, caches = rnn_forward(x, a0, P)
    dWya, dby, da, loss = output_layer_backward(y_pred, targets, a, P, mask)
    back = rnn_backward(da, caches)
    steps = mask.sum() if mask is not None else targets.size
    G = {"dWax": back["dWax"], "dWaa": back["dWaa"], "dba": back["dba"], "dWya": dWya, "dby": dby}
    G, _ = clip_by_norm({name: G[name] / steps for name in G}, limit)
    return update_parameters(P, G, learning_rate), loss, a[:, :, -1]

# %% [markdown] it_trains
# Training can work with a wrong gradient, because a wrong arrow may still point downhill. I would compare it with differences of the
# loss, f(θ + h) - f(θ - h) over 2h, and look whether the error is small.
