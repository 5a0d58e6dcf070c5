"""Find the likely cause of a wrong answer: the known mistake, or the two, that give exactly the learner's numbers."""

import itertools
from collections.abc import Iterator

import numpy as np

from .compare import same, unchanged
from .exercise import Described, Exercise, Mistake, called, pieces, planted
from .exercises import find, known
from .running import Outcome, call, quiet

# how many pairs of its own mistakes are tried before a failing check gives up, and half as many inherited ones;
# fewer for an answer longer than so many characters, which takes longer to plant and to run
PAIRS, LENGTH = 120, 500
UNREADABLE = (TypeError, ValueError, KeyError, IndexError, AttributeError)  # what a view of an odd answer may raise
UNSEEN = "the view cannot read it"  # no answer has this error


def mistakes_of(exercise: Exercise) -> list[Mistake]:
    """The mistakes of an exercise, then those of the functions that it calls."""
    inherited = []
    for function in reversed(called(exercise.textbook)):
        if function.__name__ in known():
            inherited += [
                Mistake(m.cause, m.edits, m.where or function.__name__) for m in find(function.__name__).mistakes
            ]
    return [*exercise.mistakes, *inherited]


def suspects(exercise: Exercise) -> Iterator[tuple]:
    """Each mistake, then pairs of them: their causes, and run(number of the case, its arguments) -> Outcome.

    The value of that outcome is what the exercise's view makes of it.
    """
    single, own = mistakes_of(exercise), exercise.mistakes
    length = sum(map(len, pieces(exercise)))
    limit = PAIRS * LENGTH // max(LENGTH, length)
    pairs = itertools.chain(
        itertools.islice(itertools.combinations(own, 2), limit),
        itertools.islice(itertools.product(own, single[len(own) :]), limit // 2),
    )
    for mistakes in itertools.chain(((m,) for m in single), pairs):
        try:
            function = planted(exercise, mistakes)
        except ValueError:  # two edits of the same words cannot both stand
            continue
        yield tuple(m.cause for m in mistakes), lambda _, kwargs, function=function: _seen(exercise, function, kwargs)


def _seen(exercise, function, kwargs) -> Outcome:
    outcome = call(function, exercise, kwargs)
    if not outcome.error:
        try:
            outcome.value = exercise.viewed(outcome.value)
        except UNREADABLE:
            outcome.error = UNSEEN
    return outcome


def causes(exercise: Described, cases: dict, outcomes: list[Outcome]) -> tuple[str, ...]:
    """The mistake, or the two, that give exactly these outcomes on every case; nothing where none does. No guessing."""
    if all(o.stub or (o.value is None and not o.error) for o in outcomes):
        return ()
    # The smallest case first: nearly every candidate is ruled out by one case.
    seen = sorted(
        zip(itertools.count(), cases.values(), outcomes, strict=False), key=lambda case: weight(case[2].value)
    )
    with quiet():
        for words, run in exercise.suspects():
            if all(alike(exercise, outcome, run(number, kwargs), kwargs) for number, kwargs, outcome in seen):
                return words
    return ()


def weight(value) -> int:
    """How many numbers an answer holds."""
    if isinstance(value, dict):
        return sum(map(weight, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(weight, value))
    return value.size if isinstance(value, np.ndarray) else 1


def alike(exercise: Described, one: Outcome, other: Outcome, kwargs: dict) -> bool:
    """Whether an outcome is that of a suspect: the value, or the error word for word, and what was done to inputs."""
    if one.error or other.error:
        return one.error == other.error
    try:
        if not same(exercise.viewed(one.value), other.value, exercise.tolerance):
            return False
    except UNREADABLE:
        return False
    changes = all(unchanged(one.arguments.get(n), v) == unchanged(other.arguments.get(n), v) for n, v in kwargs.items())
    left = all(same(one.arguments.get(n), other.arguments.get(n), exercise.tolerance) for n in exercise.in_place)
    return changes and left
