"""What lesson 07 says: numbers that its cells print, claims in bands over several seeds, and its plots."""

import re
from functools import partial

import numpy as np
import pytest
from lessons import NOTEBOOKS, flat, printed, prose

from utils import reference
from utils.datasets import load_runs
from utils.experiments.lesson_07 import (
    adding_run,
    backward_with,
    from_the_sheet,
    gradient_errors,
    gradients_by_forget_bias,
    memory_gradient_by_lag,
)
from utils.generators import adding_problem
from utils.models import to_number_pass
from utils.plotting import adding as plots
from utils.reference import (
    gradient_check,
    init_gru,
    init_lstm,
    init_rnn,
    lstm_backward,
    lstm_cell_forward,
    lstm_cell_forward_peephole,
    lstm_forward,
    numerical_gradient,
    sigmoid,
)
from utils.stored_runs import ablation, adding
from utils.training import TO_NUMBER

TEXT, TRIAL = flat(prose("07a")), flat(prose("07b"))
REPAIRS = ("memory", "bracket f", "bracket u", "bracket c")


@pytest.mark.parametrize(
    "code, numbers",
    [  # each in the one part that has such a cell
        ("try_it(lambda: lstm_cell_forward", ["0.4759", "1.08"]),
        ("try_it(read_aloud)", ["cat        0.02    0.98    0.02   -0.98", "fishes     0.98    0.02    0.02   -0.92"]),
        (
            "try_it(read_aloud)",
            ["was        0.98    0.02    0.98   -0.91   -0.71", "dogs       0.02    0.98    0.02    0.96"],
        ),
        ("def held_open", ["all three gates        probability of were: 0.003 after the cat, 0.997 after the dogs"]),
        ("def held_open", ["0.003 after the cat, 0.535 after", "0.568 after the cat, 0.997 after"]),
        ("def held_open", ["output gate held open  probability of were: 0.003 after the cat, 0.997 after the dogs"]),
        ("try_it(one_step_back)", ["'dc_prev': [[0.5419]], 'dbf': [[0.1084]], 'dbu': [[0.0694]], 'dbc': [[0.3699]]"]),
        ("try_it(one_step_back)", ["'dbo': [[0.1904]], 'dWf': [[0.0542, 0.1084]]"]),
        ("try_it(only_keeping)", ["dc0 0.2233, dbf 0.0670"]),
        ("try_it(first_weights)", ["{'Wf': 0.104, 'Wo': 0.103}", "'bf': [2.0], 'bu': [0.0]", "23808"]),
        ('witness(f"as printed', ["T = 1                dWf ok     dWu ok     dWc ok     dWo ok"]),
        ('witness(f"as printed', ["T = 2                dWf 0.33   dWu 0.68   dWc 0.11   dWo ok"]),
        ("mended = ()\n", ["now: memory                dWf 0.61   dWu 0.68   dWc 0.11   dWo ok"]),
        ("mended = ()\n", ["now: bracket u             dWf ok     dWu ok     dWc 0.11   dWo ok"]),
        ("mended = ()\n", ["all mended, T = 6                dWf ok     dWu ok     dWc ok     dWo ok"]),
        ("adding_problem(np.random", ["always answering 1: squared error 0.16"]),
        ("counting |=", ["kept:   1.00  1.99", " 9.95", "shown:  0.76  0.96  0.99  1.00", "GRU 2.44, LSTM 2.48"]),
        (
            "plot_trials_by_task(",
            ["forget gate held open  +0.094  +0.072  +0.111", "output gate held open  -0.016  -0.017  -0.019"],
        ),
        ("plot_trials_by_task(", ["update = 1 − forget    +0.018  +0.023  +0.029"]),
        ("plot_adding(", ["always 1 on these held-out examples: 0.1701 (150 steps), 0.1719 (50)"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(code, numbers):
    sources = {part: "\n".join("".join(cell["source"]) for cell in NOTEBOOKS[part]) for part in ("07a", "07b")}
    (part,) = (part for part, source in sources.items() if code in source)
    for number in numbers:
        assert number in printed(part, code)


def test_numbers_worked_by_hand():
    assert sigmoid(np.log([3, 4, 1.5])) == pytest.approx([3 / 4, 4 / 5, 3 / 5]) and np.tanh(np.log(2)) == pytest.approx(
        0.6
    )
    assert 0.75 * 0.8 + 0.8 * 0.6 == pytest.approx(1.08) and 0.6 * np.tanh(1.08) == pytest.approx(0.4759, abs=5e-5)
    assert 1 - np.tanh(1.08) ** 2 == pytest.approx(1 - 0.6292, abs=5e-5)
    assert 0.5 + 0.6 * (1 - 0.6292) == pytest.approx(0.7225, abs=5e-5)
    assert 0.7225 * np.array([0.8 * 0.1875, 0.6 * 0.16, 0.8 * 0.64, 0.75]) == pytest.approx(
        [0.1084, 0.0694, 0.3699, 0.5419], abs=6e-5
    )
    assert 0.7932 * 0.24 == pytest.approx(0.1904, abs=5e-5)
    assert [0.9**20, 0.98**20, 0.99**100] == pytest.approx([0.12, 0.67, 0.37], abs=0.005) and 0.5**20 < 1e-6
    kept = 0.5 * (1 - np.tanh(0.729) ** 2)
    assert [kept, kept * 0.729] == pytest.approx([0.3063, 0.2233], abs=5e-5) and 0.9**3 == pytest.approx(0.729)
    assert sigmoid(np.log(9)) == pytest.approx(0.9) and sigmoid(40.0) == 1
    halves = [np.log(2) / -np.log(gate) for gate in (0.5, sigmoid(1.0), sigmoid(2.0), sigmoid(4.0))]
    assert halves == pytest.approx([1, 2.2, 5.5, 38], abs=0.3)
    assert [0.3063 * 0.81 * 0.09, 3 * 0.3063 * 0.81 * 0.09] == pytest.approx([0.0223, 0.0670], abs=5e-5)
    assert 10 * np.tanh(3) == pytest.approx(9.95, abs=0.005) and 4 * 64 * (64 + 28 + 1) == 23_808


def test_always_answering_1_has_a_squared_error_of_a_sixth():
    for seed in range(3):
        _, y = adding_problem(np.random.default_rng(seed), 100_000, 10)
        assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, abs=0.003)
    _, y = ablation.last_marked(np.random.default_rng(0), 100_000, 12)
    assert np.mean((y - 0.5) ** 2) == pytest.approx(1 / 12, abs=0.002)


def test_a_gate_held_open_is_1_and_learning_does_not_move_it():
    rng = np.random.default_rng(0)
    data = adding_problem(rng, 8, 12)
    for variant, gates in ablation.HELD_OPEN.items():
        P = ablation.init_ablated(variant, 2, 5, 1, rng)
        G = to_number_pass(P, *data)[2]()
        assert all(not G[f"d{kind}{gate}"].any() for gate in gates for kind in "Wb")
        assert G["dWc"].any()


def test_the_coupled_gates_have_the_gradient_of_differences():
    rng = np.random.default_rng(1)
    data, task = adding_problem(rng, 4, 5), ablation.coupled(TO_NUMBER)
    P = {name: theta + 0.2 * rng.normal(size=theta.shape) for name, theta in init_lstm(2, 3, 1, rng).items()}
    G = task.forward(P, *data)[2]()
    assert all(ok for _, ok in gradient_check(lambda P: task.forward(P, *data)[0], P, G).values())
    assert not G["dWu"].any() and not G["dbu"].any()
    gate_f, gate_u = (sigmoid(sign * (P["Wf"] @ np.ones((5, 1)) + P["bf"])) for sign in (1, -1))
    assert gate_f + gate_u == pytest.approx(np.ones((3, 1)))


def test_the_last_marked_number_is_asked_for():
    x, y = ablation.last_marked(np.random.default_rng(0), 50, 9)
    assert (x[1].sum(axis=1) == 4).all()
    last = 8 - x[1][:, ::-1].argmax(axis=1)
    assert (x[0][np.arange(50), last] == y).all()


def test_gradients_at_the_memory_are_those_of_differences():
    rng = np.random.default_rng(3)
    P = {name: theta + 0.2 * rng.normal(size=theta.shape) for name, theta in init_lstm(3, 4, 3, rng).items()}
    x, targets = rng.normal(size=(3, 2, 4)), np.array([2, 0])
    norms, zero = memory_gradient_by_lag(x, P, targets), np.zeros((4, 2))
    a, _, c, _ = lstm_forward(x, zero, P)

    def loss(memory, k):
        """Of the rest of the sequence, when the memory of lag k is another and is shown as it is."""
        _, _, _, (cells, _) = lstm_forward(x[:, :, : 4 - k], zero, P)
        shown = cells[-1][7] * np.tanh(memory)
        if k:
            y_pred = lstm_forward(x[:, :, 4 - k :], shown, P, memory)[1][:, :, -1]
        else:
            scores = np.exp(P["Wy"] @ shown + P["by"])
            y_pred = scores / scores.sum(axis=0)
        return float(-np.log(y_pred[targets, [0, 1]]).sum())

    for k in range(4):
        memory = c[:, :, 3 - k].copy()
        measured = numerical_gradient(lambda some, k=k: loss(some, k), memory)
        assert norms[k] == pytest.approx(np.linalg.norm(measured), rel=1e-6)
    assert a.shape == (4, 2, 4)


def test_the_forget_bias_decides_before_learning():
    kept = gradients_by_forget_bias((0, 1, 2, 4), range(10, 16))
    at = {name: np.median(rows[:, 30]) for name, rows in kept.items()}
    assert 3e-6 < at["forget bias 0"] < 4e-5 and 0.025 < at["forget bias 1"] < 0.1
    assert 1.0 < at["forget bias 2"] < 2.6 and 2.5 < at["forget bias 4"] < 6.5
    assert 0.01 < at["plain RNN"] < 0.25
    assert "a hundred-thousandth is left after 30 steps" in TEXT


def test_the_curve_of_bias_2_falls_below_1_and_comes_back():
    kept = gradients_by_forget_bias((1, 2), range(10))
    rows = {name: np.median(found, axis=0) for name, found in kept.items()}
    below = np.flatnonzero(rows["forget bias 2"] < 1)
    assert 0 < below.min() < 5 and 12 < below.max() < 28, "above 1 again from about lag 20 on"
    assert (
        0.3 < rows["forget bias 1"][30] / rows["plain RNN"][30] < 2
        and rows["forget bias 1"][50] < rows["plain RNN"][50]
    )
    assert 300 < rows["forget bias 1"][30] / sigmoid(1.0) ** 30 < 1200, "some six hundred times more"


def test_a_right_way_back_passes_with_every_length_and_a_forgetful_one_with_one_step_only():
    def forgetful(da, caches):
        return backward_with(lambda da_next, dc_next, *rest: right_sums(da_next, 0 * dc_next, *rest), da, caches)

    for T in (1, 2, 6):
        assert max(gradient_errors(lstm_backward, T).values()) < 1e-7
    assert max(gradient_errors(forgetful, 1).values()) < 1e-7 < 0.05 < max(gradient_errors(forgetful, 2).values())
    lines = printed("07a", "try_it(my_errors)").splitlines()
    assert [line[:6] for line in lines] == ["T = 1:", "T = 2:", "T = 6:"] and not any("wrong" in line for line in lines)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_printed_equations_pass_with_one_step_and_fail_with_two(seed):
    def witness(T, mended=()):
        errors = gradient_errors(partial(backward_with, partial(from_the_sheet, mended=mended)), T, seed=seed)
        return {name: errors[name] for name in ("Wf", "Wu", "Wc", "Wo")}

    assert max(witness(1).values()) < 1e-8
    two, six = witness(2), witness(6)
    assert min(two[name] for name in ("Wf", "Wu", "Wc")) > 0.04 and two["Wo"] < 1e-8
    assert min(six.values()) > 0.02
    assert witness(2, REPAIRS[:1])["Wf"] > two["Wf"], "the first repair raises the error"
    assert witness(2, REPAIRS[:2])["Wf"] < 1e-7 < witness(2, REPAIRS[:2])["Wu"]
    assert witness(2, REPAIRS[:3])["Wu"] < 1e-7 < witness(2, REPAIRS[:3])["Wc"]
    assert max(witness(6, REPAIRS).values()) < 1e-7


def right_sums(da_next, dc_next, cache, c_tilde_prev):
    """The equations of section 7.5, in one line each."""
    del c_tilde_prev
    _, c_next, _, c_prev, f, u, new, o, _, _ = cache
    dc = dc_next + da_next * o * (1 - np.tanh(c_next) ** 2)
    return (
        dc * c_prev * f * (1 - f),
        dc * new * u * (1 - u),
        dc * u * (1 - new**2),
        da_next * np.tanh(c_next) * o * (1 - o),
    )


def test_a_way_back_with_the_right_equations_is_that_of_the_reference():
    rng = np.random.default_rng(4)
    P, x = init_lstm(3, 4, 2, rng), rng.normal(size=(3, 5, 6))
    _, _, _, caches = lstm_forward(x, rng.normal(size=(4, 5)), P, rng.normal(size=(4, 5)))
    da = rng.normal(size=(4, 5, 6))

    expected, found = lstm_backward(da, caches), backward_with(right_sums, da, caches)
    assert set(found) == set(expected)
    assert all(found[name] == pytest.approx(expected[name], abs=1e-12) for name in expected)


@pytest.mark.parametrize("seed", [1])
def test_the_printed_equations_train_on_a_small_task(seed):
    right, wrong = adding_run(seed=seed), adding_run(partial(backward_with, from_the_sheet), seed)
    assert 0.0005 < right[-1] < 0.006 and 0.003 < wrong[-1] < 0.08 and wrong[-1] > right[-1]
    assert right[0] > 0.12 < wrong[0]


def test_the_printed_equations_fail_on_a_harder_one():
    wrong = adding_run(partial(backward_with, from_the_sheet), 0, T=40, epochs=12)
    assert wrong.min() > 0.05


def test_the_stored_adding_problem_is_what_the_text_says():
    stored = load_runs("adding")
    low = {name: rows.min() for name, rows in stored.items() if rows.ndim and "steps" not in name}
    assert max(low["gru"], low["lstm_0"], low["lstm_1"]) < 0.001 and min(low["rnn"], low["lstm_4"]) > 0.16
    assert 0.5 < low["lstm_0"] / low["lstm_1"] < 2
    assert 0.005 < low["rnn_short"] < 0.02 and 0.14 < low["rnn_slow"] < 0.165, "hardly leaves the baseline"
    assert list(stored["lengths"]) == [150, 50] and stored["rnn_slow"].shape == stored["steps_short"].shape


def test_at_the_rate_of_the_others_a_plain_rnn_stays_near_the_baseline_over_50_steps_too():
    errors, baseline = adding.learn("rnn", 50, 1, 2000, 24, 16, adding.RATE)
    assert 0.94 * baseline < errors.min() and "on each of three seeds" in TRIAL


def test_the_stored_ablation_is_what_the_text_says():
    stored = load_runs("ablation")
    best = {name: rows.min(axis=1) for name, rows in stored.items() if rows.ndim == 2}
    for task in ("sum", "last"):
        assert all(len(best[f"{task}_{kind}"]) == 4 for kind in ablation.HELD_OPEN)
    assert max(best[f"sum_{kind}"].max() for kind in ("full", "no_output", "coupled")) < 0.01
    assert (best["sum_no_forget"] < 0.01).sum() == 2 and 0.015 < best["sum_no_update"].min() < best[
        "sum_no_update"
    ].max() < 0.085
    assert max(best[f"last_{kind}"].max() for kind in ablation.HELD_OPEN) < 0.01
    assert (best["last_no_forget"] > 10 * best["last_full"].max()).sum() == 3
    costs = {kind: best[f"names_{kind}"] - best["names_full"] for kind in ablation.HELD_OPEN}
    assert 0.07 < costs["no_forget"].min() and costs["no_forget"].max() < 0.115
    assert 0.01 < costs["coupled"].min() and costs["coupled"].max() < 0.03
    assert -0.02 < costs["no_output"].min() and costs["no_output"].max() < -0.01
    bits = {kind: best[f"names_{kind}"].mean() for kind in ablation.HELD_OPEN}
    others = [bits[kind] for kind in ("full", "no_update", "no_output", "coupled")]
    assert 0.08 < bits["no_forget"] - bits["full"] < 0.1 and max(others) - min(others) < 0.05
    assert max(best["sum_coupled"]) < best["sum_full"].min()


def test_an_lstm_without_peepholes_is_one_whose_holes_are_zero():
    rng = np.random.default_rng(0)
    P, before = init_lstm(3, 4, 2, rng), (rng.normal(size=(4, 5)), rng.normal(size=(4, 5)))
    xt = rng.normal(size=(3, 5))
    holes = {name: np.zeros((4, 1)) for name in ("pf", "pu", "po")}
    plain, peeping = lstm_cell_forward(xt, *before, P), lstm_cell_forward_peephole(xt, *before, P | holes)
    assert all(a == pytest.approx(b) for a, b in zip(plain[:3], peeping[:3], strict=True))


def test_an_lstm_has_four_blocks_where_a_plain_rnn_has_one():
    def cell(P):
        return sum(theta.size for name, theta in P.items() if name not in ("Wy", "Wya", "by"))

    sizes = [cell(init(7, 5, 3, np.random.default_rng(0))) for init in (init_rnn, init_gru, init_lstm)]
    assert sizes == [65, 195, 260]


def test_a_gru_may_show_a_2_and_an_lstm_shows_1_at_most():
    P = {name: np.zeros_like(theta) for name, theta in init_gru(1, 1, 1, np.random.default_rng(0)).items()}
    assert reference.gru_cell_forward(np.zeros((1, 1)), np.array([[4.0]]), P)[0].item() == pytest.approx(2)
    P = {name: theta * 50 for name, theta in init_lstm(1, 1, 1, np.random.default_rng(0)).items()}
    assert abs(lstm_cell_forward(np.ones((1, 1)), np.ones((1, 1)), np.array([[4.0]]), P)[0].item()) <= 1


def test_the_adding_plot_shows_what_it_is_given(shown):
    steps, errors = np.array([100, 200]), np.array([0.2, 0.001])
    panels = {"T = 9": {"GRU": (steps, errors)}, "T = 5": {"plain RNN": (steps, errors)}}
    plots.plot_adding(panels, title="T", blind=1 / 6)
    (first,) = shown
    figure = first.figure
    assert figure.get_suptitle() == "T" and [axes.get_title("left") for axes in figure.axes] == ["T = 9", "T = 5"]
    assert all(axes.get_yscale() == "log" for axes in figure.axes)
    assert list(first.get_lines()[1].get_ydata()) == [0.2, 0.001]
    assert first.get_lines()[1].get_color() != figure.axes[1].get_lines()[1].get_color()
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["always the same answer, 0.167", "GRU", "plain RNN"]


def test_a_network_looks_the_same_among_gradients_and_errors():
    for place, name in enumerate(["plain RNN", *(f"LSTM, forget bias {bias}" for bias in (0, 1)), "GRU"]):
        assert plots.LOOKS[name][:2] == plots.SERIES[place][:2]
    assert plots.LOOKS["LSTM, forget bias 4"][:2] == plots.SERIES[4][:2]


def test_the_plot_of_trials_has_a_dot_for_each(shown):
    rows = {"all gates": np.array([0.1, 0.2]), "one less": np.array([0.4, 0.3])}
    panels = {"sum: squared error": rows, "names: bits": rows}
    plots.plot_trials_by_task(panels, title="T", blind={"sum: squared error": 0.5})
    left, right = shown[0].figure.axes
    assert (left.get_xscale(), right.get_xscale()) == ("log", "linear")
    top, below = (line for line in right.get_lines())
    assert list(top.get_xdata()) == [0.1, 0.2] and min(top.get_ydata()) > max(below.get_ydata())
    assert [label.get_text() for label in left.get_yticklabels()] == ["one less", "all gates"]
    assert left.get_lines()[-1].get_xdata()[0] == 0.5 and len(right.get_lines()) == 2


def test_the_sentence_of_the_story_is_the_one_that_the_cell_reads():
    (words,) = re.findall(r"WORDS = \{(.*?)\}", "".join("".join(c["source"]) for c in NOTEBOOKS["07a"]), re.DOTALL)
    in_text = re.search(r"> The (.*) not\.", prose("07a"))[1].replace("*", "")
    assert [word for word in re.findall(r'"(\w+)"', words) if word not in in_text] == []
