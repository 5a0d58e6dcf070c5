"""Every key of the course: checks that work from it say what the full checks say, word for word."""

import io
import zipfile

import pytest
from keys import bundle, content, told, written

from utils.bundling.answer_key import WITHHELD
from utils.checking import exercises
from utils.checking.exercise import planted
from utils.checking.exercises import find, known
from utils.paths import root
from utils.prove import Inlined

LESSONS = [path.name for path in sorted((root() / "notebooks").iterdir()) if path.is_dir()]
GRADER_DECIDES = {"unfold", "numerical_gradient", "gradient_check", "beam_search"}
GRADER_DECIDES |= {"orthogonal_init", "sample_sequence", "minibatches", "init_lstm", "generate_melody"}


def full(lesson):
    """The exercises of a lesson's folder as the course describes them."""
    return [find(name) for name in known() if find(name).lesson[:2] == lesson[:2]]


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_is_said_of_each_mistake_is_the_same_word_for_word(monkeypatch, tmp_path, lesson):
    key, told_by_course = written(tmp_path, lesson), []
    wanted = {exercise.name: exercise for exercise in full(lesson)}
    for keyed in key.EXERCISES:
        for mistakes in () if keyed.undecided else ((), *((mistake,) for mistake in wanted[keyed.name].mistakes)):
            function = Inlined(planted(wanted[keyed.name], mistakes))
            told_by_course.append((keyed, mistakes, function, told(wanted[keyed.name], function)))
    bundle(monkeypatch, key)
    for keyed, mistakes, function, words in told_by_course:
        assert told(keyed, function) == words, mistakes
    assert lesson[:2] == "10" or len(told_by_course) > 5 * len(key.EXERCISES) / 2


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_key_has_every_exercise_with_its_words(tmp_path, lesson):
    key = written(tmp_path, lesson)
    assert [e.name for e in key.EXERCISES] == [e.name for e in full(lesson)]
    for one, other in zip(key.EXERCISES, full(lesson), strict=True):
        for field in ("lesson", "parts", "points", "seed", "read", "tolerance"):
            assert getattr(one, field) == getattr(other, field), field
        assert one.hints == (*other.hints[:-1], WITHHELD)
        assert bool(one.undecided) == (other.name in GRADER_DECIDES or lesson[:2] == "10")
        if not one.undecided:
            assert (one.uses, one.in_place, one.required) == (other.uses, other.in_place, other.required)
    asked = {name for path in (root() / "notebooks" / lesson).glob("*.ipynb") for name in _asked(path)}
    assert {quiz.name: quiz.answers for quiz in key.QUIZZES} == {n: exercises.quizzes()[n].answers for n in asked}


def _asked(path):
    return {name for name in exercises.quizzes() if f'quiz(\\"{name}\\"' in path.read_text(encoding="utf-8")}


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_key_is_small_and_holds_no_pickle(lesson):
    members = zipfile.ZipFile(io.BytesIO(content(lesson)))
    assert len(content(lesson)) < 2 << 20
    assert all(name.endswith((".json.npy", ".raw.npy")) for name in members.namelist())
    assert all(b"'descr': '|u1'" in members.read(name)[:80] for name in members.namelist())
