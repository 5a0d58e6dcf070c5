"""Lesson 02: back through the output layer, where the gradient enters."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _cases(rng):
    def case(n_x, n_a, n_y, m, T, masked=False, padding=None):
        kwargs = {
            "y_pred": draw.probabilities(rng, n_y, m, T),
            "targets": rng.integers(0, n_y, (m, T)),
            "a": 0.8 * draw.numbers(rng, n_a, m, T),
            "P": draw.rnn_parameters(rng, n_x, n_a, n_y),
        }
        if masked:
            kwargs["mask"] = draw.mask(rng, m, T)
            if padding is not None:
                kwargs["targets"][~kwargs["mask"]] = padding
        return kwargs

    return {
        "no mask": case(*draw.sizes(rng)),
        "a mask": case(2, 5, 3, 6, 4, masked=True),
        "a mask, padding marked with -1": case(3, 2, 4, 5, 6, masked=True, padding=-1),
        "a batch of one": case(*draw.sizes(rng, 3), 1, 4, masked=True),
        "one time step": case(*draw.sizes(rng, 4), 1),
    }


_RIGHT = "dzy[targets[:, t], np.arange(m)] -= 1"
_LOSS = "loss = sequence_loss(y_pred, targets, mask)"

output_layer_backward = Exercise(
    name="output_layer_backward",
    lesson="02a",
    reference=reference.output_layer_backward,
    textbook=textbook.output_layer_backward,
    parts={"dWya": 2, "dby": 2, "da": 3, "loss": 1},
    cases=_cases,
    uses=("sequence_loss",),
    read="section 2.5",
    mistakes=(
        Mistake(
            "the sign is turned round: dzy is the prediction minus 1 at the right class",
            ((_RIGHT, _RIGHT + "\n        dzy = -dzy"),),
        ),
        Mistake(
            "the right class is left out: take 1 away from the prediction there",
            (("        " + _RIGHT + "\n", ""),),
        ),
        Mistake("1 is taken away from every class; only the right one loses it", ((_RIGHT, "dzy -= 1"),)),
        Mistake(
            "dzy is multiplied by ŷ(1 - ŷ) once more; with the log in the loss, ŷ - 1 at the right class is all",
            ((_RIGHT, _RIGHT + "\n        dzy = dzy * y_pred[:, :, t] * (1 - y_pred[:, :, t])"),),
        ),
        Mistake(
            "this is the gradient of ŷ, -1 over ŷ at the right class; go back through the softmax as well",
            (
                ("y_pred[:, :, t].copy()", "np.zeros((n_y, m))"),
                (_RIGHT, "dzy[targets[:, t], np.arange(m)] = -1 / y_pred[targets[:, t], np.arange(m), t]"),
            ),
        ),
        Mistake(
            "the mask is ignored on the way back: padding sends no gradient", (("if mask is not None", "if False"),)
        ),
        Mistake(
            "the mask is ignored in the loss: padding costs nothing",
            ((_LOSS, "loss = sequence_loss(y_pred, targets)"),),
        ),
        Mistake(
            "the mask is ignored everywhere: padding costs nothing and sends no gradient",
            (("if mask is not None", "if False"), (_LOSS, "loss = sequence_loss(y_pred, targets)")),
        ),
        Mistake(
            "the mask is used without a look whether there is one; without a mask, None, every step counts",
            (("if mask is not None", "if True"),),
        ),
        Mistake(
            "the mask is turned round on the way back: True means that a step counts",
            (("np.where(mask[:, t], dzy, 0.0)", "np.where(mask[:, t], 0.0, dzy)"),),
        ),
        Mistake(
            "the gradients are divided by the number of examples; the loss is a sum over them",
            ((_RIGHT, _RIGHT + "\n        dzy = dzy / m"),),
        ),
        Mistake(
            "the gradients are divided by all m · T entries; the loss is a sum",
            ((_RIGHT, _RIGHT + "\n        dzy = dzy / (m * T)"),),
        ),
        Mistake(
            "the loss is divided by m · T; it is a sum",
            ((_LOSS, _LOSS + " / (m * T)"),),
        ),
        Mistake(
            "dWya is overwritten at each step; the steps share Wya, so their gradients add up",
            (("dWya = dWya + dzy", "dWya = dzy"),),
        ),
        Mistake(
            "dby is overwritten at each step; the steps share by, so their gradients add up",
            (("dby = dby + np", "dby = np"),),
        ),
        Mistake("dby is a mean over the examples; it is a sum", (("np.sum(dzy, axis=1", "np.mean(dzy, axis=1"),)),
        Mistake(
            "only the last step sends a gradient to its state; every step does",
            (('da[:, :, t] = P["Wya"].T @ dzy', 'da[:, :, t] = P["Wya"].T @ dzy * (t == T - 1)'),),
        ),
        Mistake(
            "dzy is a window on y_pred itself, so taking 1 away changes y_pred; work on a copy", ((".copy()", ""),)
        ),
        Mistake(
            "step t is compared with the target of the step before; it has targets[:, t]",
            (("dzy[targets[:, t]", "dzy[targets[:, t - 1]"),),
        ),
        Mistake(
            "only the 1 is masked; where a step does not count, the whole of dzy is 0",
            (("np.where(mask[:, t], dzy, 0.0)", "np.where(mask[:, t], dzy, y_pred[:, :, t])"),),
        ),
        Mistake(
            "loss and gradients are divided by the number of examples; all of them are sums",
            ((_RIGHT, _RIGHT + "\n        dzy = dzy / m"), (_LOSS, _LOSS + " / m")),
        ),
        Mistake(
            "dWya and dby are overwritten at each step; the steps share the layer, so their gradients add up",
            (("dWya = dWya + dzy", "dWya = dzy"), ("dby = dby + np", "dby = np")),
        ),
        Mistake(
            "dby lost an axis; keepdims=True keeps it (n_y, 1)", (("return dWya, dby,", "return dWya, dby[:, 0],"),)
        ),
        Mistake(
            "1 is taken away from whole rows; the m right classes need a list of columns, too: np.arange(m)",
            ((_RIGHT, "dzy[targets[:, t]] -= 1"),),
        ),
        Mistake(
            "the gradients are divided by the number of steps that count; here they are sums, train_step will divide",
            ((_RIGHT, _RIGHT + "\n        dzy = dzy / (m * T if mask is None else np.sum(mask))"),),
        ),
        Mistake(
            "the slope of tanh is in da; it belongs to the cell, whose way back comes next",
            (('da[:, :, t] = P["Wya"].T @ dzy', 'da[:, :, t] = (1 - a[:, :, t] ** 2) * (P["Wya"].T @ dzy)'),),
        ),
        Mistake(
            "the mask comes before the 1 is taken away, so padding still sends a -1; mask last",
            (
                (_RIGHT, "pass"),
                ("np.where(mask[:, t], dzy, 0.0)", "np.where(mask[:, t], dzy, 0.0)\n        " + _RIGHT),
            ),
        ),
        Mistake(
            "the mask is turned round everywhere: True means that a step counts",
            (
                ("np.where(mask[:, t], dzy, 0.0)", "np.where(mask[:, t], 0.0, dzy)"),
                (_LOSS, "loss = sequence_loss(y_pred, targets, None if mask is None else ~mask)"),
            ),
        ),
    ),
    hints=(
        "Softmax and loss together have a short gradient: the prediction, minus 1 at the right class.",
        "Start from a copy of y_pred[:, :, t], take 1 away at the m right classes, and set the columns of padding to "
        "zero. Wya and by then get what any layer gets.",
        "dzy[targets[:, t], np.arange(m)] -= 1; dzy = np.where(mask[:, t], dzy, 0.0); dWya += dzy @ a[:, :, t].T; "
        'da[:, :, t] = P["Wya"].T @ dzy.',
    ),
)

EXERCISES = (output_layer_backward,)
QUIZZES = ()
