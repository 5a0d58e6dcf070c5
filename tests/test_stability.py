"""How far a gradient reaches, and which weights let it through."""

import math

import numpy as np
import pytest
from nearness import BOTH, N_A, N_X, N_Y, M, T, near

from utils import reference
from utils.checking.exercises import draw


def sequence(rng, m=M, steps=T):
    """x, a0, P and the targets of the last step."""
    x, a0 = rng.standard_normal((N_X, m, steps)), rng.standard_normal((N_A, m))
    return x, a0, draw.rnn_parameters(rng, N_X, N_A, N_Y), rng.integers(0, N_Y, m)


# How far a gradient reaches


@BOTH
def test_reach_on_paper(maths):
    P = {k: np.array([[v]]) for k, v in {"Wax": 1.0, "Waa": 0.5, "ba": 0.0}.items()}
    P |= {"Wya": np.array([[2.0], [0.0]]), "by": np.array([[-1.0 - math.log(3)], [0.0]])}
    x = np.array([[[math.atanh(0.6), math.atanh(0.5) - 0.3]]])  # states 0.6 and 0.5, so that ŷ⟨2⟩ = (0.25, 0.75)
    got = maths.gradient_norm_by_lag(x, np.zeros((1, 1)), P, np.array([0]))
    near(got, [1.5, 1.5 * 0.75 * 0.5])  # 2 · (0.25 - 1), then the slope 1 - 0.5² and Waa


@BOTH
@pytest.mark.parametrize("m, steps", [(M, T), (1, 4), (3, 1)])
def test_reach_against_torch(maths, torch, rng, m, steps):
    x, a0, P, targets = sequence(rng, m, steps)
    Q = {k: torch.tensor(v) for k, v in P.items()}
    a, states = torch.tensor(a0, requires_grad=True), []
    for t in range(steps):
        a = torch.tanh(Q["Wax"] @ torch.tensor(x[:, :, t]) + Q["Waa"] @ a + Q["ba"])
        a.retain_grad()
        states.append(a)
    z = (Q["Wya"] @ a + Q["by"]).T
    torch.nn.functional.cross_entropy(z, torch.tensor(targets), reduction="sum").backward()
    near(maths.gradient_norm_by_lag(x, a0, P, targets), [s.grad.norm().item() for s in reversed(states)])


@BOTH
def test_reach_against_central_differences(maths, rng):
    x, a0, P, targets = sequence(rng)
    a = reference.rnn_forward(x, a0, P)[0]

    def loss_from(t, state):
        """The loss of the last step when the state after step t is this one."""
        for later in range(t + 1, T):
            state = np.tanh(P["Wax"] @ x[:, :, later] + P["Waa"] @ state + P["ba"])
        y_pred = reference.softmax(P["Wya"] @ state + P["by"])
        return reference.sequence_loss(y_pred[:, :, None], targets[:, None])

    slopes = [
        reference.numerical_gradient(lambda s, t=t: loss_from(t, s), a[:, :, t].copy()) for t in reversed(range(T))
    ]
    near(maths.gradient_norm_by_lag(x, a0, P, targets), [np.linalg.norm(g) for g in slopes], 1e-8)


@BOTH
def test_no_step_back_stretches_more_than_the_largest_singular_value(maths, rng):
    x, a0, P, targets = sequence(rng, steps=12)
    norms = maths.gradient_norm_by_lag(x, a0, P, targets)
    assert (norms[1:] <= np.linalg.norm(P["Waa"], 2) * norms[:-1] * (1 + 1e-12)).all()


@BOTH
def test_orthogonal_weights_never_stretch_and_lose_only_by_saturation(maths, rng):
    x, a0, P, targets = sequence(rng, steps=40)
    P["Waa"] = maths.orthogonal_init(N_A, rng)
    assert (np.diff(maths.gradient_norm_by_lag(x, a0, P, targets)) <= 1e-15).all()
    quiet = maths.gradient_norm_by_lag(1e-3 * x, 1e-3 * a0, P | {"ba": 0 * P["ba"]}, targets)
    assert quiet[-1] == pytest.approx(quiet[0], rel=0.05)  # slopes near 1: nothing gets lost in 39 steps


