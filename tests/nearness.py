"""What the tests of the mathematics share: sizes that all differ, a net, and nearness through any nesting."""

import numpy as np
import pytest

from utils import reference, textbook
from utils.checking.exercises import draw

BOTH = pytest.mark.parametrize("maths", [reference, textbook], ids=["reference", "textbook"])
N_X, N_A, N_Y, M, T = 3, 5, 2, 4, 6  # all different
GATES = [f"{kind}{gate}" for gate in "fuco" for kind in "Wb"]


def near(got, want, tolerance=1e-12):
    """Assert equality to within `tolerance` of the largest expected value, through any nesting."""
    if isinstance(want, dict):
        assert isinstance(got, dict) and set(got) == set(want)
        for key in want:
            near(got[key], want[key], tolerance)
    elif isinstance(want, list | tuple):
        assert len(got) == len(want)
        for one, other in zip(got, want, strict=True):
            near(one, other, tolerance)
    elif want is None or isinstance(want, str):
        assert got == want
    else:
        got, want = np.asarray(got), np.asarray(want)
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=0, atol=tolerance * max(float(np.abs(want).max(initial=0)), 1e-300))


def sequence(rng, m=M, steps=T):
    """A sequence, its targets, a start and parameters: x, targets, a0, P."""
    x, a0 = rng.standard_normal((N_X, m, steps)), rng.standard_normal((N_A, m))
    return x, rng.integers(0, N_Y, (m, steps)), a0, draw.rnn_parameters(rng, N_X, N_A, N_Y)


def lstm_sequence(rng):
    """A sequence, two starts and LSTM parameters: x, a0, c0, P."""
    x, a0, c0 = (rng.standard_normal(shape) for shape in ((N_X, M, T), (N_A, M), (N_A, M)))
    return x, a0, c0, draw.lstm_parameters(rng, N_X, N_A, N_Y)


def with_peepholes(rng, P):
    """LSTM parameters and one peephole weight per gate and unit."""
    return P | {name: rng.standard_normal((N_A, 1)) for name in ("pf", "pu", "po")}


def leaves(torch, values, grad=True):
    """A dict of arrays as float64 tensors, of which PyTorch keeps the gradients where grad is True."""
    return {key: torch.tensor(value, dtype=torch.float64, requires_grad=grad) for key, value in values.items()}


def dtypes(value):
    """The dtypes of all arrays inside."""
    if isinstance(value, dict):
        return set().union(*map(dtypes, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(dtypes, value))
    return {value.dtype} if isinstance(value, np.ndarray) else set()
