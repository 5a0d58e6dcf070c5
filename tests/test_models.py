"""The passes of models.py: losses and gradients against PyTorch's float64 autograd and against differences."""

import numpy as np
import pytest

from utils import models
from utils.reference import (
    deep_rnn_backward,
    deep_rnn_forward,
    draw_dropout_masks,
    init_encoder_decoder,
    init_gru,
    init_lstm,
    init_rnn,
    numerical_gradient,
    output_layer_backward,
    sequence_loss,
    shift_right,
    softmax,
)
from utils.reference.initialise import init_feed_forward

n_x, n_a, n_y, m, T = 5, 4, 3, 6, 7
LENGTHS = np.array([7, 1, 3, 5, 2, 7])
CELLS = {"rnn": init_rnn, "gru": init_gru, "lstm": init_lstm}


def with_biases(P, rng):
    """The same parameters with biases that are not zero."""
    return {name: theta if name[0] == "W" else rng.standard_normal(theta.shape) for name, theta in P.items()}


@pytest.fixture
def case():
    rng = np.random.default_rng(7)
    return rng, rng.standard_normal((n_x, m, T)), np.arange(T) < LENGTHS[:, None]


def assert_gradients(forward, P, *data):
    """The gradients of a pass agree with central differences, parameter by parameter, and P stays as it was."""
    kept = {name: theta.copy() for name, theta in P.items()}
    loss, _, gradients = forward(P, *data)
    G = gradients()
    assert set(G) == {"d" + name for name in P} and isinstance(loss, float)
    for name, theta in P.items():
        measured = numerical_gradient(lambda _: forward(P, *data)[0], theta)
        scale = max(1e-3, np.abs(measured).max())
        assert G["d" + name].shape == theta.shape and np.abs(G["d" + name] - measured).max() < 1e-6 * scale, name
        assert np.array_equal(theta, kept[name])
    return G


def one_step(cell, torch):
    """One step of a cell, written down again from the equations: (states, xt, P) -> states; the first one is read."""
    tanh, sigmoid, cat = torch.tanh, torch.sigmoid, torch.cat

    def rnn(s, xt, P):
        return (tanh(P["Wax"] @ xt + P["Waa"] @ s[0] + P["ba"]),)

    def gru(s, xt, P):
        seen = cat([s[0], xt])
        u, r = sigmoid(P["Wu"] @ seen + P["bu"]), sigmoid(P["Wr"] @ seen + P["br"])
        return (u * tanh(P["Wc"] @ cat([r * s[0], xt]) + P["bc"]) + (1 - u) * s[0],)

    def lstm(s, xt, P):
        seen = cat([s[0], xt])
        f, u, o = (sigmoid(P[f"W{gate}"] @ seen + P[f"b{gate}"]) for gate in "fuo")
        c = f * s[1] + u * tanh(P["Wc"] @ seen + P["bc"])
        return o * tanh(c), c

    return {"rnn": rnn, "gru": gru, "lstm": lstm}[cell]


def states_of(cell, x, P, torch):
    step, s, read = one_step(cell, torch), (torch.zeros(n_a, x.shape[1], dtype=torch.float64),) * 2, []
    for t in range(x.shape[2]):
        s = step(s, torch.tensor(x[:, :, t]), P)
        read.append(s[0])
    return read


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_agrees_with_autograd(cell, case):
    torch = pytest.importorskip("torch")
    rng, x, mask = case
    cross_entropy = torch.nn.functional.cross_entropy
    labels, targets = rng.integers(n_y, size=m), rng.integers(n_y, size=(m, T))
    for forward, data in ((models.to_one_pass, labels), (models.every_step_pass, targets)):
        P = with_biases(CELLS[cell](n_x, n_a, n_y, rng), rng)
        loss, _, gradients = forward(P, x, mask, data)
        tP = {name: torch.tensor(theta, requires_grad=True) for name, theta in P.items()}
        z = torch.stack([tP.get("Wya", tP.get("Wy")) @ a + tP["by"] for a in states_of(cell, x, tP, torch)], dim=2)
        if data is labels:
            z = torch.stack([z[:, i, LENGTHS[i] - 1] for i in range(m)])
            expected = cross_entropy(z, torch.tensor(labels), reduction="sum")
        else:
            each = cross_entropy(z.permute(1, 0, 2), torch.tensor(targets), reduction="none")
            expected = each[torch.tensor(mask)].sum()
        expected.backward()
        assert abs(loss - expected.item()) < 1e-11
        for name, g in gradients().items():
            wanted = tP[name[1:]].grad.numpy()
            assert np.abs(g - wanted).max() < 1e-12 * max(1, np.abs(wanted).max()), name


