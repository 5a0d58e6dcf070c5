"""Files that are no checkpoint, or another training's: one sentence each, and nothing is half loaded."""

import json
import os
import pickle

import numpy as np
import pytest
import torch
from language_models import ARCHITECTURE, small_batches, small_model
from safetensors.torch import load, save, save_file

from utils.errors import CourseError
from utils.torch_port import checkpoints
from utils.torch_port.checkpoints import architecture_of, load_checkpoint, load_weights, save_checkpoint
from utils.torch_port.models import CharLM
from utils.torch_port.run import Run
from utils.torch_port.training import fit, train_epoch


def a_run(seed=0, epochs=1, kind=torch.optim.AdamW, **more):
    """A run with moments in its optimizer, a history and best weights."""
    model = small_model(seed, dropout=0.25)
    run = Run(model, kind(model.parameters(), 0.1), rng=np.random.default_rng(seed), settings={"limit": 1.0}, **more)
    for _ in range(epochs):
        run.history.loss.append(train_epoch(model, small_batches(), run.optimizer, 1.0))
    run.best = run.weights()
    return run


def everything(run):
    """All that a run holds, to the bit: its text, and the bytes of its tensors."""
    tensors = {}
    text = json.dumps(checkpoints._pack(run.state(), "state", tensors))
    return text, {name: tensor.numpy().tobytes() for name, tensor in tensors.items()}


@pytest.fixture
def path(tmp_path):
    """A good checkpoint of `a_run`."""
    save_checkpoint(tmp_path / "names.safetensors", a_run(), ARCHITECTURE)
    return tmp_path / "names.safetensors"


def refused(path, run, *words, architecture=ARCHITECTURE):
    """Assert that loading ends in one sentence with these words, and that run and random numbers are as they were."""
    before, seed = everything(run), torch.get_rng_state()
    with pytest.raises(CourseError) as caught:
        load_checkpoint(path, run, architecture)
    text = str(caught.value)
    assert text.startswith(f"The checkpoint {path} ") and "\n" not in text and text.endswith(".")
    for word in words:
        assert word in text
    assert everything(run) == before and torch.equal(torch.get_rng_state(), seed)
    return text


def rewritten(path, edit):
    """The file again, with `edit` made to what its header holds besides the tensors."""
    data = path.read_bytes()
    about = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    content = json.loads(about["content"])
    edit(about, content)
    path.write_bytes(save(load(data), about | {"content": json.dumps(content)}))


def test_a_good_one_is_loaded(path):
    run = a_run(seed=5, epochs=3)
    load_checkpoint(path, run, ARCHITECTURE)
    loaded = everything(run)
    assert loaded == everything(a_run())
    load_checkpoint(path, a_run(seed=5))  # without an architecture only the weights' shapes are compared


def test_another_architecture(path):
    run = a_run(3)
    text = refused(path, run, "another architecture", architecture=ARCHITECTURE | {"n_hidden": 6, "tied": True})
    assert "n_hidden is 5 there, 6 here; tied is absent there, True here; take the same as there" in text
    wider = CharLM(7, 3, 6).double()
    other = Run(wider, torch.optim.AdamW(wider.parameters()), rng=np.random.default_rng(0), settings={"limit": 1.0})
    text = refused(path, other, "weights of other shapes", architecture=None)
    assert "rnn.weight_ih_l0 is (20, 3) float64 there, (24, 3) float64 here" in text and "; 2 more; take" in text
    with pytest.raises(CourseError, match=r"weights of other shapes: rnn.weight_ih_l0 is \(20, 3\) float64 there"):
        load_weights(path, wider)
    single = small_model(dtype=torch.float32)
    with pytest.raises(CourseError, match=r"embed.weight is \(7, 3\) float64 there, \(7, 3\) float32 here"):
        load_weights(path, single)


def test_other_parts_and_settings(path):
    refused(path, a_run(3, kind=torch.optim.Adam), "parts of other kinds: optimizer is AdamW there, Adam here;")
    run = a_run(3)
    run.scheduler = torch.optim.lr_scheduler.StepLR(run.optimizer, 1)
    refused(path, run, "scheduler is None there, StepLR here")
    run = a_run(3)
    run.rng = np.random.Generator(np.random.Philox(3))
    refused(path, run, "rng is PCG64 there, Philox here")
    run = a_run(3)
    run.settings = {"limit": 2.0, "carry": True}
    refused(path, run, "other settings: limit is 1.0 there, 2.0 here; carry is absent there, True here")


