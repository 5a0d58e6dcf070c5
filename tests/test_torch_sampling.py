"""Names drawn side by side: their distribution, their ends, their random numbers, and what is refused."""

import pytest
import torch
from language_models import N_TOKENS, small_model
from refusals import refused
from torch import nn

from utils.torch_port.sampling import sample_batch


class Chain(nn.Module):
    """P(next | token) = softmax of a row, in nats; `seen` notes what it is called with. Its state counts the steps."""

    def __init__(self, logits):
        super().__init__()
        self.logits = nn.Parameter(torch.as_tensor(logits, dtype=torch.float64))
        self.drop, self.seen = nn.Dropout(0.5), []

    def forward(self, tokens, state=None):
        self.seen.append((tokens.clone(), state, self.training, torch.is_grad_enabled()))
        return self.logits[tokens], 1 if state is None else state + 1


def by_hand(model, m, max_length, temperature, generator):
    """One row of the definition after another, in plain Python, with the same draws."""
    token, state, rows = torch.zeros(m, 1, dtype=torch.int64), None, []
    for _ in range(max_length):
        logits, state = model(token, state)
        p = torch.softmax(logits[:, 0] / temperature, dim=1)
        drawn = torch.multinomial(p, 1, generator=generator)
        over = [any(row[i] == 0 for row in rows) for i in range(m)]
        token = torch.tensor([[0 if over[i] else int(drawn[i])] for i in range(m)])
        rows.append(token[:, 0].tolist())
    return torch.tensor(rows).T


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_it_draws_step_by_step_what_the_definition_draws(temperature):
    model = small_model(dropout=0.5).eval()
    with torch.no_grad():
        want = by_hand(model, 13, 9, temperature, torch.Generator().manual_seed(3))
    model.train()
    got = sample_batch(model, 13, 9, temperature, torch.Generator().manual_seed(3))
    assert torch.equal(got, want) and got.dtype == torch.int64 and got.shape == (13, 9)
    assert (want == 0).any(dim=1).sum() > 3 and (want[:, 0] != 0).any()
    torch.manual_seed(3)
    assert torch.equal(sample_batch(model, 13, 9, temperature), want)


def test_behind_an_end_there_are_only_ends():
    """A chain that would go on from 0 with any letter: without care it would."""
    names = sample_batch(Chain(torch.zeros(4, 4)), 50, 12, generator=torch.Generator().manual_seed(0))
    ended = (names == 0).cumsum(dim=1) > 0
    assert (names[ended] == 0).all() and ended[:, -1].float().mean() > 0.9 and not ended[:, 0].all()
    assert set(names.flatten().tolist()) == {0, 1, 2, 3}


def test_each_row_is_fed_what_it_drew_and_the_state_goes_along():
    model = Chain(torch.tensor([[0.0, 1, 1], [1, 0, 1], [1, 1, 0]]))
    names = sample_batch(model, 6, 4)
    assert torch.equal(model.seen[0][0], torch.zeros(6, 1, dtype=torch.int64))
    for t in range(1, 4):
        assert torch.equal(model.seen[t][0], names[:, t - 1 : t])
    assert [state for _, state, _, _ in model.seen] == [None, 1, 2, 3]


def test_frequencies_are_those_of_the_temperature():
    logits = torch.tensor([[0.5, 2.0, 1.0, -1.0]]).expand(4, 4)
    for temperature in (0.5, 1.0, 2.0):
        names = sample_batch(Chain(logits), 20_000, 1, temperature, torch.Generator().manual_seed(1))
        frequency = torch.bincount(names[:, 0], minlength=4) / 20_000
        want = torch.softmax(logits[0] / temperature, dim=0)
        assert (frequency - want).abs().max() < 4 * (0.25 / 20_000) ** 0.5


def test_a_temperature_near_zero_takes_the_likeliest():
    logits = torch.tensor([[0.0, 900, 800], [0, 700, 900], [900, 0, 0]])
    names = sample_batch(Chain(logits), 3, 4, 1e-30)
    assert names.tolist() == 3 * [[1, 2, 0, 0]]


def test_the_model_is_in_use_while_sampling_and_then_as_it_was():
    for learning in (True, False):
        model = Chain(torch.zeros(3, 3)).train(learning)
        model.drop.eval()
        sample_batch(model, 2, 3)
        assert {(training, gradients) for *_, training, gradients in model.seen} == {(False, False)}
        assert model.training is learning and not model.drop.training and torch.is_grad_enabled()


def draws_there(device):
    """Names on a device, from a generator on that device: the same twice, and other ones next time."""
    model, generator = small_model().to(device), torch.Generator(device).manual_seed(2)
    one, two = (sample_batch(model, 9, 8, generator=generator) for _ in range(2))
    assert one.device.type == device and not torch.equal(one, two) and 0 <= one.min() <= one.max() < N_TOKENS
    assert torch.equal(sample_batch(model, 9, 8, generator=generator.manual_seed(2)), one)


def test_names_are_drawn_on_the_cpu():
    draws_there("cpu")


@pytest.mark.gpu
def test_names_are_drawn_on_a_gpu():
    draws_there("cuda")
    refused(lambda: sample_batch(small_model().cuda(), 2, 2, generator=torch.Generator()), "generator", "cuda", "cpu")


def test_doors():
    model = small_model()
    refused(lambda: sample_batch(model, 0, 4), "m", "at least 1", "0")
    refused(lambda: sample_batch(model, 2.0, 4), "m", "a whole number", "2.0")
    refused(lambda: sample_batch(model, 2, 0), "max_length", "at least 1", "0")
    for temperature in (0, -1.0, torch.nan, torch.inf):
        refused(lambda cold=temperature: sample_batch(model, 2, 3, cold), "temperature", "above 0", str(temperature))
    refused(lambda: sample_batch(model.to("meta"), 2, 2, generator=torch.Generator()), "generator", "on meta", "on cpu")
