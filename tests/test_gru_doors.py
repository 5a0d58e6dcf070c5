"""The GRU's first weights, what comes in and goes out of its functions, and what they refuse."""

import numpy as np
import pytest
from nearness import BOTH, near
from refusals import refused

from utils import reference, textbook

N_X, N_C, N_Y, M, T = 3, 5, 2, 4, 6
RNG = np.random.default_rng(3)
P = reference.init_gru(N_X, N_C, N_Y, RNG, update_bias=-0.5)
P |= {"Wcc": RNG.standard_normal((N_C, N_C)), "bcc": np.ones((N_C, 1))}
P |= {"Wcx": RNG.standard_normal((N_C, N_X)), "bcx": np.ones((N_C, 1))}
X, C0, DC = RNG.standard_normal((N_X, M, T)), RNG.standard_normal((N_C, M)), RNG.standard_normal((N_C, M, T))
XT, DC_NEXT = X[:, :, 0], DC[:, :, 0]
CACHE = reference.gru_cell_forward(XT, C0, P)[2]
CACHES = reference.gru_forward(X, C0, P)[2]
NAN = np.where(np.arange(M) == 2, np.nan, XT)
LAYOUT = "(c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)"

FORWARDS = {
    name: (XT, C0, P) for name in ("gru_cell_forward_simple", "gru_cell_forward", "gru_cell_forward_reset_after")
}
FORWARDS |= {"gru_forward": (X, C0, P)}
BACKWARDS = {name: (DC_NEXT, CACHE) for name in ("gru_cell_backward", "gru_cell_backward_reset_after")}
BACKWARDS |= {"gru_backward": (DC, CACHES)}


def arrays(value):
    if isinstance(value, dict):
        return [a for item in value.values() for a in arrays(item)]
    if isinstance(value, list | tuple):
        return [a for item in value for a in arrays(item)]
    return [value]


