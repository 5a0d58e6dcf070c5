"""Right answers to the exercises of lesson 02 as students write them. `python -m utils prove` must accept every one."""

import numpy as np


def rnn_cell_backward__einsum(da_next, cache):
    a, a_prev, x, P = cache
    dz = da_next - a * a * da_next
    return {
        "dxt": np.einsum("ai,am->im", P["Wax"], dz),
        "da_prev": np.einsum("ab,am->bm", P["Waa"], dz),
        "dWax": np.einsum("am,im->ai", dz, x),
        "dWaa": np.einsum("am,bm->ab", dz, a_prev),
        "dba": np.einsum("am->a", dz)[:, None],
    }


def rnn_cell_backward__tanh_again(da_next, cache):
    """The slope from the sum inside the brackets, computed once more."""
    _, a_prev, xt, P = cache
    z = P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"]
    dz = da_next / np.cosh(z) ** 2
    grads = dict(dxt=P["Wax"].T @ dz, da_prev=P["Waa"].T @ dz)
    grads.update(dWax=dz @ xt.T, dWaa=dz @ a_prev.T, dba=dz.sum(1).reshape(-1, 1))
    return grads


def rnn_cell_backward__example_by_example(da_next, cache):
    a_next, a_prev, xt, P = cache
    out = {"dxt": np.zeros_like(xt), "da_prev": np.zeros_like(a_prev), "dWax": np.zeros_like(P["Wax"])}
    out |= {"dWaa": np.zeros_like(P["Waa"]), "dba": np.zeros_like(P["ba"])}
    for j in range(xt.shape[1]):
        dz = (1 - a_next[:, j] ** 2) * da_next[:, j]
        out["dxt"][:, j] = dz @ P["Wax"]
        out["da_prev"][:, j] = dz @ P["Waa"]
        out["dWax"] += np.outer(dz, xt[:, j])
        out["dWaa"] += np.outer(dz, a_prev[:, j])
        out["dba"][:, 0] += dz
    return out


def rnn_cell_backward__stacked_and_an_extra_key(da_next, cache):
    a_next, a_prev, xt, P = cache
    n = len(a_prev)
    dz = np.multiply(1 - np.square(a_next), da_next)
    dW = dz @ np.vstack([a_prev, xt]).T
    back = np.hstack([P["Waa"], P["Wax"]]).T @ dz
    dba = dz @ np.ones((dz.shape[1], 1))
    return {"dz": dz, "dxt": back[n:], "da_prev": back[:n], "dWax": dW[:, n:], "dWaa": dW[:, :n], "dba": dba}


def rnn_backward__no_cell(da, caches):
    """Everything in one loop; the gradients are added up in place in arrays of its own."""
    cells, x = caches
    P = cells[0][3]
    dx, back = np.zeros_like(x), np.zeros_like(da[:, :, 0])
    G = {"dWax": np.zeros_like(P["Wax"]), "dWaa": np.zeros_like(P["Waa"]), "dba": np.zeros_like(P["ba"])}
    for t in range(len(cells) - 1, -1, -1):
        a_next, a_prev, xt, _ = cells[t]
        dz = (1 - a_next**2) * (da[:, :, t] + back)
        dx[:, :, t] = P["Wax"].T @ dz
        G["dWax"] += dz @ xt.T
        G["dWaa"] += dz @ a_prev.T
        G["dba"] += dz.sum(axis=1, keepdims=True)
        back = P["Waa"].T @ dz
    return {"dx": dx, "da0": back} | G


def rnn_backward__products_after_the_loop(da, caches):
    cells, x = caches
    P = cells[0][3]
    dz, back = [], 0
    for t, (a_next, _, _, _) in reversed(list(enumerate(cells))):
        dz.insert(0, (1 - a_next**2) * (da[:, :, t] + back))
        back = P["Waa"].T @ dz[0]
    dz = np.stack(dz, axis=2)  # (n_a, m, T)
    a_before = np.stack([cell[1] for cell in cells], axis=2)
    return {
        "dx": np.einsum("ai,amt->imt", P["Wax"], dz),
        "da0": back,
        "dWax": np.einsum("amt,imt->ai", dz, x),
        "dWaa": np.einsum("amt,bmt->ab", dz, a_before),
        "dba": dz.sum(axis=(1, 2)).reshape(-1, 1),
    }


