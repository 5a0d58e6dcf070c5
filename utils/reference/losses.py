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
