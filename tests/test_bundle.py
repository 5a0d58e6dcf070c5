"""The student bundle: what is in it, what is not, and that it works with nothing else of the course around."""

import hashlib
import inspect
import io
import json
import shutil
import subprocess
import sys
import zipfile

import bundles
import pytest

from utils import bundling
from utils.bundling import archive, guard
from utils.bundling.package import chosen
from utils.checking.exercises import find, known
from utils.errors import CourseError
from utils.grading.sample import read_answers
from utils.paths import root

CLASS = root() / "tests/sample_class" / bundles.LESSON
STUDENTS = sorted(path.name for path in CLASS.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def files():
    return bundles.made()


@pytest.fixture(scope="module")
def bundle(files, tmp_path_factory):
    return bundles.unzipped(files, tmp_path_factory.mktemp("bundle"))


# ---- what is in it


def test_no_line_of_a_solution_is_in_it(files):
    """A search of its own, apart from the guard: of every line that the build takes out of lesson 03 or a later one.

    Left out are only lines of at most twelve characters, comments, and lines that stand in the same words in answers of
    earlier lessons, which the bundle holds, such as `for t in range(T):`.
    """
    solved = sorted((root() / "solutions").glob("*/*.ipynb"))
    secret = set().union(*(regions(path) for path in solved if path.parent.name >= bundles.LESSON))
    earlier = set().union(*(regions(path) for path in solved if path.parent.name < bundles.LESSON))
    functions = (inspect.getsource(find(name).reference) for name in known() if find(name).lesson < "03")
    earlier |= {stripped(line) for text in functions for line in text.splitlines()}
    secret = {line for line in secret - earlier if len(line) > 12}
    assert len(secret) > 500 and "factor = limit / norm" in secret
    for path, content in files.items():
        assert not [line for line in secret if holds(path, content, line)], path


def regions(path):
    """The lines between BEGIN SOLUTION and END SOLUTION of a solved notebook."""
    answers = bundles.solutions(path.parent.name, path.stem).values()
    parts = (part.partition("### END SOLUTION")[0] for text in answers for part in text.split("### BEGIN SOLUTION")[1:])
    return {stripped(line) for part in parts for line in part.splitlines()} - {""}


def stripped(line):
    """A line of code without its indent and its comment."""
    return "" if line.strip().startswith("#") else line.partition("  #")[0].strip()


def holds(path, content, line):
    """Whether a file holds a line: of a text or a cell, or anywhere in a file of another kind or a member of one."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(holds(name, archive.read(name), line) for name in archive.namelist())
    if line.encode() not in content and json.dumps(line)[1:-1].encode() not in content:
        return False
    if path.endswith(".ipynb"):
        return any(line in map(stripped, "".join(c["source"]).splitlines()) for c in json.loads(content)["cells"])
    if path.endswith((".py", ".md", ".toml")):
        return line in map(stripped, content.decode().splitlines())
    return True


PLANTED = "step = rnn_cell_backward(da, cells[T - 1 - k])"
PLANTS = {
    "utils/text.py": f"def f():\n    {PLANTED}  # why\n".encode(),
    "utils/__pycache__/text.cpython-311.pyc": b"\x00\xe3" + PLANTED.encode() + b"\x00",
    "notebooks/a.ipynb": json.dumps({"cells": [{"source": ["x = 1\n", f"    {PLANTED}\n"]}]}).encode(),
    "utils/key.json": json.dumps({"hint": f"first; {PLANTED}"}).encode(),
    "data/inner.npz": archive.zipped({"deep.json.npy": b"\x93NUMPY" + json.dumps([f"do {PLANTED}"]).encode()}),
    "README.md": f"Write\n\n    {PLANTED}\n".encode(),
}


@pytest.mark.parametrize("path", PLANTS)
def test_a_planted_line_is_found_by_the_guard_and_by_the_search(path):
    with pytest.raises(CourseError, match="without answers was expected") as caught:
        guard.expect_no_answers(chosen("03"), {path: PLANTS[path]})
    assert path in str(caught.value) and "\n" not in str(caught.value)
    assert holds(path, PLANTS[path], PLANTED)


def test_only_the_exercises_of_earlier_lessons_are_in_it(files):
    reference = "".join(text.decode() for path, text in files.items() if path.startswith("utils/reference/"))
    assert "def rnn_forward(" in reference and "def train_step(" in reference
    for name in ("clip_by_norm", "gradient_norm_by_lag", "truncated_bptt", "adam_step", "gru_block", "lstm_block"):
        assert f"def {name}(" not in reference
    assert not [path for path in files if "textbook" in path or "lesson_03_" in path or path.startswith("solutions")]
    assert len(archive.zipped(files)) < 2_000_000


def test_the_same_bundle_has_the_same_bytes(files):
    again = archive.zipped(bundles.made())  # its experiments are recorded afresh, too
    assert again == archive.zipped(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(again)) as bundle:
        assert {member.date_time for member in bundle.infolist()} == {(1980, 1, 1, 0, 0, 0)}


# ---- that it works


def test_all_cells_of_the_solved_notebook_run_and_draw(bundle):
    notebook = bundles.in_work(bundle, bundles.solutions())
    told = bundles.cells_of(bundle, notebook)
    assert told["stopped"] == [] and told["figures"] == 7


def test_with_blank_answers_cells_stop_with_sentences_only(bundle):
    told = bundles.cells_of(bundle, bundles.in_work(bundle, {}))
    assert {kind for _, kind, *_ in told["stopped"]} == {"NotYet", "NotHere"}
    for _, kind, text, _ in told["stopped"]:
        assert "not written yet" in text and "\n" not in text if kind == "NotHere" else text
    assert len(told["stopped"]) > 10


@pytest.mark.parametrize("student", STUDENTS)
def test_its_checks_say_what_the_full_package_says(bundle, student):
    answers, _ = read_answers(CLASS / student / f"{bundles.LESSON}.py")
    notebook = bundles.in_work(bundle, answers)
    said = bundles.command(bundle, "check", "03").stdout
    full = subprocess.run(
        [sys.executable, "-m", "utils", "check", str(notebook)], cwd=root(), capture_output=True, text=True
    ).stdout
    assert said and _decided_here(said) == _decided_here(full)


def _decided_here(text):
    """The messages by exercise, without the one that a bundle leaves to the grader."""
    blocks, name = {}, ""
    for line in text.splitlines():
        if line.split(":")[0].isidentifier() and ": " in line:
            name = line.split(":")[0]
        blocks.setdefault(name, []).append(line)
    del blocks["orthogonal_init"]
    return blocks


def test_an_experiment_of_later_lessons_gives_its_recorded_result_and_no_other(bundle):
    code = (
        f"import sys; sys.path.insert(0, {str(bundle)!r})\n"
        "from utils.experiments.lesson_03 import starts_experiment\n"
        "print(sorted(starts_experiment(seeds=range(5), progress=True))[-1])\n"
        "starts_experiment(seeds=range(4))"
    )
    ended = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert "left at lag 15" in ended.stdout and ended.stdout.endswith("spectral radius 0.5\n")
    assert ended.stderr.strip().endswith("put them back as they were, then run this cell again.")


def test_commands_that_a_bundle_lacks_are_one_sentence(bundle):
    ended = bundles.command(bundle, "grade")
    assert ended.returncode == 1 and ended.stderr.count("\n") == 1 and "no command 'grade'" in ended.stderr
    assert "reset" in bundles.command(bundle).stdout and "bundle" not in bundles.command(bundle).stdout.split()


def test_a_newer_bundle_keeps_the_answers_and_brings_an_exercise(files, tmp_path):
    place = f"notebooks/{bundles.LESSON}/{bundles.LESSON}.ipynb"
    older = json.loads(files[place])
    older["metadata"]["course"]["release"] = "0" * 64
    older["cells"] = [cell for cell in older["cells"] if "clip_by_value" not in "".join(cell["source"])]
    (heading,) = (cell for cell in older["cells"] if "".join(cell["source"]).startswith("## 3.2 "))
    heading["source"] = (old := "## 3.2 An older heading")
    heading["id"] = f"markdown-{hashlib.sha256(old.encode()).hexdigest()[:12]}"  # as the build names a cell
    bundle = bundles.unzipped(files | {place: json.dumps(older).encode()}, tmp_path)
    assert bundles.command(bundle, "lab", "--no-open").returncode == 0
    mine = bundles.in_work(bundle, {"truncated_bptt": (answer := bundles.solutions()["truncated_bptt"])}, older)
    ended = bundles.command(bundle, "check", "03")
    assert "is for release" in ended.stdout + ended.stderr and "clip_by_value:" not in ended.stdout
    before = mine.read_bytes()
    bundles.unzipped(files, tmp_path)
    ended = bundles.command(bundle, "update", "03")
    assert ended.returncode == 0 and "your answers kept" in ended.stdout, ended.stderr
    assert [path.read_bytes() for path in mine.parent.glob("*.backup-1.ipynb")] == [before]
    cells = ["".join(cell["source"]) for cell in json.loads(mine.read_text())["cells"]]
    assert answer in cells and old not in cells
    said = bundles.command(bundle, "check", "03").stdout
    assert "clip_by_value: not written yet." in said and "truncated_bptt: 7 of 7 cases" in said


# ---- what is asked for wrongly


@pytest.mark.parametrize(
    "query, words", [("33", "There is no lesson 33"), ("03_gradients_over_tim", "did you mean 03_gradients_over_time")]
)
def test_an_unknown_lesson_is_one_sentence(query, words):
    with pytest.raises(CourseError, match=words) as caught:
        bundling.main([query])
    assert "\n" not in str(caught.value)


def test_a_lesson_that_was_never_released_is_one_sentence(tmp_path):
    (tmp_path / "solutions").symlink_to(root() / "solutions")
    shutil.copytree(root() / "notebooks/00_start_here", tmp_path / "notebooks/00_start_here")
    with pytest.raises(CourseError, match="03_gradients_over_time was never released: run `python -m utils build 03`"):
        chosen("03", tmp_path)


def test_a_zip_is_written_where_it_was_asked_for(files, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(archive, "files", lambda lesson: files)
    assert bundling.main(["03", "--out", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new/rnn-course-03.zip").read_bytes() == archive.zipped(files)
    assert str(tmp_path / "new/rnn-course-03.zip") in capsys.readouterr().out
    with pytest.raises(CourseError, match="--out must name a folder"):
        bundling.main(["03", "--out", str(tmp_path / "new/rnn-course-03.zip")])
