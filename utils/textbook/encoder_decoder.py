"""One net reads, another writes, step by step. Source: Sutskever et al. (2014), arXiv:1409.3215."""

import numpy as np

from .activations import softmax
from .encoding import one_hot
from .rnn import rnn_states, rnn_states_backward


def init_encoder_decoder(n_x, n_a, n_y, rng):
    """Parameters to begin with: Gaussian weights of variance 1 / (number of columns), zero biases.

    Arguments
    n_x, n_a, n_y -- how many symbols can be read, how many units a state has,
                     how many symbols can be written
    rng -- a numpy.random.Generator; the draws are standard_normal((rows, columns)) for Wax_enc,
           Waa_enc, Wax_dec, Waa_dec and Wya, in this order

    Returns
    P -- a dict with Wax_enc (n_a, n_x), Waa_enc (n_a, n_a), ba_enc (n_a, 1), Wax_dec (n_a, n_y),
         Waa_dec (n_a, n_a), ba_dec (n_a, 1), Wya (n_y, n_a), by (n_y, 1)
    """
    P = {}
    P["Wax_enc"] = rng.standard_normal((n_a, n_x)) / np.sqrt(n_x)
    P["Waa_enc"] = rng.standard_normal((n_a, n_a)) / np.sqrt(n_a)
    P["ba_enc"] = np.zeros((n_a, 1))
    P["Wax_dec"] = rng.standard_normal((n_a, n_y)) / np.sqrt(n_y)
    P["Waa_dec"] = rng.standard_normal((n_a, n_a)) / np.sqrt(n_a)
    P["ba_dec"] = np.zeros((n_a, 1))
    P["Wya"] = rng.standard_normal((n_y, n_a)) / np.sqrt(n_a)
    P["by"] = np.zeros((n_y, 1))
    return P


def shift_right(targets, start):
    """What the decoder may read at each step: the right answer of the step before.

    Arguments
    targets -- the right answers, whole numbers, shape (m, T)
    start -- what is read at the first step, where there is no answer before;
             -1 stands for "nothing", which one_hot turns into a column of zeros

    Returns
    shifted -- whole numbers, shape (m, T): start, then the targets without the last
    """
    m, T = targets.shape
    first = np.full((m, 1), start)
    return np.concatenate([first, targets[:, : T - 1]], axis=1)


def encoder_decoder_forward(x, x_mask, y_in, P):
    """Read the whole of x with one RNN, then write with another that starts where the first ended.

    encoder: a⟨t⟩ = tanh(Wax_enc x⟨t⟩ + Waa_enc a⟨t-1⟩ + ba_enc)
    decoder: s⟨t⟩ = tanh(Wax_dec y_in⟨t⟩ + Waa_dec s⟨t-1⟩ + ba_dec)
    ŷ⟨t⟩ = softmax(Wya s⟨t⟩ + by)

    The encoder starts from a⟨0⟩ = 0, and a step of padding keeps its state. Its last state is s⟨0⟩.
    y_in holds the right answers, already shifted by one step: y_in[:, :, t] is the answer of step
    t - 1. Feeding the right answers in place of the net's own is called teacher forcing.
    rnn_states(x, a0, P, mask) is given; it returns a, caches for a dict P with Wax, Waa, ba, and
    keeps the state where mask is False. mask=None: every step counts.

    Arguments
    x -- what is read, shape (n_x, m, T_x)
    x_mask -- True where a step of x counts, False where it is padding, shape (m, T_x);
              None: every step counts
    y_in -- what the decoder is fed at each step, shape (n_y, m, T_y)
    P -- a dict with Wax_enc (n_a, n_x), Waa_enc (n_a, n_a), ba_enc (n_a, 1), Wax_dec (n_a, n_y),
         Waa_dec (n_a, n_a), ba_dec (n_a, 1), Wya (n_y, n_a), by (n_y, 1)

    Returns
    y_pred -- the prediction of every step of the decoder, shape (n_y, m, T_y)
    caches -- the tuple (encoder_caches, decoder_caches, P); the first two are those of rnn_states
    """
    n_y, m, T_y = y_in.shape
    encoder = {"Wax": P["Wax_enc"], "Waa": P["Waa_enc"], "ba": P["ba_enc"]}
    decoder = {"Wax": P["Wax_dec"], "Waa": P["Waa_dec"], "ba": P["ba_dec"]}
    nothing = np.zeros((len(P["ba_enc"]), m))
    a_enc, encoder_caches = rnn_states(x, nothing, encoder, x_mask)
    summary = a_enc[:, :, -1]  # (n_a, m): all that the decoder hears of x
    a_dec, decoder_caches = rnn_states(y_in, summary, decoder)
    y_pred = np.zeros((n_y, m, T_y))
    for t in range(T_y):
        y_pred[:, :, t] = softmax(P["Wya"] @ a_dec[:, :, t] + P["by"])
    return y_pred, (encoder_caches, decoder_caches, P)


