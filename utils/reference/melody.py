"""One note in, a melody out: the one-to-many shape."""

import numpy as np

from .door import expect, expect_number, expect_rng, expect_rnn


def generate_melody(first, P, length, rng):
    """melody[0] = first, a⟨0⟩ = 0; then each note is drawn from ŷ⟨t⟩ and is, as a one-hot column, the next input.

    P: an RNN's Wax (n_a, n), Waa, ba, Wya (n, n_a), by (n, 1). Returns int (length,). One draw a step, length - 1 in
    all: one uniform number is looked up in the running sum of ŷ, which is what rng.choice(n, p=ŷ) does. A one-hot input
    is a look-up of a column of Wax.

    Raises ValueError for parameters that do not read what they write, first outside 0 … n - 1, length below 1.
    """
    expect(expect_rnn(P), Wax=(P["Wax"], "n_a n_y"))
    n = len(P["by"])
    expect_number("first", first, least=0, most=n - 1, whole=True)
    expect_rng(rng)
    expect_number("length", length, least=1, whole=True)
    driven, by = (P["Wax"] + P["ba"]).T, P["by"][:, 0]  # (n, n_a): what each note gives the state
    a, melody = np.zeros_like(driven[0]), [int(first)]
    while len(melody) < length:
        a = np.tanh(driven[melody[-1]] + P["Waa"] @ a)
        z = P["Wya"] @ a + by
        running = np.exp(z - z.max()).cumsum(dtype=float)
        melody.append(int((running / running[-1]).searchsorted(rng.random(), side="right")))
    return np.array(melody)
