"""Training on any device: one epoch, and the loop around it with held-out data, early stopping and checkpoints.

A batch is a pair (x, y), both int64 (m, T): what is read, and what is asked for after each step, -1 where nothing is.
A model is called as model(x, state) -> logits (m, T, n_tokens), state; state None is the beginning of all.
"""

import contextlib
from math import isfinite

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from utils.errors import CourseError
from utils.reference.door import expect_number
from utils.torch_port.checkpoints import load_checkpoint, save_checkpoint
from utils.torch_port.devices import expect_device, explain_out_of_memory, half_precision, on_threads, scaler_for
from utils.torch_port.door import expect_tokens
from utils.torch_port.run import History, Run
from utils.torch_port.schedule import stepping, warmup_cosine
from utils.torch_port.text_batches import NOTHING


def train_epoch(model, batches, optimizer, limit, device="cpu", amp=False, scaler=None, carry=False) -> float:
    """One step of the optimizer for each batch. Returns nats per step: all nats of the epoch / all steps that count.

    limit: largest norm of the gradient of the mean loss. amp: products in bfloat16. scaler: a torch.amp.GradScaler,
    which float16 needs (see `half_precision`), or None; gradients are brought back to their own size before they are
    clipped. carry: the state goes on from batch to batch, but no gradient does; otherwise each batch starts from zeros.

    A batch in which no step counts moves a carried state on, and no weight. ValueError when no batch comes, when no
    step counts in any of them, and for batches of another kind.
    """
    scaler = torch.amp.GradScaler(enabled=False) if scaler is None else scaler
    model.train()
    all_nats, counts, state = [], [], None
    for x, y, steps in _counted(batches, carry):
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)  # both before the GPU is busy with one
        with half_precision(device, amp):
            logits, state = model(x, detached(state) if carry else None)
        if not steps:
            continue
        nats = summed_nats(logits, y)
        optimizer.zero_grad()
        scaler.scale(nats / steps).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), limit)
        scaler.step(optimizer)
        scaler.update()
        all_nats.append(nats.detach())  # read when the epoch is over: to look at a number is to wait for the GPU
        counts.append(steps)
    return _per_step(all_nats, counts)


def evaluate(model, batches, device="cpu", amp=False, carry=False) -> float:
    """Nats per step without learning and without dropout; arguments, result and errors as for `train_epoch`."""
    all_nats, counts, state = [], [], None
    with as_in_use(model):
        for x, y, steps in _counted(batches, carry):
            with half_precision(device, amp):
                logits, state = model(x.to(device), state if carry else None)
            all_nats.append(summed_nats(logits, y.to(device)))
            counts.append(steps)
    return _per_step(all_nats, counts)


def summed_nats(logits, y):
    """-Σ log p(y) over the steps that count, in nats, at least in float32. logits: (m, T, n_tokens); y: (m, T)."""
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=NOTHING, reduction="sum")


def detached(state):
    """A state, cut off from the gradients of its past: None, a tensor, or a tuple of states."""
    if state is None or isinstance(state, torch.Tensor):
        return None if state is None else state.detach()
    return tuple(map(detached, state))


@contextlib.contextmanager
def as_in_use(model):
    """The block in which a model does not learn: no dropout, no gradients. Afterwards every part is as it was."""
    learning = [part for part in model.modules() if part.training]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part in learning:
            part.training = True


def _counted(batches, carry):
    """(x, y, number of steps that count) of each batch. The doors stand here, before anything goes to a GPU."""
    sizes = {}
    for batch in batches:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise ValueError(f"batches must hold pairs (x, y), got {type(batch).__name__}.")
        x, y = batch
        sizes = expect_tokens({"m": sizes["m"]} if carry and sizes else {}, x=(x, "m T"), y=(y, "m T"))
        if x.min() < 0 or y.min() < NOTHING:
            came = f"{x.min()} in x, {y.min()} in y"
            raise ValueError(f"batches must hold tokens from 0 on, and -1 in y where nothing is asked, got {came}.")
        yield x, y.long(), int((y != NOTHING).sum())


def _per_step(all_nats, counts):
    if not sum(counts):
        raise ValueError("batches must hold at least one step that counts (y is not -1), got none.")
    return sum(map(float, all_nats)) / sum(counts)


