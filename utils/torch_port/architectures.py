"""Every network of the course as a PyTorch module, and back: `to_torch`, `to_numpy`, `gradients`.

Which networks there are, and what their numbers are called on both sides, stands in catalogue.py.
"""

from torch import nn

from utils.torch_port import catalogue
from utils.torch_port.layout import axes_of, expect_weights, stack, unstack
from utils.torch_port.networks import ReadThenWrite, Recurrent
from utils.torch_port.seed_gru import SeedGRU
from utils.torch_port.weights import blank, copy_layer, copy_number, dtype_of, gradient_of, layer_of, value_of


def to_torch(P):
    """The network of P as a module with its output layer: `Recurrent`, or `ReadThenWrite` for an encoder and a decoder.

    P: any dict of parameters of the course (NOTATION.md), or the list of layers that `deep_rnn_forward` takes, which
    has no output layer. A GRU becomes a `SeedGRU`, one that resets after the product an nn.GRU, layers on top of each
    other one nn.RNN. Time comes first and logits come out, see networks.py. The dtype of P, no shared memory.
    Raises ValueError where a shape does not fit and where the keys are those of no network here.
    """
    as_list = isinstance(P, list | tuple)
    P = _numbered(P) if as_list else P
    if not isinstance(P, dict):
        raise ValueError(f"P must be a dict of parameters or a list of layers, got {type(P).__name__}.")
    architecture = catalogue.of_layers(P) if as_list else catalogue.of_keys(P)
    sizes = expect_weights(P, architecture.axes())
    nets = [_net(architecture, name, sizes, P) for name in architecture.nets]
    if as_list:
        return Recurrent(*nets)
    n_y, seen = P[architecture.out].shape
    out = blank(nn.Linear, seen, n_y, dtype=dtype_of(P, P))
    copy_number(out.weight, P[architecture.out])
    copy_number(out.bias, P["by"][:, 0])
    return ReadThenWrite(*nets, out) if len(nets) > 1 else Recurrent(*nets, out, architecture.numbered)


def to_numpy(module):
    """P of a module, the exact inverse of `to_torch`: NumPy arrays that share no memory with it.

    module: what `to_torch` gives, or a Recurrent or ReadThenWrite made of PyTorch's layers; their two biases add up to
    the course's one. Without an output layer, the list of layers. Raises ValueError for any other module.
    """
    return _read(module, value_of)


def gradients(module):
    """G of a module after `backward`: the keys and shapes of P with a d in front, dWf …; NumPy arrays of their own.

    PyTorch adds two biases, b = b_ih + b_hh, so both get the gradient ∂L/∂b; the course has b itself, and G holds that
    gradient once. (A step of gradient descent on both moves their sum twice as far as a step on b.) PyTorch averages a
    loss by default: reduction="sum" gives the course's numbers. Raises ValueError where no gradient is.
    """
    return _read(module, gradient_of, "d")


def _numbered(layers):
    """A list of layers as one dict: Wax_1, Waa_1, ba_1, Wax_2, …"""
    if not layers or not all(isinstance(one, dict) for one in layers):
        raise ValueError("a list of layers must hold dicts with Wax, Waa, ba, at least one, the lowest layer first.")
    return {f"{key}_{number}": array for number, one in enumerate(layers, 1) for key, array in one.items()}


def _net(architecture, name, sizes, P):
    """The recurrent module of an architecture that has this name, filled from P."""
    if architecture.kind is SeedGRU:
        return SeedGRU(P).to(dtype_of(P, P))
    layers = [layer for layer in architecture.layers if layer.net == name]
    both = architecture.bidirectional
    rnn = blank(
        architecture.kind,
        sizes[layers[0].n_x],
        sizes[architecture.n],
        num_layers=len(layers) // (1 + both),
        bidirectional=both,
        dtype=dtype_of(P, P),
    )
    for layer in layers:
        one = {key: P[key + layer.ending] for key in axes_of(architecture.gates)}
        copy_layer(rnn, stack(one, architecture.gates), layer.tensors)
    return rnn


def _read(module, number, prefix=""):
    """P, or with `gradient_of` and "d" G, from the numbers of a module."""
    architecture = catalogue.of_module(module)
    layers = []
    for layer in architecture.layers:
        rnn = getattr(module, layer.net)
        if isinstance(rnn, SeedGRU):
            one = rnn.to_numpy(number)
        else:
            one = unstack(layer_of(rnn, layer.tensors, number), architecture.gates, gradient=number is gradient_of)
        ending = layer.ending if architecture.out else ""
        layers.append({prefix + key + ending: array for key, array in one.items()})
    if not architecture.out:
        return layers
    out = {architecture.out: number(module.out.weight), "by": number(module.out.bias)[:, None]}
    return {key: array for one in layers for key, array in one.items()} | {prefix + key: out[key] for key in out}
