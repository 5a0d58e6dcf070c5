"""Where PyTorch stops with an error of its own: a sentence in the course's words, whatever PyTorch's version says."""

import contextlib

import torch

from .asking import Unfit


@contextlib.contextmanager
def told(words, sentence):
    """A block, or a decorator, in which an error of PyTorch that has these words in it is told as this sentence."""
    try:
        yield
    except RuntimeError as error:
        if words not in str(error):
            raise
        raise Unfit(sentence) from None


@told("inplace operation", "The states came, but the way back stopped: numbers that it needs were overwritten.")
def gradients_of(states, by):
    """Gradients of a weighted sum of the states by each tensor of the list `by`; zeros where there is no way back."""
    if not states.requires_grad:
        return [torch.zeros_like(one) for one in by]
    weights = torch.linspace(-1, 1, states.numel(), dtype=states.dtype).reshape(states.shape)
    found = torch.autograd.grad((weights * states).sum(), by, allow_unused=True)
    return [torch.zeros_like(one) if got is None else got for got, one in zip(found, by, strict=True)]


def expect_shape(value, name, **axes):
    """Unfit, in PyTorch's axes, unless the tensor has these axes, such as T=7, m=3."""
    shape, wanted = tuple(value.shape), tuple(axes.values())
    if shape != wanted:
        raise Unfit(f"{name} should have shape ({', '.join(axes)}) = {wanted}, got {shape}.")
