"""Who is compared: one recurrent layer, forward and backward, in all the ways the course knows.

Every contestant gets random inputs x (T, m, n) and random states to start from, and a random gradient arrives at all
states it gives. It answers with the states and with the gradients of x, of the starts and of its weights. A token is
one step of one sequence, so a call computes m T tokens.
"""

from functools import partial

import torch
from torch import nn

from utils.torch_port.scan import MinGRU
from utils.torch_port.seed_gru import SeedGRU
from utils.torch_port.seed_gru_fast import compiled, compiled_and_graphed, graphed

from . import gpu_lstm
from .gpu_clock import autocast, dtype_of
from .gpu_sizes import Shape


def operations(kind, n):
    """Floating-point operations of a layer's products for one token, forward and backward; n_x = n.

    A product of a (k, j) matrix and a vector takes 2 k j of them. An LSTM has four of shape (n, n_x + n), so 8 n
    (n_x + n); a GRU three, 6 n (n_x + n); minGRU two of shape (n, n_x), 4 n n_x. Backwards each product becomes two of
    the same size, one for what came in and one for the weights. What is not a product is not counted.
    """
    return 3 * {"LSTM": 8 * n * 2 * n, "GRU": 6 * n * 2 * n, "minGRU": 4 * n * n}[kind]


def numbers(shape, precision, device):
    """x (T, m, n) and two states (m, n) that want gradients, the same for all who ask."""
    torch.manual_seed(0)
    options = {"device": device, "dtype": dtype_of(precision)}
    x = torch.randn(shape.length, shape.batch, shape.width, **options)
    states = (torch.randn(shape.batch, shape.width, **options) for _ in range(2))
    return [tensor.requires_grad_() for tensor in (x, *states)]


def there_and_back(forward, inputs, precision, device):
    """A function of no arguments: the states of forward(), and the gradients of the inputs, as a tuple of both."""

    def states():
        with autocast(precision, device):
            return forward()

    arriving = torch.randn_like(states())

    def run():
        found = states()
        return found, torch.autograd.grad(found, inputs, arriving)

    return run


def torch_layer(kind, shape, precision, device):
    """An nn.LSTM or nn.GRU, the same weights for all who ask."""
    torch.manual_seed(1)
    return getattr(nn, kind)(shape.width, shape.width, device=device, dtype=dtype_of(precision))


def of_torch(kind, shape, precision, device):
    """The layer of torch.nn; on a card that is cuDNN, if cuDNN takes this precision (see `engine`)."""
    layer, (x, a, c) = torch_layer(kind, shape, precision, device), numbers(shape, precision, device)
    inputs = [x, a, *([c] if kind == "LSTM" else []), *layer.parameters()]

    def forward():
        return layer(x, (a[None], c[None]) if kind == "LSTM" else a[None])[0]

    return there_and_back(forward, inputs, precision, device)


def lstm_by_hand(shape, precision, device):
    """The loop as a learner writes it."""
    W, b = gpu_lstm.by_gate(torch_layer("LSTM", shape, precision, device))
    x, a, c = numbers(shape, precision, device)
    return there_and_back(lambda: gpu_lstm.by_hand(x, a, c, W, b), [x, a, c, *W, *b], precision, device)


def lstm_hoisted(shape, precision, device, compile_it=False, in_graph=False):
    """The loop with the input product in front; its step compiled, the whole call recorded as a CUDA graph, or both."""
    weights = gpu_lstm.stacked(torch_layer("LSTM", shape, precision, device))
    x, a, c = numbers(shape, precision, device)
    step = gpu_lstm.compiled_step(device) if compile_it else gpu_lstm.step
    run = there_and_back(lambda: gpu_lstm.hoisted(x, a, c, *weights, step), [x, a, c, *weights], precision, device)
    return gpu_lstm.captured(run, device) if in_graph else run


def seed_gru(shape, precision, device, way=None):
    """The course's GRU; way: None, or a faster one of utils/torch_port/seed_gru_fast.py by its name."""
    generator = torch.Generator().manual_seed(1)
    module = SeedGRU.fresh(shape.width, shape.width, generator).to(device, dtype_of(precision))
    x, c, _ = numbers(shape, precision, device)
    how = {} if device.type == "cuda" else {"chunk": 2, "backend": "eager"}
    ways = {
        None: lambda: module,
        "compiled": lambda: compiled(module, **how),
        "graphed": lambda: graphed(module, x, c),
        "compiled_and_graphed": lambda: compiled_and_graphed(module, x, c, **how),
    }
    with autocast(precision, device, cache=False):  # PyTorch records nothing while autocast keeps its casts
        route = ways[way]()
    return there_and_back(lambda: route(x, c), [x, c, *module.parameters()], precision, device)


def min_gru(shape, precision, device):
    """The layer whose gates do not look at the state, so that all steps are computed in log2 T rounds."""
    torch.manual_seed(1)
    module = MinGRU(shape.width, shape.width).to(device, dtype_of(precision))
    x, h, _ = numbers(shape, precision, device)
    return there_and_back(lambda: module(x, h), [x, h, *module.parameters()], precision, device)


# name: (whose products, builder)
CONTESTANTS = {
    "LSTM by hand": ("LSTM", lstm_by_hand),
    "LSTM, input hoisted": ("LSTM", lstm_hoisted),
    "LSTM, hoisted, compiled": ("LSTM", partial(lstm_hoisted, compile_it=True)),
    "LSTM, hoisted, graph": ("LSTM", partial(lstm_hoisted, in_graph=True)),
    "LSTM, compiled, graph": ("LSTM", partial(lstm_hoisted, compile_it=True, in_graph=True)),
    "nn.LSTM": ("LSTM", partial(of_torch, "LSTM")),
    "SeedGRU": ("GRU", seed_gru),
    "SeedGRU, compiled": ("GRU", partial(seed_gru, way="compiled")),
    "SeedGRU, graph": ("GRU", partial(seed_gru, way="graphed")),
    "SeedGRU, compiled, graph": ("GRU", partial(seed_gru, way="compiled_and_graphed")),
    "nn.GRU": ("GRU", partial(of_torch, "GRU")),
    "minGRU, scan": ("minGRU", min_gru),
}


def engine(kind, precision, device):
    """What a layer of torch.nn runs on and in which numbers, such as "cuDNN, float16".

    Not every precision is what its name says: under autocast to bfloat16, cuDNN's layers compute in float16 in the
    versions we know, and a layer whose weights are bfloat16 goes without cuDNN where PyTorch or cuDNN is too old.
    """
    run = of_torch(kind, Shape(8, 2, 3), precision, device)
    states, _ = run()
    library = "cuDNN" if "Cudnn" in states.grad_fn.name() else "PyTorch's own kernels"
    return f"{library}, {str(states.dtype).removeprefix('torch.')}"
