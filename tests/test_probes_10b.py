"""How checks of lesson 10, part B, ask: what cannot be asked gets a sentence, what is observed is observed rightly."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence as pack

from utils.checking.exercises import find
from utils.checking.judge import judge
from utils.torch_port.probes.asking import Unfit
from utils.torch_port.probes.counting import Operations
from utils.torch_port.textbook.packed import encode_packed
from utils.torch_port.textbook.sampling import sample_batch
from utils.torch_port.textbook.scan import min_gru_scan
from utils.torch_port.textbook.seed_gru import SeedGRU

PRODUCTS = "product with x"


def asked(name, answer, case=0, seed=0):
    """What the probe of an exercise makes of an answer, on one of its cases."""
    exercise = find(name)
    return exercise.ask(answer, **list(exercise.cases(np.random.default_rng(seed)).values())[case])


def in_place(z, h_tilde, h0):
    h = z * h_tilde
    h[1:] += (1 - z[1:]) * h[:-1]
    return h.tanh() * h * (1 - z) + h0


def overlapping(z, h_tilde, h0):
    keep = 1 - z
    keep[1:] *= keep[:-1]
    return keep


class LastState(SeedGRU):
    def forward(self, x, c0):
        return super().forward(x, c0)[-1]


class InAList(SeedGRU):
    def forward(self, x, c0):
        return list(super().forward(x, c0))


class WithoutWh(SeedGRU):
    def __init__(self, P):
        super().__init__(P)
        del self.Wh


class Stacked(SeedGRU):
    """The product with x inside the loop, hidden in one with [c; x] together."""

    def forward(self, x, c0):
        n_c = len(self.Wc)
        W = torch.cat([self.Wh, self.Wx[: 2 * n_c]], dim=1)
        for xt in x:
            gates = torch.sigmoid(torch.cat([c0, xt], dim=1) @ W.T + self.b[: 2 * n_c])
            new = torch.tanh(
                torch.cat([gates[:, n_c:] * c0, xt], dim=1) @ torch.cat([self.Wc, self.Wx[2 * n_c :]], 1).T
            )
            c0 = gates[:, :n_c] * new + (1 - gates[:, :n_c]) * c0
        return c0.expand(len(x), *c0.shape)


@pytest.mark.parametrize(
    "name, answer, words",
    [
        ("SeedGRU", InAList, "one tensor, c of shape"),
        ("SeedGRU", WithoutWh, "hold the parameter Wh; leave its __init__"),
        ("SeedGRU", lambda P: 3, "hold the parameter Wx"),
        ("encode_packed", lambda rnn, x, lengths: [x], "one tensor, a row for each sequence"),
        ("encode_packed", lambda rnn, x, lengths: x[0, 0], r"a row for each sequence, got shape \(3,\)"),
        ("sample_batch", lambda *args: [[1, 2]], "one tensor of whole numbers"),
        ("sample_batch", lambda *args: torch.tensor([1, 2]), r"\(m, max_length\), got shape \(2,\)"),
        ("sample_batch", lambda model, m, *rest: model(torch.zeros(m), None), "int64; it was given"),
        ("min_gru_scan", lambda z, h_tilde, h0: [h0], "one tensor, h of shape"),
        ("min_gru_scan", lambda z, h_tilde, h0: z[1:], r"h should have shape \(T, m, n\) = \(11, 3, 4\), got \(10, 3"),
        ("min_gru_scan", in_place, "the way back stopped: numbers that it needs were overwritten"),
        ("min_gru_scan", overlapping, "changed in place while its other rows"),
        ("SeedGRU", LastState, r"c should have shape \(T, m, n_c\) = \(7, 3, 4\), got \(3, 4\)"),
        ("encode_packed", lambda rnn, x, lengths: rnn(pack(x, lengths, batch_first=True)), "not sorted, the longest"),
        ("encode_packed", lambda rnn, x, lengths: pack(x, lengths, enforce_sorted=False), "for .T, m, n_x."),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(name, answer, words):
    with pytest.raises(Unfit, match=words) as error:
        asked(name, answer)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("name", ["SeedGRU", "encode_packed", "sample_batch", "min_gru_scan"])
def test_an_answer_that_returns_nothing(name):
    class Nothing(SeedGRU):
        def forward(self, x, c0):
            return None

    assert asked(name, Nothing if name == "SeedGRU" else lambda *args: None) is None


@pytest.mark.parametrize("case", range(6))
def test_other_axes_are_seen_with_more_sequences_than_steps_and_with_fewer(case):
    def without_batch_first(rnn, x, lengths):
        return rnn(pack(x, lengths, enforce_sorted=False))[1]

    with pytest.raises(Unfit, match=r"^pack_padded_sequence took x, which is \(m, T, n_x\), for \(T, m, n_x\)\.$"):
        asked("encode_packed", without_batch_first, case)


def test_other_errors_of_pytorch_stay_as_they_are():
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        asked("encode_packed", lambda rnn, x, lengths: x[0] @ x[1])
    with pytest.raises(RuntimeError, match="must match the size"):
        asked("min_gru_scan", lambda z, h_tilde, h0: z[1:] * z)
    with pytest.raises(RuntimeError, match="lengths"):
        asked("encode_packed", lambda rnn, x, lengths: rnn(pack(x, -lengths, batch_first=True, enforce_sorted=False)))


def test_only_what_never_divides_survives_a_long_sequence():
    case = list(find("min_gru_scan").cases(np.random.default_rng(0)).values())[-1]
    assert case["z"].shape[2] >= 200 and {0.0, 1.0} <= set(case["z"].flat)

    def divides(z, h_tilde, h0):
        left = (1 - z).cumprod(dim=0)
        return left * (h0 + (z * h_tilde / left).cumsum(dim=0))

    exercise = find("min_gru_scan")
    right, wrong = (exercise.ask(answer, **case) for answer in (min_gru_scan, divides))
    assert np.isfinite(right["h"]).all() and all(
        np.isfinite(right["gradients"][name]).all() for name in right["gradients"]
    )
    assert np.isnan(wrong["h"]).any()
    np.testing.assert_allclose(*(asked("min_gru_scan", answer)["h"] for answer in (divides, min_gru_scan)), rtol=1e-9)


def test_gradients_have_the_names_of_the_course():
    found = asked("SeedGRU", SeedGRU)["gradients"]
    assert list(found) == ["dWx", "db", "dWh", "dWc"] and found["dWx"].shape == (12, 5)


def test_products_with_x_are_counted():
    assert asked("SeedGRU", SeedGRU)[PRODUCTS] == "before the loop"
    assert asked("SeedGRU", Stacked)[PRODUCTS] == "in every step"
    assert asked("SeedGRU", Stacked, case=3)[PRODUCTS] == "before the loop"  # one step


def test_no_size_of_a_case_can_be_mistaken_for_that_of_x():
    for case in find("SeedGRU").cases(np.random.default_rng(0)).values():
        (n_x, m, _), n = case["x"].shape, len(case["c0"])
        assert not {n_x, n_x + n} & {m, n, 2 * n, 3 * n}


def test_going_through_the_steps_is_seen():
    def one_by_one(z, h_tilde, h0):
        states = [h0]
        for keep, new in zip(1 - z, z * h_tilde, strict=True):
            states.append(keep * states[-1] + new)
        return torch.stack(states[1:])

    right, slow = asked("min_gru_scan", min_gru_scan), asked("min_gru_scan", one_by_one)
    assert (right["operations"], slow["operations"]) == ("grow with log T", "grow with T")
    np.testing.assert_allclose(slow["h"], right["h"], rtol=0, atol=1e-12)
    verdict = judge(find("min_gru_scan"), one_by_one, np.random.default_rng(0))
    assert not verdict.ok and verdict.points == 6 and verdict.causes[0].startswith("the operations grow with T")


def test_the_mode_and_the_tape_are_seen():
    mode, tape = "the mode afterwards", "the tape"
    right = asked("sample_batch", sample_batch)
    assert (right[mode], right[tape]) == ("as before", "not kept")

    def careless(model, m, max_length, temperature, generator):
        tokens = sample_batch(model, m, max_length, temperature, generator)
        model.eval()(tokens[:, :1])
        return tokens

    wrong = asked("sample_batch", careless)
    assert (wrong[mode], wrong[tape]) == ("eval", "kept")

    def halfway(model, *rest):
        tokens = sample_batch(model, *rest)
        model.drop.train(not model.training)
        return tokens

    assert asked("sample_batch", halfway)[mode] == "mixed"
    assert asked("sample_batch", lambda model, *rest: sample_batch(model.train(), *rest), case=1)[mode] == "train"


def test_lengths_are_in_an_order_that_sorting_changes_twice():
    for seed in range(30):
        case = next(iter(find("encode_packed").cases(np.random.default_rng(seed)).values()))
        order = np.argsort(-case["lengths"], kind="stable")
        assert (order != np.arange(len(order))).any() and case["lengths"].max() == case["x"].shape[2]
        assert (order[order] != np.arange(len(order))).any()


def test_a_detached_answer_has_gradients_of_zero():
    def cut(rnn, x, lengths):
        return encode_packed(rnn, x, lengths).detach()

    found = asked("encode_packed", cut)
    assert np.abs(found["dx"]).max() == 0 and np.abs(found["forwards"]).max() > 0


def test_operations_are_counted():
    x = torch.ones(3, 5)
    with Operations(5) as counted:
        (x @ x.T) @ torch.ones(3, 2)
    assert counted.products == 1 and counted.all >= 3


def test_probes_leave_the_weights_of_a_case_alone():
    class Spoiler(SeedGRU):
        def __init__(self, P):
            P["Wu"] += 1
            super().__init__(P)

    case = find("SeedGRU").cases(np.random.default_rng(0))["a batch of one"]
    before = case["P"]["Wu"].copy()
    find("SeedGRU").ask(Spoiler, **case)
    np.testing.assert_array_equal(case["P"]["Wu"], before)
    assert isinstance(Spoiler(case["P"]), nn.Module)
