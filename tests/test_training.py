"""The training loops: gradients against PyTorch's float64 autograd, the loop itself against its promises."""

import numpy as np
import pytest
import torch

from utils.reference import init_rnn, sequence_to_one_forward
from utils.reference.initialise import init_feed_forward
from utils.training import (
    accuracy_of_classifier,
    accuracy_to_one,
    every_step_gradients,
    feed_forward_gradients,
    last_steps,
    stack_positions,
    to_one_gradients,
    train_classifier,
    train_every_step,
    train_to_one,
    word_counts,
)

n_x, n_a, n_y, m, T = 5, 4, 3, 6, 7
LENGTHS = np.array([7, 1, 3, 5, 2, 7])


@pytest.fixture
def case():
    rng = np.random.default_rng(7)
    P = init_rnn(n_x, n_a, n_y, rng)
    P |= {"ba": rng.standard_normal((n_a, 1)), "by": rng.standard_normal((n_y, 1))}
    mask = np.arange(T) < LENGTHS[:, None]
    return rng, P, rng.standard_normal((n_x, m, T)), mask


def as_torch(P):
    return {name: torch.tensor(theta, requires_grad=True) for name, theta in P.items()}


def torch_states(x, P):
    a, states = torch.zeros(n_a, x.shape[1], dtype=torch.float64), []
    for t in range(x.shape[2]):
        a = torch.tanh(P["Wax"] @ x[:, :, t] + P["Waa"] @ a + P["ba"])
        states.append(a)
    return states


def assert_same(G, P):
    assert set(G) == {"d" + name for name in P}
    for name, theta in P.items():
        expected = theta.grad.numpy()
        assert np.abs(G["d" + name] - expected).max() < 1e-12 * max(1, np.abs(expected).max()), name


def test_to_one_gradients_agree_with_autograd(case):
    rng, P, x, mask = case
    labels = rng.integers(n_y, size=m)
    G, loss, y_pred = to_one_gradients(x, mask, labels, P)
    tP = as_torch(P)
    states = torch_states(torch.tensor(x), tP)
    last = torch.stack([states[LENGTHS[i] - 1][:, i] for i in range(m)])
    expected = torch.nn.functional.cross_entropy(
        (tP["Wya"] @ last.T + tP["by"]).T, torch.tensor(labels), reduction="sum"
    )
    expected.backward()
    assert abs(loss - expected.item()) < 1e-12
    assert_same(G, tP)
    # reading the state at the last word is the same as keeping the state through the padding
    _, kept, _ = sequence_to_one_forward(x, np.zeros((n_a, m)), P, mask)
    assert np.abs(kept - y_pred).max() < 1e-14


def test_to_one_gradients_ignore_what_stands_in_the_padding(case):
    rng, P, x, mask = case
    labels = rng.integers(n_y, size=m)
    G, loss, _ = to_one_gradients(x, mask, labels, P)
    x[:, ~mask] = rng.standard_normal((n_x, int((~mask).sum())))
    again, loss_again, _ = to_one_gradients(x, mask, labels, P)
    assert abs(loss - loss_again) < 1e-12
    assert all(np.abs(G[name] - again[name]).max() < 1e-12 for name in G)


def test_every_step_gradients_agree_with_autograd(case):
    rng, P, x, mask = case
    targets = rng.integers(n_y, size=(m, T))
    G, loss, _ = every_step_gradients(x, mask, targets, P)
    tP = as_torch(P)
    logits = torch.stack([tP["Wya"] @ a + tP["by"] for a in torch_states(torch.tensor(x), tP)], dim=2)  # (n_y, m, T)
    per_step = torch.nn.functional.cross_entropy(logits.permute(1, 0, 2), torch.tensor(targets), reduction="none")
    expected = per_step[torch.tensor(mask)].sum()
    expected.backward()
    assert abs(loss - expected.item()) < 1e-11
    assert_same(G, tP)


