"""Fixtures for all tests."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser):
    """`pytest --update-golden` writes the messages of the checks anew into tests/golden."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the files in tests/golden")


@pytest.fixture
def root():
    """The checkout under test."""
    return ROOT


@pytest.fixture
def torch():
    """PyTorch, the oracle of the mathematics."""
    return pytest.importorskip("torch")


@pytest.fixture
def course():
    """Run `python -m utils …` in the checkout: course("verify") returns the finished process, its output as text."""

    def run(*arguments, cwd=ROOT, **options):
        return subprocess.run(
            [sys.executable, "-m", "utils", *arguments], cwd=cwd, text=True, capture_output=True, **options
        )

    return run


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the set-up and the layers need, in which a test may break things."""
    place = tmp_path / "checkout"
    shutil.copytree(ROOT / "utils", place / "utils", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "constraints.txt", "Makefile", "README.md", "LICENSE", "LICENSE-TEXT"):
        shutil.copy2(ROOT / name, place / name)
    shutil.copytree(ROOT / "data", place / "data")
    return place
