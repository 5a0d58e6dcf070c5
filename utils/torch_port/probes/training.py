"""Ask for an epoch of training: where do the weights of a small network stand afterwards, and what was reported?"""

import copy

import torch
from torch import nn

from .asking import Unfit, array, tensor


class Small(nn.Module):
    """A network of one symbol a step whose state is a pair, as an LSTM's. While training its output is halved.

    That stands for dropout: it shows whether the network was told to train, and draws nothing at random.
    """

    def __init__(self, weights):
        super().__init__()
        self.embed, self.Waa, self.out = (nn.Parameter(tensor(weights[k], torch.float32)) for k in weights)

    def forward(self, tokens, state=None):
        if state is None:
            state = 2 * (torch.zeros(len(tokens), len(self.Waa)),)
        if not isinstance(state, tuple | list) or len(state) != 2:
            came = f"a {type(state).__name__}" + (f" of {len(state)}" if isinstance(state, tuple | list) else "")
            raise Unfit(f"The model was handed {came} as its state; it wants the pair that it returned, or None.")
        a, mean = state
        pushes, seen = self.embed[tokens], []
        for t in range(tokens.shape[1]):
            a = torch.tanh(pushes[:, t] + nn.functional.linear(a, self.Waa))
            mean = 0.5 * mean + a
            seen.append(mean)
        logits = nn.functional.linear(torch.stack(seen, dim=1), self.out)
        return logits * (0.5 if self.training else 1.0), (a, mean)


class Watched(torch.amp.GradScaler):
    """A scaler that counts its steps, and whose scale is doubled by every update."""

    def __init__(self, scale):
        super().__init__("cpu", init_scale=scale, growth_factor=2.0, growth_interval=1)
        self.steps = 0

    def step(self, optimizer, *args, **kwargs):
        self.steps += 1
        return super().step(optimizer, *args, **kwargs)


def train_epoch(answer, weights, batches, limit, learning_rate, momentum, amp=False, scale=None, carry=False):
    """`parameters` of a `Small` after an epoch over batches of x and y (m, T), and `nats_per_step`.

    All is computed in float32, as in training, and handed over in float64. scale: the factor of a GradScaler, None to
    pass none; `scaler`: how many steps it has made, and its scale afterwards.
    """
    model = Small(weights).eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=momentum)
    scaler = None if scale is None else Watched(scale)
    pairs = [tuple(tensor(side) for side in pair) for pair in copy.deepcopy(batches)]
    nats = answer(model, pairs, optimizer, limit, device="cpu", amp=amp, scaler=scaler, carry=carry)
    if nats is None:
        return None
    if isinstance(nats, torch.Tensor):
        raise Unfit("train_epoch should return a plain number; loss.item() makes one of the loss.")
    parameters = {name: array(value.double()) for name, value in model.named_parameters()}
    used = None if scaler is None else {"steps": scaler.steps, "scale": scaler.get_scale()}
    return {"parameters": parameters, "nats_per_step": array(nats), "scaler": used}
