"""Weights from the course's dicts into PyTorch's layers and back: numbers, gradients, what is refused."""

import numpy as np
import pytest
import torch
from nearness import near
from refusals import refused
from tensors import N_A, N_X, M, T, course, parameters, same, steps_first
from torch import nn

from utils import reference
from utils.torch_port.layout import unstack
from utils.torch_port.weights import (
    from_torch,
    gates_of,
    gradient_of,
    layer_of,
    to_torch_gru,
    to_torch_lstm,
    to_torch_rnn,
)

KINDS = {
    "RNN": (to_torch_rnn, nn.RNN, reference.rnn_forward, reference.rnn_backward),
    "LSTM": (to_torch_lstm, nn.LSTM, reference.lstm_forward, reference.lstm_backward),
    "GRU, reset after": (
        to_torch_gru,
        nn.GRU,
        reference.gru_forward_reset_after,
        reference.gru_backward_reset_after,
    ),
}
EVERY = pytest.mark.parametrize("network", KINDS)
OUTPUT = {"Wya", "Wy", "by"}


def without_output(P):
    return {key: array for key, array in P.items() if key not in OUTPUT}


def agree(layer, P, network, rng, tolerance=1e-10):
    """States and all gradients of a layer and of the reference, for a weighted sum of the states."""
    _, _, forward, backward = KINDS[network]
    x, da = rng.standard_normal((N_X, M, T)), rng.standard_normal((N_A, M, T))
    starts = {name: rng.standard_normal((N_A, M)) for name in (("a0", "c0") if network == "LSTM" else ("a0",))}
    if network == "LSTM":
        a, _, _, caches = forward(x, starts["a0"], P, starts["c0"])
    else:
        a, _, caches = forward(x, starts["a0"], P)
    G = backward(da, caches)
    leaves = {name: steps_first(array).requires_grad_() for name, array in ({"x": x} | starts).items()}
    states, _ = layer(leaves["x"], tuple(leaves[name] for name in starts) if network == "LSTM" else leaves["a0"])
    (states * steps_first(da)).sum().backward()
    near(course(states), a, tolerance)
    near(course(leaves["x"].grad), G["dx"], tolerance)
    for name in starts:
        key = "dc0" if network.startswith("GRU") else f"d{name}"
        near(leaves[name].grad[0].numpy().T, G[key], tolerance)
    got = unstack(layer_of(layer, number=gradient_of), gates_of(layer), gradient=True)
    near(got, {key: G[f"d{key}"] for key in without_output(P)}, tolerance)


@EVERY
def test_a_layer_made_of_P_computes_what_the_course_computes(network, rng):
    P = parameters(rng, network)
    agree(KINDS[network][0](P), P, network, rng)


@EVERY
def test_P_of_a_layer_that_torch_drew_computes_what_torch_computes(network, rng):
    torch.manual_seed(3)
    layer = KINDS[network][1](N_X, N_A).double()
    assert all((bias != 0).all() for bias in (layer.bias_ih_l0, layer.bias_hh_l0))
    P = from_torch(layer) | {key: array for key, array in parameters(rng, network).items() if key in OUTPUT}
    agree(layer, P, network, rng)


@EVERY
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_there_and_back_is_exact_to_the_bit(network, dtype, rng):
    P = {key: array.astype(dtype) for key, array in parameters(rng, network).items()}
    key = next(iter(P))
    P[key][1, 2] = np.nan
    layer = KINDS[network][0](P)
    assert all(parameter.dtype == torch.from_numpy(np.zeros(1, dtype)).dtype for parameter in layer.parameters())
    assert same(from_torch(layer), without_output(P))


@EVERY
def test_no_memory_is_shared_and_nothing_is_drawn(network, rng):
    P = parameters(rng, network)
    kept, drawn = {key: array.copy() for key, array in P.items()}, torch.random.get_rng_state()
    layer = KINDS[network][0](P)
    Q = from_torch(layer)
    assert torch.equal(drawn, torch.random.get_rng_state())
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(1)
    assert same(P, kept) and same(Q, without_output(kept))


def test_the_gates_of_pytorch_on_paper():
    """One unit: each weight a number of its own, so that the order, the sign and the place of each are seen."""
    lstm = {f"W{gate}": np.array([[k, 10.0 * k]]) for k, gate in enumerate("fuco", 1)}
    lstm |= {f"b{gate}": np.array([[100.0 * k]]) for k, gate in enumerate("fuco", 1)}
    layer = to_torch_lstm(lstm)
    assert layer.weight_hh_l0[:, 0].tolist() == [2, 1, 3, 4]
    assert layer.weight_ih_l0[:, 0].tolist() == [20, 10, 30, 40]
    assert layer.bias_ih_l0.tolist() == [200, 100, 300, 400] and layer.bias_hh_l0.tolist() == [0, 0, 0, 0]
    numbers = {"Wu": [[1.0, 10.0]], "Wr": [[2.0, 20.0]], "Wcc": [[3.0]], "Wcx": [[30.0]]}
    numbers |= {"bu": [[100.0]], "br": [[200.0]], "bcx": [[300.0]], "bcc": [[3000.0]]}
    layer = to_torch_gru({key: np.array(value) for key, value in numbers.items()})
    assert layer.weight_hh_l0[:, 0].tolist() == [2, -1, 3]
    assert layer.weight_ih_l0[:, 0].tolist() == [20, -10, 30]
    assert layer.bias_ih_l0.tolist() == [200, -100, 300] and layer.bias_hh_l0.tolist() == [0, 0, 3000]


