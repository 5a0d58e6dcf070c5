"""The doors of the encoder-decoder and of the melody: what is wrong is said in one sentence, with what came."""

import numpy as np
import pytest
from refusals import refused

from utils import reference
from utils.checking.exercises import draw
from utils.checking.exercises.lesson_09_seq2seq import parameters

R = reference
D = {
    "x": np.ones((3, 4, 6)),
    "x_mask": np.ones((4, 6), bool),
    "y_in": np.ones((7, 4, 2)),
    "P": parameters(np.random.default_rng(0), 3, 5, 7),
    "targets": np.zeros((4, 2), int),
    "y_mask": np.ones((4, 2), bool),
}
NOTES = draw.rnn_parameters(np.random.default_rng(0), 5, 4, 5)
GENERATOR = np.random.default_rng(0)


def into(**changes):
    case = D | changes
    return lambda: R.encoder_decoder_forward(case["x"], case["x_mask"], case["y_in"], case["P"])


def back(**changes):
    """Backward with something else than what the forward of D gave."""

    def call():
        y_pred, caches = into()()
        case = D | {"y_pred": y_pred, "caches": caches} | changes
        R.encoder_decoder_backward(case["y_pred"], case["targets"], case["y_mask"], case["caches"])

    return call


def greedy(start=1, eos=0, max_length=5, **changes):
    case = D | changes
    return lambda: R.decode_greedy(case["x"], case["x_mask"], case["P"], start, eos, max_length)


def notes(first=1, length=5, **changes):
    return lambda: R.generate_melody(first, NOTES | changes, length, GENERATOR)


def without(name):
    return {key: value for key, value in D["P"].items() if key != name}


NOTHING_READ = D["x_mask"] & (np.arange(4) != 2)[:, None]

# what is called, and what the sentence must hold: the name, what was expected, what came
WRONG = {
    "x with two axes": (into(x=D["x"][:, :, 0]), "x", "3 axes (n_x, m, T_x)", "(3, 4)"),
    "x of no step": (into(x=D["x"][:, :, :0], x_mask=None), "x", "at least 1", "(3, 4, 0)"),
    "x a list": (into(x=D["x"].tolist()), "x", "a NumPy array of shape (n_x, m, T_x)", "list"),
    "x with NaN": (into(x=D["x"] * np.nan), "x", "holds NaN", "the step that made it"),
    "x of another alphabet": (into(x=np.ones((2, 4, 6))), "Wax_enc", "n_x = 2", "(5, 3)"),
    "a mask for other steps": (into(x_mask=np.ones((4, 5), bool)), "x_mask", "T_x = 6", "(4, 5)"),
    "a mask of ones": (into(x_mask=np.ones((4, 6))), "x_mask", "True and False", "float64"),
    "nothing but padding": (into(x_mask=NOTHING_READ), "x_mask", "at least one step of every example", "number 2"),
    "y_in of another batch": (into(y_in=np.ones((7, 3, 2))), "y_in", "m = 4", "(7, 3, 2)"),
    "y_in of another alphabet": (into(y_in=np.ones((6, 4, 2))), "y_in", "n_y = 7", "(6, 4, 2)"),
    "y_in of no step": (into(y_in=np.ones((7, 4, 0))), "y_in", "at least 1", "(7, 4, 0)"),
    "y_in with NaN": (into(y_in=D["y_in"] * np.nan), "y_in", "holds NaN", "the step that made it"),
    "P without the decoder's Waa": (into(P=without("Waa_dec")), "P", "hold Wax_enc", "Waa_dec is missing"),
    "P a list": (into(P=list(D["P"].values())), "P", "dict with Wax_enc", "got list"),
    "Wya transposed": (into(P=D["P"] | {"Wya": np.ones((5, 7))}), "Wya", "(n_y, n_a)", "(5, 7)"),
    "a decoder of another size": (into(P=D["P"] | {"Waa_dec": np.eye(4)}), "Waa_dec", "n_a = 5", "(4, 4)"),
    "a flat bias": (into(P=D["P"] | {"by": np.ones(7)}), "by", "2 axes (n_y, 1)", "(7,)"),
    "predictions of one step": (back(y_pred=np.ones((7, 4))), "y_pred", "3 axes (n_y, m, T_y)", "(7, 4)"),
    "predictions of other classes": (back(y_pred=np.ones((6, 4, 2))), "Wax_dec", "n_y = 6", "(5, 7)"),
    "targets transposed": (back(targets=np.zeros((2, 4), int)), "targets", "m = 4", "(2, 4)"),
    "targets of fractions": (back(targets=np.zeros((4, 2))), "targets", "whole numbers", "float64"),
    "a target too large": (back(targets=np.full((4, 2), 7)), "targets", "between 0 and 6", "got 7"),
    "a target below zero": (back(targets=np.full((4, 2), -1)), "targets", "between 0 and 6", "got -1"),
    "a mask for other answers": (back(y_mask=np.ones((4, 3), bool)), "y_mask", "T_y = 2", "(4, 3)"),
    "a mask of whole numbers": (back(y_mask=np.ones((4, 2), int)), "y_mask", "True and False", "int64"),
    "caches of one net": (back(caches=([], None)), "caches", "(encoder_caches, decoder_caches, P)", "2 entries"),
    "start too large": (greedy(start=7), "start", "between -1 and 6", "got 7"),
    "start a fraction": (greedy(start=1.0), "start", "a whole number", "got 1.0"),
    "eos nothing": (greedy(eos=-1), "eos", "between 0 and 6", "got -1"),
    "eos True": (greedy(eos=True), "eos", "a whole number", "got True"),
    "no symbol allowed": (greedy(max_length=0), "max_length", "at least 1", "got 0"),
    "nothing to read": (greedy(x_mask=NOTHING_READ), "x_mask", "at least one step of every example", "number 2"),
    "a note too high": (notes(first=5), "first", "between 0 and 4", "got 5"),
    "a note below": (notes(first=-1), "first", "between 0 and 4", "got -1"),
    "a note that is a fraction": (notes(first=0.5), "first", "a whole number", "got 0.5"),
    "no note": (notes(length=0), "length", "at least 1", "got 0"),
    "a length that is a fraction": (notes(length=2.5), "length", "a whole number", "got 2.5"),
    "a net that reads other notes": (notes(Wax=np.ones((4, 6))), "Wax", "n_y = 5", "(4, 6)"),
    "a weight that is NaN": (notes(Waa=np.eye(4) * np.nan), "Waa", "holds NaN", "the step that made it"),
    "answers of fractions": (lambda: R.shift_right(np.ones((2, 3)), 0), "targets", "whole numbers", "float64"),
    "answers of one example": (lambda: R.shift_right(np.ones(3, int), 0), "targets", "2 axes (m, T)", "(3,)"),
    "answers below nothing": (lambda: R.shift_right(np.full((1, 2), -2), 0), "targets", "at least -1", "got -2"),
    "a start below nothing": (lambda: R.shift_right(np.ones((1, 2), int), -2), "start", "at least -1", "got -2"),
    "no unit": (lambda: R.init_encoder_decoder(2, 0, 3, GENERATOR), "n_a", "at least 1", "got 0"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_right_input_passes_every_door():
    """The cases above differ from these in one thing each."""
    into()(), back()(), greedy()(), notes()()
    greedy(start=-1)(), greedy(start=np.int64(6))(), notes(first=np.int64(4), length=1)()
