"""What lesson 10, part A, measures: two backward passes side by side, and a training step in other orders."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from utils import reference
from utils.torch_port.architectures import gradients
from utils.torch_port.devices import on_threads
from utils.torch_port.models import CharLM
from utils.torch_port.networks import Recurrent
from utils.torch_port.text_batches import N_TOKENS, NameBatches, split_names
from utils.torch_port.training import evaluate

FORWARD = {"RNN": "rnn_forward", "LSTM": "lstm_forward", "GRU": "gru_forward_reset_after"}
OUT = {"RNN": "Wya", "LSTM": "Wy", "GRU": "Wy"}
BACKWARD = {"RNN": "rnn_backward", "LSTM": "lstm_backward", "GRU": "gru_backward_reset_after"}


def some_parameters(kind, rng, n_x, n, n_y):
    """Random P of an RNN, an LSTM, or a GRU that resets after the product; no bias is zero."""
    both = {"RNN": "", "LSTM": "fuco", "GRU": "ur"}[kind]
    shapes = {f"W{gate}": (n, n + n_x) for gate in both} | {f"b{gate}": (n, 1) for gate in both}
    if kind == "RNN":
        shapes |= {"Wax": (n, n_x), "Waa": (n, n), "ba": (n, 1)}
    if kind == "GRU":
        shapes |= {"Wcc": (n, n), "bcc": (n, 1), "Wcx": (n, n_x), "bcx": (n, 1)}
    return {name: rng.normal(0, 0.5, shape) for name, shape in (shapes | {OUT[kind]: (n_y, n), "by": (n_y, 1)}).items()}


def in_numpy(kind, P, x, state0, targets):
    """The course's way: states (n, m, T), summed loss in nats, and G, with dx among them."""
    states, y_pred, *_, caches = getattr(reference, FORWARD[kind])(x, state0, P)
    out = OUT[kind]
    dz = y_pred - (np.arange(len(y_pred))[:, None, None] == targets)  # softmax with its loss: ŷ - y
    G = getattr(reference, BACKWARD[kind])(np.einsum("ya,ymt->amt", P[out], dz), caches)
    G = {name: g for name, g in G.items() if name.removeprefix("d") in P or name == "dx"}
    G |= {f"d{out}": np.einsum("ymt,amt->ya", dz, states), "dby": dz.sum(axis=(1, 2))[:, None]}
    return states, reference.sequence_loss(y_pred, targets), G


def in_torch(kind, layer, P, x, state0, targets):
    """The same of an nn.RNN, nn.LSTM or nn.GRU with the output layer of P on top; autograd goes back."""
    out = nn.Linear(*reversed(P[OUT[kind]].shape), dtype=torch.float64)
    out.load_state_dict({"weight": torch.tensor(P[OUT[kind]]), "bias": torch.tensor(P["by"][:, 0])})
    x = torch.tensor(x.transpose(2, 1, 0)).requires_grad_()  # (T, m, n_x)
    start = torch.tensor(state0.T[None])  # (1, m, n)
    start = (start, torch.zeros_like(start)) if kind == "LSTM" else start
    states, _ = layer(x, start)
    loss = cross_entropy(out(states).flatten(0, 1), torch.tensor(targets.T).flatten(), reduction="sum")
    loss.backward()
    G = gradients(Recurrent(layer, out)) | {"dx": x.grad.numpy().transpose(2, 1, 0)}
    return states.detach().numpy().transpose(2, 1, 0), loss.item(), G


def agreement(kind, make, seed=0, m=3, T=30):
    """How far the course and PyTorch are apart, relative to the largest entry: {"states", "loss", "dx", "dWax", …}.

    kind: "RNN", "LSTM" or "GRU"; make: to_torch_rnn, to_torch_lstm or to_torch_gru.
    """
    rng = np.random.default_rng(seed)
    P = some_parameters(kind, rng, n_x=5, n=7, n_y=4)
    data = rng.normal(size=(5, m, T)), rng.normal(size=(7, m)), rng.integers(4, size=(m, T))
    states, loss, G = in_numpy(kind, P, *data)
    other_states, other_loss, other_G = in_torch(kind, make(P), P, *data)
    pairs = {"states": (states, other_states), "loss": (loss, other_loss)} | {k: (G[k], other_G[k]) for k in G}
    return {name: np.abs(one - other).max() / np.abs(one).max() for name, (one, other) in pairs.items()}


class Lines:
    """The lines of a training step, to be called in any order. They work on the batch `x`, `y`."""

    def __init__(self, model, learning_rate, limit):
        self.model, self.limit = model, limit
        self.optimizer = torch.optim.Adam(model.parameters(), learning_rate)
        self.x = self.y = self.logits = self.loss = None

    def zero(self):
        self.optimizer.zero_grad()

    def run(self):
        self.logits = self.model(self.x)[0].flatten(0, 1)
        self.loss = cross_entropy(self.logits, self.y.flatten(), ignore_index=-1)

    def softmax(self):
        self.loss = cross_entropy(self.logits.softmax(-1), self.y.flatten(), ignore_index=-1)

    def back(self):
        self.loss.backward()

    def clip(self):
        nn.utils.clip_grad_norm_(self.model.parameters(), self.limit)

    def step(self):
        self.optimizer.step()


@on_threads(1)
def learn_in_order(order, seed=0, epochs=4, learning_rate=0.01, limit=1.0, m=None):
    """Train a model of names; for each batch the lines named in `order` are done one after the other.

    order: some of zero, run, softmax, back, clip, step, in one string. m: only the first m names.
    Returns the held-out bits per character by epoch.
    """
    known, held_out = split_names(0, m)
    torch.manual_seed(seed)
    lines, bits = Lines(CharLM(N_TOKENS, 16, 64), learning_rate, limit), []
    batches = NameBatches(known, 32, np.random.default_rng(seed))
    for _ in range(epochs):
        for lines.x, lines.y in batches:
            for line in order.split():
                getattr(lines, line)()
        bits.append(evaluate(lines.model, NameBatches(held_out, 132)) / np.log(2))
    return bits
