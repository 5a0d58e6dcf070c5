"""Find the likely cause of a wrong answer: the known mistake, or the two, that give exactly the learner's numbers."""

import itertools

import numpy as np

from .compare import same, unchanged
from .exercise import Exercise, Mistake, called, pieces, planted
from .exercises import find, known
from .running import Outcome, call, quiet

# how many pairs of its own mistakes are tried before a failing check gives up, and half as many inherited ones;
# fewer for an answer longer than so many characters, which takes longer to plant and to run
PAIRS, LENGTH = 120, 500
UNREADABLE = (TypeError, ValueError, KeyError, IndexError, AttributeError)  # what a view of an odd answer may raise


def mistakes_of(exercise: Exercise) -> list[Mistake]:
    """The mistakes of an exercise, then those of the functions that it calls."""
    inherited = []
    for function in reversed(called(exercise.textbook)):
        if function.__name__ in known():
            inherited += [
                Mistake(m.cause, m.edits, m.where or function.__name__) for m in find(function.__name__).mistakes
            ]
    return [*exercise.mistakes, *inherited]


def causes(exercise: Exercise, cases: dict, outcomes: list[Outcome]) -> tuple[str, ...]:
    """The mistake, or the two, that give exactly these outcomes on every case; nothing where none does. No guessing."""
    if all(o.stub or (o.value is None and not o.error) for o in outcomes):
        return ()
    # The smallest case first: nearly every candidate is ruled out by one case.
    seen = sorted(zip(cases.values(), outcomes, strict=True), key=lambda pair: weight(pair[1].value))
    single = mistakes_of(exercise)
    own = exercise.mistakes
    length = sum(map(len, pieces(exercise)))
    limit = PAIRS * LENGTH // max(LENGTH, length)
    pairs = itertools.chain(
        itertools.islice(itertools.combinations(own, 2), limit),
        itertools.islice(itertools.product(own, single[len(own) :]), limit // 2),
    )
    with quiet():
        for mistakes in itertools.chain(((m,) for m in single), pairs):
            try:
                function = planted(exercise, mistakes)
            except ValueError:  # two edits of the same words cannot both stand
                continue
            if all(alike(exercise, outcome, call(function, exercise, kwargs), kwargs) for kwargs, outcome in seen):
                return tuple(m.cause for m in mistakes)
    return ()


def weight(value) -> int:
    """How many numbers an answer holds."""
    if isinstance(value, dict):
        return sum(map(weight, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(weight, value))
    return value.size if isinstance(value, np.ndarray) else 1


def alike(exercise: Exercise, one: Outcome, other: Outcome, kwargs: dict) -> bool:
    """Whether two outcomes are the same: the values, or the error word for word, and what was done to the inputs."""
    if one.error or other.error:
        return one.error == other.error
    try:
        if not same(exercise.viewed(one.value), exercise.viewed(other.value), exercise.tolerance):
            return False
    except UNREADABLE:
        return False
    changes = all(unchanged(one.arguments.get(n), v) == unchanged(other.arguments.get(n), v) for n, v in kwargs.items())
    left = all(same(one.arguments.get(n), other.arguments.get(n), exercise.tolerance) for n in exercise.in_place)
    return changes and left
