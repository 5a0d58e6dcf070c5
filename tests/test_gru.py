"""The GRU and its variants: beside PyTorch in float64, beside complex steps, and on paper."""

import math

import numpy as np
import pytest
from nearness import BOTH, leaves, near

from utils import reference, textbook

N_X, N_C, N_Y, M, T = 3, 5, 2, 4, 6  # all different
SIZES = pytest.mark.parametrize(("m", "T"), [(M, T), (1, T), (M, 1)], ids=["all differ", "a batch of one", "one step"])
BEFORE, AFTER = ("Wu", "bu", "Wr", "br", "Wc", "bc"), ("Wu", "bu", "Wr", "br", "Wcc", "bcc", "Wcx", "bcx")
CELLS = pytest.mark.parametrize(
    ("after", "names"), [("", BEFORE), ("_reset_after", AFTER)], ids=["reset before", "reset after"]
)


def sides(name):
    """The maths that has this function: both, as far as they are written."""
    return [maths for maths in (reference, textbook) if hasattr(maths, name)]


def parameters(rng, scale=0.8):
    """Parameters that serve all variants."""
    shapes = {f"W{g}": (N_C, N_C + N_X) for g in "urc"} | {f"b{g}": (N_C, 1) for g in ("u", "r", "c", "cc", "cx")}
    shapes |= {"Wcc": (N_C, N_C), "Wcx": (N_C, N_X), "Wy": (N_Y, N_C), "by": (N_Y, 1)}
    return {name: scale * rng.standard_normal(shape) for name, shape in shapes.items()}


def inputs(rng, m=M, T=T):
    """x, c0, P and a gradient dc for every step."""
    return (
        rng.standard_normal((N_X, m, T)),
        rng.standard_normal((N_C, m)),
        parameters(rng),
        rng.standard_normal((N_C, m, T)),
    )


def torch_cell(torch, variant, xt, c, P):
    """One step as the equations say: the new memory, the gates and the candidate."""
    both = torch.cat([c, xt])
    u = torch.sigmoid(P["Wu"] @ both + P["bu"])
    r = torch.sigmoid(P["Wr"] @ both + P["br"])
    if variant == "simple":
        new = torch.tanh(P["Wc"] @ both + P["bc"])
    elif variant == "_reset_after":
        new = torch.tanh(r * (P["Wcc"] @ c + P["bcc"]) + P["Wcx"] @ xt + P["bcx"])
    else:
        new = torch.tanh(P["Wc"] @ torch.cat([r * c, xt]) + P["bc"])
    return u * new + (1 - u) * c, u, r, new


def numpied(value):
    return value.detach().numpy().copy()


@BOTH
@SIZES
@pytest.mark.parametrize("variant", ["simple", "", "_reset_after"])
def test_a_step_against_torch(maths, torch, rng, m, T, variant):
    x, c0, P, _ = inputs(rng, m, T)
    Q = leaves(torch, P, grad=False)
    c, u, r, new = map(numpied, torch_cell(torch, variant, torch.tensor(x[:, :, 0]), torch.tensor(c0), Q))
    y = torch.softmax(Q["Wy"] @ torch.tensor(c) + Q["by"], 0).numpy()
    name = "gru_cell_forward_simple" if variant == "simple" else f"gru_cell_forward{variant}"
    c_next, y_pred, cache = getattr(maths, name)(x[:, :, 0], c0, P)
    near((c_next, y_pred), (c, y))
    near(cache[:-1], (c, c0, u, new, x[:, :, 0]) if variant == "simple" else (c, c0, u, r, new, x[:, :, 0]))
    assert cache[-1] is P and isinstance(cache, tuple)


@BOTH
@SIZES
@CELLS
def test_a_step_back_against_autograd(maths, torch, rng, m, T, after, names):
    x, c0, P, dc = inputs(rng, m, T)
    parts = leaves(torch, P | {"xt": x[:, :, 0], "c_prev": c0}, grad=True)
    (torch_cell(torch, after, parts["xt"], parts["c_prev"], parts)[0] * torch.tensor(dc[:, :, 0])).sum().backward()
    cache = getattr(maths, f"gru_cell_forward{after}")(x[:, :, 0], c0, P)[2]
    got = getattr(maths, f"gru_cell_backward{after}")(dc[:, :, 0], cache)
    near(got, {"d" + key: parts[key].grad.numpy() for key in ("xt", "c_prev", *names)})


