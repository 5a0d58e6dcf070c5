"""Symbols as columns."""

import numpy as np


def one_hot(indices, n_x):
    """Columns of the identity: column j is zero but for a 1 in row indices[j]; index -1 gives a zero column.

    indices: int (m,), each in -1 … n_x - 1. Returns float64 (n_x, m). Raises ValueError for an index outside.
    """
    indices = np.asarray(indices)
    if indices.ndim != 1 or indices.dtype.kind not in "iu":
        raise ValueError(f"indices must be whole numbers of shape (m,), got {indices.dtype} of shape {indices.shape}.")
    if n_x < 1:
        raise ValueError(f"n_x must be at least 1, got {n_x}.")
    if indices.size and not (-1 <= indices.min() and indices.max() < n_x):
        raise ValueError(f"indices must lie between -1 and {n_x - 1}, got {indices.min()} … {indices.max()}.")
    return (np.arange(n_x)[:, None] == indices).astype(float)
