"""The plain recurrent network, step by step. Source: Elman (1990), Werbos (1990)."""

import numpy as np

from .activations import softmax
from .losses import sequence_loss


def unfold(f, s0, xs):
    """Run a system that hands its state to itself: s⟨t⟩ = f(s⟨t-1⟩, x⟨t⟩).

    Arguments
    f -- a function of two arguments, the state before and the input of this step;
         it returns the new state
    s0 -- the state before the first step
    xs -- the inputs x⟨1⟩ … x⟨T⟩, a list

    Returns
    states -- the list [s⟨1⟩, …, s⟨T⟩]; s0 is not in it
    """
    states = []
    s = s0
    for x in xs:
        s = f(s, x)
        states.append(s)
    return states


def count_rnn_parameters(n_x, n_a, n_y):
    """Count the numbers that an RNN learns.

    Wax is (n_a, n_x), Waa (n_a, n_a), ba (n_a, 1), Wya (n_y, n_a) and by (n_y, 1).

    Arguments
    n_x, n_a, n_y -- size of the input, of the state and of the output

    Returns
    count -- a whole number
    """
    into_state = n_a * n_x
    state_to_state = n_a * n_a
    state_bias = n_a
    into_output = n_y * n_a
    output_bias = n_y
    return into_state + state_to_state + state_bias + into_output + output_bias


def rnn_cell_forward(xt, a_prev, P):
    """One step of the RNN.

    a⟨t⟩ = tanh(Wax x⟨t⟩ + Waa a⟨t-1⟩ + ba)
    ŷ⟨t⟩ = softmax(Wya a⟨t⟩ + by)

    Arguments
    xt -- the input of this step, shape (n_x, m)
    a_prev -- the state before this step, shape (n_a, m)
    P -- a dict with Wax (n_a, n_x), Waa (n_a, n_a), ba (n_a, 1), Wya (n_y, n_a), by (n_y, 1)

    Returns
    a_next -- the new state, shape (n_a, m)
    yt_pred -- the prediction of this step, shape (n_y, m)
    cache -- the tuple (a_next, a_prev, xt, P), kept for the way back
    """
    from_input = P["Wax"] @ xt
    from_state = P["Waa"] @ a_prev
    a_next = np.tanh(from_input + from_state + P["ba"])
    z = P["Wya"] @ a_next + P["by"]
    yt_pred = softmax(z)
    cache = (a_next, a_prev, xt, P)
    return a_next, yt_pred, cache


def rnn_forward(x, a0, P):
    """The whole sequence: the cell at every step, always with the same weights.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    a0 -- the state before the first step, shape (n_a, m)
    P -- a dict with Wax, Waa, ba, Wya, by, as in rnn_cell_forward

    Returns
    a -- the state after every step, shape (n_a, m, T)
    y_pred -- the prediction of every step, shape (n_y, m, T)
    caches -- the tuple (list of the T cell caches, x)
    """
    n_x, m, T = x.shape
    n_y, n_a = P["Wya"].shape
    a = np.zeros((n_a, m, T))
    y_pred = np.zeros((n_y, m, T))
    cells = []
    a_next = a0
    for t in range(T):
        a_next, yt_pred, cache = rnn_cell_forward(x[:, :, t], a_next, P)
        a[:, :, t] = a_next
        y_pred[:, :, t] = yt_pred
        cells.append(cache)
    return a, y_pred, (cells, x)


def output_layer_backward(y_pred, targets, a, P, mask=None):
    """Back through the output layer ŷ⟨t⟩ = softmax(Wya a⟨t⟩ + by), at every step.

    dzy⟨t⟩ = ŷ⟨t⟩ - (1 at the right class, 0 elsewhere) where a step counts, and 0 where it does not.
    dWya and dby are sums over all steps and examples.

    Arguments
    y_pred -- predicted probabilities, shape (n_y, m, T)
    targets -- the right class of each example at each step, whole numbers, shape (m, T);
               where a step does not count, anything may stand there, such as -1
    a -- the states that the predictions were made from, shape (n_a, m, T)
    P -- a dict with Wya (n_y, n_a), and what else the network has
    mask -- True where a step counts, shape (m, T); None: every step counts

    Returns
    dWya -- shape (n_y, n_a)
    dby -- shape (n_y, 1)
    da -- gradient that enters the state of each step, shape (n_a, m, T)
    loss -- the loss of sequence_loss, in nats
    """
    n_y, m, T = y_pred.shape
    loss = sequence_loss(y_pred, targets, mask)
    dWya = np.zeros_like(P["Wya"])
    dby = np.zeros((n_y, 1))
    da = np.zeros(a.shape)
    for t in range(T):
        dzy = y_pred[:, :, t].copy()
        dzy[targets[:, t], np.arange(m)] -= 1
        if mask is not None:
            dzy = np.where(mask[:, t], dzy, 0.0)
        dWya = dWya + dzy @ a[:, :, t].T
        dby = dby + np.sum(dzy, axis=1, keepdims=True)
        da[:, :, t] = P["Wya"].T @ dzy
    return dWya, dby, da, loss


