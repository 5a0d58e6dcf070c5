"""Exercises whose right answers and mistakes are not computed but read: from the answer key of a student bundle.

A key is one file per lesson, made by `utils.bundling.answer_key`. It holds numbers and words, and no line of a
solution: the cases that a learner's own check draws, what is right for each, sketches of what each mistake would give,
and what those functions of the lesson answer that others of its functions call.
"""

import builtins
import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils import paths
from utils.errors import CourseError

from . import views
from .compare import same
from .exercise import Described, Quiz
from .packed import Given, load
from .running import Outcome, Unrecorded, duplicate

FORMAT = 1  # of a key; another number is for another version of this module
NEARLY = 1e-9  # how far the arguments of a call may be from those of a recorded one


class Key:
    """The key of one lesson. What a check needs is read when it is first asked for."""

    def __init__(self, path: Path):
        self.path = path

    @functools.cache  # noqa: B019 - a key lives as long as its process
    def read(self, name: str):
        """One of its values. CourseError when there is none."""
        value = load(self.path, name)
        if value is None or (name == "about" and value["format"] != FORMAT):
            raise CourseError(
                f"Expected {name} in the answer key {self.path}, which is not of this version of the course; unzip the "
                "bundle over this folder once more."
            )
        return value

    @functools.cached_property
    def EXERCISES(self) -> tuple:  # noqa: N802 - as in the modules whose place it takes
        """The exercises of the lesson, as far as they can be judged without its functions."""
        found = ({"key": self} | about for about in self.read("about")["exercises"])
        return tuple(KeyedExercise(**about | {"view": getattr(views, about["view"], None)}) for about in found)

    @functools.cached_property
    def QUIZZES(self) -> tuple:  # noqa: N802
        """Its recall questions."""
        return tuple(Quiz(**about) for about in self.read("about")["quizzes"])

    @functools.cache  # noqa: B019
    def recorded(self, name: str) -> "Recorded | None":
        """What stands for a function of this lesson where another one calls it; None for any other function."""
        return Recorded(name, **self.read(f"{name}.calls")) if name in self.read("about")["recorded"] else None

    def expect_release(self) -> None:
        """CourseError unless notebooks/ holds the release that this key was made for."""
        for name, wanted in self.read("about")["releases"].items():
            there = release_of(paths.root() / "notebooks" / name)
            if there != wanted:
                raise CourseError(
                    f"The answer key {self.path.name} is for release {wanted[:8]} of notebooks/{name}, found "
                    f"{there[:8] or 'none'}; unzip the bundle over this folder once more, then run "
                    f"`python -m utils update {self.path.stem[:2]}`."
                )

    @functools.cached_property
    def advice(self) -> str:
        """A sentence for a learner whose copy in work/ is of another release than the key."""
        for name, wanted in self.read("about")["releases"].items():
            if release_of(paths.root() / "work" / name) not in ("", wanted):
                return (
                    f"Your copy {Path(name).name} is of another release than these checks; run "
                    f"`python -m utils update {self.path.stem[:2]}`, which keeps your answers."
                )
        return ""


def release_of(notebook: Path) -> str:
    """The release that a notebook is of, as the build wrote it there; "" where none can be read."""
    try:
        return str(json.loads(notebook.read_text(encoding="utf-8-sig"))["metadata"]["course"]["release"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return ""


@dataclass(frozen=True, kw_only=True)
class KeyedExercise(Described):
    """A graded function, judged by a key. required: the names of its arguments without a default, in order."""

    key: Key
    required: list[str]

    def draw(self, rng=None) -> tuple[dict, list[Outcome]]:
        """The cases of the key and what is right for each; another seed has no others."""
        self.key.expect_release()
        cases = self.key.read(f"{self.name}.cases")
        return {category: kwargs for category, kwargs, *_ in cases}, [
            Outcome(value, arguments=after) for *_, value, after in cases
        ]

    def suspects(self) -> Iterator[tuple]:
        """As `causes.suspects`; outcomes are sketches."""
        found = self.key.read(f"{self.name}.suspects")
        for numbers, outcomes in found["suspects"]:
            yield tuple(found["causes"][n] for n in numbers), functools.partial(_recalled, outcomes)

    def advice(self) -> str:
        """A sentence where the learner's copy is of another release than the key."""
        return self.key.advice


def _recalled(outcomes, number, kwargs) -> Outcome:
    """What a mistake gives in one case: (error, value, arguments that are not as they were)."""
    error, value, changed = outcomes[number]
    return Outcome(value, error, arguments=kwargs | changed)


class Recorded:
    """Stands for a function of the lesson by the calls that right answers and single mistakes make to it.

    names: of its arguments. calls: (sketches of the arguments, answer, words of the error that it raises instead).
    """

    def __init__(self, name: str, names: list[str], calls: list[tuple]):
        self.__name__, self.names, self.calls = name, names, calls

    def __call__(self, *args, **kwargs):
        given = named(self.names, args, kwargs)
        with np.errstate(all="ignore"):
            fitting = (call for call in self.calls if len(given) == len(call[0]) and same(given, call[0], NEARLY))
            call = next(fitting, None)
        if call is None:
            raise Unrecorded(f"the answer key has no such call of {self.__name__}")
        _, answer, error = call
        if error:
            kind, *words = error
            raise getattr(builtins, kind)(*words)
        return _handed_back(duplicate(answer, {}), given)


def _handed_back(answer, given):
    """The answer with the arguments in it that the function hands back as the same objects."""
    if isinstance(answer, Given):
        return functools.reduce(lambda value, key: value[key], answer.path, given)
    if isinstance(answer, dict):
        return {key: _handed_back(item, given) for key, item in answer.items()}
    return type(answer)(_handed_back(item, given) for item in answer) if isinstance(answer, list | tuple) else answer


def named(names: list[str], args, kwargs) -> dict:
    """Arguments by name, those left out or None apart. names: of all arguments, in order."""
    given = dict(zip(names, args, strict=False)) | kwargs
    return {name: value for name, value in given.items() if value is not None}
