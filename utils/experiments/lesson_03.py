"""How far learning reaches back: a recurrence that blows up, four starts, three ways to cut a stream, a far subject."""

import numpy as np

from utils.datasets import encode_words, random_symbols
from utils.generators import VERBS, agreement_sentences, agreement_words
from utils.reference import (
    adam_step,
    clip_by_norm,
    gradient_norm_by_lag,
    init_rnn,
    orthogonal_init,
    scale_to_spectral_radius,
    softmax,
)
from utils.reference.bptt import bptt_block
from utils.training import EVERY_STEP, accuracy_to_one, evaluate, on_one_thread, train_to_one

RHYTHM, CUE, LAG, CUES = 20, 17, 6, 4  # steps of a record, place of its cue, steps to the question, kinds of cue


@on_one_thread
def recurrence_gradients(x, labels, P, squash="tanh"):
    """Loss and gradients of a network that answers once, at the last step, with tanh or relu in its recurrence.

    x: (n_x, m, T); labels: int (m,); P: as for `rnn_forward`. The states start from zeros. Returns the mean loss in
    nats per answer and its gradients G. Numbers that are too large become inf and NaN without a warning: here that is
    what is looked for.
    """
    bend, slope = {
        "tanh": (np.tanh, lambda a: 1 - a**2),
        "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(float)),
    }[squash]
    m, T = x.shape[1:]
    with np.errstate(all="ignore"):
        a = [np.zeros((len(P["ba"]), m))]
        for t in range(T):
            a.append(bend(P["Wax"] @ x[:, :, t] + P["Waa"] @ a[-1] + P["ba"]))
        y_pred = softmax(P["Wya"] @ a[-1] + P["by"])
        loss = -np.log(y_pred[labels, np.arange(m)]).mean()
        dz = (y_pred - (np.arange(len(y_pred))[:, None] == labels)) / m
        G = {f"d{name}": np.zeros_like(P[name]) for name in ("Wax", "Waa", "ba")}
        G |= {"dWya": dz @ a[-1].T, "dby": dz.sum(axis=1, keepdims=True)}
        inside = P["Wya"].T @ dz * slope(a[T])  # (n_a, m)
        for t in reversed(range(T)):
            G["dWax"] += inside @ x[:, :, t].T
            G["dWaa"] += inside @ a[t].T
            G["dba"] += inside.sum(axis=1, keepdims=True)
            inside = P["Waa"].T @ inside * slope(a[t])
    return float(loss), G


def last_but_one(rng, m=32, T=40, n_x=4):
    """m sequences of T random symbols, one-hot (n_x, m, T), and the last symbol but one of each, int (m,)."""
    indices, x = random_symbols(rng, n_x, m, T)
    return x, indices[:, -2]


def is_finite(arrays):
    """Whether no number in a dict of arrays is inf or NaN."""
    return all(bool(np.isfinite(array).all()) for array in arrays.values())


STARTS = {
    "spectral radius 0.5": lambda W, rng: scale_to_spectral_radius(W, 0.5),
    "Gaussian, variance 1/n": lambda W, rng: W,
    "orthogonal": lambda W, rng: orthogonal_init(len(W), rng),
    "orthogonal, gain 1.5": lambda W, rng: orthogonal_init(len(W), rng, 1.5),
}


@on_one_thread
def starts_experiment(seeds, *, starts=STARTS, lag=15, n_x=4, n_a=32, m=500, epochs=15, progress=False):
    """Name the first of lag + 1 random symbols: in which epoch are more than 9 in 10 right for the first time?

    All networks of a seed differ in Waa alone. Returns {start: {"epoch": an epoch, or None, for each seed, in a list,
    "left": the share of the gradient that arrives at the first symbol before learning, for each seed}}.
    """
    result = {}
    for name, start in starts.items():
        result[name] = {"epoch": [], "left": []}
        for seed in seeds:
            indices, x = random_symbols(np.random.default_rng([seed, 0]), n_x, m, lag + 1)
            P = init_rnn(n_x, n_a, n_x, np.random.default_rng([seed, 1]))
            P["Waa"] = start(P["Waa"], np.random.default_rng([seed, 2]))
            norms = gradient_norm_by_lag(x, np.zeros((n_a, m)), P, indices[:, 0])
            result[name]["left"].append(float(norms[lag] / norms[0]))
            everything, rng = np.ones(indices.shape, bool), np.random.default_rng([seed, 3])
            options = {"epochs": epochs, "batch": 32, "learning_rate": 0.005}
            _, history = train_to_one(x, everything, indices[:, 0], P, rng, **options)
            right = (epoch for epoch, share in enumerate(history.accuracy, start=1) if share > 0.9)
            result[name]["epoch"].append(next(right, None))
        if progress:
            found, left = result[name].values()
            learned = f"{sum(epoch is not None for epoch in found)} of {len(found)} learned it"
            print(f"{name:22}  left at lag {lag}: {min(left):.0e} to {max(left):.0e}   {learned}", flush=True)
    return result


