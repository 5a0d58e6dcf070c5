"""What lesson 10, part B, says in numbers: printed by its cells, worked by hand, counted and measured in bands."""

import numpy as np
import pytest
import torch
from lessons import flat, printed, prose
from torch import nn

from utils.checking.exercises import quizzes
from utils.datasets import load_surnames
from utils.plotting import torch_port as plots
from utils.torch_port import demos_10b as demos
from utils.torch_port.packed import encode_packed
from utils.torch_port.probes.scan import min_gru_scan as ask_scan
from utils.torch_port.seed_gru import SeedGRU
from utils.torch_port.textbook.scan import min_gru_scan
from utils.torch_port.textbook.seed_gru import SeedGRU as StepByStep

SEEDS = (0, 1, 2)


@pytest.mark.parametrize(
    "code, numbers",
    [
        ("try_it(lambda: SeedGRU(two_units)", ["[[0.1343 0.6   ]", "[0.2062 0.45  ]]"]),
        ("def beside_lesson_06", ["states  agree to 1e-12: True", "dWc     agree to 1e-12: True"]),
        ("def launches_of_mine", ["   20 |               321 |     223", "   80 |              1281 |     883"]),
        ("padded_cells = sum", ["41,637 letters; in one table 102,708 cells", "0.41 and 0.58"]),
        ("try_it(lambda: encode_packed(adds_up", ["[3. 9. 4.]"]),
        ("def beside_lesson_05", ["50 names, largest difference below 1e-12: True"]),
        ("try_it(lambda: sample_batch(CountsToTwo", ["[[1, 2, 0, 0, 0], [1, 2, 0, 0, 0]]"]),
        ("def count_and_run", ["for 5, 10 and 20 steps: [75, 145, 285]"]),
        ("torch.tensor([1.003", ["[1.0, 1.0078125, 255.0, 256.0, 256.0, 258.0]"]),
        ("ROWS = {", ["sum   : float32 10.000, bfloat16  0.500", "bfloat16  1.000", "float32  0.997, bfloat16  0.500"]),
        ("try_it(lambda: min_gru_scan(doors", ["[14.0, 7.0, 3.5, 9.75]"]),
        ("def step_by_step", ["[33, 129, 513, 2049, 8193]", "[19, 29, 39, 49, 59]"]),
        ("def gradient_of", ["shares: 183 and 237", "own number of letters  : 3e-02"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(code, numbers):
    for number in numbers:
        assert number in printed("10b", code)


def test_no_comparison_says_false():
    assert "False" not in printed("10b", "def beside_lesson_06") + printed("10b", "def beside_lesson_05")


def test_launches_of_a_step():
    rng = np.random.default_rng(3)
    P = demos.some_gru(rng, 5, 7)
    as_tensors = {name: torch.tensor(value) for name, value in P.items()}
    for T in (1, 6, 13):
        x, c0 = torch.randn(T, 2, 5, dtype=torch.float64), torch.randn(2, 7, dtype=torch.float64)
        old = demos.count_kernels(demos.gru_as_in_lesson_06, as_tensors, x.permute(2, 1, 0), c0.T)
        assert old == 16 * T + 1
        assert demos.count_kernels(StepByStep(P), x, c0) == 11 * T + 3
        assert demos.count_kernels(SeedGRU(P), x, c0) - 6 * T in (1, 2)  # "it goes down to six a step"
        states = demos.gru_as_in_lesson_06(as_tensors, x.permute(2, 1, 0), c0.T)
        torch.testing.assert_close(states.permute(2, 1, 0), SeedGRU(P)(x, c0).detach(), rtol=0, atol=1e-12)
    assert 1 + (3 + 3) + 2 + 3 + 4 == 16 and 16 * 80 + 1 == 1281 and 16 * 200 == 3200


def test_counting_leaves_out_what_writes_nothing():
    x = torch.randn(4, 6)
    assert demos.count_kernels(lambda: x.T[1:].reshape(2, 10).chunk(2)) == 1  # the copy that reshape needs
    assert demos.count_kernels(lambda: torch.tanh(x) + 1) == 2
    assert demos.seconds_of(torch.tanh, x, repeats=2) > 0


def test_a_library_needs_fewer_launches_than_the_loop():
    lines = printed("10b", 'layers = {"nn.GRU"').splitlines()[1:]
    for line in lines:
        steps, loop, gru, lstm = (int(number) for number in line.split("|"))
        assert loop == 16 * steps + 1 and gru < loop and lstm < loop


def test_two_units_by_hand():
    c, step = [0.0, 0.8], []
    for _ in range(2):
        c = [np.tanh(0.75 * c[1]) / 4 + 0.75 * c[0], 0.75 * c[1]]
        step.append(c)
    assert np.round(step, 4).tolist() == [[0.1343, 0.6], [0.2062, 0.45]]


def test_surnames_and_their_padding():
    lengths = np.array([len(name) for name, _ in load_surnames()])
    assert (len(lengths), lengths.min(), lengths.max()) == (5706, 2, 18)
    assert "The 5,706 surnames of lesson 05 have 2 to 18 letters" in flat(prose("10b"))
    assert len(np.array_split(lengths, 178)[0]) in (32, 33)


def test_the_scan_by_hand():
    keep, add = np.array([0.75, 0.5, 0.5, 0.5]), np.array([2.0, 0, 0, 8])
    add, keep = np.append(add[:1], keep[1:] * add[:-1] + add[1:]), np.append(keep[:1], keep[1:] * keep[:-1])
    assert keep.tolist() == [3 / 4, 3 / 8, 1 / 4, 1 / 4] and add.tolist() == [2, 1, 0, 8]
    add, keep = np.append(add[:2], keep[2:] * add[:-2] + add[2:]), np.append(keep[:2], keep[2:] * keep[:-2])
    assert keep.tolist() == [3 / 4, 3 / 8, 3 / 16, 3 / 32] and add.tolist() == [2, 1, 0.5, 8.25]
    assert (keep * 16 + add).tolist() == [14, 7, 3.5, 9.75]


def test_a_scan_takes_five_launches_a_round():
    counts = []
    for T in (8, 16, 2048):
        some = torch.rand(T, 2, 3)
        counts.append(demos.count_kernels(min_gru_scan, some, some, some[0]))
    assert counts == [19, 24, 59]
    rng = np.random.default_rng(0)
    case = {"z": rng.uniform(size=(2, 3, 5)), "h_tilde": rng.normal(size=(2, 3, 5)), "h0": rng.normal(size=(2, 3))}
    assert ask_scan(min_gru_scan, **case)["operations"] == "grow with log T"


def test_what_is_said_about_bfloat16():
    steps = torch.finfo(torch.bfloat16).eps
    assert steps == 1 / 128 and 256 * steps == 2 and 0.5 * steps == 1 / 256
    assert 0.001 < 0.5 * steps / 2  # less than half a step
    printed_bits = [float(line.split()[-4]) for line in printed("10b", "unseen = NameBatches").splitlines()]
    assert abs(printed_bits[0] - printed_bits[1]) < 0.01


@pytest.mark.parametrize("seed", SEEDS[1:])  # the notebook prints the first
def test_only_what_sees_its_state_tells_even_from_odd(seed):
    gru = demos.right_by_length(demos.learn_parity("GRU", seed), (2, 8, 12, 20, 40))
    assert min(gru) > 0.98
    line = demos.right_by_length(demos.learn_parity("minGRU", seed), (2, 8, 12, 20, 40))
    assert line[0] > 0.9 and line[1] < 0.75 and max(line[3:]) < 0.6 and min(line) > 0.35


def test_the_printed_parity_is_that_of_the_prose():
    lines = printed("10b", "learn_parity, right_by_length").splitlines()
    gru, line, deep = ([float(share) for share in row.split()[-6:]] for row in lines[:3])
    assert min(gru) > 0.98
    for shares in (line, deep):
        assert shares[0] > 0.9 and shares[2] < 0.75 and max(shares[4:]) < 0.6


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_names_are_learned_well_enough_to_draw_from(seed):
    _, nats = demos.train_names(seed, show=False)
    assert 2.35 < nats / np.log(2) < 2.55


def test_the_printed_names():
    held_out = float(printed("10b", "model, held_out_nats = train_names").splitlines()[-1].split()[2])
    assert 2.35 < held_out < 2.55
    shares = [int(word.rstrip("%")) for word in printed("10b", "def write_names").split() if word.endswith("%")]
    assert len(shares) == 2 and min(shares) > 95


def test_what_was_packed_by_hand_teaches_nothing():
    def by_hand(rnn, x, lengths):
        order = lengths.argsort(descending=True)
        packed = nn.utils.rnn.pack_padded_sequence(x[order], lengths[order], batch_first=True)
        return rnn(packed)[1][-1]

    right = demos.learn_first_symbol(encode_packed, seed=1)
    wrong = demos.learn_first_symbol(by_hand, seed=1)
    assert demos.share_right(encode_packed, right) > 0.98
    assert 0.15 < demos.share_right(by_hand, wrong) < 0.35
    lines = printed("10b", "def packed_by_hand").splitlines()
    assert float(lines[4].split()[0]) > 0.98 and 0.15 < float(lines[9].split()[0]) < 0.35
    assert np.log(4) == pytest.approx(1.39, abs=5e-3)


def test_the_file_outside_of_pytorch_says_the_same():
    difference = float(printed("10b", "there = open_onnx(file)").splitlines()[0].split()[-1])
    assert difference < 1e-4


def test_the_roads_on_a_cpu_say_what_they_are():
    if not torch.cuda.is_available():
        assert printed("10b", "import compiled, graphed").count("(eager, because") == 2


def test_right_answers_are_spread_over_the_letters():
    right = [next(k for k, (ok, _) in quizzes()[name].answers.items() if ok) for name in (
        "where-the-reset-acts", "half-a-temperature", "a-hundred-processors", "a-larger-gpu", "why-it-waits",
        "what-packing-saves", "what-half-the-bits-spoil", "rounds-for-a-thousand", "why-it-cannot-count",
        "answers-in-another-order",
    )]  # fmt: skip
    assert min(right.count(letter) for letter in "abc") >= 2
    assert (1000 - 1).bit_length() == 10 and (200 - 1).bit_length() == 8


def test_the_plots_draw_what_they_are_given(shown):
    plots.plot_growth([1, 4], {"here": [1, 2]}, title="found", xlabel="names", ylabel="time")
    assert shown[-1].get_title(loc="left") == "found" and shown[-1].lines[0].get_ydata().tolist() == [1, 2]
    assert shown[-1].get_xscale() == shown[-1].get_yscale() == "log"
    plots.plot_running_sums([1, 2], {"float32": [0.1, 0.2], "bfloat16": [0.1, 0.1]}, title="found")
    assert [line.get_label() for line in shown[-1].lines] == ["float32", "bfloat16"]
    plots.plot_right_by_length([2, 4], {"GRU": [1.0, 0.9]}, title="found", trained=3)
    labels = [text.get_text() for text in shown[-1].get_legend().get_texts()]
    assert labels == ["lengths of the training", "GRU", "chance, 0.5"]
