"""Lesson 09, part B: one net reads, another writes."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def sizes(rng, n=6):
    """n different sizes between 2 and 7: there is one axis more here than elsewhere."""
    return [int(size) for size in rng.permutation(np.arange(2, 8))[:n]]


def parameters(rng, n_x, n_a, n_y):
    """Encoder–decoder parameters with biases that are not zero."""
    halves = {"enc": draw.rnn_parameters(rng, n_x, n_a, n_y), "dec": draw.rnn_parameters(rng, n_y, n_a, n_y)}
    P = {f"{name}_{net}": half[name] for net, half in halves.items() for name in ("Wax", "Waa", "ba")}
    return P | {name: halves["dec"][name] for name in ("Wya", "by")}


def _forward_case(rng, n_x, n_a, n_y, m, T_x, T_y, side=""):
    """side: where x is padded, "left", "right" or nowhere."""
    x_mask = draw.mask(rng, m, T_x) if side else None
    return {
        "x": draw.numbers(rng, n_x, m, T_x),
        "x_mask": x_mask[:, ::-1].copy() if side == "left" else x_mask,
        "y_in": draw.probabilities(rng, n_y, m, T_y),
        "P": parameters(rng, n_x, n_a, n_y),
    }


def _forward_cases(rng):
    return {
        "padding on the right": _forward_case(rng, *sizes(rng), side="right"),
        "padding on the left": _forward_case(rng, *sizes(rng), side="left"),
        "no mask": _forward_case(rng, *sizes(rng)),
        "a batch of one": _forward_case(rng, *sizes(rng, 3), 1, 4, 3, side="right"),
        "one time step": _forward_case(rng, *sizes(rng, 4), 1, 1),
    }


_DECODED = "    a_dec, decoder_caches = rnn_states(y_in, summary, decoder)\n"
_LAST = "summary = a_enc[:, :, -1]"

encoder_decoder_forward = Exercise(
    name="encoder_decoder_forward",
    lesson="09b",
    reference=reference.encoder_decoder_forward,
    textbook=textbook.encoder_decoder_forward,
    parts={"y_pred": 5, "caches": 0},
    cases=_forward_cases,
    uses=("softmax",),
    read="section 9.8",
    mistakes=(
        Mistake(
            "the decoder starts from zeros; its first state is the encoder's last one",
            ((_DECODED, _DECODED.replace("summary", "np.zeros_like(summary)")),),
        ),
        Mistake(
            "the encoder's first state is handed over, which has seen a single step; hand over the last one",
            ((_LAST, "summary = a_enc[:, :, 0]"),),
        ),
        Mistake(
            "the states of the encoder are averaged; the decoder gets the last one alone",
            ((_LAST, "summary = np.mean(a_enc, axis=2)"),),
        ),
        Mistake(
            "the mask of x is ignored, so padding changes what the decoder hears; pass it to rnn_states",
            (("nothing, encoder, x_mask)", "nothing, encoder)"),),
        ),
        Mistake(
            "the mask is turned round: True means that a step counts",
            (("encoder, x_mask)", "encoder, None if x_mask is None else ~x_mask)"),),
        ),
        Mistake(
            "the last a_next of the caches is handed over, which may have read padding; use a_enc[:, :, -1]",
            ((_LAST, "summary = encoder_caches[0][-1][0]"),),
        ),
        Mistake(
            "the decoder is fed the answer that it is asked for; step t reads y_in[:, :, t], the answer of step t - 1",
            ((_DECODED, _DECODED.replace("y_in", "np.concatenate([y_in[:, :, 1:], y_in[:, :, -1:]], axis=2)")),),
        ),
        Mistake(
            "y_in is shifted once more; the caller has done it, so step t reads y_in[:, :, t]",
            ((_DECODED, _DECODED.replace("y_in", "np.concatenate([0 * y_in[:, :, :1], y_in[:, :, :-1]], axis=2)")),),
        ),
        Mistake(
            "the decoder is fed its own predictions; with teacher forcing it reads y_in",
            (
                (
                    _DECODED,
                    "    fed = y_in.copy()\n"
                    "    for t in range(T_y - 1):\n"
                    "        so_far = rnn_states(fed[:, :, : t + 1], summary, decoder)[0]\n"
                    '        fed[:, :, t + 1] = softmax(P["Wya"] @ so_far[:, :, t] + P["by"])\n'
                    + _DECODED.replace("y_in", "fed"),
                ),
            ),
        ),
        Mistake(
            "the decoder runs with the encoder's Waa_enc and ba_enc; it has its own, Waa_dec and ba_dec",
            (('"Waa": P["Waa_dec"], "ba": P["ba_dec"]', '"Waa": P["Waa_enc"], "ba": P["ba_enc"]'),),
        ),
        Mistake(
            "the prediction of step t is made from the state before it; use a_dec[:, :, t]",
            (("a_dec[:, :, t]", "decoder_caches[0][t][1]"),),
        ),
        Mistake("the bias by is missing", (('a_dec[:, :, t] + P["by"]', "a_dec[:, :, t]"),)),
        Mistake(
            "the predictions have no softmax",
            (('softmax(P["Wya"] @ a_dec[:, :, t] + P["by"])', 'P["Wya"] @ a_dec[:, :, t] + P["by"]'),),
        ),
        Mistake(
            "the caches stand in the wrong order: first the encoder's, then the decoder's, then P",
            (("(encoder_caches, decoder_caches, P)", "(decoder_caches, encoder_caches, P)"),),
        ),
        Mistake(
            "x is set to zero in the padding, but a step that reads zeros still changes the state; pass x_mask on",
            (("states(x, nothing, encoder, x_mask)", "states(x * (x_mask is None or x_mask), nothing, encoder)"),),
        ),
        Mistake(
            "every prediction is made from the encoder's last state; use the decoder's state of that step",
            (("a_dec[:, :, t]", "summary"),),
        ),
    ),
    hints=(
        "Call rnn_states twice: once over x with the encoder's weights, once over y_in with the decoder's.",
        "The encoder starts from zeros and gets x_mask. Its last state, a_enc[:, :, -1], is the a0 of the decoder.",
        'a_dec, decoder_caches = rnn_states(y_in, a_enc[:, :, -1], {"Wax": P["Wax_dec"], "Waa": P["Waa_dec"], '
        '"ba": P["ba_dec"]}); then softmax(P["Wya"] @ a_dec[:, :, t] + P["by"]) at every step.',
    ),
)


def _backward_case(rng, n_x, n_a, n_y, m, T_x, T_y, side="", masked=False):
    """side: where x is padded; masked: whether some of the answers do not count."""
    y_pred, caches = textbook.encoder_decoder_forward(**_forward_case(rng, n_x, n_a, n_y, m, T_x, T_y, side))
    return {
        "y_pred": y_pred,
        "targets": rng.integers(0, n_y, (m, T_y)),
        "y_mask": draw.mask(rng, m, T_y) if masked else None,
        "caches": caches,
    }


def _backward_cases(rng):
    return {
        "answers of several lengths": _backward_case(rng, *sizes(rng), side="right", masked=True),
        "padding on the left": _backward_case(rng, *sizes(rng), side="left", masked=True),
        "no mask": _backward_case(rng, *sizes(rng)),
        "a batch of one": _backward_case(rng, *sizes(rng, 3), 1, 3, 4, masked=True),
        "one time step": _backward_case(rng, *sizes(rng, 4), 1, 1),
    }


_DZ = "(y_pred[:, :, t] - right) * counts[:, t]"
_ENTERS = '    da_enc[:, :, -1] = dec["da0"]\n'

encoder_decoder_backward = Exercise(
    name="encoder_decoder_backward",
    lesson="09b",
    reference=reference.encoder_decoder_backward,
    textbook=textbook.encoder_decoder_backward,
    parts={
        "dWax_enc": 2,
        "dWaa_enc": 2,
        "dba_enc": 1,
        "dWax_dec": 1,
        "dWaa_dec": 1,
        "dba_dec": 1,
        "dWya": 1,
        "dby": 1,
    },  # fmt: skip
    cases=_backward_cases,
    uses=("one_hot",),
    read="section 9.9",
    mistakes=(
        Mistake(
            "y_mask is ignored: answers that do not count must send no gradient back",
            ((_DZ, "y_pred[:, :, t] - one_hot(targets[:, t], n_y)"),),
        ),
        Mistake(
            "nothing reaches the encoder; the decoder's da0 enters it at its last step",
            ((_ENTERS, ""),),
        ),
        Mistake(
            "the decoder's da0 enters the encoder at every step; it enters at the last one alone",
            ((_ENTERS, '    da_enc += dec["da0"][:, :, None]\n'),),
        ),
        Mistake(
            "the decoder's da0 enters the encoder at its first step; the last state was handed over",
            ((_ENTERS, '    da_enc[:, :, 0] = dec["da0"]\n'),),
        ),
        Mistake(
            "da_dec[:, :, 0] enters the encoder; what came all the way back through the decoder is its da0",
            ((_ENTERS, "    da_enc[:, :, -1] = da_dec[:, :, 0]\n"),),
        ),
        Mistake(
            "the gradients are divided by the number of examples; the loss is a sum",
            ((_DZ, _DZ + " / m"),),
        ),
        Mistake(
            "the gradients are divided by the number of answers that count; the loss is a sum",
            ((_DZ, _DZ + " / np.sum(counts)"),),
        ),
        Mistake(
            "the right answers are not subtracted: dz = ŷ - one_hot(targets)",
            ((_DZ, "y_pred[:, :, t] * counts[:, t]"),),
        ),
        Mistake(
            "the sign of dz is turned round: dz = ŷ - one_hot(targets)",
            ((_DZ, "(right - y_pred[:, :, t]) * counts[:, t]"),),
        ),
        Mistake(
            "dz is multiplied by ŷ (1 - ŷ); for softmax with this loss ŷ - one_hot(targets) is all there is",
            ((_DZ, _DZ + " * y_pred[:, :, t] * (1 - y_pred[:, :, t])"),),
        ),
        Mistake(
            "dWya is made with the state before the step; the prediction came from the state after it",
            (("decoder_caches[0][t][0]", "decoder_caches[0][t][1]"),),
        ),
        Mistake(
            "dWya and dby are overwritten at each step; the steps share the weights, so they add up",
            (("dWya = dWya + dz", "dWya = dz"), ("dby = dby + np", "dby = np")),
        ),
        Mistake("dby lost an axis; keepdims=True keeps it (n_y, 1)", (("axis=1, keepdims=True", "axis=1"),)),
        Mistake(
            "the two Waa gradients are swapped: dWaa_enc comes from the way back through the encoder",
            (
                ('"dWaa_enc": enc["dWaa"]', '"dWaa_enc": dec["dWaa"]'),
                ('"dWaa_dec": dec["dWaa"]', '"dWaa_dec": enc["dWaa"]'),
            ),
        ),
        Mistake(
            "da_dec is multiplied by 1 - s²; rnn_states_backward goes back through tanh itself",
            (('P["Wya"].T @ dz', '(P["Wya"].T @ dz) * (1 - state**2)'),),
        ),
        Mistake(
            "dWya comes from the last step alone; the steps share it, so it adds up",
            (("dWya = dWya + dz", "dWya = dz"),),
        ),
        Mistake(
            "dWya is averaged over the steps; the loss is a sum, so it adds up",
            (("dz @ state.T", "dz @ state.T / T_y"),),
        ),
        Mistake(
            "the gradients are divided by the number of steps; the loss is a sum",
            ((_DZ, _DZ + " / T_y"),),
        ),
        Mistake(
            "where there is a mask, dz is divided by the number of answers that count; the loss is a sum",
            ((_DZ, _DZ + " / (1 if y_mask is None else np.sum(counts))"),),
        ),
        Mistake(
            "only the last answer sends a gradient into the decoder; each answer does, at its own step",
            (('P["Wya"].T @ dz', 'P["Wya"].T @ dz * (t == T_y - 1)'),),
        ),
    ),
    hints=(
        "Three parts: the output layer, which gives da for every step of the decoder; the decoder; the encoder.",
        "dz is y_pred minus the one-hot answers, zero where y_mask is False. The state of step t is "
        "decoder_caches[0][t][0]; with it dWya grows by dz @ state.T. da_dec[:, :, t] = Wya.T @ dz goes on.",
        "dec = rnn_states_backward(da_dec, decoder_caches); da_enc = np.zeros((n_a, m, T_x)); da_enc[:, :, -1] = "
        'dec["da0"]; enc = rnn_states_backward(da_enc, encoder_caches). The encoder\'s own dWax is enc["dWax"].',
    ),
)

EXERCISES = (encoder_decoder_forward, encoder_decoder_backward)
QUIZZES = (
    Quiz(
        "left-padded-state",
        {
            "a": (False, "That would be padding on the right, where every word ends in a column of its own."),
            "b": (True, "With the padding on the left all words end together, in the last column."),
            "c": (False, "There the word has just begun."),
        },
    ),
    Quiz(
        "whole-answer-log-p",
        {
            "a": (False, "That is the mean per symbol, log(1/16) / 3. The whole answer has the sum."),
            "b": (False, "The probabilities were added. They are multiplied, and their logarithms are added."),
            "c": (True, "1/2 · 1/2 · 1/4 = 1/16, and log(1/16) is −2.77."),
        },
    ),
    Quiz(
        "what-the-teacher-feeds",
        {
            "a": (True, "One step late, and right: what should have been said just before."),
            "b": (False, "Then the answer would be lying in front of it."),
            "c": (False, "That is what happens when there is no teacher."),
        },
    ),
    Quiz(
        "over-the-joint",
        {
            "a": (
                True,
                "It walks back through the decoder, enters the encoder's last state, and goes on from step to step.",
            ),
            "b": (False, "It enters there, but the last state was made from the one before, and so on."),
            "c": (False, "The answer was made from what was read, so what was read can be blamed for it."),
        },
    ),
    Quiz(
        "what-forcing-hides",
        {
            "a": (False, "Counted were symbols, not answers; one wrong symbol makes a whole answer wrong."),
            "b": (True, "The same order had 0.85 with help and 0.59 without; backwards the two were close."),
            "c": (False, "Not when a wrong symbol leads to more: the same order fell from 0.85 to 0.59."),
        },
    ),
    Quiz(
        "a-wider-beam",
        {
            "a": (False, "It finds answers at least as likely as the wrong one, so the right one still does not win."),
            "b": (False, "The start is the same for every answer; it does not change which is likelier."),
            "c": (True, "The search found what the model holds likely. What the model holds likely is wrong."),
        },
    ),
    Quiz(
        "an-easy-teacher",
        {
            "a": (False, "New words, never seen in training, are all right as long as their answer is fed."),
            "b": (True, "The answer of this very step is fed, so copying it is enough. On its own it copies itself."),
            "c": (False, "It says one letter over and over, in no direction at all."),
        },
    ),
)
