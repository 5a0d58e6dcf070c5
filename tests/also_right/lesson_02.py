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


def scalar_bptt__derivatives_forward(x, a0, w_x, w_a, b):
    """Each term walks forward from its own step to the last."""
    states = [a0]
    for number in x:
        states.append(np.tanh(b + w_a * states[-1] + w_x * number))
    terms = []
    for t in range(1, len(states)):
        term = (1 - states[t] ** 2) * states[t - 1]
        for later in states[t + 1 :]:
            term *= w_a * (1 - later**2)
        terms.append(term)
    return np.array(terms), sum(terms)


def scalar_bptt__products_of_slices(x, a0, w_x, w_a, b):
    a = np.empty(len(x) + 1)
    a[0] = a0
    for t in range(len(x)):
        a[t + 1] = np.tanh(w_x * x[t] + w_a * a[t] + b)
    slopes = 1 / np.cosh(np.arctanh(a[1:])) ** 2
    terms = np.array([np.prod(w_a * slopes[t + 1 :]) for t in range(len(x))]) * slopes * a[:-1]
    return terms, terms.sum()


def scalar_bptt__deltas(x, a0, w_x, w_a, b):
    """δ⟨t⟩ = ∂a⟨T⟩/∂z⟨t⟩, carried from the last step to the first."""
    before, after = [], []
    a = a0
    for t in range(len(x)):
        before.append(a)
        a = np.tanh(w_x * x[t] + w_a * a + b)
        after.append(a)
    delta, terms = 1 - after[-1] ** 2, [0.0] * len(x)
    for t in range(len(x) - 1, -1, -1):
        terms[t] = delta * before[t]
        if t:
            delta = delta * w_a * (1 - after[t - 1] ** 2)
    return np.asarray(terms), float(np.sum(terms))


def output_layer_backward__one_hot_and_einsum(y_pred, targets, a, P, mask=None):
    n_y = len(y_pred)
    counts = np.ones(targets.shape) if mask is None else mask.astype(float)
    truth = np.eye(n_y)[targets].transpose(2, 0, 1)  # (n_y, m, T)
    dz = (y_pred - truth) * counts
    loss = -np.sum(counts * np.log(np.sum(y_pred * truth, axis=0)))
    dWya = np.einsum("ymt,amt->ya", dz, a)
    return dWya, dz.sum(axis=(1, 2))[:, None], np.einsum("ya,ymt->amt", P["Wya"], dz), loss


def output_layer_backward__example_by_example(y_pred, targets, a, P, mask=None):
    n_y, m, T = y_pred.shape
    dWya, dby, da, loss = np.zeros_like(P["Wya"]), np.zeros_like(P["by"]), np.zeros_like(a), 0.0
    for j in range(m):
        for t in range(T):
            if mask is not None and not mask[j, t]:
                continue
            dz = y_pred[:, j, t].copy()
            dz[targets[j, t]] -= 1
            loss -= np.log(y_pred[targets[j, t], j, t])
            dWya += np.outer(dz, a[:, j, t])
            dby[:, 0] += dz
            da[:, j, t] = dz @ P["Wya"]
    return dWya, dby, da, loss


def output_layer_backward__steps_in_a_list(y_pred, targets, a, P, mask=None):
    n_y, m, T = y_pred.shape
    dzs, loss = [], 0.0
    for t in range(T):
        rows = np.arange(n_y)[:, None] == targets[None, :, t] % n_y
        keep = 1.0 if mask is None else mask[:, t] * 1.0
        dzs.append((y_pred[:, :, t] - rows) * keep)
        loss += np.sum(-np.log(y_pred[:, :, t][rows.argmax(axis=0), range(m)]) * keep)
    dWya = sum(dz @ a[:, :, t].T for t, dz in enumerate(dzs))
    dby = sum(dz.sum(axis=1) for dz in dzs).reshape(-1, 1)
    return dWya, dby, np.dstack([P["Wya"].T @ dz for dz in dzs]), loss


def numerical_gradient__on_copies(f, theta, h=1e-5):
    out = np.zeros(theta.shape)
    for i in range(theta.size):
        up, down = theta.copy(), theta.copy()
        up.flat[i] += h
        down.flat[i] -= h
        out.flat[i] = (f(up) - f(down)) / (2 * h)
    return out


