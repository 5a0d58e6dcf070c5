"""Faults of ours: no student loses points by one, nobody else notices, and the run can be continued."""

import contextlib
import errno
import os
import signal
import subprocess
from pathlib import Path

import courses
import faulty
import psutil
import pytest
from courses import RIGHT, START
from sandboxes import require_sandbox
from waiting import until

from utils import cli
from utils.grading import autograded, pool, run

STUDENTS = ("ada", "disk", "killed", "killed_once", "once")
FULL = dict.fromkeys(RIGHT, 2.0)


def course(home, students):
    """A course in which all are right in everything."""
    require_sandbox()
    courses.make(home, START)
    for student in students:
        courses.hand_in(home, student, RIGHT)
    return home


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    """(exit code, folder) of a run in which processes raise and are killed."""
    home = course(tmp_path_factory.mktemp("faults") / "course", STUDENTS)
    flags = home / "flags"
    flags.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(faulty.FLAGS, str(flags))
        patch.setattr(pool, "look_at", faulty.look_at)
        code = cli.main(["grade", "--course", str(home), "--seed", "7", "--workers", "2"])
    return code, home


def lines(home):
    return courses.results(home)["lessons"][START]["students"]


def test_what_failed_twice_waits_for_a_person(faults):
    code, home = faults
    assert code == 2
    for student, reason in (("disk", "Input/output error"), ("killed", "Expired")):
        line = lines(home)[student]
        assert line["status"] == "review" and reason in line["reason"] and "\n" not in line["reason"]
        assert set(line["scores"].values()) == {None} and line["total"] == 0
        rows = [row for row in courses.scores(home) if row[1] == student]
        assert len(rows) == 3 and all(auto is None and waits for *_, auto, _, _, waits, _ in rows)
        assert not (home / "autograded" / student / START).exists()


def test_what_failed_once_is_graded(faults):
    _, home = faults
    for student in ("once", "killed_once"):
        assert lines(home)[student]["status"] == "graded" and lines(home)[student]["scores"] == FULL


def test_each_was_tried_as_often_as_it_should(faults):
    _, home = faults
    tried = {student: len(list((home / "flags").glob(f"{student}-*"))) for student in STUDENTS}
    wanted = {"ada": 1, "disk": 2, "killed": 2, "killed_once": 2, "once": 2}
    # two processes that die at the same moment take the pool with them; what was running then has another go
    assert all(wanted[student] <= times <= wanted[student] + 1 for student, times in tried.items()), tried


def test_others_are_graded_as_ever(faults):
    _, home = faults
    assert lines(home)["ada"]["scores"] == FULL


def test_the_next_run_takes_them_up_and_the_exit_code_is_zero(faults, capsys):
    _, home = faults
    assert cli.main(["grade", "--course", str(home), "--student", "disk", "killed", "--seed", "7"]) == 0
    assert "needs review" not in capsys.readouterr().out
    assert {line["status"] for line in lines(home).values()} == {"graded"}
    assert all(line["scores"] == FULL for line in lines(home).values())


def test_a_process_that_is_killed_from_outside_is_replaced(tmp_path):
    home = course(tmp_path / "course", ["ada"])
    process = subprocess.Popen(
        [*courses.COMMAND, "--course", str(home), "--workers", "1", "--seed", "7"],
        cwd=courses.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        judge = until(lambda: judges(process.pid))[0]
        judge.kill()
        assert process.wait(120) == 0, process.stdout.read()
    assert lines(home)["ada"]["scores"] == FULL


def judges(pid):
    """The processes that have a sandbox open."""
    children = psutil.Process(pid).children()
    python = [child for child in children if "bwrap" not in child.name()]  # the first sandbox is only tried
    return [child for child in python if any("bwrap" in deeper.name() for deeper in below(child))]


def below(process):
    with contextlib.suppress(psutil.Error):
        return process.children()
    return []


@pytest.fixture
def two(tmp_path):
    return course(tmp_path / "course", ["ada", "bob"])


def test_a_full_disk_stops_the_run_and_it_can_be_continued(two, monkeypatch, capsys):
    arguments = ["grade", "--course", str(two), "--seed", "7", "--workers", "1"]
    fill, filled = autograded._fill, []

    def full(folder, report):
        if filled:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        filled.append(report.student)
        fill(folder, report)

    monkeypatch.setattr(autograded, "_fill", full)
    assert cli.main(arguments) == 2
    said = capsys.readouterr()
    assert "No space left on device" in said.err and "--resume` goes on" in said.err and "Traceback" not in said.err
    assert said.out == "" and said.err.count("\n") == 1
    monkeypatch.setattr(autograded, "_fill", fill)
    began = []
    monkeypatch.setattr(run, "put_away", lambda home, report: began.append(report.student))
    assert cli.main([*arguments, "--resume"]) == 0
    assert sorted(began + filled) == ["ada", "bob"]
    assert {name: line["scores"] for name, line in lines(two).items()} == {"ada": FULL, "bob": FULL}


def test_a_journal_that_cannot_be_written_stops_the_run_too(two, monkeypatch, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(run.Journal, "add", full)
    assert cli.main(["grade", "--course", str(two), "--student", "ada"]) == 2
    assert "No space left on device" in capsys.readouterr().err


def test_an_interrupt_leaves_nothing_running_and_can_be_continued(two):
    command = [*courses.COMMAND, "--course", str(two), "--workers", "2", "--seed", "7"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=courses.ROOT, start_new_session=True, **pipes) as process:
        until(lambda: judges(process.pid))
        everything = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in said, said
    assert "`python -m utils grade --resume` goes on after what is done." in said
    gone, alive = psutil.wait_procs(everything, timeout=10)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
    assert not list(Path(two, "autograded").glob(".*"))
    ended = courses.command(two, "--resume", "--workers", 1)
    assert ended.returncode == 0 and "No run was stopped" not in ended.stderr, ended.stderr
    assert {name: line["scores"] for name, line in lines(two).items()} == {"ada": FULL, "bob": FULL}
