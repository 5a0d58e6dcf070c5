"""Training that was stopped and goes on: bit by bit what it would have been, in new objects and in a new process."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from language_models import ARCHITECTURE, same_weights, small_batches, small_model, weights_of

from utils.torch_port.checkpoints import architecture_of, load_checkpoint, load_weights, save_checkpoint
from utils.torch_port.models import CharLM
from utils.torch_port.run import Run
from utils.torch_port.sampling import sample_batch
from utils.torch_port.text_batches import NameBatches
from utils.torch_port.training import fit, train_epoch

NAMES = ["abe", "fad", "cabdeff", "be", "efface", "deaf", "f", "acacfade"]  # of the letters that N_TOKENS = 7 know
EPOCHS = 4
KINDS = {
    "plain": {"warmup": None},
    "schedule": {"warmup": 0.4},
    "held out": {"warmup": 0.1, "weight_decay": 0.2, "held_out": True},
}


class Killed(BaseException):
    """What stops a training in the middle."""


def train(epochs=EPOCHS, *, stop=None, bits=np.random.PCG64, device="cpu", dtype=torch.float32, held_out=False, **more):
    """A training with dropout, a fresh order of names each epoch and a schedule; all it left, samples too."""
    model, rng = small_model(dropout=0.25, dtype=dtype), np.random.Generator(bits(8))
    batches, seen = NameBatches(NAMES, 3, rng), []

    def watch(epoch, model):
        seen.append(epoch)
        if epoch == stop:
            raise Killed

    history = fit(
        model, batches, small_batches(2) if held_out else None, epochs=epochs, learning_rate=0.02, device=device,
        architecture=ARCHITECTURE, watch=watch, **more,
    )  # fmt: skip
    drawn = sample_batch(model, 5, 9)
    return weights_of(model), history, seen, drawn.cpu(), rng.random(3).tolist(), torch.rand(2).tolist()


def interrupted(path, kind, **more):
    """The same training, killed after its second epoch; then everything anew, and other random numbers in between."""
    with pytest.raises(Killed):
        train(stop=2, checkpoint=path, **KINDS[kind], **more)
    torch.manual_seed(99)
    return train(resume=path, **KINDS[kind], **more)


def agree(one, other, epochs):
    assert same_weights(one[0], other[0]) and one[1] == other[1] and other[2] == epochs
    assert torch.equal(one[3], other[3]) and one[4:] == other[4:]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_stopped_and_resumed_is_the_same_bit_by_bit(kind, dtype, tmp_path):
    straight = train(**KINDS[kind], dtype=dtype)
    assert straight[2] == [1, 2, 3, 4]
    agree(straight, interrupted(tmp_path / "c", kind, dtype=dtype), [3, 4])


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_every_kind_of_generator_is_resumed(bits, tmp_path):
    agree(train(bits=bits, **KINDS["plain"]), interrupted(tmp_path / "c", "plain", bits=bits), [3, 4])


def test_the_checkpoint_of_a_whole_training_only_gives_its_best_weights(tmp_path):
    options = KINDS["held out"] | {"patience": 2, "epochs": 60}
    whole = train(checkpoint=tmp_path / "c", **options)
    assert 2 < len(whole[2]) < 60
    again = train(resume=tmp_path / "c", **options)
    assert again[2] == [] and again[1] == whole[1] and same_weights(again[0], whole[0])


def test_without_a_schedule_a_training_may_be_made_longer(tmp_path):
    train(2, checkpoint=tmp_path / "c", **KINDS["plain"])
    agree(train(**KINDS["plain"]), train(resume=tmp_path / "c", **KINDS["plain"]), [3, 4])


OTHER_PROCESS = """
import json, sys
sys.path.insert(0, "tests")
import torch
from test_torch_checkpoints import KINDS, train
weights, history, seen, drawn, *random = train(resume=sys.argv[1], **KINDS["held out"])
print(json.dumps([history.loss, history.held_out, seen, drawn.tolist(), random,
                  {name: tensor.tolist() for name, tensor in weights.items()}]))
