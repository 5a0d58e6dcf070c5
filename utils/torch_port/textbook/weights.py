"""Weights from the course's dicts into PyTorch's layers, and back."""

import numpy as np
import torch
from torch import nn


def to_torch_rnn(P):
    """The recurrent layer of the parameters P as an `nn.RNN`.

    P holds Wax (n_a, n_x), Waa (n_a, n_a), ba (n_a, 1); other keys are left alone. PyTorch has two biases where the
    course has one: ba goes into `bias_ih_l0`, and `bias_hh_l0` is zero.
    Returns an nn.RNN in the dtype of P, which shares no memory with P.
    """
    n_a, n_x = P["Wax"].shape
    rnn = nn.RNN(n_x, n_a, dtype=torch.from_numpy(P["Wax"]).dtype)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(P["Wax"]))
        rnn.weight_hh_l0.copy_(torch.from_numpy(P["Waa"]))
        rnn.bias_ih_l0.copy_(torch.from_numpy(P["ba"][:, 0]))
        rnn.bias_hh_l0.zero_()
    return rnn


def to_torch_lstm(P):
    """The recurrent layer of the parameters P as an `nn.LSTM`.

    P holds Wf, Wu, Wc, Wo (n_a, n_a + n_x), which act on [a; x], and bf, bu, bc, bo (n_a, 1); other keys are left
    alone. PyTorch stacks its gates in the order input, forget, cell, output, which is u, f, c, o here; the weights of x
    and of a are matrices of their own. The biases go into `bias_ih_l0`, and `bias_hh_l0` is zero.
    Returns an nn.LSTM in the dtype of P, which shares no memory with P.
    """
    n_a = len(P["bf"])
    gates = ("u", "f", "c", "o")
    W = np.concatenate([P["W" + gate] for gate in gates])  # (4 n_a, n_a + n_x)
    b = np.concatenate([P["b" + gate] for gate in gates])  # (4 n_a, 1)
    lstm = nn.LSTM(W.shape[1] - n_a, n_a, dtype=torch.from_numpy(W).dtype)
    with torch.no_grad():
        lstm.weight_hh_l0.copy_(torch.from_numpy(W[:, :n_a]))
        lstm.weight_ih_l0.copy_(torch.from_numpy(W[:, n_a:]))
        lstm.bias_ih_l0.copy_(torch.from_numpy(b[:, 0]))
        lstm.bias_hh_l0.zero_()
    return lstm


def to_torch_gru(P):
    """The recurrent layer of the parameters P, a GRU that resets after the product, as an `nn.GRU`.

    P holds Wu, Wr (n_c, n_c + n_x), which act on [c; x], and bu, br (n_c, 1); Wcc (n_c, n_c) and bcc inside the reset,
    Wcx (n_c, n_x) and bcx outside; other keys are left alone. PyTorch stacks r, z, n. Its z keeps the old state:
    z = 1 − Γu, and since 1 − σ(s) = σ(−s), its rows are those of u with the sign changed. Its n is c̃, whose two biases
    stay apart: bcx in `bias_ih_l0`, bcc in `bias_hh_l0`.
    Returns an nn.GRU in the dtype of P, which shares no memory with P.
    """
    n_c, n_x = P["Wcx"].shape
    W = np.concatenate([P["Wr"], -P["Wu"]])  # (2 n_c, n_c + n_x)
    b = np.concatenate([P["br"], -P["bu"], P["bcx"]])  # (3 n_c, 1)
    b_inside = np.concatenate([np.zeros((2 * n_c, 1)), P["bcc"]])
    gru = nn.GRU(n_x, n_c, dtype=torch.from_numpy(W).dtype)
    with torch.no_grad():
        gru.weight_hh_l0.copy_(torch.from_numpy(np.concatenate([W[:, :n_c], P["Wcc"]])))
        gru.weight_ih_l0.copy_(torch.from_numpy(np.concatenate([W[:, n_c:], P["Wcx"]])))
        gru.bias_ih_l0.copy_(torch.from_numpy(b[:, 0]))
        gru.bias_hh_l0.copy_(torch.from_numpy(b_inside[:, 0]))
    return gru


def from_torch(module):
    """The parameters of an `nn.RNN` or `nn.LSTM` of one layer as the course's dict.

    PyTorch adds its two biases, so the course's one is their sum. RNN: Wax, Waa, ba. LSTM: Wu, Wf, Wc, Wo on [a; x]
    and bu, bf, bc, bo; its rows come in the order u, f, c, o.
    Returns a dict of NumPy arrays, biases as columns, which share no memory with the module.
    """
    W_x = module.weight_ih_l0.detach().numpy()
    W_a = module.weight_hh_l0.detach().numpy()
    b = (module.bias_ih_l0 + module.bias_hh_l0).detach().numpy()[:, None]
    if isinstance(module, nn.RNN):
        return {"Wax": W_x.copy(), "Waa": W_a.copy(), "ba": b}
    W = np.hstack([W_a, W_x])  # (4 n_a, n_a + n_x)
    n_a = W_a.shape[1]
    P = {}
    for k, gate in enumerate(["u", "f", "c", "o"]):
        rows = slice(k * n_a, (k + 1) * n_a)
        P["W" + gate] = W[rows].copy()
        P["b" + gate] = b[rows].copy()
    return P