@SIZES
@CELLS
def test_a_sequence_against_autograd(torch, rng, m, T, after, names):
    x, c0, P, dc = inputs(rng, m, T)
    parts = leaves(torch, P | {"x": x, "c0": c0}, grad=True)
    c, states = parts["c0"], []
    for t in range(T):
        c = torch_cell(torch, after, parts["x"][:, :, t], c, parts)[0]
        states.append(c)
    states = torch.stack(states, dim=2)
    (states * torch.tensor(dc)).sum().backward()
    y = torch.softmax(torch.einsum("yc,cmt->ymt", parts["Wy"], states) + parts["by"][:, :, None], 0)
    want = {"d" + key: parts[key].grad.numpy() for key in ("x", "c0", *names)}
    for maths in sides(f"gru_forward{after}"):
        got, y_pred, caches = getattr(maths, f"gru_forward{after}")(x, c0, P)
        near((got, y_pred), (numpied(states), numpied(y)))
        near(getattr(maths, f"gru_backward{after}")(dc, caches), want)
        cells, kept_x = caches
        near(kept_x, x)
        assert len(cells) == T
        for t, cell in enumerate(cells):
            before = c0 if t == 0 else numpied(states)[:, :, t - 1]
            step = getattr(maths, f"gru_cell_forward{after}")(x[:, :, t], before, P)
            near(cell[:-1], step[2][:-1])
            assert cell[-1] is P


@SIZES
def test_reset_after_against_nn_gru(torch, rng, m, T):
    """nn.GRU: rows in the order r, z, n, z = 1 - Γu (so the weights of u change sign), the inner bias in bias_hh."""
    x, c0, P, dc = inputs(rng, m, T)
    gru = torch.nn.GRU(N_X, N_C).double()
    memory, other = [P["Wr"][:, :N_C], -P["Wu"][:, :N_C]], [P["Wr"][:, N_C:], -P["Wu"][:, N_C:]]
    biases, zeros = [P["br"], -P["bu"]], np.zeros((2 * N_C, 1))
    with torch.no_grad():
        gru.weight_hh_l0.copy_(torch.tensor(np.vstack([*memory, P["Wcc"]])))
        gru.weight_ih_l0.copy_(torch.tensor(np.vstack([*other, P["Wcx"]])))
        gru.bias_ih_l0.copy_(torch.tensor(np.vstack([*biases, P["bcx"]])[:, 0]))
        gru.bias_hh_l0.copy_(torch.tensor(np.vstack([zeros, P["bcc"]])[:, 0]))
    seen, start = torch.tensor(x.transpose(2, 1, 0), requires_grad=True), torch.tensor(c0.T[None], requires_grad=True)
    states, last = gru(seen, start)
    (states * torch.tensor(dc.transpose(2, 1, 0))).sum().backward()
    hh, ih = (np.split(W.grad.numpy(), 3) for W in (gru.weight_hh_l0, gru.weight_ih_l0))
    in_bias, inner_bias = (np.split(b.grad.numpy()[:, None], 3) for b in (gru.bias_ih_l0, gru.bias_hh_l0))
    want = {"dx": seen.grad.numpy().transpose(2, 1, 0), "dc0": start.grad.numpy()[0].T}
    want |= {"dWr": np.hstack([hh[0], ih[0]]), "dWu": -np.hstack([hh[1], ih[1]]), "dWcc": hh[2], "dWcx": ih[2]}
    want |= {"dbr": in_bias[0], "dbu": -in_bias[1], "dbcx": in_bias[2], "dbcc": inner_bias[2]}
    for maths in sides("gru_forward_reset_after"):
        c, _, caches = maths.gru_forward_reset_after(x, c0, P)
        near(c, numpied(states).transpose(2, 1, 0))
        near(c[:, :, -1], numpied(last)[0].T)
        near(maths.gru_backward_reset_after(dc, caches), want)


def complex_step(f, values, names):
    """Im f(θ + ih) / h for every entry: no subtraction, so no cancellation."""
    slopes = {}
    for name in names:
        out = np.zeros(values[name].shape)
        for i in np.ndindex(out.shape):
            moved = {key: value.astype(complex) for key, value in values.items()}
            moved[name][i] += 1e-30j
            out[i] = f(moved).imag / 1e-30
        slopes["d" + name] = out
    return slopes


@CELLS
def test_all_gradients_against_a_complex_step(rng, after, names):
    x, c0, P, dc = inputs(rng, m=2, T=3)
    forward = getattr(textbook, f"gru_cell_forward{after}")

    def total(values):
        c, result = values["c0"], 0
        for t in range(3):
            c, _, _ = forward(values["x"][:, :, t], c, values)
            result = result + (dc[:, :, t] * c).sum()
        return result

    want = complex_step(total, P | {"x": x, "c0": c0}, ("x", "c0", *names))
    for maths in sides(f"gru_forward{after}"):
        caches = getattr(maths, f"gru_forward{after}")(x, c0, P)[2]
        near(getattr(maths, f"gru_backward{after}")(dc, caches), want)


