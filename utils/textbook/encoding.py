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


def build_vocabulary(tokens, size):
    """Choose the symbols that a model will know: the most frequent ones of a text.

    <EOS>, the end of a sequence, and <UNK>, everything unknown, come first and count towards the size.
    Then come the symbols of the text, the most frequent first; equally frequent ones in
    alphabetical order.

    Arguments
    tokens -- the symbols of a text in reading order, a list of strings; <EOS> and <UNK> in it
              are not counted
    size -- the vocabulary has at most this many symbols, at least 3

    Returns
    symbols -- a list of strings that begins with "<EOS>", "<UNK>"; shorter than size if the text
               has fewer different symbols
    """
    counts = {}
    for token in tokens:
        if token not in ("<EOS>", "<UNK>"):
            counts[token] = counts.get(token, 0) + 1
    alphabetical = sorted(counts)
    most_frequent_first = sorted(alphabetical, key=lambda token: -counts[token])
    kept = most_frequent_first[: size - 2]
    return ["<EOS>", "<UNK>"] + kept


def encode(tokens, vocabulary):
    """Turn the symbols of a text into their numbers, and put the number of <EOS> at the end.

    Arguments
    tokens -- the symbols of a text in reading order, a list of strings
    vocabulary -- vocabulary.tokens holds the symbols, symbol number i is vocabulary.tokens[i];
                  vocabulary.unk and vocabulary.eos are the numbers of <UNK> and <EOS>

    Returns
    indices -- whole numbers, shape (len(tokens) + 1,); a symbol that is not in the vocabulary
               becomes <UNK>
    """
    numbers = {}
    for i, symbol in enumerate(vocabulary.tokens):
        numbers[symbol] = i
    indices = []
    for token in tokens:
        index = numbers.get(token, vocabulary.unk)
        indices.append(index)
    indices.append(vocabulary.eos)
    return np.array(indices)


def shift_targets(indices):
    """Make an input and its targets from one sequence: each step is to predict the next symbol.

    At the first step nothing was read yet: x⟨1⟩ is -1, which becomes a column of zeros.
    After it, x⟨t⟩ is the symbol before the one that is to be predicted.

    Arguments
    indices -- the numbers of the symbols, <EOS> at the end, shape (T,)

    Returns
    x -- what is read at each step, shape (T,)
    targets -- what is to be predicted at each step: the indices themselves, shape (T,)
    """
    T = len(indices)
    x = np.zeros(T, dtype=int)
    x[0] = -1
    x[1:] = indices[:-1]
    targets = np.array(indices)
    return x, targets


def embed_symbols(indices, W):
    """Fetch the column of W that belongs to each symbol: W @ one_hot(indices, n_x), without the product.

    The index -1 means "nothing here": its column is all zeros.

    Arguments
    indices -- whole numbers from -1 to n_x - 1, shape (m,): one per example
    W -- one column per symbol, shape (n, n_x)

    Returns
    columns -- the columns of W in the order of the indices, shape (n, m)
    """
    n, n_x = W.shape
    m = len(indices)
    columns = np.zeros((n, m))
    for j in range(m):
        if indices[j] >= 0:
            columns[:, j] = W[:, indices[j]]
    return columns


def pad_left(sequences):
    """Put sequences of different lengths into one table: each ends in the last column.

    The free places on the left hold -1, which means "nothing here".

    Arguments
    sequences -- a list of m lists (or arrays) of symbols, whole numbers from 0 on, none of them empty

    Returns
    indices -- the symbols, whole numbers, shape (m, T); T is the length of the longest sequence
    mask -- True where a symbol stands, False where it is padding, shape (m, T)
    """
    m = len(sequences)
    T = max(len(sequence) for sequence in sequences)
    indices = np.full((m, T), -1)
    mask = np.zeros((m, T), dtype=bool)
    for i in range(m):
        start = T - len(sequences[i])
        indices[i, start:] = sequences[i]
        mask[i, start:] = True
    return indices, mask