@BOTH
@pytest.mark.parametrize("radius, reaches", [(0.5, 1e-6), (1.0, 1e-1)])
def test_the_radius_decides_how_far_a_quiet_net_remembers(maths, rng, radius, reaches):
    x, a0, P, targets = sequence(rng, steps=30)
    P = P | {"Waa": maths.scale_to_spectral_radius(P["Waa"], radius), "ba": 0 * P["ba"]}
    norms = maths.gradient_norm_by_lag(1e-4 * x, 1e-4 * a0, P, targets)
    assert (norms[-1] / norms[0] > reaches) == (radius == 1.0)


@BOTH
def test_large_inputs_make_even_large_weights_forget(maths, rng):
    """A radius above 1 need not explode: saturated units have no slope."""
    x, a0, P, targets = sequence(rng, steps=20)
    P["Waa"] = maths.scale_to_spectral_radius(P["Waa"], 2.0)
    loud = maths.gradient_norm_by_lag(20 * x, a0, P, targets)
    quiet = maths.gradient_norm_by_lag(1e-9 * x, 1e-9 * a0, P | {"ba": 0 * P["ba"]}, targets)
    assert loud[-1] < 1e-3 * loud[0] and quiet[-1] > 100 * quiet[0]


def test_reach_in_float32(rng):
    x, a0, P, targets = sequence(rng)
    P = {k: v.astype(np.float32) for k, v in P.items()}
    assert reference.gradient_norm_by_lag(x.astype("f"), a0.astype("f"), P, targets).dtype == np.float32


# Weights


@BOTH
def test_the_radius_on_paper(maths):
    turn = np.array([[0.0, -2.0], [2.0, 0.0]])  # eigenvalues ±2i
    near(maths.scale_to_spectral_radius(turn, 0.5), turn / 4)
    leaning = np.array([[1.0, 100.0], [0.0, -3.0]])  # eigenvalues 1 and -3, whatever stands at the upper right
    near(maths.scale_to_spectral_radius(leaning, 1), leaning / 3)
    near(maths.scale_to_spectral_radius(np.array([[-4.0]]), 2), [[-2.0]])


@BOTH
@pytest.mark.parametrize("radius", [0.2, 1, 3.5])
def test_the_radius_measured_in_three_ways(maths, rng, radius):
    W = rng.standard_normal((7, 7))
    scaled = maths.scale_to_spectral_radius(W, radius)
    near(scaled / scaled[0, 0], W / W[0, 0])
    assert np.abs(np.linalg.eigvals(scaled)).max() == pytest.approx(radius, rel=1e-12)
    power, log_size = scaled, 0.0  # ‖Wᵏ‖ to the power 1/k, for k = 2³⁰
    for doubling in range(30):
        power = power @ power
        log_size += math.log(np.linalg.norm(power)) / 2 ** (doubling + 1)
        power /= np.linalg.norm(power)
    assert math.exp(log_size) == pytest.approx(radius, rel=1e-8)
    assert np.linalg.norm(scaled, 2) >= radius * (1 - 1e-12)  # the largest singular value is never smaller


@BOTH
def test_the_radius_against_power_iteration(maths, rng):
    scaled, v = maths.scale_to_spectral_radius(rng.uniform(0.1, 1, (6, 6)), 0.8), np.ones(6)
    for _ in range(60):  # all entries are positive, so one eigenvalue is the largest
        v = scaled @ v / np.linalg.norm(v)
    assert np.linalg.norm(v) == pytest.approx(0.8, rel=1e-12)


def test_a_shift_in_a_slanted_corner_is_refused(rng):
    """All eigenvalues are zero, though rounding gives some that are not."""
    for n in (2, 3, 6):
        slanted = np.linalg.qr(rng.standard_normal((n, n)))[0]
        W = slanted @ np.eye(n, k=1) @ slanted.T
        with pytest.raises(ValueError, match="an eigenvalue other than zero"):
            reference.scale_to_spectral_radius(W, 1.0)
    for n in (2, 30, 200):  # and nothing else is
        reference.scale_to_spectral_radius(rng.standard_normal((n, n)), 1.0)


