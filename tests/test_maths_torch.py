"""The mathematics beside PyTorch in float64, and gradients beside differences and complex steps."""

import numpy as np
import pytest
from nearness import BOTH, N_A, N_X, N_Y, M, T, leaves, near

from utils import reference, textbook
from utils.checking.exercises import draw, find


def torch_rnn(torch, x, a0, P):
    """The formula, written in PyTorch: states and unnormalised outputs, (n, m, T)."""
    a, states = a0, []
    for t in range(x.shape[2]):
        a = torch.tanh(P["Wax"] @ x[:, :, t] + P["Waa"] @ a + P["ba"])
        states.append(a)
    states = torch.stack(states, dim=2)
    return states, torch.einsum("ya,amt->ymt", P["Wya"], states) + P["by"][:, :, None]


@BOTH
def test_softmax_and_sigmoid_against_torch(maths, torch, rng):
    z = 10 * rng.standard_normal((5, 3))
    near(maths.softmax(z), torch.softmax(torch.tensor(z), dim=0).numpy())
    near(maths.sigmoid(z), torch.sigmoid(torch.tensor(z)).numpy())


@BOTH
def test_rnn_forward_against_nn_rnn(maths, torch, net):
    x, a0, P = net
    rnn = torch.nn.RNN(N_X, N_A, nonlinearity="tanh").double()
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.tensor(P["Wax"]))
        rnn.weight_hh_l0.copy_(torch.tensor(P["Waa"]))
        rnn.bias_ih_l0.copy_(torch.tensor(P["ba"][:, 0]))
        rnn.bias_hh_l0.zero_()
        states, last = rnn(torch.tensor(x.transpose(2, 1, 0)), torch.tensor(a0.T)[None])
    a, y_pred, _ = maths.rnn_forward(x, a0, P)
    near(a, states.numpy().transpose(2, 1, 0))
    near(a[:, :, -1], last[0].numpy().T)
    near(y_pred, torch.softmax(torch_rnn(torch, *map(torch.tensor, (x, a0)), leaves(torch, P, False))[1], 0).numpy())


@BOTH
def test_rnn_backward_against_autograd(maths, torch, net, rng):
    x, a0, P = net
    da = rng.standard_normal((N_A, M, T))
    parts = leaves(torch, P | {"x": x, "a0": a0})
    (torch_rnn(torch, parts["x"], parts["a0"], parts)[0] * torch.tensor(da)).sum().backward()
    want = {"d" + key: parts[key].grad.numpy() for key in ("x", "a0", "Wax", "Waa", "ba")}
    near(maths.rnn_backward(da, maths.rnn_forward(x, a0, P)[2]), want)


@BOTH
def test_rnn_cell_backward_against_autograd(maths, torch, net, rng):
    x, a0, P = net
    da = rng.standard_normal((N_A, M))
    parts = leaves(torch, P | {"xt": x[:, :, 0], "a_prev": a0})
    a = torch.tanh(parts["Wax"] @ parts["xt"] + parts["Waa"] @ parts["a_prev"] + parts["ba"])
    (a * torch.tensor(da)).sum().backward()
    want = {"d" + key: parts[key].grad.numpy() for key in ("xt", "Wax", "Waa", "ba")} | {
        "da_prev": parts["a_prev"].grad
    }
    near(maths.rnn_cell_backward(da, maths.rnn_cell_forward(x[:, :, 0], a0, P)[2]), want)


@pytest.mark.parametrize("masked", [False, True])
def test_loss_and_output_layer_backward_against_torch(torch, net, rng, masked):
    x, a0, P = net
    targets = rng.integers(0, N_Y, (M, T))
    mask = draw.mask(rng, M, T) if masked else None
    a, y_pred, _ = reference.rnn_forward(x, a0, P)
    parts = leaves(torch, {"a": a, "Wya": P["Wya"], "by": P["by"]})
    z = torch.einsum("ya,amt->ymt", parts["Wya"], parts["a"]) + parts["by"][:, :, None]
    each = torch.nn.functional.cross_entropy(z.permute(1, 0, 2), torch.tensor(targets), reduction="none")  # (m, T)
    loss = (each if mask is None else each[torch.tensor(mask)]).sum()
    loss.backward()
    for maths in (reference, textbook):
        assert maths.sequence_loss(y_pred, targets, mask) == pytest.approx(loss.item(), rel=1e-12)
    dWya, dby, da, got = reference.output_layer_backward(y_pred, targets, a, P, mask)
    assert got == pytest.approx(loss.item(), rel=1e-12)
    near((dWya, dby, da), tuple(parts[key].grad.numpy() for key in ("Wya", "by", "a")))


@BOTH
@pytest.mark.parametrize("taught", [False, True])
def test_jordan_against_torch(maths, torch, rng, taught):
    P = draw.rnn_parameters(rng, N_X, N_A, N_Y) | {"Way": rng.standard_normal((N_A, N_Y))}
    x, y0 = rng.standard_normal((N_X, M, T)), draw.probabilities(rng, N_Y, M)
    teacher = draw.probabilities(rng, N_Y, M, T) if taught else None
    Q, y, states, answers = leaves(torch, P, False), torch.tensor(y0), [], []
    for t in range(T):
        states.append(torch.tanh(Q["Wax"] @ torch.tensor(x[:, :, t]) + Q["Way"] @ y + Q["ba"]))
        answers.append(torch.softmax(Q["Wya"] @ states[-1] + Q["by"], dim=0))
        y = torch.tensor(teacher[:, :, t]) if taught else answers[-1]
    want = torch.stack(states, 2).numpy(), torch.stack(answers, 2).numpy()
    near(maths.jordan_forward(x, y0, P, teacher), want)


