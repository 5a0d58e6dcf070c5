"""The texts of a bundle that are nobody's code: what to do with it, how it installs, what Validate needs."""

import tomllib

from utils.errors import CourseError

README = """# {title}

This folder holds one lesson of a course on recurrent neural networks: the notebook, its data, and checks that work
beside you. It holds no answers.

## Start

You need Python 3.11 or newer. In this folder:

```
python -m venv .venv
source .venv/bin/activate            # on Windows: .venv\\Scripts\\activate
pip install -e ".[{extras}]"
python -m utils lab {number}
```

`python -m utils lab` copies the lesson to `work/` and opens it in JupyterLab. What you write is in `work/`, and only
there. `python -m utils check {number}` runs the checks of your copy without opening it, and
`python -m utils reset {number} NAME` puts one exercise back to its stub.

## When a newer version comes, or the next lesson

Unzip it where you unzipped this one, so that its files replace those of this folder (where your system makes a second
folder instead, copy what is in it over this one). `work/`, and so all that you wrote, is not touched. Then

```
python -m utils update {number}
```

brings what is new into your copy. Your answers stay, and the notebook as it was is kept beside it. For another lesson
its README, which is now here, names its number: `python -m utils lab` with that number copies and opens it.

## What is different from the full course

- Checks compare with stored results in place of a solution. Grading uses fresh cases. Some exercises take functions or
  random numbers; for these, the instructor's grader decides, and the check says so.
- The last hint of each exercise is nearly the answer, so it is left out.
- Where a demonstration uses a function of this lesson, it uses yours: write it first. If it is missing, the cell says
  which one.
- A few experiments need what later lessons build. For these the folder holds the results of the calls in the notebook:
  with other arguments they cannot run here.
- Commands: {commands}.

Code: MIT (LICENSE). Prose and pictures: CC BY 4.0 (LICENSE-TEXT). Data: see data/README.md.
"""

PYPROJECT = """# Made for the bundle of lesson {number}.
[build-system]
requires = {requires}
build-backend = "hatchling.build"

[project]
name = "rnn-course"
description = "Recurrent neural networks: lesson {number}, for students"
readme = "README.md"
requires-python = "{python}"
license = "MIT AND CC-BY-4.0"
license-files = ["LICENSE", "LICENSE-TEXT"]
dependencies = {dependencies}
dynamic = ["version"]

[project.optional-dependencies]
{extras}

[tool.hatch.version]
path = "utils/__init__.py"

[tool.hatch.build]
dev-mode-dirs = ["."]

[tool.hatch.build.targets.wheel]
packages = ["utils"]
"""

# The settings that the Validate button reads: as in the full course, without those of grading.
NBGRADER = """c = get_config()  # noqa: F821  (nbgrader puts this name here)
c.Execute.skip_cells_with_tag = "demo"
c.Execute.timeout = 60
c.Execute.startup_timeout = 120
"""


def readme(title: str, number: str, commands) -> str:
    """What a student reads first. title: the lesson's; number: its two digits."""
    listed = ", ".join(f"`{name}`" for name in commands)
    return README.format(title=title, number=number, extras=",".join(_extras(number)), commands=listed)


def pyproject(text: str, number: str) -> str:
    """A small pyproject.toml with the bounds of the course's own, which is `text`."""
    try:
        own = tomllib.loads(text)
        project = own["project"]
        extras = [f"{name} = {_listed(project['optional-dependencies'][name])}" for name in _extras(number)]
        return PYPROJECT.format(
            number=number,
            requires=_listed(own["build-system"]["requires"]),
            python=project["requires-python"],
            dependencies=_listed(project["dependencies"]),
            extras="\n".join(extras),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CourseError(
            f"Expected the course's pyproject.toml, with its dependencies and extras; it cannot be read ({error}): "
            "restore it from the repository."
        ) from error


def _extras(number):
    return ("lab", "torch") if number == "10" else ("lab",)


def _listed(values):
    return "[" + ", ".join(f"'{value}'" if '"' in value else f'"{value}"' for value in values) + "]"
