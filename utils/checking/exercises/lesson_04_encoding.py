"""Lesson 04: from a text to what a language model reads and predicts."""

import numpy as np

from utils import reference, textbook
from utils.text import EOS, UNK, Vocabulary

from ..exercise import Exercise, Mistake
from .lesson_04_building import WORDS


def _a_vocabulary(rng, n):
    """A vocabulary of n words in which <EOS> and <UNK> stand in the middle, where no habit would look for them."""
    tokens = [str(word) for word in rng.permutation(WORDS)[:n]]
    tokens.insert(int(rng.integers(1, n)), EOS)
    tokens.insert(int(rng.integers(1, n + 1)), UNK)
    return Vocabulary(tuple(tokens))


def _encode_cases(rng):
    def case(n, known, unknown):
        vocabulary = _a_vocabulary(rng, n)
        words = [token for token in vocabulary.tokens if token not in (EOS, UNK)]
        tokens = [words[i] for i in rng.integers(len(words), size=known)] + ["durian", "papaya", "kiwi"][:unknown]
        return {"tokens": [tokens[i] for i in rng.permutation(len(tokens))], "vocabulary": vocabulary}

    repeated = _a_vocabulary(rng, 4)
    last = next(token for token in reversed(repeated.tokens) if token not in (EOS, UNK))
    return {
        "unknown words among them": case(6, 7, 2),
        "all of them known": case(5, 6, 0),
        "the same word again and again": {"tokens": [last] * 3 + ["durian"] * 2 + [last], "vocabulary": repeated},
        "none of them known": case(4, 0, 3),
        "one word": case(7, 1, 0),
        "no word": case(3, 0, 0),
    }


encode = Exercise(
    name="encode",
    lesson="04a",
    reference=reference.encode,
    textbook=textbook.encode,
    parts={"indices": 2},
    cases=_encode_cases,
    read="section 4.2",
    mistakes=(
        Mistake("<EOS> is missing at the end", (("    indices.append(vocabulary.eos)\n", ""),)),
        Mistake(
            "<EOS> stands at the beginning; it ends a sequence",
            (("indices.append(vocabulary.eos)", "indices.insert(0, vocabulary.eos)"),),
        ),
        Mistake(
            "unknown words are left out; each becomes <UNK>",
            (
                (
                    "        index = numbers",
                    "        if token not in numbers:\n            continue\n        index = numbers",
                ),
            ),
        ),
        Mistake(
            "unknown words become <EOS>; they are <UNK>", (("(token, vocabulary.unk)", "(token, vocabulary.eos)"),)
        ),
        Mistake(
            "unknown words become -1; they have a number of their own, <UNK>", (("token, vocabulary.unk", "token, -1"),)
        ),
        Mistake(
            "unknown words become symbol 0; they are <UNK>, vocabulary.unk", (("token, vocabulary.unk", "token, 0"),)
        ),
        Mistake(
            "<UNK> stands at the end; the sequence ends with <EOS>",
            (("append(vocabulary.eos)", "append(vocabulary.unk)"),),
        ),
        Mistake(
            "the symbols are numbered from 1; the first one is number 0",
            (("enumerate(vocabulary.tokens)", "enumerate(vocabulary.tokens, 1)"),),
        ),
        Mistake(
            "the symbols are numbered in alphabetical order; a symbol's number is its place in vocabulary.tokens",
            (("enumerate(vocabulary.tokens)", "enumerate(sorted(vocabulary.tokens))"),),
        ),
        Mistake(
            "the end is marked by a number that no symbol has; append vocabulary.eos",
            (("append(vocabulary.eos)", "append(len(vocabulary.tokens))"),),
        ),
        Mistake(
            "each word is encoded once only; a text keeps its repetitions",
            (("for token in tokens:", "for token in dict.fromkeys(tokens):"),),
        ),
        Mistake(
            "the numbers of <UNK> and <EOS> are taken to be 1 and 0; they are vocabulary.unk and vocabulary.eos",
            (("token, vocabulary.unk", "token, 1"), ("append(vocabulary.eos)", "append(0)")),
        ),
        Mistake(
            "the number of <EOS> is taken to be 0; it is vocabulary.eos",
            (("append(vocabulary.eos)", "append(0)"),),
        ),
        Mistake(
            "the number of <UNK> is taken to be 1; it is vocabulary.unk",
            (("token, vocabulary.unk", "token, 1"),),
        ),
    ),
    hints=(
        "A symbol's number is its place in vocabulary.tokens. Look it up for each token, then add the end.",
        "A dict from symbol to number finds it at once; its get method takes what to answer for a stranger.",
        "numbers = {symbol: i for i, symbol in enumerate(vocabulary.tokens)}; then numbers.get(token, vocabulary.unk) "
        "for each token, and vocabulary.eos at the end, in np.array(…).",
    ),
)


def _shift_cases(rng):
    def case(T, n=9):
        indices = rng.permutation(np.arange(1, n))[: T - 1]
        return {"indices": np.append(indices, 0)}  # <EOS> is symbol 0 here

    twice = np.array([4, 4, 2, 2, 2, 7]) + int(rng.integers(3))
    return {
        "a sentence": case(7),
        "another sentence": case(5),
        "the same symbol twice": {"indices": np.append(twice, 1)},
        "two symbols": case(2),
        "one time step": {"indices": rng.integers(2, 9, 1)},
    }


shift_targets = Exercise(
    name="shift_targets",
    lesson="04a",
    reference=reference.shift_targets,
    textbook=textbook.shift_targets,
    parts={"x": 1, "targets": 1},
    cases=_shift_cases,
    read="section 4.3",
    mistakes=(
        Mistake(
            "x is not shifted, so that the model reads the very symbol it is to predict; x⟨t⟩ is the one before",
            (("    x[0] = -1\n", ""), ("x[1:] = indices[:-1]", "x[:] = indices")),
        ),
        Mistake("the first input is symbol 0; nothing was read yet, which is -1", (("x[0] = -1", "x[0] = 0"),)),
        Mistake(
            "the first input is the last symbol, as np.roll leaves it; nothing was read yet, which is -1",
            (("x[0] = -1", "x[0] = indices[-1]"),),
        ),
        Mistake(
            "both lose a symbol: the first one has to be predicted too, from nothing; x begins with -1",
            (("return x, targets", "return x[1:], targets[1:]"),),
        ),
        Mistake("x and targets are returned in the wrong order", (("return x, targets", "return targets, x"),)),
        Mistake(
            "x is shifted the wrong way: it shows the symbol after the one to be predicted, not the one before",
            (("x[0] = -1", "x[-1] = -1"), ("x[1:] = indices[:-1]", "x[:-1] = indices[1:]")),
        ),
        Mistake(
            "x is one step too long: the last symbol is predicted, but never read",
            (("return x, targets", "return np.append(x, indices[-1]), targets"),),
        ),
        Mistake(
            "x is shifted by two steps; x⟨t⟩ is the symbol right before the one to be predicted",
            (("x[1:] = indices[:-1]", "x[:2] = -1\n    x[2:] = indices[:-2]"),),
        ),
        Mistake(
            "the targets are shifted as well: they are the indices themselves",
            (("np.array(indices)", "np.append(indices[1:], -1)"),),
        ),
    ),
    hints=(
        "Write both below each other for a short word: what has been read when the first symbol is to be predicted?",
        "x is as long as indices: it begins with -1, then come all symbols but the last. The targets are indices.",
        "x = np.zeros(T, dtype=int); x[0] = -1; x[1:] = indices[:-1]; targets = indices.copy().",
    ),
)

EXERCISES = (encode, shift_targets)
QUIZZES = ()
