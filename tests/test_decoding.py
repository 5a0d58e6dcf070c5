"""Lesson 04: from a distribution to a sequence, by drawing."""

import numpy as np
import pytest
from nearness import BOTH, near
from refusals import refused

from utils import reference, textbook
from utils.checking.exercises import draw
from utils.text import EOS, UNK, Vocabulary

LETTERS = Vocabulary(("a", UNK, "b", "c", EOS))


def writer(rng, n_a=4, vocabulary=LETTERS, ending=0.0):
    n = len(vocabulary)
    P = draw.rnn_parameters(rng, n, n_a, n)
    P["by"][vocabulary.eos] += ending
    return P


def constant(p):
    """A model that predicts p at every step, whatever was read."""
    n = len(p)
    P = {"Wax": np.zeros((1, n)), "Waa": np.zeros((1, 1)), "ba": np.ones((1, 1)), "Wya": np.zeros((n, 1))}
    return P | {"by": np.log(np.array(p))[:, None]}


def test_both_write_the_same(rng):
    """The running total and one uniform number draw what rng.choice draws, from the same stream."""
    for seed in range(60):
        P = writer(rng, n_a=2 + seed % 5, ending=-1.0)
        temperature = (1.0, 0.4, 3.0)[seed % 3]
        one, other = np.random.default_rng(seed), np.random.default_rng(seed)
        want = textbook.sample_sequence(P, LETTERS, one, 30, temperature)
        assert reference.sample_sequence(P, LETTERS, other, 30, temperature) == want
        assert one.bit_generator.state == other.bit_generator.state


def test_a_batch_of_one_writes_the_same(rng):
    for seed in range(30):
        P = writer(rng, ending=-1.0)
        want = reference.sample_sequence(P, LETTERS, np.random.default_rng(seed), 30, 0.8)
        assert reference.sample_sequences(P, LETTERS, np.random.default_rng(seed), 1, 30, 0.8) == [want]


def test_a_batch_writes_what_its_draws_say(rng):
    """Sequence j of a batch is the sequence that one writer makes of the numbers in column j."""

    class Column(np.random.Generator):
        def __init__(self, numbers):
            super().__init__(np.random.PCG64())
            self.numbers = iter(numbers)

        def random(self):
            return next(self.numbers)

    P, m, T = writer(rng, ending=0.5), 7, 12
    got = reference.sample_sequences(P, LETTERS, np.random.default_rng(3), m, T)
    table = np.random.default_rng(3).random((T, m))  # the numbers in the order in which they are drawn
    assert got == [reference.sample_sequence(P, LETTERS, Column(table[:, j]), T) for j in range(m)]
    assert len({len(written) for written in got}) > 2  # they end at different times
    assert all(type(index) is int and index not in (LETTERS.eos, LETTERS.unk) for row in got for index in row)


def test_draws_of_a_batch_follow_the_probabilities():
    """χ² over the symbols of 300 sequences: Σ (observed - expected)² / expected, 3 degrees of freedom."""
    P = constant([0.1, 0.2, 0.3, 0.25, 0.15])
    written = reference.sample_sequences(P, LETTERS, np.random.default_rng(21), 300, 400)
    counts = np.bincount([index for row in written for index in row], minlength=5).astype(float)
    counts[LETTERS.eos] = sum(len(row) < 400 for row in written)
    draws = counts.sum()
    want = draws * np.array([0.1, 0.3, 0.25, 0.15]) / 0.8  # without <UNK>, divided by what is left
    assert counts[LETTERS.unk] == 0 and draws > 1200
    assert ((counts[[0, 2, 3, 4]] - want) ** 2 / want).sum() < 16.27  # exceeded once in a thousand seeds


