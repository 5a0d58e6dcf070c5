"""From a distribution to a sequence, by drawing."""

import numpy as np

from .activations import softmax
from .door import expect, expect_language_model, expect_number, expect_rng
from .encoding import expect_vocabulary


def sample_sequence(P, vocabulary, rng, max_length, temperature=1.0):
    """Let an RNN write: draw from ŷ⟨t⟩, feed the draw back, stop at <EOS> or after max_length symbols.

    Starts with x⟨1⟩ = 0 and a⟨0⟩ = 0. The distribution is softmax(log ŷ / temperature) with <UNK> set to zero and
    the rest renormalised. Returns a list of int without <EOS>. ValueError for parameters of another vocabulary, a
    temperature that is not above 0, a max_length below 0.

    A one-hot input is a look-up of a column of Wax. Each step makes one draw, rng.choice(n, p=p), as that function
    makes it: one rng.random() is looked up in the running total of p, five times faster.
    """
    _expect_writer(P, vocabulary, rng, max_length, temperature)
    eos, unk = vocabulary.eos, vocabulary.unk
    Wax, Waa, ba, Wya, by = P["Wax"], P["Waa"], P["ba"][:, 0], P["Wya"], P["by"][:, 0]
    temperature = float(temperature)  # a NumPy number would turn float32 into float64
    a, driven, out = np.zeros_like(ba), ba, []
    for _ in range(max_length):
        a = np.tanh(driven + Waa @ a)
        z = Wya @ a + by
        z[unk] = -np.inf
        total = np.exp((z - z.max()) / temperature).cumsum()
        total /= total[-1]  # ends in exactly 1, which no draw reaches
        token = int(total.searchsorted(rng.random(), side="right"))
        if token == eos:
            break
        out.append(token)
        driven = ba + Wax[:, token]
    return out


def sample_sequences(P, vocabulary, rng, m, max_length, temperature=1.0):
    """m sequences of `sample_sequence`, written side by side: each step is one product and one rng.random(m) for all.

    A sequence that has ended goes on drawing, unseen, until all have ended, so that the draws of one do not depend on
    the others. With m = 1 the result is that of sample_sequence. Returns m lists of int without <EOS>. ValueError as
    for sample_sequence, and for m below 1.
    """
    _expect_writer(P, vocabulary, rng, max_length, temperature)
    expect_number("m", m, least=1, whole=True)
    eos, unk, temperature = vocabulary.eos, vocabulary.unk, float(temperature)
    WaxT, WaaT, ba, WyaT, by = (P[name].T for name in ("Wax", "Waa", "ba", "Wya", "by"))
    a, driven = np.zeros((m, ba.size), ba.dtype), ba  # (m, n_a)
    tokens = np.empty((m, max_length), np.int64)
    lengths = np.full(m, max_length)
    for t in range(max_length):
        a = np.tanh(driven + a @ WaaT)
        z = a @ WyaT + by  # (m, n)
        z[:, unk] = -np.inf
        total = np.exp((z - z.max(axis=1, keepdims=True)) / temperature).cumsum(axis=1)
        total /= total[:, -1:]
        tokens[:, t] = drawn = (total > rng.random(m)[:, None]).argmax(axis=1)
        lengths[(drawn == eos) & (lengths == max_length)] = t
        if (lengths <= t).all():
            break
        driven = WaxT[drawn] + ba
    return [row[:length].tolist() for row, length in zip(tokens, lengths, strict=True)]


def apply_temperature(logits, tau):
    """softmax(logits / tau): below 1 sharper, above 1 flatter. The order of the symbols stays.

    logits: (n,) unnormalised log-probabilities, -inf allowed. Returns p (n,). ValueError unless tau is above 0.
    """
    expect(logits=(logits, "n"))
    expect_number("tau", tau, above=0)
    if logits.dtype.kind != "f" or not logits.max() < np.inf or logits.max() == -np.inf:
        raise ValueError(f"logits must be real numbers below infinity, got {logits.dtype} up to {logits.max()}.")
    with np.errstate(over="ignore"):  # after the shift, what is too far below is -inf, and its probability 0
        return softmax((logits - logits.max()) / float(tau))


def top_k(p, k):
    """The k most probable symbols, renormalised (Fan et al. 2018, arXiv:1805.04833); ties: the lower index wins.

    p: (n,) probabilities. Returns p (n,), zero elsewhere. ValueError for k outside 1 … n, or p not a distribution.
    """
    _expect_distribution(p)
    expect_number("k", k, least=1, whole=True)
    if k > len(p):
        raise ValueError(f"k must be at most {len(p)}, the number of symbols, got {k}.")
    return _only(p, np.argsort(-p, kind="stable")[:k])


def nucleus(p, mass):
    """The fewest most probable symbols whose sum is at least mass, renormalised; the one that crosses is kept.

    Ties: the lower index wins. p: (n,) probabilities. Returns p (n,), zero elsewhere. Source: Holtzman et al. (2020),
    arXiv:1904.09751. ValueError for a mass outside (0, 1], or p not a distribution.
    """
    _expect_distribution(p)
    expect_number("mass", mass, above=0)
    if mass > 1:
        raise ValueError(f"mass must be at most 1, got {mass}.")
    order = np.argsort(-p, kind="stable")
    return _only(p, order[: np.cumsum(p[order]).searchsorted(mass) + 1])


def _only(p, kept):
    """p without the symbols that are not kept, renormalised."""
    chosen = np.zeros_like(p)
    chosen[kept] = p[kept]
    return chosen / chosen.sum()


def _expect_distribution(p):
    """Check that p is (n,) probabilities that sum to 1, as nearly as their dtype can."""
    expect(p=(p, "n"))
    if p.dtype.kind != "f" or p.min() < 0:
        came = f"{p.min()}" if p.dtype.kind == "f" else f"dtype {p.dtype}"
        raise ValueError(f"p must hold probabilities, real numbers of at least 0, got {came}.")
    if not abs(p.sum() - 1) <= np.sqrt(np.finfo(p.dtype).eps):
        raise ValueError(f"p must sum to 1, got {p.sum()}.")


def _expect_writer(P, vocabulary, rng, max_length, temperature):
    """Check what a sampling loop is given."""
    expect_rng(rng)
    if not (isinstance(temperature, int | float | np.integer | np.floating) and temperature > 0):
        raise ValueError(
            f"temperature must be above 0, got {temperature}; for the most likely symbol use decode_greedy."
        )
    expect_number("max_length", max_length, least=0, whole=True)
    expect_vocabulary(vocabulary)
    expect_language_model(P, len(vocabulary.tokens))
