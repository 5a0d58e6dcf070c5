"""The plain recurrent network, step by step. Source: Elman (1990), Jordan (1986), Werbos (1990)."""

import numpy as np

from .activations import softmax


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


def rnn_cell_forward_compact(xt, a_prev, Wa, ba):
    """The same step with one matrix: a⟨t⟩ = tanh(Wa [a⟨t-1⟩; x⟨t⟩] + ba).

    Arguments
    xt -- the input of this step, shape (n_x, m)
    a_prev -- the state before this step, shape (n_a, m)
    Wa -- the two matrices side by side, [Waa | Wax], shape (n_a, n_a + n_x)
    ba -- the bias, shape (n_a, 1)

    Returns
    a_next -- the new state, shape (n_a, m)
    """
    stacked = np.concatenate([a_prev, xt], axis=0)  # (n_a + n_x, m)
    z = Wa @ stacked + ba
    return np.tanh(z)


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


def jordan_forward(x, y0, P, teacher=None):
    """A network whose only memory is its own last answer.

    a⟨t⟩ = tanh(Wax x⟨t⟩ + Way y⟨t-1⟩ + ba)
    ŷ⟨t⟩ = softmax(Wya a⟨t⟩ + by)

    Arguments
    x -- the inputs, shape (n_x, m, T)
    y0 -- what is fed back at the first step, shape (n_y, m)
    P -- a dict with Wax (n_a, n_x), Way (n_a, n_y), ba (n_a, 1), Wya (n_y, n_a), by (n_y, 1)
    teacher -- the right answers, shape (n_y, m, T), fed back in place of the network's own;
               None: its own are fed back

    Returns
    a -- the hidden values of every step, shape (n_a, m, T)
    y_pred -- the prediction of every step, shape (n_y, m, T)
    """
    n_x, m, T = x.shape
    n_y, n_a = P["Wya"].shape
    a = np.zeros((n_a, m, T))
    y_pred = np.zeros((n_y, m, T))
    fed_back = y0
    for t in range(T):
        z = P["Wax"] @ x[:, :, t] + P["Way"] @ fed_back + P["ba"]
        a[:, :, t] = np.tanh(z)
        y_pred[:, :, t] = softmax(P["Wya"] @ a[:, :, t] + P["by"])
        if teacher is None:
            fed_back = y_pred[:, :, t]
        else:
            fed_back = teacher[:, :, t]
    return a, y_pred


def sequence_to_one_forward(x, a0, P, mask=None):
    """Read a whole sequence, then answer once.

    A step whose mask is False is padding: it leaves the state of that example as it was.

    Arguments
    x -- the inputs, shape (n_x, m, T)
    a0 -- the state before the first step, shape (n_a, m)
    P -- a dict with Wax, Waa, ba, Wya, by, as in rnn_cell_forward
    mask -- True where a step counts, shape (m, T); None: every step counts

    Returns
    a_last -- the state after the last step that counts, shape (n_a, m)
    y_pred -- one prediction per example, softmax(Wya a_last + by), shape (n_y, m)
    caches -- the tuple (list of the T cell caches, x, mask)
    """
    n_x, m, T = x.shape
    cells = []
    a = a0
    for t in range(T):
        a_new, _, cache = rnn_cell_forward(x[:, :, t], a, P)
        cells.append(cache)
        if mask is None:
            a = a_new
        else:
            a = np.where(mask[:, t], a_new, a)
    y_pred = softmax(P["Wya"] @ a + P["by"])
    return a, y_pred, (cells, x, mask)


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
