"""Lesson 04: vocabulary, targets, the probability of a sentence and its units."""

import itertools
import math

import numpy as np
import pytest
from nearness import BOTH, near
from refusals import refused

from utils import reference, textbook
from utils.checking.exercises import draw
from utils.text import EOS, UNK, Vocabulary

N, N_A = 6, 4
FRUIT = Vocabulary(("pear", UNK, "apple", EOS, "fig"))


@pytest.fixture
def model(rng):
    return draw.rnn_parameters(rng, N, N_A, N)


@BOTH
def test_a_vocabulary_by_hand(maths):
    tokens = "the cat and the dog and the bird".split()  # the 3, and 2, bird cat dog 1
    assert maths.build_vocabulary(tokens, 5) == [EOS, UNK, "the", "and", "bird"]
    assert maths.build_vocabulary(tokens, 3) == [EOS, UNK, "the"]
    assert maths.build_vocabulary(tokens, 7) == maths.build_vocabulary(tokens, 100)
    assert maths.build_vocabulary(tokens, 100) == [EOS, UNK, "the", "and", "bird", "cat", "dog"]
    assert maths.build_vocabulary([EOS, UNK, "b", EOS, "a"], 9) == [EOS, UNK, "a", "b"]
    assert maths.build_vocabulary("abcab", 4) == [EOS, UNK, "a", "b"]  # a text counts as its characters


def test_both_build_the_same_vocabulary_whatever_the_order(rng):
    for size in range(3, 12):
        tokens = [f"w{i}" for i in rng.integers(8, size=30)]
        one = reference.build_vocabulary(tokens, size)
        assert one == textbook.build_vocabulary(tokens, size)
        assert one == reference.build_vocabulary(tokens[::-1], size)
        assert len(one) <= size and len(Vocabulary(one)) == len(one)
        counts = [tokens.count(word) for word in one[2:]]
        assert counts == sorted(counts, reverse=True)
        assert min(counts) >= max([tokens.count(word) for word in set(tokens) - set(one)], default=0)


@BOTH
def test_encoding_by_hand(maths):
    got = maths.encode(["fig", "kiwi", "pear"], FRUIT)
    assert got.tolist() == [4, 1, 0, 3] and got.dtype.kind == "i"
    assert maths.encode([], FRUIT).tolist() == [3]
    assert maths.encode(["apple", EOS, UNK], FRUIT).tolist() == [2, 3, 1, 3]


@BOTH
def test_what_is_known_can_be_read_back(maths):
    known = ["fig", "pear", "pear", "apple"]
    assert [FRUIT.tokens[i] for i in maths.encode(known, FRUIT)] == [*known, EOS]


@BOTH
def test_targets_by_hand(maths):
    indices = np.array([4, 1, 0, 3])
    x, targets = maths.shift_targets(indices)
    assert x.tolist() == [-1, 4, 1, 0] and targets.tolist() == [4, 1, 0, 3]
    assert indices.tolist() == [4, 1, 0, 3]
    assert not np.shares_memory(targets, indices) and not np.shares_memory(x, indices)
    assert [a.tolist() for a in maths.shift_targets(np.array([2]))] == [[-1], [2]]
    assert maths.one_hot(x, 5)[:, 0].tolist() == [0] * 5  # -1 becomes nothing


def test_whole_numbers_keep_their_type():
    x, targets = reference.shift_targets(np.array([3, 1], np.int32))
    assert x.dtype == targets.dtype == np.int32


@BOTH
def test_the_probability_of_a_sentence_by_hand(maths):
    """One unit, two symbols; log 3 in the bias: 3/4 for symbol 0 at a = 0; a is tanh of what was read."""
    P = {"Wax": np.array([[0.0, 1.0]]), "Waa": np.array([[0.5]]), "ba": np.zeros((1, 1))}
    P |= {"Wya": np.array([[1.0], [0.0]]), "by": np.array([[math.log(3)], [0.0]])}
    assert maths.sequence_log_probability(np.array([0]), P) == pytest.approx(math.log(3 / 4), abs=1e-15)
    a2 = math.tanh(1)  # symbol 1 was read
    odds = 3 * math.exp(a2)
    want = math.log(1 / 4) + math.log(odds / (1 + odds))
    assert maths.sequence_log_probability(np.array([1, 0]), P) == pytest.approx(want, abs=1e-15)
    odds = 3 * math.exp(math.tanh(0.5 * a2))  # then symbol 0, which adds nothing to the state
    want += math.log(1 / (1 + odds))
    assert maths.sequence_log_probability(np.array([1, 0, 1]), P) == pytest.approx(want, abs=1e-15)


