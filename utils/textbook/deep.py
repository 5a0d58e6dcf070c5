"""Recurrent layers on top of each other, step by step.

Source: Graves et al. (2013), arXiv:1303.5778. Dropout between the layers, never from
one step to the next: Zaremba et al. (2014), arXiv:1409.2329.
"""

import numpy as np

from .rnn import rnn_states, rnn_states_backward


def draw_dropout_masks(rng, L, n_a, m, T, keep):
    """Decide which states are dropped on their way up to the next layer.

    What is kept is divided by keep, so that the expected value stays the same and nothing needs
    to be rescaled after training.

    Arguments
    rng -- a numpy.random.Generator; one call of rng.random with the shape (L - 1, n_a, m, T)
    L -- the number of layers
    n_a, m, T -- size of the states, number of examples and of steps
    keep -- the probability that a state is kept: draws below it are kept

    Returns
    masks -- 1 / keep where a state is kept, 0 where it is dropped, shape (L - 1, n_a, m, T)
    """
    draws = rng.random((L - 1, n_a, m, T))
    return np.where(draws < keep, 1 / keep, 0.0)


def deep_rnn_forward(x, a0, layers, dropout_masks=None):
    """Several recurrent layers: the states of one are the inputs of the next.

    a[1] are the states of layer 1 on x.
    a[l] are the states of layer l on a[l-1], times the mask that stands between the two layers:
    dropout_masks[0] between the first two, and so on. Nothing else is dropped: not x, not the
    states of the top layer, and no state on its way to the next step.

    rnn_states(x, a0, P) is given; it returns a, caches for a dict P with Wax, Waa, ba.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    a0 -- the states before the first step, layer by layer, shape (L, n_a, m)
    layers -- a list of L dicts with Wax, Waa (n_a, n_a), ba (n_a, 1); Wax is (n_a, n_x) in the
              first layer, (n_a, n_a) in all others
    dropout_masks -- 0 or 1 / keep, shape (L - 1, n_a, m, T); None: nothing is dropped

    Returns
    a -- the states of the top layer, shape (n_a, m, T)
    caches -- the tuple (list of the L caches that rnn_states returned, dropout_masks)
    """
    layer_caches = []
    signal = x
    for layer, P in enumerate(layers):
        if layer > 0 and dropout_masks is not None:
            signal = signal * dropout_masks[layer - 1]
        a, cache = rnn_states(signal, a0[layer], P)
        layer_caches.append(cache)
        signal = a
    return a, (layer_caches, dropout_masks)


def deep_rnn_backward(da, caches):
    """Back through all layers, from the top one down.

    The dx of a layer, times the mask that its inputs went through, is the da of the layer below.
    rnn_states_backward(da, caches) is given; it returns a dict with dx, da0, dWax, dWaa, dba.

    Arguments
    da -- gradient of the loss with respect to the states of the top layer, shape (n_a, m, T)
    caches -- the tuple (list of the L layers' caches, dropout_masks) of deep_rnn_forward

    Returns
    dx -- gradient of the inputs, shape (n_x, m, T)
    da0 -- gradient of the first states, layer by layer, shape (L, n_a, m)
    gradients -- a list of L dicts with dWax, dWaa, dba, the bottom layer first
    """
    layer_caches, dropout_masks = caches
    L = len(layer_caches)
    n_a, m, T = da.shape
    da0 = np.zeros((L, n_a, m))
    gradients = [None] * L
    flowing = da
    for layer in reversed(range(L)):
        G = rnn_states_backward(flowing, layer_caches[layer])
        da0[layer] = G["da0"]
        gradients[layer] = {name: G[name] for name in ("dWax", "dWaa", "dba")}
        flowing = G["dx"]
        if layer > 0 and dropout_masks is not None:
            flowing = flowing * dropout_masks[layer - 1]
    return flowing, da0, gradients
