"""Right answers to the exercises of lesson 03 as students write them. `python -m utils prove` must accept every one."""

import numpy as np


def states_of(x, a0, P):
    """a⟨0⟩ … a⟨T⟩ in a list."""
    a = [a0]
    for t in range(x.shape[2]):
        a.append(np.tanh(P["Wax"] @ x[:, :, t] + P["Waa"] @ a[-1] + P["ba"]))
    return a


def probabilities(z):
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


def gradient_norm_by_lag__one_loop(x, a0, P, targets):
    a = states_of(x, a0, P)
    truth = np.eye(len(P["by"]))[:, targets]
    d = P["Wya"].T @ (probabilities(P["Wya"] @ a[-1] + P["by"]) - truth)
    norms = [np.linalg.norm(d)]
    for state in a[-1:1:-1]:
        d = P["Waa"].T @ ((1 - state**2) * d)
        norms.append(np.linalg.norm(d))
    return np.array(norms)


def gradient_norm_by_lag__filled_from_the_front_and_turned(x, a0, P, targets):
    a = states_of(x, a0, P)
    d = probabilities(P["Wya"] @ a[-1] + P["by"])
    for j, right in enumerate(targets):
        d[right, j] -= 1
    d = np.einsum("ya,ym->am", P["Wya"], d)
    squares = np.zeros(x.shape[2])
    for t in range(x.shape[2] - 1, -1, -1):
        squares[t] = (d * d).sum()
        d = np.einsum("ab,am,am->bm", P["Waa"], 1 - a[t + 1] ** 2, d)
    return np.sqrt(squares)[::-1]


def gradient_norm_by_lag__jacobians_of_each_example(x, a0, P, targets):
    n_x, m, T = x.shape
    a, squares = states_of(x, a0, P), np.zeros(T)
    for j in range(m):
        p = probabilities(P["Wya"] @ a[-1][:, j : j + 1] + P["by"])[:, 0]
        p[targets[j]] -= 1
        row = p @ P["Wya"]
        for k in range(T):
            squares[k] += row @ row
            row = row @ np.diag(1 - a[T - k][:, j] ** 2) @ P["Waa"]
    return squares**0.5


def scale_to_spectral_radius__eig(W, radius):
    values, _ = np.linalg.eig(W)
    return W / max(abs(value) for value in values) * radius


def scale_to_spectral_radius__divided_before(W, radius):
    rho = np.sqrt(max((e.real**2 + e.imag**2) for e in np.linalg.eigvals(W)))
    return radius * (W / rho)


def scale_to_spectral_radius__sorted(W, radius):
    sizes = np.sort(np.absolute(np.linalg.eigvals(W)))[::-1]
    return np.multiply(W, radius) / sizes[0]


def orthogonal_init__signs_as_a_diagonal_matrix(n, rng, gain=1):
    Q, R = np.linalg.qr(rng.standard_normal((n, n)))
    return gain * Q @ np.diag(np.where(np.diag(R) >= 0, 1.0, -1.0))


def orthogonal_init__gram_and_schmidt(n, rng, gain=1):
    """Column by column: take away what points along the ones before, twice for the sake of rounding."""
    A = rng.normal(size=(n, n))
    Q = np.zeros((n, n))
    for j in range(n):
        v = A[:, j]
        for _ in range(2):
            v = v - Q[:, :j] @ (Q[:, :j].T @ v)
        Q[:, j] = v / np.linalg.norm(v)
    return gain * Q


def orthogonal_init__columns_in_a_loop(n, rng, gain=1):
    Q, R = np.linalg.qr(rng.standard_normal((n, n)))
    W = Q.copy()
    for j in range(n):
        if R[j, j] < 0:
            W[:, j] *= -1
    W *= gain
    return W


def clip_by_value__np_clip_out(G, limit):
    for g in G.values():
        np.clip(g, -limit, limit, out=g)
    return G


def clip_by_value__minimum_and_maximum(G, limit):
    for g in G.values():
        g[:] = np.minimum(np.maximum(g, -limit), limit)
    return G


