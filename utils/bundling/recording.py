"""Record what experiments give: run the solved notebooks of a lesson, and keep each call of the named functions.

`python -m utils.bundling.recording FOLDER NAME …` does it in a process of its own and writes to standard output.
"""

import contextlib
import functools
import importlib
import io
import json
import linecache
import os
import subprocess
import sys
import types
from pathlib import Path

from utils.errors import CourseError
from utils.grading.check import plain
from utils.threads import ONE_THREAD

from .recorded import digest, record


def recordings(solutions: Path, names: list[str]) -> bytes:
    """The calls of these functions, by full name, in the solved notebooks of a folder. Empty without names.

    CourseError when a notebook cannot be run.
    """
    if not names:
        return b""
    command = [sys.executable, "-m", "utils.bundling.recording", str(solutions), *names]
    settings = os.environ | ONE_THREAD | {"MPLBACKEND": "Agg"}
    ended = subprocess.run(command, capture_output=True, env=settings, cwd=solutions.parent.parent)
    if ended.returncode:
        last = (ended.stderr.decode(errors="replace").strip().splitlines() or ["no word"])[-1]
        raise CourseError(
            f"The notebooks of {solutions.name} were expected to run, to record its experiments; it stopped with {last}"
        )
    return ended.stdout


class _Recorder:
    """Stands for a function, and keeps what is called from a cell."""

    def __init__(self, name, frames):
        module, _, place = name.rpartition(".")
        self.name, self.frames = place, frames
        self.function = getattr(importlib.import_module(module), place)
        setattr(sys.modules[module], place, functools.wraps(self.function)(lambda *a, **k: self(*a, **k)))

    def __call__(self, *args, **kwargs):
        if sys._getframe(2).f_globals.get("__name__") != "__main__":
            return self.function(*args, **kwargs)
        asked, printed = digest(args, kwargs), io.StringIO()
        with contextlib.redirect_stdout(printed):
            value = self.function(*args, **kwargs)
        frame = record(self.name, asked, args, kwargs, printed.getvalue(), value)
        self.frames.setdefault((self.name, str(asked)), frame)
        return value


def main(folder: str, names: list[str]) -> bytes:
    """Run the cells of each notebook in order; the frames of all calls."""
    frames: dict = {}
    for name in names:
        _Recorder(name, frames)
    for path in sorted(Path(folder).glob("*.ipynb")):
        sys.modules["__main__"] = module = types.ModuleType("__main__")
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
            if cell["cell_type"] != "code":
                continue
            text, place = plain("".join(cell["source"])), f"{path.stem}-{number}"
            # `check` reads which name stands between its brackets
            linecache.cache[place] = len(text), None, text.splitlines(keepends=True), place
            exec(compile(text, place, "exec"), module.__dict__)
    return b"".join(frames.values())


if __name__ == "__main__":
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what cells print, and their processes, is no record
    with contextlib.redirect_stdout(io.StringIO()), out:
        out.write(main(sys.argv[1], sys.argv[2:]))
