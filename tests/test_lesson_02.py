"""What the prose of lesson 02 says in numbers is what its cells print; what was trained is trained again, in bands."""

import contextlib
import io
import re

import numpy as np
import pytest
from lessons import NOTEBOOKS, flat, printed, prose, section_of

from utils import reference
from utils.experiments.lesson_02 import echo_batch, echo_experiment
from utils.plotting import learning_checks
from utils.plotting.base import SERIES

CELLS = NOTEBOOKS["02a"] + NOTEBOOKS["02b"]
CODE = [("".join(c["source"]), c["metadata"].get("tags", [])) for c in CELLS if c["cell_type"] == "code"]


def cell(code):
    """The source of the one code cell that contains `code`."""
    found = [source for source, _ in CODE if code in source]
    assert len(found) == 1, f"{code!r} stands in {len(found)} cells"
    return found[0]


def run(code, names):
    """Run that cell with these names; return what it printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(cell(code), names)
    return said.getvalue()


@pytest.fixture
def lesson():
    """All names that the lesson defines without training: the setup cells and the answers."""
    names = {}
    for source, tags in CODE:
        if "setup" in tags or "### BEGIN SOLUTION" in source:
            exec(source, names)
    return names


def numbers(text):
    """All decimal numbers of a text."""
    return [float(number) for number in re.findall(r"\d+\.\d+", text)]


@pytest.mark.parametrize(
    "code, said",
    [
        ("try_it(lambda: scalar_bptt(three_inputs", ["0.0092, 0.0691, 0.512", "0.590336"]),
        ("try_it(lambda: scalar_bptt([*three", ["0.0046, 0.0346, 0.256 , 0.6", "0.895168"]),
        ("try_it(third_step)", ["0.6400", "0.3200", "0.1876", "0.5120"]),
        ("try_it(two_units)", ["da_prev [0.32 0.16]", "[[ 0.32 -0.64]"]),
        ("try_it(three_steps_back)", ["0.995136", "1.907264", "0.396032"]),
        ("try_it(into_the_state)", ["0.35 -0.4   0.05", "0.7 -0.8  0.1", "[0.6]", "1.6094"]),
        ("lambda theta: np.sum(theta**3)", ["12.01", "3.01"]),
        ("slope_of_cubes", ["right", "0.33     WRONG"]),
        ('{"w": np.array([2.0])}', ["1.7"]),
        (
            "for rival, nats in rivals",
            [
                "all alike          3.33",
                "letter frequencies 2.80",
                "pairs of letters   2.17",
                "triples of letters 1.84",
            ],
        ),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(code, said):
    notebook = "02a" if any(code in "".join(c["source"]) for c in NOTEBOOKS["02a"]) else "02b"
    for number in said:
        assert number in printed(notebook, code)


def test_the_jar_by_hand():
    def jar(share):
        return reference.unfold(lambda s, x: share * s + x, 8, [1, 0, 2])

    assert jar(0.5) == [5, 2.5, 3.25]
    assert jar(0.51) == pytest.approx([5.08, 2.5908, 3.3213], abs=5e-5)
    assert jar(0.51)[-1] - jar(0.5)[-1] == pytest.approx(0.0713, abs=5e-5)
    assert (jar(0.5001)[-1] - jar(0.4999)[-1]) / 0.0002 == pytest.approx(2.5 + 2.5 + 2)


def test_the_table_of_the_scalar_walk():
    a, rows = 0.25, []
    for x in (0.5681, 0.7986, 0.2931):
        z = x + 0.5 * a
        a = np.tanh(z)
        rows.append((z, a, 1 - a**2))
    assert np.array(rows) == pytest.approx(
        np.array([[0.6931, 0.6, 0.64], [1.0986, 0.8, 0.36], [0.6931, 0.6, 0.64]]), abs=1e-4
    )
    text = flat(section_of("02a", "2.2"))
    for product in ("0.5681 + 0.125 = 0.6931", "0.7986 + 0.3 = 1.0986", "0.2931 + 0.4 = 0.6931"):
        left, _, right = product.partition(" = ")
        assert product in text and eval(left) == pytest.approx(float(right))
    assert [0.64 * 0.8, 0.32 * 0.36 * 0.6, 0.0576 * 0.64 * 0.25] == pytest.approx([0.512, 0.06912, 0.009216])
    assert 0.512 + 0.06912 + 0.009216 == pytest.approx(0.590336) and 0.6 + 0.590336 / 2 == pytest.approx(0.895168)
    assert 0.6 / 0.004608 == pytest.approx(130, abs=0.5) and "130 times smaller" in flat(prose("02b"))


def test_the_other_numbers_worked_by_hand():
    assert 0.792064 == pytest.approx(1.2376 * 0.64) and 0.396032 == pytest.approx(0.792064 * 0.5)
    assert 0.512 + 0.28512 + 0.198016 == pytest.approx(0.995136)
    assert ((2.1**3 - 1.9**3) / 0.2, (2.1**3 - 8) / 0.1) == pytest.approx((12.01, 12.61))
    assert reference.count_rnn_parameters(28, 64, 28) == 7772 and 2 * 7772 == 15544
    joint = 0.0002 / (2 * np.hypot(1000, 0.0001))  # a turned sign beside a large right gradient
    assert joint == pytest.approx(1e-7) and "$10^{-7}$: right, it would seem" in flat(prose("02b"))
    assert 2 * np.log(2) / len("diplodocus.stegosaurus.") == pytest.approx(0.060, abs=5e-4)


def test_gradients_of_right_code_agree_in_about_ten_digits(lesson):
    G = lesson["gradients_of"](lesson["output_layer_backward"], lesson["rnn_backward"])  # those of part A's answers
    checked = lesson["gradient_check"](lesson["loss_of"], lesson["small"], G)
    assert all(ok and error < 1e-9 for error, ok in checked.values())
    assert printed("02b", "gradients_of(output_layer_backward, rnn_backward)").count("right") == 5


def test_a_medium_step_measures_best(lesson, shown):
    run("def one_side", lesson)
    both, one = (np.array(errors) for errors in lesson["errors"].values())
    steps = lesson["steps"]
    assert 5e-7 < steps[both.argmin()] < 2e-5 and both.min() < 1e-9
    assert np.all(both[:3] / both[1:4] > 80) and np.all(one[:3] / one[1:4] < 12)  # hundredfold; tenfold
    assert 1e-4 < both[-1] < 1e-2 and both[-1] > 1e5 * both.min()
    assert 100 < one.min() / both.min() < 5000  # "hundreds of times worse"
    assert shown[0].get_title(loc="left") == "A medium step measures best, and both sides beat one"


def test_equal_units_stay_equal_and_random_ones_learn(lesson):
    said = run("def train_on_one_batch", lesson).splitlines()
    (zero, zero_apart), (equal, equal_apart), (random, random_apart) = (numbers(line)[-2:] for line in said)
    assert zero_apart == equal_apart == 0 and random_apart > 1.5
    assert 2.6 < equal < 2.95 and 2.6 < zero < 2.95 and random < 2.1
    text = flat(section_of("02b", "2.9"))
    assert "three networks with 48 units on the same 64 names" in text and "the same 100 steps" in text


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_first_loss_tells_the_size_but_not_what_belongs_together(lesson, seed):
    lesson["random_start"] = reference.init_rnn(28, 48, 28, np.random.default_rng(seed))
    said = run("def first_loss", lesson).splitlines()
    right, start, large, padding, undivided, leaked, shuffled = (float(line.split()[-1]) for line in said)
    assert right == 3.33 and 0 < start - right < 0.15 and large > 5 and padding < 2.6 and undivided > 2000
    assert abs(leaked - start) < 0.08 and abs(shuffled - start) < 0.08


def test_two_names_are_learned_by_heart(lesson):
    said = run("def two_by_heart", lesson)
    first, *_, last, best = (float(line.split(": ")[1].split()[0]) for line in said.splitlines())
    assert first > 3.2 and last == 0.072 and best == 0.060
    assert "From 3.4 down to 0.07" in flat(prose("02b")) and "where yours ended at 0.072" in flat(prose("02b"))


def test_nonsense_is_learned_by_heart_as_well(lesson):
    x, targets, mask = lesson["name_batch"](["diplodocus", "stegosaurus"])
    targets = np.random.default_rng(0).integers(0, 28, targets.shape)
    P = reference.init_rnn(28, 48, 28, np.random.default_rng(0))
    for _ in range(301):
        P, nats, _ = reference.train_step(x, targets, mask, np.zeros((48, 2)), P, 0.3, 1.0)
    assert nats == pytest.approx(0.073, abs=0.0015) and "end at 0.073" in flat(prose("02b"))


def test_memory_doubles_exactly():
    kept = [float(line.split()[-3]) for line in printed("02b", "def cost_of").splitlines()]
    assert kept == pytest.approx([kept[0] * 2**k for k in range(5)], abs=0.05)


def test_what_is_kept_is_exactly_linear(lesson):
    exec(cell("def cost_of").partition("@on_one_thread")[0], lesson)
    P = reference.init_rnn(28, 64, 28, np.random.default_rng(0))
    assert lesson["walk"](50, P)[2] == 2 * lesson["walk"](25, P)[2]


@pytest.mark.parametrize("seed", [0, 1])
def test_on_names_the_shortcut_comes_close_to_the_right_gradient(lesson, seed):
    with contextlib.redirect_stdout(io.StringIO()):
        _, right = lesson["learn"](lesson["step_with"](reference.rnn_backward), seed)
        _, wrong = lesson["learn"](lesson["step_with"](lesson["shortcut_backward"]), seed)
    right, wrong, train = right["held-out names"], wrong["held-out names"], right["training names"]
    assert abs(right[0] - 3.4) < 0.1
    assert right[1] < 2.8 and right[5] < 2.17  # letter frequencies after one epoch, pairs after a few
    assert 1.86 < right[-1] < 2.08 and 1.9 < wrong[-1] < 2.12
    assert 0.01 < wrong[-1] - right[-1] < 0.12
    assert -0.02 < right[-1] - train[-1] < 0.12


def test_your_network_is_the_right_one(lesson):
    """The visible loop with the learner's train_step and the one with step_with are the same training."""
    with contextlib.redirect_stdout(io.StringIO()):
        P, one = lesson["learn"](lesson["train_step"], epochs=1)
        _, other = lesson["learn"](lesson["step_with"](reference.rnn_backward), epochs=1)
    assert np.array(list(one.values())) == pytest.approx(np.array(list(other.values())), abs=1e-6)
    assert set(P) == {"Wax", "Waa", "ba", "Wya", "by"}


