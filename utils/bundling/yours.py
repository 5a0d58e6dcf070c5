"""In a student's bundle: what stands in the place of functions that are not in it.

Demo cells use the course's own functions, so that nobody is blocked. In a bundle those of its lesson are absent:
- an exercise of the lesson stands for the learner's own function of that name: that of the running notebook, or, for a
  lesson of two notebooks, what is saved in the copy of the other one;
- an experiment that trains with functions of later lessons gives what it gave when the bundle was made (recording.py);
- anything else is a sentence.
"""

import ast
import functools
import inspect
import sys
import traceback
from pathlib import Path

from utils.grading import absent

_own: dict[str, str] = {}  # exercise of this bundle's lesson -> its notebook
_wanted: dict[str, None] = {}  # what was missing when cells of this kernel stopped


class NotHere(RuntimeError):
    """Something is needed that is not in this bundle, or not written yet. Notebooks show the sentence alone."""

    def __init__(self, text: str, name: str):
        super().__init__(text)
        self.name = name

    def _render_traceback_(self):
        return [str(self)]


def install(own: dict[str, str]) -> None:
    """From now on, absent names of the package are answered from here. own: exercise -> notebook."""
    _own.update(own)
    absent.install()
    absent.stand_in(function_of, refusal)
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and after_cell not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", after_cell)


def after_cell(result) -> None:
    """IPython calls this after each cell. Where one stopped for want of an answer, what it would have made is absent.

    Later cells that use it then stop with the same sentence. One that stops in another way gets a sentence besides.
    """
    error, namespace = result.error_in_exec, sys.modules["IPython"].get_ipython().user_ns
    if error is None:
        return
    name = error.name if isinstance(error, NotHere) else _stub_in(error)
    if name:
        _wanted[name] = None
    elif not hasattr(error, "_render_traceback_"):
        name = next((one for one in _wanted if _is_blank(namespace.get(one))), "")
        if name:
            from utils.checking.notebook import tell

            why = f"your {name} is not written yet" if name in _own else f"{name} is not in this bundle"
            tell(f"A cell above stopped because {why}, and this one may need what it would have made.")
    if name:
        _leave_out(result.info.raw_cell, namespace, name)


def _stub_in(error):
    """The exercise whose stub raised an error, if one did."""
    frames = traceback.walk_tb(error.__traceback__ if isinstance(error, NotImplementedError) else None)
    names = [frame.f_code.co_qualname.partition(".")[0] for frame, _ in frames]
    return next((name for name in names if name in _own), "")


def _is_blank(answer):
    """Whether an exercise is not written yet, or a stub."""
    return "NotImplementedError" in answer.__code__.co_names if inspect.isfunction(answer) else answer is None


def _leave_out(cell, namespace, name):
    """Make absent what a cell that stopped would have bound; what it did import or define stays."""
    from utils.grading.check import plain

    stands = absent.Absent(f"utils.{name}.made")  # not the function itself, which may be called
    for statement in ast.parse(plain(cell)).body:
        made = absent.bound(statement)
        if isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
            made -= namespace.keys()
        namespace.update(dict.fromkeys(made, stands))


def function_of(full_name: str):
    """The function that stands for an absent one, such as utils.reference.gradient_norm_by_lag."""
    name = full_name.rpartition(".")[2]
    return functools.partial(_yours, name) if name in _own else functools.partial(_recorded, full_name)


def refusal(full_name: str) -> NotHere:
    """The error for an absent thing that is used and cannot be answered."""
    parts = full_name.split(".")
    name = next((part for part in parts if part in _own), parts[-1])  # an attribute of an answer is the answer's
    if name not in _own:
        text = f"This cell needs {name}, which this bundle leaves out: it is part of an answer, or of a later lesson."
        return NotHere(text, name)
    where = "above" if len(set(_own.values())) == 1 else f"in {_own[name]}, save that notebook"
    text = f"This cell needs your {name}, which is not written yet: write it {where}, then run this cell again."
    return NotHere(text, name)


def _yours(name, *args, **kwargs):
    function = _in_this_notebook(name) or _in_the_other(_own[name]).get(name)
    if function is None:
        raise refusal(name)
    try:
        return function(*args, **kwargs)
    except NotImplementedError:
        raise refusal(name) from None


def _in_this_notebook(name):
    """The function of that name among the names of the cells that the call came from, if there is one."""
    frame = sys._getframe()
    while frame:
        found = frame.f_globals.get(name) if frame.f_globals.get("__name__") == "__main__" else None
        if callable(found) and not isinstance(found, absent.Absent):
            return found
        frame = frame.f_back
    return None


def _in_the_other(stem):
    """The names that the answers and set-up cells of a notebook in work/ make; none for a lesson of one notebook."""
    from utils.paths import pick_notebooks, root

    found = [path for path in pick_notebooks(root() / "work", ".ipynb") if path.stem == stem]
    if not found or len(set(_own.values())) == 1:
        return {}
    return _names_in(found[0], found[0].stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _names_in(path: Path, _):
    """What a notebook's cells make. A cell that stops is passed over: its own notebook says why."""
    from utils.grading.check import plain, read

    namespace = {"__name__": "__main__"}
    for cell in read(path):
        if "setup" in cell["tags"] or cell["grade_id"] in _own:
            try:
                exec(compile(plain(cell["source"]), str(path), "exec"), namespace)
            except Exception:
                continue
    return {name: f for name, f in namespace.items() if callable(f) and not isinstance(f, absent.Absent)}


def _recorded(full_name, *args, **kwargs):
    """What the function gave for these arguments when the bundle was made; it prints what it printed."""
    name = full_name.rpartition(".")[2]
    records = [record for record in _records() if record.name == name]
    if not records:
        raise refusal(full_name)
    for record in records:
        if record.is_of(args, kwargs):
            return record.replay(args, kwargs)
    raise NotHere(
        f"{name} works with functions that this bundle leaves out, so it holds only what {name} gave for the arguments "
        "in the lesson: put them back as they were, then run this cell again.",
        name,
    )


@functools.cache
def _records():
    from utils.bundling.recorded import read

    return [record for path in sorted(Path(__file__).with_name("results").glob("*.bin")) for record in read(path)]
