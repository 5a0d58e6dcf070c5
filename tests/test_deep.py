"""Recurrent layers on top of each other: beside PyTorch, on paper, at the door."""

import math

import numpy as np
import pytest
from nearness import BOTH, near
from refusals import refused

from utils import reference, textbook
from utils.checking.exercises import draw

N_X, N_A, M, T, L = 2, 5, 4, 6, 3  # all different
KEEP = 0.6


def stack(rng, n_x=N_X, n_a=N_A, m=M, steps=T, depth=L):
    """x, a0 and layers."""
    layers = []
    for layer in range(depth):
        P = draw.rnn_parameters(rng, n_a if layer else n_x, n_a, 1)
        layers.append({name: P[name] for name in ("Wax", "Waa", "ba")})
    return rng.standard_normal((n_x, m, steps)), rng.standard_normal((depth, n_a, m)), layers


@pytest.fixture
def net(rng):
    return stack(rng)


@pytest.fixture
def masks(rng):
    return reference.draw_dropout_masks(rng, L, N_A, M, T, KEEP)


def nn_rnn(torch, x, a0, layers, da=None):
    """nn.RNN with as many layers: the top states and, given da, the gradients in the layout of this course."""
    depth, n_a, _ = a0.shape
    rnn = torch.nn.RNN(len(x), n_a, num_layers=depth).double()
    with torch.no_grad():
        for k, P in enumerate(layers):
            getattr(rnn, f"weight_ih_l{k}").copy_(torch.tensor(P["Wax"]))
            getattr(rnn, f"weight_hh_l{k}").copy_(torch.tensor(P["Waa"]))
            getattr(rnn, f"bias_ih_l{k}").copy_(torch.tensor(P["ba"][:, 0]))
            getattr(rnn, f"bias_hh_l{k}").zero_()
    xs = torch.tensor(x.transpose(2, 1, 0).copy(), requires_grad=True)
    h0 = torch.tensor(a0.transpose(0, 2, 1).copy(), requires_grad=True)
    states, _ = rnn(xs, h0)
    a = states.detach().numpy().transpose(2, 1, 0)
    if da is None:
        return a
    (states * torch.tensor(da.transpose(2, 1, 0).copy())).sum().backward()
    names = {"dWax": "weight_ih", "dWaa": "weight_hh", "dba": "bias_ih"}
    G = [{key: getattr(rnn, f"{name}_l{k}").grad.numpy() for key, name in names.items()} for k in range(depth)]
    for g in G:
        g["dba"] = g["dba"][:, None]
    return a, (xs.grad.numpy().transpose(2, 1, 0), h0.grad.numpy().transpose(0, 2, 1), G)


def by_hand(torch, x, a0, layers, masks, da):
    """The formula with dropout, written in PyTorch; the top states and autograd's gradients."""

    def leaf(value):
        return torch.tensor(value, requires_grad=True)

    xs, starts = leaf(x), leaf(a0)
    Q = [{key: leaf(value) for key, value in P.items()} for P in layers]
    state, tops = list(starts), []
    for t in range(x.shape[2]):
        signal = xs[:, :, t]
        for k, P in enumerate(Q):
            if k:
                signal = signal * torch.tensor(masks[k - 1, :, :, t])
            state[k] = signal = torch.tanh(P["Wax"] @ signal + P["Waa"] @ state[k] + P["ba"])
        tops.append(signal)
    a = torch.stack(tops, dim=2)
    (a * torch.tensor(da)).sum().backward()
    G = [{f"d{key}": value.grad.numpy() for key, value in P.items()} for P in Q]
    return a.detach().numpy(), (xs.grad.numpy(), starts.grad.numpy(), G)


@BOTH
def test_three_layers_against_nn_rnn(maths, torch, net, rng):
    da = rng.standard_normal((N_A, M, T))
    a, caches = maths.deep_rnn_forward(*net)
    want_a, want = nn_rnn(torch, *net, da)
    near(a, want_a)
    near(maths.deep_rnn_backward(da, caches), want)


@BOTH
@pytest.mark.parametrize(
    "sizes", [dict(m=1), dict(steps=1), dict(m=1, steps=1, depth=2), dict(depth=1), dict(n_x=5), dict(depth=7)], ids=str
)
def test_edges_against_nn_rnn(maths, torch, rng, sizes):
    net = stack(rng, **sizes)
    a, caches = maths.deep_rnn_forward(*net)
    da = rng.standard_normal(a.shape)
    want_a, want = nn_rnn(torch, *net, da)
    near(a, want_a)
    near(maths.deep_rnn_backward(da, caches), want)


