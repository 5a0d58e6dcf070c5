"""Lesson 08: losses of steps that count, and of answers of yes or no."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _masked_cases(rng):
    def case(m, T):
        return {"loss_per_step": rng.uniform(0.1, 3.0, (m, T)), "mask": draw.mask(rng, m, T)}

    nan, infinite, gaps = case(3, 5), case(5, 4), case(4, 6)
    nan["loss_per_step"][~nan["mask"]] = np.nan
    infinite["loss_per_step"][~infinite["mask"]] = np.inf
    gaps["mask"] = gaps["mask"] & (np.arange(6) != 1 + np.arange(4)[:, None])
    return {
        "padding on the right": case(*draw.sizes(rng, 2)),
        "padding that is NaN": nan,
        "padding that is infinite": infinite,
        "gaps in the middle": gaps,
        "a batch of one": case(1, 5),
        "one time step": case(*draw.sizes(rng, 1), 1),
    }


_PICK = "np.where(mask, loss_per_step, 0.0)"
_RETURN = "return float(np.sum(counted))"

masked_loss = Exercise(
    name="masked_loss",
    lesson="08",
    reference=reference.masked_loss,
    textbook=textbook.masked_loss,
    parts={"loss": 2},
    cases=_masked_cases,
    read="section 8.4",
    mistakes=(
        Mistake("the mask is ignored, so the padding counts", ((_PICK, "loss_per_step"),)),
        Mistake(
            "the loss is multiplied by the mask, but 0 times NaN is NaN; choose with np.where or loss_per_step[mask]",
            ((_PICK, "mask * loss_per_step"),),
        ),
        Mistake(
            "the mask is turned round: True means that a step counts", ((_PICK, "np.where(mask, 0.0, loss_per_step)"),)
        ),
        Mistake("the loss is a mean over all steps; it is a sum", (("np.sum(counted)", "np.mean(counted)"),)),
        Mistake(
            "the loss is a mean over the steps that count; it is a sum, and the training loop divides it once",
            (("np.sum(counted)", "np.sum(counted) / np.sum(mask)"),),
        ),
        Mistake(
            "the loss is divided by the number of examples; it is a sum",
            ((_RETURN, "return float(np.sum(counted)) / len(mask)"),),
        ),
        Mistake(
            "each example keeps a loss of its own; add up over the examples as well",
            ((_RETURN, "return np.sum(counted, axis=1)"),),
        ),
        Mistake(
            "NaN alone is left out; padding is what the mask says, whatever stands there",
            ((_PICK, "np.nan_to_num(loss_per_step)"),),
        ),
        Mistake(
            "all examples get the mask of the first; each has its own row",
            ((_PICK, "np.where(mask[0], loss_per_step, 0.0)"),),
        ),
        Mistake(
            "a step counts only where it counts for every example; each has its own row of the mask",
            ((_PICK, "np.where(mask.all(axis=0), loss_per_step, 0.0)"),),
        ),
        Mistake(
            "the loss is divided by the number of steps; it is a sum",
            ((_RETURN, "return float(np.sum(counted)) / mask.shape[1]"),),
        ),
    ),
    hints=(
        "Choose the entries that count, then add them up.",
        "Multiplying by the mask is not enough: 0 times NaN is NaN. np.where(mask, this, that) takes one or the other.",
        "float(np.sum(np.where(mask, loss_per_step, 0.0))).",
    ),
)


def _cross_entropy_cases(rng):
    def case(n_y, m, T):
        return {
            "y_pred": rng.uniform(0.05, 0.95, (n_y, m, T)),
            "y": rng.integers(0, 2, (n_y, m, T)),
            "mask": draw.mask(rng, m, T),
        }

    certain, empty = case(4, 3, 5), case(2, 5, 3)
    sure = rng.uniform(size=(4, 3, 5)) < 0.5
    sure[0, 0, 0] = True
    certain["y_pred"] = np.where(sure, certain["y"] * 1.0, certain["y_pred"])
    empty["y_pred"] = np.where(empty["mask"], empty["y_pred"], np.nan)
    return {
        "several outputs": case(*draw.sizes(rng, 3)),
        "one output": case(1, *draw.sizes(rng, 2)),
        "certain and right": certain,
        "padding that is NaN": empty,
        "a batch of one": case(3, 1, 5),
        "one time step": case(*draw.sizes(rng, 2), 1),
    }


_RIGHT = "np.where(y == 1, y_pred, 1 - y_pred)"
_SURPRISE = "surprise = -np.log(p_right)"

binary_cross_entropy = Exercise(
    name="binary_cross_entropy",
    lesson="08",
    reference=reference.binary_cross_entropy,
    textbook=textbook.binary_cross_entropy,
    parts={"loss": 3},
    cases=_cross_entropy_cases,
    uses=("masked_loss",),
    read="section 8.5",
    mistakes=(
        Mistake(
            "the mask is ignored, so the padding counts",
            (("masked_loss(loss_per_step, mask)", "masked_loss(loss_per_step, np.ones_like(mask))"),),
        ),
        Mistake(
            "answers of 0 cost nothing: the term (1 - y) log(1 - ŷ) is missing",
            ((_RIGHT, "np.where(y == 1, y_pred, 1.0)"),),
        ),
        Mistake(
            "answers of 1 cost nothing: the term y log ŷ is missing", ((_RIGHT, "np.where(y == 1, 1.0, 1 - y_pred)"),)
        ),
        Mistake(
            "0 and 1 are swapped: ŷ is the probability that the answer is 1",
            ((_RIGHT, "np.where(y == 0, y_pred, 1 - y_pred)"),),
        ),
        Mistake(
            "the sign is turned round: a loss is minus the logarithm", ((_SURPRISE, "surprise = np.log(p_right)"),)
        ),
        Mistake(
            "the logarithm has base 2, which gives bits; nats take np.log",
            ((_SURPRISE, "surprise = -np.log2(p_right)"),),
        ),
        Mistake(
            "0 log 0 gives NaN where the model is certain and right; it should be 0: choose the right answer's "
            "probability first",
            ((_SURPRISE, "surprise = -(y * np.log(y_pred) + (1 - y) * np.log(1 - y_pred))"),),
        ),
        Mistake(
            "a small number inside the logarithm changes every answer; choose the right answer's probability instead",
            ((_SURPRISE, "surprise = -np.log(p_right + 1e-8)"),),
        ),
        Mistake("the outputs are averaged; add them up", (("np.sum(surprise, axis=0)", "np.mean(surprise, axis=0)"),)),
        Mistake(
            "the loss is a mean over the steps that count; it is a sum",
            (("masked_loss(loss_per_step, mask)", "masked_loss(loss_per_step, mask) / np.sum(mask)"),),
        ),
        Mistake(
            "the distance is squared; the cost of an answer is minus its logarithm",
            ((_SURPRISE, "surprise = (1 - p_right) ** 2"),),
        ),
        Mistake(
            "σ is applied once more; y_pred holds probabilities already",
            ((_RIGHT, "np.where(y == 1, 1 / (1 + np.exp(-y_pred)), 1 - 1 / (1 + np.exp(-y_pred)))"),),
        ),
        Mistake(
            "the probabilities are clipped, so a certain and right answer costs something; it costs 0",
            ((_SURPRISE, "surprise = -np.log(np.clip(p_right, 1e-7, 1 - 1e-7))"),),
        ),
        Mistake(
            "the loss is multiplied by the mask, but 0 times NaN is NaN; let masked_loss choose the steps",
            (("masked_loss(loss_per_step, mask)", "float(np.sum(mask * loss_per_step))"),),
        ),
        Mistake(
            "answers of 0 cost nothing: the term (1 - y) log(1 - ŷ) is missing; and 0 log 0 gives NaN, so choose the "
            "right answer's probability first",
            ((_SURPRISE, "surprise = -(y * np.log(y_pred))"),),
        ),
        Mistake(
            "answers of 1 cost nothing: the term y log ŷ is missing; and 0 log 0 gives NaN, so choose the right "
            "answer's probability first",
            ((_SURPRISE, "surprise = -((1 - y) * np.log(1 - y_pred))"),),
        ),
        Mistake(
            "ŷ is taken whatever the answer is; where y is 0 the right answer had 1 - ŷ",
            ((_RIGHT, "y_pred"),),
        ),
        Mistake(
            "only the first of the n_y outputs counts; add up all of them",
            (("np.sum(surprise, axis=0)", "surprise[0]"),),
        ),
        Mistake(
            "the outputs of a step are not added up: the costs are still (n_y, m, T), and the mask is (m, T); "
            "np.sum(…, axis=0) first",
            (("np.sum(surprise, axis=0)", "surprise[mask]"),),
        ),
    ),
    hints=(
        "How much probability did the model give to the right answer? ŷ where y = 1, and what where y = 0?",
        "np.where(y == 1, this, that) picks that probability; minus its logarithm is the cost. The "
        "outputs of a step add up.",
        "p_right = np.where(y == 1, y_pred, 1 - y_pred); loss_per_step = np.sum(-np.log(p_right), axis=0); then "
        "masked_loss(loss_per_step, mask).",
    ),
)

EXERCISES = (masked_loss, binary_cross_entropy)
QUIZZES = ()
