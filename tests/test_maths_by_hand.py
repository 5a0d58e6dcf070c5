"""The mathematics, case by case with numbers worked out on paper."""

import math

import numpy as np
import pytest
from nearness import BOTH, near

from utils import reference


@BOTH
def test_one_cell_by_hand(maths):
    P = {
        key: np.array([[value]]) for key, value in [("Wax", 0.8), ("Waa", -0.4), ("ba", 0.1), ("Wya", 2.0), ("by", 0.5)]
    }
    a, y, cache = maths.rnn_cell_forward(np.array([[1.0]]), np.array([[0.5]]), P)
    assert a[0, 0] == pytest.approx(0.6043677771171636, abs=1e-15)  # tanh(0.8 - 0.2 + 0.1) = tanh 0.7
    assert y[0, 0] == 1.0  # a softmax over one class
    assert len(cache) == 4 and cache[0] is a and cache[3] is P
    compact = maths.rnn_cell_forward_compact(np.array([[1.0]]), np.array([[0.5]]), np.array([[-0.4, 0.8]]), P["ba"])
    assert compact[0, 0] == pytest.approx(0.6043677771171636, abs=1e-15)


@BOTH
def test_one_cell_back_by_hand(maths):
    P = {key: np.array([[value]]) for key, value in [("Wax", 0.8), ("Waa", -0.4), ("ba", 0.1)]}
    cache = (np.array([[0.6]]), np.array([[0.5]]), np.array([[1.0]]), P)
    got = maths.rnn_cell_backward(np.array([[2.0]]), cache)
    # dz = (1 - 0.36) · 2 = 1.28
    near(got, {"dxt": [[1.024]], "da_prev": [[-0.512]], "dWax": [[1.28]], "dWaa": [[0.64]], "dba": [[1.28]]})


@BOTH
def test_softmax_by_hand(maths):
    near(maths.softmax(np.array([[0.0, math.log(3)], [0.0, 0.0]])), [[0.5, 0.75], [0.5, 0.25]])
    near(maths.softmax(np.array([[1000.0], [1000.0]])), [[0.5], [0.5]])
    near(maths.softmax(np.array([[0.0], [-2000.0]])), [[1.0], [0.0]])


@BOTH
def test_sigmoid_by_hand(maths):
    near(maths.sigmoid(np.array([0.0, math.log(3), -math.log(3)])), [0.5, 0.75, 0.25])


@BOTH
def test_one_hot_by_hand(maths):
    near(maths.one_hot(np.array([2, -1, 0]), 3), [[0, 0, 1], [0, 0, 0], [1, 0, 0]])


@BOTH
def test_unfold_by_hand(maths):
    assert maths.unfold(lambda s, x: s / 2 + x, 8.0, [1.0, 2.0, 0.0]) == [5.0, 4.5, 2.25]
    assert maths.unfold(lambda s, x: s, 1, []) == []
    assert maths.unfold(lambda s, x: 10 * s + x, 4, [1, 2]) == [41, 412]  # the state comes first


@BOTH
def test_loss_by_hand(maths):
    y_pred = np.array([[[0.5, 0.25]], [[0.5, 0.75]]])  # two classes, one example, two steps
    assert maths.sequence_loss(y_pred, np.array([[0, 0]])) == pytest.approx(math.log(2) + math.log(4), abs=1e-15)
    assert maths.sequence_loss(y_pred, np.array([[1, 1]]), np.array([[False, True]])) == pytest.approx(math.log(4 / 3))


@BOTH
def test_parameters_by_hand(maths):
    assert maths.count_rnn_parameters(2, 3, 4) == 6 + 9 + 3 + 12 + 4
    assert maths.count_rnn_parameters(10_000, 128, 10_000) == 2_586_512


