"""Ask a recurrence for its states and gradients, and how its operations grow with the number of steps."""

import torch

from .asking import Unfit, course_axes, tensor
from .counting import Operations
from .threads import one_thread

SHORT, LONG = 8, 64


@one_thread()
def min_gru_scan(answer, z, h_tilde, h0):
    """`h` (n, m, T) for z and h_tilde (n, m, T) from h0 (n, m), the gradients of a weighted sum of it by all three, and
    how its `operations` grow: those of a loop over the steps are about eight times as many for 64 steps as for 8.
    """
    inputs = [tensor(one).permute(2, 1, 0).contiguous().requires_grad_() for one in (z, h_tilde)]  # (T, m, n)
    inputs.append(tensor(h0).T.contiguous().requires_grad_())
    h = answer(*inputs)
    if h is None:
        return None
    if not isinstance(h, torch.Tensor):
        raise Unfit("min_gru_scan should return one tensor, h of shape (T, m, n).")
    grow = _operations(answer, LONG) > 4 * _operations(answer, SHORT)
    return {
        "h": course_axes(h),
        "gradients": dict(zip(("z", "h_tilde", "h0"), map(course_axes, _gradients(h, inputs)), strict=True)),
        "operations": "grow with T" if grow else "grow with log T",
    }


def _gradients(h, inputs):
    if not h.requires_grad:
        return [torch.zeros_like(one) for one in inputs]
    weights = torch.linspace(-1, 1, h.numel(), dtype=h.dtype).reshape(h.shape)
    found = torch.autograd.grad((weights * h).sum(), inputs, allow_unused=True)
    return [torch.zeros_like(one) if got is None else got for got, one in zip(found, inputs, strict=True)]


def _operations(answer, T):
    some = torch.full((T, 1, 2), 0.5, dtype=torch.float64)
    with torch.no_grad(), Operations() as counted:
        answer(some, some, some[0])
    return counted.all
