"""Every exercise is well formed: enough mistakes, good hints, telling cases, and parts that are the real outputs."""

import dataclasses
import importlib.util
import inspect
import re

import numpy as np
import pytest

from utils import reference, textbook
from utils.checking.causes import mistakes_of
from utils.checking.compare import split
from utils.checking.exercise import Mistake, called, edited, pieces, planted, source
from utils.checking.exercises import draw, find, known, quizzes
from utils.errors import CourseError

EACH = pytest.mark.parametrize("exercise", [find(name) for name in known()], ids=known())
# No examples side by side: numbers, single sequences, whole sets of parameters.
WITHOUT_BATCH = set(
    "unfold count_rnn_parameters scalar_bptt numerical_gradient gradient_check update_parameters clip_by_value "
    "clip_by_norm scale_to_spectral_radius orthogonal_init build_vocabulary encode shift_targets perplexity "
    "sequence_log_probability bits_per_character adam_step sample_sequence apply_temperature top_k nucleus init_lstm "
    "beam_search generate_melody from_torch".split()
)
SYMBOLS_IN_AND_OUT = ("sample_sequence", "sequence_log_probability", "generate_melody")  # there n_x is n_y
MACHINE_WORDS = re.compile(r"Traceback|assert|[a-z]Error\b|Exception|module|\w/\w+/")


def test_the_lessons_hold_what_they_should():
    assert len(known()) == len(set(known())) >= 75
    by_lesson = {}
    for name in known():
        by_lesson.setdefault(find(name).lesson, []).append(name)
    assert by_lesson["00"] == ["one_hot", "softmax", "unfold"]
    assert by_lesson["01a"] == ["rnn_cell_forward", "rnn_forward", "sequence_loss", "count_rnn_parameters"]
    assert by_lesson["01b"] == ["rnn_cell_forward_compact", "jordan_forward", "sequence_to_one_forward"]
    assert set(by_lesson) == set("00 01a 01b 02a 02b 03 04a 04b 05 06 07a 07b 08 09a 09b 10a 10b".split())


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(CourseError, match="no exercise called rnn_foward .did you mean rnn_forward"):
        find("rnn_foward")


@EACH
def test_mistakes_are_five_or_more_and_differ(exercise):
    causes = [mistake.cause for mistake in exercise.mistakes]
    assert len(causes) >= 5
    assert len(set(causes)) == len(causes)
    assert len({(m.edits, m.where) for m in exercise.mistakes}) == len(causes)


@EACH
def test_causes_are_plain_words(exercise):
    for mistake in exercise.mistakes:
        assert 10 <= len(mistake.cause) <= 150, mistake.cause
        assert not MACHINE_WORDS.search(mistake.cause), mistake.cause
        assert "\n" not in mistake.cause and not mistake.cause.endswith("."), mistake.cause


@EACH
def test_hints_are_three_and_the_last_is_nearly_the_answer(exercise):
    assert len(exercise.hints) == len(set(exercise.hints)) == 3
    for text in exercise.hints:
        assert text.endswith((".", "?")) and not MACHINE_WORDS.search(text), text
    code = [len(re.findall(r"[=@(\[]", text)) for text in exercise.hints]
    assert code[2] == max(code) or "·" in exercise.hints[2], "the last hint should show the most code"
    assert len(exercise.hints[2]) > len(exercise.hints[0]) / 2


@EACH
def test_points_and_places(exercise):
    assert exercise.points > 0 and all(points >= 0 for points in exercise.parts.values())
    assert re.fullmatch(r"section \d+\.\d+", exercise.read)
    assert re.fullmatch(r"\d\d[ab]?", exercise.lesson)
    if exercise.probe:  # of utils.torch_port
        written, asked = inspect.unwrap(exercise.textbook), inspect.unwrap(exercise.probe)
        assert inspect.unwrap(exercise.reference).__name__ == written.__name__ == asked.__name__ == exercise.name
        assert ".textbook." in written.__module__ and ".probes." in asked.__module__
    else:
        assert exercise.reference is getattr(reference, exercise.name)
        assert exercise.textbook is getattr(textbook, exercise.name)
    assert exercise.tolerance <= 1e-3


