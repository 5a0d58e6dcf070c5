# ruff: noqa: E501  (nbgrader writes its metadata on one line)
"""A course of one lesson, made in a temporary folder for the tests of authoring and of the learner's workspace."""

import shutil
from pathlib import Path

import utils
from utils import paths

HERE = Path(__file__).resolve().parent.parent

TEXTBOOK = '''"""Answers of the small course."""


def double(x, times=1):
    """Return twice x, `times` times.

    x: number. Returns a number.
    """

    # the loop is the point of the exercise
    for _ in range(times):
        x = 2 * x

    return x


def triple(x):
    """Return three times x."""
    factor = 3
    # a reason

    result = factor * x
    return result


def bare(x):
    return x


not_a_function = 3
'''

LESSON = """# %% [markdown]
# # One small lesson
#
# ![A box with one arrow in and one arrow
# out.](figures/box.svg)

# %% tags=["setup"]
import utils

assert utils.__course__


def check(f):
    assert f(2) in (4, 6)


# %% [markdown]
# ## Exercise · `double`
#
# Write it. `# not a heading`

# %% nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: double

# %% tags=["try-it"]
print(double(21))

# %% nbgrader={"grade": true, "grade_id": "double-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(double)

# %% nbgrader={"grade": false, "grade_id": "triple", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: triple shows 1

# %% nbgrader={"grade": true, "grade_id": "triple-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(triple)
### BEGIN HIDDEN TESTS
assert triple(5) == 15
### END HIDDEN TESTS

# %% tags=["demo"]
print("a long training run")

# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Because two and two are four. Two points for each two.
# ### END SOLUTION

# %% [markdown]
# ## The end

# %% tags=["try-it"]
print(double(21))
"""


def make(root: Path) -> Path:
    """Write the small course into `root`; its lesson's text."""
    (root / "solutions/07_small/figures").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "data/points.csv").write_text("1,2\n")
    shutil.copy(HERE / "nbgrader_config.py", root)
    (root / "pyproject.toml").write_text("")
    (root / "solutions/07_small/figures/box.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>\n")
    text = root / "solutions/07_small/07_small.py"
    text.write_text(LESSON)
    return text


def move_to(monkeypatch, root: Path) -> None:
    """Make `root` the course's folder, and its textbook.py (written here when missing) the textbook."""
    import importlib.util
    import sys

    file = root / "textbook.py"
    if not file.exists():
        file.write_text(TEXTBOOK)
    spec = importlib.util.spec_from_file_location("utils.textbook", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "utils.textbook", module)
    monkeypatch.setattr(utils, "textbook", module, raising=False)
    monkeypatch.setattr(paths, "ROOT", root)
