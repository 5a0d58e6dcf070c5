# %% gradient_norm_by_lag
def gradient_norm_by_lag(x, a0, P, targets):
    a, y_pred, caches = rnn_forward(x, a0, P)
    truth = np.eye(len(P["by"]))[:, targets]
    d = P["Wya"].T @ (y_pred[:, :, -1] - truth)
    norms = []
    for cell in caches[0][::-1]:
        norms.append(np.linalg.norm(d))
        d = rnn_cell_backward(d, cell)["da_prev"]
    return np.array(norms)

# %% scale_to_spectral_radius
def scale_to_spectral_radius(W, radius):
    return radius * W / max(abs(value) for value in np.linalg.eigvals(W))

# %% orthogonal_init
def orthogonal_init(n, rng, gain=1):
    Q, R = np.linalg.qr(rng.normal(size=(n, n)))
    return gain * Q @ np.diag(np.where(np.diagonal(R) < 0, -1.0, 1.0))

# %% clip_by_value
def clip_by_value(G, limit):
    for gradient in G.values():
        np.clip(gradient, -limit, limit, out=gradient)
    return G

# %% clip_by_norm
def clip_by_norm(G, limit):
    norm = np.linalg.norm(np.concatenate([gradient.ravel() for gradient in G.values()]))
    if norm <= limit:
        return {name: gradient.copy() for name, gradient in G.items()}, norm
    return {name: gradient * (limit / norm) for name, gradient in G.items()}, norm

# %% truncated_bptt
def truncated_bptt(x, targets, a0, P, window, mask=None):
    T = x.shape[2]
    counts = np.ones((x.shape[1], T), bool) if mask is None else mask
    total, loss, state = None, 0.0, a0
    borders = [*range(0, T, window), T]
    for first, end in zip(borders, borders[1:]):
        a, y_pred, caches = rnn_forward(x[:, :, first:end], state, P)
        dWya, dby, da, nats = output_layer_backward(y_pred, targets[:, first:end], a, P, counts[:, first:end])
        back = rnn_backward(da, caches)
        part = {"dWya": dWya, "dby": dby} | {name: back[name] for name in ("dWax", "dWaa", "dba")}
        total = part if total is None else {name: total[name] + part[name] for name in part}
        loss += nats
        state = a[..., -1]
    return total, loss, state

# %% [markdown] why_it_forgets
# A radius of 1.5 does not make the gradient reach further by itself: with ordinary inputs it fell to about 1e-4 after 49 steps, because
# the slopes of tanh are below 1. Clipping only shortens, so it cures explosions and cannot lengthen what has vanished. I would plot the
# gradient norm by lag on her reports first. Short reports mixed among the long ones helped in the agreement task.
