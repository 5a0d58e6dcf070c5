"""Ask a network for numbers: what its layers hold, what it says, and what dropout does to it."""

import torch
from torch import nn

from .asking import Unfit, array, course_axes, tensor

LAYERS = {"embed": nn.Embedding, "rnn": nn.LSTM, "drop": nn.Dropout, "out": nn.Linear}


def CharLM(answer, sizes, dropout, weights, tokens, h0, c0):
    """A CharLM of these sizes (n_tokens, n_embed, n_hidden) with these weights, asked in five ways.

    tokens: (m, T); h0, c0: (n_hidden, m). `layers`: its sizes, and the share that dropout would take. `logits`
    (n_tokens, m, T) and `state`, both (n_hidden, m), from no state and not training; `from_state`: logits from h0, c0;
    `training`: logits while training when dropout takes nothing, and when it takes everything, for then no mask has to
    be drawn; `dembed`: the gradient of a weighted sum of the logits.
    """
    torch.manual_seed(0)  # what an answer draws is the same each time
    tokens = tensor(tokens)
    model = _filled(answer(*sizes, dropout), weights)
    model.eval()
    logits, state = _call(model, tokens)
    given = tuple(tensor(s, torch.float64).T[None].contiguous() for s in (h0, c0))
    expected = (len(tokens), tokens.shape[1], sizes[0])
    if isinstance(logits, torch.Tensor) and tuple(logits.shape) != expected:
        raise Unfit(f"The logits should have shape (m, T, n_tokens) = {expected}, got {tuple(logits.shape)}.")
    return {
        "layers": {"n_embed": model.embed.embedding_dim, "n_hidden": model.rnn.hidden_size, "dropout": model.drop.p},
        "logits": course_axes(logits),
        "state": tuple(array(s)[0].T for s in state),
        "from_state": course_axes(_call(model, tokens, given)[0]),
        "training": {
            "nothing_dropped": _training(answer(*sizes), weights, tokens),
            "all_dropped": _training(answer(*sizes, dropout=1.0), weights, tokens),
        },
        "dembed": _dembed(model, logits),
    }


def _filled(model, weights):
    """The model in float64 with these weights. Unfit unless it has the four layers, of the right sizes."""
    if not isinstance(model, nn.Module):
        raise Unfit(f"CharLM should be a class that inherits from nn.Module; CharLM(…) gave {type(model).__name__}.")
    for name, kind in LAYERS.items():
        layer = getattr(model, name, None)
        if not isinstance(layer, kind):
            came = "is missing" if layer is None else f"is {type(layer).__name__}"
            raise Unfit(f"self.{name} should be an nn.{kind.__name__}; it {came}.")
    there = dict(model.named_parameters())
    if extra := sorted(set(there) - set(weights)):
        raise Unfit(f"It has {extra[0]}, which is not asked for: four layers, and in rnn one layer in one direction.")
    for name, value in weights.items():
        if name not in there:
            raise Unfit(f"{name} is missing; leave bias=True, as it is by default.")
        if tuple(there[name].shape) != value.shape:
            raise Unfit(f"{name} should have shape {value.shape}, got {tuple(there[name].shape)}.")
    model.double()
    with torch.no_grad():
        for name, value in weights.items():
            there[name].copy_(tensor(value))
    return model


def _call(model, tokens, *state):
    """Logits and state. Unfit unless these two came, the state as a pair."""
    value = model(tokens, *state)
    if not isinstance(value, tuple | list) or len(value) != 2:
        came = f"{len(value)} values" if isinstance(value, tuple | list) else type(value).__name__
        raise Unfit(f"forward should return two things, logits and state, got {came}.")
    logits, new = value
    if not isinstance(logits, torch.Tensor):
        raise Unfit(f"The logits should be a tensor, got {type(logits).__name__}.")
    if not isinstance(new, tuple | list) or len(new) != 2:
        raise Unfit(f"The state of an LSTM is a pair (h, c), as nn.LSTM returns it; got {type(new).__name__}.")
    return logits, new


def _training(model, weights, tokens):
    model = _filled(model, weights)
    model.train()
    return course_axes(_call(model, tokens)[0])


def _dembed(model, logits):
    """The gradient of a weighted sum of the logits with respect to the embedding's table, (n_tokens, n_embed)."""
    weights = torch.linspace(-1, 1, logits.numel(), dtype=logits.dtype).reshape(logits.shape)
    if not logits.requires_grad:
        raise Unfit("The logits remember nothing of how they were made; leave detach and no_grad out of forward.")
    (gradient,) = torch.autograd.grad((weights * logits).sum(), model.embed.weight, allow_unused=True)
    if gradient is None:
        raise Unfit("The logits do not depend on embed.weight; look the tokens up with self.embed(tokens).")
    return array(gradient)