"""


def test_another_process_goes_on_in_the_same_way(root, tmp_path):
    with pytest.raises(Killed):
        train(stop=2, checkpoint=tmp_path / "c", **KINDS["held out"])
    command = [sys.executable, "-c", OTHER_PROCESS, str(tmp_path / "c")]
    ended = subprocess.run(command, cwd=root, text=True, capture_output=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    weights, history, seen, drawn, *random = train(**KINDS["held out"])
    there = json.loads(ended.stdout)
    assert there[:2] == [history.loss, history.held_out] and there[2] == [3, 4] and seen == [1, 2, 3, 4]
    assert there[3:5] == [drawn.tolist(), random]
    assert there[5] == {name: tensor.tolist() for name, tensor in weights.items()}


KILLED = """
import os, signal, sys
sys.path.insert(0, "tests")
from test_torch_checkpoints import KINDS, train
os.replace = lambda *names: os.kill(os.getpid(), signal.SIGKILL)
train(checkpoint=sys.argv[1], **KINDS["plain"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_save_that_is_killed_leaves_the_checkpoint_before(root, tmp_path):
    train(2, checkpoint=tmp_path / "c", **KINDS["plain"])
    before = (tmp_path / "c").read_bytes()
    command = [sys.executable, "-c", KILLED, str(tmp_path / "c")]
    assert subprocess.run(command, cwd=root, capture_output=True, timeout=60).returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2  # the other one is what was half done
    assert (tmp_path / "c").read_bytes() == before
    assert train(resume=tmp_path / "c", **KINDS["plain"])[2] == [3, 4]


def test_a_loop_of_ones_own_is_saved_with_its_scaler(tmp_path):
    """Run, save_checkpoint and load_checkpoint do not need `fit`."""

    def anew():
        model = small_model(dropout=0.25, dtype=torch.float32)
        sgd = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
        scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=2)
        return Run(model, sgd, torch.optim.lr_scheduler.StepLR(sgd, 1, gamma=0.5), scaler)

    def go(run, epochs):
        for _ in range(epochs):
            run.history.loss.append(train_epoch(run.model, small_batches(), run.optimizer, 1.0, scaler=run.scaler))
            run.scheduler.step()

    straight, first, second = anew(), anew(), None
    torch.manual_seed(4)
    go(straight, 4)
    torch.manual_seed(4)
    go(first, 2)
    save_checkpoint(tmp_path / "c", first)
    second = anew()
    load_checkpoint(tmp_path / "c", second)
    go(second, 2)
    assert same_weights(weights_of(second.model), weights_of(straight.model))
    assert second.history == straight.history and second.scaler.state_dict() == straight.scaler.state_dict()
    assert second.scaler.get_scale() > 8 and second.optimizer.param_groups[0]["lr"] == pytest.approx(0.1 / 16)


def test_a_model_is_made_again_from_its_checkpoint(tmp_path):
    weights, *_ = train(checkpoint=tmp_path / "c", **KINDS["held out"])
    assert architecture_of(tmp_path / "c") == ARCHITECTURE
    model = CharLM(**architecture_of(tmp_path / "c"))
    load_weights(tmp_path / "c", model)
    assert same_weights(weights_of(model), weights)


def test_the_best_weights_or_the_last_ones(tmp_path):
    model, best, other = (small_model(seed) for seed in range(3))
    run = Run(model, torch.optim.AdamW(model.parameters()))
    for run.best, wanted in ((weights_of(best), best), (None, model)):
        save_checkpoint(tmp_path / "c", run)
        load_weights(tmp_path / "c", other)
        assert same_weights(weights_of(other), weights_of(wanted))
        load_weights(tmp_path / "c", other, best=False)
        assert same_weights(weights_of(other), weights_of(model))


def test_what_is_saved_shares_no_memory_and_tied_weights_stay_tied(tmp_path):
    model = CharLM(7, 5, 5, tied=True)
    run = Run(model, torch.optim.AdamW(model.parameters()))
    save_checkpoint(tmp_path / "c", run)
    before = weights_of(model)
    train_epoch(model, small_batches(), run.optimizer, 1.0)
    assert not same_weights(weights_of(model), before)
    load_checkpoint(tmp_path / "c", run)
    assert same_weights(weights_of(model), before) and model.out.weight is model.embed.weight


def resumes_there(device, path):
    """On a GPU sums may be taken in another order each time: near, not the same."""
    straight = train(device=device, **KINDS["schedule"])
    resumed = interrupted(path, "schedule", device=device)
    assert straight[1].loss == pytest.approx(resumed[1].loss, rel=1e-4) and resumed[2] == [3, 4]
    assert straight[1].learning_rates == resumed[1].learning_rates


def test_a_training_is_resumed_on_the_cpu(tmp_path):
    resumes_there("cpu", tmp_path / "c")


@pytest.mark.gpu
def test_a_training_is_resumed_on_a_gpu(tmp_path):
    resumes_there("cuda", tmp_path / "c")