@BOTH
def test_dropout_against_autograd(maths, torch, net, masks, rng):
    da = rng.standard_normal((N_A, M, T))
    want_a, want = by_hand(torch, *net, masks, da)
    a, caches = maths.deep_rnn_forward(*net, dropout_masks=masks)
    near(a, want_a)
    near(maths.deep_rnn_backward(da, caches), want)
    assert np.abs(a - maths.deep_rnn_forward(*net)[0]).max() > 0.01


@BOTH
def test_gradients_against_central_differences(maths, rng):
    x, a0, layers = stack(rng, 2, 3, 2, 3, 2)
    masks = reference.draw_dropout_masks(rng, 2, 3, 2, 3, 0.7)
    da = rng.standard_normal((3, 2, 3))

    def total(x=x, a0=a0, layers=layers):
        return float((da * maths.deep_rnn_forward(x, a0, layers, masks)[0]).sum())

    def slope(f, theta):
        return reference.numerical_gradient(f, theta.copy())

    def swapped(k, name, value):
        return [P | {name: value} if j == k else P for j, P in enumerate(layers)]

    G = [
        {f"d{n}": slope(lambda v, k=k, n=n: total(layers=swapped(k, n, v)), layers[k][n]) for n in layers[k]}
        for k in range(2)
    ]
    want = slope(lambda v: total(x=v), x), slope(lambda v: total(a0=v), a0), G
    near(maths.deep_rnn_backward(da, maths.deep_rnn_forward(x, a0, layers, masks)[1]), want, 1e-8)


@BOTH
def test_two_layers_by_hand(maths):
    """One unit in each layer, one step; the mask doubles what it keeps."""

    def layer(Wax, Waa, ba):
        return {"Wax": np.array([[Wax]]), "Waa": np.array([[Waa]]), "ba": np.array([[ba]])}

    layers, masks = [layer(0.8, -0.4, 0.1), layer(0.5, 2.0, 0.0)], np.full((1, 1, 1, 1), 2.0)
    a, caches = maths.deep_rnn_forward(np.array([[[1.0]]]), np.array([[[0.5]], [[0.1]]]), layers, masks)
    below = math.tanh(0.8 - 0.2 + 0.1)
    top = math.tanh(0.5 * 2 * below + 0.2)
    near(a, [[[top]]])
    dx, da0, G = maths.deep_rnn_backward(np.array([[[3.0]]]), caches)
    dz_top = 3 * (1 - top**2)
    dz_below = 2 * 0.5 * dz_top * (1 - below**2)
    near(dx, [[[0.8 * dz_below]]])
    near(da0, [[[-0.4 * dz_below]], [[2 * dz_top]]])
    near(G[0], {"dWax": [[dz_below]], "dWaa": [[0.5 * dz_below]], "dba": [[dz_below]]})
    near(G[1], {"dWax": [[2 * below * dz_top]], "dWaa": [[0.1 * dz_top]], "dba": [[dz_top]]})


# ----- properties


@BOTH
def test_one_layer_is_the_plain_network(maths, rng):
    x, a0, layers = stack(rng, depth=1)
    a, caches = maths.deep_rnn_forward(x, a0, layers)
    plain, cache = maths.rnn_states(x, a0[0], layers[0])
    near(a, plain, 0)
    near(caches[0], [cache], 0)
    da = rng.standard_normal(a.shape)
    G = maths.rnn_states_backward(da, cache)
    want = G["dx"], G["da0"][None], [{key: G[key] for key in ("dWax", "dWaa", "dba")}]
    near(maths.deep_rnn_backward(da, caches), want, 0)
    empty = maths.draw_dropout_masks(rng, 1, N_A, M, T, KEEP)
    assert empty.shape == (0, N_A, M, T)
    near(maths.deep_rnn_forward(x, a0, layers, empty)[0], plain, 0)


@BOTH
def test_masks_of_ones_change_nothing(maths, net):
    near(maths.deep_rnn_forward(*net, np.ones((L - 1, N_A, M, T)))[0], maths.deep_rnn_forward(*net)[0], 0)


