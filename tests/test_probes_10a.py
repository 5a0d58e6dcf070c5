"""What a check of lesson 10, part A, says to an answer that cannot be asked for numbers: one sentence each."""

import numpy as np
import pytest
import torch
from torch import nn

from utils.checking.exercises import find
from utils.torch_port.probes import models, training
from utils.torch_port.probes.asking import Unfit
from utils.torch_port.textbook.models import CharLM
from utils.torch_port.textbook.training import train_epoch


def one_case(name, number=0):
    return list(find(name).cases(np.random.default_rng(0)).values())[number]


def with_layers(**layers):
    """CharLM with other layers in these places; None: none there."""

    class Other(CharLM):
        def __init__(self, n_tokens, n_embed, n_hidden, dropout=0.0):
            super().__init__(n_tokens, n_embed, n_hidden, dropout)
            for name, make in layers.items():
                setattr(self, name, make(n_tokens, n_embed, n_hidden))

    return Other


def answering(change):
    class Other(CharLM):
        def forward(self, tokens, state=None):
            return change(*super().forward(tokens, state))

    return Other


@pytest.mark.parametrize(
    "answer, sentence",
    [
        (lambda *sizes, dropout=0.0: 3, r"class that inherits from nn.Module; CharLM\(…\) gave int"),
        (with_layers(drop=lambda *sizes: None), "self.drop should be an nn.Dropout; it is missing"),
        (with_layers(embed=lambda n, e, h: nn.Linear(n, e)), "self.embed should be an nn.Embedding; it is Linear"),
        (with_layers(rnn=lambda n, e, h: nn.LSTM(e, h, num_layers=2)), "It has rnn.bias_hh_l1, which is not asked"),
        (with_layers(rnn=lambda n, e, h: nn.LSTM(e, h, bias=False)), "rnn.bias_ih_l0 is missing; leave bias=True"),
        (with_layers(out=lambda n, e, h: nn.Linear(h + 1, n)), r"out.weight should have shape \(\d, \d\), got"),
        (answering(lambda logits, state: logits), "forward should return two things, logits and state, got Tensor"),
        (answering(lambda logits, state: (logits, *state)), "logits and state, got 3 values"),
        (answering(lambda logits, state: (logits.tolist(), state)), "The logits should be a tensor, got list"),
        (answering(lambda logits, state: (logits, state[0])), r"a pair \(h, c\), as nn.LSTM returns it; got Tensor"),
        (answering(lambda logits, state: (logits[:, -1], state)), r"\(m, T, n_tokens\) = \(\d, \d, \d\), got"),
        (answering(lambda logits, state: (logits.detach(), state)), "remember nothing of how they were made"),
    ],
)
def test_a_network_that_cannot_be_asked(answer, sentence):
    with pytest.raises(Unfit, match=sentence):
        models.CharLM(answer, **one_case("CharLM"))


def test_logits_that_no_token_has_touched():
    class Deaf(CharLM):
        def forward(self, tokens, state=None):
            h, state = self.rnn(torch.ones(*tokens.shape, self.embed.embedding_dim, dtype=torch.float64), state)
            return self.out(self.drop(h)), state

    with pytest.raises(Unfit, match="do not depend on embed.weight"):
        models.CharLM(Deaf, **one_case("CharLM"))


@pytest.mark.parametrize("number", range(4))
def test_asking_a_network_is_repeatable(number):
    one, again = (models.CharLM(CharLM, **one_case("CharLM", number)) for _ in range(2))
    for name in ("logits", "from_state", "dembed"):
        assert np.array_equal(one[name], again[name])
    assert np.ptp(one["training"]["all_dropped"], axis=(1, 2)).max() == 0  # only the bias of out is left
    assert np.array_equal(one["training"]["nothing_dropped"], one["logits"])


@pytest.mark.parametrize("number", range(6))
def test_an_epoch_moves_the_weights_and_leaves_the_case_as_it_was(number):
    case, before = one_case("train_epoch", number), one_case("train_epoch", number)
    result = training.train_epoch(train_epoch, **case)
    for name, value in result["parameters"].items():
        assert value.dtype == np.float64 and not np.allclose(value, case["weights"][name])
        assert np.array_equal(case["weights"][name], before["weights"][name])
    assert 0 < result["nats_per_step"] < 20


def test_an_epoch_that_reports_nothing_has_no_parts():
    assert training.train_epoch(lambda *some, **more: None, **one_case("train_epoch")) is None


@pytest.mark.parametrize("number", range(6))
def test_a_scaler_tells_how_it_was_used(number):
    """Each update doubles the scale of 1024; an answer that returns a number and trains nothing leaves it there."""
    case = one_case("train_epoch", number)
    steps = len(case["batches"])
    used = {"steps": steps, "scale": 1024.0 * 2**steps} if "scale" in case else None
    idle = {"steps": 0, "scale": 1024.0} if "scale" in case else None
    assert training.train_epoch(train_epoch, **case)["scaler"] == used
    assert training.train_epoch(lambda *some, **more: 1, **case)["scaler"] == idle


@pytest.mark.parametrize("change", [lambda nats: torch.tensor(nats), lambda nats: torch.ones(1, requires_grad=True)])
def test_an_epoch_that_reports_a_tensor(change):
    with pytest.raises(Unfit, match=r"return a plain number; loss.item\(\) makes one of the loss\.$"):
        training.train_epoch(lambda *some, **more: change(train_epoch(*some, **more)), **one_case("train_epoch"))


@pytest.mark.parametrize("number", [1, 2.5, np.float32(2.5), np.float64(2.5)])
def test_plain_numbers_of_all_kinds_are_taken(number):
    result = training.train_epoch(lambda *some, **more: number, **one_case("train_epoch"))
    assert result["nats_per_step"] is number


@pytest.mark.parametrize(
    "state, came",
    [
        (lambda h, c: h.detach(), "a Tensor"),
        (lambda h, c: (part.detach() for part in (h, c)), "a generator"),
        (lambda h, c: (h.detach(),), "a tuple of 1"),
    ],
)
def test_a_state_that_is_no_pair(state, came):
    def answer(model, batches, *some, **more):
        _, pair = model(batches[0][0], None)
        model(batches[1][0], state(*pair))

    with pytest.raises(Unfit, match=f"^The model was handed {came} as its state; it wants the pair that it returned"):
        training.train_epoch(answer, **one_case("train_epoch"))
