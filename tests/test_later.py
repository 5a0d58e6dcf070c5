"""Exercises of lesson 10: functions that are imported when they are first used, and answers that a probe asks."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn
from verdicts import verdict_on

from utils.checking.exercise import source
from utils.checking.exercises import expect_installed, find
from utils.checking.later import Later
from utils.checking.message import message
from utils.errors import CourseError
from utils.grading.elsewhere import Elsewhere
from utils.torch_port.textbook.weights import from_torch, to_torch_lstm, to_torch_rnn

WITHOUT_TORCH = "import sys; sys.modules['torch'] = None\n"
UNFIT = {
    "another kind": (
        "def to_torch_lstm(P):\n    return nn.GRU(3, 5)",
        "to_torch_lstm should return an nn.LSTM, got a GRU.",
    ),
    "no layer": (
        "def to_torch_lstm(P):\n    return P",
        "to_torch_lstm should return an nn.LSTM, got a dict.",
    ),
    "two layers": (
        "def to_torch_lstm(P):\n    n = len(P['bf'])\n    return nn.LSTM(P['Wf'].shape[1] - n, n, num_layers=2)",
        "It should have one layer and one direction, and not be batch_first; leave PyTorch's defaults.",
    ),
    "no biases": (
        "def to_torch_lstm(P):\n    n = len(P['bf'])\n    return nn.LSTM(P['Wf'].shape[1] - n, n, bias=False)",
        "bias_ih_l0 is missing; leave bias=True, as it is by default.",
    ),
    "a transposed matrix": (
        "def to_torch_lstm(P):\n    n = len(P['bf'])\n    layer = nn.LSTM(P['Wf'].shape[1] - n, n)\n"
        "    layer.weight_hh_l0 = nn.Parameter(layer.weight_hh_l0.T)\n    return layer",
        "weight_hh_l0 should have shape (24, 6), got (6, 24).",
    ),
}  # fmt: skip


def defined(text, name):
    """The function that a cell defines."""
    place = {"np": np, "nn": nn}
    exec(text, place)
    return place[name]


@pytest.fixture(scope="module")
def worker():
    """A process with the imports of lesson 10 in it."""
    with Elsewhere() as elsewhere:
        assert elsewhere.replay("import numpy as np, torch\nfrom torch import nn") == ""
        yield elsewhere


def test_it_stands_for_its_function():
    later = Later("utils.reference.activations", "softmax")
    assert later.__module__ == "utils.reference.activations" and later.__name__ == "softmax"
    assert "def softmax" in inspect.getsource(later) and list(inspect.signature(later).parameters) == ["z"]
    np.testing.assert_allclose(later(np.zeros((2, 1))), 0.5)
    assert source(Later("utils.torch_port.textbook.weights", "to_torch_rnn")) == source(to_torch_rnn)


def test_torch_is_not_loaded_before_it_is_asked_for(root):
    code = "import sys; from utils.checking.exercises import find; find('to_torch_lstm'); print('torch' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, text=True, capture_output=True, check=True)
    assert ended.stdout == "False\n"


def test_without_torch_one_sentence_says_what_to_do(root):
    code = WITHOUT_TORCH + "import utils.torch_port.weights"
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, text=True, capture_output=True)
    assert ended.stderr.splitlines()[-1].startswith("utils.torch_port.NoTorch: Lesson 10 needs PyTorch, which is not ")
    assert "run `make torch`" in ended.stderr
    code = WITHOUT_TORCH + "from utils.cli import main; main(['prove', 'to_torch_rnn'])"
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, text=True, capture_output=True)
    assert ended.stderr == (
        "`python -m utils prove` needs the package torch, which is not installed: run pip install -e "
        '".[torch]" in a checkout of the course.\n'
    )


def test_a_lesson_that_needs_torch_is_not_graded_without(monkeypatch):
    expect_installed("10")
    expect_installed("01")
    later = find("to_torch_rnn").reference
    monkeypatch.setitem(sys.modules, later.__module__, None)
    monkeypatch.delitem(vars(later), "__wrapped__", raising=False)
    with pytest.raises(CourseError, match=r"^The checks of lesson 10 need the package .*: run `make torch`, or .*\.$"):
        expect_installed("10")
    expect_installed("09")


def test_right_answers_are_right_here_and_elsewhere(worker):
    assert verdict_on("to_torch_lstm", to_torch_lstm).ok and verdict_on("from_torch", from_torch).ok
    for function in (to_torch_lstm, from_torch):
        assert worker.replay(inspect.getsource(function)) == ""
        assert verdict_on(function.__name__, worker).ok


@pytest.mark.parametrize("kind", UNFIT)
def test_what_cannot_be_asked_is_one_sentence_here_and_elsewhere(worker, kind):
    text, sentence = UNFIT[kind]
    here = verdict_on("to_torch_lstm", defined(text, "to_torch_lstm"))
    assert worker.replay(text) == ""
    for verdict in (here, verdict_on("to_torch_lstm", worker)):
        assert not verdict.points and verdict.problem.kind == "type" and verdict.problem.text == sentence


def test_shared_memory_is_seen_both_ways():
    def views(P):
        layer = to_torch_rnn(P)
        layer.weight_hh_l0.data = torch.from_numpy(P["Waa"])
        return layer

    def shared(layer):
        P = from_torch(layer)
        return P | {"Wax": layer.weight_ih_l0.detach().numpy()} if "Wax" in P else P

    words = "The layer shares its memory with Waa: training it would change P; copy the numbers."
    assert verdict_on("to_torch_rnn", views).problem.text == words
    problem = verdict_on("from_torch", shared).problem
    assert problem.part == "memory of P"
    assert problem.detail == "memory of P is 'shared with the layer in Wax', expected 'all its own'"
    words = "Wf should be a NumPy array, got a tensor: .detach().numpy() makes one of it."
    assert verdict_on("from_torch", lambda layer: {"Wf": layer.weight_hh_l0}).problem.text == words


def test_nothing_returned_and_nothing_written_read_as_always(worker):
    words = message(verdict_on("to_torch_rnn", lambda P: None))
    assert words.splitlines()[1].startswith("Your function returned None.")
    assert worker.replay("def to_torch_rnn(P):\n    raise NotImplementedError") == ""
    assert message(verdict_on("to_torch_rnn", worker)) == "to_torch_rnn: not written yet. 0 of 4 points."


def test_a_layer_is_as_fine_as_its_numbers():
    def half(P):
        layer = to_torch_lstm(P)
        layer.bias_hh_l0.data = layer.bias_hh_l0.data.float()
        return layer

    words = "The layer holds float32, P holds float64: make it with dtype=torch.float64."
    assert verdict_on("to_torch_lstm", lambda P: to_torch_lstm(P).float()).problem.text == words
    assert verdict_on("to_torch_lstm", half).problem.text == words.replace("The layer", "bias_hh_l0")
