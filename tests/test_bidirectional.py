"""Reading in both directions and the losses of lesson 08: beside PyTorch, on paper, at the door."""

import math

import numpy as np
import pytest
from nearness import BOTH, N_A, N_X, N_Y, M, T, near
from refusals import refused

from utils import reference, textbook
from utils.checking.exercises.lesson_08 import two_way_inputs

WAYS = ("fwd", "bwd")
LENGTHS = np.array([6, 1, 3, 5])
COUNTS = np.arange(T) < LENGTHS[:, None]


@pytest.fixture
def inputs(rng):
    """x, a0_fwd, a0_bwd, P, lengths: all sizes different, lengths from 1 to T."""
    return two_way_inputs(rng, N_X, N_A, N_Y, M, T) | {"lengths": LENGTHS}


def everything(inputs, keep=slice(None), steps=T):
    """The inputs of some of the examples, cut to a number of steps."""
    cut = {"x": inputs["x"][:, keep, :steps], "lengths": inputs["lengths"][keep]}
    return inputs | cut | {name: inputs[name][:, keep] for name in ("a0_fwd", "a0_bwd")}


def in_single(value):
    if isinstance(value, dict):
        return {key: in_single(item) for key, item in value.items()}
    return value.astype(np.float32) if value.dtype == np.float64 else value


def leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list | tuple) else [value]


# ----- reverse_valid


@BOTH
def test_reversing_by_hand(maths):
    x = np.array([[[1, 2, 3, 9], [4, 5, 8, 7]], [[10, 20, 30, 90], [40, 50, 80, 70]]])
    want = [[[3, 2, 1, 9], [5, 4, 8, 7]], [[30, 20, 10, 90], [50, 40, 80, 70]]]
    assert maths.reverse_valid(x, np.array([3, 2])).tolist() == want


@BOTH
@pytest.mark.parametrize("seed", range(20))
def test_reversing_twice_changes_nothing(maths, seed):
    rng = np.random.default_rng(seed)
    n_x, m, steps = rng.integers(1, 8, 3)
    x, lengths = rng.standard_normal((n_x, m, steps)), rng.integers(1, steps + 1, m)
    once = maths.reverse_valid(x, lengths)
    assert np.array_equal(maths.reverse_valid(once, lengths), x)
    for i, n in enumerate(lengths):
        assert np.array_equal(once[:, i, n:], x[:, i, n:])  # the padding has not moved
        assert np.array_equal(once[:, i, 0], x[:, i, n - 1])


def test_both_reversals_agree_whatever_the_type_of_the_lengths(rng):
    x = rng.standard_normal((N_X, M, T))
    for dtype in (np.int64, np.int8, np.uint8, np.uint64):
        for maths in (reference, textbook):
            near(maths.reverse_valid(x, LENGTHS.astype(dtype)), textbook.reverse_valid(x, LENGTHS), 0)


# ----- brnn_forward and brnn_backward beside PyTorch


def torch_brnn(torch, inputs, da=None):
    """nn.RNN with packed sequences, as states and (given da) gradients in the layout of this course."""
    x, P = inputs["x"], inputs["P"]
    rnn = torch.nn.RNN(x.shape[0], len(P["ba_fwd"]), bidirectional=True).double()
    with torch.no_grad():
        for way, tail in zip(WAYS, ("", "_reverse"), strict=True):
            getattr(rnn, f"weight_ih_l0{tail}").copy_(torch.tensor(P[f"Wax_{way}"]))
            getattr(rnn, f"weight_hh_l0{tail}").copy_(torch.tensor(P[f"Waa_{way}"]))
            getattr(rnn, f"bias_ih_l0{tail}").copy_(torch.tensor(P[f"ba_{way}"][:, 0]))
            getattr(rnn, f"bias_hh_l0{tail}").zero_()
    xs = torch.tensor(x.transpose(2, 1, 0).copy(), requires_grad=True)  # (T, m, n_x)
    starts = np.stack([inputs["a0_fwd"].T, inputs["a0_bwd"].T])
    h0 = torch.tensor(starts, requires_grad=True)
    packed = torch.nn.utils.rnn.pack_padded_sequence(xs, torch.tensor(inputs["lengths"]), enforce_sorted=False)
    states, _ = torch.nn.utils.rnn.pad_packed_sequence(rnn(packed, h0)[0], total_length=x.shape[2])
    a = states.detach().numpy().transpose(2, 1, 0)
    if da is None:
        return a
    (states * torch.tensor(da.transpose(2, 1, 0).copy())).sum().backward()
    G = {"dx": xs.grad.numpy().transpose(2, 1, 0)}
    for k, (way, tail) in enumerate(zip(WAYS, ("", "_reverse"), strict=True)):
        G[f"da0_{way}"] = h0.grad[k].numpy().T
        G[f"dWax_{way}"] = getattr(rnn, f"weight_ih_l0{tail}").grad.numpy()
        G[f"dWaa_{way}"] = getattr(rnn, f"weight_hh_l0{tail}").grad.numpy()
        G[f"dba_{way}"] = getattr(rnn, f"bias_ih_l0{tail}").grad.numpy()[:, None]
    return a, G


