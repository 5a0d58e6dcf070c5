"""The melody: on paper, one draw a step, and frequencies beside probabilities."""

import copy

import numpy as np
import pytest
from nearness import BOTH, near

from utils import reference, textbook
from utils.checking.exercises import draw


def melody_parameters(rng, n=5, n_a=4):
    return draw.rnn_parameters(rng, n, n_a, n)


@BOTH
def test_a_melody_draws_from_what_the_cell_predicts(maths, rng):
    """The notes written, read back by rnn_forward: each must be the draw from the prediction before it."""
    P = melody_parameters(rng)
    melody = maths.generate_melody(3, P, 30, np.random.default_rng(5))
    assert melody.shape == (30,) and melody.dtype.kind == "i" and melody[0] == 3 and len(set(melody.tolist())) >= 4
    y_pred = reference.rnn_forward(np.eye(5)[:, melody[:-1]][:, None], np.zeros((4, 1)), P)[1]  # (n, 1, 29)
    again = np.random.default_rng(5)
    assert melody[1:].tolist() == [again.choice(5, p=y_pred[:, 0, t]) for t in range(29)]


@BOTH
@pytest.mark.parametrize("length", [1, 2, 9])
def test_one_draw_a_step_and_no_more(maths, rng, length):
    used, counted = np.random.default_rng(5), np.random.default_rng(5)
    assert len(maths.generate_melody(1, melody_parameters(rng), length, used)) == length
    counted.random(length - 1)
    assert used.bit_generator.state == counted.bit_generator.state


@BOTH
def test_a_melody_without_doubt_by_hand(maths):
    """Note k is always followed by k + 1 and the last by the first, as sure as e^200 to 1."""
    P = {"Wax": 100 * np.eye(3), "Waa": np.zeros((3, 3)), "ba": np.zeros((3, 1))}
    P |= {"Wya": 200 * np.roll(np.eye(3), 1, axis=0), "by": np.zeros((3, 1))}
    assert maths.generate_melody(1, P, 6, np.random.default_rng(0)).tolist() == [1, 2, 0, 1, 2, 0]


def test_both_write_the_same_long_melodies(rng):
    for seed in range(20):
        P = melody_parameters(rng, n=6, n_a=3)
        one, other = (maths.generate_melody(2, P, 50, np.random.default_rng(seed)) for maths in (reference, textbook))
        assert one.tolist() == other.tolist()


@BOTH
def test_draws_follow_the_probabilities(maths):
    """χ² over the first transition of 1,500 melodies: Σ (observed - expected)² / expected, 4 degrees of freedom."""
    P, draws, source = melody_parameters(np.random.default_rng(2)), 1500, np.random.default_rng(11)
    P["Wya"] *= 0.5
    counts = np.bincount([maths.generate_melody(3, P, 2, source)[1] for _ in range(draws)], minlength=5)
    a = np.tanh(P["Wax"][:, [3]] + P["ba"])
    want = draws * reference.softmax(P["Wya"] @ a + P["by"])[:, 0]
    assert want.min() > 5 and ((counts - want) ** 2 / want).sum() < 18.47  # exceeded once in a thousand seeds


def test_a_melody_leaves_its_parameters_alone(rng):
    P = melody_parameters(rng)
    before = copy.deepcopy(P)
    for maths in (reference, textbook):
        maths.generate_melody(0, P, 7, np.random.default_rng(0))
    near(P, before, 0)
