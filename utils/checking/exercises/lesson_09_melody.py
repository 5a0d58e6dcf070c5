"""Lesson 09, part B: one note in, a melody out."""

import copy

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _case(rng, n, n_a, length):
    """A net with large weights: what it is fed and what it keeps both show in what it writes."""
    P = draw.rnn_parameters(rng, n, n_a, n)
    P["Wax"] *= 2
    P["Wya"] *= 2
    generator = np.random.default_rng(rng.integers(2**32))
    return {"first": int(rng.integers(n)), "P": P, "length": length, "rng": generator}


def _written(case, **changes):
    case = case | {"P": case["P"] | changes, "rng": copy.deepcopy(case["rng"])}
    return reference.generate_melody(**case).tolist()


def _unfed(case):
    """The second note as it would be if the first one were not fed."""
    P = case["P"]
    p = reference.softmax(P["Wya"] @ np.tanh(P["ba"]) + P["by"])[:, 0]
    return copy.deepcopy(case["rng"]).choice(len(p), p=p)


def _telling(rng, n, n_a, length):
    """Draw cases until the melody has four different notes, and both the first note and the state show in it."""
    while True:
        case = _case(rng, n, n_a, length)
        melody = _written(case)
        forgetful = _written(case, Waa=np.zeros((n_a, n_a)))
        if len(set(melody)) >= 4 and melody[1] not in (melody[0], _unfed(case)) and melody != forgetful:
            return case


def _melody_cases(rng):
    return {
        "a melody": _telling(rng, 6, 4, 14),
        "another melody": _telling(rng, 5, 7, 12),
        "few notes to choose from": _case(rng, 3, 5, 10),
        "two notes": _case(rng, 4, 3, 2),
        "the first note alone": _case(rng, 5, 3, 1),
    }


_NEXT = "        melody.append(note)\n"

generate_melody = Exercise(
    name="generate_melody",
    lesson="09b",
    reference=reference.generate_melody,
    textbook=textbook.generate_melody,
    parts={"melody": 4},
    cases=_melody_cases,
    uses=("one_hot", "rnn_cell_forward", "softmax"),
    read="section 9.13",
    mistakes=(
        Mistake(
            "the most probable note is taken every time; draw from the distribution",
            (("rng.choice(n, p=p)", "int(np.argmax(p))"),),
        ),
        Mistake(
            "the state starts again from zeros at each step; carry it on",
            (("rnn_cell_forward(xt, a, P)", "rnn_cell_forward(xt, np.zeros_like(a), P)"),),
        ),
        Mistake(
            "the first note is not fed: the first input is a column of zeros; it is the first note as a one-hot column",
            (("one_hot([melody[-1]], n)", "one_hot([melody[-1] if len(melody) > 1 else -1], n)"),),
        ),
        Mistake(
            "the first note is fed at every step; feed the note that was drawn last",
            (("one_hot([melody[-1]], n)", "one_hot([first], n)"),),
        ),
        Mistake(
            "the input stays a column of zeros; feed the last note as a one-hot column",
            (("one_hot([melody[-1]], n)", "np.zeros((n, 1))"),),
        ),
        Mistake(
            "each step draws twice; draw once and use that note for the melody and for the next input",
            ((_NEXT, _NEXT + "        rng.choice(n, p=p)\n"),),
        ),
        Mistake(
            "the note that is fed and the note that is written are two different draws; draw once a step",
            (
                ("melody = [first]", "melody, fed = [first], first"),
                ("one_hot([melody[-1]], n)", "one_hot([fed], n)"),
                (_NEXT, _NEXT + "        fed = rng.choice(n, p=p)\n"),
            ),
        ),
        Mistake(
            "the melody is one note too long; the first note is one of the `length` notes",
            (("range(length - 1)", "range(length)"),),
        ),
        Mistake(
            "the first note is missing from the melody; it stands at melody[0]",
            (("range(length - 1)", "range(length)"), ("np.array(melody)", "np.array(melody[1:])")),
        ),
        Mistake(
            "every note is drawn with the same probability; use rng.choice(n, p=p)",
            (("rng.choice(n, p=p)", "rng.choice(n)"),),
        ),
        Mistake(
            "the probabilities are fed back; feed the note that was drawn, as a one-hot column",
            (
                ("melody = [first]", "melody, fed = [first], one_hot([first], n)"),
                ("xt = one_hot([melody[-1]], n)", "xt = fed"),
                ("p = yt_pred[:, 0]", "p, fed = yt_pred[:, 0], yt_pred"),
            ),
        ),
        Mistake(
            "a softmax is taken of yt_pred, which holds probabilities already; draw from yt_pred itself",
            (("p = yt_pred[:, 0]", "p = softmax(yt_pred)[:, 0]"),),
        ),
        Mistake(
            "the bias by is missing from the prediction",
            (('P["Wya"] @ a_next + P["by"]', 'P["Wya"] @ a_next'),),
            where="rnn_cell_forward",
        ),
    ),
    hints=(
        "One step is: the last note goes in as a one-hot column, the cell runs, a note is drawn from its prediction.",
        "Two things go round: the state, which the cell returns, and the note, which is the last entry of the melody.",
        "a, yt_pred, _ = rnn_cell_forward(one_hot([melody[-1]], n), a, P); melody.append(rng.choice(n, "
        "p=yt_pred[:, 0])); do this length - 1 times, then np.array(melody).",
    ),
)

EXERCISES = (generate_melody,)
QUIZZES = ()
