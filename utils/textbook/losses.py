"""Losses, written out."""

import numpy as np


def sequence_loss(y_pred, targets, mask=None):
    """How surprised the model was by the right answers, summed over all steps and examples, in nats.

    L = - sum over t and over the examples of log ŷ⟨t⟩[right class]

    Arguments
    y_pred -- predicted probabilities, shape (n_y, m, T)
    targets -- the right class of each example at each step, whole numbers, shape (m, T)
    mask -- True where a step counts, False where it is padding, shape (m, T); None: every step counts

    Returns
    loss -- one number, in nats: a sum, not a mean
    """
    n_y, m, T = y_pred.shape
    loss = 0.0
    for t in range(T):
        p_right = y_pred[targets[:, t], np.arange(m), t]  # (m,)
        loss_t = -np.log(p_right)
        if mask is not None:
            loss_t = np.where(mask[:, t], loss_t, 0.0)
        loss = loss + np.sum(loss_t)
    return loss
