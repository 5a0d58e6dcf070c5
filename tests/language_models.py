"""What the tests of training share: small language models with nothing zero in them, batches with holes, plain Adam."""

import torch
from tensors import tangled

from utils.torch_port.models import CharLM
from utils.torch_port.text_batches import NOTHING

torch.set_num_threads(1)  # products as small as these get slower when threads share them
N_TOKENS, N_EMBED, N_HIDDEN, M, T = 7, 3, 5, 4, 6  # all different
ARCHITECTURE = {"n_tokens": N_TOKENS, "n_embed": N_EMBED, "n_hidden": N_HIDDEN, "dropout": 0.25}


def small_model(seed=0, dropout=0.0, dtype=torch.float64):
    """A CharLM whose parameters are all drawn from the seed, biases too."""
    torch.manual_seed(seed)
    return tangled(CharLM(N_TOKENS, N_EMBED, N_HIDDEN, dropout)).to(dtype)


def small_batches(n=3, m=M, steps=T, seed=1):
    """n batches (x, y): rows of all lengths from 1 to `steps`, so that each batch has another number of steps."""
    draw = torch.Generator().manual_seed(seed)
    batches = []
    for _ in range(n):
        x, y = (torch.randint(N_TOKENS, (m, steps), generator=draw) for _ in range(2))
        lengths = torch.randint(1, steps + 1, (m, 1), generator=draw)
        batches.append((x, torch.where(torch.arange(steps) < lengths, y, NOTHING)))
    return batches


def nats_by_hand(model, x, y, state=None):
    """-Σ log softmax(logits)[y] one step after another, over the steps that count; and the number of them."""
    logits, _ = model(x, state)
    log_p = logits - logits.logsumexp(dim=2, keepdim=True)
    places = [(i, t) for i in range(len(y)) for t in range(y.shape[1]) if y[i, t] != NOTHING]
    return -sum(log_p[i, t, y[i, t]] for i, t in places), len(places)


def weights_of(model):
    """A copy of all weights."""
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same_weights(one, other):
    """Whether two dicts hold the same tensors, bit by bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def furthest(one, other):
    """The largest difference between two dicts of tensors."""
    return max(float((one[name] - other[name]).abs().max()) for name in one)
