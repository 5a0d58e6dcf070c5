"""What lesson 06 says: numbers that its cells print, claims in bands over several seeds, and its plots."""

import math
import re

import numpy as np
import pytest
from lessons import NOTEBOOKS, flat, printed, prose

from utils.datasets import encode_words, load_runs
from utils.experiments import lesson_06 as experiments
from utils.experiments.lesson_06 import (
    TOP,
    always_relevant,
    bias_experiment,
    freeze_update_gate,
    gates_of,
    learn_marked_numbers,
    marked_numbers,
    relevance_experiment,
    squared_error,
    totals_since_stop,
)
from utils.generators import agreement_sentences, agreement_words
from utils.plotting.gates import plot_gates
from utils.reference import (
    adam_step,
    clip_by_norm,
    gradient_norm_by_lag,
    gru_backward,
    gru_cell_backward,
    gru_cell_forward,
    gru_cell_forward_simple,
    gru_forward,
    init_gru,
    init_rnn,
    one_hot,
)
from utils.training import accuracy_to_one, on_one_thread, train_to_one

TEXT = flat(prose("06"))
WORDS = agreement_words()


def cell(code):
    """The text of the one code cell that holds `code`."""
    found = [c for c in NOTEBOOKS["06"] if c["cell_type"] == "code" and code in "".join(c["source"])]
    assert len(found) == 1
    return "".join(found[0]["source"])


@pytest.mark.parametrize(
    "code, numbers",
    [
        ("for w in (1.0, 1.5)", ["0.260, gradient 0.02", "value 0.859, gradient 7e-09", "0.736, gradient 0.818"]),
        ("try_it(lambda: gru_cell_forward_simple", ["0.7343"]),
        ("try_it(eleven_words_later)", ["after cats 0.985, eleven words later 0.779"]),
        ("try_it(lambda: gru_cell_forward(one", ["0.7155", "0.8071", "0.1929"]),
        ("try_it(lambda: gru_forward", ["0.7155"]),
        ("plain RNN, {n} units", ["24 units: 1,202", "47 units: 3,433", "24 units: 3,506"]),
        (
            "try_it(by_hand)",
            ["dxt     [[0.11]]", "dc_prev [[0.7456]]", "-0.0507, -0.0634", "0.0118, 0.0147", "[[0.118, 0.1966]]"],
        ),
        ("try_it(lambda: [f(nothing", ["0.2685, 0.4", "0.0987, 0.4"]),
        ("frozen = freeze_update_gate", ["right 1.00", "fixed 1.00"]),
    ],
)  # fmt: skip
def test_a_cell_prints_the_numbers_of_the_prose(code, numbers):
    for number in numbers:
        assert number in printed("06", code)


def test_numbers_worked_by_hand():
    assert 0.99**20 == pytest.approx(0.818, abs=5e-4) and 0.9 * 0.818 == pytest.approx(0.736, abs=5e-4)
    assert math.tanh(0.8) == pytest.approx(0.66, abs=0.005) and math.tanh(-0.82) == pytest.approx(-0.68, abs=0.006)
    assert math.tanh(0.6) == pytest.approx(0.5370, abs=5e-5) and math.tanh(0.5) == pytest.approx(0.4621, abs=5e-5)
    new = math.tanh(0.5)
    dzc, dzu = 0.25 * (1 - new**2), (new - 0.8) * 0.25 * 0.75
    dzr = 0.5 * dzc * 0.8 * 0.75 * 0.25
    assert (dzc, dzu, dzr) == pytest.approx((0.1966, -0.0634, 0.0147), abs=1e-4)
    assert 0.75 + dzu + 0.75 * 0.5 * dzc - dzr == pytest.approx(0.746, abs=5e-4)
    assert 0.2 * dzc - dzu + 0.5 * dzr == pytest.approx(0.110, abs=5e-4)
    assert 0.98**400 == pytest.approx(0.0003, abs=5e-5) and 0.9975**400 == pytest.approx(0.37, abs=0.005)
    assert 1 / (1 + math.exp(2)) == pytest.approx(0.12, abs=0.005)
    assert 1 / (1 + math.exp(4)) == pytest.approx(0.02, abs=0.005)