def numerical_gradient__nditer(f, theta, h=1e-5):
    out = np.empty_like(theta)
    it = np.nditer(theta, flags=["multi_index"])
    for value in it:
        old = float(value)
        theta[it.multi_index] = old + h
        out[it.multi_index] = f(theta) / (2 * h)
        theta[it.multi_index] = old - h
        out[it.multi_index] -= f(theta) / (2 * h)
        theta[it.multi_index] = old
    return out


def numerical_gradient__unit_vectors(f, theta, h=1e-5):
    directions = h * np.eye(theta.size).reshape(theta.size, *theta.shape)
    return np.array([(f(theta + d) - f(theta - d)) / 2 / h for d in directions]).reshape(theta.shape)


def update_parameters__comprehension(P, G, learning_rate):
    return {key: value - learning_rate * G[f"d{key}"] for key, value in P.items()}


def update_parameters__copied_first(P, G, learning_rate):
    P = {name: array.copy() for name, array in P.items()}
    for name in P:
        P[name] -= learning_rate * G["d" + name]
    return P


def update_parameters__by_the_gradients(P, G, learning_rate):
    new = dict(P)
    for key, g in G.items():
        if key[1:] in P:
            new[key[1:]] = np.add(P[key[1:]], -learning_rate * g)
    return new


def both_ways(x, targets, counts, a0, P):
    """Everything in one place: states, gradients of the summed loss, the loss."""
    a = [a0]
    for t in range(x.shape[2]):
        a.append(np.tanh(P["Wax"] @ x[:, :, t] + P["Waa"] @ a[-1] + P["ba"]))
    G = {"d" + name: np.zeros_like(value) for name, value in P.items()}
    loss, back = 0.0, np.zeros_like(a0)
    for t in reversed(range(x.shape[2])):
        z = P["Wya"] @ a[t + 1] + P["by"]
        p = np.exp(z - z.max(axis=0))
        p /= p.sum(axis=0)
        truth = np.arange(len(p))[:, None] == targets[:, t]
        loss -= np.sum(np.log(p[truth.T.argmax(axis=1), np.arange(len(a0.T))]) * counts[:, t])
        dz = (p - truth) * counts[:, t]
        G["dWya"] += dz @ a[t + 1].T
        G["dby"] += dz.sum(axis=1, keepdims=True)
        d = (1 - a[t + 1] ** 2) * (P["Wya"].T @ dz + back)
        G["dWax"] += d @ x[:, :, t].T
        G["dWaa"] += d @ a[t].T
        G["dba"] += d.sum(axis=1, keepdims=True)
        back = P["Waa"].T @ d
    return G, loss, a[-1]


def train_step__everything_in_one_place(x, targets, mask, a0, P, learning_rate, limit):
    counts = np.ones(targets.shape) if mask is None else mask
    G, loss, a_last = both_ways(x, targets, counts, a0, P)
    n = np.count_nonzero(counts)
    norm = np.sqrt(sum(((g / n) ** 2).sum() for g in G.values()))
    scale = learning_rate / n * min(1, limit / norm)
    return {k: P[k] - scale * G["d" + k] for k in P}, loss / n, a_last


def train_step__mask_divided_beforehand(x, targets, mask, a0, P, learning_rate, limit):
    weights = np.full(targets.shape, 1 / targets.size) if mask is None else mask / mask.sum()
    G, loss, a_last = both_ways(x, targets, weights, a0, P)
    length = np.linalg.norm(np.concatenate([g.ravel() for g in G.values()]))
    if length > limit:
        for name in G:
            G[name] *= limit / length
    new = {name: value.copy() for name, value in P.items()}
    for name in new:
        new[name] -= learning_rate * G["d" + name]
    return new, float(loss), a_last.copy()


def train_step__clipped_before_with_a_larger_limit(x, targets, mask, a0, P, learning_rate, limit):
    """Clipping the sum at n times the limit is clipping the mean at the limit."""
    mask = np.ones(targets.shape, bool) if mask is None else mask
    n = int(mask.sum())
    G, loss, a_last = both_ways(x, targets, mask, a0, P)
    norm = sum(np.vdot(g, g) for g in G.values()) ** 0.5
    factor = n * limit / norm if norm > n * limit else 1.0
    return {k: P[k] - learning_rate * (factor * G["d" + k]) / n for k in P}, loss / n, a_last
