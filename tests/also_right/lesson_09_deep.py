"""Right answers to lesson 09, part A, as students write them. `python -m utils prove` must accept every one."""

import numpy as np

from utils.reference import rnn_states, rnn_states_backward


def deep_rnn_forward__first_layer_apart(x, a0, layers, dropout_masks=None):
    a, cache = rnn_states(x, a0[0], layers[0])
    caches = [cache]
    for k in range(1, len(layers)):
        below = a.copy()
        if dropout_masks is not None:
            below *= dropout_masks[k - 1]
        a, cache = rnn_states(below, a0[k], layers[k])
        caches.append(cache)
    return a, (caches, dropout_masks)


def deep_rnn_forward__masks_of_ones(x, a0, layers, dropout_masks=None):
    """Without masks, masks of ones; the inputs get a one of their own."""
    masks = [1.0] * len(layers) if dropout_masks is None else [1.0, *dropout_masks]
    caches = []
    for P, start, mask in zip(layers, a0, masks, strict=True):
        x, cache = rnn_states(x * mask, start, P)
        caches.append(cache)
    return x, (caches, dropout_masks)


def deep_rnn_forward__recursion(x, a0, layers, dropout_masks=None):
    def up_to(k):
        below, caches = (x, []) if k == 0 else up_to(k - 1)
        if k and dropout_masks is not None:
            below = np.einsum("amt,amt->amt", below, dropout_masks[k - 1])
        a, cache = rnn_states(below, a0[k], layers[k])
        return a, [*caches, cache]

    a, caches = up_to(len(layers) - 1)
    return a, (caches, dropout_masks)


def deep_rnn_forward__time_outside(x, a0, layers, dropout_masks=None):
    """One step of all layers, then the next step."""
    L, T = len(layers), x.shape[2]
    state = list(a0)
    cells, inputs, tops = [[] for _ in layers], [[] for _ in layers], []
    for t in range(T):
        signal = x[:, :, t]
        for k, P in enumerate(layers):
            if k and dropout_masks is not None:
                signal = signal * dropout_masks[k - 1][:, :, t]
            inputs[k].append(signal)
            a = np.tanh(P["Wax"] @ signal + P["Waa"] @ state[k] + P["ba"])
            cells[k].append((a, state[k], signal, P))
            state[k] = signal = a
        tops.append(signal)
    return np.dstack(tops), ([(cells[k], np.dstack(inputs[k]), None) for k in range(L)], dropout_masks)


def deep_rnn_backward__lists_turned_round(da, caches):
    layer_caches, masks = caches
    da0, found = [], []
    for k in range(len(layer_caches) - 1, -1, -1):
        G = rnn_states_backward(da, layer_caches[k])
        da0.append(G.pop("da0"))
        da = G.pop("dx")
        if k > 0 and masks is not None:
            da = da * masks[k - 1]
        found.append(G)
    return da, np.array(da0[::-1]), found[::-1]


def deep_rnn_backward__recursion(da, caches):
    layer_caches, masks = caches
    *below, top = layer_caches
    G = rnn_states_backward(da, top)
    mine = {name: G[name] for name in ("dWax", "dWaa", "dba")}
    if not below:
        return G["dx"], G["da0"][None], [mine]
    down = G["dx"] if masks is None else np.multiply(masks[len(below) - 1], G["dx"])
    dx, da0, others = deep_rnn_backward__recursion(down, (below, masks))
    return dx, np.concatenate([da0, G["da0"][None]]), others + [mine]


def deep_rnn_backward__no_given_function(da, caches):
    layers, masks = caches
    L = len(layers)
    da0, gradients = [0] * L, [None] * L
    for k in reversed(range(L)):
        cells, x, _ = layers[k]
        P, T = cells[0][3], len(cells)
        dz, back = np.zeros(da.shape), 0
        for t in range(T - 1, -1, -1):
            dz[:, :, t] = (1 - cells[t][0] ** 2) * (da[:, :, t] + back)
            back = P["Waa"].T @ dz[:, :, t]
        before = np.dstack([cell[1] for cell in cells])
        gradients[k] = {
            "dWax": np.einsum("amt,imt->ai", dz, x),
            "dWaa": np.einsum("amt,bmt->ab", dz, before),
            "dba": dz.sum((1, 2)).reshape(-1, 1),
        }
        da0[k] = back
        da = np.einsum("ai,amt->imt", P["Wax"], dz)
        if k and masks is not None:
            da *= masks[k - 1]
    return [da, np.stack(da0), gradients]
