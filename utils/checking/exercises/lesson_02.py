"""Lesson 02: backpropagation through time, and the tool that convicts a wrong one."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _cell_cases(rng):
    def case(n_x, n_a, n_y, m):
        P = draw.rnn_parameters(rng, n_x, n_a, n_y)
        cache = textbook.rnn_cell_forward(draw.numbers(rng, n_x, m), 0.8 * draw.numbers(rng, n_a, m), P)[2]
        return {"da_next": draw.numbers(rng, n_a, m), "cache": cache}

    return {
        "several examples": case(*draw.sizes(rng, 4)),
        "other sizes": case(*draw.sizes(rng, 4)),
        "a batch of one": case(*draw.sizes(rng, 3), 1),
    }


rnn_cell_backward = Exercise(
    name="rnn_cell_backward",
    lesson="02",
    reference=reference.rnn_cell_backward,
    textbook=textbook.rnn_cell_backward,
    parts={"dxt": 2, "da_prev": 2, "dWax": 1, "dWaa": 1, "dba": 1},
    cases=_cell_cases,
    read="section 2.3",
    mistakes=(
        Mistake("the slope of tanh is missing: dz = (1 - a_next²) * da_next", (("slope * da_next", "da_next"),)),
        Mistake("the slope of tanh is taken at a_prev; it belongs to a_next", (("1 - a_next**2", "1 - a_prev**2"),)),
        Mistake(
            "tanh is applied once more: a_next is already tanh(z), so its slope is 1 - a_next²",
            (("1 - a_next**2", "1 - np.tanh(a_next) ** 2"),),
        ),
        Mistake("the square is missing: the slope of tanh is 1 - a_next²", (("1 - a_next**2", "1 - a_next"),)),
        Mistake("Waa is not transposed on the way back", (('P["Waa"].T @ dz', 'P["Waa"] @ dz'),)),
        Mistake(
            "dxt and da_prev start from da_next; they start from dz",
            (('P["Wax"].T @ dz', 'P["Wax"].T @ da_next'), ('P["Waa"].T @ dz', 'P["Waa"].T @ da_next')),
        ),
        Mistake("dWaa is made with a_next; Waa acted on a_prev", (("dz @ a_prev.T", "dz @ a_next.T"),)),
        Mistake("dba lost an axis; keepdims=True keeps it (n_a, 1)", (("axis=1, keepdims=True", "axis=1"),)),
        Mistake("dba is a mean over the examples; it is a sum", (("np.sum(dz, axis=1", "np.mean(dz, axis=1"),)),
        Mistake(
            "dba is summed over the units; sum over the examples, axis=1",
            (("np.sum(dz, axis=1, keepdims=True)", "np.sum(dz, axis=0, keepdims=True)"),),
        ),
        Mistake(
            "dWax and dWaa are divided by m; the loss is a sum over the examples",
            (("dz @ xt.T", "dz @ xt.T / dz.shape[1]"), ("dz @ a_prev.T", "dz @ a_prev.T / dz.shape[1]")),
        ),
    ),
    hints=(
        "First go back through tanh: one array dz, the gradient at the sum inside the brackets. Everything else "
        "follows from dz.",
        "A product Wax @ xt sends back Wax.T @ dz to xt, and dz @ xt.T to Wax. A bias added to every column "
        "collects the sum of dz.",
        "dz = (1 - a_next**2) * da_next; then Wax.T @ dz, Waa.T @ dz, dz @ xt.T, dz @ a_prev.T and np.sum(dz, "
        "axis=1, keepdims=True).",
    ),
)


def _sequence_cases(rng):
    def case(n_x, n_a, n_y, m, T):
        P = draw.rnn_parameters(rng, n_x, n_a, n_y)
        caches = textbook.rnn_forward(draw.numbers(rng, n_x, m, T), 0.8 * draw.numbers(rng, n_a, m), P)[2]
        return {"da": draw.numbers(rng, n_a, m, T), "caches": caches}

    return {
        "several examples and steps": case(*draw.sizes(rng)),
        "other sizes": case(*draw.sizes(rng)),
        "a batch of one": case(*draw.sizes(rng, 3), 1, 4),
        "one time step": case(*draw.sizes(rng, 4), 1),
    }


_STEP = "rnn_cell_backward(da[:, :, t] + da_from_later, cells[t])"

rnn_backward = Exercise(
    name="rnn_backward",
    lesson="02",
    reference=reference.rnn_backward,
    textbook=textbook.rnn_backward,
    parts={"dx": 2, "da0": 2, "dWax": 2, "dWaa": 2, "dba": 2},
    cases=_sequence_cases,
    uses=("rnn_cell_backward",),
    read="section 2.4",
    mistakes=(
        Mistake(
            "what comes back from step t + 1 is dropped; add it to da[:, :, t]",
            ((_STEP, "rnn_cell_backward(da[:, :, t], cells[t])"),),
        ),
        Mistake(
            "only the last step's own gradient enters; every step adds its da[:, :, t]",
            ((_STEP, "rnn_cell_backward((da[:, :, t] if t == T - 1 else 0) + da_from_later, cells[t])"),),
        ),
        Mistake(
            "dWax is overwritten at each step; the steps share the weights, so their gradients add up",
            (("dWax = dWax + step", "dWax = step"),),
        ),
        Mistake(
            "dWaa is overwritten at each step; the steps share the weights, so their gradients add up",
            (("dWaa = dWaa + step", "dWaa = step"),),
        ),
        Mistake(
            "dba is overwritten at each step; the steps share the bias, so their gradients add up",
            (("dba = dba + step", "dba = step"),),
        ),
        Mistake(
            "the loop runs forwards; gradients flow from the last step to the first",
            (("in reversed(range(T))", "in range(T)"),),
        ),
        Mistake("step t uses the cache of step t + 1", (("cells[t])", "cells[min(t + 1, T - 1)])"),)),
        Mistake("the last step is skipped", (("reversed(range(T))", "reversed(range(T - 1))"),)),
        Mistake("the first step is skipped", (("reversed(range(T))", "reversed(range(1, T))"),)),
        Mistake(
            "da0 holds da[:, :, 0]; it should hold what comes back out of the first step, its da_prev",
            (('"da0": da_from_later', '"da0": da[:, :, 0] + 0 * da_from_later'),),
        ),
        Mistake(
            "the weights' gradients are divided by T; the loss is a sum over the steps",
            (('"dWax": dWax, "dWaa": dWaa, "dba": dba', '"dWax": dWax / T, "dWaa": dWaa / T, "dba": dba / T'),),
        ),
        Mistake(
            "dx is stored in reversed order of time; the gradient of step t belongs in dx[:, :, t]",
            (('"dx": dx', '"dx": dx[:, :, ::-1]'),),
        ),
    ),
    hints=(
        "Walk from the last step to the first. One variable holds what comes back from the step after; it begins "
        "as zeros.",
        "At step t the cell's backward gets da[:, :, t] plus what came back. Its da_prev is what comes back to "
        "step t - 1.",
        "for t in reversed(range(T)): step = rnn_cell_backward(da[:, :, t] + later, cells[t]); later = "
        "step['da_prev']; add up dWax, dWaa, dba; store dxt. da0 is the last `later`.",
    ),
)


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
    lesson="02",
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

EXERCISES = (rnn_cell_backward, rnn_backward, gradient_check)
QUIZZES = ()
