"""Lesson 02: a gradient measured, without calculus."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _waves(theta):
    """All entries are in one term together, so that one which is not put back spoils the others."""
    return float(np.sin(theta).sum() + 0.2 * (theta**3).sum() + 0.25 * theta.sum() ** 2)


def _hills(theta):
    return float(
        (np.cos(2 * theta) * (1 + np.arange(theta.size)).reshape(theta.shape)).sum() + np.exp(0.3 * theta.mean())
    )


def _cases(rng):
    rows, columns, depth = draw.sizes(rng, 3)
    return {
        "a matrix": {"f": _waves, "theta": draw.numbers(rng, rows, columns)},
        "a vector": {"f": _hills, "theta": draw.numbers(rng, rows)},
        "three axes": {"f": _waves, "theta": draw.numbers(rng, 2, 4, 3)},
        "a single number": {"f": _hills, "theta": draw.numbers(rng, 1, 1)},
        "a column, a long step": {"f": _waves, "theta": draw.numbers(rng, depth, 1), "h": 0.1},
    }


_UP, _DOWN, _PUT_BACK = "theta[index] = kept + h", "theta[index] = kept - h", "theta[index] = kept\n"

numerical_gradient = Exercise(
    name="numerical_gradient",
    lesson="02b",
    reference=reference.numerical_gradient,
    textbook=textbook.numerical_gradient,
    parts={"gradient": 3},
    cases=_cases,
    read="section 2.6",
    tolerance=1e-7,
    mistakes=(
        Mistake(
            "the difference is taken to one side only, f(θ + h) - f(θ); go to both sides",
            (("below = f(theta)", "theta[index] = kept\n        below = f(theta)"), ("(2 * h)", "h")),
        ),
        Mistake("the difference is divided by h; the two points are 2h apart", (("(2 * h)", "h"),)),
        Mistake(
            "the product stands without brackets: / 2 * h multiplies by h; divide by (2 * h)", (("(2 * h)", "2 * h"),)
        ),
        Mistake(
            "an entry is not put back after it was moved, so the next ones are measured somewhere else",
            (("        " + _PUT_BACK, ""),),
        ),
        Mistake(
            "adding h and taking it away again does not give exactly the old number; keep it and put it back",
            ((_UP, "theta[index] += h"), (_DOWN, "theta[index] -= 2 * h"), (_PUT_BACK, "theta[index] += h\n")),
        ),
        Mistake(
            "the step h that was passed in is ignored",
            ((_UP, "theta[index] = kept + 1e-5"), (_DOWN, "theta[index] = kept - 1e-5"), ("(2 * h)", "2e-5")),
        ),
        Mistake("the sign is turned round: the value above comes first", (("above - below", "below - above"),)),
        Mistake(
            "the two values are added; their difference tells how steep f is", (("above - below", "above + below"),)
        ),
        Mistake(
            "all entries are moved at once; move one and leave the others where they are",
            (("above = f(theta)", "above = f(theta + h)"), (_UP, "pass"), (_DOWN, "pass"))
            + (("below = f(theta)", "below = f(theta - h)"),),
        ),
        Mistake(
            "only the first entry is measured; every entry has its own slope",
            (("    return gradient", "        return gradient"),),
        ),
        Mistake("the result is flat; it has the shape of theta", (("return gradient", "return gradient.ravel()"),)),
        Mistake(
            "a whole row is moved at once; move one entry and leave the others where they are",
            (("np.ndindex(theta.shape)", "range(len(theta))"), ("kept = theta[index]", "kept = theta[index].copy()")),
        ),
        Mistake(
            "up by h, then down by h, ends at θ again; the second point is θ - h, so go down by 2h",
            ((_UP, "theta[index] += h"), (_DOWN, "theta[index] -= h"), ("        " + _PUT_BACK, "")),
        ),
    ),
    hints=(
        "Visit the entries one by one. Move one a little up, ask f, move it a little down, ask f, put it back.",
        "np.ndindex(theta.shape) gives the index of every entry, whatever the number of axes. Keep the old number in a "
        "variable before you move it.",
        "kept = theta[index]; theta[index] = kept + h; above = f(theta); theta[index] = kept - h; below = f(theta); "
        "theta[index] = kept; gradient[index] = (above - below) / (2 * h).",
    ),
)

EXERCISES = (numerical_gradient,)
QUIZZES = ()
