"""What lesson 08 says in numbers: printed by its cells, worked by hand, and measured in bands."""

import numpy as np
import pytest
from lessons import flat, printed, prose

from utils.baselines import ngram_bits
from utils.datasets import load_dinosaurs, load_runs
from utils.experiments.lesson_08 import (
    SUMMARIES,
    asked_symbols,
    cut_off,
    delayed,
    delayed_tagger,
    next_letter_pass,
    shares_right,
    summary_experiment,
    summary_pass,
    summary_places,
    taggers,
    tagging_data,
    two_way_language_model,
    usual_tag,
    window_tagger,
)
from utils.generators import tagging
from utils.models import init_brnn, tagger_pass
from utils.names import LETTERS
from utils.plotting.tagging import plot_share_by_wait, plot_tags
from utils.reference import brnn_forward, gradient_check, init_rnn, sequence_loss, sigmoid

SEEDS = (0, 1, 2)  # "on three seeds"


@pytest.mark.parametrize(
    "code, numbers",
    [
        ("for seed in range(3):", [f"weights {k}:  he 0, said 0, teddy 0, the next word 0." for k in range(3)]),
        ("try_it(lambda: reverse_valid", ["[ 0.8 -0.3  0.4  0.   0. ]"]),
        ("try_it(read_from_the_end)", ["turned [0.197 0.29  0.816", "turned   [0.762"]),
        ("try_it(two_passes)", ["[ 0.537 -0.353  0.826  0.     0.   ]", "[0.627 0.274 0.762 0.    0.   ]", "0.517"]),
        ("try_it(promises)", ["upper halves differ by 0, lower halves by 0."]),
        ("try_it(lambda: round(masked_loss", ["1.2\n"]),
        ("try_it(lambda: round(binary_cross_entropy", ["1.309\n"]),
        ("try_it(one_message)", ["[[[-0.312  1.801  0.194  0.     0.   ]]]"]),
        ("share = y[0][mask]", ["7,147 words", "731 are ambiguous"]),
        ("{np.log2(symbols):.2f}", ["all 27 symbols are equally likely: 4.75 bits"]),
        (
            "always no",
            [
                "always no                   all words 0.845",
                "stored: one direction       all words 0.957, ambiguous 0.583",
            ],
        ),
        ("apart = {name: abs", ["'one direction': 0.0"]),
    ],
)
def test_a_cell_prints_the_numbers_of_the_prose(code, numbers):
    words = printed("08", code)
    for number in numbers:
        assert number in words


def test_every_gradient_of_the_lesson_is_right():
    words = printed("08", "def by_differences")
    assert words.count("right") == 8 and "wrong" not in words


def test_the_promises_are_kept_and_the_whole_row_turned_breaks_them():
    words = printed("08", "def promises")
    kept, broken = words.partition("differ by ")[2].split(";")[0], words.partition("turned by ")[2].split()[0]
    assert float(kept) < 1e-12 and broken == "0.23"


def test_what_is_worked_by_hand():
    assert np.round(np.tanh([1.0, 0.2, 0.2 + 0.5 * np.tanh(0.2)]), 3).tolist() == [0.762, 0.197, 0.29]
    fwd = [np.tanh(0.6), np.tanh(-0.1 - 0.5 * np.tanh(0.6))]
    bwd = np.tanh(-0.1 + 0.5 * np.tanh(1))
    assert round(2 * fwd[1], 3) == -0.705 and round(2 * fwd[1] + bwd + 0.5, 3) == 0.068
    assert round(1 - fwd[1] ** 2, 3) == 0.876 and round(1 - bwd**2, 3) == 0.925
    assert np.round(-np.log([0.9, 0.5, 0.6]), 3).tolist() == [0.105, 0.693, 0.511]
    assert sigmoid(np.array(40.0)) == 1 and np.logaddexp(0, 40) == pytest.approx(40)
    for mean, places in ((0.28, 5), (0.19, 10)):
        assert (1.2 + 0.1 * (places - 3)) / places == pytest.approx(mean)
        assert f"/{places} = {mean}" in flat(prose("08"))


def test_the_odds_of_the_grammar_are_those_of_the_prose():
    assert tagging.LEANING == 59 and "teddy" in tagging.NAMELY and "rose" not in tagging.NAMELY
    assert all(word in tagging.ORDINARY for word in "teddy rose mark will grace bill pearl dawn".split())
    assert (1 + tagging.LEANING / 100) / 2 == pytest.approx(0.795)


@pytest.fixture(scope="module", params=SEEDS)
def trained(request):
    """Sentences and the two taggers of one seed: other sentences and other starting weights each time."""
    known, fresh, _ = tagging_data(request.param)
    return request.param, known, fresh, taggers(known, request.param)


