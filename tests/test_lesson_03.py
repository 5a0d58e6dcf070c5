"""What lesson 03 says: numbers that its cells print, claims in bands over several seeds, and its plots."""

import inspect
import re
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
from lessons import NOTEBOOKS, flat, printed, prose
from matplotlib.text import Text

from utils.datasets import load_runs, random_symbols
from utils.experiments import lesson_03 as experiments
from utils.experiments.lesson_03 import (
    agreement_live,
    cued_stream,
    is_finite,
    last_but_one,
    recurrence_gradients,
    starts_experiment,
    stream_experiment,
    window_lengths,
)
from utils.generators import echo_task
from utils.plotting import gradients as plots
from utils.reference import (
    clip_by_norm,
    clip_by_value,
    gradient_norm_by_lag,
    init_rnn,
    numerical_gradient,
    orthogonal_init,
    rnn_forward,
    scale_to_spectral_radius,
    truncated_bptt,
    update_parameters,
)

TEXT = flat(prose("03"))


def cell(code):
    """The text of the one code cell that holds `code`."""
    found = [c for c in NOTEBOOKS["03"] if c["cell_type"] == "code" and code in "".join(c["source"])]
    assert len(found) == 1
    return "".join(found[0]["source"])


@pytest.mark.parametrize(
    "code, numbers",
    [
        ("w**20", ["0.5: after 20 steps 9.5", "1.0: after 20 steps 1\n", "1.5: after 20 steps 3325"]),
        ("quiet(0.5), np.array([0])", ["1.    0.5   0.25  0.125"]),
        ("quiet(1.5), np.array([0])", ["1.    1.5   2.25  3.375"]),
        ("message = back @ message", ["0.5\n", "1.00 4.03 4.01 3.00 2.00 1.25 0.75"]),
        ("np.array([[0.0, -2.0], [2.0, 0.0]]), 1.0)", ["0. -1.", "1.  0."]),
        ("try_it(turned)", ["2.2361 before, 2.2361 after"]),
        ("try_it(cut_off)", ["3., -4.", "5."]),
        ("try_it(lambda: clip_by_norm", ["1.5, -2.", "6.", "13.0"]),
        ("try_it(lambda: [pairs", ["[-10.0, -6.0, -4.0]"]),
        ("degrees(by_norm)", ["9.5   116.6  -123.7   -59.0", "26.6   135.0  -123.7   -45.0"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(code, numbers):
    for number in numbers:
        assert number in printed("03", code)


def test_numbers_worked_by_hand():
    assert 1.5**5 == pytest.approx(7.6, abs=0.05) and 1.5**10 == pytest.approx(57.7, abs=0.05)
    assert 1.9e5 < 1.5**30 < 2.1e5 and "two hundred thousand" in TEXT
    assert 1 - 0.8**2 == pytest.approx(0.36) and 1.5 * 0.36 == pytest.approx(0.54)
    Q = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert Q @ [1, 2] == pytest.approx([-1, 2])
    halved, norm = clip_by_norm({"dW": np.array([3.0, -4.0]), "db": np.array([12.0])}, 6.5)
    assert norm == 13 and halved["dW"] == pytest.approx([1.5, -2]) and halved["db"] == pytest.approx([6])
    assert np.degrees(np.arctan2(0.5, [3, 1])) == pytest.approx([9.5, 26.6], abs=0.05)
    assert np.log(4) == pytest.approx(1.39, abs=0.005)


def test_both_sentences_differ_in_two_words_and_the_gap_is_as_said():
    one, several = (re.findall(r"[a-z]+", line.lower()) for line in re.findall(r"> (The .*)", prose("03")))
    assert [(a, b) for a, b in zip(one, several, strict=True) if a != b] == [("cat", "cats"), ("was", "were")]
    assert one.index("was") - one.index("cat") - 1 == 11 and "eleven words stand in between" in TEXT


def test_a_largest_singular_value_below_1_makes_every_gradient_shrink():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        P = init_rnn(5, 12, 3, rng)
        P["Waa"] *= 0.99 / np.linalg.norm(P["Waa"], 2)
        norms = gradient_norm_by_lag(
            3 * rng.normal(size=(5, 7, 20)), rng.normal(size=(12, 7)), P, rng.integers(3, size=7)
        )
        assert (np.diff(norms) < 0).all()


def left_at_lag_30(seed, letters, radius):
    """What the poster shows at its right end for one network."""
    rng = np.random.default_rng(seed)
    P = init_rnn(28, 64, 28, rng)
    P["Waa"] = scale_to_spectral_radius(P["Waa"], radius)
    x = random_symbols(rng, 28, 16, 231)[1] if letters else rng.standard_normal((28, 16, 231))
    start = rnn_forward(x[:, :, :200], np.zeros((64, 16)), P)[0][:, :, -1]
    norms = gradient_norm_by_lag(x[:, :, 200:], start, P, rng.integers(28, size=16))
    return norms[30] / norms[0]


def test_the_poster():
    left = {radius: [left_at_lag_30(seed, True, radius) for seed in range(10)] for radius in (0.8, 1.0, 1.2, 1.5)}
    middle = {radius: np.median(kept) for radius, kept in left.items()}
    assert middle[0.8] < 1e-4 and 0.014 < middle[1.0] < 0.023 and 0.25 < middle[1.2] < 0.36 and 1.5 < middle[1.5] < 2.7
    assert 1 / 40 < min(left[1.5]) < 1 / 25 and 5.5 < max(left[1.5]) < 6.6
    assert "in the ten networks anything from a thirtieth to six times" in TEXT
    strong = [left_at_lag_30(seed, False, 1.5) for seed in range(10)]
    assert max(strong) < 0.05 and 0.002 < np.median(strong) < 0.006
    lines = printed("03", "poster = {")
    assert re.search(r"radius 1.0: mean slope 0.90, left at lag 30: 2e-02", lines)
    assert re.search(r"radius 1.5: mean slope 0.65, left at lag 30: 2e\+00 +\(3e-02 to 6e\+00\)", lines)
    assert re.search(r"radius 1.5: mean slope 0.48, left at lag 30: 4e-03", lines)


def test_a_radius_below_1_does_not_bound_the_product_with_slopes():
    W, D = np.array([[1.2, -1.2], [1.1, -1.1]]), np.diag([1, 0.1])
    assert np.abs(np.linalg.eigvals(W)).max() == pytest.approx(0.1)
    assert np.abs(np.linalg.eigvals(W.T @ D)).max() > 1


def test_init_rnn_has_a_radius_near_1_and_singular_values_between_0_and_2():
    for seed in range(5):
        W = init_rnn(8, 64, 8, np.random.default_rng(seed))["Waa"]
        values = np.linalg.svd(W, compute_uv=False)
        assert 0.9 < np.abs(np.linalg.eigvals(W)).max() < 1.25 and values[-1] < 0.1 and 1.7 < values[0] < 2.1


def test_starts():
    shown = printed("03", "starts = starts_experiment")
    assert re.findall(r"(\d) of 5", shown) == ["1", "3", "5", "5"]
    more = starts_experiment(range(5, 11))
    learned = {name: sum(epoch is not None for epoch in found["epoch"]) for name, found in more.items()}
    assert learned["orthogonal"] >= 5 and learned["orthogonal, gain 1.5"] >= 5
    assert learned["spectral radius 0.5"] <= 4 and 2 <= learned["Gaussian, variance 1/n"] <= 5
    usual = {name: np.median([epoch or 99 for epoch in found["epoch"]]) for name, found in more.items()}
    assert usual["orthogonal, gain 1.5"] < usual["orthogonal"] < usual["spectral radius 0.5"]
    left = {name: np.median(found["left"]) for name, found in more.items()}
    assert left["spectral radius 0.5"] < 1e-5 and left["orthogonal, gain 1.5"] > 0.5
    assert 1 / 4 < left["orthogonal"] / left["Gaussian, variance 1/n"] < 4
    assert inspect.signature(starts_experiment).parameters["lag"].default == 15 and "sixteen random symbols" in TEXT


@pytest.fixture(scope="module")
def training():
    """The function of the notebook's own cell."""
    names = {"np": np, "init_rnn": init_rnn, "right_scale": scale_to_spectral_radius}
    names |= {"last_but_one": last_but_one, "recurrence_gradients": recurrence_gradients, "is_finite": is_finite}
    source = cell("def training(squash").partition("losses, P = training")[0]
    exec(re.sub(r"^from .*$", "", source, flags=re.MULTILINE), names)
    return names["training"]


def test_relu_ends_in_nan_and_tanh_does_not(training):
    losses, P = training("relu")
    assert len(losses) < 6 and np.isnan(losses[-1]) and all(np.isnan(theta).all() for theta in P.values())
    ended = [training("relu", seed=seed) for seed in range(8)]
    assert 3 <= sum(bool(np.isnan(losses[-1])) for losses, _ in ended) <= 6
    assert "Of eight seeds, four ended in `nan`" in TEXT
    for seed in range(3):
        losses, P = training("tanh", seed=seed)
        assert np.mean(losses[-10:]) < 0.5 and is_finite(P)
        losses, P = training("tanh", seed=seed, learning_rate=100)
        assert max(losses) == np.inf and not np.isnan(losses).any() and len(losses) == 100 and is_finite(P)


def test_clipping_in_either_way_cures_the_nan(training):
    for seed in range(8):
        for clip in (lambda G: clip_by_norm(G, 1.0)[0], lambda G: clip_by_value(G, 0.1)):
            losses, P = training("relu", seed=seed, clip=clip)
            assert is_finite(P) and not np.isnan(losses).any()
            assert 0.15 < np.mean(losses[-10:]) < (1.4 if seed else 0.35)
    assert "after 100 steps the losses lay between 0.2 and 1.3" in TEXT


def test_the_bug_to_find_blows_up_and_its_cure_does_not():
    source = cell("for step in (1, 2):")
    names = {"np": np, "init_rnn": init_rnn, "right_scale": scale_to_spectral_radius, "print": lambda *words: None}
    names |= {"last_but_one": last_but_one, "recurrence_gradients": recurrence_gradients}
    names |= {"right_by_norm": clip_by_norm, "update_parameters": update_parameters}
    exec(source, names)
    assert max(np.abs(theta).max() for theta in names["P"].values()) > 1e10
    exec(source.replace("right_by_norm(G, 1.0)", "G, norm = right_by_norm(G, 1.0)"), names)
    assert max(np.abs(theta).max() for theta in names["P"].values()) < 10


@pytest.mark.parametrize("squash", ["tanh", "relu"])
def test_the_gradients_of_the_recurrence_are_those_of_differences(squash):
    rng = np.random.default_rng(0)
    x, labels = last_but_one(rng, 5, 6)
    P = init_rnn(4, 3, 4, rng) | {"ba": rng.normal(size=(3, 1))}
    _, G = recurrence_gradients(x, labels, P, squash)
    for name in P:
        numeric = numerical_gradient(
            lambda theta, n=name: recurrence_gradients(x, labels, P | {n: theta}, squash)[0], P[name]
        )
        assert G["d" + name] == pytest.approx(numeric, abs=1e-8)


def test_a_truncated_gradient_is_wrong_where_the_state_passes_and_its_loss_is_exact():
    names = {"np": np, "init_rnn": init_rnn, "right_truncated": truncated_bptt, "print": lambda *words: None}
    names["echo_task"] = echo_task
    exec(re.sub(r"^from .*$", "", cell("symbols, echo, counts"), flags=re.MULTILINE), names)
    by_window = {name: dict(zip(names["windows"], errors, strict=True)) for name, errors in names["errors"].items()}
    assert max(by_window["Wya"].values()) < 1e-12 and names["loss"] == pytest.approx(names["full_loss"], rel=1e-12)
    assert min(by_window["Waa"][w] for w in (1, 2, 3, 5)) > 0.5
    assert 0.18 < by_window["Waa"][10] < 0.3 and by_window["Waa"][30] < 0.1 and by_window["Waa"][60] == 0
    assert len(set(re.findall(r"loss (\S+) nats", printed("03", "symbols, echo, counts")))) == 1


def test_fixed_windows_always_cut_between_cue_and_question():
    _, _, mask = cued_stream(np.random.default_rng(0), 3, 400)
    borders = np.cumsum(window_lengths("fixed", 400, None))
    asked = np.flatnonzero(mask[0])
    assert len(asked) == 19
    assert all(((borders > step - experiments.LAG) & (borders <= step)).any() for step in asked)
    lengths = window_lengths("random", 4000, np.random.default_rng(0))
    assert sum(lengths) == 4000 and min(lengths[:-1]) == 10 and max(lengths) == 30 and "10 to 30 steps" in TEXT


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_where_the_cuts_fall_matters(seed):
    zeroed, carried, drawn = (result["held out"] for result in stream_experiment(seed).values())
    assert 0.18 < zeroed < 0.32 and 0.4 < carried < 0.85 and drawn > 0.97


@pytest.mark.parametrize("rhythm", [21, 23])
def test_with_another_rhythm_fixed_windows_do_as_well(rhythm):
    result = stream_experiment(0, rhythm=rhythm)
    assert min(result[name]["held out"] for name in ("fixed, state carried", "random lengths, carried")) > 0.97


@pytest.mark.parametrize("seed", [1, 2])
def test_the_rule_is_learned_nearby_and_holds_for_forty_words(seed):
    gaps = (0, 10, 20, 30, 40)
    untrained, near, accuracy, learning = agreement_live(seed, (0, 10), gaps=gaps, epochs=5)
    assert accuracy.min() > 0.95 and learning[2] > 0.97
    _, _, far_accuracy, _ = agreement_live(seed, (20, 40), gaps=gaps, epochs=10)
    assert far_accuracy[2:].max() < 0.65
    rng = np.random.default_rng(5)
    sentences, labels, _ = experiments.agreement_sentences(rng, 200, 30)
    x, _ = experiments.encode_words(sentences, experiments.agreement_words())
    before, after = (gradient_norm_by_lag(x, np.zeros((24, 200)), P, labels) for P in (untrained, near))
    assert 0.003 < before[30] / before[0] < 0.15 and before[:10].min() / before[30] > 20
    assert after[30] / after[0] < 1e-7


def test_the_stored_run_shows_what_the_text_says():
    stored = load_runs("agreement")
    assert stored["rnn_mixed"].min() > 0.95
    assert (stored["gaps_mixed"] == np.arange(41)).all()


def test_one_network_that_learned_from_far_subjects_is_wrong_on_near_ones():
    _, _, accuracy, _ = agreement_live(0, (20, 40), gaps=(0, 5, 10, 15, 20, 30, 40))
    assert max(accuracy[:3]) < 0.3 and min(accuracy[3:]) > 0.95


def test_an_orthogonal_matrix_keeps_every_length():
    W = orthogonal_init(20, np.random.default_rng(0))
    assert np.linalg.svd(W, compute_uv=False) == pytest.approx(np.ones(20))
    assert np.abs(np.linalg.eigvals(W)) == pytest.approx(np.ones(20))


@pytest.fixture
def drawn(monkeypatch):
    """Call a plot; returns its axes, and closes them afterwards."""
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")

    def call(plot, *arguments, **options):
        assert plot(*arguments, **options) is None
        return plt.gcf()

    yield call
    plt.close("all")


NORMS = {"radius 0.5": 0.5 ** np.arange(20), "radius 1.5": 1.5 ** np.arange(20)}


def test_the_poster_names_each_curve_at_its_end(drawn):
    figure = drawn(
        plots.plot_gradient_by_lag, {"weak": NORMS, "strong": {"radius 0.5": NORMS["radius 0.5"]}}, title="T"
    )
    weak, strong = figure.axes
    assert figure.get_suptitle() == "T" and [axes.get_title("left") for axes in figure.axes] == ["weak", "strong"]
    assert [text.get_text() for text in weak.texts] == list(NORMS) and weak.get_yscale() == "log"
    assert weak.get_lines()[1].get_ydata() == pytest.approx(NORMS["radius 0.5"])
    assert weak.get_lines()[1].get_color() == strong.get_lines()[1].get_color()
    assert weak.get_ylim() == strong.get_ylim()
    with pytest.raises(ValueError, match="at most 5 curves"):
        plots.plot_gradient_by_lag({"": {str(i): NORMS["radius 0.5"] for i in range(6)}}, title="T")


def test_a_scale_over_many_decades_goes_in_thousands(drawn):
    axes = drawn(plots.plot_gradient_by_lag, {"": {"steep": 0.1 ** np.arange(25)}}, title="T").axes[0]
    assert np.diff(np.log10(axes.get_yticks())) == pytest.approx(3)


def test_names_at_the_ends_of_curves_do_not_overlap(drawn):
    same = {f"curve {i}": 0.9 ** np.arange(20) for i in range(4)}
    figure = drawn(plots.plot_gradient_by_lag, {"": same}, title="T")
    figure.canvas.draw()
    boxes = sorted((Text.get_window_extent(text) for text in figure.axes[0].texts), key=lambda box: box.y0)
    assert all(upper.y0 >= lower.y1 for lower, upper in zip(boxes, boxes[1:], strict=False))


def test_clipping_is_drawn_as_arrows_in_a_square_and_a_circle(drawn):
    before = np.array([[3.0, 0.5], [0.2, 0.1]])
    figure = drawn(plots.plot_clipping, before, before / 3, before / 4, 1.0, title="T")
    ends = [[tuple(text.xy) for text in axes.texts] for axes in figure.axes]
    assert ends == [
        [pair for row in zip(before, after, strict=True) for pair in map(tuple, row)]
        for after in (before / 3, before / 4)
    ]
    assert [type(axes.patches[0]).__name__ for axes in figure.axes] == ["Rectangle", "Circle"]


def test_a_dot_for_each_seed_and_those_that_never_learned_apart(drawn):
    axes = drawn(plots.plot_first_right, {"one": [3, 3, None], "two": [5]}, 10, title="T").axes[0]
    two, one = axes.get_lines()  # the first one stands on top, so it is drawn last
    assert list(one.get_xdata()) == [3, 3, 12] and list(two.get_xdata()) == [5]
    assert len(set(one.get_ydata()[:2])) == 2
    assert axes.get_xticklabels()[-1].get_text() == "not yet"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["two", "one"]


@pytest.mark.parametrize(
    "plot",
    [
        partial(plots.plot_error_by_window, (1, 2, 5), {"Waa": np.array([0.5, 0.25, 0.0])}),
        partial(plots.plot_along_stream, (1, 2, 5), {"Waa": np.array([0.5, 0.25, 0.0])}, chance=1.4),
        partial(plots.plot_accuracy_by_gap, {"": {"Waa": ((1, 2, 5), np.array([0.5, 0.25, 0.0]))}}),
    ],
)
def test_curves_show_what_they_are_given(drawn, plot):
    figure = drawn(plot, title="a finding")
    axes = figure.axes[0]
    assert list(axes.get_lines()[0].get_ydata()) == [0.5, 0.25, 0.0]
    assert "a finding" in (axes.get_title("left"), figure.get_suptitle())
    assert axes.get_xlabel() and axes.get_ylabel() and "Waa" in axes.get_legend().get_texts()[0].get_text()
