"""The loop that all training shares: held-out data, early stopping, refusals; and what each kind of model learns."""

import numpy as np
import pytest

from utils import training
from utils.generators import END, adding_problem, alphabets
from utils.loop import _look_at
from utils.models import init_brnn, init_deep
from utils.reference import (
    adam_step,
    clip_by_norm,
    full_bptt,
    init_encoder_decoder,
    init_gru,
    init_lstm,
    init_rnn,
    minibatches,
    reverse_valid,
)
from utils.training import EVERY_STEP, TO_ONE, History, Task, evaluate, train

CELLS = {"rnn": init_rnn, "gru": init_gru, "lstm": init_lstm}


def small_task(m=200, seed=11):
    """Name the last symbol of sequences of unequal length."""
    rng = np.random.default_rng(seed)
    mask = np.arange(6) < rng.integers(1, 7, size=m)[:, None]
    indices = np.where(mask, rng.integers(3, size=mask.shape), -1)
    labels = indices[np.arange(m), mask.sum(axis=1) - 1]
    return (np.arange(3)[:, None, None] == indices).astype(float), mask, labels


def noise(m, seed):
    """Labels that have nothing to do with the sequences: whoever learns them, learns by heart."""
    x, mask, _ = small_task(m, seed)
    return x, mask, np.random.default_rng([9, seed]).integers(3, size=m)


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_learns_to_answer_once_and_at_every_step(cell):
    x, mask, labels = small_task()
    targets = np.where(mask, x.argmax(axis=0), 99)  # what stands in the padding is never looked at
    rng = np.random.default_rng(0)
    for learn, answers in ((training.train_to_one, labels), (training.train_every_step, targets)):
        P = CELLS[cell](3, 8, 3, rng)
        kept = {name: theta.copy() for name, theta in P.items()}
        _, history = learn(x, mask, answers, P, rng, epochs=12, learning_rate=0.03, batch=32)
        assert history.loss[-1] < 0.25 * history.loss[0] and history.accuracy[-1] > 0.97
        assert all(np.array_equal(P[name], kept[name]) for name in P)


@pytest.mark.parametrize("limit", [1.0, 0.01, np.inf])
def test_an_epoch_is_a_step_of_adam_on_the_clipped_mean_gradient_of_each_batch(limit):
    """Five examples in batches of two, two and one, from the functions of the lessons alone."""
    x, mask, labels = small_task(5)
    P = by_hand = init_gru(3, 4, 3, np.random.default_rng(0))
    settings = {"epochs": 2, "batch": 2, "learning_rate": 0.01, "limit": limit}
    trained, _ = training.train_to_one(x, mask, labels, P, np.random.default_rng(5), **settings)
    rng, state = np.random.default_rng(5), None
    for _ in range(2):
        for rows in minibatches(5, 2, rng):
            G, _, _ = training.to_one_gradients(x[:, rows], mask[rows], labels[rows], by_hand)
            G, _ = clip_by_norm({name: g / len(rows) for name, g in G.items()}, limit)
            by_hand, state = adam_step(by_hand, G, state, 0.01)
    assert all(np.abs(trained[name] - by_hand[name]).max() < 1e-13 for name in P)


