"""The set-up: what it installs, when it does nothing, and the one sentence for each way in which it can fail."""

import ast
import errno
import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from utils import bootstrap

# Stands in for pip, or for venv: notes that it has begun, ends when it is told to (or nobody has told it for long).
WAITS = """
import pathlib, time
pathlib.Path("begun").touch()
end = time.monotonic() + 60
while not pathlib.Path("go").exists() and time.monotonic() < end:
    time.sleep(0.01)
"""


@pytest.fixture(autouse=True)
def tested_versions(monkeypatch):
    """The weekly run with the newest versions sets this for the set-up outside, not for the ones in these tests."""
    monkeypatch.delenv("COURSE_CONSTRAINTS", raising=False)


def set_up(place, *arguments, **environment):
    """Run the set-up of a copied checkout as make does."""
    return subprocess.run(
        [sys.executable, "utils/bootstrap.py", *arguments],
        cwd=place,
        text=True,
        capture_output=True,
        env=os.environ | environment,
    )


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    """A .venv as the set-up makes it, to be copied."""
    place = tmp_path_factory.mktemp("venv")
    (place / "build").mkdir()
    bootstrap.make_venv(str(place))
    return place / ".venv"


@pytest.fixture
def installed(checkout, venv, monkeypatch):
    """A copied checkout with a .venv; installing is replaced by a note of what was asked for."""
    asked = []
    shutil.copytree(venv, checkout / ".venv", symlinks=True)
    monkeypatch.setattr(bootstrap, "install", lambda root, extras, lock: asked.append(extras))
    return str(checkout), asked


def test_it_parses_on_old_pythons(root):
    ast.parse((root / "utils" / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_it_needs_nothing_but_the_standard_library(root):
    tree = ast.parse((root / "utils" / "bootstrap.py").read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert names and set(names) <= set(sys.stdlib_module_names)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def test_a_second_set_up_does_nothing(installed):
    root, asked = installed
    assert bootstrap.set_up(root, ["grade", "lab"])
    assert asked == [["grade", "lab"]]
    assert not bootstrap.set_up(root, ["lab"])
    assert not bootstrap.set_up(root, [])
    assert asked == [["grade", "lab"]]


def test_a_second_set_up_takes_less_than_a_second(installed):
    root, _ = installed
    bootstrap.set_up(root, ["lab"])
    start = time.perf_counter()
    ended = set_up(root, "lab")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert time.perf_counter() - start < 1


def test_more_extras_are_added_to_those_that_are_there(installed):
    root, asked = installed
    bootstrap.set_up(root, ["lab"])
    assert bootstrap.set_up(root, ["torch"])
    assert asked == [["lab"], ["lab", "torch"]]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_list_of_packages_is_installed_again(installed, name):
    root, asked = installed
    bootstrap.set_up(root, ["lab"])
    with open(os.path.join(root, name), "a") as file:
        file.write("# changed\n")
    assert bootstrap.set_up(root, [])
    assert asked == [["lab"], ["lab"]]


def test_other_constraints_are_installed_by_name_and_content(installed, monkeypatch):
    root, asked = installed
    bootstrap.set_up(root, ["lab"])
    for name in ("newest.txt", "other.txt"):
        shutil.copy(os.path.join(root, "constraints.txt"), os.path.join(root, name))
        monkeypatch.setenv("COURSE_CONSTRAINTS", name)
        assert bootstrap.set_up(root, ["lab"]) and not bootstrap.set_up(root, ["lab"])
    with open(os.path.join(root, "other.txt"), "a") as file:
        file.write("# changed\n")
    assert bootstrap.set_up(root, ["lab"]) and not bootstrap.set_up(root, ["lab"])
    monkeypatch.setenv("COURSE_CONSTRAINTS", "")
    assert bootstrap.set_up(root, ["lab"]) and not bootstrap.set_up(root, ["lab"])


def test_pip_gets_the_constraints_that_are_named(tmp_path, monkeypatch):
    commands = []
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda command, **options: commands.append(command) or 0)
    (tmp_path / ".venv").mkdir()
    (tmp_path / "build").mkdir()
    bootstrap.install(str(tmp_path), ["lab"])
    monkeypatch.setenv("COURSE_CONSTRAINTS", ".ci/newest.txt")
    bootstrap.install(str(tmp_path), ["lab"])
    tested, newest = commands
    assert tested[tested.index("-c", 3) + 1] == "constraints.txt" and "--upgrade" not in tested
    assert newest[newest.index("-c", 3) + 1] == ".ci/newest.txt" and newest[-2:] == ["--upgrade-strategy", "eager"]


def test_constraints_that_are_not_there_are_named(checkout):
    ended = set_up(checkout, "lab", COURSE_CONSTRAINTS=".ci/gone.txt")
    assert ended.returncode == 1
    assert os.path.join(".ci", "gone.txt") in ended.stderr and ended.stderr.count("\n") == 1
    assert not (checkout / ".venv").exists()


def test_a_half_made_venv_is_made_anew(installed, monkeypatch):
    root, _ = installed
    made = []
    monkeypatch.setattr(bootstrap, "make_venv", lambda root, lock: made.append(root))
    bootstrap.set_up(root, ["lab"])
    assert made == []
    for spoil in ("installing", "elsewhere", "python"):
        stamp = {"root": root, "hash": "old", "extras": ["lab"]}
        if spoil == "installing":
            open(os.path.join(root, ".venv", "installing"), "w").close()
        elif spoil == "elsewhere":
            stamp["root"] = "/somewhere/else"
        else:
            os.remove(bootstrap.venv_python(root))
        bootstrap.write_stamp(root, stamp)
        bootstrap.set_up(root, ["lab"])
        assert made.pop() == root and not made, spoil
        if spoil == "installing":
            os.remove(os.path.join(root, ".venv", "installing"))


def test_no_index_is_one_sentence_and_the_next_run_starts_afresh(checkout):
    closed = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    ended = set_up(checkout, "lab", **closed, PIP_NO_CACHE_DIR="1", PIP_RETRIES="0")
    assert ended.returncode == 1
    assert ended.stderr == (
        "The set-up could not reach the package index: check the network and run the command again; "
        f"its whole output is in {os.path.join('build', 'setup.log')}.\n"
    )
    assert (checkout / "build" / "setup.log").read_text()
    assert not bootstrap.usable(str(checkout), bootstrap.read_stamp(str(checkout)))


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        (
            "noise\nERROR: ResolutionImpossible: numpy\nhint",
            "pip could not install the course (ERROR: ResolutionImpossible",
        ),
        (
            "ERROR: Exception:\nTraceback (most recent call last):\n  File\nPermissionError: [Errno 13] refused: '/x'",
            "pip could not install the course (PermissionError: [Errno 13] refused: '/x')",
        ),
        ("", "pip could not install the course (it said nothing)"),
    ],
)
def test_other_failures_of_pip(tmp_path, log, words):
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "setup.log").write_text(log)
    assert bootstrap.reason(str(tmp_path)).startswith(words)


