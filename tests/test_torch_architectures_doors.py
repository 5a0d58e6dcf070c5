"""What to_torch, to_numpy and the modules refuse, in one sentence each."""

import numpy as np
import pytest
import torch
from refusals import refused
from tensors import N_A, N_X, N_Y, PARAMETERS, M, T, parameters
from torch import nn

from utils.models import layers_of
from utils.torch_port.architectures import gradients, to_numpy, to_torch
from utils.torch_port.networks import ReadThenWrite, Recurrent
from utils.torch_port.seed_gru import SeedGRU

NAMES = (
    "an RNN or a GRU or a GRU that resets after the product or an LSTM or both directions or an encoder and a decoder "
    "or layers on top of each other"
)


def sentence(call):
    with pytest.raises(ValueError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text and text.endswith(".")
    return text


@pytest.mark.parametrize("network", PARAMETERS)
def test_every_key_is_needed_and_no_other_is_taken(network, rng):
    P = parameters(rng, network)
    for key in P:
        text = sentence(lambda key=key: to_torch({name: P[name] for name in P if name != key}))
        assert text.startswith(f"P must hold the keys of {NAMES}") and key in text
        assert all(other in text for other in P)
    text = sentence(lambda: to_torch(P | {"pf": np.zeros((N_A, 1))}))
    assert f"got {', '.join(P)}, pf: for " in text and text.endswith("pf unknown.")


@pytest.mark.parametrize("network", PARAMETERS)
def test_every_shape_is_checked_and_the_key_named(network, rng):
    P = parameters(rng, network)
    for key, array in P.items():
        for wrong in (np.vstack([array, array]), array[None], array[:0]):
            text = sentence(lambda key=key, wrong=wrong: to_torch(P | {key: wrong}))
            assert any(text.startswith(f"{name} ") for name in P) and "must" in text or "empty" in text
            assert "got shape (" in text or "got (" in text


def test_a_wrong_shape_in_the_middle_of_a_stack_is_named(rng):
    P = parameters(rng, "deep")
    refused(lambda: to_torch(P | {"Waa_4": np.zeros((4, 4))}), "Waa_4", "(n_a, n_a) with n_a = 5", "(4, 4)")
    P = parameters(rng, "both directions")
    refused(lambda: to_torch(P | {"Wax_bwd": np.zeros((5, 2))}), "Wax_bwd", "(n_a, n_x) with n_x = 3", "(5, 2)")
    refused(lambda: to_torch(P | {"Wy": np.zeros((2, 5))}), "Wy", "(n_y, n_a+n_a) with n_a+n_a = 10", "(2, 5)")
    P = parameters(rng, "encoder and decoder")
    refused(lambda: to_torch(P | {"Wya": np.zeros((3, 5)), "by": np.zeros((3, 1))}), "Wya", "n_y = 2", "(3, 5)")
    refused(lambda: to_torch(P | {"ba_dec": [[0.0]]}), "ba_dec", "NumPy array", "list")


def test_networks_of_the_course_without_a_counterpart_are_named_by_what_differs(rng):
    simple = {key: array for key, array in parameters(rng, "GRU").items() if key not in ("Wr", "br")}
    assert sentence(lambda: to_torch(simple)).endswith("for a GRU, Wr, br missing.")
    jordan = parameters(rng, "RNN") | {"Way": np.zeros((N_A, N_Y))}
    del jordan["Waa"]
    assert sentence(lambda: to_torch(jordan)).endswith("for an RNN, Waa missing and Way unknown.")


def test_what_is_neither_a_dict_nor_layers_is_refused(rng):
    refused(lambda: to_torch(3), "P", "a dict of parameters or a list of layers", "int")
    refused(lambda: to_torch([]), "a list of layers", "at least one", "dicts")
    refused(lambda: to_torch([np.zeros((2, 2))]), "a list of layers", "dicts with Wax, Waa, ba", "lowest")
    layers = layers_of(parameters(rng, "deep"))
    del layers[1]["ba"]
    assert sentence(lambda: to_torch(layers)).endswith("ba_2 missing.")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.LSTM(3, 5), "a Recurrent or a ReadThenWrite, as to_torch gives, got LSTM"),
        (lambda: Recurrent(nn.RNN(3, 5, nonlinearity="relu"), nn.Linear(5, 2)), "an nn.RNN with tanh"),
        (lambda: Recurrent(nn.LSTM(3, 5, proj_size=2), nn.Linear(2, 2)), "without a projection"),
        (lambda: Recurrent(nn.LSTM(3, 5, num_layers=2), nn.Linear(5, 2)), "no keys for LSTM, num_layers = 2"),
        (
            lambda: Recurrent(nn.GRU(3, 5, bidirectional=True), nn.Linear(10, 2)),
            "GRU, num_layers = 1, bidirectional = True",
        ),
        (
            lambda: Recurrent(nn.RNN(3, 5, 2, bidirectional=True), nn.Linear(5, 2)),
            "RNN, num_layers = 2, bidirectional = True",
        ),
        (lambda: Recurrent(nn.LSTM(3, 5)), "LSTM, num_layers = 1, bidirectional = False, without an output layer"),
        (
            lambda: Recurrent(SeedGRU.fresh(3, 5)),
            "SeedGRU, num_layers = 1, bidirectional = False, without an output layer",
        ),
        (lambda: Recurrent(nn.RNN(3, 5, bias=False), nn.Linear(5, 2)), "RNN must have biases"),
        (lambda: Recurrent(nn.RNN(3, 5), nn.Linear(5, 2, bias=False)), "output layer must have a bias"),
        (
            lambda: ReadThenWrite(nn.LSTM(3, 5), nn.LSTM(2, 5), nn.Linear(5, 2)),
            "LSTM, num_layers = 1, bidirectional = False and LSTM",
        ),
        (
            lambda: ReadThenWrite(nn.RNN(3, 5, 2), nn.RNN(2, 5), nn.Linear(5, 2)),
            "RNN, num_layers = 2, bidirectional = False and RNN",
        ),
    ],
)
def test_modules_that_the_course_has_no_keys_for_are_refused(make, words):
    for read in (to_numpy, gradients):
        assert words in sentence(lambda read=read: read(make()))


