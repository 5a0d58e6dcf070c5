"""Ask what is read off a layer of PyTorch after sequences of different lengths."""

import contextlib

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from utils.torch_port.devices import on_threads

from .asking import Unfit, array, tensor
from .stopping import gradients_of

AXES = "pack_padded_sequence took x, which is (m, T, n_x), for (T, m, n_x)."
SORTED = "pack_padded_sequence stopped: the lengths that it was given are not sorted, the longest first."


@contextlib.contextmanager
def packing_told():
    """A block, or a decorator, in which packing that stops is told in the course's words, where it can be."""
    try:
        yield
    except (IndexError, RuntimeError, ValueError) as error:
        if sentence := _why_packing_stopped(error.__traceback__):
            raise Unfit(sentence) from None
        raise


def _why_packing_stopped(place):
    """A sentence, or "" where the error arose elsewhere or for another reason. It reads what packing was given."""
    while place and place.tb_frame.f_code is not pack_padded_sequence.__code__:
        place = place.tb_next
    given = place.tb_frame.f_locals if place else {}
    lengths = given.get("lengths")
    if given.get("enforce_sorted") and isinstance(lengths, torch.Tensor) and (lengths.diff() > 0).any():
        return SORTED
    return AXES if given.get("batch_first") is False else ""


def _expect_all_steps(_, given):
    """Before the layer runs: with the wrong axes, and fewer sequences than steps, packing holds too few of these."""
    for one in given:
        if isinstance(one, PackedSequence) and len(one.data) != one.batch_sizes.sum():
            raise Unfit(AXES)


@on_threads(1)
@packing_told()
def encode_packed(answer, kind, n, layers, both, x, lengths, seed):
    """What is known of each sequence of x (n_x, m, T), by direction, and the gradient of a weighted sum of it by x.

    kind: "RNN", "LSTM" or "GRU"; n: numbers in a state; layers: how many; both: whether it reads in both directions;
    its weights are drawn from `seed`.
    """
    torch.default_generator.manual_seed(seed)
    sizes = {"num_layers": layers, "bidirectional": both, "batch_first": True, "dtype": torch.float64}
    rnn = getattr(nn, kind)(len(x), n, **sizes)
    rnn.register_forward_pre_hook(_expect_all_steps)
    inputs = tensor(x).permute(1, 2, 0).contiguous().requires_grad_()  # (m, T, n_x)
    found = answer(rnn, inputs, tensor(lengths))
    if found is None:
        return None
    if not isinstance(found, torch.Tensor):
        raise Unfit("encode_packed should return one tensor, a row for each sequence.")
    if found.ndim != 2:
        raise Unfit(f"encode_packed should return a row for each sequence, got shape {tuple(found.shape)}.")
    (dx,) = gradients_of(found, [inputs])
    return {"forwards": array(found[:, :n]), "backwards": array(found[:, n:]), "dx": array(dx).transpose(2, 0, 1)}
