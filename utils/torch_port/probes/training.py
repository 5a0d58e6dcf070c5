"""Ask for an epoch of training: where do the weights of a small network stand afterwards, and what was reported?"""

import copy

import torch
from torch import nn

from .asking import array, tensor


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
        a, mean = state
        pushes, seen = self.embed[tokens], []
        for t in range(tokens.shape[1]):
            a = torch.tanh(pushes[:, t] + nn.functional.linear(a, self.Waa))
            mean = 0.5 * mean + a
            seen.append(mean)
        logits = nn.functional.linear(torch.stack(seen, dim=1), self.out)
        return logits * (0.5 if self.training else 1.0), (a, mean)


def train_epoch(answer, weights, batches, limit, learning_rate, momentum, amp=False, scale=None, carry=False):
    """`parameters` of a `Small` after an epoch over batches of x and y (m, T), and `nats_per_step`.

    All is computed in float32, as in training, and handed over in float64. scale: the factor of a GradScaler, None to
    pass none.
    """
    model = Small(weights).eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=momentum)
    scaler = None if scale is None else torch.amp.GradScaler("cpu", init_scale=scale)
    pairs = [tuple(tensor(side) for side in pair) for pair in copy.deepcopy(batches)]
    nats = answer(model, pairs, optimizer, limit, device="cpu", amp=amp, scaler=scaler, carry=carry)
    if nats is None:
        return None
    parameters = {name: array(value.double()) for name, value in model.named_parameters()}
    return {"parameters": parameters, "nats_per_step": array(nats)}
