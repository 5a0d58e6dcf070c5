"""Right answers to the exercises of lesson 08 as students write them. `python -m utils prove` must accept every one."""

import math

import numpy as np

from utils.reference import rnn_states, rnn_states_backward, sigmoid


def reverse_valid__index_arithmetic(x, lengths):
    out = np.array(x)
    for i, n in enumerate(lengths):
        for t in range(n):
            out[:, i, t] = x[:, i, n - 1 - t]
    return out


def reverse_valid__gather(x, lengths):
    t = np.arange(x.shape[2])
    source = np.where(t < lengths[:, None], lengths[:, None] - 1 - t, t)
    return x[:, np.arange(x.shape[1])[:, None], source]


def reverse_valid__pieces_put_together(x, lengths):
    rows = [np.concatenate([np.flip(x[:, i, :n], axis=1), x[:, i, n:]], axis=1) for i, n in enumerate(lengths)]
    return np.stack(rows, axis=1)


def reverse_valid__swapping_in_a_copy(x, lengths):
    out = x.copy()
    for i in range(x.shape[1]):
        first, last = 0, lengths[i] - 1
        while first < last:
            out[:, i, [first, last]] = out[:, i, [last, first]]
            first, last = first + 1, last - 1
    return out


def one_way(P, way):
    return {name: P[f"{name}_{way}"] for name in ("Wax", "Waa", "ba")}


def brnn_forward__einsum_and_a_mask(x, a0_fwd, a0_bwd, P, lengths):
    forward, caches_f = rnn_states(x, a0_fwd, one_way(P, "fwd"))
    backward, caches_b = rnn_states(reverse_valid__gather(x, lengths), a0_bwd, one_way(P, "bwd"))
    a = np.vstack([forward, reverse_valid__gather(backward, lengths)])
    a = a * (np.arange(x.shape[2])[None, :] < lengths[:, None])[None]
    y = sigmoid(np.einsum("ya,amt->ymt", P["Wy"], a) + P["by"][:, :, None])
    return a, y, (caches_f, caches_b, lengths)


def brnn_forward__filled_slice_by_slice(x, a0_fwd, a0_bwd, P, lengths):
    """The padding is never written, so it stays zero."""
    n_a, m = a0_fwd.shape
    T = x.shape[-1]
    a = np.zeros((2 * n_a, m, T))
    fwd, caches_fwd = rnn_states(x, a0_fwd, one_way(P, "fwd"))
    bwd, caches_bwd = rnn_states(reverse_valid__index_arithmetic(x, lengths), a0_bwd, one_way(P, "bwd"))
    for i in range(m):
        for t in range(lengths[i]):
            a[:n_a, i, t] = fwd[:, i, t]
            a[n_a:, i, t] = bwd[:, i, lengths[i] - 1 - t]
    z = np.stack([P["Wy"] @ a[..., t] + P["by"] for t in range(T)], axis=-1)
    return a, 1 / (1 + np.exp(-z)), (caches_fwd, caches_bwd, lengths)


def brnn_forward__no_given_function(x, a0_fwd, a0_bwd, P, lengths):
    """Both passes in one loop, caches and all; the output matrix is cut in two."""
    x_back = reverse_valid__pieces_put_together(x, lengths)
    n_a, T = len(a0_fwd), x.shape[2]
    states, caches = [], []
    for way, inputs, a in (("fwd", x, a0_fwd), ("bwd", x_back, a0_bwd)):
        Q, cells, steps = one_way(P, way), [], []
        for t in range(T):
            before, xt = a, inputs[:, :, t]
            a = np.tanh(Q["Wax"] @ xt + Q["Waa"] @ before + Q["ba"])
            cells.append((a, before, xt, Q))
            steps.append(a)
        states.append(np.dstack(steps))
        caches.append((cells, inputs, None))
    counts = np.arange(T) < np.reshape(lengths, (-1, 1))
    fwd = np.where(counts, states[0], 0)
    bwd = np.where(counts, reverse_valid__gather(states[1], lengths), 0)
    parts = np.tensordot(P["Wy"][:, :n_a], fwd, 1) + np.tensordot(P["Wy"][:, n_a:], bwd, 1)
    return np.concatenate([fwd, bwd]), sigmoid(parts + P["by"][..., None]), (*caches, lengths)


