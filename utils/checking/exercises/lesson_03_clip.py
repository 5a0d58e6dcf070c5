"""Lesson 03: two ways to shorten a gradient that is too long."""

import numpy as np

from utils import reference, textbook

from .. import views
from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _gradients(rng, *shapes, size=1.0):
    names = ("dWax", "dWaa", "dba", "dWya", "dby")
    return {name: size * draw.numbers(rng, *shape) for name, shape in zip(names, shapes, strict=False)}


def _value_cases(rng):
    def case(limit, *shapes):
        return {"G": _gradients(rng, *shapes, size=2.0), "limit": limit}

    n_x, n_a, n_y = draw.sizes(rng, 3)
    short = case(float(rng.uniform(1.5, 2.5)), (n_y, n_x), (n_y, 1))
    short["G"] = {name: np.tanh(g) for name, g in short["G"].items()}
    return {
        "all gradients of an RNN": case(
            float(rng.uniform(0.5, 0.9)), (n_a, n_x), (n_a, n_a), (n_a, 1), (n_y, n_a), (n_y, 1)
        ),
        "a larger limit": case(float(rng.uniform(1.5, 2.5)), (n_a, n_x), (n_a, n_a), (n_a, 1)),
        "nothing is too large": short,
        "one array": case(float(rng.uniform(0.5, 0.9)), (n_y, n_x)),
    }


_CUT_LARGE, _CUT_SMALL = "gradient[too_large] = limit", "gradient[too_small] = -limit"

clip_by_value = Exercise(
    name="clip_by_value",
    lesson="03",
    reference=reference.clip_by_value,
    textbook=textbook.clip_by_value,
    parts={"G": 2},
    cases=_value_cases,
    view=views.as_G,
    in_place=("G",),
    read="section 3.5",
    mistakes=(
        Mistake("entries below -limit are left as they are; they become -limit", ((_CUT_SMALL, "pass"),)),
        Mistake("entries above the limit are left as they are; they become limit", ((_CUT_LARGE, "pass"),)),
        Mistake(
            "what is changed is a copy that nobody sees; change the arrays in G",
            (("gradient = G[name]", "gradient = G[name].copy()"),),
        ),
        Mistake(
            "new arrays are made, in a new dict or by G[name] = …; work in place, on the entries of those given",
            (("    for name in G:", "    G = {name: G[name].copy() for name in G}\n    for name in G:"),),
        ),
        Mistake(
            "the sign is lost: an entry below -limit becomes -limit", ((_CUT_SMALL, "gradient[too_small] = limit"),)
        ),
        Mistake(
            "entries that are too large become zero; they become limit or -limit",
            ((_CUT_LARGE, "gradient[too_large] = 0.0"), (_CUT_SMALL, "gradient[too_small] = 0.0")),
        ),
        Mistake(
            "everything below the limit is cut off; the lower bound is -limit",
            (("gradient < -limit", "gradient < limit"),),
        ),
        Mistake(
            "every entry becomes limit or -limit; those in between stay as they are",
            (("gradient > limit", "gradient > 0"), ("gradient < -limit", "gradient < 0")),
        ),
        Mistake(
            "negative entries are cut off at zero; they may go down to -limit",
            (("gradient < -limit", "gradient < 0"), (_CUT_SMALL, "gradient[too_small] = 0.0")),
        ),
        Mistake(
            "the whole array is made smaller; only the entries beyond the limit change",
            ((_CUT_LARGE, "gradient *= min(1.0, limit / np.max(np.abs(gradient)))"), (_CUT_SMALL, "pass")),
        ),
        Mistake(
            "only the first array is clipped; the return belongs after the loop",
            (("    return G", "        return G"),),
        ),
    ),
    hints=(
        "Go through the arrays in G. Find the entries above limit and those below -limit, and put the bound in their "
        "place.",
        "gradient > limit is an array of True and False; with it as index you can set just those entries. np.clip with "
        "out= does it in one go.",
        "for gradient in G.values(): gradient[gradient > limit] = limit; gradient[gradient < -limit] = -limit. Then "
        "return G.",
    ),
)


def _length(G):
    return np.sqrt(sum((g**2).sum() for g in G.values()))


def _norm_cases(rng):
    def case(limit, *shapes, size=1.0):
        G = _gradients(rng, *shapes, size=size)
        return {"G": G, "limit": float(limit * _length(G))}

    n_x, n_a, n_y = draw.sizes(rng, 3)
    one = (n_a, n_x), (n_a, n_a), (n_a, 1), (n_y, n_a), (n_y, 1)
    return {
        "a long gradient": case(0.4, *one),
        "a short gradient": case(1.6, *one),
        "each array short, all together long": case(0.95, (3, 2), (3, 3), (3, 1)),
        "a very long gradient": case(0.002, (n_a, n_x), (n_a, 1), size=300.0),
        "one array": case(0.5, (n_y, n_x)),
        "nothing to learn": {"G": _gradients(rng, (n_a, 2), (n_a, 1), size=0.0), "limit": 0.7},
    }


