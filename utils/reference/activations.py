"""Activations, kept in the dtype they are given."""

import numpy as np


def softmax(z):
    """Softmax over the first axis: e^z / Σ e^z, shifted by the maximum so that large z cannot overflow.

    z: (n, …) unnormalised log-probabilities. Returns an array like z whose columns are positive and sum to 1.
    """
    e = np.exp(z - z.max(axis=0, keepdims=True))
    e /= e.sum(axis=0, keepdims=True)
    return e


def sigmoid(z):
    """σ(z) = 1 / (1 + e^-z), computed as (1 + tanh(z/2)) / 2, which cannot overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))
