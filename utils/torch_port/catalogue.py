"""The networks of the course, as data: which layers they are made of, and what their numbers are called on both sides.

NOTATION.md, "What P holds", is the same list in words.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from torch import nn

from utils.torch_port.layout import GRU, axes_of
from utils.torch_port.networks import ReadThenWrite, Recurrent
from utils.torch_port.seed_gru import SeedGRU
from utils.torch_port.weights import GATES, gates_of


class Layer(NamedTuple):
    """One layer in one direction: the ending of its keys in P, its module, the ending of its names there, its input."""

    ending: str = ""
    net: str = "rnn"
    tensors: str = "l0"
    n_x: str = "n_x"


@dataclass(frozen=True)
class Architecture:
    """kind: the class of its layers; out: the key of its output weights, None without an output layer."""

    name: str
    kind: type
    layers: tuple[Layer, ...] = (Layer(),)
    out: str | None = "Wy"
    n: str = "n_a"

    @property
    def gates(self):
        """The table of its cell, see layout.py."""
        return GRU if self.kind is SeedGRU else GATES[self.kind]

    @property
    def nets(self):
        """The names of its recurrent modules."""
        return tuple(dict.fromkeys(layer.net for layer in self.layers))

    @property
    def numbered(self):
        return self.layers[0].ending == "_1"

    @property
    def bidirectional(self):
        return any(layer.tensors.endswith("_reverse") for layer in self.layers)

    def axes(self):
        """{key of P: its axes}. No two architectures have the same keys."""
        axes = {}
        for layer in self.layers:
            axes |= {key + layer.ending: shape for key, shape in axes_of(self.gates, self.n, layer.n_x).items()}
        seen = f"{self.n}+{self.n}" if self.bidirectional else self.n
        return axes | ({self.out: f"n_y {seen}", "by": "n_y 1"} if self.out else {})


ONE_NET = Architecture("an RNN", nn.RNN, out="Wya")
SEED_GRU = Architecture("a GRU", SeedGRU, n="n_c")
TORCH_GRU = Architecture("a GRU that resets after the product", nn.GRU, n="n_c")
LSTM = Architecture("an LSTM", nn.LSTM)
BOTH_WAYS = Architecture("both directions", nn.RNN, (Layer("_fwd"), Layer("_bwd", tensors="l0_reverse")))
TWO_NETS = Architecture(
    "an encoder and a decoder", nn.RNN, (Layer("_enc", "encoder"), Layer("_dec", "decoder", n_x="n_y")), "Wya"
)


def on_top(L, out="Wya"):
    """L layers of an RNN on top of each other: Wax_1, Waa_1, ba_1, Wax_2, … from below."""
    layers = tuple(Layer(f"_{k + 1}", tensors=f"l{k}", n_x="n_a" if k else "n_x") for k in range(L))
    return Architecture("layers on top of each other (Wax_1, …)", nn.RNN, layers, out)


def of_keys(P):
    """The architecture that has just the keys of P, or a sentence that names the nearest one and what differs."""
    known = (ONE_NET, SEED_GRU, TORCH_GRU, LSTM, BOTH_WAYS, TWO_NETS, on_top(_depth(P)))
    return _nearest(P, known)


def of_layers(P):
    """Layers without an output layer, numbered."""
    return _nearest(P, (on_top(_depth(P), out=None),))


def _depth(P):
    """The highest number behind a key such as Waa_3, at least 1; a layer without a key of its own cannot count."""
    numbers = [re.fullmatch(r"(?:Wax|Waa|ba)_(\d+)", str(key)) for key in P]
    return min(max([1, *(int(number[1]) for number in numbers if number)]), len(P) + 1)


def _nearest(P, known):
    nearest = min(known, key=lambda one: len(P.keys() ^ one.axes().keys()))
    wanted = nearest.axes().keys()
    if P.keys() == wanted:
        return nearest
    missing, unknown = [key for key in wanted if key not in P], [str(key) for key in P if key not in wanted]
    differs = [f"{', '.join(keys)} {what}" for keys, what in ((missing, "missing"), (unknown, "unknown")) if keys]
    raise ValueError(
        f"P must hold the keys of {' or '.join(one.name for one in known)}, got {', '.join(map(str, P))}: "
        f"for {nearest.name}, {' and '.join(differs)}."
    )


def of_module(module):
    """The architecture of a Recurrent or ReadThenWrite, told by its layers, or a sentence."""
    if not isinstance(module, Recurrent | ReadThenWrite):
        came = type(module).__name__
        raise ValueError(f"the module must be a Recurrent or a ReadThenWrite, as to_torch gives, got {came}.")
    two = isinstance(module, ReadThenWrite)
    nets = (module.encoder, module.decoder) if two else (module.rnn,)
    shapes = [_shape(net) for net in nets]
    if module.out is not None and module.out.bias is None:
        raise ValueError("the output layer must have a bias, as in the course, got bias=False.")
    depth = shapes[0][1]
    if two:
        candidates = (TWO_NETS,)
    elif module.out is None or module.numbered or depth > 1:
        candidates = (on_top(depth, "Wya" if module.out else None),)
    else:
        candidates = (ONE_NET, SEED_GRU, TORCH_GRU, LSTM, BOTH_WAYS)
    for architecture in candidates:
        per_net = len(architecture.layers) // len(nets) // (1 + architecture.bidirectional)
        if all(shape == (architecture.kind, per_net, architecture.bidirectional) for shape in shapes):
            return architecture
    came = " and ".join(f"{kind.__name__}, num_layers = {L}, bidirectional = {both}" for kind, L, both in shapes)
    raise ValueError(f"the course has no keys for {came}{'' if module.out else ', without an output layer'}.")


def _shape(net):
    """The class of a recurrent layer, its number of layers, whether it reads both ways; a sentence for what is none."""
    if isinstance(net, SeedGRU):
        return SeedGRU, 1, False
    gates = gates_of(net)
    if not net.bias:
        raise ValueError(f"the {type(net).__name__} must have biases, as in the course, got bias=False.")
    return next(kind for kind in GATES if GATES[kind] is gates), net.num_layers, net.bidirectional
