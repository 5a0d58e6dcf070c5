"""Lesson 05: reading batches and learning from one answer each, with three witnesses per formula."""

import copy
import math

import numpy as np
import pytest
from nearness import BOTH, N_A, N_X, N_Y, M, T, near

from utils import reference, textbook
from utils.checking.exercises import draw

NAMES = ("dWax", "dWaa", "dba", "dWya", "dby")
PADDING = pytest.mark.parametrize("padding", ["none", "left", "right", "holes"])


@pytest.fixture
def net(rng):
    return (
        rng.standard_normal((N_X, M, T)),
        0.8 * rng.standard_normal((N_A, M)),
        draw.rnn_parameters(rng, N_X, N_A, N_Y),
    )


def mask_of(padding, m=M, steps=T):
    """The lengths differ; one example is full. "holes": padding in the middle, too."""
    lengths = np.resize([2, steps, 3, 1], m)
    right = np.arange(steps) < lengths[:, None]
    if padding == "holes":
        right = right.copy()
        right[1, 2] = right[1, steps - 1] = False
    return {"none": None, "left": right[:, ::-1].copy(), "right": right, "holes": right}[padding]


def gradients(maths, x, a0, P, labels, mask):
    _, y_pred, caches = maths.sequence_to_one_forward(x, a0, P, mask)
    return maths.classify_backward(y_pred, labels, caches, P)


# Reading a batch


@BOTH
@pytest.mark.parametrize("padding", ["left", "right", "holes"])
def test_reading_against_packed_nn_rnn(maths, padding, net):
    """PyTorch reads each sequence with its padding cut away."""
    torch = pytest.importorskip("torch")
    x, _, P = net
    mask = mask_of(padding)
    rnn = torch.nn.RNN(N_X, N_A, nonlinearity="tanh").double()
    with torch.no_grad():
        for name, value in {"weight_ih_l0": P["Wax"], "weight_hh_l0": P["Waa"], "bias_ih_l0": P["ba"][:, 0]}.items():
            getattr(rnn, name).copy_(torch.tensor(value))
        rnn.bias_hh_l0.zero_()
        rows = [torch.tensor(x[:, i, mask[i]].T) for i in range(M)]
        _, last = rnn(torch.nn.utils.rnn.pack_sequence(rows, enforce_sorted=False))
    near(maths.encode_batch(x, mask, P), last[0].numpy().T)


@BOTH
def test_reading_by_hand(maths):
    P = {"Wax": np.array([[1.0]]), "Waa": np.array([[1.0]]), "ba": np.array([[0.5]])}
    P |= {"Wya": np.ones((2, 1)), "by": np.ones((2, 1))}
    x = np.array([[[9.0, 0.1], [0.3, 9.0]]])
    H = maths.encode_batch(x, np.array([[False, True], [True, False]]), P)
    near(H, [[math.tanh(0.6), math.tanh(0.8)]])
    near(maths.encode_batch(x[:, :1], np.array([[True, True]]), P), [[math.tanh(math.tanh(9.5) + 0.6)]])


@BOTH
@pytest.mark.parametrize("padding", ["left", "right", "holes"])
def test_a_batch_with_padding_is_each_example_alone(maths, padding, net):
    x, _, P = net
    mask = mask_of(padding)
    together = maths.encode_batch(x, mask, P)
    for i in range(M):
        alone = x[:, i : i + 1, mask[i]]
        near(together[:, i : i + 1], maths.encode_batch(alone, np.ones((1, alone.shape[2]), bool), P))


@BOTH
def test_what_stands_under_the_mask_does_not_matter(maths, net):
    x, _, P = net
    mask = mask_of("left")
    near(maths.encode_batch(np.where(mask, x, 77.0), mask, P), maths.encode_batch(np.where(mask, x, 0.0), mask, P), 0)


def test_without_the_mask_zero_padding_moves_the_state(net):
    """Why a zero column is no padding by itself: the bias and the old state still act."""
    x, _, P = net
    mask = mask_of("left")
    zeroed = np.where(mask, x, 0.0)
    right = reference.encode_batch(x, mask, P)
    assert np.abs(reference.encode_batch(zeroed, np.ones_like(mask), P) - right).max() > 0.01


@BOTH
def test_one_step_and_one_example(maths, net):
    x, _, P = net
    got = maths.encode_batch(x[:, :1, :1], np.ones((1, 1), bool), P)
    near(got, np.tanh(P["Wax"] @ x[:, :1, 0] + P["ba"]))


@BOTH
def test_reading_is_the_state_of_sequence_to_one(maths, net):
    x, _, P = net
    mask = mask_of("right")
    near(maths.encode_batch(x, mask, P), maths.sequence_to_one_forward(x, np.zeros((N_A, M)), P, mask)[0])


# Learning from one answer


@BOTH
@PADDING
@pytest.mark.parametrize("m, steps", [(M, T), (1, T), (M, 1)])
def test_classify_backward_against_autograd(maths, padding, m, steps, rng):
    torch = pytest.importorskip("torch")
    if steps == 1 and padding == "holes":
        padding = "none"
    x, a0, P = (
        rng.standard_normal((N_X, m, steps)),
        rng.standard_normal((N_A, m)),
        draw.rnn_parameters(rng, N_X, N_A, N_Y),
    )
    labels, mask = rng.integers(N_Y, size=m), mask_of(padding, max(m, 2), steps)
    mask = None if mask is None else mask[:m]
    Q = {name: torch.tensor(value, requires_grad=True) for name, value in P.items()}
    a = torch.tensor(a0)
    for t in range(steps):
        new = torch.tanh(Q["Wax"] @ torch.tensor(x[:, :, t]) + Q["Waa"] @ a + Q["ba"])
        a = new if mask is None else torch.where(torch.tensor(mask[:, t]), new, a)
    z = Q["Wya"] @ a + Q["by"]
    torch.nn.functional.cross_entropy(z.T, torch.tensor(labels), reduction="sum").backward()
    near(gradients(maths, x, a0, P, labels, mask), {"d" + name: Q[name].grad.numpy() for name in P})