@BOTH
def test_all_dropped_leaves_the_layers_alone_with_their_memory(maths, net, rng):
    """Nothing comes up, so nothing goes down: x and the lower layers get no gradient."""
    x, a0, layers = net
    a, caches = maths.deep_rnn_forward(x, a0, layers, np.zeros((L - 1, N_A, M, T)))
    near(a, maths.rnn_states(np.zeros((N_A, M, T)), a0[-1], layers[-1])[0])
    dx, da0, G = maths.deep_rnn_backward(rng.standard_normal(a.shape), caches)
    assert not dx.any() and not da0[:-1].any() and da0[-1].all()
    assert not any(G[0][key].any() for key in G[0]) and G[-1]["dWaa"].all()


@BOTH
def test_examples_and_later_steps_do_not_touch_earlier_ones(maths, net, masks, rng):
    x, a0, layers = net
    a = maths.deep_rnn_forward(x, a0, layers, masks)[0]
    order = rng.permutation(M)
    near(maths.deep_rnn_forward(x[:, order], a0[:, :, order], layers, masks[:, :, order])[0], a[:, order])
    near(maths.deep_rnn_forward(x[:, :, :3], a0, layers, masks[..., :3])[0], a[:, :, :3])


@BOTH
def test_the_caches_hold_what_each_layer_read(maths, net, masks):
    a, (caches, kept) = maths.deep_rnn_forward(*net, masks)
    assert kept is masks and len(caches) == L
    near(caches[0][1], net[0], 0)
    for k in range(1, L):
        below = np.stack([cell[0] for cell in caches[k - 1][0]], axis=2)
        near(caches[k][1], below * masks[k - 1], 0)
    near(np.stack([cell[0] for cell in caches[-1][0]], axis=2), a, 0)
    near(caches, textbook.deep_rnn_forward(*net, masks)[1][0])


@BOTH
def test_dropout_masks_come_from_one_draw(maths):
    got = maths.draw_dropout_masks(np.random.default_rng(3), 4, 5, 2, 6, 0.75)
    draws = np.random.default_rng(3).random((3, 5, 2, 6))
    assert np.array_equal(got, np.where(draws < 0.75, 4 / 3, 0.0))
    assert (maths.draw_dropout_masks(np.random.default_rng(3), 2, 5, 2, 6, 1.0) == 1.0).all()


@BOTH
def test_dropout_masks_keep_the_mean(maths):
    masks = maths.draw_dropout_masks(np.random.default_rng(0), 3, 40, 50, 20, KEEP)
    assert set(np.unique(masks)) == {0.0, 1 / KEEP}
    assert masks.mean() == pytest.approx(1.0, abs=0.01)  # 80,000 draws: three standard deviations are 0.009
    assert (masks > 0).mean() == pytest.approx(KEEP, abs=0.006)


def test_float32_stays_float32(net, masks, rng):
    x, a0, layers = net
    single = [{key: value.astype(np.float32) for key, value in P.items()} for P in layers]
    a, caches = reference.deep_rnn_forward(x.astype(np.float32), a0.astype(np.float32), single, masks)
    dx, da0, G = reference.deep_rnn_backward(rng.standard_normal(a.shape).astype(np.float32), caches)
    assert {v.dtype for v in (a, dx, da0, *(g for one in G for g in one.values()))} == {np.dtype(np.float32)}
    near(a, textbook.deep_rnn_forward(*net, masks)[0], 1e-5)


def leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list | tuple) else [value]


@BOTH
def test_nothing_given_is_changed(maths, net, masks, rng):
    da = rng.standard_normal((N_A, M, T))
    given = [v for v in leaves([*net, masks, da])]
    before = [v.copy() for v in given]
    a, caches = maths.deep_rnn_forward(*net, masks)
    held = [v.copy() for v in leaves(caches) if v is not None]
    for fresh in leaves(maths.deep_rnn_backward(da, caches)):
        assert not any(np.shares_memory(fresh, v) for v in given)
        fresh += 1.0
    assert not any(np.shares_memory(a, v) for v in given)
    assert all(np.array_equal(v, w) for v, w in zip(given, before, strict=True))
    assert all(np.array_equal(v, w) for v, w in zip([v for v in leaves(caches) if v is not None], held, strict=True))


# ----- the door

RNG = np.random.default_rng(0)
X, A0, LAYERS = stack(RNG)
MASKS = reference.draw_dropout_masks(RNG, L, N_A, M, T, KEEP)
A, CACHES = reference.deep_rnn_forward(X, A0, LAYERS, MASKS)


def forward(x=X, a0=A0, layers=LAYERS, masks=MASKS):
    return lambda: reference.deep_rnn_forward(x, a0, layers, masks)


