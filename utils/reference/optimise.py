"""From a gradient to a step. The update is not backpropagation: one computes the slope, the other walks down it."""

import numpy as np


def clip_by_norm(G, limit):
    """Scale all gradients by one factor so that their joint norm is at most limit; never scale up. Returns G, norm."""
    norm = float(np.sqrt(sum(np.vdot(g, g) for g in G.values())))
    factor = min(1.0, limit / norm) if norm > 0 else 1.0
    return {name: g * factor for name, g in G.items()}, norm


def adam_step(P, G, state, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam (Kingma and Ba 2015, arXiv:1412.6980); eps stands outside the square root.

    state is None at first, then what the last call returned: (steps, first moments, second moments).
    Returns new P and state; neither argument is changed.
    """
    steps, first, second = state or (0, {}, {})
    steps += 1
    new_P, new_first, new_second = {}, {}, {}
    for name, theta in P.items():
        g = G["d" + name]
        new_first[name] = m = beta1 * first.get(name, 0.0) + (1 - beta1) * g
        new_second[name] = v = beta2 * second.get(name, 0.0) + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1**steps), v / (1 - beta2**steps)
        new_P[name] = theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps)
    return new_P, (steps, new_first, new_second)
