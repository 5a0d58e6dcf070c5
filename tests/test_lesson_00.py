"""What the prose of lesson 00 says in numbers is what its cells print."""

import numpy as np
import pytest
from lessons import flat, printed, prose

from utils.datasets import load_dinosaurs, load_name_model
from utils.names import next_letters
from utils.reference import unfold


@pytest.mark.parametrize(
    "notebook, code, numbers",
    [
        ("00", "0.5 * s + x", ["[5.0, 2.5, 3.25]"]),
        ("00", "np.log(np.array", ["0.125", "0.25", "0.625"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(notebook, code, numbers):
    for number in numbers:
        assert number in printed(notebook, code)


def test_numbers_worked_by_hand():
    assert unfold(lambda s, x: 0.5 * s + x, 8, [1, 0, 2]) == [5, 2.5, 3.25]


def test_the_number_of_names_is_that_of_the_file():
    assert len(load_dinosaurs()) == 1318 and "1,318 names of dinosaurs" in flat(prose("00"))


def test_the_chart_of_lesson_00_shows_what_the_text_says():
    P, vocabulary = load_name_model()
    p = next_letters("dino", P, vocabulary)
    assert vocabulary.tokens[int(np.argmax(p))] == "s"
    assert 0.2 < p.max() < 1 / 3
