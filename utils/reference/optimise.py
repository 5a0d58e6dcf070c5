"""From a gradient to a step. The update is not backpropagation: one computes the slope, the other walks down it."""

import numpy as np

from .door import expect_finite, expect_number


def update_parameters(P, G, learning_rate):
    """Gradient descent: θ - learning_rate · ∂L/∂θ for every parameter. Returns a new dict; P and G stay as they are.

    G holds the gradient of each parameter with a d in front, of the same shape; further entries are not looked at.
    """
    expect_number("learning_rate", learning_rate, least=0)
    _expect_one_each(P, G, "G", "d")
    return {name: theta - float(learning_rate) * G["d" + name] for name, theta in P.items()}


def clip_by_value(G, limit):
    """Cut every entry off at -limit and limit, in place, and return G itself. The joint direction may change."""
    expect_number("limit", limit, above=0, infinite=True)
    expect_finite(G, "G")
    for g in G.values():
        np.clip(g, -limit, limit, out=g)
    return G


def clip_by_norm(G, limit):
    """Scale all gradients by one factor so that their joint norm is at most limit; never scale up. Returns G, norm.

    Source: Pascanu, Mikolov and Bengio (2013), arXiv:1211.5063. The norm is right even where squares overflow.
    """
    expect_number("limit", limit, above=0, infinite=True)
    expect_finite(G, "G")
    with np.errstate(over="ignore", under="ignore"):
        norm = float(np.sqrt(sum(float(np.vdot(g, g)) for g in G.values())))
    if not 1e-15 < norm < 1e15:  # float32 squares overflow at 1e19 already
        largest = max(float(np.abs(g).max(initial=0)) for g in G.values())
        if largest > 0:
            norm = largest * float(np.sqrt(sum(np.square(g / largest, dtype=float).sum() for g in G.values())))
    factor = float(min(1.0, limit / norm)) if norm > 0 else 1.0
    return {name: g * factor for name, g in G.items()}, norm


def adam_step(P, G, state, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam (Kingma and Ba 2015, arXiv:1412.6980); eps stands outside the square root.

    m = β1 m + (1 - β1) g, v = β2 v + (1 - β2) g², θ - learning_rate m̂ / (√v̂ + eps) with m̂ = m / (1 - β1^k) and
    v̂ = v / (1 - β2^k) at step k = 1, 2, … G holds the gradient of each parameter with a d in front; state is None at
    first, then what the last call returned: (steps, first moments, second moments), the moments uncorrected.
    Returns new P and state; no argument is changed. ValueError for a gradient or a moment that is missing, not finite
    or of another shape, for a second moment below 0, and for settings outside their range.
    """
    rate, beta1, beta2, eps = _adam_settings(learning_rate, beta1, beta2, eps)
    _expect_one_each(P, G, "G", "d")
    if state is not None:
        _expect_moments(P, state)
    steps, first, second = state or (0, {}, {})
    steps = int(steps) + 1
    new_P, new_first, new_second = {}, {}, {}
    for name, theta in P.items():
        g = G["d" + name]
        new_first[name] = m = beta1 * first.get(name, 0.0) + (1 - beta1) * g
        new_second[name] = v = beta2 * second.get(name, 0.0) + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1**steps), v / (1 - beta2**steps)
        new_P[name] = theta - rate * m_hat / (np.sqrt(v_hat) + eps)
    return new_P, (steps, new_first, new_second)


def _adam_settings(learning_rate, beta1, beta2, eps):
    """The settings of Adam in their ranges, as Python's floats: a NumPy number would turn float32 into float64."""
    expect_number("learning_rate", learning_rate, least=0)
    for name, beta in (("beta1", beta1), ("beta2", beta2)):
        expect_number(name, beta, least=0)
        if beta >= 1:
            raise ValueError(f"{name} must be below 1, got {beta}.")
    expect_number("eps", eps, above=0)
    return float(learning_rate), float(beta1), float(beta2), float(eps)


def _expect_moments(P, state):
    """Check the state of `adam_step`: a count, and two dicts with a moment for each parameter."""
    if not isinstance(state, tuple | list) or len(state) != 3:
        came = f"{len(state)} entries" if isinstance(state, tuple | list) else type(state).__name__
        raise ValueError(f"state must be None or (steps, first moments, second moments), got {came}.")
    expect_number("steps", state[0], least=0, whole=True)
    for moments, what in zip(state[1:], ("first moments", "second moments"), strict=True):
        _expect_one_each(P, moments, what)
    lowest = min(float(v.min()) for v in state[2].values())
    if lowest < 0:
        raise ValueError(f"second moments must be at least 0, as means of squares are, got {lowest}.")


def _expect_one_each(P, values, what, prefix=""):
    """Check that there is one finite array for each parameter, of its shape, under the parameter's name."""
    expect_finite(P, "P")
    if not isinstance(values, dict):
        raise ValueError(f"{what} must be a dict with the keys of P, got {type(values).__name__}.")
    missing = [prefix + name for name in P if prefix + name not in values]
    if missing:
        raise ValueError(f"{what} must hold {', '.join(prefix + name for name in P)}; {', '.join(missing)} is missing.")
    for name, theta in P.items():
        if np.shape(values[prefix + name]) != theta.shape:
            came = np.shape(values[prefix + name])
            raise ValueError(f"{prefix}{name} in {what} must have the shape of {name}, {theta.shape}, got {came}.")
    expect_finite({prefix + name: values[prefix + name] for name in P}, what)
