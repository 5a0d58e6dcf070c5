"""Let an answer draw from a small model that looks at how it is called."""

import torch
from torch import nn

from utils.torch_port.devices import on_threads

from .asking import Unfit, array


class Watched(nn.Module):
    """A model of symbols with dropout, its weights drawn from a seed. It notes whether gradients are kept."""

    def __init__(self, n_tokens, n, seed):
        super().__init__()
        source = torch.Generator().manual_seed(seed)
        self.read, self.keep, self.say = (
            nn.Parameter(scale * torch.randn(*shape, generator=source, dtype=torch.float64))
            for scale, shape in ((1.2, (n_tokens, n)), (0.9, (n, n)), (0.8, (n, n_tokens)))
        )
        self.drop = nn.Dropout(0.5)
        self.kept_gradients = False

    def forward(self, tokens, state=None):
        if tokens.ndim != 2 or tokens.shape[1] != 1 or tokens.dtype != torch.int64:
            kind = str(tokens.dtype).removeprefix("torch.")
            raise Unfit(f"The model reads tokens of shape (m, 1), int64; it was given {tuple(tokens.shape)}, {kind}.")
        self.kept_gradients |= torch.is_grad_enabled()
        state = self.read[tokens[:, 0]] if state is None else torch.tanh(self.read[tokens[:, 0]] + state @ self.keep)
        return (self.drop(state) @ self.say)[:, None], state  # (m, 1, n_tokens), (m, n)


@on_threads(1)
def sample_batch(answer, n_tokens, n, m, max_length, temperature, seed, training, own_generator=True):
    """`tokens` (m, max_length) drawn from a model of so many symbols, and the `first` of each row alone; the mode
    that the model is in afterwards, and whether the tape was kept.

    training: the mode it comes in. own_generator: False leaves the drawing to PyTorch's own one.
    """
    torch.default_generator.manual_seed(seed)
    model = Watched(n_tokens, n, seed + 1).train(training)
    generator = torch.Generator().manual_seed(seed + 2) if own_generator else None
    tokens = answer(model, m, max_length, temperature, generator)
    if tokens is None:
        return None
    if not isinstance(tokens, torch.Tensor):
        raise Unfit("sample_batch should return one tensor of whole numbers, (m, max_length).")
    if tokens.ndim != 2:
        raise Unfit(f"sample_batch should return tokens of shape (m, max_length), got shape {tuple(tokens.shape)}.")
    modes = {model.training, model.drop.training}
    now = "as before" if modes == {training} else "mixed" if len(modes) == 2 else "eval" if training else "train"
    return {
        "first": array(tokens[..., 0]),
        "tokens": array(tokens),
        "the mode afterwards": now,
        "the tape": "kept" if model.kept_gradients else "not kept",
    }