@BOTH
def test_forward_against_packed_nn_rnn(maths, torch, inputs):
    a, y_pred, caches = maths.brnn_forward(**inputs)
    want = torch_brnn(torch, inputs)
    near(a, want)
    P = inputs["P"]
    z = torch.einsum("ya,amt->ymt", torch.tensor(P["Wy"]), torch.tensor(want)) + torch.tensor(P["by"])[:, :, None]
    near(y_pred, torch.sigmoid(z).numpy())
    assert len(caches) == 3 and caches[2] is inputs["lengths"]


@BOTH
def test_backward_against_packed_nn_rnn(maths, torch, inputs, rng):
    da = rng.standard_normal((2 * N_A, M, T))
    near(maths.brnn_backward(da, maths.brnn_forward(**inputs)[2]), torch_brnn(torch, inputs, da)[1])


@BOTH
@pytest.mark.parametrize(("m", "steps"), [(1, 4), (3, 1), (1, 1)])
def test_one_example_and_one_step_against_packed_nn_rnn(maths, torch, rng, m, steps):
    inputs = two_way_inputs(rng, 2, 3, 4, m, steps)
    da = rng.standard_normal((6, m, steps))
    a, y_pred, caches = maths.brnn_forward(**inputs)
    want_a, want_G = torch_brnn(torch, inputs, da)
    near(a, want_a)
    near(maths.brnn_backward(da, caches), want_G)
    assert y_pred.shape == (4, m, steps)


