"""Right answers to the exercises of lesson 07 as students write them. `python -m utils prove` must accept every one."""

import math

import numpy as np


def sig(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def lstm_cell_forward__split_weights(x, a_prev, c_prev, P):
    n = a_prev.shape[0]

    def total(gate):
        W = P["W" + gate]
        return W[:, :n] @ a_prev + W[:, n:] @ x + P["b" + gate]

    f, u, o = (sig(total(gate)) for gate in "fuo")
    new = np.tanh(total("c"))
    c = f * c_prev + u * new
    a = o * np.tanh(c)
    return a, c, softmax(P["Wy"] @ a + P["by"]), (a, c, a_prev, c_prev, f, u, new, o, x, P)


def lstm_cell_forward__one_product(xt, a_prev, c_prev, P):
    W = np.vstack([P["Wf"], P["Wu"], P["Wo"], P["Wc"]])
    b = np.vstack([P["bf"], P["bu"], P["bo"], P["bc"]])
    f, u, o, z = np.split(W @ np.vstack((a_prev, xt)) + b, 4)
    f, u, o = (0.5 * np.tanh(0.5 * v) + 0.5 for v in (f, u, o))
    c_tilde = np.tanh(z)
    c_next = c_prev.copy()
    c_next *= f
    c_next += u * c_tilde
    a_next = np.tanh(c_next) * o
    return [
        a_next,
        c_next,
        softmax(P["Wy"] @ a_next + P["by"]),
        [a_next, c_next, a_prev, c_prev, f, u, c_tilde, o, xt, P],
    ]


def lstm_cell_forward__loops(xt, a_prev, c_prev, P):
    n_a, m = a_prev.shape
    f, u, new, o, a, c = (np.zeros((n_a, m)) for _ in range(6))
    y = np.zeros((len(P["by"]), m))
    for j in range(m):
        seen = [*a_prev[:, j], *xt[:, j]]
        for i in range(n_a):

            def z(gate, i=i, seen=seen):
                return sum(w * v for w, v in zip(P["W" + gate][i], seen, strict=True)) + P["b" + gate][i, 0]

            f[i, j] = 1 / (1 + math.exp(-z("f")))
            u[i, j] = 1 / (1 + math.exp(-z("u")))
            o[i, j] = 1 / (1 + math.exp(-z("o")))
            new[i, j] = math.tanh(z("c"))
            c[i, j] = f[i, j] * c_prev[i, j] + u[i, j] * new[i, j]
            a[i, j] = o[i, j] * math.tanh(c[i, j])
        y[:, j] = softmax(P["Wy"] @ a[:, j] + P["by"][:, 0])
    return a, c, y, (a, c, a_prev, c_prev, f, u, new, o, xt, P)


def lstm_cell_forward__einsum(xt, a_prev, c_prev, P):
    both = np.concatenate([a_prev, xt])
    Z = {g: np.einsum("ij,jm->im", P["W" + g], both) + P["b" + g] for g in "fuco"}
    gates = {g: sig(Z[g]) for g in "fuo"}
    c_tilde = np.tanh(Z["c"])
    c_next = np.add(np.multiply(gates["f"], c_prev), np.multiply(gates["u"], c_tilde))
    a_next = gates["o"] * np.tanh(c_next)
    y = softmax(np.einsum("ya,am->ym", P["Wy"], a_next) + P["by"])
    cache = (a_next, c_next, a_prev, c_prev, gates["f"], gates["u"], c_tilde, gates["o"], xt, P)
    return a_next, c_next, y, cache


def lstm_forward__lists_and_stack(x, a0, P, c0=None):
    a, c = [a0], [np.zeros_like(a0) if c0 is None else c0]
    answers, cells = [], []
    for t in range(x.shape[-1]):
        a_t, c_t, y_t, cell = lstm_cell_forward__split_weights(x[..., t], a[-1], c[-1], P)
        a.append(a_t)
        c.append(c_t)
        answers.append(y_t)
        cells.append(cell)
    return np.stack(a[1:], axis=2), np.stack(answers, axis=2), np.dstack(c[1:]), (cells, x)


def lstm_forward__read_back_from_the_arrays(x, a0, P, c0=None):
    n_a, m = a0.shape
    T = x.shape[2]
    a, c = np.empty((n_a, m, T + 1)), np.zeros((n_a, m, T + 1))
    a[:, :, 0] = a0
    if c0 is not None:
        c[:, :, 0] = c0
    y = np.empty((len(P["by"]), m, T))
    cells = []
    for t in range(T):
        out = lstm_cell_forward__one_product(x[:, :, t], a[:, :, t], c[:, :, t], P)
        a[:, :, t + 1], c[:, :, t + 1], y[:, :, t] = out[:3]
        cells.append(tuple(out[3]))
    return a[:, :, 1:], y, c[:, :, 1:], (cells, x)


def lstm_forward__predictions_at_the_end(x, a0, P, c0=None):
    a_now, c_now = a0, c0
    if c0 is None:
        c_now = a0 * 0
    cells = []
    for xt in np.moveaxis(x, 2, 0):
        a_now, c_now, _, cell = lstm_cell_forward__einsum(xt, a_now, c_now, P)
        cells += [cell]
    a = np.stack([cell[0] for cell in cells], -1)
    c = np.stack([cell[1] for cell in cells], -1)
    z = np.tensordot(P["Wy"], a, 1) + P["by"][:, :, None]
    return a, softmax(z), c, (cells, x)


def lstm_forward__recursion(x, a0, P, c0=None):
    if c0 is None:
        c0 = np.zeros(a0.shape)
    a, c, y, cell = lstm_cell_forward__split_weights(x[:, :, 0], a0, c0, P)
    first = [v[:, :, None] for v in (a, y, c)]
    if x.shape[2] == 1:
        return *first, ([cell], x)
    rest = lstm_forward__recursion(x[:, :, 1:], a, P, c)
    joined = [np.concatenate(pair, axis=2) for pair in zip(first, rest[:3], strict=True)]
    return *joined, ([cell] + rest[3][0], x)


def lstm_cell_backward__as_in_the_papers(da_next, dc_next, cache):
    """The gradients of the gates one by one, as four separate equations each."""
    a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, P = cache
    n_a = a_next.shape[0]
    t = np.tanh(c_next)
    dot = da_next * t * ot * (1 - ot)
    dcct = (dc_next * it + ot * (1 - t**2) * it * da_next) * (1 - cct**2)
    dit = (dc_next * cct + ot * (1 - t**2) * cct * da_next) * it * (1 - it)
    dft = (dc_next * c_prev + ot * (1 - t**2) * c_prev * da_next) * ft * (1 - ft)
    stacked = np.concatenate((a_prev, xt), axis=0)
    G = {"dWf": dft @ stacked.T, "dWu": dit @ stacked.T, "dWc": dcct @ stacked.T, "dWo": dot @ stacked.T}
    for key, dz in (("dbf", dft), ("dbu", dit), ("dbc", dcct), ("dbo", dot)):
        G[key] = dz.sum(1, keepdims=True)
    pairs = (("Wf", dft), ("Wu", dit), ("Wc", dcct), ("Wo", dot))
    G["da_prev"] = sum(P[W][:, :n_a].T @ dz for W, dz in pairs)
    G["dxt"] = sum(P[W][:, n_a:].T @ dz for W, dz in pairs)
    G["dc_prev"] = dc_next * ft + ot * (1 - t**2) * ft * da_next
    return G


def lstm_cell_backward__example_by_example(da_next, dc_next, cache):
    _, c, a_prev, c_prev, f, u, new, o, xt, P = cache
    n = len(c)
    out = {"dxt": np.zeros_like(xt), "da_prev": np.zeros_like(a_prev), "dc_prev": np.zeros_like(c_prev)}
    for g in "fuco":
        out["dW" + g] = np.zeros_like(P["W" + g])
        out["db" + g] = np.zeros_like(P["b" + g])
    for j in range(xt.shape[1]):
        column = np.r_[a_prev[:, j], xt[:, j]]
        squashed = np.tanh(c[:, j])
        dc = dc_next[:, j] + da_next[:, j] * o[:, j] / np.cosh(c[:, j]) ** 2
        dz = {
            "f": dc * c_prev[:, j] * (f[:, j] - f[:, j] ** 2),
            "u": dc * new[:, j] * (u[:, j] - u[:, j] ** 2),
            "c": dc * u[:, j] * (1 - new[:, j]) * (1 + new[:, j]),
            "o": da_next[:, j] * squashed * (o[:, j] - o[:, j] ** 2),
        }
        out["dc_prev"][:, j] = dc * f[:, j]
        for g, d in dz.items():
            out["dW" + g] += np.outer(d, column)
            out["db" + g][:, 0] += d
            back = d @ P["W" + g]
            out["da_prev"][:, j] += back[:n]
            out["dxt"][:, j] += back[n:]
    return out


def lstm_cell_backward__einsum(da_next, dc_next, cache):
    _, c, a_prev, c_prev, f, u, new, o, xt, P = cache
    T = np.tanh(c)
    dc = dc_next + np.einsum("am,am,am->am", da_next, o, 1 - T * T)
    d = np.stack([dc * c_prev * f * (1 - f), dc * new * u * (1 - u), dc * u * (1 - new**2), da_next * T * o * (1 - o)])
    W = np.stack([P["W" + g] for g in "fuco"])
    both = np.concatenate([a_prev, xt])
    dW = np.einsum("gam,bm->gab", d, both)
    db = np.einsum("gam->ga", d)[..., None]
    da_prev, dxt = np.split(np.einsum("gab,gam->bm", W, d), [len(a_prev)])
    G = {"dxt": dxt, "da_prev": da_prev, "dc_prev": np.einsum("am,am->am", dc, f)}
    for k, g in enumerate("fuco"):
        G |= {"dW" + g: dW[k], "db" + g: db[k]}
    return G


def lstm_backward__no_cell(da, caches):
    """Everything in one loop; the gradients are added up in place in arrays of its own."""
    cells, x = caches
    P = cells[0][9]
    dx = np.zeros_like(x)
    G = {"d" + k: np.zeros_like(P[k]) for k in P if k[1] in "fuco"}
    back_a = back_c = np.zeros(da.shape[:2])
    n_a = len(back_a)
    for t in range(len(cells) - 1, -1, -1):
        _, c, a_prev, c_prev, f, u, new, o, xt, _ = cells[t]
        da_t = da[:, :, t] + back_a
        dc = back_c + da_t * o * (1 - np.tanh(c) ** 2)
        dz = {"f": dc * c_prev * f * (1 - f), "u": dc * new * u * (1 - u)}
        dz |= {"c": dc * u * (1 - new**2), "o": da_t * np.tanh(c) * o * (1 - o)}
        both = np.vstack([a_prev, xt])
        down = 0
        for g, d in dz.items():
            G["dW" + g] += d @ both.T
            G["db" + g] += d.sum(axis=1, keepdims=True)
            down = down + P["W" + g].T @ d
        back_a, back_c = down[:n_a], dc * f
        dx[:, :, t] = down[n_a:]
    return {"dx": dx, "da0": back_a, "dc0": back_c} | G


def lstm_backward__gradients_collected(da, caches):
    steps = []
    back = {"da_prev": 0, "dc_prev": np.zeros(da.shape[:2])}
    for t in reversed(range(da.shape[2])):
        back = lstm_cell_backward__einsum(da[:, :, t] + back["da_prev"], back["dc_prev"], caches[0][t])
        steps.append(back)
    G = {key: sum(step[key] for step in steps) for key in back if key[1] in "Wb"}
    G["dx"] = np.stack([step["dxt"] for step in steps][::-1], axis=2)
    G["da0"], G["dc0"] = back["da_prev"], back["dc_prev"]
    return G


def lstm_backward__added_into_own_copy_of_da(da, caches):
    cells, x = caches
    da = da.copy()
    dc = np.zeros_like(da)
    total = None
    for t in list(range(len(cells)))[::-1]:
        g = lstm_cell_backward__as_in_the_papers(da[:, :, t], dc[:, :, t], cells[t])
        if t > 0:
            da[:, :, t - 1] += g["da_prev"]
            dc[:, :, t - 1] += g["dc_prev"]
        if total is None:
            total = {k: v.copy() for k, v in g.items() if k[:2] in ("dW", "db")}
            dx = np.zeros(x.shape)
        else:
            for k in total:
                total[k] += g[k]
        dx[:, :, t] = g["dxt"]
    total.update(dx=dx, da0=g["da_prev"], dc0=g["dc_prev"])
    return total


def init_lstm__one_by_one(n_x, n_a, n_y, rng, forget_bias=1):
    Wf = rng.standard_normal((n_a, n_a + n_x)) / np.sqrt(n_a + n_x)
    Wu = rng.standard_normal((n_a, n_a + n_x)) / np.sqrt(n_a + n_x)
    Wc = rng.standard_normal((n_a, n_a + n_x)) / np.sqrt(n_a + n_x)
    Wo = rng.standard_normal((n_a, n_a + n_x)) / np.sqrt(n_a + n_x)
    Wy = rng.standard_normal((n_y, n_a)) / np.sqrt(n_a)
    bu, bc, bo, by = (np.zeros((n, 1)) for n in (n_a, n_a, n_a, n_y))
    bf = forget_bias * np.ones((n_a, 1))
    return {"Wf": Wf, "Wu": Wu, "Wc": Wc, "Wo": Wo, "bf": bf, "bu": bu, "bc": bc, "bo": bo, "Wy": Wy, "by": by}


def init_lstm__all_gates_in_one_draw(n_x, n_a, n_y, rng, forget_bias=1):
    """Row after row from one stream: the same numbers."""
    stack = rng.standard_normal((4 * n_a, n_a + n_x)) * (n_a + n_x) ** -0.5
    P = dict(zip(["Wf", "Wu", "Wc", "Wo"], np.split(stack, 4), strict=True))
    P.update(bf=np.full((n_a, 1), float(forget_bias)), bu=np.zeros((n_a, 1)))
    P.update(bc=np.zeros((n_a, 1)), bo=np.zeros((n_a, 1)))
    P["Wy"], P["by"] = rng.standard_normal((n_y, n_a)) / n_a**0.5, np.zeros((n_y, 1))
    return P


def init_lstm__from_shapes(n_x, n_a, n_y, rng, forget_bias=1):
    shapes = {f"W{g}": (n_a, n_a + n_x) for g in "fuco"} | {"Wy": (n_y, n_a)}
    P = {k: rng.standard_normal(size=s) / math.sqrt(s[1]) for k, s in shapes.items()}
    P |= {"b" + k[1]: np.zeros((s[0], 1)) for k, s in shapes.items()}
    P["bf"] += forget_bias
    return P


def init_lstm__plain_normal(n_x, n_a, n_y, rng, forget_bias=1):
    def matrix(rows, columns):
        return rng.normal(0, 1 / np.sqrt(columns), (rows, columns))

    P = {"W" + g: matrix(n_a, n_a + n_x) for g in ("f", "u", "c", "o")}
    P["Wy"] = matrix(n_y, n_a)
    for g in "fucoy":
        P["b" + g] = np.zeros((P["W" + g].shape[0], 1))
    P["bf"][:] = forget_bias
    return P
