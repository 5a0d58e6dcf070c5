"""Causes are named when they give the learner's numbers, and only then; earlier functions get their own blame."""

import numpy as np
import pytest
from verdicts import spoil, verdict_on

from utils import textbook
from utils.checking import causes as search
from utils.checking.exercise import planted
from utils.checking.exercises import find
from utils.checking.message import message

STUB = "def rnn_cell_forward(xt, a_prev, P):\n    raise NotImplementedError"


def test_the_cause_is_named_when_the_numbers_agree():
    def rnn_forward(x, a0, P):
        return textbook.rnn_forward(x, np.zeros_like(a0), P)

    assert verdict_on("rnn_forward", rnn_forward).causes == ("a0 is ignored: the first step starts from zeros",)


def test_two_causes_at_once_are_both_named():
    exercise = find("jordan_forward")
    one, other = (m for m in exercise.mistakes if m.cause.startswith(("y0 is ignored", "the bias by")))
    function = planted(exercise, (one, other))
    assert set(verdict_on("jordan_forward", function).causes) == {one.cause, other.cause}


def test_an_inherited_cause_is_named():
    """The learner wrote the cell's mathematics into the loop and left out its bias."""

    def rnn_forward(x, a0, P):
        return textbook.rnn_forward(x, a0, P | {"ba": 0 * P["ba"]})

    def with_the_caches_right(x, a0, P):
        a, y, (cells, _) = rnn_forward(x, a0, P)
        return a, y, ([(*c[:3], P) for c in cells], x)

    assert verdict_on("rnn_forward", with_the_caches_right).causes == ("the bias ba is missing",)


def test_no_cause_for_a_fault_that_none_explains():
    verdict = verdict_on("rnn_forward", spoil("rnn_forward", lambda v: (v[0] * 1.01, *v[1:])))
    assert verdict.causes == () and verdict.right == {"a": False, "y_pred": True, "caches": True}


def test_one_case_in_agreement_is_not_enough():
    """Right but for one case, where the numbers are those of a known mistake: nothing is named."""
    right, wrong = textbook.rnn_forward, planted(find("rnn_forward"), find("rnn_forward").mistakes[:1])
    calls = iter([wrong, right, right, right, right])
    assert verdict_on("rnn_forward", lambda *args: next(calls)(*args)).causes == ()


@pytest.mark.parametrize(("length", "share"), [(10**6, 1), (1, 0)])
def test_the_search_is_capped_by_number_and_sooner_for_a_long_answer(monkeypatch, length, share):
    planted_pairs = []

    def counting(exercise, mistakes):
        planted_pairs.append(len(mistakes))
        return planted(exercise, mistakes)

    monkeypatch.setattr(search, "planted", counting)
    monkeypatch.setattr(search, "PAIRS", 8)
    monkeypatch.setattr(search, "LENGTH", length)
    verdict_on("jordan_forward", spoil("jordan_forward", lambda v: (v[0] * 1.01, v[1])))
    assert planted_pairs.count(1) == len(search.mistakes_of(find("jordan_forward")))
    assert planted_pairs.count(2) == share * (8 + 4)  # two of its own, and one of its own with an inherited one


def test_a_stub_and_a_forgotten_return_have_no_likely_cause(monkeypatch):
    monkeypatch.setattr(search, "planted", lambda *_: pytest.fail("nothing is to be searched"))
    verdict_on("rnn_cell_forward", namespace(STUB)["rnn_cell_forward"])
    verdict_on("rnn_cell_forward", lambda *_: None)


def namespace(*texts):
    """A learner's notebook: the cells run one after the other."""
    place = {"np": np}
    for text in texts:
        exec(text, place)
    return place


RIGHT_LOOP = """
def rnn_forward(x, a0, P):
    a, y, cells, state = [], [], [], a0
    for t in range(x.shape[2]):
        state, answer, cache = rnn_cell_forward(x[:, :, t], state, P)
        a.append(state); y.append(answer); cells.append(cache)
    return np.stack(a, 2), np.stack(y, 2), (cells, x)
"""
WRONG_CELL = """
def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=0)

def rnn_cell_forward(xt, a_prev, P):
    a = np.tanh(P["Wax"] @ xt + P["ba"])
    return a, softmax(P["Wya"] @ a + P["by"]), (a, a_prev, xt, P)
"""


def test_a_wrong_earlier_function_is_blamed_and_paid_for_once():
    place = namespace(WRONG_CELL, RIGHT_LOOP)
    mine = place["rnn_cell_forward"]
    verdict = verdict_on("rnn_forward", place["rnn_forward"])
    assert verdict.ok and verdict.points == 6 and verdict.blame == ("rnn_cell_forward",)
    text = message(verdict).replace("\n  ", " ")
    assert "This function is right; the fault is in rnn_cell_forward, which it calls." in text
    assert place["rnn_cell_forward"] is mine  # put back


