"""Names as tensors: what is asked is what the NumPy models are asked, on the same split."""

from math import log

import numpy as np
import pytest
import torch
from refusals import refused
from torch import nn

from utils.baselines import ngram_bits
from utils.checking.exercises import draw
from utils.datasets import load_dinosaurs
from utils.loop import evaluate as evaluate_in_numpy
from utils.names import LETTERS, arrays_of
from utils.torch_port.text_batches import (
    END,
    N_TOKENS,
    NOTHING,
    NameBatches,
    decode_names,
    encode_name,
    join_names,
    pad_names,
    split_names,
    stream_batches,
)
from utils.torch_port.training import evaluate
from utils.torch_port.weights import to_torch_rnn
from utils.training import EVERY_STEP

NAMES = ["abe", "z", "milka", "io"]


def test_the_split_is_that_of_lesson_04():
    names = load_dinosaurs()
    order = np.random.default_rng(0).permutation(len(names))
    known, held_out = split_names()
    assert held_out == [names[i] for i in order[:132]] and known == [names[i] for i in order[132:]]
    assert split_names(3)[1] != held_out and sorted(sum(split_names(3, 50), [])) == sorted(names[:50])


class OneHotRNN(nn.Module):
    """An RNN of the course that reads tokens: token 0 is its column of zeros, the letters follow two symbols later."""

    def __init__(self, P):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(torch.tensor(np.eye(len(LETTERS))[[0, *range(2, 28)]]))
        self.embed.weight.data[END] = 0
        self.rnn = to_torch_rnn(P)
        self.out = nn.Linear(*P["Wya"].shape[::-1], dtype=torch.float64)
        self.out.weight.data, self.out.bias.data = torch.tensor(P["Wya"]), torch.tensor(P["by"][:, 0])

    def forward(self, tokens, state=None):
        states, state = self.rnn(self.embed(tokens).transpose(0, 1), state)
        logits = self.out(states).transpose(0, 1)
        return torch.cat([logits[:, :, :1], logits[:, :, 2:]], dim=2), state


def test_a_numpy_model_gets_the_same_bits_here_as_there(rng):
    """Same names, same steps, the end counted once: the figures of this lesson stand beside those of lesson 04."""
    P = draw.rnn_parameters(rng, len(LETTERS), 6, len(LETTERS))
    P["by"][LETTERS.unk] = -1e9  # the one symbol that the PyTorch models do without
    _, held_out = split_names()
    there, _ = evaluate_in_numpy(EVERY_STEP, arrays_of(held_out), P)
    here = evaluate(OneHotRNN(P), NameBatches(held_out, 50))
    assert here == pytest.approx(there, rel=1e-12) and here != pytest.approx(log(N_TOKENS), rel=0.01)


def test_guessing_alike_costs_what_it_costs_an_ngram():
    known, held_out = split_names()

    class Uniform(nn.Module):
        def forward(self, tokens, state=None):
            return torch.zeros(*tokens.shape, N_TOKENS, dtype=torch.float64), None

    bits = evaluate(Uniform(), NameBatches(held_out, 64)) / log(2)
    assert bits == pytest.approx(ngram_bits(known, held_out, 0), rel=1e-12) == pytest.approx(np.log2(27))


def test_padded_names_are_read_and_asked_as_written():
    x, y = pad_names(NAMES)
    assert x.dtype == y.dtype == torch.int64 and x.shape == y.shape == (4, 6)
    assert x[0].tolist() == [0, 1, 2, 5, 0, 0] and y[0].tolist() == [1, 2, 5, 0, -1, -1]
    assert x[2].tolist() == [0, 13, 9, 12, 11, 1] and y[2].tolist() == [13, 9, 12, 11, 1, 0]
    assert int((y != NOTHING).sum()) == sum(len(name) + 1 for name in NAMES)
    assert decode_names(y.clamp(min=0)) == NAMES and decode_names(torch.tensor([[1, 2], [0, 3]])) == ["ab", ""]
    assert N_TOKENS == 27 and encode_name("az") == [1, 26]


def test_batches_hold_every_name_once_in_an_order_drawn_anew():
    names = load_dinosaurs()[:23]
    batches = NameBatches(names, 5, np.random.default_rng(4))
    assert len(batches) == 5 and batches.size == 5
    first, second = ([decode_names(y.clamp(min=0)) for _, y in batches] for _ in range(2))
    assert [len(part) for part in first] == [5, 5, 5, 5, 3] and first != second
    assert sorted(sum(first, [])) == sorted(sum(second, [])) == sorted(names)
    again = NameBatches(names, 5, np.random.default_rng(4))
    assert [decode_names(y.clamp(min=0)) for _, y in again] == first
    for x, y in batches:
        assert x.shape == y.shape and x.shape[1] == max((y != NOTHING).sum(dim=1))
        assert torch.equal(x[:, 1:][y[:, 1:] != NOTHING], y[:, :-1][y[:, 1:] != NOTHING])
    in_order = [decode_names(y.clamp(min=0)) for _, y in NameBatches(names, 5)]
    assert sum(in_order, []) == names


@pytest.mark.parametrize(("m", "window"), [(1, 4), (3, 4), (3, 50), (5, 1)])
def test_a_stream_asks_for_each_token_once_and_goes_on_where_it_stopped(m, window):
    text = join_names(NAMES)
    assert text.tolist() == [0, 1, 2, 5, 0, 26, 0, 13, 9, 12, 11, 1, 0, 9, 15, 0]
    batches = stream_batches(text, m, window)
    x, y = (torch.cat([batch[k] for batch in batches], dim=1) for k in (0, 1))  # (m, T)
    steps = y.flatten() != NOTHING
    assert torch.equal(y.flatten()[steps], text[1:]) and torch.equal(x.flatten()[steps], text[:-1])
    assert len(x) == m and x.shape[1] == -(-15 // m) and (x.flatten()[~steps] == END).all()
    assert {batch[0].shape for batch in batches[:-1]} <= {(m, window)} and batches[-1][0].shape[1] <= window


def test_doors(rng):
    refused(lambda: pad_names([]), "names", "at least one name", "got []")
    refused(lambda: pad_names("anna"), "names", "a list", "'anna'")
    refused(lambda: encode_name("T-rex"), "a name", "letters a to z", "'T-rex'")
    refused(lambda: encode_name(3), "a name", "a string", "3")
    refused(lambda: NameBatches(NAMES, 0), "size", "at least 1", "0")
    refused(lambda: NameBatches(NAMES, 2, 7), "rng", "numpy.random.Generator", "int")
    text = join_names(NAMES)
    refused(lambda: stream_batches(text, 0, 3), "m", "at least 1", "0")
    refused(lambda: stream_batches(text, 2, 0.5), "window", "a whole number", "0.5")
    refused(lambda: stream_batches(text[:3], 3, 3), "text", "more than m = 3", "(3,)")
    refused(lambda: stream_batches(text.float(), 3, 3), "text", "int64", "torch.float32")
    refused(lambda: stream_batches([1, 2, 3], 1, 3), "text", "int64 tensor", "list")
