"""The loop that all training has in common: minibatches in a fresh order each epoch, gradient of the mean loss, clipped
by its norm, one step of Adam.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from utils.reference import adam_step, clip_by_norm
from utils.reference.door import expect_number, expect_rng

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
    """What happened in training, epoch by epoch.

    `loss` per answer (nats, or the squared error) and `accuracy`, both while learning; `held_out` and
    `held_out_accuracy` after each epoch, on what was held out; `best`, the epoch with the lowest held-out loss, counted
    from 1, or 0 when nothing was held out. A model that answers with numbers has no accuracy.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)
    held_out_accuracy: list[float] = field(default_factory=list)
    best: int = 0

    def line(self, unit):
        """The last epoch in words."""
        words = f"{self.loss[-1]:.3f} {unit}" + (f", {self.accuracy[-1]:.0%} right" if self.accuracy else "")
        if self.held_out:
            words += f"; held out {self.held_out[-1]:.3f}"
            words += f", {self.held_out_accuracy[-1]:.0%}" if self.held_out_accuracy else ""
        return words


@dataclass(frozen=True)
class Task:
    """What the loop has to know about a model.

    forward: a pass of models.py. examples: for each array of the data the axis along which the examples lie. hits:
    (y_pred, *data) -> right answers, number of answers; the first is None where right and wrong make no sense.
    learning: the pass while learning, where that is another one (dropout). unit: of the loss, in words.
    """

    forward: Callable
    examples: tuple[int, ...]
    hits: Callable
    learning: Callable | None = None
    unit: str = "nats per answer"

    def count(self, name, data):
        """The number of examples in the data. ValueError unless all arrays agree on it."""
        if not isinstance(data, tuple) or len(data) != len(self.examples):
            came = f"{len(data)}" if isinstance(data, tuple) else type(data).__name__
            wanted = ", ".join(list(inspect.signature(self.forward).parameters)[1 : len(self.examples) + 1])
            raise ValueError(f"{name} must be a tuple of {len(self.examples)} arrays ({wanted}), got {came}.")
        arrays = list(zip(data, self.examples, strict=True))
        bad = [type(a).__name__ for a, axis in arrays if not isinstance(a, np.ndarray) or a.ndim <= axis]
        if bad:
            raise ValueError(f"{name} must hold NumPy arrays with an axis of examples, got {bad[0]}.")
        sizes = [array.shape[axis] for array, axis in arrays]
        if len(set(sizes)) > 1 or sizes[0] == 0:
            raise ValueError(f"{name} must hold equally many examples in all arrays, at least one, got {sizes}.")
        return sizes[0]

    def pick(self, data, rows):
        """The examples of the given numbers."""
        return tuple(array[:, rows] if axis else array[rows] for array, axis in zip(data, self.examples, strict=True))


def evaluate(task, data, P, batch=256) -> tuple[float, float | None]:
    """Mean loss per answer and share of right answers (None where there is no right and wrong), without learning."""
    total, right, answers = 0.0, 0, 0
    m = task.count("data", data)
    for start in range(0, m, batch):
        some = task.pick(data, np.arange(start, min(start + batch, m)))
        loss, y_pred, _ = task.forward(P, *some)
        hits, n = task.hits(y_pred, *some)
        total, right, answers = total + loss, None if hits is None else right + hits, answers + n
    if not answers:
        raise ValueError("mask must let at least one step count, got False everywhere.")
    return total / answers, None if right is None else right / answers


def _expect_settings(rng, epochs, batch, learning_rate, limit, patience, held_out):
    expect_rng(rng)
    expect_number("epochs", epochs, least=1, whole=True)
    expect_number("batch", batch, least=1, whole=True)
    expect_number("learning_rate", learning_rate, least=0)
    expect_number("limit", limit, above=0, infinite=True)
    if patience is not None:
        expect_number("patience", patience, least=1, whole=True)
        if held_out is None:
            raise ValueError("patience needs held_out: without it nothing says when to stop.")


def train(
    task, data, P, rng, *, held_out=None, epochs=20, batch=64, learning_rate=0.003, limit=1.0, patience=None,
    progress=False, watch=None,
) -> tuple[dict, History]:  # fmt: skip
    """The loop that all have in common.

    task: see `Task`; data: a tuple of arrays; limit: largest norm of the gradient of the mean loss; progress: print
    lines while learning; watch: a function that is called as watch(epoch, P) after each epoch.
    held_out: a tuple like data that is never learned from. With it, the parameters returned are those of the best
    epoch, and after `patience` epochs without a better one (None: never) the training stops.

    Returns new parameters and the History. ValueError for settings outside their range and data that do not fit.
    """
    _expect_settings(rng, epochs, batch, learning_rate, limit, patience, held_out)
    m = task.count("data", data)
    evaluate(task, data, P)  # so that a wrong array is found before the first step, not in the middle of an epoch
    if held_out is not None:
        task.count("held_out", held_out)
        evaluate(task, held_out, P)
    history, state, best = History(), None, P
    for epoch in range(1, epochs + 1):
        total, right, answers = 0.0, 0, 0
        order = rng.permutation(m)
        for start in range(0, m, batch):
            some = task.pick(data, order[start : start + batch])
            loss, y_pred, gradients = (task.learning or task.forward)(P, *some)
            hits, n = task.hits(y_pred, *some)
            G, _ = clip_by_norm({name: g / max(n, 1) for name, g in gradients().items()}, limit)
            P, state = adam_step(P, G, state, learning_rate)
            total, right, answers = total + loss, None if hits is None else right + hits, answers + n
        history.loss.append(total / answers)
        if right is not None:
            history.accuracy.append(right / answers)
        if held_out is not None:
            best = _look_at(task, held_out, P, history, best)
        if watch is not None:
            watch(epoch, P)
        stop = patience is not None and epoch - history.best >= patience
        if progress and (epoch % max(1, epochs // 5) == 0 or epoch == epochs or stop):
            print(f"epoch {epoch:3d} of {epochs}: {history.line(task.unit)}", flush=True)
        if stop:
            break
    return P if held_out is None else best, history


def _look_at(task, held_out, P, history, best):
    """Add the held-out loss of this epoch to the history. Returns the best parameters so far."""
    loss, accuracy = evaluate(task, held_out, P)
    history.held_out.append(loss)
    if accuracy is not None:
        history.held_out_accuracy.append(accuracy)
    if loss == min(history.held_out) and (not history.best or loss < history.held_out[history.best - 1]):
        history.best, best = len(history.held_out), P
    return best
