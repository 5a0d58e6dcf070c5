"""Initial weights."""

import numpy as np

from .door import expect, expect_number, expect_rng


def init_rnn(n_x, n_a, n_y, rng, dtype=np.float64):
    """RNN parameters P: Wax (n_a, n_x), Waa (n_a, n_a), ba (n_a, 1), Wya (n_y, n_a), by (n_y, 1).

    Weights are Gaussian with variance 1 / (number of inputs), biases zero; `rng` is a numpy.random.Generator.
    """
    expect_rng(rng)
    for name, size in {"n_x": n_x, "n_a": n_a, "n_y": n_y}.items():
        expect_number(name, size, least=1, whole=True)

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
    expect_rng(rng)
    for name, size in {"n_x": n_x, "n_h": n_h, "n_y": n_y}.items():
        expect_number(name, size, least=1, whole=True)
    W1 = (rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype)
    W2 = (rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype)
    return {"W1": W1, "b1": np.zeros((n_h, 1), dtype), "W2": W2, "b2": np.zeros((n_y, 1), dtype)}


def glorot_init(rows, columns, rng):
    """Uniform weights (rows, columns) between ±√(6 / (rows + columns)): variance 2 / (inputs + outputs).

    Source: Glorot and Bengio (2010), the normalised initialisation, equation 16. One draw, rng.uniform.
    """
    expect_rng(rng)
    expect_number("rows", rows, least=1, whole=True)
    expect_number("columns", columns, least=1, whole=True)
    return np.sqrt(6 / (rows + columns)) * (2 * rng.random((rows, columns)) - 1)


def orthogonal_init(n, rng, gain=1):
    """gain times an orthogonal (n, n), uniform among all of them. Source: Saxe et al. (2014), arXiv:1312.6120.

    Q of A = Q R, where A is one rng.standard_normal((n, n)), with the signs for which R has a positive diagonal: so
    the result is unique, and without it not uniform (Mezzadri 2007, arXiv:math-ph/0609050).
    """
    expect_rng(rng)
    expect_number("n", n, least=1, whole=True)
    expect_number("gain", gain, above=0)
    Q, R = np.linalg.qr(rng.standard_normal((n, n)))
    return np.where(R.diagonal() < 0, -gain, gain) * Q


def _dies_out(W):
    """Whether powers of W are zero to rounding (nilpotent): all eigenvalues are zero then, and eigvals gives noise."""
    power = W / np.linalg.norm(W)
    for _ in range(len(W).bit_length()):  # W² W⁴ W⁸ … up to a power of at least n
        power = power @ power
        size = np.linalg.norm(power)
        if size <= 10 * len(W) * np.finfo(power.dtype).eps:
            return True
        power /= size
    return False


def scale_to_spectral_radius(W, radius):
    """W times the one number that makes its largest |eigenvalue| equal to radius. Eigenvalues may be complex.

    W: (n, n). The spectral radius is not the spectral norm, which is the largest singular value and never smaller.
    Raises ValueError where all eigenvalues are zero.
    """
    expect_number("radius", radius, above=0)
    expect(W=(W, "n n"))
    if not np.isfinite(W).all():
        raise ValueError("W must hold finite numbers, got an infinite one.")
    if not W.any() or _dies_out(W):
        raise ValueError("W must have an eigenvalue other than zero, got a matrix whose powers die out.")
    return W * float(radius / np.abs(np.linalg.eigvals(W)).max())


def long_memory_biases(n, longest, rng):
    """Chrono initialisation: bf = log u with u uniform in [1, longest - 1], (n, 1); the update gate takes bu = -bf.

    A gate σ(log u) = u / (1 + u) forgets 1 / (1 + u) a step. longest: in steps. Source: Tallec and Ollivier (2018),
    arXiv:1804.11188. One draw, rng.uniform.
    """
    expect_rng(rng)
    expect_number("n", n, least=1, whole=True)
    expect_number("longest", longest, above=2)
    return np.log1p((longest - 2) * rng.random((n, 1)))
