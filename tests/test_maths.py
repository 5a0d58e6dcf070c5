"""The mathematics: textbook beside reference, what must hold for any numbers, and drawing at random."""

import inspect
import math

import numpy as np
import pytest
from nearness import BOTH, N_A, N_X, N_Y, M, T, dtypes, near

from utils import reference, textbook
from utils.checking.compare import unchanged
from utils.checking.exercises import draw, find, known
from utils.reference.initialise import init_feed_forward
from utils.text import Vocabulary


@pytest.mark.parametrize("name", known())
@pytest.mark.parametrize("seed", range(3))
def test_textbook_equals_reference_on_every_case(name, seed):
    exercise = find(name)
    for category, kwargs in exercise.cases(np.random.default_rng(seed)).items():
        kwargs_again = find(name).cases(np.random.default_rng(seed))[category]
        with np.errstate(all="ignore"):
            near(
                exercise.viewed(exercise.ask(exercise.textbook, **kwargs)),
                exercise.viewed(exercise.ask(exercise.reference, **kwargs_again)),
                1e-12 if exercise.tolerance < 1e-6 else exercise.tolerance,
            )


def _net_for_states(rng):
    P = draw.rnn_parameters(rng, N_X, N_A, N_Y)
    return rng.standard_normal((N_X, M, T)), rng.standard_normal((N_A, M)), P, draw.mask(rng, M, T)


def _gru(rng, *shape):
    shapes = {"Wu": (N_A, N_A + N_X), "Wr": (N_A, N_A + N_X), "Wcc": (N_A, N_A), "Wcx": (N_A, N_X), "Wy": (N_Y, N_A)}
    P = {name: rng.standard_normal(size) for name, size in shapes.items()}
    P |= {name: rng.standard_normal((N_A, 1)) for name in ("bu", "br", "bcc", "bcx")} | {"by": np.ones((N_Y, 1))}
    return rng.standard_normal((N_X, *shape)), rng.standard_normal((N_A, shape[0])), P


def _lstm_with_peepholes(rng):
    xt, a_prev, _ = _gru(rng, M)
    P = draw.lstm_parameters(rng, N_X, N_A, N_Y) | {name: rng.standard_normal((N_A, 1)) for name in ("pf", "pu", "po")}
    return xt, a_prev, rng.standard_normal((N_A, M)), P


def _back(rng, forward, *shape):
    """What a backward function gets: an arriving gradient and the cache of the textbook's forward function."""
    return rng.standard_normal((N_A, *shape)), forward(*(_gru(rng, *shape) if shape[0] == M else ()))[-1]


UNGRADED = {
    "draw_dropout_masks": lambda rng: (rng, 3, N_A, M, T, 0.7),
    "glorot_init": lambda rng: (N_A, N_X, rng),
    "gru_backward_reset_after": lambda rng: _back(rng, textbook.gru_forward_reset_after, M, T),
    "gru_cell_backward_reset_after": lambda rng: _back(rng, textbook.gru_cell_forward_reset_after, M),
    "gru_cell_forward_reset_after": lambda rng: _gru(rng, M),
    "gru_forward_reset_after": lambda rng: _gru(rng, M, T),
    "init_encoder_decoder": lambda rng: (N_X, N_A, N_Y, rng),
    "init_gru": lambda rng: (N_X, N_A, N_Y, rng, -1.0),
    "init_rnn": lambda rng: (N_X, N_A, N_Y, rng),
    "long_memory_biases": lambda rng: (N_A, 40, rng),
    "lstm_cell_forward_peephole": _lstm_with_peepholes,
    "rnn_states": _net_for_states,
    "rnn_states_backward": lambda rng: (np.ones((N_A, M, T)), textbook.rnn_states(*_net_for_states(rng))[1]),
    "shift_right": lambda rng: (rng.integers(N_Y, size=(M, T)), 1),
    "sigmoid": lambda rng: (rng.standard_normal((3, 4)) * 5,),
}


