"""A recurrence that need not wait for the step before."""

import torch


def min_gru_scan(z, h_tilde, h0):
    """All states of h⟨t⟩ = (1 - z⟨t⟩) * h⟨t-1⟩ + z⟨t⟩ * h̃⟨t⟩ in about log2 T rounds, without a loop over the steps.

    z, h_tilde: (T, m, n), z between 0 and 1; h0: (m, n). Returns h (T, m, n).

    A stretch of steps makes keep * h + add of the state before it. Of two stretches, the later (keep, add) and the one
    before it (keep', add'), both together make keep * keep' and keep * add' + add. Before the first round each
    stretch is one step; each round joins every stretch with the one that ends just before it begins.
    """
    keep, add = 1 - z, z * h_tilde
    reach = 1  # steps in a stretch
    while reach < len(z):
        add = torch.cat([add[:reach], keep[reach:] * add[:-reach] + add[reach:]])
        keep = torch.cat([keep[:reach], keep[reach:] * keep[:-reach]])
        reach = 2 * reach
    return keep * h0 + add
