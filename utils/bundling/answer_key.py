"""The answer key of a lesson: what `check` needs beside a learner where the lesson's functions are not.

It holds, for each exercise, words, cases, what is right, and for each mistake (and pair of mistakes, in the order in
which a check tries them) a sketch of what it gives. See `utils/checking/keyed.py`, which reads it.
"""

import inspect
import re
from pathlib import Path

import numpy as np

from utils.checking import keyed
from utils.checking.compare import unchanged
from utils.checking.exercise import Exercise
from utils.checking.exercises import expect_installed, find, known, quizzes
from utils.checking.later import Later
from utils.checking.packed import dump
from utils.checking.running import Outcome, quiet

from .calls import record
from .sketches import Unseen, one, sketch

WITHHELD = "This hint is nearly the answer, and this bundle holds no answers: ask your instructor."
ASKED = re.compile(r"quiz\(\\?[\"']([\w-]+)")  # the name of a question, in the text of a notebook file


def make(lesson: str, releases: list[Path]) -> dict[str, bytes]:
    """The key of a lesson's folder: {path inside the bundle: content}, one file.

    lesson: such as 03_gradients_over_time. releases: its released notebooks, as they go into the bundle; a check says
    when others lie beside the key. CourseError where the lesson needs PyTorch, and it is not installed.
    """
    expect_installed(lesson[:2])
    exercises = [find(name) for name in known() if find(name).lesson[:2] == lesson[:2]]
    undecided = {exercise.name: _undecided(exercise) for exercise in exercises}
    closed = [exercise for exercise in exercises if not undecided[exercise.name]]
    calls = {}
    for exercise in closed:
        record(exercise, [name for name in exercise.uses if find(name) in closed], calls)
    asked = {name for path in releases for name in ASKED.findall(path.read_text(encoding="utf-8"))}
    values = {
        "about": {
            "format": keyed.FORMAT,
            "releases": {f"{lesson}/{path.name}": keyed.release_of(path) for path in releases},
            "exercises": [_described(exercise, undecided[exercise.name]) for exercise in exercises],
            "quizzes": [{"name": n, "answers": quizzes()[n].answers} for n in quizzes() if n in asked],
            "recorded": list(calls),
        }
    }
    values |= {f"{name}.calls": recorded for name, recorded in calls.items()}
    for exercise in closed:
        cases, expected = exercise.draw(np.random.default_rng(exercise.seed))
        values[f"{exercise.name}.cases"] = _cases(exercise, cases, expected)
        values[f"{exercise.name}.suspects"] = _suspects(exercise, cases)
    return {f"utils/checking/exercises/{lesson}.npz": dump(values)}


def _undecided(exercise: Exercise) -> str:
    """Why a key cannot hold the cases of an exercise, if so."""
    if isinstance(exercise.reference, Later):
        return "It is made of PyTorch's parts"
    cases = exercise.cases(np.random.default_rng(exercise.seed))
    given = [value for kwargs in cases.values() for value in kwargs.values()]
    if any(isinstance(value, np.random.Generator) for value in given):  # their stream may change with NumPy's version
        return "It draws random numbers"
    return "It is given functions" if any(map(callable, given)) else ""


def _described(exercise: Exercise, undecided: str) -> dict:
    """The words of an exercise, and how it is judged, or why it cannot be; the fields of a `KeyedExercise`."""
    said = {name: getattr(exercise, name) for name in ("name", "lesson", "parts", "read", "tolerance")}
    said["hints"] = (*exercise.hints[:-1], WITHHELD)
    if undecided:  # whatever a stub is given, it is no probe that asks it
        signature = inspect.signature(exercise.textbook).parameters.values()
        required = [parameter.name for parameter in signature if parameter.default is parameter.empty]
        return said | {"view": "", "required": required, "undecided": undecided}
    view = exercise.view.__name__ if exercise.view else ""
    return said | {"view": view, "required": exercise.required, "uses": exercise.uses, "in_place": exercise.in_place}


def _cases(exercise, cases, expected) -> list[tuple]:
    """(category, arguments, what is right, arguments that are to change, as they are to be afterwards) of each case."""
    return [
        (category, kwargs, right.value, {name: right.arguments[name] for name in exercise.in_place})
        for (category, kwargs), right in zip(cases.items(), expected, strict=True)
    ]


def _suspects(exercise, cases) -> dict:
    """Causes, and in the order in which a check tries them, (numbers of causes, outcome of each case)."""
    shared, found = {}, {}
    with quiet():
        for causes, run in exercise.suspects():
            try:
                seen = [_sketched(run(n, kwargs), kwargs, shared) for n, kwargs in enumerate(cases.values())]
            except Unseen:
                continue
            found.setdefault(tuple(map(id, seen)), (causes, seen))  # of several that give the same, the first is named
    words = list(dict.fromkeys(cause for causes, _ in found.values() for cause in causes))
    return {"causes": words, "suspects": [(list(map(words.index, causes)), seen) for causes, seen in found.values()]}


def _sketched(outcome: Outcome, kwargs: dict, shared: dict):
    """(error, value, arguments that are not as they were) with sketches for arrays; equal ones are one object."""
    if outcome.error:
        return one((outcome.error, None, {}), shared)
    after = outcome.arguments
    changed = {n: sketch(after.get(n), shared) for n, v in kwargs.items() if not unchanged(after.get(n), v)}
    return one(("", sketch(outcome.value, shared), one(changed, shared)), shared)