def second(**changed):
    return forward(layers=[LAYERS[0], LAYERS[1] | changed, LAYERS[2]])


def backward(da=A, caches=CACHES):
    return lambda: reference.deep_rnn_backward(da, caches)


def drawn(L=L, n_a=N_A, m=M, T=T, keep=KEEP):  # noqa: N803
    return lambda: reference.draw_dropout_masks(RNG, L, n_a, m, T, keep)


# what is called, and what the sentence must hold: the name, what was expected, what came
WRONG = {
    "x with two axes": (forward(X[:, :, 0]), "x", "3 axes (n_x, m, T)", "(2, 4)"),
    "no step": (forward(X[:, :, :0]), "x", "empty along T", "(2, 4, 0)"),
    "NaN": (forward(X * np.nan), "x", "holds NaN", "the step"),
    "a0 of one layer": (forward(a0=A0[0]), "a0", "3 axes (L, n_a, m)", "(5, 4)"),
    "a0 of too few layers": (forward(a0=A0[:2]), "a0", "L = 3", "(2, 5, 4)"),
    "a0 of another batch": (forward(a0=A0[:, :, :3]), "a0", "m = 4", "(3, 5, 3)"),
    "no layers": (forward(layers=[]), "layers", "a list of dicts", "none"),
    "one layer without its list": (forward(layers=LAYERS[0]), "layers", "a list of dicts", "dict"),
    "a layer without a bias": (
        forward(layers=[LAYERS[0], {k: v for k, v in LAYERS[1].items() if k != "ba"}, LAYERS[2]]),
        r"layers\[1\]", "must hold Wax, Waa, ba", "ba is missing",
    ),
    "a second layer that reads x": (second(Wax=LAYERS[0]["Wax"]), r'layers\[1\]\["Wax"\]', "n_a = 5", "(5, 2)"),
    "a flat bias": (second(ba=np.ones(5)), r'layers\[1\]\["ba"\]', "2 axes (n_a, 1)", "(5,)"),
    "a first layer for other inputs": (forward(X[:1]), r'layers\[0\]\["Wax"\]', "n_x = 1", "(5, 2)"),
    "a mask too many": (
        forward(masks=np.ones((L, N_A, M, T))), "dropout_masks", "(L - 1, n_a, m, T) = (2, 5, 4, 6)", "(3, 5, 4, 6)",
    ),
    "one mask for all steps": (forward(masks=MASKS[..., :1]), "dropout_masks", "(2, 5, 4, 6)", "(2, 5, 4, 1)"),
    "masks in a list": (forward(masks=list(MASKS)), "dropout_masks", "an array", "list"),
    "masks of True and False": (forward(masks=MASKS > 0), "dropout_masks", "as floats", "bool"),
    "masks below one": (forward(masks=(MASKS > 0) * 0.5), "dropout_masks", "0 or one and the same 1 / keep", "0.5"),
    "masks of two kinds": (
        forward(masks=np.where(np.arange(T) > 2, 2.0, 1.0) * np.ones((2, N_A, M, 1))),
        "dropout_masks", "one and the same", "1.0 … 2.0",
    ),
    "NaN in the masks": (forward(masks=MASKS * np.nan), "dropout_masks", "one and the same 1 / keep", "nan"),
    "da of the bottom layer's inputs": (backward(X), "da", "n_a = 5", "(2, 4, 6)"),
    "da of another length": (backward(A[:, :, :5]), "da", "T = 6", "(5, 4, 5)"),
    "NaN in da": (backward(A * np.nan), "da", "holds NaN", "the step"),
    "no caches": (backward(caches=None), "caches", "the tuple (list of the layers' caches, dropout_masks)", "NoneType"),
    "the caches alone": (backward(caches=CACHES[0]), "caches", "the layers' caches, dropout_masks)", "3 entries"),
    "keep zero": (drawn(keep=0.0), "keep", "a number above 0", "got 0.0"),
    "keep above one": (drawn(keep=1.5), "keep", "at most 1", "got 1.5"),
    "keep NaN": (drawn(keep=math.nan), "keep", "a number above 0", "got nan"),
    "no layer": (drawn(L=0), "L", "at least 1", "got 0"),
    "half a step": (drawn(T=2.5), "T", "a whole number", "got 2.5"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_right_input_passes_every_door():
    """The cases above differ from these in one thing each."""
    for call in (forward(), second(), forward(masks=None), backward(), drawn()):
        call()
