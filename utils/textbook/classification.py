"""One answer for a whole sequence: reading it, learning from it, and counting who is taken for whom."""

import numpy as np

from .rnn import rnn_cell_backward, rnn_cell_forward


def encode_batch(x, mask, P):
    """Read sequences of different lengths together: one column that sums up each of them.

    The state begins as zeros. A step whose mask is False is padding: it leaves the state of that
    example as it was.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    mask -- True where a step counts, shape (m, T)
    P -- a dict with Wax, Waa, ba, Wya, by, as in rnn_cell_forward

    Returns
    H -- the state after the last step that counts, one column per example, shape (n_a, m)
    """
    n_x, m, T = x.shape
    n_a = len(P["ba"])
    H = np.zeros((n_a, m))
    for t in range(T):
        H_new, _, _ = rnn_cell_forward(x[:, :, t], H, P)
        H = np.where(mask[:, t], H_new, H)
    return H


def classify_backward(y_pred, labels, caches, P):
    """All the way back through sequence_to_one_forward, from the answers to the weights.

    L = - sum over the examples of log ŷ[label], in nats; ŷ = softmax(Wya a_last + by)
    ∂L/∂z = ŷ - one_hot(label), where z = Wya a_last + by

    A masked step left the state as it was, so the gradient passes through it unchanged.

    Arguments
    y_pred -- the predictions, shape (n_y, m)
    labels -- the right class of each example, whole numbers, shape (m,)
    caches -- the tuple (list of the T cell caches, x, mask) of sequence_to_one_forward; a mask of
              None: every step counts; the a_next of a cell cache is the state that the step
              would have had without the mask
    P -- a dict with Wax, Waa, ba, Wya, by, as in rnn_cell_forward

    Returns
    a dict with dWax, dWaa, dba, dWya, dby, each of the shape of its parameter
    """
    cells, x, mask = caches
    n_x, m, T = x.shape
    if mask is None:
        mask = np.ones((m, T), dtype=bool)
    a_next, a_before, _, _ = cells[-1]
    a_last = np.where(mask[:, -1], a_next, a_before)
    dz = y_pred.copy()
    dz[labels, np.arange(m)] -= 1
    dWya = dz @ a_last.T
    dby = np.sum(dz, axis=1, keepdims=True)
    dWax, dWaa, dba = np.zeros_like(P["Wax"]), np.zeros_like(P["Waa"]), np.zeros_like(P["ba"])
    da = P["Wya"].T @ dz  # (n_a, m)
    for t in reversed(range(T)):
        arriving = np.where(mask[:, t], da, 0.0)
        step = rnn_cell_backward(arriving, cells[t])
        dWax = dWax + step["dWax"]
        dWaa = dWaa + step["dWaa"]
        dba = dba + step["dba"]
        da = np.where(mask[:, t], step["da_prev"], da)
    return {"dWax": dWax, "dWaa": dWaa, "dba": dba, "dWya": dWya, "dby": dby}


def confusion_matrix(labels, predicted, n):
    """Count who is taken for whom: row = the true class, column = the predicted class.

    Arguments
    labels -- the true class of each example, whole numbers from 0 to n - 1, shape (m,)
    predicted -- the class that the model chose, whole numbers from 0 to n - 1, shape (m,)
    n -- how many classes there are

    Returns
    counts -- whole numbers, shape (n, n); counts[i, j] examples of class i were taken for class j
    """
    counts = np.zeros((n, n), dtype=int)
    for k in range(len(labels)):
        i = labels[k]
        j = predicted[k]
        counts[i, j] += 1
    return counts
