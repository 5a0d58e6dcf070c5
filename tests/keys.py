"""What the tests of answer keys share: keys made once, and a course whose exercises are read from one."""

import functools
from pathlib import Path

import numpy as np

from utils.bundling.answer_key import make
from utils.checking import exercises
from utils.checking.judge import judge
from utils.checking.keyed import Key
from utils.checking.message import message
from utils.paths import root


@functools.cache
def content(lesson):
    """The bytes of a lesson's key."""
    return next(iter(make(lesson, releases(lesson)).values()))


def releases(lesson):
    return sorted((root() / "notebooks" / lesson).glob("*.ipynb"))


def written(folder: Path, lesson, data=None) -> Key:
    path = folder / f"{lesson}.npz"
    path.write_bytes(content(lesson) if data is None else data)
    return Key(path)


def bundle(monkeypatch, *keys) -> None:
    """From now on the exercises are those of these keys, as in a bundle."""
    exercises.known()  # with the modules, which would find the keys as well
    by_name = {exercise.name: exercise for key in keys for exercise in key.EXERCISES}
    questions = {quiz.name: quiz for key in keys for quiz in key.QUIZZES}
    monkeypatch.setattr(exercises, "_keys", lambda: keys)
    monkeypatch.setattr(exercises, "_by_name", lambda: by_name)
    monkeypatch.setattr("utils.checking.notebook.quizzes", lambda: questions)


def told(exercise, function) -> str:
    """What a learner reads whose own check judges this function."""
    return message(judge(exercise, function, np.random.default_rng(exercise.seed)))