def test_single_draws_follow_a_changed_temperature():
    """At temperature 2 the shares go with the root of p; χ² as above."""
    P, rng = constant([0.1, 0.2, 0.3, 0.25, 0.15]), np.random.default_rng(8)
    counts = np.zeros(5)
    for _ in range(3000):
        written = reference.sample_sequence(P, LETTERS, rng, 1, 2.0)
        counts[written[0] if written else LETTERS.eos] += 1
    want = np.sqrt([0.1, 0.3, 0.25, 0.15])
    want *= 3000 / want.sum()
    assert counts[LETTERS.unk] == 0
    assert ((counts[[0, 2, 3, 4]] - want) ** 2 / want).sum() < 16.27


def test_the_last_number_below_one_draws_the_last_symbol(rng):
    """A running total that ends a little below 1 must not let the largest number fall off its end."""

    class Largest(np.random.Generator):
        def random(self, m=None):
            return np.nextafter(1, 0) if m is None else np.full(m, np.nextafter(1, 0))

    vocabulary = Vocabulary((EOS, *"abcdefgh", UNK))  # the last that can be drawn is h; <UNK> behind it cannot
    for _ in range(50):
        P = writer(rng, vocabulary=vocabulary)
        assert reference.sample_sequence(P, vocabulary, Largest(np.random.PCG64()), 3) == [8, 8, 8]
        assert reference.sample_sequences(P, vocabulary, Largest(np.random.PCG64()), 2, 3) == [[8, 8, 8]] * 2


def test_a_tiny_temperature_takes_the_most_probable(rng):
    P = writer(rng)
    written = reference.sample_sequence(P, LETTERS, rng, 9, 1e-9)
    assert reference.sample_sequences(P, LETTERS, rng, 4, 9, 1e-9) == [written] * 4


@pytest.mark.parametrize("write", [textbook.sample_sequence, reference.sample_sequence])
def test_nothing_is_written_in_no_step(write, rng):
    assert write(writer(rng), LETTERS, rng, 0) == []
    assert reference.sample_sequences(writer(rng), LETTERS, rng, 3, 0) == [[], [], []]


def test_writing_changes_no_parameter(rng):
    P = writer(rng)
    kept = {k: v.copy() for k, v in P.items()}
    reference.sample_sequence(P, LETTERS, rng, 20)
    reference.sample_sequences(P, LETTERS, rng, 5, 20)
    near(P, kept, 0)


def test_a_single_precision_model_writes_the_same(rng):
    P = writer(rng, ending=-2.0)
    single = {k: v.astype(np.float32) for k, v in P.items()}
    one, other = (reference.sample_sequences(p, LETTERS, np.random.default_rng(5), 8, 20) for p in (P, single))
    assert one == other


@BOTH
def test_temperature_by_hand(maths):
    logits = np.log([1.0, 4.0])
    near(maths.apply_temperature(logits, 1.0), [0.2, 0.8])
    near(maths.apply_temperature(logits, 0.5), [1 / 17, 16 / 17])  # the odds are squared
    near(maths.apply_temperature(logits, 2.0), [1 / 3, 2 / 3])  # the root of the odds
    near(maths.apply_temperature(logits + 1000, 0.5), [1 / 17, 16 / 17])


@BOTH
def test_temperature_against_torch(maths, rng):
    torch = pytest.importorskip("torch")
    logits = 5 * rng.standard_normal(7)
    for tau in (0.1, 0.7, 1.0, 9.0):
        near(maths.apply_temperature(logits, tau), torch.softmax(torch.tensor(logits) / tau, 0).numpy())


@BOTH
def test_temperature_leaves_the_order_and_moves_the_spread(maths, rng):
    logits = rng.standard_normal(6)
    spread = []
    for tau in (0.2, 1.0, 5.0):
        p = maths.apply_temperature(logits, tau)
        assert p.sum() == pytest.approx(1, abs=1e-14) and (np.argsort(p) == np.argsort(logits)).all()
        spread.append(-(p * np.log(p)).sum())
    assert spread == sorted(spread)
    near(maths.apply_temperature(logits, 1e6), np.full(6, 1 / 6), 1e-5)


