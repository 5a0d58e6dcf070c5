"""Lesson 10, part A: weights from the course's dicts into PyTorch's layers, and back."""

import functools

from ..exercise import Exercise, Mistake
from ..later import Later
from . import draw
from .lesson_06_variants import parameters_reset_after

TORCH = "import numpy as np\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F"


def ported(name, probe, textbook, module, **rest) -> Exercise:
    """An exercise whose functions live in utils.torch_port, in these modules; see `Later`."""
    return Exercise(
        name=name,
        reference=Later(f"utils.torch_port.{module}", name),
        textbook=Later(f"utils.torch_port.textbook.{textbook}", name),
        probe=Later(f"utils.torch_port.probes.{probe}", name),
        prelude=TORCH,
        **rest,
    )


_weights = functools.partial(ported, probe="weights", textbook="weights", module="weights", lesson="10a")


def _rnn_cases(rng):
    def case(n_x, n_a, n_y, m, T):
        P = draw.rnn_parameters(rng, n_x, n_a, n_y)
        return {"P": P, "x": draw.numbers(rng, n_x, m, T), "a0": 0.8 * draw.numbers(rng, n_a, m)}

    return draw.sequences(rng, case)


_WRITING = "with torch.no_grad():"


def _writing(layer, vector):
    """Mistakes with writing into a parameter; `vector`: a bias of the course as the text has it."""
    first = f"{layer}.bias_ih_l0.copy_(torch.from_numpy({vector}[:, 0]))"
    slices = tuple((f"{name}.copy_(", f"{name}[:].copy_(") for name in ("weight_hh_l0", "weight_ih_l0"))
    return (
        Mistake(
            "torch.no_grad() is missing: a parameter is on the tape, which must not record while it is overwritten",
            ((_WRITING, "if True:"),),
        ),
        Mistake(
            "rows of a parameter are overwritten without torch.no_grad(); the tape must not record meanwhile",
            ((_WRITING, "if True:"), *slices),
        ),
        Mistake(
            "the bias is a column in the course, (n, 1), and flat in PyTorch, (n,); [:, 0] takes the column's numbers",
            ((first, first.replace("[:, 0]", "")),),
        ),
    )


def _biases(layer, vector):
    """Mistakes with the two biases; `vector`: the course's one as the text has it."""
    zero = f"{layer}.bias_hh_l0.zero_()"
    return (
        Mistake(
            "bias_hh_l0 still holds PyTorch's random numbers; set it to zero, as its sum with bias_ih_l0 counts",
            ((f"        {zero}\n", ""),),
        ),
        Mistake(
            "the bias went into both bias_ih_l0 and bias_hh_l0; PyTorch adds the two, so it counts twice",
            ((zero, f"{layer}.bias_hh_l0.copy_(torch.from_numpy({vector}[:, 0]))"),),
        ),
        Mistake(
            "the course's bias was not copied; bias_ih_l0 still holds PyTorch's random numbers",
            ((f"        {layer}.bias_ih_l0.copy_(torch.from_numpy({vector}[:, 0]))\n", ""),),
        ),
        Mistake(
            "both biases are zero, so the course's bias got lost",
            ((f"{layer}.bias_ih_l0.copy_(torch.from_numpy({vector}[:, 0]))", f"{layer}.bias_ih_l0.zero_()"),),
        ),
    )


