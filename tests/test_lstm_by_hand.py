"""The LSTM with numbers worked out on paper."""

import math

import numpy as np
import pytest
from nearness import BOTH, near

ONE = {"Wf": [[0.0, 1.0]], "Wu": [[1.0, 0.0]], "Wc": [[2.0, 1.0]], "Wo": [[0.0, 0.0]]}
ONE |= {"bf": [[math.log(3)]], "bu": [[-0.5]], "bc": [[0.2]], "bo": [[-math.log(3)]], "Wy": [[1.0], [0.0]]}
ONE = {name: np.array(value) for name, value in ONE.items()} | {"by": np.zeros((2, 1))}
X1, A1, C1 = np.array([[0.0]]), np.array([[0.5]]), np.array([[0.8]])


@BOTH
def test_one_cell_by_hand(maths):
    a, c, y, cache = maths.lstm_cell_forward(X1, A1, C1, ONE)
    # Γf = σ(ln 3) = 3/4, Γu = σ(0.5 - 0.5) = 1/2, c̃ = tanh(1 + 0.2), Γo = σ(-ln 3) = 1/4
    memory = 0.75 * 0.8 + 0.5 * math.tanh(1.2)
    assert memory == pytest.approx(1.0168273035060777, abs=1e-15)
    near(c, [[memory]])
    near(a, [[0.25 * math.tanh(memory)]])
    near(y[0], [1 / (1 + math.exp(-0.25 * math.tanh(memory)))])
    near(cache[4:8], ([[0.75]], [[0.5]], [[math.tanh(1.2)]], [[0.25]]))
    assert cache[2] is A1 and cache[3] is C1 and cache[8] is X1 and cache[9] is ONE and cache[1] is c


@BOTH
def test_two_steps_by_hand(maths):
    """The second step reads what the first one left: 0.8, then 0.75 · 0.8 + …"""
    x = np.array([[[0.0, 1.0]]])
    a, y, c, (cells, _) = maths.lstm_forward(x, A1, ONE, C1)
    c1 = 0.75 * 0.8 + 0.5 * math.tanh(1.2)
    a1 = 0.25 * math.tanh(c1)
    forget, update = 1 / (1 + math.exp(-1) / 3), 1 / (1 + math.exp(0.5 - a1))
    c2 = forget * c1 + update * math.tanh(2 * a1 + 1.2)
    near(c, [[[c1, c2]]])
    near(a, [[[a1, 0.25 * math.tanh(c2)]]])
    near(cells[1][2:4], ([[a1]], [[c1]]))
    near(y.sum(axis=0), [[1.0, 1.0]])


@BOTH
def test_one_cell_back_by_hand(maths):
    c = math.atanh(0.6)
    cache = (0.25 * 0.6, c, 0.5, 0.8, 0.75, 0.5, -0.5, 0.25, 2.0)
    cache = (*(np.array([[value]]) for value in cache), ONE)
    got = maths.lstm_cell_backward(np.array([[10.0]]), np.array([[0.4]]), cache)
    # dc = 0.4 + 10 · 0.25 · (1 - 0.36) = 2
    dzf, dzu, dzc, dzo = 2 * 0.8 * 0.1875, 2 * -0.5 * 0.25, 2 * 0.5 * 0.75, 10 * 0.6 * 0.1875
    want = {"dc_prev": [[1.5]], "da_prev": [[dzu + 2 * dzc]], "dxt": [[dzf + dzc]]}
    for gate, dz in zip("fuco", (dzf, dzu, dzc, dzo), strict=True):
        want |= {f"dW{gate}": [[0.5 * dz, 2 * dz]], f"db{gate}": [[dz]]}
    near(got, want)


@BOTH
def test_peepholes_by_hand(maths):
    P = ONE | {"pf": np.array([[1.0]]), "pu": np.array([[-1.0]]), "po": np.array([[2.0]])}
    a, c, _, cache = maths.lstm_cell_forward_peephole(X1, A1, C1, P)
    forget, update = 1 / (1 + math.exp(-0.8) / 3), 1 / (1 + math.exp(0.8))
    memory = forget * 0.8 + update * math.tanh(1.2)
    output = 1 / (1 + 3 * math.exp(-2 * memory))  # the new memory, not the old one
    near(c, [[memory]])
    near(a, [[output * math.tanh(memory)]])
    near(cache[4:8], ([[forget]], [[update]], [[math.tanh(1.2)]], [[output]]))
