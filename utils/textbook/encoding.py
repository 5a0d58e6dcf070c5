"""Symbols as columns, written out."""

import numpy as np


def one_hot(indices, n_x):
    """Turn whole numbers into columns with a single 1.

    Column j is all zeros except for a 1 in row indices[j].
    The index -1 means "nothing here": its column is all zeros.

    Arguments
    indices -- whole numbers from -1 to n_x - 1, shape (m,): one per example
    n_x -- how many different symbols there are

    Returns
    x -- shape (n_x, m), float64
    """
    m = len(indices)
    x = np.zeros((n_x, m))
    for j in range(m):
        if indices[j] >= 0:
            x[indices[j], j] = 1.0
    return x
