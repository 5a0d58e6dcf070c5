"""All exercises and recall questions, a module or two per lesson, pure data.

In a bundle for students these modules are not there: a file of numbers and words, the answer key, takes the place of
those of its lesson (see utils/checking/keyed.py).
"""

import functools
import importlib
import inspect
import pkgutil
from pathlib import Path

from utils import reference
from utils.errors import CourseError
from utils.paths import did_you_mean


@functools.cache
def _lessons() -> tuple:
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name.startswith("lesson_"))
    return (*(importlib.import_module(f"{__name__}.{name}") for name in names), *_keys())


@functools.cache
def _keys() -> tuple:
    paths = sorted(path for folder in __path__ for path in Path(folder).glob("[0-9][0-9]_*.npz"))
    if not paths:
        return ()
    from ..keyed import Key  # which describes exercises, as the modules here do

    return tuple(map(Key, paths))


@functools.cache
def _by_name() -> dict:
    exercises = [exercise for lesson in _lessons() for exercise in lesson.EXERCISES]
    if not exercises:
        raise CourseError(
            f"Expected the answer key of a lesson in {Path(__path__[0])}, found none; unzip the bundle over this "
            "folder once more."
        )
    return {exercise.name: exercise for exercise in sorted(exercises, key=_place)}


def _place(exercise) -> tuple:
    """Where an exercise stands in the course; those of one section follow in the order of their modules."""
    return exercise.lesson, *map(int, exercise.read.removeprefix("section ").split("."))


@functools.cache
def quizzes() -> dict:
    """All recall questions by name."""
    return {quiz.name: quiz for lesson in _lessons() for quiz in lesson.QUIZZES}


def known() -> list[str]:
    """The names of all exercises, in the order of the lessons."""
    return list(_by_name())


def find(name: str):
    """The exercise of that name. Raises CourseError that suggests the nearest name."""
    if name not in _by_name():
        near = did_you_mean(name, known()) or f"; they are {', '.join(known())}"
        raise CourseError(f"There is no exercise called {name}{near}.")
    return _by_name()[name]


def right(name: str):
    """What answers an earlier function's calls in the place of the learner's: the reference, or what a key recorded."""
    recorded = (key.recorded(name) for key in _keys())
    return next(filter(None, recorded), None) or getattr(reference, name)


def expect_installed(lesson: str) -> None:
    """CourseError where the exercises of a lesson ("10", "10a") need PyTorch, and it is not installed."""
    for name in known():
        if find(name).lesson.startswith(lesson):
            try:
                inspect.unwrap(find(name).reference)
            except ModuleNotFoundError as error:
                raise CourseError(
                    f"The checks of lesson {lesson} need the package {error.name}, which is not installed: run `make "
                    'torch`, or `pip install -e ".[torch]"`, in the course\'s folder, then this again.'
                ) from error
