"""How good a language model is, written out."""

import numpy as np

from .encoding import one_hot
from .rnn import rnn_cell_forward


def sequence_log_probability(indices, P):
    """How probable a whole sequence is under an RNN language model, as a logarithm, in nats.

    log p(sequence) = Σ_t log ŷ⟨t⟩[symbol t], each given the symbols before it.
    Start with x⟨1⟩ = 0 and a⟨0⟩ = 0. The input of every later step is the symbol before.

    Arguments
    indices -- the numbers of the symbols, <EOS> at the end, shape (T,)
    P -- the RNN's parameters: Wax (n_a, n), Waa, ba, Wya (n, n_a), by; n is the number of symbols

    Returns
    log_p -- one number, in nats: 0 or below
    """
    n_a, n = P["Wax"].shape
    a = np.zeros((n_a, 1))
    xt = np.zeros((n, 1))
    log_p = 0.0
    for index in indices:
        a, yt_pred, _ = rnn_cell_forward(xt, a, P)
        p_right = yt_pred[index, 0]
        log_p = log_p + np.log(p_right)
        xt = one_hot([index], n)
    return log_p


def perplexity(nats, steps):
    """Among how many equally likely symbols the model hesitates: e^(nats per step).

    Arguments
    nats -- a loss summed over the steps, in nats, 0 or above
    steps -- over how many steps it was summed

    Returns
    one number: 1 for a model that is always sure and right, n for one that guesses among n
    """
    per_step = nats / steps
    return np.exp(per_step)


def bits_per_character(nats, steps):
    """The loss per character in bits. One bit is log 2 nats, which is about 0.693.

    Arguments
    nats -- a loss summed over the characters, in nats, 0 or above
    steps -- how many characters that were

    Returns
    one number, in bits per character
    """
    per_step = nats / steps
    return per_step / np.log(2)
