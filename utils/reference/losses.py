"""Losses in nats, summed over valid steps and examples; whoever wants a mean divides once."""

import numpy as np

from .door import expect, expect_mask, expect_targets


def sequence_loss(y_pred, targets, mask=None):
    """Negative log-likelihood -Σ log ŷ[target], summed over the steps and examples that count, in nats.

    y_pred: (n_y, m, T) probabilities; targets: int (m, T); mask: bool (m, T), True = counts. Returns a float.
    """
    sizes = expect(y_pred=(y_pred, "n_y m T"), targets=(targets, "m T"))
    expect_mask(mask, sizes)
    expect_targets(targets, sizes["n_y"], mask)
    rows = targets if mask is None else np.where(mask, targets, 0)  # padding may hold any number
    picked = np.take_along_axis(y_pred, rows[None], axis=0)[0]  # (m, T)
    if mask is not None:
        picked = picked[mask]
    return float(-np.log(picked).sum())


def blank_padding(array, mask):
    """A copy with zeros where the mask (m, T) is False, for doors behind which the padding may hold anything.

    An array whose last two axes are not (m, T) comes back as it is: the next door says what is wrong with it.
    """
    fits = isinstance(array, np.ndarray) and array.shape[-2:] == mask.shape
    return np.where(mask, array, np.zeros((), array.dtype)) if fits else array


def masked_loss(loss_per_step, mask):
    """Σ loss_per_step over the steps that count, in nats. The padding may hold anything, even NaN or infinity.

    loss_per_step: (m, T); mask: bool (m, T), True = counts. Returns a float, 0 where nothing counts.
    Raises ValueError where the shapes differ, for a mask of numbers, and for NaN at a step that counts.
    """
    expect_mask(mask, sizes := expect(mask=(mask, "m T")))
    expect(sizes, loss_per_step=(blank_padding(loss_per_step, mask), "m T"))
    return float(loss_per_step[mask].sum())


def binary_cross_entropy(y_pred, y, mask):
    """-Σ y log ŷ + (1 - y) log(1 - ŷ) over outputs and over the steps that count, in nats, with 0 log 0 = 0.

    y_pred: (n_y, m, T), between 0 and 1; y: (n_y, m, T), 0 or 1; mask: bool (m, T), True = counts; the padding of
    both may hold anything. Returns a float: 0 for answers that are certain and right, infinity for a certain wrong one.
    Raises ValueError where the shapes differ, for a mask of numbers, and for other values where they count.
    """
    expect_mask(mask, sizes := expect(mask=(mask, "m T")))
    p, y = blank_padding(y_pred, mask), blank_padding(y, mask)
    expect(sizes, y_pred=(p, "n_y m T"), y=(y, "n_y m T"))
    if p.min() < 0 or p.max() > 1:
        raise ValueError(f"y_pred must lie between 0 and 1 where it counts, got {p.min()} … {p.max()}.")
    if ((y != 0) & (y != 1)).any():
        raise ValueError(f"y must be 0 or 1 where it counts, got {y.min()} … {y.max()}.")
    with np.errstate(divide="ignore"):  # log 0 is what a certain wrong answer costs; blank padding costs log 1
        log_right = np.log(p[y == 1]).sum() + np.log1p(-p[y == 0]).sum()
    return float(0.0 - log_right)
