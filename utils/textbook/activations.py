"""Activations, written out."""

import numpy as np


def softmax(z):
    """Turn columns of real numbers into columns of probabilities.

    softmax(z)_i = e^(z_i) / (e^(z_1) + … + e^(z_n)), for each column on its own.
    Subtract the largest entry of each column first: the result is the same, and e^z cannot overflow.

    Arguments
    z -- real numbers, shape (n, m): one column per example

    Returns
    p -- probabilities, shape (n, m): each column sums to 1
    """
    largest = np.max(z, axis=0, keepdims=True)
    e = np.exp(z - largest)
    total = np.sum(e, axis=0, keepdims=True)
    return e / total


def sigmoid(z):
    """Squash each number into (0, 1): σ(z) = 1 / (1 + e^(-z)).

    Arguments
    z -- real numbers, any shape

    Returns
    an array like z
    """
    return 1 / (1 + np.exp(-z))
