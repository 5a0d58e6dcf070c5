"""Models, told apart by what they answer: once, at every step, a number, tags, a sequence.

Every pass is called as `pass(P, *data)` and returns the loss, summed over the answers, the predictions, and a function
`back` without arguments that gives the gradients G. A held-out set needs only the first half. Wherever it says "any
cell", the keys of P tell whether it is an RNN, a GRU or an LSTM.
"""

import numpy as np

from utils.reference import (
    brnn_backward,
    brnn_forward,
    encoder_decoder_backward,
    encoder_decoder_forward,
    sequence_loss,
    sigmoid,
    softmax,
)
from utils.reference.bptt import cell_of
from utils.reference.door import expect, expect_mask, expect_number, expect_targets
from utils.reference.losses import binary_cross_entropy
from utils.reference.rnn import rnn_block, rnn_block_backward
from utils.reference.slabs import axes, every_step, over_steps, slab


def last_steps(mask):
    """Index of the last step that counts, (m,), for sequences padded on the right; ValueError for any other mask."""
    lengths = mask.sum(axis=1)
    if (lengths == 0).any() or not np.array_equal(mask, np.arange(mask.shape[1]) < lengths[:, None]):
        raise ValueError("mask must be True for at least one step and then False to the end: pad on the right.")
    return lengths - 1


def read(P, x, **more):
    """All states of any cell, from zeros. more: further arrays and their axes, checked against x and P.

    x: (n_x, m, T). Returns the states as a slab (T, n_a, m), the name of the output matrix, and back(da), which takes
    a slab of gradients and returns G of the cell.
    """
    expect_cell, forward, backward, names, W = cell_of(P)
    expect_cell(P, expect(expect(x=(x, "n_x m T")) | {"n_y": len(P["by"])}, **more))
    zero = np.zeros((P[W].shape[1], x.shape[1]), P[W].dtype)
    start = (zero,) * len(names)
    a, _, tape = forward(slab(x), start, P)
    return a, W, lambda da: backward(da, start, tape, need_dx=False)[0]


def to_one_pass(P, x, mask, labels):
    """Any cell reads a whole sequence and answers once, at its last step that counts: cross-entropy, in nats.

    x: (n_x, m, T); mask: bool (m, T), padded on the right; labels: int (m,). y_pred is (n_y, m). What comes after the
    last valid step gets no gradient, so the padding needs no other care.
    """
    expect_mask(mask, expect(x=(x, "n_x m T")))
    a, W, back = read(P, x, labels=(labels, "m"))
    expect_targets(labels, len(P["by"]))
    last, rows = last_steps(mask), np.arange(len(labels))
    a_last = a[last, :, rows].T  # (n_a, m)
    y_pred = softmax(P[W] @ a_last + P["by"])

    def gradients():
        dz = y_pred.copy()
        dz[labels, rows] -= 1
        da = np.zeros(a.shape, a.dtype)
        da[last, :, rows] = (P[W].T @ dz).T
        return {f"d{W}": dz @ a_last.T, "dby": dz.sum(axis=1, keepdims=True)} | back(da)

    return float(-np.log(y_pred[labels, rows]).sum()), y_pred, gradients


def _output_gradients(P, W, a, dz, back):
    """Gradients of everything from dz (n_y, m, T), that of the sums in front of the last softmax or σ."""
    dz = slab(dz)
    return {f"d{W}": over_steps(dz, a), "dby": dz.sum(axis=(0, 2))[:, None]} | back(every_step(P[W].T, dz))


def _less_one_hot(y_pred, targets, mask):
    """ŷ - 1[target] where a step counts, else zero: the gradient of the cross-entropy."""
    dz = y_pred.copy()
    rows = np.where(mask, targets, 0)[None]
    np.put_along_axis(dz, rows, np.take_along_axis(dz, rows, axis=0) - 1, axis=0)
    dz *= mask
    return dz


