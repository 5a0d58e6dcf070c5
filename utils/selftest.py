"""`python -m utils test`: everything that must hold before a change goes in, each step with its seconds."""

import argparse
import os
import subprocess
import sys
import time

from utils.errors import CourseError
from utils.paths import did_you_mean, root
from utils.threads import ONE_THREAD

CELL_SECONDS = 120
# One file stays in one process: its tests share fixtures that took seconds to make, its cells a kernel.
SIDE_BY_SIDE = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]
# What each step asks of this interpreter.
STEPS = {
    "ruff": ["-m", "ruff", "check", "."],
    "layers": ["-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache", "--no-logo"],
    "verify": ["-m", "utils", "verify"],
    "prove": ["-m", "utils", "prove"],
    # in the order of the files' names: by the number of their tests, the longest, test_course, would begin last
    "pytest": ["-m", "pytest", *SIDE_BY_SIDE, "--no-loadscope-reorder"],
    "notebooks": [
        *("-m", "pytest", "--nbval", "--nbval-current-env", f"--nbval-cell-timeout={CELL_SECONDS}"),
        *SIDE_BY_SIDE,
        "solutions",
    ],
    "e2e": ["-m", "pytest", "tests/browser/e2e"],
    "site": ["-m", "pytest", "tests/browser/site"],
}
WHEN_NAMED = ("e2e", "site")  # they need Chromium


def run(step):
    """Run one step in the checkout with its output shown. Returns (exit code, seconds)."""
    print(f"\n== {step}", flush=True)
    start = time.perf_counter()
    # PyDev's warning about frozen modules would otherwise stand on the stderr of every kernel.
    environment = os.environ | ONE_THREAD | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    # Hundreds of processes import the course: what the first has compiled serves the others, as on most machines.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    code = subprocess.run([sys.executable, *STEPS[step]], cwd=root(), env=environment).returncode
    return code, time.perf_counter() - start


def report(results):
    """The closing table: one line per step, and the sum."""
    lines = [f"{'step':<12}{'seconds':>8}  result"]
    for step, (code, seconds) in results.items():
        lines.append(f"{step:<12}{seconds:>8.1f}  {'passed' if code == 0 else f'FAILED (exit code {code})'}")
    lines.append(f"{'together':<12}{sum(seconds for _, seconds in results.values()):>8.1f}")
    return "\n".join(lines)


def main(arguments):
    """Command line. Runs all steps, or those that are named; returns 0 only if every one passed."""
    parser = argparse.ArgumentParser(prog="python -m utils test", description="Run every test, or the named steps.")
    all_but = f"any of: {', '.join(STEPS)}; all but {' and '.join(WHEN_NAMED)} if none is named"
    parser.add_argument("steps", nargs="*", metavar="STEP", help=all_but)
    steps = parser.parse_args(arguments).steps or [step for step in STEPS if step not in WHEN_NAMED]
    for step in steps:
        if step not in STEPS:
            raise CourseError(
                f"There is no step {step!r}{did_you_mean(step, STEPS)}; the steps are {', '.join(STEPS)}."
            )
    results = {step: run(step) for step in steps}
    print(f"\n{report(results)}", flush=True)
    return 0 if all(code == 0 for code, _ in results.values()) else 1