def test_held_out_data_say_which_epoch_was_best_and_when_to_stop(capsys):
    known, held_out = noise(60, 1), noise(60, 2)
    P, settings = init_rnn(3, 24, 3, np.random.default_rng(0)), {"epochs": 40, "learning_rate": 0.02, "batch": 20}
    seen = []
    best, history = train(
        TO_ONE, known, P, np.random.default_rng(1), held_out=held_out, patience=4, progress=True,
        watch=lambda epoch, P: seen.append(P), **settings,
    )  # fmt: skip
    lengths = {len(history.loss), len(history.accuracy), len(history.held_out), len(history.held_out_accuracy)}
    assert lengths == {len(seen)} and len(seen) == history.best + 4 < 40
    assert history.best == int(np.argmin(history.held_out)) + 1
    assert all(np.array_equal(best[name], seen[history.best - 1][name]) for name in P)
    assert evaluate(TO_ONE, held_out, best)[0] == min(history.held_out)
    out = capsys.readouterr().out.splitlines()
    assert out[-1].startswith(f"epoch {len(seen):3d} of 40: ")
    assert "; held out " in out[-1] and "nats per answer" in out[-1]
    _, longer = train(TO_ONE, known, P, np.random.default_rng(1), held_out=held_out, **settings)
    assert len(longer.loss) == 40 and longer.held_out[: len(seen)] == history.held_out  # patience changes nothing else
    last, _ = train(TO_ONE, known, P, np.random.default_rng(1), **settings)
    assert any(not np.array_equal(last[name], best[name]) for name in P)


def test_of_two_equal_epochs_the_first_is_the_best():
    data, history = small_task(4), History()
    P = init_rnn(3, 2, 3, np.random.default_rng(0))
    assert _look_at(TO_ONE, data, P, history, None) is P
    assert _look_at(TO_ONE, data, dict(P), history, P) is P and history.best == 1


def test_evaluating_in_pieces_is_evaluating_at_once():
    x, mask, labels = small_task(50)
    P = init_lstm(3, 5, 3, np.random.default_rng(0))
    whole, pieces = (evaluate(TO_ONE, (x, mask, labels), P, batch) for batch in (50, 7))
    assert abs(whole[0] - pieces[0]) < 1e-13 and whole[1] == pieces[1]
    assert abs(whole[0] - training.to_one_gradients(x, mask, labels, P)[1] / 50) < 1e-13


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epochs": 0}, "epochs must be a whole number of at least 1, got 0"),
        ({"batch": 1.5}, "batch must be a whole number of at least 1, got 1.5"),
        ({"learning_rate": -1}, "learning_rate must be a number of at least 0, got -1"),
        ({"limit": 0}, "limit must be a number above 0, got 0"),
        ({"patience": 3}, "patience needs held_out"),
        ({"patience": 0, "held_out": small_task()}, "patience must be a whole number of at least 1"),
        ({"rng": 7}, "rng must be a numpy.random.Generator, got int"),
        ({"held_out": small_task()[:2]}, r"held_out must be a tuple of 3 arrays \(x, mask, labels\), got 2"),
        ({"held_out": (*small_task()[:2], small_task()[2] + 1)}, "targets must lie between 0 and 2"),
        ({"labels": small_task()[2][:-1]}, r"equally many examples in all arrays, .* got \[200, 200, 199\]"),
        ({"labels": [0] * 200}, "data must hold NumPy arrays with an axis of examples, got list"),
        ({"labels": np.where(np.arange(200) == 150, 3, small_task()[2])}, "targets must lie between 0 and 2"),
        ({"mask": ~small_task()[1]}, "pad on the right"),
    ],
)
def test_what_cannot_work_is_refused_before_the_first_step(settings, words):
    x, mask, labels = small_task()
    given = {"x": x, "mask": mask, "labels": labels, "rng": np.random.default_rng(0)} | settings
    P = init_rnn(3, 4, 3, np.random.default_rng(0))
    epochs = []
    with pytest.raises(ValueError, match=words) as error:
        training.train_to_one(P=P, watch=lambda epoch, P: epochs.append(epoch), **given)
    assert epochs == [] and "\n" not in str(error.value)


def test_a_mask_without_any_step_is_refused_and_an_empty_example_is_not():
    x, mask, _ = small_task()
    P, rng = init_rnn(3, 4, 3, np.random.default_rng(0)), np.random.default_rng(0)
    with pytest.raises(ValueError, match="mask must let at least one step count"):
        training.train_every_step(x, np.zeros_like(mask), np.zeros(mask.shape, int), P, rng)
    mask[:3] = False
    trained, _ = training.train_every_step(x, mask, np.zeros(mask.shape, int), P, rng, epochs=1, batch=1)
    assert all(np.isfinite(theta).all() for theta in trained.values())


