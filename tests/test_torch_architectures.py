"""Every network of the course as a PyTorch module and back: logits, states, and all gradients, in both directions."""

import numpy as np
import pytest
import torch
from nearness import near
from tensors import (
    N_A,
    N_X,
    N_Y,
    PARAMETERS,
    L,
    M,
    T,
    course,
    layers_first,
    parameters,
    same,
    steps_first,
    tangled,
)
from torch import nn

from utils import reference
from utils.checking.exercises import draw
from utils.models import layers_of
from utils.torch_port.architectures import gradients, to_numpy, to_torch
from utils.torch_port.networks import ReadThenWrite, Recurrent
from utils.torch_port.seed_gru import SeedGRU

TOLERANCE = 1e-10
LENGTHS = np.array([T, 2, 1, 4])
T_Y = 8
ONE_WAY = ["RNN", "GRU", "GRU, reset after", "LSTM", "deep"]


def drawn_by_torch(network):
    """The same networks as modules that no P was put into: both biases of each layer hold numbers."""
    makers = {
        "RNN": lambda: Recurrent(nn.RNN(N_X, N_A), nn.Linear(N_A, N_Y)),
        "GRU": lambda: Recurrent(SeedGRU.fresh(N_X, N_A), nn.Linear(N_A, N_Y)),
        "GRU, reset after": lambda: Recurrent(nn.GRU(N_X, N_A), nn.Linear(N_A, N_Y)),
        "LSTM": lambda: Recurrent(nn.LSTM(N_X, N_A), nn.Linear(N_A, N_Y)),
        "both directions": lambda: Recurrent(nn.RNN(N_X, N_A, bidirectional=True), nn.Linear(2 * N_A, N_Y)),
        "encoder and decoder": lambda: ReadThenWrite(nn.RNN(N_X, N_A), nn.RNN(N_Y, N_A), nn.Linear(N_A, N_Y)),
        "deep": lambda: Recurrent(nn.RNN(N_X, N_A, num_layers=L), nn.Linear(N_A, N_Y)),
    }
    torch.manual_seed(5)
    return tangled(makers[network]())


def forward(network, P, x, starts):
    """The reference's states a (n, m, T), and back(da) -> dx, the gradients of the starts in order, G of the cell."""
    if network == "deep":
        a, caches = reference.deep_rnn_forward(x, starts[0], layers_of(P))

        def back(da):
            dx, da0, G = reference.deep_rnn_backward(da, caches)
            return dx, [da0], {f"{key}_{k}": g for k, one in enumerate(G, 1) for key, g in one.items()}

        return a, back
    ran = {
        "RNN": lambda: (*reference.rnn_forward(x, *starts, P), reference.rnn_backward),
        "GRU": lambda: (*reference.gru_forward(x, *starts, P), reference.gru_backward),
        "GRU, reset after": lambda: (
            *reference.gru_forward_reset_after(x, *starts, P),
            reference.gru_backward_reset_after,
        ),
        "LSTM": lambda: (*reference.lstm_forward(x, starts[0], P, starts[1]), reference.lstm_backward),
        "both directions": lambda: (*reference.brnn_forward(x, *starts, P, LENGTHS), reference.brnn_backward),
    }[network]()

    def back(da):
        G = ran[-1](da, ran[-2])
        names = [name for name in ("da0", "dc0", "da0_fwd", "da0_bwd") if name in G]
        return G.pop("dx"), [G.pop(name) for name in names], G

    return ran[0], back


def start_of(network, rng):
    """Starting states: the course's arrays, as PyTorch's leaves, and as the module takes them."""
    shapes = {"deep": [(L, N_A, M)], "LSTM": 2 * [(N_A, M)], "both directions": 2 * [(N_A, M)]}
    starts = [rng.standard_normal(shape) for shape in shapes.get(network, [(N_A, M)])]
    leaves = [(layers_first if network == "deep" else steps_first)(one).requires_grad_() for one in starts]
    if network == "LSTM":
        return starts, leaves, tuple(leaves)
    return starts, leaves, torch.cat(leaves)


