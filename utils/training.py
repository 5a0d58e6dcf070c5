"""Training loops, built from the pieces of utils.reference. They return new parameters and a history.

Every loop: minibatches in a fresh order each epoch, gradient of the mean loss, clipped by its norm, one step of Adam.
"""

from dataclasses import dataclass, field

import numpy as np

from utils.reference import adam_step, clip_by_norm, output_layer_backward, rnn_backward, rnn_forward, softmax

# Products as small as those of the lessons lose by being shared out between threads: each waits busily for the others.
try:
    from threadpoolctl import threadpool_limits

    on_one_thread = threadpool_limits.wrap(limits=1, user_api="blas")
except ImportError:  # an extra that saves processor time, nothing more

    def on_one_thread(function):
        """Without threadpoolctl the function is left as it is."""
        return function



@dataclass
class History:
    """What happened in training, epoch by epoch: `loss` in nats per answer and `accuracy`, both while learning."""

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)


def last_steps(mask):
    """Index of the last step that counts, (m,), for sequences padded on the right; ValueError for any other mask."""
    lengths = mask.sum(axis=1)
    if (lengths == 0).any() or not np.array_equal(mask, np.arange(mask.shape[1]) < lengths[:, None]):
        raise ValueError("mask must be True for at least one step and then False to the end: pad on the right.")
    return lengths - 1


def to_one_gradients(x, mask, labels, P):
    """Gradients of the summed loss of a net that reads a whole sequence and answers once, at its last valid step.

    x: (n_x, m, T); mask: bool (m, T), padded on the right; labels: int (m,). Returns G, loss in nats, y_pred (n_y, m).

    The only gradient that enters from an output enters at the last valid step; what comes after it has none. So the
    padding needs no other care, and `rnn_backward` does the rest.
    """
    last, rows = last_steps(mask), np.arange(len(labels))
    a, _, caches = rnn_forward(x, np.zeros((len(P["ba"]), len(labels))), P)
    a_last = a[:, rows, last][:, :, None]  # (n_a, m, 1)
    y_pred = softmax(np.einsum("ya,amt->ymt", P["Wya"], a_last) + P["by"][:, :, None])
    dWya, dby, da_last, loss = output_layer_backward(y_pred, labels[:, None], a_last, P)
    da = np.zeros(a.shape)
    da[:, rows, last] = da_last[:, :, 0]
    G = rnn_backward(da, caches)
    return {"dWya": dWya, "dby": dby} | {name: G[name] for name in ("dWax", "dWaa", "dba")}, loss, y_pred[:, :, 0]


def every_step_gradients(x, mask, targets, P):
    """Gradients of the summed loss of a net that answers at every step that counts.

    x: (n_x, m, T); mask: bool (m, T); targets: int (m, T). Returns G, loss in nats, y_pred (n_y, m, T).
    """
    a, y_pred, caches = rnn_forward(x, np.zeros((len(P["ba"]), x.shape[1])), P)
    dWya, dby, da, loss = output_layer_backward(y_pred, targets, a, P, mask)
    G = rnn_backward(da, caches)
    return {"dWya": dWya, "dby": dby} | {name: G[name] for name in ("dWax", "dWaa", "dba")}, loss, y_pred


def feed_forward(x, P):
    """One hidden layer: h = tanh(W1 x + b1), ŷ = softmax(W2 h + b2). x: (n_x, m).

    Returns h (n_h, m), y_pred (n_y, m).
    """
    h = np.tanh(P["W1"] @ x + P["b1"])
    return h, softmax(P["W2"] @ h + P["b2"])


def feed_forward_gradients(x, labels, P):
    """Gradients of the summed loss of `feed_forward`. Returns G, loss in nats, y_pred (n_y, m)."""
    h, y_pred = feed_forward(x, P)
    rows = np.arange(len(labels))
    loss = float(-np.log(y_pred[labels, rows]).sum())
    dz = y_pred.copy()
    dz[labels, rows] -= 1
    dh = (P["W2"].T @ dz) * (1 - h * h)
    G = {"dW2": dz @ h.T, "db2": dz.sum(axis=1, keepdims=True), "dW1": dh @ x.T, "db1": dh.sum(axis=1, keepdims=True)}
    return G, loss, y_pred