@BOTH
def test_gradients_against_a_complex_step(maths, inputs, rng):
    """∂/∂θ Σ da * a, with the states written out for complex numbers; exact to rounding."""
    da = rng.standard_normal((2 * N_A, M, T))

    def total(values):
        sum_ = 0
        for i, n in enumerate(LENGTHS):
            for way, order, half in (("fwd", range(n), da[:N_A]), ("bwd", reversed(range(n)), da[N_A:])):
                a = values[f"a0_{way}"][:, i]
                for t in order:
                    z = values[f"Wax_{way}"] @ values["x"][:, i, t] + values[f"Waa_{way}"] @ a
                    a = np.tanh(z + values[f"ba_{way}"][:, 0])
                    sum_ = sum_ + half[:, i, t] @ a
        return sum_

    values = {"x": inputs["x"], "a0_fwd": inputs["a0_fwd"], "a0_bwd": inputs["a0_bwd"]} | inputs["P"]
    G = maths.brnn_backward(da, maths.brnn_forward(**inputs)[2])
    assert {key[1:] for key in G} == set(values) - {"Wy", "by"}
    for key, got in G.items():
        for index in list(np.ndindex(got.shape))[:: max(1, got.size // 8)]:
            moved = values[key[1:]].astype(complex)
            moved[index] += 1e-30j
            want = total(values | {key[1:]: moved}).imag / 1e-30
            assert got[index] == pytest.approx(want, rel=1e-11, abs=1e-13), (key, index)


@BOTH
def test_forward_and_backward_by_hand(maths):
    """One unit, two steps that count and one that does not; weights 1 in, no memory, so that tanh x is the state."""
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    P = {"Wax_fwd": one, "Waa_fwd": zero, "ba_fwd": zero, "Wax_bwd": 2 * one, "Waa_bwd": one, "ba_bwd": zero}
    P |= {"Wy": np.array([[1.0, -1.0]]), "by": np.array([[math.log(3)]])}
    x = np.array([[[0.5, 0.25, 7.0]]])
    a, y_pred, caches = maths.brnn_forward(x, zero, 0.1 * one, P, np.array([2]))
    last = math.tanh(2 * 0.25 + 0.1)  # the backward direction begins at the second step, with a0_bwd
    first = math.tanh(2 * 0.5 + last)
    near(a, [[[math.tanh(0.5), math.tanh(0.25), 0.0]], [[first, last, 0.0]]])
    near(y_pred[0, 0, 2], 0.75)  # behind the end σ(by) is left: e^log 3 / (1 + e^log 3)
    near(y_pred[0, 0, 0], 1 / (1 + math.exp(-(math.tanh(0.5) - first)) / 3))
    G = maths.brnn_backward(np.array([[[0.0, 0.0, 5.0]], [[1.0, 0.0, 5.0]]]), caches)
    at_first = 1 - first**2
    at_last = at_first * (1 - last**2)  # through Waa_bwd = 1 to the second step
    near(G["dx"], [[[2 * at_first, 2 * at_last, 0.0]]])
    near(G["dWax_bwd"], [[0.5 * at_first + 0.25 * at_last]])
    near(G["dWaa_bwd"], [[last * at_first + 0.1 * at_last]])
    near(G["dba_bwd"], [[at_first + at_last]])
    near(G["da0_bwd"], [[at_last]])
    near([G[f"{name}_fwd"] for name in ("da0", "dWax", "dWaa", "dba")], [[[0.0]]] * 4)


# ----- properties


@BOTH
def test_the_content_of_the_padding_does_not_matter(maths, inputs, rng):
    other = inputs | {"x": np.where(COUNTS, inputs["x"], 100 * rng.standard_normal((N_X, M, T)))}
    assert not np.array_equal(other["x"], inputs["x"])
    da = rng.standard_normal((2 * N_A, M, T))
    wild = np.where(COUNTS, da, np.nan)  # nothing that stands behind an end may leak
    (a, y_pred, caches), (a_too, y_too, caches_too) = maths.brnn_forward(**inputs), maths.brnn_forward(**other)
    near((a_too, y_too), (a, y_pred), 1e-15)
    near(maths.brnn_backward(wild, caches_too), maths.brnn_backward(da, caches), 1e-15)


@BOTH
def test_behind_the_end_all_is_zero(maths, inputs, rng):
    a, _, caches = maths.brnn_forward(**inputs)
    G = maths.brnn_backward(rng.standard_normal(a.shape), caches)
    assert not a[:, ~COUNTS].any() and not G["dx"][:, ~COUNTS].any()
    assert a[:, COUNTS].all() and G["dx"][:, COUNTS].all()


@BOTH
def test_a_sequence_alone_equals_itself_in_a_padded_batch(maths, inputs, rng):
    da = rng.standard_normal((2 * N_A, M, T))
    a, y_pred, caches = maths.brnn_forward(**inputs)
    G = maths.brnn_backward(da, caches)
    summed = {}
    for i, n in enumerate(LENGTHS):
        alone = maths.brnn_forward(**everything(inputs, slice(i, i + 1), n))
        near(alone[:2], (a[:, i : i + 1, :n], y_pred[:, i : i + 1, :n]))
        g = maths.brnn_backward(da[:, i : i + 1, :n], alone[2])
        near(g["dx"], G["dx"][:, i : i + 1, :n])
        near([g["da0_fwd"], g["da0_bwd"]], [G["da0_fwd"][:, i : i + 1], G["da0_bwd"][:, i : i + 1]])
        for key in set(G) - {"dx", "da0_fwd", "da0_bwd"}:
            summed[key] = summed.get(key, 0) + g[key]
    near(summed, {key: G[key] for key in summed})


@BOTH
def test_examples_do_not_touch_each_other(maths, inputs, rng):
    order = rng.permutation(M)
    a, y_pred, _ = maths.brnn_forward(**inputs)
    near(maths.brnn_forward(**everything(inputs, order))[:2], (a[:, order], y_pred[:, order]))


@BOTH
def test_turning_round_the_batch_swaps_the_directions(maths, inputs):
    """Reading reversed sequences with the directions' weights exchanged gives the same states, reversed and swapped."""
    P = inputs["P"]
    Q = P | {f"{n}_{w}": P[f"{n}_{v}"] for n in ("Wax", "Waa", "ba") for w, v in (WAYS, WAYS[::-1])}
    turned = maths.reverse_valid(inputs["x"], LENGTHS)
    a = maths.brnn_forward(**inputs)[0]
    other = maths.brnn_forward(turned, inputs["a0_bwd"], inputs["a0_fwd"], Q, LENGTHS)[0]
    near(maths.reverse_valid(np.concatenate([other[N_A:], other[:N_A]]), LENGTHS), a)


@BOTH
def test_only_the_forward_half_is_causal(maths, inputs):
    later = inputs["x"].copy()
    later[:, 0, 4] += 1.0  # the first example has six steps
    a, other = maths.brnn_forward(**inputs)[0], maths.brnn_forward(**inputs | {"x": later})[0]
    assert np.array_equal(a[:N_A, 0, :4], other[:N_A, 0, :4])
    assert (np.abs(a - other)[N_A:, 0, :5] > 1e-12).any(axis=0).all()


@BOTH
def test_the_reference_and_the_textbook_agree_to_the_last_cache(maths, inputs):
    one, other = maths.brnn_forward(**inputs), textbook.brnn_forward(**inputs)
    near(one, other)
    near(one[2][1][1], textbook.reverse_valid(inputs["x"], LENGTHS))  # the second direction's cells run on that
    assert one[2][0][2] is None and one[2][1][2] is None


def test_float32_stays_float32(inputs, rng):
    single = {key: in_single(value) for key, value in inputs.items()}
    a, y_pred, caches = reference.brnn_forward(**single)
    G = reference.brnn_backward(in_single(rng.standard_normal(a.shape)), caches)
    turned = reference.reverse_valid(single["x"], LENGTHS)
    assert {v.dtype for v in (a, y_pred, turned, *G.values())} == {np.dtype(np.float32)}
    near((a, y_pred), textbook.brnn_forward(**inputs)[:2], 1e-5)


@BOTH
def test_nothing_given_is_changed(maths, inputs, rng):
    da = rng.standard_normal((2 * N_A, M, T))
    before = [leaf.copy() for leaf in leaves([inputs, da])]
    a, y_pred, caches = maths.brnn_forward(**inputs)
    held = [leaf.copy() for leaf in leaves(caches) if leaf is not None]
    G = maths.brnn_backward(da, caches)
    turned = maths.reverse_valid(inputs["x"], np.full(M, T))
    for fresh in (a, y_pred, turned, *G.values()):
        assert not any(np.shares_memory(fresh, leaf) for leaf in leaves([inputs, da]))
        fresh += 1.0  # what comes back is the caller's own: nothing else hangs on it
    assert all(np.array_equal(x, y) for x, y in zip(leaves([inputs, da]), before, strict=True))
    assert all(np.array_equal(x, y) for x, y in zip([v for v in leaves(caches) if v is not None], held, strict=True))


# ----- losses


@BOTH
def test_masked_loss_by_hand(maths):
    losses = np.array([[1.0, 2.0, np.nan], [4.0, np.inf, 16.0]])
    mask = np.array([[True, True, False], [True, False, True]])
    got = maths.masked_loss(losses, mask)
    assert got == 23.0 and type(got) is float
    assert maths.masked_loss(losses, np.zeros((2, 3), bool)) == 0.0
    assert maths.masked_loss(np.array([[7.0]]), np.array([[True]])) == 7.0


@BOTH
def test_binary_cross_entropy_by_hand(maths):
    y_pred = np.array([[[0.25, 0.5, 0.9]], [[0.25, 1.0, 0.9]]])
    y = np.array([[[1, 0, 0]], [[0, 1, 1]]])
    mask = np.array([[True, True, False]])
    got = maths.binary_cross_entropy(y_pred, y, mask)
    assert got == pytest.approx(math.log(4) + math.log(4 / 3) + math.log(2), abs=1e-15) and type(got) is float


@BOTH
def test_certain_and_right_costs_nothing(maths):
    y = np.array([[[0, 1, 1, 0]]])
    assert maths.binary_cross_entropy(y.astype(float), y, np.ones((1, 4), bool)) == 0.0


def test_certain_and_wrong_costs_without_end():
    y = np.array([[[0.0, 1.0]]])
    assert reference.binary_cross_entropy(1 - y, y, np.array([[True, False]])) == math.inf


@BOTH
def test_binary_cross_entropy_against_torch(maths, torch, rng):
    y_pred, y = rng.uniform(size=(N_Y, M, T)), rng.integers(0, 2, (N_Y, M, T))
    each = torch.nn.functional.binary_cross_entropy(torch.tensor(y_pred), torch.tensor(y * 1.0), reduction="none")
    want = each.sum(dim=0)[torch.tensor(COUNTS)].sum().item()
    for answers in (y, y.astype(bool), y.astype(float), y.astype(np.uint8)):
        assert maths.binary_cross_entropy(y_pred, answers, COUNTS) == pytest.approx(want, rel=1e-12)


@BOTH
def test_the_slope_of_the_loss_is_prediction_minus_answer(maths, inputs, rng):
    """Through ŷ = σ(z), ∂L/∂z = ŷ - y where it counts: what enters brnn_backward in the lesson."""
    y = rng.integers(0, 2, (N_Y, M, T))
    z = rng.standard_normal((N_Y, M, T))

    def loss(v):
        return maths.binary_cross_entropy(reference.sigmoid(v), y, COUNTS)

    near(reference.numerical_gradient(loss, z.copy()), np.where(COUNTS, reference.sigmoid(z) - y, 0.0), 1e-8)


@BOTH
def test_the_padding_of_a_loss_may_hold_anything(maths, rng):
    y_pred, y = rng.uniform(0.1, 0.9, (N_Y, M, T)), rng.integers(0, 2, (N_Y, M, T))
    plain = maths.binary_cross_entropy(y_pred, y, COUNTS)
    empty = np.where(COUNTS, y_pred, np.nan)
    assert maths.binary_cross_entropy(empty, np.where(COUNTS, y, -1), COUNTS) == pytest.approx(plain, rel=1e-14)


@BOTH
def test_losses_add_up_over_examples(maths, rng):
    y_pred, y = rng.uniform(0.1, 0.9, (N_Y, M, T)), rng.integers(0, 2, (N_Y, M, T))
    alone = [maths.binary_cross_entropy(y_pred[:, [i]], y[:, [i]], COUNTS[[i]]) for i in range(M)]
    assert maths.binary_cross_entropy(y_pred, y, COUNTS) == pytest.approx(sum(alone), rel=1e-14)
    rows = [maths.masked_loss(y_pred[0, [i]], COUNTS[[i]]) for i in range(M)]
    assert maths.masked_loss(y_pred[0], COUNTS) == pytest.approx(sum(rows), rel=1e-14)


# ----- the door

GIVEN = two_way_inputs(np.random.default_rng(0), N_X, N_A, N_Y, M, T) | {"lengths": LENGTHS}
A, Y, CACHES = reference.brnn_forward(**GIVEN)
NAN, YES = np.where(COUNTS, np.nan, A), np.ones_like(Y)
SHORT = two_way_inputs(np.random.default_rng(0), N_X, N_A, N_Y, M, T - 1)


def forward(**changed):
    return lambda: reference.brnn_forward(**GIVEN | changed)


def parameter(**changed):
    return lambda: reference.brnn_forward(**GIVEN | {"P": GIVEN["P"] | changed})


def backward(da=A, caches=CACHES):
    return lambda: reference.brnn_backward(da, caches)


def entropy(y_pred=Y, y=YES, mask=COUNTS):
    return lambda: reference.binary_cross_entropy(y_pred, y, mask)


def masked(losses=Y[0], mask=COUNTS):
    return lambda: reference.masked_loss(losses, mask)


# what is called, and what the sentence must hold: the name, what was expected, what came
WRONG = {
    "a list of lengths": (forward(lengths=[6, 1, 3, 5]), "lengths", "a NumPy array of shape (m)", "list"),
    "a length of zero": (forward(lengths=LENGTHS - 1), "lengths", "between 1 and T = 6", "0 … 5"),
    "a length beyond the end": (forward(lengths=LENGTHS + 1), "lengths", "between 1 and T = 6", "2 … 7"),
    "lengths that are fractions": (forward(lengths=LENGTHS / 1), "lengths", "whole numbers", "float64"),
    "a mask for lengths": (forward(lengths=LENGTHS > 1), "lengths", "whole numbers", "bool"),
    "too few lengths": (forward(lengths=LENGTHS[:3]), "lengths", "m = 4", "(3,)"),
    "one length for all": (forward(lengths=np.array(6)), "lengths", "1 axes (m)", "()"),
    "reversing beyond the end": (lambda: reference.reverse_valid(A, LENGTHS + 1), "lengths", "T = 6", "2 … 7"),
    "reversing one step": (lambda: reference.reverse_valid(A[:, :, 0], LENGTHS), "x", "3 axes (n_x, m, T)", "(10, 4)"),
    "reversing NaN": (lambda: reference.reverse_valid(NAN, LENGTHS), "x", "holds NaN", "the step that made it"),
    "no step": (forward(x=GIVEN["x"][:, :, :0]), "x", "empty along T", "(3, 4, 0)"),
    "x with two axes": (forward(x=GIVEN["x"][:, :, 0]), "x", "3 axes", "(3, 4)"),
    "x in words": (forward(x=GIVEN["x"].astype(str)), "x", "must hold numbers", "<U"),
    "another batch": (forward(a0_fwd=GIVEN["a0_fwd"][:, :3]), "a0_fwd", "m = 4", "(5, 3)"),
    "a state of another size": (forward(a0_bwd=GIVEN["a0_bwd"][:4]), "a0_bwd", "n_a = 5", "(4, 4)"),
    "a bias for each example": (parameter(ba_bwd=np.ones((5, 4))), "ba_bwd", "(n_a, 1)", "(5, 4)"),
    "weights of another size": (parameter(Wax_bwd=np.ones((5, 4))), "Wax_bwd", "n_x = 3", "(5, 4)"),
    "an output of one state": (parameter(Wy=np.ones((2, 5))), "Wy", "n_a+n_a = 10", "(2, 5)"),
    "NaN in the weights": (parameter(Waa_fwd=np.full((5, 5), np.nan)), "Waa_fwd", "holds NaN", "the step"),
    "the parameters of one direction": (
        forward(P={k: v for k, v in GIVEN["P"].items() if k != "Waa_bwd"}), "P", "Wax_fwd", "Waa_bwd is missing",
    ),
    "da of one half": (backward(A[:5]), "da", "n_a+n_a = 10", "(5, 4, 6)"),
    "da of another length": (backward(A[:, :, :5]), "da", "T = 6", "(10, 4, 5)"),
    "da of one step": (backward(A[:, :, 0]), "da", "3 axes", "(10, 4)"),
    "NaN in da": (backward(NAN), "da", "holds NaN", "the step"),
    "da as a list": (backward(A.tolist()), "da", "a NumPy array", "list"),
    "the caches of one direction": (backward(caches=CACHES[:2]), "caches", "(caches_fwd, caches_bwd, lengths)", "2 en"),
    "no caches": (backward(caches=None), "caches", "the tuple", "NoneType"),
    "the caches of another batch": (
        backward(caches=(CACHES[0], reference.brnn_forward(**SHORT)[2][1], LENGTHS)), "da|x|caches", "T = ", "5)",
    ),
    "a mask of ones": (masked(mask=COUNTS * 1), "mask", "True and False", "int64"),
    "a mask of one row": (masked(mask=COUNTS[0]), "mask", "2 axes (m, T)", "(6,)"),
    "losses of other steps": (masked(Y[0, :, :5]), "loss_per_step", "T = 6", "(4, 5)"),
    "losses of each output": (masked(Y), "loss_per_step", "2 axes", "(2, 4, 6)"),
    "one loss for all": (masked(np.float64(1.0)), "loss_per_step", "a NumPy array", "float64"),
    "NaN that counts": (masked(np.full((4, 6), np.nan)), "loss_per_step", "holds NaN", "the step"),
    "losses as a list": (masked(Y[0].tolist()), "loss_per_step", "a NumPy array", "list"),
    "no mask": (masked(mask=None), "mask", "a NumPy array", "NoneType"),
    "a prediction above one": (entropy(Y + 1), "y_pred", "between 0 and 1", "… 1."),
    "a prediction below zero": (entropy(Y - 1), "y_pred", "between 0 and 1", "-0."),
    "an answer of two": (entropy(y=np.full_like(Y, 2)), "y", "0 or 1", "0.0 … 2.0"),
    "an answer of a half": (entropy(y=np.full_like(Y, 0.5)), "y", "0 or 1", "… 0.5"),
    "answers of one output": (entropy(y=Y[:1]), "y", "n_y = 2", "(1, 4, 6)"),
    "answers without the outputs": (entropy(y=np.ones((4, 6))), "y", "3 axes (n_y, m, T)", "(4, 6)"),
    "a mask for each output": (entropy(mask=np.ones((2, 4, 6), bool)), "mask", "2 axes (m, T)", "(2, 4, 6)"),
    "a mask of numbers": (entropy(mask=COUNTS * 1.0), "mask", "True and False", "float64"),
    "NaN predicted": (entropy(np.full_like(Y, np.nan)), "y_pred", "holds NaN", "the step"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_right_input_passes_every_door():
    """The cases above differ from these in one thing each."""
    for call in (forward(), backward(), masked(), entropy()):
        call()