def compare(network, P, module, rng):
    """Both sides of a network of one net, with a loss in which some steps do not count: everything must agree."""
    W = "Wya" if "Wya" in P else "Wy"
    x = rng.standard_normal((N_X, M, T))
    starts, leaves, state = start_of(network, rng)
    counts = np.arange(T) < LENGTHS[:, None]  # (m, T)
    a, back = forward(network, P, x, starts)
    logits = np.einsum("ya,amt->ymt", P[W], a) + P["by"][:, :, None]
    xs = steps_first(x).requires_grad_()
    got, _ = module(xs, state, LENGTHS if network == "both directions" else None)
    near(course(got), logits, TOLERANCE)

    targets = rng.integers(0, N_Y, (M, T))
    p = np.exp(logits) / np.exp(logits).sum(axis=0)
    dz = (p - (np.arange(N_Y)[:, None, None] == targets)) * counts
    loss = nn.functional.cross_entropy(
        got.permute(1, 2, 0), torch.tensor(np.where(counts, targets, -1)), ignore_index=-1, reduction="sum"
    )
    assert loss.item() == pytest.approx(reference.sequence_loss(p, targets, counts), rel=1e-12)
    loss.backward()
    dx, dstarts, G = back(np.einsum("ya,ymt->amt", P[W], dz))
    G |= {f"d{W}": np.einsum("ymt,amt->ya", dz, a), "dby": dz.sum(axis=(1, 2))[:, None]}
    near(gradients(module), G, TOLERANCE)
    near(course(xs.grad), dx, TOLERANCE)
    for leaf, want in zip(leaves, dstarts, strict=True):
        near(leaf.grad.numpy(), (layers_first if network == "deep" else steps_first)(want).numpy(), TOLERANCE)


@pytest.mark.parametrize("network", [*ONE_WAY, "both directions"])
def test_a_module_made_of_P_agrees_with_the_course(network, rng):
    P = parameters(rng, network)
    compare(network, P, to_torch(P), rng)


@pytest.mark.parametrize("network", [*ONE_WAY, "both directions"])
def test_P_made_of_a_module_agrees_with_torch(network, rng):
    module = drawn_by_torch(network)
    compare(network, to_numpy(module), module, rng)


def x_masks(rng):
    right = np.arange(T) < LENGTHS[:, None]
    holes = np.array([[0, 1, 0, 1, 1, 0], [1, 1, 1, 1, 1, 1], [0, 0, 1, 0, 0, 0], [1, 0, 0, 0, 0, 1]], bool)
    return {"no mask": None, "left": right[:, ::-1].copy(), "right": right, "holes": holes}


@pytest.mark.parametrize("side", ["no mask", "left", "right", "holes"])
@pytest.mark.parametrize("source", ["P", "torch"])
def test_an_encoder_and_a_decoder_agree_with_the_course(source, side, rng):
    network = "encoder and decoder"
    module = to_torch(parameters(rng, network)) if source == "P" else drawn_by_torch(network)
    P = to_numpy(module)
    x, y_in = rng.standard_normal((N_X, M, T)), draw.probabilities(rng, N_Y, M, T_Y)
    x_mask, y_mask = x_masks(rng)[side], np.arange(T_Y) < np.array([8, 3, 5, 1])[:, None]
    targets = rng.integers(0, N_Y, (M, T_Y))
    y_pred, caches = reference.encoder_decoder_forward(x, x_mask, y_in, P)
    logits, last = module(steps_first(x), steps_first(y_in), None if x_mask is None else torch.tensor(x_mask.T))
    near(course(logits.softmax(dim=2)), y_pred, TOLERANCE)
    near(last[0].detach().numpy().T, caches[1][0][-1][0], TOLERANCE)
    loss = nn.functional.cross_entropy(
        logits.permute(1, 2, 0), torch.tensor(np.where(y_mask, targets, -1)), ignore_index=-1, reduction="sum"
    )
    loss.backward()
    assert loss.item() == pytest.approx(reference.sequence_loss(y_pred, targets, y_mask), rel=1e-12)
    near(gradients(module), reference.encoder_decoder_backward(y_pred, targets, y_mask, caches), TOLERANCE)