def fit(
    model, train_batches, held_out=None, *, epochs=20, learning_rate=0.003, weight_decay=0.0, warmup=None, limit=1.0,
    patience=None, device="cpu", threads=1, amp=False, carry=False, progress=False, watch=None, checkpoint=None,
    resume=None, architecture=None,
) -> History:  # fmt: skip
    """Train a model in place, on `device`, with AdamW, which without weight_decay is Adam. Returns the History.

    train_batches: gone through once an epoch, such as NameBatches or a list. held_out: batches that are never learned
    from, or None. With them the model ends with the weights of its best epoch, and after `patience` epochs without a
    better one (None: never) the training stops.

    warmup: the share of all steps in which the learning rate rises, after which it falls along a cosine; None keeps it
    constant. limit, amp, carry: see `train_epoch`. threads: of the CPU; more than one only help wide layers. progress:
    print lines. watch: called as watch(epoch, model) after each epoch.

    checkpoint: a file in which each epoch leaves everything; resume: such a file, to go on from, with the same settings
    (`patience` and, without warmup, `epochs` may be others). architecture: see `save_checkpoint`.

    ValueError for settings outside their range and for batches of another kind; CourseError when the loss is no number
    any more, when the GPU's memory is full, and for a device or a file that cannot be used.
    """
    settings = {"learning_rate": learning_rate, "weight_decay": weight_decay, "limit": limit, "warmup": warmup}
    _expect_settings(train_batches, held_out, epochs, patience, threads, settings)
    model.to(expect_device(device))
    optimizer = torch.optim.AdamW(model.parameters(), learning_rate, weight_decay=weight_decay)
    scheduler = None if warmup is None else warmup_cosine(optimizer, epochs * len(train_batches), warmup)
    settings |= {"amp": amp, "carry": carry, "held_out": held_out is not None, "batches": len(train_batches)}
    settings |= {} if warmup is None else {"epochs": epochs}
    scaler = scaler_for(device, amp)
    run = Run(model, optimizer, scheduler, scaler, rng=getattr(train_batches, "rng", None), settings=settings)
    with on_threads(threads), explain_out_of_memory(getattr(train_batches, "size", None)):
        if resume is not None:
            load_checkpoint(resume, run, architecture)
        elif held_out is not None:
            evaluate(model, held_out, device, amp, carry)  # so that a fault in it is found before the first step
        while not run.history.over(epochs, patience):
            batches = train_batches if scheduler is None else stepping(train_batches, scheduler)
            learning_rate = optimizer.param_groups[0]["lr"]
            loss = train_epoch(model, batches, optimizer, limit, device, amp, scaler, carry)
            _note(run, loss, None if held_out is None else evaluate(model, held_out, device, amp, carry), learning_rate)
            epoch = len(run.history.loss)
            if checkpoint is not None:
                save_checkpoint(checkpoint, run, architecture)
            if watch is not None:
                watch(epoch, model)
            if progress and (epoch % max(1, epochs // 5) == 0 or run.history.over(epochs, patience)):
                print(f"epoch {epoch:3d} of {epochs}: {run.history.line()}", flush=True)
    if run.best is not None:
        model.load_state_dict(run.best)
    return run.history


def _note(run, loss, held_out, learning_rate):
    """Add an epoch to the history, and keep its weights if it was the best one so far."""
    history = run.history
    if not isfinite(loss) or not isfinite(held_out or 0):
        raise CourseError(
            f"In epoch {len(history.loss) + 1} the loss became {loss if not isfinite(loss) else held_out}: begin again "
            "with a smaller learning_rate, or a smaller limit on the gradient."
        )
    history.loss.append(loss)
    history.learning_rates.append(learning_rate)
    if held_out is not None:
        history.held_out.append(held_out)
        if not history.best or held_out < history.held_out[history.best - 1]:
            history.best, run.best = len(history.held_out), run.weights()


def _expect_settings(train_batches, held_out, epochs, patience, threads, settings):
    for name, batches in {"train_batches": train_batches, "held_out": held_out}.items():
        if batches is not None and not hasattr(batches, "__len__") or batches is None and name == "train_batches":
            came = type(batches).__name__
            raise ValueError(f"{name} must be batches to go through every epoch, such as a list of them, got {came}.")
    expect_number("epochs", epochs, least=1, whole=True)
    expect_number("threads", threads, least=1, whole=True)
    expect_number("learning_rate", settings["learning_rate"], above=0)
    expect_number("weight_decay", settings["weight_decay"], least=0)
    expect_number("limit", settings["limit"], above=0, infinite=True)
    if settings["warmup"] is not None:
        expect_number("warmup", settings["warmup"], least=0, most=1)
    if patience is not None:
        expect_number("patience", patience, least=1, whole=True)
        if held_out is None:
            raise ValueError("patience needs held_out: without it nothing says when to stop.")