MENDED_SLOPE = (("np.tanh(a_next) ** 2", "a_next**2"),)
MENDED_WAY = (
    ("    for t in reversed", "    later = 0\n    for t in reversed"),
    ("* da[:, :, t]", "* (da[:, :, t] + later)"),
    ("        dWax +=", '        later = P["Waa"].T @ dz\n        dWax +='),
)


def mended(lesson, edits):
    source = cell("def shortcut_backward")
    for old, new in edits:
        assert source.count(old) == 1
        source = source.replace(old, new)
    names = dict(lesson)
    exec(source, names)
    return names["shortcut_backward"]


@pytest.mark.parametrize(
    "edits, low, high",
    [((), 0.2, 0.7), (MENDED_SLOPE, 0.2, 0.7), (MENDED_WAY, 0.1, 0.4), (MENDED_SLOPE + MENDED_WAY, 0, 1e-9)],
)
def test_the_check_convicts_the_shortcut_until_both_mistakes_are_mended(lesson, edits, low, high):
    G = lesson["gradients_of"](lesson["output_layer_backward"], mended(lesson, edits))
    checked = lesson["gradient_check"](lesson["loss_of"], lesson["small"], G)
    assert all(low < checked[name][0] < high for name in ("Wax", "Waa", "ba"))
    assert all(checked[name][0] < 1e-9 for name in ("Wya", "by"))


