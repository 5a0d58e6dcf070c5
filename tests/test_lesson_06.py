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
    freeze_gates,
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
        ("one_step = one", ["0.7456"]),
        ("plain RNN, {n} units", ["24 units: 1,202", "47 units: 3,433", "24 units: 3,506"]),
        (
            "try_it(by_hand)",
            ["dxt     [[0.11]]", "dc_prev [[0.7456]]", "-0.0507, -0.0634", "0.0118, 0.0147", "[[0.118, 0.1966]]"],
        ),
        ("try_it(lambda: [f(nothing", ["0.2685, 0.4", "0.0987, 0.4"]),
        ("silent = x.copy()", ["right 1.00 update gates fixed", "right 1.00 both fixed", "at the subject 0.42"]),
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
    assert (1 - 1 / (1 + math.exp(4))) ** 400 < 0.001 and 0.9975**400 == pytest.approx(0.37, abs=0.005)
    assert 1 / (1 + math.exp(6)) == pytest.approx(1 / 400, abs=1e-4) and math.log(400) == pytest.approx(6, abs=0.01)
    assert 0.5**30 == pytest.approx(1e-9, rel=0.1) and (1 - 1 / 30) ** 30 == pytest.approx(1 / 3, abs=0.04)
    after = [(1 - 1 / (1 + math.exp(-bias))) ** 30 for bias in (-2, -4)]
    assert after == pytest.approx([0.02, 0.58], abs=0.005)
    assert 1 / (1 + math.exp(2)) == pytest.approx(0.12, abs=0.005)
    assert 1 / (1 + math.exp(4)) == pytest.approx(0.02, abs=0.005)


def test_the_gradient_check_of_the_lesson_finds_nothing():
    errors = re.findall(r"error (\S+), right: True", printed("06", "try_it(prove_it)"))
    assert len(errors) == 6 and max(map(float, errors)) < 1e-8


def test_so_many_words_turn_the_memory_of_the_hand_made_unit():
    gate, asks, c = 1 / (1 + math.exp(4.6)), math.tanh(-3), math.tanh(3) / (1 + math.exp(-4.6))
    steps = 0
    first = c
    while c > 0:
        c, steps = gate * asks + (1 - gate) * c, steps + 1
        if steps == 1:
            assert first - c == pytest.approx(0.02, abs=5e-4)
    assert 65 < steps < 73 and "about seventy" in TEXT


def left_at_lag_30(seed, bias):
    """What is left at the subject in section 6.5, before learning; for a GRU also by copying alone."""
    sentences, labels, _ = agreement_sentences(np.random.default_rng(5), 200, 30)
    x, _ = encode_words(sentences, WORDS)
    zeros, rng = np.zeros((24, 200)), np.random.default_rng(seed)
    if bias is None:
        norms = gradient_norm_by_lag(x, zeros, init_rnn(len(WORDS), 24, 2, rng), labels)
        return norms[30] / norms[0]
    P = init_gru(len(WORDS), 24, 2, rng, update_bias=bias)
    _, y_pred, (cells, _) = gru_forward(x, zeros, P)
    dc = first = copied = P["Wy"].T @ (y_pred[:, :, -1] - one_hot(labels, 2))
    for cache in cells[:-31:-1]:
        dc, copied = gru_cell_backward(dc, cache)["dc_prev"], (1 - cache[2]) * copied
    return np.linalg.norm([dc, copied], axis=(1, 2)) / np.linalg.norm(first)


def test_a_gate_that_starts_half_open_lets_less_through_than_a_plain_network():
    for seed in ([1, 1], 0, 1, 2, 3):
        plain = left_at_lag_30(seed, None)
        (zero, copied), (two, _), (four, _) = (left_at_lag_30(seed, bias) for bias in (0, -2, -4))
        assert 3e-7 < zero < 1e-5 and zero < two < four and 1000 * zero < plain and copied < zero / 100
        assert 0.025 < two < 0.075 and four > 0.5 and 0.005 < plain < 0.06


