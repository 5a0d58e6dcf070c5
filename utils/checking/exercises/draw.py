"""Random inputs worth having: all sizes different, states and biases never zero."""

import numpy as np


def sizes(rng, n=5):
    """n different sizes between 2 and 6, in random order, so that no two axes can be confused unseen."""
    return [int(size) for size in rng.permutation(np.arange(2, 7))[:n]]


def numbers(rng, *shape):
    """Standard normal numbers."""
    return rng.standard_normal(shape)


def probabilities(rng, n, *shape):
    """Positive columns that sum to 1."""
    p = rng.uniform(0.05, 1.0, (n, *shape))
    return p / p.sum(axis=0)


def mask(rng, m, T):
    """A mask of valid steps: every example has at least one, at least one example is padded when T allows it."""
    lengths = rng.integers(1, T + 1, m)
    lengths[rng.integers(m)] = max(1, T - 1)
    return np.arange(T) < lengths[:, None]


def rnn_parameters(rng, n_x, n_a, n_y):
    """RNN parameters with biases that are not zero."""
    scale = 0.9 / np.sqrt(n_a)
    return {
        "Wax": 0.7 * numbers(rng, n_a, n_x),
        "Waa": scale * numbers(rng, n_a, n_a),
        "ba": 0.5 * numbers(rng, n_a, 1),
        "Wya": numbers(rng, n_y, n_a),
        "by": numbers(rng, n_y, 1),
    }


def sequences(rng, case):
    """What case(n_x, n_a, n_y, m, T) makes of several lengths and batches, by category."""
    return {
        "several examples and steps": case(*sizes(rng)),
        "other sizes": case(*sizes(rng)),
        "a batch of one": case(*sizes(rng, 3), 1, 4),
        "one time step": case(*sizes(rng, 4), 1),
    }


def cut_sequences(rng, piece):
    """Sequences with targets, a start and parameters, to be cut into pieces: how long one is stands under `piece`."""

    def case(n_x, n_a, n_y, m, T, length, masked=False):
        kwargs = {
            "x": numbers(rng, n_x, m, T),
            "targets": rng.integers(0, n_y, (m, T)),
            "a0": 0.8 * numbers(rng, n_a, m),
            "P": rnn_parameters(rng, n_x, n_a, n_y),
            piece: length,
        }
        return kwargs | ({"mask": mask(rng, m, T)} if masked else {})

    return {
        f"{piece}s that fit": case(3, 5, 2, 4, 6, 2),
        f"a shorter last {piece}": case(5, 2, 3, 4, 7, 3),
        f"one {piece} longer than the sequence": case(*sizes(rng), 9),
        f"{piece}s of one step": case(4, 2, 5, 3, 4, 1),
        "a mask": case(2, 4, 3, 6, 5, 2, masked=True),
        "a batch of one": case(*sizes(rng, 3), 1, 5, 3),
        "one time step": case(*sizes(rng, 4), 1, 2),
    }


def lstm_parameters(rng, n_x, n_a, n_y):
    """LSTM parameters with biases that are not zero, small enough for gates between open and shut."""
    P = {f"W{gate}": 0.6 * numbers(rng, n_a, n_a + n_x) for gate in "fuco"}
    P |= {f"b{gate}": 0.7 * numbers(rng, n_a, 1) for gate in "fuco"}
    return P | {"Wy": numbers(rng, n_y, n_a), "by": numbers(rng, n_y, 1)}