def test_feed_forward_gradients_agree_with_autograd():
    rng = np.random.default_rng(3)
    P = init_feed_forward(n_x, n_a, n_y, rng)
    P |= {"b1": rng.standard_normal((n_a, 1)), "b2": rng.standard_normal((n_y, 1))}
    x, labels = rng.standard_normal((n_x, m)), rng.integers(n_y, size=m)
    G, loss, _ = feed_forward_gradients(x, labels, P)
    tP = as_torch(P)
    z = tP["W2"] @ torch.tanh(tP["W1"] @ torch.tensor(x) + tP["b1"]) + tP["b2"]
    expected = torch.nn.functional.cross_entropy(z.T, torch.tensor(labels), reduction="sum")
    expected.backward()
    assert abs(loss - expected.item()) < 1e-12
    assert_same(G, tP)


@pytest.mark.parametrize("bad", [[[False, True, True]], [[True, False, True]], [[False, False, False]]])
def test_last_steps_want_padding_on_the_right(bad):
    with pytest.raises(ValueError, match="pad on the right"):
        last_steps(np.array(bad))
    assert last_steps(np.array([[True, True, False], [True, False, False]])).tolist() == [1, 0]


def test_word_counts_forget_the_order_and_stacked_positions_keep_it():
    x = np.zeros((2, 1, 3))
    x[0, 0, 0] = x[1, 0, 1] = x[0, 0, 2] = 1
    assert word_counts(x)[:, 0].tolist() == [2, 1]
    assert stack_positions(x)[:, 0].tolist() == [1, 0, 0, 1, 1, 0]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n_x, m, T))
    assert np.array_equal(stack_positions(x)[n_x : 2 * n_x], x[:, :, 1])


def small_task():
    """Name the last symbol of sequences of unequal length: an RNN of eight units learns it in a second."""
    rng = np.random.default_rng(11)
    mask = np.arange(6) < rng.integers(1, 7, size=200)[:, None]
    indices = np.where(mask, rng.integers(3, size=mask.shape), -1)
    labels = indices[np.arange(200), last_steps(mask)]
    return (np.arange(3)[:, None, None] == indices).astype(float), mask, labels


def test_train_to_one_learns_repeats_itself_and_changes_nothing_it_was_given(capsys):
    x, mask, labels = small_task()
    P = init_rnn(3, 8, 3, np.random.default_rng(0))
    kept = {name: theta.copy() for name, theta in P.items()}
    runs = [train_to_one(x, mask, labels, P, np.random.default_rng(1), epochs=8, learning_rate=0.02) for _ in range(2)]
    trained, history = runs[0]
    assert len(history.loss) == len(history.accuracy) == 8
    assert history.loss[-1] < 0.1 < history.loss[0] and accuracy_to_one(x, mask, labels, trained) > 0.98
    assert all(np.array_equal(trained[name], runs[1][0][name]) for name in P)
    assert all(np.array_equal(P[name], kept[name]) for name in P)
    assert capsys.readouterr() == ("", "")


def test_progress_is_printed_on_stdout_and_only_when_asked(capsys):
    x, mask, labels = small_task()
    P = init_rnn(3, 4, 3, np.random.default_rng(0))
    train_to_one(x, mask, labels, P, np.random.default_rng(1), epochs=7, progress=True)
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].startswith("epoch   7 of 7: ") and "nats per answer" in out and err == ""


def test_the_loss_of_the_history_is_nats_per_answer():
    x, mask, labels = small_task()
    P = init_rnn(3, 4, 3, np.random.default_rng(0))
    _, history = train_to_one(x, mask, labels, P, np.random.default_rng(1), epochs=1, learning_rate=0.0)
    assert abs(history.loss[0] - to_one_gradients(x, mask, labels, P)[1] / len(labels)) < 1e-12
    targets = np.zeros(mask.shape, dtype=int)
    _, history = train_every_step(x, mask, targets, P, np.random.default_rng(1), epochs=1, learning_rate=0.0)
    assert abs(history.loss[0] - every_step_gradients(x, mask, targets, P)[1] / mask.sum()) < 1e-12


def test_train_classifier_learns_counts():
    x, _, labels = small_task()
    most = word_counts(x).argmax(axis=0)
    P = init_feed_forward(3, 16, 3, np.random.default_rng(0))
    P, history = train_classifier(word_counts(x), most, P, np.random.default_rng(1), epochs=30, learning_rate=0.02)
    assert accuracy_of_classifier(word_counts(x), most, P) > 0.93 and history.accuracy[-1] > history.accuracy[0]
    assert accuracy_of_classifier(word_counts(x), (most + 1) % 3, P) < 0.07
