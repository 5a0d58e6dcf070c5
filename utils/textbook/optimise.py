"""From a gradient to a step: clip it, then walk a little way down the slope."""

import numpy as np

from .rnn import output_layer_backward, rnn_backward, rnn_forward


def update_parameters(P, G, learning_rate):
    """Walk one step down the slope: θ - learning_rate · ∂L/∂θ, for every parameter.

    Arguments
    P -- a dict of parameter arrays, such as {"Wax": …, "ba": …}
    G -- a dict of their gradients, with a d in front: {"dWax": …, "dba": …}; it may hold more than
         P needs
    learning_rate -- how far to walk, one number

    Returns
    new_P -- a new dict with the keys of P; the arrays in P stay as they are
    """
    new_P = {}
    for name in P:
        gradient = G["d" + name]
        step = learning_rate * gradient
        new_P[name] = P[name] - step
    return new_P


def clip_by_value(G, limit):
    """Cut off every entry that is too large: all of them lie between -limit and limit afterwards.

    This one works in place: it changes the arrays in G themselves. The direction of the whole
    gradient may change.

    Arguments
    G -- a dict of gradient arrays, such as {"dWax": …, "dba": …}; they are changed
    limit -- the largest size that an entry may have, above 0

    Returns
    G -- the same dict
    """
    for name in G:
        gradient = G[name]
        too_large = gradient > limit
        too_small = gradient < -limit
        gradient[too_large] = limit
        gradient[too_small] = -limit
    return G


def clip_by_norm(G, limit):
    """Shorten the whole gradient when it is too long. Its direction stays the same.

    norm = √(sum of the squares of all entries of all arrays in G)
    Every array is multiplied by limit / norm when norm > limit, and stays as it is otherwise.

    Arguments
    G -- a dict of gradient arrays, such as {"dWax": …, "dba": …}
    limit -- the largest norm allowed, above 0

    Returns
    clipped -- a new dict with the keys of G; the arrays in G stay as they are
    norm -- the norm before clipping, one number
    """
    total = 0.0
    for gradient in G.values():
        total = total + np.sum(gradient**2)
    norm = np.sqrt(total)
    factor = 1.0
    if norm > limit:
        factor = limit / norm
    clipped = {}
    for name in G:
        clipped[name] = factor * G[name]
    return clipped, float(norm)


def train_step(x, targets, mask, a0, P, learning_rate, limit):
    """One step of learning: forward, back, clip, update.

    The gradients are those of the loss per step: each is divided once by the number of steps that
    count, over all examples. Then those of the five parameters are clipped, all in one call of
    clip_by_norm, and the weights move.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    targets -- the right class of each example at each step, whole numbers, shape (m, T)
    mask -- True where a step counts, shape (m, T); None: every step counts
    a0 -- the state before the first step, shape (n_a, m)
    P -- a dict with Wax, Waa, ba, Wya, by, as in rnn_cell_forward
    learning_rate -- how far to walk, one number
    limit -- the largest norm of the gradient, for clip_by_norm

    Returns
    new_P -- the parameters after the step, a new dict
    nats_per_step -- the loss before the step, divided by the number of steps that count
    a_last -- the state after the last step, shape (n_a, m)
    """
    a, y_pred, caches = rnn_forward(x, a0, P)
    dWya, dby, da, loss = output_layer_backward(y_pred, targets, a, P, mask)
    back = rnn_backward(da, caches)
    G = {"dWax": back["dWax"], "dWaa": back["dWaa"], "dba": back["dba"], "dWya": dWya, "dby": dby}
    steps = targets.size if mask is None else np.sum(mask)
    mean_G = {name: G[name] / steps for name in G}
    clipped, norm = clip_by_norm(mean_G, limit)
    new_P = update_parameters(P, clipped, learning_rate)
    nats_per_step = float(loss / steps)
    a_last = a[:, :, -1]
    return new_P, nats_per_step, a_last
