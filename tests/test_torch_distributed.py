"""Several processes with a share of each batch each learn what one process learns from the whole batch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from language_models import furthest, small_batches, small_model, weights_of
from safetensors.torch import load_file

from utils.errors import CourseError
from utils.torch_port import distributed
from utils.torch_port.distributed import main, parse, share_of, train, train_shared_epoch
from utils.torch_port.models import CharLM
from utils.torch_port.text_batches import NOTHING, NameBatches, split_names
from utils.torch_port.training import evaluate, train_epoch

SIZES = ["--epochs", "2", "--names", "92", "--batch", "9", "--embed", "4", "--hidden", "6", "--seed", "3"]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
MODULE = ["-m", "utils.torch_port.distributed"]


def launched(folder, processes, device):
    """What so many processes under torchrun left: the finished command, losses and weights."""
    files = ["--out", folder / "losses", "--weights", folder / "weights"]
    ended = subprocess.run(
        [*TORCHRUN, str(processes), *MODULE, *SIZES, "--device", device, *files],
        cwd=Path(__file__).parent.parent, text=True, capture_output=True, timeout=120,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended, json.loads((folder / "losses").read_text()), load_file(folder / "weights")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """What two processes left on the CPU."""
    return launched(tmp_path_factory.mktemp("two"), 2, "cpu")


@pytest.mark.gpu
def test_a_gpu_learns_the_same(two, tmp_path):
    _, losses, _ = launched(tmp_path, 1, "cuda")
    assert losses["loss"] == pytest.approx(two[1]["loss"], abs=1e-3)


def test_two_processes_print_one_line_an_epoch(two):
    ended, losses, _ = two
    assert losses["processes"] == 2 and len(losses["loss"]) == len(losses["held_out"]) == 2
    lines = ended.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["epoch   1 of 2", "epoch   2 of 2"]
    words = f"{losses['loss'][1] / np.log(2):.3f} bits per character; held out {losses['held_out'][1] / np.log(2):.3f}"
    assert lines[1].endswith(words)


def test_one_process_without_torchrun_says_so_and_learns_the_same(two, tmp_path, capsys):
    """83 names in batches of 9: the last batch has two, and the shares never have the same number of steps."""
    _, losses, weights = two
    files = ["--out", str(tmp_path / "losses"), "--weights", str(tmp_path / "weights")]
    assert main([*SIZES, "--device", "cpu", *files]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("One process, as this was started without torchrun; for two of them: torchrun --n")
    assert len(said) == 3
    alone = json.loads((tmp_path / "losses").read_text())
    assert alone["processes"] == 1
    for name in ("loss", "held_out"):
        assert losses[name] == pytest.approx(alone[name], rel=0, abs=1e-6)
    assert furthest(weights, load_file(tmp_path / "weights")) < 1e-6


def test_it_is_the_training_of_train_epoch(two):
    """The same again from the loop of the lesson, which knows nothing of processes."""
    _, losses, weights = two
    known, held_out = split_names(3, 92)
    torch.manual_seed(3)
    model = CharLM(27, 4, 6)
    start, adam = weights_of(model), torch.optim.Adam(model.parameters(), 0.003)
    batches = NameBatches(known, 9, np.random.default_rng(3))
    for epoch in range(2):
        assert train_epoch(model, batches, adam, 1.0) == pytest.approx(losses["loss"][epoch], abs=1e-6)
        assert evaluate(model, NameBatches(held_out, 9)) == pytest.approx(losses["held_out"][epoch], abs=1e-6)
    assert furthest(weights_of(model), weights) < 1e-6 < 0.01 < furthest(start, weights)


@pytest.mark.parametrize("world", [1, 2, 3, 4, 6])
def test_shares_are_the_whole_batch_and_never_empty(world):
    x, y = small_batches(1)[0]
    shares = [share_of(x, y, rank, world) for rank in range(world)]
    assert all(len(own_x) == len(own_y) >= 1 for own_x, own_y in shares)
    rows = sorted(row for own_x, own_y in shares for row in torch.cat([own_x, own_y], 1).tolist() if max(row[6:]) >= 0)
    assert rows == sorted(torch.cat([x, y], dim=1).tolist())
    for own_x, own_y in shares[4:]:
        assert (own_x == 0).all() and (own_y == NOTHING).all()


def test_gradients_of_weighted_shares_have_the_gradient_of_the_batch_as_their_mean(monkeypatch):
    """What DDP does, by hand: the mean over processes of ∇(nats_r W / N), one of them with nothing to read."""
    x, y = small_batches(1)[0]
    world, steps, gradients = 5, (y != NOTHING).sum(), []
    monkeypatch.setattr(distributed, "sum_over_processes", lambda own: own + 1 if own.dim() else steps)
    for rank in range(world):
        model = small_model()
        still = torch.optim.SGD(model.parameters(), 0.0)
        train_shared_epoch(model, [(x, y)], still, 1e9, rank, world)
        gradients.append([theta.grad for theta in model.parameters()])
    whole = small_model()
    train_epoch(whole, [(x, y)], torch.optim.SGD(whole.parameters(), 0.0), 1e9)
    for theta, *shares in zip(whole.parameters(), *gradients, strict=True):
        assert (torch.stack(shares).mean(dim=0) - theta.grad).abs().max() < 1e-12


def test_a_batch_that_is_too_small_to_share_is_one_sentence():
    with pytest.raises(CourseError) as caught:
        train(parse(["--batch", "1"]), rank=0, world=2)
    assert str(caught.value) == (
        "A batch of 1 names cannot be shared by 2 processes: take --batch 2 or more, or start fewer processes."
    )


def test_more_processes_than_gpus_is_one_sentence_and_said_once(monkeypatch, capsys):
    for name, value in {"RANK": "1", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2", "WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert main(["--device", "cuda"]) == 1
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("RANK", "0")
    assert main(["--device", "cuda"]) == 1
    words = "2 processes need 2 GPUs and this machine has 1: start fewer, or take --device cpu.\n"
    assert capsys.readouterr().err == words


def test_the_command_line(capsys):
    assert parse([]).epochs == 10 and parse([]).out is None
    for wrong in (["--epochs", "many"], ["--device", "tpu"], ["--bacth", "3"]):
        with pytest.raises(SystemExit):
            parse(wrong)
    capsys.readouterr()
    assert main(["--epochs", "0"]) == 1
    assert capsys.readouterr().err == "--epochs must be a whole number of at least 1, got 0.\n"
    assert main(["--names", "0"]) == 1
    assert capsys.readouterr().err == "--names must be a whole number of at least 2, got 0.\n"
    assert main(["--learning-rate", "-1"]) == 1
    assert capsys.readouterr().err == "--learning-rate must be a number above 0, got -1.0.\n"
