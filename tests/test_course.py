"""The sample class through stock nbgrader, and what happens when a score, a word or an answer is not as it should."""

import csv
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from utils.checking.exercises import known
from utils.errors import CourseError
from utils.grading import sample, scores
from utils.grading.course import OURS, find_lesson, make_course, ours_wrong
from utils.paths import hold_lock

ROOT = Path(__file__).resolve().parent.parent
LESSON = "01_rnn_cell"
CLASSES = ROOT / "tests" / "sample_class"
LESSONS = sorted(path.name for path in CLASSES.iterdir() if path.is_dir())
STOCK = (LESSON, "07_lstm")  # a minute each; test_grade_classes.py grades all classes, in a sandbox


@functools.cache
def run_of(lesson):
    """The real command on the class of a lesson, run once: (the finished process, its folder)."""
    # one nbgrader at a time: the other cores are busy with other tests
    command = [sys.executable, "-m", "utils", "course", "--workers=1", *([] if lesson == LESSON else [lesson])]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True), ROOT / "build" / "course" / lesson


def graded(lesson=LESSON):
    """The same, of lesson 01 when none is named: one run for both ways to ask."""
    return run_of(lesson)


@pytest.fixture
def sample_class(tmp_path):
    """A copy of a class that a test may change."""
    return shutil.copytree(CLASSES / LESSON, tmp_path / "sample_class")


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("lesson", STOCK)
def test_every_score_and_every_word_is_as_expected(lesson):
    ended, _ = graded(lesson)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stderr == ""
    assert "Every score is as expected." in ended.stdout


@pytest.mark.parametrize("lesson", STOCK)
def test_the_table_shows_what_is_expected(lesson):
    ended, _ = graded(lesson)
    for row in rows(CLASSES / lesson / "expected_scores.csv"):
        assert re.search(r"^" + r" +".join(map(re.escape, row.values())) + r"$", ended.stdout, re.MULTILINE), row


@pytest.mark.parametrize("lesson", STOCK)
def test_a_class_has_students_all_right_in_between_and_blank(lesson):
    totals = [float(row["total"]) for row in rows(CLASSES / lesson / "expected_scores.csv")]
    exercises, _ = scores.read_scores(graded(lesson)[1], lesson)
    best = sum(points for name, points in exercises.items() if name in known())
    assert max(totals) == best and min(totals) == 0
    assert sum(0 < total < best for total in totals) >= 3


def test_a_blank_that_earns_and_a_solution_that_does_not_are_seen():
    exercises = {"softmax": 2.0, "why": 4.0}
    right = {"released_blank": {"softmax": 0.0, "why": 0.0}, "our_solution": {"softmax": 2.0, "why": scores.WAITING}}
    assert ours_wrong(exercises, right) == []
    wrong = {"released_blank": {"softmax": 2.0, "why": 0.0}, "our_solution": {"softmax": 1.5, "why": 4.0}}
    assert ours_wrong(exercises, wrong) == [
        "released_blank, softmax: 0 expected, 2 came.",
        "our_solution, softmax: 2 expected, 1.5 came.",
        "our_solution, why: - expected, 4 came.",
    ]


def test_every_student_gets_a_page_for_each_notebook():
    _, home = graded()
    pages = {f"{text.parent.name}-{text.stem}.html" for text in (CLASSES / LESSON).glob("*/*.py")}
    for who in OURS:
        pages |= {f"{who}-{notebook.stem}.html" for notebook in (ROOT / "notebooks" / LESSON).glob("*.ipynb")}
    assert {page.name for page in (home / "feedback").iterdir()} == pages


def test_the_instructors_gradebook_is_left_alone():
    _, home = graded()
    config = (home / "nbgrader_config.py").read_text(encoding="utf-8")
    assert f"sqlite:///{home / 'gradebook.db'}" in config and (home / "gradebook.db").is_file()


def test_a_wrong_score_is_seen(sample_class):
    _, home = graded()
    exercises, came = scores.read_scores(home, LESSON)
    came = {student: row for student, row in came.items() if student not in OURS}
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


def test_a_missing_word_is_seen(sample_class):
    _, home = graded()
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


def test_two_runs_at_once(course, root):
    graded()
    with hold_lock(root / "build" / f"course-{LESSON}.lock", "course"):
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
def test_a_build_that_cannot_be_replaced_is_one_sentence(tmp_path, monkeypatch, what):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    home = tmp_path / "course"
    if what == "a file":
        home.write_text("")
    else:
        (home / "feedback").mkdir(parents=True)
        monkeypatch.setattr(os, "rmdir", refuse)
    with pytest.raises(CourseError, match=r"^Could not make .*course anew \(.+\); it may belong to .*\.$") as caught:
        make_course(home, LESSON, CLASSES / LESSON)
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


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_stored_answer_fits_todays_release(lesson):
    for student in sample.students(CLASSES / lesson):
        for text in student.glob("*.py"):
            release = json.loads((ROOT / "notebooks" / lesson / f"{text.stem}.ipynb").read_text(encoding="utf-8"))
            sample.compose(release, *sample.read_answers(text), str(text))


@pytest.mark.parametrize(
    "query, lesson", [("01", LESSON), ("1", LESSON), ("01_rnn_cell", LESSON), ("01_rnn_cell/", LESSON)]
)
def test_a_class_is_found_by_its_lesson(query, lesson):
    assert find_lesson(CLASSES, query) == lesson


def test_a_lesson_without_a_class_is_one_sentence(tmp_path):
    with pytest.raises(CourseError, match=r"class for 01_rn_cell \(did you mean 01_rnn_cell\?\); the"):
        find_lesson(CLASSES, "01_rn_cell")
    with pytest.raises(CourseError, match="restore tests/sample_class"):
        find_lesson(tmp_path / "none", "01")