@BOTH
@pytest.mark.parametrize("T", [1, 2, 9])
def test_the_probability_of_a_sentence_against_torch(maths, torch, model, rng, T):
    indices = rng.integers(N, size=T)
    rnn = torch.nn.RNN(N, N_A, nonlinearity="tanh").double()
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.tensor(model["Wax"]))
        rnn.weight_hh_l0.copy_(torch.tensor(model["Waa"]))
        rnn.bias_ih_l0.copy_(torch.tensor(model["ba"][:, 0]))
        rnn.bias_hh_l0.zero_()
        x = torch.zeros(T, 1, N, dtype=torch.float64)
        x[range(1, T), 0, indices[:-1]] = 1
        z = rnn(x)[0][:, 0] @ torch.tensor(model["Wya"]).T + torch.tensor(model["by"][:, 0])
        loss = torch.nn.functional.cross_entropy(z, torch.tensor(indices), reduction="sum")
    near(maths.sequence_log_probability(indices, model), -loss.item())


@BOTH
def test_the_sentence_is_what_the_loss_sees(maths, model, rng):
    """-log p is the summed loss of rnn_forward on shift_targets: reading, shifting and predicting fit together."""
    indices = rng.integers(N, size=7)
    x, targets = maths.shift_targets(indices)
    _, y_pred, _ = maths.rnn_forward(maths.one_hot(x, N)[:, None, :], np.zeros((N_A, 1)), model)
    near(maths.sequence_log_probability(indices, model), -maths.sequence_loss(y_pred, targets[None]))


@BOTH
def test_the_probabilities_of_all_sentences_sum_to_one(maths, rng):
    P = draw.rnn_parameters(rng, 3, 4, 3)
    total = sum(math.exp(maths.sequence_log_probability(np.array(s), P)) for s in itertools.product(range(3), repeat=4))
    assert total == pytest.approx(1, abs=1e-12)


@BOTH
def test_inputs_stay_as_they_are(maths, model, rng):
    indices, kept = rng.integers(N, size=5), {k: v.copy() for k, v in model.items()}
    before = indices.copy()
    maths.sequence_log_probability(indices, model)
    near((indices, model), (before, kept), 0)


def test_a_single_precision_model_is_nearly_the_same(model, rng):
    indices = rng.integers(N, size=8)
    single = {k: v.astype(np.float32) for k, v in model.items()}
    exact = reference.sequence_log_probability(indices, model)
    assert reference.sequence_log_probability(indices, single) == pytest.approx(exact, rel=1e-5)


def test_a_hopeless_symbol_is_improbable_not_impossible(model):
    model["by"][2] -= 2000.0
    got = reference.sequence_log_probability(np.array([2, 0]), model)
    assert -2100 < got < -1900


@BOTH
def test_units_by_hand(maths):
    assert maths.perplexity(0.0, 4) == 1.0 and maths.bits_per_character(0.0, 4) == 0.0
    assert maths.perplexity(5 * math.log(27), 5) == pytest.approx(27, rel=1e-15)  # guessing among 27
    assert maths.bits_per_character(10 * math.log(8), 10) == pytest.approx(3, rel=1e-15)  # three coins


@BOTH
def test_units_say_the_same_thing(maths, rng):
    for nats, steps in zip(rng.uniform(0, 500, 20), rng.integers(1, 300, 20), strict=True):
        assert 2 ** maths.bits_per_character(nats, steps) == pytest.approx(maths.perplexity(nats, steps), rel=1e-12)
        assert maths.perplexity(3 * nats, 3 * steps) == pytest.approx(maths.perplexity(nats, steps), rel=1e-12)


@BOTH
def test_a_model_that_knows_nothing_has_as_much_perplexity_as_symbols(maths):
    P = {k: np.zeros(s) for k, s in (("Wax", (2, 7)), ("Waa", (2, 2)), ("ba", (2, 1)), ("Wya", (7, 2)), ("by", (7, 1)))}
    nats = -maths.sequence_log_probability(np.arange(7), P)
    assert maths.perplexity(nats, 7) == pytest.approx(7, rel=1e-14)


