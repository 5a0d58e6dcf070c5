"""The doctor: content with a sound installation, and each fault is seen and comes with its remedy."""

import json
import sys
from importlib import metadata

import pytest

import utils
from utils import doctor, paths


def faults(look):
    return [sentence for state, sentence in look() if state == doctor.FAULT]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A checkout that holds only what a test puts there."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    return tmp_path


def test_a_sound_installation(course):
    ended = course("doctor")
    assert ended.returncode == 0, ended.stdout
    assert "Everything that is needed is there." in ended.stdout and ended.stderr == ""


def test_a_fault_is_the_exit_code(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "data", lambda: iter([(doctor.FAULT, "gone: bring it back.")]))
    assert doctor.main([]) == 1
    assert "FAULT  gone: bring it back." in capsys.readouterr().out


def test_a_missing_core_package(monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.metadata, "version", version)
    found = faults(doctor.packages)
    assert [sentence.split()[0] for sentence in found] == ["numpy", "matplotlib"] and "make setup" in found[0]


def test_another_version_is_a_note(place):
    (place / "constraints.txt").write_text("numpy==0.1\n", encoding="utf-8")
    notes = [sentence for state, sentence in doctor.packages() if state == doctor.NOTE]
    assert any(
        "the course was tested with 0.1" in sentence and "pip install numpy==0.1" in sentence for sentence in notes
    )


@pytest.mark.parametrize("name", ["utils.py", "utils/__init__.py"])
def test_a_shadowing_utils_is_named(place, name):
    lesson = place / "work" / "01_rnn_cell"
    (lesson / "utils").mkdir(parents=True)
    (lesson / "01a_rnn_cell.ipynb").write_text("{}", encoding="utf-8")
    assert faults(doctor.package) == []
    (lesson / name).write_text("", encoding="utf-8")
    (sentence,) = faults(doctor.package)
    assert str(lesson / name) in sentence and "rename" in sentence


def test_a_foreign_utils_is_named(monkeypatch):
    monkeypatch.delattr(utils, "__course__")
    (sentence,) = faults(doctor.package)
    assert utils.__file__ in sentence and "rename that file" in sentence


def test_a_changed_data_file(place):
    (place / "data").mkdir()
    row = "| `names.txt` | 3 bytes | " + "0" * 64 + " |\n"
    (place / "data" / "README.md").write_text("| file | size | sha256 |\n|---|---|---|\n" + row, encoding="utf-8")
    (place / "data" / "names.txt").write_text("ada", encoding="utf-8")
    assert faults(doctor.data) == [
        "data/names.txt is not the file that data/README.md describes: restore it with `git checkout data`."
    ]


def test_a_missing_data_file(place, monkeypatch, capsys):
    (place / "data").mkdir()
    row = "| `names.txt` | " + "0" * 64 + " |\n"
    (place / "data" / "README.md").write_text(row, encoding="utf-8")
    assert any(
        "There is no data file names.txt" in sentence for state, sentence in doctor.examine() if state == doctor.FAULT
    )


def test_the_list_of_data_files_is_read(root):
    listed = dict(doctor.ROW.findall((root / "data" / "README.md").read_text(encoding="utf-8")))
    files = {path.name for path in (root / "data").iterdir()} - {"README.md"}
    assert set(listed) == files and files


def test_a_kernel_of_another_python(monkeypatch, tmp_path):
    specs = tmp_path / "kernels" / "python3"
    specs.mkdir(parents=True)
    (tmp_path / "python").write_text("", encoding="utf-8")
    spec = {
        "argv": [str(tmp_path / "python"), "-m", "ipykernel_launcher"],
        "display_name": "other",
        "language": "python",
    }
    (specs / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    (sentence,) = faults(doctor.kernel)
    assert str(tmp_path / "python") in sentence and f"{sys.executable} -m ipykernel install" in sentence


def test_no_sandbox_is_a_note_for_instructors(monkeypatch):
    monkeypatch.setattr("utils.grading.walls.obstacle", lambda: "a sandbox needs bwrap; `sudo apt install bubblewrap`.")
    ((state, sentence),) = doctor.sandbox()
    assert state == doctor.NOTE and "sudo apt install bubblewrap" in sentence and "To learn" in sentence
    monkeypatch.setattr("utils.grading.walls.obstacle", lambda: "")
    assert next(doctor.sandbox())[0] == doctor.OK


def test_a_damaged_notebook_in_work(place):
    (place / "work" / "x").mkdir(parents=True)
    (place / "work" / "x" / "x.ipynb").write_text("{", encoding="utf-8")
    (sentence,) = faults(doctor.work)
    assert "x.ipynb cannot be read" in sentence