def with_lookahead(P, x, lengths, k):
    """As in section 8.8."""
    start, y_pred = np.zeros((len(P["ba_fwd"]), x.shape[1])), np.zeros((1, *x.shape[1:]))
    for t in range(x.shape[2]):
        end = min(x.shape[2], t + k + 1)
        y_pred[:, :, t] = brnn_forward(x[:, :, :end], start, start, P, np.minimum(lengths, end))[1][:, :, t]
    return y_pred


def test_one_direction_bets_and_both_know(trained):
    _, known, fresh, nets = trained
    found = {name: shares_right(tagger_pass(P, *fresh[:3])[1], fresh) for name, P in nets.items()}
    assert min(found["both"]) > 0.998
    y_pred = tagger_pass(nets["both"], *fresh[:3])[1]
    assert np.abs(np.log(y_pred / (1 - y_pred))).max() < 15  # "z stayed below 15"
    assert 0.94 < found["one direction"][0] < 0.96 and 0.53 < found["one direction"][1] < 0.585  # "0.55 to 0.57"
    assert 0.83 < shares_right(0 * y_pred, fresh)[0] < 0.86  # "always saying no"
    assert 0.57 < shares_right(usual_tag(known, fresh), fresh)[1] < 0.61  # the best bet, 0.59
    assert 0.85 < 1 - fresh[3].sum() / fresh[1].sum() < 0.92  # "nine words in ten are not ambiguous"


def test_a_window_of_two_words_after_is_as_good_and_of_one_is_not(trained):
    _, known, fresh, _ = trained
    assert min(shares_right(window_tagger(known, fresh, 1, 2), fresh)) > 0.998
    assert 0.75 < shares_right(window_tagger(known, fresh, 0, 1), fresh)[1] < 0.83


def test_two_words_of_patience_are_enough(trained):
    seed, known, fresh, nets = trained
    lengths = fresh[1].sum(axis=1)
    cut = [shares_right(with_lookahead(nets["both"], fresh[0], lengths, k), fresh)[1] for k in (0, 1, 2)]
    late = [shares_right(delayed_tagger(known, fresh, k, seed), fresh)[1] for k in (0, 1, 2)]
    assert 0.53 < cut[0] < 0.6 and 0.72 < cut[1] < 0.77 and cut[2] > 0.995
    assert 0.51 < late[0] < 0.59 and 0.74 < late[1] < 0.79 and late[2] > 0.995


def test_at_teddy_one_direction_has_no_choice(trained):
    _, _, _, nets = trained
    words, sentences = (
        tagging.tagging_words(),
        (
            "he said that teddy roosevelt came first",
            "he said that teddy bears came first",
        ),
    )
    x = np.array([[[word == w for w in s.split()] for s in sentences] for word in words], float)
    mask = np.ones(x.shape[1:], bool)
    one, both = (tagger_pass(nets[name], x, mask, mask[None] * 0.0)[1][0, :, 3] for name in ("one direction", "both"))
    assert one[0] == pytest.approx(one[1], abs=1e-12) and 0.4 < one[0] < 0.75  # "0.49 to 0.66"
    assert both[0] > 0.9 and both[1] < 0.1


def test_the_stored_run_is_told_as_it_is():
    stored = load_runs("tagging")
    assert round(float(stored["one_direction_ambiguous"]), 2) == 0.58 and stored["both_directions_ambiguous"] == 1
    assert "and 0.58 in a stored run" in flat(prose("08"))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_language_model_of_both_directions_copies_and_cannot_write(seed):
    P, held_out = two_way_language_model(seed)
    _, mask, targets = held_out
    reading, writing = next_letter_pass(P, *held_out)[1], cut_off(P, *held_out)
    bits = [sequence_loss(y_pred, targets, mask) / mask.sum() / np.log(2) for y_pred in (reading, writing)]
    assert bits[0] < 0.06 and 3.8 < bits[1] < 4.7  # "4.0 to 4.5 bits"
    names = load_dinosaurs()
    order, held = np.random.default_rng(seed).permutation(len(names)), len(names) // 10
    known, fresh = ([names[i] for i in some] for some in (order[held:], order[:held]))
    assert ngram_bits(known, fresh, 1) == pytest.approx(4.05, abs=0.015)  # "costs about 4.05"
    assert ngram_bits(known, fresh, 5) == pytest.approx(2.45, abs=0.05)  # "needs about 2.45"
    assert (writing.argmax(axis=0) == LETTERS.eos)[mask].mean() > 0.4  # "often it wants to stop"


