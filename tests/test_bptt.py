"""Backpropagation through time in windows and with checkpoints, beside PyTorch and beside one pass over everything."""

import math
import tracemalloc

import numpy as np
import pytest
from nearness import BOTH, N_X, N_Y, M, T, near, sequence

from utils import reference
from utils.checking.exercises import draw

RECURRENT, OUTPUT = ("dWax", "dWaa", "dba"), ("dWya", "dby")


def one_pass(x, targets, a0, P, mask=None):
    """The full gradient from the functions of lesson 02: G, loss, last state."""
    a, y_pred, caches = reference.rnn_forward(x, a0, P)
    dWya, dby, da, loss = reference.output_layer_backward(y_pred, targets, a, P, mask)
    G = reference.rnn_backward(da, caches)
    return {name: G[name] for name in RECURRENT} | {"dWya": dWya, "dby": dby}, loss, a[:, :, -1]


def torch_windows(torch, x, targets, a0, P, window, mask=None):
    """The same in PyTorch, the state cut off from its past at the first step of each window."""
    Q = {k: torch.tensor(v, requires_grad=True) for k, v in P.items()}
    a, loss = torch.tensor(a0), 0.0
    for t in range(x.shape[2]):
        if t % window == 0:
            a = a.detach()
        a = torch.tanh(Q["Wax"] @ torch.tensor(x[:, :, t]) + Q["Waa"] @ a + Q["ba"])
        z = (Q["Wya"] @ a + Q["by"]).T
        each = torch.nn.functional.cross_entropy(z, torch.tensor(targets[:, t]), reduction="none")
        loss = loss + (each if mask is None else each[torch.tensor(mask[:, t])]).sum()
    loss.backward()
    return {"d" + k: q.grad.numpy() for k, q in Q.items()}, loss.item(), a.detach().numpy()


@BOTH
def test_two_windows_on_paper(maths):
    # One unit, states 0.6 and 0.5 (a0 = 0.2), both classes equally probable, so dz = (-0.5, 0.5) and da = -1.
    P = {k: np.array([[v]]) for k, v in {"Wax": 1.0, "Waa": 0.5, "ba": 0.0}.items()}
    P |= {"Wya": np.array([[1.0], [-1.0]]), "by": np.zeros((2, 1))}
    x = np.array([[[math.atanh(0.6) - 0.1, math.atanh(0.5) - 0.3]]])
    p = [1 / (1 + math.exp(2 * a)) for a in (0.6, 0.5)]  # ŷ of the second class
    da = [-2 * q for q in p]  # the right class is the first: dz = (-q, q)
    dz2, dz1 = 0.75 * da[1], 0.64 * da[0]
    G, loss, a_last = maths.truncated_bptt(x, np.zeros((1, 2), int), np.array([[0.2]]), P, 1)
    near(G["dWaa"], [[dz1 * 0.2 + dz2 * 0.6]])
    near(a_last, [[0.5]])
    assert loss == pytest.approx(-math.log(1 - p[0]) - math.log(1 - p[1]))
    full = maths.truncated_bptt(x, np.zeros((1, 2), int), np.array([[0.2]]), P, 2)[0]
    near(full["dWaa"], [[(0.64 * (da[0] + 0.5 * dz2)) * 0.2 + dz2 * 0.6]])
    near(maths.checkpointed_bptt(x, np.zeros((1, 2), int), np.array([[0.2]]), P, 1)[0], full)


@BOTH
@pytest.mark.parametrize("window", [1, 2, 4, T, T + 3])
@pytest.mark.parametrize("masked", [False, True])
def test_windows_against_torch(maths, torch, rng, window, masked):
    x, targets, a0, P = sequence(rng)
    mask = draw.mask(rng, M, T) if masked else None
    near(maths.truncated_bptt(x, targets, a0, P, window, mask), torch_windows(torch, x, targets, a0, P, window, mask))


@BOTH
@pytest.mark.parametrize("segment", range(1, T + 2))
@pytest.mark.parametrize("masked", [False, True])
def test_checkpoints_give_the_whole_gradient(maths, rng, segment, masked):
    x, targets, a0, P = sequence(rng)
    mask = draw.mask(rng, M, T) if masked else None
    near(maths.checkpointed_bptt(x, targets, a0, P, segment, mask), one_pass(x, targets, a0, P, mask)[:2])


@BOTH
@pytest.mark.parametrize("segment", [1, 2, T])
def test_checkpoints_against_torch(maths, torch, rng, segment):
    x, targets, a0, P = sequence(rng)
    near(maths.checkpointed_bptt(x, targets, a0, P, segment), torch_windows(torch, x, targets, a0, P, T + 1)[:2])


@BOTH
@pytest.mark.parametrize("window", [T, T + 1, 100])
def test_one_window_is_the_whole_gradient(maths, rng, window):
    x, targets, a0, P = sequence(rng)
    near(maths.truncated_bptt(x, targets, a0, P, window), one_pass(x, targets, a0, P))


