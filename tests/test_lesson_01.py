"""What the prose of lesson 01 says in numbers is what its cells print; trained results: its experiments' own tests."""

import inspect

import numpy as np
import pytest
from lessons import flat, printed, prose

from utils.datasets import YEARS
from utils.experiments.lesson_01 import SHIFTS, TRAINED_SHIFTS, memory_experiment, nepal_experiment, position_experiment
from utils.reference import count_rnn_parameters, softmax

EXPERIMENTS = (nepal_experiment, position_experiment, memory_experiment)


@pytest.mark.parametrize(
    "notebook, code, numbers",
    [
        ("01a", "tiny)[:2])", ["0.4621", "0.7159", "0.2841"]),
        ("01a", "rnn_forward(two_steps", ["0.4621", "-0.0696"]),
        ("01a", "sequence_loss(by_hand, right))", ["4.1588"]),
        ("01a", "sequence_loss(by_hand, right, np.array", ["2.0794"]),
        ("01a", "count_rnn_parameters(28, 64, 28)", ["7772"]),
        ("01a", "try_it(three_layers)", ["three layers give the third state: True", "[True, True, False]"]),
        ("01a", "thrifty_forward", ["0.4621 -0.0696  0.0556", "[0.0556 0.0556 0.0556]"]),
        ("01b", "rnn_cell_forward_compact(np.array", ["0.4621"]),
        ("01b", "jordan_forward(np.array", ["0.4621 0.6981"]),
        ("01b", "sequence_to_one_forward(padded", ["0.4621"]),
        ("01b", "output_to_state", ["state to state:  0.6", "output to state: 0.0"]),
        ("01b", "for padding in", ["0 padded steps: state without mask +0.2263, with mask +0.2263"]),
        ("01b", "state_after_reading", ["(5, 3, 6) → (5, 3, 8)", "(5, 3) → (5, 3, 4)", "(5, 3, 6) → (5, 3)\n"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(notebook, code, numbers):
    for number in numbers:
        assert number in printed(notebook, code)


def test_numbers_worked_by_hand():
    assert np.tanh(0.3 * 2 - 0.8 * 0.5 + 0.3) == pytest.approx(0.4621, abs=5e-5)
    assert softmax(np.array([[0.4621], [-0.4621]]))[:, 0] == pytest.approx([0.716, 0.284], abs=5e-4)
    assert np.tanh(-0.8 * 0.4621 + 0.3) == pytest.approx(-0.0696, abs=5e-5)
    assert 6 * np.log(2) == pytest.approx(4.1589, abs=5e-5)
    assert 3 * np.log(2) == pytest.approx(2.0794, abs=5e-5)
    assert count_rnn_parameters(28, 64, 28) == 7772


def test_the_settings_that_the_prose_names_are_those_of_the_experiments():
    settings = {f: {n: p.default for n, p in inspect.signature(f).parameters.items()} for f in EXPERIMENTS}
    nepal, position, memory = (settings[f] for f in EXPERIMENTS)
    text = flat(prose("01a"))
    assert nepal["m_train"] == 2000 and "the same 2,000 sentences" in text
    assert len(YEARS) == 10 and "out of ten" in text
    assert TRAINED_SHIFTS == (0, 3) and "0 to 3 words" in text
    assert SHIFTS == tuple(range(13)) and "0 to 12 words" in text
    assert (position["T"], position["position"]) == (10, 3) and "Ten random symbols come in" in text
    assert (memory["n_x"], memory["n_a"]) == (8, 16) and "eight kinds of them, to a network with 16 numbers" in text
    assert memory["trained_lags"] == (1, 3)
