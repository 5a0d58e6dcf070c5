"""Reading in both directions, step by step.

Source: Schuster and Paliwal (1997), https://doi.org/10.1109/78.650093.
"""

import numpy as np

from .activations import sigmoid
from .rnn import rnn_states, rnn_states_backward


def reverse_valid(x, lengths):
    """Turn each sequence round; the padding behind its end stays where it is.

    Example i has lengths[i] steps that count. They come out in reverse order, the last one first.
    Doing it twice gives x again.

    Arguments
    x -- a batch of sequences, shape (n_x, m, T)
    lengths -- the number of steps of each example, whole numbers from 1 to T, shape (m,)

    Returns
    x_reversed -- a new array, shape (n_x, m, T)
    """
    n_x, m, T = x.shape
    x_reversed = x.copy()
    for i in range(m):
        end = lengths[i]
        valid = x[:, i, :end]  # (n_x, end)
        x_reversed[:, i, :end] = valid[:, ::-1]
    return x_reversed


def brnn_forward(x, a0_fwd, a0_bwd, P, lengths):
    """Read each sequence twice, from its start and from its end, and predict from both states.

    a→⟨t⟩ = tanh(Wax_fwd x⟨t⟩ + Waa_fwd a→⟨t-1⟩ + ba_fwd), from the first step on
    a←⟨t⟩ = tanh(Wax_bwd x⟨t⟩ + Waa_bwd a←⟨t+1⟩ + ba_bwd), from the last step on
    a⟨t⟩ = [a→⟨t⟩; a←⟨t⟩], the forward state on top; zero behind the end of a sequence
    ŷ⟨t⟩ = σ(Wy a⟨t⟩ + by)

    The backward states are those of the reversed sequence, put back into the order of x:
    reverse_valid does both. rnn_states(x, a0, P) is given; it returns a, caches for a dict P with
    Wax, Waa, ba.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    a0_fwd -- the state before the first step, shape (n_a, m)
    a0_bwd -- the state with which reading from the end begins, shape (n_a, m)
    P -- a dict with Wax_fwd, Wax_bwd (n_a, n_x), Waa_fwd, Waa_bwd (n_a, n_a),
         ba_fwd, ba_bwd (n_a, 1), Wy (n_y, 2 n_a), by (n_y, 1)
    lengths -- the number of steps of each example, shape (m,)

    Returns
    a -- both states of every step, shape (2 n_a, m, T); zero where t >= lengths[i]
    y_pred -- the predictions, each between 0 and 1, shape (n_y, m, T); σ(by) where a is zero
    caches -- the tuple (caches_fwd, caches_bwd, lengths), the first two as rnn_states returns them
    """
    n_x, m, T = x.shape
    P_fwd = {"Wax": P["Wax_fwd"], "Waa": P["Waa_fwd"], "ba": P["ba_fwd"]}
    P_bwd = {"Wax": P["Wax_bwd"], "Waa": P["Waa_bwd"], "ba": P["ba_bwd"]}
    x_reversed = reverse_valid(x, lengths)
    a_fwd, caches_fwd = rnn_states(x, a0_fwd, P_fwd)
    a_from_end, caches_bwd = rnn_states(x_reversed, a0_bwd, P_bwd)
    a_bwd = reverse_valid(a_from_end, lengths)
    a = np.concatenate([a_fwd, a_bwd], axis=0)  # (2 n_a, m, T)
    counts = np.arange(T) < lengths[:, None]  # (m, T)
    a = np.where(counts, a, 0.0)
    y_pred = np.zeros((len(P["by"]), m, T))
    for t in range(T):
        y_pred[:, :, t] = sigmoid(P["Wy"] @ a[:, :, t] + P["by"])
    return a, y_pred, (caches_fwd, caches_bwd, lengths)


def brnn_backward(da, caches):
    """Back through both directions, each on its own.

    The lower half of da belongs to the backward direction. It goes back along the reversed
    sequence: it is reversed on the way in, and the dx that comes out is reversed once more.
    x fed both directions, so its two gradients add up.
    rnn_states_backward(da, caches) is given; it returns a dict with dx, da0, dWax, dWaa, dba.

    Arguments
    da -- gradient of the loss with respect to a, shape (2 n_a, m, T); what stands behind the
          end of a sequence is ignored
    caches -- the tuple (caches_fwd, caches_bwd, lengths) of brnn_forward

    Returns
    a dict with dx (n_x, m, T), da0_fwd, da0_bwd (n_a, m), dWax_fwd, dWax_bwd (n_a, n_x),
    dWaa_fwd, dWaa_bwd (n_a, n_a), dba_fwd, dba_bwd (n_a, 1)
    """
    caches_fwd, caches_bwd, lengths = caches
    n_both, m, T = da.shape
    n_a = n_both // 2
    counts = np.arange(T) < lengths[:, None]  # (m, T)
    da = np.where(counts, da, 0.0)
    da_fwd = da[:n_a]
    da_bwd = da[n_a:]
    da_from_end = reverse_valid(da_bwd, lengths)
    fwd = rnn_states_backward(da_fwd, caches_fwd)
    bwd = rnn_states_backward(da_from_end, caches_bwd)
    dx_bwd = reverse_valid(bwd["dx"], lengths)
    G = {"dx": fwd["dx"] + dx_bwd}
    for name in ("da0", "dWax", "dWaa", "dba"):
        G[name + "_fwd"] = fwd[name]
        G[name + "_bwd"] = bwd[name]
    return G
