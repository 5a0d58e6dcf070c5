"""Sequences of unequal length in one batch: every row as if it were alone, in the caller's order."""

import numpy as np
import pytest
import torch
from nearness import near
from refusals import refused
from tensors import N_A, N_X, M, T, tangled
from torch import nn

from utils.torch_port.packed import encode_packed, expect_lengths, packed, packed_where, padded

LENGTHS = [2, 6, 1, 4]  # not in order


def rnn_of(kind, layers=1, both=False, **options):
    torch.manual_seed(4)
    return tangled(kind(N_X, N_A, layers, bidirectional=both, batch_first=True, **options))


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("form", [list, np.array, torch.tensor])
def test_each_row_is_what_its_sequence_gives_alone(kind, layers, both, form, rng):
    rnn, x = rnn_of(kind, layers, both), torch.tensor(rng.standard_normal((M, T, N_X)))
    got = encode_packed(rnn, x, form(LENGTHS)).detach()
    assert got.shape == (M, N_A * (1 + both))
    for i, length in enumerate(LENGTHS):
        states, _ = rnn(x[i : i + 1, :length])  # (1, length, n or 2 n)
        forward, backward = states[0, -1, :N_A], states[0, 0, N_A:]
        near(got[i], torch.cat([forward, backward]).detach())


def test_an_lstm_with_a_projection_answers_with_what_it_projects(rng):
    rnn, x = rnn_of(nn.LSTM, proj_size=2), torch.tensor(rng.standard_normal((M, T, N_X)))
    assert encode_packed(rnn, x, LENGTHS).shape == (M, 2)


@pytest.mark.parametrize("both", [False, True])
def test_padding_is_never_seen_and_gets_no_gradient(both, rng):
    rnn = rnn_of(nn.GRU, 2, both)
    x = torch.tensor(rng.standard_normal((M, T, N_X)))
    behind = torch.arange(T) >= torch.tensor(LENGTHS)[:, None]
    x[behind] = torch.nan
    x.requires_grad_()
    h = encode_packed(rnn, x, LENGTHS)
    assert torch.isfinite(h).all()
    h.sum().backward()
    assert (x.grad[behind] == 0).all() and (x.grad[~behind].abs().sum(dim=1) > 0).all()


def test_padded_is_the_inverse_with_zeros_behind_the_ends(rng):
    x = torch.tensor(rng.standard_normal((M, T + 2, N_X)))  # longer than the longest sequence
    valid = (torch.arange(T + 2) < torch.tensor(LENGTHS)[:, None])[:, :, None]
    near(padded(packed(x, LENGTHS), T + 2), x * valid, 0)
    time_first = packed(x.transpose(0, 1), LENGTHS, batch_first=False)
    near(padded(time_first, T + 2, batch_first=False), (x * valid).transpose(0, 1), 0)


def test_a_mask_with_holes_leaves_what_counts_in_its_order(rng):
    x = torch.arange(12.0).reshape(6, 2, 1)  # (T, m, n_x): the columns are 0 2 4 … and 1 3 5 …
    mask = torch.tensor([[0, 1], [1, 1], [0, 0], [1, 0], [1, 0], [0, 0]], dtype=torch.bool)
    steps = padded(packed_where(x, mask), 3, batch_first=False)
    assert steps[:, 0, 0].tolist() == [2, 6, 8] and steps[:, 1, 0].tolist() == [1, 3, 0]


@pytest.mark.parametrize(
    ("lengths", "expected", "came"),
    [
        ([2, 6, 0, 4], "between 1 and T = 6", "0 … 6"),
        ([2, 7, 1, 4], "between 1 and T = 6", "1 … 7"),
        ([2, -1, 1, 4], "between 1 and T = 6", "-1 … 4"),
        ([2.0, 6.0, 1.0, 4.0], "whole numbers", "float32"),
        (np.array([2.0, 6.0, 1.0, 4.0]), "whole numbers", "float64"),
        ([True, True, False, True], "whole numbers", "bool"),
        (torch.ones(4, dtype=torch.complex64), "whole numbers", "complex64"),
        ([2, 6, 1], "m = 4 whole numbers, one for each example", "got 3"),
        ([[2, 6, 1, 4]], "m = 4 whole numbers, one for each example", "shape (1, 4)"),
        (3, "m = 4 whole numbers, one for each example", "shape ()"),
        ([[1], [2, 3]], "m = 4 whole numbers", "list"),
        ("abcd", "m = 4 whole numbers", "str"),
        (None, "m = 4 whole numbers", "NoneType"),
    ],
    ids=str,
)
def test_lengths_are_checked(lengths, expected, came):
    x = torch.zeros(M, T, N_X).double()
    for call in (
        lambda: expect_lengths(lengths, M, T),
        lambda: packed(x, lengths),
        lambda: encode_packed(rnn_of(nn.RNN), x, lengths),
    ):
        refused(call, "lengths", expected, came)


def test_lengths_come_back_as_whole_numbers_of_the_cpu():
    for lengths in (LENGTHS, tuple(LENGTHS), np.array(LENGTHS, np.uint8), torch.tensor(LENGTHS, dtype=torch.int32)):
        got = expect_lengths(lengths, M, T)
        assert got.dtype == torch.int64 and got.tolist() == LENGTHS


def test_other_modules_and_shapes_are_refused():
    x = torch.zeros(M, T, N_X)
    refused(lambda: encode_packed(nn.Linear(3, 5), x, LENGTHS), "rnn", "nn.RNN, nn.GRU or nn.LSTM", "Linear")
    refused(lambda: encode_packed(nn.RNN(3, 5), x, LENGTHS), "rnn", "batch_first=True", "batch_first=False")
    refused(lambda: encode_packed(nn.RNN(8, 5, batch_first=True), x, LENGTHS), "x", "n_x = 8", "(4, 6, 3)")
    refused(lambda: encode_packed(rnn_of(nn.RNN), x[0], LENGTHS), "x", "3 axes (m, T, n_x)", "(6, 3)")
