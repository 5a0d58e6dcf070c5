"""Training loops, built from the pieces of utils.reference. They return new parameters and a history.

What a model is, and its gradients, stands in models.py; what all loops have in common, in loop.py. Each function here
takes the settings of `train`: held_out, epochs, batch, learning_rate, limit, patience, progress, watch.
"""

from dataclasses import replace

import numpy as np

from utils.loop import History, Task, evaluate, on_one_thread, train
from utils.models import (
    deep_pass,
    encoder_decoder_pass,
    every_step_pass,
    feed_forward_pass,
    last_steps,
    layers_of,
    tagger_pass,
    to_number_pass,
    to_one_pass,
)
from utils.reference import adam_step, clip_by_norm, decode_greedy, draw_dropout_masks, shift_right
from utils.reference.bptt import bptt_block, cell_of, expect_sequence
from utils.reference.door import expect, expect_number

__all__ = [
    "CLASSIFIER", "DEEP", "ENCODER_DECODER", "EVERY_STEP", "TAGGER", "TO_NUMBER", "TO_ONE", "History", "Task",
    "accuracy_of_classifier", "accuracy_of_decoding", "accuracy_to_one", "evaluate", "every_step_gradients",
    "feed_forward_gradients", "last_steps", "on_one_thread", "stack_positions", "teacher_forced", "to_one_gradients",
    "train", "train_classifier", "train_deep", "train_encoder_decoder", "train_every_step", "train_on_stream",
    "train_tagger", "train_to_number", "train_to_one", "word_counts",
]  # fmt: skip


def _classes(y_pred, *data):
    """Hits of models that answer once; the labels are the last array."""
    return int((y_pred.argmax(axis=0) == data[-1]).sum()), len(data[-1])


def _steps(y_pred, x, mask, targets):
    """Hits of models that answer at every step."""
    return int((y_pred.argmax(axis=0) == targets)[mask].sum()), int(mask.sum())


TO_ONE = Task(to_one_pass, (1, 0, 0), _classes)
EVERY_STEP = Task(every_step_pass, (1, 0, 0), _steps)
TO_NUMBER = Task(to_number_pass, (1, 0), lambda y_pred, x, y: (None, len(y)), unit="squared error")
CLASSIFIER = Task(feed_forward_pass, (1, 0), _classes)
TAGGER = Task(
    tagger_pass,
    (1, 0, 1),
    lambda y_pred, x, mask, y: (int(((y_pred > 0.5) == y)[:, mask].sum()), len(y) * int(mask.sum())),
)
ENCODER_DECODER = Task(
    encoder_decoder_pass,
    (1, 0, 1, 0, 0),
    lambda y_pred, x, x_mask, y_in, targets, y_mask: _steps(y_pred, x, y_mask, targets),
)
DEEP = Task(deep_pass, (1, 0, 0), _steps)


def train_to_one(x, mask, labels, P, rng, **settings) -> tuple[dict, History]:
    """Train any cell that reads a sequence and answers once. x: (n_x, m, T), mask: bool (m, T), labels: int (m,).

    The padding stands on the right. settings and results: as for `train`.
    """
    return train(TO_ONE, (x, mask, labels), P, rng, **settings)


def train_every_step(x, mask, targets, P, rng, **settings) -> tuple[dict, History]:
    """Train any cell that answers at every step that counts. x: (n_x, m, T), mask: bool (m, T), targets: int (m, T).

    settings and results: as for `train`.
    """
    return train(EVERY_STEP, (x, mask, targets), P, rng, **settings)


def train_to_number(x, y, P, rng, **settings) -> tuple[dict, History]:
    """Train any cell, of one output, that reads all steps and answers with a number. x: (n_x, m, T), y: (m,).

    The loss is the mean squared error. settings and results: as for `train`.
    """
    return train(TO_NUMBER, (x, y), P, rng, **settings)


def train_classifier(x, labels, P, rng, **settings) -> tuple[dict, History]:
    """Train `feed_forward` on columns x (n_x, m): word counts for a bag of words, stacked positions for a plain net.

    settings and results: as for `train`.
    """
    return train(CLASSIFIER, (x, labels), P, rng, **settings)


def train_tagger(x, mask, y, P, rng, **settings) -> tuple[dict, History]:
    """Train tags, yes or no, at every step: one direction with any cell, or both when P is that of `brnn_forward`.

    x: (n_x, m, T); mask: bool (m, T), padded on the right; y: (n_y, m, T) of 0 and 1. settings and results: as for
    `train`.
    """
    return train(TAGGER, (x, mask, y), P, rng, **settings)


def train_deep(x, mask, targets, P, rng, *, keep=1.0, **settings) -> tuple[dict, History]:
    """Train layers on top of each other that answer at every step. P: see `init_deep`; the rest as `train_every_step`.

    keep: the share of units that dropout lets through between the layers, while learning only; 1 is no dropout.
    """
    n_a, L = len(P["ba_1"]), len(layers_of(P))

    def with_dropout(P, x, mask, targets):
        return deep_pass(P, x, mask, targets, draw_dropout_masks(rng, L, n_a, *x.shape[1:], keep))

    if keep == 1 or L == 1:
        return train(DEEP, (x, mask, targets), P, rng, **settings)
    expect_number("keep", keep, above=0)
    return train(replace(DEEP, learning=with_dropout), (x, mask, targets), P, rng, **settings)


