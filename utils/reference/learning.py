"""Learning through time: by hand with one unit, one step of training, and how far a gradient reaches."""

import numpy as np

from .activations import softmax
from .door import expect, expect_mask, expect_number, expect_rnn, expect_targets
from .optimise import clip_by_norm, update_parameters
from .rnn import output_layer_backward, rnn_backward, rnn_forward, rnn_states


def scalar_bptt(x, a0, w_x, w_a, b):
    """∂a⟨T⟩/∂w_a of one unit a⟨t⟩ = tanh(w_x x⟨t⟩ + w_a a⟨t-1⟩ + b), and what each step contributes to it.

    x: a list or an array of T numbers. Returns terms (T,), terms[t-1] = (∂a⟨T⟩/∂a⟨t⟩) (1 - a⟨t⟩²) a⟨t-1⟩, and their
    sum. Source: Werbos (1990); ∂a⟨T⟩/∂a⟨t⟩ is the product of w_a (1 - a⟨s⟩²) over the later steps s.
    """
    x = np.asarray(x)
    expect(x=(x, "T"))
    if np.iscomplexobj(x) or not np.isfinite(x).all():
        raise ValueError("x must hold real and finite numbers, got complex or infinite ones.")
    for name, value in {"a0": a0, "w_x": w_x, "w_a": w_a, "b": b}.items():
        expect_number(name, value)
    a = np.empty(len(x) + 1, x.dtype if x.dtype.kind == "f" else float)
    a[0] = a0
    for t, driven in enumerate(w_x * x + b):
        a[t + 1] = np.tanh(driven + w_a * a[t])
    slopes = 1 - a[1:] ** 2
    reaches = np.append(np.cumprod(float(w_a) * slopes[:0:-1])[::-1], a.dtype.type(1))  # ∂a⟨T⟩/∂a⟨t⟩
    terms = reaches * slopes * a[:-1]
    return terms, float(terms.sum())


def train_step(x, targets, mask, a0, P, learning_rate, limit):
    """One step of gradient descent on the mean loss of the steps that count, with the norm of its gradient clipped.

    x: (n_x, m, T); targets: int (m, T); mask: bool (m, T) or None; a0: (n_a, m); limit: largest norm of the gradient.
    Returns new P, the loss before the step in nats per step that counts, and the last state (n_a, m).
    """
    sizes = expect(x=(x, "n_x m T"), a0=(a0, "n_a m"), targets=(targets, "m T"))
    expect_mask(mask, sizes)
    counted = targets.size if mask is None else int(mask.sum())
    if not counted:
        raise ValueError("mask must let at least one step count, got False everywhere.")
    a, y_pred, caches = rnn_forward(x, a0, P)
    dWya, dby, da, loss = output_layer_backward(y_pred, targets, a, P, mask)
    G = rnn_backward(da, caches) | {"dWya": dWya, "dby": dby}
    G, _ = clip_by_norm({"d" + name: G["d" + name] / counted for name in P}, limit)
    return update_parameters(P, G, learning_rate), loss / counted, a[:, :, -1].copy()


def gradient_norm_by_lag(x, a0, P, targets):
    """‖∂L/∂a⟨T-k⟩‖ for k = 0 … T-1, where L is the loss of the last step alone, summed over the examples.

    x: (n_x, m, T); a0: (n_a, m); targets: int (m,). Returns (T,), Frobenius norms over units and examples.
    ∂L/∂a⟨t-1⟩ = Waaᵀ (1 - a⟨t⟩²) ∂L/∂a⟨t⟩. Source: Pascanu, Mikolov and Bengio (2013), arXiv:1211.5063.
    """
    sizes = expect_rnn(P, expect(x=(x, "n_x m T"), a0=(a0, "n_a m"), targets=(targets, "m")))
    expect_targets(targets, sizes["n_y"])
    a, _ = rnn_states(x, a0, P)
    dz = softmax(P["Wya"] @ a[:, :, -1] + P["by"])
    dz[targets, np.arange(len(targets))] -= 1
    reached = np.empty((sizes["T"], *a0.shape), a.dtype)  # ∂L/∂a⟨T-k⟩
    reached[0] = P["Wya"].T @ dz
    for k in range(1, len(reached)):
        reached[k] = P["Waa"].T @ ((1 - a[:, :, -k] ** 2) * reached[k - 1])
    return np.sqrt(np.square(reached).sum(axis=(1, 2)))
