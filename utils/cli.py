"""The one table of commands, and what they have in common: lazy imports, one sentence when something is wrong."""

import importlib
import os
import sys
import sysconfig

import utils
from utils.errors import CourseError
from utils.paths import did_you_mean

COMMANDS = {
    "grade": ("utils.grading.run:main", "grade submitted/ in a sandbox: gradebook, notebooks, table"),
    "report": ("utils.grading.class_report:main", "one page about a class: its points, and which mistakes it made"),
    "bundle": ("utils.bundling:main", "a lesson as a zip for students, with checks and without answers"),
    "course": ("utils.grading.course:main", "build what changed and grade the sample class, in build/course/"),
    "lab": ("utils.workspace:lab", "copy the lessons to work/ and open JupyterLab there"),
    "update": ("utils.workspace:update", "bring a newer release of a lesson into work/, keeping the answers"),
    "reset": ("utils.workspace:reset", "put one exercise of work/ back to its stub"),
    "check": ("utils.grading.check:main", "check a lesson of work/ without opening it"),
    "doctor": ("utils.doctor:main", "look at this installation and say what to mend"),
    "build": ("utils.authoring.build:main", "text → executed solutions/ → released notebooks/"),
    "release": ("utils.authoring.build:release", "build what changed and make the lessons known to nbgrader"),
    "verify": ("utils.authoring.verify:main", "check that notebooks and texts agree and are fit to release"),
    "absorb": ("utils.authoring.absorb:main", "bring edits made in a solution notebook back to its text"),
    "site": ("utils.site:main", "the lessons as a site that needs no network, in build/site/"),
    "prove": ("utils.prove:main", "plant every known mistake and see it rejected and named"),
    "figures": ("utils.authoring.figures:main", "draw the pictures of the lessons again"),
    "data": ("utils.authoring.datafiles:main", "make the files of data/ again and compare them with what is there"),
    "experiments": ("utils.stored_runs.command:main", "compute the stored runs of the lessons again from their seeds"),
    "test": ("utils.selftest:main", "all tests: style, layers, verify, prove, pytest, notebooks; e2e, site if named"),
}

# Which extra brings a module that is not there; anything else that is missing belongs to dev.
EXTRA_OF = {
    **dict.fromkeys(("nbformat", "ipykernel", "jupyterlab"), "lab"),
    **dict.fromkeys(("dask", "distributed"), "cluster"),
    **dict.fromkeys(("sphinx", "myst_nb", "sphinx_book_theme", "sphinx-mathjax-offline"), "site"),
    "nbgrader": "grade",
    "psycopg": "postgres",
    "torch": "torch",
}


def usage():
    """The help text: every command with its line."""
    width = max(len(name) for name in COMMANDS)
    lines = [f"  {name:{width}}  {help_line}" for name, (_, help_line) in COMMANDS.items()]
    head = "usage: python -m utils COMMAND [options]      (python -m utils COMMAND --help says more)"
    return "\n".join([head, "", *lines])


def find(name):
    """The function behind a command. Raises CourseError for an unknown one, ImportError where a package is missing."""
    if name not in COMMANDS:
        raise CourseError(
            f"There is no command {name!r}{did_you_mean(name, COMMANDS)}; `python -m utils` lists them all."
        )
    module, _, function = COMMANDS[name][0].partition(":")
    return getattr(importlib.import_module(module), function)


def missing(name, error):
    """One sentence for a package that is not installed; the error itself again when the gap is in our own code."""
    package = (error.name or "").partition(".")[0]
    if package in ("", "utils"):
        raise error
    extra = EXTRA_OF.get(package, "dev")
    return (
        f"`python -m utils {name}` needs the package {package}, which is not installed: "
        f'run pip install -e ".[{extra}]" in a checkout of the course.'
    )


def refused(name, error):
    """One sentence for a file or program that the system refused: which one, and the system's reason."""
    reason = error.strerror or " ".join(str(error).split()) or type(error).__name__
    place = error.filename if error.filename is not None else "a file or program"
    return f"`python -m utils {name}` stopped at {place} ({reason}): mend that, then run it again."


def tools_first():
    """Put this interpreter's tools first on PATH: nbgrader calls alembic through it, .venv need not be active.

    They lie beside the interpreter or, with conda on Windows, in a folder Scripts below it.
    """
    folders = dict.fromkeys([os.path.dirname(sys.executable), sysconfig.get_path("scripts")])
    os.environ["PATH"] = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])


def main(arguments):
    """Run one command. arguments: as after `python -m utils`. Returns the exit code."""
    name, *rest = arguments or ["--help"]
    if name in ("-h", "--help", "help"):
        print(usage())
        return 0
    if name == "--version":
        print(f"{utils.__course__} {utils.__version__}")
        return 0
    tools_first()
    try:
        return find(name)(rest) or 0
    except CourseError as error:
        print(error, file=sys.stderr)
    except ModuleNotFoundError as error:
        print(missing(name, error), file=sys.stderr)
    except KeyboardInterrupt:
        print(f"`python -m utils {name}` was interrupted; run it again when you like.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`… | head`): nothing to report, and nowhere to report it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(refused(name, error), file=sys.stderr)
    return 1