def test_time_comes_first():
    assert "batch_first=True" in sentence(lambda: Recurrent(nn.RNN(3, 5, batch_first=True)))
    first, second = nn.RNN(3, 5), nn.RNN(2, 5, batch_first=True)
    assert "batch_first=True" in sentence(lambda: ReadThenWrite(first, second, nn.Linear(5, 2)))


@pytest.mark.parametrize("network", ["RNN", "GRU", "both directions"])
@pytest.mark.parametrize(
    ("lengths", "expected", "came"),
    [
        ([3, 2, 0, 1], "between 1 and T = 6", "0 … 3"),
        ([3, 7, 1, 1], "between 1 and T = 6", "1 … 7"),
        ([3.0, 2.0, 1.0, 1.0], "whole numbers", "float32"),
        ([True, True, True, True], "whole numbers", "bool"),
        ([3, 2, 1], "m = 4 whole numbers", "got 3"),
        ("long", "m = 4 whole numbers", "str"),
    ],
)
def test_lengths_are_checked(network, lengths, expected, came, rng):
    module = to_torch(parameters(rng, network))
    refused(lambda: module(torch.zeros(T, M, N_X).double(), lengths=lengths), "lengths", expected, came)


@pytest.mark.parametrize("network", ["RNN", "GRU"])
def test_inputs_of_another_shape_are_refused(network, rng):
    module = to_torch(parameters(rng, network))
    refused(lambda: module(torch.zeros(T, M, 8)), "x", "(T, m, n_x) with n_x = 3", "(6, 4, 8)")
    refused(lambda: module(torch.zeros(M, N_X)), "x", "3 axes (T, m, n_x)", "(4, 3)")
    refused(lambda: module(np.zeros((T, M, N_X))), "x", "a tensor of shape (T, m, n_x)", "ndarray")
    refused(lambda: module(torch.zeros(0, M, N_X)), "x", "at least 1", "(0, 4, 3)")


def test_the_state_of_a_seed_gru_has_a_layer_axis_like_every_other(rng):
    module, x = to_torch(parameters(rng, "GRU")), torch.zeros(T, M, N_X).double()
    refused(lambda: module(x, torch.zeros(M, N_A).double()), "state", "3 axes (1, m, n_c)", "(4, 5)")
    refused(lambda: module(x, torch.zeros(2, M, N_A).double()), "state", "(1, m, n_c)", "(2, 4, 5)")


def test_the_masks_and_inputs_of_two_nets_are_checked(rng):
    module = to_torch(parameters(rng, "encoder and decoder"))
    x, y_in, mask = torch.zeros(T, M, N_X).double(), torch.zeros(8, M, N_Y).double(), torch.ones(T, M).bool()
    refused(lambda: module(x, y_in, mask.T), "x_mask", "(T, m) with T = 6", "(4, 6)")
    refused(lambda: module(x, y_in, mask.int()), "x_mask", "True and False", "int32")
    nothing = mask & (torch.arange(M) != 2)
    refused(lambda: module(x, y_in, nothing), "x_mask", "at least one step of every example", "number 2")
    refused(lambda: module(x, y_in[:, 1:]), "y_in", "(T_y, m, n_y) with m = 4", "(8, 3, 2)")
    refused(lambda: module(y_in, y_in), "x", "(T_x, m, n_x) with n_x = 3", "(8, 4, 2)")
