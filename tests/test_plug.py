"""nbgrader's own commands in a course of this kind: `autograde` is the trusted one, the others show its points."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys

import courses
import pytest
from courses import RIGHT, START, WRONG
from sandboxes import require_sandbox

STOCK = "\nfrom nbgrader.converters.autograde import Autograde\n\nAutograde.start = Autograde.start.stock\n"
NO_REFUSAL = "\ndel c.Autograde.autograde_preprocessors\n"
CHEATED = {"text/plain": "2.0", "text/html": "<strong>2 of 2 points</strong>"}


def cheat(notebook):
    """Check cells that stock nbgrader would not run, with full points in them."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["tags"] = ["skip-execution"]
            cell["metadata"]["nbgrader"]["points"] = 100
            cell["outputs"] = [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": CHEATED}]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A course that nobody has graded: two have answered, the third cheats, and its code leaves a file behind."""
    require_sandbox()
    home = courses.make(tmp_path_factory.mktemp("plug") / "fresh", START)
    courses.hand_in(home, "ada", RIGHT)
    courses.hand_in(home, "bob", RIGHT | WRONG)
    courses.hand_in(home, "mallory", own=["import os\nopen(os.environ.get('CANARY', 'canary'), 'w')"], change=cheat)
    return home


@pytest.fixture(scope="module")
def copy_of(fresh):
    """copy_of(name, more): the course once more, with its own settings."""

    def copied(name, more=""):
        home = shutil.copytree(fresh, fresh.parent / name)
        courses.configure(home, more)
        return home

    return copied


def nbgrader(home, *arguments):
    """A command of nbgrader's, as anybody would type it."""
    apart = {"JUPYTER_CONFIG_DIR": str(home / "jupyter"), "IPYTHONDIR": str(home / "ipython")}
    environment = os.environ | apart | {"CANARY": str(home / "canary")}
    words = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(words, cwd=home, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)


@pytest.fixture(scope="module")
def graded(copy_of):
    home = copy_of("graded")
    ended = nbgrader(home, "autograde", START)
    assert ended.returncode == 0, ended.stdout
    return home, ended.stdout


def test_autograde_writes_the_same_rows_as_grade(graded, copy_of):
    other = copy_of("other")
    courses.graded(other, START)
    home, _ = graded
    assert courses.scores(home) == courses.scores(other) and len(courses.scores(home)) == 9
    lines = courses.results(home)["lessons"][START]["students"]
    assert {name: line["total"] for name, line in lines.items()} == {"ada": 6, "bob": 4, "mallory": 0}


def test_it_says_what_came_of_it(graded):
    _, said = graded
    for words in ("ada: graded, 6 points.", "bob: graded, 4 points.", "mallory: graded, 0 points."):
        assert words in said


def test_no_code_of_a_student_ran_outside(graded):
    assert not (graded[0] / "canary").exists()


def test_one_student_only(graded):
    home, _ = graded
    ended = nbgrader(home, "autograde", START, "--student", "bob")
    assert ended.returncode == 0, ended.stdout
    newest = max((home / "grading" / "runs").glob("*/manifest.json"))
    assert json.loads(newest.read_text())["students"] == ["bob"]
    assert "bob: graded" in ended.stdout and "ada: graded" not in ended.stdout
    assert courses.results(home)["lessons"][START]["students"]["ada"]["total"] == 6


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["00_star_here"], "There is no lesson 00_star_here (did you mean 00_start_here?)."),
        (["02_bptt"], "02_bptt was never released to this gradebook"),
        ([START, "--student", "bobb"], "There is no student bobb (did you mean bob?)."),
    ],
)
def test_what_is_not_there_is_said(graded, arguments, words):
    before = courses.scores(graded[0])
    ended = nbgrader(graded[0], "autograde", *arguments)
    assert ended.returncode == 1 and words in ended.stdout, ended.stdout
    assert courses.scores(graded[0]) == before


def test_feedback_and_export_show_the_trusted_points(graded):
    home, _ = graded
    ended = nbgrader(home, "generate_feedback", START)
    assert ended.returncode == 0, ended.stdout
    totals = {"ada": "6", "bob": "4", "mallory": "0"}
    for student, total in totals.items():
        page = (home / "feedback" / student / START / f"{START}.html").read_text(encoding="utf-8")
        assert re.search(rf"\b{total}(\.0)? (of|/) 6(\.0)?\b", re.sub(r"<[^>]+>", "", page)), student
    ended = nbgrader(home, "export", "--to", "grades.csv")
    assert ended.returncode == 0, ended.stdout
    with (home / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    assert rows == {"ada": (6, 6), "bob": (4, 6), "mallory": (0, 6)}


def test_a_later_nbgrader_that_goes_another_way_runs_nothing(copy_of):
    home = copy_of("later", STOCK)
    ended = nbgrader(home, "autograde", START)
    assert ended.returncode != 0 and "goes another way: use nbgrader 0.9.6" in ended.stdout
    assert not (home / "canary").exists()
    assert all(auto in (None, 0) for *_, auto, _, _, _, _ in courses.scores(home))


def test_without_all_that_the_code_would_run(copy_of):
    home = copy_of("stock", STOCK + NO_REFUSAL)
    ended = nbgrader(home, "autograde", START, "--student", "mallory")
    assert ended.returncode == 0, ended.stdout
    assert (home / "canary").exists()
