"""What the prose of lessons 00 and 01 says in numbers is what its cells print. Trained results: test_experiments.py."""

import inspect
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from utils.checking.exercises import find, known, quizzes
from utils.datasets import YEARS, load_dinosaurs, load_name_model
from utils.experiments import SHIFTS, TRAINED_SHIFTS, memory_experiment, nepal_experiment, position_experiment
from utils.names import next_letters
from utils.paths import ROOT
from utils.reference import count_rnn_parameters, softmax, unfold

EXPERIMENTS = (nepal_experiment, position_experiment, memory_experiment)
NOTEBOOKS = {
    path.name.partition("_")[0]: json.loads(path.read_text(encoding="utf-8"))["cells"]
    for path in sorted((ROOT / "solutions").glob("*/*.ipynb"))
}


def prose(notebook):
    return "\n\n".join("".join(c["source"]) for c in NOTEBOOKS[notebook] if c["cell_type"] == "markdown")


def printed(notebook, code):
    """What the one cell that contains `code` printed."""
    found = [c for c in NOTEBOOKS[notebook] if c["cell_type"] == "code" and code in "".join(c["source"])]
    assert len(found) == 1, f"{code!r} stands in {len(found)} cells of {notebook}"
    return "".join("".join(o["text"]) for o in found[0]["outputs"] if o["output_type"] == "stream")


def flat(text):
    """Prose without its line breaks."""
    return " ".join(text.split())


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
        ("00", "0.5 * s + x", ["[5.0, 2.5, 3.25]"]),
        ("00", "np.log(np.array", ["0.125", "0.25", "0.625"]),
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
    assert unfold(lambda s, x: 0.5 * s + x, 8, [1, 0, 2]) == [5, 2.5, 3.25]
    assert count_rnn_parameters(28, 64, 28) == 7772


@pytest.mark.parametrize("name", [name for name in known() if find(name).lesson[:2] in ("00", "01")])
def test_a_message_sends_readers_to_a_section_that_teaches_the_exercise(name):
    """ "Read again: section 1.4" must be a heading, and the exercise must stand in that section."""
    exercise = find(name)
    number = exercise.read.removeprefix("section ")
    sections = re.split(r"^## ", prose(exercise.lesson), flags=re.MULTILINE)
    section = [s for s in sections if s.startswith(f"{number} ")]
    assert len(section) == 1
    assert f"### Exercise · `{name}`" in section[0]
    assert f"{exercise.points:g} points" in section[0]


@pytest.mark.parametrize("notebook", ["00", "01a", "01b"])
def test_questions_are_asked_once_and_have_the_answers_that_the_text_offers(notebook):
    text = prose(notebook)
    asked = re.findall(
        r'^quiz\("([\w-]+)", "\?"\)$', "\n".join("".join(c["source"]) for c in NOTEBOOKS[notebook]), re.MULTILINE
    )
    assert asked
    assert len(set(asked)) == len(asked)
    offered = re.findall(r"^a: .* · b: .* · c: .*$", text, re.MULTILINE)
    assert len(offered) == len(asked)
    assert all(set(quizzes()[name].answers) == {"a", "b", "c"} for name in asked)


def test_every_question_is_asked_somewhere():
    everything = "\n".join("".join(c["source"]) for cells in NOTEBOOKS.values() for c in cells)
    assert [name for name in quizzes() if f'quiz("{name}"' not in everything] == []


@pytest.mark.parametrize("notebook", ["00", "01a", "01b"])
def test_a_utils_py_in_the_way_is_named_by_the_first_cell(notebook, tmp_path):
    (tmp_path / "utils.py").write_text("def helper(): pass\n")
    first = next("".join(c["source"]) for c in NOTEBOOKS[notebook] if c["cell_type"] == "code")
    (tmp_path / "first_cell.py").write_text(first)
    ended = subprocess.run([sys.executable, "first_cell.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    last_line = ended.stderr.splitlines()[-1]
    assert last_line.startswith("AssertionError: Another utils.py is in the way: ")
    assert f"{tmp_path / 'utils.py'}. Rename it and restart the kernel." in last_line


def test_the_settings_that_the_prose_names_are_those_of_the_experiments():
    assert len(load_dinosaurs()) == 1318 and "1,318 names of dinosaurs" in flat(prose("00"))
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


def test_the_chart_of_lesson_00_shows_what_the_text_says():
    P, vocabulary = load_name_model()
    p = next_letters("dino", P, vocabulary)
    assert vocabulary.tokens[int(np.argmax(p))] == "s"
    assert 0.2 < p.max() < 1 / 3