@PADDING
def test_classify_backward_against_a_complex_step(padding, net, rng):
    """Im L(θ + ih) / h: no subtraction, so no cancellation."""
    x, a0, P = net
    labels, mask = rng.integers(N_Y, size=M), mask_of(padding)

    def loss(P):
        a = a0.astype(complex)
        for t in range(T):
            new = np.tanh(P["Wax"] @ x[:, :, t] + P["Waa"] @ a + P["ba"])
            a = new if mask is None else np.where(mask[:, t], new, a)
        z = P["Wya"] @ a + P["by"]
        return (np.log(np.exp(z).sum(axis=0)) - z[labels, np.arange(M)]).sum()

    def slope(name):
        out = np.zeros(P[name].shape)
        for i in np.ndindex(out.shape):
            moved = {key: value.astype(complex) for key, value in P.items()}
            moved[name][i] += 1e-30j
            out[i] = loss(moved).imag / 1e-30
        return out

    want = {"d" + name: slope(name) for name in P}
    for maths in (reference, textbook):
        near(gradients(maths, x, a0, P, labels, mask), want)


@BOTH
def test_classify_backward_by_hand(maths):
    P = {"Wax": np.array([[1.0]]), "Waa": np.array([[0.5]]), "ba": np.array([[0.2]])}
    P |= {"Wya": np.array([[2.0], [-1.0]]), "by": np.zeros((2, 1))}
    cells = [(np.array([[0.6]]), np.array([[0.4]]), np.array([[3.0]]), P)]  # a read step: a_next, a_prev, xt
    cells += [(np.array([[0.9]]), np.array([[0.6]]), np.array([[7.0]]), P)]  # padding: the state stays 0.6
    caches = (cells, np.array([[[3.0, 7.0]]]), np.array([[True, False]]))
    got = maths.classify_backward(np.array([[0.75], [0.25]]), np.array([1]), caches, P)
    # dz = (0.75, 0.25 - 1); da = 2 · 0.75 + (-1) · (-0.75) = 2.25; through tanh: (1 - 0.36) · 2.25 = 1.44
    want = {"dWax": [[4.32]], "dWaa": [[0.576]], "dba": [[1.44]], "dWya": [[0.45], [-0.45]], "dby": [[0.75], [-0.75]]}
    near(got, want)


@BOTH
@pytest.mark.parametrize("padding", ["left", "right"])
def test_the_gradient_of_a_batch_is_the_sum_of_each_alone(maths, padding, net, rng):
    x, a0, P = net
    labels, mask = rng.integers(N_Y, size=M), mask_of(padding)
    alone = [gradients(maths, x[:, i : i + 1, mask[i]], a0[:, i : i + 1], P, labels[i : i + 1], None) for i in range(M)]
    near(gradients(maths, x, a0, P, labels, mask), {name: sum(G[name] for G in alone) for name in NAMES})


@BOTH
def test_learning_downhill(maths, net, rng):
    """A few steps against the gradient lower the loss: the sign is right."""
    x, a0, P = net
    labels, mask = np.array([0, 1, 1, 0]), mask_of("left")

    def loss(P):
        y = reference.sequence_to_one_forward(x, a0, P, mask)[1]
        return -np.log(y[labels, np.arange(M)]).sum()

    before = loss(P)
    for _ in range(20):
        G = gradients(maths, x, a0, P, labels, mask)
        P = {name: value - 0.05 * G["d" + name] for name, value in P.items()}
    assert loss(P) < 0.5 * before


@BOTH
@PADDING
def test_the_inputs_stay_as_they_were(maths, padding, net, rng):
    x, a0, P = net
    labels, mask = rng.integers(N_Y, size=M), mask_of(padding)
    _, y_pred, caches = maths.sequence_to_one_forward(x, a0, P, mask)
    kept = copy.deepcopy((y_pred, labels, caches, P))
    maths.classify_backward(y_pred, labels, caches, P)
    near((y_pred, labels, caches, P), kept, 0)


@PADDING
def test_the_dtype_stays_and_the_inputs_too(padding, net, rng):
    x, a0, P = net
    x, a0, P = x.astype(np.float32), a0.astype(np.float32), {k: v.astype(np.float32) for k, v in P.items()}
    mask, labels = mask_of(padding), rng.integers(N_Y, size=M)
    _, y_pred, caches = reference.sequence_to_one_forward(x, a0, P, mask)
    kept = copy.deepcopy((x, P, mask, y_pred, labels, caches))
    G = reference.classify_backward(y_pred, labels, caches, P)
    assert {value.dtype for value in G.values()} == {np.dtype(np.float32)}
    if mask is not None:
        H = reference.encode_batch(x, mask, P)
        assert H.dtype == np.float32
        H[:] = 9  # not a view of anything
    near((x, P, mask, y_pred, labels, caches), kept, 0)
