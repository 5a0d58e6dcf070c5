"""One epoch of training, step by step."""

import torch
from torch import nn
from torch.nn import functional as F


def train_epoch(model, batches, optimizer, limit, device="cpu", amp=False, scaler=None, carry=False):
    """Train on each batch once, in the order given.

    model: called as model(x, state), returns logits (m, T, n_tokens) and the new state, a tuple of tensors.
    batches: pairs (x, y) of whole numbers (m, T); y is -1 where nothing counts. limit: the largest norm of the gradient
    of the mean loss. amp: run the model under autocast in bfloat16. scaler: a torch.amp.GradScaler, None for one that
    does nothing. carry: begin each batch with the state, cut off from its past, in which the last one ended.
    Returns the mean loss of all steps that count, nats per step.
    """
    if scaler is None:
        scaler = torch.amp.GradScaler(enabled=False)
    kind = torch.device(device).type  # "cpu" or "cuda", for autocast
    state, nats, steps = None, 0.0, 0
    model.train()
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        with torch.autocast(kind, dtype=torch.bfloat16, enabled=amp):
            logits, state = model(x, state)
        loss = F.cross_entropy(logits.float().flatten(0, 1), y.flatten(), ignore_index=-1)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), limit)
        scaler.step(optimizer)
        scaler.update()
        state = tuple(part.detach() for part in state) if carry else None
        counted = (y >= 0).sum().item()
        nats, steps = nats + loss.item() * counted, steps + counted
    return nats / steps