def changed(value, how):
    """The same nesting, every array put through `how`."""
    if isinstance(value, dict):
        return {key: changed(item, how) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(changed(item, how) for item in value)
    return how(value)


def locked(array):
    array = array.copy()
    array.flags.writeable = False
    return array


@BOTH
@pytest.mark.parametrize("name", [*FORWARDS, *BACKWARDS])
def test_inputs_are_only_read(maths, name):
    """Writing into a locked array raises."""
    given = changed((FORWARDS | BACKWARDS)[name], locked)
    plain = getattr(maths, name)(*(FORWARDS | BACKWARDS)[name])
    got = getattr(maths, name)(*given)
    near(arrays(got), arrays(plain), 0)
    results = arrays(got) if name in BACKWARDS else [*got[:2]]
    for result in results:
        assert not any(np.shares_memory(result, array) for array in arrays(given))


@pytest.mark.parametrize("name", [*FORWARDS, *BACKWARDS])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_reference_keeps_the_dtype(name, dtype):
    given = (FORWARDS | BACKWARDS)[name]
    got = getattr(reference, name)(*changed(given, lambda array: array.astype(dtype)))
    assert {array.dtype for array in arrays(got)} == {np.dtype(dtype)}
    near(arrays(got), arrays(getattr(reference, name)(*given)), 1e-5 if dtype == np.float32 else 0)


def test_the_reference_stays_calm_far_out():
    """Gates at the ends of their range, without a warning."""
    far = changed(P, lambda array: 1e4 * array)
    for name in FORWARDS:
        assert all(np.isfinite(array).all() for array in arrays(getattr(reference, name)(*FORWARDS[name][:2], far)))


@BOTH
def test_first_weights_are_drawn_in_the_order_that_is_written(maths):
    got = maths.init_gru(N_X, N_C, N_Y, np.random.default_rng(8), update_bias=-2)
    rng = np.random.default_rng(8)
    want = {name: rng.standard_normal((5, 8)) / np.sqrt(8) for name in ("Wu", "Wr", "Wc")}
    want["Wy"] = rng.standard_normal((2, 5)) / np.sqrt(5)
    want |= {"bu": np.full((5, 1), -2.0), "br": np.zeros((5, 1)), "bc": np.zeros((5, 1)), "by": np.zeros((2, 1))}
    near(got, want, 0)
    assert {array.dtype for array in got.values()} == {np.dtype(float)}
    assert not maths.init_gru(1, 1, 1, rng)["bu"].any()


@BOTH
def test_first_weights_have_the_variance_that_is_written(maths):
    drawn = maths.init_gru(150, 250, 100, np.random.default_rng(0))
    for name, count in {"Wu": 400, "Wr": 400, "Wc": 400, "Wy": 250}.items():
        assert drawn[name].var() * count == pytest.approx(1, abs=0.03), name
        assert abs(drawn[name].mean()) * np.sqrt(count) < 0.02, name


def without(name):
    return {key: value for key, value in P.items() if key != name}


def cached(place, value):
    return (*CACHE[:place], value, *CACHE[place + 1 :])


simple, after = reference.gru_cell_forward_simple, reference.gru_cell_forward_reset_after
back, back_after = reference.gru_cell_backward, reference.gru_cell_backward_reset_after

# what is called, with what, and what the sentence must hold: the name, what was expected, what came
WRONG = {
    "xt with three axes": (lambda: simple(X, C0, P), "xt", "2 axes (n_x, m)", "(3, 4, 6)"),
    "a flat memory": (lambda: simple(XT, C0[:, 0], P), "c_prev", "2 axes (n_c, m)", "(5,)"),
    "another batch": (lambda: after(XT, C0[:, :3], P), "c_prev", "m = 4", "(5, 3)"),
    "no example": (lambda: after(XT[:, :0], C0[:, :0], P), "xt", "empty along m", "(3, 0)"),
    "a list": (lambda: simple(XT.tolist(), C0, P), "xt", "a NumPy array of shape (n_x, m)", "list"),
    "texts": (lambda: after(XT.astype(str), C0, P), "xt", "must hold numbers", "<U"),
    "NaN": (lambda: after(NAN, C0, P), "xt", "holds NaN", "the step that made it"),
    "a gate without its input part": (
        lambda: simple(XT, C0, P | {"Wu": P["Wcc"]}), "Wu", "(n_c, n_c+n_x) with n_c+n_x = 8", "(5, 5)",
    ),
    "a gate for another memory": (
        lambda: after(XT, C0, P | {"Wr": P["Wr"][1:]}), "Wr", "with n_c = 5", "(4, 8)",
    ),
    "a flat bias": (lambda: simple(XT, C0, P | {"bu": np.ones(5)}), "bu", "2 axes (n_c, 1)", "(5,)"),
    "a bias for each example": (lambda: after(XT, C0, P | {"bcc": np.ones((5, 4))}), "bcc", "(n_c, 1)", "(5, 4)"),
    "Wcc not square": (lambda: after(XT, C0, P | {"Wcc": P["Wcx"]}), "Wcc", "(n_c, n_c) with n_c = 5", "(5, 3)"),
    "Wcx transposed": (lambda: after(XT, C0, P | {"Wcx": P["Wcx"].T}), "Wcx", "(n_c, n_x)", "(3, 5)"),
    "Wy transposed": (lambda: simple(XT, C0, P | {"Wy": P["Wy"].T}), "Wy", "n_c = 5", "(5, 2)"),
    "by of another size": (lambda: after(XT, C0, P | {"by": np.ones((3, 1))}), "by", "n_y = 2", "(3, 1)"),
    "NaN in a weight": (lambda: simple(XT, C0, P | {"Wc": P["Wc"] * np.nan}), "Wc", "holds NaN", "the step that made"),
    "a parameter missing": (lambda: simple(XT, C0, without("bu")), "P", "bu is missing", "Wu"),
    "an inner bias missing": (lambda: after(XT, C0, without("bcc")), "P", "bcc is missing", "Wu"),
    "parameters in a list": (lambda: after(XT, C0, list(P.values())), "P", "a dict with Wu", "list"),
    "a gradient of three axes": (lambda: back(DC, CACHE), "dc_next", "2 axes (n_c, m)", "(5, 4, 6)"),
    "a gradient of the wrong size": (lambda: back_after(DC_NEXT[:4], CACHE), "c_next", "n_c = 4", "(5, 4)"),
    "NaN in the gradient": (lambda: back(DC_NEXT * np.nan, CACHE), "dc_next", "holds NaN", "the step that made it"),
    "the cache of the simple cell": (lambda: back(DC_NEXT, simple(XT, C0, P)[2]), "cache", LAYOUT, "6 entries"),
    "no cache": (lambda: back_after(DC_NEXT, None), "cache", LAYOUT, "NoneType"),
    "a gate of one example": (lambda: back(DC_NEXT, cached(2, C0[:, :1])), "gate_u", "m = 4", "(5, 1)"),
    "the input of another step": (lambda: back_after(DC_NEXT, cached(5, XT[:, 1:])), "xt", "m = 4", "(3, 3)"),
    "the other variant's parameters": (
        lambda: back_after(DC_NEXT, cached(6, without("Wcc"))), "P", "Wcc is missing", "Wu",
    ),
    "no memory": (lambda: reference.init_gru(3, 0, 2, RNG), "n_c", "at least 1", "got 0"),
    "a size that is a fraction": (lambda: reference.init_gru(3.0, 5, 2, RNG), "n_x", "a whole number", "got 3.0"),
    "a size that is True": (lambda: reference.init_gru(3, 5, True, RNG), "n_y", "a whole number", "got True"),
    "an old generator": (
        lambda: reference.init_gru(3, 5, 2, np.random.RandomState(0)), "rng", "numpy.random.Generator", "RandomState",
    ),
    "a bias without end": (lambda: reference.init_gru(3, 5, 2, RNG, -np.inf), "update_bias", "a number", "-inf"),
    "a bias that is NaN": (lambda: reference.init_gru(3, 5, 2, RNG, np.nan), "update_bias", "a number", "nan"),
    "a bias for each unit": (lambda: reference.init_gru(3, 5, 2, RNG, C0), "update_bias", "a number", "ndarray"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_the_two_maths_agree():
    """What the cases above differ from in one thing passes every door, and gives what the textbook gives."""
    for name, given in (FORWARDS | BACKWARDS).items():
        near(getattr(reference, name)(*given), getattr(textbook, name)(*given))
