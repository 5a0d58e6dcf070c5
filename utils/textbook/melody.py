"""One note in, a melody out, step by step."""

import numpy as np

from .encoding import one_hot
from .rnn import rnn_cell_forward


def generate_melody(first, P, length, rng):
    """One to many: from a first note, an RNN writes a whole melody.

    a⟨0⟩ = 0, and x⟨1⟩ is the first note as a one-hot column. At each step the next note is drawn
    from ŷ⟨t⟩, and the note that was drawn is the input of the step after.

    Arguments
    first -- the first note, a whole number from 0 to n - 1
    P -- a dict with Wax (n_a, n), Waa (n_a, n_a), ba (n_a, 1), Wya (n, n_a), by (n, 1)
    length -- how many notes the melody has, the first one included
    rng -- a numpy.random.Generator; each of the length - 1 steps draws once, rng.choice(n, p=p)

    Returns
    melody -- whole numbers, shape (length,); melody[0] is first
    """
    n = len(P["by"])
    a = np.zeros_like(P["ba"])  # (n_a, 1)
    melody = [first]
    for _ in range(length - 1):
        xt = one_hot([melody[-1]], n)
        a, yt_pred, _ = rnn_cell_forward(xt, a, P)
        p = yt_pred[:, 0]  # (n,)
        note = rng.choice(n, p=p)
        melody.append(note)
    return np.array(melody)
