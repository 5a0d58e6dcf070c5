"""Lesson 07: the first weights of an LSTM."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _init_cases(rng):
    def case(**options):
        n_x, n_a, n_y = draw.sizes(rng, 3)
        return {"n_x": n_x, "n_a": n_a, "n_y": n_y, "rng": np.random.default_rng(rng.integers(2**32))} | options

    return {
        "several sizes": case(),
        "other sizes": case(),
        "another forget bias": case(forget_bias=float(rng.uniform(2, 4))),
        "a forget bias of zero": case(forget_bias=0.0),
    }


_DRAW = "rng.standard_normal((n_a, columns)) / np.sqrt(columns)"
_DRAW_WY = "rng.standard_normal((n_y, n_a)) / np.sqrt(n_a)"

init_lstm = Exercise(
    name="init_lstm",
    lesson="07b",
    reference=reference.init_lstm,
    textbook=textbook.init_lstm,
    parts=dict.fromkeys(("Wf", "Wu", "Wc", "Wo", "Wy", "bu", "bc", "bo", "by"), 0.25) | {"bf": 0.75},
    cases=_init_cases,
    read="section 7.8",
    mistakes=(
        Mistake(
            "the weights are not scaled; divide each matrix by the square root of its number of columns",
            ((_DRAW, "rng.standard_normal((n_a, columns))"), (_DRAW_WY, "rng.standard_normal((n_y, n_a))")),
        ),
        Mistake(
            "the square root is missing: the weights are divided by the number of columns itself",
            (
                (_DRAW, _DRAW.replace("np.sqrt(columns)", "columns")),
                (_DRAW_WY, _DRAW_WY.replace("np.sqrt(n_a)", "n_a")),
            ),
        ),
        Mistake(
            "a gate's weights are divided by sqrt(n_a); its rows have n_a + n_x entries",
            ((_DRAW, _DRAW.replace("np.sqrt(columns)", "np.sqrt(n_a)")),),
        ),
        Mistake(
            "Wy is divided by sqrt(n_y), its rows; divide by the square root of its columns, n_a",
            ((_DRAW_WY, _DRAW_WY.replace("np.sqrt(n_a)", "np.sqrt(n_y)")),),
        ),
        Mistake(
            "the numbers are uniform between 0 and 1; draw them with standard_normal, which is centred on 0",
            (
                (_DRAW, _DRAW.replace("rng.standard_normal", "rng.random")),
                (_DRAW_WY, _DRAW_WY.replace("rng.standard_normal", "rng.random")),
            ),
        ),
        Mistake("bf is zero like the other biases; every entry of it is forget_bias", (("+ forget_bias", "+ 0"),)),
        Mistake("bf is always 1; the argument forget_bias is ignored", (("+ forget_bias", "+ 1"),)),
        Mistake(
            "the bias goes to the update gate; it is the forget gate that should begin open",
            (('P["bf"] = P["bf"] + forget_bias', 'P["bu"] = P["bu"] + forget_bias'),),
        ),
        Mistake(
            "bu, bc and bo are forget_bias as well, perhaps because they are one array with bf; they should be zero",
            (("np.zeros((n_a, 1))", "np.full((n_a, 1), float(forget_bias))"), ("+ forget_bias", "+ 0")),
        ),
        Mistake(
            "Wo is drawn before Wc; the order is Wf, Wu, Wc, Wo, Wy",
            (('["f", "u", "c", "o"]', '["f", "u", "o", "c"]'),),
        ),
        Mistake(
            "Wy is drawn before the gates; the order is Wf, Wu, Wc, Wo, Wy",
            (("    P = {}\n", f"    P = {{}}\n    first = {_DRAW_WY}\n"), (f'P["Wy"] = {_DRAW_WY}', 'P["Wy"] = first')),
        ),
        Mistake(
            "all gates share one matrix; draw a new one for each",
            (
                ("    P = {}\n", f"    P = {{}}\n    shared = {_DRAW}\n"),
                (f'P["W" + gate] = {_DRAW}', 'P["W" + gate] = shared'),
            ),
        ),
        Mistake(
            "a gate's matrix has n_x columns; it acts on [a_prev; xt], so it has n_a + n_x",
            (("columns = n_a + n_x", "columns = n_x"),),
        ),
        Mistake(
            "the biases are flat, (n_a,); make them columns, (n_a, 1) and (n_y, 1)",
            (("np.zeros((n_a, 1))", "np.zeros(n_a)"), ("np.zeros((n_y, 1))", "np.zeros(n_y)")),
        ),
        Mistake(
            "Wy is divided by sqrt(n_a + n_x); its rows have n_a entries",
            ((_DRAW_WY, _DRAW_WY.replace("np.sqrt(n_a)", "np.sqrt(columns)")),),
        ),
        Mistake(
            "Wy is not scaled; divide it by the square root of n_a", ((_DRAW_WY, "rng.standard_normal((n_y, n_a))"),)
        ),
        Mistake(
            "the weights are multiplied by 0.01; divide each matrix by the square root of its number of columns",
            (
                (_DRAW, "0.01 * rng.standard_normal((n_a, columns))"),
                (_DRAW_WY, "0.01 * rng.standard_normal((n_y, n_a))"),
            ),
        ),
        Mistake(
            "all four gate biases are 1; only bf is not zero, and it is forget_bias",
            (("np.zeros((n_a, 1))", "np.ones((n_a, 1))"), ("+ forget_bias", "+ 0")),
        ),
        Mistake(
            "the numbers come from a generator of your own; draw them from rng",
            (("    P = {}\n", "    P = {}\n    rng = np.random.default_rng(0)\n"),),
        ),
        Mistake(
            "Wu is drawn before Wf; the order is Wf, Wu, Wc, Wo, Wy",
            (('["f", "u", "c", "o"]', '["u", "f", "c", "o"]'),),
        ),
        Mistake(
            "the gates are drawn in the order of the alphabet; the order is Wf, Wu, Wc, Wo, Wy",
            (('["f", "u", "c", "o"]', '["c", "f", "o", "u"]'),),
        ),
    ),
    hints=(
        "Four matrices for the gates, all of one shape, then Wy. Only one of the five biases is not zero.",
        "A gate's matrix acts on [a_prev; xt], so it has n_a + n_x columns; it is divided by np.sqrt(n_a + n_x).",
        'for gate in "fuco": P["W" + gate] = rng.standard_normal((n_a, n_a + n_x)) / np.sqrt(n_a + n_x) and '
        'P["b" + gate] = np.zeros((n_a, 1)). Then P["bf"] = P["bf"] + forget_bias, Wy over np.sqrt(n_a), by.',
    ),
)

EXERCISES = (init_lstm,)
QUIZZES = (
    Quiz(
        "error-near-a-sixth",
        {
            "a": (False, "Small beside what? Always answering 1 has 0.167."),
            "b": (False, "Who knows one of the two numbers has an error of 1/12 = 0.083."),
            "c": (True, "Always answering 1 has 1/6 = 0.167. It has learned next to nothing."),
        },
    ),
)