def test_the_gradient_check_of_the_lesson_finds_nothing():
    errors = re.findall(r"error (\S+), right: True", printed("06", "try_it(prove_it)"))
    assert len(errors) == 6 and max(map(float, errors)) < 1e-8


def left_at_lag_30(seed, bias):
    """What the figure of section 6.5 shows at the subject, for a network that has learned nothing."""
    sentences, labels, _ = agreement_sentences(np.random.default_rng(5), 200, 30)
    x, _ = encode_words(sentences, WORDS)
    zeros, rng = np.zeros((24, 200)), np.random.default_rng(seed)
    if bias is None:
        norms = gradient_norm_by_lag(x, zeros, init_rnn(len(WORDS), 24, 2, rng), labels)
        return norms[30] / norms[0]
    P = init_gru(len(WORDS), 24, 2, rng, update_bias=bias)
    _, y_pred, (cells, _) = gru_forward(x, zeros, P)
    dc = first = P["Wy"].T @ (y_pred[:, :, -1] - one_hot(labels, 2))
    for cache in cells[:-31:-1]:
        dc = gru_cell_backward(dc, cache)["dc_prev"]
    return np.linalg.norm(dc) / np.linalg.norm(first)


def test_a_gate_that_starts_half_open_lets_less_through_than_a_plain_network():
    for seed in range(4):
        plain, zero, one, two, four = (left_at_lag_30(seed, bias) for bias in (None, 0, -1, -2, -4))
        assert zero < 1e-5 and zero < one < two < four and 1000 * zero < plain
        assert 0.01 < two < 0.1 and four > 0.5 and one < plain < 0.1


def test_the_copy_is_all_that_comes_through_a_shut_gate():
    rng = np.random.default_rng(0)
    P = init_gru(3, 4, 2, rng, update_bias=-800)
    _, _, cache = gru_cell_forward(rng.normal(size=(3, 5)), rng.normal(size=(4, 5)), P)
    dc = rng.normal(size=(4, 5))
    assert gru_cell_backward(dc, cache)["dc_prev"] == pytest.approx(dc)


@pytest.fixture(scope="module")
def lesson():
    """The functions that the notebook's own cells define."""
    names = {"np": np, "init_gru": init_gru, "words": WORDS, "one_hot": one_hot, "on_one_thread": on_one_thread}
    names |= {"agreement_sentences": agreement_sentences, "encode_words": encode_words, "adam_step": adam_step}
    names |= {
        "clip_by_norm": clip_by_norm,
        "accuracy_to_one": accuracy_to_one,
        "right_cell_backward": gru_cell_backward,
    }
    exec(cell("def learn("), names)
    exec(cell("def without_the_copy").partition("for gaps in")[0], names)
    return names


@pytest.fixture(scope="module")
def trained(lesson):
    """Networks from the live loop, for two seeds."""
    return [lesson["learn"](gru_forward, gru_backward, (20, 30), seed=seed, show=False) for seed in range(2)]


def test_the_live_loop_finds_the_far_subject_and_goes_on_to_gaps_it_never_met(lesson, trained):
    for P, right in trained:
        assert np.mean(right[-20:]) > 0.97
        assert lesson["accuracy_by_gap"](P, (0, 10, 20, 40, 60)).min() > 0.95
    _, right = lesson["learn"](gru_forward, gru_backward, (20, 30), update_bias=0, show=False)
    assert np.mean(right[-20:]) < 0.6


def test_with_fixed_gates_the_verb_is_still_right_and_no_gate_opens_at_the_subject(trained):
    sentences, labels, _ = agreement_sentences(np.random.default_rng(9), 300, 25)
    x, mask = encode_words(sentences, WORDS)
    for P, _ in trained:
        gate_u, c = gates_of(x, P)
        assert accuracy_to_one(x, mask, labels, freeze_update_gate(P, gate_u)) > 0.97
        assert gate_u[:, :, 1].mean() < 1.3 * gate_u[:, :, 0].mean() and gate_u[:, :, 1].mean() < 0.25
        apart = np.abs(c[:, labels == 1].mean(axis=1) - c[:, labels == 0].mean(axis=1)).max(axis=0)
        assert apart[0] == pytest.approx(0, abs=1e-12) and apart[1] < 0.3 and apart[-1] > 1.5


