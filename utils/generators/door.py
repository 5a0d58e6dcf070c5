"""What the generators share: whole numbers for arguments, and picking one of several."""

import numpy as np

from utils.reference.door import expect_number, expect_rng

__all__ = ["expect_rng", "expect_whole", "is_whole", "pick"]


def is_whole(value) -> bool:
    """Whether a value is a whole number; True and False are not."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def expect_whole(least=1, **values):
    """Each value is a whole number of at least `least`, or ValueError."""
    for name, value in values.items():
        expect_number(name, value, least=least, whole=True)


def pick(rng, choices):
    """One of the choices, each alike."""
    return choices[rng.integers(len(choices))]
