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
