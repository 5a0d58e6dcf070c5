"""Losses in nats, summed over valid steps and examples; whoever wants a mean divides once."""

import numpy as np

from .door import expect


def sequence_loss(y_pred, targets, mask=None):
    """Negative log-likelihood -Σ log ŷ[target], summed over the steps and examples that count, in nats.

    y_pred: (n_y, m, T) probabilities; targets: int (m, T); mask: bool (m, T), True = counts. Returns a float.
    """
    sizes = expect(y_pred=(y_pred, "n_y m T"), targets=(targets, "m T"))
    picked = np.take_along_axis(y_pred, targets[None], axis=0)[0]  # (m, T)
    if mask is not None:
        expect(sizes, mask=(mask, "m T"))
        picked = picked[mask]
    return float(-np.log(picked).sum())
