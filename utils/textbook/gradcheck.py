"""Gradients without calculus, written out."""

import numpy as np


def numerical_gradient(f, theta, h=1e-5):
    """Measure a slope by walking a little to both sides: (f(θ + h) - f(θ - h)) / 2h, one entry at a time.

    Arguments
    f -- a function of the array theta that returns one number
    theta -- an array of any shape; you may move its entries in place while measuring, but
             afterwards it holds exactly the old numbers
    h -- length of a step

    Returns
    gradient -- an array like theta
    """
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        kept = theta[index]
        theta[index] = kept + h
        above = f(theta)
        theta[index] = kept - h
        below = f(theta)
        theta[index] = kept
        gradient[index] = (above - below) / (2 * h)
    return gradient


def gradient_check(f, P, G, h=1e-5, tolerance=1e-6):
    """Compare gradients made with calculus with measured ones, one parameter at a time.

    relative error = ‖numerical - analytic‖ / (‖numerical‖ + ‖analytic‖); 0 where both are zero

    Arguments
    f -- a function of the whole dict P that returns the loss, one number
    P -- a dict of parameter arrays, such as {"Wax": …, "ba": …}
    G -- a dict of the gradients to be checked, with a d in front: {"dWax": …, "dba": …}
    h -- length of a step of the measurement
    tolerance -- a gradient is right when its relative error is below this

    Returns
    a dict {name: (relative_error, ok)} with the keys of P
    """
    result = {}
    for name in P:
        trial = P[name].copy()
        numerical = numerical_gradient(lambda theta: f({**P, name: theta}), trial, h)
        analytic = G["d" + name]
        distance = np.linalg.norm(numerical - analytic)
        size = np.linalg.norm(numerical) + np.linalg.norm(analytic)
        error = distance / size if size > 0 else 0.0
        result[name] = (float(error), bool(error < tolerance))
    return result