def test_a_stub_that_it_calls_is_blamed_too():
    place = namespace(STUB, RIGHT_LOOP)
    assert verdict_on("rnn_forward", place["rnn_forward"]).blame == ("rnn_cell_forward",)


def test_a_right_earlier_function_is_not_blamed():
    place = namespace(WRONG_CELL.replace('@ xt + P["ba"]', '@ xt + P["Waa"] @ a_prev + P["ba"]'), RIGHT_LOOP)
    verdict = verdict_on("rnn_forward", place["rnn_forward"])
    assert verdict.ok and verdict.blame == ()


def test_both_wrong_both_are_named():
    place = namespace(WRONG_CELL, RIGHT_LOOP.replace("state = [], [], [], a0", "state = [], [], [], 0 * a0"))
    verdict = verdict_on("rnn_forward", place["rnn_forward"])
    assert not verdict.ok and verdict.points == 0
    assert set(verdict.causes) == {
        "a0 is ignored: the first step starts from zeros",
        "the old state is not used: the term Waa @ a_prev is missing",
    }


def test_the_fewest_are_blamed():
    text = WRONG_CELL.partition("def rnn_cell")[0].replace("axis=0", "axis=1, keepdims=True")
    right_cell = (
        "def rnn_cell_forward(xt, a_prev, P):\n"
        "    a = np.tanh(P['Wax'] @ xt + P['Waa'] @ a_prev + P['ba'])\n"
        "    z = P['Wya'] @ a + P['by']\n"
        "    return a, np.exp(z) / np.exp(z).sum(axis=0), (a, a_prev, xt, P)\n"
    )
    loop = (
        "def sequence_to_one_forward(x, a0, P, mask=None):\n"
        "    a, cells = a0, []\n"
        "    for t in range(x.shape[2]):\n"
        "        new, _, cache = rnn_cell_forward(x[:, :, t], a, P)\n"
        "        cells.append(cache)\n"
        "        a = new if mask is None else np.where(mask[:, t], new, a)\n"
        "    return a, softmax(P['Wya'] @ a + P['by']), (cells, x, mask)\n"
    )
    place = namespace(text, right_cell, loop)
    verdict = verdict_on("sequence_to_one_forward", place["sequence_to_one_forward"])
    assert verdict.ok and verdict.blame == ("softmax",)


SPOILT_CELL = """
def rnn_cell_forward(xt, a_prev, P):
    a_next = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev)
    return a_next, np.exp(P["by"] + 0 * a_next[:1]), (a_next, a_prev, xt, P)
"""
STUB_CELL = "def rnn_cell_forward(xt, a_prev, P):\n    raise NotImplementedError"
BEFORE = """
def rnn_forward(x, a0, P):
    n_x, m, T = x.shape
    n_y, n_a = P["Wya"].shape
    a, y_pred, cells, state = np.zeros((n_a, m, T)), np.zeros((n_y, m, T)), [], a0
    for t in range(T):
        state, yt_pred, cache = rnn_cell_forward(x[:, :, t], state, P)
        a[:, :, t] = cache[1]
        y_pred[:, :, t] = yt_pred
        cells.append(cache)
    return a, y_pred, (cells, x)
"""


def judged(*texts):
    return verdict_on("rnn_forward", namespace(*texts)["rnn_forward"])


def test_a_fault_of_its_own_is_told_beside_that_of_an_earlier_function():
    """With the right cell the predictions are right: three points, and the cause of what is left."""
    verdict = judged(SPOILT_CELL, BEFORE)
    assert verdict.points == 3 and verdict.blame == ("rnn_cell_forward",)
    assert verdict.causes == ("a holds the state before each step; store the one after it",)
    assert "Judged with the right rnn_cell_forward in place of yours" in " ".join(message(verdict).split())


def test_a_written_function_is_not_called_unwritten_because_of_a_stub_that_it_calls():
    ignores_a0 = BEFORE.replace("cache[1]", "state").replace("[], a0", "[], 0 * a0")
    verdict = judged(STUB_CELL, ignores_a0)
    assert verdict.problem.kind == "values" and verdict.blame == ("rnn_cell_forward",)
    assert verdict.causes == ("a0 is ignored: the first step starts from zeros",)


def test_an_answer_that_cannot_be_read_has_no_likely_cause():
    verdict = verdict_on("gradient_check", lambda f, P, G, h=1e-5, tolerance=1e-6: dict.fromkeys(P, 3))
    assert not verdict.ok and verdict.causes == ()