def test_the_plain_network_of_section_6_5_is_the_one_of_lesson_03():
    assert left_at_lag_30([1, 1], None) == pytest.approx(0.01, abs=0.001)
    lag = printed("06", "try_it(left_by_lag)")
    assert "plain RNN    left: 1e-02" in lag and "bias −2 left: 6e-02" in lag and "bias −4 left: 6e-01" in lag
    assert re.search(r"bias 0  left: [1-3]e-06, by copying alone [3-5]e-09", lag)
    assert "1e-02" in printed("03", "before learning")


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
    two, _ = encode_words(
        [f"the {noun} near the old dog beside the small girl".split() for noun in ("cats", "cat")], WORDS
    )
    silent = two.copy()
    silent[:, :, 2:] = 0
    for P, _ in trained:
        gate_u, gate_r, c = gates_of(x, P)
        for frozen in (freeze_gates(P, u=gate_u), freeze_gates(P, u=gate_u, r=gate_r)):
            assert accuracy_to_one(x, mask, labels, frozen) > 0.97
        assert gate_u[:, :, 1].max() < 0.45 and gate_u.max() > 0.8
        assert gates_of(two, P)[0][:, 0, 1].max() < 0.3
        for read in (two, silent):
            apart = gates_of(read, P)[2]
            length = np.linalg.norm(apart[:, 0] - apart[:, 1], axis=0)
            assert length[0] == pytest.approx(0, abs=1e-12) and length[1] < 0.5 and length[-1] > 9 * length[1]


def test_the_gates_in_the_figure_are_those_of_the_prose(lesson):
    names = lesson | {"right_forward": gru_forward, "right_backward": gru_backward, "gates_of": gates_of}
    names["plot_gates"] = lambda words, panels, **options: names.update(panels=panels, marked=options["mark"])
    exec(cell("several ="), names)
    gates, apart = names["panels"].values()
    assert gates.max() < 0.45 and float(printed("06", "several =").split()[-1]) < 0.27
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
    assert "8 times with −4, 8 times with −2, 4 times with −1 and never with 0" in TEXT
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


def test_the_gates_are_wider_at_the_marks_and_are_needed():
    for seed in range(2):
        P = learn_marked_numbers(seed)
        x, y = marked_numbers(np.random.default_rng(1), 300, 30)
        gate_u, _, _ = gates_of(x, P)
        marked = x[1] == 1
        assert gate_u[:, marked].mean() > 0.48 and gate_u[:, ~marked].mean() < 0.22
        assert squared_error(x, y, P) < 0.01 and squared_error(x, y, freeze_gates(P, u=gate_u)) > 0.27
    assert 0.3 < np.mean(marked_numbers(np.random.default_rng(0), 5000, 30)[1] ** 2) < 0.36  # whoever always says 0


def test_the_figure_shows_a_number_that_is_kept():
    names = {"np": np, "learn_marked_numbers": learn_marked_numbers, "marked_numbers": marked_numbers}
    names |= {"gates_of": gates_of, "squared_error": squared_error, "freeze_gates": freeze_gates}
    names["plot_gates"] = lambda words, panels, **options: names.update(panels=panels, **options)
    exec(cell("marker = learn_marked_numbers"), names)
    gates, memory, answer = names["panels"].values()
    marks, asked = names["mark"], np.array(names["asked"])
    assert len(marks) == 3 and min(np.diff(marks)) > 3 and np.abs(asked[[0, 4]]).min() > 0.5
    assert np.abs(answer[0] - asked).max() < 0.1 and names["title"].startswith("The marked number is kept")
    assert np.ptp(memory[:, marks[1] : marks[2]], axis=1).min() > 0.03 < np.ptp(memory[:, : marks[1]], axis=1).min()
    assert gates[:, marks].mean() > 0.5 and np.delete(gates, marks, axis=1).max() > 0.5
    error, fixed = re.findall(r"(?:error|gates) (\d\.\d+)", printed("06", "marker = learn_marked_numbers"))
    assert float(error) < 0.01 and float(fixed) > 0.27


def test_frozen_gates_do_not_move():
    rng = np.random.default_rng(0)
    P, x = init_gru(3, 4, 2, rng), rng.normal(size=(3, 6, 7))
    gate_u, gate_r, c = gates_of(x, P)
    assert c.shape == gate_u.shape == (4, 6, 7) and 0 < gate_u.min() < gate_u.max() < 1
    for frozen in ({"u": gate_u}, {"u": gate_u, "r": gate_r}):
        fixed = dict(zip("ur", gates_of(x, freeze_gates(P, **frozen)), strict=False))
        for name, values in frozen.items():
            assert fixed[name] == pytest.approx(np.broadcast_to(values.mean(axis=(1, 2))[:, None, None], (4, 6, 7)))


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
