"""`python -m utils grade` on a small class: what it prints, writes and keeps, run by run."""

import contextlib
import csv
import io
import json
import os
import pty
import re
import shutil
import sqlite3
import subprocess
import termios
from types import SimpleNamespace

import courses
import pytest
from courses import RIGHT, START, WRONG
from sandboxes import require_sandbox

from utils.grading.folder import Course
from utils.grading.results import as_csv, in_words
from utils.grading.run import pick_lessons

PENALTY = """
from nbgrader.plugins import BasePlugin


class OnePoint(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1.0


c.AssignLatePenalties.plugin_class = OnePoint
"""
ROSTER = "\ufeffid,first_name\nada,Ada\nbob,\ncleo,Cleo\neve,\n"
RECEIPTS = f"student,lesson,received\nada,{START},2026-11-20T10:00:00+00:00\nbob,{START},2026-11-20T10:30:00+02:00\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """ada is late, bob is wrong, cleo misses the lesson's folder, eve gives no receipt; dan is not on the roster."""
    require_sandbox()
    home = courses.make(tmp_path_factory.mktemp("command") / "course", START)
    courses.hand_in(home, "ada", RIGHT)
    courses.hand_in(home, "bob", WRONG)
    courses.hand_in(home, "eve", RIGHT | {"unfold": "def unfold(f, s0, xs):\n    return None"})
    courses.hand_in(home, "dan", RIGHT)
    (home / "submitted" / "cleo" / "00").mkdir(parents=True)
    (home / "students.csv").write_text(ROSTER, encoding="utf-8")
    (home / "receipts.csv").write_text(RECEIPTS, encoding="utf-8")
    courses.configure(home, PENALTY)
    with sqlite3.connect(home / "gradebook.db") as db:
        db.execute("UPDATE assignment SET duedate = '2026-11-20 09:00:00.000000'")
    return home


@pytest.fixture(scope="module")
def first(home):
    """The first run, by the real command; what it left is read before another changes it."""
    ended = courses.command(home, "00", "--seed", 7, "--workers", 1)
    assert ended.returncode == 0, ended.stderr
    names = ("results.csv", "results.json")
    files = {name: (home / "grading" / name).read_text(encoding="utf-8") for name in names}
    pages = {name: courses.outputs(home, name) for name in ("ada", "bob", "eve")}
    return {"ended": ended, "files": files, "pages": pages, "rows": courses.scores(home)}


