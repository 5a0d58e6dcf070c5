"""Imports go down, and checking stays light: the contracts hold, and each is seen to fail on a planted breach."""

import subprocess
import sys

import pytest

LINT = [
    sys.executable,
    "-c",
    "from importlinter.cli import lint_imports_command as run; run()",
    "--no-cache",
    "--no-logo",
]
HEAVY = ("torch", "matplotlib", "nbgrader", "nbformat", "dask")


def lint(folder):
    """Run the contracts on the package in `folder` and on no other."""
    return subprocess.run(LINT, cwd=folder, text=True, capture_output=True, env={"PYTHONPATH": str(folder), "PATH": ""})


def test_the_contracts_hold(checkout):
    ended = lint(checkout)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 broken" in ended.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("reference/activations.py", "import utils.training", "Imports go down BROKEN"),
        ("errors.py", "import utils.cli", "Imports go down BROKEN"),
        ("reference/activations.py", "import utils.textbook.activations", "Imports go down BROKEN"),
        ("checking/message.py", "import utils.authoring.build", "Imports go down BROKEN"),
        ("checking/message.py", "import matplotlib", "Checking stays light BROKEN"),
        ("reference/activations.py", "import torch", "Checking stays light BROKEN"),
    ],
)
def test_a_breach_is_seen(checkout, module, line, contract):
    with (checkout / "utils" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    ended = lint(checkout)
    assert ended.returncode == 1
    assert contract in ended.stdout


def test_a_module_without_a_layer_is_seen(checkout):
    (checkout / "utils" / "stray.py").write_text("import utils.cli\n", encoding="utf-8")
    ended = lint(checkout)
    assert ended.returncode == 1
    assert "stray" in ended.stdout


def test_checking_loads_nothing_heavy(root):
    code = f"import sys, utils.checking; print([name for name in {HEAVY} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, text=True, capture_output=True, check=True)
    assert ended.stdout == "[]\n"


def test_checking_loads_fast(root):
    """Less than 0.3 s beyond NumPy; processor time and the best of three, so that a busy machine does not decide."""
    code = "import time, numpy; start = time.process_time(); import utils.checking; print(time.process_time() - start)"
    command = [sys.executable, "-c", code]
    times = [float(subprocess.check_output(command, cwd=root, text=True)) for _ in range(3)]
    assert min(times) < 0.3, times
