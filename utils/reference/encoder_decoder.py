"""One net reads, another writes: the encoder-decoder, all steps at once where no step waits for another.

What joins the two nets is a single state, the encoder's last. Source: Sutskever, Vinyals and Le (2014),
arXiv:1409.3215; Cho et al. (2014), arXiv:1406.1078, let the decoder see that state at every step, which this one does
not; feeding the right answers is the teacher forcing of Williams and Zipser (1989).
"""

import numpy as np

from .activations import softmax
from .door import expect, expect_entries, expect_mask, expect_number, expect_parameters, expect_rng, expect_targets
from .rnn import rnn_states, rnn_states_backward

AXES = {
    "Wax_enc": "n_a n_x",
    "Waa_enc": "n_a n_a",
    "ba_enc": "n_a 1",
    "Wax_dec": "n_a n_y",
    "Waa_dec": "n_a n_a",
    "ba_dec": "n_a 1",
    "Wya": "n_y n_a",
    "by": "n_y 1",
}


def _expect_read(x, x_mask, P):
    """Check what the encoder reads. Returns the sizes by name."""
    sizes = expect_parameters(P, AXES, expect(x=(x, "n_x m T_x")))
    expect_mask(x_mask, sizes, "x_mask", "m T_x")
    if x_mask is not None and not x_mask.any(axis=1).all():
        nothing = int(x_mask.any(axis=1).argmin())
        raise ValueError(f"x_mask must be True for at least one step of every example, got none for number {nothing}.")
    return sizes


def init_encoder_decoder(n_x, n_a, n_y, rng):
    """Encoder–decoder parameters P, float64: Gaussian weights with variance 1 / (number of inputs), zero biases.

    Wax_enc (n_a, n_x), Waa_enc (n_a, n_a), ba_enc (n_a, 1), Wax_dec (n_a, n_y), Waa_dec (n_a, n_a), ba_dec (n_a, 1),
    Wya (n_y, n_a), by (n_y, 1); the weights are drawn in this order. Raises ValueError for a size below 1.
    """
    expect_rng(rng)
    sizes = {"n_x": n_x, "n_a": n_a, "n_y": n_y, "1": 1}
    for name, size in sizes.items():
        expect_number(name, size, least=1, whole=True)
    shapes = {name: [sizes[axis] for axis in axes.split()] for name, axes in AXES.items()}
    return {
        name: rng.standard_normal(shape) / np.sqrt(shape[1]) if name[0] == "W" else np.zeros(shape)
        for name, shape in shapes.items()
    }


def shift_right(targets, start):
    """The decoder's input under teacher forcing: column t is targets[:, t - 1], column 0 is start (-1: nothing).

    targets: int (m, T), -1 where there is nothing. Returns int (m, T). Raises ValueError for anything else.
    """
    expect(targets=(targets, "m T"))
    if targets.dtype.kind not in "iu":
        raise ValueError(f"targets must be whole numbers, got {targets.dtype}.")
    if targets.min() < -1:
        raise ValueError(f"targets must be at least -1, which stands for nothing, got {targets.min()}.")
    expect_number("start", start, least=-1, whole=True)
    shifted = np.full(targets.shape, start)
    shifted[:, 1:] = targets[:, :-1]
    return shifted


def _half(P, which):
    """The parameters of the encoder ("enc") or the decoder ("dec") as rnn_states takes them."""
    return {name: P[f"{name}_{which}"] for name in ("Wax", "Waa", "ba")}


def _encode(x, x_mask, P):
    """States (n_a, m, T_x) and caches of the encoder, which starts from zeros."""
    return rnn_states(x, np.zeros((len(P["ba_enc"]), x.shape[1]), P["ba_enc"].dtype), _half(P, "enc"), x_mask)


