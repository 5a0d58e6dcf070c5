"""Puzzles about memory: adding two marked numbers, copying after a pause, an echo, the alphabet backwards."""

import string

import numpy as np

from utils.reference import pad_left

from .door import expect_rng, expect_whole, is_whole

LETTERS = string.ascii_lowercase
END = len(LETTERS)  # the symbol that ends an answer of `alphabets`


def adding_problem(rng, m, T):
    """T random numbers in [0, 1), two of them marked, one in each half: what do the marked ones add up to?

    rng: numpy.random.Generator. m: number of examples. T: steps, at least 2. Returns x (2, m, T), the numbers in row 0
    and the marks (1 or 0) in row 1, and y (m,), the sums. Always answering 1 has a mean squared error of 1/6 = 0.167,
    the variance of the sum of two such numbers. After Hochreiter & Schmidhuber (1997), whose numbers were in [-1, 1].
    """
    expect_rng(rng)
    expect_whole(m=m)
    expect_whole(2, T=T)
    half = T // 2
    numbers, marks = rng.random((m, T)), np.zeros((m, T))
    first, second = rng.integers(half, size=m), rng.integers(half, T, size=m)
    marks[np.arange(m), first] = marks[np.arange(m), second] = 1
    return np.stack([numbers, marks]), numbers[np.arange(m), first] + numbers[np.arange(m), second]


def copy_task(rng, m, n_symbols, length, delay):
    """Read `length` symbols, wait for `delay` steps, then, from the signal on, say them again in order.

    Symbols are 0 … n_symbols - 1; n_symbols stands for silence and n_symbols + 1 for the signal, so an input has
    n_symbols + 2 rows as one-hot columns. There are T = 2 · length + delay steps; the signal comes at step
    length + delay, counted from 0, which is where the first answer is due.

    Returns x int (m, T), targets int (m, T), -1 where no answer is due, and mask bool (m, T), True where one is.
    Without any memory the loss is log(n_symbols) nats per answer.
    """
    expect_rng(rng)
    expect_whole(m=m, length=length)
    expect_whole(2, n_symbols=n_symbols)
    expect_whole(0, delay=delay)
    start = length + delay
    symbols = rng.integers(n_symbols, size=(m, length))
    x = np.full((m, start + length), n_symbols, np.int64)
    targets = np.full_like(x, -1)
    x[:, :length], x[:, start], targets[:, start:] = symbols, n_symbols + 1, symbols
    return x, targets, targets >= 0


def echo_task(rng, m, n_symbols, T, lag):
    """Say at every step which symbol came `lag` steps before.

    lag: at least 1 and below T. Returns x int (m, T), symbols 0 … n_symbols - 1, targets int (m, T), -1 in the first
    `lag` steps, where no answer is due, and mask bool (m, T), True where one is.
    """
    expect_rng(rng)
    expect_whole(m=m, lag=lag)
    expect_whole(2, n_symbols=n_symbols)
    expect_whole(lag + 1, T=T)
    x = rng.integers(n_symbols, size=(m, T))
    targets = np.concatenate([np.full((m, lag), -1), x[:, : T - lag]], axis=1)
    return x, targets, targets >= 0


def alphabets(rng, m, shortest, longest):
    """A stretch of the alphabet as input, the same letters backwards as the answer: c d e -> e d c END.

    Letters are 0 … 25, places in LETTERS; an answer ends with END, so it is one symbol longer than its input. The
    lengths differ from example to example. shortest, longest: lengths of the input in letters, at most 26, each alike.

    Returns x int (m, T_x), padded with -1 on the left, x_mask bool (m, T_x), y int (m, T_y), padded with -1 on the
    right, and y_mask bool (m, T_y); T_x and T_y fit the longest example drawn.
    """
    expect_rng(rng)
    expect_whole(m=m)
    if not (is_whole(shortest) and is_whole(longest) and 1 <= shortest <= longest <= len(LETTERS)):
        raise ValueError(
            f"shortest and longest must be whole numbers with 1 <= shortest <= longest <= {len(LETTERS)}, "
            f"got {shortest!r} and {longest!r}."
        )
    lengths = rng.integers(shortest, longest + 1, size=m)
    starts = rng.integers(len(LETTERS) + 1 - lengths)
    runs = [list(range(start, start + length)) for start, length in zip(starts, lengths, strict=True)]
    x, x_mask = pad_left(runs)
    turned, y_mask = pad_left([[END, *run] for run in runs])  # backwards, the padding stands on the right
    return x, x_mask, turned[:, ::-1].copy(), y_mask[:, ::-1].copy()
