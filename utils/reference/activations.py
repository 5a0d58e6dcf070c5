"""Activations, kept in the dtype they are given."""

import numpy as np


def softmax(z):
    """Softmax over the first axis: e^z / Σ e^z, shifted by the maximum so that large z cannot overflow.

    z: (n, …) unnormalised log-probabilities. Returns an array like z whose columns are positive and sum to 1; a column
    with NaN in it stays NaN. ValueError for what is no array of numbers, or has no row.
    """
    if not isinstance(z, np.ndarray) or z.dtype.kind not in "fiuc" or not z.ndim or not len(z):
        came = f"{z.dtype} of shape {z.shape}" if isinstance(z, np.ndarray) else type(z).__name__
        raise ValueError(f"z must be a NumPy array of numbers with at least one row, got {came}.")
    e = np.exp(z - z.max(axis=0, keepdims=True))
    e /= e.sum(axis=0, keepdims=True)
    return e


def sigmoid(z):
    """σ(z) = 1 / (1 + e^-z), computed as (1 + tanh(z/2)) / 2, which cannot overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))
