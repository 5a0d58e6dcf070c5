"""`python -m utils figures`: draw the concept pictures of the lessons (committed, so that nobody has to).

A module lesson_NN holds the pictures of a lesson, course_map that of the course. Each lists its own in FIGURES:
{path under solutions/: function}.
"""

import argparse
import importlib
import pkgutil

import matplotlib

from utils.authoring.drawing import STYLE
from utils.errors import CourseError
from utils.paths import root, write_atomic

_LESSONS = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name.startswith("lesson_"))
_MODULES = ("course_map", *_LESSONS)
FIGURES = {
    path: function
    for module in _MODULES
    for path, function in importlib.import_module(f"{__name__}.{module}").FIGURES.items()
}


def draw(name):
    """One picture of FIGURES as SVG bytes; its title is the docstring of its function."""
    with matplotlib.rc_context(STYLE):
        return FIGURES[name]().svg(FIGURES[name].__doc__)


def main(argv):
    """`python -m utils figures [--check]`."""
    parser = argparse.ArgumentParser(prog="python -m utils figures", description="Draw the lessons' concept pictures.")
    parser.add_argument("--check", action="store_true", help="compare with what is committed, but write nothing")
    options = parser.parse_args(argv)
    folder = root() / "solutions"
    drawn = {name: draw(name) for name in FIGURES}
    for name, content in drawn.items():
        path = folder / name
        same = path.is_file() and path.read_bytes() == content
        if options.check and not same:
            raise CourseError(f"solutions/{name} is missing or not what the code draws: run `python -m utils figures`.")
        if not same:
            write_atomic(path, content)
        print(f"solutions/{name}: {'unchanged' if same else 'written'}")
    return 0
