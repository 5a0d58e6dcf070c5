"""Stored runs: what data/runs.npz holds lies in the bands, each experiment runs in small, the command keeps order."""

import hashlib
import io
import time

import numpy as np
import pytest

from utils.datasets import SHA256, load_runs
from utils.errors import CourseError
from utils.paths import data_file
from utils.stored_runs import EXPERIMENTS, Experiment, command, experiment, language, runs_bytes

ALL = list(EXPERIMENTS)


@pytest.mark.parametrize("name", ALL)
def test_what_is_stored_lies_in_the_bands(name):
    one, arrays = EXPERIMENTS[name], load_runs(name)
    figures = one.figures(arrays)
    assert one.outside(arrays) == []
    assert set(one.bands) == set(figures)
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert all(low <= high for low, high in one.bands.values())
    assert one.shows and one.shows[0].islower() and not one.shows.endswith(".")


@pytest.mark.parametrize("name", ALL)
def test_every_experiment_runs_in_small_and_repeats_itself(name, capsys):
    one, start = EXPERIMENTS[name], time.process_time()
    arrays = one.run(3, progress=True, **one.tiny)
    assert time.process_time() - start < 3
    assert name in capsys.readouterr().out
    again = one.run(3, progress=False, **one.tiny)
    assert capsys.readouterr() == ("", "")
    assert list(arrays) == list(again) and all(np.array_equal(arrays[key], again[key]) for key in arrays)
    assert set(one.figures(arrays)) == set(one.bands)
    assert set(arrays) == set(load_runs(name)), "data/runs.npz was made by another version: run make experiments"


def test_a_figure_outside_its_band_is_one_sentence():
    one = Experiment("tea", "", None, lambda arrays: {"heat": float(arrays["heat"].max())}, {"heat": (90, 100)}, {})
    assert one.outside({"heat": np.array([20.0, 95.0])}) == []
    assert one.outside({"heat": np.array([20.0])}) == ["tea: heat is 20.000, expected between 90 and 100."]
    assert len(one.outside({"heat": np.array([np.nan])})) == 1


def test_the_bytes_depend_on_the_arrays_alone():
    results = {"b": {"x": np.arange(3), "a": np.array(1.5)}, "a": {"z": np.ones((2, 2), np.float64)}}
    turned = {"a": results["a"], "b": {"a": results["b"]["a"], "x": results["b"]["x"]}}
    content = runs_bytes(results)
    assert content == runs_bytes(turned) != runs_bytes(results | {"a": {"z": np.zeros((2, 2))}})
    with np.load(io.BytesIO(content)) as file:
        assert file.files == ["a.z", "b.a", "b.x"] and {file[name].dtype.str for name in file.files} == {"<f4"}


def test_the_stored_file_is_what_the_command_would_write():
    path = data_file(command.FILE)
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256[command.FILE]
    results = command.stored(path)
    assert set(results) == set(EXPERIMENTS) and runs_bytes(results) == content and len(content) < 200_000


def test_loading_an_experiment_that_is_not_there_names_those_that_are():
    with pytest.raises(ValueError, match="no stored experiment 'adding problem'; there are ablation, adding"):
        load_runs("adding problem")
    assert load_runs("names")["rnn"].dtype == np.float64


def test_a_split_holds_every_name_once_and_depends_on_the_seed():
    names = [str(i) for i in range(50)]
    known, held_out = experiment.split(np.random.default_rng(0), names, 0.1)
    assert len(held_out) == 5 and sorted(known + held_out, key=int) == names
    assert held_out != experiment.split(np.random.default_rng(1), names, 0.1)[1]
    assert len(experiment.split(np.random.default_rng(0), names[:3], 0.01)[1]) == 1


def test_depths_are_compared_at_equal_numbers_of_parameters():
    arrays = load_runs("depth")
    assert arrays["parameters"].max() < 1.02 * arrays["parameters"].min()
    for L in language.DEPTHS:
        n_a = language.widest(L, 12_000, 28)
        sizes = [language.count(language.init_deep(28, n, 28, L, np.random.default_rng(0))) for n in (n_a, n_a + 1)]
        assert sizes[0] <= 12_000 < sizes[1] and n_a == arrays["units"][L - 1]


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A checkout of nothing but data/, and two experiments that take no time."""
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(command, "root", lambda: tmp_path)
    both = {}
    for name, value in (("tea", 95.0), ("milk", 5.0)):
        given = np.array(value)
        both[name] = Experiment(
            name, "", lambda seed, progress, given=given: {"heat": given + seed},
            lambda arrays: {"heat": float(arrays["heat"])}, {"heat": (value - 1, value + 1)}, {},
        )  # fmt: skip
    monkeypatch.setattr(command, "EXPERIMENTS", both)
    monkeypatch.setattr(
        command, "compute_all", lambda names, seed, processes: {name: both[name].run(seed, True) for name in names}
    )
    return tmp_path / "data" / command.FILE


def test_the_command_writes_all_replaces_some_and_only_looks_with_check(tiny, capsys):
    assert command.main(["--check"]) == 0 and not tiny.exists()
    with pytest.raises(CourseError, match="no readable .*without names"):
        command.main(["tea"])
    assert command.main([]) == 0
    assert set(command.stored(tiny)) == {"tea", "milk"}
    out = capsys.readouterr().out
    assert "tea.heat" in out and "sha256" in out and "write its size and sha256" in out
    other = command.stored(tiny)
    other["tea"]["heat"] = np.float32(12)
    tiny.write_bytes(runs_bytes(other))
    assert command.main(["tea"]) == 0
    assert {name: float(arrays["heat"]) for name, arrays in command.stored(tiny).items()} == {"tea": 95, "milk": 5}


def test_a_run_outside_its_band_writes_nothing(tiny):
    command.main([])
    before = tiny.read_bytes()
    command.EXPERIMENTS["milk"].bands["heat"] = (0, 1)
    with pytest.raises(CourseError, match=r"1 figures lie outside.*milk: heat is 5.000, .*left as it was\.") as error:
        command.main([])
    assert tiny.read_bytes() == before and "\n" not in str(error.value)
    with pytest.raises(CourseError, match="expected between 0 and 1.$"):
        command.main(["milk", "--check"])


def test_unknown_names_and_other_seeds_are_one_sentence(tiny):
    with pytest.raises(CourseError, match=r"There is no experiment 'tee' \(did you mean tea\?\)\."):
        command.main(["tee"])
    with pytest.raises(CourseError, match="Only the runs of seed 0 are stored"):
        command.main(["--seed", "1"])
    with pytest.raises(CourseError, match="2 figures lie outside"):
        command.main(["--seed", "7", "--check"])


def test_processes_of_their_own_give_the_same_numbers(monkeypatch):
    """The real pool, on a tiny experiment: what comes back is what is computed here, and no setting stays behind."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(command, "compute", tiny_tagging)
    results = command.compute_all(["tagging"], seed=2, processes=1)
    here, _ = tiny_tagging("tagging", 2)
    assert all(np.allclose(results["tagging"][key], here[key]) for key in here)
    assert "OMP_NUM_THREADS" not in command.os.environ


def tiny_tagging(name, seed):
    """In place of `command.compute`: the small sizes."""
    return EXPERIMENTS[name].run(seed, **EXPERIMENTS[name].tiny), 0.0