@pytest.fixture(scope="module")
def second(home, first):
    """The same once more with two processes, after a person gave points, and the same bytes were handed in again."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{home / 'gradebook.db'}") as book:
        book.find_grade("unfold-check", START, START, "bob").manual_score = 1.5
        book.find_comment("softmax", START, START, "bob").manual_comment = "Look at the columns."
        book.db.commit()
    file = home / "submitted" / "eve" / START / f"{START}.ipynb"
    again = file.read_bytes()
    file.unlink()
    file.write_bytes(again)
    return courses.graded(home, START)


@pytest.fixture(scope="module")
def third(home, second):
    """One student, who handed in something else, as JSON, before somebody who watches."""
    (home / "students.csv").write_text("id\nada\nbob\ncleo\neve\n", encoding="utf-8")
    courses.hand_in(home, "eve", {"one_hot": RIGHT["one_hot"]})
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    words = [*courses.COMMAND, "--course", str(home), "00", "--student", "eve", "--json", "--seed", "7"]
    ended = subprocess.run(words, cwd=courses.ROOT, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    return ended, read_all(ours)


def read_all(terminal):
    """What was written to a terminal that nobody has open any longer."""
    said = b""
    with contextlib.suppress(OSError):  # Linux says so of the end
        while part := os.read(terminal, 1 << 16):
            said += part
    os.close(terminal)
    return said.decode()


def lines(first):
    return json.loads(first["files"]["results.json"])["lessons"][START]["students"]


def test_the_table_and_what_a_person_should_know(first, home):
    said = first["ended"].stdout
    assert re.search(r"^out of +2 +2 +2 +6$", said, re.MULTILINE)
    for row in ("ada 2 2 2 6", "bob 0 0 0 0", "cleo 0 0 0 0", "eve 2 2 0 4"):
        assert re.search(f"^{row}$".replace(" ", " +"), said, re.MULTILINE), row
    assert "cleo: not handed in. submitted/cleo holds '00', which is no lesson's folder.\n" in said
    assert "dan" not in said
    assert said.endswith(f"\nThe same is in {home / 'grading'}: results.csv and results.json. Seed 7.\n")


def test_no_bar_where_nobody_watches_and_one_warning(first):
    assert first["ended"].stderr == "submitted/'dan' is nobody's on the roster, and is left out.\n"


def test_the_results_as_json(first):
    read = json.loads(first["files"]["results.json"])
    assert list(read) == ["run", "seed", "lessons"] and read["seed"] == 7 and list(read["lessons"]) == [START]
    assert read["lessons"][START]["points"] == {"one_hot": 2, "softmax": 2, "unfold": 2}
    found = read["lessons"][START]["students"]
    assert list(found) == ["ada", "bob", "cleo", "eve"]
    for line in found.values():
        kept = ["status", "reason", "remarks", "received", "scores", "total", "late_penalty", "verdicts"]
        assert list(line) == kept
    right = {"kind": "", "right": True, "right_given": True, "causes": [], "blame": [], "error": ""}
    assert found["ada"].pop("verdicts") == dict.fromkeys(found["ada"]["scores"], right)
    assert found["ada"] | {"remarks": []} == {
        "status": "graded",
        "reason": "",
        "remarks": [],
        "received": "2026-11-20T10:00:00+00:00",
        "scores": {"one_hot": 2, "softmax": 2, "unfold": 2},
        "total": 6,
        "late_penalty": 1,
    }
    assert found["cleo"]["status"] == "missing" and found["cleo"]["received"] == "" and found["cleo"]["total"] == 0


def test_the_results_as_csv(first):
    rows = list(csv.DictReader(io.StringIO(first["files"]["results.csv"])))
    assert list(rows[0]) == ["lesson", "student", "status", "exercise", "points", "out_of", "late_penalty", "reason",
                             "remarks"]  # fmt: skip
    assert len(rows) == 4 * 4
    ada = [(row["exercise"], row["points"], row["out_of"], row["late_penalty"]) for row in rows[:4]]
    assert ada == [
        ("one_hot", "2", "2", ""),
        ("softmax", "2", "2", ""),
        ("unfold", "2", "2", ""),
        ("total", "6", "6", "1"),
    ]


def test_remarks_on_a_submission_reach_the_table_and_the_csv():
    line = {"status": "graded", "reason": "", "scores": {"f": 1}, "total": 1, "late_penalty": 0}
    told = line | {"remarks": ["=1 was not handed in.", "f was changed."]}
    found = {"lessons": {START: {"points": {"f": 2}, "students": {"ada": told, "bob": line | {"remarks": []}}}}}
    total = [row["remarks"] for row in csv.DictReader(io.StringIO(as_csv(found))) if row["exercise"] == "total"]
    assert total == ["'=1 was not handed in. f was changed.", ""]
    assert in_words(found, [START]).endswith("remarks on the work of 1: see the last column of results.csv.")


def test_work_for_a_lesson_that_was_never_released_is_not_passed_over_in_silence(tmp_path):
    courses.hand_in(tmp_path, "ada", RIGHT)
    courses.hand_in(tmp_path, "ada", lesson=courses.ONE, stem="01a_rnn_cell")
    said, book = [], SimpleNamespace(lessons=lambda: [START], where="/there/gradebook.db")
    assert pick_lessons(Course(tmp_path), book, (), ["ada", "bob"], said.append) == [START]
    (words,) = said
    assert words.startswith("01_rnn_cell is left out, though 1 handed it in: it was never released to this gradebook")
    assert f"release 01_rnn_cell --course {tmp_path}` does that." in words
    assert pick_lessons(Course(tmp_path), book, ["00"], ["ada"], said.append) == [START] and len(said) == 1


def test_receipts_decide_who_is_late_and_without_one_the_files(first):
    assert {name: line["late_penalty"] for name, line in lines(first).items()} == {
        "ada": 1,
        "bob": 0,
        "cleo": 0,
        "eve": 1,
    }
    assert lines(first)["bob"]["received"] == "2026-11-20T08:30:00+00:00"
    assert lines(first)["eve"]["received"] > "2026-11-20T10"


def test_the_same_seed_gives_the_same_scores_and_words(first, second, home):
    assert {name: line["scores"] for name, line in second.items() if name != "bob"} == {
        name: line["scores"] for name, line in lines(first).items() if name != "bob"
    }
    assert {name: courses.outputs(home, name) for name in ("ada", "bob")} == {
        k: first["pages"][k] for k in ("ada", "bob")
    }
    assert "Likely cause" in first["pages"]["bob"]["softmax-check"]
    assert "seed 7" in first["pages"]["ada"]["softmax-check"]


def test_what_a_person_gave_is_kept(first, second, home):
    assert second["bob"]["scores"] == {"one_hot": 0, "softmax": 0, "unfold": 1.5} and second["bob"]["total"] == 1.5
    with sqlite3.connect(home / "gradebook.db") as db:
        said = db.execute("SELECT manual_comment FROM comment WHERE manual_comment IS NOT NULL").fetchall()
    assert said == [("Look at the columns.",)]
    rows = {row[:3]: row[3:] for row in courses.scores(home)}
    auto, manual, *_ = rows[START, "bob", "unfold-check"]
    assert (auto, manual) == (0, 1.5)


def test_the_first_time_is_kept_for_the_same_content(first, second):
    assert second["eve"]["received"] == lines(first)["eve"]["received"]


def test_one_student_only(second, third):
    ended, _ = third
    assert ended.returncode == 0
    read = json.loads(ended.stdout)["lessons"][START]["students"]
    assert read["eve"]["scores"] == {"one_hot": 2, "softmax": 0, "unfold": 0}
    assert {name: line for name, line in read.items() if name != "eve"} == {
        name: line for name, line in second.items() if name != "eve"
    }
    assert read["eve"]["received"] > second["eve"]["received"]


def test_a_bar_with_an_estimate_where_somebody_watches(third):
    _, seen = third
    assert "1/1" in seen and "submission" in seen and "<" in seen


def test_a_copy_of_the_gradebook_before_each_run(third, home):
    copies = sorted((home / "grading" / "backups").glob("*.db"))
    assert len(copies) == 3
    with sqlite3.connect(copies[0]) as before:
        assert before.execute("SELECT count(*) FROM grade").fetchone() == (0,)


def test_every_run_is_written_down(third, home):
    manifests = [json.loads(p.read_text()) for p in sorted((home / "grading" / "runs").glob("*/manifest.json"))]
    assert [m["students"] for m in manifests] == [["ada", "bob", "cleo", "eve"]] * 2 + [["eve"]]
    assert all(m["ended"] and m["seed"] == 7 and len(m["fingerprint"]) == 64 for m in manifests)


def test_names_of_the_roster_reach_the_gradebook(first, home):
    with sqlite3.connect(home / "gradebook.db") as db:
        names = dict(db.execute("SELECT id, first_name FROM student"))
    assert names["ada"] == "Ada" and names["cleo"] == "Cleo" and "dan" not in names


@pytest.mark.parametrize("unsafe", [False, True])
def test_without_bubblewrap(unsafe, tmp_path):
    home = courses.make(tmp_path / "course", START)
    courses.hand_in(home, "ada", RIGHT)
    environment = {**os.environ, "PATH": str(tmp_path)}
    ended = courses.command(home, "--workers", 1, *["--unsafe"] * unsafe, env=environment)
    if unsafe:
        assert ended.returncode == 0, ended.stderr
        assert courses.results(home)["lessons"][START]["students"]["ada"]["total"] == 6
    else:
        assert ended.returncode == 1 and ended.stdout == "" and ended.stderr.count("\n") == 1
        assert "apt install bubblewrap" in ended.stderr and "--unsafe" in ended.stderr
        assert not (home / "autograded").exists() and not (home / "grading").exists()
    shutil.rmtree(home)
