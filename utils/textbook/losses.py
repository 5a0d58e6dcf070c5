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


def masked_loss(loss_per_step, mask):
    """Add up the losses of the steps that count. What stands in the padding does not matter.

    Arguments
    loss_per_step -- the loss of each example at each step, in nats, shape (m, T); the padding
                     may hold anything, even NaN or infinity
    mask -- True where a step counts, False where it is padding, shape (m, T)

    Returns
    loss -- one number, in nats: a sum, not a mean
    """
    counted = np.where(mask, loss_per_step, 0.0)
    return float(np.sum(counted))


def binary_cross_entropy(y_pred, y, mask):
    """How surprised the model was by answers of yes or no, summed, in nats.

    L = - sum over the steps that count, and over the n_y outputs, of y log ŷ + (1 - y) log(1 - ŷ)
    y is 0 or 1, so one of the two terms is always zero. What is left is - log of the probability
    that the model gave to the right answer: ŷ where y = 1, and 1 - ŷ where y = 0. That is 0 where
    the model was certain and right.

    Arguments
    y_pred -- predicted probabilities that the answer is 1, between 0 and 1, shape (n_y, m, T);
              the padding may hold anything, even NaN
    y -- the right answers, 0 or 1, shape (n_y, m, T)
    mask -- True where a step counts, False where it is padding, shape (m, T)

    Returns
    loss -- one number, in nats: a sum, not a mean
    """
    p_right = np.where(y == 1, y_pred, 1 - y_pred)  # (n_y, m, T)
    surprise = -np.log(p_right)
    loss_per_step = np.sum(surprise, axis=0)  # (m, T)
    return masked_loss(loss_per_step, mask)
