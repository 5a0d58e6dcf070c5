"""Tests that need PostgreSQL are left out, or fail, where there is none; a private server leaves nothing behind."""
# ruff: noqa: F811 - tests name the fixtures that are imported

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import postgres
import postgres_server
import pytest
from postgres import plain, server  # noqa: F401

HERE = Path(__file__).parent
TINY = """
import os
from pathlib import Path

import pytest
from postgres import database, empty, mortal, run_sql, server

def test_without():
    pass

@pytest.mark.postgres
def test_with(empty):
    Path("port").write_text(str(run_sql(empty, "SHOW port")[0][0]))

@pytest.mark.postgres(own=True)
def test_own(mortal):
    pass
"""
BARE = "import postgres_server\npostgres_server.binaries = lambda: None\n"
REASON = "no PostgreSQL server: sudo apt install postgresql"


@pytest.fixture
def tiny(tmp_path):
    """Run pytest on three tests with the hooks of these: tiny("-k", "with", CI="1"). No server is installed there."""
    for name, text in {"test_tiny.py": TINY, "bare.py": BARE, "pytest.ini": "[pytest]"}.items():
        (tmp_path / name).write_text(text)

    def go(*arguments, **variables):
        path = os.pathsep.join((str(tmp_path), str(HERE), str(HERE.parent)))
        own = {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **variables}
        kept = {name: value for name, value in os.environ.items() if name not in ("CI", postgres.SERVER)}
        command = [sys.executable, "-m", "pytest", "-p", "bare", "-p", "conftest", "-p", "no:cacheprovider", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=kept | own, capture_output=True, text=True)

    return go


@pytest.mark.parametrize("processes", [(), ("-p", "xdist", "-n", "2")], ids=["one", "two"])
def test_without_a_server_they_are_left_out_and_that_is_said(tiny, processes):
    ended = tiny(*processes)
    assert ended.returncode == 0, ended.stdout
    assert "1 passed" in ended.stdout and "skipped" not in ended.stdout and "failed" not in ended.stdout
    lines = [line for line in ended.stdout.splitlines() if REASON in line]
    assert len(lines) == 1 and lines[0].startswith("Tests with a database were left out: ")
    assert f"or name one in {postgres.SERVER}" in lines[0]


def test_where_all_are_left_out_nothing_has_passed(tiny):
    ended = tiny("-k", "with and not without")
    assert ended.returncode == 5 and "3 deselected" in ended.stdout and REASON in ended.stdout


def test_without_a_server_they_fail_in_ci_with_the_reason(tiny):
    ended = tiny(CI="true")
    assert ended.returncode == 1 and "1 passed, 2 errors" in ended.stdout, ended.stdout
    assert f"Failed: {REASON}" in ended.stdout and "left out" not in ended.stdout


@pytest.mark.postgres
def test_a_named_server_is_the_one_that_is_used(tiny, server, tmp_path):
    ended = tiny(**{postgres.SERVER: plain(server)})
    assert ended.returncode == 0 and "2 passed, 1 deselected" in ended.stdout, ended.stdout
    assert (tmp_path / "port").read_text() == str(server.port or 5432)
    assert f"{REASON}\n" in ended.stdout  # the third needs one that it may kill


def test_what_a_killed_process_left_is_cleared_away_and_what_a_living_one_uses_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = "import time, postgres_server\nwith postgres_server._folder(): print(flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                          env=os.environ | {"PYTHONPATH": str(HERE), "TMPDIR": str(tmp_path)}) as other:  # fmt: skip
        try:
            other.stdout.readline()
            with postgres_server._folder():
                assert len(list(tmp_path.iterdir())) == 2
            (left,) = tmp_path.iterdir()
        finally:
            other.kill()
    assert left.is_dir()
    with postgres_server._folder() as ours:
        assert list(tmp_path.iterdir()) == [ours]
    assert not list(tmp_path.iterdir())
