"""Ask a recurrence for its states and gradients, and how its operations grow with the number of steps."""

import torch

from utils.torch_port.devices import on_threads

from .asking import Unfit, course_axes, tensor
from .counting import Operations
from .stopping import expect_shape, gradients_of, told

SHORT, LONG = 8, 64


@on_threads(1)
@told("single memory location", "A tensor was changed in place while its other rows were still being read.")
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
    expect_shape(h, "h", **dict(zip(("T", "m", "n"), inputs[0].shape, strict=True)))
    grow = _operations(answer, LONG) > 4 * _operations(answer, SHORT)
    return {
        "h": course_axes(h),
        "gradients": dict(zip(("dz", "dh_tilde", "dh0"), map(course_axes, gradients_of(h, inputs)), strict=True)),
        "operations": "grow with T" if grow else "grow with log T",
    }


def _operations(answer, T):
    some = torch.full((T, 1, 2), 0.5, dtype=torch.float64)
    with torch.no_grad(), Operations() as counted:
        answer(some, some, some[0])
    return counted.all
