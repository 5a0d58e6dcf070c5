"""What lesson 09, part A, says in numbers: printed by its cells, worked by hand, and measured in bands."""

import itertools
import re
import tracemalloc
from math import comb

import numpy as np
import pytest
from lessons import NOTEBOOKS, flat, printed, prose

import utils.textbook.bptt as textbook_bptt
from utils.baselines import ngram_bits
from utils.datasets import load_runs
from utils.experiments.lesson_09a import PLACES, draw_masks, dropout_experiment, noisy_pass
from utils.models import init_deep, layers_of
from utils.names import LETTERS, arrays_of
from utils.plotting import depth as plots
from utils.reference import (
    checkpointed_bptt,
    deep_rnn_backward,
    deep_rnn_forward,
    gradient_check,
    init_rnn,
    output_layer_backward,
    rnn_backward,
    rnn_forward,
    rnn_states,
)
from utils.stored_runs.language import count, data, widest
from utils.training import train_deep

TEXT = flat(prose("09a"))


def cell(code):
    """The source of the one code cell that contains `code`."""
    found = [
        "".join(c["source"]) for c in NOTEBOOKS["09a"] if c["cell_type"] == "code" and code in "".join(c["source"])
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    "code, numbers",
    [
        ("try_it(lambda: deep_rnn_forward", ["0.4005 -0.3265"]),
        ("try_it(delay)", ["[False, False, False, False, True, True]"]),
        ("try_it(back_by_hand)", ["dx [-0.1586  0.5334], da0 [0.4231 0.1875], dba [1.2493, 1.2684]"]),
        ("try_it(back_by_hand)", ["dx [-0.2608  0.4145], da0 [0.6954 0.1092]"]),
        ("try_it(lambda: deep_rnn_forward", ["-0.4621 -0.6668"]),
        ("def arriving", ["1 layer: [1, 1, 1, 1]", "2 layers: [4, 3, 2, 1]", "3 layers: [10, 6, 3, 1]"]),
        ("try_it(by_differences)", [f"{n}_{layer}" for n in ("Wax", "Waa", "ba") for layer in (1, 2, 3)]),
        ("try_it(three_against_one)", ["same loss: True", "'dby': True"]),
        ("mean of 100,000", ["mean of 100,000 entries: 1.0"]),
        ("trigram = ", ["mean 2.489", "mean 2.432", "mean 2.460", "2.577 2.418 2.471", "2.537 2.365 2.393"]),
        ("def student_bptt", ["same gradients: True"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(code, numbers):
    for number in numbers:
        assert number in printed("09a", code)
    assert "False" not in printed("09a", "try_it(by_differences)") + printed("09a", "try_it(three_against_one)")


def by_hand():
    """Every number of the two tables for paper, one rounding at the end."""
    low, high = [0.5], [-0.2]
    for x in (2.0, 0.0):
        low.append(np.tanh(0.3 * x - 0.8 * low[-1] + 0.3))
        high.append(np.tanh(2 * low[-1] + 0.5 * high[-1] - 0.4))
    sums = np.arctanh(high[1:])
    dz22 = 1 - high[2] ** 2
    dz21 = (1 - high[1] ** 2) * 0.5 * dz22
    dz12 = (1 - low[2] ** 2) * 2 * dz22
    right, above = -0.8 * dz12, 2 * dz21
    dz11 = (1 - low[1] ** 2) * (right + above)
    forward = [low[1], low[2], *sums, high[1], high[2]]
    slopes = [1 - a**2 for a in (high[2], high[1], low[2], low[1])]
    back = [dz22, 0.5 * dz22, dz21, 2 * dz22, dz12, right, above, right + above, dz11]
    return forward + slopes + back + [0.3 * dz11, 0.3 * dz12, -0.8 * dz11, 0.5 * dz21]


def test_numbers_worked_by_hand():
    text = prose("09a").replace("−", "-")
    for number in by_hand():
        assert f"{number:.4f}" in text, number
    assert 0.6 / 0.8 == pytest.approx(0.75) and 0.5**10 == pytest.approx(0.001, abs=5e-5)
    assert min((-(-10_000 // s) + s, s) for s in range(1, 10_001)) == (200, 100)
    assert min((-(-2500 // s) + s, s) for s in range(1, 2501)) == (100, 50)


def test_the_ways_through_the_grid_are_those_of_pascal_and_all_take_as_many_hops():
    for L, T in itertools.product((1, 2, 3), (2, 4)):
        layers = [{name: np.ones((1, 1)) for name in ("Wax", "Waa")} | {"ba": np.zeros((1, 1))}] * L
        da = np.zeros((1, 1, T))
        da[:, :, -1] = 1
        dx = deep_rnn_backward(da, deep_rnn_forward(np.zeros((1, 1, T)), np.zeros((L, 1, 1)), layers)[1])[0].ravel()
        assert dx.tolist() == [comb(T - t + L - 1, L - 1) for t in range(1, T + 1)]
        # a factor on every hop to the right comes out T - 1 times, whatever the way
        half = [layer | {"Waa": np.full((1, 1), 0.5)} for layer in layers]
        faded = deep_rnn_backward(da, deep_rnn_forward(np.zeros((1, 1, T)), np.zeros((L, 1, 1)), half)[1])[0].ravel()
        assert faded[0] == pytest.approx(dx[0] * 0.5 ** (T - 1))


def test_states_on_a_diagonal_do_not_wait_for_each_other():
    """Round by round, every state from its left and its lower neighbour: 12 states in 6 rounds."""
    rng, (L, T) = np.random.default_rng(0), (3, 4)
    layers = layers_of(init_deep(2, 5, 2, L, rng))
    x, a0 = rng.normal(size=(2, 3, T)), rng.normal(size=(L, 5, 3))
    grid = {(0, t): x[:, :, t - 1] for t in range(1, T + 1)} | {(n + 1, 0): a for n, a in enumerate(a0)}
    rounds = range(1, L + T)
    for number in rounds:
        made = {}
        for layer in range(1, L + 1):
            t = number - layer + 1
            if 1 <= t <= T:
                P = layers[layer - 1]
                made[layer, t] = np.tanh(P["Wax"] @ grid[layer - 1, t] + P["Waa"] @ grid[layer, t - 1] + P["ba"])
        grid |= made
    a = deep_rnn_forward(x, a0, layers)[0]
    assert len(rounds) == 6 and a == pytest.approx(np.stack([grid[L, t] for t in range(1, T + 1)], axis=-1))


@pytest.mark.parametrize("place", PLACES)
def test_the_gradients_with_noise_anywhere_are_those_of_differences(place):
    rng = np.random.default_rng(0)
    L, n_a, m, T = 3, 4, 5, 6
    P = init_deep(3, n_a, 4, L, rng)
    x, labels, masks = rng.normal(size=(3, m, T)), rng.integers(4, size=m), draw_masks(place, rng, L, n_a, m, T, 0.6)
    G = noisy_pass(P, x, labels, *masks)[2]()
    verdicts = gradient_check(lambda P: noisy_pass(P, x, labels, *masks)[0], P, G)
    assert all(ok for _, ok in verdicts.values()), verdicts
    assert (masks[0] is not None, masks[1] is not None) == (place == PLACES[1], place in PLACES[2:])
    if place == PLACES[3]:
        assert (masks[1] == masks[1][..., :1]).all()


def test_the_pass_with_noise_agrees_with_the_layers_of_the_course():
    rng = np.random.default_rng(1)
    P, x = init_deep(3, 4, 5, 2, rng), rng.normal(size=(3, 6, 7))
    up = draw_masks(PLACES[1], rng, 2, 4, 6, 7, 0.5)[0]
    top = deep_rnn_forward(x, np.zeros((2, 4, 6)), layers_of(P), up)[0][:, :, -1]
    y_pred = noisy_pass(P, x, np.zeros(6, int), up)[1]
    z = P["Wya"] @ top + P["by"]
    assert y_pred == pytest.approx(np.exp(z) / np.exp(z).sum(axis=0))


def test_fresh_noise_along_time_delays_what_is_far():
    """One of the eight seeds of the text, 0 to 7. Updates that those eight took:

    Over 6 steps: none 10-20, between 20-30, along 50-90, one mask 40-70. Over 9: 20-30, 30-50, 150-190 or not within
    250 (four and four; seven within 3,000), 70-200. The band of the test is wider.
    """
    none, between, along, one = (row[0] for row in dropout_experiment((4,), lags=(6, 9), limit=800).values())
    assert none.max() <= 40 and between[0] <= 40 and between[1] <= 80
    assert 40 <= along[0] <= 150 and along[1] > 100 and along[1] > 2 * between[1]
    assert 30 <= one[0] <= 110 and between[1] < one[1] <= 350
    assert "needed 50 to 90 updates, and masks between the layers 20 to 30" in TEXT
    assert "150 to 190 for four of the eight" in TEXT and "between the layers all eight had after 50" in TEXT
    assert "took 70 to 200 updates" in TEXT and "seven of the eight seeds learned nine steps after all" in TEXT


def test_the_noise_of_the_start_is_about_a_third_of_what_depth_gained():
    """Best epochs of trial 1 from other weights: one layer 2.558, 2.538, 2.574; two layers 2.527, 2.527, 2.505."""
    known, held_out = data([0, 0])
    rng = np.random.default_rng([0, 0, 2])
    P = init_deep(len(LETTERS), 54, len(LETTERS), 2, rng)
    options = {"epochs": 25, "batch": 32, "learning_rate": 0.003, "held_out": arrays_of(held_out)}
    best = min(train_deep(*arrays_of(known), P, rng, **options)[1].held_out) / np.log(2)
    assert 2.49 < best < 2.55
    assert "one layer gave 2.54 to 2.58 bits, and four of two layers 2.51 to 2.54" in TEXT


def test_sizes_at_equal_count():
    stored = load_runs("depth")
    for L, n_a, total in ((1, 84, 11_872), (2, 54, 11_908), (3, 43, 11_810)):
        assert widest(L, 12_000, 28) == n_a == stored["units"][L - 1]
        assert count(init_deep(28, n_a, 28, L, np.random.default_rng(0))) == total == stored["parameters"][L - 1]
        parts = n_a * 28 + n_a**2 + n_a, 2 * n_a**2 + n_a, 28 * n_a + 28
        assert parts[0] + (L - 1) * parts[1] + parts[2] == total
        assert f"{total:,d}" in TEXT and f"{parts[0]:,d}" in TEXT and f"{parts[2]:,d}" in TEXT
        assert L == 1 or f"{parts[1]:,d}" in TEXT


def test_what_the_stored_run_shows():
    stored = load_runs("depth")
    one, two, three = (stored[f"layers_{L}"].min(axis=1) for L in (1, 2, 3))
    assert (one - two).round(2) == pytest.approx([0.04, 0.05, 0.08])
    assert (three < one).sum() == 2 and (three < two).sum() == 0
    assert one.mean() - two.mean() == pytest.approx(0.06, abs=0.005)
    assert np.ptp(one) == pytest.approx(0.16, abs=0.005) and 0.12 < np.ptp(three) < np.ptp(two) < 0.18
    trigram = np.mean([ngram_bits(*data([0, trial]), 3) for trial in range(3)])
    assert trigram - two.mean() == pytest.approx(0.15, abs=0.005) and f"{trigram:.3f}" in printed("09a", "trigram = ")
    assert all(len(data([0, trial])[0]) == 1186 for trial in range(3)) and "1,186 names" in TEXT
    assert stored["layers_2"][0].argmin() + 1 == 19 and stored["layers_2"].shape == (3, 25)
    assert "no dropout it is the 19th of 25" in TEXT


def test_dropout_between_the_layers_gained_a_little():
    names = {"data": data, "np": np, "init_deep": init_deep, "LETTERS": LETTERS, "arrays_of": arrays_of}
    names |= {"train_deep": train_deep, "on_one_thread": lambda function: function}
    source = re.sub(r"^from .*$", "", cell("def learn_with_dropout"), flags=re.MULTILINE)
    exec(source.partition("with_dropout = ")[0].replace('"progress": True', '"progress": False'), names)
    bits = names["learn_with_dropout"](1)
    without = load_runs("depth")["layers_2"][1]
    assert 0.005 < without.min() - bits.min() < 0.06 and bits[-1] < bits.min() + 0.02
    assert "best epoch: 2.537 bits without dropout" in printed("09a", "best epoch:")
    assert "0.04, 0.03 and 0.02 bits" in TEXT
    assert float(re.search(r"([\d.]+) with it", printed("09a", "best epoch:"))[1]) < 2.52


def long_sequence(T):
    """The function of the notebook's own cell."""
    names = {"np": np, "init_rnn": init_rnn}
    exec(cell("def long_sequence").partition("\n\n\n# %%")[0], names)
    return names["long_sequence"](T)


def peak(function, *arguments):
    tracemalloc.start()
    function(*arguments)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_memory_grows_like_the_root():
    lengths = (256, 576, 1024)
    problems = [long_sequence(T) for T in lengths]
    whole = [peak(checkpointed_bptt, *p, T) for p, T in zip(problems, lengths, strict=True)]
    parts = [peak(checkpointed_bptt, *p, round(T**0.5)) for p, T in zip(problems, lengths, strict=True)]
    slopes = [np.polyfit(np.log(lengths), np.log(bytes_), 1)[0] for bytes_ in (whole, parts)]
    assert 0.9 < slopes[0] < 1.02 and 0.4 < slopes[1] < 0.55
    assert parts[-1] < 0.1 * whole[-1]  # "less than a tenth"


def test_the_price_is_less_than_one_more_forward_pass(monkeypatch):
    steps, right = [], textbook_bptt.rnn_forward
    monkeypatch.setattr(textbook_bptt, "rnn_forward", lambda x, a0, P: (steps.append(x.shape[2]), right(x, a0, P))[1])
    for T, segment, expected in ((9, 3, 15), (9, 9, 9), (10, 3, 19), (100, 10, 190)):
        steps.clear()
        x, targets, a0, P = long_sequence(T)
        G, _ = textbook_bptt.checkpointed_bptt(x, targets, a0, P, segment)
        assert sum(steps) == expected < 2 * T and max(steps) <= segment
        whole, _ = checkpointed_bptt(x, targets, a0, P, T)
        assert all(G[name] == pytest.approx(whole[name], rel=1e-9, abs=1e-12) for name in whole)


def test_the_bug_to_find_has_right_gradients_and_keeps_everything():
    names = {"np": np, "rnn_forward": rnn_forward, "rnn_backward": rnn_backward}
    names["output_layer_backward"] = output_layer_backward
    source = cell("def student_bptt").partition("\n\n\nright, student")[0]
    exec(source, names)
    problems = {T: long_sequence(T) for T in (256, 1024)}
    wrong = [peak(names["student_bptt"], *problems[T], round(T**0.5)) for T in problems]
    expected = [peak(checkpointed_bptt, *problems[T], round(T**0.5)) for T in problems]
    assert wrong[1] / wrong[0] > 2.8 and 1.7 < expected[1] / expected[0] < 2.2
    right, _ = checkpointed_bptt(*problems[256], 16)
    G, _ = names["student_bptt"](*problems[256], 16)
    assert all(G[name] == pytest.approx(right[name], rel=1e-8, abs=1e-10) for name in right)
    exec(source.replace("a[:, :, -1]\n", "a[:, :, -1].copy()\n"), names)
    cured = [peak(names["student_bptt"], *problems[T], round(T**0.5)) for T in problems]
    assert 1.7 < cured[1] / cured[0] < 2.2 and cured[1] < 0.4 * wrong[1]


def test_one_layer_of_a_stack_is_a_layer():
    rng = np.random.default_rng(0)
    P, x, a0 = init_rnn(3, 4, 2, rng), rng.normal(size=(3, 2, 5)), rng.normal(size=(1, 4, 2))
    assert np.array_equal(deep_rnn_forward(x, a0, [P])[0], rnn_states(x, a0[0], P)[0])


@pytest.fixture
def drawn(shown):
    """Call a plot; returns its axes."""

    def call(plot, *arguments, **options):
        assert plot(*arguments, **options) is None
        return shown[-1]

    return call


def test_of_several_seeds_the_median_is_drawn_and_what_was_not_learned_above_the_line(drawn):
    several = np.array([[10, 30], [20, np.inf], [30, 50]])
    axes = drawn(plots.plot_updates_by_lag, (2, 4), {"one": several}, 100, title="T")
    assert list(axes.get_lines()[0].get_ydata()) == [20, 50] and axes.get_title("left") == "T"
    dots = [list(line.get_ydata()) for line in axes.get_lines()[1:4]]
    assert dots == [[10, 30], [20, 135], [30, 50]] and axes.get_yscale() == "log"
    assert [text.get_text() for text in axes.texts] == ["not learned in 100 updates"]


def test_the_trials_of_one_split_are_joined(drawn):
    best = {"1 layer": np.array([2.5, 2.4]), "2 layers": np.array([2.4, 2.3])}
    axes = drawn(plots.plot_trials, best, title="T", rivals={"trigram": 2.6})
    assert [list(line.get_ydata()) for line in axes.get_lines()[:2]] == [[2.5, 2.4], [2.4, 2.3]]
    words = [text.get_text() for text in axes.texts]
    assert words == ["trial 1", "trial 2", "mean 2.45", "mean 2.35", "trigram, 2.60"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1 layer", "2 layers"]


def test_the_best_epoch_is_ringed(drawn):
    axes = drawn(plots.plot_held_out, {"one": np.array([3.0, 2.0, 2.5])}, title="T")
    curve, ring = axes.get_lines()
    assert list(curve.get_ydata()) == [3, 2, 2.5] and (ring.get_xdata()[0], ring.get_ydata()[0]) == (2, 2.0)


def test_slopes_are_written_beside_the_curves(drawn):
    axes = drawn(plots.plot_bytes_by_length, (16, 64), {"all": np.array([1.0, 4.0]), "root": [1.0, 2.0]}, title="T")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["all: slope 1.00", "root: slope 0.50"]
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1", "2", "5"]


def test_the_experiment_uses_one_seed_for_everything():
    first, again = (dropout_experiment((5,), lags=(1,), limit=20) for _ in range(2))
    assert all(np.array_equal(first[place], again[place]) for place in PLACES)
    assert dropout_experiment((5, 6), lags=(1, 9), limit=10)[PLACES[0]].shape == (2, 2)


def test_a_student_who_keeps_everything_is_seen_when_weighed():
    """The band of `weigh`: right ones need 2 to 7 million bytes, those that keep more than they need 17 and more."""
    names = {"np": np, "rnn_forward": rnn_forward, "rnn_backward": rnn_backward}
    names["output_layer_backward"] = output_layer_backward
    exec(cell("def student_bptt").partition("\n\n\nright, student")[0], names)
    problem = long_sequence(1024)
    assert peak(checkpointed_bptt, *problem, 32) < 7e6 and peak(textbook_bptt.checkpointed_bptt, *problem, 32) < 8e6
    assert peak(names["student_bptt"], *problem, 32) > 15e6 and "below 10: {parts < 10}" in cell("def weigh")


def test_depth_puts_fading_off_and_does_not_stop_it():
    kept = [[0.9**k * comb(k + L - 1, L - 1) for k in (40, 80, 160)] for L in (1, 2, 3)]
    for L, row in enumerate(kept, start=1):
        line = next(line for line in printed("09a", "try_it(fading)").splitlines() if line.startswith(f"{L} layer"))
        assert [float(n) for n in line.split()[2:]] == pytest.approx(row, rel=0.06)
    assert kept[2][0] > 10 > 0.001 > kept[2][2] and comb(41, 1) == 41 and comb(42, 2) == 861
    assert 0.9**40 == pytest.approx(0.015, abs=5e-4) and 0.5**9 == pytest.approx(0.002, abs=5e-5)
