"""The encoder-decoder: beside PyTorch, on paper, by differences, and what must hold for any numbers."""

import copy
import inspect
import math

import numpy as np
import pytest
from nearness import BOTH, M, near

from utils import reference, textbook
from utils.checking.exercises import draw, find
from utils.checking.exercises.lesson_09_seq2seq import parameters

N_X, N_A, N_Y, T_X, T_Y = 3, 5, 7, 6, 2  # with M = 4 all different
NAMES = tuple(reference.init_encoder_decoder(2, 2, 2, np.random.default_rng(0)))


@pytest.fixture
def case(rng):
    """x, x_mask, y_in, P, targets, y_mask: padding on the right of both."""
    return {
        "x": rng.standard_normal((N_X, M, T_X)),
        "x_mask": draw.mask(rng, M, T_X),
        "y_in": draw.probabilities(rng, N_Y, M, T_Y),
        "P": parameters(rng, N_X, N_A, N_Y),
        "targets": rng.integers(0, N_Y, (M, T_Y)),
        "y_mask": np.arange(T_Y) < np.array([[2], [1], [2], [1]]),
    }


def forward(maths, case, **changes):
    case = case | changes
    return maths.encoder_decoder_forward(case["x"], case["x_mask"], case["y_in"], case["P"])


def gradients(maths, case, **changes):
    case = case | changes
    y_pred, caches = forward(maths, case)
    return maths.encoder_decoder_backward(y_pred, case["targets"], case["y_mask"], caches)


def some(case, rows):
    """The case with some of its examples."""
    kept = {name: case[name][:, rows] for name in ("x", "y_in")}
    kept |= {n: case[n] if case[n] is None else case[n][rows] for n in ("x_mask", "targets", "y_mask")}
    return case | kept


# beside PyTorch


def torch_rnn(torch, P, net, n):
    """nn.RNN with the weights of one net; the second bias is zero."""
    rnn = torch.nn.RNN(n, N_A, nonlinearity="tanh").double()
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.tensor(P[f"Wax_{net}"]))
        rnn.weight_hh_l0.copy_(torch.tensor(P[f"Waa_{net}"]))
        rnn.bias_ih_l0.copy_(torch.tensor(P[f"ba_{net}"][:, 0]))
        rnn.bias_hh_l0.zero_()
    return rnn


def torch_both(torch, case):
    """Two nn.RNN, the end of the first handed to the second; x padded on the right is packed. Returns the scores
    (n_y, m, T_y) and the leaves by name."""
    encoder, decoder = (torch_rnn(torch, case["P"], net, n) for net, n in (("enc", N_X), ("dec", N_Y)))
    x = torch.tensor(case["x"].transpose(2, 1, 0))
    if case["x_mask"] is not None:
        lengths = torch.tensor(case["x_mask"].sum(axis=1))
        x = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    _, last = encoder(x)
    states, _ = decoder(torch.tensor(case["y_in"].transpose(2, 1, 0)), last)
    leaves = {n: torch.tensor(case["P"][n], requires_grad=True) for n in ("Wya", "by")}
    scores = torch.einsum("ya,tma->ymt", leaves["Wya"], states) + leaves["by"][:, :, None]
    for net, rnn in (("enc", encoder), ("dec", decoder)):
        leaves |= {f"Wax_{net}": rnn.weight_ih_l0, f"Waa_{net}": rnn.weight_hh_l0, f"ba_{net}": rnn.bias_ih_l0}
    return scores, leaves


@BOTH
@pytest.mark.parametrize("masked", [False, True])
def test_forward_against_two_layers_of_torch(maths, torch, case, masked):
    case = case if masked else case | {"x_mask": None}
    scores, _ = torch_both(torch, case)
    near(forward(maths, case)[0], torch.softmax(scores, dim=0).detach().numpy())


@BOTH
@pytest.mark.parametrize("masked", [False, True])
def test_backward_against_autograd(maths, torch, case, masked):
    case = case if masked else case | {"x_mask": None, "y_mask": None}
    scores, leaves = torch_both(torch, case)
    each = torch.nn.functional.cross_entropy(
        scores.permute(1, 0, 2), torch.tensor(case["targets"]), reduction="none"
    )  # (m, T_y)
    (each if case["y_mask"] is None else each[torch.tensor(case["y_mask"])]).sum().backward()
    want = {"d" + name: leaves[name].grad.numpy().reshape(case["P"][name].shape) for name in NAMES}
    near(gradients(maths, case), want)


# beside differences


