"""Names, letter by letter: as arrays for training, and finished by a trained model."""

import unicodedata

import numpy as np

from utils.errors import CourseError
from utils.reference import one_hot, rnn_cell_forward
from utils.text import EOS, UNK, Vocabulary

LETTERS = Vocabulary((EOS, UNK, *"abcdefghijklmnopqrstuvwxyz"))
# letters that Unicode does not take apart into a plain one and an accent
PLAIN = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"})


def fold_name(name):
    """A name as the model can read it: lower case, a to z, accents dropped ("Zoë" -> "zoe", "Ann-Marie" -> "annmarie").

    CourseError when it is no text or no letter is left.
    """
    if not isinstance(name, str):
        raise CourseError(
            f'A name was expected as text in quotation marks, such as "maria", but this is {type(name).__name__}.'
        )
    apart = unicodedata.normalize("NFKD", name.casefold().translate(PLAIN))
    folded = "".join(letter for letter in apart if "a" <= letter <= "z")
    if not folded:
        raise CourseError(
            f"A name with at least one letter from a to z was expected, got {name!r}: write it in Latin letters."
        )
    return folded


def name_batch(names, vocabulary=LETTERS):
    """Names as a language model reads them: x⟨1⟩ is zero, each letter is asked for from those before it, <EOS> is last.

    Returns x, one-hot (n_x, m, T), targets int (m, T) and mask bool (m, T), padded on the right to the longest name.
    """
    number = {token: i for i, token in enumerate(vocabulary.tokens)}
    T = max(len(name) for name in names) + 1
    inputs = np.full((len(names), T), -1)
    targets = np.zeros((len(names), T), dtype=np.int64)
    mask = np.zeros((len(names), T), dtype=bool)
    for i, name in enumerate(names):
        letters = [number[letter] for letter in name]
        inputs[i, 1 : len(letters) + 1] = letters
        targets[i, : len(letters) + 1] = [*letters, vocabulary.eos]
        mask[i, : len(letters) + 1] = True
    return (np.arange(len(vocabulary))[:, None, None] == inputs).astype(float), targets, mask


def arrays_of(names):
    """Names in the order of the training loops: x one-hot (n_x, m, T), mask bool (m, T), targets int (m, T)."""
    x, targets, mask = name_batch(names)
    return x, mask, targets


def next_letters(start, P, vocabulary=LETTERS):
    """P(next letter | start), shape (n_y,); `start` is folded to a … z and read letter by letter, "" is no letter."""
    return _read(fold_name(start) if start else "", P, vocabulary)[1]


def finish_name(start, P, vocabulary, rng, max_length=20, temperature=1.0, at_least=0):
    """Let the model write on from `start`, one draw a letter, until it draws <EOS> or the name has max_length letters.

    start: the beginning, folded to a … z. temperature: below 1 makes likely letters likelier; above 0. at_least: how
    many letters are added before <EOS> may be drawn. Returns the whole name as a string.
    """
    if not temperature > 0:
        raise CourseError(
            f"The temperature must be a number above 0, got {temperature!r}: 0.5 is careful, 1 is as trained."
        )
    name = begun = fold_name(start)
    a, p = _read(name, P, vocabulary)
    while len(name) < max_length:
        p = (p / p.max()) ** (1 / temperature)  # the likeliest letter stays at 1, so the sum cannot underflow to 0
        p[vocabulary.unk] = 0
        if len(name) < len(begun) + at_least:
            p[vocabulary.eos] = 0
        token = int(rng.choice(len(p), p=p / p.sum()))
        if token == vocabulary.eos:
            break
        name += vocabulary.tokens[token]
        a, p = _step(a, token, P)
    return name


def _step(a, token, P):
    a, y_pred, _ = rnn_cell_forward(one_hot(np.array([token]), P["Wax"].shape[1]), a, P)
    return a, y_pred[:, 0]


def _read(name, P, vocabulary):
    """State and prediction after x⟨1⟩ = 0 and the letters of a folded name."""
    a, p = _step(np.zeros_like(P["ba"]), -1, P)
    for letter in name:
        a, p = _step(a, vocabulary.tokens.index(letter), P)
    return a, p