def test_fit_refuses_to_go_on_with_other_settings(tmp_path):
    batches, options = small_batches(), {"epochs": 1, "resume": tmp_path / "c"}
    fit(small_model(), batches, checkpoint=tmp_path / "c", epochs=1, warmup=0.5)
    for more, words in (
        ({"warmup": 0.5, "learning_rate": 0.1}, "learning_rate is 0.003 there, 0.1 here"),
        ({"warmup": 0.5, "epochs": 2}, "epochs is 1 there, 2 here"),
        ({"warmup": 0.5, "carry": True}, "carry is False there, True here"),
        ({"warmup": 0.5, "held_out": batches}, "held_out is False there, True here"),
        ({}, "warmup is 0.5 there, None here; epochs is 1 there, absent here"),
    ):
        with pytest.raises(CourseError) as caught:
            fit(small_model(), batches, **(options | more))
        assert words in str(caught.value)
    with pytest.raises(CourseError, match="batches is 3 there, 2 here"):
        fit(small_model(), batches[:2], **options, warmup=0.5)


def test_missing_and_unreadable_files(path, tmp_path):
    text = refused(tmp_path / "names.safetensor", a_run(3), "could not be read, No such file or directory")
    assert "(did you mean names.safetensors?); name another file, or begin anew." in text
    refused(tmp_path, a_run(3), "could not be read, Is a directory")
    for use in (architecture_of, lambda place: load_weights(place, small_model())):
        with pytest.raises(CourseError, match="could not be read, No such file"):
            use(tmp_path / "none")


def test_a_file_that_is_cut_short_anywhere(path):
    whole, run = path.read_bytes(), a_run(3)
    for length in (0, 5, 8):
        path.write_bytes(whole[:length])
        refused(path, run, "is none, or only a piece of one; name another file, or begin anew.")
    for length in (9, 200, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        refused(path, run, "is cut short or damaged; name another file")


def test_files_of_other_kinds(path, tmp_path):
    run = a_run(3)
    torch.save({"model": run.model.state_dict()}, path)
    refused(path, run, "is none, or only a piece of one")
    save_file({"embed.weight": torch.ones(7, 3)}, path)
    refused(path, run, "holds tensors of something else")
    save_file({"embed.weight": torch.ones(7, 3)}, path, {"format": "pt"})
    refused(path, run, "holds tensors of something else")


def test_reading_runs_no_code(path, tmp_path):
    """A pickle that would make a folder is a file of another kind."""

    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "boom"),)

    path.write_bytes(pickle.dumps(Bomb()))
    refused(path, a_run(3), "is none")
    torch.save(Bomb(), path)
    refused(path, a_run(3), "is none")
    assert not (tmp_path / "boom").exists()


def test_a_later_format_and_a_damaged_header(path):
    whole, run = path.read_bytes(), a_run(3)
    rewritten(path, lambda about, content: about.update(version="2"))
    refused(path, run, "has format 2, newer than 1; bring the course up to date")
    for edit in (
        lambda about, content: about.update(version="soon"),
        lambda about, content: content.pop("state"),
        lambda about, content: content["state"]["pairs"].pop(0),
        lambda about, content: content["state"]["pairs"][0].append(3),
        lambda about, content: content["state"].update(tensor="nowhere"),
    ):
        path.write_bytes(whole)
        rewritten(path, edit)
        refused(path, run, "is cut short or damaged")


@pytest.mark.parametrize("part", ["optimizer", "history", "rng", "torch_rng"])
def test_a_state_that_does_not_fit_leaves_the_run_as_it_was(part, path):
    """The weights are loaded first; what fails after them takes them back."""

    def spoil(about, content):
        pairs = dict(content["state"]["pairs"])
        pairs[part] = {"pairs": [["param_groups", []], ["state", {"pairs": []}], ["loss", 3], ["mood", "sad"]]}
        content["state"]["pairs"] = list(pairs.items())

    rewritten(path, spoil)
    refused(path, a_run(3, epochs=2), "does not fit this training, which is as it was; name another file")


def test_what_cannot_be_saved(path, tmp_path):
    with pytest.raises(ValueError, match="^architecture must be a dict of numbers and strings, got {'cell': <class"):
        save_checkpoint(path, a_run(), {"cell": torch.nn.LSTM})
    with pytest.raises(ValueError, match="^architecture must be a dict of numbers and strings, got 'CharLM'"):
        save_checkpoint(path, a_run(), "CharLM")
    with pytest.raises(CourseError, match="^Could not write .* \\((Not a directory|File exists)\\)"):
        save_checkpoint(path / "below", a_run())
    save_checkpoint(path, a_run(), {"n_hidden": np.int64(5)})
    assert architecture_of(path) == {"n_hidden": 5}


def test_without_safetensors_it_is_one_sentence(path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "safetensors.torch", None)
    for use, doing in ((architecture_of, "Reading"), (lambda place: save_checkpoint(place, a_run()), "Saving")):
        with pytest.raises(CourseError) as caught:
            use(path)
        assert str(caught.value).startswith(f"{doing} a checkpoint needs the package safetensors, which is not")
