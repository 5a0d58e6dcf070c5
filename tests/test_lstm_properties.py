"""What holds for the LSTM whatever the numbers are, and how its first weights are drawn."""

import math

import numpy as np
import pytest
from nearness import BOTH, GATES, N_A, N_X, N_Y, M, T, dtypes, near, with_peepholes

from utils import reference, textbook


@BOTH
def test_shut_peepholes_are_no_peepholes(maths, lstm_net):
    x, a0, c0, P = lstm_net
    shut = {name: np.zeros((N_A, 1)) for name in ("pf", "pu", "po")}
    near(
        maths.lstm_cell_forward_peephole(x[:, :, 0], a0, c0, P | shut)[:3],
        maths.lstm_cell_forward(x[:, :, 0], a0, c0, P)[:3],
    )


def test_textbook_peepholes_equal_the_reference(lstm_net, rng):
    x, a0, c0, P = lstm_net
    P = with_peepholes(rng, P)
    near(*(maths.lstm_cell_forward_peephole(x[:, :, 0], a0, c0, P) for maths in (textbook, reference)))


@BOTH
def test_the_sequence_is_the_cell_again_and_again(maths, lstm_net):
    x, a0, c0, P = lstm_net
    a, y, c, (cells, _) = maths.lstm_forward(x, a0, P, c0)
    a_next, c_next = a0, c0
    for t in range(T):
        a_next, c_next, yt, cache = maths.lstm_cell_forward(x[:, :, t], a_next, c_next, P)
        near((a[:, :, t], c[:, :, t], y[:, :, t]), (a_next, c_next, yt))
        near(cells[t], cache)


@BOTH
def test_without_c0_the_memory_starts_from_zeros(maths, lstm_net):
    x, a0, _, P = lstm_net
    near(maths.lstm_forward(x, a0, P), maths.lstm_forward(x, a0, P, np.zeros_like(a0)))


@BOTH
@pytest.mark.parametrize("cut", [1, 2, T - 1])
def test_splitting_a_sequence_and_carrying_both_states_is_one_pass(maths, lstm_net, rng, cut):
    x, a0, c0, P = lstm_net
    whole = maths.lstm_forward(x, a0, P, c0)
    first = maths.lstm_forward(x[:, :, :cut], a0, P, c0)
    rest = maths.lstm_forward(x[:, :, cut:], first[0][:, :, -1], P, first[2][:, :, -1])
    for k in range(3):
        near(np.concatenate([first[k], rest[k]], axis=2), whole[k])
    dropped = maths.lstm_forward(x[:, :, cut:], first[0][:, :, -1], P)  # a carried, c not
    assert np.abs(dropped[0] - rest[0]).max() > 1e-3


@BOTH
def test_a_late_gradient_travels_through_both_ways(maths, lstm_net):
    """With dc handed on, dx of the first steps differs from what the a-path alone would give."""
    x, a0, c0, P = lstm_net
    da = np.zeros((N_A, M, T))
    da[:, :, -1] = 1.0
    *_, caches = maths.lstm_forward(x, a0, P, c0)
    G = maths.lstm_backward(da, caches)
    through_a_only = da[:, :, -1]
    for t in reversed(range(T)):
        step = maths.lstm_cell_backward(through_a_only, np.zeros((N_A, M)), caches[0][t])
        through_a_only = step["da_prev"]
    assert np.abs(G["dx"][:, :, 0] - step["dxt"]).max() > 1e-6
    assert np.abs(G["dc0"]).min() > 0


@BOTH
def test_examples_do_not_see_each_other(maths, lstm_net, rng):
    x, a0, c0, P = lstm_net
    order, da = [2, 0, 3, 1], rng.standard_normal((N_A, M, T))
    a, y, c, caches = maths.lstm_forward(x, a0, P, c0)
    mixed = maths.lstm_forward(x[:, order], a0[:, order], P, c0[:, order])
    near(mixed[:3], (a[:, order], y[:, order], c[:, order]))
    G = maths.lstm_backward(da, caches)
    alone = [maths.lstm_forward(x[:, [j]], a0[:, [j]], P, c0[:, [j]]) for j in range(M)]
    near(np.concatenate([one[0] for one in alone], axis=1), a)
    parts = [maths.lstm_backward(da[:, [j]], one[3]) for j, one in enumerate(alone)]
    near({k: sum(part[k] for part in parts) for k in G if k[1:] in GATES}, {k: G[k] for k in G if k[1:] in GATES})


@BOTH
def test_backward_is_linear_in_what_enters(maths, lstm_net, rng):
    x, a0, c0, P = lstm_net
    caches = maths.lstm_forward(x, a0, P, c0)[3]
    one, other = rng.standard_normal((2, N_A, M, T))
    G1, G2, both = (maths.lstm_backward(da, caches) for da in (one, other, 2 * one - other))
    near(both, {key: 2 * G1[key] - G2[key] for key in both}, 1e-11)


@BOTH
def test_an_open_forget_gate_and_a_shut_update_gate_keep_the_memory_exactly(maths, lstm_net, rng):
    x, a0, c0, P = lstm_net
    P = P | {"bf": np.full((N_A, 1), 700.0), "bu": np.full((N_A, 1), -700.0)}
    a, _, c, caches = maths.lstm_forward(x, a0, P, c0)
    assert np.array_equal(c, np.repeat(c0[:, :, None], T, axis=2))
    assert not np.array_equal(a[:, :, 0], a[:, :, 1])  # what is shown still changes
    da = np.zeros((N_A, M, T))
    da[:, :, -1] = rng.standard_normal((N_A, M))
    near(maths.lstm_cell_backward(np.zeros((N_A, M)), c0, caches[0][0])["dc_prev"], c0, 0)  # and so does its gradient
    P["Wo"] = np.zeros_like(P["Wo"])  # nothing but the memory reaches the end
    caches = maths.lstm_forward(x, a0, P, c0)[3]
    gate_o = caches[0][-1][7]
    near(maths.lstm_backward(da, caches)["dc0"], da[:, :, -1] * gate_o * (1 - np.tanh(c0) ** 2))


