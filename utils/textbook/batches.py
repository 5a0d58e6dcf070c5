"""Cutting a training set into small batches."""


def minibatches(n, size, rng):
    """Deal all examples, in random order, into batches of `size`; the last one takes what is left.

    Randomness: rng.permutation(n) is drawn once, and nothing else.

    Arguments
    n -- how many examples there are
    size -- how many of them a batch holds
    rng -- a numpy.random.Generator

    Returns
    batches -- a list of arrays of whole numbers; together they hold each number from 0 to n - 1 once
    """
    order = rng.permutation(n)
    batches = []
    for start in range(0, n, size):
        end = start + size
        batches.append(order[start:end])
    return batches
