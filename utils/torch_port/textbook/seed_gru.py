"""The course's GRU, which resets before the product, as a network of PyTorch."""

import torch
from torch import nn


class SeedGRU(nn.Module):
    """The GRU of lesson 06 over a whole sequence.

    Γu = σ(Wu [c⟨t-1⟩; x⟨t⟩] + bu), Γr = σ(Wr [c⟨t-1⟩; x⟨t⟩] + br), c̃ = tanh(Wc [Γr * c⟨t-1⟩; x⟨t⟩] + bc),
    c⟨t⟩ = Γu * c̃ + (1 - Γu) * c⟨t-1⟩.

    Its parameters are the course's, with the columns of c and of x apart and the rows stacked in the order u, r, c:
    Wx (3 n_c, n_x) acts on x⟨t⟩ and b (3 n_c,) is added; Wh (2 n_c, n_c) acts on c⟨t-1⟩, for u and r; Wc (n_c, n_c)
    acts on Γr * c⟨t-1⟩.
    """

    def __init__(self, P):
        super().__init__()
        n_c = len(P["bu"])
        W = torch.cat([torch.from_numpy(P["W" + gate]) for gate in "urc"])  # (3 n_c, n_c + n_x)
        b = torch.cat([torch.from_numpy(P["b" + gate]) for gate in "urc"])  # (3 n_c, 1)
        self.Wx = nn.Parameter(W[:, n_c:].clone())
        self.Wh = nn.Parameter(W[: 2 * n_c, :n_c].clone())
        self.Wc = nn.Parameter(W[2 * n_c :, :n_c].clone())
        self.b = nn.Parameter(b[:, 0].clone())

    def forward(self, x, c0):
        """x: (T, m, n_x); c0: (m, n_c). Returns all states c (T, m, n_c).

        What x and b give to all gates of all steps is one product before the loop. A row is an example here, so a
        matrix that stood on the left of a column stands on the right of a row, transposed.
        """
        n_c = len(self.Wc)
        from_x = x @ self.Wx.T + self.b  # (T, m, 3 n_c)
        c, states = c0, []
        for step in from_x:
            gates = torch.sigmoid(step[:, : 2 * n_c] + c @ self.Wh.T)  # (m, 2 n_c)
            gate_u, gate_r = gates[:, :n_c], gates[:, n_c:]
            c_tilde = torch.tanh(step[:, 2 * n_c :] + (gate_r * c) @ self.Wc.T)
            c = gate_u * c_tilde + (1 - gate_u) * c
            states.append(c)
        return torch.stack(states)