def rnn_backward__recursion(da, caches):
    cells, x = caches

    def back_to(t):
        """Gradients of the steps after t: what flows into step t, and the sums so far."""
        if t == len(cells):
            return np.zeros(da.shape[:2]), [], 0, 0, 0
        later, dx, dWax, dWaa, dba = back_to(t + 1)
        step = rnn_cell_backward__einsum(da[:, :, t] + later, cells[t])
        sums = dWax + step["dWax"], dWaa + step["dWaa"], dba + step["dba"]
        return step["da_prev"], [step["dxt"], *dx], *sums

    da0, dx, dWax, dWaa, dba = back_to(0)
    return {"da0": da0, "dba": dba, "dWaa": dWaa, "dWax": dWax, "dx": np.dstack(dx)}


def rnn_backward__cells_popped_from_own_list(da, caches):
    steps = list(caches[0])
    da = da.copy()
    found = []
    while steps:
        t = len(steps) - 1
        g = rnn_cell_backward__example_by_example(da[..., t], steps.pop())
        if t:
            da[..., t - 1] += g["da_prev"]
        found.append(g)
    total = {key: sum(g[key] for g in found) for key in ("dWax", "dWaa", "dba")}
    return {"dx": np.stack([g["dxt"] for g in found[::-1]], axis=-1), "da0": found[-1]["da_prev"], **total}


def slope(f, P, name, h):
    out = np.zeros_like(P[name], dtype=float)
    for i in range(P[name].size):
        shift = np.zeros(P[name].size)
        shift[i] = h
        shift = shift.reshape(P[name].shape)
        out.flat[i] = (f({**P, name: P[name] + shift}) - f({**P, name: P[name] - shift})) / (2 * h)
    return out


def gradient_check__whole_copies(f, P, G, h=1e-5, tolerance=1e-6):
    result = {}
    for name in P:
        n, g = slope(f, P, name, h), G[f"d{name}"]
        bottom = np.linalg.norm(n) + np.linalg.norm(g)
        error = 0.0 if bottom == 0 else np.linalg.norm(n - g) / bottom
        result[name] = (error, error < tolerance)
    return result


def gradient_check__square_roots_of_sums(f, P, G, h=1e-5, tolerance=1e-6):
    def length(v):
        return np.sqrt((v**2).sum())

    errors = {}
    for key, theta in P.items():
        mine = dict(P)
        mine[key] = theta.copy()
        measured = np.empty(theta.shape)
        it = np.nditer(theta, flags=["multi_index"])
        while not it.finished:
            i = it.multi_index
            mine[key][i] = theta[i] + h
            up = f(mine)
            mine[key][i] = theta[i] - h
            down = f(mine)
            mine[key][i] = theta[i]
            measured[i] = (up - down) / 2 / h
            it.iternext()
        total = length(measured) + length(G["d" + key])
        errors[key] = length(measured - G["d" + key]) / total if total else 0.0
    return {key: [e, bool(e < tolerance)] for key, e in errors.items()}


def gradient_check__comprehension(f, P, G, h=1e-5, tolerance=1e-6):
    norm = np.linalg.norm
    pairs = {k: (slope(f, P, k, h), G["d" + k]) for k in P}
    errors = {k: norm(n - g) / max(norm(n) + norm(g), 1e-300) for k, (n, g) in pairs.items()}
    return {k: (e, e < tolerance) for k, e in errors.items()}


def gradient_check__ravelled(loss, P, grads, h=1e-5, tolerance=1e-6):
    out = {}
    for name in sorted(P):
        theta = P[name].astype(float).ravel()
        measured = []
        for i in range(len(theta)):
            ends = []
            for sign in (+1, -1):
                moved = theta.copy()
                moved[i] += sign * h
                ends.append(loss({**P, name: moved.reshape(P[name].shape)}))
            measured.append((ends[0] - ends[1]) / (2 * h))
        claimed = grads["d" + name].ravel()
        a, b = np.linalg.norm(measured), np.linalg.norm(claimed)
        error = np.linalg.norm(np.array(measured) - claimed) / (a + b) if a + b > 0 else 0.0
        out[name] = (error, error < tolerance)
    return out