def one_by_one(**values):
    return {name: np.array(value, float).reshape(1, -1) for name, value in values.items()}


@BOTH
def test_forward_on_paper(maths):
    P = one_by_one(Wu=[0, 0], Wr=[0, 0], bu=math.log(3), br=0, Wc=[2, 1], bc=0.1, Wcc=2, bcc=0.2, Wcx=1, bcx=0.1)
    P |= {"Wy": np.ones((2, 1)), "by": np.array([[math.log(3)], [0.0]])}
    xt, c_prev = np.array([[0.3]]), np.array([[0.5]])
    c, y, cache = maths.gru_cell_forward_simple(xt, c_prev, P)
    near(c, [[0.75 * math.tanh(1.4) + 0.125]])  # tanh(2 · 0.5 + 0.3 + 0.1); Γu = 0.75 takes the new value
    near(y, [[0.75], [0.25]])
    near(cache[2:4], ([[0.75]], [[math.tanh(1.4)]]))
    c, _, cache = maths.gru_cell_forward_reset_after(xt, c_prev, P)
    near(c, [[0.75 * math.tanh(1.0) + 0.125]])  # Γr = 0.5: tanh(0.5 · (2 · 0.5 + 0.2) + 0.3 + 0.1)
    near(cache[2:5], ([[0.75]], [[0.5]], [[math.tanh(1.0)]]))


# dΓu = 0.6 - 0.5, dzu = 0.1 · 0.8 · 0.2 = 0.016; dc̃ = 0.8, dzc = 0.8 · (1 - 0.36) = 0.512
PAPER = [np.array([[v]]) for v in (0.58, 0.5, 0.8, 0.5, 0.6, 2.0)]  # c_next, c_prev, Γu, Γr, c̃, xt
PAPER_P = one_by_one(Wu=[1, 2], bu=0, Wr=[-1, 1], br=0, Wc=[3, 0.5], bc=0, Wcc=3, bcc=0.25, Wcx=0.5, bcx=0)


@BOTH
def test_a_step_back_on_paper(maths):
    got = maths.gru_cell_backward(np.ones((1, 1)), (*PAPER, PAPER_P))
    # d(Γr c) = 3 · 0.512 = 1.536, dΓr = 0.768, dzr = 0.192; dc_prev = 0.2 + 0.768 + 0.016 - 0.192
    want = one_by_one(dc_prev=0.792, dxt=0.48, dWu=[0.008, 0.032], dbu=0.016)
    near(got, want | one_by_one(dWr=[0.096, 0.384], dbr=0.192, dWc=[0.128, 1.024], dbc=0.512))


@BOTH
def test_a_step_back_on_paper_with_reset_after(maths):
    got = maths.gru_cell_backward_reset_after(np.ones((1, 1)), (*PAPER, PAPER_P))
    # Wcc c + bcc = 1.75, dΓr = 0.512 · 1.75 = 0.896, dzr = 0.224; dc_prev = 0.2 + 3 · 0.256 + 0.016 - 0.224
    want = one_by_one(dc_prev=0.76, dxt=0.512, dWu=[0.008, 0.032], dbu=0.016, dWr=[0.112, 0.448], dbr=0.224)
    near(got, want | one_by_one(dWcc=0.128, dbcc=0.256, dWcx=1.024, dbcx=0.512))


@BOTH
def test_a_sequence_on_paper(maths):
    """Γu = 0.75 and c̃ = 0.5 at every step, whatever comes in: c = 0.375 + 0.25 c."""
    P = one_by_one(Wu=[0, 0], Wr=[0, 0], Wc=[0, 0], bu=math.log(3), br=0, bc=math.atanh(0.5))
    P |= {"Wy": np.zeros((2, 1)), "by": np.array([[math.log(3)], [0.0]])}
    c, y, caches = maths.gru_forward(np.array([[[2.0, 3.0]]]), np.ones((1, 1)), P)
    near(c, [[[0.625, 0.53125]]])
    near(y, [[[0.75, 0.75]], [[0.25, 0.25]]])
    G = maths.gru_backward(np.ones((1, 1, 2)), caches)  # 1 arrives at the last step, 1 + 0.25 at the first
    near(G["dc0"], [[0.3125]])
    near((G["dbc"], G["dWc"]), ([[2.25 * 0.75 * 0.75]], [[0.52734375, 3.09375]]))
    near((G["dbu"], G["dWu"]), ([[-0.140625]], [[-0.1318359375, -0.3046875]]))
    near((G["dx"], G["dWr"], G["dbr"]), (np.zeros((1, 1, 2)), [[0, 0]], [[0]]))  # nothing flows through a zero Wc
