# %% gradient_norm_by_lag
def gradient_norm_by_lag(x, a0, P, targets):
    n_x, m, T = x.shape
    a, y_pred, (cells, _) = rnn_forward(x, a0, P)
    da = P["Wya"].T @ y_pred[:, :, -1]
    norms = np.zeros(T)
    for k in range(T):
        norms[k] = np.sqrt(np.sum(da**2))
        da = rnn_cell_backward(da, cells[T - 1 - k])["da_prev"]
    return norms

# %% scale_to_spectral_radius
def scale_to_spectral_radius(W, radius):
    largest = np.max(np.linalg.eigvals(W).real)
    return W * (radius / largest)

# %% orthogonal_init
def orthogonal_init(n, rng, gain=1):
    Q, R = np.linalg.qr(rng.standard_normal((n, n)))
    Q = Q * np.sign(np.diag(R))
    return Q

# %% clip_by_value
def clip_by_value(G, limit):
    for name in G:
        G[name][G[name] > limit] = limit
    return G

# %% clip_by_norm
def clip_by_norm(G, limit):
    norm = float(np.sqrt(sum(np.sum(g**2) for g in G.values())))
    return {name: g * limit / norm if norm > 0 else g.copy() for name, g in G.items()}, norm

# %% truncated_bptt
def truncated_bptt(x, targets, a0, P, window, mask=None):
    G = {"d" + name: np.zeros_like(P[name]) for name in P}
    loss, state = 0.0, a0
    for start in range(0, x.shape[2] - window + 1, window):
        steps = slice(start, start + window)
        part = None if mask is None else mask[:, steps]
        a, y_pred, caches = rnn_forward(x[:, :, steps], state, P)
        dWya, dby, da, nats = output_layer_backward(y_pred, targets[:, steps], a, P, part)
        back = rnn_backward(da, caches) | {"dWya": dWya, "dby": dby}
        G = {name: G[name] + back[name] for name in G}
        loss += nats
        state = a[:, :, -1]
    return G, loss, state

# %% [markdown] why_it_forgets
# The poster shows that strong inputs let the gradient die out at any radius. Clipping is for long gradients, hers are short.
