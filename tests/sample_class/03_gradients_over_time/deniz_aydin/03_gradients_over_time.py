# %% gradient_norm_by_lag
def gradient_norm_by_lag(x, a0, P, targets):
    n_x, m, T = x.shape
    a, y_pred, caches = rnn_forward(x, a0, P)
    cells = caches[0]
    dz = y_pred[:, :, T - 1].copy()
    for i in range(m):
        dz[targets[i], i] -= 1
    da = P["Wya"].T @ dz
    norms = np.zeros(T)
    for k in range(T):
        norms[k] = np.sqrt((da ** 2).sum())
        da = rnn_cell_backward(da, cells[T - 1 - k])["da_prev"]
    return norms

# %% scale_to_spectral_radius
def scale_to_spectral_radius(W, radius):
    sizes = np.abs(np.linalg.eigvals(W))
    return W * radius / sizes.max()

# %% orthogonal_init
def orthogonal_init(n, rng, gain=1):
    Q, R = np.linalg.qr(rng.standard_normal((n, n)))
    return gain * Q * np.sign(np.diag(R))