@BOTH
@pytest.mark.parametrize("n, gain", [(1, 1), (2, 1), (6, 0.5), (40, 1.7)])
def test_orthogonal(maths, rng, n, gain):
    W = maths.orthogonal_init(n, rng, gain)
    near(W.T @ W, gain**2 * np.eye(n), 1e-13)
    near(W @ W.T, gain**2 * np.eye(n), 1e-13)
    assert abs(np.linalg.det(W)) == pytest.approx(gain**n, rel=1e-10)
    near(np.abs(np.linalg.eigvals(W)), np.full(n, gain), 1e-12)


@BOTH
def test_the_orthogonal_matrix_is_the_one_with_a_positive_triangle(maths):
    A = np.random.default_rng(5).standard_normal((6, 6))
    R = maths.orthogonal_init(6, np.random.default_rng(5)).T @ A
    assert np.abs(np.tril(R, -1)).max() < 1e-14 * np.linalg.norm(A) and np.diag(R).min() > 0


@BOTH
def test_turns_and_mirrors_are_equally_frequent(maths, rng):
    turns = sum(np.linalg.det(maths.orthogonal_init(3, rng)) > 0 for _ in range(400))
    assert 150 < turns < 250  # five standard deviations
    corners = [maths.orthogonal_init(3, rng)[0, 0] for _ in range(600)]
    assert abs(np.mean(corners)) < 0.12 and np.var(corners) == pytest.approx(1 / 3, abs=0.07)


@pytest.mark.parametrize(
    "name, arguments, drawn",
    [
        ("glorot_init", (3, 5), lambda rng: rng.uniform(size=15)),
        ("orthogonal_init", (4,), lambda rng: rng.standard_normal(16)),
        ("long_memory_biases", (6, 20), lambda rng: rng.uniform(size=6)),
        ("init_rnn", (2, 3, 4), lambda rng: rng.standard_normal(6 + 9 + 12)),
    ],
)
@BOTH
def test_initial_weights_take_just_the_draws_that_they_say(maths, name, arguments, drawn):
    one, other, again = (np.random.default_rng(11) for _ in range(3))
    first = getattr(maths, name)(*arguments, one)
    drawn(other)
    assert one.random() == other.random()
    near(getattr(reference, name)(*arguments, again), first)


@BOTH
def test_glorot(maths, rng):
    W = maths.glorot_init(300, 100, rng)
    bound = math.sqrt(6 / 400)
    assert W.shape == (300, 100) and 0.99 * bound < np.abs(W).max() <= bound
    assert W.var() == pytest.approx(2 / 400, rel=0.03) and abs(W.mean()) < 0.002


@BOTH
def test_glorot_keeps_the_spread_there_and_back(maths, rng):
    """With as many outputs as inputs the spread of what goes in comes out, in both directions."""
    W, x = maths.glorot_init(400, 400, rng), rng.standard_normal((400, 200))
    assert (W @ x).std() == pytest.approx(1, rel=0.05) and (W.T @ x).std() == pytest.approx(1, rel=0.05)


@BOTH
def test_weights_of_an_rnn_have_the_variance_that_is_named(maths, rng):
    P = maths.init_rnn(200, 100, 300, rng, np.float32)
    assert {k: v.shape for k, v in P.items()} == {
        "Wax": (100, 200), "Waa": (100, 100), "ba": (100, 1), "Wya": (300, 100), "by": (300, 1),
    }  # fmt: skip
    assert {v.dtype for v in P.values()} == {np.dtype(np.float32)} and not P["ba"].any() and not P["by"].any()
    for name, columns in (("Wax", 200), ("Waa", 100), ("Wya", 100)):
        assert P[name].var() == pytest.approx(1 / columns, rel=0.05)


@BOTH
def test_biases_for_memories_of_all_lengths(maths, rng):
    bf = maths.long_memory_biases(4000, 50, rng)
    gate = 1 / (1 + np.exp(-bf))
    lengths = 1 / (1 - gate)  # a gate that forgets 1/k of its memory at each step remembers for about k steps
    assert bf.shape == (4000, 1) and 2 <= lengths.min() < 2.2 and 49.8 < lengths.max() <= 50
    assert np.mean(lengths) == pytest.approx(26, abs=0.8)  # uniform between 2 and 50
    assert maths.long_memory_biases(1, 2.5, rng).item() <= math.log(1.5)
