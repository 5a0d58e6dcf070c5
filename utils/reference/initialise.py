"""Initial weights."""

import numpy as np


def init_rnn(n_x, n_a, n_y, rng, dtype=np.float64):
    """RNN parameters P: Wax (n_a, n_x), Waa (n_a, n_a), ba (n_a, 1), Wya (n_y, n_a), by (n_y, 1).

    Weights are Gaussian with variance 1 / (number of inputs), biases zero; `rng` is a numpy.random.Generator.
    """

    def gaussian(rows, columns):
        return (rng.standard_normal((rows, columns)) / np.sqrt(columns)).astype(dtype)

    return {
        "Wax": gaussian(n_a, n_x),
        "Waa": gaussian(n_a, n_a),
        "ba": np.zeros((n_a, 1), dtype),
        "Wya": gaussian(n_y, n_a),
        "by": np.zeros((n_y, 1), dtype),
    }


def init_feed_forward(n_x, n_h, n_y, rng, dtype=np.float64):
    """Parameters of a net with one hidden layer: W1 (n_h, n_x), b1 (n_h, 1), W2 (n_y, n_h), b2 (n_y, 1).

    Weights are Gaussian with variance 1 / (number of inputs), biases zero; `rng` is a numpy.random.Generator.
    """
    W1 = (rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype)
    W2 = (rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype)
    return {"W1": W1, "b1": np.zeros((n_h, 1), dtype), "W2": W2, "b2": np.zeros((n_y, 1), dtype)}
