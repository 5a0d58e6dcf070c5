"""What lesson 10, part A, says in numbers: printed by its cells, worked by hand, and measured in bands."""

import re

import numpy as np
import pytest
import torch
from lessons import NOTEBOOKS, flat, printed, prose
from torch import nn
from torch.nn import functional as F

from utils.baselines import ngram_bits
from utils.checking.exercises import quizzes
from utils.datasets import load_runs
from utils.torch_port import demos_10a, weights
from utils.torch_port.devices import on_threads
from utils.torch_port.models import CharLM
from utils.torch_port.text_batches import NameBatches, split_names
from utils.torch_port.training import evaluate, train_epoch

TO_TORCH = {"RNN": weights.to_torch_rnn, "LSTM": weights.to_torch_lstm, "GRU": weights.to_torch_gru}


@pytest.mark.parametrize(
    "code, numbers",
    [
        ("shared, copied =", ["from_numpy: 99.0   tensor: 1.0", "torch.float32 torch.float64 torch.int64"]),
        ("def loss_of_one_step", ["L = 0.3653", "Wax.grad 0.7672, Waa.grad 0.3836, ba.grad 0.7672"]),
        ("L.backward()\nexcept", ["second time: 0.7672", "Trying to backward through the graph a second time"]),
        ("rnn = nn.RNN(3, 2)", ["all states (5, 4, 2)   the last one (1, 4, 2)", "bias_hh_l0    (2,)"]),
        ("try_it(lambda: one_step", ["0.6044"]),
        ("try_it(a_whole_model)", ["the same to 1e-10"]),
        ("shown(to_torch_lstm", ["weight_ih [4.0, 2.0, 6.0, 8.0]", "weight_hh [3.0, 1.0, 5.0, 7.0]"]),
        ("shown(to_torch_gru", ["weight_hh [3.0, -1.0, 5.0]", "bias_ih   [0.2, -0.1, 0.4]", "[0.0, 0.0, 0.3]"]),
        ("try_it(there_and_back)", ["'bo': True"]),
        ("embed = nn.Embedding(27", ["the same as the product: True", "[0, 5, 18, 24]"]),
        ("try_it(look_at_it)", ["logits (1, 4, 27), h (1, 1, 64), c (1, 1, 64), 23,179 parameters"]),
        ("try_it(two_batches)", ["2.5"]),
        ("straight = run(small(0), 6)", ["bit for bit: True", "weights alone: the same: False"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(code, numbers):
    for number in numbers:
        assert number in printed("10a", code)


def test_nothing_that_went_there_and_back_was_changed():
    assert "False" not in printed("10a", "try_it(there_and_back)")


def test_one_step_by_hand():
    a = np.tanh(0.8 * 1 - 0.4 * 0.5 + 0.1)
    dz = 2 * a * (1 - a**2)
    text = prose("10a")
    for number in (a, 2 * a, dz, 0.5 * dz):
        assert f"{number:.4f}" in text


def test_other_numbers_by_hand():
    text = flat(prose("10a"))
    sigma = 1 / (1 + np.exp(-np.array([0.4, -0.4])))
    assert [f"{s:.4f}" in text for s in sigma] == [True, True] and sigma.sum() == pytest.approx(1)
    twice = -torch.log_softmax(torch.eye(27, dtype=torch.float64)[0], 0)[0].item()  # a certain column, softened again
    assert f"{twice:.2f} \\text{{ nats}} = {twice / np.log(2):.2f} \\text{{ bits}}" in text
    assert 27 * 16 == 432 and 4 * 64 * (64 + 16) == 20_480 and 64 * 27 + 27 == 1755
    assert 432 + 20_480 + 512 + 1755 == 23_179 == sum(p.numel() for p in CharLM(27, 16, 64).parameters())
    assert 50_000 * 512 == 25_600_000
    assert (10 * 2.0 + 2 * 5.0) / 12 == 2.5 and (2.0 + 5.0) / 2 == 3.5
    assert min(1.0, 1 / (0.5 * 1024)) * 0.5 == pytest.approx(0.001, abs=5e-5)
    assert torch.finfo(torch.float16).smallest_normal / 1024 == pytest.approx(6e-8, rel=0.01)


@pytest.mark.parametrize("kind", TO_TORCH)
@pytest.mark.parametrize("seed", (0, 1))
def test_the_tape_and_the_course_go_back_to_the_same_numbers(kind, seed):
    apart = demos_10a.agreement(kind, TO_TORCH[kind], seed)
    assert len([name for name in apart if name.startswith("d")]) == {"RNN": 6, "LSTM": 11, "GRU": 11}[kind]
    assert max(apart.values()) < 1e-10


def test_a_wrong_layer_would_be_seen():
    def swapped(P):
        return weights.to_torch_lstm(P | {"Wf": P["Wu"], "Wu": P["Wf"]})

    assert min(demos_10a.agreement("LSTM", swapped)[name] for name in ("states", "loss", "dWf", "dWu")) > 1e-3


def test_the_notebook_shows_the_same():
    lines = printed("10a", "try_it(both_ways_back)").splitlines()
    assert [line.split()[0] for line in lines] == ["RNN", "LSTM", "GRU"]
    assert all(float(number) < 1e-10 for number in re.findall(r"\de[-+]\d\d", "".join(lines)))


def test_both_biases_get_the_whole_gradient():
    gradient, other, each, moved = map(float, re.findall(r"-?0\.\d{4}", printed("10a", "SGD(rnn.")))
    assert (
        gradient == other
        and each == pytest.approx(-0.1 * gradient, abs=1e-4)
        and moved == pytest.approx(2 * each, abs=1e-4)
    )


@pytest.mark.parametrize("seed", (0, 1))
def test_the_same_lines_in_other_orders(seed):
    orders = ("zero run back clip step", "run back clip step", "run back zero clip step", "zero run back step clip")
    right, summed, erased, late = (demos_10a.learn_in_order(order, seed) for order in orders)
    assert 2.45 < right[-1] < 2.56 and late == pytest.approx(right, abs=0.005)  # "its curve hides the first one"
    assert 2.7 < summed[-1] < 2.9
    assert len(set(erased)) == 1 and 4.65 < erased[0] < 4.8
    assert 6.5 < min(demos_10a.learn_in_order("zero run softmax back clip step", seed)) < 9.5


def test_hardly_a_gradient_is_longer_than_the_limit(monkeypatch):
    norms, clip = [], nn.utils.clip_grad_norm_
    monkeypatch.setattr(nn.utils, "clip_grad_norm_", lambda *some: norms.append(clip(*some).item()))
    demos_10a.learn_in_order("zero run back clip step")
    assert len(norms) == 152 and sum(norm > 1 for norm in norms) <= 1


def test_a_step_before_backward_is_an_error():
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        demos_10a.learn_in_order("run back step run step back", m=40, epochs=1)


@on_threads(1)
def learned(model_class, dropout, epochs, seed):
    known, held_out = split_names()
    torch.manual_seed(seed)
    model = model_class(27, 16, 64, dropout)
    optimizer, batches = torch.optim.Adam(model.parameters(), 0.01), NameBatches(known, 32, np.random.default_rng(seed))
    bits = []
    for _ in range(epochs):
        train_epoch(model, batches, optimizer, 1.0)
        bits.append(evaluate(model, NameBatches(held_out, 132)) / np.log(2))
    return model, bits


def test_dropout_helps_the_names():
    with_it, without = (learned(CharLM, dropout, 15, seed=1)[1] for dropout in (0.3, 0.0))
    assert 2.36 < min(with_it) < 2.43 and 2.40 < min(without) < 2.46
    assert 6 <= np.argmin(without) + 1 <= 10 < np.argmin(with_it) + 1
    assert without[-1] > min(without) + 0.05


def test_what_they_are_held_against():
    stored = load_runs("names")
    assert (round(stored["rnn"].min(), 2), round(stored["lstm"].min(), 2)) == (2.56, 2.48)
    assert ngram_bits(*split_names(), 5) == pytest.approx(2.45, abs=0.005)
    assert ngram_bits(*split_names(), 2) == pytest.approx(3.13, abs=0.005)
    lines = printed("10a", "numbers = {").splitlines()[-5:]
    bits = [float(re.search(r"\d\.\d\d", line)[0]) for line in lines]
    assert bits[:3] == [2.56, 2.48, 2.45] and bits == sorted(bits, reverse=True)


class FromMemory(CharLM):
    """The model of the student of section 10.11: time first, though the names come first."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.rnn = nn.LSTM(self.embed.embedding_dim, self.rnn.hidden_size)


def test_read_down_the_batch_a_name_depends_on_its_company():
    model, _ = learned(FromMemory, 0.3, 8, seed=1)
    held_out = split_names()[1]
    with on_threads(1):
        bits = [evaluate(model, NameBatches(held_out, size)) / np.log(2) for size in (132, 32, 4, 1)]
    assert bits == sorted(bits) and 2.85 < bits[0] < 3.0 and 3.1 < bits[-1] < 3.25


def test_the_cell_with_the_mistake_prints_what_the_text_says():
    bits = [float(line.split()[-4]) for line in printed("10a", "class FromMemory").splitlines()[1:]]
    assert len(bits) == 4 and bits == sorted(bits) and bits[-1] == pytest.approx(3.18, abs=0.03)


def test_an_embedding_is_a_product_and_tying_is_one_table():
    model = CharLM(27, 8, 8, tied=True)
    assert model.out.weight is model.embed.weight
    tokens = torch.tensor([[0, 3, 3]])
    assert torch.equal(model.embed(tokens), F.one_hot(tokens, 27).float() @ model.embed.weight)


def test_right_answers_are_spread_over_the_letters():
    code = "\n".join("".join(cell["source"]) for cell in NOTEBOOKS["10a"] if cell["cell_type"] == "code")
    names = re.findall(r'quiz\("([\w-]+)", "\?"\)', code)
    right = [next(letter for letter, (ok, _) in quizzes()[name].answers.items() if ok) for name in names]
    assert len(names) == 10 and min(right.count(letter) for letter in "abc") >= 3
