"""Lesson 01, part A: the cell and the sequence."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _cell_cases(rng):
    def case(n_x, n_a, n_y, m):
        return {
            "xt": draw.numbers(rng, n_x, m),
            "a_prev": 0.8 * draw.numbers(rng, n_a, m),
            "P": draw.rnn_parameters(rng, n_x, n_a, n_y),
        }

    return {
        "several examples": case(*draw.sizes(rng, 4)),
        "other sizes": case(*draw.sizes(rng, 4)),
        "a batch of one": case(*draw.sizes(rng, 3), 1),
        "a single input": case(1, *draw.sizes(rng, 3)),
    }


rnn_cell_forward = Exercise(
    name="rnn_cell_forward",
    lesson="01a",
    reference=reference.rnn_cell_forward,
    textbook=textbook.rnn_cell_forward,
    parts={"a_next": 3, "yt_pred": 3, "cache": 0},
    cases=_cell_cases,
    uses=("softmax",),
    read="section 1.3",
    mistakes=(
        Mistake(
            "the old state is not used: the term Waa @ a_prev is missing",
            (("from_input + from_state +", "from_input +"),),
        ),
        Mistake(
            "the prediction is made from a_prev; it belongs to the new state, a_next",
            (('P["Wya"] @ a_next', 'P["Wya"] @ a_prev'),),
        ),
        Mistake(
            "the bias ba is added after tanh; it belongs inside the brackets",
            (('np.tanh(from_input + from_state + P["ba"])', 'np.tanh(from_input + from_state) + P["ba"]'),),
        ),
        Mistake("the bias ba is missing", ((' + P["ba"]', ""),)),
        Mistake("the bias by is missing", ((' + P["by"]', ""),)),
        Mistake("the bias ba is subtracted; add it", (('+ P["ba"]', '- P["ba"]'),)),
        Mistake(
            "tanh is missing", (('np.tanh(from_input + from_state + P["ba"])', 'from_input + from_state + P["ba"]'),)
        ),
        Mistake(
            "the state is squashed with the sigmoid; this cell uses tanh",
            (('np.tanh(from_input + from_state + P["ba"])', '1 / (1 + np.exp(-(from_input + from_state + P["ba"])))'),),
        ),
        Mistake("Waa is transposed; use it as it is", (('P["Waa"] @ a_prev', 'P["Waa"].T @ a_prev'),)),
        Mistake("* multiplies entry by entry; the matrix product is @", (('P["Waa"] @ a_prev', 'P["Waa"] * a_prev'),)),
        Mistake(
            "the softmax runs over the examples; it must run over the classes, down each column",
            (("softmax(z)", "softmax(z.T).T"),),
        ),
        Mistake("the softmax is taken twice", (("softmax(z)", "softmax(softmax(z))"),)),
        Mistake("the prediction has no softmax", (("yt_pred = softmax(z)", "yt_pred = z"),)),
        Mistake(
            "the new state is written into a_prev, which belongs to the caller",
            (("    a_next = np.tanh", "    a_next = a_prev\n    a_next[...] = np.tanh"),),
        ),
        Mistake(
            "the cache has a_next and a_prev in the wrong order",
            (("(a_next, a_prev, xt, P)", "(a_prev, a_next, xt, P)"),),
        ),
        Mistake(
            "* stands in both products and multiplies entry by entry; the matrix product is @",
            (('P["Wax"] @ xt', 'P["Wax"] * xt'), ('P["Waa"] @ a_prev', 'P["Waa"] * a_prev')),
        ),
        Mistake('Wax alone is not a name; the arrays live in the dict P: write P["Wax"]', (('P["Wax"]', "Wax"),)),
        Mistake(
            "the two matrices are swapped: Wax belongs to the input xt, Waa to the old state",
            (('P["Wax"] @ xt', 'P["Waa"] @ xt'), ('P["Waa"] @ a_prev', 'P["Wax"] @ a_prev')),
        ),
        Mistake("ba is transposed; it is a column already, (n_a, 1)", (('+ P["ba"]', '+ P["ba"].T'),)),
    ),
    hints=(
        "Two lines of mathematics, two lines of code. @ is the matrix product; the bias is one column that NumPy "
        "adds to each example.",
        'The new state is np.tanh of three things added: P["Wax"] @ xt, P["Waa"] @ a_prev and P["ba"].',
        'Then yt_pred = softmax(P["Wya"] @ a_next + P["by"]), from the new state; return a_next, yt_pred and '
        "(a_next, a_prev, xt, P).",
    ),
)


def _sequence_cases(rng):
    def case(n_x, n_a, n_y, m, T):
        return {
            "x": draw.numbers(rng, n_x, m, T),
            "a0": 0.8 * draw.numbers(rng, n_a, m),
            "P": draw.rnn_parameters(rng, n_x, n_a, n_y),
        }

    return draw.sequences(rng, case) | {"one example, one step": case(*draw.sizes(rng, 3), 1, 1)}


_STEP = "a_next, yt_pred, cache = rnn_cell_forward(x[:, :, t], a_next, P)"

rnn_forward = Exercise(
    name="rnn_forward",
    lesson="01a",
    reference=reference.rnn_forward,
    textbook=textbook.rnn_forward,
    parts={"a": 3, "y_pred": 3, "caches": 0},
    cases=_sequence_cases,
    uses=("rnn_cell_forward",),
    read="section 1.4",
    mistakes=(
        Mistake("a0 is ignored: the first step starts from zeros", (("a_next = a0", "a_next = np.zeros((n_a, m))"),)),
        Mistake(
            "every step starts from a0; the new state must be handed to the next step",
            (("rnn_cell_forward(x[:, :, t], a_next, P)", "rnn_cell_forward(x[:, :, t], a0, P)"),),
        ),
        Mistake(
            "x[t] picks a feature; time is the last axis: x[:, :, t]",
            (("rnn_cell_forward(x[:, :, t]", "rnn_cell_forward(x[t]"),),
        ),
        Mistake(
            "x[:, t] picks an example; time is the last axis: x[:, :, t]",
            (("rnn_cell_forward(x[:, :, t]", "rnn_cell_forward(x[:, t, :]"),),
        ),
        Mistake(
            "every step reads the first input; step t reads x[:, :, t]",
            (("rnn_cell_forward(x[:, :, t]", "rnn_cell_forward(x[:, :, 0]"),),
        ),
        Mistake(
            "the sequence is read from its end; go from the first step to the last",
            (("in range(T)", "in reversed(range(T))"),),
        ),
        Mistake("the first step is skipped", (("in range(T)", "in range(1, T)"),)),
        Mistake("the last step is skipped", (("in range(T)", "in range(T - 1)"),)),
        Mistake(
            "a holds the state before each step; store the one after it",
            (("a[:, :, t] = a_next", "a[:, :, t] = cache[1]"),),
        ),
        Mistake(
            "the state is overwritten in place, so the a_prev of every cell cache ends up as the last state",
            (
                ("a_next = a0", "a_next = a0.copy()"),
                (_STEP, "new, yt_pred, cache = rnn_cell_forward(x[:, :, t], a_next, P)"),
                ("        a[:, :, t] =", "        a_next[...] = new\n        a[:, :, t] ="),
            ),
        ),
        Mistake(
            "one array holds the state of every step, so all cell caches end up with the last one; make a new "
            "array each step",
            (
                ("a_next = a0", "a_next = a0.copy()"),
                (_STEP, "new, yt_pred, _ = rnn_cell_forward(x[:, :, t], a_next, P)"),
                (
                    "        a[:, :, t] =",
                    "        a_next[...] = new\n        cache = (a_next, a_next, x[:, :, t], P)\n        a[:, :, t] =",
                ),
            ),
        ),
        Mistake(
            "only the last cell cache is kept; append each of them to a list",
            (("cells.append(cache)", "cells = [cache]"),),
        ),
        Mistake("caches is the bare list; it should be the pair (list, x)", (("(cells, x)", "cells"),)),
        Mistake(
            "the states are collected with time as the first axis; it must be the last",
            (
                ("a = np.zeros((n_a, m, T))", "a = np.zeros((T, n_a, m))"),
                ("a[:, :, t] = a_next", "a[t] = a_next"),
            ),
        ),
        Mistake(
            "x is read from its end while the results are stored from the beginning",
            (("rnn_cell_forward(x[:, :, t]", "rnn_cell_forward(x[:, :, T - 1 - t]"),),
        ),
        Mistake(
            "at t = 0 the column a[:, :, t - 1] is the last one of a; the first step starts from a0",
            (("rnn_cell_forward(x[:, :, t], a_next, P)", "rnn_cell_forward(x[:, :, t], a[:, :, t - 1], P)"),),
        ),
        Mistake(
            "axis 1 of x holds the examples; the number of steps T is x.shape[2]",
            (("n_x, m, T = x.shape", "n_x, T, m = x.shape"),),
        ),
        Mistake(
            "states and predictions are collected with time as the first axis; it must be the last",
            (
                ("a = np.zeros((n_a, m, T))", "a = np.zeros((T, n_a, m))"),
                ("a[:, :, t] = a_next", "a[t] = a_next"),
                ("y_pred = np.zeros((n_y, m, T))", "y_pred = np.zeros((T, n_y, m))"),
                ("y_pred[:, :, t] = yt_pred", "y_pred[t] = yt_pred"),
            ),
        ),
    ),
    hints=(
        "One loop over t. Keep the current state in one variable; it begins as a0 and each call of your cell "
        "replaces it.",
        "x[:, :, t] is the input of step t. Store what the cell returns in a[:, :, t] and y_pred[:, :, t], and "
        "its cache in a list.",
        "a_next = a0; for t in range(T): a_next, yt_pred, cache = rnn_cell_forward(x[:, :, t], a_next, P). At "
        "the end return a, y_pred, (list, x).",
    ),
)

EXERCISES = (rnn_cell_forward, rnn_forward)
QUIZZES = ()