@BOTH
def test_gru_against_torch(maths, torch, rng):
    P = find("gru_cell_forward").cases(rng)["several examples"]
    Q = leaves(torch, P["P"], False)
    xt, c = torch.tensor(P["xt"]), torch.tensor(P["c_prev"])
    u, r = (torch.sigmoid(Q["W" + g] @ torch.cat([c, xt]) + Q["b" + g]) for g in "ur")
    candidate = torch.tanh(Q["Wc"] @ torch.cat([r * c, xt]) + Q["bc"])
    c_next = u * candidate + (1 - u) * c
    y = torch.softmax(Q["Wy"] @ c_next + Q["by"], dim=0)
    got = maths.gru_cell_forward(**P)
    near(got[:2], (c_next.numpy(), y.numpy()))
    near(got[2][:5], (c_next.numpy(), P["c_prev"], u.numpy(), r.numpy(), candidate.numpy()))


def test_adam_against_torch(torch, rng):
    P = {"W": rng.standard_normal((3, 2)), "b": np.zeros((3, 1))}
    parts, state = leaves(torch, P), None
    optimiser = torch.optim.Adam(parts.values(), lr=0.03, betas=(0.8, 0.95), eps=1e-4)
    for _ in range(20):
        G = {"d" + key: rng.standard_normal(value.shape) for key, value in P.items()}
        for key, part in parts.items():
            part.grad = torch.tensor(G["d" + key])
        optimiser.step()
        P, state = reference.adam_step(P, G, state, 0.03, beta1=0.8, beta2=0.95, eps=1e-4)
        near(P, {key: part.detach().numpy() for key, part in parts.items()})


def differences(f, theta):
    return reference.numerical_gradient(f, theta.copy())


@BOTH
def test_rnn_backward_against_central_differences(maths, net, rng):
    x, a0, P = net
    da = rng.standard_normal((N_A, M, T))

    def total(x=x, a0=a0, **changed):
        return float((da * maths.rnn_forward(x, a0, P | changed)[0]).sum())

    want = {"dx": differences(lambda v: total(x=v), x), "da0": differences(lambda v: total(a0=v), a0)}
    want |= {"d" + k: differences(lambda v, k=k: total(**{k: v}), P[k]) for k in ("Wax", "Waa", "ba")}
    near(maths.rnn_backward(da, maths.rnn_forward(x, a0, P)[2]), want, 1e-8)


@BOTH
def test_rnn_cell_backward_against_a_complex_step(maths, net, rng):
    x, a0, P = net
    da = rng.standard_normal((N_A, M))

    def slope(name):
        """Im f(θ + ih) / h: no subtraction, so no cancellation."""
        values = P | {"xt": x[:, :, 0], "a_prev": a0}
        out = np.zeros(values[name].shape)
        for i in np.ndindex(out.shape):
            moved = {k: v.astype(complex) for k, v in values.items()}
            moved[name][i] += 1e-30j
            z = moved["Wax"] @ moved["xt"] + moved["Waa"] @ moved["a_prev"] + moved["ba"]
            out[i] = (da * np.tanh(z)).sum().imag / 1e-30
        return out

    got = maths.rnn_cell_backward(da, maths.rnn_cell_forward(x[:, :, 0], a0, P)[2])
    near(got, {"d" + name: slope(name) for name in ("xt", "a_prev", "Wax", "Waa", "ba")})


def test_output_layer_backward_against_central_differences(net, rng):
    x, a0, P = net
    targets, mask = rng.integers(0, N_Y, (M, T)), draw.mask(rng, M, T)
    a = reference.rnn_forward(x, a0, P)[0]

    def y_of(a, P):
        return reference.softmax(np.einsum("ya,amt->ymt", P["Wya"], a) + P["by"][:, :, None])

    dWya, dby, da, _ = reference.output_layer_backward(y_of(a, P), targets, a, P, mask)

    def loss(a=a, **changed):
        return reference.sequence_loss(y_of(a, P | changed), targets, mask)

    near(dWya, differences(lambda v: loss(Wya=v), P["Wya"]), 1e-8)
    near(dby, differences(lambda v: loss(by=v), P["by"]), 1e-8)
    near(da, differences(lambda v: loss(a=v), a), 1e-8)


@BOTH
def test_the_whole_gradient_passes_its_own_check(maths, net, rng):
    x, a0, P = net
    targets = rng.integers(0, N_Y, (M, T))
    a, y_pred, caches = reference.rnn_forward(x, a0, P)
    dWya, dby, da, _ = reference.output_layer_backward(y_pred, targets, a, P)
    G = {k: v for k, v in reference.rnn_backward(da, caches).items() if k[1:] in P} | {"dWya": dWya, "dby": dby}

    def loss(P):
        return maths.sequence_loss(maths.rnn_forward(x, a0, P)[1], targets)

    verdict = maths.gradient_check(loss, P, G)
    assert set(verdict) == set(P) and all(ok is True and error < 1e-7 for error, ok in verdict.values())
    spoilt = maths.gradient_check(loss, P, G | {"dby": 1.001 * dby})
    assert {name for name, (_, ok) in spoilt.items() if not ok} == {"by"}
