"""Lesson 05: surnames by spelling, what padding does to them, what a trained state keeps of their letters."""

import numpy as np

from utils.datasets import LANGUAGES, load_surnames
from utils.loop import on_one_thread
from utils.reference import (
    adam_step,
    classify_backward,
    clip_by_norm,
    encode_batch,
    init_rnn,
    minibatches,
    pad_left,
    sequence_to_one_forward,
    softmax,
)
from utils.stored_runs.experiment import split
from utils.stored_runs.surnames import numbers

LETTERS = 26
SIDES = ("left", "right")


def split_surnames(seed=0):
    """Names and labels to learn from, then names and labels held out, one fifth; the split of the stored run."""
    known, held_out = split(np.random.default_rng(seed), load_surnames(), 0.2)
    return [n for n, _ in known], numbers(known), [n for n, _ in held_out], numbers(held_out)


def letters(name):
    """The letters of a name in a … z as numbers: a is 0."""
    return [ord(letter) - ord("a") for letter in name]


def letter_pairs(name):
    """Neighbouring letters as one symbol each, the border in front and behind included: 27 · 27 symbols."""
    framed = [LETTERS, *letters(name), LETTERS]
    return [(LETTERS + 1) * first + second for first, second in zip(framed, framed[1:], strict=False)]


def one_hot_block(indices, n_x=LETTERS):
    """Indices (m, T) as one-hot columns (n_x, m, T); -1 gives zeros."""
    return (np.arange(n_x)[:, None, None] == indices).astype(float)


def pad(sequences, side="left", T=None):
    """Indices and mask (m, T), padded to the longest sequence, or to T if that is longer."""
    longest = max(len(sequence) for sequence in sequences)
    indices, mask = pad_left(sequences)
    front = np.zeros((len(sequences), max(T or 0, longest) - longest), dtype=int)
    indices, mask = np.hstack([front - 1, indices]), np.hstack([front > 0, mask])
    if side == "right":
        order = np.argsort(~mask, axis=1, kind="stable")
        indices, mask = np.take_along_axis(indices, order, axis=1), np.take_along_axis(mask, order, axis=1)
    return indices, mask


def answer(sequences, P, *, side="left", masked=True, T=None):
    """Probabilities (n_y, m) and last states (n_a, m) of sequences of symbols, all read in one batch."""
    indices, mask = pad(sequences, side, T)
    x, a0 = one_hot_block(indices, P["Wax"].shape[1]), np.zeros((len(P["ba"]), len(sequences)))
    H, y_pred, _ = sequence_to_one_forward(x, a0, P, mask if masked else None)
    return y_pred, H


@on_one_thread
def surname_network(
    seed=0, *, symbols=letters, n_x=LETTERS, n_a=64, epochs=8, size=32, learning_rate=0.003, side="left", masked=True,
    every=1, progress=False,
):  # fmt: skip
    """Train an RNN on four fifths of the surnames, with the loop and the settings that the lesson shows.

    symbols: a name -> a list of numbers below n_x. side, masked: where the padding stands and whether the mask is used.
    every: learn from each such name only. Returns P and the history, a list of (nats per name, share right while
    learning, share right of the held-out names), one for each epoch.
    """
    names, labels, held_names, held_labels = split_surnames(seed)
    known, labels = [symbols(name) for name in names[::every]], labels[::every]
    held_out = [symbols(name) for name in held_names]
    rng = np.random.default_rng(seed + 1)
    P, adam, history = init_rnn(n_x, n_a, len(LANGUAGES), rng), None, []
    for epoch in range(1, epochs + 1):
        nats, right = 0.0, 0
        for batch in minibatches(len(known), size, rng):
            indices, mask = pad([known[i] for i in batch], side)
            x, a0 = one_hot_block(indices, n_x), np.zeros((n_a, len(batch)))
            _, y_pred, caches = sequence_to_one_forward(x, a0, P, mask if masked else None)
            G = classify_backward(y_pred, labels[batch], caches, P)
            G, _ = clip_by_norm({name: g / len(batch) for name, g in G.items()}, 1.0)
            P, adam = adam_step(P, G, adam, learning_rate)
            nats -= np.log(y_pred[labels[batch], np.arange(len(batch))]).sum()
            right += int((y_pred.argmax(axis=0) == labels[batch]).sum())
        guesses = [answer(held_out[i : i + 300], P, side=side, masked=masked)[0] for i in range(0, len(held_out), 300)]
        share = float(np.mean(np.hstack(guesses).argmax(axis=0) == held_labels))
        history.append((nats / len(known), right / len(known), share))
        if progress:
            print(f"epoch {epoch} of {epochs}: {right / len(known):.2f} right while learning, {share:.2f} held out")
    return P, history