@pytest.mark.parametrize("cell", CELLS)
def test_a_number_agrees_with_differences(cell, case):
    rng, x, _ = case
    P = with_biases(CELLS[cell](n_x, n_a, 1, rng), rng)
    y = rng.standard_normal(m)
    assert_gradients(models.to_number_pass, P, x, y)
    loss, y_pred, _ = models.to_number_pass(P, x, y)
    assert y_pred.shape == (m,) and abs(loss - ((y_pred - y) ** 2).sum()) < 1e-12


@pytest.mark.parametrize("cell", [*CELLS, "both"])
def test_tags_agree_with_differences_and_ignore_the_padding(cell, case):
    rng, x, mask = case
    P = (models.init_brnn if cell == "both" else CELLS[cell])(n_x, n_a, 2, rng)
    P, y = with_biases(P, rng), rng.integers(2, size=(2, m, T)).astype(float)
    G = assert_gradients(models.tagger_pass, P, x, mask, y)
    loss, y_pred, _ = models.tagger_pass(P, x, mask, y)
    by_hand = -np.log(np.where(y == 1, y_pred, 1 - y_pred))[:, mask].sum()
    assert abs(loss - by_hand) < 1e-12
    x[:, ~mask] = 9
    y[:, ~mask] = np.nan
    again, _, gradients = models.tagger_pass(P, x, mask, y)
    assert abs(loss - again) < 1e-12 and all(np.abs(g - G[name]).max() < 1e-12 for name, g in gradients().items())


def test_an_encoder_decoder_agrees_with_differences(case):
    rng, x, mask = case
    P = with_biases(init_encoder_decoder(n_x, n_a, n_y, rng), rng)
    targets, y_mask = rng.integers(n_y, size=(m, 4)), np.arange(4) < np.array([4, 2, 1, 3, 4, 2])[:, None]
    y_in = (np.arange(n_y)[:, None, None] == shift_right(targets, -1)).astype(float)
    assert_gradients(models.encoder_decoder_pass, P, x, mask, y_in, targets, y_mask)


@pytest.mark.parametrize("L", [1, 2, 3])
@pytest.mark.parametrize("keep", [None, 0.5])
def test_layers_agree_with_those_of_the_lesson(L, keep, case):
    rng, x, mask = case
    P, targets = with_biases(models.init_deep(n_x, n_a, n_y, L, rng), rng), rng.integers(n_y, size=(m, T))
    masks = None if keep is None or L == 1 else draw_dropout_masks(rng, L, n_a, m, T, keep)
    loss, y_pred, gradients = models.deep_pass(P, x, mask, targets, masks)
    layers = models.layers_of(P)
    assert len(layers) == L
    a, caches = deep_rnn_forward(x, np.zeros((L, n_a, m)), layers, masks)
    expected = softmax(np.einsum("ya,amt->ymt", P["Wya"], a) + P["by"][:, :, None])
    assert np.abs(y_pred - expected).max() < 1e-14 and abs(loss - sequence_loss(expected, targets, mask)) < 1e-11
    plain = {"Wax": layers[-1]["Waa"], "Waa": layers[-1]["Waa"], "ba": layers[-1]["ba"]}
    dWya, dby, da, _ = output_layer_backward(expected, targets, a, P | plain, mask)
    _, _, wanted = deep_rnn_backward(da, caches)
    G = gradients()
    assert set(G) == {"d" + name for name in P}
    assert np.abs(G["dWya"] - dWya).max() < 1e-12 and np.abs(G["dby"] - dby).max() < 1e-12
    for number, g in enumerate(wanted, 1):
        assert all(np.abs(G[f"{name}_{number}"] - g[name]).max() < 1e-12 for name in g)


