"""n-grams and logistic regression: small cases by hand, sums that have to be one, endings that have to be learned."""

from math import log2

import numpy as np
import pytest

from utils.baselines import STRENGTHS, LetterRuns, NGrams, letter_runs, ngram_bits
from utils.datasets import load_dinosaurs


def test_a_bigram_by_hand():
    """Two words, ab and b; symbols a, b and the end; strength 1."""
    model = NGrams(["ab", "b"], 2, 3, 1)
    # unigram: a once, b twice, the end twice, of five; p = (count + 1/3) / 6
    p_a, p_b, p_end = (1 + 1 / 3) / 6, (2 + 1 / 3) / 6, (2 + 1 / 3) / 6
    assert abs(model.probability("", "a") - p_a) < 1e-15 and abs(model.probability("", "b") - p_b) < 1e-15
    # after the border stand a and b, once each; after b always the end
    assert abs(model.probability("^", "b") - (1 + p_b) / 3) < 1e-15
    assert abs(model.probability("b", "$") - (2 + p_end) / 3) < 1e-15
    assert abs(model.probability("x", "a") - p_a) < 1e-15  # a context that never came leans on the shorter one
    by_hand = -(log2((1 + p_b) / 3) + log2((2 + p_end) / 3)) / 2
    assert abs(model.bits_per_character(["b"]) - by_hand) < 1e-15


@pytest.mark.parametrize("order", range(5))
def test_the_probabilities_of_all_next_characters_sum_to_one(order):
    words = load_dinosaurs()[:200]
    model = NGrams(words, order, 27, 4)
    for context in ("", "^^^^", "saur", "zzzz", "^^ty"):
        short = context[len(context) - max(order - 1, 0) :]
        assert abs(sum(model.probability(short, c) for c in "abcdefghijklmnopqrstuvwxyz$") - 1) < 1e-12


def test_more_context_helps_and_uniform_is_the_logarithm():
    names = load_dinosaurs()
    known, held_out = [n for i, n in enumerate(names) if i % 10 != 5], names[5::10]
    bits = [ngram_bits(known, held_out, order) for order in range(4)]
    assert abs(bits[0] - log2(27)) < 1e-12
    assert 3.9 < bits[1] < 4.2 and 2.95 < bits[2] < 3.25 and 2.4 < bits[3] < 2.75
    assert bits == [ngram_bits(known, held_out, order) for order in range(4)]


def test_the_strength_is_chosen_without_the_held_out_words():
    words = load_dinosaurs()[:300]
    others = [word for i, word in enumerate(words) if i % 10]
    bits = [NGrams(others, 3, 27, strength).bits_per_character(words[::10]) for strength in STRENGTHS]
    best = STRENGTHS[int(np.argmin(bits))]
    assert ngram_bits(words, ["tyrannus"], 3) == NGrams(words, 3, 27, best).bits_per_character(["tyrannus"])


@pytest.mark.parametrize(
    ("words", "held_out", "order", "symbols", "message"),
    [
        ([], ["a"], 2, 27, "words must be a list of at least one word"),
        (["a"] * 10, ["a", ""], 2, 27, "held_out must be a list"),
        ("abc", ["a"], 2, 27, "words must be a list"),
        (["a"] * 9, ["a"], 2, 27, "at least 10 words, .* got 9"),
        (["a"] * 10, ["a"], -1, 27, "order must be a whole number of at least 0"),
        (["ab"] * 10, ["c"], 2, 3, "symbols must be a whole number of at least 4, got 3"),
    ],
)
def test_ngrams_refuse(words, held_out, order, symbols, message):
    with pytest.raises(ValueError, match=message):
        ngram_bits(words, held_out, order, symbols)


def test_letter_runs_hold_the_borders():
    assert letter_runs("al") == ["^", "a", "l", "$", "^a", "al", "l$", "^al", "al$", "^al$"]
    assert letter_runs("al", 1) == ["^", "a", "l", "$"]


def test_endings_are_learned_and_strange_letters_do_no_harm():
    rng = np.random.default_rng(0)
    stems = ["".join("bcdfgaeio"[i] for i in rng.integers(9, size=4)) for _ in range(300)]
    labels = rng.integers(3, size=300)
    words = [stem + ("ski", "ova", "nen")[label] for stem, label in zip(stems, labels, strict=True)]
    model = LetterRuns(words[:200], labels[:200], 3)
    assert np.mean(model.predict(words[200:]) == labels[200:]) > 0.99
    assert model.predict(["ššš"]).shape == (1,)  # nothing known but the borders


def test_logistic_regression_walks_down_the_slope_of_its_loss():
    """After many steps with decay the gradient of the mean loss and the decay cancel out."""
    words, labels = ["aa", "ab", "ba", "bb", "bab"], np.array([0, 1, 0, 1, 1])
    model = LetterRuns(words, labels, 2, longest=2, epochs=4000, learning_rate=0.01, decay=0.1)
    names = sorted(model.number, key=model.number.get)
    counts = np.array([[letter_runs(word, 2).count(run) for run in names] for word in words])  # (m, runs)
    z = counts @ model.P["W"] + model.P["b"]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    slope = counts.T @ (p - np.eye(2)[labels]) / len(words) + 0.1 * model.P["W"]
    assert np.abs(slope).max() < 1e-4


@pytest.mark.parametrize(
    ("words", "labels", "message"),
    [
        ([], np.array([], int), "words must be a list"),
        (["a", "b"], np.array([0]), r"labels must have shape \(m\) with m = 2"),
        (["a", "b"], np.array([0, 2]), "between 0 and 1"),
        (["a", "b"], np.array([0.0, 1.0]), "whole numbers"),
    ],
)
def test_logistic_regression_refuses(words, labels, message):
    with pytest.raises(ValueError, match=message):
        LetterRuns(words, labels, 2)
