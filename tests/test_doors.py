"""The doors of the reference: what is wrong with the input is said in one sentence, with what came."""

import numpy as np
import pytest
from refusals import refused

from utils import reference
from utils.checking.exercises import draw, find
from utils.text import Vocabulary

RNG = np.random.default_rng(0)
X, A0, P = RNG.standard_normal((3, 4, 6)), RNG.standard_normal((5, 4)), draw.rnn_parameters(RNG, 3, 5, 2)
XT, TARGETS = X[:, :, 0], RNG.integers(0, 2, (4, 6))
A, Y, CACHES = reference.rnn_forward(X, A0, P)
Y0 = Y[:, :, 0]
JORDAN = {k: v for k, v in P.items() if k != "Waa"} | {"Way": np.ones((5, 2))}
GRU = find("gru_cell_forward").cases(RNG)["several examples"]
NAN = np.where(np.arange(6) == 2, np.nan, X)
VOCABULARY = Vocabulary(("a", "<EOS>", "<UNK>"))

# what is called, with what, and what the sentence must hold: the name, what was expected, what came
WRONG = {
    "x with two axes": (lambda: reference.rnn_forward(XT, A0, P), "x", "3 axes (n_x, m, T)", "(3, 4)"),
    "xt with three axes": (lambda: reference.rnn_cell_forward(X, A0, P), "xt", "2 axes (n_x, m)", "(3, 4, 6)"),
    "time first": (lambda: reference.rnn_forward(X.transpose(2, 1, 0), A0, P), "Wax", "n_x = 6", "(5, 3)"),
    "another batch": (lambda: reference.rnn_forward(X, A0[:, :3], P), "a0", "m = 4", "(5, 3)"),
    "a flat state": (lambda: reference.rnn_cell_forward(XT, A0[:, 0], P), "a_prev", "2 axes (n_a, m)", "(5,)"),
    "Waa not square": (
        lambda: reference.rnn_forward(X, A0, P | {"Waa": np.ones((5, 4))}), "Waa", "(n_a, n_a) with n_a = 5", "(5, 4)",
    ),
    "a flat bias": (lambda: reference.rnn_forward(X, A0, P | {"ba": np.ones(5)}), "ba", "2 axes (n_a, 1)", "(5,)"),
    "a bias for each example": (
        lambda: reference.rnn_cell_forward(XT, A0, P | {"ba": np.ones((5, 4))}), "ba", "(n_a, 1)", "(5, 4)",
    ),
    "Wya transposed": (
        lambda: reference.rnn_forward(X, A0, P | {"Wya": P["Wya"].T}), "Wya", "n_a = 5", "(5, 2)",
    ),
    "a parameter missing": (
        lambda: reference.rnn_forward(X, A0, {k: v for k, v in P.items() if k != "by"}), "P", "by is missing", "Wax",
    ),
    "a list": (lambda: reference.rnn_forward(X.tolist(), A0, P), "x", "a NumPy array of shape (n_x, m, T)", "list"),
    "texts": (lambda: reference.rnn_forward(X.astype(str), A0, P), "x", "must hold numbers", "<U"),
    "objects": (lambda: reference.rnn_forward(X.astype(object), A0, P), "x", "must hold numbers", "object"),
    "NaN": (lambda: reference.rnn_forward(NAN, A0, P), "x", "holds NaN", "the step that made it"),
    "no step": (lambda: reference.rnn_forward(X[:, :, :0], A0, P), "x", "empty along T", "(3, 4, 0)"),
    "no example": (lambda: reference.rnn_forward(X[:, :0], A0[:, :0], P), "x", "empty along m", "(3, 0, 6)"),
    "a mask for other steps": (
        lambda: reference.sequence_to_one_forward(X, A0, P, np.ones((4, 5), bool)), "mask", "T = 6", "(4, 5)",
    ),
    "a mask of three axes": (
        lambda: reference.sequence_loss(Y, TARGETS, np.ones((1, 4, 6), bool)), "mask", "2 axes (m, T)", "(1, 4, 6)",
    ),
    "targets transposed": (lambda: reference.sequence_loss(Y, TARGETS.T), "targets", "m = 4", "(6, 4)"),
    "predictions of one step": (lambda: reference.sequence_loss(Y0, TARGETS), "y_pred", "3 axes (n_y, m, T)", "(2, 4)"),
    "da of another length": (lambda: reference.rnn_backward(A[:, :3], CACHES), "x", "m = 3", "(3, 4, 6)"),
    "da of one step": (lambda: reference.rnn_backward(A[:, :, 0], CACHES), "da", "3 axes (n_a, m, T)", "(5, 4)"),
    "states of another size": (
        lambda: reference.output_layer_backward(Y, TARGETS, A[:4], P), "Wax|Wya|Waa", "n_a = 4", "(5, 3)",
    ),
    "y0 of another size": (lambda: reference.jordan_forward(X, A0, JORDAN), "Way", "n_y = 5", "(5, 2)"),
    "a teacher too short": (lambda: reference.jordan_forward(X, Y0, JORDAN, Y[:, :, 1:]), "teacher", "T = 6", "4, 5)"),
    "a gate without its input part": (
        lambda: reference.gru_cell_forward(**GRU | {"P": GRU["P"] | {"Wr": GRU["P"]["Wr"][:, :-1]}}),
        "Wr", "(n_c, n_c+n_x)", "got (",
    ),
    "an index too large": (lambda: reference.one_hot(np.array([0, 7]), 7), "indices", "between -1 and 6", "0 … 7"),
    "an index too small": (lambda: reference.one_hot(np.array([-2, 1]), 7), "indices", "between -1 and 6", "-2 … 1"),
    "an index that is a fraction": (lambda: reference.one_hot(np.array([0.5]), 7), "indices", "whole numbers", "float"),
    "indices in a table": (lambda: reference.one_hot(np.array([[0]]), 7), "indices", "shape (m,)", "(1, 1)"),
    "no symbols": (lambda: reference.one_hot(np.array([0]), 0), "n_x", "at least 1", "got 0"),
    "temperature zero": (
        lambda: reference.sample_sequence(P, VOCABULARY, RNG, 5, 0.0), "temperature", "above 0", "got 0.0",
    ),
    "temperature below zero": (
        lambda: reference.sample_sequence(P, VOCABULARY, RNG, 5, -1), "temperature", "above 0", "got -1",
    ),
    "temperature NaN": (
        lambda: reference.sample_sequence(P, VOCABULARY, RNG, 5, float("nan")), "temperature", "above 0", "got nan",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_right_input_passes_every_door():
    """The cases above differ from these in one thing each."""
    mask = np.ones((4, 6), bool)
    reference.sequence_to_one_forward(X, A0, P, mask)
    reference.sequence_loss(Y, TARGETS, mask)
    reference.rnn_backward(A, CACHES)
    reference.output_layer_backward(Y, TARGETS, A, P, mask)
    reference.jordan_forward(X, Y0, JORDAN, Y)
    reference.gru_cell_forward(**GRU)
    assert reference.one_hot(np.array([-1, 6]), 7).sum() == 1


def test_no_index_at_all_is_no_column():
    assert reference.one_hot(np.array([], int), 3).shape == (3, 0)


def test_no_symbol_fits_an_empty_alphabet():
    with pytest.raises(ValueError, match="n_x must be a whole number of at least 1, got 0"):
        reference.one_hot(np.array([], int), 0)


@pytest.mark.parametrize("index", [2, -1, -3])
def test_a_target_that_is_no_class_is_refused(index):
    targets = TARGETS.copy()
    targets[1, 2] = index
    for call in (
        lambda: reference.sequence_loss(Y, targets),
        lambda: reference.output_layer_backward(Y, targets, A, P),
    ):
        with pytest.raises(ValueError, match=rf"targets must lie between 0 and 1 where they count, got {index}"):
            call()


def test_a_target_under_a_mask_may_be_anything():
    targets, mask = TARGETS.copy(), np.ones((4, 6), bool)
    targets[1, 2], mask[1, 2] = -1, False
    plain = reference.sequence_loss(Y, TARGETS, mask)
    assert reference.sequence_loss(Y, targets, mask) == plain
    assert reference.output_layer_backward(Y, targets, A, P, mask)[3] == pytest.approx(plain)


def test_targets_must_be_whole_numbers():
    with pytest.raises(ValueError, match="targets must be whole numbers, got float64"):
        reference.sequence_loss(Y, TARGETS.astype(float))


def test_a_mask_must_be_true_or_false():
    with pytest.raises(ValueError, match="mask must hold True and False, got float64"):
        reference.sequence_loss(Y, TARGETS, np.ones((4, 6)))
    with pytest.raises(ValueError, match="mask must hold True and False, got int64"):
        reference.sequence_to_one_forward(X, A0, P, np.ones((4, 6), np.int64))


def test_the_compact_cell_has_a_door_too():
    with pytest.raises(ValueError, match=r"Wa must have shape \(n_a, n_a\+n_x\).*got \(5, 3\)"):
        reference.rnn_cell_forward_compact(XT, A0, P["Wax"], P["ba"])


def test_a_gradient_that_was_never_given_is_named():
    with pytest.raises(ValueError, match="G must hold dW and db; db is missing, got dW"):
        reference.gradient_check(lambda P: 0.0, {"W": np.ones((1, 1)), "b": np.ones((1, 1))}, {"dW": np.ones((1, 1))})
    with pytest.raises(ValueError, match=r"dW must have the shape of W, \(1, 2\), got \(2, 1\)"):
        reference.gradient_check(lambda P: 0.0, {"W": np.ones((1, 2))}, {"dW": np.ones((2, 1))})