def test_an_old_python_without_a_newer_one(monkeypatch):
    monkeypatch.setattr(bootstrap, "OTHER_PYTHONS", ("no-such-python",))
    with pytest.raises(bootstrap.SetupError, match=r"needs Python 3\.11 or newer and this is Python 3\.6"):
        bootstrap.newer_python((3, 6, 9))


def test_an_old_python_hands_over_to_a_newer_one(monkeypatch):
    monkeypatch.setattr(bootstrap, "OTHER_PYTHONS", ("no-such-python", sys.executable))
    assert bootstrap.newer_python((3, 6, 9)) == sys.executable
    assert bootstrap.newer_python((3, 11, 0)) is None


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_names_the_package(monkeypatch, capsys, checkout, module):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(bootstrap, "ROOT", str(checkout))
    assert bootstrap.main(["lab"]) == 1
    words = capsys.readouterr().err
    assert f"sudo apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in words
    assert words.count("\n") == 1


@pytest.mark.parametrize("kind", [errno.EROFS, errno.EACCES])
def test_a_read_only_checkout(monkeypatch, capsys, checkout, kind):
    def refuse(*arguments, **options):
        raise OSError(kind, os.strerror(kind))

    monkeypatch.setattr(bootstrap, "ROOT", str(checkout))
    monkeypatch.setattr(bootstrap.os, "makedirs", refuse)
    assert bootstrap.main(["lab"]) == 1
    words = capsys.readouterr().err
    assert words == (
        f"The course cannot write in {checkout} ({os.strerror(kind)}): "
        "copy it to a folder of your own and run the command there.\n"
    )
    assert not (checkout / ".venv").exists()


def test_two_set_ups_at_once(checkout):
    with bootstrap.hold_lock(str(checkout)):
        ended = set_up(checkout, "lab")
    assert ended.returncode == 1
    assert ended.stderr == "Another set-up is running here: wait until it has ended, then run the command again.\n"
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("what", ["venv", "pip"])
def test_a_killed_set_up_is_locked_until_what_it_started_has_ended(checkout, venv, what):
    if what == "pip":
        shutil.copytree(venv, checkout / ".venv", symlinks=True)
        next((checkout / ".venv").glob("lib/*/site-packages/pip/__main__.py")).write_text(WAITS)
    else:
        (checkout / "venv.py").write_text(WAITS)  # `-m` looks in the checkout first

    def wait_for(done):
        end = time.monotonic() + 30
        while not done():
            assert time.monotonic() < end
            time.sleep(0.01)

    def free():
        try:
            bootstrap.hold_lock(str(checkout)).close()
        except bootstrap.SetupError:
            return False
        return True

    first = subprocess.Popen([sys.executable, "utils/bootstrap.py"], cwd=checkout, stdout=subprocess.DEVNULL)
    try:
        wait_for((checkout / "begun").exists)
        first.kill()
        first.wait()
        ended = set_up(checkout)
        assert ended.returncode == 1
        assert ended.stderr.startswith("Another set-up is running here:")
    finally:
        (checkout / "go").touch()
    wait_for(free)


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"hash": 1})])
def test_a_damaged_stamp_counts_as_none(tmp_path, text):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "course.json").write_text(text)
    assert bootstrap.read_stamp(str(tmp_path)) == {"root": "", "hash": "", "extras": []}
