"""Lesson 02: from a gradient to a step, and one whole step of training."""

import numpy as np

from utils import reference, textbook

from .. import views
from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _update_cases(rng):
    def case(n_x, n_a, n_y, extra=False):
        P = draw.rnn_parameters(rng, n_x, n_a, n_y)
        G = {"d" + name: draw.numbers(rng, *P[name].shape) for name in P}
        if extra:
            G = {"dx": draw.numbers(rng, n_x, 2, 3), "da0": draw.numbers(rng, n_a, 2)} | G
        return {"P": P, "G": G, "learning_rate": float(rng.uniform(0.2, 0.6))}

    W, b = draw.numbers(rng, *draw.sizes(rng, 2)), draw.numbers(rng, 3, 1)
    return {
        "an RNN": case(*draw.sizes(rng, 3)),
        "other sizes": case(*draw.sizes(rng, 3)),
        "more gradients than parameters": case(*draw.sizes(rng, 3), extra=True),
        "other names": {
            "P": {"W1": W, "b1": b},
            "G": {"dW1": draw.numbers(rng, *W.shape), "db1": draw.numbers(rng, 3, 1)},
            "learning_rate": float(rng.uniform(1.5, 3.0)),
        },
    }


update_parameters = Exercise(
    name="update_parameters",
    lesson="02b",
    reference=reference.update_parameters,
    textbook=textbook.update_parameters,
    parts={"new_P": 2},
    cases=_update_cases,
    view=views.as_new_P,
    read="section 2.7",
    mistakes=(
        Mistake(
            "the step goes uphill: take learning_rate times the gradient away, so that the loss falls",
            (("P[name] - step", "P[name] + step"),),
        ),
        Mistake("the learning rate is ignored: it says how far to walk", (("learning_rate * gradient", "gradient"),)),
        Mistake(
            "the gradient is divided by the learning rate; multiply by it",
            (("learning_rate * gradient", "gradient / learning_rate"),),
        ),
        Mistake(
            "the arrays in P themselves are changed; make new ones with P[name] - step",
            (("new_P[name] = P[name] - step", "P[name] -= step\n        new_P[name] = P[name]"),),
        ),
        Mistake(
            "what comes back is the step alone; it is to be taken away from the parameter",
            (("P[name] - step", "step"),),
        ),
        Mistake("the gradient of Wax stands under dWax; put a d in front of the name", (('G["d" + name]', "G[name]"),)),
        Mistake(
            "the loop runs over G, which may hold more than P; go through the names in P",
            (("for name in P:", "for name in [key[1:] for key in G]:"),),
        ),
        Mistake(
            "only the matrices learn; the biases, arrays with one column, are parameters as well",
            (("learning_rate * gradient", "learning_rate * gradient * (gradient.shape[1] > 1)"),),
        ),
        Mistake(
            "only the sign of the gradient is used; its size belongs to the step",
            (("learning_rate * gradient", "learning_rate * np.sign(gradient)"),),
        ),
        Mistake(
            "the gradient is divided by its length; it is used as it is",
            (("learning_rate * gradient", "learning_rate * gradient / np.linalg.norm(gradient)"),),
        ),
        Mistake(
            "only the first parameter comes back; the return belongs after the loop",
            (("    return new_P", "        return new_P"),),
        ),
    ),
    hints=(
        "The gradient points uphill. Walk the other way, for every parameter alike, and put the result in a new dict.",
        'Go through the names in P. The gradient of P[name] is G["d" + name].',
        'new_P = {}; for name in P: new_P[name] = P[name] - learning_rate * G["d" + name].',
    ),
)


def _mean_gradient_norm(x, targets, mask, a0, P):
    """Length of the gradient of the loss per step, so that a case can be drawn where clipping is seen."""
    G, _, _ = textbook.truncated_bptt(x, targets, a0, P, x.shape[2], mask)
    steps = targets.size if mask is None else mask.sum()
    return np.sqrt(sum((g**2).sum() for g in G.values())) / steps