@BOTH
@pytest.mark.parametrize("window", [1, 2, 4])
def test_windows_change_only_what_flows_through_time(maths, rng, window):
    """The way forward is one pass, so loss, last state and output layer are those of one pass; the rest is not."""
    x, targets, a0, P = sequence(rng)
    (G, loss, a_last), (full, whole_loss, last) = (
        maths.truncated_bptt(x, targets, a0, P, window),
        one_pass(x, targets, a0, P),
    )
    near(a_last, last)
    near({k: G[k] for k in OUTPUT}, {k: full[k] for k in OUTPUT})
    assert loss == pytest.approx(whole_loss, rel=1e-13)
    assert all(np.abs(G[k] - full[k]).max() > 1e-3 for k in RECURRENT)


@BOTH
def test_windows_may_come_one_at_a_time(maths, rng):
    """A text without end: each call goes on from the last state of the one before."""
    x, targets, a0, P = sequence(rng)
    want, loss, last = maths.truncated_bptt(x, targets, a0, P, 2)
    total, nats, a = {k: 0.0 for k in want}, 0.0, a0
    for start in range(0, T, 2):
        now = slice(start, start + 2)
        G, part, a = maths.truncated_bptt(x[:, :, now], targets[:, now], a, P, 2)
        total, nats = {k: total[k] + G[k] for k in total}, nats + part
    near((total, a), (want, last))
    assert nats == pytest.approx(loss)


@BOTH
@pytest.mark.parametrize("name", ["truncated_bptt", "checkpointed_bptt"])
def test_examples_add_up(maths, rng, name):
    x, targets, a0, P = sequence(rng)
    G, loss, *_ = getattr(maths, name)(x, targets, a0, P, 4)
    alone = [getattr(maths, name)(x[:, j : j + 1], targets[j : j + 1], a0[:, j : j + 1], P, 4) for j in range(M)]
    near({k: sum(one[0][k] for one in alone) for k in G}, G)
    assert sum(one[1] for one in alone) == pytest.approx(loss)


@BOTH
@pytest.mark.parametrize("m, steps", [(1, 1), (1, 4), (3, 1)])
def test_one_example_and_one_step(maths, rng, m, steps):
    x, targets, a0, P = sequence(rng, m, steps)
    near(maths.truncated_bptt(x, targets, a0, P, 9), one_pass(x, targets, a0, P))
    near(maths.checkpointed_bptt(x, targets, a0, P, 2), one_pass(x, targets, a0, P)[:2])


@BOTH
@pytest.mark.parametrize("name", ["truncated_bptt", "checkpointed_bptt"])
def test_what_stands_under_the_padding_does_not_matter(maths, rng, name):
    x, targets, a0, P = sequence(rng)
    mask = draw.mask(rng, M, T)
    padded = np.where(mask, targets, -1)
    near(getattr(maths, name)(x, padded, a0, P, 4, mask)[:2], getattr(maths, name)(x, targets, a0, P, 4, mask)[:2], 0)


@pytest.mark.parametrize("name", ["truncated_bptt", "checkpointed_bptt"])
def test_float32_stays_float32(rng, name):
    x, targets, a0, P = sequence(rng)
    P = {k: v.astype(np.float32) for k, v in P.items()}
    G, _, *a_last = getattr(reference, name)(x.astype(np.float32), targets, a0.astype(np.float32), P, 4)
    assert {v.dtype for v in [*G.values(), *a_last]} == {np.dtype(np.float32)}


@BOTH
@pytest.mark.parametrize("name", ["truncated_bptt", "checkpointed_bptt"])
def test_inputs_stay_as_they_are_and_results_are_new(maths, rng, name):
    given = sequence(rng)
    before = [v.copy() for v in given[:3]], {k: v.copy() for k, v in given[3].items()}
    G, _, *a_last = getattr(maths, name)(*given, 4)
    near((list(given[:3]), given[3]), before, 0)
    for result in [*G.values(), *a_last]:
        assert not any(np.shares_memory(result, v) for v in [given[0], given[2], *given[3].values()])


@BOTH
def test_checkpoints_keep_little(maths, rng):
    """With segments of √T steps the peak of memory is a fraction of that of one segment over everything."""
    x, targets, a0, P = sequence(rng, m=20, steps=144)
    P, a0 = draw.rnn_parameters(rng, N_X, 40, N_Y), rng.standard_normal((40, 20))

    def peak(segment):
        tracemalloc.start()
        maths.checkpointed_bptt(x, targets, a0, P, segment)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(12) < peak(144) / 3


@BOTH
def test_learning_in_windows_still_learns(maths, rng):
    x, targets, a0, P = sequence(rng, steps=12)
    losses = []
    for _ in range(60):
        G, loss, _ = maths.truncated_bptt(x, targets, a0, P, 4)
        P = maths.update_parameters(P, maths.clip_by_norm({k: g / targets.size for k, g in G.items()}, 1.0)[0], 0.3)
        losses.append(loss / targets.size)
    assert losses[-1] < 0.8 * losses[0]
