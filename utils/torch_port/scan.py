"""A recurrence without a loop over time: gates that do not look at the state let all steps be computed in a few rounds.

A step h → a h + b is a straight line. Two steps one after the other are a straight line too: first (a, b), then
(a', b') is (a' a, a' b + b'). So every step can first be joined with the one before it, then with the two before those,
the four before those: after round k it stands for 2^k steps, and log2 T rounds are enough.

Source: Hillis and Steele (1986), https://doi.org/10.1145/7902.7903, for the doubling; Feng et al. (2024), "Were RNNs
All We Needed?", arXiv:2410.01201, for the network.
"""

import torch
from torch import nn

from utils.torch_port.door import expect_tensors


def scan_rounds(T):
    """Rounds of doubling for T steps: the smallest k with 2^k ≥ T; none for a single step."""
    if not isinstance(T, int) or isinstance(T, bool) or T < 1:
        raise ValueError(f"T must be a whole number of steps, at least 1, got {T!r}.")
    return (T - 1).bit_length()


def min_gru_scan(z, h_tilde, h0):
    """All states of h⟨t⟩ = (1 - z⟨t⟩) * h⟨t-1⟩ + z⟨t⟩ * h̃⟨t⟩, in `scan_rounds(T)` rounds of doubling.

    z, h_tilde: (T, m, n), z between 0 and 1, both ends included; h0: (m, n). Returns h (T, m, n). The factors 1 - z are
    only ever multiplied, never divided by or put into a logarithm, so closed gates (z = 0) and open ones (z = 1) are
    exact. The work is T log2 T instead of T, the memory for the gradient too. Raises ValueError for other shapes.
    """
    T = expect_tensors(z=(z, "T m n"), h_tilde=(h_tilde, "T m n"), h0=(h0, "m n"))["T"]
    keep, h = 1 - z, z * h_tilde
    h = torch.cat([h[:1] + keep[:1] * h0, h[1:]])  # the first step is done: it starts from h0
    keep, reach = keep[1:], 1
    while reach < T:  # h[t] holds what the last `reach` steps wrote; keep, from step `reach` on, what they leave of h
        h = torch.cat([h[:reach], h[reach:] + keep * h[:-reach]])
        keep = keep[reach:] * keep[:-reach]
        reach *= 2
    return h


class MinGRU(nn.Module):
    """A GRU whose gate and candidate look at the input alone: z = σ(Wz x + bz), h̃ = Wh x + bh, no reset gate.

    Without the state inside the gates the recurrence is a straight line at each step, and `min_gru_scan` applies. What
    is lost: a single layer cannot decide by what it remembers; layers on top of each other can.
    """

    def __init__(self, n_x, n):
        super().__init__()
        self.gate = nn.Linear(n_x, n)
        self.candidate = nn.Linear(n_x, n)

    def forward(self, x, h0=None):
        """States h (T, m, n) from x (T, m, n_x) and h0 (m, n), zeros when None."""
        n = self.gate.out_features
        sizes = expect_tensors({"n_x": self.gate.in_features, "n": n}, x=(x, "T m n_x"))
        h0 = x.new_zeros(sizes["m"], n) if h0 is None else h0
        return min_gru_scan(torch.sigmoid(self.gate(x)), self.candidate(x), h0)
