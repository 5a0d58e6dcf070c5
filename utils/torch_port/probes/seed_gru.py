"""Ask a GRU that was written as a network of PyTorch for its states, its gradients, and how it treats its input."""

import torch
from torch import nn

from utils.torch_port.devices import on_threads

from .asking import Unfit, array, course_axes, tensor
from .counting import Operations
from .stopping import expect_shape, gradients_of

PARAMETERS = ("Wx", "b", "Wh", "Wc")


@on_threads(1)
def SeedGRU(answer, P, x, c0):
    """`states` (n_c, m, T) for x (n_x, m, T) from c0 (n_c, m); the gradients of a weighted sum of them, by all of the
    parameters as `gradients` and by x as `dx`; whether the `product with x` stands before the loop or in every step,
    where T steps take more of them than one does.

    Such a product is known by an operand with an axis of n_x or of n_c + n_x: no other size may be one of these.
    """
    model = answer({name: value.copy() for name, value in P.items()})
    own = dict(model.named_parameters()) if isinstance(model, nn.Module) else {}
    if missing := [name for name in PARAMETERS if name not in own]:
        raise Unfit(f"SeedGRU should hold the parameter {missing[0]}; leave its __init__ as it was.")
    dtype = own["Wx"].dtype
    inputs = tensor(x, dtype).permute(2, 1, 0).contiguous().requires_grad_()  # (T, m, n_x)
    start, sizes = tensor(c0, dtype).T.contiguous(), (len(x), len(x) + len(c0))
    with Operations(*sizes) as counted:
        states = model(inputs, start)
    if states is None:
        return None
    if not isinstance(states, torch.Tensor):
        raise Unfit("forward should return one tensor, c of shape (T, m, n_c); torch.stack makes one of a list.")
    expect_shape(states, "c", T=len(inputs), m=len(start), n_c=len(c0))
    with Operations(*sizes) as once, torch.no_grad():
        model(inputs[:1], start)
    *gradients, dx = gradients_of(states, [*(own[name] for name in PARAMETERS), inputs])
    return {
        "states": course_axes(states),
        "gradients": {f"d{name}": array(gradient) for name, gradient in zip(PARAMETERS, gradients, strict=True)},
        "dx": course_axes(dx),
        "product with x": "in every step" if counted.products > once.products else "before the loop",
    }
