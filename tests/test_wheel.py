"""The built wheel, installed where there is nothing but Python, NumPy and matplotlib."""

import json
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ("00_start_here/00_start_here", "01_rnn_cell/01a_rnn_cell", "01_rnn_cell/01b_three_families")
REQUIREMENT = re.compile(r"[\w.-]+")


def needed(requirements):
    """The distributions behind these requirements, with everything they need in turn; extras are left out."""
    found = {}
    waiting = [REQUIREMENT.match(line)[0] for line in requirements or [] if "extra ==" not in line]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # needed on another platform or an older Python
        waiting += [REQUIREMENT.match(line)[0] for line in found[name].requires or [] if "extra ==" not in line]
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout."""
    place = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(place),
        str(ROOT),
    ]
    subprocess.run(command, check=True, cwd=place)
    return next(place.glob("rnn_course-*.whl"))


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory):
    """The python of a fresh environment that holds the wheel and what it requires, and nothing else.

    The required packages are linked from the environment of the tests, so that no index is needed.
    """
    place = tmp_path_factory.mktemp("bare") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    python = place / "bin" / "python"
    command = [
        sys.executable,
        "-m",
        "pip",
        "-q",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(command, check=True)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.check_output([python, "-c", code], text=True).strip()
    installed = metadata.PathDistribution(next((place / "lib").glob("*/site-packages/rnn_course-*.dist-info")))
    for one in needed(installed.requires).values():
        for top in {file.parts[0] for file in one.files if file.parts[0] != ".."} - {"__pycache__"}:
            if not os.path.lexists(os.path.join(packages, top)):
                os.symlink(one.locate_file(top), os.path.join(packages, top))
    return python


def run(python, folder, *arguments):
    """Run that python in a folder of its own, without any trace of the checkout."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [python, *arguments], cwd=folder, text=True, capture_output=True, env=clean | {"MPLBACKEND": "Agg"}
    )


def test_the_environment_is_bare(bare, tmp_path):
    code = (
        "import importlib.util as u; print([n for n in ('nbformat', 'IPython', 'pytest', 'torch') if u.find_spec(n)])"
    )
    assert run(bare, tmp_path, "-c", code).stdout == "[]\n"
    where = run(bare, tmp_path, "-c", "import utils; print(utils.__file__)").stdout
    assert str(bare.parent.parent) in where


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs(bare, tmp_path, root, lesson):
    """All code cells of the solution, joined into one file and run by plain Python."""
    cells = json.loads((root / "solutions" / f"{lesson}.ipynb").read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    script = tmp_path / "lesson.py"
    script.write_text("\n\n".join(code), encoding="utf-8")
    ended = run(bare, tmp_path, str(script))
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert "right" in ended.stdout


def test_asking_for_more_says_what_to_install(bare, tmp_path):
    ended = run(bare, tmp_path, "-m", "utils", "build")
    assert ended.returncode == 1
    assert re.search(r'needs the package \w+, which is not installed: run pip install -e "\.\[\w+\]"', ended.stderr)
    assert ended.stderr.count("\n") == 1


def test_the_data_files_travel_along(bare, tmp_path, root):
    shipped = sorted(path.name for path in (root / "data").iterdir() if path.is_file())
    code = (
        "import pathlib, utils; print(sorted(p.name for p in (pathlib.Path(utils.__file__).parent / 'data').iterdir()))"
    )
    assert shipped and run(bare, tmp_path, "-c", code).stdout == f"{shipped}\n"


def test_the_doctor_is_content(bare, tmp_path):
    ended = run(bare, tmp_path, "-m", "utils", "doctor")
    assert ended.returncode == 0, ended.stdout
    assert "FAULT" not in ended.stdout
