"""What the tests of the PyTorch port share: the course's axes and PyTorch's, parameters of every network, sizes."""

import numpy as np
import torch

from utils.checking.exercises import draw
from utils.checking.exercises.lesson_06 import parameters as gru_parameters
from utils.checking.exercises.lesson_06_variants import parameters_reset_after
from utils.checking.exercises.lesson_09_seq2seq import parameters as two_net_parameters

N_X, N_A, N_Y, M, T, L = 3, 5, 2, 4, 6, 7  # all different


def steps_first(array):
    """(n, m, T) or (layers, n, m) of the course -> a tensor (T, m, n) or (layers, m, n); (n, m) -> (1, m, n)."""
    if array.ndim == 2:
        return torch.tensor(array.T[None].copy())
    return torch.tensor((array.transpose(2, 1, 0)).copy())


def layers_first(array):
    """States of several layers, (L, n, m) of the course -> a tensor (L, m, n)."""
    return torch.tensor(array.transpose(0, 2, 1).copy())


def course(tensor):
    """(T, m, n) -> the course's (n, m, T), an array."""
    return tensor.detach().numpy().transpose(2, 1, 0)


def both_ways_parameters(rng, n_x, n_a, n_y):
    """Parameters of `brnn_forward`; biases are not zero."""
    P = {}
    for way in ("fwd", "bwd"):
        one = draw.rnn_parameters(rng, n_x, n_a, n_y)
        P |= {f"{name}_{way}": one[name] for name in ("Wax", "Waa", "ba")}
    return P | {"Wy": draw.numbers(rng, n_y, 2 * n_a), "by": draw.numbers(rng, n_y, 1)}


def deep_parameters(rng, n_x, n_a, n_y, depth=L):
    """Parameters of layers on top of each other, numbered; biases are not zero."""
    P = {}
    for layer in range(1, depth + 1):
        one = draw.rnn_parameters(rng, n_x if layer == 1 else n_a, n_a, n_y)
        P |= {f"{name}_{layer}": one[name] for name in ("Wax", "Waa", "ba")}
    return P | {name: one[name] for name in ("Wya", "by")}


PARAMETERS = {
    "RNN": draw.rnn_parameters,
    "GRU": gru_parameters,
    "GRU, reset after": parameters_reset_after,
    "LSTM": draw.lstm_parameters,
    "both directions": both_ways_parameters,
    "encoder and decoder": two_net_parameters,
    "deep": deep_parameters,
}


def parameters(rng, network):
    """P of a network of PARAMETERS, in the sizes of this file."""
    return PARAMETERS[network](rng, N_X, N_A, N_Y)


def same(P, Q):
    """Whether two dicts hold the same arrays, bit by bit, NaN included."""
    return P.keys() == Q.keys() and all(
        P[key].dtype == Q[key].dtype and np.array_equal(P[key], Q[key], equal_nan=True) for key in P
    )


def tangled(module, scale=0.5):
    """The module with all its parameters drawn anew, biases too, so that none is zero by chance of a default."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(std=scale)
    return module.double()