def _step_cases(rng):
    def case(n_x, n_a, n_y, m, T, limit, masked=False):
        kwargs = {
            "x": draw.numbers(rng, n_x, m, T),
            "targets": rng.integers(0, n_y, (m, T)),
            "mask": draw.mask(rng, m, T) if masked else None,
            "a0": 0.8 * draw.numbers(rng, n_a, m),
            "P": draw.rnn_parameters(rng, n_x, n_a, n_y),
        }
        limit = float(limit * _mean_gradient_norm(**kwargs))
        return kwargs | {"learning_rate": float(rng.uniform(0.2, 0.6)), "limit": limit}

    return {
        "a mask, a long gradient": case(
            3, 5, 2, 6, 4, limit=0.1, masked=True
        ),  # below some entry: clip_by_value is seen
        "a mask, a short gradient": case(2, 4, 6, 5, 3, limit=2.0, masked=True),
        "no mask, a long gradient": case(*draw.sizes(rng), limit=0.7),
        "no mask, a short gradient": case(*draw.sizes(rng), limit=1.5),
        "a batch of one": case(*draw.sizes(rng, 3), 1, 4, limit=1.5),
        "one time step": case(*draw.sizes(rng, 4), 1, limit=0.5),
    }


_MEAN = "mean_G = {name: G[name] / steps for name in G}"
_CLIP = "clip_by_norm(mean_G, limit)"
_COUNT = "steps = targets.size if mask is None else np.sum(mask)"
_BACK = "output_layer_backward(y_pred, targets, a, P, mask)"
_LOSS = "nats_per_step = float(loss / steps)"

