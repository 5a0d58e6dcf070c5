"""Lesson 07: one step of the LSTM, and the whole sequence."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _cell_cases(rng):
    def case(n_x, n_a, n_y, m):
        return {
            "xt": draw.numbers(rng, n_x, m),
            "a_prev": 0.8 * draw.numbers(rng, n_a, m),
            "c_prev": draw.numbers(rng, n_a, m),
            "P": draw.lstm_parameters(rng, n_x, n_a, n_y),
        }

    return {
        "several examples": case(*draw.sizes(rng, 4)),
        "other sizes": case(*draw.sizes(rng, 4)),
        "a batch of one": case(*draw.sizes(rng, 3), 1),
        "a single input": case(1, *draw.sizes(rng, 3)),
    }


def _gate(letter, how="sigmoid"):
    return f'{how}(P["W{letter}"] @ stacked + P["b{letter}"])'


_CANDIDATE = _gate("c", "np.tanh")

lstm_cell_forward = Exercise(
    name="lstm_cell_forward",
    lesson="07a",
    reference=reference.lstm_cell_forward,
    textbook=textbook.lstm_cell_forward,
    parts={"a_next": 2, "c_next": 3, "yt_pred": 1, "cache": 0},
    cases=_cell_cases,
    uses=("softmax",),
    read="section 7.2",
    mistakes=(
        Mistake(
            "the forget gate uses tanh; a gate lies between 0 and 1, so it uses σ",
            ((_gate("f"), _gate("f", "np.tanh")),),
        ),
        Mistake(
            "the update gate uses tanh; a gate lies between 0 and 1, so it uses σ",
            ((_gate("u"), _gate("u", "np.tanh")),),
        ),
        Mistake(
            "the output gate uses tanh; a gate lies between 0 and 1, so it uses σ",
            ((_gate("o"), _gate("o", "np.tanh")),),
        ),
        Mistake("the candidate has no tanh", ((_CANDIDATE, _CANDIDATE.removeprefix("np.tanh")),)),
        Mistake("the candidate uses σ; it may be negative, so it uses tanh", ((_CANDIDATE, _gate("c")),)),
        Mistake(
            "a_next is Γo * c_next; the memory goes through tanh first: Γo * tanh(c_next)",
            (("gate_o * np.tanh(c_next)", "gate_o * c_next"),),
        ),
        Mistake("a_next shows the old memory; it is Γo * tanh(c_next)", (("np.tanh(c_next)", "np.tanh(c_prev)"),)),
        Mistake("the old memory is dropped: the term Γf * c_prev is missing", (("kept + taken_in", "taken_in"),)),
        Mistake(
            "forget and update gate have changed places: it is Γf * c_prev + Γu * c̃",
            (("gate_f * c_prev", "gate_u * c_prev"), ("gate_u * c_tilde\n", "gate_f * c_tilde\n")),
        ),
        Mistake(
            "the old memory is weighed with 1 - Γu, as in the GRU; here it has a gate of its own, Γf",
            (("gate_f * c_prev", "(1 - gate_u) * c_prev"),),
        ),
        Mistake(
            "Wf and Wu are swapped: Wf belongs to the forget gate, Wu to the update gate",
            (
                ('sigmoid(P["Wf"]', 'sigmoid(P["Wu"] * 1'),
                ('gate_u = sigmoid(P["Wu"]', 'gate_u = sigmoid(P["Wf"]'),
            ),
        ),
        Mistake("the update gate has the forget gate's bias; its own is bu", (('+ P["bu"]', '+ P["bf"] * 1'),)),
        Mistake("the output gate has the update gate's bias; its own is bo", (('+ P["bo"]', '+ P["bu"] * 1'),)),
        Mistake(
            "the input is stacked above the state; the weights want [a_prev; xt]", (("[a_prev, xt]", "[xt, a_prev]"),)
        ),
        Mistake(
            "the gates look at c_prev, as in the GRU; here they look at a_prev: [a_prev; xt]",
            (("[a_prev, xt]", "[c_prev, xt]"),),
        ),
        Mistake(
            "the prediction is made from the memory; it is made from what the cell shows, a_next",
            (('P["Wy"] @ a_next', 'P["Wy"] @ c_next'),),
        ),
        Mistake(
            "the prediction is made from a_prev; it belongs to the new state, a_next",
            (('P["Wy"] @ a_next', 'P["Wy"] @ a_prev'),),
        ),
        Mistake(
            "the prediction has no softmax", (('softmax(P["Wy"] @ a_next + P["by"])', 'P["Wy"] @ a_next + P["by"]'),)
        ),
        Mistake(
            "the cache has a_prev and c_prev in the wrong order",
            (("(a_next, c_next, a_prev, c_prev,", "(a_next, c_next, c_prev, a_prev,"),),
        ),
        Mistake(
            "the cache has the gates in the wrong order; it is gate_f, gate_u, c_tilde, gate_o",
            (("gate_f, gate_u, c_tilde, gate_o,", "gate_f, gate_u, gate_o, c_tilde,"),),
        ),
        Mistake(
            "all three gates use tanh; a gate lies between 0 and 1, so it uses σ",
            tuple((_gate(letter), _gate(letter, "np.tanh")) for letter in "fuo"),
        ),
        Mistake("the biases bf, bu, bc and bo are missing", tuple((f' + P["b{letter}"]', "") for letter in "fuco")),
        Mistake(
            "the forget gate multiplies a_prev; what it keeps is the memory, c_prev",
            (("gate_f * c_prev", "gate_f * a_prev"),),
        ),
        Mistake(
            "a_next and c_next are returned in the wrong order; it is a_next, c_next, yt_pred, cache",
            (("return a_next, c_next, yt_pred,", "return c_next, a_next, yt_pred,"),),
        ),
        Mistake(
            "the prediction is returned too early; the order is a_next, c_next, yt_pred, cache",
            (("return a_next, c_next, yt_pred,", "return a_next, yt_pred, c_next,"),),
        ),
        Mistake(
            "the update gate is made with the forget gate's weights and bias; its own are Wu and bu",
            ((_gate("u"), _gate("f")),),
        ),
        Mistake(
            "the output gate is made with the update gate's weights and bias; its own are Wo and bo",
            ((_gate("o"), _gate("u")),),
        ),
        *(
            Mistake(f"the bias {bias} is missing from {where}", ((f' + P["{bias}"]', ""),))
            for bias, where in (
                ("bf", "the forget gate"),
                ("bu", "the update gate"),
                ("bc", "the candidate"),
                ("bo", "the output gate"),
                ("by", "the prediction"),
            )
        ),
        Mistake(
            "the cache has forget and update gate in the wrong order; it is gate_f, gate_u, c_tilde, gate_o",
            (("gate_f, gate_u, c_tilde, gate_o,", "gate_u, gate_f, c_tilde, gate_o,"),),
        ),
    ),
    hints=(
        "Every gate and the candidate look at the same stacked column [a_prev; xt]. Three use σ, the candidate uses "
        "tanh.",
        "The new memory is what is kept of the old one plus what is taken in: gate_f * c_prev + gate_u * c_tilde.",
        'gate_f = sigmoid(P["Wf"] @ stacked + P["bf"]), likewise gate_u and gate_o; a_next = gate_o * '
        'np.tanh(c_next); yt_pred = softmax(P["Wy"] @ a_next + P["by"]).',
    ),
)


def _sequence_cases(rng):
    def case(n_x, n_a, n_y, m, T, memory=True):
        kwargs = {
            "x": draw.numbers(rng, n_x, m, T),
            "a0": 0.8 * draw.numbers(rng, n_a, m),
            "P": draw.lstm_parameters(rng, n_x, n_a, n_y),
        }
        return kwargs | ({"c0": draw.numbers(rng, n_a, m)} if memory else {})

    return {
        "several examples and steps": case(*draw.sizes(rng)),
        "no c0": case(*draw.sizes(rng), memory=False),
        "a batch of one": case(*draw.sizes(rng, 3), 1, 4),
        "one time step": case(*draw.sizes(rng, 4), 1),
        "one example, one step, no c0": case(*draw.sizes(rng, 3), 1, 1, memory=False),
    }


_CALL = "lstm_cell_forward(x[:, :, t], a_next, c_next, P)"
_STEP = f"a_next, c_next, yt_pred, cache = {_CALL}"

lstm_forward = Exercise(
    name="lstm_forward",
    lesson="07a",
    reference=reference.lstm_forward,
    textbook=textbook.lstm_forward,
    parts={"a": 2, "y_pred": 2, "c": 2, "caches": 0},
    cases=_sequence_cases,
    uses=("lstm_cell_forward",),
    read="section 7.3",
    mistakes=(
        Mistake(
            "c0 is ignored: the memory starts from zeros",
            (("np.zeros((n_a, m)) if c0 is None else c0", "np.zeros((n_a, m))"),),
        ),
        Mistake(
            "without c0 the memory starts as a0; it should start from zeros",
            (("np.zeros((n_a, m)) if c0 is None", "a0 if c0 is None"),),
        ),
        Mistake("a0 is ignored: the first step starts from zeros", (("a_next = a0", "a_next = np.zeros((n_a, m))"),)),
        Mistake(
            "the memory is not handed on: every step starts from c0",
            (
                ("    for t in range(T)", "    start = c_next\n    for t in range(T)"),
                (_CALL, "lstm_cell_forward(x[:, :, t], a_next, start, P)"),
            ),
        ),
        Mistake(
            "the memory is not handed on: every step starts from zeros",
            ((_CALL, "lstm_cell_forward(x[:, :, t], a_next, np.zeros((n_a, m)), P)"),),
        ),
        Mistake(
            "a_next is not handed on: every step starts from a0",
            ((_CALL, "lstm_cell_forward(x[:, :, t], a0, c_next, P)"),),
        ),
        Mistake(
            "a_next and c_next are passed in the wrong order; the cell takes a_prev first, then c_prev",
            ((_CALL, "lstm_cell_forward(x[:, :, t], c_next, a_next, P)"),),
        ),
        Mistake(
            "the cell's results are taken in the wrong order; it returns a_next first, then c_next",
            ((_STEP, f"c_next, a_next, yt_pred, cache = {_CALL}"),),
        ),
        Mistake(
            "the memory is stored where a belongs; a[:, :, t] is a_next",
            (("a[:, :, t] = a_next", "a[:, :, t] = c_next"),),
        ),
        Mistake(
            "c holds the memory before each step; store the one after it",
            (("c[:, :, t] = c_next", "c[:, :, t] = cache[3]"),),
        ),
        Mistake(
            "the results are returned in the wrong order; it is a, y_pred, c, caches",
            (("return a, y_pred, c,", "return a, c, y_pred,"),),
        ),
        Mistake(
            "every step reads the first input; step t reads x[:, :, t]",
            (("lstm_cell_forward(x[:, :, t]", "lstm_cell_forward(x[:, :, 0]"),),
        ),
        Mistake(
            "the sequence is read from its end; go from the first step to the last",
            (("in range(T)", "in reversed(range(T))"),),
        ),
        Mistake("the last step is skipped", (("in range(T)", "in range(T - 1)"),)),
        Mistake(
            "only the last cell cache is kept; append each of them to a list",
            (("cells.append(cache)", "cells = [cache]"),),
        ),
        Mistake("caches is the bare list; it should be the pair (list, x)", (("(cells, x)", "cells"),)),
        Mistake(
            "x is read from its last step on; the first step reads x[:, :, 0]",
            (("forward(x[:, :, t]", "forward(x[:, :, T - 1 - t]"),),
        ),
    ),
    hints=(
        "The loop of rnn_forward with two things that go round: a_next and c_next. They begin as a0 and c0.",
        "Where c0 is None the memory begins as np.zeros((n_a, m)). Store a_next, yt_pred and c_next of every step.",
        "a_next, c_next, yt_pred, cache = lstm_cell_forward(x[:, :, t], a_next, c_next, P); a[:, :, t] = a_next and so "
        "on; cells.append(cache). At the end return a, y_pred, c, (cells, x).",
    ),
)

EXERCISES = (lstm_cell_forward, lstm_forward)
QUIZZES = (
    Quiz(
        "gru-gate-at-one",
        {
            "a": (False, "That is a gate of 0. The update gate of this course takes the new value."),
            "b": (True, "c = Γu * c̃ + (1 - Γu) * c_prev, and 1 - Γu is 0."),
            "c": (False, "A GRU blends: what the new value gains, the old one loses."),
        },
    ),
    Quiz(
        "slope-of-a-gate",
        {
            "a": (True, "Γ(1 - Γ) = 0.9 · 0.1. A gate that has nearly decided hardly moves."),
            "b": (False, "1 - Γ² is the slope of tanh. That of σ is Γ(1 - Γ)."),
            "c": (False, "0.9 is the gate itself. Its slope is Γ(1 - Γ), never more than 0.25."),
        },
    ),
    Quiz(
        "two-uses",
        {
            "a": (False, "Nothing is compared: a small change of the number acts through both uses."),
            "b": (False, "Factors along one way are multiplied. Two ways are added."),
            "c": (True, "Each use sends its part back, and the parts are added, as for a weight that all steps share."),
        },
    ),
    Quiz(
        "which-gate-when",
        {
            "a": (True, "Written where the number is learned, shown where it is needed."),
            "b": (False, "The other way round: at the cat there is something to write, at the verb something to show."),
            "c": (False, "Written at fishes, the note would be about fishes."),
        },
    ),
    Quiz(
        "gate-near-one",
        {
            "a": (False, "Each step takes a hundredth of what is left, and a hundred steps multiply."),
            "b": (True, "0.99 to the power of 100 is 0.37. What comes on other ways is not in it."),
            "c": (False, "Along the memory all factors are gates, and no gate is above 1. Other ways may add to it."),
        },
    ),
    Quiz(
        "three-half-gates",
        {
            "a": (True, "0.5 · 0.5 · 0.5 = 0.125. Gates along the way are multiplied."),
            "b": (False, "The gates are multiplied, not added: 0.5 · 0.5 · 0.5."),
            "c": (False, "A half of a half is never nothing, only soon very little."),
        },
    ),
)
