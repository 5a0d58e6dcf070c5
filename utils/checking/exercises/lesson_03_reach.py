"""Lesson 03: how far a gradient reaches back."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _lag_cases(rng):
    def case(n_x, n_a, n_y, m, T, strength=1.0):
        P = draw.rnn_parameters(rng, n_x, n_a, n_y)
        P["Waa"] *= strength
        return {
            "x": draw.numbers(rng, n_x, m, T),
            "a0": 0.8 * draw.numbers(rng, n_a, m),
            "P": P,
            "targets": rng.integers(0, n_y, m),
        }

    return {
        "several examples and steps": case(*draw.sizes(rng)),
        "other sizes": case(*draw.sizes(rng)),
        "large weights": case(2, 5, 3, 4, 6, strength=2.5),
        "a batch of one": case(*draw.sizes(rng, 3), 1, 4),
        "one time step": case(*draw.sizes(rng, 4), 1),
    }


_NORM = "np.sqrt(np.sum(da**2))"
_RIGHT = "dz[targets, np.arange(m)] -= 1"
_BACK = 'da = step["da_prev"]'

gradient_norm_by_lag = Exercise(
    name="gradient_norm_by_lag",
    lesson="03",
    reference=reference.gradient_norm_by_lag,
    textbook=textbook.gradient_norm_by_lag,
    parts={"norms": 4},
    cases=_lag_cases,
    uses=("rnn_forward", "rnn_cell_backward"),
    read="section 3.2",
    mistakes=(
        Mistake(
            "the order is turned round: norms[0] belongs to the last step, norms[k] to the state k steps before",
            (("norms[k] =", "norms[T - 1 - k] ="),),
        ),
        Mistake(
            "every entry comes one step late: norms[0] is measured before the first step back",
            (("        norms[k] = " + _NORM + "\n", ""), (_BACK, _BACK + "\n        norms[k] = " + _NORM)),
        ),
        Mistake("the square root is missing", ((_NORM, "np.sum(da**2)"),)),
        Mistake(
            "this is the largest singular value; take the root of the sum of all squares",
            ((_NORM, "np.linalg.norm(da, 2)"),),
        ),
        Mistake("the squares are averaged; the length is the root of their sum", ((_NORM, "np.sqrt(np.mean(da**2))"),)),
        Mistake(
            "the sizes of the entries are added; the length is the root of the sum of their squares",
            ((_NORM, "np.sum(np.abs(da))"),),
        ),
        Mistake(
            "the lengths of the examples are averaged; take one length over units and examples together",
            ((_NORM, "np.mean(np.sqrt(np.sum(da**2, axis=0)))"),),
        ),
        Mistake("only the first example is measured", ((_NORM, "np.sqrt(np.sum(da[:, 0] ** 2))"),)),
        Mistake(
            "the caches are used from the first step on; the way back begins with that of the last step",
            (("cells[T - 1 - k]", "cells[k]"),),
        ),
        Mistake(
            "the right class is left out: dz is the prediction minus 1 at the right class", ((f"    {_RIGHT}\n", ""),)
        ),
        Mistake(
            "the loss is counted at the first step; it belongs to the last",
            (("y_pred[:, :, -1]", "y_pred[:, :, 0]"),),
        ),
        Mistake(
            "a loss enters at every step; here only the last step has one, so nothing is added on the way back",
            (
                (
                    _BACK,
                    f"dz = y_pred[:, :, T - 2 - k].copy()\n        {_RIGHT}\n        "
                    'da = step["da_prev"] + P["Wya"].T @ dz',
                ),
            ),
        ),
        Mistake("the largest lag is missing: k goes from 0 to T - 1", (("in range(T)", "in range(T - 1)"),)),
        Mistake(
            "the length of dz is measured at lag 0; go back through Wya to the state first",
            ((_NORM, "np.sqrt(np.sum((da if k else dz) ** 2))"),),
        ),
        Mistake(
            "one entry too many: the gradient that reaches a0 is no step's; k ends at T - 1",
            (("return norms", "return np.append(norms, np.sqrt(np.sum(da**2)))"),),
        ),
        Mistake(
            "dz of each cell is measured, behind the slope of tanh; measure what reaches the state itself",
            ((_NORM, "np.sqrt(np.sum((da * (1 - a[:, :, T - 1 - k] ** 2)) ** 2))"),),
        ),
        Mistake(
            "dz[targets] -= 1 lowers whole rows, for all examples; dz[targets, np.arange(m)] takes one entry of each",
            ((_RIGHT, "dz[targets] -= 1"),),
        ),
        Mistake(
            "the slope comes after the matrix; going back, first the slope of tanh at the state, then Waa.T",
            (
                (
                    _BACK,
                    "before = a[:, :, T - 2 - k] if k < T - 1 else a0\n        "
                    'da = (1 - before**2) * (P["Waa"].T @ da)',
                ),
            ),
        ),
        Mistake(
            "the norms are divided by the first one; return them as they are",
            (("return norms", "return norms / norms[0]"),),
        ),
    ),
    hints=(
        "Start at the last step with the gradient that its loss sends to its state. Then walk back, one cell at a "
        "time, and measure before each step.",
        "The start is Wya.T @ dz, with dz the last prediction minus 1 at the right class. One step back is the da_prev "
        "of rnn_cell_backward.",
        "a, y_pred, (cells, _) = rnn_forward(x, a0, P) gives the list cells. Then for k in range(T): norms[k] = "
        'np.sqrt(np.sum(da**2)); step = rnn_cell_backward(da, cells[T - 1 - k]); da = step["da_prev"].',
    ),
)

EXERCISES = (gradient_norm_by_lag,)
QUIZZES = (
    Quiz(
        "factor-of-one-step",
        {
            "a": (False, "The tanh on the way is that of the later state, so the slope is taken there."),
            "b": (True, "The slope of tanh at the later state, times the weight on the way."),
            "c": (False, "The weight is missing: the old state was multiplied by it."),
        },
    ),
    Quiz(
        "one-part-each",
        {
            "a": (True, "Waa was used T times, and each use adds its part."),
            "b": (
                False,
                "A product stands inside each part, on the way back to its step. The parts themselves are added.",
            ),
            "c": (False, "The last step gives one part. Waa was used at every step, so every step gives one."),
        },
    ),
    Quiz(
        "healthy-norm",
        {
            "a": (False, "It is a sum over all steps, and the near ones keep it large."),
            "b": (
                False,
                "All steps share Waa, and for that reason one cannot tell from its gradient which of them spoke.",
            ),
            "c": (True, "Only the far parts of the sum vanish. Measure the gradient by lag to see them."),
        },
    ),
)
