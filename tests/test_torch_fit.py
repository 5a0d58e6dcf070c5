"""The loop around the epochs: the best weights, early stopping, the schedule of the learning rate, what is refused."""

from math import cos, log, pi

import numpy as np
import pytest
import torch
from language_models import furthest, same_weights, small_batches, small_model, weights_of
from refusals import refused

from utils.errors import CourseError
from utils.torch_port import training
from utils.torch_port.run import History
from utils.torch_port.schedule import stepping, warmup_cosine
from utils.torch_port.text_batches import NOTHING
from utils.torch_port.training import evaluate, fit, train_epoch


def test_without_anything_else_it_is_epochs_of_adam_with_decay():
    model, by_hand, batches = small_model(), small_model(), small_batches()
    history = fit(model, batches, epochs=3, learning_rate=0.02, weight_decay=0.3, limit=0.5)
    adam = torch.optim.AdamW(by_hand.parameters(), 0.02, weight_decay=0.3)
    assert history.loss == [train_epoch(by_hand, batches, adam, 0.5) for _ in range(3)]
    assert same_weights(weights_of(model), weights_of(by_hand))
    assert (history.held_out, history.best, history.learning_rates) == ([], 0, 3 * [0.02])
    plain, adam = small_model(), small_model()
    fit(plain, batches, epochs=1, learning_rate=0.02)
    train_epoch(adam, batches, torch.optim.Adam(adam.parameters(), 0.02), 1.0)
    assert same_weights(weights_of(plain), weights_of(adam))


def test_the_best_epoch_on_held_out_data_is_kept_and_patience_ends_it(capsys):
    """Noise can only be learned by heart, so that the held-out loss soon rises."""
    model, held_out, seen = small_model(), small_batches(2, seed=5), []
    history = fit(
        model, small_batches(), held_out, epochs=60, learning_rate=0.01, patience=4, progress=True,
        watch=lambda epoch, model: seen.append((epoch, weights_of(model))),
    )  # fmt: skip
    epochs = [epoch for epoch, _ in seen]
    assert epochs == list(range(1, history.best + 5)) and len(epochs) < 60
    assert len(history.loss) == len(history.held_out) == len(history.learning_rates) == len(epochs)
    assert history.best == 1 + int(np.argmin(history.held_out)) > 1
    assert same_weights(weights_of(model), seen[history.best - 1][1])
    assert not same_weights(weights_of(model), seen[-1][1])
    assert evaluate(model, held_out) == min(history.held_out)
    lines = capsys.readouterr().out.splitlines()
    bits = history.bits()
    assert bits["held out"] == [nats / log(2) for nats in history.held_out]
    words = f"{bits['while learning'][-1]:.3f} bits per step; held out {bits['held out'][-1]:.3f}"
    assert lines[-1] == f"epoch {epochs[-1]:3d} of 60: {words}" and history.line() == words


def test_the_state_is_carried_where_it_is_asked_for_in_both_halves():
    model, batches, held_out = small_model(), small_batches(), small_batches(2, seed=5)
    history = fit(model, batches, held_out, epochs=1, learning_rate=1e-9, carry=True)
    assert history.loss == pytest.approx([evaluate(small_model(), batches, carry=True)], rel=1e-6)
    assert history.held_out == pytest.approx([evaluate(small_model(), held_out, carry=True)], rel=1e-6)
    assert history.held_out != pytest.approx([evaluate(small_model(), held_out)], rel=1e-3)


def test_what_scales_the_gradients_is_used_and_kept(monkeypatch, tmp_path):
    """As on a GPU in half precision: a scale of 2^16 changes nothing, and is in the checkpoint."""
    plain, scaled, batches = small_model(), small_model(), small_batches()
    fit(plain, batches, epochs=2, limit=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16, growth_interval=4)
    monkeypatch.setattr(training, "scaler_for", lambda device, amp: scaler)
    fit(scaled, batches, epochs=2, limit=0.1, checkpoint=tmp_path / "two")
    assert furthest(weights_of(plain), weights_of(scaled)) < 1e-6
    assert scaler.get_scale() == 2.0**17  # after six steps, it was made larger once
    scaler.load_state_dict(scaler.state_dict() | {"scale": 1.0})
    fit(small_model(), batches, epochs=2, limit=0.1, resume=tmp_path / "two")
    assert scaler.get_scale() == 2.0**17


def test_of_equal_epochs_the_first_is_the_best():
    history = fit(small_model(), small_batches(), small_batches(2), epochs=9, learning_rate=1e-40, patience=2)
    assert history.best == 1 and len(set(history.held_out)) == 1 and len(history.held_out) == 3


def test_history_says_when_it_is_over():
    history = History(loss=[3.0, 2.0, 2.5], held_out=[3.0, 2.0, 2.5], best=2)
    assert not history.over(4) and history.over(3) and history.over(4, patience=1) and not history.over(4, patience=2)


