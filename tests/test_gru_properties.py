"""What must always hold of the GRU and its variants, whatever the numbers."""

import numpy as np
import pytest
from nearness import BOTH, near
from test_gru import BEFORE, N_C, M, T, inputs, sides

from utils.checking.exercises import find


@BOTH
def test_gates_are_shares(maths, rng):
    for _ in range(20):
        x, c0, P, _ = inputs(rng)
        cells = maths.gru_forward(x, c0, P)[2][0]
        for cell in [*cells, maths.gru_cell_forward_reset_after(x[:, :, 0], c0, P)[2]]:
            assert all(0 < gate.min() and gate.max() < 1 for gate in cell[2:4])
            between = np.sort([cell[1], cell[4]], axis=0)  # the new memory lies between the old one and the candidate
            assert (between[0] - 1e-15 <= cell[0]).all() and (cell[0] <= between[1] + 1e-15).all()


@BOTH
def test_a_closed_gate_keeps_the_memory_exactly(maths, rng):
    x, c0, P, _ = inputs(rng, T=200)
    P["bu"] = np.full((N_C, 1), -100.0)
    c, _, caches = maths.gru_forward(x, c0, P)
    np.testing.assert_array_equal(c, np.repeat(c0[:, :, None], 200, axis=2))
    for name in ("gru_cell_forward_simple", "gru_cell_forward", "gru_cell_forward_reset_after"):
        np.testing.assert_array_equal(getattr(maths, name)(x[:, :, 0], c0, P)[0], c0)
    dc = np.zeros((N_C, M, 200))
    dc[:, :, -1] = rng.standard_normal((N_C, M))
    near(maths.gru_backward(dc, caches)["dc0"], dc[:, :, -1])  # and the gradient comes back 200 steps undiminished
    P["bu"] = np.full((N_C, 1), 100.0)
    c_next, _, cache = maths.gru_cell_forward(x[:, :, 0], c0, P)
    near(c_next, cache[4])  # an open one takes the candidate


@BOTH
def test_the_variants_differ_and_agree_when_nothing_is_reset(maths, rng):
    x, c0, P, dc = inputs(rng)
    xt, dc = x[:, :, 0], dc[:, :, 0]
    P |= {"Wc": np.hstack([P["Wcc"], P["Wcx"]]), "bc": P["bcc"] + P["bcx"]}
    names = ("gru_cell_forward", "gru_cell_forward_reset_after", "gru_cell_forward_simple")
    before, after, simple = (getattr(maths, name)(xt, c0, P)[0] for name in names)
    for one, other in ((before, after), (before, simple), (after, simple)):
        assert np.abs(one - other).max() > 0.1
    P["br"] = np.full((N_C, 1), 100.0)
    before, after, simple = (getattr(maths, name)(xt, c0, P) for name in names)
    near(before[:2], after[:2])
    near(before[:2], simple[:2])
    one, other = maths.gru_cell_backward(dc, before[2]), maths.gru_cell_backward_reset_after(dc, after[2])
    near(one["dWc"], np.hstack([other["dWcc"], other["dWcx"]]))
    for key, same in {"dxt": "dxt", "dc_prev": "dc_prev", "dWu": "dWu", "dbu": "dbu", "dbc": "dbcc"}.items():
        near(one[key], other[same])


@pytest.mark.parametrize("after", ["", "_reset_after"])
@pytest.mark.parametrize("cut", [1, 3, T - 1])
def test_two_parts_with_the_memory_handed_on_are_one_pass(rng, after, cut):
    x, c0, P, dc = inputs(rng)
    for maths in sides(f"gru_forward{after}"):
        forward, backward = getattr(maths, f"gru_forward{after}"), getattr(maths, f"gru_backward{after}")
        c, y, caches = forward(x, c0, P)
        one = forward(x[:, :, :cut], c0, P)
        two = forward(x[:, :, cut:], one[0][:, :, -1], P)
        near((np.dstack([one[0], two[0]]), np.dstack([one[1], two[1]])), (c, y))
        G_two = backward(dc[:, :, cut:], two[2])
        arriving = dc[:, :, :cut].copy()
        arriving[:, :, -1] += G_two["dc0"]
        G_one = backward(arriving, one[2])
        joined = {key: G_one[key] + G_two[key] for key in G_one if key not in ("dx", "dc0")}
        joined |= {"dx": np.dstack([G_one["dx"], G_two["dx"]]), "dc0": G_one["dc0"]}
        near(joined, backward(dc, caches))


@BOTH
def test_examples_do_not_mix(maths, rng):
    x, c0, P, dc = inputs(rng)
    c, y, caches = maths.gru_forward(x, c0, P)
    G, alone = maths.gru_backward(dc, caches), []
    for j in range(M):
        c_j, y_j, caches_j = maths.gru_forward(x[:, [j]], c0[:, [j]], P)
        near((c_j, y_j), (c[:, [j]], y[:, [j]]))
        alone.append(maths.gru_backward(dc[:, [j]], caches_j))
        near((alone[-1]["dx"], alone[-1]["dc0"]), (G["dx"][:, [j]], G["dc0"][:, [j]]))
    for name in BEFORE:
        near(sum(one["d" + name] for one in alone), G["d" + name])


@pytest.mark.parametrize("name", ["gru_cell_backward", "gru_backward"])
def test_the_cases_of_the_way_back_hide_nothing(name):
    """Memories and biases are never zero, and all sizes of the general case differ."""
    for seed in range(10):
        for category, given in find(name).cases(np.random.default_rng(seed)).items():
            cells = given["caches"][0] if name == "gru_backward" else [given["cache"]]
            for _, c_prev, *_, P in cells:
                assert min(np.abs(v).min() for v in (c_prev, P["bu"], P["br"], P["bc"])) > 0, category
            sizes = [*given["dc" if name == "gru_backward" else "dc_next"].shape, len(cells[0][5]), len(P["by"])]
            if category.startswith("several"):
                assert len(set(sizes)) == len(sizes) and min(sizes) > 1