@BOTH
def test_top_k_by_hand(maths):
    p = np.array([0.1, 0.4, 0.2, 0.3])
    near(maths.top_k(p, 1), [0, 1, 0, 0])
    near(maths.top_k(p, 2), [0, 4 / 7, 0, 3 / 7])
    near(maths.top_k(p, 4), p)
    near(maths.top_k(np.array([0.25, 0.25, 0.25, 0.25]), 2), [0.5, 0.5, 0, 0])
    near(maths.top_k(np.array([1.0]), 1), [1.0])


@BOTH
def test_nucleus_by_hand(maths):
    p = np.array([0.1, 0.4, 0.2, 0.3])
    near(maths.nucleus(p, 0.3), [0, 1, 0, 0])
    near(maths.nucleus(p, 0.5), [0, 4 / 7, 0, 3 / 7])  # 0.4 is not enough; 0.3 crosses and is kept
    near(maths.nucleus(p, 0.8), [0, 4 / 9, 2 / 9, 3 / 9])
    near(maths.nucleus(p, 1.0), p)
    near(maths.nucleus(np.array([0.25, 0.25, 0.25, 0.25]), 0.4), [0.5, 0.5, 0, 0])
    near(maths.nucleus(np.array([1.0]), 0.5), [1.0])
    near(maths.nucleus(np.array([0.0, 0.5, 0.5]), 0.5), [0, 1, 0])  # a half is exact: reached, not crossed


@BOTH
def test_what_is_cut_keeps_its_proportions(maths, rng):
    p = draw.probabilities(rng, 9)
    for cut in [maths.top_k(p, k) for k in range(1, 10)] + [maths.nucleus(p, q) for q in (0.05, 0.4, 0.77, 1.0)]:
        assert cut.sum() == pytest.approx(1, abs=1e-14)
        kept = cut > 0
        near(cut[kept] / cut[kept][0], p[kept] / p[kept][0])
        assert kept.all() or p[kept].min() > p[~kept].max()
    assert [(maths.top_k(p, k) > 0).sum() for k in range(1, 10)] == list(range(1, 10))


@BOTH
def test_the_nucleus_is_the_smallest_that_is_enough(maths, rng):
    for _ in range(50):
        p = draw.probabilities(rng, 8)
        mass = float(rng.uniform(0.01, 0.99))
        kept = maths.nucleus(p, mass) > 0
        assert p[kept].sum() >= mass
        assert p[kept].sum() - p[kept].min() < mass


@BOTH
def test_cuts_change_no_input(maths, rng):
    p, logits = draw.probabilities(rng, 5), rng.standard_normal(5)
    kept = p.copy(), logits.copy()
    cuts = maths.top_k(p, 5), maths.nucleus(p, 1.0), maths.apply_temperature(logits, 1.0)
    near((p, logits), kept, 0)
    assert not any(np.shares_memory(cut, array) for cut in cuts for array in (p, logits))


def test_single_precision_is_kept(rng):
    p, logits = draw.probabilities(rng, 5).astype(np.float32), rng.standard_normal(5).astype(np.float32)
    cuts = reference.top_k(p, 2), reference.nucleus(p, 0.5), reference.apply_temperature(logits, np.float64(0.5))
    assert {cut.dtype for cut in cuts} == {np.dtype(np.float32)}


def test_a_symbol_that_cannot_be_stays_impossible():
    near(reference.apply_temperature(np.array([0.0, -np.inf, 0.0]), 0.3), [0.5, 0, 0.5])
    near(reference.apply_temperature(np.array([0.0, 100.0, 100.0]), 1e-308), [0, 0.5, 0.5])


RNG = np.random.default_rng(0)
P5 = writer(RNG)
EVEN = np.full(4, 0.25)


def sample(P=P5, vocabulary=LETTERS, max_length=3, temperature=1.0):
    return lambda: reference.sample_sequence(P, vocabulary, RNG, max_length, temperature)


