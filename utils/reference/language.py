"""How good a language model is: nats, and the two numbers that people quote."""

import numpy as np

from .door import expect, expect_language_model, expect_number


def sequence_log_probability(indices, P):
    """log p(sequence) = Σ_t log ŷ⟨t⟩[indices[t]] in nats, at most 0, of an RNN that starts with x⟨1⟩ = 0 and a⟨0⟩ = 0.

    indices: int (T,), each in 0 … n - 1, <EOS> at the end; P: Wax (n_a, n), Waa, ba, Wya (n, n_a), by. Returns a float.
    ValueError for other shapes, indices outside, no step at all, or unequal sizes of input and output.

    A one-hot input is a look-up of a column of Wax; the output layer is one product for all steps.
    """
    n, indices = expect_language_model(P), np.asarray(indices)
    T = expect(indices=(indices, "T"))["T"]
    if indices.dtype.kind not in "iu" or indices.min() < 0 or indices.max() >= n:
        came = f"{indices.min()} … {indices.max()}" if indices.dtype.kind in "iu" else f"dtype {indices.dtype}"
        raise ValueError(f"indices must be whole numbers between 0 and {n - 1}, got {came}.")
    a = np.empty((T + 1, len(P["ba"])), P["Waa"].dtype)  # (T + 1, n_a)
    a[0] = 0
    a[1] = P["ba"][:, 0]
    a[2:] = P["Wax"].T[indices[:-1]] + P["ba"].T
    for t in range(1, T + 1):
        a[t] += P["Waa"] @ a[t - 1]
        np.tanh(a[t], out=a[t])
    z = a[1:] @ P["Wya"].T + P["by"].T  # (T, n)
    z -= z.max(axis=1, keepdims=True)
    return float((z[np.arange(T), indices] - np.log(np.exp(z).sum(axis=1))).sum())


def perplexity(nats, steps):
    """e^(nats / steps): the number of equally likely symbols that would be as hard to predict.

    nats: a loss summed over `steps` predictions, at least 0 (infinity is allowed). Returns a float of at least 1;
    one beyond the largest float is infinity. ValueError for nats below 0 and for fewer steps than 1.
    """
    with np.errstate(over="ignore"):
        return float(np.exp(np.float64(_per_step(nats, steps))))


def bits_per_character(nats, steps):
    """nats / (steps · ln 2), in bits: one bit is 0.693 nats.

    nats: a loss summed over `steps` characters, at least 0 (infinity is allowed). Returns a float.
    ValueError for nats below 0 and for fewer steps than 1.
    """
    return _per_step(nats, steps) / float(np.log(2))


def _per_step(nats, steps):
    """A summed loss, shared out over its steps."""
    expect_number("nats", nats, least=0, infinite=True)
    expect_number("steps", steps, least=1, whole=True)
    return float(nats) / int(steps)
