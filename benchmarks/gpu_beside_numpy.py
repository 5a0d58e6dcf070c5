"""The parts that measure a card beside the course's own NumPy: the same network, the same names, the same Adam."""

import statistics
from math import log

import numpy as np
import torch

from utils.reference import init_lstm
from utils.torch_port.devices import on_threads
from utils.torch_port.layout import LSTM, stack
from utils.torch_port.models import CharLM
from utils.torch_port.text_batches import N_TOKENS, NameBatches, split_names
from utils.torch_port.training import evaluate, train_epoch
from utils.torch_port.weights import copy_layer, copy_number

from . import gpu_numpy
from .gpu_clock import products_in, seconds
from .gpu_speed import BAR_PRECISION

LIMIT, RATE = 1.0, 0.003  # of the gradient's norm, and of learning


def beside_numpy(sizes, device, peaks, say):
    """Time of a training step in the course's NumPy on two threads over that of the same step on the card.

    The same network (see `as_module`), the same batches of names, float32 in NumPy and TF32 on the card, the same Adam,
    clipping included, in rounds that alternate; medians. The first round is not counted.
    """
    width, size, count = sizes.numpy
    learn, _ = split_names(m=sizes.names)
    batches = list(NameBatches(learn, size, np.random.default_rng(0)))[:count]
    P, adam, times = parameters(width), None, []
    card = TorchLearner(P, device)
    with gpu_numpy.on_two_threads() as call, products_in(BAR_PRECISION):
        arrays = in_numpy(batches)
        for _ in range(1 + sizes.rounds):
            on_numpy, P, adam, _ = call(gpu_numpy.epoch, P, adam, arrays, LIMIT, RATE)
            times.append((on_numpy, seconds(lambda: card.learn(batches), 1, device)))
    on_numpy, on_card = (1000 * statistics.median(column) / len(batches) for column in zip(*times[1:], strict=True))
    say(f"a training step at width {width}: NumPy {on_numpy:.1f} ms, card {on_card:.2f} ms")
    row = {"width": width, "batch": size, "numpy_ms_per_step": on_numpy, "card_ms_per_step": on_card}
    yield {"beside_numpy": row, "speedup_over_numpy": on_numpy / on_card}


def to_same_bits(sizes, device, peaks, say):
    """Seconds of training until held-out names cost so many bits per character, from one start and in one order.

    The three are the course's NumPy on two threads, PyTorch on the CPU with two threads, PyTorch on the card. The clock
    stands still while held-out bits are computed, after each epoch.
    """
    width, size, target, most = sizes.bits
    learn, others = split_names(m=sizes.names)
    others, P, found = list(NameBatches(others, size)), parameters(width), {}
    with gpu_numpy.on_two_threads() as call, on_threads(2), products_in(BAR_PRECISION):
        ways = {
            "numpy": lambda: NumpyLearner(P, call),
            "torch_cpu": lambda: TorchLearner(P, torch.device("cpu")),
            "card": lambda: TorchLearner(P, device),
        }
        for name, start in ways.items():
            batches = NameBatches(learn, size, np.random.default_rng(0))
            start().epoch(others, others)  # libraries set themselves up
            found[name] = until(start(), batches, others, target, most)
            say(f"to {target} bits per character, {name}: {found[name]}")
    yield {"bits": {"width": width, "batch": size, "target": target} | found}


def until(learner, batches, held_out, target, most):
    """Epoch after epoch until names held out cost so few bits, at most so many epochs. seconds: None if too few."""
    times, bits = [], float("inf")
    while bits > target and len(times) < most:
        taken, nats = learner.epoch(batches, held_out)
        times.append(taken)
        bits = nats / log(2)
    return {"seconds": sum(times) if bits <= target else None, "epochs": len(times), "bits": bits}


def parameters(width):
    """The course's LSTM for names, in float32, the same for all who ask."""
    P = init_lstm(N_TOKENS, width, N_TOKENS, np.random.default_rng(0))
    return {name: value.astype(np.float32) for name, value in P.items()}


def in_numpy(batches):
    """Batches of tokens as the course's arrays."""
    return [gpu_numpy.arrays(x.numpy(), y.numpy(), N_TOKENS) for x, y in batches]


class NumpyLearner:
    """Learns in a process of its own. call: as `on_two_threads` gives it."""

    def __init__(self, P, call):
        self.P, self.adam, self.call = P, None, call

    def epoch(self, batches, held_out):
        """Seconds of an epoch, and held-out nats per step after it."""
        taken, self.P, self.adam, _ = self.call(gpu_numpy.epoch, self.P, self.adam, in_numpy(batches), LIMIT, RATE)
        return taken, self.call(gpu_numpy.held_out, self.P, in_numpy(held_out))


class TorchLearner:
    """The same on a device, through `train_epoch`, with Adam fused into one kernel."""

    def __init__(self, P, device):
        self.model, self.device = as_module(P).to(device), device
        learning = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.AdamW(learning, RATE, weight_decay=0.0, fused=True)

    def learn(self, batches):
        """An epoch. Returns nats per step while learning."""
        return train_epoch(self.model, batches, self.optimizer, LIMIT, self.device)

    def epoch(self, batches, held_out):
        """Seconds of an epoch, and held-out nats per step after it."""
        return seconds(lambda: self.learn(batches), 1, self.device), evaluate(self.model, held_out, self.device)


def as_module(P):
    """The network of P as a CharLM that learns what P learns.

    P reads one-hot columns, so the embedding is the identity and stays it; P has one bias, so the second stays zero.
    """
    n_a, n_tokens = len(P["bf"]), len(P["by"])
    model = CharLM(n_tokens, n_tokens, n_a)
    copy_number(model.embed.weight, np.eye(n_tokens))
    copy_layer(model.rnn, stack(P, LSTM))
    copy_number(model.out.weight, P["Wy"])
    copy_number(model.out.bias, P["by"][:, 0])
    for fixed in (model.embed.weight, model.rnn.bias_hh_l0):
        fixed.requires_grad_(False)
    return model
