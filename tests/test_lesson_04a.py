"""Lesson 04, part A: its numbers are printed or computed here, its claims hold in bands for several seeds."""

import ast
import re

import matplotlib
import numpy as np
import pytest
from lessons import NOTEBOOKS, flat, printed, prose, section_of

matplotlib.use("Agg")

from utils import datasets  # noqa: E402
from utils.baselines import NGrams, ngram_bits  # noqa: E402
from utils.checking.exercise import planted  # noqa: E402
from utils.checking.exercises import find  # noqa: E402
from utils.datasets import fruit_sentences, load_dinosaurs, load_runs  # noqa: E402
from utils.experiments.lesson_04a import RATES, RULES, step_rule_experiment  # noqa: E402
from utils.loop import on_one_thread  # noqa: E402
from utils.plotting import language  # noqa: E402
from utils.reference import (  # noqa: E402
    adam_step,
    build_vocabulary,
    clip_by_norm,  # noqa: F401 - for the notebook's own functions
    encode,
    init_rnn,
    rnn_forward,
    sample_sequence,
    sequence_log_probability,
    shift_targets,
)
from utils.text import Vocabulary  # noqa: E402
from utils.training import EVERY_STEP, evaluate, every_step_gradients, train_every_step  # noqa: E402

TEXT = flat(prose("04a"))


def of_the_notebook(name):
    """A function that a cell of the solution defines, as it stands there; its names are those of the cells above."""
    cells = ["".join(c["source"]) for c in NOTEBOOKS["04a"] if c["cell_type"] == "code"]
    (cell,) = [cell for cell in cells if f"def {name}(" in cell]
    parts = [n for n in ast.parse(cell).body if isinstance(n, ast.FunctionDef | ast.ImportFrom)]
    scope = globals() | {"right_encode": encode, "right_shift": shift_targets}
    exec("\n".join(ast.unparse(part) for part in parts), scope)
    return scope[name]


batch_of = of_the_notebook("batch_of")


