"""A machine of a cluster: one submission, judged in a process of its own."""

import subprocess
from pathlib import Path

import courses
import pytest
from courses import RIGHT, START
from sandboxes import require_sandbox

from utils.grading import member
from utils.grading.inbox import read
from utils.grading.intake import releases
from utils.grading.verdict import look_at


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What ada handed in, who is right in everything."""
    require_sandbox()
    home = tmp_path_factory.mktemp("member")
    courses.hand_in(home, "ada", RIGHT)
    return home / "submitted" / "ada" / START


def asked(folder, wanted):
    return member.question("ada", START, read(folder, releases(START)), 7, False, wanted)


def test_the_report_is_that_of_this_machine(folder):
    assert member.judge_apart(asked(folder, member.identity())) == look_at("ada", START, folder, 7)


def test_a_question_for_another_course_is_not_answered(folder):
    with pytest.raises(ChildProcessError, match="the submission comes from one that has rnn-course 9.9"):
        member.judge_apart(asked(folder, "rnn-course 9.9"))


def test_a_process_that_takes_too_long_is_ended(folder, monkeypatch):
    monkeypatch.setattr(member, "LIMIT", 0.01)
    with pytest.raises(TimeoutError):
        member.judge_apart(asked(folder, member.identity()))


def test_a_process_that_is_killed_is_said(monkeypatch):
    killed = subprocess.CompletedProcess([], -9, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: killed)
    with pytest.raises(ChildProcessError, match="the process that judges ended with -9."):
        member.judge_apart(b"")


def test_the_identity_names_what_decides_a_verdict(monkeypatch):
    before = member.identity()
    assert all(word in before for word in ("rnn-course", "code ", "Python 3.", "numpy ", "distributed "))
    monkeypatch.setattr(member, "fingerprint", lambda lessons: f"{len(lessons):064d}")
    lessons = len(list((courses.ROOT / "notebooks").glob("*_*/")))
    assert f"code {0:012d}" in member.identity() and lessons == 11
    monkeypatch.setattr(member.platform, "python_version_tuple", lambda: ("3", "99", "1"))
    assert "Python 3.99" in member.identity()


def test_a_machine_with_another_course_is_unfit_and_names_both():
    assert member.unfit(member.identity(), False) == ""
    said = member.unfit("rnn-course 9.9 (code 0)", True)
    assert member.identity() in said and "and this machine rnn-course 9.9 (code 0): install the same on both" in said


def test_a_machine_without_a_sandbox_is_unfit_unless_the_work_is_ones_own(monkeypatch):
    monkeypatch.setattr(member, "obstacle", lambda: "a sandbox needs Linux")
    assert member.unfit(member.identity(), False) == "a sandbox needs Linux"
    assert member.unfit(member.identity(), True) == ""


def test_what_was_handed_in_travels_without_its_folder(folder):
    assert str(Path(folder)).encode() not in asked(folder, "")