@BOTH
def test_a_shut_forget_gate_forgets(maths, lstm_net):
    x, a0, c0, P = lstm_net
    P = P | {"bf": np.full((N_A, 1), -700.0)}
    near(maths.lstm_forward(x, a0, P, c0)[:3], maths.lstm_forward(x, a0, P, 5 * c0)[:3])
    G = maths.lstm_backward(np.ones((N_A, M, T)), maths.lstm_forward(x, a0, P, c0)[3])
    assert np.abs(G["dc0"]).max() < 1e-290


@BOTH
def test_inputs_are_left_alone_and_results_are_new(maths, lstm_net, rng):
    x, a0, c0, P = lstm_net
    P = with_peepholes(rng, P)
    kept = [v.copy() for v in (x, a0, c0)], {k: v.copy() for k, v in P.items()}
    da = rng.standard_normal((N_A, M, T))
    a, y, c, caches = maths.lstm_forward(x, a0, P, c0)
    maths.lstm_cell_forward_peephole(x[:, :, 0], a0, c0, P)
    cell = maths.lstm_cell_forward(x[:, :, 0], a0, c0, P)
    G = maths.lstm_backward(da, caches)
    step = maths.lstm_cell_backward(da[:, :, 0], c0, cell[3])
    near(((x, a0, c0), P), (tuple(kept[0]), kept[1]), 0)
    results = [a, y, c, *cell[:3], *G.values(), *step.values()]
    for result in results:
        assert not any(np.shares_memory(result, given) for given in (x, a0, c0, da, *P.values()))
    states = [cells[:2] for cells in caches[0]]
    for result in (*G.values(), *step.values()):
        result[...] = np.nan
    assert all(np.isfinite(v).all() for pair in states for v in pair)


def test_the_reference_keeps_float32(lstm_net, rng):
    single = np.dtype(np.float32)
    x, a0, c0 = (v.astype(single) for v in lstm_net[:3])
    P = {key: value.astype(single) for key, value in with_peepholes(rng, lstm_net[3]).items()}
    da = rng.standard_normal((N_A, M, T)).astype(single)
    cell = reference.lstm_cell_forward(x[:, :, 0], a0, c0, P)
    assert dtypes(cell) == {single}
    assert dtypes(reference.lstm_cell_forward_peephole(x[:, :, 0], a0, c0, P)) == {single}
    assert dtypes(reference.lstm_cell_backward(da[:, :, 0], da[:, :, 1], cell[3])) == {single}
    for memory in (None, c0):
        whole = reference.lstm_forward(x, a0, P, memory)
        assert dtypes(whole) == {single}
        assert dtypes(reference.lstm_backward(da, whole[3])) == {single}


@BOTH
def test_first_weights(maths):
    P = maths.init_lstm(300, 200, 100, np.random.default_rng(0))
    shapes = {f"W{gate}": (200, 500) for gate in "fuco"} | {f"b{gate}": (200, 1) for gate in "fuco"}
    assert {k: v.shape for k, v in P.items()} == shapes | {"Wy": (100, 200), "by": (100, 1)}
    for name, inputs in [(f"W{gate}", 500) for gate in "fuco"] + [("Wy", 200)]:
        size = P[name].size
        assert P[name].var() * inputs == pytest.approx(1.0, abs=5 * math.sqrt(2 / size))
        assert abs(P[name].mean()) * math.sqrt(size * inputs) < 5
    assert (P["bf"] == 1).all() and not any(P[name].any() for name in ("bu", "bc", "bo", "by"))
    assert dtypes(P) == {np.dtype(np.float64)}


@BOTH
@pytest.mark.parametrize("forget_bias", [0, 1, 2.5, -1, np.float64(4)])
def test_first_weights_are_drawn_in_the_promised_order(maths, forget_bias):
    P = maths.init_lstm(N_X, N_A, N_Y, np.random.default_rng(3), forget_bias)
    again = np.random.default_rng(3)
    for gate in "fuco":
        near(P["W" + gate], again.standard_normal((N_A, N_A + N_X)) / math.sqrt(N_A + N_X), 1e-15)
    near(P["Wy"], again.standard_normal((N_Y, N_A)) / math.sqrt(N_A), 1e-15)
    assert (P["bf"] == forget_bias).all()
    used = np.random.default_rng(3)
    maths.init_lstm(N_X, N_A, N_Y, used)
    assert used.bit_generator.state == again.bit_generator.state  # not one number more


@BOTH
def test_a_forget_bias_of_one_makes_the_memory_live_longer(maths):
    """With no input and no state the forget gate is σ(bias): 0.5 of the memory is left after a step, or 0.73."""
    start = np.zeros((N_X, 1)), np.zeros((N_A, 1)), np.ones((N_A, 1))
    for bias, left in ((0, 0.5), (1, 1 / (1 + math.exp(-1)))):
        P = maths.init_lstm(N_X, N_A, N_Y, np.random.default_rng(0), bias)
        near(maths.lstm_cell_forward(*start, P)[1], np.full((N_A, 1), left))
