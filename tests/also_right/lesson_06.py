"""Right answers to the exercises of lesson 06 as students write them. `python -m utils prove` must accept every one."""

import math

import numpy as np


def sig(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def gru_cell_forward__split_weights(x, c_prev, P):
    n = len(c_prev)

    def act(gate, memory):
        return P["W" + gate][:, :n] @ memory + P["W" + gate][:, n:] @ x + P["b" + gate]

    u, r = sig(act("u", c_prev)), sig(act("r", c_prev))
    candidate = np.tanh(act("c", r * c_prev))
    c = c_prev + u * (candidate - c_prev)
    return c, softmax(P["Wy"] @ c + P["by"]), (c, c_prev, u, r, candidate, x, P)


def gru_cell_forward__both_gates_at_once(xt, c_prev, P):
    W, b = np.stack([P["Wu"], P["Wr"]]), np.stack([P["bu"], P["br"]])
    u, r = (np.tanh((W @ np.vstack([c_prev, xt]) + b) / 2) + 1) / 2
    c_tilde = np.tanh(P["Wc"] @ np.vstack([r * c_prev, xt]) + P["bc"])
    c_next = (1 - u) * c_prev + u * c_tilde
    return c_next, softmax(P["Wy"] @ c_next + P["by"]), (c_next, c_prev, u, r, c_tilde, xt, P)


def gru_cell_forward__loops(xt, c_prev, P):
    n_c, m = c_prev.shape
    u, r, new, c = (np.zeros((n_c, m)) for _ in range(4))
    for j in range(m):
        column = [*c_prev[:, j], *xt[:, j]]
        for i in range(n_c):
            u[i, j] = 1 / (1 + math.exp(-sum(w * v for w, v in zip(P["Wu"][i], column, strict=True)) - P["bu"][i, 0]))
            r[i, j] = 1 / (1 + math.exp(-sum(w * v for w, v in zip(P["Wr"][i], column, strict=True)) - P["br"][i, 0]))
        seen = np.array([*(r[:, j] * c_prev[:, j]), *xt[:, j]])
        for i in range(n_c):
            new[i, j] = math.tanh(P["Wc"][i].dot(seen) + P["bc"][i, 0])
            c[i, j] = u[i, j] * new[i, j] + (1 - u[i, j]) * c_prev[i, j]
    return c, softmax(P["Wy"] @ c + P["by"]), (c, c_prev, u, r, new, xt, P)


def gru_cell_forward__in_place_on_own(xt, c_prev, P):
    both = np.concatenate((c_prev, xt))
    u = sig(P["Wu"] @ both + P["bu"])
    r = sig(P["Wr"] @ both + P["br"])
    both[: len(c_prev)] *= r
    c_tilde = P["Wc"] @ both
    c_tilde += P["bc"]
    np.tanh(c_tilde, out=c_tilde)
    c = c_prev.copy()
    c *= 1 - u
    c += u * c_tilde
    return c, softmax(P["Wy"] @ c + P["by"]), [c, c_prev, u, r, c_tilde, xt, P]


def gru_cell_forward_simple__split_weights(x, c_prev, P):
    n = len(c_prev)
    gate = sig(P["Wu"][:, :n] @ c_prev + P["Wu"][:, n:] @ x + P["bu"])
    new = np.tanh(P["Wc"][:, :n] @ c_prev + P["Wc"][:, n:] @ x + P["bc"])
    c = c_prev + gate * (new - c_prev)
    return c, softmax(P["Wy"] @ c + P["by"]), (c, c_prev, gate, new, x, P)


def gru_cell_forward_simple__example_by_example(xt, c_prev, P):
    columns = [np.r_[c_prev[:, j], xt[:, j]] for j in range(xt.shape[1])]
    u = np.array([sig(P["Wu"] @ column + P["bu"][:, 0]) for column in columns]).T
    candidate = np.array([np.tanh(P["Wc"] @ column + P["bc"][:, 0]) for column in columns]).T
    c = u * candidate + c_prev - u * c_prev
    return c, softmax(P["Wy"] @ c + P["by"]), [c, c_prev, u, candidate, xt, P]


def gru_cell_forward_simple__einsum_and_where(xt, c_prev, P):
    both = np.vstack((c_prev, xt))
    z = np.einsum("ij,jm->im", P["Wu"], both) + P["bu"]
    small = np.exp(-np.abs(z))
    u = np.where(z > 0, 1, small) / (1 + small)
    c_tilde = np.tanh(np.einsum("ij,jm->im", P["Wc"], both) + P["bc"])
    c_next = np.average([c_prev, c_tilde], axis=0, weights=[1 - u, u])
    return c_next, softmax(np.einsum("yi,im->ym", P["Wy"], c_next) + P["by"]), (c_next, c_prev, u, c_tilde, xt, P)


def gru_forward__lists_then_stack(x, c0, P):
    c, y, cells = [c0], [], []
    for xt in np.moveaxis(x, 2, 0):
        new, pred, cache = gru_cell_forward__split_weights(xt, c[-1], P)
        c.append(new)
        y.append(pred)
        cells.append(cache)
    return np.stack(c[1:], axis=-1), np.dstack(y), (cells, x)


def gru_forward__predictions_after_the_loop(x, c0, P):
    m, T = x.shape[1:]
    c, cells = np.empty((len(c0), m, T)), []
    for t in range(T):
        before = c[:, :, t - 1].copy() if t else c0
        c[..., t], _, cache = gru_cell_forward__both_gates_at_once(x[..., t], before, P)
        cells.append(cache)
    return c, softmax(np.einsum("yi,imt->ymt", P["Wy"], c) + P["by"][:, :, None]), [cells, x]


def gru_forward__input_products_first(x, c0, P):
    """No call of the cell: what the input sends to the gates and to the candidate is known before the loop."""
    n = len(c0)
    driven = {g: np.einsum("ci,imt->tcm", P["W" + g][:, n:], x) + P["b" + g] for g in "urc"}
    c, cells, c_all, y_all = c0, [], [], []
    for t in range(x.shape[2]):
        u = sig(P["Wu"][:, :n] @ c + driven["u"][t])
        r = sig(P["Wr"][:, :n] @ c + driven["r"][t])
        new = np.tanh(P["Wc"][:, :n] @ (r * c) + driven["c"][t])
        before, c = c, (1 - u) * c + u * new
        cells += [(c, before, u, r, new, x[:, :, t], P)]
        c_all += [c]
        y_all += [softmax(P["Wy"] @ c + P["by"])]
    return np.array(c_all).transpose(1, 2, 0), np.array(y_all).transpose(1, 2, 0), (cells, x)


def gru_cell_backward__split_weights(dc_next, cache):
    """Each matrix cut into the part that acts on the memory and the part that acts on the input."""
    _, c, u, r, new, x, P = cache
    n = len(c)
    dz = {"c": dc_next * u * (1 - new * new), "u": dc_next * (new - c) * (u - u**2)}
    at_reset = P["Wc"][:, :n].T @ dz["c"]
    dz["r"] = at_reset * c * (r - r**2)
    dc = dc_next - dc_next * u + at_reset * r
    dx = np.zeros_like(x)
    G = {}
    for gate, memory in (("u", c), ("r", c), ("c", r * c)):
        W = P["W" + gate]
        dx += W[:, n:].T @ dz[gate]
        if gate != "c":
            dc += W[:, :n].T @ dz[gate]
        G["dW" + gate] = np.hstack([dz[gate] @ memory.T, dz[gate] @ x.T])
        G["db" + gate] = dz[gate].sum(1)[:, None]
    return {**G, "dxt": dx, "dc_prev": dc}


def gru_cell_backward__example_by_example(dc_next, cache):
    _, c_prev, u, r, new, xt, P = cache
    n, m = c_prev.shape
    G = {"d" + name: np.zeros_like(P[name]) for name in ("Wu", "bu", "Wr", "br", "Wc", "bc")}
    dxt, dc_prev = np.zeros_like(xt), np.zeros_like(c_prev)
    for j in range(m):
        d, c = dc_next[:, j], c_prev[:, j]
        dzc = d * u[:, j] * (1 - new[:, j] ** 2)
        back_c = dzc @ P["Wc"]
        dzu = d * (new[:, j] - c) * u[:, j] * (1 - u[:, j])
        dzr = back_c[:n] * c * r[:, j] * (1 - r[:, j])
        back = back_c * np.r_[r[:, j], np.ones(len(xt))] + dzu @ P["Wu"] + dzr @ P["Wr"]
        dc_prev[:, j] = d * (1 - u[:, j]) + back[:n]
        dxt[:, j] = back[n:]
        G["dWu"] += np.outer(dzu, np.r_[c, xt[:, j]])
        G["dWr"] += np.outer(dzr, np.r_[c, xt[:, j]])
        G["dWc"] += np.outer(dzc, np.r_[r[:, j] * c, xt[:, j]])
        G["dbu"][:, 0] += dzu
        G["dbr"][:, 0] += dzr
        G["dbc"][:, 0] += dzc
    return {"dxt": dxt, "dc_prev": dc_prev} | G


def gru_cell_backward__from_the_sums_and_einsum(dc_next, cache):
    """Everything computed anew from xt, c_prev and P; slopes from the values inside the brackets."""
    _, c_prev, _, _, _, xt, P = cache
    n = c_prev.shape[0]
    both = np.vstack([c_prev, xt])
    zu, zr = P["Wu"] @ both + P["bu"], P["Wr"] @ both + P["br"]
    r = sig(zr)
    seen = np.vstack([r * c_prev, xt])
    zc = P["Wc"] @ seen + P["bc"]
    dzc = dc_next * sig(zu) / np.cosh(zc) ** 2
    dseen = np.einsum("ij,im->jm", P["Wc"], dzc)
    dzu = dc_next * (np.tanh(zc) - c_prev) / (4 * np.cosh(zu / 2) ** 2)
    dzr = dseen[:n] * c_prev / (4 * np.cosh(zr / 2) ** 2)
    dboth = np.einsum("gij,gim->jm", np.stack([P["Wu"], P["Wr"]]), np.stack([dzu, dzr]))
    out = dict(dxt=dboth[n:] + dseen[n:], dc_prev=dboth[:n] + r * dseen[:n] + (1 - sig(zu)) * dc_next)
    for gate, dz, column in (("u", dzu, both), ("r", dzr, both), ("c", dzc, seen)):
        out["dW" + gate] = np.einsum("im,jm->ij", dz, column)
        out["db" + gate] = dz @ np.ones((dz.shape[1], 1))
    return out


def gru_backward__in_place_in_own_arrays(dc, caches):
    cells, x = caches
    P = cells[0][-1]
    G = {"d" + name: np.zeros_like(P[name]) for name in ("Wu", "bu", "Wr", "br", "Wc", "bc")}
    dx, back = np.zeros_like(x), np.zeros_like(dc[:, :, 0])
    for t in range(len(cells) - 1, -1, -1):
        step = gru_cell_backward__split_weights(back + dc[:, :, t], cells[t])
        dx[:, :, t], back = step.pop("dxt"), step.pop("dc_prev")
        for key, value in step.items():
            G[key] += value
    G["dx"], G["dc0"] = dx, back
    return G


def gru_backward__own_copy_of_dc(dc, caches):
    cells, x = caches
    dc = dc.copy()
    steps = [None] * len(cells)
    for t in reversed(range(len(cells))):
        steps[t] = gru_cell_backward__example_by_example(dc[..., t], cells[t])
        if t > 0:
            dc[..., t - 1] += steps[t]["dc_prev"]
    sums = {key: sum(step[key] for step in steps) for key in steps[0] if key[1] in "Wb"}
    return sums | {"dx": np.stack([step["dxt"] for step in steps], axis=2), "dc0": steps[0]["dc_prev"]}


def gru_backward__recursion(dc, caches):
    cells, x = caches

    def back_to(t):
        """Gradients of the steps from t on: into the memory before t, of the inputs, and the sums."""
        if t == len(cells):
            return np.zeros(dc.shape[:2]), [], {}
        later, dx, sums = back_to(t + 1)
        step = gru_cell_backward__from_the_sums_and_einsum(dc[:, :, t] + later, cells[t])
        keys = [key for key in step if key not in ("dxt", "dc_prev")]
        return step["dc_prev"], [step["dxt"], *dx], {key: sums.get(key, 0) + step[key] for key in keys}

    dc0, dx, sums = back_to(0)
    return {"dx": np.dstack(dx), "dc0": dc0, **sums}


def gru_cell_forward_reset_after__split_weights(x, c_prev, P):
    n = len(c_prev)
    u, r = (sig(P["W" + g][:, :n] @ c_prev + P["W" + g][:, n:] @ x + P["b" + g]) for g in "ur")
    new = np.tanh(P["Wcx"] @ x + P["bcx"] + r * (P["bcc"] + P["Wcc"] @ c_prev))
    c = c_prev + u * (new - c_prev)
    return c, softmax(P["Wy"] @ c + P["by"]), (c, c_prev, u, r, new, x, P)


def gru_cell_forward_reset_after__bias_and_product_apart(xt, c_prev, P):
    both = np.concatenate([c_prev, xt])
    u, r = sig(P["Wu"].dot(both) + P["bu"]), sig(P["Wr"].dot(both) + P["br"])
    z = P["Wcc"].dot(c_prev)
    z *= r
    z += r * P["bcc"]
    z += P["Wcx"].dot(xt)
    z += P["bcx"]
    new = np.tanh(z)
    c = (1 - u) * c_prev + u * new
    return c, softmax(P["Wy"].dot(c) + P["by"]), [c, c_prev, u, r, new, xt, P]


def gru_cell_forward_reset_after__example_by_example(xt, c_prev, P):
    u, r, new, c = (np.empty(c_prev.shape) for _ in range(4))
    for j in range(xt.shape[1]):
        old, seen = c_prev[:, j], np.r_[c_prev[:, j], xt[:, j]]
        u[:, j] = sig(P["Wu"] @ seen + P["bu"].ravel())
        r[:, j] = sig(P["Wr"] @ seen + P["br"].ravel())
        inside = r[:, j] * (P["Wcc"] @ old + P["bcc"].ravel()) + P["Wcx"] @ xt[:, j] + P["bcx"].ravel()
        new[:, j] = np.tanh(inside)
        c[:, j] = u[:, j] * new[:, j] + (1 - u[:, j]) * old
    return c, softmax(P["Wy"] @ c + P["by"]), (c, c_prev, u, r, new, xt, P)
