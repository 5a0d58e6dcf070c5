"""Adam, written out. Source: Kingma and Ba (2015)."""

import numpy as np


def adam_step(P, G, state, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam: every single weight gets a step length of its own.

    With g the gradient of a parameter θ, and k the number of this step, counted from 1:
    m = beta1 m + (1 - beta1) g, a running mean of the gradient (the first moment)
    v = beta2 v + (1 - beta2) g², a running mean of its square (the second moment)
    m̂ = m / (1 - beta1^k), v̂ = v / (1 - beta2^k), because both began at zero
    θ = θ - learning_rate m̂ / (√v̂ + eps)

    Arguments
    P -- a dict of parameter arrays, such as {"Wax": …, "ba": …}
    G -- a dict of their gradients, with a d in front: {"dWax": …, "dba": …}
    state -- None before the first step; after it, what the last call returned:
             the tuple (steps so far, first moments, second moments), both dicts with the keys of P
    learning_rate -- length of a step
    beta1, beta2 -- how much of the old running means is kept
    eps -- a small number, so that nothing is divided by zero

    Returns
    P -- a new dict of new parameter arrays
    state -- the new tuple (steps so far, first moments, second moments); the moments as they are
             before the division by 1 - beta^k; the old state stays as it is
    """
    if state is None:
        zeros = {name: np.zeros_like(P[name]) for name in P}
        state = (0, zeros, zeros)
    steps, first, second = state
    steps = steps + 1
    new_P, new_first, new_second = {}, {}, {}
    for name in P:
        g = G["d" + name]
        m = beta1 * first[name] + (1 - beta1) * g
        v = beta2 * second[name] + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**steps)
        v_hat = v / (1 - beta2**steps)
        new_P[name] = P[name] - learning_rate * m_hat / (np.sqrt(v_hat) + eps)
        new_first[name] = m
        new_second[name] = v
    return new_P, (steps, new_first, new_second)
