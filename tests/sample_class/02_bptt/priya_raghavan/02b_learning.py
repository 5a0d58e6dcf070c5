# %% numerical_gradient
def numerical_gradient(f, theta, h=1e-5):
    gradient = np.zeros(theta.shape)
    here = f(theta)
    for index in np.ndindex(theta.shape):
        kept = theta[index]
        theta[index] = kept + h
        gradient[index] = (f(theta) - here) / h
        theta[index] = kept
    return gradient

# %% gradient_check
def gradient_check(f, P, G, h=1e-5, tolerance=1e-6):
    result = {}
    for name in P:
        measured = numerical_gradient(lambda theta: f({**P, name: theta}), P[name].copy(), h)
        claimed = G["d" + name]
        sizes = np.linalg.norm(measured) + np.linalg.norm(claimed)
        error = np.linalg.norm(measured - claimed) / sizes if sizes > 0 else 0.0
        result[name] = (error, error < 1e-6)
    return result

# %% update_parameters
def update_parameters(P, G, learning_rate):
    new = {}
    for name in P:
        new[name] = P[name] + learning_rate * G["d" + name]
    return new

# %% train_step
def train_step(x, targets, mask, a0, P, learning_rate, limit):
    a, y_pred, caches = rnn_forward(x, a0, P)
    dWya, dby, da, loss = output_layer_backward(y_pred, targets, a, P, mask)
    back = rnn_backward(da, caches)
    G = {"dWax": back["dWax"], "dWaa": back["dWaa"], "dba": back["dba"], "dWya": dWya, "dby": dby}
    G, _ = clip_by_norm(G, limit)
    steps = mask.sum() if mask is not None else targets.size
    return update_parameters(P, G, learning_rate), loss / steps, a[:, :, -1]

# %% [markdown] it_trains
# The loss fell on held-out names too, so I think the friend is right.
