"""From a distribution to a sequence, written out."""

import numpy as np

from .activations import softmax
from .encoding import one_hot
from .rnn import rnn_cell_forward


def sample_sequence(P, vocabulary, rng, max_length, temperature=1.0):
    """Let a trained RNN write.

    Start with x⟨1⟩ = 0 and a⟨0⟩ = 0. At each step draw a symbol from softmax(log ŷ⟨t⟩ / temperature),
    in which <UNK> was set to zero and the rest divided by its sum. The symbol drawn is the next input.
    Stop when <EOS> is drawn.

    Arguments
    P -- the RNN's parameters: Wax, Waa, ba, Wya, by
    vocabulary -- len(vocabulary) symbols; vocabulary.eos and vocabulary.unk are the indices of
                  <EOS> and <UNK>
    rng -- a numpy.random.Generator; each step draws once, with rng.choice(len(vocabulary), p=p)
    max_length -- stop after this many symbols
    temperature -- below 1: safer; above 1: wilder

    Returns
    indices -- the list of the indices drawn, without <EOS>
    """
    n = len(vocabulary)
    a = np.zeros_like(P["ba"])  # (n_a, 1)
    xt = np.zeros((n, 1))
    indices = []
    for _ in range(max_length):
        a, yt_pred, _ = rnn_cell_forward(xt, a, P)
        p = softmax(np.log(yt_pred) / temperature)[:, 0]  # (n,)
        p[vocabulary.unk] = 0.0
        p = p / np.sum(p)
        index = int(rng.choice(n, p=p))
        if index == vocabulary.eos:
            break
        indices.append(index)
        xt = one_hot([index], n)
    return indices