def test_a_loss_without_end_is_infinite():
    assert reference.perplexity(np.inf, 3) == reference.bits_per_character(np.inf, 3) == math.inf
    assert reference.perplexity(1e9, 3) == math.inf


RNG = np.random.default_rng(0)
MODEL = draw.rnn_parameters(RNG, 5, 3, 5)

# what is called, the name at the head of the sentence, what was expected, what came
WRONG = {
    "a vocabulary of two": (lambda: reference.build_vocabulary(["a"], 2), "size", "at least 3", "got 2"),
    "a vocabulary and a half": (lambda: reference.build_vocabulary(["a"], 3.5), "size", "whole number", "got 3.5"),
    "nothing to count": (lambda: reference.build_vocabulary([], 5), "tokens", "at least one symbol", "got none"),
    "only signs": (lambda: reference.build_vocabulary([EOS, UNK], 5), "tokens", "besides <EOS> and <UNK>", "got none"),
    "numbers to count": (lambda: reference.build_vocabulary(["a", 3], 5), "tokens", "must be strings", "3 of type int"),
    "no list to count": (lambda: reference.build_vocabulary(7, 5), "tokens", "a list of strings", "int"),
    "lists for words": (lambda: reference.encode([["pear"]], FRUIT), "tokens", "must be strings", "of type list"),
    "a list for a vocabulary": (
        lambda: reference.encode(["pear"], [EOS, UNK, "pear"]), "vocabulary", "tokens, eos and unk", "got list",
    ),
    "no index": (lambda: reference.shift_targets(np.array([], int)), "indices", "at least 1", "(0,)"),
    "a table of indices": (lambda: reference.shift_targets(np.ones((2, 3), int)), "indices", "axes (T)", "(2, 3)"),
    "fractions": (lambda: reference.shift_targets(np.ones(3)), "indices", "whole numbers", "float64"),
    "indices that cannot be -1": (
        lambda: reference.shift_targets(np.ones(3, np.uint8)), "indices", "can be -1", "uint8",
    ),
    "an index below -1": (lambda: reference.shift_targets(np.array([1, -2])), "indices", "-1 or above", "-2 … 1"),
    "no sentence": (
        lambda: reference.sequence_log_probability(np.array([], int), MODEL), "indices", "at least 1", "(0,)",
    ),
    "a symbol outside": (
        lambda: reference.sequence_log_probability(np.array([0, 5]), MODEL), "indices", "between 0 and 4", "0 … 5",
    ),
    "nothing as a target": (
        lambda: reference.sequence_log_probability(np.array([-1, 2]), MODEL), "indices", "between 0 and 4", "-1 … 2",
    ),
    "a sentence of fractions": (
        lambda: reference.sequence_log_probability(np.array([0.5]), MODEL), "indices", "whole numbers", "float64",
    ),
    "a table of sentences": (
        lambda: reference.sequence_log_probability(np.ones((2, 2), int), MODEL), "indices", "axes (T)", "(2, 2)",
    ),
    "a model of two alphabets": (
        lambda: reference.sequence_log_probability(np.array([0]), draw.rnn_parameters(RNG, 5, 3, 4)),
        "P", "the same symbols", "n_x = 5, n_y = 4",
    ),
    "a model without a bias": (
        lambda: reference.sequence_log_probability(np.array([0]), {k: v for k, v in MODEL.items() if k != "by"}),
        "P", "by is missing", "Wax",
    ),
    "a log-probability for a loss": (lambda: reference.perplexity(-3.0, 2), "nats", "at least 0", "got -3.0"),
    "a loss that is NaN": (lambda: reference.perplexity(float("nan"), 2), "nats", "at least 0", "got nan"),
    "losses, not summed": (lambda: reference.bits_per_character(np.ones(2), 2), "nats", "a number", "ndarray"),
    "no step": (lambda: reference.perplexity(3.0, 0), "steps", "at least 1", "got 0"),
    "half a step": (lambda: reference.bits_per_character(3.0, 0.5), "steps", "whole number", "got 0.5"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_right_input_passes_every_door():
    """The cases above differ from these in one thing each."""
    reference.build_vocabulary(["a"], 3)
    reference.encode(["pear"], FRUIT)
    reference.shift_targets(np.array([1, -1]))
    reference.sequence_log_probability(np.array([0, 4]), MODEL)
    reference.perplexity(np.float64(3), np.int64(2))
