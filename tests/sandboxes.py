"""For tests that need a sandbox: it is there, or they say what to install; and ways to run code in it."""

import json
import os
import textwrap

import pytest

from utils.grading.sandbox import Limits, Sandbox, obstacle, python_command

SLOT = 1000 + os.getpid() % 3000  # others may be grading on this machine
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def require_sandbox():
    """Skip the test where no sandbox can be started; in CI, where nobody reads of what was skipped, fail."""
    if reason := obstacle():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"there is no sandbox here: {reason}")


@pytest.fixture
def sandboxed():
    """The test runs only where a sandbox can be started."""
    require_sandbox()


@pytest.fixture(params=["root", "user"] if ROOT else ["user"])
def whoever(request, monkeypatch, sandboxed):
    """Both ways to build a sandbox. Root can go that of an ordinary user too."""
    if request.param == "user":
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return request.param


@pytest.fixture
def tree(tmp_path):
    """What stands at /course: a package with a module in it."""
    folder = tmp_path / "tree"
    (folder / "utils/data").mkdir(parents=True)
    (folder / "utils/__init__.py").write_text("")
    (folder / "utils/echo.py").write_text("print(input().upper(), open('/course/utils/data/word').read())")
    return folder


@pytest.fixture
def sandbox(tree, sandboxed):
    """Start Python code in a sandbox: sandbox(code, limit=…). It is ended after the test."""
    started = []

    def start(code, **limits):
        command = python_command("-c", textwrap.dedent(code))
        started.append(Sandbox(tree, None, command, Limits(**limits), SLOT))
        return started[-1]

    yield start
    for one in started:
        one.__exit__()


@pytest.fixture
def inside(sandbox):
    """Run Python code in a sandbox and return what it printed, read as JSON."""

    def run(code, **limits):
        said, _ = sandbox(f"import json, os, sys\n{textwrap.dedent(code)}", **limits).process.communicate(timeout=60)
        return json.loads(said or "null")

    return run