@pytest.mark.parametrize(
    "code, numbers",
    [
        ("build_vocabulary(text, 5)", ["['<EOS>', '<UNK>', 'the', 'and', 'fig']"]),
        ('encode("the pear".split(), five)', ["[2 1 0]"]),
        (
            "try_it(words_and_letters)",
            ["35 symbols, of which 31 are kept", "chutney, compote, crumble, sorbet", "0.4%"],
        ),
        ("shift_targets(np.array([2, 1, 0]))", ["[-1,  2,  1]", "[2, 1, 0]"]),
        ("def step_by_step", ["t = 9   reads day       is asked for <EOS>", "reads zeros     is asked for <UNK>"]),
        ("try_it(three_names)", ["14 of 18 steps count"]),
        ("sequence_log_probability(np.array([3", ["-3.26\n", "-7.824\n"]),
        ("perplexity(6 * np.log(2), 3))", ["4.0"]),
        ("bits_per_character(6 * np.log(2), 3))", ["2.0", "2.9"]),
        ("try_it(two_steps)", ["[0.9    0.9053]"]),
        ("np.random.default_rng(36), 10", ["[0.181 0.398 0.894 0.403]", "[2, 3, 4]"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(code, numbers):
    for number in numbers:
        assert number in printed("04a", code)


def test_numbers_worked_by_hand():
    assert 0.4 * 0.4 * 0.4 * 0.6 == pytest.approx(0.0384) and np.log(0.0384) == pytest.approx(-3.26, abs=5e-3)
    assert 0.1 * 0.05 * 0.4 * 0.2 == pytest.approx(0.0004)
    assert 90 < 0.0384 / 0.0004 < 100 and "nearly a hundred times less" in TEXT
    assert np.log2(27) == pytest.approx(4.75, abs=6e-3)
    assert len("cats average 15 hours of sleep a day") == 36 and len(datasets.CATS_SLEEP) == 8
    assert "| 8 symbols | 36, with the spaces |" in TEXT
    assert 0.1**1000 == 0
    g, eps = 1e-6, 1e-8
    assert g / np.sqrt(g**2 + eps) == pytest.approx(0.01, rel=0.01) and g / (np.sqrt(g**2) + eps) > 0.98
    assert "would then move by a hundredth of a step" in TEXT


def table_of(section, head):
    """The rows of the Markdown table whose first row begins with head, as lists of texts."""
    lines = section_of("04a", section).splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith(f"| {head} |"))
    rows = []
    for line in lines[first:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows[2:]


def test_the_table_for_drawing_is_the_table_of_the_model_without_unk():
    model, drawing = table_of("4.4", "next"), table_of("4.8", "next")
    p = {row[0]: [float(cell) for cell in row[1:]] for row in model}
    assert np.sum(list(p.values()), axis=0) == pytest.approx([1, 1, 1, 1])
    kept = [name for name in p if name != "`<UNK>`"]
    columns = {"start": 0, "a": 1, "r": 2, "x": 3}
    for place, column in enumerate(("start", "a", "r", "x")):
        total = 0.0
        for name, row in zip(kept, drawing, strict=True):
            share = p[name][columns[column]] / 0.8
            total += share
            assert row[0] == name
            assert [float(cell) for cell in row[1 + 2 * place : 3 + 2 * place]] == pytest.approx([share, total])


def tiny_model():
    """The model and the vocabulary of section 4.4, as their cell makes them."""
    (cell,) = ["".join(c["source"]) for c in NOTEBOOKS["04a"] if "\ntiny = {" in "".join(c["source"])]
    scope = {"np": np, "Vocabulary": Vocabulary}
    exec(cell, scope)
    return scope["tiny"], scope["three_letters"]


def test_the_draws_by_hand_tell_the_usual_slips_apart():
    """arx is what nobody gets who takes the best, keeps <UNK>, draws again, begins with symbol 0, or feeds nothing."""
    P, letters = tiny_model()
    exercise = find("sample_sequence")
    right = exercise.reference(P, letters, np.random.default_rng(36), 10)
    assert right == [2, 3, 4]
    plantable = ("most probable", "not fed back", "<UNK> can", "draws again", "is symbol 0", "second softmax")
    for words in plantable:
        (mistake,) = [m for m in exercise.mistakes if words in m.cause]
        assert planted(exercise, (mistake,))(P, letters, np.random.default_rng(36), 10) != right, words


def test_the_names_by_hand_tell_the_usual_slips_apart():
    P, _ = tiny_model()
    exercise = find("sequence_log_probability")
    right = exercise.reference(np.array([3, 2, 4, 0]), P)
    assert right == pytest.approx(np.log(0.0384), abs=1e-6)
    seen = [not np.isclose(planted(exercise, (m,))(np.array([3, 2, 4, 0]), P), right) for m in exercise.mistakes]
    assert [m.cause[:24] for m, differs in zip(exercise.mistakes, seen, strict=True) if not differs] == [
        "the state starts again f",  # Waa is zero, and the text says that only the check can tell
        "the largest probability ",  # rax is the best at every step
        "the model's own favourit",
        "the probabilities are mu",  # the product of four numbers is not yet 0
    ]


def test_adams_table_is_what_adam_does():
    P, state = {"w": np.array([[1.0]])}, None
    for g, m, v, theta in ((0.5, 0.05, 0.00025, 0.9), (-0.5, -0.005, 0.0005, 0.905)):
        P, state = adam_step(P, {"dw": np.array([[g]])}, state, 0.1)
        assert state[1]["w"].item() == pytest.approx(m) and state[2]["w"].item() == pytest.approx(v, rel=1e-2)
        assert P["w"].item() == pytest.approx(theta, abs=5e-4)
    for g in (50.0, 0.00005):  # "would have it for a gradient of 50 or of 0.00005 as well"
        P, _ = adam_step({"w": np.array([[1.0]])}, {"dw": np.array([[g]])}, None, 0.1)
        assert P["w"].item() == pytest.approx(0.9, abs=1e-4)


def names_split(seed):
    """As the notebook splits them: training names, held-out names, vocabulary."""
    names = load_dinosaurs()
    order = np.random.default_rng(seed).permutation(len(names))
    held_out, known = [names[i] for i in order[:132]], [names[i] for i in order[132:]]
    return known, held_out, Vocabulary(tuple(build_vocabulary(list("".join(known)), 28)))


def test_the_list_is_described_as_it_is():
    names = load_dinosaurs()
    assert len(names) == 1318 and "1,318 names" in TEXT
    for name in ("yanornis", "jeholornis", "poposaurus", "dinosaurus"):
        assert name in names and f"*{name}*" in TEXT
    assert {"mei", "talos", "zby", "khaan"} <= set(names)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_gradients_of_a_rare_letter_are_small(seed):
    known, _, letters = names_split(seed)
    x, mask, targets = batch_of(known, letters, encode, shift_targets)
    G, _, _ = every_step_gradients(x, mask, targets, init_rnn(28, 64, 28, np.random.default_rng(seed)))
    size = np.sqrt(np.mean(G["dWax"] ** 2, axis=0))
    ratio = size[letters.tokens.index("a")] / size[letters.tokens.index("q")]
    assert 30 < ratio < 110
    if seed == 0:
        assert 45 < ratio < 55 and "about fifty times as large" in TEXT


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_either_half_of_adam_helps_and_both_help_most(seed):
    curves = step_rule_experiment(seed)
    assert all(len(curve) == 6 for curve in curves.values())
    plain = min(curves["plain, 0.3"][-1], curves["plain, 1"][-1])
    adam, mean, size = (curves[name] for name in ("Adam", "mean alone", "usual size alone"))
    assert adam[-1] < mean[-1] < size[-1] < plain  # "The mean alone gains more than the usual size alone"
    assert mean[-1] - adam[-1] < 0.1  # "by less than a tenth of a bit each time"
    assert adam[1] < plain - 0.05  # "two epochs of Adam do more than six of plain descent"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_learning_rate_of_adam_still_matters(seed):
    curves = step_rule_experiment(seed, rates={"Adam, 0.001": 0.001, "plain, 0.3": 0.3})
    slow, plain = (curve[-1] for curve in curves.values())
    assert slow > plain + 0.03  # "behind plain descent after six epochs, on all three splits"
    assert RATES["Adam"] == 0.01


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_takes_the_step_that_it_is_named_after(rule):
    """Two steps on one weight, by hand: gradients 0.5 and -0.5, learning rate 0.1."""
    P, state = {"w": np.array([1.0])}, None
    for g in (0.5, -0.5):
        P, state = RULES[rule](P, {"dw": np.array([g])}, state, 0.1)
    second = {"plain": 1.0, "mean": 1 - 0.005 + 0.0005, "usual size": 1.0, "Adam": 0.905263}[rule]
    assert P["w"].item() == pytest.approx(second, abs=1e-5)


def test_the_rules_start_from_the_same_weights_and_differ_only_in_the_step():
    curves = step_rule_experiment(3, rates={"Adam": 0.0, "plain": 0.0}, epochs=2, n_a=6, m=60)
    assert np.array_equal(curves["Adam"], curves["plain"]) and np.ptp(curves["Adam"]) == 0


@pytest.fixture(scope="module")
def trained():
    """{split: (P, bits, best, known, held out, letters)} by the training loop of the notebook."""
    train_names, results = of_the_notebook("train_names"), {}
    for split in (0, 1, 2):
        known, held_out, letters = names_split(split)
        data = [batch_of(some, letters, encode, shift_targets) for some in (known, held_out)]
        results[split] = (*train_names(adam_step, *data), known, held_out, letters)
    return results


@pytest.mark.parametrize("split", [0, 1, 2])
def test_the_network_lies_between_trigram_and_five_gram(trained, split):
    _, bits, best, known, held_out, _ = trained[split]
    curve, learning = np.array(bits["held out"]), np.array(bits["while learning"])
    trigram, five = (ngram_bits(known, held_out, order) for order in (3, 5))
    assert 0.05 < trigram - curve.min() < 0.25  # "about a tenth of a bit less than the trigram"
    assert 0.0 < curve.min() - five < 0.15
    assert 7 <= best <= 18 and best == curve.argmin() + 1
    assert curve[:10].min() - curve.min() < 0.04 and curve[-1] > curve.min() + 0.01  # no gain worth a name after ten
    assert learning[-1] < learning[9] - 0.1 and np.all(np.diff(learning[9:]) < 0.02)  # and still it learns on
    assert 5.3 < 2 ** curve.min() < 6.3  # "between about six"


def test_what_the_notebook_prints_about_its_network():
    counts = printed("04a", "counts = len(NGrams")
    assert "14,944 counts, the network 7,772 weights" in counts and "twice as many numbers" in TEXT
    known, held_out, _ = names_split(0)
    assert len(NGrams(known, 5, 27, 4).counts) == 14944
    best = float(re.search(r"best after epoch \d+: ([\d.]+) bits", printed("04a", "def with_my_functions"))[1])
    assert 2.45 < best < 2.62
    bits = {order: round(ngram_bits(known, held_out, order), 2) for order in (0, 2, 3, 5)}
    assert bits == {0: 4.75, 2: 3.13, 3: 2.66, 5: 2.45} and "4.75 bits" in TEXT


def test_the_stored_run_rises_after_its_best_pass():
    runs = load_runs("names")
    rnn, gru = runs["rnn"], runs["gru"]
    assert len(rnn) == 40 and "40 epochs" in TEXT
    assert 0.01 < rnn[-1] - rnn.min() < 0.1  # "rises slightly"
    assert 0.15 < gru[-1] - gru.min()  # "gets clearly worse"
    assert np.all(gru[15:28] < gru.min() + 0.04) and np.all(gru[30:] > gru[:28].min() + 0.05)  # "until about epoch 28"
    assert abs(gru.min() - runs["trigram"] + 0.2) < 0.1
    known, held_out, _ = names_split(0)
    assert abs(gru.min() - ngram_bits(known, held_out, 5)) < 0.05  # "at about the level of the five-gram"
    assert ngram_bits(known, held_out, 3) == pytest.approx(float(runs["trigram"]), abs=1e-6)  # "the same split"
    assert np.all(np.diff(runs["gru_learning"]) < 0)  # "never stops falling"


@pytest.mark.parametrize("split", [0, 1, 2])
def test_what_it_writes_is_new_and_looks_like_what_it_read(trained, split):
    P, _, _, known, held_out, letters = trained[split]
    rng = np.random.default_rng(4)
    written = ["".join(letters.tokens[i] for i in sample_sequence(P, letters, rng, 30)) for _ in range(1000)]
    copies, guessed = sum(n in set(known) for n in written), sum(n in set(held_out) for n in written)
    assert copies < 15 and guessed < 5  # "fewer than one in a hundred", "rarely or not at all"
    assert len(set(written)) > 950
    ending = [np.mean([n.endswith("saurus") for n in some]) for some in (written, known)]
    length = [np.mean([len(n) for n in some]) for some in (written, known)]
    assert abs(ending[0] - ending[1]) < 0.14 and abs(length[0] - length[1]) < 1.6
    cooler = ["".join(letters.tokens[i] for i in sample_sequence(P, letters, rng, 30, 0.5)) for _ in range(1000)]
    assert 15 <= sum(n in set(known) for n in cooler) <= 80  # "three to six in a hundred are copies"
    assert np.mean([n.endswith("saurus") for n in cooler]) > ending[1] + 0.1  # "far more end in -saurus"
    careful = {tuple(sample_sequence(P, letters, rng, 30, 1e-3)) for _ in range(20)}
    assert len(careful) == 1  # always the best letter: always the same name


def test_the_copies_that_the_notebook_prints():
    warm, cool = re.findall(r"(\d+) training names, (\d+) held-out names", printed("04a", "copies, guessed"))
    assert int(warm[0]) < 10 and 15 <= int(cool[0]) <= 80 and int(warm[1]) < 5 and int(cool[1]) < 5


@pytest.mark.parametrize("split", [0, 1, 2])
def test_the_beginning_of_a_name_costs_more_than_its_end(trained, split):
    P, _, _, _, held_out, letters = trained[split]
    name = next(n for n in held_out if n.endswith("saurus") and len(n) >= 14)
    x, _, targets = batch_of([name], letters, encode, shift_targets)
    y_pred = rnn_forward(x, np.zeros((64, 1)), P)[1]
    surprise = -np.log2(y_pred[targets[0], 0, np.arange(len(name) + 1)])
    assert surprise[:-7].mean() > 2 and surprise[-5:].mean() < 0.35


@on_one_thread
def word_model(seed, data):
    """The word model of section 4.4 with other weights and other sentences."""
    known, fresh = (fruit_sentences(np.random.default_rng(s), 1000) for s in (data, 1))
    words = Vocabulary(tuple(build_vocabulary([w for sentence in known for w in sentence], 31)))
    rng = np.random.default_rng(seed)
    P, _ = train_every_step(
        *batch_of(known, words, encode, shift_targets), init_rnn(len(words), 24, len(words), rng), rng,
        held_out=batch_of(fresh, words, encode, shift_targets), epochs=12, batch=32, learning_rate=0.01,
    )  # fmt: skip
    return P, words, known, fresh


@pytest.fixture(scope="module", params=[(0, 0), (3, 0), (1, 7)])
def fruit(request):
    return word_model(*request.param)


def next_word(P, words, beginning):
    x, _, _ = batch_of([beginning.split()], words, encode, shift_targets)
    return dict(zip(words.tokens, rnn_forward(x, np.zeros((24, 1)), P)[1][:, 0, -1], strict=True))


def test_pear_where_a_pear_belongs_and_pair_where_a_pair_belongs(fruit):
    P, words, known, _ = fruit
    nats = {
        sentence: sequence_log_probability(encode(sentence.split(), words), P)
        for sentence in (
            "the apple and pear salad was fresh", "the apple and pair salad was fresh",
            "the hat and pair of gloves was new", "the hat and pear of gloves was new",
        )
    }  # fmt: skip
    pear, pair, pair_right, pear_wrong = nats.values()
    assert pear - pair > 3 and pair_right - pear_wrong > 5  # factors of 20 and of 150 at least
    assert 0.1 < next_word(P, words, "the apple and")["pear"] < 0.5
    assert next_word(P, words, "the apple and")["pair"] < 0.03 and next_word(P, words, "the hat and")["pair"] > 0.97
    followed = [b for sentence in known for a, b in zip(sentence, sentence[1:], strict=False) if a == "and"]
    assert 3 < followed.count("pair") / followed.count("pear") < 5
    assert 0.02 < next_word(P, words, "the apple and pear")["<UNK>"] < 0.15


def test_the_model_hesitates_where_the_grammar_has_a_choice(fruit):
    P, words, _, fresh = fruit
    about_fruit = [sentence for sentence in fresh if len(sentence) == 7]
    x, _, targets = batch_of(about_fruit, words, encode, shift_targets)
    y_pred = rnn_forward(x, np.zeros((24, len(about_fruit))), P)[1]
    hesitation = np.exp(-np.log(np.take_along_axis(y_pred, targets[None], axis=0)[0]).mean(axis=0))
    assert hesitation == pytest.approx([1, 8, 1, 3, 4.55, 1, 4, 1], rel=0.15)
    assert np.exp(-0.95 * np.log(0.95 / 4) - 0.05 * np.log(0.05)) == pytest.approx(4.6, abs=0.06)


def test_it_writes_sentences_without_unk(fruit):
    P, words, known, _ = fruit
    rng = np.random.default_rng(5)
    written = [tuple(words.tokens[i] for i in sample_sequence(P, words, rng, 12)) for _ in range(200)]
    assert not any("<UNK>" in sentence for sentence in written)
    lengths = [len(sentence) for sentence in written]
    assert {7, 8} <= set(lengths) and np.mean(np.isin(lengths, (7, 8))) > 0.9


@pytest.mark.parametrize("split", [0, 1])
def test_reading_the_answer_is_too_good_to_be_true(trained, split):
    _, _, _, known, held_out, letters = trained[split]
    proud_batch, train_names = of_the_notebook("proud_batch"), of_the_notebook("train_names")
    wrong = [proud_batch(some, letters) for some in (known, held_out)]
    P, bits, _ = train_names(adam_step, *wrong, epochs=4)
    assert bits["held out"][-1] < 0.02  # "less than a fiftieth of a bit"
    right = batch_of(held_out, letters, encode, shift_targets)
    assert evaluate(EVERY_STEP, right, P)[0] / np.log(2) > 9  # far worse than guessing
    rng = np.random.default_rng(6)
    written = [sample_sequence(P, letters, rng, 16) for _ in range(60)]
    repeats = np.mean([a == b for w in written for a, b in zip(w, w[1:], strict=False)])
    assert repeats > 0.8  # it repeats itself


def test_dividing_by_the_padding_flatters(trained):
    P, bits, _, _, held_out, letters = trained[0]
    x, mask, targets = batch_of(held_out, letters, encode, shift_targets)
    nats = evaluate(EVERY_STEP, (x, mask, targets), P)[0] * mask.sum()
    assert (mask.sum(), targets.size) == (1682, 2376)
    assert nats / mask.sum() / np.log(2) == pytest.approx(min(bits["held out"]))
    assert 1.7 < nats / targets.size / np.log(2) < 1.9 < ngram_bits(*names_split(0)[:2], 5)
    assert "1,682 steps that count" in printed("04a", "divided by all {targets.size")


def test_bits_by_epoch_draws_curves_levels_and_rings(shown):
    curves = {"one": np.array([3.0, 2.5, 2.6]), "two": np.array([3.2, 3.1, 3.0])}
    assert language.plot_bits_by_epoch(curves, title="It falls", levels={"five-gram": 2.4}, best={"one": 2}) is None
    (axes,) = shown
    assert axes.get_title(loc="left") == "It falls"
    assert axes.get_xlabel().startswith("epoch") and axes.get_ylabel() == "bits per character"
    one, two, level, ring = axes.lines
    assert list(one.get_xdata()) == [1, 2, 3] and list(one.get_ydata()) == [3.0, 2.5, 2.6]
    assert list(two.get_ydata()) == [3.2, 3.1, 3.0] and set(level.get_ydata()) == {2.4}
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (2, 2.5)
    assert [text.get_text() for text in axes.texts] == ["five-gram 2.40"]


def test_by_symbol_draws_a_bar_for_each_symbol_in_order(shown):
    language.plot_by_symbol(list("sas"), [3, 1, 2], title="s twice", ylabel="bits", expected=[2, 1, 2])
    (axes,) = shown
    assert [label.get_text() for label in axes.get_xticklabels()] == ["s", "a", "s"]
    assert [bar.get_height() for bar in axes.patches] == [3, 1, 2]
    assert axes.get_title(loc="left") == "s twice" and axes.get_ylabel() == "bits"
    assert [segment[0][1] for segment in axes.collections[0].get_segments()] == [2, 1, 2]
