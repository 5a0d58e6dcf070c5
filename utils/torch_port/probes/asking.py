"""What the probes share: tensors there, arrays back, and one sentence for an answer that cannot be asked."""

import numpy as np
import torch


class Unfit(Exception):
    """An answer is not of a kind that can be asked; the learner reads this sentence."""


def tensor(array, dtype=None):
    """A copy of an array as a tensor; floats in `dtype` where it is given."""
    made = torch.from_numpy(np.array(array))
    return made.to(dtype) if dtype is not None and made.is_floating_point() else made


def array(value):
    """Tensors as arrays, through lists, tuples and dicts; all else as it is. NumPy has no bfloat16: float32.

    `value_of` of weights.py does this to one tensor, but a sandbox lacks it: it is a part of what lesson 10 asks for.
    """
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        return (value.float() if value.dtype == torch.bfloat16 else value).numpy().copy()
    if isinstance(value, list | tuple):
        return tuple(map(array, value))
    if isinstance(value, dict):
        return {key: array(item) for key, item in value.items()}
    return value


def course_axes(value):
    """(T, m, n), as PyTorch has it -> (n, m, T), as the course has it; other shapes and kinds as they are."""
    value = array(value)
    return value.transpose(2, 1, 0) if isinstance(value, np.ndarray) and value.ndim == 3 else value


def expect_kind(value, kind, who):
    """The value itself, if it is of this kind, or None, of which the check says that nothing was returned."""
    if value is not None and not isinstance(value, kind):
        raise Unfit(f"{who} should return an nn.{kind.__name__}, got {_named(value)}.")
    return value


def _named(value):
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