def cued_stream(rng, m, T, rhythm=RHYTHM):
    """m endless texts in records of `rhythm` steps: a cue at step CUE of each, a question LAG steps later.

    All other symbols are one of two kinds of noise. With windows of 20 steps from the beginning, and a rhythm of 20,
    cue and question never share a window. Returns one-hot x (7, m, T), targets int (m, T), the cue that is asked for,
    and mask bool (m, T), True at the questions.
    """
    indices = rng.integers(CUES, CUES + 2, size=(m, T))
    targets, mask = np.zeros((m, T), int), np.zeros((m, T), bool)
    for step in range(CUE, T - LAG, rhythm):
        cue = rng.integers(CUES, size=m)
        indices[:, step], indices[:, step + LAG] = cue, CUES + 2
        targets[:, step + LAG], mask[:, step + LAG] = cue, True
    return (np.arange(CUES + 3)[:, None, None] == indices).astype(float), targets, mask


def window_lengths(kind, T, rng, window=RHYTHM):
    """Lengths of windows that fill T steps: all "fixed", or each "random", half to one and a half as long."""
    lengths = []
    while sum(lengths) < T:
        length = window
        if kind == "random":
            length = int(rng.integers(window // 2, window + window // 2 + 1))
        lengths.append(min(length, T - sum(lengths)))
    return lengths


CUTS = {  # which windows, and whether the state is carried from one to the next
    "fixed, state set to zero": ("fixed", False),
    "fixed, state carried": ("fixed", True),
    "random lengths, carried": ("random", True),
}


@on_one_thread
def stream_experiment(seed=0, *, rhythm=RHYTHM, T=4000, m=16, n_a=32, block=200, progress=False):
    """Learn along a `cued_stream`, a step of Adam after each window, with each of CUTS.

    Returns {cut: {"loss": nats per answer while learning, one number for each `block` steps, "held out": share of right
    answers on a fresh stream of 1,000 steps, read in one go}}. Guessing costs log 4 nats and is right in 1 of 4.
    """
    x, targets, mask = cued_stream(np.random.default_rng([seed, 0]), m, T, rhythm)
    x_fresh, asked, questions = cued_stream(np.random.default_rng([seed, 1]), m, 1000, rhythm)
    fresh = x_fresh, questions, asked
    result = {}
    for name, (kind, carried) in CUTS.items():
        P, adam = init_rnn(len(x), n_a, CUES, np.random.default_rng([seed, 2])), None
        state, end, nats = np.zeros((n_a, m)), 0, np.zeros((2, -(-T // block)))  # sum, and number of answers
        for length in window_lengths(kind, T, np.random.default_rng([seed, 3])):
            now = slice(end, end + length)
            end += length
            start = state if carried else np.zeros_like(state)
            G, loss, (state,), _ = bptt_block(x[:, :, now], targets[:, now], (start,), P, mask[:, now])
            answers = mask[:, now].sum()
            if answers:
                nats[:, now.start // block] += loss, answers
                G, _ = clip_by_norm({key: g / answers for key, g in G.items()}, 1.0)
                P, adam = adam_step(P, G, adam, 0.005)
        result[name] = {"loss": nats[0] / nats[1], "held out": evaluate(EVERY_STEP, fresh, P)[1]}
        if progress:
            print(f"{name:26} held out {result[name]['held out']:.2f} right", flush=True)
    return result


@on_one_thread
def agreement_live(seed, learned, *, gaps=(0, 5, 10, 15, 20, 25, 30, 35, 40), m=1500, epochs=10, n_a=24, m_test=200):
    """A plain RNN learns was or were from sentences with `learned` = (fewest, most) words in between.

    Returns the first parameters, the last ones, accuracy by gap on fresh sentences, (len(gaps),), and accuracy while
    learning, (epochs,).
    """
    words = agreement_words()
    sentences, labels, _ = agreement_sentences(np.random.default_rng([seed, *learned]), m, learned)
    x, mask = encode_words(sentences, words)
    first = init_rnn(len(words), n_a, len(VERBS), np.random.default_rng([seed, 1]))
    options = {"epochs": epochs, "batch": 32, "learning_rate": 0.005}
    P, history = train_to_one(x, mask, labels, first, np.random.default_rng([seed, 2]), **options)
    rng, accuracy = np.random.default_rng([seed, 3]), []
    for gap in gaps:
        fresh, answers, _ = agreement_sentences(rng, m_test, gap)
        accuracy.append(accuracy_to_one(*encode_words(fresh, words), answers, P))
    return first, P, np.array(accuracy), np.array(history.accuracy)
