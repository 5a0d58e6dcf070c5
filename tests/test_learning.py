"""From a gradient to a step: by hand with one unit, the output layer, measured slopes, one step of training."""

import math

import numpy as np
import pytest
from nearness import BOTH, N_A, N_X, M, T, near, sequence

from utils import reference
from utils.checking.exercises import draw


def one_unit(x, a0, w_x, w_a, b):
    """The last state of one unit; any of the numbers may be complex."""
    a = a0
    for number in x:
        a = np.tanh(w_x * number + w_a * a + b)
    return a


# One unit


@BOTH
def test_three_steps_on_paper(maths):
    # Inputs chosen so that the states are 0.6, -0.8 and 0.5, with w_x = 1, w_a = 0.5, b = 0.25 and a0 = 0.5.
    x = [math.atanh(0.6) - 0.25 - 0.25, math.atanh(-0.8) - 0.3 - 0.25, math.atanh(0.5) + 0.4 - 0.25]
    terms, dw_a = maths.scalar_bptt(x, 0.5, 1.0, 0.5, 0.25)
    # t = 3: 0.75 · (-0.8); t = 2: 0.75 · 0.5 · 0.36 · 0.6; t = 1: 0.75 · 0.5 · 0.36 · 0.5 · 0.64 · 0.5
    near(terms, [0.0216, 0.081, -0.6])
    assert isinstance(dw_a, float) and dw_a == pytest.approx(-0.4974, abs=1e-15)


@BOTH
def test_one_step_is_one_term(maths):
    terms, dw_a = maths.scalar_bptt(np.array([0.3]), -0.7, 1.1, 0.4, 0.2)
    a = math.tanh(0.33 - 0.28 + 0.2)
    near(terms, [(1 - a * a) * -0.7])
    assert dw_a == terms[0]


@BOTH
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_one_unit_against_complex_steps(maths, rng, steps):
    x, numbers = rng.standard_normal(steps), (0.4, 0.7, -1.3, 0.2)
    a0, w_x, w_a, b = numbers
    _, dw_a = maths.scalar_bptt(x, *numbers)
    assert dw_a == pytest.approx(one_unit(x, a0, w_x, w_a + 1e-30j, b).imag / 1e-30, rel=1e-13)


@BOTH
def test_each_term_is_the_gradient_of_a_weight_of_its_own(maths, torch, rng):
    """With a weight for each step, the gradient of the t-th is the t-th term."""
    x = rng.standard_normal(6)
    weights = torch.full((6,), 0.9, dtype=torch.float64, requires_grad=True)
    a = torch.tensor(0.5, dtype=torch.float64)
    for t in range(6):
        a = torch.tanh(-0.8 * x[t] + weights[t] * a + 0.3)
    a.backward()
    near(maths.scalar_bptt(x, 0.5, -0.8, 0.9, 0.3)[0], weights.grad.numpy())


@BOTH
def test_a_list_of_whole_numbers_will_do(maths):
    near(maths.scalar_bptt([1, 0, 2], 1, 1, 1, 0), maths.scalar_bptt(np.array([1.0, 0.0, 2.0]), 1.0, 1.0, 1.0, 0.0))


def test_one_unit_in_float32():
    terms, _ = reference.scalar_bptt(np.ones(3, np.float32), 0.5, 1.0, np.float64(0.5), 0.1)
    assert terms.dtype == np.float32


# The output layer


@BOTH
def test_the_output_layer_on_paper(maths):
    y_pred = np.array([[[0.25, 0.5]], [[0.75, 0.5]]])  # two classes, one example, two steps
    a, P = np.array([[[2.0, -4.0]]]), {"Wax": np.ones((1, 1)), "Waa": np.ones((1, 1)), "ba": np.ones((1, 1))}
    P |= {"Wya": np.array([[3.0], [1.0]]), "by": np.zeros((2, 1))}
    dWya, dby, da, loss = maths.output_layer_backward(y_pred, np.array([[1, 0]]), a, P)
    # dz⟨1⟩ = (0.25, -0.25), dz⟨2⟩ = (-0.5, 0.5)
    near((dWya, dby, da), ([[2.5], [-2.5]], [[-0.25], [0.25]], [[[0.5, -1.0]]]))
    assert loss == pytest.approx(math.log(4 / 3) + math.log(2))


@BOTH
@pytest.mark.parametrize("masked", [False, True])
def test_the_output_layer_against_torch(maths, torch, rng, masked):
    x, targets, a0, P = sequence(rng)
    mask = draw.mask(rng, M, T) if masked else None
    a, y_pred, _ = reference.rnn_forward(x, a0, P)
    parts = {k: torch.tensor(v.copy(), requires_grad=True) for k, v in {"a": a, "W": P["Wya"], "b": P["by"]}.items()}
    z = torch.einsum("ya,amt->ymt", parts["W"], parts["a"]) + parts["b"][:, :, None]
    each = torch.nn.functional.cross_entropy(z.permute(1, 0, 2), torch.tensor(targets), reduction="none")
    loss = (each if mask is None else each[torch.tensor(mask)]).sum()
    loss.backward()
    dWya, dby, da, got = maths.output_layer_backward(y_pred, targets, a, P, mask)
    near((dWya, dby, da), tuple(parts[k].grad.numpy() for k in "Wba"))
    assert got == pytest.approx(loss.item(), rel=1e-13)