def complex_loss(case, P):
    """The equations written once more, for complex numbers: summed loss of the answers that count."""
    s = np.zeros((N_A, M), complex)
    for t in range(T_X):
        new = np.tanh(P["Wax_enc"] @ case["x"][:, :, t] + P["Waa_enc"] @ s + P["ba_enc"])
        s = np.where(case["x_mask"][:, t], new, s)
    loss = 0
    for t in range(T_Y):
        s = np.tanh(P["Wax_dec"] @ case["y_in"][:, :, t] + P["Waa_dec"] @ s + P["ba_dec"])
        z = P["Wya"] @ s + P["by"]
        right = z[case["targets"][:, t], np.arange(M)]
        loss = loss + ((np.log(np.exp(z).sum(axis=0)) - right) * case["y_mask"][:, t]).sum()
    return loss


@BOTH
@pytest.mark.parametrize("side", ["left", "right"])
def test_backward_against_a_complex_step(maths, case, side):
    """Im L(θ + ih) / h: no subtraction, so no cancellation."""
    if side == "left":
        case = case | {"x_mask": case["x_mask"][:, ::-1].copy()}
    want = {}
    for name in NAMES:
        want["d" + name] = np.zeros(case["P"][name].shape)
        for i in np.ndindex(want["d" + name].shape):
            moved = case["P"][name].astype(complex)
            moved[i] += 1e-30j
            want["d" + name][i] = complex_loss(case, case["P"] | {name: moved}).imag / 1e-30
    near(gradients(maths, case), want)


@BOTH
def test_the_gradient_passes_the_gradient_check(maths, case):
    def loss(P):
        return maths.sequence_loss(forward(maths, case, P=P)[0], case["targets"], case["y_mask"])

    verdict = maths.gradient_check(loss, case["P"], gradients(maths, case))
    assert set(verdict) == set(NAMES) and all(ok and error < 1e-7 for error, ok in verdict.values())
    spoilt = gradients(maths, case)
    spoilt["dba_enc"] = 1.001 * spoilt["dba_enc"]
    assert {n for n, (_, ok) in maths.gradient_check(loss, case["P"], spoilt).items() if not ok} == {"ba_enc"}


# on paper


@BOTH
def test_one_step_in_and_one_out_by_hand(maths):
    P = {"Wax_enc": np.array([[1.0]]), "Waa_enc": np.array([[4.0]]), "ba_enc": np.array([[0.1]])}
    P |= {"Wax_dec": np.array([[0.3, -0.2]]), "Waa_dec": np.array([[2.0]]), "ba_dec": np.array([[-0.5]])}
    P |= {"Wya": np.array([[1.0], [0.0]]), "by": np.array([[0.0], [math.log(3)]])}
    y_pred, caches = maths.encoder_decoder_forward(np.array([[[0.5]]]), None, np.array([[[1.0]], [[0.0]]]), P)
    a = math.tanh(0.5 + 0.1)
    s = math.tanh(0.3 + 2 * a - 0.5)
    p = math.exp(s) / (math.exp(s) + 3)
    near(y_pred, [[[p]], [[1 - p]]])
    got = maths.encoder_decoder_backward(y_pred, np.array([[0]]), None, caches)
    dz_dec = (1 - s * s) * (p - 1)  # Wyaᵀ (ŷ - [1, 0]) = p - 1
    dz_enc = (1 - a * a) * 2 * dz_dec
    want = {"dWya": [[(p - 1) * s], [(1 - p) * s]], "dby": [[p - 1], [1 - p]]}
    want |= {"dWax_dec": [[dz_dec, 0.0]], "dWaa_dec": [[dz_dec * a]], "dba_dec": [[dz_dec]]}
    want |= {"dWax_enc": [[0.5 * dz_enc]], "dWaa_enc": [[0.0]], "dba_enc": [[dz_enc]]}
    near(got, want)


@BOTH
def test_what_is_shifted_right_by_hand(maths):
    targets = np.array([[5, 6, 7], [1, 2, 3]])
    assert maths.shift_right(targets, 9).tolist() == [[9, 5, 6], [9, 1, 2]]
    assert maths.shift_right(targets, -1)[:, 0].tolist() == [-1, -1]
    assert maths.shift_right(targets[:, :1], 4).tolist() == [[4], [4]]
    assert maths.shift_right(targets, 9).dtype.kind == "i" and targets.tolist() == [[5, 6, 7], [1, 2, 3]]