def every_step_pass(P, x, mask, targets):
    """Any cell answers at every step that counts: cross-entropy, in nats.

    x: (n_x, m, T); mask: bool (m, T); targets: int (m, T), anything where the mask is False. y_pred is (n_y, m, T).
    """
    a, W, back = read(P, x)
    y_pred = softmax(axes(every_step(P[W], a) + P["by"]))
    loss = sequence_loss(y_pred, targets, mask)
    return loss, y_pred, lambda: _output_gradients(P, W, a, _less_one_hot(y_pred, targets, mask), back)


def to_number_pass(P, x, y):
    """Any cell reads all T steps and answers with a number, ŷ = W a⟨T⟩ + by: squared error, summed over the examples.

    x: (n_x, m, T); y: (m,). y_pred is (m,).
    """
    a, W, back = read(P, x, y=(y, "m"))
    expect({"1": 1}, by=(P["by"], "1 1"))
    y_pred = (P[W] @ a[-1] + P["by"])[0]

    def gradients():
        dz = 2 * (y_pred - y)[None]
        da = np.zeros(a.shape, a.dtype)
        da[-1] = P[W].T @ dz
        return {f"d{W}": dz @ a[-1].T, "dby": dz.sum(axis=1, keepdims=True)} | back(da)

    return float(np.square(y_pred - y).sum()), y_pred, gradients


def tagger_pass(P, x, mask, y):
    """Tags at every step, yes or no: binary cross-entropy, in nats. One direction with any cell, or both (`brnn_…`).

    x: (n_x, m, T); mask: bool (m, T), padded on the right; y: (n_y, m, T) of 0 and 1. y_pred is (n_y, m, T).
    """
    lengths = last_steps(mask) + 1
    if "Wax_fwd" in P:
        zero = np.zeros((len(P["ba_fwd"]), x.shape[1]))
        a, y_pred, caches = brnn_forward(x, zero, zero, P, lengths)
        a, W = slab(a), "Wy"

        def back(da):
            G = brnn_backward(axes(da), caches)
            return {name: g for name, g in G.items() if name[1:] in P}
    else:
        a, W, back = read(P, x)
        y_pred = sigmoid(axes(every_step(P[W], a) + P["by"]))
    loss = binary_cross_entropy(y_pred, y, mask)
    return loss, y_pred, lambda: _output_gradients(P, W, a, np.where(mask, y_pred - y, 0.0), back)


def init_brnn(n_x, n_a, n_y, rng):
    """Parameters of `brnn_forward`: Gaussian weights with variance 1 / (number of inputs), zero biases.

    Drawn in the order Wax_fwd, Waa_fwd, Wax_bwd, Waa_bwd, Wy.
    """
    for name, size in {"n_x": n_x, "n_a": n_a, "n_y": n_y}.items():
        expect_number(name, size, least=1, whole=True)
    P = {}
    for way in ("fwd", "bwd"):
        P[f"Wax_{way}"] = rng.standard_normal((n_a, n_x)) / np.sqrt(n_x)
        P[f"Waa_{way}"] = rng.standard_normal((n_a, n_a)) / np.sqrt(n_a)
        P[f"ba_{way}"] = np.zeros((n_a, 1))
    return P | {"Wy": rng.standard_normal((n_y, 2 * n_a)) / np.sqrt(2 * n_a), "by": np.zeros((n_y, 1))}


def encoder_decoder_pass(P, x, x_mask, y_in, targets, y_mask):
    """One net reads, another writes, fed the right answers (teacher forcing): cross-entropy, in nats.

    x: (n_x, m, T_x); x_mask: bool (m, T_x); y_in: (n_y, m, T_y), the targets shifted by one step; targets: int
    (m, T_y); y_mask: bool (m, T_y). y_pred is (n_y, m, T_y).
    """
    y_pred, caches = encoder_decoder_forward(x, x_mask, y_in, P)
    loss = sequence_loss(y_pred, targets, y_mask)
    return loss, y_pred, lambda: encoder_decoder_backward(y_pred, targets, y_mask, caches)