def brnn_backward__split_and_loop(da, caches):
    caches_fwd, caches_bwd, lengths = caches
    da = da.copy()
    for i, n in enumerate(lengths):
        da[:, i, n:] = 0
    upper, lower = np.split(da, 2)
    f = rnn_states_backward(upper, caches_fwd)
    b = rnn_states_backward(reverse_valid__gather(lower, lengths), caches_bwd)
    G = {f"{key}_fwd": f[key] for key in f if key != "dx"}
    G.update({f"{key}_bwd": b[key] for key in b if key != "dx"})
    G["dx"] = f["dx"] + reverse_valid__gather(b["dx"], lengths)
    return G


def brnn_backward__dx_added_step_by_step(da, caches):
    fwd_caches, bwd_caches, lengths = caches
    n = da.shape[0] // 2
    da = np.where(np.arange(da.shape[2]) < lengths[:, None], da, 0)
    f = rnn_states_backward(da[:n], fwd_caches)
    b = rnn_states_backward(reverse_valid__index_arithmetic(da[n:], lengths), bwd_caches)
    dx = np.array(f["dx"])
    for i in range(len(lengths)):
        for t in range(lengths[i]):
            dx[:, i, t] += b["dx"][:, i, lengths[i] - 1 - t]
    names = ["da0", "dWax", "dWaa", "dba"]
    return {"dx": dx} | {k + "_fwd": f[k] for k in names} | {k + "_bwd": b[k] for k in names}


def brnn_backward__each_example_alone(da, caches):
    """One example at a time, cut to its length: there is no padding left to think of."""
    (cells_f, x, _), (cells_b, _, _), lengths = caches
    n_a = len(da) // 2
    G = {"dx": np.zeros_like(x)}
    for way, cells in (("fwd", cells_f), ("bwd", cells_b)):
        P = cells[0][3]
        G |= {f"d{k}_{way}": np.zeros_like(P[k]) for k in ("Wax", "Waa", "ba")}
        G[f"da0_{way}"] = np.zeros_like(cells[0][1])
        for i, n in enumerate(lengths):
            mine = da[:n_a, i, :n] if way == "fwd" else da[n_a:, i, :n][:, ::-1]
            back = 0
            for t in reversed(range(n)):
                a_next, a_prev, xt, _ = (value[:, [i]] if k < 3 else value for k, value in enumerate(cells[t]))
                dz = (1 - a_next**2) * (mine[:, [t]] + back)
                back = P["Waa"].T @ dz
                G[f"dWax_{way}"] += dz @ xt.T
                G[f"dWaa_{way}"] += dz @ a_prev.T
                G[f"dba_{way}"] += dz
                G["dx"][:, i, t if way == "fwd" else n - 1 - t] += (P["Wax"].T @ dz)[:, 0]
            G[f"da0_{way}"][:, [i]] = back
    return G


def masked_loss__boolean_index(loss_per_step, mask):
    return loss_per_step[mask].sum()


def masked_loss__two_loops(loss_per_step, mask):
    total = 0.0
    m, T = mask.shape
    for i in range(m):
        for t in range(T):
            if mask[i, t]:
                total += loss_per_step[i, t]
    return total


def masked_loss__sum_with_where(losses, mask):
    return np.sum(losses, where=mask)


def masked_loss__copy_with_zeros(loss_per_step, mask):
    mine = loss_per_step.copy()
    mine[~mask] = 0
    return mine.sum(axis=0).sum()


def masked_loss__exact_sum(loss_per_step, mask):
    return math.fsum(loss_per_step[i, t] for i, t in zip(*np.nonzero(mask), strict=True))


def binary_cross_entropy__two_sums(y_pred, y, mask):
    yes = (y == 1) & mask
    no = (y == 0) & mask
    return -np.log(y_pred[yes]).sum() - np.log(1 - y_pred[no]).sum()


def binary_cross_entropy__clipped_far_out(y_pred, y, mask):
    p = np.clip(y_pred, 1e-15, 1 - 1e-15)
    each = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    return float(np.where(mask, each, 0).sum())


def binary_cross_entropy__loops(y_pred, y, mask):
    loss = 0.0
    for k in range(len(y)):
        for i, t in np.argwhere(mask):
            p = y_pred[k, i, t]
            loss -= np.log(p) if y[k, i, t] else np.log1p(-p)
    return loss


def binary_cross_entropy__distance_to_the_answer(y_pred, y, mask):
    wrong = np.abs(y - y_pred)  # what was given to the wrong answer
    return masked_loss__boolean_index(-np.log1p(-wrong).sum(axis=0), mask)