def test_the_gates_in_the_figure_are_those_of_the_prose(lesson):
    names = lesson | {"right_forward": gru_forward, "right_backward": gru_backward, "gates_of": gates_of}
    names["plot_gates"] = lambda words, panels, **options: names.update(panels=panels, marked=options["mark"])
    exec(cell("several ="), names)
    gates, apart = names["panels"].values()
    assert 0.08 < gates.min() and gates.max() < 0.42 and "between 0.1 and 0.4" in TEXT
    assert np.abs(gates[:, 1] - gates[:, 0]).max() < 0.06
    assert (np.abs(apart[:, 1]) < 0.2).all() and (np.abs(apart[:, -1]) > 1).all() and names["marked"] == [1]


def test_without_the_copy_short_sentences_are_learned_and_far_ones_are_not(lesson):
    for seed in (1,):  # seed 0 is the one in the lesson
        short, far = (
            lesson["learn"](gru_forward, lesson["without_the_copy"], gaps, seed=seed, show=False)[1]
            for gaps in ((0, 4), (20, 30))
        )
        assert np.mean(short[-20:]) > 0.97 and np.mean(far[-20:]) < 0.62


def test_the_stored_run_that_is_shown():
    stored = load_runs("agreement")
    assert stored["gru_slow_far"].min() > 0.97 and stored["gru_far"].mean() < 0.6 and stored["rnn_far"].mean() < 0.6


def test_first_biases():
    found = bias_experiment((3,), biases=(0, -2, -4))
    assert list(found) == ["GRU, bias 0", "GRU, bias −2", "GRU, bias −4"]
    assert found["GRU, bias 0"] == [None]
    assert all(epoch in range(2, 7) for name in ("GRU, bias −2", "GRU, bias −4") for epoch in found[name])
    assert "8 times with −4, 8 times with −2, 4 with −1 and never with 0" in TEXT
    shown = re.findall(r"bias (\S+) +learned it on (\d) of 2", printed("06", "starts = bias_experiment"))
    assert dict(shown) | {"−1": "?"} == {"0": "0", "−1": "?", "−2": "2", "−4": "2"}


def test_a_plain_network_with_as_many_parameters_stays_at_chance():
    assert bias_experiment((0,), biases=(None,), n_c=47) == {"plain RNN": [None]}


def test_the_second_gate_helps_where_something_is_to_be_dropped():
    found = relevance_experiment(range(2, 4))
    ratio = found["both gates"] / found["update gate alone"]
    assert (0.35 < ratio).all() and (ratio < 0.75).all()
    shown = np.array(re.findall(r"both gates (\S+), update gate alone (\S+)", printed("06", "relevance =")), float)
    assert len(shown) == 2 and (0.4 < shown[:, 0] / shown[:, 1]).all() and (shown[:, 0] / shown[:, 1] < 0.7).all()


def test_the_simple_cell_learns_was_or_were_as_soon():
    sentences, labels, _ = agreement_sentences(np.random.default_rng([0, 20, 30]), 600, (20, 30))
    x, mask = encode_words(sentences, WORDS)
    first = init_gru(len(WORDS), 24, 2, np.random.default_rng([0, 1]), update_bias=-2)
    options = {"epochs": 6, "batch": 32, "learning_rate": 0.01}
    both, alone = (
        train_to_one(x, mask, labels, P, np.random.default_rng([0, 2]), **options)[1].accuracy
        for P in (first, always_relevant(first))
    )
    assert alone[-1] > 0.97 and sum(alone) > sum(both) - 0.1


def test_always_relevant_is_the_simple_cell_and_stays_so():
    rng = np.random.default_rng(0)
    P = always_relevant(init_gru(3, 4, 2, rng))
    xt, c = rng.normal(size=(3, 5)), rng.normal(size=(4, 5))
    assert gru_cell_forward(xt, c, P)[0] == pytest.approx(gru_cell_forward_simple(xt, c, P)[0])
    data = totals_since_stop(rng, 40, 6)
    P = always_relevant(init_gru(3, 4, 2 * TOP + 1, rng))
    after, _ = experiments.train_every_step(*data, P, rng, epochs=3, batch=10, learning_rate=0.01)
    assert after["br"] == pytest.approx(P["br"], abs=1e-6) and np.abs(after["Wr"]).max() < 1e-6