def test_half_a_cure_trains_worse_than_none(lesson):
    with contextlib.redirect_stdout(io.StringIO()):
        _, losses = lesson["learn"](lesson["step_with"](mended(lesson, MENDED_WAY)), epochs=3)
    assert losses["held-out names"][-1] > 2.6


@pytest.mark.parametrize("seed", [0, 2])
def test_on_symbols_of_some_steps_ago_the_shortcut_fails(lesson, seed):
    right, wrong = (
        echo_experiment(lesson["step_with"](backward), seed, lags=(1, 4, 6))
        for backward in (reference.rnn_backward, lesson["shortcut_backward"])
    )
    assert right[:2].min() > 0.99 and wrong[0] > 0.99
    assert 0.5 < wrong[1] < 0.7 and 0.3 < wrong[2] < 0.55
    assert 0.8 < right[2] < 1


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_wrong_gradient_still_points_downhill(lesson, seed):
    lesson["random_start"] = reference.init_rnn(28, 48, 28, np.random.default_rng(seed))
    angle = float(re.search(r"angle (\d+) degrees", run("def all_gradients", lesson))[1])
    assert 37 < angle < 54
    assert seed > 0 or angle == 52 and "some fifty degrees" in flat(prose("02b"))


def test_the_angle_is_measured_where_nothing_was_mended_yet(lesson):
    """A mended pass has no angle left, and no warning comes of it."""
    lesson["shortcut_backward"] = reference.rnn_backward
    assert "angle 0 degrees" in run("def all_gradients", lesson)
    text = prose("02b")
    assert text.index("Why did it train, then?") < text.index("**Find them.**")