@pytest.mark.parametrize("name", sorted(set(textbook.__all__) - set(known())))
def test_textbook_functions_that_are_no_exercise_equal_the_reference(name):
    one, other = (UNGRADED[name](np.random.default_rng(7)) for _ in range(2))
    near(getattr(textbook, name)(*one), getattr(reference, name)(*other))


@pytest.mark.parametrize("name", textbook.__all__)
def test_both_have_the_same_signature(name):
    one, other = (inspect.signature(getattr(module, name)).parameters for module in (textbook, reference))
    assert list(one) == list(other)
    assert [p.default for p in one.values()] == [p.default for p in other.values()]


@pytest.mark.parametrize("name", textbook.__all__)
def test_everything_has_its_own_docstring(name):
    one, other = inspect.getdoc(getattr(textbook, name)), inspect.getdoc(getattr(reference, name))
    assert len(one) > 60 and len(other) > 40 and one != other


@BOTH
@pytest.mark.parametrize("m, steps", [(1, 1), (1, 4), (3, 1)])
def test_one_example_and_one_step(maths, rng, m, steps):
    P = draw.rnn_parameters(rng, N_X, N_A, N_Y)
    x, a0 = rng.standard_normal((N_X, m, steps)), rng.standard_normal((N_A, m))
    a, y_pred, (cells, kept) = maths.rnn_forward(x, a0, P)
    assert a.shape == (N_A, m, steps) and y_pred.shape == (N_Y, m, steps) and len(cells) == steps and kept is x
    want = a0
    for t in range(steps):
        want = np.tanh(P["Wax"] @ x[:, :, t] + P["Waa"] @ want + P["ba"])
        near(a[:, :, t], want)
    near(y_pred.sum(axis=0), np.ones((m, steps)))


@BOTH
def test_splitting_a_sequence_and_carrying_the_state_is_one_pass(maths, net):
    x, a0, P = net
    a, y, _ = maths.rnn_forward(x, a0, P)
    first, y_first, _ = maths.rnn_forward(x[:, :, :2], a0, P)
    rest, y_rest, _ = maths.rnn_forward(x[:, :, 2:], first[:, :, -1], P)
    near(np.concatenate([first, rest], axis=2), a)
    near(np.concatenate([y_first, y_rest], axis=2), y)


@BOTH
def test_examples_do_not_see_each_other(maths, net):
    x, a0, P = net
    a, y, _ = maths.rnn_forward(x, a0, P)
    order = [2, 0, 3, 1]
    mixed_a, mixed_y, _ = maths.rnn_forward(x[:, order], a0[:, order], P)
    near((mixed_a, mixed_y), (a[:, order], y[:, order]))
    for j in range(M):
        near(maths.rnn_forward(x[:, j : j + 1], a0[:, j : j + 1], P)[0], a[:, j : j + 1])


@BOTH
def test_the_compact_cell_is_the_cell(maths, net):
    x, a0, P = net
    Wa = np.hstack([P["Waa"], P["Wax"]])
    near(maths.rnn_cell_forward_compact(x[:, :, 0], a0, Wa, P["ba"]), maths.rnn_cell_forward(x[:, :, 0], a0, P)[0])


@BOTH
@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_changes_nothing(maths, net, side, rng):
    x, a0, P = net
    lengths = [6, 1, 3, 4]
    steps = np.arange(T)
    mask = np.array([steps < n if side == "right" else steps >= T - n for n in lengths])
    a, y, _ = maths.sequence_to_one_forward(x, a0, P, mask)
    for j in range(M):
        alone = x[:, j : j + 1][:, :, mask[j]]
        a_alone, y_alone, _ = maths.sequence_to_one_forward(alone, a0[:, j : j + 1], P)
        near((a[:, j : j + 1], y[:, j : j + 1]), (a_alone, y_alone))
    noise = np.where(mask, x, 1000.0)  # whatever stands in the padding
    near(maths.sequence_to_one_forward(noise, a0, P, mask)[:2], (a, y))