@EACH
def test_parts_are_the_outputs_of_the_reference(exercise):
    for kwargs in exercise.cases(np.random.default_rng(0)).values():
        with np.errstate(all="ignore"):
            viewed = exercise.viewed(exercise.ask(exercise.reference, **kwargs))
        found, wrong = split(viewed, viewed, exercise.parts)
        assert not wrong and list(found) == list(exercise.parts)
        if isinstance(viewed, dict):
            assert set(viewed) == set(exercise.parts)
        elif len(exercise.parts) > 1:
            assert isinstance(viewed, tuple) and len(viewed) == len(exercise.parts)


@EACH
def test_uses_are_earlier_functions_that_it_calls(exercise):
    assert len(set(exercise.uses)) == len(exercise.uses) and exercise.name not in exercise.uses
    for name in exercise.uses:
        assert name in known()  # what is not graded is given, and a wrong one of a learner's own is their own fault
        assert getattr(textbook, name) in called(exercise.textbook)


def named_arrays(value, name=""):
    """Every array inside, with the key or argument name it has; what lies in a list or tuple has its name."""
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in named_arrays(item, key)]
    if isinstance(value, list | tuple):
        return [pair for item in value for pair in named_arrays(item, name)]
    return [(name, value)] if isinstance(value, np.ndarray) else []


def arrays(value):
    return [array for _, array in named_arrays(value)]