@BOTH
def test_the_output_layer_against_complex_steps(maths, rng):
    x, targets, a0, P = sequence(rng)
    a, y_pred, _ = reference.rnn_forward(x, a0, P)
    rows = np.arange(M)[:, None], np.arange(T)

    def loss(a, W, b):
        z = np.einsum("ya,amt->ymt", W, a) + b[:, :, None]
        return (np.log(np.exp(z).sum(axis=0)) - z[targets, *rows]).sum()

    def slopes(which):
        parts = {"a": a, "W": P["Wya"], "b": P["by"]}
        out = np.zeros(parts[which].shape)
        for index in np.ndindex(out.shape):
            moved = parts[which].astype(complex)
            moved[index] += 1e-30j
            out[index] = loss(**parts | {which: moved}).imag / 1e-30
        return out

    dWya, dby, da, _ = maths.output_layer_backward(y_pred, targets, a, P)
    near((dWya, dby, da), (slopes("W"), slopes("b"), slopes("a")))


@BOTH
def test_gradients_of_the_output_layer_sum_to_zero_over_the_classes(maths, rng):
    x, targets, a0, P = sequence(rng)
    a, y_pred, _ = reference.rnn_forward(x, a0, P)
    dWya, dby, _, _ = maths.output_layer_backward(y_pred, targets, a, P)
    assert np.abs(dWya.sum(axis=0)).max() < 1e-13 and abs(dby.sum()) < 1e-13


@BOTH
def test_padding_sends_no_gradient(maths, rng):
    x, targets, a0, P = sequence(rng)
    mask = draw.mask(rng, M, T)
    a, y_pred, _ = reference.rnn_forward(x, a0, P)
    want = maths.output_layer_backward(y_pred, targets, a, P, mask)
    assert np.abs(want[2][:, ~mask]).max() == 0 < np.abs(want[2][:, mask]).min()
    near(maths.output_layer_backward(y_pred, np.where(mask, targets, -1), a, P, mask), want, 0)


# Measured slopes


@BOTH
def test_a_parabola_is_measured_exactly_and_a_cube_is_off_by_h_squared(maths):
    theta = np.array([[2.0, -1.0], [0.5, 4.0]])
    near(maths.numerical_gradient(lambda v: float((v**2).sum()), theta.copy(), 0.5), 2 * theta, 1e-14)
    near(maths.numerical_gradient(lambda v: float((v**3).sum()), theta.copy(), 0.5), 3 * theta**2 + 0.25, 1e-14)


@BOTH
def test_theta_is_exactly_what_it_was(maths, rng):
    theta = rng.standard_normal((3, 1, 4))
    kept = theta.copy()
    seen = []
    maths.numerical_gradient(lambda v: seen.append(np.count_nonzero(v != kept)) or 0.0, theta)
    assert np.array_equal(theta, kept) and seen == [1] * 24  # one entry is moved at a time


# The update


@BOTH
def test_a_step_on_paper(maths):
    P = {"W": np.array([[1.0, 2.0]]), "b": np.array([[3.0]])}
    G = {"dW": np.array([[10.0, -20.0]]), "db": np.array([[1.0]]), "dx": np.ones((4, 5, 6))}
    new = maths.update_parameters(P, G, 0.1)
    near(new, {"W": [[0.0, 4.0]], "b": [[2.9]]}, 1e-15)
    assert P["W"].tolist() == [[1.0, 2.0]] and not any(np.shares_memory(new[k], P[k]) for k in P)


@BOTH
def test_a_rate_of_zero_moves_nothing_and_shares_nothing(maths):
    P = {"W": np.ones((2, 2))}
    new = maths.update_parameters(P, {"dW": np.ones((2, 2))}, 0)
    near(new, P, 0)
    assert new["W"] is not P["W"]


# One step of training