@BOTH
def test_without_a_mask_the_last_state_is_that_of_rnn_forward(maths, net):
    x, a0, P = net
    near(maths.sequence_to_one_forward(x, a0, P)[0], maths.rnn_forward(x, a0, P)[0][:, :, -1])


@pytest.mark.parametrize("name", known())
def test_inputs_are_left_alone(name):
    exercise = find(name)
    for category, kwargs in exercise.cases(np.random.default_rng(3)).items():
        before = exercise.cases(np.random.default_rng(3))[category]
        for function in (exercise.textbook, exercise.reference):
            with np.errstate(all="ignore"):
                exercise.ask(function, **kwargs)
            for key, value in before.items():
                assert key in exercise.in_place or unchanged(kwargs[key], value), f"{category}: {key}"


def test_the_reference_keeps_float32(net, rng):
    single = np.dtype(np.float32)
    x, a0 = (v.astype(single) for v in net[:2])
    P = {key: value.astype(single) for key, value in net[2].items()}
    targets, mask = rng.integers(0, N_Y, (M, T)), draw.mask(rng, M, T)
    a, y_pred, caches = reference.rnn_forward(x, a0, P)
    assert dtypes((a, y_pred, caches)) == {single}
    assert dtypes(reference.rnn_cell_forward(x[:, :, 0], a0, P)) == {single}
    assert dtypes(reference.sequence_to_one_forward(x, a0, P, mask)[:2]) == {single}
    dWya, dby, da, _ = reference.output_layer_backward(y_pred, targets, a, P, mask)
    assert dtypes((dWya, dby, da)) == {single}
    assert dtypes(reference.rnn_backward(da, caches)) == {single}
    y0, Way = y_pred[:, :, 0], P["Wya"].T.copy()
    for teacher in (None, y_pred):
        assert dtypes(reference.jordan_forward(x, y0, P | {"Way": Way}, teacher)) == {single}
    gru = find("gru_cell_forward").cases(rng)["several examples"]
    gru = {"xt": gru["xt"].astype(single), "c_prev": gru["c_prev"].astype(single)} | {
        "P": {key: value.astype(single) for key, value in gru["P"].items()}
    }
    assert dtypes(reference.gru_cell_forward(**gru)) == {single}
    assert dtypes(reference.softmax(a)) == dtypes(reference.sigmoid(a)) == {single}
    G = {"d" + k: v for k, v in P.items()}
    assert dtypes(reference.clip_by_norm(G, 0.1)[0]) == dtypes(reference.adam_step(P, G, None, 0.1)[0]) == {single}


def test_adam_changes_neither_argument(rng):
    P, G = {"W": rng.standard_normal((2, 2))}, {"dW": rng.standard_normal((2, 2))}
    kept = P["W"].copy(), G["dW"].copy()
    _, state = reference.adam_step(P, G, None, 0.1)
    moments = state[1]["W"].copy()
    reference.adam_step(P, G, state, 0.1)
    near((P["W"], G["dW"], state[1]["W"]), (*kept, moments), 0)
    assert state[0] == 1


def test_initial_weights_have_the_promised_shapes_and_spread():
    P = reference.init_rnn(400, 300, 200, np.random.default_rng(0))
    assert {k: v.shape for k, v in P.items()} == {
        "Wax": (300, 400), "Waa": (300, 300), "ba": (300, 1), "Wya": (200, 300), "by": (200, 1)
    }  # fmt: skip
    for name, inputs in [("Wax", 400), ("Waa", 300), ("Wya", 300)]:
        assert P[name].var() * inputs == pytest.approx(1.0, abs=0.03)  # 5 standard errors of a variance are below 0.03
        assert abs(P[name].mean()) * math.sqrt(P[name].size * inputs) < 5
    assert not P["ba"].any() and not P["by"].any()
    assert dtypes(reference.init_rnn(2, 3, 4, np.random.default_rng(0), np.float32)) == {np.dtype(np.float32)}
    assert {k: v.shape for k, v in init_feed_forward(2, 3, 4, np.random.default_rng(0)).items()} == {
        "W1": (3, 2), "b1": (3, 1), "W2": (4, 3), "b2": (4, 1)
    }  # fmt: skip


