"""A recurrence in log2 T rounds: equal to the loop, safe at closed and open gates, with its gradient."""

import numpy as np
import pytest
import torch
from nearness import near
from refusals import refused

from utils.torch_port.scan import MinGRU, min_gru_scan, scan_rounds

M, N, N_X = 4, 5, 3


def loop(z, h_tilde, h):
    """The equation, step by step."""
    states = []
    for z_t, new in zip(z, h_tilde, strict=True):
        h = (1 - z_t) * h + z_t * new
        states.append(h)
    return torch.stack(states)


def numbers(rng, T, kind="between", grad=False):
    z = rng.random((T, M, N))
    if kind == "ends":  # closed and open gates, and what lies next to them
        z = rng.choice([0.0, 1.0, 1e-300, 1 - 1e-16], size=z.shape)
    elif kind == "closed":
        z[:] = 0
    elif kind == "open":
        z[:] = 1
    parts = z, 3 * rng.standard_normal((T, M, N)), 2 * rng.standard_normal((M, N))
    return [torch.tensor(part, requires_grad=grad) for part in parts]


@pytest.mark.parametrize("T", [1, 2, 3, 6, 7, 8, 9, 64, 100, 1000])
@pytest.mark.parametrize("kind", ["between", "ends", "closed", "open"])
def test_states_and_gradients_are_the_loop_s(T, kind, rng):
    got, want = numbers(rng, T, kind, grad=True), None
    want = [one.detach().clone().requires_grad_() for one in got]
    h, expected = min_gru_scan(*got), loop(*want)
    near(h.detach(), expected.detach())
    weights = torch.tensor(rng.standard_normal(h.shape))
    (weights * h).sum().backward()
    (weights * expected).sum().backward()
    for one, other in zip(got, want, strict=True):
        near(one.grad, other.grad)


@pytest.mark.parametrize("T", [1, 5, 8])
def test_the_gradient_passes_its_check(T, rng):
    z, h_tilde, h0 = numbers(rng, T, grad=True)
    assert torch.autograd.gradcheck(min_gru_scan, (z, h_tilde, h0))


def test_a_thousand_nearly_closed_gates_underflow_to_nothing(rng):
    """The product of all factors is below the smallest number; logarithms or divisions would break here."""
    z, h_tilde, h0 = numbers(rng, 1000)
    h = min_gru_scan(1 - 1e-3 * z, h_tilde, h0)
    assert torch.isfinite(h).all()
    near(h, loop(1 - 1e-3 * z, h_tilde, h0))


@pytest.mark.parametrize(
    ("T", "rounds"), [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4), (1024, 10), (1025, 11)]
)
def test_the_rounds_are_counted(T, rounds, rng, monkeypatch):
    """Each round joins once; T = 1 needs none. The first join puts h0 in."""
    joins = []
    cat = torch.cat
    monkeypatch.setattr(torch, "cat", lambda parts, *rest: joins.append(1) or cat(parts, *rest))
    z, h_tilde, h0 = numbers(rng, T)
    min_gru_scan(z, h_tilde, h0)
    assert scan_rounds(T) == rounds == len(joins) - 1


def test_nothing_is_changed_in_place(rng):
    parts = numbers(rng, 9)
    kept = [one.clone() for one in parts]
    min_gru_scan(*parts)
    assert all(torch.equal(one, other) for one, other in zip(parts, kept, strict=True))


def test_min_gru_is_gate_candidate_and_scan(rng):
    torch.manual_seed(1)
    net = MinGRU(N_X, N).double()
    x, h0 = torch.tensor(rng.standard_normal((7, M, N_X))), torch.tensor(rng.standard_normal((M, N)))
    Wz, bz, Wh, bh = (parameter.detach().numpy() for parameter in net.parameters())
    z = 1 / (1 + np.exp(-(x.numpy() @ Wz.T + bz)))
    want = loop(torch.tensor(z), torch.tensor(x.numpy() @ Wh.T + bh), h0)
    near(net(x, h0).detach(), want)
    near(net(x).detach(), net(x, torch.zeros(M, N).double()).detach(), 0)
    assert net(x).shape == (7, M, N)
    net(x, h0).sum().backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in net.parameters())


def test_what_does_not_fit_is_refused(rng):
    z, h_tilde, h0 = numbers(rng, 6)
    refused(lambda: min_gru_scan(z, h_tilde[:5], h0), "h_tilde", "(T, m, n) with T = 6", "(5, 4, 5)")
    refused(lambda: min_gru_scan(z, h_tilde, h0[:1]), "h0", "(m, n) with m = 4", "(1, 5)")
    refused(lambda: min_gru_scan(z.numpy(), h_tilde, h0), "z", "a tensor of shape (T, m, n)", "ndarray")
    refused(lambda: min_gru_scan(z[:0], h_tilde[:0], h0), "z", "empty along T", "(0, 4, 5)")
    refused(lambda: MinGRU(N_X, N)(torch.zeros(6, M, 2)), "x", "(T, m, n_x) with n_x = 3", "(6, 4, 2)")
    refused(lambda: MinGRU(N_X, N)(torch.zeros(6, M, N_X), h0[:, :3]), "h0", "(m, n) with n = 5", "(4, 3)")
    for T in (0, 2.0, True):
        refused(lambda T=T: scan_rounds(T), "T", "at least 1", repr(T))
