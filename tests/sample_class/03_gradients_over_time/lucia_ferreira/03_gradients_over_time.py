# %% gradient_norm_by_lag
def gradient_norm_by_lag(x, a0, P, targets):
    n_x, m, T = x.shape
    a, y_pred, (cells, _) = rnn_forward(x, a0, P)
    dz = y_pred[:, :, -1].copy()
    dz[targets, np.arange(m)] -= 1
    da = P["Wya"].T @ dz
    norms = np.zeros(T)
    for k in range(T):
        norms[T - 1 - k] = np.sqrt(np.sum(da**2))
        da = rnn_cell_backward(da, cells[T - 1 - k])["da_prev"]
    return norms

# %% scale_to_spectral_radius
def scale_to_spectral_radius(W, radius):
    largest = np.linalg.norm(W, 2)
    return W * radius / largest

# %% orthogonal_init
def orthogonal_init(n, rng, gain=1):
    Q, R = np.linalg.qr(rng.standard_normal((n, n)))
    return gain * Q

# %% clip_by_value
def clip_by_value(G, limit):
    return {name: np.clip(gradient, -limit, limit) for name, gradient in G.items()}

# %% clip_by_norm
def clip_by_norm(G, limit):
    clipped = {}
    for name, gradient in G.items():
        norm = np.sqrt(np.sum(gradient**2))
        clipped[name] = gradient * min(1.0, limit / max(norm, 1e-12))
    return clipped, float(np.sqrt(sum(np.sum(g**2) for g in G.values())))

# %% truncated_bptt
def truncated_bptt(x, targets, a0, P, window, mask=None):
    G = {"d" + name: np.zeros_like(P[name]) for name in P}
    loss = 0.0
    for start in range(0, x.shape[2], window):
        steps = slice(start, start + window)
        a, y_pred, caches = rnn_forward(x[:, :, steps], a0, P)
        part = None if mask is None else mask[:, steps]
        dWya, dby, da, nats = output_layer_backward(y_pred, targets[:, steps], a, P, part)
        back = rnn_backward(da, caches) | {"dWya": dWya, "dby": dby}
        for name in G:
            G[name] = G[name] + back[name]
        loss = loss + nats
    return G, loss, a[:, :, -1]

# %% [markdown] why_it_forgets
# Both ideas help, because the gradient becomes larger and does not explode.
