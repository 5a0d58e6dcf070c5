"""What is said where no sandbox can be started."""

import os
import sys

import pytest
from sandboxes import require_sandbox

from utils.errors import CourseError
from utils.grading import sandbox, syscalls, walls

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs are looked for, and stood in for, as Linux does")


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Let `obstacle` look anew, in each test and after it."""
    monkeypatch.setattr(sys, "platform", "linux")
    walls.obstacle.cache_clear()
    yield
    walls.obstacle.cache_clear()


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """The only programs there are: programs(bwrap="shell text")."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(syscalls, "program", lambda: b"")

    def add(**texts):
        for name, text in texts.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
            (tmp_path / name).chmod(0o755)

    return add


def failing(said):
    """Stand-ins with a bubblewrap that says this and fails."""
    return {"bwrap": f"echo '{said}' >&2; exit 1", "setpriv": "", "prlimit": ""}


def test_not_linux(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "needs Linux" in walls.obstacle() and "WSL2" in walls.obstacle() and "container" in walls.obstacle()


def test_missing_programs(programs):
    assert "`sudo apt install bubblewrap`" in walls.obstacle()
    programs(bwrap="")
    walls.obstacle.cache_clear()
    assert "`sudo apt install util-linux`" in walls.obstacle()


def test_missing_library(programs, monkeypatch):
    def absent():
        raise ImportError

    programs(bwrap="", setpriv="", prlimit="")
    monkeypatch.setattr(syscalls, "program", absent)
    assert "pip install -e '.[grade]'" in walls.obstacle()


def test_all_is_well(programs):
    programs(bwrap="exit 0", setpriv="", prlimit="")
    assert walls.obstacle() == ""


def test_looks_once(programs, tmp_path):
    programs(bwrap="exit 0", setpriv="", prlimit="")
    assert walls.obstacle() == ""
    (tmp_path / "bwrap").unlink()
    assert walls.obstacle() == ""


def test_root_without_namespaces(programs, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    programs(**failing("bwrap: Creating new namespace failed: Operation not permitted"))
    assert "--privileged" in walls.obstacle() and "Operation not permitted" in walls.obstacle()


def test_a_user_without_namespaces(programs, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    programs(**failing("bwrap: No permissions to create new namespace"))
    said = walls.obstacle()
    assert "sudo sysctl" in said and "administrator" in said and "verdicts are still reached outside" in said


@pytest.mark.parametrize("name, value, cure", [row for row in walls.FORBIDDING])
def test_the_setting_that_forbids_it_is_named(tmp_path, monkeypatch, name, value, cure):
    monkeypatch.setattr(walls, "SETTINGS", tmp_path)
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(f"{value}\n")
    assert walls._forbidding() == f"`sudo sysctl {name.replace('/', '.')}={cure}`"


def test_an_old_bubblewrap(programs):
    programs(**failing("bwrap: Unknown option --size"))
    assert "bubblewrap 0.8 or newer" in walls.obstacle()


def test_a_python_that_nobody_else_may_read(programs):
    programs(**failing("prlimit: failed to execute /root/python: Permission denied"))
    assert "this Python did not run in it" in walls.obstacle()


def test_no_sandbox_is_a_course_error(programs, tmp_path):
    with pytest.raises(CourseError, match="There is no sandbox: .* apt install bubblewrap"):
        sandbox.Sandbox(tmp_path, None, ["true"])


def test_one_that_does_not_start_is_a_course_error(programs, tmp_path):
    programs(bwrap='case "$*" in *info-fd*) exit 1; esac', setpriv="", prlimit="")
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    with pytest.raises(CourseError, match="did not start"):
        sandbox.Sandbox(tmp_path, None, ["true"])
    assert before is None or len(os.listdir("/proc/self/fd")) == before


def test_tests_without_a_sandbox_fail_in_ci_and_are_skipped_elsewhere(programs, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt install bubblewrap"):
        require_sandbox()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt install bubblewrap"):
        require_sandbox()
