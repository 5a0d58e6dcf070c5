"""The dinosaur model trained by several processes at once, each with a share of every batch.

    torchrun --nproc-per-node 2 -m utils.torch_port.distributed --epochs 2

Each process has the whole model and draws the same order of names, but reads only its rows of a batch. Gradients are
added up over the processes by DistributedDataParallel (DDP), after which all of them make the same step.

DDP takes the mean of the W gradients. The loss that one process would have is Σ nats / N, over all rows and all N steps
that count. Shares differ in how many steps count, so the mean of the shares' own means is another number: it would
weigh a step in a short share more than one in a long share. So process r divides its nats by all N steps, and W undoes
DDP's mean:

    loss_r = nats_r · W / N        (1 / W) Σ_r ∇loss_r = ∇ (Σ_r nats_r / N)
"""

import argparse
import contextlib
import gc
import json
import os
import sys
from math import log
from pathlib import Path

import numpy as np
import torch
from torch import distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from utils.errors import CourseError
from utils.paths import write_atomic
from utils.reference.door import expect_number
from utils.torch_port.devices import on_threads
from utils.torch_port.models import CharLM
from utils.torch_port.packages import needed
from utils.torch_port.text_batches import END, N_TOKENS, NOTHING, NameBatches, split_names
from utils.torch_port.training import evaluate, summed_nats

COMMAND = "torchrun --nproc-per-node 2 -m utils.torch_port.distributed"


def share_of(x, y, rank, world):
    """Rows rank, rank + world, … of a batch. Where none is left, one row in which no step counts: all have to take part
    in adding up the gradients, or the others wait for ever."""
    if rank < len(x):
        return x[rank::world], y[rank::world]
    return torch.full_like(x[:1], END), torch.full_like(y[:1], NOTHING)


def sum_over_processes(tensor):
    """The sum of a tensor over all processes, a new tensor; with one process, the tensor itself."""
    if dist.is_initialized():
        tensor = tensor.clone()
        dist.all_reduce(tensor)
    return tensor


def train_shared_epoch(model, batches, optimizer, limit, rank=0, world=1, device="cpu") -> float:
    """`train_epoch` for one of `world` processes, each of which is given the same batches and takes its share of them.

    model: wrapped in DistributedDataParallel, unless world is 1. Returns nats per step of all shares together, the same
    in all processes.
    """
    model.train()
    total = torch.zeros(2, dtype=torch.float64, device=device)  # nats and steps of this process
    for whole in batches:
        x, y = (part.to(device) for part in share_of(*whole, rank, world))
        nats, steps = summed_nats(model(x)[0], y), (y != NOTHING).sum()
        optimizer.zero_grad()
        (nats * world / sum_over_processes(steps)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), limit)  # of the whole gradient, which all processes have by now
        optimizer.step()
        total += torch.stack([nats.detach().double(), steps.double()])
    nats, steps = sum_over_processes(total).tolist()
    return nats / steps


@contextlib.contextmanager
def processes(device):
    """The block in which the processes that torchrun started know each other. Gives rank, world and this one's device.

    Without torchrun: 0, 1 and the device. CourseError for more processes than GPUs.
    """
    if "RANK" not in os.environ:
        yield 0, 1, device
        return
    if device == "cuda":
        here, cards = int(os.environ["LOCAL_WORLD_SIZE"]), torch.cuda.device_count()
        if here > cards:
            raise CourseError(
                f"{here} processes need {here} GPUs and this machine has {cards}: start fewer, or take --device cpu."
            )
        device = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    try:
        yield dist.get_rank(), dist.get_world_size(), device
    finally:
        gc.collect()  # a DDP model is part of a cycle; left over, its threads would end with the interpreter, and badly
        dist.destroy_process_group()


def train(options, rank=0, world=1, device="cpu"):
    """The whole training, in each of the processes. Returns the model and the losses, in nats per character."""
    _expect_options(options)
    if options.batch < world:
        raise CourseError(
            f"A batch of {options.batch} names cannot be shared by {world} processes: take --batch {world} or more, or "
            "start fewer processes."
        )
    known, held_out = split_names(options.seed, options.names)
    torch.manual_seed(options.seed)
    plain = CharLM(N_TOKENS, options.embed, options.hidden).to(device)
    model = plain if world == 1 else DistributedDataParallel(plain)
    optimizer = torch.optim.Adam(model.parameters(), options.learning_rate)
    batches = NameBatches(known, options.batch, np.random.default_rng(options.seed))
    losses = {"processes": world, "loss": [], "held_out": []}
    for epoch in range(1, options.epochs + 1):
        losses["loss"].append(train_shared_epoch(model, batches, optimizer, options.limit, rank, world, device))
        if rank == 0:
            losses["held_out"].append(evaluate(plain, NameBatches(held_out, 256), device))
            bits, held_out_bits = (losses[name][-1] / log(2) for name in ("loss", "held_out"))
            words = f"{bits:.3f} bits per character; held out {held_out_bits:.3f}"
            print(f"epoch {epoch:3d} of {options.epochs}: {words}", flush=True)
    return plain, losses


def _expect_options(options):
    """CourseError for a number that makes no sense."""
    try:
        for name in ("epochs", "batch", "embed", "hidden"):
            expect_number(f"--{name}", getattr(options, name), least=1, whole=True)
        expect_number("--seed", options.seed, least=0, whole=True)
        expect_number("--names", 2 if options.names is None else options.names, least=2, whole=True)
        expect_number("--learning-rate", options.learning_rate, above=0)
        expect_number("--limit", options.limit, above=0, infinite=True)
    except ValueError as error:
        raise CourseError(str(error)) from None


def parse(arguments=None):
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        prog=COMMAND,
        description="Train the dinosaur model with several processes, each with a share of every batch.",
    )
    for name, value, words in (
        ("epochs", 10, "how often the names are gone through"),
        ("batch", 32, "names in a batch, all processes together"),
        ("embed", 16, "numbers in an embedding"),
        ("hidden", 64, "units of the LSTM"),
        ("seed", 0, "of the split, the first weights and the order of the names"),
        ("names", None, "only so many names, the first ones"),
    ):
        parser.add_argument(f"--{name}", type=int, default=value, metavar="N", help=words)
    parser.add_argument("--learning-rate", type=float, default=0.003, metavar="A", help="of Adam")
    parser.add_argument("--limit", type=float, default=1.0, metavar="L", help="largest norm of the gradient")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the losses go, as JSON")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="where the weights go, as safetensors")
    return parser.parse_args(arguments)


def main(arguments=None):
    """One process of the command above, or all of it without torchrun. Returns the exit code."""
    options, rank = parse(arguments), int(os.environ.get("RANK", 0))
    try:
        with processes(options.device) as (rank, world, device):
            if world == 1 and rank == 0 and "RANK" not in os.environ:
                print("One process, as this was started without torchrun; for two of them:", COMMAND, flush=True)
            with on_threads(1):
                model, losses = train(options, rank, world, device)
        if rank == 0 and options.out:
            write_atomic(options.out, json.dumps(losses))
        if rank == 0 and options.weights:
            weights = {name: tensor.cpu() for name, tensor in model.state_dict().items()}
            write_atomic(options.weights, needed("safetensors.torch", "Saving weights").save(weights))
    except CourseError as error:
        if rank == 0:
            print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
