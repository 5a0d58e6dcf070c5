"""Guards over every pytest run, of tests/ and of the notebooks in solutions/."""

import json
import os
from pathlib import Path

import pytest

from utils.cli import tools_first

skipped = []
tools_first()  # as for every command: pytest may be started without its environment being active


def pytest_runtest_logreport(report):
    """Remember what was skipped."""
    if report.skipped and not hasattr(report, "wasxfail"):
        skipped.append(report.nodeid)


def pytest_sessionfinish(session, exitstatus):
    """In CI a skipped test fails the run: nobody reads there that something was left out."""
    if skipped and os.environ.get("CI") and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    """Say why a run without a failure has failed."""
    if skipped and os.environ.get("CI"):
        terminalreporter.write_line(f"CI is set, so these skipped tests fail the run: {', '.join(skipped)}", red=True)


def pytest_collection_modifyitems(items):
    """Refuse notebooks that were never executed: nbval runs their cells, compares nothing and passes them."""
    notebooks = {Path(item.path) for item in items if Path(item.path).suffix == ".ipynb"}
    for notebook in sorted(notebooks):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        counts = [cell["execution_count"] for cell in cells if cell["cell_type"] == "code" and cell["source"]]
        if None in counts:
            raise pytest.UsageError(f"{notebook} was not executed from top to bottom: run `make notebooks`.")
