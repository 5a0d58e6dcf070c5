"""How a function is run: on copies, quietly, under any argument names; and what counts as right."""

import functools
import sys
import warnings

import numpy as np
import pytest
from verdicts import spoil, verdict_on

from utils import reference, textbook
from utils.checking import compare, notebook
from utils.checking.exercise import planted, source
from utils.checking.exercises import find
from utils.checking.judge import Here
from utils.checking.message import message
from utils.checking.running import duplicate


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


def test_what_is_one_object_inside_stays_one():
    array = np.zeros(2)
    copied = duplicate([array, {"again": array}], {})
    assert copied[0] is copied[1]["again"] and copied[0] is not array


@pytest.mark.parametrize("ending", [SystemExit("bye"), SystemExit()], ids=["with words", "without"])
def test_a_function_that_ends_the_program_is_told(ending):
    def leaves(z):
        raise ending

    assert verdict_on("softmax", leaves).problem.text.startswith("Your function stopped with SystemExit")


def test_an_error_without_end_is_cut():
    def talks(z):
        raise ValueError("x" * 10_000_000)

    text = verdict_on("softmax", talks).problem.text
    assert text.startswith("Your function stopped with ValueError: xxx") and len(text) < 500


def test_an_error_that_cannot_tell_itself_is_named_all_the_same():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def dies(z):
        raise Mute

    assert verdict_on("softmax", dies).problem.text == "Your function stopped with Mute"


def test_a_vast_whole_number_is_wrong_and_no_crash():
    verdict = verdict_on("count_rnn_parameters", lambda n_x, n_a, n_y: n_a**n_x)
    assert not verdict.ok and verdict.problem.kind == "values"
    vast = verdict_on("count_rnn_parameters", lambda n_x, n_a, n_y: 7**1000)
    assert vast.problem.detail.startswith("count has over 77 digits, expected ")


def test_a_number_that_is_not_one_is_nan():
    assert verdict_on("sequence_loss", lambda y_pred, targets, mask=None: float("nan")).problem.kind == "nan"


def test_rounding_beside_an_expected_zero_is_right():
    assert compare.close(np.full(3, 1e-12), np.zeros(3), 1e-9)
    assert not compare.close(np.full(3, 1e-6), np.zeros(3), 1e-9)


def test_float32_in_one_output_makes_room_for_its_coarseness_in_the_others():
    def half_single(xt, a_prev, P):
        a_next, _, cache = textbook.rnn_cell_forward(xt, a_prev, P)
        coarse = a_next.astype(np.float32)
        return coarse, textbook.softmax(P["Wya"] @ coarse + P["by"]), cache

    verdict = verdict_on("rnn_cell_forward", half_single)
    assert verdict.ok and verdict.note.startswith("float32 came back")


def test_an_earlier_function_is_found_behind_a_decorator():
    class Counted:
        def __init__(self, function):
            functools.update_wrapper(self, function)

        def __call__(self, *args):
            return self.__wrapped__(*args)

    place = {"np": np}
    exec("def rnn_cell_forward(xt, a_prev, P):\n    raise NotImplementedError", place)
    exec(source(textbook.rnn_forward), place)
    verdict = verdict_on("rnn_forward", Counted(place["rnn_forward"]))
    assert verdict.ok and verdict.blame == ("rnn_cell_forward",)


@pytest.mark.parametrize("dressed", [lambda f: f, functools.partial, lambda f: functools.wraps(f)(lambda z: f(z))])
def test_a_function_of_ours_is_refused_in_any_dress(dressed):
    with pytest.raises(notebook.NotYet, match="softmax comes from the course's own package"):
        notebook._refuse_ours("softmax", dressed(reference.softmax))
    notebook._refuse_ours("softmax", dressed(lambda z: z))


def test_an_error_is_told_with_the_line_it_arose_in():
    def softmax(z):
        scaled = np.exp(z)
        return scaled[:, 5, 3]

    problem = verdict_on("softmax", softmax).problem
    assert problem.kind == "raised" and problem.detail == "It stopped in the line `return scaled[:, 5, 3]`"


def test_a_line_is_that_of_the_learner_not_of_numpy():
    def softmax(z):
        return np.linalg.norm(z, axis=7)

    assert "np.linalg.norm(z, axis=7)" in verdict_on("softmax", softmax).problem.detail


def test_without_a_source_no_line_is_told():
    namespace = {}
    exec("def softmax(z):\n    return z[9, 9, 9]", namespace)
    assert verdict_on("softmax", namespace["softmax"]).problem.detail == ""


def test_whole_numbers_and_masks_must_be_such():
    """They serve as indices later, where 2.0 and 1 are refused, or worse, taken for something else."""
    floats = verdict_on("pad_left", lambda sequences: tuple(a.astype(float) for a in textbook.pad_left(sequences)))
    assert floats.problem.text == "indices should hold whole numbers, got float64."
    ones = verdict_on("pad_left", lambda s: (textbook.pad_left(s)[0], textbook.pad_left(s)[1].astype(int)))
    assert ones.problem.text == "mask should hold True and False, got int64." and ones.points == 2
    small = verdict_on("pad_left", lambda s: (textbook.pad_left(s)[0].astype(np.int16), textbook.pad_left(s)[1]))
    assert small.ok


def test_arrays_in_place_are_those_that_were_given():
    def clip_by_value(G, limit):
        for name in G:
            G[name] = np.clip(G[name], -limit, limit)  # whoever holds the old array sees nothing
        return G

    problem = verdict_on("clip_by_value", clip_by_value).problem
    assert problem.text == "G is as it was before; this function should change its arrays in place."
    assert verdict_on("clip_by_value", lambda G, limit: [np.clip(g, -limit, limit, out=g) for g in G.values()] and G).ok