def samples(m=2, P=P5, max_length=3, temperature=1.0):
    return lambda: reference.sample_sequences(P, LETTERS, RNG, m, max_length, temperature)


# what is called, the name at the head of the sentence, what was expected, what came
WRONG = {
    "a model of another vocabulary": (
        sample(P=draw.rnn_parameters(RNG, 4, 3, 4)), "P", "for the 5 symbols of the vocabulary", "got 4",
    ),
    "a model that reads other symbols": (
        samples(P=draw.rnn_parameters(RNG, 4, 3, 5)), "P", "the same symbols", "n_x = 4, n_y = 5",
    ),
    "a list for a vocabulary": (sample(vocabulary=["a"] * 5), "vocabulary", "tokens, eos and unk", "got list"),
    "a length below zero": (sample(max_length=-1), "max_length", "at least 0", "got -1"),
    "a length of a half": (samples(max_length=2.5), "max_length", "whole number", "got 2.5"),
    "a batch of none": (samples(m=0), "m", "at least 1", "got 0"),
    "temperature zero in a batch": (samples(temperature=0), "temperature", "above 0", "got 0"),
    "temperature in words": (sample(temperature="hot"), "temperature", "above 0", "got hot"),
    "tau zero": (lambda: reference.apply_temperature(np.ones(3), 0), "tau", "above 0", "got 0"),
    "tau below zero": (lambda: reference.apply_temperature(np.ones(3), -2.0), "tau", "above 0", "got -2.0"),
    "tau NaN": (lambda: reference.apply_temperature(np.ones(3), float("nan")), "tau", "above 0", "got nan"),
    "logits in a table": (lambda: reference.apply_temperature(EVEN[None], 1.0), "logits", "axes (n)", "(1, 4)"),
    "whole logits": (lambda: reference.apply_temperature(np.ones(3, int), 1.0), "logits", "real numbers", "int64"),
    "infinite logits": (
        lambda: reference.apply_temperature(np.array([np.inf, 0]), 1.0), "logits", "below infinity", "inf",
    ),
    "nothing possible": (
        lambda: reference.apply_temperature(np.array([-np.inf, -np.inf]), 1.0), "logits", "real numbers", "-inf",
    ),
    "k zero": (lambda: reference.top_k(EVEN, 0), "k", "at least 1", "got 0"),
    "k too large": (lambda: reference.top_k(EVEN, 5), "k", "at most 4", "got 5"),
    "k a fraction": (lambda: reference.top_k(EVEN, 2.0), "k", "whole number", "got 2.0"),
    "logits for probabilities": (lambda: reference.top_k(EVEN - 1, 2), "p", "at least 0", "got -0.75"),
    "p that does not sum to 1": (lambda: reference.top_k(EVEN * 2, 2), "p", "sum to 1", "got 2.0"),
    "p with NaN": (lambda: reference.nucleus(np.array([np.nan, 1]), 0.5), "p", "holds NaN", "the step that made it"),
    "p in columns": (lambda: reference.nucleus(EVEN[:, None], 0.5), "p", "axes (n)", "(4, 1)"),
    "p empty": (lambda: reference.nucleus(np.array([]), 0.5), "p", "at least 1", "(0,)"),
    "p of whole numbers": (lambda: reference.nucleus(np.array([1, 0]), 0.5), "p", "real numbers", "int64"),
    "mass zero": (lambda: reference.nucleus(EVEN, 0.0), "mass", "above 0", "got 0.0"),
    "mass above one": (lambda: reference.nucleus(EVEN, 1.1), "mass", "at most 1", "got 1.1"),
    "mass in words": (lambda: reference.nucleus(EVEN, "half"), "mass", "a number", "str"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_right_input_passes_every_door():
    """The cases above differ from these in one thing each."""
    sample()()
    samples()()
    reference.apply_temperature(np.ones(3), np.float32(2))
    reference.top_k(EVEN, np.int64(4))
    reference.nucleus(EVEN.astype(np.float32), 1)
