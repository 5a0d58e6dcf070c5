"""The grader killed with SIGKILL at random moments, then resumed: the same gradebook, and nothing left behind."""

import json
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import courses
import psutil
import pytest
from courses import RIGHT, START, WRONG
from sandboxes import require_sandbox

from utils.errors import CourseError
from utils.grading import journal, run

STUDENTS = {"ada": RIGHT, "bob": WRONG, "cleo": {}, "dan": {"unfold": RIGHT["unfold"]}}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """(folder, seconds) of a run that nobody stopped, by the real command."""
    require_sandbox()
    home = courses.make(tmp_path_factory.mktemp("resume") / "course", START)
    for student, answers in STUDENTS.items():
        courses.hand_in(home, student, answers)
    (home / "students.csv").write_text("\n".join(["id", *STUDENTS, "nobody"]))
    shutil.copytree(home, home.parent / "fresh")
    start = time.monotonic()
    assert courses.command(home, "--seed", 7).returncode == 0
    return home, time.monotonic() - start


@pytest.fixture
def home(undisturbed, tmp_path):
    """The same course before its run."""
    return shutil.copytree(undisturbed[0].parent / "fresh", tmp_path / "course")


def start(home):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    words = [*courses.COMMAND, "--course", str(home), "--seed", "7", "--resume"]
    return subprocess.Popen(words, cwd=courses.ROOT, **quiet)


def killed(home, seconds=0.0, done=0):
    """Start the grader, kill it after so many seconds, or so many finished submissions. Nothing of it may be left."""
    with start(home) as process:
        end = time.monotonic() + (seconds or 90)
        while time.monotonic() < end and process.poll() is None and not (done and len(finished(home)) >= done):
            time.sleep(0.005)
        try:
            started = psutil.Process(process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            started = []
        process.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(started, timeout=10)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
    assert [p for p in psutil.process_iter(["cmdline"]) if str(home) in (p.info["cmdline"] or ())] == []
    return started


def finished(home):
    """The lines of the newest journal."""
    found = sorted(home.glob("grading/runs/*/journal.jsonl"))
    return [line for line in journal.read_lines(found[-1])] if found else []


def resumed(home):
    ended = courses.command(home, "--resume", "--seed", 7)
    assert ended.returncode == 0, ended.stderr
    assert not list(Path(home, "autograded").glob(".*")) and not list(Path(home, "grading").glob(".*"))
    return ended


def lines(home):
    """What results.json says of each student, without the times."""
    found = courses.results(home)["lessons"][START]["students"]
    return {name: line | {"received": ""} for name, line in found.items()}


def test_killed_three_times_and_resumed(undisturbed, home):
    other, seconds = undisturbed
    rng = random.Random(time.time_ns())
    for moment in sorted(rng.uniform(0.2, 1.0) for _ in range(3)):
        killed(home, seconds * moment)
    resumed(home)
    assert courses.scores(home) == courses.scores(other)
    assert lines(home) == lines(other)
    for student in STUDENTS:
        assert courses.outputs(home, student) == courses.outputs(other, student)
    with_database = subprocess.run(["ls", "-A", str(home)], text=True, capture_output=True).stdout.split()
    assert sorted(with_database) == ["autograded", "gradebook.db", "grading", "students.csv", "submitted"]


def test_what_is_done_is_not_done_again_and_what_came_since_is(undisturbed, home):
    started = killed(home, done=3)  # nobody, who handed in nothing, and two others
    before = {entry["student"]: entry for entry in finished(home)}
    graded = [name for name, entry in before.items() if entry["status"] == "graded"]
    assert graded and len(before) < 5 and started
    changed, *same = graded
    courses.hand_in(home, changed, {"one_hot": RIGHT["one_hot"]})
    courses.hand_in(home, "nobody", {"one_hot": RIGHT["one_hot"]})
    stamps = {name: (home / "autograded" / name / START).stat().st_ctime_ns for name in graded}
    resumed(home)
    for name in (changed, "nobody"):
        assert lines(home)[name]["scores"] == {"one_hot": 2, "softmax": 0, "unfold": 0}
    assert (home / "autograded" / changed / START).stat().st_ctime_ns != stamps[changed]
    for name in same:
        assert (home / "autograded" / name / START).stat().st_ctime_ns == stamps[name]
    others = [name for name in STUDENTS if name != changed]
    assert [lines(home)[name] for name in others] == [lines(undisturbed[0])[name] for name in others]


def test_what_was_taken_back_since_earns_nothing(undisturbed, home):
    killed(home, done=3)
    taken = next(entry["student"] for entry in finished(home) if entry["status"] == "graded")
    shutil.rmtree(home / "submitted" / taken)
    resumed(home)
    assert lines(home)[taken]["status"] == "missing" and lines(home)[taken]["total"] == 0
    assert not (home / "autograded" / taken / START).exists()


def test_nothing_to_resume_is_a_new_run_and_says_so(undisturbed):
    ended = courses.command(undisturbed[0], "--resume", "--student", "cleo", "--seed", "7")
    assert ended.returncode == 0 and ended.stderr == "No run was stopped: this one is new.\n"
    assert lines(undisturbed[0])["ada"]["total"] == 6


@pytest.fixture
def stopped(home):
    """A course whose run was stopped before it did anything."""
    journal.Journal.begin(home, 7, [START], sorted([*STUDENTS, "nobody"]))
    return home


def test_changed_code_or_notebooks_are_said(stopped, monkeypatch):
    monkeypatch.setattr(journal, "fingerprint", lambda lessons: "another")
    with pytest.raises(CourseError, match="have changed since: begin a new run, without --resume"):
        run.grade(stopped, resume=True)


def test_the_fingerprint_sees_code_and_notebooks(tmp_path, monkeypatch):
    for name in ("notebooks/00_a/00.ipynb", "notebooks/01_b/01.ipynb", "utils/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(journal, "root", lambda: tmp_path)
    monkeypatch.setattr(journal, "PACKAGE", tmp_path / "utils")
    seen = [journal.fingerprint(["00_a"])]
    for name in ("notebooks/00_a/00.ipynb", "utils/x.py"):
        (tmp_path / name).write_text("two")
        seen.append(journal.fingerprint(["00_a"]))
    (tmp_path / "notebooks/01_b/01.ipynb").write_text("two")
    assert len(set(seen)) == 3 and journal.fingerprint(["00_a"]) == seen[-1]


@pytest.mark.parametrize(("asked", "what"), [({"seed": 8}, "seed"), ({"students": ["ada"]}, "students")])
def test_another_run_than_the_stopped_one_is_not_resumed(stopped, asked, what):
    with pytest.raises(CourseError, match=f"has other {what} than those asked for now"):
        run.grade(stopped, resume=True, **asked)


def test_a_line_that_was_cut_costs_only_itself(tmp_path):
    path = tmp_path / "lines.jsonl"
    assert list(journal.read_lines(path)) == []
    journal.add_line(path, {"a": 1})
    with path.open("a") as file:
        file.write('\n{"a": 2, "b')
    journal.add_line(path, {"a": 3})
    assert list(journal.read_lines(path)) == [{"a": 1}, {"a": 3}]


def test_old_runs_go_and_the_newest_is_the_last(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "KEPT", 3)
    for number in range(5):
        one = journal.Journal.begin(tmp_path, number, [], [])
        assert journal.Journal.last(tmp_path).manifest["seed"] == number
        one.end()
    kept = [json.loads(p.read_text())["seed"] for p in sorted(tmp_path.glob("grading/runs/*/manifest.json"))]
    assert kept == [2, 3, 4] and journal.Journal.last(tmp_path) is None
