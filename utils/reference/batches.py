"""Cutting a training set into small batches."""

import numpy as np

from .door import expect_number, expect_rng


def minibatches(n, size, rng):
    """All of 0 … n - 1 in random order, cut into pieces of `size`; the last one holds what is left.

    n, size: whole numbers of at least 1; rng: numpy.random.Generator, which draws one permutation(n) and nothing else.
    Returns a list of int arrays. A size above n gives one batch. An average over batches must weigh them by their
    length, because the last one may be smaller. ValueError for sizes below 1 and for anything but a Generator.
    """
    expect_number("n", n, least=1, whole=True)
    expect_number("size", size, least=1, whole=True)
    expect_rng(rng)
    return np.split(rng.permutation(n), np.arange(size, n, size))