@BOTH
def test_jordan_by_hand(maths):
    P = {"Wax": np.zeros((1, 1)), "Way": np.array([[1.0, 0.0]]), "ba": np.zeros((1, 1))}
    P |= {"Wya": np.zeros((2, 1)), "by": np.array([[math.log(3)], [0.0]])}
    a, y = maths.jordan_forward(np.zeros((1, 1, 2)), np.array([[0.2], [0.8]]), P)
    near(y, [[[0.75, 0.75]], [[0.25, 0.25]]])
    near(a, [[[math.tanh(0.2), math.tanh(0.75)]]])  # first y0 is fed back, then the net's own 0.75
    a, _ = maths.jordan_forward(
        np.zeros((1, 1, 2)), np.array([[0.2], [0.8]]), P, np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    )
    near(a, [[[math.tanh(0.2), math.tanh(1.0)]]])  # the teacher's first answer is seen at the second step


@BOTH
def test_sequence_to_one_by_hand(maths):
    P = {"Wax": np.array([[1.0]]), "Waa": np.array([[1.0]]), "ba": np.zeros((1, 1))}
    P |= {"Wya": np.array([[1.0], [0.0]]), "by": np.zeros((2, 1))}
    x, a0 = np.array([[[1.0, 9.0]]]), np.array([[0.5]])
    a, y, (cells, _, mask) = maths.sequence_to_one_forward(x, a0, P, np.array([[True, False]]))
    near(a, [[math.tanh(1.5)]])
    near(y[0], [1 / (1 + math.exp(-math.tanh(1.5)))])
    near(cells[1][0], [[math.tanh(math.tanh(1.5) + 9)]])  # the candidate of the masked step
    assert mask.shape == (1, 2) and len(cells) == 2


@BOTH
def test_gru_by_hand(maths):
    zeros = np.zeros((1, 2))
    P = {
        "Wu": zeros,
        "Wr": zeros,
        "Wc": np.array([[2.0, 1.0]]),
        "bu": np.array([[math.log(3)]]),
        "br": np.zeros((1, 1)),
    }
    P |= {"bc": np.array([[0.1]]), "Wy": np.ones((2, 1)), "by": np.zeros((2, 1))}
    c, y, cache = maths.gru_cell_forward(np.array([[0.3]]), np.array([[0.5]]), P)
    candidate = math.tanh(2 * 0.5 * 0.5 + 0.3 + 0.1)  # Γr = 0.5 halves the memory that it looks at
    near(c, [[0.75 * candidate + 0.25 * 0.5]])  # Γu = 0.75 takes the new value
    near(y, [[0.5], [0.5]])
    near(cache[2:5], ([[0.75]], [[0.5]], [[candidate]]))


@BOTH
def test_gradients_of_a_parabola_by_hand(maths):
    theta = np.array([[1.0, -2.0]])
    near(maths.numerical_gradient(lambda t: float((t**2).sum()), theta), [[2.0, -4.0]], 1e-9)
    assert theta.tolist() == [[1.0, -2.0]]  # put back
    result = maths.gradient_check(lambda P: 3 * float(P["W"].sum()), {"W": np.ones((1, 1))}, {"dW": np.array([[1.0]])})
    error, ok = result["W"]
    assert error == pytest.approx(0.5, abs=1e-6) and ok is False  # |3 - 1| / (3 + 1)


def test_theta_is_put_back_even_when_f_raises():
    theta = np.ones(2)
    with pytest.raises(ZeroDivisionError):
        reference.numerical_gradient(lambda t: 1 / 0, theta)
    assert theta.tolist() == [1.0, 1.0]


def test_clipping_by_hand():
    G, norm = reference.clip_by_norm({"dW": np.array([3.0]), "db": np.array([4.0])}, 1.0)
    assert norm == 5.0
    near(G, {"dW": [0.6], "db": [0.8]})


def test_clipping_never_raises_a_norm():
    rng = np.random.default_rng(7)
    for limit in (1e-3, 1.0, 7.0, 1e9):
        G = {"dW": rng.standard_normal((3, 4)), "db": rng.standard_normal((3, 1))}
        clipped, norm = reference.clip_by_norm(G, limit)
        assert norm == pytest.approx(math.sqrt(sum((g**2).sum() for g in G.values())))
        assert reference.clip_by_norm(clipped, np.inf)[1] <= min(norm, limit) * (1 + 1e-15)
    zero, norm = reference.clip_by_norm({"dW": np.zeros(2)}, 1.0)
    assert norm == 0.0 and zero["dW"].tolist() == [0.0, 0.0]
