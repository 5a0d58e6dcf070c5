"""Gradients that are too long: clipped by their values, clipped by their norm."""

import math

import numpy as np
import pytest
from nearness import BOTH, near

from utils import reference


def random_gradients(rng, size=1.0):
    return {
        "dW": size * rng.standard_normal((3, 4)),
        "dU": size * rng.standard_normal((2, 2)),
        "db": size * rng.standard_normal((3, 1)),
    }


def length(G):
    return math.sqrt(sum(float((g.astype(float) ** 2).sum()) for g in G.values()))


@BOTH
def test_clipping_by_norm_on_paper(maths):
    G, norm = maths.clip_by_norm({"dW": np.array([[3.0]]), "db": np.array([[-4.0]])}, 1.0)
    assert norm == 5.0 and isinstance(norm, float)
    near(G, {"dW": [[0.6]], "db": [[-0.8]]})


@BOTH
def test_clipping_by_value_on_paper(maths):
    W, b = np.array([[3.0, -0.5, -3.0]]), np.array([[1.0]])
    G = {"dW": W, "db": b}
    assert maths.clip_by_value(G, 1.0) is G and G["dW"] is W and G["db"] is b
    near(G, {"dW": [[1.0, -0.5, -1.0]], "db": [[1.0]]}, 0)


@BOTH
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("limit", [1e-3, 0.7, 2.0, 5.0, 1e6])
def test_clipping_never_raises_a_norm(maths, seed, limit):
    G = random_gradients(np.random.default_rng(seed))
    before = {k: v.copy() for k, v in G.items()}
    clipped, norm = maths.clip_by_norm(G, limit)
    near(G, before, 0)
    assert norm == pytest.approx(length(G), rel=1e-14)
    assert length(clipped) <= min(norm, limit) * (1 + 1e-14)
    if norm <= limit:
        near(clipped, G, 0)  # never scaled up
    near({k: v / length(clipped) for k, v in clipped.items()}, {k: v / norm for k, v in G.items()})  # same direction
    near(maths.clip_by_norm(clipped, 2 * limit)[0], clipped, 0)
    cut = maths.clip_by_value(G, limit)
    assert length(cut) <= norm and all(np.abs(g).max() <= limit for g in cut.values())
    assert all((np.sign(cut[k]) == np.sign(before[k])).all() for k in cut)


@BOTH
def test_clipping_by_value_turns_the_direction_and_by_norm_does_not(maths):
    G = {"dW": np.array([[4.0, 0.5]])}
    by_norm = maths.clip_by_norm(G, 1.0)[0]["dW"]
    assert by_norm[0, 0] / by_norm[0, 1] == pytest.approx(8)
    by_value = maths.clip_by_value(G, 1.0)["dW"]
    assert by_value[0, 0] / by_value[0, 1] == pytest.approx(2)


@BOTH
def test_no_gradient_is_left_alone(maths):
    clipped, norm = maths.clip_by_norm({"dW": np.zeros((2, 2))}, 1.0)
    assert norm == 0.0 and not clipped["dW"].any()


@pytest.mark.parametrize("dtype, size", [(np.float32, 1e30), (np.float32, 1e-30), (float, 1e200), (float, 1e-200)])
def test_a_norm_whose_squares_do_not_fit(rng, dtype, size):
    G = {k: (size * v).astype(dtype) for k, v in random_gradients(rng).items()}
    clipped, norm = reference.clip_by_norm(G, 0.5 * size)
    assert norm == pytest.approx(size * length({k: v / size for k, v in G.items()}), rel=1e-6)
    assert {v.dtype for v in clipped.values()} == {np.dtype(dtype)}
    assert length({k: v.astype(float) / size for k, v in clipped.items()}) == pytest.approx(0.5, rel=1e-6)


@BOTH
def test_clipping_by_norm_against_torch(maths, torch, rng):
    G = random_gradients(rng, 3.0)
    parts = [torch.zeros(v.shape, dtype=torch.float64, requires_grad=True) for v in G.values()]
    for part, g in zip(parts, G.values(), strict=True):
        part.grad = torch.tensor(g.copy())
    total = torch.nn.utils.clip_grad_norm_(parts, 2.0)
    clipped, norm = maths.clip_by_norm(G, 2.0)
    assert norm == pytest.approx(total.item(), rel=1e-13)
    near(list(clipped.values()), [part.grad.numpy() for part in parts], 1e-6)  # there 1e-6 is added to the norm


@BOTH
def test_clipping_by_value_against_torch(maths, torch, rng):
    G = random_gradients(rng, 3.0)
    want = {k: torch.clamp(torch.tensor(v), -1.5, 1.5).numpy() for k, v in G.items()}
    near(maths.clip_by_value(G, 1.5), want, 0)
