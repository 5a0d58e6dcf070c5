"""Inside the sandbox: run a cell as a notebook would, and keep what it printed and drew. No verdict depends on this."""

import ast
import contextlib
import importlib
import io
import sys

from . import absent
from .wire import error_line

MOST_TEXT, MOST_PLOTS = 19_900, 10  # characters of one cell, plots of one cell


class Printed(contextlib.redirect_stdout):
    """What is printed in this block, on both streams, the first MOST_TEXT characters of it."""

    def __init__(self):
        self.text = _Bounded()
        super().__init__(self.text)

    def __enter__(self):
        super().__enter__()
        self.errors = contextlib.redirect_stderr(self.text)
        self.errors.__enter__()
        return self

    def __exit__(self, *reason):
        self.errors.__exit__(*reason)
        return super().__exit__(*reason)

    def __str__(self):
        more = self.text.left_out
        return self.text.getvalue() + (f"\n… cut here: {more:,} more characters" if more else "")


class _Bounded(io.StringIO):
    """A text that stops growing."""

    left_out = 0

    def write(self, text):
        room = MOST_TEXT - self.tell()
        self.left_out += max(0, len(text) - room)
        super().write(text[: max(0, room)])
        return len(text)


def run_cell(text: str, namespace: dict) -> str:
    """Run a cell and print the value of its last line, as notebooks do. Returns "" or the error in one line."""
    try:
        tree = ast.parse(text, "<cell>")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        absent.replay(tree, namespace)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)
            if value is not None:
                print(repr(value))
    except NotImplementedError:
        return "not written yet."
    except (Exception, SystemExit) as error:
        return error_line(error)
    return ""


def plots() -> list[bytes]:
    """The open figures of matplotlib as PNG; they are closed."""
    plt = sys.modules.get("matplotlib.pyplot")
    if plt is None:
        return []
    drawn = []
    for number in plt.get_fignums()[:MOST_PLOTS]:
        picture = io.BytesIO()
        plt.figure(number).savefig(picture, format="png", dpi=72, bbox_inches="tight")
        drawn.append(picture.getvalue())
    plt.close("all")
    return drawn


def prepare(proxy) -> None:
    """Make what only a display run needs reachable: plots, and the reference behind the wire (see reduced.py).

    proxy: name -> a function that is answered from the other side.
    """
    absent.answer_with(proxy, plot)


def plot(name):
    """A function of utils.plotting, imported when it is called: Matplotlib takes longer to load than most cells."""
    import utils

    if len(utils.__path__) == 1:
        utils.__path__.append(f"{utils.__path__[0]}/../display/utils")
        for module in [m for m in sys.modules if m.split(".")[:2] == ["utils", "plotting"]]:
            del sys.modules[module]  # those in which everything is absent
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module), function)