def _train(gradients, m, P, rng, epochs, batch, learning_rate, limit, progress):
    """The loop that all have in common. gradients(rows, P) -> G, summed loss, number right, number of answers."""
    history, state = History(), None
    for epoch in range(1, epochs + 1):
        total, right, answers = 0.0, 0, 0
        order = rng.permutation(m)
        for start in range(0, m, batch):
            G, loss, hits, n = gradients(order[start : start + batch], P)
            G, _ = clip_by_norm({name: g / n for name, g in G.items()}, limit)
            P, state = adam_step(P, G, state, learning_rate)
            total, right, answers = total + loss, right + hits, answers + n
        history.loss.append(total / answers)
        history.accuracy.append(right / answers)
        if progress and (epoch % max(1, epochs // 5) == 0 or epoch == epochs):
            loss, accuracy = history.loss[-1], history.accuracy[-1]
            print(f"epoch {epoch:3d} of {epochs}: {loss:.3f} nats per answer, {accuracy:.0%} right")
    return P, history


def train_to_one(
    x, mask, labels, P, rng, *, epochs=20, batch=64, learning_rate=0.003, limit=1.0, progress=False
) -> tuple[dict, History]:
    """Train an RNN that reads a sequence and answers once. Arguments as for `to_one_gradients`; m examples in all.

    limit: largest norm of the gradient of the mean loss. Returns new parameters and the History.
    """

    def gradients(rows, P):
        G, loss, y_pred = to_one_gradients(x[:, rows], mask[rows], labels[rows], P)
        return G, loss, int((y_pred.argmax(axis=0) == labels[rows]).sum()), len(rows)

    return _train(gradients, len(labels), P, rng, epochs, batch, learning_rate, limit, progress)


def train_every_step(
    x, mask, targets, P, rng, *, epochs=20, batch=64, learning_rate=0.003, limit=1.0, progress=False
) -> tuple[dict, History]:
    """Train an RNN that answers at every step that counts. Arguments as for `every_step_gradients`."""

    def gradients(rows, P):
        G, loss, y_pred = every_step_gradients(x[:, rows], mask[rows], targets[rows], P)
        counts = mask[rows]
        return G, loss, int((y_pred.argmax(axis=0) == targets[rows])[counts].sum()), int(counts.sum())

    return _train(gradients, len(targets), P, rng, epochs, batch, learning_rate, limit, progress)


def train_classifier(
    x, labels, P, rng, *, epochs=20, batch=64, learning_rate=0.003, limit=1.0, progress=False
) -> tuple[dict, History]:
    """Train `feed_forward` on columns x (n_x, m): word counts for a bag of words, stacked positions for a plain net."""

    def gradients(rows, P):
        G, loss, y_pred = feed_forward_gradients(x[:, rows], labels[rows], P)
        return G, loss, int((y_pred.argmax(axis=0) == labels[rows]).sum()), len(rows)

    return _train(gradients, len(labels), P, rng, epochs, batch, learning_rate, limit, progress)


def word_counts(x):
    """The bag of words: how often each word stands in the sentence, whatever its place. (n_x, m, T) -> (n_x, m)."""
    return x.sum(axis=2)


def stack_positions(x):
    """All positions under one another, so that each has weights of its own. (n_x, m, T) -> (T n_x, m)."""
    n_x, m, T = x.shape
    return x.transpose(2, 0, 1).reshape(T * n_x, m)


def accuracy_to_one(x, mask, labels, P):
    """Share of sequences that an RNN answers right; arguments as for `to_one_gradients`."""
    last, m = last_steps(mask), len(labels)
    _, y_pred, _ = rnn_forward(x, np.zeros((len(P["ba"]), m)), P)
    return float(np.mean(y_pred[:, np.arange(m), last].argmax(axis=0) == labels))


def accuracy_of_classifier(x, labels, P):
    """Share of columns of x (n_x, m) that `feed_forward` answers right."""
    return float(np.mean(feed_forward(x, P)[1].argmax(axis=0) == labels))
