"""The doors of lesson 05: what is wrong with the input is said in one sentence, with what came."""

import numpy as np
import pytest
from refusals import refused

from utils import reference
from utils.checking.exercises import draw

RNG = np.random.default_rng(0)
X, P = RNG.standard_normal((3, 4, 6)), draw.rnn_parameters(RNG, 3, 5, 2)
MASK, LABELS, W = np.arange(6) >= np.array([[4], [0], [3], [5]]), np.array([0, 1, 1, 0]), np.ones((2, 3))
_, Y, CACHES = reference.sequence_to_one_forward(X, np.ones((5, 4)), P, MASK)
NAN = np.where(np.arange(6) == 2, np.nan, X)

# what is called, with what, and what the sentence must hold: the name, what was expected, what came
WRONG = {
    "an index too large": (lambda: reference.embed_symbols(np.array([3, 0]), W), "indices", "between -1 and 2", "… 3"),
    "an index too small": (lambda: reference.embed_symbols(np.array([-2]), W), "indices", "between -1 and 2", "-2"),
    "no index": (lambda: reference.embed_symbols(np.array([], int), W), "indices", "at least 1", "(0,)"),
    "indices in a list": (lambda: reference.embed_symbols([0], W), "indices", "a NumPy array of shape (m)", "list"),
    "fractions": (lambda: reference.embed_symbols(np.array([0.5]), W), "indices", "whole numbers", "float64"),
    "truth values": (lambda: reference.embed_symbols(np.array([True]), W), "indices", "whole numbers", "bool"),
    "a table of indices": (lambda: reference.embed_symbols(np.array([[0]]), W), "indices", "1 axes (m)", "(1, 1)"),
    "a flat W": (lambda: reference.embed_symbols(np.array([0]), W[0]), "W", "2 axes (n, n_x)", "(3,)"),
    "NaN in W": (lambda: reference.embed_symbols(np.array([0]), W * np.nan), "W", "holds NaN", "the step that made it"),
    "no sequence": (lambda: reference.pad_left([]), "sequences", "at least one sequence", "got none"),
    "an empty sequence": (lambda: reference.pad_left([[1], []]), r"sequences\[1\]", "at least one symbol", "empty"),
    "one sequence alone": (lambda: reference.pad_left([1, 2]), r"sequences\[0\]", "list of at least one", "got int"),
    "a word": (lambda: reference.pad_left(["abc"]), r"sequences\[0\]", "list of at least one symbol", "got str"),
    "letters": (lambda: reference.pad_left([["a"]]), r"sequences\[0\]", "must hold numbers", "<U1"),
    "no list": (lambda: reference.pad_left(7), "sequences", "a list of at least one sequence", "got int"),
    "padding inside": (lambda: reference.pad_left([[1, -1, 2]]), r"sequences\[0\]", "0 or above", "-1 … 2"),
    "a fraction inside": (lambda: reference.pad_left([[1.5]]), r"sequences\[0\]", "whole numbers", "float64"),
    "a nested sequence": (lambda: reference.pad_left([[[1], [2]]]), r"sequences\[0\]", "1 axes (T)", "(2, 1)"),
    "lists in a sequence": (lambda: reference.pad_left([[[1], [1, 2]]]), r"sequences", "flat lists", "unequal lengths"),
    "no mask": (lambda: reference.encode_batch(X, None, P), "mask", "a NumPy array of shape (m, T)", "NoneType"),
    "a mask of numbers": (lambda: reference.encode_batch(X, MASK * 1.0, P), "mask", "True and False", "float64"),
    "a mask for other steps": (lambda: reference.encode_batch(X, MASK[:, 1:], P), "mask", "T = 6", "(4, 5)"),
    "x with two axes": (lambda: reference.encode_batch(X[:, :, 0], MASK, P), "x", "3 axes", "(3, 4)"),
    "x with NaN": (lambda: reference.encode_batch(NAN, MASK, P), "x", "holds NaN", "the step that made it"),
    "no step": (lambda: reference.encode_batch(X[:, :, :0], MASK[:, :0], P), "x", "empty along T", "(3, 4, 0)"),
    "no example": (lambda: reference.encode_batch(X[:, :0], MASK[:0], P), "x", "empty along m", "(3, 0, 6)"),
    "other inputs": (lambda: reference.encode_batch(X[:2], MASK, P), "Wax", "n_x = 2", "(5, 3)"),
    "no bias": (
        lambda: reference.encode_batch(X, MASK, {k: P[k] for k in ("Wax", "Waa")}), "P", "ba is missing", "Wax",
    ),
    "a label that is no class": (
        lambda: reference.classify_backward(Y, np.array([0, 1, 2, 0]), CACHES, P), "labels", "between 0 and 1", "got 2",
    ),
    "a label -1": (
        lambda: reference.classify_backward(Y, np.array([0, 1, -1, 0]), CACHES, P), "labels", "between 0 and 1", "-1",
    ),
    "one-hot labels": (
        lambda: reference.classify_backward(Y, np.eye(2)[:, LABELS], CACHES, P), "labels", "1 axes (m)", "(2, 4)",
    ),
    "labels as fractions": (
        lambda: reference.classify_backward(Y, LABELS * 1.0, CACHES, P), "labels", "whole numbers", "float64",
    ),
    "a label too few": (
        lambda: reference.classify_backward(Y, LABELS[1:], CACHES, P), "labels", "m = 4", "(3,)",
    ),
    "predictions of all steps": (
        lambda: reference.classify_backward(np.stack([Y, Y], 2), LABELS, CACHES, P), "y_pred", "2 axes", "(2, 4, 2)",
    ),
    "predictions of another batch": (
        lambda: reference.classify_backward(Y[:, 1:], LABELS[1:], CACHES, P), "x", "m = 3", "(3, 4, 6)",
    ),
    "caches of rnn_forward": (
        lambda: reference.classify_backward(Y, LABELS, CACHES[:2], P), "caches", "(list of cell caches, x, mask)", "2",
    ),
    "no caches": (lambda: reference.classify_backward(Y, LABELS, None, P), "caches", "list of cell", "NoneType"),
    "a cell too few": (
        lambda: reference.classify_backward(Y, LABELS, (CACHES[0][1:], *CACHES[1:]), P), "caches", "6 steps", "got 5",
    ),
    "cells of something else": (
        lambda: reference.classify_backward(Y, LABELS, ([X] * 6, *CACHES[1:]), P), "caches", "(a_next,", "ndarray",
    ),
    "Wya transposed": (
        lambda: reference.classify_backward(Y, LABELS, CACHES, P | {"Wya": P["Wya"].T}), "Wya", "n_y = 2", "(5, 2)",
    ),
    "nothing to deal": (lambda: reference.minibatches(0, 3, RNG), "n", "at least 1", "got 0"),
    "a batch of nothing": (lambda: reference.minibatches(3, 0, RNG), "size", "at least 1", "got 0"),
    "a fraction of a batch": (lambda: reference.minibatches(3, 1.5, RNG), "size", "whole number", "got 1.5"),
    "a truth value": (lambda: reference.minibatches(True, 2, RNG), "n", "whole number", "got True"),
    "a seed in place of rng": (lambda: reference.minibatches(3, 2, 0), "rng", "numpy.random.Generator", "got int"),
    "no classes": (lambda: reference.confusion_matrix(LABELS, LABELS, 0), "n", "at least 1", "got 0"),
    "too few classes": (lambda: reference.confusion_matrix(LABELS, LABELS, 1), "labels", "between 0 and 0", "got 1"),
    "an answer -1": (
        lambda: reference.confusion_matrix(LABELS, LABELS - 1, 2), "predicted", "between 0 and 1", "got -1",
    ),
    "answers of another batch": (
        lambda: reference.confusion_matrix(LABELS, LABELS[1:], 2), "predicted", "m = 4", "(3,)",
    ),
    "probabilities as answers": (
        lambda: reference.confusion_matrix(LABELS, Y, 2), "predicted", "1 axes (m)", "(2, 4)",
    ),
    "no examples": (lambda: reference.confusion_matrix(LABELS[:0], LABELS[:0], 2), "labels", "at least 1", "(0,)"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_right_input_passes_every_door():
    """The cases above differ from these in one thing each."""
    reference.embed_symbols(np.array([0, -1, 2]), W)
    reference.pad_left([[1], [0, 2]])
    reference.encode_batch(X, MASK, P)
    reference.classify_backward(Y, LABELS, CACHES, P)
    reference.minibatches(np.int64(3), 2, RNG)
    reference.confusion_matrix(LABELS, LABELS, 2)
