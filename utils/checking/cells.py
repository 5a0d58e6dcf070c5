"""When a cell stops: a sentence after Python's own words, where the cells of a lesson ran in an unexpected order.

A name that no cell has made yet, an exercise that is not written, a name such as np or sum that got another meaning.
"""

import builtins
import sys
import traceback
import types

from utils.errors import CourseError

from .exercises import known
from .message import wrap

RUN_ABOVE = "Run > Run All Above Selected Cell does it for all of them"
MODULES = ("np", "plt", "utils")  # names of modules in the lessons


def watch() -> None:
    """In a notebook, add the sentences below to cells that stop. Elsewhere, and the second time, nothing happens."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and after_cell not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", after_cell)


def after_cell(result) -> None:
    """IPython calls this after each cell."""
    error = result.error_in_exec
    if error is not None:
        namespace = sys.modules["IPython"].get_ipython().user_ns
        for paragraph in wrap(sentences(error, namespace)):
            sys.stdout.write("\n".join([*paragraph, ""]))


def sentences(error: BaseException, namespace: dict) -> list[str]:
    """What helps with an error that stopped a cell; often nothing. namespace: the names that the cells have made."""
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError) and error.name not in namespace:
        return [_missing(error.name)]
    if isinstance(error, NotImplementedError):
        called = [frame.name for frame in traceback.extract_tb(error.__traceback__) if frame.name in _exercises()]
        return [f"{name} is not written yet: fill in its cell, then run this one again." for name in called[-1:]]
    if isinstance(error, AttributeError | TypeError):
        return overwritten(namespace)
    return []


def _exercises() -> list[str]:
    try:
        return known()
    except CourseError:  # of the answer key of a bundle; the check itself says what is wrong with it
        return []


def _missing(name) -> str:
    if name in _exercises():
        return f"No cell has made {name} since the kernel started: run the cell in which you wrote it, then this one."
    return (
        f"No cell has made {name} since the kernel started: if one of the cells above does, run that one first "
        f"({RUN_ABOVE}), then this one."
    )


def overwritten(namespace: dict) -> list[str]:
    """A sentence for each name that stands for something else than it should: np = 3, or sum = 0.5."""
    found = []
    for name in MODULES:
        if name in namespace and not isinstance(namespace[name], types.ModuleType):
            found.append(
                f"{name} is {_what(namespace[name])} now, no longer the module: give yours another name and run the "
                "notebook's first code cell again."
            )
    for name, value in namespace.items():
        if callable(getattr(builtins, name, None)) and not callable(value) and not name.startswith("_"):
            found.append(
                f"{name} is {_what(value)} now, so Python's own {name}() is hidden: give yours another name, run "
                f"`del {name}`, then this cell again."
            )
    return found


def _what(value) -> str:
    text = repr(value)
    return text if len(text) <= 20 and "\n" not in text else f"something of type {type(value).__name__}"
