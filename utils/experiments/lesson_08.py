"""Both directions: plain rivals of a tagger, taggers that may wait, a reader of the answer, wrong summaries."""

from dataclasses import replace
from functools import partial

import numpy as np

from utils.datasets import load_dinosaurs
from utils.generators import tagging_words
from utils.models import init_brnn, tagger_pass
from utils.names import LETTERS, arrays_of
from utils.reference import (
    adam_step,
    brnn_backward,
    brnn_forward,
    init_rnn,
    sequence_loss,
    sigmoid,
    softmax,
)
from utils.stored_runs.tagging import sentences
from utils.training import EVERY_STEP, TO_ONE, evaluate, on_one_thread, train, train_tagger

MODELS = {
    "one direction": lambda n_x, rng: init_rnn(n_x, 32, 1, rng),
    "both": lambda n_x, rng: init_brnn(n_x, 16, 1, rng),
}


def tagging_data(seed, m=1000, m_test=1000):
    """Sentences to learn from and fresh ones: two tuples x, mask, y, unclear (see `sentences`), and the words."""
    rng, words = np.random.default_rng(seed), tagging_words()
    return sentences(rng, m, words), sentences(rng, m_test, words), words


@on_one_thread
def taggers(known, seed=0, *, epochs=12, progress=False):
    """A tagger of 32 units in one direction and one of 16 in each. known: x, mask, y, …  Returns {name: P}."""
    x, mask, y, *_ = known
    trained = {}
    for name, start in MODELS.items():
        rng = np.random.default_rng([seed, len(name)])
        settings = {"epochs": epochs, "batch": 32, "learning_rate": 0.005, "progress": progress}
        if progress:
            print(name)
        trained[name], _ = train_tagger(x, mask, y, start(len(x), rng), rng, **settings)
    return trained


def shares_right(y_pred, data):
    """Shares of right tags: of all words, of the ambiguous ones. data: x, mask, y, unclear."""
    _, mask, y, unclear = data
    right = (y_pred > 0.5) == y
    return float(right[:, mask].mean()), float(right[:, unclear].mean())


def usual_tag(known, fresh):
    """Each word always gets the tag that it had more often: y_pred of 0 and 1, (1, m, T)."""
    x, mask, y, *_ = known
    word, counts = x.argmax(axis=0), np.zeros((len(x), 2))
    np.add.at(counts, (word[mask], y[0][mask].astype(int)), 1)
    return counts.argmax(axis=1)[fresh[0].argmax(axis=0)][None].astype(float)


@on_one_thread
def window_tagger(known, fresh, left, right, *, steps=150):
    """No state: σ of a weight for each word at each of the places -left … right around a word. y_pred (1, m, T)."""
    X, X_fresh = (_neighbours(data[0], left, right) for data in (known, fresh))
    _, mask, y, *_ = known
    X, tags = X[:, mask], y[:, mask]
    P, adam = {"w": np.zeros((1, len(X))), "b": np.zeros((1, 1))}, None
    for _ in range(steps):
        dz = (sigmoid(P["w"] @ X + P["b"]) - tags) / tags.size
        P, adam = adam_step(P, {"dw": dz @ X.T, "db": dz.sum(axis=1, keepdims=True)}, adam, 0.1)
    return sigmoid(np.tensordot(P["w"], X_fresh, axes=1) + P["b"][:, :, None])


def _neighbours(x, left, right):
    """For each step the columns of x from `left` steps before to `right` steps after it, under one another."""
    n_x, m, T = x.shape
    wide = np.concatenate([np.zeros((n_x, m, left)), x, np.zeros((n_x, m, right))], axis=2)
    return np.concatenate([wide[:, :, k : k + T] for k in range(left + right + 1)])


def delayed(data, k):
    """The data for a tagger that reads k words further before it answers: x, mask, y with every tag k steps later.

    k columns of zeros stand after each sentence; at the first k steps the answer is 0.
    """
    x, mask, y, *_ = data
    n_x, m, T = x.shape
    lengths = mask.sum(axis=1)
    later = np.concatenate([np.zeros((1, m, k)), np.where(mask, y, 0)], axis=2)
    return np.concatenate([x, np.zeros((n_x, m, k))], axis=2), np.arange(T + k) < lengths[:, None] + k, later


@on_one_thread
def delayed_tagger(known, fresh, k, seed=0, *, epochs=12):
    """One direction, trained to answer k words late. Returns y_pred (1, m, T), each answer back at its own word."""
    rng = np.random.default_rng([seed, k])
    P = init_rnn(len(known[0]), 32, 1, rng)
    P, _ = train_tagger(*delayed(known, k), P, rng, epochs=epochs, batch=32, learning_rate=0.005)
    return tagger_pass(P, *delayed(fresh, k))[1][:, :, k:]