def encoder_decoder_forward(x, x_mask, y_in, P):
    """The encoder reads x from zeros; its last state is the decoder's a0; ŷ⟨t⟩ = softmax(Wya a⟨t⟩ + by) of the decoder.

    x: (n_x, m, T_x); x_mask: bool (m, T_x) or None; y_in: (n_y, m, T_y), the answers shifted by one step (see
    `shift_right`). A masked step keeps the state, so x may be padded on either side. Returns y_pred (n_y, m, T_y) and
    caches (encoder_caches, decoder_caches, P), the first two as `rnn_states` returns them. Raises ValueError for wrong
    shapes, NaN, and an example of nothing but padding.
    """
    expect(_expect_read(x, x_mask, P), y_in=(y_in, "n_y m T_y"))
    a, encoder_caches = _encode(x, x_mask, P)
    a, decoder_caches = rnn_states(y_in, a[:, :, -1], _half(P, "dec"))
    y_pred = softmax((a.T @ P["Wya"].T + P["by"].T).T)  # (n_y, m, T_y)
    return y_pred, (encoder_caches, decoder_caches, P)


def encoder_decoder_backward(y_pred, targets, y_mask, caches):
    """Gradients of -Σ log ŷ[target] in nats, summed over what counts: ∂L/∂z = ŷ - 1[target], back through both nets.

    y_pred: (n_y, m, T_y); targets: int (m, T_y), anything where y_mask is False; y_mask: bool (m, T_y) or None; caches:
    as from `encoder_decoder_forward`. Returns a dict with the keys of P, `d` in front. The decoder's da0 enters the
    encoder at its last step, whose mask takes it to the last step that counts.
    """
    expect_entries("caches", caches, "(encoder_caches, decoder_caches, P)")
    encoder_caches, decoder_caches, P = caches
    a = np.stack([cell[0] for cell in decoder_caches[0]], axis=2)  # (n_a, m, T_y)
    sizes = expect(y_pred=(y_pred, "n_y m T_y"), targets=(targets, "m T_y"), states=(a, "n_a m T_y"))
    sizes = expect_parameters(P, AXES, sizes)
    expect_mask(y_mask, sizes, "y_mask", "m T_y")
    expect_targets(targets, sizes["n_y"], y_mask)
    dz = y_pred - (np.arange(sizes["n_y"])[:, None, None] == targets)
    if y_mask is not None:
        dz *= y_mask
    dec = rnn_states_backward(np.einsum("ya,ymt->amt", P["Wya"], dz, optimize=True), decoder_caches)
    da = np.zeros((*a.shape[:2], len(encoder_caches[0])), a.dtype)
    da[:, :, -1] = dec["da0"]
    enc = rnn_states_backward(da, encoder_caches)
    both = {f"d{name}_{net}": G["d" + name] for net, G in (("enc", enc), ("dec", dec)) for name in ("Wax", "Waa", "ba")}
    dWya = np.einsum("ymt,amt->ya", dz, a, optimize=True)
    return both | {"dWya": dWya, "dby": dz.sum(axis=(1, 2))[:, None]}


def decode_greedy(x, x_mask, P, start, eos, max_length):
    """Free running: feed `start`, then always the most probable symbol of the step before, the first one on a tie.

    x, x_mask, P: as for `encoder_decoder_forward`; start: -1 … n_y - 1 (-1: nothing); eos ends an example and is left
    out; max_length: symbols at most. Returns a list of m lists of int. The batch goes on until every example has ended;
    a one-hot input is a look-up of a column of Wax_dec.
    """
    n_y = _expect_read(x, x_mask, P)["n_y"]
    expect_number("start", start, least=-1, most=n_y - 1, whole=True)
    expect_number("eos", eos, least=0, most=n_y - 1, whole=True)
    expect_number("max_length", max_length, least=1, whole=True)
    a = _encode(x, x_mask, P)[0][:, :, -1]
    driven = np.hstack([P["Wax_dec"] + P["ba_dec"], P["ba_dec"]])  # (n_a, n_y + 1): column -1 is that of nothing
    symbols, running, written = np.full(x.shape[1], start), np.ones(x.shape[1], bool), []
    while len(written) < max_length and running.any():
        a = np.tanh(driven[:, symbols] + P["Waa_dec"] @ a)
        symbols = (P["Wya"] @ a + P["by"]).argmax(axis=0)
        running &= symbols != eos
        written.append(symbols)
    rows = np.stack(written, axis=1).tolist()
    return [row[: row.index(eos)] if eos in row else row for row in rows]