def pairs_network(seed=0, epochs=2, **settings):
    """The same network, reading pairs of neighbouring letters: those of the names it learns from, others are skipped.

    Returns as `surname_network`.
    """
    known = sorted({pair for name in split_surnames(seed)[0] for pair in letter_pairs(name)})
    number = {pair: i for i, pair in enumerate(known)}

    def symbols(name):
        return [number[pair] for pair in letter_pairs(name) if pair in number]

    return surname_network(seed, symbols=symbols, n_x=len(known), epochs=epochs, **settings)


@on_one_thread
def read_letters_back(names, held_names, P, lags=tuple(range(8))):
    """How well the letter of k steps before the end can be read from the last state, for each k in lags.

    A linear reader (least squares on [H; 1], one column per letter, the largest wins) is fitted on the names and scored
    on the held-out ones, each time on those that are long enough. Returns (len(lags),).
    """
    fit, test = (encoded(some, P) for some in (names, held_names))
    share = []
    for k in lags:
        (S, target), (S_test, target_test) = (_long_enough(*one, k) for one in (fit, test))
        reader, *_ = np.linalg.lstsq(S, np.eye(LETTERS)[target], rcond=None)
        share.append(np.mean((S_test @ reader).argmax(axis=1) == target_test))
    return np.array(share)


def most_frequent_letters(names, held_names, lags=tuple(range(8))):
    """What knowing nothing about a name gets right of its letter k steps before the end, for each k in lags.

    The guess is the letter that is most frequent there in names. Returns the shares (len(lags),), and how many held-out
    names are long enough to be asked, (len(lags),).
    """
    fit, test = (pad_left([letters(name) for name in some])[0] for some in (names, held_names))
    share, asked = [], []
    for k in lags:
        known, target = (table[table[:, -1 - k] >= 0, -1 - k] for table in (fit, test))
        share.append(np.mean(target == np.bincount(known).argmax()))
        asked.append(len(target))
    return np.array(share), np.array(asked)


@on_one_thread
def read_language_back(names, labels, held_names, held_labels, P):
    """Share of held-out names whose language the same kind of reader finds in the last state."""
    (S, _), (S_test, _) = encoded(names, P), encoded(held_names, P)
    reader, *_ = np.linalg.lstsq(S, np.eye(len(LANGUAGES))[labels], rcond=None)
    return float(np.mean((S_test @ reader).argmax(axis=1) == held_labels))


def encoded(names, P):
    """The last states with a 1 behind, (m, n_a + 1), and the letters, (m, T), padded on the left."""
    indices, mask = pad_left([letters(name) for name in names])
    H = encode_batch(one_hot_block(indices), mask, P)
    return np.vstack([H, np.ones((1, len(names)))]).T, indices


def _long_enough(S, indices, k):
    """The rows of names with more than k letters, and the letter of k steps before the end of each."""
    letter = indices[:, -1 - k]
    return S[letter >= 0], letter[letter >= 0]


def plane_of(H):
    """The plane in which the columns of H (n_a, m) spread most, and the share of their spread that it keeps.

    Returns mean (n_a, 1), basis (n_a, 2) and the share of the variance. A state a lies at basis.T @ (a - mean). Signs
    are chosen so that the larger entries of each basis column are positive.
    """
    mean = H.mean(axis=1, keepdims=True)
    U, S, _ = np.linalg.svd(H - mean, full_matrices=False)
    basis = U[:, :2] * np.sign(U[np.abs(U[:, :2]).argmax(axis=0), [0, 1]])
    return mean, basis, float((S[:2] ** 2).sum() / (S**2).sum())


def probabilities(name, P):
    """What the network would answer if the name ended after each of its letters: (n_y, T)."""
    a, answers = np.zeros((len(P["ba"]), 1)), []
    for k in letters(name):
        a = np.tanh(P["Wax"][:, [k]] + P["Waa"] @ a + P["ba"])
        answers.append(softmax(P["Wya"] @ a + P["by"]))
    return np.hstack(answers)
