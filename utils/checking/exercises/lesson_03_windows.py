"""Lesson 03: long sequences, cut into windows."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _cases(rng):
    return draw.cut_sequences(rng, "window")


_FORWARD = "rnn_forward(x[:, :, steps], a_last, P)"
_CARRY = "a_last = a[:, :, -1]"
_LOOP = "range(0, T, window)"
_MASK = "None if mask is None else mask[:, steps]"

truncated_bptt = Exercise(
    name="truncated_bptt",
    lesson="03",
    reference=reference.truncated_bptt,
    textbook=textbook.truncated_bptt,
    parts={"G": 6, "loss": 1, "a_last": 1},
    cases=_cases,
    uses=("rnn_forward", "output_layer_backward", "rnn_backward"),
    read="section 3.7",
    mistakes=(
        Mistake(
            "every window starts from zeros; it starts from the last state of the window before",
            ((_FORWARD, "rnn_forward(x[:, :, steps], a_last if start == 0 else np.zeros_like(a0), P)"),),
        ),
        Mistake(
            "every window starts from a0; it starts from the last state of the window before",
            ((_FORWARD, "rnn_forward(x[:, :, steps], a0, P)"),),
        ),
        Mistake(
            "the gradient flows back through all windows; it stops at the first step of its own window",
            (("n_x, m, T = x.shape", "n_x, m, T = x.shape\n    window = T"),),
        ),
        Mistake(
            "the last window is dropped because it is shorter; it counts as well",
            ((_LOOP, "range(0, T - window + 1, window)"),),
        ),
        Mistake(
            "the windows overlap, one begins at every step; the next begins where the last one ends",
            ((_LOOP, "range(0, T)"),),
        ),
        Mistake(
            "the gradients of Wax, Waa and ba are overwritten by each window; add them up",
            (("G[name] = G[name] + back[name]", "G[name] = back[name]"),),
        ),
        Mistake(
            "the gradient of Wya is overwritten by each window; add them up",
            (('G["dWya"] = G["dWya"] + dWya', 'G["dWya"] = dWya'),),
        ),
        Mistake(
            "the gradient of by is overwritten by each window; add them up",
            (('G["dby"] = G["dby"] + dby', 'G["dby"] = dby'),),
        ),
        Mistake(
            "the gradients are averaged over the windows; they are summed",
            (("return G, loss", "return {name: G[name] / len(range(0, T, window)) for name in G}, loss"),),
        ),
        Mistake(
            "the loss is that of the last window alone; add up all windows",
            (("loss = loss + window_loss", "loss = window_loss"),),
        ),
        Mistake(
            "the loss is averaged over the windows; it is a sum",
            (("loss = loss + window_loss", "loss = loss + window_loss / len(range(0, T, window))"),),
        ),
        Mistake(
            "the first state of a window is handed on; hand on its last one, a[:, :, -1]",
            ((_CARRY, "a_last = a[:, :, 0]"),),
        ),
        Mistake("a0 comes back; return the state after the last step", (("loss, a_last", "loss, a0"),)),
        Mistake(
            "the state after the first window comes back; return the one after the last",
            ((_CARRY, _CARRY + "\n        first = a_last if start == 0 else first"), ("loss, a_last", "loss, first")),
        ),
        Mistake("the mask is ignored", ((_MASK, "None"),)),
        Mistake(
            "every window is compared with the first targets; cut the targets as you cut x",
            (("targets[:, steps]", "targets[:, : a.shape[2]]"),),
        ),
        Mistake(
            "all gradients are overwritten by each window; add them up",
            (
                ("G[name] = G[name] + back[name]", "G[name] = back[name]"),
                ('G["dWya"] = G["dWya"] + dWya', 'G["dWya"] = dWya'),
                ('G["dby"] = G["dby"] + dby', 'G["dby"] = dby'),
            ),
        ),
        Mistake(
            "loss and gradients are averaged over the windows; they are summed",
            (
                (
                    "return G, loss",
                    "n = len(range(0, T, window))\n    return {name: G[name] / n for name in G}, loss / n",
                ),
            ),
        ),
        Mistake(
            "the state handed on is the first one of the window; hand on its last one, a[:, :, -1]",
            ((_CARRY, "a_last, final = a[:, :, 0], a[:, :, -1]"), ("loss, a_last", "loss, final")),
        ),
        Mistake(
            "each window reads the first step of the next one, too; it ends one step earlier",
            (("slice(start, start + window)", "slice(start, start + window + 1)"),),
        ),
    ),
    hints=(
        "One window is an ordinary pass forward and back. Hand its last state to the next window, and nothing else.",
        "Go from 0 to T in strides of window. A slice that ends behind T is cut off by itself, so the last window "
        "needs no care.",
        "for start in range(0, T, window): a, y_pred, caches = rnn_forward(x[:, :, start : start + window], a_last, "
        "P); go back; add up G and loss; a_last = a[:, :, -1].",
    ),
)

EXERCISES = (truncated_bptt,)
QUIZZES = (
    Quiz(
        "left-out",
        {
            "a": (False, "The state is carried across the border; only the gradient stops there."),
            "b": (False, "Every step keeps its loss, and the summed loss is exact."),
            "c": (True, "Forward nothing is cut; on the way back each window stops at its own first step."),
        },
    ),
)
