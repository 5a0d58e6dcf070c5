"""The sample class through stock nbgrader, and what happens when a score, a word or an answer is not as it should."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from utils.errors import CourseError
from utils.grading import sample, scores
from utils.grading.course import LESSON, make_course
from utils.paths import hold_lock

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def graded():
    """One run of the real command on the whole class; (the finished process, build/course)."""
    command = [sys.executable, "-m", "utils", "course"]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True), ROOT / "build" / "course"


@pytest.fixture
def sample_class(root, tmp_path):
    """A copy of the class that a test may change."""
    return shutil.copytree(root / "tests" / "sample_class", tmp_path / "sample_class")


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_score_and_every_word_is_as_expected(graded):
    ended, _ = graded
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stderr == ""
    assert "Every score is as expected." in ended.stdout


def test_the_table_shows_what_is_expected(graded, root):
    ended, _ = graded
    for row in rows(root / "tests" / "sample_class" / "expected_scores.csv"):
        assert re.search(r"^" + r" +".join(map(re.escape, row.values())) + r"$", ended.stdout, re.MULTILINE), row


def test_every_student_gets_a_page_for_each_notebook(graded, root):
    _, home = graded
    texts = (root / "tests" / "sample_class").glob("*/*.py")
    assert {page.name for page in (home / "feedback").iterdir()} == {f"{t.parent.name}-{t.stem}.html" for t in texts}


def test_the_instructors_gradebook_is_left_alone(graded):
    _, home = graded
    config = (home / "nbgrader_config.py").read_text(encoding="utf-8")
    assert f"sqlite:///{home / 'gradebook.db'}" in config and (home / "gradebook.db").is_file()


def test_a_wrong_score_is_seen(graded, sample_class):
    _, home = graded
    exercises, came = scores.read_scores(home, LESSON)
    file = sample_class / "expected_scores.csv"
    assert scores.compare(file, exercises, came) == []
    file.write_text(file.read_text().replace("hana_sato,3,6", "hana_sato,6,6"), encoding="utf-8")
    assert scores.compare(file, exercises, came) == ["hana_sato, rnn_cell_forward: 6 expected, 3 came."]
    file.write_text(file.read_text().replace("amara_okafor,", "amara,"), encoding="utf-8")
    faults = scores.compare(file, exercises, came)
    assert "amara_okafor is in the sample class but has no row in expected_scores.csv." in faults
    assert "amara got no grade at all." in faults


def test_a_wrong_total_is_seen(tmp_path):
    file = tmp_path / "expected.csv"
    file.write_text("student,f,total\nada,2,3\n", encoding="utf-8")
    assert scores.compare(file, {"f": 2.0}, {"ada": {"f": 2.0}}) == ["ada, total: 3 expected, 2 came."]


def test_a_missing_word_is_seen(graded, sample_class):
    _, home = graded
    pages = sorted((home / "feedback").iterdir())
    file = sample_class / "expected_words.csv"
    assert scores.words_missing(file, pages) == []
    with file.open("a", encoding="utf-8") as words:
        words.write("chiara_rossi,01a_rnn_cell,Likely cause: too much coffee\nnobody,01a_rnn_cell,words\n")
    assert scores.words_missing(file, pages) == [
        "chiara_rossi-01a_rnn_cell.html does not say 'Likely cause: too much coffee'.",
        "nobody-01a_rnn_cell.html does not say 'words'.",
    ]


def test_words_are_compared_without_markup():
    page = "<style>a{}</style><p>Likely <b>cause</b>:\n  a &lt; b</p><script>likely()</script>"
    assert scores.plain(page) == "Likely cause: a < b"


def test_the_table_reads_well():
    table = scores.table({"long_name": 2.0, "why": 4.0}, {"ada": {"long_name": 1.5, "why": scores.WAITING}})
    assert table.splitlines() == [
        "         long_            ",
        "student   name  why  total",
        "--------------------------",
        "out of       2    4      6",
        "--------------------------",
        "ada        1.5    -    1.5",
    ]


def test_two_runs_at_once(course, root, graded):
    with hold_lock(root / "build" / "course.lock", "course"):
        ended = course("course")
    assert ended.returncode == 1
    assert "has been busy with `course` since" in ended.stderr and ended.stderr.count("\n") == 1


HOLDS = """
import pathlib, sys
from utils.grading import course
from utils.paths import hold_lock
here = pathlib.Path(sys.argv[1])
with hold_lock(here / "course.lock", "course"):
    course.nbgrader_once(here, "autograde", "lesson", [])
"""
# Found before the real one, as `-m` looks in the working folder first.
NBGRADER = """
import pathlib, time
pathlib.Path("begun").touch()
end = time.monotonic() + 60
while not pathlib.Path("go").exists() and time.monotonic() < end:
    time.sleep(0.01)