@BOTH
def test_draws_follow_the_probabilities(maths):
    """χ² over the first symbol of 3,000 sequences: Σ (observed - expected)² / expected, 3 degrees of freedom."""
    vocabulary = Vocabulary(("a", "<UNK>", "b", "c", "<EOS>"))
    n, draws, rng = 5, 3000, np.random.default_rng(11)
    P = {"Wax": np.zeros((1, n)), "Waa": np.zeros((1, 1)), "ba": np.ones((1, 1)), "Wya": np.zeros((n, 1))}
    P["by"] = np.log(np.array([[0.1], [0.2], [0.3], [0.25], [0.15]]))
    counts = np.zeros(n)
    for _ in range(draws):
        written = maths.sample_sequence(P, vocabulary, rng, 1)
        counts[written[0] if written else vocabulary.eos] += 1
    want = draws * np.array([0.1, 0.3, 0.25, 0.15]) / 0.8  # without <UNK>, divided by what is left
    assert counts[vocabulary.unk] == 0
    chi_square = ((counts[[0, 2, 3, 4]] - want) ** 2 / want).sum()
    assert chi_square < 16.27  # exceeded once in a thousand seeds


@BOTH
def test_a_low_temperature_takes_the_most_probable(maths):
    vocabulary = Vocabulary(("a", "b", "<UNK>", "<EOS>"))
    P = {"Wax": np.zeros((1, 4)), "Waa": np.zeros((1, 1)), "ba": np.ones((1, 1)), "Wya": np.zeros((4, 1))}
    P["by"] = np.array([[0.0], [1.0], [5.0], [0.0]])
    assert maths.sample_sequence(P, vocabulary, np.random.default_rng(0), 50, temperature=0.01) == [1] * 50


def test_one_uniform_number_a_step_is_the_same_draw():
    """What makes a hand-written look-up as right as rng.choice: both spend one number of the stream."""
    p = np.array([0.1, 0.0, 0.55, 0.05, 0.3])
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    total = p.cumsum()
    by_choice = [int(one.choice(5, p=p)) for _ in range(500)]
    by_hand = [int(np.searchsorted(total / total[-1], other.random(), side="right")) for _ in range(500)]
    assert by_choice == by_hand
    assert one.bit_generator.state == other.bit_generator.state


@BOTH
def test_one_draw_a_step_and_no_more(maths, rng):
    vocabulary = Vocabulary(("a", "b", "<UNK>", "<EOS>"))
    P = draw.rnn_parameters(rng, 4, 3, 4)
    P["by"][vocabulary.eos] -= 50
    used, counted = np.random.default_rng(5), np.random.default_rng(5)
    assert len(maths.sample_sequence(P, vocabulary, used, 9)) == 9
    counted.random(9)
    assert used.bit_generator.state == counted.bit_generator.state


@pytest.mark.parametrize("padding", [-1, 999])
def test_what_stands_at_padded_targets_does_not_matter(padding):
    rng = np.random.default_rng(3)
    y_pred, mask = rng.uniform(0.1, 1, (4, 3, 5)), np.arange(5) < np.array([[5], [2], [1]])
    targets = rng.integers(0, 4, (3, 5))
    P = {"Wax": np.ones((2, 6)), "Waa": np.eye(2), "ba": np.zeros((2, 1))}
    P |= {"Wya": rng.normal(size=(4, 2)), "by": np.zeros((4, 1))}
    a = rng.normal(size=(2, 3, 5))
    padded = np.where(mask, targets, padding)
    assert reference.sequence_loss(y_pred, padded, mask) == reference.sequence_loss(y_pred, targets, mask)
    for one, other in zip(
        reference.output_layer_backward(y_pred, padded, a, P, mask),
        reference.output_layer_backward(y_pred, targets, a, P, mask),
        strict=True,
    ):
        assert np.array_equal(one, other)