train_step = Exercise(
    name="train_step",
    lesson="02b",
    reference=reference.train_step,
    textbook=textbook.train_step,
    parts={"new_P": 4, "nats_per_step": 1, "a_last": 1},
    cases=_step_cases,
    uses=("rnn_forward", "output_layer_backward", "rnn_backward", "update_parameters"),
    read="section 2.8",
    mistakes=(
        Mistake(
            "the gradients are those of the summed loss; divide each once by the number of steps that count",
            ((_MEAN, "mean_G = G"),),
        ),
        Mistake(
            "the gradients are divided twice by the number of steps; once is enough",
            ((_MEAN, "mean_G = {name: G[name] / steps / steps for name in G}"),),
        ),
        Mistake(
            "the gradients are clipped before they are divided; divide first, then clip",
            (
                (_MEAN, "G, norm = clip_by_norm(G, limit)\n    " + _MEAN),
                ("clipped, norm = " + _CLIP, "clipped = mean_G"),
            ),
        ),
        Mistake(
            "the gradient is longer than limit and is not shortened; clip_by_norm does it",
            (("clipped, norm = " + _CLIP, "clipped = mean_G"),),
        ),
        Mistake(
            "each gradient is clipped on its own, which turns the direction; give clip_by_norm all of them",
            (
                (
                    "clipped, norm = " + _CLIP,
                    "clipped = {}\n    for name in mean_G:\n"
                    "        clipped[name] = clip_by_norm({name: mean_G[name]}, limit)[0][name]",
                ),
            ),
        ),
        Mistake(
            "the division is by the number of examples; divide by the number of steps that count in all of them",
            ((_COUNT, "steps = targets.shape[0]"),),
        ),
        Mistake(
            "the division is by the number of time steps T; divide by those that count, in all examples together",
            ((_COUNT, "steps = targets.shape[1]"),),
        ),
        Mistake(
            "the division counts the padding, m · T; divide by the number of steps that count",
            ((_COUNT, "steps = targets.size"),),
        ),
        Mistake(
            "the True in the mask are counted without a look whether there is one; without a mask, None, m · T steps "
            "count",
            ((_COUNT, "steps = np.sum(mask)"),),
        ),
        Mistake(
            "the mask is ignored on the way back: hand it to output_layer_backward",
            ((_BACK, "output_layer_backward(y_pred, targets, a, P)"),),
        ),
        Mistake(
            "the mask is ignored everywhere: padding is learned and counted",
            ((_BACK, "output_layer_backward(y_pred, targets, a, P)"), (_COUNT, "steps = targets.size")),
        ),
        Mistake(
            "only Wax, Waa and ba learn; the output layer's Wya and by have gradients as well",
            (('"dWya": dWya, "dby": dby', '"dWya": 0 * dWya, "dby": 0 * dby'),),
        ),
        Mistake(
            "the loss is a sum; divide it by the number of steps that count",
            ((_LOSS, "nats_per_step = float(loss)"),),
        ),
        Mistake(
            "the loss is divided by m · T; divide it by the number of steps that count",
            ((_LOSS, "nats_per_step = float(loss / targets.size)"),),
        ),
        Mistake(
            "a0 comes back; what the next step needs is the last state", (("a_last = a[:, :, -1]", "a_last = a0"),)
        ),
        Mistake(
            "the first state comes back; the last one is a[:, :, -1]",
            (("a_last = a[:, :, -1]", "a_last = a[:, :, 0]"),),
        ),
        Mistake("a0 is ignored: the first step starts from zeros", (("(x, a0, P)", "(x, np.zeros_like(a0), P)"),)),
        Mistake("the old parameters come back; return what update_parameters made", (("return new_P,", "return P,"),)),
        Mistake(
            "dx and da0 are clipped together with the rest; only the gradients of the five parameters count",
            ((_MEAN, 'G = G | {"dx": back["dx"], "da0": back["da0"]}\n    ' + _MEAN),),
        ),
        Mistake(
            "only dWax, dWaa and dba are clipped; the norm is that of all five gradients, and all five are clipped",
            (
                (
                    "clipped, norm = " + _CLIP,
                    'cell = {name: mean_G[name] for name in ("dWax", "dWaa", "dba")}\n'
                    "    clipped = mean_G | clip_by_norm(cell, limit)[0]",
                ),
            ),
        ),
        Mistake(
            "da is divided by the number of steps and the gradients made from it once more; once is enough",
            (
                (
                    "rnn_backward(da, caches)",
                    "rnn_backward(da / (targets.size if mask is None else mask.sum()), caches)",
                ),
            ),
        ),
        Mistake(
            "the loss is measured after the step; it is the one before, which the gradients belong to",
            (
                (
                    _LOSS,
                    "loss = output_layer_backward(rnn_forward(x, a0, new_P)[1], targets, a, P, mask)[3]\n    " + _LOSS,
                ),
            ),
        ),
        Mistake(
            "clip_by_norm returns two things, the dict and the old length: clipped, norm = clip_by_norm(G, limit)",
            (("clipped, norm = " + _CLIP, "clipped = " + _CLIP),),
        ),
    ),
    hints=(
        "All pieces exist: rnn_forward, output_layer_backward, rnn_backward, clip_by_norm, update_parameters. Call "
        "them in this order.",
        "Put the five gradients in one dict. Divide each by the number of True in the mask (m · T without a mask), "
        "then clip all of them together.",
        "G = {name: G[name] / steps for name in G}; clipped, norm = clip_by_norm(G, limit); new_P = "
        "update_parameters(P, clipped, learning_rate); return new_P, float(loss / steps), a[:, :, -1].",
    ),
)

EXERCISES = (update_parameters, train_step)
QUIZZES = (
    Quiz(
        "loss-at-the-start",
        {
            "a": (False, "Luck moves it by hundredths. From 3.33 to 1.9 would take real knowledge of the letters."),
            "b": (True, "Fresh weights know nothing. So it was divided by too much, or the weights are not fresh."),
            "c": (False, "Fresh weights could not read it there: the loss is near 3.33 whatever the input shows."),
        },
    ),
)
