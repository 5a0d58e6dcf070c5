"""Lesson 09, part B: the net that reads and writes, left to itself."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw
from .lesson_09_seq2seq import parameters, sizes


def _case(rng, n_x, n_a, n_y, m, T_x, max_length, side=""):
    """A net whose answers hang on what it read, kept and wrote. side: where x is padded."""
    P = parameters(rng, n_x, n_a, n_y)
    P["Waa_enc"] *= 1.5
    P["Waa_dec"] *= 1.5
    P["Wax_dec"] *= 2
    P["Wya"] *= 0.5  # flat predictions: whoever feeds them back in place of the symbol is soon seen
    P["by"] *= 0.25
    x_mask = draw.mask(rng, m, T_x) if side else None
    start, eos = (int(symbol) for symbol in rng.permutation(n_y)[:2])
    return {
        "x": 1.5 * draw.numbers(rng, n_x, m, T_x),
        "x_mask": x_mask[:, ::-1].copy() if side == "left" else x_mask,
        "P": P,
        "start": start,
        "eos": eos,
        "max_length": max_length,
    }


def _written(case, **changes):
    return reference.decode_greedy(**case | changes)


def _until(rng, telling, *arguments, **options):
    """Draw cases until one is telling: luck must not let a mistake through."""
    while True:
        case = _case(rng, *arguments, **options)
        if telling(case):
            return case


def _endless(case):
    """What would be written if nothing ended an answer: eos is a further symbol here, which never wins."""
    P = dict(case["P"])
    n_y, n_a = P["Wya"].shape
    P |= {"Wya": np.vstack([P["Wya"], np.zeros((1, n_a))]), "by": np.vstack([P["by"], [[-1e3]]])}
    P["Wax_dec"] = np.hstack([P["Wax_dec"], np.zeros((n_a, 1))])
    return _written(case, P=P, eos=n_y)


def _of_several_lengths(case):
    """One example ends after some symbols, though the net had more to say, and another goes on to the limit."""
    rows, eos = _endless(case), case["eos"]
    ended = [row for row in rows if eos in row[1:-2] and row[0] != eos]
    return any(eos not in row for row in rows) and any(set(row[row.index(eos) :]) != {eos} for row in ended)


def _the_mask_shows(case):
    answers = _written(case)
    return max(map(len, answers)) >= 2 and answers != _written(case, x_mask=None)


def _nothing_shows(case):
    """A column of zeros at the start leads elsewhere than the last symbol, which is what -1 means to an array."""
    return _written(case, start=-1) != _written(case, start=len(case["P"]["by"]) - 1)


def _tie(rng):
    """Symbols 1 and 3 always have the same score to the last digit, and the largest: each sum has one term."""
    case = _case(rng, 3, 4, 5, 2, 6, 4)
    P = case["P"]
    P["Wya"] *= 0.1
    P["Wya"][[1, 3]] = [0, 1, 0, 0]
    P["by"][[1, 3]] = 8.0
    return case | {"start": 0, "eos": 4}


def _greedy_cases(rng):
    return {
        "some end, some go on": _until(rng, _of_several_lengths, 3, 7, 5, 6, 4, 9),
        "padding on the right": _until(rng, _the_mask_shows, 5, 6, 7, 4, 3, 8, side="right"),
        "padding on the left": _until(rng, _the_mask_shows, 4, 6, 5, 7, 3, 8, side="left"),
        "a batch of one": _until(rng, _the_mask_shows, 3, 5, 6, 1, 4, 7, side="right"),
        "one time step": _case(rng, *sizes(rng, 4), 1, 6),
        "a tie": _tie(rng),
        "nothing is fed first": _until(rng, _nothing_shows, 3, 6, 4, 5, 3, 6) | {"start": -1},
    }


_FED = "yt = one_hot(symbols, n_y)"
_ENDS = "        if not np.any(running):\n            break\n"

decode_greedy = Exercise(
    name="decode_greedy",
    lesson="09b",
    reference=reference.decode_greedy,
    textbook=textbook.decode_greedy,
    parts={"answers": 5},
    cases=_greedy_cases,
    uses=("one_hot",),
    read="section 9.10",
    mistakes=(
        Mistake(
            "the decoder starts from zeros; its first state is the encoder's last one",
            (("a = a_enc[:, :, -1]", "a = np.zeros_like(a_enc[:, :, -1])"),),
        ),
        Mistake(
            "the encoder's first state is handed over, which has seen a single step; hand over the last one",
            (("a_enc[:, :, -1]", "a_enc[:, :, 0]"),),
        ),
        Mistake(
            "the mask of x is ignored, so padding changes what the decoder hears; pass it to rnn_states",
            (("encoder, x_mask)", "encoder)"),),
        ),
        Mistake(
            "every step starts from the encoder's state; the decoder's new state must be handed to its next step",
            (('P["Waa_dec"] @ a +', 'P["Waa_dec"] @ a_enc[:, :, -1] +'),),
        ),
        Mistake(
            "the start symbol is fed at every step; feed the symbol that was chosen last",
            ((_FED, "yt = one_hot(np.full(m, start), n_y)"),),
        ),
        Mistake(
            "the start symbol is not fed: the first input is a column of zeros",
            (("np.full(m, start)", "np.full(m, -1)"),),
        ),
        Mistake(
            "the probabilities are fed back; feed the chosen symbol, as a one-hot column",
            (
                (_FED, "yt = fed"),
                ("symbols = np.full(m, start)", "fed = one_hot(np.full(m, start), n_y)"),
                (
                    "        symbols = np.argmax(scores, axis=0)",
                    "        fed = np.exp(scores) / np.sum(np.exp(scores), axis=0)\n"
                    "        symbols = np.argmax(scores, axis=0)",
                ),
            ),
        ),
        Mistake(
            "eos is put into the answer; it only says where to stop",
            (
                ("        running = running & (symbols != eos)\n", ""),
                ("int(symbols[j]))\n", "int(symbols[j]))\n        running = running & (symbols != eos)\n"),
            ),
        ),
        Mistake(
            "the start symbol is put into the answer; it is fed, but the net did not write it",
            (("[[] for _ in range(m)]", "[[start] for _ in range(m)]"),),
        ),
        Mistake(
            "all examples stop when one of them ends; the others go on",
            ((_ENDS, "        if not np.all(running):\n            break\n"),),
        ),
        Mistake(
            "an example goes on writing after its eos; once ended, it stays ended",
            (("running = running & (symbols != eos)", "running = symbols != eos"), (_ENDS, "")),
        ),
        Mistake(
            "an answer may grow one symbol longer than max_length",
            (("range(max_length)", "range(max_length + 1)"),),
        ),
        Mistake(
            "on a tie the last symbol wins; np.argmax takes the first one",
            (("np.argmax(scores, axis=0)", "n_y - 1 - np.argmax(scores[::-1], axis=0)"),),
        ),
        Mistake(
            "the largest score is looked for among the examples; axis=0 looks among the symbols",
            (("axis=0", "axis=1"),),
        ),
        Mistake("the bias by is missing", (('P["Wya"] @ a + P["by"]', 'P["Wya"] @ a'),)),
        Mistake(
            "eos is written like any other symbol and ends nothing; an answer ends before it",
            (("running = running & (symbols != eos)", "running = running & True"),),
        ),
        Mistake(
            "all examples stop in the step in which one of them ends; the others still write theirs and go on",
            (
                (_ENDS, ""),
                (" (symbols != eos)\n", " (symbols != eos)\n        if not np.all(running):\n            break\n"),
            ),
        ),
        Mistake(
            "start = -1 picks the last symbol out of an array; it asks for a column of zeros, as one_hot makes it",
            ((_FED, "yt = np.eye(n_y)[:, symbols]"),),
        ),
        Mistake(
            "an answer ends one symbol early; max_length symbols are allowed",
            (("range(max_length)", "range(max_length - 1)"),),
        ),
        Mistake("eos is fed first; the first symbol to feed is start", (("np.full(m, start)", "np.full(m, eos)"),)),
        Mistake("symbol 0 is fed first; the first symbol to feed is start", (("np.full(m, start)", "np.full(m, 0)"),)),
        Mistake(
            "all examples write into one and the same list; make one for each, [[] for _ in range(m)]",
            (("[[] for _ in range(m)]", "[[]] * m"),),
        ),
    ),
    hints=(
        "Run the encoder as before and keep its last state. Then a loop: one step of the decoder, choose a symbol "
        "for each example, feed it back.",
        "Keep a list for each example and one array `running`, which begins as all True; an example that chooses "
        "eos is no longer running.",
        'a = np.tanh(P["Wax_dec"] @ one_hot(symbols, n_y) + P["Waa_dec"] @ a + P["ba_dec"]); symbols = '
        'np.argmax(P["Wya"] @ a + P["by"], axis=0); running = running & (symbols != eos); append where it runs.',
    ),
)

EXERCISES = (decode_greedy,)
QUIZZES = ()
