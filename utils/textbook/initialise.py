"""Where learning begins: initial weights.

Source: Glorot and Bengio (2010); Saxe et al. (2014), arXiv:1312.6120; Tallec and Ollivier (2018), arXiv:1804.11188.
"""

import numpy as np


def init_rnn(n_x, n_a, n_y, rng, dtype=np.float64):
    """Draw the first weights of an RNN: Gaussian with variance 1 / (number of inputs), biases zero.

    The draws are rng.standard_normal for Wax, then Waa, then Wya.

    Arguments
    n_x, n_a, n_y -- size of the input, of the state and of the output
    rng -- a numpy.random.Generator
    dtype -- the type of the numbers

    Returns
    P -- a dict with Wax (n_a, n_x), Waa (n_a, n_a), ba (n_a, 1), Wya (n_y, n_a), by (n_y, 1)
    """
    P = {}
    for name, rows, columns in [("Wax", n_a, n_x), ("Waa", n_a, n_a), ("Wya", n_y, n_a)]:
        drawn = rng.standard_normal((rows, columns))
        P[name] = (drawn / np.sqrt(columns)).astype(dtype)
    P["ba"] = np.zeros((n_a, 1), dtype)
    P["by"] = np.zeros((n_y, 1), dtype)
    return P


def glorot_init(rows, columns, rng):
    """Uniform weights, neither too large on the way forward nor on the way back.

    Every entry is drawn between -r and r, where r = √(6 / (rows + columns)), so that its variance
    is 2 / (rows + columns). The one draw is rng.uniform.

    Arguments
    rows, columns -- size of the output and of the input of the layer
    rng -- a numpy.random.Generator

    Returns
    W -- the weights, shape (rows, columns)
    """
    r = np.sqrt(6 / (rows + columns))
    return rng.uniform(-r, r, (rows, columns))


def orthogonal_init(n, rng, gain=1):
    """A square matrix that turns or mirrors a state, and makes it longer or shorter by gain alone.

    Draw A = rng.standard_normal((n, n)), once. Split it into A = Q R with np.linalg.qr. Multiply
    each column of Q by the sign of R's diagonal entry in that column: of all Q that fit A, this is
    the one whose R has a positive diagonal. Multiply by gain.

    Arguments
    n -- number of rows and of columns
    rng -- a numpy.random.Generator
    gain -- the factor by which the matrix changes the length of a state

    Returns
    W -- shape (n, n), with Wᵀ W = gain² I
    """
    A = rng.standard_normal((n, n))
    Q, R = np.linalg.qr(A)
    signs = np.sign(np.diag(R))  # (n,)
    unique_Q = Q * signs
    return gain * unique_Q


def scale_to_spectral_radius(W, radius):
    """Scale a square matrix so that its largest eigenvalue has the size that is asked for.

    The spectral radius is the largest |λ| of all eigenvalues λ of W. They may be complex numbers.

    Arguments
    W -- a square matrix, shape (n, n); not all of its eigenvalues are zero
    radius -- the spectral radius that is wanted, above 0

    Returns
    scaled -- shape (n, n): W times one number
    """
    eigenvalues = np.linalg.eigvals(W)  # (n,)
    sizes = np.abs(eigenvalues)
    largest = np.max(sizes)
    return W * (radius / largest)


def long_memory_biases(n, longest, rng):
    """Biases of the forget gate for memories of every length up to `longest` steps.

    bf = log(u), where u is drawn between 1 and longest - 1 by rng.uniform, once for all n units.
    Such a gate holds its memory for about 1 + u steps. The update gate then starts with bu = -bf.

    Arguments
    n -- number of units
    longest -- the longest memory that the task may need, in steps, above 2
    rng -- a numpy.random.Generator

    Returns
    bf -- shape (n, 1)
    """
    u = rng.uniform(1, longest - 1, (n, 1))
    return np.log(u)
