"""Lesson 04, part B: what its prose says in numbers, what its decoders and its project do, its plots."""

import json
import re
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from lessons import NOTEBOOKS, flat, printed, prose

from utils.baselines import ngram_bits
from utils.datasets import load_dinosaurs, load_name_model, load_surnames
from utils.experiments import lesson_04b as study
from utils.experiments.lesson_04b import (
    bits_per_letter,
    decoder_sweep,
    difference_in_bits,
    judge_of,
    judged_bits,
    letter_probabilities,
    new_model,
    share_fresh,
    tempered,
    train_names,
    write_names,
)
from utils.names import LETTERS, next_letters
from utils.reference import apply_temperature, nucleus, sample_sequence, top_k

matplotlib.use("Agg")
from utils.plotting import decoders, project  # noqa: E402

FIVE = np.array([0.10, 0.20, 0.05, 0.15, 0.50])


@pytest.fixture(scope="module")
def model():
    return load_name_model()


@pytest.mark.parametrize(
    "code, numbers",
    [
        ("apply_temperature(np.log(five), 0.5)", ["0.0308 0.1231 0.0077 0.0692 0.7692"]),
        ("top_k(five, 2)", ["0.2857", "0.7143"]),
        ("nucleus(five, 0.8)", ["0.2353", "0.1765 0.5882"]),
        ("nucleus(five, 0.4)", ["[0. 0. 0. 0. 1.]"]),
        ('for beginning in ("",', ["a s p c t   the first has 0.113, all five 0.433", "0.992, all five 0.996"]),
        ('name = "brachiosaurus"', ["letters kept: 18 6 8 13 6 5 11 7 3 1 1 1 1 1"]),
        ("for rule in (greedy", ["angosaurus angosaurus angosaurus angosaurus"]),
        ("def clean(", ["['makinen', 'niskavuoriheikkila']", "572 lines, 572 names"]),
        ("def split(", ["400 for training, 86 for validation, 86 for the test"]),
        ("for copies in (1, 2)", ["1. 2.43 bits", "2. 2.29 bits", "held out, 70% of"]),
        ("trigram = judge_of(train)", ["trigram: 2.47 on validation names"]),
        ("def elsewhere(", ["the same number: True", "Mäkinen costs what makinen costs: True"]),
        ("short.npz", ["short.npz is not a stored model of names (BadZipFile).", "There is no file lost.npz."]),
        ("short.npz", ["turned.npz: Wax should be (32, 28) and is (28, 32).", "pickled.npz is not a stored model"]),
        ("short.npz", ["spoilt.npz: by holds", "lost.txt cannot be read as a list of names"]),
        ('("angosaurus", "saurosaurus", "")', ["'angosaurus'  costs 12.1", "'saurosaurus' costs 10.7", "'' "]),
        ('print(f"r after dinosau', ["the model 0.99, her decoder 0.13, a temperature 1.00"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(code, numbers):
    for number in numbers:
        assert number in printed("04b", code)


def numbers_in(text):
    return [float(number.replace("−", "-")) for number in re.findall(r"[+-]?\d+\.\d+", text)]


def lines_of(code):
    """{first words of a line: its numbers} of what a cell printed."""
    lines = [
        re.match(r"(.*?)(?:\s{2,}|: )([+-]?\d+\.\d+.*)$", line.strip()) for line in printed("04b", code).splitlines()
    ]
    return {line[1]: numbers_in(line[2]) for line in lines if line}


def test_the_table_of_decoders_is_what_the_prose_says_of_it():
    table = lines_of("with a letter below 1 in 100")
    bits = {rule: row[0] for rule, row in table.items()}
    assert bits["greedy"] < 1.3 and bits["as it is"] - bits["real names"] == pytest.approx(0.4, abs=0.1)
    three = ("temperature 0.8", "top-k, k = 8", "nucleus, 0.9")
    for rule in three:
        assert abs(bits[rule] - bits["real names"]) < 0.16 and table[rule][1] > 0.95
    slips = {rule: row[-1] for rule, row in table.items()}
    assert abs(slips["as it is"] - slips["real names"]) < 0.12 and 0.25 < slips["real names"] < 0.42
    assert slips["nucleus, 0.9"] < 0.03 < slips["top-k, k = 8"] < 0.11 < slips["temperature 0.8"] < 0.25


def test_ending_at_once_is_more_probable_than_either_name():
    costs = [float(n) for n in re.findall(r"costs (\d+\.\d)", printed("04b", '("angosaurus", "saurosaurus", "")'))]
    assert costs[0] > costs[1] > costs[2]


def test_names_quoted_are_names_written():
    assert "sanchelodostorus" in prose("04b") and "sanchelodostorus" in printed("04b", "for rule in (greedy")


@pytest.mark.parametrize("seed", [0, 1])
def test_top_k_pays_most_for_likely_names_and_the_other_two_tie(model, seed):
    names = load_dinosaurs()
    order = [names[i] for i in np.random.default_rng(seed).permutation(len(names))]
    judge = judge_of(order[132:])
    sweep = decoder_sweep(*model, names, judge, seed)
    at = {rule: np.interp([1.9, 2.6], curve["bits"], curve["fresh"]) for rule, curve in sweep.items()}
    low = {rule: np.interp(1.65, curve["bits"], curve["fresh"]) for rule, curve in sweep.items()}
    assert low["temperature"] > 0.5 > max(low["top-k"], low["nucleus"])
    assert sweep["top-k"]["fresh"][1] < 0.5 and sweep["top-k"]["bits"][1] == pytest.approx(1.9, abs=0.05)
    assert at["top-k"][0] < 0.52 and min(at["temperature"][0], at["nucleus"][0]) > 0.65
    assert abs(at["temperature"][0] - at["nucleus"][0]) < 0.15
    assert all(share[1] > 0.94 for share in at.values())
    ends = [curve["bits"][curve["setting"] == end][0] for curve, end in zip(sweep.values(), (1, 28, 1), strict=True)]
    assert np.ptp(ends) < 1e-9  # the free draw, three times
    assert 2.5 < judge.bits_per_character(order[:132]) < 2.85


def test_numbers_of_the_dinosaurs_and_of_the_bug(model):
    names, text = load_dinosaurs(), flat(prose("04b"))
    assert sum(name[0] in "dm" for name in names) == 145 and len(names) == 1318 and "145 of the 1,318" in text
    assert "angosaurus" not in names
    p = next_letters("dinosau", *model)
    assert p.max() == pytest.approx(0.992, abs=5e-4) and np.sort(p)[-5:-1].sum() == pytest.approx(0.004, abs=5e-4)
    assert np.exp(1 / 0.7) == pytest.approx(4.2, abs=0.05)
    assert all(bits > np.log2(27) for bits in numbers_in_scrambled()) and np.log2(27) == pytest.approx(4.75, abs=0.01)


def numbers_in_scrambled():
    return [float(n) for n in re.findall(r": (\d+\.\d+) bits", printed("04b", "def sharper("))]


# ---------------------------------------------------------------------------------------------- the project


def cut(seed):
    """The three lists of the project, as the notebook cuts them."""
    names = [name for name, language in load_surnames() if language == "fi"]
    order = [names[i] for i in np.random.default_rng(seed).permutation(len(names))]
    return order[172:], order[86:172], order[:86]


def trained(train, valid, n_a=32, P=None, seed=1, **options):
    rng = np.random.default_rng(seed)
    return train_names(train, valid, new_model(n_a, rng) if P is None else P, rng, **options)


def two_parts(seed):
    """The training and validation names, cut anew; 0: as the notebook cuts them. The test names stay out."""
    train, valid, _ = cut(0)
    if seed == 0:
        return train, valid
    names = valid + train
    order = [names[i] for i in np.random.default_rng(seed).permutation(len(names))]
    return order[86:], order[:86]


@pytest.mark.parametrize("seed", [0, 3])
def test_8_and_128_numbers_are_worse_than_32_and_training_ends_by_itself(seed):
    train, valid = two_parts(seed)
    best, gap = {}, {}
    for n_a in (8, 32, 128):
        model, curve = trained(train, valid, n_a)
        bits = curve["held out"]
        assert len(bits) == bits.argmin() + 16 < 400  # patience has ended it
        best[n_a], gap[n_a] = bits.min(), bits.min() - bits_per_letter(model, train)
    assert min(best[8], best[128]) - best[32] > 0.04 and best[32] < judge_of(train).bits_per_character(valid) - 0.05
    assert gap[8] < gap[32] < gap[128]


def test_hidden_letters_help_and_other_languages_help_less():
    train, valid = two_parts(1)
    others = [name for name, language in load_surnames() if language != "fi"]
    assert len(others) > 5000
    bits = {"plain": [], "hidden": [], "first": []}
    for training in (1, 2, 3):
        first = dict(epochs=6, batch=64, learning_rate=0.005)
        start, curve = trained(train + others, None, seed=training, **first)
        assert len(curve["held out"]) == 0 and 3.1 < bits_per_letter(start, valid) < 3.5
        bits["plain"].append(trained(train, valid, seed=training)[1]["held out"].min())
        bits["hidden"].append(trained(train, valid, seed=training, hide=0.2)[1]["held out"].min())
        bits["first"].append(trained(train, valid, P=start, seed=training)[1]["held out"].min())
    plain, hidden, first = (np.mean(values) for values in bits.values())
    assert hidden - plain < -0.04 and hidden < first and abs(first - plain) < 0.06


def test_the_notebook_shows_what_the_prose_says_of_the_project():
    sizes = printed("04b", "trigram = judge_of(train)")
    best = {int(n): (int(e), float(v), float(t)) for n, e, v, t in re.findall(
        r"(\d+) numbers of state: best epoch +(\d+) with (\d\.\d+) on validation names, (\d\.\d+)", sizes
    )}  # fmt: skip
    assert best[8][0] > 50 and best[128][0] < 20 and best[32][1] < min(best[8][1], best[128][1])
    assert abs(best[8][1] - 2.47) < 0.08 and "chosen: 32 numbers" in sizes
    gaps = [valid - train for _, valid, train in best.values()]
    assert gaps == pytest.approx([0.1, 0.36, 0.51], abs=0.05)

    remedies = printed("04b", "have_read_all = []")
    rows = {name: row for name, row in lines_of("have_read_all = []").items() if len(row) == 4}
    assert list(rows) == ["no remedy", "letters hidden", "all languages first"]
    change = {name: np.array(row) - rows["no remedy"] for name, row in rows.items()}
    assert max(change["letters hidden"]) < 0 and max(change["all languages first"]) < 0
    assert change["letters hidden"][-1] == pytest.approx(-0.07, abs=0.02)
    assert change["all languages first"][-1] > -0.045 and "chosen: letters hidden" in remedies
    assert 3.2 < lines_of("have_read_all = []")["all languages, and no more"][0] < 3.4

    written = printed("04b", "chosen_mass = min")
    assert "chosen: 0.9" in written and "validation names: 2.47" in written
    tested = printed("04b", "test_bits = bits_per_letter")
    assert "validation names: our model 2.24, trigram 2.47" in tested
    assert "test names: our model 2.32, trigram 2.49" in tested
    difference, whisker = numbers_in(tested.splitlines()[2])
    assert difference < -whisker
    copied, hit = map(int, re.search(r"written (\d+) stand in the training list, (\d+) in", tested).groups())
    assert copied <= 20 and hit <= 5


def test_the_summary_and_the_marking_scheme_quote_the_same_numbers():
    text = flat(prose("04b"))
    for number in ("from 2.43 to 2.29", "2.24 on the names that chose it and 2.32 on the test", "from 2.47 to 2.49"):
        assert number in text
    train, valid, test = cut(0)
    trigram = judge_of(train)
    assert trigram.bits_per_character(valid) == pytest.approx(2.47, abs=5e-3)
    assert trigram.bits_per_character(test) == pytest.approx(2.49, abs=5e-3)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_repeats_flatter_with_other_cuts_too(seed):
    names, bits = sum(two_parts(0), []), []
    for copies in (1, 2):
        order = [(names * copies)[i] for i in np.random.default_rng(seed).permutation(copies * len(names))]
        held = round(0.15 * len(order))
        bits.append(ngram_bits(order[2 * held :], order[held : 2 * held], 3))
    assert bits[0] - bits[1] > 0.1


# ------------------------------------------------------------------------------------------ the experiments


@pytest.mark.parametrize("tau", [1.0, 0.6])
def test_names_side_by_side_are_those_of_one_letter_after_another(model, tau):
    P, vocabulary = model
    for seed in range(5):
        one = write_names(P, vocabulary, lambda p: tempered(p, tau), np.random.default_rng(seed), 1)[0]
        indices = sample_sequence(P, vocabulary, np.random.default_rng(seed), 20, tau)
        assert one == "".join(vocabulary.tokens[i] for i in indices)


def test_a_decoder_that_keeps_one_letter_writes_one_name(model):
    names = write_names(*model, lambda p: top_k(p, 1), np.random.default_rng(0), 7)
    assert names == ["angosaurus"] * 7
    assert write_names(*model, lambda p: nucleus(p, 0.01), np.random.default_rng(0), 2, max_length=4) == ["ango"] * 2


def test_the_unknown_symbol_is_never_written(model):
    P, vocabulary = model
    unsure = P | {"by": P["by"] + 9.0 * (np.arange(len(vocabulary)) == vocabulary.unk)[:, None]}
    names = write_names(unsure, vocabulary, lambda p: p, np.random.default_rng(0), 5)
    assert names == write_names(P, vocabulary, lambda p: p, np.random.default_rng(0), 5)


def test_a_temperature_keeps_zeros_at_zero():
    p = np.array([0.0, 0.2, 0.8])
    assert tempered(p, 0.5) == pytest.approx([0, 0.04 / 0.68, 0.64 / 0.68])
    assert tempered(FIVE, 2.0) == pytest.approx(apply_temperature(np.log(FIVE), 2.0))


def test_fresh_names_are_new_not_empty_and_counted_once():
    assert share_fresh(["ab", "ab", "cd", "", "known"], ["known"]) == pytest.approx(2 / 5)


def test_the_judge_is_the_trigram_baseline_and_passes_over_empty_names():
    train, valid, _ = cut(0)
    judge = judge_of(train)
    assert judged_bits([*valid, ""], judge) == judge.bits_per_character(valid)
    assert judge.bits_per_character(train) < judge.bits_per_character(valid)


def test_the_difference_of_two_models_is_that_of_their_bits():
    _, valid, _ = cut(0)
    P, Q = new_model(5, np.random.default_rng(0)), new_model(7, np.random.default_rng(1))
    difference, error = difference_in_bits(P, Q, valid)
    assert difference == pytest.approx(bits_per_letter(P, valid) - bits_per_letter(Q, valid))
    assert difference_in_bits(P, P, valid) == (0, 0) and 0 < error < 1
    trigram = judge_of(cut(0)[0])
    expected = bits_per_letter(P, valid) - trigram.bits_per_character(valid)
    assert difference_in_bits(P, trigram, valid)[0] == pytest.approx(expected)
    steps = np.array([len(name) + 1 for name in valid])
    more = np.log2(letter_probabilities(Q, valid) / letter_probabilities(P, valid)).sum(axis=1)
    rng = np.random.default_rng(0)
    drawn = [more[i].sum() / steps[i].sum() for i in rng.integers(len(valid), size=(2000, len(valid)))]
    assert error == pytest.approx(np.std(drawn), rel=0.1)  # the error is that of lists drawn anew
    once, twice = (difference_in_bits(P, Q, valid * k)[1] for k in (1, 4))
    assert twice == pytest.approx(once / 2, rel=0.02)


def test_probabilities_of_letters_end_in_ones(model):
    p = letter_probabilities(model[0], ["ab", "dinosaurus"])
    assert p.shape == (2, 11) and np.all(p[0, 3:] == 1) and np.all(p[0, :3] < 1) and np.all(p[1] < 1)
    assert p[1, 4] == pytest.approx(next_letters("dino", *model)[LETTERS.tokens.index("s")])


def test_hidden_letters_are_hidden_while_learning_and_only_then(monkeypatch):
    train, valid, _ = cut(0)
    plain, _ = trained(train[:60], valid[:20], 6, epochs=2)
    same, _ = trained(train[:60], valid[:20], 6, epochs=2, hide=0.0)
    assert all(np.array_equal(plain[name], same[name]) for name in plain)
    other, curve = trained(train[:60], valid[:20], 6, epochs=1, hide=0.5)
    assert curve["held out"][-1] == pytest.approx(bits_per_letter(other, valid[:20]))
    x, mask, targets = study.arrays_of(train[:20])
    P = new_model(6, np.random.default_rng(0))
    seen = []

    def noted(P, x, *rest):
        seen.append(x)
        return study.EVERY_STEP.forward(P, x, *rest)

    monkeypatch.setattr(study, "every_step_pass", noted)
    study._hidden_pass(P, x, mask, targets, hide=0.3, rng=np.random.default_rng(0))
    shown_letters, letters = seen[0].sum(), x.sum()
    assert 0.5 < shown_letters / letters < 0.85 and set(np.unique(seen[0])) == {0.0, 1.0}


def test_a_list_that_cannot_be_read_is_a_sentence(tmp_path, capsys):
    (tmp_path / "right.txt").write_text("Åbo\nEspoo\n", encoding="utf-8-sig")
    (tmp_path / "wrong.txt").write_bytes("Åbo".encode("latin-1"))
    assert study.lines_of(tmp_path / "right.txt") == ["Åbo", "Espoo"] and capsys.readouterr().out == ""
    for bad, kind in (("wrong.txt", "UnicodeDecodeError"), ("lost.txt", "FileNotFoundError"), ("", "IsADirectory")):
        assert study.lines_of(tmp_path / bad) == []
        out = capsys.readouterr().out
        assert "cannot be read as text in UTF-8 (" in out and (kind in out or not bad) and out.count("\n") == 1


@pytest.fixture
def program(tmp_path):
    """The program of the notebook in a folder of its own: a function of its arguments, and the parts of a model."""
    cells = ["".join(c["source"]) for c in NOTEBOOKS["04b"]]
    text = "".join(cell.split("'''")[1] for cell in cells if "_half = '''" in cell)
    assert "utils" not in text
    (tmp_path / "write_names.py").write_text(text, encoding="utf-8")
    (tmp_path / "names.txt").write_text("Aalto\nvan der Virta\n", encoding="utf-8")
    settings = {"mass": 0.9, "max_length": 20, "plain": {"ø": "o"}}
    parts = new_model(4, np.random.default_rng(0)) | {"tokens": np.array(LETTERS.tokens)}
    np.savez(tmp_path / "model.npz", **parts, settings=np.array(json.dumps(settings)))

    def run(*arguments):
        command = [sys.executable, "write_names.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return tmp_path, parts, settings, run


def test_the_program_runs_without_the_course(program):
    _, parts, _, run = program
    answer = json.loads(run("model.npz", "0", "names.txt").stdout)
    assert len(answer["written"]) == 6
    P = {name: parts[name] for name in ("Wax", "Waa", "ba", "Wya", "by")}
    assert answer["bits"] == pytest.approx(bits_per_letter(P, ["aalto", "vandervirta"]), abs=1e-9)


def test_the_program_refuses_in_one_sentence(program):
    folder, parts, settings, run = program

    def stored(name, settings=settings, **changes):
        np.savez(folder / name, **parts | changes, settings=np.array(json.dumps(settings)))
        return name

    (folder / "text.npz").write_text("no model")
    (folder / "empty.txt").write_text("1 2 3\n")
    (folder / "latin.txt").write_bytes("Mäki".encode("latin-1"))
    refusals = {
        ("text.npz", "0", "names.txt"): "text.npz is not a stored model of names (",
        ("lost.npz", "0", "names.txt"): "There is no file lost.npz.",
        (stored("no_mass.npz", {"max_length": 3, "plain": {}}), "0", "names.txt"): "no_mass.npz is not a stored model",
        (stored("word.npz", settings | {"mass": "much"}), "0", "names.txt"): "word.npz is not a stored model",
        (stored("tokens.npz", tokens=np.array(["a", "b"])), "0", "names.txt"): "tokens.npz is not a stored model",
        (stored("flat.npz", ba=np.array(0.0)), "0", "names.txt"): "flat.npz is not a stored model",
        (stored("turned.npz", Wax=parts["Wax"].T), "0", "names.txt"): "turned.npz: Wax should be (4, 28)",
        (stored("nan.npz", by=parts["by"] * np.nan), "0", "names.txt"): "nan.npz: by holds something that is no number",
        (stored("words.npz", by=parts["by"].astype(str)), "0", "names.txt"): "words.npz: by holds something",
        ("model.npz", "0", "lost.txt"): "lost.txt cannot be read as a list of names (FileNotFoundError).",
        ("model.npz", "0", "latin.txt"): "latin.txt cannot be read as a list of names (UnicodeDecodeError).",
        ("model.npz", "0", "empty.txt"): "There is no name in empty.txt.",
        ("model.npz", "0"): "Three things are needed",
        ("model.npz", "one", "names.txt"): "Three things are needed",
    }
    for arguments, sentence in refusals.items():
        ended = run(*arguments)
        assert ended.returncode == 1 and ended.stdout == "" and len(ended.stderr.splitlines()) == 1, arguments
        assert ended.stderr.startswith(sentence), (arguments, ended.stderr)


# ------------------------------------------------------------------------------------------------ the plots


def test_the_plot_of_decoders_draws_what_it_is_given(shown):
    sweep = {
        "temperature": {"setting": np.array([0.5, 1]), "bits": np.array([2.0, 3.0]), "fresh": np.array([0.5, 1.0])},
        "top-k": {"setting": np.array([2.0, 28]), "bits": np.array([1.5, 3.0]), "fresh": np.array([0.2, 1.0])},
    }
    labels = {"top-k": {2: (5, 5)}}
    assert decoders.plot_likelihood_and_diversity(sweep, title="found", real=2.6, labels=labels) is None
    axes = shown[-1]
    first, second, real = axes.lines
    assert list(first.get_xdata()) == [2, 3] and list(second.get_ydata()) == [0.2, 1]
    assert first.get_color() != second.get_color() and first.get_linestyle() != second.get_linestyle()
    assert list(real.get_xdata()) == [2.6, 2.6]
    assert axes.get_title(loc="left") == "found" and "bits per letter" in axes.get_xlabel() and axes.get_ylabel()
    assert [text.get_text() for text in axes.texts] == ["2"]


def test_the_plot_of_kept_letters_has_a_bar_for_each(shown):
    assert decoders.plot_kept(["a", "b", "the end"], [3, 1, 2], title="found", fixed=2) is None
    axes = shown[-1]
    assert [bar.get_height() for bar in axes.patches] == [3, 1, 2]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "the end"]
    assert list(axes.lines[0].get_ydata()) == [2, 2] and axes.get_title(loc="left") == "found"


def test_the_plot_of_changes_has_a_dot_for_each_training_and_a_bar_at_the_mean(shown):
    changes = {"one": np.array([-0.1, -0.3]), "two": np.array([0.3, 0.1, 0.2])}
    assert project.plot_changes(changes, title="found", xlabel="bits") is None
    axes = shown[-1]
    zero, *lines = axes.lines
    assert list(zero.get_xdata()) == [0, 0]
    assert [list(line.get_xdata()) for line in lines[::2]] == [[-0.1, -0.3], [0.3, 0.1, 0.2]]
    assert np.allclose([line.get_xdata()[0] for line in lines[1::2]], [-0.2, 0.2])
    places = dict(zip([label.get_text() for label in axes.get_yticklabels()], axes.get_yticks(), strict=True))
    assert places["one"] > places["two"] and axes.get_xlabel() == "bits" and axes.get_title(loc="left") == "found"
    assert [text.get_text() for text in axes.texts][:2] == ["−0.200", "+0.200"]