def automaton():
    """Reads symbols 0, 1, 2 and remembers the last one, k; writes k, k + 1, … 2 and then 3, its <EOS>.

    Unit k of the state is 1 after symbol k was read. Nothing fed: the state stays, and k is written. Symbol k fed: unit
    k + 1 rises and unit k falls.
    """
    fed = np.zeros((4, 4))
    for k in range(3):
        fed[k + 1, k], fed[k, k] = 60.0, -60.0
    P = {"Wax_enc": 20 * np.eye(4)[:, :3], "Waa_enc": np.zeros((4, 4)), "ba_enc": np.zeros((4, 1))}
    P |= {"Wax_dec": fed, "Waa_dec": 20 * np.eye(4), "ba_dec": np.zeros((4, 1))}
    return P | {"Wya": np.eye(4), "by": np.zeros((4, 1))}


@BOTH
def test_greedy_answers_of_an_automaton(maths):
    read = np.array([[2, 0], [0, 1], [1, 2], [2, 2]])
    x = np.eye(3)[:, read]  # (n_x, m, T_x)
    assert maths.decode_greedy(x, None, automaton(), -1, 3, 9) == [[0, 1, 2], [1, 2], [2], [2]]
    assert maths.decode_greedy(x, None, automaton(), -1, 3, 2) == [[0, 1], [1, 2], [2], [2]]
    only_the_first = np.array([[True, False]] * 4)
    assert maths.decode_greedy(x, only_the_first, automaton(), -1, 3, 9) == [[2], [0, 1, 2], [1, 2], [2]]
    assert maths.decode_greedy(x, None, automaton(), -1, 1, 9) == [[0], [], [2] + [3] * 8, [2] + [3] * 8]


@BOTH
def test_a_tie_goes_to_the_first_symbol(maths):
    P = automaton()
    P["Wya"] = np.zeros((4, 4))
    P["by"] = np.array([[0.0], [1.0], [1.0], [0.5]])
    x = np.ones((3, 2, 1))
    answers = maths.decode_greedy(x, None, P, 0, 3, 4)
    assert answers == [[1, 1, 1, 1]] * 2 and all(type(symbol) is int for answer in answers for symbol in answer)
    assert maths.decode_greedy(x, None, P, 0, 1, 4) == [[], []]


# what must hold for any numbers


@BOTH
@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_on_either_side_changes_nothing(maths, rng, case, side):
    lengths = np.array([[6], [1], [3], [4]])
    steps = np.arange(T_X)
    mask = steps < lengths if side == "right" else steps >= T_X - lengths
    padded = case | {"x_mask": mask}
    y_pred, G = forward(maths, padded)[0], gradients(maths, padded)
    noise = np.where(mask, case["x"], 1000 * rng.standard_normal(case["x"].shape))  # whatever stands in the padding
    near((forward(maths, padded, x=noise)[0], gradients(maths, padded, x=noise)), (y_pred, G), 0)
    total = dict.fromkeys(G, 0.0)
    for j in range(M):
        alone = some(padded, [j])
        alone |= {"x": alone["x"][:, :, mask[j]], "x_mask": None}
        near(forward(maths, alone)[0], y_pred[:, j : j + 1])
        total = {key: total[key] + g for key, g in gradients(maths, alone).items()}
        answer = maths.decode_greedy(alone["x"], None, case["P"], 1, 0, 8)
        assert answer == maths.decode_greedy(noise, mask, case["P"], 1, 0, 8)[j : j + 1]
    near(G, total)


@BOTH
def test_a_mask_that_is_all_true_is_no_mask(maths, case):
    every = {"x_mask": np.ones((M, T_X), bool), "y_mask": np.ones((M, T_Y), bool)}
    none = {"x_mask": None, "y_mask": None}
    near(forward(maths, case, **every)[0], forward(maths, case, **none)[0])
    near(gradients(maths, case, **every), gradients(maths, case, **none))


@BOTH
def test_examples_do_not_see_each_other(maths, case):
    order = [2, 0, 3, 1]
    near(forward(maths, some(case, order))[0], forward(maths, case)[0][:, order])
    near(gradients(maths, some(case, order)), gradients(maths, case))
    answers = maths.decode_greedy(case["x"], case["x_mask"], case["P"], 2, 0, 9)
    for j in range(M):
        x, mask = case["x"][:, [j]], case["x_mask"][[j]]
        assert maths.decode_greedy(x, mask, case["P"], 2, 0, 9) == [answers[j]]