def test_what_is_cut_off_has_not_been_read():
    P, (x, mask, targets) = two_way_language_model(0, epochs=1, m=30)
    first = cut_off(P, x, mask, targets)[:, :, 2]
    assert np.array_equal(first, cut_off(P, np.where(np.arange(x.shape[2]) > 2, 0.0, x), mask, targets)[:, :, 2])
    assert not np.allclose(first, next_letter_pass(P, x, mask, targets)[1][:, :, 2])


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_only_the_summary_from_where_each_ended_names_the_first_symbol(seed):
    found = summary_experiment(seed)
    assert found[SUMMARIES[0]] > 0.99
    assert all(0.18 < found[way] < 0.33 for way in SUMMARIES[1:])


def test_asked_for_the_last_symbol_the_wrong_summary_does_not_show():
    assert summary_experiment(0, ways=SUMMARIES[1:2], ask="last", epochs=6)[SUMMARIES[1]] == 1


@pytest.mark.parametrize("way", SUMMARIES)
def test_the_passes_of_the_experiments_have_right_gradients(way):
    rng = np.random.default_rng(0)
    x, lengths, labels = asked_symbols(rng, 3, shortest=2, longest=4)
    P = {name: value + 0.1 for name, value in init_brnn(4, 2, 4, rng).items()}
    G = summary_pass(P, x, lengths, labels, way)[2]()
    assert all(ok for _, ok in gradient_check(lambda P: summary_pass(P, x, lengths, labels, way)[0], P, G).values())
    mask, targets = np.arange(4) < lengths[:, None], rng.integers(4, size=(3, 4))
    G = next_letter_pass(P, x, mask, targets)[2]()
    assert all(ok for _, ok in gradient_check(lambda P: next_letter_pass(P, x, mask, targets)[0], P, G).values())


def test_the_places_of_a_summary():
    lengths = np.array([2, 4])
    places = [[ends.tolist() for ends in summary_places(way, lengths, 4)] for way in SUMMARIES]
    assert places == [[[1, 3], [0, 0]], [[1, 3], [1, 3]], [[3, 3], [3, 3]]]


def test_a_late_tagger_answers_for_the_word_k_steps_before():
    known, _, _ = tagging_data(0, 3, 2)
    x, mask, y = delayed(known, 2)
    assert x.shape[2] == known[0].shape[2] + 2 and not x[:, :, -2:].any()
    assert np.array_equal(y[:, :, 2:], np.where(known[1], known[2], 0)) and not y[:, :, :2].any()
    assert np.array_equal(mask.sum(axis=1), known[1].sum(axis=1) + 2)


def test_the_sizes_are_those_of_the_models():
    n_x = len(tagging.tagging_words())
    rng = np.random.default_rng(0)
    one, both = (sum(v.size for v in P.values()) for P in (init_rnn(n_x, 32, 1, rng), init_brnn(n_x, 16, 1, rng)))
    assert (one, both) == (2977, 2465)


def test_tags_are_drawn_over_their_words(shown):
    p = {"one": [np.array([0.1, 0.9]), np.array([0.5])], "two": [np.array([0.2, 0.8]), np.array([0.4])]}
    plot_tags([["he", "said"], ["teddy"]], p, title="found", yes="a name")
    upper, lower = shown[-1].figure.axes
    assert upper.get_title(loc="left") == "found" and upper.get_ylabel() == lower.get_ylabel() == "a name"
    assert [t.get_text() for t in upper.get_xticklabels()] == ["he", "said"]
    drawn = [line.get_ydata().tolist() for line in upper.lines if line.get_label() in p]
    assert drawn == [[0.1, 0.9], [0.2, 0.8]]
    assert [t.get_text() for t in upper.get_legend().get_texts()] == ["one", "two"] and lower.get_legend() is None
    with pytest.raises(ValueError, match="at most 2 models"):
        plot_tags([["he"]], dict.fromkeys("abc", [np.array([0.5])]), title="", yes="")


def test_shares_are_drawn_by_the_words_waited_for(shown):
    share = {"cut": [0.5, 0.7, 1.0], "late": [0.6, 0.8, 1.0]}
    plot_share_by_wait(np.arange(3), share, limit=[0.6, 0.9, 1.0], title="found")
    (axes,) = shown[-1].figure.axes
    assert axes.get_title(loc="left") == "found" and axes.get_xticks().tolist() == [0, 1, 2]
    assert [list(line.get_ydata()) for line in axes.lines] == [[0.5, 0.7, 1.0], [0.6, 0.8, 1.0]]
    assert [piece[0, 1] for piece in axes.collections[0].get_segments()] == [0.6, 0.9, 1.0]
    with pytest.raises(ValueError, match="at most 2 taggers"):
        plot_share_by_wait(np.arange(1), dict.fromkeys("abc", [1.0]), limit=[1.0], title="")
