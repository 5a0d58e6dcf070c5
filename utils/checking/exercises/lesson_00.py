"""Lesson 00: one_hot, softmax, unfold."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _one_hot_cases(rng):
    n_x, m = (int(n) for n in rng.permutation([4, 6]))
    return {
        "several symbols": {"indices": rng.permutation(n_x)[: min(m, n_x)], "n_x": n_x},
        "an index of -1": {"indices": np.array([1, -1, n_x - 1, 0]), "n_x": n_x},
        "a batch of one": {"indices": np.array([n_x - 2]), "n_x": n_x},
        "the same symbol twice": {"indices": np.array([0, 2, 2, 0, 1]), "n_x": 3},
    }


one_hot = Exercise(
    name="one_hot",
    lesson="00",
    reference=reference.one_hot,
    textbook=textbook.one_hot,
    parts={"x": 2},
    cases=_one_hot_cases,
    read="section 0.4",
    mistakes=(
        Mistake(
            "rows and columns are swapped: symbols go down the rows, examples across the columns",
            (("    return x", "    return x.T"),),
        ),
        Mistake(
            "the index -1 is used as a row number, and row -1 is the last row; -1 means a column of zeros",
            (("        if indices[j] >= 0:\n            x[indices[j], j] = 1.0", "        x[indices[j], j] = 1.0"),),
        ),
        Mistake(
            "each 1 sits one row too high; rows are counted from 0, so it belongs in row indices[j]",
            (("x[indices[j], j]", "x[indices[j] - 1, j]"),),
        ),
        Mistake("the index 0 gets no 1; only -1 means that nothing is there", (("indices[j] >= 0", "indices[j] > 0"),)),
        Mistake(
            "only the first example gets its 1; put the return after the loop, not inside it",
            (("range(m)", "range(1)"),),
        ),
        Mistake(
            "every 1 is written into column 0; example j has column j",
            (("x[indices[j], j]", "x[indices[j], 0]"),),
        ),
        Mistake("each column holds the index itself in place of a 1", (("j] = 1.0", "j] = indices[j]"),)),
        Mistake(
            "x[indices[j]] fills a whole row; one entry has a row and a column: x[indices[j], j]",
            (("x[indices[j], j] = 1.0", "x[indices[j]] = 1.0"),),
        ),
    ),
    hints=(
        "Make an array of zeros with n_x rows and one column per index. Then visit the columns one after the other.",
        "In column j the row that gets the 1 is indices[j]. What does NumPy do with row number -1?",
        "Inside `for j in range(len(indices))`: only if indices[j] is at least 0, set x[indices[j], j] = 1.0.",
    ),
)


def _softmax_cases(rng):
    n, m = (int(k) for k in rng.permutation([3, 5]))
    far_apart = draw.numbers(rng, n, m)
    far_apart[:, 0] -= 2000.0
    return {
        "several columns": {"z": draw.numbers(rng, n, m)},
        "a batch of one": {"z": draw.numbers(rng, m + 1, 1)},
        "large numbers": {"z": 1000.0 + 3 * draw.numbers(rng, n, m)},
        "columns far apart": {"z": far_apart},
    }


softmax = Exercise(
    name="softmax",
    lesson="00",
    reference=reference.softmax,
    textbook=textbook.softmax,
    parts={"p": 2},
    cases=_softmax_cases,
    read="section 0.5",
    mistakes=(
        Mistake(
            "nothing is subtracted before e^z, so large numbers overflow; subtract the largest entry of each column",
            (("np.exp(z - largest)", "np.exp(z)"),),
        ),
        Mistake(
            "each row sums to 1 in place of each column: the sum goes over the wrong axis",
            (("np.sum(e, axis=0, keepdims=True)", "np.sum(e, axis=1, keepdims=True)"),),
        ),
        Mistake(
            "the whole array sums to 1; each column must sum to 1 on its own",
            (("np.sum(e, axis=0, keepdims=True)", "np.sum(e)"),),
        ),
        Mistake(
            "the largest entry of the whole array is subtracted; take it for each column, or far-away columns vanish",
            (("np.max(z, axis=0, keepdims=True)", "np.max(z)"),),
        ),
        Mistake("the division by the sum is missing", (("return e / total", "return e"),)),
        Mistake(
            "the sign of z is turned round: e^(-z) stands where e^z belongs",
            (("np.exp(z - largest)", "np.exp(largest - z)"),),
        ),
        Mistake("the logarithm of the probabilities is returned", (("return e / total", "return np.log(e / total)"),)),
        Mistake(
            "each entry is divided by its column's sum without taking e^z first",
            (("np.exp(z - largest)", "z"),),
        ),
        Mistake(
            "the softmax runs along the rows: with axis=1 largest and sum are those of a row; a column's are axis=0",
            (
                ("np.max(z, axis=0, keepdims=True)", "np.max(z, axis=1, keepdims=True)"),
                ("np.sum(e, axis=0, keepdims=True)", "np.sum(e, axis=1, keepdims=True)"),
            ),
        ),
        Mistake(
            "axis=1 runs along a row, so there is one largest entry per row; each column has its own, axis=0",
            (("np.max(z, axis=0, keepdims=True)", "np.max(z, axis=1)"),),
        ),
    ),
    hints=(
        "Three steps: subtract each column's largest entry, take e to that power, divide by each column's sum.",
        "axis=0 runs down a column. keepdims=True keeps the shape (1, m), so that NumPy can subtract it from (n, m).",
        "e = np.exp(z - np.max(z, axis=0, keepdims=True)); the answer is e / np.sum(e, axis=0, keepdims=True).",
    ),
)


def _leaky(s, x):
    return 0.5 * s + x


def _counted(s, x):
    return 10 * s + x


def _turned(s, x):
    return np.tanh(np.array([[0.2, -0.9], [0.7, 0.4]]) @ s - 0.5 * x)


def _unfold_cases(rng):
    return {
        "numbers": {"f": _leaky, "s0": float(rng.normal()), "xs": [float(x) for x in rng.normal(size=4)]},
        "whole numbers": {
            "f": _counted,
            "s0": int(rng.integers(1, 9)),
            "xs": [int(x) for x in rng.permutation(np.arange(1, 6))],
        },
        "arrays": {"f": _turned, "s0": draw.numbers(rng, 2, 3), "xs": [draw.numbers(rng, 2, 3) for _ in range(3)]},
        "one step": {"f": _leaky, "s0": float(rng.normal()), "xs": [float(rng.normal())]},
        "no step": {"f": _leaky, "s0": 1.5, "xs": []},
    }


unfold = Exercise(
    name="unfold",
    lesson="00",
    reference=reference.unfold,
    textbook=textbook.unfold,
    parts={"states": 2},
    cases=_unfold_cases,
    read="section 0.6",
    mistakes=(
        Mistake("s0 stands at the head of the list; the list begins with s⟨1⟩", (("states = []", "states = [s0]"),)),
        Mistake(
            "every step starts again from s0; the new state must be handed to the next step",
            (("s = f(s, x)", "s = f(s0, x)"),),
        ),
        Mistake("f gets the input first; its first argument is the state", (("f(s, x)", "f(x, s)"),)),
        Mistake(
            "only the last state is returned; all of them are wanted, in a list",
            (("return states", "return states[-1:]"),),
        ),
        Mistake("the first input is skipped", (("in xs:", "in xs[1:]:"),)),
        Mistake("the last input is skipped", (("in xs:", "in xs[:-1]:"),)),
        Mistake("the inputs are read from the end", (("in xs:", "in xs[::-1]:"),)),
        Mistake(
            "each state is stored before the step instead of after it",
            (("        s = f(s, x)\n        states.append(s)", "        states.append(s)\n        s = f(s, x)"),),
        ),
        Mistake(
            "the last state alone is returned, not in a list; all states are wanted",
            (("return states", "return s"),),
        ),
    ),
    hints=(
        "Keep one variable for the state. It begins as s0 and is replaced at every step.",
        "Inside the loop over xs: compute the new state from the old one and x, then append it to a list.",
        "s = s0, then for each x: s = f(s, x) and states.append(s). Return the list.",
    ),
)

EXERCISES = (one_hot, softmax, unfold)
QUIZZES = (
    Quiz(
        "axes",
        {
            "a": (False, "The order is always features, examples, time; examples stand in the middle."),
            "b": (True, "Features first, examples second, time last: 5 numbers per word, 3 sentences, 7 words."),
            "c": (False, "That would be time first. Other libraries do it so; this course puts time last."),
        },
    ),
    Quiz(
        "columns",
        {
            "a": (True, "One column per example: each column is a distribution of its own."),
            "b": (False, "A row holds one class for all examples; it may sum to anything."),
            "c": (False, "The whole array then sums to m, the number of examples."),
        },
    ),
)
