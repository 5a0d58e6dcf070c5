"""Backpropagation through time: by hand with one unit, in windows, and with little memory.

Source: Werbos (1990); Williams and Peng (1990) for windows; Chen et al. (2016), arXiv:1604.06174, for checkpoints.
"""

import numpy as np

from .rnn import output_layer_backward, rnn_backward, rnn_cell_backward, rnn_forward


def scalar_bptt(x, a0, w_x, w_a, b):
    """Backpropagation through time by hand, with one unit. All of these are plain numbers.

    a⟨t⟩ = tanh(w_x x⟨t⟩ + w_a a⟨t-1⟩ + b)
    ∂a⟨T⟩/∂w_a = sum over t of (∂a⟨T⟩/∂a⟨t⟩) · (1 - a⟨t⟩²) · a⟨t-1⟩

    Arguments
    x -- the inputs x⟨1⟩ … x⟨T⟩, a list or an array of T numbers
    a0 -- the state before the first step
    w_x, w_a, b -- the weight of the input, the weight of the state, the bias

    Returns
    terms -- shape (T,): terms[t - 1] is the part of step t in ∂a⟨T⟩/∂w_a
    dw_a -- ∂a⟨T⟩/∂w_a, the sum of the terms, one number
    """
    T = len(x)
    a = [a0]  # a[t] is the state after step t
    for t in range(1, T + 1):
        z = w_x * x[t - 1] + w_a * a[t - 1] + b
        a.append(np.tanh(z))
    terms = np.zeros(T)
    from_later = 1.0  # ∂a⟨T⟩/∂a⟨t⟩, at first for t = T
    for t in reversed(range(1, T + 1)):
        slope = 1 - a[t] ** 2
        terms[t - 1] = from_later * slope * a[t - 1]
        from_later = from_later * slope * w_a
    dw_a = float(np.sum(terms))
    return terms, dw_a


def truncated_bptt(x, targets, a0, P, window, mask=None):
    """Cut a long sequence into windows: the state is handed on, the gradient is not.

    Each window starts from the last state of the one before. On the way back, each window stops at
    its own first step. Loss and gradients are summed over the windows; P stays the same in all.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    targets -- the right class of each example at each step, whole numbers, shape (m, T)
    a0 -- the state before the first step, shape (n_a, m)
    P -- a dict with Wax, Waa, ba, Wya, by, as in rnn_cell_forward
    window -- number of steps in a window; the last one may be shorter
    mask -- True where a step's loss counts, shape (m, T); None: every step counts

    Returns
    G -- a dict with dWax, dWaa, dba, dWya, dby, summed over the windows
    loss -- in nats, summed
    a_last -- the state after the last step, shape (n_a, m)
    """
    n_x, m, T = x.shape
    G = {"d" + name: np.zeros_like(P[name]) for name in ("Wax", "Waa", "ba", "Wya", "by")}
    loss = 0.0
    a_last = a0
    for start in range(0, T, window):
        steps = slice(start, start + window)
        mask_here = None if mask is None else mask[:, steps]
        a, y_pred, caches = rnn_forward(x[:, :, steps], a_last, P)
        dWya, dby, da, window_loss = output_layer_backward(y_pred, targets[:, steps], a, P, mask_here)
        back = rnn_backward(da, caches)
        for name in ("dWax", "dWaa", "dba"):
            G[name] = G[name] + back[name]
        G["dWya"] = G["dWya"] + dWya
        G["dby"] = G["dby"] + dby
        loss = loss + window_loss
        a_last = a[:, :, -1]
    return G, loss, a_last


def checkpointed_bptt(x, targets, a0, P, segment, mask=None):
    """Full backpropagation through time with little memory: compute twice, keep little.

    On the way forward keep only the state before each segment. On the way back, from the last
    segment to the first, compute the states of one segment once more, then go back through them.
    What comes out of a segment's first step enters at the last step of the segment before it.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    targets -- the right class of each example at each step, whole numbers, shape (m, T)
    a0 -- the state before the first step, shape (n_a, m)
    P -- a dict with Wax, Waa, ba, Wya, by, as in rnn_cell_forward
    segment -- number of steps in a segment; the last one may be shorter
    mask -- True where a step's loss counts, shape (m, T); None: every step counts

    Returns
    G -- a dict with dWax, dWaa, dba, dWya, dby: the same as without segments
    loss -- in nats, summed
    """
    n_x, m, T = x.shape
    before = {0: a0}  # the state before each segment, by the segment's first step
    for start in range(0, T - segment, segment):
        a, _, _ = rnn_forward(x[:, :, start : start + segment], before[start], P)
        before[start + segment] = a[:, :, -1].copy()  # a view would keep all of a alive
    G = {"d" + name: np.zeros_like(P[name]) for name in ("Wax", "Waa", "ba", "Wya", "by")}
    loss = 0.0
    from_later = np.zeros_like(a0)
    for start in reversed(list(before)):
        steps = slice(start, start + segment)
        mask_here = None if mask is None else mask[:, steps]
        a, y_pred, caches = rnn_forward(x[:, :, steps], before[start], P)
        dWya, dby, da, segment_loss = output_layer_backward(y_pred, targets[:, steps], a, P, mask_here)
        da[:, :, -1] = da[:, :, -1] + from_later
        back = rnn_backward(da, caches)
        from_later = back["da0"]
        for name in ("dWax", "dWaa", "dba"):
            G[name] = G[name] + back[name]
        G["dWya"] = G["dWya"] + dWya
        G["dby"] = G["dby"] + dby
        loss = loss + segment_loss
    return G, loss


def gradient_norm_by_lag(x, a0, P, targets):
    """How much of the last step's loss reaches the states further and further back.

    The loss is counted at the last step only: L = - sum over the examples of log ŷ⟨T⟩[right class].

    Arguments
    x -- the inputs, shape (n_x, m, T)
    a0 -- the state before the first step, shape (n_a, m)
    P -- a dict with Wax, Waa, ba, Wya, by, as in rnn_cell_forward
    targets -- the right class of each example at the last step, whole numbers, shape (m,)

    Returns
    norms -- shape (T,): norms[k] is the length of ∂L/∂a⟨T-k⟩, the square root of the sum of the
             squares of all its entries; k = 0 is the last step
    """
    n_x, m, T = x.shape
    a, y_pred, (cells, _) = rnn_forward(x, a0, P)
    dz = y_pred[:, :, -1].copy()
    dz[targets, np.arange(m)] -= 1
    da = P["Wya"].T @ dz  # (n_a, m)
    norms = np.zeros(T)
    for k in range(T):
        norms[k] = np.sqrt(np.sum(da**2))
        step = rnn_cell_backward(da, cells[T - 1 - k])
        da = step["da_prev"]
    return norms
