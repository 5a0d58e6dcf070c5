"""From a distribution to a sequence."""

import numpy as np

from .activations import softmax


def sample_sequence(P, vocabulary, rng, max_length, temperature=1.0):
    """Let an RNN write: draw from ŷ⟨t⟩, feed the draw back, stop at <EOS> or after max_length symbols.

    Starts with x⟨1⟩ = 0 and a⟨0⟩ = 0. The distribution is softmax(log ŷ / temperature) with <UNK> set to zero and
    the rest renormalised; each step makes exactly one draw, rng.choice(n_y, p=p). Returns a list of int without <EOS>.
    A one-hot input is a look-up of a column of Wax.
    """
    if not temperature > 0:
        raise ValueError(
            f"temperature must be above 0, got {temperature}; for the most likely symbol use decode_greedy."
        )
    n_y = len(vocabulary)
    a, driven, out = np.zeros_like(P["ba"]), P["ba"], []
    while len(out) < max_length:
        a = np.tanh(driven + P["Waa"] @ a)
        p = softmax((P["Wya"] @ a + P["by"]) / temperature)[:, 0]
        p[vocabulary.unk] = 0
        token = int(rng.choice(n_y, p=p / p.sum()))
        if token == vocabulary.eos:
            break
        out.append(token)
        driven = P["ba"] + P["Wax"][:, token, None]
    return out
