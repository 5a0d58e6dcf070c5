"""One layer in one direction: the course's P as nn.RNN, nn.LSTM or nn.GRU, and back. The order of the gates: layout.py.

For whole networks, with their output layer, see architectures.py.
"""

import numpy as np
import torch
from torch import nn

from utils.torch_port.layout import GRU_RESET_AFTER, LSTM, RNN, axes_of, expect_weights, stack, unstack

GATES = {nn.RNN: RNN, nn.LSTM: LSTM, nn.GRU: GRU_RESET_AFTER}
KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def to_torch_rnn(P):
    """An nn.RNN with the numbers of P: a⟨t⟩ = tanh(Wax x⟨t⟩ + Waa a⟨t-1⟩ + ba).

    P: Wax (n_a, n_x), Waa (n_a, n_a), ba (n_a, 1), which goes into bias_ih; other keys are not read. One layer, time
    first, the dtype of P; no memory is shared. Raises ValueError for a missing key or a shape that does not fit.
    """
    return _to_torch(P, nn.RNN, "n_a")


def to_torch_lstm(P):
    """An nn.LSTM with the numbers of P; PyTorch's gates i, f, g, o are Γu, Γf, c̃, Γo.

    P: Wu, Wf, Wc, Wo (n_a, n_a + n_x) on [a; x], bu, bf, bc, bo (n_a, 1). The rest as for `to_torch_rnn`.
    """
    return _to_torch(P, nn.LSTM, "n_a")


def to_torch_gru(P):
    """An nn.GRU with the numbers of P, the GRU that resets after the product; r, z, n are Γr, 1 - Γu, c̃.

    P: Wr, Wu (n_c, n_c + n_x) on [c; x], br, bu (n_c, 1), Wcc (n_c, n_c), Wcx (n_c, n_x), bcc, bcx (n_c, 1). The rows
    of z are those of u with the sign changed; b_hn = bcc, b_in = bcx. The rest as for `to_torch_rnn`. A GRU that resets
    before the product is no nn.GRU: see `SeedGRU`.
    """
    return _to_torch(P, nn.GRU, "n_c")


def _to_torch(P, kind, n):
    axes = axes_of(GATES[kind], n)
    sizes = expect_weights(P, axes)
    rnn = blank(kind, sizes["n_x"], sizes[n], dtype=dtype_of(P, axes))
    copy_layer(rnn, stack(P, GATES[kind]))
    return rnn


def from_torch(module):
    """P of an nn.RNN (tanh), nn.LSTM or nn.GRU of one layer and one direction; time or batch may come first.

    The two biases of PyTorch are added, but for the GRU's candidate: bcx = b_in, bcc = b_hn. Without biases, zeros.
    Returns NumPy arrays that share no memory with the module, bfloat16 as float32. Raises ValueError for anything else.
    """
    gates = gates_of(module)
    if module.num_layers != 1 or module.bidirectional:
        shape = f"num_layers = {module.num_layers}, bidirectional = {module.bidirectional}"
        raise ValueError(f"from_torch takes one layer in one direction, got {shape}: see to_numpy in architectures.")
    return unstack(layer_of(module), gates)


def gates_of(module):
    """The table of a layer from torch.nn, or a sentence when the course has no such cell."""
    gates = next((GATES[kind] for kind in GATES if isinstance(module, kind)), None)
    if gates is None:
        came = type(module).__name__
        raise ValueError(f"the module must be an nn.RNN, nn.LSTM or nn.GRU of torch, got {came}.")
    if isinstance(module, nn.RNN) and module.nonlinearity != "tanh":
        raise ValueError(f"the module must be an nn.RNN with tanh, as in the course, got {module.nonlinearity}.")
    if module.proj_size:
        raise ValueError(f"the module must be an nn.LSTM without a projection, got proj_size = {module.proj_size}.")
    return gates


def blank(kind, *sizes, **options):
    """A module whose numbers are about to be written: nothing is drawn, so torch's generator stays as it is."""
    return kind(*sizes, **options, device="meta").to_empty(device="cpu")


def dtype_of(P, keys):
    """The torch dtype that holds the numbers under these keys of P."""
    return torch.from_numpy(np.empty(0, np.result_type(*(P[key] for key in keys)))).dtype


def copy_layer(rnn, weights, layer="l0"):
    """Write weight_ih, weight_hh, bias_ih, bias_hh into a layer; layer: the ending of its names, such as l0_reverse."""
    for kind, array in zip(KINDS, weights, strict=True):
        copy_number(getattr(rnn, f"{kind}_{layer}"), array)


def copy_number(parameter, array):
    """Write an array into a parameter, in the parameter's dtype."""
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.array(array, order="C")))


def value_of(tensor):
    """A tensor's numbers as a NumPy array of its own; bfloat16, which NumPy lacks, as float32."""
    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy().copy()


def gradient_of(parameter):
    """The gradient that `backward` left at a parameter, as a NumPy array of its own."""
    if parameter.grad is None:
        raise ValueError("the module holds no gradients: call backward on a loss first, with every parameter in it.")
    return value_of(parameter.grad)


def layer_of(rnn, layer="l0", number=value_of):
    """weight_ih, weight_hh, bias_ih, bias_hh of one layer as arrays. number: `value_of` or `gradient_of` a parameter.

    A layer made with bias=False counts as one with biases of zero.
    """
    weights = [number(getattr(rnn, f"{kind}_{layer}")) for kind in KINDS[: 4 if rnn.bias else 2]]
    return weights if rnn.bias else [*weights, *2 * [np.zeros(len(weights[0]), weights[0].dtype)]]