def test_layers_without_an_output_layer_are_a_list_on_both_sides(rng):
    layers, x = layers_of(parameters(rng, "deep")), rng.standard_normal((N_X, M, T))
    starts, leaves, state = start_of("deep", rng)
    module, da = to_torch(layers), rng.standard_normal((N_A, M, T))
    states, _ = module(steps_first(x), state)
    a, caches = reference.deep_rnn_forward(x, starts[0], layers)
    near(course(states), a, TOLERANCE)
    (states * steps_first(da)).sum().backward()
    _, da0, G = reference.deep_rnn_backward(da, caches)
    near(gradients(module), G, TOLERANCE)
    near(leaves[0].grad.numpy().transpose(0, 2, 1), da0, TOLERANCE)
    near(to_numpy(module), layers, 0)


@pytest.mark.parametrize("network", [*PARAMETERS, "one numbered layer", "a list", "a list of one"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_there_and_back_is_exact_to_the_bit(network, dtype, rng):
    special = {"one numbered layer": 1, "a list": 3, "a list of one": 1}
    depth = special.get(network)
    P = PARAMETERS["deep"](rng, N_X, N_A, N_Y, depth) if depth else parameters(rng, network)
    P = {key: array.astype(dtype) for key, array in P.items()}
    P["by"][0] = np.nan
    P = layers_of(P) if network.startswith("a list") else P
    Q = to_numpy(to_torch(P))
    assert isinstance(Q, type(P))
    for one, other in zip(*((side if isinstance(side, list) else [side]) for side in (P, Q)), strict=True):
        assert same(one, other)


@pytest.mark.parametrize("network", PARAMETERS)
def test_no_memory_is_shared_and_nothing_is_drawn(network, rng):
    P = parameters(rng, network)
    kept, drawn = {key: array.copy() for key, array in P.items()}, torch.random.get_rng_state()
    module = to_torch(P)
    Q = to_numpy(module)
    assert torch.equal(drawn, torch.random.get_rng_state())
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(1)
    assert same(P, kept) and same(Q, kept)


def test_arrays_in_any_memory_order_and_read_only(rng):
    P = parameters(rng, "both directions")
    turned = {key: np.asfortranarray(array[::-1])[::-1] for key, array in P.items()}
    for array in turned.values():
        array.flags.writeable = False
    assert turned["Wy"].strides[0] < 0 and same(to_numpy(to_torch(turned)), P)


@pytest.mark.parametrize("network", [*ONE_WAY, "both directions"])
@pytest.mark.parametrize("with_start", [False, True])
def test_a_batch_of_unequal_lengths_gives_what_each_sequence_gives_alone(network, with_start, rng):
    module, x = to_torch(parameters(rng, network)), torch.tensor(rng.standard_normal((T, M, N_X)))
    state = start_of(network, rng)[2] if with_start else None
    logits, last = module(x, state, LENGTHS)
    for i, length in enumerate(LENGTHS):
        pick = slice(i, i + 1)
        if network == "LSTM":
            own = state and tuple(one[:, pick].contiguous() for one in state)
        else:
            own = None if state is None else state[:, pick].contiguous()
        alone, alone_last = module(x[:length, pick].contiguous(), own)
        near(logits[:length, pick].detach(), alone.detach())
        for one, other in zip(last, alone_last, strict=True) if network == "LSTM" else [(last, alone_last)]:
            near(one[:, pick].detach(), other.detach())
        by = module.out.bias.detach().expand(T - length, 1, N_Y)
        near(logits[length:, pick].detach(), by)


def test_gradients_are_refused_before_a_backward_pass(rng):
    module = to_torch(parameters(rng, "LSTM"))
    with pytest.raises(ValueError, match=r"^the module holds no gradients: call backward on a loss first"):
        gradients(module)


def test_plain_descent_moves_the_sum_of_two_biases_twice_as_far(rng):
    """Why `gradients` reports one of them: the sentence of its docstring in numbers."""
    P = parameters(rng, "RNN")
    module = to_torch(P)
    module(torch.tensor(rng.standard_normal((T, M, N_X))))[0].sum().backward()
    G = gradients(module)
    torch.optim.SGD(module.parameters(), lr=0.1).step()
    Q = to_numpy(module)
    near(Q["Waa"], P["Waa"] - 0.1 * G["dWaa"])
    near(Q["ba"], P["ba"] - 0.2 * G["dba"])