def next_letter_pass(P, x, mask, targets):
    """A net of both directions asked for the next letter, a softmax over letters: it has read the answer already."""
    zero = np.zeros((len(P["ba_fwd"]), x.shape[1]))
    a, _, caches = brnn_forward(x, zero, zero, P, mask.sum(axis=1))
    y_pred = softmax(np.tensordot(P["Wy"], a, axes=1) + P["by"][:, :, None])

    def gradients():
        dz = (y_pred - (np.arange(len(P["by"]))[:, None, None] == targets)) * mask
        G = {"dWy": np.tensordot(dz, a, axes=([1, 2], [1, 2])), "dby": dz.sum(axis=(1, 2))[:, None]}
        back = brnn_backward(np.tensordot(P["Wy"].T, dz, axes=1), caches)
        return G | {name: g for name, g in back.items() if name[1:] in P}

    return sequence_loss(y_pred, targets, mask), y_pred, gradients


@on_one_thread
def two_way_language_model(seed=0, *, epochs=4, m=None, progress=False):
    """Trained on the dinosaur names but a tenth. Returns P, and the held-out arrays x, mask, targets."""
    names = load_dinosaurs()[:m]
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(names))
    held = len(names) // 10
    known, held_out = (arrays_of([names[i] for i in some]) for some in (order[held:], order[:held]))
    P = init_brnn(len(LETTERS), 32, len(LETTERS), rng)
    P, _ = train(
        replace(EVERY_STEP, forward=next_letter_pass),
        known,
        P,
        rng,
        epochs=epochs,
        batch=32,
        learning_rate=0.01,
        progress=progress,
    )
    return P, held_out


def cut_off(P, x, mask, targets):
    """What the same net says when nothing after a step is there yet, as in writing. y_pred (n_y, m, T)."""
    y_pred = np.zeros((len(P["by"]), *targets.shape))
    for t in range(x.shape[2]):
        seen = mask[:, : t + 1] | (np.arange(t + 1) == 0)
        y_pred[:, :, t] = next_letter_pass(P, x[:, :, : t + 1], seen, targets[:, : t + 1])[1][:, :, t]
    return y_pred


SUMMARIES = ("each where it ended", "the last word of each sequence", "the last column")


def summary_places(way, lengths, T):
    """The columns of the aligned states that make the summary: (m,) for a→, (m,) for a←."""
    last = np.full_like(lengths, T - 1) if way == "the last column" else lengths - 1
    return last, 0 * last if way == "each where it ended" else last


def summary_pass(P, x, lengths, labels, way):
    """Both directions make one summary, taken from the columns of `summary_places`; one softmax answers."""
    n_a, m, T = len(P["ba_fwd"]), x.shape[1], x.shape[2]
    zero, rows = np.zeros((n_a, m)), np.arange(m)
    a, _, caches = brnn_forward(x, zero, zero, P, lengths)
    ends = summary_places(way, lengths, T)
    summary = np.concatenate([a[:n_a, rows, ends[0]], a[n_a:, rows, ends[1]]])  # (2 n_a, m)
    y_pred = softmax(P["Wy"] @ summary + P["by"])

    def gradients():
        dz = y_pred.copy()
        dz[labels, rows] -= 1
        da, d_summary = np.zeros(a.shape), P["Wy"].T @ dz
        da[:n_a, rows, ends[0]], da[n_a:, rows, ends[1]] = d_summary[:n_a], d_summary[n_a:]
        G = {"dWy": dz @ summary.T, "dby": dz.sum(axis=1, keepdims=True)}
        return G | {name: g for name, g in brnn_backward(da, caches).items() if name[1:] in P}

    return float(-np.log(y_pred[labels, rows]).sum()), y_pred, gradients


def asked_symbols(rng, m, ask="first", shortest=20, longest=30, kinds=4):
    """Random symbols of unequal lengths; the label is the first or last. Returns x (kinds, m, T), lengths, labels."""
    symbols, lengths = rng.integers(kinds, size=(m, longest)), rng.integers(shortest, longest + 1, m)
    lengths[0] = longest
    x = (np.arange(kinds)[:, None, None] == symbols) & (np.arange(longest) < lengths[:, None])
    return x.astype(float), lengths, symbols[:, 0] if ask == "first" else symbols[np.arange(m), lengths - 1]


@on_one_thread
def summary_experiment(seed=0, *, ways=SUMMARIES, ask="first", m=600, epochs=6, n_a=16):
    """Share of fresh sequences whose first (or last) symbol each kind of summary names right. Returns {way: share}."""
    found = {}
    for way in ways:
        rng = np.random.default_rng(seed)
        known, fresh = asked_symbols(rng, m, ask), asked_symbols(rng, 500, ask)
        task = replace(TO_ONE, forward=partial(summary_pass, way=way))
        P, _ = train(task, known, init_brnn(4, n_a, 4, rng), rng, epochs=epochs, batch=32, learning_rate=0.005)
        found[way] = evaluate(task, fresh, P)[1]
    return found
