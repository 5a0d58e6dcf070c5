"""Sequences of unequal length in one batch: packed, so that no padded step is ever computed.

A packed sequence holds the valid steps alone, step after step, and how many examples are still running at each.
"""

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from utils.torch_port.door import expect_tensors


def encode_packed(rnn, x, lengths):
    """What a recurrent layer knows at the end of each sequence: its top layer's state after the last valid step.

    rnn: nn.RNN, nn.GRU or nn.LSTM with batch_first=True, any number of layers, one direction or two; x: (m, T, n_x),
    padded on the right with anything; lengths: m whole numbers, 1 … T (a tensor, an array or a list). Returns (m, n),
    rows in the order of x; with two directions (m, 2 n), the forward state after the last step beside the backward
    state after the first. An LSTM answers with a (`h` in PyTorch), not with c.
    Raises ValueError for another module, time first, other shapes, and lengths that are not whole numbers in 1 … T.
    """
    if not isinstance(rnn, nn.RNN | nn.GRU | nn.LSTM):
        raise ValueError(f"rnn must be an nn.RNN, nn.GRU or nn.LSTM, got {type(rnn).__name__}.")
    if not rnn.batch_first:
        raise ValueError("rnn must have batch_first=True, because x is (m, T, n_x); got batch_first=False.")
    _, last = rnn(packed(x, lengths, n_x=rnn.input_size))
    h = last[0] if isinstance(rnn, nn.LSTM) else last  # (layers * directions, m, n)
    return torch.cat(tuple(h[-2:] if rnn.bidirectional else h[-1:]), dim=1)


def packed(x, lengths, n_x=None, batch_first=True) -> PackedSequence:
    """x (m, T, n_x), or (T, m, n_x) with time first, as a packed sequence. Rows may come in any order of length."""
    sizes = expect_tensors({} if n_x is None else {"n_x": n_x}, x=(x, "m T n_x" if batch_first else "T m n_x"))
    lengths = expect_lengths(lengths, sizes["m"], sizes["T"])
    return pack_padded_sequence(x, lengths, batch_first=batch_first, enforce_sorted=False)


def padded(sequence, T, batch_first=True):
    """The inverse of `packed`: a tensor of T steps, zero behind the end of each sequence."""
    return pad_packed_sequence(sequence, batch_first=batch_first, total_length=T)[0]


def packed_where(x, x_mask) -> PackedSequence:
    """The steps of x (T, m, n_x) that count, packed. x_mask: bool (T, m), True = counts, padding on any side or within.

    Reading on from valid step to valid step is what keeping the state at a masked step comes to.
    Raises ValueError for other shapes, a mask of anything but True and False, and an example of nothing but padding.
    """
    expect_tensors(x=(x, "T m n_x"))
    expect_tensors({"T": x.shape[0], "m": x.shape[1]}, x_mask=(x_mask, "T m"))
    if x_mask.dtype != torch.bool:
        raise ValueError(f"x_mask must hold True and False, got {x_mask.dtype}; True means that a step counts.")
    lengths = x_mask.sum(dim=0).cpu()
    if not lengths.all():
        nothing = int(lengths.argmin())
        raise ValueError(f"x_mask must be True for at least one step of every example, got none for number {nothing}.")
    valid_first = x_mask.logical_not().to(torch.uint8).argsort(dim=0, stable=True)[:, :, None]  # (T, m, 1)
    return packed(torch.take_along_dim(x, valid_first, dim=0), lengths, batch_first=False)


def expect_lengths(lengths, m, T):
    """Check m whole numbers between 1 and T. Returns them as int64 on the CPU, where packing wants them."""
    try:
        lengths = torch.as_tensor(lengths).cpu()
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"lengths must be m = {m} whole numbers, got {type(lengths).__name__}.") from None
    if lengths.shape != (m,):
        raise ValueError(f"lengths must be m = {m} whole numbers, one for each example, got {_came(lengths)}.")
    if lengths.is_floating_point() or lengths.is_complex() or lengths.dtype == torch.bool:
        raise ValueError(f"lengths must be whole numbers, got {lengths.dtype}.")
    if lengths.min() < 1 or lengths.max() > T:
        came = f"{int(lengths.min())} … {int(lengths.max())}"
        raise ValueError(f"lengths must lie between 1 and T = {T}, got {came}.")
    return lengths.to(torch.int64)


def _came(lengths):
    return f"{len(lengths)}" if lengths.ndim == 1 else f"shape {tuple(lengths.shape)}"