"""


def test_a_killed_run_is_locked_until_its_nbgrader_has_ended(tmp_path):
    (tmp_path / "nbgrader.py").write_text(NBGRADER)
    lock = tmp_path / "course.lock"

    def free():
        try:
            with hold_lock(lock, "course"):
                return True
        except CourseError:
            return False

    def wait_for(done):
        end = time.monotonic() + 30
        while not done():
            assert time.monotonic() < end
            time.sleep(0.01)

    with subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], cwd=ROOT) as run:
        wait_for((tmp_path / "begun").exists)
        run.kill()
    try:
        words = f"Process {run.pid} has been busy with `course` since .*; wait until it and what it started have ended"
        with pytest.raises(CourseError, match=words), hold_lock(lock, "course"):
            pass
    finally:
        (tmp_path / "go").touch()
    wait_for(free)


@pytest.mark.parametrize("what", ["a file", "somebody else's folder"])
def test_a_build_that_cannot_be_replaced_is_one_sentence(root, tmp_path, monkeypatch, what):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    home = tmp_path / "course"
    if what == "a file":
        home.write_text("")
    else:
        (home / "feedback").mkdir(parents=True)
        monkeypatch.setattr(os, "rmdir", refuse)
    with pytest.raises(CourseError, match=r"^Could not make .*course anew \(.+\); it may belong to .*\.$") as caught:
        make_course(home, LESSON, root / "tests" / "sample_class")
    assert "\n" not in str(caught.value) and home.exists()


def test_no_workers_is_one_sentence(course):
    ended = course("course", "--workers", "0")
    assert (ended.returncode, ended.stderr) == (1, "--workers must be 1 or more, got 0.\n")


def notebook():
    """A released notebook: setup, two exercises with their checks, a question."""

    def cell(kind, source, grade_id="", solution=False, tags=()):
        metadata = {"nbgrader": {"grade_id": grade_id, "solution": solution}} if grade_id else {}
        return {"cell_type": kind, "source": source, "metadata": metadata | ({"tags": list(tags)} if tags else {})}

    return {
        "cells": [
            cell("code", "import numpy", tags=["setup"]),
            cell("code", "stub", "f", True),
            cell("code", "check(f)", "f-check"),
            cell("code", "stub", "g", True),
            cell("code", "check(g)", "g-check"),
            cell("markdown", "blank", "why", True),
        ]
    }


def sources(composed):
    return [cell["source"] for cell in composed["cells"]]


def test_answers_go_into_their_cells():
    release = notebook()
    composed = sample.compose(release, {"g": "def g(): pass", "why": "Because."})
    assert sources(composed) == ["import numpy", "stub", "check(f)", "def g(): pass", "check(g)", "Because."]
    assert release == notebook()


@pytest.mark.parametrize(
    ("structure", "order"),
    [
        ("answers-first", ["import numpy", "F", "G", "check(f)", "check(g)", "blank"]),
        ("check-before f", ["import numpy", "check(f)", "F", "G", "check(g)", "blank"]),
        ("delete g-check", ["import numpy", "F", "check(f)", "G", "blank"]),
    ],
)
def test_cells_are_moved(structure, order):
    assert sources(sample.compose(notebook(), {"f": "F", "g": "G"}, structure)) == order


@pytest.mark.parametrize(
    ("answers", "structure", "words"),
    [
        ({"gg": ""}, "", r"it answers gg, which is no exercise of it \(did you mean g\?\)\."),
        ({"f-check": ""}, "", "it answers f-check, which is no exercise of it"),
        ({}, "delete h", "it speaks of the cell h, which is not in the notebook"),
        ({}, "shuffle", "it asks for the structure 'shuffle'"),
    ],
)
def test_a_wrong_stored_answer_is_one_sentence(answers, structure, words):
    with pytest.raises(CourseError, match=words):
        sample.compose(notebook(), answers, structure, "it")


def test_answers_are_read(tmp_path):
    text = tmp_path / "x.py"
    text.write_text(
        "# structure: delete f\n\n# %% f\ndef f():\n    # note\n\n    return 1\n\n# %% [markdown] why\n# A.\n#\n# B.\n"
    )
    assert sample.read_answers(text) == ({"f": "def f():\n    # note\n\n    return 1", "why": "A.\n\nB."}, "delete f")
    text.write_text("# %% f\n1\n# %% f\n2\n")
    with pytest.raises(CourseError, match="answers f twice"):
        sample.read_answers(text)


def test_a_missing_class_is_one_sentence(tmp_path):
    with pytest.raises(CourseError, match="There is no sample class in"):
        sample.students(tmp_path / "nowhere")


def test_every_stored_answer_fits_todays_release(root):
    for student in sample.students(root / "tests" / "sample_class"):
        for text in student.glob("*.py"):
            release = json.loads((root / "notebooks" / LESSON / f"{text.stem}.ipynb").read_text(encoding="utf-8"))
            sample.compose(release, *sample.read_answers(text), str(text))
