"""How a function is run: on copies, quietly, under any argument names; and what counts as right."""

import sys
import warnings

import numpy as np
import pytest
from verdicts import spoil, verdict_on

from utils import textbook
from utils.checking.exercise import planted
from utils.checking.exercises import find
from utils.checking.judge import Here
from utils.checking.message import message


def test_an_aliased_buffer_in_the_caches_is_wrong_although_the_values_are_right():
    def rnn_forward(x, a0, P):
        buffer, a, y, cells = a0.copy(), [], [], []
        for t in range(x.shape[2]):
            new, answer, _ = textbook.rnn_cell_forward(x[:, :, t], buffer, P)
            buffer[...] = new
            a.append(new)
            y.append(answer)
            cells.append((buffer, buffer, x[:, :, t], P))
        return np.stack(a, 2), np.stack(y, 2), (cells, x)

    verdict = verdict_on("rnn_forward", rnn_forward)
    assert verdict.right == {"a": True, "y_pred": True, "caches": False} and verdict.points == 6 and not verdict.ok
    assert verdict.causes[0].startswith("one array holds the state of every step")


def test_answers_are_copied_case_by_case():
    """One global buffer for all results: right while it lasts, and it must be judged while it lasts."""
    buffers = {}

    def softmax(z):
        out = buffers.setdefault(z.shape, np.empty(z.shape))
        out[...] = textbook.softmax(z)
        return out

    kwargs = [{"z": np.ones((2, 3))}, {"z": np.arange(6.0).reshape(2, 3)}]
    first, second = (Here(softmax).run(find("softmax"), k) for k in kwargs)
    assert first.value is not second.value and not np.array_equal(first.value, second.value)
    assert verdict_on("softmax", softmax).ok


def test_stale_buffers_are_judged_as_what_they_were():
    """The other way round: the first answer would become right when the second overwrites it."""
    buffer = np.zeros((3, 3))
    one, other = {"z": np.zeros((3, 3))}, {"z": np.eye(3)}

    def softmax(z):
        buffer[...] = 0.0 if not z.any() else textbook.softmax(z)
        return buffer

    runner = Here(softmax)
    outcome = runner.run(find("softmax"), one)
    runner.run(find("softmax"), other)
    assert not outcome.value.any()


@pytest.mark.parametrize("what", ["an entry", "a new key", "a key gone", "deep inside"])
def test_changed_inputs_are_seen(what):
    def rnn_cell_backward(da_next, cache):
        answer = textbook.rnn_cell_backward(da_next, cache)
        P = cache[3]
        if what == "an entry":
            da_next[0, 0] += 1e-9
        elif what == "a new key":
            P["Wa"] = 1.0
        elif what == "a key gone":
            del P["by"]
        else:
            P["Wya"][0, 0] = 0.0
        return answer

    verdict = verdict_on("rnn_cell_backward", rnn_cell_backward)
    assert verdict.problem.kind == "inputs" and verdict.points == 0
    assert ("da_next" if what == "an entry" else "cache") in verdict.problem.text


def test_cases_reach_the_function_untouched_after_an_earlier_one_spoilt_them():
    seen = []

    def softmax(z):
        seen.append(z.sum())
        z[...] = 0.0
        return z

    verdict_on("softmax", softmax)
    expected = [k["z"].sum() for k in find("softmax").cases(np.random.default_rng(0)).values()]
    assert seen == expected


def test_a_generator_may_advance():
    assert verdict_on("sample_sequence", textbook.sample_sequence).ok


def test_a_generator_is_the_same_for_both():
    def sample_sequence(P, vocabulary, rng, max_length, temperature=1.0):
        rng.random()  # one draw too many
        return textbook.sample_sequence(P, vocabulary, rng, max_length, temperature)

    assert not verdict_on("sample_sequence", sample_sequence).ok


def test_a_result_that_contains_itself():
    def unfold(f, s0, xs):
        states = []
        states.append(states)
        return states

    assert verdict_on("unfold", unfold).problem.text.endswith("RecursionError: the result contains itself")


def test_stderr_stays_empty_and_its_words_are_not_lost(capsys):
    def talkative(z):
        print("to stderr", file=sys.stderr)
        warnings.warn("a warning", stacklevel=1)
        np.array([1.0]) / np.array([0.0])
        np.log(np.array([-1.0]))
        return textbook.softmax(z)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert verdict_on("softmax", talkative).ok
    out, err = capsys.readouterr()
    assert err == "" and out == "to stderr\n" * 4


def test_stderr_is_handed_over_even_when_the_function_raises(capsys):
    def dying(z):
        print("last words", file=sys.stderr)
        raise ValueError("no")

    assert verdict_on("softmax", dying).problem.text == "Your function stopped with ValueError: no"
    out, err = capsys.readouterr()
    assert err == "" and out.count("last words") == 4


def test_the_search_for_causes_prints_nothing(capsys):
    verdict_on("softmax", spoil("softmax", lambda p: 2 * p))
    assert capsys.readouterr() == ("", "")


def test_arguments_may_have_other_names():
    def rnn_cell_forward(the_input, the_state, weights):
        return textbook.rnn_cell_forward(the_input, the_state, weights)

    assert verdict_on("rnn_cell_forward", rnn_cell_forward).ok


def test_but_optional_ones_are_called_by_name():
    verdict = verdict_on(
        "sequence_loss", lambda y_pred, targets, valid=None: textbook.sequence_loss(y_pred, targets, valid)
    )
    assert verdict.problem.kind == "raised" and "mask" in verdict.problem.text


def test_float32_is_right_with_a_note():
    verdict = verdict_on("softmax", spoil("softmax", lambda p: p.astype(np.float32)))
    assert verdict.ok and verdict.note.startswith("float32 came back")
    assert "float32 came back" in message(verdict)
    worse = verdict_on("softmax", spoil("softmax", lambda p: (p * 1.001).astype(np.float32)))
    assert not worse.ok


def test_float64_has_no_note():
    assert verdict_on("softmax", textbook.softmax).note == ""


def test_rounding_is_right_and_one_part_in_a_billion_is_not():
    assert verdict_on("softmax", spoil("softmax", lambda p: p * (1 + 1e-11))).ok
    assert not verdict_on("softmax", spoil("softmax", lambda p: p * (1 + 1e-8))).ok


def test_every_case_counts():
    verdict = verdict_on("rnn_cell_forward", textbook.rnn_cell_forward)
    assert verdict.ok and verdict.cases == verdict.cases_right == len(
        find("rnn_cell_forward").cases(np.random.default_rng(0))
    )
    assert message(verdict) == "rnn_cell_forward: 4 of 4 cases; grading uses fresh ones. 6 of 6 points."


def test_points_go_part_by_part():
    no_softmax = planted(
        find("rnn_cell_forward"), [m for m in find("rnn_cell_forward").mistakes if "no softmax" in m.cause]
    )
    verdict = verdict_on("rnn_cell_forward", no_softmax)
    assert verdict.points == 3 and verdict.right == {"a_next": True, "yt_pred": False, "cache": True}