to_torch_rnn = _weights(
    "to_torch_rnn",
    parts={"weight_ih": 0.5, "weight_hh": 0.5, "bias": 1, "states": 1, "dx": 1},
    cases=_rnn_cases,
    read="section 10.4",
    mistakes=(
        Mistake(
            "Waa is transposed; PyTorch stores it as the course does, (n_a, n_a), so copy it as it is",
            (('torch.from_numpy(P["Waa"])', 'torch.from_numpy(P["Waa"].T)'),),
        ),
        *_biases("rnn", 'P["ba"]'),
        *_writing("rnn", 'P["ba"]'),
        Mistake(
            "the layer squashes with ReLU; nn.RNN does what the course does when nonlinearity is left at tanh",
            (("nn.RNN(n_x, n_a, ", 'nn.RNN(n_x, n_a, nonlinearity="relu", '),),
        ),
        Mistake(
            "Waa was not copied; weight_hh_l0 still holds PyTorch's random numbers",
            (('        rnn.weight_hh_l0.copy_(torch.from_numpy(P["Waa"]))\n', ""),),
        ),
        Mistake(
            "Wax was not copied; weight_ih_l0 still holds PyTorch's random numbers",
            (('        rnn.weight_ih_l0.copy_(torch.from_numpy(P["Wax"]))\n', ""),),
        ),
        Mistake(
            "the sign of the bias is turned; that belongs to the update gate of a GRU only",
            (('torch.from_numpy(P["ba"][:, 0])', 'torch.from_numpy(-P["ba"][:, 0])'),),
        ),
    ),
    hints=(
        "Make an nn.RNN(n_x, n_a) of the right sizes and dtype first. Its four arrays have names; print them.",
        "Four copies, inside torch.no_grad(): two matrices as they are, ba as a vector, and one bias that must be 0.",
        "with torch.no_grad(): rnn.weight_hh_l0.copy_(torch.from_numpy(P['Waa'])); so for the others, with "
        "P['ba'][:, 0] and, for the second bias, rnn.bias_hh_l0.zero_().",
    ),
)


def _lstm_cases(rng):
    def case(n_x, n_a, n_y, m, T):
        start = {name: 0.8 * draw.numbers(rng, n_a, m) for name in ("a0", "c0")}
        return {"P": draw.lstm_parameters(rng, n_x, n_a, n_y), "x": draw.numbers(rng, n_x, m, T)} | start

    return draw.sequences(rng, case)


_ORDER = '("u", "f", "c", "o")'
_B = 'b = np.concatenate([P["b" + gate] for gate in gates])'


def _order(gates):
    return "(" + ", ".join(f'"{gate}"' for gate in gates) + ")"


to_torch_lstm = _weights(
    "to_torch_lstm",
    parts={"weight_ih": 1, "weight_hh": 1, "bias": 1.5, "states": 1.5, "dx": 1},
    cases=_lstm_cases,
    read="section 10.5",
    mistakes=(
        Mistake(
            "the gates are stacked f, u, c, o; PyTorch's order is input, forget, cell, output: u, f, c, o",
            ((_ORDER, _order("fuco")),),
        ),
        Mistake(
            "the gates are stacked u, f, o, c; PyTorch's order is input, forget, cell, output: u, f, c, o",
            ((_ORDER, _order("ufoc")),),
        ),
        Mistake(
            "the gates are stacked f, u, o, c; PyTorch's order is input, forget, cell, output: u, f, c, o",
            ((_ORDER, _order("fuoc")),),
        ),
        Mistake(
            "the biases are stacked f, u, c, o while the weights are u, f, c, o; use one order for both",
            ((_B, _B.replace("in gates", f"in {_order('fuco')}")),),
        ),
        Mistake(
            "the halves of the matrices are confused: they act on [a; x], so the first n_a columns belong to a",
            (("W[:, :n_a]", "W[:, -n_a:]"), ("W[:, n_a:]", "W[:, :-n_a]")),
        ),
        *_biases("lstm", "b"),
        *_writing("lstm", "b"),
        Mistake(
            "each gate's square matrix is transposed; copy its rows as they are",
            (("from_numpy(W[:, :n_a])", "from_numpy(np.concatenate([w.T for w in np.split(W[:, :n_a], 4)]))"),),
        ),
    ),
    hints=(
        "Stack the four matrices in PyTorch's order, one on top of the other; then cut the result in two by columns.",
        "np.concatenate makes (4 n_a, n_a + n_x) of the four. Their first n_a columns act on a, the others on x.",
        "W = np.concatenate([P['W' + gate] for gate in ('u', 'f', 'c', 'o')]); W[:, :n_a] goes into weight_hh_l0, "
        "W[:, n_a:] into weight_ih_l0; the biases in the same order into bias_ih_l0; bias_hh_l0.zero_().",
    ),
)


