"""Lesson 08: sequences turned round, and reading them in both directions."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def lengths(rng, m, T):
    """Numbers of valid steps. Where T allows it, one example is padded and still has more than one step."""
    drawn = rng.integers(min(2, T), T + 1, m)
    drawn[rng.integers(m)] = max(1, T - 1)
    return drawn


def two_way_inputs(rng, n_x, n_a, n_y, m, T):
    """Keyword arguments of brnn_forward; the padding is as lively as the rest."""
    P = {"Wy": draw.numbers(rng, n_y, 2 * n_a), "by": draw.numbers(rng, n_y, 1)}
    for way in ("fwd", "bwd"):
        one = draw.rnn_parameters(rng, n_x, n_a, n_y)
        P |= {f"{name}_{way}": one[name] for name in ("Wax", "Waa", "ba")}
    return {
        "x": draw.numbers(rng, n_x, m, T),
        "a0_fwd": 0.8 * draw.numbers(rng, n_a, m),
        "a0_bwd": 0.8 * draw.numbers(rng, n_a, m),
        "P": P,
        "lengths": lengths(rng, m, T),
    }


def _reverse_cases(rng):
    def case(n_x, m, T):
        return {"x": draw.numbers(rng, n_x, m, T), "lengths": lengths(rng, m, T)}

    full, short = case(2, 3, 5), case(3, 6, 4)
    full["lengths"] = np.full(3, 5)
    short["lengths"] = np.array([1, 2, 3, 4, 1, 2])
    return {
        "several lengths": case(*draw.sizes(rng, 3)),
        "every length": short,
        "no padding": full,
        "a batch of one": case(3, 1, 5),
        "one time step": case(*draw.sizes(rng, 2), 1),
    }


_TURN = "x_reversed[:, i, :end] = valid[:, ::-1]"

reverse_valid = Exercise(
    name="reverse_valid",
    lesson="08",
    reference=reference.reverse_valid,
    textbook=textbook.reverse_valid,
    parts={"x_reversed": 3},
    cases=_reverse_cases,
    read="section 8.2",
    mistakes=(
        Mistake(
            "the whole row is turned round, padding and all; turn the first lengths[i] steps only",
            ((_TURN, "x_reversed[:, i] = x[:, i, ::-1]"),),
        ),
        Mistake(
            "nothing is turned round, or all is turned back again: whoever swaps steps in pairs stops in the middle",
            ((_TURN, "x_reversed[:, i, :end] = valid"),),
        ),
        Mistake(
            "the padding is lost; start from a copy of x, so that it stays where it is",
            (("x_reversed = x.copy()", "x_reversed = np.zeros_like(x)"),),
        ),
        Mistake(
            "the result is x itself, so the x of the caller is turned round as well; work on a copy",
            (("x_reversed = x.copy()", "x_reversed = x"), ("valid = x[", "valid = x_reversed[")),
        ),
        Mistake(
            "the features are turned round, not the steps; in x[:, i, :end] time is the second axis",
            (("valid[:, ::-1]", "valid[::-1]"),),
        ),
        Mistake("features and steps are both turned round; only time is", (("valid[:, ::-1]", "valid[::-1, ::-1]"),)),
        Mistake(
            "all examples get the length of the first; example i has lengths[i] steps",
            (("end = lengths[i]", "end = lengths[0]"),),
        ),
        Mistake(
            "all examples are turned round at the longest length; example i has lengths[i] steps",
            (("end = lengths[i]", "end = max(lengths)"),),
        ),
        Mistake(
            "the last step of each sequence stays where it is; the slice :lengths[i] already ends before lengths[i]",
            (("end = lengths[i]", "end = lengths[i] - 1"),),
        ),
        Mistake("only the first example is turned round", (("in range(m)", "in range(1)"),)),
        Mistake(
            "the padding is moved to the front; it stays behind the end",
            (
                (
                    _TURN,
                    "x_reversed[:, i] = np.concatenate([x[:, i, end:], valid[:, ::-1]], axis=1)",
                ),
            ),
        ),
        Mistake(
            "steps are read that were overwritten already; read from x and write into the copy",
            ((_TURN, "for t in range(end):\n            x_reversed[:, i, t] = x_reversed[:, i, end - 1 - t]"),),
        ),
    ),
    hints=(
        "Take one example at a time: how many of its steps count, and which of them comes first now?",
        "Start from a copy of x, so that the padding is right already. Then overwrite the first lengths[i] steps.",
        "out = x.copy(); for i in range(m): end = lengths[i]; out[:, i, :end] = x[:, i, :end][:, ::-1].",
    ),
)


def _forward_cases(rng):
    full = two_way_inputs(rng, 4, 3, 2, 5, 6)
    full["lengths"] = np.full(5, 6)
    return {
        "several examples and steps": two_way_inputs(rng, *draw.sizes(rng)),
        "other sizes": two_way_inputs(rng, *draw.sizes(rng)),
        "no padding": full,
        "a batch of one": two_way_inputs(rng, *draw.sizes(rng, 3), 1, 4),
        "one time step": two_way_inputs(rng, *draw.sizes(rng, 4), 1),
    }


_BWD = "rnn_states(x_reversed, a0_bwd, P_bwd)"
_BACK = "a_bwd = reverse_valid(a_from_end, lengths)"
_ANSWER = (
    'y_pred = np.zeros((len(P["by"]), m, T))\n    for t in range(T):\n'
    '        y_pred[:, :, t] = sigmoid(P["Wy"] @ a[:, :, t] + P["by"])'
)
_SIGMOID = 'sigmoid(P["Wy"] @ a[:, :, t] + P["by"])'

brnn_forward = Exercise(
    name="brnn_forward",
    lesson="08",
    reference=reference.brnn_forward,
    textbook=textbook.brnn_forward,
    parts={"a": 4, "y_pred": 2, "caches": 0},
    cases=_forward_cases,
    uses=("reverse_valid",),
    read="section 8.3",
    mistakes=(
        Mistake(
            "the backward states are left in reversed order; turn them round again, so that step t meets step t",
            ((_BACK, "a_bwd = a_from_end"),),
        ),
        Mistake(
            "x is turned round together with its padding; reverse_valid turns only the steps that count",
            (
                ("x_reversed = reverse_valid(x, lengths)", "x_reversed = x[:, :, ::-1]"),
                (_BACK, "a_bwd = a_from_end[:, :, ::-1]"),
            ),
        ),
        Mistake(
            "the backward states are turned round together with the padding; use reverse_valid on them, too",
            ((_BACK, "a_bwd = a_from_end[:, :, ::-1]"),),
        ),
        Mistake(
            "the backward direction reads x from its start; give it the reversed sequence",
            ((_BWD, "rnn_states(x, a0_bwd, P_bwd)"),),
        ),
        Mistake(
            "both directions read from the start and nothing is turned round",
            ((_BWD, "rnn_states(x, a0_bwd, P_bwd)"), (_BACK, "a_bwd = a_from_end")),
        ),
        Mistake("the halves are swapped; the forward state is on top", (("[a_fwd, a_bwd]", "[a_bwd, a_fwd]"),)),
        Mistake(
            "the backward state of every step is taken from the last column; each step has one of its own",
            ((_BACK, "a_bwd = np.repeat(a_from_end[:, :, -1:], T, axis=2)"),),
        ),
        Mistake(
            "both directions use the weights of the forward one; the backward one has its own",
            ((_BWD, "rnn_states(x_reversed, a0_bwd, P_fwd)"),),
        ),
        Mistake(
            "a0_bwd is ignored: the backward direction starts from zeros",
            ((_BWD, "rnn_states(x_reversed, np.zeros_like(a0_bwd), P_bwd)"),),
        ),
        Mistake(
            "the backward direction starts from a0_fwd; it has a start of its own, a0_bwd",
            ((_BWD, "rnn_states(x_reversed, a0_fwd, P_bwd)"),),
        ),
        Mistake(
            "the backward direction starts from the last forward state; the two know nothing of each other",
            ((_BWD, "rnn_states(x_reversed, a_fwd[:, :, -1], P_bwd)"),),
        ),
        Mistake(
            "the states behind the end of a sequence are not zero",
            (("a = np.where(counts, a, 0.0)", "a = a + 0.0"),),
        ),
        Mistake(
            "the two states are added up; stack them, the forward one on top",
            (("np.concatenate([a_fwd, a_bwd], axis=0)", "a_fwd + a_bwd"),),
        ),
        Mistake(
            "the prediction uses softmax; here each output answers yes or no for itself, with σ",
            ((_SIGMOID, f"(lambda e: e / e.sum(axis=0))(np.exp({_SIGMOID[8:-1]}))"),),
        ),
        Mistake("the prediction has no σ", ((_SIGMOID, _SIGMOID[8:-1]),)),
        Mistake("the bias by is missing", ((' + P["by"]', ""),)),
        Mistake(
            "caches lacks the lengths: it should be (caches_fwd, caches_bwd, lengths)",
            (("(caches_fwd, caches_bwd, lengths)", "(caches_fwd, caches_bwd)"),),
        ),
        Mistake(
            "the predictions behind the end are set to zero; only a is zero there, which makes ŷ = σ(by)",
            (("return a, y_pred,", "return a, np.where(counts, y_pred, 0.0),"),),
        ),
        Mistake(
            "the predictions are made before the states behind the end are set to zero; set those to zero first",
            (
                ("    a = np.where(counts, a, 0.0)\n", ""),
                ("return a, y_pred,", "return np.where(counts, a, 0.0), y_pred,"),
            ),
        ),
        Mistake(
            "the last step of each sequence is set to zero, too; the steps with t < lengths[i] count",
            (("counts = np.arange(T) < lengths[:, None]", "counts = np.arange(T) < lengths[:, None] - 1"),),
        ),
        Mistake(
            "the two directions have each other's weights; _fwd reads from the start",
            (
                ("rnn_states(x, a0_fwd, P_fwd)", "rnn_states(x, a0_fwd, P_bwd)"),
                (_BWD, "rnn_states(x_reversed, a0_bwd, P_fwd)"),
            ),
        ),
        Mistake(
            "the prediction uses tanh; a probability of yes comes from σ", ((_SIGMOID, f"np.tanh({_SIGMOID[8:-1]})"),)
        ),
        Mistake(
            "@ takes the last two axes of a, which is (2 n_a, m, T); use Wy @ a[:, :, t] step by step, or "
            "np.tensordot(Wy, a, axes=1)",
            ((_ANSWER, 'y_pred = sigmoid(P["Wy"] @ a + P["by"])'),),
        ),
        Mistake(
            "by is (n_y, 1) and meets an array (n_y, m, T), so its 1 stands under T; by[:, :, None] is (n_y, 1, 1)",
            ((_ANSWER, 'y_pred = sigmoid(np.tensordot(P["Wy"], a, axes=1) + P["by"])'),),
        ),
        Mistake(
            "y_pred has time first; its axes are (n_y, m, T)",
            (("return a, y_pred,", "return a, np.moveaxis(y_pred, 2, 0),"),),
        ),
        Mistake(
            "a0_fwd and a0_bwd are swapped",
            (("rnn_states(x, a0_fwd, P_fwd)", "rnn_states(x, a0_bwd, P_fwd)"), (_BWD, _BWD.replace("bwd,", "fwd,", 1))),
        ),
        Mistake(
            "the first step behind each end counts as well; the steps with t < lengths[i] do, counted from 0",
            (("np.arange(T) < lengths", "np.arange(T) <= lengths"),),
        ),
        Mistake(
            "only the forward half is set to zero behind the ends; blank both, after stacking",
            (("a = np.where(counts, a, 0.0)", "a[: len(a_fwd)] = np.where(counts, a_fwd, 0.0)"),),
        ),
        Mistake(
            "only the backward half is set to zero behind the ends; blank both, after stacking",
            (("a = np.where(counts, a, 0.0)", "a[len(a_fwd) :] = np.where(counts, a_bwd, 0.0)"),),
        ),
    ),
    hints=(
        "There is nothing new inside: rnn_states runs twice, on x "
        "and on the reversed x, each time with weights of its own.",
        "The states of the second run come out in reversed order, too. reverse_valid puts them back; then stack the "
        "two and set what lies behind the ends to zero.",
        "a_bwd = reverse_valid(rnn_states(reverse_valid(x, lengths), a0_bwd, P_bwd)[0], lengths); a = "
        "np.where(np.arange(T) < lengths[:, None], np.concatenate([a_fwd, a_bwd], axis=0), 0.0); "
        'y_pred = sigmoid(np.tensordot(P["Wy"], a, axes=1) + P["by"][:, :, None]).',
    ),
)

EXERCISES = (reverse_valid, brnn_forward)
QUIZZES = (
    Quiz(
        "what-the-state-has-read",
        {
            "a": (True, "Each step adds one input to what the state before has kept; nothing after t is among it."),
            "b": (False, "The inputs after t come later; the state of step t is made before they are read."),
            "c": (False, "Input t is the newest, but the state before it carries what the earlier ones left."),
        },
    ),
    Quiz(
        "behind-the-end",
        {
            "a": (False, "Zeros push nothing, but the bias does, and Waa moves the state at every step."),
            "b": (True, "Waa and the bias move it at each step of padding, until a mask or a length stops that."),
            "c": (False, "Nothing sets it to zero; only a program that does so on purpose."),
        },
    ),
    Quiz(
        "used-twice",
        {
            "a": (False, "The prediction of its own step depends on it as well."),
            "b": (False, "Each use changes the loss in full, so nothing is halved."),
            "c": (True, "What is used twice changes the loss in two ways, and the two add up."),
        },
    ),
    Quiz(
        "better-than-a-bet",
        {
            "a": (False, "More units make another state, and again the same one in both sentences."),
            "b": (False, "More sentences tell the odds more exactly; the state at teddy stays the same in both."),
            "c": (
                True,
                "The state is the same in both sentences, so the answer is, too; betting well is all that is left.",
            ),
        },
    ),
    Quiz(
        "two-questions",
        {
            "a": (False, "A softmax shares out 1 between the two, so it can say neither both nor none."),
            "b": (True, "Each question has a probability of its own, and they need not sum to 1."),
            "c": (False, "One number cannot answer two questions: of four cases it tells two apart."),
        },
    ),
    Quiz(
        "three-words-late",
        {
            "a": (False, "That one waits for the end of the speech before its first answer."),
            "b": (True, "Each answer waits for three words, which is the delay that is allowed."),
            "c": (False, "It would wait for ten words, and only three may pass."),
        },
    ),
    Quiz(
        "where-it-ended",
        {
            "a": (True, "It reads from the last symbol to the first, so it has read all of them at column 0."),
            "b": (False, "There it has read one symbol, or stands in the padding, where a is zero."),
            "c": (False, "That is where the direction from the end begins: it has read one symbol there."),
        },
    ),
)