def test_a_task_of_ones_own_needs_no_more_than_a_pass():
    """A straight line through noise, by the same loop."""

    def line(P, x, y):
        off = P["w"] @ x + P["b"] - y
        return float(np.square(off).sum()), off, lambda: {"dw": 2 * off @ x.T, "db": 2 * off.sum(axis=1, keepdims=True)}

    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 200))
    y = np.array([[3.0, -1.0]]) @ x + 0.5
    task = Task(line, (1, 1), lambda off, x, y: (None, off.size), unit="squared error")
    P, history = train(task, (x, y), {"w": np.zeros((1, 2)), "b": np.zeros((1, 1))}, rng, epochs=60, learning_rate=0.05)
    assert np.abs(P["w"] - [[3, -1]]).max() < 0.05 and abs(P["b"][0, 0] - 0.5) < 0.05
    assert history.accuracy == [] and history.loss[-1] < 0.01 < history.loss[0]


def test_a_number_is_learned_and_its_loss_is_the_mean_squared_error(capsys):
    x, y = adding_problem(np.random.default_rng(0), 300, 4)
    P = init_gru(2, 12, 1, np.random.default_rng(0))
    settings = {"epochs": 1, "learning_rate": 0.0, "held_out": (x, y)}
    _, history = training.train_to_number(x, y, P, np.random.default_rng(0), **settings)
    assert abs(history.loss[0] - np.mean((training.to_number_pass(P, x, y)[1] - y) ** 2)) < 1e-12
    assert abs(history.loss[0] - history.held_out[0]) < 1e-12 and history.held_out_accuracy == []
    capsys.readouterr()
    settings = {"epochs": 25, "learning_rate": 0.02, "batch": 30, "progress": True}
    _, history = training.train_to_number(x, y, P, np.random.default_rng(0), **settings)
    assert history.loss[-1] < 0.02 and "squared error" in capsys.readouterr().out


