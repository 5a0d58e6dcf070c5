"""Symbols as columns."""

import numpy as np

from .door import expect, expect_number


def one_hot(indices, n_x):
    """Columns of the identity: column j is zero but for a 1 in row indices[j]; index -1 gives a zero column.

    indices: int (m,), each in -1 … n_x - 1. Returns float64 (n_x, m). Raises ValueError for an index outside.
    """
    indices = np.asarray(indices)
    if indices.ndim != 1 or indices.dtype.kind not in "iu":
        raise ValueError(f"indices must be whole numbers of shape (m,), got {indices.dtype} of shape {indices.shape}.")
    expect_number("n_x", n_x, least=1, whole=True)
    if indices.size and not (-1 <= indices.min() and indices.max() < n_x):
        raise ValueError(f"indices must lie between -1 and {n_x - 1}, got {indices.min()} … {indices.max()}.")
    return (np.arange(n_x)[:, None] == indices).astype(float)


def embed_symbols(indices, W):
    """The columns of W in the order of the indices; index -1 gives a zero column. Equals W @ one_hot(indices, n_x).

    indices: int (m,), each in -1 … n_x - 1; W: (n, n_x). Returns (n, m) in the dtype of W. ValueError for other
    shapes, an index outside, no index at all, or NaN in W.

    A product with one-hot columns costs n · n_x · m steps, the look-up n · m.
    """
    sizes = expect(indices=(indices, "m"), W=(W, "n n_x"))
    _expect_symbols("indices", indices, -1, sizes["n_x"] - 1)
    columns = W[:, indices]  # fancy indexing copies, so that W stays as it is
    columns[:, indices < 0] = 0
    return columns


def pad_left(sequences):
    """Sequences of symbols as the rows of one table, each ending in the last column.

    sequences: a list of m lists or arrays of whole numbers >= 0. Returns indices int64 (m, T), -1 where there is
    padding, and mask bool (m, T), True where a symbol stands; T is the length of the longest. ValueError for no
    sequence, an empty one, fractions, and numbers below 0: -1 in the middle could not be told from padding.
    """
    if not isinstance(sequences, list | tuple) or not sequences:
        came = "none" if isinstance(sequences, list | tuple) else type(sequences).__name__
        raise ValueError(f"sequences must be a list of at least one sequence, got {came}.")
    try:
        rows = [np.asarray(s) if isinstance(s, list | tuple | np.ndarray) else s for s in sequences]
    except ValueError:
        raise ValueError("sequences must hold flat lists of symbols, got lists of unequal lengths in one.") from None
    for i, row in enumerate(rows):
        if not isinstance(row, np.ndarray) or not row.size:
            came = "an empty one" if isinstance(row, np.ndarray) else type(row).__name__
            raise ValueError(f"sequences[{i}] must be a list of at least one symbol, got {came}.")
        expect(**{f"sequences[{i}]": (row, "T")})
        _expect_symbols(f"sequences[{i}]", row, 0)
    lengths = np.array([len(row) for row in rows])
    mask = np.arange(-lengths.max(), 0) >= -lengths[:, None]
    indices = np.full(mask.shape, -1, np.int64)
    indices[mask] = np.concatenate(rows)  # row after row, as the mask is read
    return indices, mask


def _expect_symbols(name, values, lowest, highest=None):
    """Whole numbers from lowest to highest, or a sentence."""
    if values.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold whole numbers, got dtype {values.dtype}.")
    if values.min() < lowest or (highest is not None and values.max() > highest):
        range_ = f"between {lowest} and {highest}" if highest is not None else f"at {lowest} or above"
        raise ValueError(f"{name} must lie {range_}, got {values.min()} … {values.max()}.")


def build_vocabulary(tokens, size):
    """["<EOS>", "<UNK>"] and the size - 2 most frequent other tokens, most frequent first, ties in alphabetical order.

    tokens: strings in reading order (a text counts as its characters). Returns a list of at most `size` strings.
    ValueError for a size below 3, for what is no string, and when nothing is left to be counted.
    """
    expect_number("size", size, least=3, whole=True)
    words = [token for token in _expect_tokens(tokens) if token not in ("<EOS>", "<UNK>")]
    if not words:
        raise ValueError("tokens must hold at least one symbol besides <EOS> and <UNK>, got none.")
    kinds, counts = np.unique(np.array(words, object), return_counts=True)  # in alphabetical order
    return ["<EOS>", "<UNK>", *kinds[np.argsort(-counts, kind="stable")][: size - 2]]


def encode(tokens, vocabulary):
    """The numbers of the tokens, that of <UNK> for unknown ones, and that of <EOS> at the end.

    tokens: strings (a text counts as its characters), perhaps none; vocabulary: has tokens, unk and eos.
    Returns int64 (len(tokens) + 1,). ValueError for what is no string or no vocabulary.
    """
    expect_vocabulary(vocabulary)
    numbers, unk = {token: i for i, token in enumerate(vocabulary.tokens)}, vocabulary.unk
    return np.array([*(numbers.get(token, unk) for token in _expect_tokens(tokens)), vocabulary.eos], np.int64)


def shift_targets(indices):
    """Input and targets of a language model: x = [-1, indices[:-1]], -1 for nothing, and a copy of indices.

    indices: signed int (T,), each at least -1. Returns x (T,), targets (T,) in the dtype of indices.
    """
    indices = np.asarray(indices)
    expect(indices=(indices, "T"))
    if indices.dtype.kind != "i":
        raise ValueError(f"indices must hold whole numbers that can be -1, got dtype {indices.dtype}.")
    _expect_symbols("indices", indices, -1)
    x = np.roll(indices, 1)
    x[0] = -1
    return x, indices.copy()


def expect_vocabulary(vocabulary):
    """Check that something has the symbols and the numbers of <EOS> and <UNK>, as utils.text.Vocabulary does."""
    if not all(hasattr(vocabulary, name) for name in ("tokens", "eos", "unk")):
        raise ValueError(f"vocabulary must be a Vocabulary with tokens, eos and unk, got {type(vocabulary).__name__}.")


def _expect_tokens(tokens):
    """Tokens as a list of strings, or a sentence."""
    if not isinstance(tokens, str | list | tuple):
        raise ValueError(f"tokens must be a list of strings, got {type(tokens).__name__}.")
    wrong = [token for token in tokens if not isinstance(token, str)]
    if wrong:
        raise ValueError(f"tokens must be strings, got {wrong[0]!r} of type {type(wrong[0]).__name__}.")
    return list(tokens)