def rnn_cell_backward(da_next, cache):
    """One step back: from the gradient of the new state to the gradients of everything that made it.

    dz = (1 - a_next²) * da_next, where z = Wax x⟨t⟩ + Waa a⟨t-1⟩ + ba

    Arguments
    da_next -- gradient of the loss with respect to a_next, shape (n_a, m)
    cache -- the tuple (a_next, a_prev, xt, P) of rnn_cell_forward

    Returns
    a dict with dxt (n_x, m), da_prev (n_a, m), dWax (n_a, n_x), dWaa (n_a, n_a), dba (n_a, 1)
    """
    a_next, a_prev, xt, P = cache
    slope = 1 - a_next**2
    dz = slope * da_next  # (n_a, m)
    dxt = P["Wax"].T @ dz
    da_prev = P["Waa"].T @ dz
    dWax = dz @ xt.T
    dWaa = dz @ a_prev.T
    dba = np.sum(dz, axis=1, keepdims=True)
    return {"dxt": dxt, "da_prev": da_prev, "dWax": dWax, "dWaa": dWaa, "dba": dba}


def rnn_backward(da, caches):
    """Backpropagation through time: all steps back, from the last to the first.

    What reaches a⟨t⟩ is the gradient of its own output, da[:, :, t], plus what comes back from step t + 1.

    Arguments
    da -- gradient that enters at each step from that step's output, shape (n_a, m, T)
    caches -- the tuple (list of the T cell caches, x) of rnn_forward

    Returns
    a dict with dx (n_x, m, T), da0 (n_a, m), and dWax, dWaa, dba, each summed over all steps
    """
    cells, x = caches
    n_a, m, T = da.shape
    dx = np.zeros(x.shape)
    P = cells[0][3]
    dWax, dWaa, dba = np.zeros_like(P["Wax"]), np.zeros_like(P["Waa"]), np.zeros_like(P["ba"])
    da_from_later = np.zeros((n_a, m))
    for t in reversed(range(T)):
        step = rnn_cell_backward(da[:, :, t] + da_from_later, cells[t])
        da_from_later = step["da_prev"]
        dx[:, :, t] = step["dxt"]
        dWax = dWax + step["dWax"]
        dWaa = dWaa + step["dWaa"]
        dba = dba + step["dba"]
    return {"dx": dx, "da0": da_from_later, "dWax": dWax, "dWaa": dWaa, "dba": dba}


def rnn_states(x, a0, P, mask=None):
    """The states of a whole sequence, without predictions. A step whose mask is False keeps the state.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    a0 -- the state before the first step, shape (n_a, m)
    P -- a dict with Wax (n_a, n_x), Waa (n_a, n_a), ba (n_a, 1)
    mask -- True where a step counts, shape (m, T); None: every step counts

    Returns
    a -- the state after every step, shape (n_a, m, T)
    caches -- the tuple (list of T cell caches (a_next, a_prev, xt, P), x, mask); the a_next of a
              cache is the state that the step would have had without the mask
    """
    n_x, m, T = x.shape
    a = np.zeros((len(a0), m, T))
    cells = []
    a_prev = a0
    for t in range(T):
        xt = x[:, :, t]
        a_next = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"])
        cells.append((a_next, a_prev, xt, P))
        if mask is None:
            a_prev = a_next
        else:
            a_prev = np.where(mask[:, t], a_next, a_prev)
        a[:, :, t] = a_prev
    return a, (cells, x, mask)


def rnn_states_backward(da, caches):
    """All steps back through rnn_states. A masked step hands its gradient on, untouched.

    Arguments
    da -- gradient that enters at each step, shape (n_a, m, T)
    caches -- the tuple (list of T cell caches, x, mask) of rnn_states

    Returns
    a dict with dx (n_x, m, T), da0 (n_a, m), and dWax, dWaa, dba, each summed over all steps
    """
    cells, x, mask = caches
    n_a, m, T = da.shape
    P = cells[0][3]
    dx = np.zeros(x.shape)
    dWax, dWaa, dba = np.zeros_like(P["Wax"]), np.zeros_like(P["Waa"]), np.zeros_like(P["ba"])
    later = np.zeros((n_a, m))
    for t in reversed(range(T)):
        arriving = da[:, :, t] + later
        counts = np.ones(m, dtype=bool) if mask is None else mask[:, t]
        step = rnn_cell_backward(np.where(counts, arriving, 0.0), cells[t])
        later = np.where(counts, step["da_prev"], arriving)
        dx[:, :, t] = step["dxt"]
        dWax = dWax + step["dWax"]
        dWaa = dWaa + step["dWaa"]
        dba = dba + step["dba"]
    return {"dx": dx, "da0": later, "dWax": dWax, "dWaa": dWaa, "dba": dba}