def _gru_cases(rng):
    def case(n_x, n_c, n_y, m, T):
        P = parameters_reset_after(rng, n_x, n_c, n_y)
        return {"P": P, "x": draw.numbers(rng, n_x, m, T), "c0": 0.8 * draw.numbers(rng, n_c, m)}

    return draw.sequences(rng, case)


_INSIDE = "gru.bias_hh_l0.copy_(torch.from_numpy(b_inside[:, 0]))"
_ZW, _ZB = '[P["Wr"], -P["Wu"]]', '[P["br"], -P["bu"], P["bcx"]]'

to_torch_gru = _weights(
    "to_torch_gru",
    parts={"weight_ih": 1, "weight_hh": 1, "bias": 1.5, "states": 1.5, "dx": 1},
    cases=_gru_cases,
    read="section 10.6",
    mistakes=(
        Mistake(
            "z is taken for Γu; PyTorch's z keeps the old state, so the rows and the bias of u change their sign",
            ((_ZW, '[P["Wr"], P["Wu"]]'), (_ZB, '[P["br"], P["bu"], P["bcx"]]')),
        ),
        Mistake(
            "the rows of u changed their sign, but bu did not; 1 − σ(s) = σ(−s) turns all of s",
            ((_ZB, '[P["br"], P["bu"], P["bcx"]]'),),
        ),
        Mistake(
            "bu changed its sign, but the rows of u did not; 1 − σ(s) = σ(−s) turns all of s",
            ((_ZW, '[P["Wr"], P["Wu"]]'),),
        ),
        Mistake(
            "z is 1 − σ(s), and 1 − W was put in for −W; it is the sum inside σ that changes its sign",
            ((_ZW, '[P["Wr"], 1 - P["Wu"]]'), (_ZB, '[P["br"], 1 - P["bu"], P["bcx"]]')),
        ),
        Mistake(
            "the gates are stacked z, r, n; PyTorch's order is r, z, n",
            ((_ZW, '[-P["Wu"], P["Wr"]]'), (_ZB, '[-P["bu"], P["br"], P["bcx"]]')),
        ),
        Mistake(
            "bcc and bcx have changed places: bcc stands inside the reset and belongs into bias_hh_l0",
            ((_ZB, '[P["br"], -P["bu"], P["bcc"]]'), ('2 * n_c, 1)), P["bcc"]]', '2 * n_c, 1)), P["bcx"]]')),
        ),
        Mistake(
            "bcc was added to bcx; the reset gate multiplies the one and not the other, so they stay apart",
            (
                (_ZB, '[P["br"], -P["bu"], P["bcx"] + P["bcc"]]'),
                ('2 * n_c, 1)), P["bcc"]]', '2 * n_c, 1)), 0 * P["bcc"]]'),
            ),
        ),
        Mistake(
            "the halves of the matrices are confused: they act on [c; x], so the first n_c columns belong to c",
            (("W[:, :n_c]", "W[:, -n_c:]"), ("W[:, n_c:]", "W[:, :-n_c]")),
        ),
        Mistake(
            "br and bu went into bias_ih_l0 and again into bias_hh_l0; PyTorch adds the two, so they count twice",
            (("[np.zeros((2 * n_c, 1)), ", '[P["br"], -P["bu"], '),),
        ),
        Mistake(
            "bcc got lost: bias_hh_l0 is zero, but its last third is bcc, which the reset gate multiplies",
            (('2 * n_c, 1)), P["bcc"]]', '2 * n_c, 1)), 0 * P["bcc"]]'),),
        ),
        Mistake(
            "the thirds r and z of bias_hh_l0 still hold PyTorch's random numbers; set them to zero",
            ((_INSIDE, 'gru.bias_hh_l0[2 * n_c :] = torch.from_numpy(P["bcc"][:, 0])'),),
        ),
        Mistake(
            "bias_hh_l0 still holds PyTorch's random numbers; it is zero for r and z, and bcc in its last third",
            ((f"        {_INSIDE}\n", ""),),
        ),
        *_writing("gru", "b"),
    ),
    hints=(
        "Three blocks of rows, in the order r, z, n. For each ask: which matrix, which sign, which of the two biases?",
        "z = 1 − Γu = σ(−(Wu [c; x] + bu)): Wu and bu go in with a minus. For n, bcc is inside the reset, bcx outside.",
        "W = np.concatenate([P['Wr'], -P['Wu']]); its first n_c columns and P['Wcc'] make weight_hh_l0, the others and "
        "P['Wcx'] weight_ih_l0; bias_ih_l0 = br, −bu, bcx; bias_hh_l0 = 0, 0, bcc.",
    ),
)


