"""Where this course and PyTorch keep the same number: gates, their order, their signs. NumPy only.

PyTorch stacks the rows of all gates of a layer, and keeps what acts on the input, (gates n, n_x), apart from what acts
on the state, (gates n, n), each with a bias of its own. The course has a matrix for each gate and one bias. One table
for each cell says which rows are whose, and everything that carries weights or gradients across reads that table.
"""

from typing import NamedTuple

import numpy as np

from utils.reference.door import expect_parameters


class Gate(NamedTuple):
    """The keys of P that hold a gate: its weights on the state and on the input, and its bias.

    One key for both weights means [state | input] side by side. state_bias: only where the two biases do different
    things. sign: -1 where PyTorch's gate is one minus the course's, for 1 - σ(s) = σ(-s).
    """

    state: str
    input: str
    bias: str
    state_bias: str | None = None
    sign: int = 1


def _side_by_side(gates):
    return tuple(Gate(f"W{gate}", f"W{gate}", f"b{gate}") for gate in gates)


RNN = (Gate("Waa", "Wax", "ba"),)
LSTM = _side_by_side("ufco")  # PyTorch's i, f, g, o
GRU_RESET_AFTER = (  # PyTorch's r, z, n, with z = 1 - Γu
    Gate("Wr", "Wr", "br"),
    Gate("Wu", "Wu", "bu", sign=-1),
    Gate("Wcc", "Wcx", "bcx", state_bias="bcc"),
)
GRU = _side_by_side("urc")  # not in PyTorch: see SeedGRU


def axes_of(gates, n="n_a", n_x="n_x"):
    """{key of P: its axes, such as "n_a n_a+n_x"} of one layer, for the doors."""
    axes = {}
    for gate in gates:
        one = gate.state == gate.input
        axes |= {gate.state: f"{n} {n}+{n_x}"} if one else {gate.input: f"{n} {n_x}", gate.state: f"{n} {n}"}
        axes |= {bias: f"{n} 1" for bias in (gate.bias, gate.state_bias) if bias}
    return axes


def expect_weights(P, axes):
    """Check that P holds floating arrays with these axes. Returns the sizes by name, n_x among them.

    The numbers themselves are not looked at: NaN may travel. Raises ValueError for a key that is missing, a shape that
    does not fit, and what is no array of float16, float32 or float64.
    """
    shapes = {key: _stand_in(key, P[key]) if key in axes else P[key] for key in P} if isinstance(P, dict) else P
    sums_last = dict(sorted(axes.items(), key=lambda item: "+" in item[1]))  # a sum is checked once its terms are known
    sizes = expect_parameters(shapes, sums_last)
    for both in [axis for axis in sizes if axis.endswith("+n_x") and "n_x" not in sizes]:
        n = sizes[both.removesuffix("+n_x")]
        sizes["n_x"] = sizes[both] - n
        if sizes["n_x"] < 1:
            key = next(key for key in axes if axes[key].endswith("+n_x"))
            raise ValueError(f"{key} must have more than {n} columns, [state | input], got shape {P[key].shape}.")
    return sizes


def _stand_in(key, value):
    """An array of the same shape without numbers in it, for a door that would look at them."""
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype not in (np.float16, np.float32, np.float64):
        raise ValueError(f"{key} must hold floating numbers (float16, float32, float64), got dtype {value.dtype}.")
    return np.broadcast_to(False, value.shape)


def stack(P, gates):
    """One layer of the course's as PyTorch's weight_ih, weight_hh, bias_ih, bias_hh, new arrays.

    The course's bias goes into bias_ih; bias_hh is zero, but for a gate that has a bias of its own on the state.
    """
    n = len(P[gates[0].bias])
    rows = []
    for gate in gates:
        on_input = P[gate.input][:, n:] if gate.state == gate.input else P[gate.input]
        bias = P[gate.bias][:, 0]
        state_bias = P[gate.state_bias][:, 0] if gate.state_bias else np.zeros_like(bias)
        rows.append([gate.sign * part for part in (on_input, P[gate.state][:, :n], bias, state_bias)])
    return [np.concatenate(parts) for parts in zip(*rows, strict=True)]


def unstack(weights, gates, gradient=False):
    """The inverse of `stack`: P from weight_ih, weight_hh, bias_ih, bias_hh; both biases add up to the course's one.

    gradient: the four are gradients of those, and so is the result. The layer sees only the sum b of its two biases,
    so ∂L/∂bias_ih = ∂L/∂bias_hh = ∂L/∂b: the course's gradient is either one, not their sum.
    """
    P = {}
    for gate, *rows in zip(gates, *(np.split(part, len(gates)) for part in weights), strict=True):
        on_input, on_state, bias, state_bias = (gate.sign * part for part in rows)
        if gate.state == gate.input:
            P[gate.state] = np.hstack([on_state, on_input])
        else:
            P |= {gate.input: on_input, gate.state: on_state}
        if gate.state_bias:
            P |= {gate.bias: bias[:, None], gate.state_bias: state_bias[:, None]}
        else:
            P[gate.bias] = (bias if gradient else bias + state_bias)[:, None]
    return P