@BOTH
def test_greedy_answers_are_those_of_one_symbol_after_another(maths, rng):
    """Many nets: what a batch answers is what each example answers alone, and some end before others."""
    seen = set()
    for _ in range(20):
        P = parameters(rng, N_X, N_A, N_Y)
        x, mask = rng.standard_normal((N_X, M, T_X)), draw.mask(rng, M, T_X)
        answers = maths.decode_greedy(x, mask, P, 2, 0, 8)
        seen |= {len(answer) for answer in answers}
        assert answers == [maths.decode_greedy(x[:, [j]], mask[[j]], P, 2, 0, 8)[0] for j in range(M)]
    assert len(seen) >= 4 and 8 in seen


@BOTH
def test_free_running_is_teacher_forcing_with_its_own_answers(maths, case):
    P, start, steps = case["P"], 3, 6
    never = {"Wya": np.vstack([P["Wya"], np.zeros((1, N_A))]), "by": np.vstack([P["by"], [[-99.0]]])}
    P = P | never | {"Wax_dec": np.hstack([P["Wax_dec"], np.zeros((N_A, 1))])}
    answers = np.array(maths.decode_greedy(case["x"], case["x_mask"], P, start, N_Y, steps))  # (m, T): nobody ends
    y_in = np.moveaxis(np.eye(N_Y + 1)[maths.shift_right(answers, start)], 2, 0)
    y_pred = maths.encoder_decoder_forward(case["x"], case["x_mask"], y_in, P)[0]
    assert np.array_equal(y_pred.argmax(axis=0), answers)
    assert len(set(answers.ravel().tolist())) >= 2


@BOTH
@pytest.mark.parametrize("padding", [-1, 999])
def test_what_stands_at_targets_that_do_not_count_does_not_matter(maths, case, padding):
    hidden = np.where(case["y_mask"], case["targets"], padding)
    near(gradients(maths, case, targets=hidden), gradients(maths, case), 0)


@BOTH
def test_masked_answers_are_as_good_as_absent(maths, case):
    short = case | {"y_mask": np.arange(T_Y) < np.ones((M, 1), int)}
    absent = case | {"y_mask": None, "y_in": case["y_in"][:, :, :1], "targets": case["targets"][:, :1]}
    near(gradients(maths, short), gradients(maths, absent))


@BOTH
def test_nothing_reaches_an_encoder_that_is_not_listened_to(maths, case):
    deaf = case["P"] | {"Waa_dec": np.zeros((N_A, N_A))}
    G = gradients(maths, case, P=deaf)
    assert not any(G[f"d{name}_enc"].any() for name in ("Wax", "Waa", "ba"))
    assert all(G[key].any() for key in ("dWax_dec", "dWaa_dec", "dba_dec", "dWya", "dby"))
    near(forward(maths, case, P=deaf)[0], forward(maths, case, P=deaf, x=-case["x"])[0], 0)


@BOTH
@pytest.mark.parametrize("m, T_x, T_y", [(1, 1, 1), (1, 3, 1), (2, 1, 4)])
def test_one_example_and_one_step(maths, rng, m, T_x, T_y):
    P = parameters(rng, N_X, N_A, N_Y)
    x, y_in = rng.standard_normal((N_X, m, T_x)), draw.probabilities(rng, N_Y, m, T_y)
    y_pred, caches = maths.encoder_decoder_forward(x, None, y_in, P)
    near(y_pred.sum(axis=0), np.ones((m, T_y)))
    a = np.zeros((N_A, m))
    for t in range(T_x):
        a = np.tanh(P["Wax_enc"] @ x[:, :, t] + P["Waa_enc"] @ a + P["ba_enc"])
    a = np.tanh(P["Wax_dec"] @ y_in[:, :, 0] + P["Waa_dec"] @ a + P["ba_dec"])
    near(y_pred[:, :, 0], reference.softmax(P["Wya"] @ a + P["by"]))
    G = maths.encoder_decoder_backward(y_pred, np.zeros((m, T_y), int), None, caches)
    assert {key: g.shape for key, g in G.items()} == {"d" + name: P[name].shape for name in NAMES}


@BOTH
def test_caches_are_those_of_the_two_nets(maths, case):
    P = case["P"]
    encoder, decoder = ({n: P[f"{n}_{net}"] for n in ("Wax", "Waa", "ba")} for net in ("enc", "dec"))
    a, enc = maths.rnn_states(case["x"], np.zeros((N_A, M)), encoder, case["x_mask"])
    dec = maths.rnn_states(case["y_in"], a[:, :, -1], decoder)[1]
    _, caches = forward(maths, case)
    near(caches, (enc, dec, P))
    assert caches[2] is P and caches[1][2] is None


