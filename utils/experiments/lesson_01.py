"""Which year was Nepal, what sharing costs, and what a state keeps."""

from functools import partial

import numpy as np

from utils.datasets import YEARS, encode_words, nepal_sentences, nepal_words, random_symbols
from utils.reference import init_rnn, rnn_forward
from utils.reference.initialise import init_feed_forward
from utils.training import (
    accuracy_of_classifier,
    accuracy_to_one,
    on_one_thread,
    stack_positions,
    train_classifier,
    train_every_step,
    train_to_one,
    word_counts,
)

SHIFTS = tuple(range(13))
TRAINED_SHIFTS = (0, 3)
LONGEST_STATEMENT = 11  # words of a sentence with two trips, behind its opener


def count_parameters(P):
    """How many numbers a model has to learn."""
    return sum(theta.size for theta in P.values())


@on_one_thread
def nepal_experiment(seed=0, trips=1, *, shifts=SHIFTS, m_train=2000, m_test=300, progress=False):
    """Three models learn when the narrator went to Nepal, with 0 to 3 words in front; then the words move on.

    trips: as for `nepal_sentences`. Each model sees the same m_train sentences; it is tested on m_test fresh ones for
    each number of words in front. The plain net gets room for the longest test sentence, and more weights than the RNN.

    Returns {model: {"parameters": int, "accuracy": (len(shifts),) share of right answers}} in the order bag of words,
    feed-forward, RNN.
    """
    rng = np.random.default_rng(seed)
    words, n_y = nepal_words(), len(YEARS)
    length = LONGEST_STATEMENT + max(*shifts, *TRAINED_SHIFTS)
    sentences, labels = nepal_sentences(rng, m_train, trips, TRAINED_SHIFTS)
    x, mask = encode_words(sentences, words, length)
    longest = int(mask.sum(axis=1).max())
    tests = []
    for shift in shifts:
        moved, answers = nepal_sentences(rng, m_test, trips, (shift, shift))
        tests.append((*encode_words(moved, words, length), answers))
    result = {}
    for name, features, n_h in (("bag of words", word_counts, 96), ("feed-forward", stack_positions, 16)):
        if progress:
            print(f"{name}: training")
        X = features(x)
        P = init_feed_forward(len(X), n_h, n_y, rng)
        P, _ = train_classifier(X, labels, P, rng, epochs=15, learning_rate=0.005)
        accuracy = [accuracy_of_classifier(features(xt), answers, P) for xt, _, answers in tests]
        result[name] = {"parameters": count_parameters(P), "accuracy": np.array(accuracy)}
    if progress:
        print("RNN: training")
    P = init_rnn(len(words), 48, n_y, rng)
    P, _ = train_to_one(x[:, :, :longest], mask[:, :longest], labels, P, rng, epochs=15, learning_rate=0.005)
    accuracy = [accuracy_to_one(xt, mt, answers, P) for xt, mt, answers in tests]
    result["RNN"] = {"parameters": count_parameters(P), "accuracy": np.array(accuracy)}
    return result


@on_one_thread
def position_experiment(seed=0, *, position=3, T=10, n_x=6, m=1000, epochs=30):
    """What sharing costs: report the symbol at one fixed position, counted from 1, of T random ones.

    A net with weights of its own for every position looks there; an RNN, whose weights are the same at every step, has
    to learn to count. Returns {model: {"parameters": int, "accuracy": one number per epoch, while learning}}.
    """
    rng = np.random.default_rng(seed)
    indices, x = random_symbols(rng, n_x, m, T)
    labels, mask = indices[:, position - 1], np.ones((m, T), dtype=bool)
    options = {"epochs": epochs, "batch": 32, "learning_rate": 0.005}
    plain, plain_history = train_classifier(
        stack_positions(x), labels, init_feed_forward(T * n_x, 12, n_x, rng), rng, **options
    )
    rnn, rnn_history = train_to_one(x, mask, labels, init_rnn(n_x, 24, n_x, rng), rng, **options)
    return {
        "feed-forward": {"parameters": count_parameters(plain), "accuracy": np.array(plain_history.accuracy)},
        "RNN": {"parameters": count_parameters(rnn), "accuracy": np.array(rnn_history.accuracy)},
    }


def read_back_by_lag(a, x, lags):
    """How well the symbol of k steps ago can be read from the last state, for each k in lags.

    A linear readout (least squares on [a⟨T⟩; 1], one column per symbol, the largest wins) is fitted on the first half
    of the sequences and scored on the second. a: (n_a, m, T) states; x: one-hot (n_x, m, T). Returns the share of
    symbols read back right, (len(lags),); chance is 1 / n_x. ValueError for a lag outside 0 … T - 1.
    """
    n_a, m, T = a.shape
    if x.shape[1:] != (m, T) or m < 2:
        raise ValueError(f"x must be (n_x, {m}, {T}) like a, for at least two sequences, got {x.shape}.")
    if not all(0 <= k < T for k in lags):
        raise ValueError(f"lags must lie between 0 and {T - 1}, got {list(lags)}.")
    half = m // 2
    state = np.vstack([a[:, :, -1], np.ones((1, m))]).T  # (m, n_a + 1)
    share = []
    for k in lags:
        symbol = x[:, :, T - 1 - k].T  # (m, n_x)
        readout, *_ = np.linalg.lstsq(state[:half], symbol[:half], rcond=None)
        share.append(np.mean((state[half:] @ readout).argmax(axis=1) == symbol[half:].argmax(axis=1)))
    return np.array(share)


def train_to_recall(lag, P, rng, *, n_x=8, m=256, T=30, epochs=80):
    """Train an RNN to name, at every step, the symbol of `lag` steps ago. Returns new parameters and the History."""
    indices, x = random_symbols(rng, n_x, m, T)
    targets, mask = np.zeros_like(indices), np.zeros(indices.shape, dtype=bool)
    targets[:, lag:], mask[:, lag:] = indices[:, : T - lag], True
    return train_every_step(x, mask, targets, P, rng, epochs=epochs, batch=32, learning_rate=0.01)


@on_one_thread
def memory_experiment(seed=0, *, trained_lags=(1, 3), lags=tuple(range(10)), n_x=8, n_a=16, T=20, m=2000):
    """What a state of n_a numbers keeps of x⟨t-k⟩: for random weights, and after learning to recall one lag.

    All start from the same random weights. Returns {name: share read back right, (len(lags),)}; chance is 1 / n_x.
    """
    rng = np.random.default_rng(seed)
    _, x = random_symbols(rng, n_x, m, T)
    P0 = init_rnn(n_x, n_a, n_x, rng)
    states = partial(rnn_forward, x, np.zeros((n_a, m)))
    result = {"random weights": read_back_by_lag(states(P0)[0], x, lags)}
    for lag in trained_lags:
        P, _ = train_to_recall(lag, P0, rng, n_x=n_x)
        result[f"trained to recall lag {lag}"] = read_back_by_lag(states(P)[0], x, lags)
    return result