def clip_by_value__assigned_to_a_slice(G, limit):
    for g in G.values():
        g[...] = np.where(np.abs(g) > limit, np.sign(g) * limit, g)
    return dict(G)


def clip_by_value__entry_by_entry(G, limit):
    for g in G.values():
        for index in np.ndindex(g.shape):
            g[index] = max(-limit, min(limit, g[index]))
    return G


def clip_by_norm__one_long_vector(G, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in G.values()]))
    if norm <= limit:
        return {name: g.copy() for name, g in G.items()}, norm
    return {name: g * limit / norm for name, g in G.items()}, norm


def clip_by_norm__norm_of_norms(G, limit):
    norm = float(np.linalg.norm([np.linalg.norm(g) for g in G.values()]))
    scale = 1 / max(1, norm / limit)
    return {name: scale * G[name] for name in G}, norm


def clip_by_norm__copied_then_in_place(G, limit):
    out, total = {}, 0
    for name, g in G.items():
        out[name] = np.array(g)
        total += np.vdot(g, g)
    if total > limit**2:
        for g in out.values():
            g *= limit / total**0.5
    return out, total**0.5


def one_window(x, targets, counts, a0, P):
    """Gradients of the summed loss of a window, its loss, its last state; nothing comes from behind it."""
    a = states_of(x, a0, P)
    G = {"d" + name: np.zeros_like(value) for name, value in P.items()}
    loss, back = 0.0, 0.0
    for t in range(x.shape[2] - 1, -1, -1):
        p = probabilities(P["Wya"] @ a[t + 1] + P["by"])
        loss -= np.log(p[targets[:, t], np.arange(len(targets))])[counts[:, t]].sum()
        p[targets[:, t], np.arange(len(targets))] -= 1
        p = p * counts[:, t]
        d = (1 - a[t + 1] ** 2) * (P["Wya"].T @ p + back)
        back = P["Waa"].T @ d
        for name, out, into in (("Wya", p, a[t + 1]), ("Wax", d, x[:, :, t]), ("Waa", d, a[t])):
            G["d" + name] += out @ into.T
        G["dby"] += p.sum(axis=1, keepdims=True)
        G["dba"] += d.sum(axis=1, keepdims=True)
    return G, loss, a[-1]


def truncated_bptt__while(x, targets, a0, P, window, mask=None):
    counts = np.ones(targets.shape, bool) if mask is None else mask
    T, start, state, loss = x.shape[2], 0, a0, 0.0
    total = {"d" + name: 0.0 for name in P}
    while start < T:
        end = min(start + window, T)
        G, nats, state = one_window(x[:, :, start:end], targets[:, start:end], counts[:, start:end], state, P)
        total = {name: total[name] + G[name] for name in total}
        loss, start = loss + nats, end
    return total, loss, state


def truncated_bptt__recursion(x, targets, a0, P, window, mask=None):
    mask = np.ones(targets.shape, bool) if mask is None else mask
    G, loss, a_last = one_window(x[:, :, :window], targets[:, :window], mask[:, :window], a0, P)
    if x.shape[2] > window:
        rest = x[:, :, window:], targets[:, window:], a_last, P, window, mask[:, window:]
        later, more, a_last = truncated_bptt__recursion(*rest)
        for name in G:
            G[name] += later[name]
        loss += more
    return G, loss, a_last


def truncated_bptt__split_into_pieces(x, targets, a0, P, window, mask=None):
    cuts = list(range(window, x.shape[2], window))
    mask = np.full(targets.shape, True) if mask is None else mask
    pieces = zip(np.split(x, cuts, 2), np.split(targets, cuts, 1), np.split(mask, cuts, 1), strict=True)
    found, state = [], a0
    for piece in pieces:
        found.append(one_window(*piece, state, P))
        state = found[-1][2]
    return {"d" + k: np.sum([G["d" + k] for G, _, _ in found], axis=0) for k in P}, sum(f[1] for f in found), state