def test_tags_that_the_future_decides_need_both_directions():
    """Is the next symbol a 1? Reading from the left alone cannot know."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(2, 8, size=120)
    mask = np.arange(7) < lengths[:, None]
    bits = np.where(mask, rng.integers(2, size=mask.shape), 0)
    y = np.zeros((1, *mask.shape))
    y[0, :, :-1] = bits[:, 1:]
    x = (np.arange(2)[:, None, None] == np.where(mask, bits, -1)).astype(float)
    assert np.array_equal(reverse_valid(reverse_valid(x, lengths), lengths), x)
    settings = {"epochs": 25, "batch": 20, "learning_rate": 0.03}
    _, one = training.train_tagger(x, mask, y, init_rnn(2, 8, 1, rng), rng, **settings)
    _, both = training.train_tagger(x, mask, y, init_brnn(2, 4, 1, rng), rng, **settings)
    assert one.accuracy[-1] < 0.75 and both.accuracy[-1] > 0.97


def test_an_encoder_decoder_learns_and_runs_freely():
    x, x_mask, y, y_mask = alphabets(np.random.default_rng(0), 120, 1, 3)
    x = (np.arange(END)[:, None, None] == x).astype(float)
    P = init_encoder_decoder(END, 24, END + 1, np.random.default_rng(0))
    data, settings = (x, x_mask, y, y_mask), {"epochs": 40, "batch": 20, "learning_rate": 0.01}
    assert training.accuracy_of_decoding(*data, P, END)[1] < 0.2
    P, history = training.train_encoder_decoder(*data, P, np.random.default_rng(0), held_out=data, **settings)
    symbols, answers = training.accuracy_of_decoding(*data, P, END)
    assert history.held_out_accuracy[-1] > 0.9 and symbols > 0.85 and answers > 0.8


def test_decoding_is_scored_symbol_by_symbol_and_as_a_whole(monkeypatch):
    targets = np.array([[3, 2, 4, -1], [2, 4, -1, -1], [3, 2, 1, 4]])
    y_mask = targets >= 0
    written = [[3, 2], [], [3, 1, 1, 0]]  # right; ended at once; one wrong symbol, and no end in time
    monkeypatch.setattr(training, "decode_greedy", lambda *given: written)
    symbols, answers = training.accuracy_of_decoding(None, None, targets, y_mask, {}, 4)
    assert symbols == (3 + 0 + 2) / 9 and answers == 1 / 3


def test_teacher_forcing_shifts_the_answers_and_never_shows_the_padding():
    targets = np.array([[2, 0, -1], [1, 2, 0]])
    x, x_mask, y_in, put, y_mask = training.teacher_forced(None, None, targets, targets >= 0, 3)
    assert y_in[:, 0].T.tolist() == [[0, 0, 0], [0, 0, 1], [1, 0, 0]] and put.min() == 0
    assert y_in[:, 1].T.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_layers_learn_with_dropout_which_is_off_where_nothing_is_learned():
    x, mask, _ = small_task(100)
    targets = np.where(mask, x.argmax(axis=0), 0)
    P = init_deep(3, 10, 3, 2, np.random.default_rng(0))
    data, settings = (x, mask, targets), {"batch": 20, "learning_rate": 0.02, "held_out": (x, mask, targets)}
    for keep in (1.0, 0.5):
        _, history = training.train_deep(*data, P, np.random.default_rng(1), keep=keep, epochs=20, **settings)
        assert history.held_out_accuracy[-1] > 0.95
    still = settings | {"learning_rate": 0.0, "epochs": 1}
    losses = [training.train_deep(*data, P, np.random.default_rng(1), keep=k, **still)[1] for k in (1.0, 0.5)]
    plain = evaluate(training.DEEP, data, P)[0]
    assert abs(losses[0].loss[0] - plain) < 1e-12 < abs(losses[1].loss[0] - plain)
    assert losses[0].held_out == losses[1].held_out == [plain]
    with pytest.raises(ValueError, match="keep must be"):
        training.train_deep(x, mask, targets, P, np.random.default_rng(1), keep=0)


@pytest.mark.parametrize("cell", CELLS)
def test_a_stream_is_learned_window_by_window(cell):
    """a b c a b c …: the loss of the first epoch at rate 0 is that of one long pass, because the state is carried."""
    indices = np.arange(64)[None] % 3
    x, targets = (np.arange(3)[:, None, None] == indices).astype(float), (indices + 1) % 3
    P = CELLS[cell](3, 8, 3, np.random.default_rng(0))
    _, still = training.train_on_stream(x, targets, P, window=10, learning_rate=0.0)
    zero = np.zeros((8, 1))
    _, nats, _ = full_bptt(x, targets, (zero, zero) if cell == "lstm" else zero, P)
    assert abs(still.loss[0] - nats / 64) < 1e-12
    _, history = training.train_on_stream(x, targets, P, window=8, epochs=12, learning_rate=0.03)
    assert history.loss[-1] < 0.2 < history.loss[0]
    for bad, words in (({"window": 0}, "window must be a whole number"), ({"epochs": 0}, "epochs must be")):
        with pytest.raises(ValueError, match=words):
            training.train_on_stream(x, targets, P, **bad)
    with pytest.raises(ValueError, match="targets must have shape"):
        training.train_on_stream(x, targets[:, 1:], P)


def test_a_setting_that_does_not_exist_is_an_error():
    x, mask, labels = small_task(4)
    with pytest.raises(TypeError, match="epoch"):
        training.train_to_one(x, mask, labels, init_rnn(3, 2, 3, np.random.default_rng(0)), None, epoch=3)
    assert EVERY_STEP.unit == TO_ONE.unit == "nats per answer"
