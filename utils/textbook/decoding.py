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


def apply_temperature(logits, tau):
    """Make a distribution sharper or flatter: softmax(logits / tau).

    Arguments
    logits -- real numbers, shape (n,): the outputs before the softmax, or log-probabilities
    tau -- the temperature, above 0; below 1: sharper, safer; above 1: flatter, wilder

    Returns
    p -- probabilities, shape (n,)
    """
    scaled = logits / tau
    return softmax(scaled)


def top_k(p, k):
    """Keep the k most probable symbols, give the others nothing, and divide by the sum that is left.

    Of equally probable symbols the one with the lower index counts as the more probable:
    np.argsort(-p, kind="stable") lists the indices in this order.

    Arguments
    p -- probabilities, shape (n,)
    k -- how many symbols are kept, from 1 to n

    Returns
    p -- probabilities, shape (n,): every symbol in its old place, at most k of them above 0
    """
    order = np.argsort(-p, kind="stable")
    best = order[:k]
    kept = np.zeros(len(p))
    kept[best] = p[best]
    return kept / np.sum(kept)


def nucleus(p, mass):
    """Keep the fewest most probable symbols that together reach a given probability.

    Add up the probabilities, the largest first, until the sum is at least mass. The symbol that
    reaches it is kept too. The others get nothing; divide by the sum of what is kept.
    Of equally probable symbols the one with the lower index comes first:
    np.argsort(-p, kind="stable") lists the indices in this order.

    Arguments
    p -- probabilities, shape (n,)
    mass -- how much probability to keep, above 0 and at most 1

    Returns
    p -- probabilities, shape (n,): every symbol in its old place
    """
    order = np.argsort(-p, kind="stable")
    running = np.cumsum(p[order])
    not_enough = np.sum(running < mass)  # how many symbols still leave the sum below mass
    best = order[: not_enough + 1]
    kept = np.zeros(len(p))
    kept[best] = p[best]
    return kept / np.sum(kept)
