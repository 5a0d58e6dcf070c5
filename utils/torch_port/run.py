"""All there is to know about a training in progress: what it needs to go on as if it had never stopped."""

from dataclasses import asdict, dataclass, field
from functools import partial
from math import log

import numpy as np
import torch


@dataclass
class History:
    """What happened, epoch by epoch.

    `loss` while learning and `held_out` after the epoch, both in nats per step that counts; `learning_rates`, those of
    the first step of each; `best`, the epoch with the lowest held-out loss, counted from 1, or 0 when nothing was held
    out.
    """

    loss: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    best: int = 0

    def bits(self):
        """Both losses in bits per step, which for names means per character, under the names that lesson 04 draws."""
        curves = {"while learning": self.loss, "held out": self.held_out}
        return {name: [nats / log(2) for nats in curve] for name, curve in curves.items()}

    def line(self):
        """The last epoch in words."""
        bits = self.bits()
        words = f"{bits['while learning'][-1]:.3f} bits per step"
        return words + (f"; held out {bits['held out'][-1]:.3f}" if self.held_out else "")

    def over(self, epochs, patience=None):
        """Whether all epochs are done, or `patience` of them have gone by since the best one."""
        return len(self.loss) >= epochs or (patience is not None and len(self.loss) - self.best >= patience)


@dataclass
class Run:
    """A training in progress: a model, its optimizer, and whatever else changes on the way.

    scheduler, scaler: from torch, or None. rng: the numpy.random.Generator that draws the order of the batches, or
    None. best: the weights of the best epoch, or None. settings: what must stay as it is when the training goes on, by
    name: numbers, strings and the like.
    """

    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None
    scaler: torch.amp.GradScaler | None = None
    rng: np.random.Generator | None = None
    history: History = field(default_factory=History)
    best: dict | None = None
    settings: dict = field(default_factory=dict)

    def state(self):
        """Everything that changes, as dicts, lists, numbers, strings and tensors; the tensors are the live ones."""
        parts = {name: getattr(self, name) for name in ("model", "optimizer", "scheduler", "scaler")}
        return {
            **{name: None if part is None else part.state_dict() for name, part in parts.items()},
            "best": self.best,
            "history": asdict(self.history),
            "rng": None if self.rng is None else self.rng.bit_generator.state,
            "torch_rng": {name: read() for name, (read, _) in self._generators().items()},
        }

    def load(self, state):
        """Go back to what `state` returned, in a run whose parts are of the same kinds and sizes."""
        for name in ("model", "optimizer", "scheduler", "scaler"):
            if state[name] is not None:
                getattr(self, name).load_state_dict(state[name])
        self.best, self.history = state["best"], History(**state["history"])
        if self.rng is not None and state["rng"] is not None:
            self.rng.bit_generator.state = state["rng"]
        generators, saved = self._generators(), state["torch_rng"]
        for name in {"cpu", *saved} & set(generators):  # a training may go on where there is another device
            generators[name][1](saved[name])

    def weights(self):
        """The weights as they are, copied."""
        return {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}

    def _generators(self):
        """How to read and write the state of torch's generators: the CPU's, and that of a GPU where the model is."""
        device = next(self.model.parameters()).device
        both = {"cpu": (torch.get_rng_state, torch.set_rng_state)}
        if device.type == "cuda":
            both["cuda"] = partial(torch.cuda.get_rng_state, device), partial(torch.cuda.set_rng_state, device=device)
        if device.type == "mps":
            both["mps"] = torch.mps.get_rng_state, torch.mps.set_rng_state
        return both
