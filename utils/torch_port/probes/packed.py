"""Ask what is read off a layer of PyTorch after sequences of different lengths."""

import torch
from torch import nn

from .asking import Unfit, array, tensor
from .threads import one_thread


@one_thread()
def encode_packed(answer, kind, n, layers, both, x, lengths, seed):
    """What is known of each sequence of x (n_x, m, T), by direction, and the gradient of a weighted sum of it by x.

    kind: "RNN", "LSTM" or "GRU"; n: numbers in a state; layers: how many; both: whether it reads in both directions;
    its weights are drawn from `seed`.
    """
    torch.default_generator.manual_seed(seed)
    sizes = {"num_layers": layers, "bidirectional": both, "batch_first": True, "dtype": torch.float64}
    rnn = getattr(nn, kind)(len(x), n, **sizes)
    inputs = tensor(x).permute(1, 2, 0).contiguous().requires_grad_()  # (m, T, n_x)
    found = answer(rnn, inputs, tensor(lengths))
    if found is None:
        return None
    if not isinstance(found, torch.Tensor):
        raise Unfit("encode_packed should return one tensor, a row for each sequence.")
    if found.ndim != 2:
        raise Unfit(f"encode_packed should return a row for each sequence, got shape {tuple(found.shape)}.")
    return {"forwards": array(found[:, :n]), "backwards": array(found[:, n:]), "dx": _dx(found, inputs)}


def _dx(found, inputs):
    """(n_x, m, T), zeros where there is no way back."""
    if not found.requires_grad:
        return array(torch.zeros_like(inputs)).transpose(2, 0, 1)
    weights = torch.linspace(-1, 1, found.numel(), dtype=found.dtype).reshape(found.shape)
    (dx,) = torch.autograd.grad((weights * found).sum(), inputs, allow_unused=True)
    return array(torch.zeros_like(inputs) if dx is None else dx).transpose(2, 0, 1)
