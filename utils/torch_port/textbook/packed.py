"""Sequences of different lengths in one batch, without computing the padding."""

import torch
from torch import nn


def encode_packed(rnn, x, lengths):
    """What a recurrent layer knows of each sequence when all of it has been read.

    rnn: nn.RNN, nn.GRU or nn.LSTM with batch_first=True, any number of layers, one direction or two. x: (m, T, n_x),
    padded on the right. lengths: (m,) whole numbers, 1 … T, in any order.
    The answer is the state a (never the memory c of an LSTM) of the top layer: of the forward direction after the last
    valid step; with two directions, beside it that of the backward direction after the first step.
    Returns (m, n), with two directions (m, 2 n); row i belongs to x[i].
    """
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    _, last = rnn(packed)
    if isinstance(last, tuple):
        last = last[0]  # an LSTM gives (a, c)
    if rnn.bidirectional:
        return torch.cat([last[-2], last[-1]], dim=1)  # (m, 2 n)
    return last[-1]  # (m, n)
