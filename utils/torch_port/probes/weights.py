"""Ask for weights: does the layer that was made compute what the course computes, forwards and backwards?"""

import copy

import numpy as np
import torch
from torch import nn

from .asking import Unfit, array, course_axes, expect_kind, tensor
from .stopping import gradients_of

GATES = {nn.RNN: 1, nn.LSTM: 4, nn.GRU: 3}


def to_torch_rnn(answer, P, x, a0):
    """The parts of an `nn.RNN` made of P, and what it gives for x (n_x, m, T) from a0 (n_a, m)."""
    return _layer(answer, nn.RNN, P, x, a0)


def to_torch_lstm(answer, P, x, a0, c0):
    """The parts of an `nn.LSTM` made of P, and what it gives for x (n_x, m, T) from a0 and c0 (n_a, m)."""
    return _layer(answer, nn.LSTM, P, x, a0, c0)


def to_torch_gru(answer, P, x, c0):
    """The parts of an `nn.GRU` made of P, and what it gives for x (n_x, m, T) from c0 (n_c, m)."""
    return _layer(answer, nn.GRU, P, x, c0)


def _layer(answer, kind, P, x, *start):
    """Weights by PyTorch's names, `bias` as one, `states` (n_a, m, T), and `dx`, the gradient of a sum of them.

    The two biases count as their sum, except in the last third of a GRU's, which the reset gate tells apart.
    """
    torch.manual_seed(0)  # numbers that an answer forgets to replace are the same each time
    layer = expect_kind(answer(P), kind, f"to_torch_{kind.__name__.lower()}")
    if layer is None:
        return None
    _expect_shapes(layer, kind, len(x), len(start[0]))
    _expect_dtype(layer, P)
    weights = {name: array(value) for name, value in layer.named_parameters()}
    outside, inside = weights["bias_ih_l0"], weights["bias_hh_l0"]
    last = len(outside) // 3 * 2 if kind is nn.GRU else len(outside)
    states, dx = _there_and_back(layer, x, start)
    _expect_own_memory(layer, P)
    return {
        "weight_ih": weights["weight_ih_l0"],
        "weight_hh": weights["weight_hh_l0"],
        "bias": np.concatenate([(outside + inside)[:last], outside[last:], inside[last:]]),
        "states": states,
        "dx": dx,
    }


def _expect_shapes(layer, kind, n_x, n_a):
    """Unfit unless it is one layer of these sizes."""
    if layer.num_layers > 1 or layer.bidirectional or layer.batch_first:
        raise Unfit("It should have one layer and one direction, and not be batch_first; leave PyTorch's defaults.")
    rows = GATES[kind] * n_a
    shapes = {"weight_ih_l0": (rows, n_x), "weight_hh_l0": (rows, n_a), "bias_ih_l0": (rows,), "bias_hh_l0": (rows,)}
    for name, shape in shapes.items():
        got = getattr(layer, name, None)
        if got is None:
            raise Unfit(f"{name} is missing; leave bias=True, as it is by default.")
        if tuple(got.shape) != shape:
            raise Unfit(f"{name} should have shape {shape}, got {tuple(got.shape)}.")


def _expect_dtype(layer, P):
    """Unfit unless all its parameters hold numbers as fine as those of P."""
    wanted = str(np.result_type(*P.values()))
    kinds = {name: str(value.dtype).removeprefix("torch.") for name, value in layer.named_parameters()}
    for name, kind in kinds.items():
        if kind != wanted:
            who = "The layer" if len(set(kinds.values())) == 1 else name
            raise Unfit(f"{who} holds {kind}, P holds {wanted}: make it with dtype=torch.{wanted}.")


def _there_and_back(layer, x, start):
    dtype = layer.weight_ih_l0.dtype
    x = tensor(x, dtype).permute(2, 1, 0).contiguous().requires_grad_()  # (T, m, n_x)
    state = tuple(tensor(s, dtype).T[None].contiguous() for s in start)  # each (1, m, n_a)
    states, _ = layer(x, state if len(state) > 1 else state[0])
    (dx,) = gradients_of(states, [x])
    return course_axes(states), course_axes(dx)


def _expect_own_memory(layer, P):
    """Unfit when changing the layer's weights changes P."""
    before = {name: value.copy() for name, value in P.items()}
    with torch.no_grad():
        for value in layer.parameters():
            value += 1
    if changed := [name for name in P if not np.array_equal(P[name], before[name])]:
        P.update(before)
        raise Unfit(f"The layer shares its memory with {changed[0]}: training it would change P; copy the numbers.")


def from_torch(answer, kind, weights):
    """P of a layer of this kind ("RNN" or "LSTM") with these weights, by PyTorch's names."""
    sizes = weights["weight_ih_l0"].shape[1], weights["weight_hh_l0"].shape[1]
    layer = getattr(nn, kind)(*sizes, dtype=torch.float64)
    layer.load_state_dict({name: tensor(value) for name, value in weights.items()})
    P = answer(layer)
    if P is None:
        return None
    if not isinstance(P, dict):
        raise Unfit(f"from_torch should return a dict of arrays, got an object of type {type(P).__name__}.")
    if tensors := [name for name, value in P.items() if isinstance(value, torch.Tensor)]:
        raise Unfit(f"{tensors[0]} should be a NumPy array, got a tensor: .detach().numpy() makes one of it.")
    before = copy.deepcopy(P)
    with torch.no_grad():
        for value in layer.parameters():
            value += 1
    shared = [name for name, value in P.items() if not np.array_equal(value, before[name])]
    kinds = {"weights": "W", "biases": "b"}
    parts = {part: {name: v for name, v in before.items() if name.startswith(k)} for part, k in kinds.items()}
    return parts | {"memory of P": f"shared with the layer in {shared[0]}" if shared else "all its own"}
