"""What a recurrent network has to beat: n-grams for characters, and logistic regression on runs of letters."""

from collections import Counter
from math import log2

import numpy as np

from utils.reference import adam_step, softmax
from utils.reference.door import expect, expect_number, expect_targets

START, STOP = "^", "$"  # the borders of a word
STRENGTHS = (0.5, 1, 2, 4, 8, 16, 32)


def _expect_words(name, words):
    if not isinstance(words, list | tuple) or not words or not all(isinstance(word, str) and word for word in words):
        raise ValueError(f"{name} must be a list of at least one word, each a string with at least one letter.")


class NGrams:
    """P(next character | the order - 1 before it), from counts; contexts that are rare lean on shorter ones.

    p_k(c | h) = (count(hc) + s · p_{k-1}(c | h without its first)) / (count(h) + s), down to p_0 = 1 / symbols:
    interpolation in the way of Dirichlet priors (MacKay and Peto 1995). order 0 is uniform, 1 unigram, 2 bigram, 3
    trigram. symbols: how many there are, the end of a word included. strength: s, in counts.
    """

    def __init__(self, words, order, symbols, strength):
        self.order, self.symbols, self.strength = order, symbols, strength
        self.counts, self.totals = Counter(), Counter()
        for word in words:
            for context, character in self._steps(word):
                for start in range(len(context) + 1):
                    self.counts[context[start:] + character] += 1
                    self.totals[context[start:]] += 1

    def _steps(self, word):
        """(context, character) for each character and for the end."""
        before = max(self.order - 1, 0)
        padded = START * before + word + STOP
        return [(padded[i - before : i], padded[i]) for i in range(before, len(padded))]

    def probability(self, context, character):
        """p of one character after its context, at most order - 1 characters long; START stands before the word."""
        p = 1 / self.symbols
        for start in range(len(context), -1, -1) if self.order else ():
            h = context[start:]
            p = (self.counts[h + character] + self.strength * p) / (self.totals[h] + self.strength)
        return p

    def bits_per_character(self, words):
        """-log2 p per character, the end of each word counted as one."""
        steps = [step for word in words for step in self._steps(word)]
        return -sum(log2(self.probability(*step)) for step in steps) / len(steps)


def ngram_bits(words, held_out, order, symbols=27) -> float:
    """Bits per character of the held-out words under an n-gram model of the others; each end counts as a character.

    The strength (see `NGrams`) is chosen among STRENGTHS on every tenth of the training words, with the model of the
    other nine tenths. symbols: 27 are a to z and the end. ValueError for anything but lists of words, and for too few.
    """
    _expect_words("words", words)
    _expect_words("held_out", held_out)
    expect_number("order", order, least=0, whole=True)
    if len(words) < 10:
        raise ValueError(f"words must hold at least 10 words, one of which chooses the strength, got {len(words)}.")
    different = len({letter for word in (*words, *held_out) for letter in word}) + 1
    expect_number("symbols", symbols, least=different, whole=True)
    return fitted_ngrams(words, order, symbols).bits_per_character(held_out)


def fitted_ngrams(words, order, symbols=27) -> NGrams:
    """The model behind `ngram_bits`: NGrams of the words with the strength that suits every tenth of them best."""
    rest = [word for i, word in enumerate(words) if i % 10]

    def chosen_by(strength):
        return NGrams(rest, order, symbols, strength).bits_per_character(words[::10])

    return NGrams(words, order, symbols, min(STRENGTHS, key=chosen_by))


def letter_runs(word, longest=4):
    """All runs of 1 to `longest` characters of a word with its borders: "al" -> ^ a l $ ^a al l$ ^al al$ ^al$."""
    padded = START + word + STOP
    return [padded[i : i + n] for n in range(1, longest + 1) for i in range(len(padded) - n + 1)]


class LetterRuns:
    """Logistic regression on which runs of letters a word holds: ŷ = softmax(Σ over its runs of W[run] + b).

    words, labels: what is learned from; n: number of classes. Full batches, Adam, squared weights held down by `decay`.
    """

    def __init__(self, words, labels, n, *, longest=4, epochs=60, learning_rate=0.05, decay=5e-4):
        _expect_words("words", words)
        expect({"m": len(words)}, labels=(labels, "m"))
        expect_targets(labels, n)
        self.longest = longest
        known = sorted({run for word in words for run in letter_runs(word, longest)})
        self.number = {run: i for i, run in enumerate(known)}
        runs, starts = self._numbers(words)
        order = np.argsort(runs, kind="stable")  # entries of the same run side by side, so that their sum is one call
        firsts = np.concatenate([[0], np.flatnonzero(np.diff(runs[order])) + 1])
        rows = np.repeat(np.arange(len(words)), np.diff([*starts, len(runs)]))[order]
        right = (np.arange(n) == labels[:, None]).astype(float)
        self.P, state = {"W": np.zeros((len(self.number), n)), "b": np.zeros(n)}, None
        for _ in range(epochs):
            dz = (self._answers(runs, starts) - right) / len(words)  # (m, n)
            dW = np.add.reduceat(dz[rows], firsts) + decay * self.P["W"]
            self.P, state = adam_step(self.P, {"dW": dW, "db": dz.sum(axis=0)}, state, learning_rate)

    def _numbers(self, words):
        """The numbers of the known runs of all words, one after another, and where each word starts."""
        known = [[self.number[r] for r in letter_runs(word, self.longest) if r in self.number] for word in words]
        starts = np.cumsum([0, *(len(runs) for runs in known)])[:-1]
        return np.concatenate(known).astype(np.intp), starts

    def _answers(self, runs, starts):
        return softmax((np.add.reduceat(self.P["W"][runs], starts) + self.P["b"]).T).T

    def predict(self, words):
        """The likeliest class of each word, int (m,). The borders are runs that every word holds."""
        _expect_words("words", words)
        return self._answers(*self._numbers(words)).argmax(axis=1)