_SUM = "total = total + np.sum(gradient**2)"
_SCALE = "factor * G[name]"

clip_by_norm = Exercise(
    name="clip_by_norm",
    lesson="03",
    reference=reference.clip_by_norm,
    textbook=textbook.clip_by_norm,
    parts={"clipped": 3, "norm": 1},
    cases=_norm_cases,
    read="section 3.6",
    mistakes=(
        Mistake(
            "each array is clipped by its own norm, which turns the direction; take one norm over all arrays",
            ((_SCALE, "min(1.0, limit / max(np.linalg.norm(G[name]), 1e-300)) * G[name]"),),
        ),
        Mistake(
            "a short gradient is stretched to the limit; it stays as it is", (("if norm > limit:", "if norm > 0:"),)
        ),
        Mistake(
            "the square root is missing: the norm is the root of the sum of squares", (("np.sqrt(total)", "total"),)
        ),
        Mistake(
            "the norm after clipping comes back; it is the one before", (("float(norm)", "float(min(norm, limit))"),)
        ),
        Mistake(
            "the norm is that of the last array alone; add up the squares of all arrays",
            ((_SUM, "total = np.sum(gradient**2)"),),
        ),
        Mistake(
            "the norms of the arrays are added; add their squares and take one root",
            ((_SUM, "total = total + np.linalg.norm(gradient)"), ("np.sqrt(total)", "total")),
        ),
        Mistake(
            "the squares are averaged; the norm is the root of their sum", ((_SUM, _SUM.replace("np.sum", "np.mean")),)
        ),
        Mistake(
            "the sizes of the entries are added; the norm is the root of the sum of their squares",
            ((_SUM, "total = total + np.sum(np.abs(gradient))"), ("np.sqrt(total)", "total")),
        ),
        Mistake(
            "the norm is taken from the largest entry; it is the root of the sum of all squares",
            ((_SUM, "total = max(total, np.max(gradient**2))"),),
        ),
        Mistake(
            "the arrays in G themselves are changed; make new ones",
            (("clipped[name] = " + _SCALE, "G[name] *= factor\n        clipped[name] = G[name]"),),
        ),
        Mistake(
            "the factor is upside down: it is limit / norm, below 1",
            (("factor = limit / norm", "factor = norm / limit"),),
        ),
        Mistake(
            "the gradient is scaled to norm 1; multiply by the limit as well",
            (("factor = limit / norm", "factor = 1 / norm"),),
        ),
        Mistake("the factor is the limit; divide it by the norm", (("factor = limit / norm", "factor = limit"),)),
        Mistake(
            "the entries are cut off at the limit, which turns the direction; multiply all by one factor",
            ((_SCALE, "np.clip(G[name], -limit, limit)"),),
        ),
        Mistake(
            "limit / norm is used even where the gradient is short enough: it is stretched, and 0 / 0 is NaN",
            (("if norm > limit:", "if True:"),),
        ),
        Mistake(
            "each array is measured and clipped by its own norm; take one norm over all arrays",
            (
                (_SUM, "total = np.sum(gradient**2)"),
                (_SCALE, "min(1.0, limit / max(np.linalg.norm(G[name]), 1e-300)) * G[name]"),
            ),
        ),
        Mistake(
            "np.linalg.norm(…, 2) is the largest singular value of a matrix; add up the squares of the entries",
            ((_SUM, "total = total + np.linalg.norm(gradient, 2) ** 2"),),
        ),
        Mistake(
            "norm / limit makes a short gradient shorter and leaves a long one; the factor is min(1, limit / norm)",
            (("if norm > limit:", "if norm < limit:"), ("factor = limit / norm", "factor = norm / limit")),
        ),
        Mistake(
            "max stands where min belongs: a short gradient is stretched, a long one stays; it is min(1, limit / norm)",
            (("if norm > limit:", "if norm < limit:"),),
        ),
    ),
    hints=(
        "One number measures the whole gradient: square all entries of all arrays, add up, take the root.",
        "Only if that norm is larger than the limit, multiply every array by limit / norm. Put the results in a new "
        "dict.",
        "norm = np.sqrt(sum(np.sum(g**2) for g in G.values())); factor = limit / norm if norm > limit else 1.0; "
        "clipped = {name: factor * G[name] for name in G}.",
    ),
)

EXERCISES = (clip_by_value, clip_by_norm)
QUIZZES = (
    Quiz(
        "short-gradient",
        {
            "a": (False, "A short gradient is never stretched; that would make noise as loud as a signal."),
            "b": (True, "0.3 is below the limit, so the factor is 1."),
            "c": (False, "That is clip_by_value. The norm looks at all entries together."),
        },
    ),
    Quiz(
        "clipped-and-dropped",
        {
            "a": (True, "clip_by_norm returns a new dict. Write G, norm = clip_by_norm(G, 1.0)."),
            "b": (False, "With this limit the same network learned in section 3.6."),
            "c": (False, "After the update the harm is done; the weights have moved by the whole gradient."),
        },
    ),
)
