"""Lesson 05: learning from one answer per sequence."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _cases(rng):
    def case(n_x, n_a, n_y, m, T, padding=None):
        P = draw.rnn_parameters(rng, n_x, n_a, n_y)
        mask = draw.mask(rng, m, T) if padding else None
        if padding == "left":
            mask = mask[:, ::-1].copy()
        x, a0 = 0.4 * draw.numbers(rng, n_x, m, T), 0.8 * draw.numbers(rng, n_a, m)  # small: tanh passes gradients on
        _, y_pred, caches = textbook.sequence_to_one_forward(x, a0, P, mask)
        return {"y_pred": y_pred, "labels": rng.integers(n_y, size=m), "caches": caches, "P": P}

    return {
        "padding on the left": case(*draw.sizes(rng), padding="left"),
        "padding on the right": case(3, 4, 2, 6, 5, padding="right"),
        "no mask": case(*draw.sizes(rng)),
        "a batch of one": case(*draw.sizes(rng, 3), 1, 4, padding="left"),
        "one time step": case(*draw.sizes(rng, 4), 1),
    }


_TAKE_OFF = "dz[labels, np.arange(m)] -= 1"
_LAST = "np.where(mask[:, -1], a_next, a_before)"
_ARRIVING, _PASSED = "np.where(mask[:, t], da, 0.0)", 'np.where(mask[:, t], step["da_prev"], da)'

classify_backward = Exercise(
    name="classify_backward",
    lesson="05",
    reference=reference.classify_backward,
    textbook=textbook.classify_backward,
    parts={"dWax": 2, "dWaa": 2, "dba": 2, "dWya": 2, "dby": 2},
    cases=_cases,
    uses=("rnn_cell_backward",),
    read="section 5.5",
    mistakes=(
        Mistake(
            "the 1 of the right class is not taken off: the gradient at z is ŷ - one_hot(label)",
            ((_TAKE_OFF, "pass"),),
        ),
        Mistake(
            "the sign is turned: the gradient at z is ŷ - one_hot(label)", ((_TAKE_OFF, _TAKE_OFF + "\n    dz = -dz"),)
        ),
        Mistake(
            "the slope of the softmax is in twice; ŷ - one_hot(label) holds it already",
            ((_TAKE_OFF, _TAKE_OFF + "\n    dz = dz * y_pred * (1 - y_pred)"),),
        ),
        Mistake(
            "the gradients are divided by the number of examples; the loss is a sum",
            ((_TAKE_OFF, _TAKE_OFF + "\n    dz = dz / m"),),
        ),
        Mistake("y_pred itself was changed; work on a copy", (("y_pred.copy()", "y_pred"),)),
        Mistake(
            "the state of the last column is read, padding or not; dWya needs the state that was kept",
            ((_LAST, "a_next"),),
        ),
        Mistake(
            "dWya is made with the state before the last step; it belongs to the last state", ((_LAST, "a_before"),)
        ),
        Mistake(
            "the mask is ignored; a padded step has no part in the weights and passes the gradient on",
            (("if mask is None:", "if True:"),),
        ),
        Mistake(
            "the mask is turned round: True means that a step counts",
            (("    a_next, a_before", "    mask = ~mask\n    a_next, a_before"),),
        ),
        Mistake(
            "the gradient is lost at a padded step; it passes through unchanged",
            ((_PASSED, 'step["da_prev"]'),),
        ),
        Mistake(
            "padding is counted: a padded step adds to the gradients of the weights; give it zeros",
            ((_ARRIVING, "da"),),
        ),
        Mistake(
            "the gradient of the answer enters at every step; there is one answer, so it enters once, at the end",
            ((_ARRIVING, 'np.where(mask[:, t], da if t == T - 1 else da + P["Wya"].T @ dz, 0.0)'),),
        ),
        Mistake(
            "only the last column is learned from; go back through all steps",
            (("reversed(range(T))", "[T - 1]"),),
        ),
        Mistake(
            "the loop runs forwards; gradients flow from the last step to the first",
            (("reversed(range(T))", "range(T)"),),
        ),
        Mistake(
            "the weights' gradients are overwritten at each step; the steps share the weights, so they add up",
            (("dWax = dWax + ", "dWax = "), ("dWaa = dWaa + ", "dWaa = "), ("dba = dba + ", "dba = ")),
        ),
        Mistake("dby lost an axis; keepdims=True keeps it (n_y, 1)", (("axis=1, keepdims=True", "axis=1"),)),
        Mistake(
            "the mask is not used on the way back; a padded step adds nothing to the weights and passes da on as it is",
            ((_ARRIVING, "da"), (_PASSED, 'step["da_prev"]')),
        ),
        Mistake(
            "the gradient of the answer is added to da again at every step; it enters once, before the loop",
            (("        arriving", '        da = da if t == T - 1 else da + P["Wya"].T @ dz\n        arriving'),),
        ),
        Mistake(
            "the first step is left out; the way back goes down to t = 0",
            (("reversed(range(T))", "reversed(range(1, T))"),),
        ),
        Mistake(
            "dz[labels] -= 1 changes whole rows; take 1 off in one place per example, dz[labels, np.arange(m)]",
            ((_TAKE_OFF, "dz[labels] -= 1"),),
        ),
        Mistake(
            "label and example are swapped: the row of dz is the class, dz[labels, np.arange(m)]",
            ((_TAKE_OFF, "dz[np.arange(m), labels] -= 1"),),
        ),
        Mistake(
            "the choice is the wrong way round: where the mask is True, da is what the cell hands back, else it stays",
            ((_PASSED, 'np.where(mask[:, t], da, step["da_prev"])'),),
        ),
        Mistake(
            "a mask of None means that every step counts: put a table of True in its place first",
            (("if mask is None:", "if False:"),),
        ),
        Mistake("Wya must be transposed on the way back: Wya.T @ dz", (('P["Wya"].T @ dz', 'P["Wya"] @ dz'),)),
        Mistake("a_last must be transposed: dWya = dz @ a_last.T", (("a_last.T", "a_last"),)),
    ),
    hints=(
        "Two halves: the output layer at the last state, then a loop from the last step to the first.",
        "dz is ŷ with 1 taken off at the right class. dWya = dz @ a_last.T, and Wya.T @ dz starts the way back. "
        "a_last is what was kept: np.where(mask[:, -1], a_next, a_prev) of the last cell.",
        "for t in reversed(range(T)): step = rnn_cell_backward(np.where(mask[:, t], da, 0.0), cells[t]); add up "
        "step['dWax'], step['dWaa'], step['dba']; da = np.where(mask[:, t], step['da_prev'], da). Before it: "
        "dz = y_pred.copy(); dz[labels, np.arange(m)] -= 1; da = P['Wya'].T @ dz.",
    ),
)

EXERCISES = (classify_backward,)
QUIZZES = ()