def test_totals_begin_again_at_a_stop():
    x, mask, targets = totals_since_stop(np.random.default_rng(0), 50, 40)
    assert mask.all() and (x.sum(axis=0) == 1).all()
    assert (targets[x[2] == 1] == TOP).all() and targets.min() == 0 and targets.max() == 2 * TOP
    steps = np.diff(targets, axis=1)
    assert set(np.unique(steps[x[1][:, 1:] == 1])) <= {0, 1} and set(np.unique(steps[x[0][:, 1:] == 1])) <= {0, -1}


def test_the_last_marked_number_is_asked_for():
    x, y = marked_numbers(np.random.default_rng(0), 30, 12)
    for i in range(30):
        assert y[i] == x[0, i, np.flatnonzero(x[1, i])[-1]]
    assert (x[1, :, 0] == 1).all() and set(np.unique(x[1])) == {0, 1} and np.abs(x[0]).max() <= 1


def test_the_gates_open_at_the_marks_and_are_needed():
    for seed in range(2):
        P = learn_marked_numbers(seed)
        x, y = marked_numbers(np.random.default_rng(1), 300, 30)
        gate_u, _ = gates_of(x, P)
        marked, later = x[1] == 1, np.arange(30) > 0
        at, elsewhere = gate_u[:, marked & later].mean(), gate_u[:, ~marked].mean()
        assert at > 0.4 and elsewhere < 0.27 and at > 2 * elsewhere
        assert squared_error(x, y, P) < 0.02 and squared_error(x, y, freeze_update_gate(P, gate_u)) > 0.25
    assert 0.3 < np.mean(marked_numbers(np.random.default_rng(0), 5000, 30)[1] ** 2) < 0.36  # whoever always says 0


def test_the_gates_in_the_second_figure_are_those_of_the_prose():
    names = {"np": np, "learn_marked_numbers": learn_marked_numbers, "marked_numbers": marked_numbers}
    names |= {"gates_of": gates_of, "squared_error": squared_error, "freeze_update_gate": freeze_update_gate}
    names["plot_gates"] = lambda words, panels, **options: names.update(gates=panels["update gate Γu"], **options)
    exec(cell("marker = learn_marked_numbers"), names)
    gates, marks = names["gates"], names["mark"]
    assert len(marks) == 3 and ((gates[:, marks] > 0.4).sum(axis=0) >= 2).all()
    assert np.mean(np.delete(gates, marks, axis=1) < 0.25) > 0.6
    error, fixed = re.findall(r"(?:error|fixed) (\d\.\d+)", printed("06", "marker = learn_marked_numbers"))
    assert float(error) < 0.02 and float(fixed) > 0.3


def test_frozen_gates_do_not_move():
    rng = np.random.default_rng(0)
    P, x = init_gru(3, 4, 2, rng), rng.normal(size=(3, 6, 7))
    gate_u, c = gates_of(x, P)
    assert c.shape == gate_u.shape == (4, 6, 7) and 0 < gate_u.min() < gate_u.max() < 1
    fixed, _ = gates_of(x, freeze_update_gate(P, gate_u))
    assert fixed == pytest.approx(np.broadcast_to(gate_u.mean(axis=(1, 2))[:, None, None], (4, 6, 7)))


def test_gates_are_drawn_as_shades_over_the_words(shown):
    gates, memory = np.array([[0.1, 0.9, 0.2]]), np.array([[-0.5, 1.5, 0.0], [0.1, 0.2, 0.3]])
    plot_gates(["the", "cats", "ran"], {"gate": gates, "memory": memory}, title="T", mark=[1], units=None)
    above, below, *_ = shown[0].figure.axes
    assert above.images[0].get_array().data == pytest.approx(gates)
    assert above.images[0].get_clim() == (0, 1)
    assert below.images[0].get_array().data == pytest.approx(memory)
    assert below.images[0].get_clim() == (-1.5, 1.5)
    labels = below.get_xticklabels()
    assert [label.get_text() for label in labels] == ["the", "cats", "ran"]
    assert [label.get_weight() for label in labels] == ["normal", "bold", "normal"]
    assert "0.90" in [text.get_text() for text in above.texts] and above.figure.get_suptitle() == "T"
    with pytest.raises(ValueError, match="each panel must be"):
        plot_gates(["the"], {"gate": gates}, title="T")
