"""The GRU that resets before the product, which PyTorch does not have: c̃ = tanh(Wc [Γr * c⟨t-1⟩; x⟨t⟩] + bc).

nn.GRU resets after the product, so that all products with c⟨t-1⟩ can be one. Here the candidate's product waits for the
gate, and no library kernel does the whole loop. What can be done: everything that looks at the input is one product
before the loop, a step is as few kernels as the equations allow, and seed_gru_fast.py takes away the cost of
launching them.

Source: Cho et al. (2014), arXiv:1406.1078.
"""

import numpy as np
import torch
from torch import nn

from utils.reference.door import expect_number
from utils.torch_port.door import expect_tensors
from utils.torch_port.layout import GRU, axes_of, expect_weights, stack, unstack
from utils.torch_port.weights import dtype_of, value_of


class SeedGRU(nn.Module):
    """The course's GRU. Parameters, gates stacked in the order u, r, c:

    Wx (3 n_c, n_x) and b (3 n_c): what the input and the biases give to Γu, Γr and c̃;
    Wh (2 n_c, n_c): what c⟨t-1⟩ gives to Γu and Γr; Wc (n_c, n_c): what Γr * c⟨t-1⟩ gives to c̃.
    """

    def __init__(self, P):
        """P: Wu, Wr, Wc (n_c, n_c + n_x), bu, br, bc (n_c, 1); other keys are not read. Its dtype, no shared memory.

        Raises ValueError for a missing key or a shape that does not fit.
        """
        super().__init__()
        axes = axes_of(GRU, "n_c")
        n_c = expect_weights(P, axes)["n_c"]
        dtype = dtype_of(P, axes)
        on_input, on_state, bias, _ = (torch.from_numpy(part).to(dtype) for part in stack(P, GRU))
        self.Wx, self.b = nn.Parameter(on_input), nn.Parameter(bias)
        self.Wh, self.Wc = (nn.Parameter(part.clone()) for part in (on_state[: 2 * n_c], on_state[2 * n_c :]))

    @classmethod
    def fresh(cls, n_x, n_c, generator=None, dtype=None):
        """New weights: Gaussian with variance 1 / (n_c + n_x), drawn in the order Wu, Wr, Wc; zero biases.

        generator: a torch.Generator on the CPU, PyTorch's own one when None; dtype: PyTorch's default when None.
        """
        for name, size in {"n_x": n_x, "n_c": n_c}.items():
            expect_number(name, size, least=1, whole=True)
        P = {f"b{gate}": np.zeros((n_c, 1)) for gate in "urc"}
        for gate in "urc":
            drawn = torch.randn(n_c, n_c + n_x, generator=generator, dtype=torch.float64)
            P[f"W{gate}"] = drawn.numpy() / np.sqrt(n_c + n_x)
        return cls(P).to(dtype or torch.get_default_dtype())

    def forward(self, x, c0):
        """All states c (T, m, n_c) from x (T, m, n_x) and c0 (m, n_c). Raises ValueError for other shapes."""
        self.expect(x, c0)
        return stretch(self.from_input(x), c0, self.Wh, self.Wc)

    def extra_repr(self):
        return f"{self.Wx.shape[1]}, {self.Wc.shape[0]}"

    def expect(self, x, c0):
        """Check shapes against the weights."""
        expect_tensors({"n_x": self.Wx.shape[1], "n_c": self.Wc.shape[0]}, x=(x, "T m n_x"), c0=(c0, "m n_c"))

    def from_input(self, x):
        """What input and biases give to all gates of all steps, in one product: (T, m, n_x) -> (T, m, 3 n_c)."""
        return nn.functional.linear(x, self.Wx, self.b)

    def to_numpy(self, number=value_of):
        """P as it was given: Wu, Wr, Wc, bu, br, bc. number: `value_of` or `gradient_of` of weights.py."""
        Wx, b, Wh, Wc = (number(parameter) for parameter in (self.Wx, self.b, self.Wh, self.Wc))
        return unstack([Wx, np.concatenate([Wh, Wc]), b, np.zeros_like(b)], GRU)


def stretch(from_input, c, Wh, Wc):
    """The states of a stretch of time, (steps, m, n_c), from what the input gives, (steps, m, 3 n_c), and c (m, n_c).

    Γu, Γr = σ(from_input + Wh c⟨t-1⟩), c̃ = tanh(from_input + Wc (Γr * c⟨t-1⟩)), c⟨t⟩ = c⟨t-1⟩ + Γu * (c̃ - c⟨t-1⟩):
    six kernels a step, addmm, sigmoid, mul, addmm, tanh, lerp.
    """
    n = c.shape[1]
    on_gates, on_candidate, states = Wh.T, Wc.T, []
    for step in from_input.unbind():
        u, r = torch.sigmoid(torch.addmm(step[:, : 2 * n], c, on_gates)).chunk(2, dim=1)
        c_tilde = torch.tanh(torch.addmm(step[:, 2 * n :], r * c, on_candidate))
        c = torch.lerp(c, c_tilde.to(c.dtype), u.to(c.dtype))  # under autocast the state keeps its precision
        states.append(c)
    return torch.stack(states)
