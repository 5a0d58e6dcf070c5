"""Backpropagation through time: full, truncated and checkpointed, for any of the three cells, from one block.

A block is a stretch of time: forward from a state, loss, backward to the gradient of that state. The full gradient is
one block; truncation hands only the state on to the next block; checkpointing keeps a few states and goes through the
blocks from the last to the first, handing the gradient back.

Source: Werbos (1990); Williams and Peng (1990) for truncation; Chen et al. (2016), arXiv:1604.06174 for checkpoints.
"""

import numpy as np

from .activations import softmax
from .door import expect, expect_gru, expect_lstm, expect_mask, expect_rnn, expect_targets
from .gru import gru_block, gru_block_backward
from .lstm import lstm_block, lstm_block_backward
from .rnn import rnn_block, rnn_block_backward
from .slabs import every_step, over_steps, slab

# The parameter that tells the cell: how to check P, run a block, go back; names of the states, the output matrix.
_CELLS = {
    "Wax": (expect_rnn, rnn_block, rnn_block_backward, ("a0",), "Wya"),
    "Wf": (expect_lstm, lstm_block, lstm_block_backward, ("a0", "c0"), "Wy"),
    "Wr": (expect_gru, gru_block, gru_block_backward, ("c0",), "Wy"),
}


def cell_of(P):
    """The entry of the cell that P belongs to, told by its keys: Wax for an RNN, Wf for an LSTM, Wr for a GRU."""
    for key, cell in _CELLS.items():
        if key in P:
            return cell
    raise ValueError(f"P must be the parameters of an RNN (Wax), an LSTM (Wf) or a GRU (Wr), got {', '.join(P)}.")


def expect_sequence(x, targets, state, P, mask=None):
    """Check the arguments that all functions here have in common. Returns the state as a tuple, and the cell."""
    cell = cell_of(P)
    state, names = (state if isinstance(state, tuple) else (state,)), cell[3]
    if len(state) != len(names):
        raise ValueError(f"the state must be ({', '.join(names)}), got {len(state)} arrays.")
    hidden = "n_c" if names == ("c0",) else "n_a"
    starts = {name: (start, f"{hidden} m") for name, start in zip(names, state, strict=True)}
    sizes = cell[0](P, expect(x=(x, "n_x m T"), targets=(targets, "m T"), **starts))
    expect_mask(mask, sizes)
    expect_targets(targets, sizes["n_y"], mask)
    return state, cell


def _output_backward(a, targets, P, mask, W):
    """Loss and gradients of the output layer of a block: G, da as a slab, loss in nats. a: slab; targets: (m, T)."""
    p = softmax((every_step(P[W], a) + P["by"]).transpose(1, 0, 2)).transpose(1, 0, 2)  # (T, n_y, m)
    counts = np.ones(targets.shape, bool) if mask is None else mask
    picked = np.where(counts, targets, 0).T[:, None]  # (T, 1, m): padding may hold any number
    right = np.take_along_axis(p, picked, axis=1)
    loss = float(-np.log(right[:, 0][counts.T]).sum())
    np.put_along_axis(p, picked, right - 1, axis=1)  # ŷ - 1 at the right class
    p *= counts.T[:, None]
    return {f"d{W}": over_steps(p, a), "dby": p.sum(axis=(0, 2))[:, None]}, every_step(P[W].T, p), loss


def bptt_block(x, targets, state, P, mask=None, dstate=None):
    """One block: the gradient of the summed loss over all its steps, with the state handed in and the gradient back.

    x: (n_x, m, T); targets: int (m, T); state: (a0,), (c0,) or (a0, c0); dstate: gradient of the last state, the same
    shapes, zero when None. Returns G of all parameters, loss in nats, the last state, gradient of the first state.
    """
    _, forward, backward, _, W = cell_of(P)
    a, last, tape = forward(slab(x), state, P)
    G, da, loss = _output_backward(a, targets, P, mask, W)
    dstate = tuple(np.zeros_like(s) for s in last) if dstate is None else dstate
    G_cell, dstate, _ = backward(da, dstate, tape, need_dx=False)
    return G | G_cell, loss, tuple(s.copy() for s in last), dstate


def added(total, G):
    """Gradients added up block by block; total is None before the first."""
    return G if total is None else {name: total[name] + g for name, g in G.items()}


def full_bptt(x, targets, a0, P, mask=None):
    """The whole gradient at once. Arguments and results as for `truncated_bptt`, without a window."""
    state, _ = expect_sequence(x, targets, a0, P, mask)
    G, loss, last, _ = bptt_block(x, targets, state, P, mask)
    return G, loss, last if isinstance(a0, tuple) else last[0]


def truncated_bptt(x, targets, a0, P, window, mask=None):
    """Windows of `window` steps: the state is carried on from one to the next, the gradient is not; P stays fixed.

    x: (n_x, m, T); targets: int (m, T); a0: (n_a, m), for an LSTM (a0, c0); mask: bool (m, T). The last window may be
    shorter. Returns G and the loss in nats, both summed over the windows, and the last state in the form of a0.
    """
    state, _ = expect_sequence(x, targets, a0, P, mask)
    _expect_length("window", window)
    G, loss = None, 0.0
    for start in range(0, x.shape[2], window):
        now = slice(start, start + window)
        counts = None if mask is None else mask[:, now]
        part, nats, state, _ = bptt_block(x[:, :, now], targets[:, now], state, P, counts)
        G, loss = added(G, part), loss + nats
    return G, loss, state if isinstance(a0, tuple) else state[0]


def checkpointed_bptt(x, targets, a0, P, segment, mask=None):
    """The full gradient in less memory: only the state before each segment is kept, the rest is computed again.

    Arguments as for `truncated_bptt`. With segments of √T steps memory grows with √T; the price is one more forward
    pass. Returns G and the loss in nats, equal to those of one block over all steps.
    """
    state, (_, forward, *_) = expect_sequence(x, targets, a0, P, mask)
    _expect_length("segment", segment)
    starts, kept = range(0, x.shape[2], segment), [state]
    for start in starts[:-1]:
        _, last, _ = forward(slab(x[:, :, start : start + segment]), kept[-1], P)
        kept.append(tuple(s.copy() for s in last))  # a view would keep the whole segment alive
    G, loss, dstate = None, 0.0, None
    for start in reversed(starts):
        now = slice(start, start + segment)
        counts = None if mask is None else mask[:, now]
        part, nats, _, dstate = bptt_block(x[:, :, now], targets[:, now], kept.pop(), P, counts, dstate)
        G, loss = added(G, part), loss + nats
    return G, loss


def _expect_length(name, length):
    if not isinstance(length, int | np.integer) or length < 1:
        raise ValueError(f"{name} must be a whole number of steps, at least 1, got {length!r}.")