def test_a_hidden_layer_agrees_with_differences(case):
    rng, x, _ = case
    P = with_biases(init_feed_forward(n_x, n_a, n_y, rng), rng)
    assert_gradients(models.feed_forward_pass, P, x[:, :, 0], rng.integers(n_y, size=m))


@pytest.mark.parametrize("cell", CELLS)
def test_one_step_one_example_and_float32(cell):
    rng = np.random.default_rng(1)
    P = with_biases(CELLS[cell](n_x, n_a, n_y, rng), rng)
    x, one = rng.standard_normal((n_x, 1, 1)), np.array([[True]])
    as_one, as_step = (
        models.to_one_pass(P, x, one, np.array([2])), models.every_step_pass(P, x, one, np.array([[2]]))
    )  # fmt: skip
    assert abs(as_one[0] - as_step[0]) < 1e-14
    assert all(np.abs(g - as_step[2]()[name]).max() < 1e-14 for name, g in as_one[2]().items())
    P = {name: theta.astype(np.float32) for name, theta in P.items()}
    _, y_pred, gradients = models.to_one_pass(P, x.astype(np.float32), one, np.array([2]))
    assert {y_pred.dtype, *(g.dtype for g in gradients().values())} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"labels": np.array([0, 1, 2, 0, 1])}, r"labels must have shape \(m\) with m = 6, got \(5,\)"),
        ({"labels": np.full(m, 3)}, "targets must lie between 0 and 2"),
        ({"labels": np.full(m, -1)}, "targets must lie between 0 and 2"),
        ({"labels": np.zeros(m)}, "whole numbers, got float64"),
        ({"mask": np.ones((m, T))}, "True and False, got float64"),
        ({"mask": np.ones((m, T + 1), bool)}, r"mask must have shape \(m, T\)"),
        ({"mask": np.zeros((m, T), bool)}, "pad on the right"),
        ({"x": np.full((n_x, m, T), np.nan)}, "x holds NaN"),
        ({"x": np.zeros((n_x + 1, m, T))}, "Wax must have shape"),
        ({"x": np.zeros((n_x, m, 0))}, "x is empty along T"),
        ({"x": [[[1.0]]]}, "x must be a NumPy array"),
        ({"P": {"W": np.zeros((2, 2)), "by": np.zeros((3, 1))}}, r"an RNN \(Wax\), an LSTM \(Wf\) or a GRU \(Wr\)"),
    ],
)
def test_to_one_says_what_is_wrong(change, words, case):
    rng, x, mask = case
    given = {"P": init_rnn(n_x, n_a, n_y, rng), "x": x, "mask": mask, "labels": np.zeros(m, int)} | change
    with pytest.raises(ValueError, match=words):
        models.to_one_pass(**given)


def test_the_other_passes_say_what_is_wrong(case):
    rng, x, mask = case
    P = init_rnn(n_x, n_a, n_y, rng)
    for arguments, words in (
        ((models.to_number_pass, P, x, np.zeros(m)), r"by must have shape \(1, 1\)"),
        ((models.to_number_pass, init_rnn(n_x, n_a, 1, rng), x, np.zeros((m, 1))), "y must have the 1 axes"),
        ((models.every_step_pass, P, x, mask, np.full((m, T), 3)), "targets must lie between 0 and 2"),
        ((models.tagger_pass, P, x, mask, np.full((n_y, m, T), 0.5)), "y must be 0 or 1"),
        ((models.tagger_pass, P, x, ~mask, np.zeros((n_y, m, T))), "pad on the right"),
        ((models.deep_pass, P, x, mask, np.zeros((m, T), int)), "P must hold Wax_1, Waa_1, ba_1"),
        ((models.feed_forward_pass, init_feed_forward(n_x, n_a, n_y, rng), x, np.zeros(m, int)), "2 axes"),
    ):
        forward, *given = arguments
        with pytest.raises(ValueError, match=words):
            forward(*given)
    for wrong in (models.init_brnn, lambda *sizes: models.init_deep(*sizes[:3], 2, sizes[3])):
        with pytest.raises(ValueError, match="n_a must be a whole number of at least 1, got 0"):
            wrong(n_x, 0, n_y, rng)
    lame = models.init_deep(n_x, n_a, n_y, 2, rng)
    del lame["Waa_2"]
    with pytest.raises(ValueError, match="'Waa_2' is missing"):
        models.layers_of(lame)
