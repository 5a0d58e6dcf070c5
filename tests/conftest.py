"""Fixtures for all tests."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import postgres
import pytest
from nearness import lstm_sequence, sequence

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser):
    """`pytest --update-golden` writes the messages of the checks anew into tests/golden."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the files in tests/golden")


def pytest_configure(config):
    """Tell pytest of the tests that need a database."""
    config.addinivalue_line("markers", "postgres: needs PostgreSQL; left out where there is none, but in CI")


def pytest_collection_modifyitems(config, items):
    """Leave out what cannot be run here."""
    postgres.select(config, items)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Hear from a process of xdist what it noted."""
    node.config.stash.setdefault(postgres.NOTED, {}).update(getattr(node, "workeroutput", {}))


def pytest_terminal_summary(terminalreporter, config):
    """Say what was left out, and why; and with which versions of larger things the tests ran."""
    noted = config.stash.get(postgres.NOTED, {})
    if reason := noted.get("postgres"):
        terminalreporter.write_line(f"Tests with a database were left out: {reason}")
    if ran := sorted(f"{key.removeprefix('ran ')} {noted[key]}" for key in noted if key.startswith("ran ")):
        terminalreporter.write_line(f"These really ran: {', '.join(ran)}")


@pytest.fixture(scope="session")
def ran(request):
    """ran("PostgreSQL", "15.20"): note for the log which version a test used."""
    return lambda name, version: postgres.notes(request.config).update({f"ran {name}": version})


@pytest.fixture
def root():
    """The checkout under test."""
    return ROOT


@pytest.fixture
def rng():
    """The same random numbers for each test."""
    return np.random.default_rng(7)


@pytest.fixture
def net(rng):
    """A sequence, a start and parameters: x, a0, P."""
    x, _, a0, P = sequence(rng)
    return x, a0, P


@pytest.fixture
def lstm_net(rng):
    """A sequence, two starts and parameters: x, a0, c0, P."""
    return lstm_sequence(rng)


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


@pytest.fixture
def shown(monkeypatch):
    """The first axes of each figure that was shown; `axes.figure.axes` holds the others."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    seen = []
    monkeypatch.setattr(plt, "show", lambda: seen.append(plt.gcf().axes[0]))
    yield seen
    plt.close("all")