def encoder_decoder_backward(y_pred, targets, y_mask, caches):
    """Gradients of the summed loss -log ŷ⟨t⟩[right answer], through the decoder into the encoder.

    At the output dz⟨t⟩ = ŷ⟨t⟩ - one_hot(targets⟨t⟩) where a step counts, zero where it does not.
    Only one thing joins the two nets, the encoder's last state. So the decoder's da0 is the one
    gradient that enters the encoder, at its last step.
    rnn_states_backward(da, caches) is given; it returns a dict with dx, da0, dWax, dWaa, dba.
    What rnn_states keeps is (list of the cell caches, one for each step, x, mask); the first entry
    of the decoder's cell cache t is the state s⟨t⟩.

    Arguments
    y_pred -- the predictions of encoder_decoder_forward, shape (n_y, m, T_y)
    targets -- the right answers, whole numbers, shape (m, T_y)
    y_mask -- True where an answer counts, shape (m, T_y); None: every answer counts;
              where it is False, targets may hold any whole number
    caches -- the tuple (encoder_caches, decoder_caches, P) of encoder_decoder_forward

    Returns
    a dict with dWax_enc, dWaa_enc, dba_enc, dWax_dec, dWaa_dec, dba_dec, dWya, dby,
    each of the shape of its parameter, summed over examples and steps
    """
    encoder_caches, decoder_caches, P = caches
    n_y, m, T_y = y_pred.shape
    counts = np.ones((m, T_y), dtype=bool) if y_mask is None else y_mask
    dWya, dby = np.zeros_like(P["Wya"]), np.zeros_like(P["by"])
    da_dec = np.zeros((len(P["ba_dec"]), m, T_y))
    for t in range(T_y):
        state = decoder_caches[0][t][0]  # (n_a, m)
        right = one_hot(np.where(counts[:, t], targets[:, t], -1), n_y)
        dz = (y_pred[:, :, t] - right) * counts[:, t]
        dWya = dWya + dz @ state.T
        dby = dby + np.sum(dz, axis=1, keepdims=True)
        da_dec[:, :, t] = P["Wya"].T @ dz
    dec = rnn_states_backward(da_dec, decoder_caches)
    T_x = encoder_caches[1].shape[2]
    da_enc = np.zeros((len(P["ba_enc"]), m, T_x))
    da_enc[:, :, -1] = dec["da0"]
    enc = rnn_states_backward(da_enc, encoder_caches)
    G = {"dWax_enc": enc["dWax"], "dWaa_enc": enc["dWaa"], "dba_enc": enc["dba"]}
    G = G | {"dWax_dec": dec["dWax"], "dWaa_dec": dec["dWaa"], "dba_dec": dec["dba"]}
    return G | {"dWya": dWya, "dby": dby}


def decode_greedy(x, x_mask, P, start, eos, max_length):
    """Let an encoder-decoder answer on its own: it reads back what it has just written.

    The decoder is fed one symbol at each step, as a one-hot column: `start` first, and then what it
    chose at the step before, the symbol with the largest probability, the first of them on a tie.
    An example ends when it chooses `eos`, or after max_length symbols; the others go on.

    Arguments
    x, x_mask, P -- as in encoder_decoder_forward
    start -- the symbol that is fed at the first step, a whole number; -1: a column of zeros
    eos -- the symbol that ends an answer
    max_length -- how many symbols an answer may have

    Returns
    answers -- a list with one list of whole numbers per example, without start and without eos
    """
    n_y, m = len(P["by"]), x.shape[1]
    encoder = {"Wax": P["Wax_enc"], "Waa": P["Waa_enc"], "ba": P["ba_enc"]}
    a_enc, _ = rnn_states(x, np.zeros((len(P["ba_enc"]), m)), encoder, x_mask)
    a = a_enc[:, :, -1]
    symbols = np.full(m, start)
    answers = [[] for _ in range(m)]
    running = np.ones(m, dtype=bool)
    for _ in range(max_length):
        yt = one_hot(symbols, n_y)
        a = np.tanh(P["Wax_dec"] @ yt + P["Waa_dec"] @ a + P["ba_dec"])
        scores = P["Wya"] @ a + P["by"]  # softmax would keep their order
        symbols = np.argmax(scores, axis=0)  # (m,)
        running = running & (symbols != eos)
        for j in range(m):
            if running[j]:
                answers[j].append(int(symbols[j]))
        if not np.any(running):
            break
    return answers
