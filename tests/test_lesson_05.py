"""What lesson 05 says in numbers: printed by its cells, worked by hand, and measured in bands."""

import functools
import inspect

import numpy as np
import pytest
from lessons import flat, printed, prose

from utils.baselines import LetterRuns
from utils.datasets import LANGUAGES, cat_words, load_runs, load_surnames
from utils.experiments.lesson_05 import (
    answer,
    letter_pairs,
    letters,
    most_frequent_letters,
    pad,
    pairs_network,
    plane_of,
    probabilities,
    read_language_back,
    read_letters_back,
    split_surnames,
    surname_network,
)
from utils.names import fold_name
from utils.plotting import classification
from utils.reference import (
    classify_backward,
    confusion_matrix,
    count_rnn_parameters,
    init_rnn,
    rnn_forward,
    sequence_to_one_forward,
)

SPELLINGS = list(LANGUAGES.values())
trained = functools.cache(surname_network)


@pytest.mark.parametrize(
    "code, numbers",
    [
        ("push = {", ["cat, after a: (-0.885, +0.753)", "cat, after t: (+0.400, -0.779)", "act, after t: (+0.765"]),
        ("30_000", [" 53,248 multiplications", "61,440,000 multiplications", "2,048 numbers copied"]),
        ("try_it(lambda: embed_symbols", ["[ 0.7  0.   0.7]", "[-0.3  0.  -0.3]"]),
        ("try_it(lambda: pad_left", ["[-1 -1 -1 10 14 19]", "[-1 -1 13  4 10 14]", "[12  0  2 18 10  0]"]),
        ("try_it(by_hand)", ["0.3997", "-0.7789"]),
        ("def moved_by_padding", ["left, no mask         0.000", "left, masked          0.000          0.000"]),
        ("def moved_by_padding", ["right, masked         0.000          0.000"]),
        ("try_it(tiny_gradients)", ["'dWax': [[1.339]], 'dba': [[-0.395]]"]),
        ("np.array([[True, False]])", ["'dWax': [[-0.894]], 'dba': [[-0.447]]"]),
        ("try_it(two_tests)", ["Waa  as by differences: True", "batch = sum of the words one by one: True"]),
        ("try_it(lambda: confusion_matrix", ["[[1 1 0]\n [0 1 0]\n [0 1 0]]"]),
        ("always the most frequent spelling", ["0.15 of the held-out names", "1141 held out"]),
        ("who knows only how often", ["pays 2.11 nats"]),
        ("numbers to learn: ", ["6,409 in your RNN", "runs times 9 languages = "]),
        ("names asked: ", ["1141 at lag 0, 527 at lag 7"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(code, numbers):
    for number in numbers:
        assert number in printed("05", code)


def test_the_two_ways_to_fetch_a_push_print_the_same_table():
    _, product, fetched = printed("05", "try_it(both_ways)").split("\n\n")
    assert product.split("\n")[1:] == fetched.strip().split("\n")[1:]


def test_numbers_worked_by_hand():
    turn, pushes = np.array([[0, -0.5], [0.5, 0]]), np.array([[1.0, 0], [-1.4, 0.6], [0.8, -0.6]])
    a, table = np.zeros(2), []
    for push in pushes:
        table += [turn @ a, turn @ a + push, np.tanh(turn @ a + push)]
        a = table[-1]
    text = prose("05")
    for point in table:
        words = [f"{p:.3f}".rstrip("0").rstrip(".").replace("-", "−") for p in point]
        assert f"({words[0]}, {words[1]})" in text.replace("0.400", "0.4").replace("(−0, ", "(0, ")
    assert np.array([[0.2, 0.7, -0.1], [0.5, -0.3, 0.4]])[:, 1] == pytest.approx([0.7, -0.3])
    assert np.log(9) == pytest.approx(2.20, abs=5e-3)


def test_the_way_back_by_hand():
    tiny = {"Wax": [[0.3]], "Waa": [[-0.8]], "ba": [[0.3]], "Wya": [[1.0], [-1.0]], "by": [[0.0], [0.0]]}
    tiny, x, a0 = {name: np.array(value) for name, value in tiny.items()}, np.array([[[2.0, 0.0]]]), np.array([[0.5]])
    a, y_pred, caches = sequence_to_one_forward(x, a0, tiny)
    G = classify_backward(y_pred, np.array([0]), caches, tiny)
    a_1 = caches[0][1][1][0, 0]
    da = 2 * (y_pred[0, 0] - 1)
    second = (1 - a[0, 0] ** 2) * da
    first = (1 - a_1**2) * -0.8 * second
    assert [second + first, 2 * first] == pytest.approx([G["dba"][0, 0], G["dWax"][0, 0]])
    text = prose("05").replace("−", "-")
    rows = [y_pred[0, 0] - 1, da, second, -0.8 * second, first, G["dba"][0, 0], G["dWax"][0, 0]]
    assert [f"{number:.4f}" for number in rows] == [
        "-0.5347", "-1.0695", "-1.0643", "0.8514", "0.6696", "-0.3947", "1.3392",
    ]  # fmt: skip
    assert all(f"{number:.4f}" in text for number in rows)
    _, y_pred, caches = sequence_to_one_forward(x, a0, tiny, np.array([[True, False]]))
    G = classify_backward(y_pred, np.array([0]), caches, tiny)
    assert y_pred[0, 0] == pytest.approx(0.716, abs=5e-4)
    assert [G["dba"][0, 0], G["dWax"][0, 0]] == pytest.approx([-0.447, -0.894], abs=5e-4)


def test_what_the_cells_printed_agrees_with_the_words_around_them():
    lines = printed("05", "def moved_by_padding").splitlines()[1:3]
    left, right = ([float(n) for n in line.split("mask")[1].split()] for line in lines)
    assert left[0] == 0 and 0.03 < left[1] < right[1] and 0.3 < right[0] < 0.5 and 0.3 < right[1] < 0.5
    last = printed("05", "def learn_cats").splitlines()
    assert "1.00 right" in last[-2] and last[-1].split("  ") == [f"{word}: {name}" for word, name in cat_words()]
    epochs = [line.split() for line in printed("05", "def learn_surnames").splitlines()[:8]]
    nats = [float(words[2]) for words in epochs]
    assert nats[0] < 1.6 and nats[1] < 1 and nats[7] < 0.45  # "below 1 nat after two epochs"
    tidied = [float(line.split()[2]) for line in printed("05", "def tidied").splitlines()[:3]]
    assert tidied == sorted(tidied, reverse=True)
    assert all(2.11 < n < 2.19 for n in tidied)  # just above the entropy of the classes, below log 9
    assert float(printed("05", "began as zeros").splitlines()[-1].split()[-3]) > 0.3  # "the bias has grown"


def test_the_settings_that_the_prose_names():
    text, default = flat(prose("05")), inspect.signature(surname_network).parameters
    assert len(load_surnames()) == 5706 and "holds 5,706 surnames" in text
    assert default["n_a"].default == 64 and default["epochs"].default == 8
    assert "64 numbers of state, eight epochs" in text
    assert max(letter_pairs("zz")) < 27 * 27 and len(letter_pairs("zz")) == 3
    known = {pair for name in split_surnames(0)[0] for pair in letter_pairs(name)}
    assert len(known) == 537 and "537 columns in place of 26" in text
    counts = np.bincount(np.concatenate([split_surnames(0)[1], split_surnames(0)[3]]))
    assert counts[SPELLINGS.index("Korean")] == 206 and counts[SPELLINGS.index("Chinese")] == 221
    assert sum(counts > 550) == 7


@pytest.fixture(scope="module", params=[0, 1])
def network(request):
    """Seed, parameters and history of two trainings; the notebook shows the first."""
    return request.param, *trained(request.param)


def held_out_of(seed):
    *_, names, labels = split_surnames(seed)
    return [letters(name) for name in names], labels


def test_the_network_reads_new_names_and_padding_without_a_mask_ruins_it(network):
    seed, P, history = network
    sequences, labels = held_out_of(seed)
    y_pred, H = answer(sequences, P)
    assert 0.82 < history[-1][2] < 0.88 and np.mean(y_pred.argmax(axis=0) == labels) == history[-1][2]
    assert history[-1][2] > 5 * np.bincount(labels).max() / len(labels)
    shares, moves = [], []
    for side in ("left", "right"):
        guess, moved = answer(sequences, P, side=side, masked=False)
        shares.append(np.mean(guess.argmax(axis=0) == labels))
        moves.append(np.median(np.linalg.norm(moved - H, axis=0)))
        assert np.abs(answer(sequences, P, side=side)[1] - H).max() < 1e-12
    length = np.median(np.linalg.norm(H, axis=0))
    assert np.linalg.norm(P["ba"]) > 0.3  # "the biases have grown"
    assert 0.5 < shares[0] < 0.8 and shares[1] < 0.35 and 4 < length < 5.6
    assert 0.35 * length < moves[0] < 0.8 * length and 0.85 * length < moves[1] < 1.4 * length


def test_who_is_taken_for_whom(network):
    seed, P, _ = network
    sequences, labels = held_out_of(seed)
    counts = confusion_matrix(labels, answer(sequences, P)[0].argmax(axis=0), 9)
    shares = counts / counts.sum(axis=1, keepdims=True)
    assert SPELLINGS[shares.diagonal().argmax()] == "Russian"
    assert SPELLINGS[shares.diagonal().argmin()] in ("Korean", "Chinese")
    np.fill_diagonal(shares, 0)
    korean, chinese = SPELLINGS.index("Korean"), SPELLINGS.index("Chinese")
    assert shares.argmax() == 9 * korean + chinese and 0.12 < shares.max() < 0.28
    if seed == 0:
        assert (counts[korean, chinese], counts[korean].sum()) == (8, 41)
        assert (counts[chinese, korean], counts[chinese].sum()) == (9, 48)
    else:
        assert 0 < shares[chinese, korean] < 0.5 * shares[korean, chinese]


def test_after_training_vowels_push_like_vowels_and_letters_fade(network):
    seed, P, _ = network
    columns = P["Wax"] - P["Wax"].mean(axis=1, keepdims=True)
    columns /= np.linalg.norm(columns, axis=0)
    likeness = columns.T @ columns - 2 * np.eye(26)
    vowels = letters("aeiou")
    assert all(likeness[v].argmax() in vowels for v in vowels)
    names, labels, held_names, held_labels = split_surnames(seed)
    before = init_rnn(26, 64, 9, np.random.default_rng(seed + 1))
    guess, asked = most_frequent_letters(names, held_names)
    assert 0.2 < guess[0] < 0.3 and np.all((0.1 < guess[1:]) & (guess[1:] < 0.18))  # the lowest curve
    assert asked[0] == len(held_names) and asked[7] < 0.5 * asked[0]
    kept, at_first = (read_letters_back(names, held_names, Q) for Q in (P, before))
    assert kept[0] > 0.96 and at_first[0] > 0.96 and np.all(kept[1:] < at_first[1:])
    assert read_language_back(names, labels, held_names, held_labels, before) < 0.72
    assert read_language_back(names, labels, held_names, held_labels, P) > 0.79


def test_the_road_of_kowalski_and_kolyadin(network):
    seed, P, _ = network
    sequences, labels = held_out_of(seed)
    three = [SPELLINGS.index(name) for name in ("Italian", "Polish", "Russian")]
    H = answer(sequences, P)[1]
    mean, basis, spread = plane_of(H[:, np.isin(labels, three)])
    assert 0.3 < spread < 0.5  # "less than half of the variance"
    centres = [basis.T @ (H[:, labels == k].mean(axis=1, keepdims=True) - mean) for k in three]
    for name, k in (("kowalski", 1), ("kolyadin", 2)):
        assert (name in split_surnames(seed)[2]) == (name not in split_surnames(seed)[0])
        assert name in split_surnames(0)[2]  # the lesson's split: neither was learned from
        x = (np.arange(26)[:, None, None] == np.array([letters(name)])).astype(float)
        end = basis.T @ (rnn_forward(x, np.zeros((64, 1)), P)[0][:, :, -1] - mean)
        assert np.argmin([np.linalg.norm(end - centre) for centre in centres]) == k
        p = probabilities(name, P)
        assert p.shape == (9, len(name)) and SPELLINGS[p[:, -1].argmax()] == ("Italian", "Polish", "Russian")[k]
    assert SPELLINGS[probabilities(fold_name("Yamashita"), P)[:, -1].argmax()] == "Japanese"
    strangers = {name: probabilities(name, P)[:, -1] for name in ("okafor", "nguyen", "garcia")}
    said = [(SPELLINGS[p.argmax()], round(p.max(), 2)) for p in strangers.values()]
    here = [("Greek", 0.91), ("English", 0.64), ("Italian", 0.58)]
    if seed == 0:
        assert [name for name, _ in said] == [name for name, _ in here]
        assert [p for _, p in said] == pytest.approx([p for _, p in here], abs=0.03)
    else:
        assert [there == name for (there, _), (name, _) in zip(said, here, strict=True)] == [True, False, False]


def test_yamashita_turns_over_at_s_and_back_at_h():
    japanese = probabilities("yamashita", trained(0)[0])[SPELLINGS.index("Japanese")]
    assert japanese[3] > 0.6 and japanese[4] < 0.5 and japanese[5] > 0.6 and japanese[-1] > 0.6


def test_the_plain_rival_wins_and_pairs_help():
    names, labels, held_names, held_labels = split_surnames(0)
    runs = LetterRuns(names, labels, 9)
    single = np.mean(LetterRuns(names, labels, 9, longest=1).predict(held_names) == held_labels)
    best = np.mean(runs.predict(held_names) == held_labels)
    stored = load_runs("surnames")
    assert best == pytest.approx(float(stored["letter_runs"]), abs=0.005) and 0.91 < best < 0.95
    assert 0.65 < single < 0.74 and 0.86 < stored["lstm"][-1] < 0.9 and 0.82 < stored["rnn"][-1] < 0.84
    assert runs.P["W"].size > 20 * count_rnn_parameters(26, 64, 9)
    pairs, alone = pairs_network(0)[1][-1][2], trained(0)[1][-1][2]
    assert alone + 0.3 * (best - alone) < pairs < alone + 0.7 * (best - alone)  # "about half"


def test_trained_without_a_mask_the_left_side_is_lived_with_and_the_right_is_not():
    sequences, labels = held_out_of(0)
    share = {}
    for side in ("left", "right"):
        P, _ = surname_network(0, side=side, masked=False)
        for size in (32, 1):
            pieces = [sequences[i : i + size] for i in range(0, len(sequences), size)]
            guess = np.hstack([answer(some, P, side=side, masked=False)[0] for some in pieces])
            share[side, size] = np.mean(guess.argmax(axis=0) == labels)
    assert 0.82 < share["left", 32] < 0.87 and 0.78 < share["left", 1] < 0.83
    assert 0.69 < share["right", 32] < 0.76 and 0.45 < share["right", 1] < 0.53


def test_padding_on_both_sides_holds_the_same_symbols():
    sequences = [[3], [1, 0, 2]]
    left, right = pad(sequences, T=4), pad(sequences, "right", T=4)
    assert left[0].tolist() == [[-1, -1, -1, 3], [-1, 1, 0, 2]]
    assert right[0].tolist() == [[3, -1, -1, -1], [1, 0, 2, -1]]
    assert np.array_equal(left[1], left[0] >= 0) and np.array_equal(right[1], right[0] >= 0)


def test_the_plane_keeps_what_spreads_most():
    rng = np.random.default_rng(0)
    H = np.array([[5.0], [0.1], [3.0], [0.1]]) * rng.standard_normal((4, 500))
    mean, basis, spread = plane_of(H)
    assert spread > 0.99 and np.abs(basis[[1, 3]]).max() < 0.05 and mean.shape == (4, 1)


def written_in(axes):
    return [text.get_text() for text in axes.texts]


def test_a_confusion_matrix_is_drawn_as_counted(shown):
    classification.plot_confusion(np.array([[3, 1], [0, 5]]), ["one", "two"], title="found")
    axes = shown[-1]
    assert axes.get_title(loc="left") == "found" and axes.get_xlabel() == "the network said"
    assert written_in(axes) == ["3", "1", "", "5"]
    assert axes.images[0].get_array().tolist() == [[0.75, 0.25], [0, 1]]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["one", "two"]
    with pytest.raises(ValueError, match=r"\(3, 3\)"):
        classification.plot_confusion(np.eye(2), ["a", "b", "c"], title="")


def test_the_most_frequent_letter_is_that_of_the_names_learned_from():
    share, asked = most_frequent_letters(["ba", "ca", "db"], ["xa", "a", "ba", "dd"], (0, 1))
    assert share.tolist() == [0.75, 1 / 3] and asked.tolist() == [4, 3]


def test_probabilities_are_written_in_per_cent(shown):
    classification.plot_letter_by_letter(np.array([[0.004, 0.9], [0.996, 0.1]]), "ok", ["one", "two"], title="found")
    axes = shown[-1]
    assert written_in(axes) == ["", "90", "100", "10"] and axes.get_title(loc="left") == "found"
    assert [t.get_text() for t in axes.get_xticklabels()] == ["o", "k"]
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        classification.plot_letter_by_letter(np.zeros((2, 2)), "abc", ["one", "two"], title="")


def test_two_roads_share_their_beginning(shown):
    points, labels = np.array([[0.0, 1, 4, 5], [0, 1, 4, 5]]), np.array([0, 0, 1, 1])
    roads = {"abc": np.array([[0.0, 1, 2, 3], [0, 0, 0, 0]]), "abd": np.array([[0.0, 1, 2, 2], [0, 0, 0, 5]])}
    labelled = {"title": "found", "xlabel": "first", "ylabel": "second"}
    classification.plot_states(points, labels, ["low", "high"], roads, **labelled)
    axes = shown[-1]
    assert written_in(axes) == ["low", "high", "a", "b", "abc", "0", "abd"]
    lines = [line.get_xdata().tolist() for line in axes.lines]
    assert [0, 1, 2, 3] in lines and [2, 2] in lines  # the second begins where it leaves the first
    assert axes.get_xlabel() == "first" and axes.get_title(loc="left") == "found"
    with pytest.raises(ValueError, match="two|2 paths"):
        classification.plot_states(points, labels, ["low", "high"], roads | {"b": roads["abc"]}, **labelled)