@BOTH
@pytest.mark.parametrize("limit", [0.3, 1e9])
@pytest.mark.parametrize("masked", [False, True])
def test_a_step_of_training_against_torch(maths, torch, rng, masked, limit):
    x, targets, a0, P = sequence(rng)
    mask = draw.mask(rng, M, T) if masked else None
    Q = {k: torch.tensor(v, requires_grad=True) for k, v in P.items()}
    a, losses = torch.tensor(a0), []
    for t in range(T):
        a = torch.tanh(Q["Wax"] @ torch.tensor(x[:, :, t]) + Q["Waa"] @ a + Q["ba"])
        z = (Q["Wya"] @ a + Q["by"]).T
        losses.append(torch.nn.functional.cross_entropy(z, torch.tensor(targets[:, t]), reduction="none"))
    losses = torch.stack(losses, dim=1)
    mean = losses.mean() if mask is None else losses[torch.tensor(mask)].mean()
    mean.backward()
    norm = math.sqrt(sum((q.grad**2).sum().item() for q in Q.values()))
    assert (norm > limit) == (limit < 1)
    want = {k: P[k] - 0.2 * min(1, limit / norm) * Q[k].grad.numpy() for k in P}
    new_P, nats, a_last = maths.train_step(x, targets, mask, a0, P, 0.2, limit)
    near(new_P, want)
    near(a_last, a.detach().numpy())
    assert isinstance(nats, float) and nats == pytest.approx(mean.item(), rel=1e-13)


@BOTH
def test_a_mask_of_true_is_no_mask(maths, rng):
    x, targets, a0, P = sequence(rng)
    every = np.ones((M, T), bool)
    near(maths.train_step(x, targets, every, a0, P, 0.1, 1.0), maths.train_step(x, targets, None, a0, P, 0.1, 1.0), 0)


@BOTH
def test_the_same_examples_twice_make_the_same_step(maths, rng):
    """The gradient is that of a mean, so that the size of the batch does not change the length of a step."""
    x, targets, a0, P = sequence(rng)
    twice = np.tile(x, (1, 2, 1)), np.tile(targets, (2, 1)), None, np.tile(a0, (1, 2))
    one, nats, _ = maths.train_step(x, targets, None, a0, P, 0.1, np.inf)
    other, nats_twice, _ = maths.train_step(*twice, P, 0.1, np.inf)
    near(other, one)
    assert nats_twice == pytest.approx(nats)


@BOTH
@pytest.mark.parametrize("m, steps", [(1, 1), (1, 4), (3, 1)])
def test_one_example_and_one_step_can_be_learned_from(maths, rng, m, steps):
    x, targets, a0, P = sequence(rng, m, steps)
    new_P, nats, a_last = maths.train_step(x, targets, None, a0, P, 0.01, 5.0)
    assert a_last.shape == a0.shape and {k: v.shape for k, v in new_P.items()} == {k: v.shape for k, v in P.items()}
    assert maths.train_step(x, targets, None, a0, new_P, 0.01, 5.0)[1] < nats


@BOTH
def test_no_step_is_longer_than_the_limit_allows(maths, rng):
    x, targets, a0, P = sequence(rng)
    new_P, _, _ = maths.train_step(x, targets, None, a0, P, 0.5, 0.01)
    moved = math.sqrt(sum(((new_P[k] - P[k]) ** 2).sum() for k in P))
    assert moved == pytest.approx(0.5 * 0.01)


@BOTH
def test_an_untrained_net_with_small_weights_is_as_surprised_as_a_die(maths, rng):
    """The first check of any training: with n_y classes the first loss is log n_y nats."""
    n_y = 7
    P = {name: 0.01 * value for name, value in maths.init_rnn(N_X, N_A, n_y, rng).items()}
    x, targets = rng.standard_normal((N_X, M, T)), rng.integers(0, n_y, (M, T))
    nats = maths.train_step(x, targets, None, np.zeros((N_A, M)), P, 0.1, 1.0)[1]
    assert nats == pytest.approx(math.log(n_y), abs=1e-3)


@BOTH
def test_a_batch_of_two_is_learned_by_heart(maths, rng):
    """The second check: a net that cannot learn two examples by heart will not learn a language either."""
    n_y, steps = 4, 5
    targets = rng.integers(0, n_y, (2, steps))
    x = np.concatenate([np.full((n_y, 2, 1), 0.0), np.eye(n_y)[:, targets][:, :, :-1]], axis=2)
    P, a0, course = maths.init_rnn(n_y, 12, n_y, rng), rng.standard_normal((12, 2)), []
    for _ in range(250):
        P, nats, _ = maths.train_step(x, targets, None, a0, P, 0.5, 1.0)
        course.append(nats)
    assert course[0] > 1.0 and course[-1] < 0.03
    _, y_pred, _ = maths.rnn_forward(x, a0, P)
    assert np.array_equal(y_pred.argmax(axis=0), targets)


def test_training_keeps_float32(rng):
    single = np.dtype(np.float32)
    x, targets, a0, P = sequence(rng)
    P = {k: v.astype(single) for k, v in P.items()}
    new_P, _, a_last = reference.train_step(
        x.astype(single), targets, None, a0.astype(single), P, np.float64(0.1), np.float64(0.2)
    )
    assert {v.dtype for v in new_P.values()} == {single} and a_last.dtype == single


def test_the_last_state_does_not_keep_all_states_alive(rng):
    x, targets, a0, P = sequence(rng)
    assert reference.train_step(x, targets, None, a0, P, 0.1, 1.0)[2].base is None
