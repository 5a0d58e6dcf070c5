"""The part that measures our training loop beside what it cannot do without, the recurrent layer in cuDNN."""

import torch
from torch import nn

from utils.torch_port.models import CharLM
from utils.torch_port.text_batches import N_TOKENS
from utils.torch_port.training import train_epoch

from .gpu_clock import measured, products_in, tried
from .gpu_layers import engine, there_and_back
from .gpu_speed import BAR_PRECISION

PRECISIONS = ("tf32", "fp32", "bf16 autocast")  # those in which our loop trains, that of the bar first


def step(sizes, device, peaks, say):
    """Tokens per second of a whole training step over those of the layer alone, in each precision.

    Ours is `train_epoch` on a CharLM of the layer's width n: batches of tokens on the CPU, copied to the card;
    embedding (27 tokens, n numbers each), nn.LSTM, output layer, cross-entropy, backward through all of them, the norm
    of all gradients and their clipping, AdamW (fused). The other side is an nn.LSTM of the same sizes with nothing
    around it: forward, and backward from a gradient that is already there, to its input and its weights. The batch
    comes first in both.
    """
    found = []
    for precision in PRECISIONS:
        with products_in(precision):
            builders = {
                "ours": lambda p=precision: our_steps(sizes, p, device),
                "bare": lambda p=precision: bare_layer(sizes, p, device),
            }
            library, why = tried(engine, "LSTM", precision, device)
            row = {"precision": precision, "runs_on": library or why}
            row |= compared(measured(builders, sizes.rounds, device), sizes)
        found.append(row)
        say(f"step, {precision}, nn.LSTM on {row['runs_on']}: ours over bare {row['ours_over_bare'] or row['why_not']}")
        yield {"step": found} | ({"step_over_cudnn": row["ours_over_bare"]} if precision == BAR_PRECISION else {})


def compared(taken, sizes):
    """Tokens per second of both sides and their ratio, from seconds, or why there are none."""
    why = next((f"{who}: {why}" for who, why in taken.items() if isinstance(why, str)), None)
    ours, bare, ratio = None, None, None
    if not why:
        ours, bare = sizes.step_batches * sizes.layer.tokens / taken["ours"], sizes.layer.tokens / taken["bare"]
        ratio = ours / bare
    return {"ours_tokens_per_second": ours, "bare_tokens_per_second": bare, "ours_over_bare": ratio, "why_not": why}


def our_steps(sizes, precision, device):
    """train_epoch over a few batches of random tokens."""
    torch.manual_seed(0)
    n, m, T = sizes.layer.width, sizes.layer.batch, sizes.layer.length
    model = CharLM(N_TOKENS, n, n).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    text = torch.randint(N_TOKENS, (sizes.step_batches, m, T + 1))
    batches = [(rows[:, :-1].contiguous(), rows[:, 1:].contiguous()) for rows in text]
    return lambda: train_epoch(model, batches, optimizer, 1.0, device, amp=precision == "bf16 autocast")


def bare_layer(sizes, precision, device):
    """The recurrent layer of such a model, alone."""
    torch.manual_seed(0)
    n, m, T = sizes.layer.width, sizes.layer.batch, sizes.layer.length
    layer = nn.LSTM(n, n, batch_first=True, device=device)
    x = torch.randn(m, T, n, device=device, requires_grad=True)
    return there_and_back(lambda: layer(x)[0], [x, *layer.parameters()], precision, device)
