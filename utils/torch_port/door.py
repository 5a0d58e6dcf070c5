"""The doors of what takes tensors: a wrong axis is a sentence, as in utils.reference.door.

Only shapes and dtypes are looked at, never numbers: on a GPU that would stop the queue, and no compiler could trace it.
"""

import torch


def expect_tensors(sizes=None, /, **tensors):
    """Check that tensors have the named axes and that equal names mean equal sizes. Returns the sizes by name.

    Each keyword is a tensor and its axes in one string: ``expect_tensors(x=(x, "T m n_x"), c0=(c0, "m n_c"))``.
    Raises ValueError with what was expected and what came; also for an axis of length zero.
    """
    sizes = dict(sizes or {})
    for name, (tensor, axes) in tensors.items():
        axes = axes.split()
        shown = f"({', '.join(axes)})"
        if not isinstance(tensor, torch.Tensor):
            raise ValueError(f"{name} must be a tensor of shape {shown}, got {type(tensor).__name__}.")
        shape = tuple(tensor.shape)
        if len(shape) != len(axes):
            raise ValueError(f"{name} must have the {len(axes)} axes {shown}, got shape {shape}.")
        for axis, length in zip(axes, shape, strict=True):
            if sizes.setdefault(axis, length) != length:
                raise ValueError(f"{name} must have shape {shown} with {axis} = {sizes[axis]}, got {shape}.")
            if length == 0:
                raise ValueError(f"{name} is empty along {axis}: expected at least 1, got shape {shape}.")
    return sizes


def expect_tokens(sizes=None, /, **tokens):
    """As `expect_tensors`, for whole numbers: symbols by their numbers."""
    sizes = expect_tensors(sizes, **tokens)
    for name, (tensor, _) in tokens.items():
        if tensor.dtype not in (torch.int64, torch.int32):
            raise ValueError(f"{name} must hold whole numbers (int64 or int32), got {tensor.dtype}.")
    return sizes
