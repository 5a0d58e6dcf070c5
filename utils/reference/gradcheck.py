"""Gradients without calculus, to check the ones made with it."""

import numpy as np

from .door import expect_finite, expect_function, expect_number


def numerical_gradient(f, theta, h=1e-5):
    """Central differences (f(θ + h) - f(θ - h)) / 2h, one entry of θ at a time; an error of order h².

    f(theta) -> float is called with the very array theta, which is changed in place and always restored.
    Returns an array like theta. ValueError where theta cannot move by h: whole numbers would be cut off.
    """
    expect_number("h", h, above=0)
    expect_function("f", f, "takes theta and returns one number")
    expect_finite({"theta": theta}, "theta")
    gradient = np.empty_like(theta, dtype=float)
    for index in np.ndindex(theta.shape):
        kept = theta[index]
        try:
            theta[index] = kept + h
            above = f(theta)
            theta[index] = kept - h
            below = f(theta)
        finally:
            theta[index] = kept
        gradient[index] = (above - below) / (2 * h)
    return gradient


def gradient_check(f, P, G, h=1e-5, tolerance=1e-6):
    """Compare each gradient G["d" + name] with central differences of f(P), parameter by parameter.

    relative error = ‖numerical - analytic‖ / (‖numerical‖ + ‖analytic‖), and 0 where both vanish. One verdict per
    parameter, so that a wrong small bias cannot hide behind a large matrix.
    Returns {name: (relative_error, ok)} with ok = relative_error < tolerance.
    """
    expect_function("f", f, "takes P and returns one number")
    expect_finite(P, "P")
    if not isinstance(G, dict):
        raise ValueError(f"G must be a dict with a gradient for each parameter, got {type(G).__name__}.")
    missing = ["d" + name for name in P if "d" + name not in G]
    if missing:
        wanted = " and ".join("d" + name for name in P)
        raise ValueError(f"G must hold {wanted}; {', '.join(missing)} is missing, got {', '.join(G) or 'nothing'}.")
    result = {}
    for name, theta in P.items():
        if np.shape(G["d" + name]) != theta.shape:
            raise ValueError(f"d{name} must have the shape of {name}, {theta.shape}, got {np.shape(G['d' + name])}.")
        trial = theta.copy()
        numerical = numerical_gradient(lambda _, P=P | {name: trial}: f(P), trial, h)
        analytic = G["d" + name]
        scale = np.linalg.norm(numerical) + np.linalg.norm(analytic)
        error = float(np.linalg.norm(numerical - analytic) / scale) if scale else 0.0
        result[name] = (error, error < tolerance)
    return result