@BOTH
def test_inputs_are_left_alone(maths, case):
    before = copy.deepcopy(case)
    y_pred, caches = forward(maths, case)
    kept = copy.deepcopy((y_pred, caches))
    maths.encoder_decoder_backward(y_pred, case["targets"], case["y_mask"], caches)
    maths.decode_greedy(case["x"], case["x_mask"], case["P"], 1, 0, 5)
    near(case, before, 0)
    near((y_pred, caches), kept, 0)


@pytest.mark.parametrize("masked", [False, True])
def test_the_reference_keeps_float32(case, masked):
    single = np.float32
    case = case | {name: case[name].astype(single) for name in ("x", "y_in")}
    case |= {"P": {name: value.astype(single) for name, value in case["P"].items()}}
    case |= {} if masked else {"x_mask": None, "y_mask": None}
    y_pred, (enc, dec, _) = forward(reference, case)
    assert y_pred.dtype == single and {v.dtype for cell in enc[0] + dec[0] for v in cell[:3]} == {np.dtype(single)}
    assert {g.dtype for g in gradients(reference, case).values()} == {np.dtype(single)}


@BOTH
def test_initial_weights_have_the_promised_order_and_spread(maths):
    P = maths.init_encoder_decoder(400, 300, 200, np.random.default_rng(0))
    again = np.random.default_rng(0)
    for name, shape in [
        ("Wax_enc", (300, 400)), ("Waa_enc", (300, 300)), ("Wax_dec", (300, 200)), ("Waa_dec", (300, 300)),
        ("Wya", (200, 300)),
    ]:  # fmt: skip
        near(P[name], again.standard_normal(shape) / np.sqrt(shape[1]))
        assert P[name].var() * shape[1] == pytest.approx(1.0, abs=0.03)
    assert {n: P[n].shape for n in ("ba_enc", "ba_dec", "by")} == {
        "ba_enc": (300, 1),
        "ba_dec": (300, 1),
        "by": (200, 1),
    }
    assert not any(P[name].any() for name in ("ba_enc", "ba_dec", "by")) and set(P) == set(NAMES)


def test_three_pairs_are_learned_by_heart_and_answered_alone():
    """The whole way: forward, backward, Adam, and then greedy answers of three different lengths."""
    rng, start, eos = np.random.default_rng(1), 0, 1
    x = np.eye(4)[:, np.array([[0, 1, 2], [3, 1, 0], [2, 2, 3]])]
    x_mask = np.array([[True, True, True], [True, True, False], [True, False, False]])
    targets = np.array([[2, 3, 4, eos], [4, 2, eos, -1], [3, eos, -1, -1]])
    y_mask = targets >= 0
    y_in = np.moveaxis(np.eye(5)[reference.shift_right(np.maximum(targets, 0), start)], 2, 0)
    P, state, losses = reference.init_encoder_decoder(4, 12, 5, rng), None, []
    for _ in range(120):
        y_pred, caches = reference.encoder_decoder_forward(x, x_mask, y_in, P)
        losses.append(reference.sequence_loss(y_pred, targets, y_mask) / y_mask.sum())
        G = reference.encoder_decoder_backward(y_pred, targets, y_mask, caches)
        P, state = reference.adam_step(P, G, state, 0.02)
    assert losses[0] > 1.0 and losses[-1] < 0.05  # nats per answer; log 5 is 1.6
    for maths in (reference, textbook):
        assert maths.decode_greedy(x, x_mask, P, start, eos, 10) == [[2, 3, 4], [4, 2], [3]]


def test_the_text_for_learners_fits_the_page():
    for name in ("encoder_decoder_forward", "encoder_decoder_backward", "decode_greedy"):
        text = inspect.getsource(getattr(textbook, name))
        assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", ["encoder_decoder_forward", "encoder_decoder_backward", "decode_greedy"])
def test_cases_differ_in_all_sizes_and_no_bias_is_zero(name, seed):
    cases = find(name).cases(np.random.default_rng(seed))
    for number, kwargs in enumerate(cases.values()):
        P = kwargs["P"] if "P" in kwargs else kwargs["caches"][2]
        x = kwargs["x"] if "x" in kwargs else kwargs["caches"][0][1]
        sizes = [*x.shape, *P["Wya"].shape]
        sizes += [a.shape[2] for a in (kwargs.get("y_in"), kwargs.get("y_pred")) if a is not None]
        assert number or (len(set(sizes)) == len(sizes) and min(sizes) > 1), sizes
        assert min(np.abs(P[bias]).min() for bias in ("ba_enc", "ba_dec", "by")) > 0