def _back_cases(rng):
    def case(kind, n_x, n_a):
        rows = n_a * {"RNN": 1, "LSTM": 4}[kind]
        weights = {"weight_ih_l0": draw.numbers(rng, rows, n_x), "weight_hh_l0": draw.numbers(rng, rows, n_a)}
        weights |= {name: draw.numbers(rng, rows) for name in ("bias_ih_l0", "bias_hh_l0")}
        return {"kind": kind, "weights": weights}

    return {
        "an nn.LSTM": case("LSTM", *draw.sizes(rng, 2)),
        "an nn.RNN": case("RNN", *draw.sizes(rng, 2)),
        "another nn.LSTM": case("LSTM", *draw.sizes(rng, 2)),
    }


_GATE_LIST = '["u", "f", "c", "o"]'

from_torch = _weights(
    "from_torch",
    parts={"weights": 2, "biases": 2, "memory of P": 0},
    cases=_back_cases,
    read="section 10.7",
    mistakes=(
        Mistake(
            "only bias_ih_l0 came along; PyTorch adds bias_hh_l0 to it, and so must the course's one bias",
            (("module.bias_ih_l0 + module.bias_hh_l0", "module.bias_ih_l0.clone()"),),
        ),
        Mistake(
            "only bias_ih_l0 came along, and as the layer's own memory; the sum of both biases is a new array",
            (("module.bias_ih_l0 + module.bias_hh_l0", "module.bias_ih_l0"),),
        ),
        Mistake(
            "only bias_hh_l0 came along; PyTorch adds bias_ih_l0 to it, and so must the course's one bias",
            (("module.bias_ih_l0 + module.bias_hh_l0", "module.bias_hh_l0.clone()"),),
        ),
        Mistake(
            "the rows are read as f, u, c, o; PyTorch's order is input, forget, cell, output: u, f, c, o",
            ((_GATE_LIST, '["f", "u", "c", "o"]'),),
        ),
        Mistake(
            "the rows are read as u, f, o, c; PyTorch's order is input, forget, cell, output: u, f, c, o",
            ((_GATE_LIST, '["u", "f", "o", "c"]'),),
        ),
        Mistake(
            "the halves are joined as [x; a]; the course's matrices act on [a; x]",
            (("np.hstack([W_a, W_x])", "np.hstack([W_x, W_a])"),),
        ),
        Mistake(
            "the biases are flat, (n_a,); the course's are columns, (n_a, 1)",
            ((".detach().numpy()[:, None]", ".detach().numpy()"),),
        ),
        Mistake(
            "the matrices are the layer's own memory, so that training would change P; copy them",
            (('"Wax": W_x.copy(), "Waa": W_a.copy()', '"Wax": W_x, "Waa": W_a'),),
        ),
        Mistake(
            "Wax and Waa of the nn.RNN have changed places: weight_ih_l0 acts on the input x",
            (('"Wax": W_x.copy(), "Waa": W_a.copy()', '"Wax": W_a.copy(), "Waa": W_x.copy()'),),
        ),
    ),
    hints=(
        "Read the way there backwards. Where one bias became two, two become one.",
        "detach().numpy() makes an array of a parameter, b[:, None] a column of a vector, copy() memory of its own.",
        "b = (bias_ih_l0 + bias_hh_l0).detach().numpy()[:, None]; for an LSTM, rows k·n_a to (k + 1)·n_a of "
        "np.hstack([W_a, W_x]) belong to gate k of u, f, c, o.",
    ),
)

EXERCISES = (to_torch_rnn, to_torch_lstm, to_torch_gru, from_torch)
QUIZZES = ()