def test_layers_with_time_second_without_biases_and_in_bfloat16():
    layer = nn.LSTM(N_X, N_A, batch_first=True, bias=False, dtype=torch.bfloat16)
    P = from_torch(layer)
    assert P["Wf"].dtype == np.float32 and P["Wf"].shape == (N_A, N_A + N_X) and not P["bf"].any()
    assert np.array_equal(P["Wo"][:, :N_A], layer.weight_hh_l0[3 * N_A :].float().detach().numpy())


@EVERY
def test_a_shape_that_does_not_fit_is_refused_by_its_key(network, rng):
    P = without_output(parameters(rng, network))
    assert len(P) >= 3
    for key, array in P.items():
        wrong = P | {key: np.vstack([array, array])}
        names = "|".join(P)  # where the first key is the wrong one, the next is the one that differs
        refused(lambda wrong=wrong: KINDS[network][0](wrong), names, "must have shape", "got (")
        assert KINDS[network][0](P)


def test_the_expected_and_the_found_shape_are_named(rng):
    P = parameters(rng, "RNN")
    wrong = P | {"ba": np.zeros((N_A + 1, 1))}
    refused(lambda: to_torch_rnn(wrong), "ba", "(n_a, 1) with n_a = 5", "(6, 1)")
    P = parameters(rng, "LSTM")
    wrong = P | {"Wo": np.zeros((N_A, N_A))}
    refused(lambda: to_torch_lstm(wrong), "Wo", "(n_a, n_a+n_x) with n_a+n_x = 8", "(5, 5)")
    square = P | {f"W{gate}": np.zeros((N_A, N_A)) for gate in "fuco"}
    refused(lambda: to_torch_lstm(square), "Wu", "more than 5 columns", "(5, 5)")
    P = parameters(rng, "GRU, reset after")
    wrong = P | {key: np.zeros((N_A, N_A + N_X + 1)) for key in ("Wu", "Wr")}
    refused(lambda: to_torch_gru(wrong), "Wr", "(n_c, n_c+n_x) with n_c+n_x = 8", "(5, 9)")


@pytest.mark.parametrize(
    ("value", "expected", "came"),
    [
        ([[1.0]], "must be a NumPy array", "got list"),
        (torch.zeros(5, 1), "must be a NumPy array", "got Tensor"),
        (None, "must be a NumPy array", "got NoneType"),
        (np.zeros((5, 1), int), "floating numbers", "int64"),
        (np.zeros((5, 1), complex), "floating numbers", "complex128"),
        (np.zeros((5, 1), object), "floating numbers", "object"),
        (np.zeros((5, 1), np.longdouble), "floating numbers", str(np.dtype(np.longdouble))),
        (np.zeros(5), "2 axes (n_a, 1)", "(5,)"),
        (np.zeros((0, 1)), "ba", "(0, 1)"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_what_is_no_array_of_floats_is_refused(value, expected, came, rng):
    refused(lambda: to_torch_rnn(parameters(rng, "RNN") | {"ba": value}), "ba", expected, came)


def test_a_missing_key_and_what_is_no_dict_are_refused(rng):
    P = parameters(rng, "LSTM")
    refused(lambda: to_torch_gru(P), "P", "Wcc", "Wf")
    del P["Wo"]
    refused(lambda: to_torch_lstm(P), "P", "Wo is missing", "Wy")
    refused(lambda: to_torch_rnn([P]), "P", "must be a dict", "list")


@pytest.mark.parametrize(
    ("make", "expected", "came"),
    [
        (lambda: nn.RNN(3, 5, nonlinearity="relu"), "an nn.RNN with tanh", "got relu"),
        (lambda: nn.LSTM(3, 5, num_layers=2), "one layer in one direction", "num_layers = 2"),
        (lambda: nn.GRU(3, 5, bidirectional=True), "one layer in one direction", "bidirectional = True"),
        (lambda: nn.LSTM(3, 5, proj_size=2), "without a projection", "proj_size = 2"),
        (lambda: nn.Linear(3, 5), "nn.RNN, nn.LSTM or nn.GRU", "got Linear"),
        (lambda: nn.LSTMCell(3, 5), "nn.RNN, nn.LSTM or nn.GRU", "got LSTMCell"),
        (lambda: {"Wax": 1}, "nn.RNN, nn.LSTM or nn.GRU", "got dict"),
    ],
    ids=["relu", "layers", "directions", "projection", "linear", "cell", "dict"],
)
def test_modules_that_the_course_has_no_keys_for_are_refused(make, expected, came):
    refused(lambda: from_torch(make()), "the module|from_torch", expected, came)