def test_an_echo_batch_asks_for_the_symbol_of_lag_steps_ago():
    x, targets, mask = echo_batch(np.random.default_rng(0), 5, 8, 14, 3)
    symbols = x.argmax(axis=0)
    assert x.shape == (8, 5, 14) and np.all(x.sum(axis=0) == 1)
    assert not mask[:, :3].any() and mask[:, 3:].all()
    assert np.array_equal(targets[:, 3:], symbols[:, :-3])


def test_the_experiment_gives_both_networks_the_same_data_and_settings():
    seen = []

    def step(x, targets, mask, a0, P, learning_rate, limit):
        seen.append((x, P["Wax"], learning_rate, limit))
        return P, 0.0, a0

    for _ in range(2):
        share = echo_experiment(step, 3, lags=(2,), batches=2)
        assert share.shape == (1,) and share[0] < 0.5  # nothing was learned
    first, second = seen[:2], seen[2:]
    assert all(np.array_equal(a[0], b[0]) and np.array_equal(a[1], b[1]) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(seen[0][0], seen[1][0]) and seen[0][2:] == (0.5, 1.0)


def test_plots_draw_what_they_are_given(shown):
    two = {"one": [3.0, 2.0, 1.0], "other": [3.0, 2.5, 2.0]}
    calls = (
        lambda: learning_checks.plot_error_by_step([1e-1, 1e-2, 1e-3], two, title="found"),
        lambda: learning_checks.plot_losses(two, baselines={"rival": 2.7, "best": 0.5}, title="found"),
        lambda: learning_checks.plot_recall_by_lag([1, 3, 6], two, chance=0.125, title="found"),
    )
    for call in calls:
        assert call() is None
        axes = shown[-1]
        assert axes.get_title(loc="left") == "found" and axes.get_xlabel() and axes.get_ylabel()
        lines = {line.get_label(): line for line in axes.lines if line.get_label() in two}
        assert {name: list(line.get_ydata()) for name, line in lines.items()} == two
        assert [line.get_color() for line in lines.values()] == [SERIES[0][0], SERIES[1][0]]
    steps, losses, recall = shown
    assert steps.get_xscale() == steps.get_yscale() == "log" and steps.xaxis_inverted()
    assert [text.get_text() for text in losses.texts] == ["rival, 2.70", "best, 0.50"]
    assert [text.get_ha() for text in losses.texts] == ["right", "left"]  # where no curve is in the way
    assert list(losses.lines[0].get_ydata()) == [2.7, 2.7]
    assert list(recall.lines[0].get_xdata()) == [1, 3, 6] and recall.lines[-1].get_ydata()[0] == 0.125