def init_deep(n_x, n_a, n_y, L, rng):
    """Parameters of L recurrent layers, one dict: Wax_1, Waa_1, ba_1, Wax_2, … from below, then Wya and by.

    Gaussian weights with variance 1 / (number of inputs), drawn in this order; biases are zero.
    """
    for name, size in {"n_x": n_x, "n_a": n_a, "n_y": n_y, "L": L}.items():
        expect_number(name, size, least=1, whole=True)
    P = {}
    for layer in range(1, L + 1):
        below = n_x if layer == 1 else n_a
        P[f"Wax_{layer}"] = rng.standard_normal((n_a, below)) / np.sqrt(below)
        P[f"Waa_{layer}"] = rng.standard_normal((n_a, n_a)) / np.sqrt(n_a)
        P[f"ba_{layer}"] = np.zeros((n_a, 1))
    return P | {"Wya": rng.standard_normal((n_y, n_a)) / np.sqrt(n_a), "by": np.zeros((n_y, 1))}


def layers_of(P):
    """The layers in P (see `init_deep`) as the list of dicts Wax, Waa, ba that `deep_rnn_forward` takes."""
    L = sum(name.startswith("Wax_") for name in P)
    try:
        return [{name: P[f"{name}_{layer}"] for name in ("Wax", "Waa", "ba")} for layer in range(1, L + 1)]
    except KeyError as error:
        raise ValueError(f"P must hold Wax_1, Waa_1, ba_1, Wax_2, … for every layer; {error} is missing.") from None


def deep_pass(P, x, mask, targets, dropout_masks=None):
    """Layers on top of each other answer at every step that counts: cross-entropy, in nats.

    x, mask, targets: as for `every_step_pass`; P: as from `init_deep`; dropout_masks: (L - 1, n_a, m, T) or None.
    The same numbers as with `deep_rnn_forward`, but faster, because no cell caches are made.
    """
    layers = layers_of(P)
    expect(x=(x, "n_x m T"))
    if not layers:
        raise ValueError(f"P must hold Wax_1, Waa_1, ba_1, Wax_2, … for every layer, got {', '.join(P)}.")
    zero = (np.zeros((len(layers[0]["ba"]), x.shape[1])),)
    drop = [] if dropout_masks is None else [slab(one) for one in dropout_masks]
    a, tapes = slab(x), []
    for number, layer in enumerate(layers):
        a = a * drop[number - 1] if number and drop else a
        a, _, tape = rnn_block(a, zero, layer)
        tapes.append(tape)
    y_pred = softmax(axes(every_step(P["Wya"], a) + P["by"]))

    def back(da):
        G = {}
        for layer in range(len(layers), 0, -1):
            g, _, dx = rnn_block_backward(da, zero, tapes[layer - 1], need_dx=layer > 1)
            G |= {f"{name}_{layer}": value for name, value in g.items()}
            if layer > 1:
                da = slab(dx) * drop[layer - 2] if drop else slab(dx)
        return G

    loss = sequence_loss(y_pred, targets, mask)
    return loss, y_pred, lambda: _output_gradients(P, "Wya", a, _less_one_hot(y_pred, targets, mask), back)


def feed_forward(x, P):
    """One hidden layer: h = tanh(W1 x + b1), ŷ = softmax(W2 h + b2). x: (n_x, m).

    Returns h (n_h, m), y_pred (n_y, m).
    """
    h = np.tanh(P["W1"] @ x + P["b1"])
    return h, softmax(P["W2"] @ h + P["b2"])


def feed_forward_pass(P, x, labels):
    """`feed_forward` answers once: cross-entropy, in nats. x: (n_x, m); labels: int (m,). y_pred is (n_y, m)."""
    expect(x=(x, "n_x m"), labels=(labels, "m"), W1=(P["W1"], "n_h n_x"), W2=(P["W2"], "n_y n_h"))
    expect_targets(labels, len(P["b2"]))
    h, y_pred = feed_forward(x, P)
    rows = np.arange(len(labels))

    def gradients():
        dz = y_pred.copy()
        dz[labels, rows] -= 1
        dh = (P["W2"].T @ dz) * (1 - h * h)
        G = {"dW2": dz @ h.T, "db2": dz.sum(axis=1, keepdims=True)}
        return G | {"dW1": dh @ x.T, "db1": dh.sum(axis=1, keepdims=True)}

    return float(-np.log(y_pred[labels, rows]).sum()), y_pred, gradients
