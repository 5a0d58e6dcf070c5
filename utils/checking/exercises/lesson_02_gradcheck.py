"""Lesson 02: the tool that convicts a wrong gradient."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _quadratic(P):
    return float((P["W"] ** 2).sum() + 3 * P["b"].sum() + P["W"].sum() * P["b"][0, 0])


def _quadratic_gradient(P):
    return {
        "dW": 2 * P["W"] + P["b"][0, 0],
        "db": 3 + np.sum(P["W"]) * (np.arange(P["b"].size) == 0).reshape(P["b"].shape),
    }


def _wave(P):
    return float((np.sin(P["U"]) * P["v"]).sum() + (P["v"] ** 3).sum())  # P["idle"] has no part in it


def _wave_gradient(P):
    dU, dv = np.cos(P["U"]) * P["v"], np.sum(np.sin(P["U"]), axis=1, keepdims=True) + 3 * P["v"] ** 2
    return {"dU": dU, "dv": dv, "didle": np.zeros_like(P["idle"])}


def _check_cases(rng):
    two = {"W": 20 * draw.numbers(rng, 2, 3), "b": 0.5 + rng.uniform(size=(2, 1))}
    small_bias = _quadratic_gradient(two)
    small_bias["db"] = small_bias["db"] * 1.001
    three = {"U": 1 + draw.numbers(rng, 2, 3), "v": 1 + rng.uniform(size=(2, 1)), "idle": draw.numbers(rng, 2, 1)}
    turned = _wave_gradient(three)
    turned["dU"] = -turned["dU"]
    halved = _wave_gradient(three)
    halved["dv"] = 0.5 * halved["dv"]
    return {
        "right gradients": {"f": _wave, "P": three, "G": _wave_gradient(three)},
        "a small bias slightly wrong": {"f": _quadratic, "P": two, "G": small_bias},
        "a sign turned round": {"f": _wave, "P": three, "G": turned},
        "half of one gradient": {"f": _wave, "P": three, "G": halved},
        "a generous tolerance": {"f": _quadratic, "P": two, "G": small_bias, "tolerance": 0.01},
        "a long step": {"f": _wave, "P": three, "G": _wave_gradient(three), "h": 0.1},
    }


def _verdicts(result):
    """Errors below 1e-6 are rounding noise, whose exact size nobody can be asked to reproduce."""
    return {
        "relative_error": {name: max(float(pair[0]), 1e-6) for name, pair in result.items()},
        "ok": {name: pair[1] for name, pair in result.items()},
    }


gradient_check = Exercise(
    name="gradient_check",
    lesson="02b",
    reference=reference.gradient_check,
    textbook=textbook.gradient_check,
    parts={"relative_error": 3, "ok": 3},
    cases=_check_cases,
    uses=("numerical_gradient",),
    read="section 2.6",
    view=_verdicts,
    tolerance=1e-3,
    mistakes=(
        Mistake(
            "the error is absolute; divide it by the norms of the two gradients added up",
            (("distance / size if size > 0 else 0.0", "distance"),),
        ),
        Mistake(
            "one error is shared by all parameters, so that a wrong small bias hides behind a large matrix; "
            "compare each on its own",
            (
                (
                    "distance = np.linalg.norm(numerical - analytic)",
                    'G_all = np.concatenate([G["d" + k].ravel() for k in P])\n'
                    "        N_all = np.concatenate([numerical_gradient(lambda theta, k=k: f({**P, k: theta}), "
                    "P[k].copy(), h).ravel() for k in P])\n        distance = np.linalg.norm(N_all - G_all)",
                ),
                (
                    "np.linalg.norm(numerical) + np.linalg.norm(analytic)",
                    "np.linalg.norm(N_all) + np.linalg.norm(G_all)",
                ),
            ),
        ),
        Mistake(
            "the difference is taken to one side only, f(θ + h) - f(θ); go to both sides",
            (("below = f(theta)", "theta[index] = kept\n        below = f(theta)"), ("(2 * h)", "h")),
            where="numerical_gradient",
        ),
        Mistake(
            "the difference is divided by h; the two points are 2h apart",
            (("(2 * h)", "h"),),
            where="numerical_gradient",
        ),
        Mistake(
            "the error is divided by the numerical norm alone; divide by both norms added up",
            (("size = np.linalg.norm(numerical) + np.linalg.norm(analytic)", "size = np.linalg.norm(numerical)"),),
        ),
        Mistake(
            "the sizes are compared, not the gradients: a turned sign goes unseen",
            (("np.linalg.norm(numerical - analytic)", "abs(np.linalg.norm(numerical) - np.linalg.norm(analytic))"),),
        ),
        Mistake(
            "ok is turned round: it means that the error is below the tolerance",
            (("error < tolerance", "error >= tolerance"),),
        ),
        Mistake(
            "f takes the whole dict, and numerical_gradient hands over one array: put it into a copy of P first, "
            "{**P, name: theta}",
            (("lambda theta: f({**P, name: theta})", "f"),),
        ),
        Mistake("the tolerance that was passed in is ignored", (("error < tolerance", "error < 1e-6"),)),
        Mistake("the step h that was passed in is ignored", (("trial, h)", "trial)"),)),
        Mistake(
            "all parameters are marked right as soon as one is; each has its own verdict",
            (
                (
                    "    return result",
                    "    ok = any(pair[1] for pair in result.values())\n"
                    "    return {name: (pair[0], ok) for name, pair in result.items()}",
                ),
            ),
        ),
        Mistake(
            "the verdict and the error are swapped in the pair",
            (("(float(error), bool(error < tolerance))", "(bool(error < tolerance), float(error))"),),
        ),
        Mistake(
            "both gradients are zero, and 0 / 0 is no number; the error is 0 there",
            (("distance / size if size > 0 else 0.0", "distance / size"),),
        ),
    ),
    hints=(
        "For each name in P: measure the gradient with numerical_gradient, take the one that was claimed from G, "
        "compare the two.",
        "numerical_gradient wants a function of one array. Inside, put that array back into a copy of P: {**P, "
        "name: theta}.",
        "error = ‖numerical - analytic‖ / (‖numerical‖ + ‖analytic‖) with np.linalg.norm, 0 if both are zero; "
        "result[name] = (error, error < tolerance).",
    ),
)

EXERCISES = (gradient_check,)
QUIZZES = (
    Quiz(
        "too-small-a-step",
        {
            "a": (False, "The curve troubles long steps. At 1e-12 the path is as good as straight."),
            "b": (False, "The exact gradient is the same for every h, and at 1e-5 both agreed in ten digits."),
            "c": (True, "Of sixteen digits nearly all agree and cancel; the rounding that is left is divided by 2h."),
        },
    ),
    Quiz(
        "the-loss-fell",
        {
            "a": (True, "Any direction less than ninety degrees off the right one makes the loss fall, step by step."),
            "b": (
                False,
                "Wrong gradients can point downhill, too. This one does, and you are about to see what it misses.",
            ),
            "c": (False, "It was not too large, no more. Smaller ones make the loss fall as well, only more slowly."),
        },
    ),
    Quiz(
        "why-two-are-right",
        {
            "a": (
                False,
                "A relative error does not depend on the size. Small gradients can be as wrong as large ones.",
            ),
            "b": (False, "Mistakes do not cancel to ten digits. Nothing wrong has touched these two."),
            "c": (
                True,
                "The output layer's gradients come from the prediction and the states; they never pass through the "
                "colleague's code.",
            ),
        },
    ),
)
