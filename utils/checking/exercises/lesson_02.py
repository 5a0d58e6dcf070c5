"""Lesson 02: backpropagation through time, one step and the whole sequence."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
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
    lesson="02a",
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
            "dba still has a column for each example; sum them up with axis=1, keepdims=True",
            (("np.sum(dz, axis=1, keepdims=True)", "dz"),),
        ),
        Mistake(
            "dba is summed over the units; sum over the examples, axis=1",
            (("np.sum(dz, axis=1, keepdims=True)", "np.sum(dz, axis=0, keepdims=True)"),),
        ),
        Mistake(
            "dWax and dWaa are divided by m; the loss is a sum over the examples",
            (("dz @ xt.T", "dz @ xt.T / dz.shape[1]"), ("dz @ a_prev.T", "dz @ a_prev.T / dz.shape[1]")),
        ),
        Mistake("dWaa is transposed; it is dz @ a_prev.T", (("dz @ a_prev.T", "a_prev @ dz.T"),)),
        Mistake("da_prev starts from da_next; it starts from dz", (('P["Waa"].T @ dz', 'P["Waa"].T @ da_next'),)),
        Mistake("dxt starts from da_next; it starts from dz", (('P["Wax"].T @ dz', 'P["Wax"].T @ da_next'),)),
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

    return draw.sequences(rng, case)


_STEP = "rnn_cell_backward(da[:, :, t] + da_from_later, cells[t])"

rnn_backward = Exercise(
    name="rnn_backward",
    lesson="02a",
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
        Mistake(
            "dWax, dWaa and dba are overwritten at each step; the steps share the weights, so their gradients add up",
            (("dWax = dWax + step", "dWax = step"), ("dWaa = dWaa + step", "dWaa = step"))
            + (("dba = dba + step", "dba = step"),),
        ),
        Mistake(
            "what comes from later piles up; da_prev of step t + 1 holds all of it already, so put it in its place",
            (('da_from_later = step["da_prev"]', 'da_from_later = da_from_later + step["da_prev"]'),),
        ),
        Mistake(
            "da0 has da[:, :, 0] added, which belongs to a⟨1⟩; what comes back out of the first step is all",
            (('"da0": da_from_later', '"da0": da_from_later + da[:, :, 0]'),),
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

EXERCISES = (rnn_cell_backward, rnn_backward)
QUIZZES = (
    Quiz(
        "cache-what-for",
        {
            "a": (False, "No gradient is known on the way forward; the cache holds what is needed to compute one."),
            "b": (True, "a_next, a_prev, xt and P: all that a step saw. In this lesson they are used at last."),
            "c": (False, "The prediction goes to the loss directly; it is not in the cache of a cell."),
        },
    ),
    Quiz(
        "one-waa",
        {
            "a": (False, "Unfolding draws the same cell five times; the weights in it are the same ones."),
            "b": (False, "Each arrow between two states stands for the same matrix."),
            "c": (True, "One, used five times. Keep the five in mind: its gradient will be a sum of five parts."),
        },
    ),
    Quiz(
        "knows-nothing",
        {
            "a": (True, "-log(1/28) = log 28. Before any training the loss per step should be close to it."),
            "b": (False, "1/28 is the probability; the loss is minus its logarithm, log 28."),
            "c": (False, "Minus the logarithm of 1/28 is log 28, about 3.33."),
        },
    ),
    Quiz(
        "a-state-in-the-middle",
        {
            "a": (False, "Its own loss is one side. The state has also made the next state."),
            "b": (False, "The later state is one side. The state has also made the prediction of its own step."),
            "c": (True, "Both, added. The loss reaches it over its own prediction and over the next state."),
        },
    ),
    Quiz(
        "score-of-the-right-class",
        {
            "a": (False, "0.2 is the prediction; the 1 of the right class is still to be taken away."),
            "b": (True, "Prediction minus truth, 0.2 - 1. The score should grow, and strongly."),
            "c": (False, "That is the loss itself, -log 0.2. Its slope at the score is 0.2 - 1."),
        },
    ),
    Quiz(
        "order-of-factors",
        {
            "a": (
                True,
                "From right to left, as the gradient goes: through the slopes of tanh, then through the matrix.",
            ),
            "b": (
                False,
                "whole is (6, 1) and D is (6, 6): whole @ D does not exist. The slopes come first, on its left.",
            ),
            "c": (
                False,
                "The shapes fit, so nothing complains, and the numbers are wrong: the next state's tanh comes before "
                "the matrix.",
            ),
        },
    ),
)
