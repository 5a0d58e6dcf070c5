"""The families beside the plain network, step by step: one stacked matrix, memory in the output, one answer.

Source: Jordan (1986) for the recurrence through the output.
"""

import numpy as np

from .activations import softmax
from .rnn import rnn_cell_forward


def rnn_cell_forward_compact(xt, a_prev, Wa, ba):
    """The same step with one matrix: a⟨t⟩ = tanh(Wa [a⟨t-1⟩; x⟨t⟩] + ba).

    Arguments
    xt -- the input of this step, shape (n_x, m)
    a_prev -- the state before this step, shape (n_a, m)
    Wa -- the two matrices side by side, [Waa | Wax], shape (n_a, n_a + n_x)
    ba -- the bias, shape (n_a, 1)

    Returns
    a_next -- the new state, shape (n_a, m)
    """
    stacked = np.concatenate([a_prev, xt], axis=0)  # (n_a + n_x, m)
    z = Wa @ stacked + ba
    return np.tanh(z)


def jordan_forward(x, y0, P, teacher=None):
    """A network whose only memory is its own last answer.

    a⟨t⟩ = tanh(Wax x⟨t⟩ + Way y⟨t-1⟩ + ba)
    ŷ⟨t⟩ = softmax(Wya a⟨t⟩ + by)

    Arguments
    x -- the inputs, shape (n_x, m, T)
    y0 -- what is fed back at the first step, shape (n_y, m)
    P -- a dict with Wax (n_a, n_x), Way (n_a, n_y), ba (n_a, 1), Wya (n_y, n_a), by (n_y, 1)
    teacher -- the right answers, shape (n_y, m, T), fed back in place of the network's own;
               None: its own are fed back

    Returns
    a -- the hidden values of every step, shape (n_a, m, T)
    y_pred -- the prediction of every step, shape (n_y, m, T)
    """
    n_x, m, T = x.shape
    n_y, n_a = P["Wya"].shape
    a = np.zeros((n_a, m, T))
    y_pred = np.zeros((n_y, m, T))
    fed_back = y0
    for t in range(T):
        z = P["Wax"] @ x[:, :, t] + P["Way"] @ fed_back + P["ba"]
        a[:, :, t] = np.tanh(z)
        y_pred[:, :, t] = softmax(P["Wya"] @ a[:, :, t] + P["by"])
        if teacher is None:
            fed_back = y_pred[:, :, t]
        else:
            fed_back = teacher[:, :, t]
    return a, y_pred


def sequence_to_one_forward(x, a0, P, mask=None):
    """Read a whole sequence, then answer once.

    A step whose mask is False is padding: it leaves the state of that example as it was.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    a0 -- the state before the first step, shape (n_a, m)
    P -- a dict with Wax, Waa, ba, Wya, by, as in rnn_cell_forward
    mask -- True where a step counts, shape (m, T); None: every step counts

    Returns
    a_last -- the state after the last step that counts, shape (n_a, m)
    y_pred -- one prediction per example, softmax(Wya a_last + by), shape (n_y, m)
    caches -- the tuple (list of the T cell caches, x, mask)
    """
    n_x, m, T = x.shape
    cells = []
    a = a0
    for t in range(T):
        a_new, _, cache = rnn_cell_forward(x[:, :, t], a, P)
        cells.append(cache)
        if mask is None:
            a = a_new
        else:
            a = np.where(mask[:, t], a_new, a)
    y_pred = softmax(P["Wya"] @ a + P["by"])
    return a, y_pred, (cells, x, mask)
