"""Lesson 10, part B: operations and seconds counted, names drawn, parity learned, answers in the wrong order."""

import time

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils._python_dispatch import TorchDispatchMode

from utils.torch_port.devices import on_threads
from utils.torch_port.models import CharLM
from utils.torch_port.scan import MinGRU
from utils.torch_port.text_batches import N_TOKENS, NameBatches, split_names
from utils.torch_port.training import evaluate, train_epoch


class _Kernels(TorchDispatchMode):
    """A block in which the operations that write numbers are counted; looking at a part of a tensor writes none."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        looks_only = function.is_view or function.overloadpacket.__name__ == "_unsafe_view"
        self.count += not looks_only
        return function(*args, **(kwargs or {}))


def count_kernels(function, *args):
    """How many kernels a call launches, without the way back: operations that compute, each one kernel on a GPU."""
    with torch.no_grad(), _Kernels() as kernels:
        function(*args)
    return kernels.count


def seconds_of(function, *args, repeats=7):
    """The shortest time of several calls, in seconds, without the way back; a GPU is waited for."""
    taken = []
    with torch.no_grad(), on_threads(1):
        for _ in range(repeats + 1):  # the first one warms up
            start = time.perf_counter()
            function(*args)
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            taken.append(time.perf_counter() - start)
    return min(taken[1:])


def gru_as_in_lesson_06(P, x, c0):
    """The loop of lesson 06 word for word, tensors in place of arrays: x (n_x, m, T), c0 (n_c, m) -> c (n_c, m, T)."""
    c, states = c0, []
    for t in range(x.shape[2]):
        stacked = torch.cat([c, x[:, :, t]])
        gate_u = torch.sigmoid(P["Wu"] @ stacked + P["bu"])
        gate_r = torch.sigmoid(P["Wr"] @ stacked + P["br"])
        c_tilde = torch.tanh(P["Wc"] @ torch.cat([gate_r * c, x[:, :, t]]) + P["bc"])
        c = gate_u * c_tilde + (1 - gate_u) * c
        states.append(c)
    return torch.stack(states, dim=2)


def some_gru(rng, n_x, n_c, gates="urc"):
    """Random P of the course's GRU; no bias is zero."""
    shapes = {f"W{gate}": (n_c, n_c + n_x) for gate in gates} | {f"b{gate}": (n_c, 1) for gate in gates}
    return {name: rng.normal(0, 0.5, shape) for name, shape in shapes.items()}


def train_names(seed=0, epochs=6, device="cpu", show=True):
    """A CharLM that has read the dinosaurs, and its held-out nats per letter."""
    known, held_out = split_names(0)
    torch.manual_seed(seed)
    model = CharLM(N_TOKENS, 16, 64, dropout=0.1).to(device)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    batches = NameBatches(known, 32, np.random.default_rng(seed))
    with on_threads(1):
        for epoch in range(1, epochs + 1):
            nats = train_epoch(model, batches, optimizer, 1.0, device)
            if show and epoch % 2 == 0:
                print(f"epoch {epoch}: {nats / np.log(2):.2f} bits per letter", flush=True)
        return model, evaluate(model, NameBatches(held_out, 256), device)


class Counter(nn.Module):
    """Bits in, after each one an answer of two: an embedding, a GRU or layers of minGRU, an output layer."""

    def __init__(self, kind, n=24, layers=1):
        super().__init__()
        self.embed = nn.Embedding(2, n)
        self.layers = nn.ModuleList([nn.GRU(n, n) if kind == "GRU" else MinGRU(n, n) for _ in range(layers)])
        self.out = nn.Linear(n, 2)

    def forward(self, bits):
        """Logits (T, m, 2) for bits, int (T, m)."""
        states = self.embed(bits)
        for layer in self.layers:
            states = layer(states)
            states = states[0] if isinstance(states, tuple) else states
        return self.out(states)


def parity(T, m, generator):
    """Random bits (T, m) and, after each of them, whether the ones so far are odd in number."""
    bits = torch.randint(0, 2, (T, m), generator=generator)
    return bits, bits.cumsum(dim=0) % 2


def learn_parity(kind, seed=0, layers=1, batches=500, longest=12):
    """A Counter trained on sequences of 2 to `longest` bits, an answer asked for after each."""
    torch.manual_seed(seed)
    net, generator = Counter(kind, layers=layers), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    with on_threads(1):
        for _ in range(batches):
            T = int(torch.randint(2, longest + 1, (1,), generator=generator))
            bits, odd = parity(T, 64, generator)
            optimizer.zero_grad()
            cross_entropy(net(bits).flatten(0, 1), odd.flatten()).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    return net


def right_by_length(net, lengths, m=1000, seed=1):
    """The share of right answers after the last of so many bits, for each length."""
    generator, shares = torch.Generator().manual_seed(seed), []
    with torch.no_grad(), on_threads(1):
        for T in lengths:
            bits, odd = parity(T, m, generator)
            shares.append((net(bits)[-1].argmax(dim=1) == odd[-1]).float().mean().item())
    return shares


def learn_first_symbol(encode, seed=0, batches=150):
    """Which of four symbols did a sequence begin with? A GRU learns it; `encode` reads it off. Prints, returns a model.

    Returns rnn, embed and out, for `share_right`.
    """
    torch.manual_seed(seed)
    embed, rnn, out = nn.Embedding(4, 8), nn.GRU(8, 16, batch_first=True), nn.Linear(16, 4)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam([*embed.parameters(), *rnn.parameters(), *out.parameters()], 0.01)
    with on_threads(1):
        for batch in range(1, batches + 1):
            tokens, lengths = unequal_tokens(64, generator)
            loss = cross_entropy(out(encode(rnn, embed(tokens), lengths)), tokens[:, 0])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if batch % 50 == 0:
                print(f"batch {batch}: {loss.item():.2f} nats", flush=True)
    return rnn, embed, out


def unequal_tokens(m, generator):
    """Symbols (m, 8), each row of a length of its own from 2 to 8, and the lengths (m,)."""
    return torch.randint(0, 4, (m, 8), generator=generator), torch.randint(2, 9, (m,), generator=generator)


def share_right(encode, parts, m=500, seed=1):
    """How many of m new sequences are answered right by what `learn_first_symbol` returned."""
    rnn, embed, out = parts
    tokens, lengths = unequal_tokens(m, torch.Generator().manual_seed(seed))
    with torch.no_grad(), on_threads(1):
        guess = out(encode(rnn, embed(tokens), lengths)).argmax(dim=1)
    return (guess == tokens[:, 0]).float().mean().item()