@pytest.mark.parametrize(("steps", "warmup", "last"), [(10, 0.3, 0.0), (10, 0.0, 0.1), (7, 1.0, 0.0), (1, 0.0, 0.0)])
def test_the_rate_rises_in_a_line_and_falls_along_a_cosine(steps, warmup, last):
    theta = torch.nn.Parameter(torch.zeros(1))
    sgd = torch.optim.SGD([theta], 0.4)
    scheduler, rates = warmup_cosine(sgd, steps, warmup, last), []
    for _ in range(steps):
        rates.append(sgd.param_groups[0]["lr"])
        sgd.step()
        scheduler.step()
    w = round(warmup * steps)
    falling = [last + (1 - last) * (1 + cos(pi * k / (steps - w))) / 2 for k in range(steps - w)]
    want = [0.4 * k / w for k in range(1, w + 1)] + [0.4 * share for share in falling]
    assert rates == pytest.approx(want, rel=1e-12)
    assert sgd.param_groups[0]["lr"] == pytest.approx(0.4 * last if w < steps else 0.4)  # and stays there
    scheduler.step()
    assert sgd.param_groups[0]["lr"] == pytest.approx(0.4 * last, abs=1e-15)


def test_fit_steps_the_schedule_once_for_each_batch():
    model, by_hand, batches = small_model(), small_model(), small_batches()
    history = fit(model, batches, epochs=2, learning_rate=0.02, warmup=0.5)
    adam = torch.optim.AdamW(by_hand.parameters(), weight_decay=0.0)
    rates = [0.02 * share for share in (1 / 3, 2 / 3, 1, 1, 0.75, 0.25)]
    for rate, batch in zip(rates, batches * 2, strict=True):
        adam.param_groups[0]["lr"] = rate
        train_epoch(by_hand, [batch], adam, 1.0)
    assert furthest(weights_of(model), weights_of(by_hand)) < 1e-12
    assert history.learning_rates == pytest.approx([rates[0], rates[3]])


def test_a_scheduler_steps_behind_each_batch():
    class Counter:
        steps = 0

        def step(self):
            self.steps += 1

    counter, seen = Counter(), []
    for batch in stepping("abc", counter):
        seen.append((batch, counter.steps))
    assert seen == [("a", 0), ("b", 1), ("c", 2)] and counter.steps == 3


def test_a_loss_that_is_no_number_stops_the_training_with_a_sentence(tmp_path):
    model, batches = small_model(), small_batches()
    with torch.no_grad():
        model.out.bias[2] = torch.nan
    with pytest.raises(CourseError, match="^In epoch 1 the loss became nan: begin again with a smaller learning_rate"):
        fit(model, batches, checkpoint=tmp_path / "never")
    assert not (tmp_path / "never").exists()


def test_the_size_of_the_batches_is_named_when_the_memory_is_full(monkeypatch):
    class Sized(list):
        size = 48

    def full(*arguments, **options):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")

    monkeypatch.setattr(training, "train_epoch", full)
    with pytest.raises(CourseError, match=r"half as many examples into a batch \(24 instead of 48\)"):
        fit(small_model(), Sized(small_batches()))


def test_the_number_of_threads_is_that_asked_for_and_then_as_it_was():
    before, seen = torch.get_num_threads(), []
    fit(small_model(), small_batches(1), epochs=1, threads=3, watch=lambda *_: None)

    class Spy(list):
        def __iter__(self):
            seen.append(torch.get_num_threads())
            return super().__iter__()

    for threads in (1, 3):
        fit(small_model(), Spy(small_batches(1)), epochs=1, threads=threads)
    assert seen == [1, 3] and torch.get_num_threads() == before


def test_doors():
    model, batches = small_model(), small_batches()
    before = weights_of(model)
    for options, name, expected, came in (
        ({"epochs": 0}, "epochs", "at least 1", "0"),
        ({"learning_rate": 0.0}, "learning_rate", "above 0", "0.0"),
        ({"weight_decay": -0.1}, "weight_decay", "at least 0", "-0.1"),
        ({"limit": 0}, "limit", "above 0", "0"),
        ({"warmup": 1.5}, "warmup", "between 0 and 1", "1.5"),
        ({"threads": 0}, "threads", "at least 1", "0"),
        ({"patience": 0, "held_out": batches}, "patience", "at least 1", "0"),
        ({"patience": 3}, "patience", "held_out", "when to stop"),
        ({"held_out": iter(batches)}, "held_out", "every epoch", "list_iterator"),
    ):
        refused(lambda options=options: fit(model, batches, **options), name, expected, came)
    refused(lambda: fit(model, (batch for batch in batches)), "train_batches", "every epoch", "generator")
    refused(lambda: fit(model, None), "train_batches", "every epoch", "NoneType")
    refused(lambda: fit(model, []), "batches", "at least one step that counts", "got none")
    x, y = batches[0]
    refused(lambda: fit(model, batches, [(x, y * 0 + NOTHING)]), "batches", "at least one step", "got none")
    with pytest.raises(CourseError, match="^There is no device 'cuda:31' on this machine: take '"):
        fit(model, batches, device="cuda:31")
    for bad in ({"steps": 0}, {"warmup": -0.1}, {"last": 2}):
        (name,) = bad
        sgd = torch.optim.SGD(model.parameters(), 0.1)
        refused(lambda bad=bad, sgd=sgd: warmup_cosine(sgd, **({"steps": 9} | bad)), name, "", str(bad[name]))
    assert same_weights(before, weights_of(model))