def teacher_forced(x, x_mask, targets, y_mask, n_y, start=-1):
    """The data of `encoder_decoder_pass`: with y_in, one-hot (n_y, m, T_y), the targets shifted by one step.

    start: the symbol that the decoder is given first, -1 for nothing. What the padding of targets holds is put to 0.
    """
    expect(targets=(targets, "m T_y"), y_mask=(y_mask, "m T_y"))
    targets = np.where(y_mask, targets, 0)
    y_in = (np.arange(n_y)[:, None, None] == shift_right(targets, start)).astype(float)
    return x, x_mask, y_in, targets, y_mask


def train_encoder_decoder(x, x_mask, targets, y_mask, P, rng, *, start=-1, held_out=None, **settings):
    """Train an encoder–decoder with teacher forcing. P: see `init_encoder_decoder`.

    x: (n_x, m, T_x); x_mask: bool (m, T_x); targets: int (m, T_y), the end symbol of each answer included; y_mask: bool
    (m, T_y). held_out: such a tuple of four. Accuracy counts symbols, each with the right ones before it; for free
    running see `accuracy_of_decoding`. settings and results: as for `train`.
    """
    n_y = len(P["by"])
    data = teacher_forced(x, x_mask, targets, y_mask, n_y, start)
    if held_out is not None:
        held_out = teacher_forced(*held_out, n_y, start)
    return train(ENCODER_DECODER, data, P, rng, held_out=held_out, **settings)


def accuracy_of_decoding(x, x_mask, targets, y_mask, P, eos, start=-1) -> tuple[float, float]:
    """Running freely: the share of symbols that stand right at their places, and that of answers without a mistake.

    Arguments as for `train_encoder_decoder`; eos: the symbol that ends each answer, which counts as one. An answer that
    ends too early is wrong from there on. Without a mistake, running freely and teacher forcing are the same.
    """
    right = []
    all_written = decode_greedy(x, x_mask, P, start, eos, targets.shape[1])
    for row, counts, written in zip(targets, y_mask, all_written, strict=True):
        answer = row[counts]
        padded = np.full(len(answer), -1)
        padded[: len(written) + 1] = [*written, eos][: len(answer)]
        right.append(padded == answer)
    return float(np.mean(np.concatenate(right))), float(np.mean([row.all() for row in right]))


def train_on_stream(x, targets, P, *, window=50, epochs=1, learning_rate=0.003, limit=1.0, progress=False):
    """Truncated training of any cell on m long texts: a step of Adam for each window of time, the state carried on.

    x: (n_x, m, T); targets: int (m, T). The state starts from zeros in each epoch. Nothing is drawn.
    Returns new parameters and the History, its loss in nats per step.
    """
    for name, size in {"window": window, "epochs": epochs}.items():
        expect_number(name, size, least=1, whole=True)
    _, _, _, names, W = cell_of(P)
    zero = (np.zeros((P[W].shape[1], x.shape[1])),) * len(names)
    expect_sequence(x, targets, zero, P)
    history, adam = History(), None
    for epoch in range(1, epochs + 1):
        total, state = 0.0, zero
        for start in range(0, x.shape[2], window):
            now = slice(start, start + window)
            G, loss, state, _ = bptt_block(x[:, :, now], targets[:, now], state, P)
            G, _ = clip_by_norm({name: g / targets[:, now].size for name, g in G.items()}, limit)
            P, adam = adam_step(P, G, adam, learning_rate)
            total += loss
        history.loss.append(total / targets.size)
        if progress:
            print(f"epoch {epoch:3d} of {epochs}: {history.line('nats per step')}", flush=True)
    return P, history


def to_one_gradients(x, mask, labels, P):
    """Gradients of the summed loss of `to_one_pass`. Returns G, loss in nats, y_pred (n_y, m)."""
    loss, y_pred, gradients = to_one_pass(P, x, mask, labels)
    return gradients(), loss, y_pred


def every_step_gradients(x, mask, targets, P):
    """Gradients of the summed loss of `every_step_pass`. Returns G, loss in nats, y_pred (n_y, m, T)."""
    loss, y_pred, gradients = every_step_pass(P, x, mask, targets)
    return gradients(), loss, y_pred


def feed_forward_gradients(x, labels, P):
    """Gradients of the summed loss of `feed_forward`. Returns G, loss in nats, y_pred (n_y, m)."""
    loss, y_pred, gradients = feed_forward_pass(P, x, labels)
    return gradients(), loss, y_pred


def word_counts(x):
    """The bag of words: how often each word stands in the sentence, whatever its place. (n_x, m, T) -> (n_x, m)."""
    return x.sum(axis=2)


def stack_positions(x):
    """All positions under one another, so that each has weights of its own. (n_x, m, T) -> (T n_x, m)."""
    n_x, m, T = x.shape
    return x.transpose(2, 0, 1).reshape(T * n_x, m)


def accuracy_to_one(x, mask, labels, P):
    """Share of sequences that any cell answers right; arguments as for `train_to_one`."""
    return evaluate(TO_ONE, (x, mask, labels), P)[1]


def accuracy_of_classifier(x, labels, P):
    """Share of columns of x (n_x, m) that `feed_forward` answers right."""
    return evaluate(CLASSIFIER, (x, labels), P)[1]