@EACH
def test_cases_are_several_and_repeatable(exercise):
    one, again, other = (exercise.cases(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert 3 <= len(one) <= 8 and list(one) == list(again) == list(other)
    for a, b in zip(arrays(one), arrays(again), strict=True):
        np.testing.assert_array_equal(a, b)  # NaN, which some padding holds, is NaN
    if arrays(one) and exercise.name != "one_hot":
        assert any(
            a.shape != b.shape or not np.array_equal(a, b) for a, b in zip(arrays(one), arrays(other), strict=False)
        )


@EACH
@pytest.mark.parametrize("seed", range(5))
def test_nothing_that_could_hide_a_fault_is_zero(exercise, seed):
    """Biases, states and what is fed back: a zero there lets a wrong formula pass."""
    watched = re.compile(r"(a0|c0|y0|a_prev|c_prev|b[afucory]|bcc|bcx)(_fwd|_bwd|_enc|_dec)?")
    for category, kwargs in exercise.cases(np.random.default_rng(seed)).items():
        for name, array in named_arrays(kwargs):
            if watched.fullmatch(name):
                assert np.abs(array).min() > 0, f"{category}: {name}"
        first = kwargs["caches"][0][0] if "caches" in kwargs else kwargs.get("cache", ())
        if isinstance(first, tuple) and first and isinstance(first[0], np.ndarray):
            places = {4: (1,), 7: (1,), 10: (2, 3)}[len(first)]  # of the states before the step: RNN, GRU, LSTM
            assert all(np.abs(first[place]).min() > 0 for place in places), f"{category}: the first state"


@EACH
def test_a_batch_of_one_and_one_step_are_among_the_cases(exercise):
    cases = exercise.cases(np.random.default_rng(0))
    general = next(iter(cases.values()))
    assert ("a batch of one" in cases) == (exercise.name not in WITHOUT_BATCH)
    if any(array.ndim == 3 for array in arrays(general)) and exercise.name != "numerical_gradient":
        assert "one time step" in cases


def axes_of(kwargs):
    """The sizes of the general case by name, read off the arrays whose axes have names."""
    named = {"Wax": ("n_a", "n_x"), "Wya": ("n_y", "n_a"), "Wy": ("n_y", None)}
    named |= {"Wf": ("n_a", None), "Wu": ("n_a", None)}
    sizes = {}
    for name, array in named_arrays(kwargs):
        name = name.removesuffix("_fwd").removesuffix("_enc")
        if name in named and array.ndim == 2:
            sizes = dict(zip(named[name], array.shape, strict=True)) | sizes  # of several layers, the first
        elif array.ndim == 3 and name != "a0":  # (L, n_a, m) in a deep network
            sizes |= {"m": array.shape[1], "T_y" if name == "y_in" else "T": array.shape[2]}
        elif name in ("xt", "a_prev", "c_prev"):
            sizes["m"] = array.shape[1]
    sizes.pop(None, None)
    return sizes


@EACH
@pytest.mark.parametrize("seed", range(10))
def test_all_sizes_of_the_general_case_differ(exercise, seed):
    general = next(iter(exercise.cases(np.random.default_rng(seed)).values()))
    sizes = axes_of(general)
    if exercise.name in SYMBOLS_IN_AND_OUT:
        assert sizes.pop("n_x") == sizes["n_y"]
    assert len(set(sizes.values())) == len(sizes) and min(sizes.values(), default=2) > 1, sizes
    for name, array in named_arrays(general):
        square = re.fullmatch(r"d?(Waa.*|Wcc|W)" + "|Wax" * ("layers" in general or "deep" in exercise.name), name)
        assert square or len(set(array.shape)) == array.ndim, (name, array.shape)


def test_drawn_masks_count_something_and_leave_something_out():
    for seed in range(50):
        mask = draw.mask(np.random.default_rng(seed), 4, 5)
        assert mask.any(axis=1).all() and not mask.all()
    probabilities = draw.probabilities(np.random.default_rng(0), 4, 3, 2)
    assert probabilities.min() > 0 and np.allclose(probabilities.sum(axis=0), 1)


@EACH
def test_every_mistake_can_be_planted_and_changes_the_text(exercise):
    plain = pieces(exercise)
    for mistake in mistakes_of(exercise):
        assert pieces(exercise, [mistake]) != plain
        assert callable(planted(exercise, [mistake]))


@EACH
def test_the_textbook_survives_being_planted_without_a_mistake(exercise):
    again = planted(exercise, ())
    for category, kwargs in exercise.cases(np.random.default_rng(4)).items():
        fresh = exercise.cases(np.random.default_rng(4))[category]
        with np.errstate(all="ignore"):
            answers = exercise.ask(again, **kwargs), exercise.ask(exercise.textbook, **fresh)
            one, other = map(exercise.viewed, answers)
        for a, b in zip(arrays(one), arrays(other), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("old, times", [("a_next", 4), ("nowhere to be found", 0)])
def test_an_edit_must_fit_exactly_once(old, times):
    exercise = find("rnn_cell_forward")
    spoilt = Mistake("a cause", ((old, "something else"),))
    with pytest.raises(ValueError, match=rf"exactly once in the text, not {times} times"):
        planted(exercise, [spoilt])
    with pytest.raises(ValueError, match="exactly once"):
        edited("one two", (("one", "two"), ("two", "three")))  # the first edit makes a second `two`


def test_a_mistake_in_a_function_that_is_not_called_is_refused():
    astray = Mistake("a cause", (("x", "y"),), where="sequence_loss")
    with pytest.raises(ValueError, match="rnn_forward does not call sequence_loss"):
        planted(find("rnn_forward"), [astray])


def test_mistakes_of_called_functions_are_inherited():
    inherited = {(m.cause, m.where) for m in mistakes_of(find("rnn_forward"))}
    for mistake in find("rnn_cell_forward").mistakes:
        assert (mistake.cause, "rnn_cell_forward") in inherited
    for mistake in find("softmax").mistakes:
        assert (mistake.cause, "softmax") in inherited


def test_sources_come_without_their_docstring():
    text = source(textbook.rnn_cell_forward)
    assert text.startswith("def rnn_cell_forward(xt, a_prev, P):\n    from_input") and '"""' not in text
    assert inspect.getdoc(textbook.rnn_cell_forward)


def test_exercises_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        find("softmax").name = "other"


@pytest.mark.parametrize("name", sorted(quizzes()))
def test_questions_have_exactly_one_right_answer(name):
    answers = quizzes()[name].answers
    assert list(answers) == sorted(answers) and len(answers) >= 2
    assert sum(right for right, _ in answers.values()) == 1
    for right, why in answers.values():
        assert isinstance(right, bool) and why.endswith(".") and 20 < len(why) < 220
    assert len({why for _, why in answers.values()}) == len(answers)


def test_right_answers_are_not_always_under_the_same_letter():
    letters = {next(letter for letter, (right, _) in quiz.answers.items() if right) for quiz in quizzes().values()}
    assert len(letters) >= 2


def test_also_right_answers_belong_to_an_exercise_three_or_more_each(root):
    counted = dict.fromkeys(known(), 0)
    for path in sorted((root / "tests" / "also_right").glob("*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name in vars(module):
            if "__" in name.strip("_"):
                assert name.partition("__")[0] in counted, f"{path.name}: {name} belongs to no exercise"
                counted[name.partition("__")[0]] += 1
    assert [name for name, number in counted.items() if number < 3] == []
