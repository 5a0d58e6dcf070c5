"""The package `utils` of a student's bundle: all that a learner needs to work on one lesson, and none of its answers.

It holds, as the package of the sandbox does (utils/grading/reduced.py), functions that are cut out one by one:
exercises of earlier lessons, and what the notebooks import that is no exercise, with all that these are made of.
Exercises of this lesson and of later ones are absent, with the helpers that only they need. yours.py says what stands
in their place. What checks, plots and keeps the learner's copy is there as a whole.
"""

import ast
import json
from dataclasses import dataclass, field
from pathlib import Path

import utils
from utils.checking.exercises import find, known
from utils.errors import CourseError
from utils.grading.check import plain
from utils.grading.cut import HEAD, Definition, Package
from utils.grading.reduced import (
    REFERENCE,
    expect_none,
    imported,
    part_of,
    path_of,
    reference_of,
    with_helpers,
)
from utils.paths import did_you_mean, pick_notebooks, root

WHOLE = ("__main__", "cli", "errors", "text", "paths", "threads", "datasets", "generators", "plotting", "workspace")
WHOLE += ("checking",)  # but for the exercises themselves
HELPING = ("names", "loop", "experiments", "stored_runs", "training", "models", "baselines", "torch_port")
COMMANDS = ("lab", "update", "reset", "check")
TOP = '''"""The course's package in the bundle of {lesson}, without the answers of this lesson and of later ones."""

from utils.bundling import yours as _yours

__course__ = {course!r}
__version__ = {version!r}
_yours.install({own!r})
'''


@dataclass
class Lesson:
    """What a bundle has to know of a lesson, such as 03_gradients_over_time: its notebooks, and what may be in it.

    own: exercise -> notebook. later: exercises of later lessons that its notebooks are not given. used: what its
    notebooks import from the package, as (module, name); read: what those of earlier lessons do, too. checkout: the
    folder of the course.
    """

    name: str
    checkout: Path
    own: dict[str, str] = field(default_factory=dict)
    later: set[str] = field(default_factory=set)
    used: set[Definition] = field(default_factory=set)
    read: set[Definition] = field(default_factory=set)

    @property
    def number(self) -> str:
        """Its two digits."""
        return self.name.partition("_")[0]

    @property
    def releases(self) -> list[Path]:
        """Its released notebooks."""
        return [p for p in pick_notebooks(self.checkout / "notebooks", ".ipynb") if p.parent.name == self.name]


def chosen(query: str, checkout: Path | None = None) -> Lesson:
    """The lesson that a query names: 03, 04a or a name. CourseError when there is none, or it was never released."""
    checkout = checkout or root()
    texts = {path.stem: path.parent.name for path in pick_notebooks(checkout / "solutions", ".py")}
    names = {pick.parent.name for pick in pick_notebooks(checkout / "solutions", ".py", query)}
    if len(names) != 1:
        near = did_you_mean(query, sorted(set(texts.values())))
        raise CourseError(f"A bundle is made of one lesson, such as 03; got {query!r}{near}.")
    lesson = Lesson(names.pop(), checkout)
    there = {path.stem for path in lesson.releases}
    if missing := sorted(stem for stem, name in texts.items() if name == lesson.name and stem not in there):
        raise CourseError(
            f"The notebook {missing[0]} was never released: run `python -m utils build {lesson.number}`, then this "
            "again."
        )
    _look_at_notebooks(lesson)
    return lesson


def _look_at_notebooks(lesson):
    for path in pick_notebooks(lesson.checkout / "notebooks", ".ipynb"):
        if path.parent.name <= lesson.name:
            here = set().union(*map(_imports, json.loads(path.read_text(encoding="utf-8"))["cells"]))
            lesson.read |= here
            lesson.used |= here if path.parent.name == lesson.name else set()
    lent = {name for module, name in lesson.used if module == REFERENCE}  # 02 is given clip_by_norm, an exercise of 03
    stems = {path.stem.partition("_")[0]: path.stem for path in lesson.releases}
    lesson.own = {name: stems[find(name).lesson] for name in known() if find(name).lesson in stems}
    lesson.later = {name for name in known() if find(name).lesson[:2] > lesson.number} - lent


def _imports(cell):
    return imported(plain("".join(cell["source"]))) if cell["cell_type"] == "code" else set()


def contents(lesson: Lesson) -> tuple[dict[str, str], list[str]]:
    """The package: relative path -> text; and the full names of what is answered from recorded results instead."""
    package = Package(lesson.checkout / "utils")
    secret = {*lesson.own, *lesson.later}
    forbidden = with_helpers(package, secret, lesson.read)
    whole = {name for name in package.modules if _is_whole(name, lesson)} | _grading(package)
    broken = {one for one in lesson.read if _is_broken(package, lesson, forbidden, one)}
    roots = {reference_of(name) for name in known() if name not in secret}
    roots |= {(name, place) for name in whole for place in package.module(name).places}
    roots |= {one for one in lesson.read if one[0] in package.modules and part_of(one[0]) in (*HELPING, "reference")}
    stop = forbidden | {package.home(one) for one in broken}
    kept, cut = package.closure(roots, lambda d: package.home(d) in stop)
    files = {path_of(package, name): package.module(name).text for name in whole}
    for name in {module for module, _ in kept} - whole:
        absent = {place: ".".join(package.home((m, place))) for m, place in cut if m == name}
        files[path_of(package, name)] = package.module(name).excerpt({p for m, p in kept if m == name}, absent)
    parents = {f"{Path(path).parent}/__init__.py" for path in files}
    files = {path: HEAD for path in parents} | files | _instead(package, lesson)
    expect_none(secret, lesson.name, files)
    recorded = {one for one in broken & lesson.used if part_of(one[0]) != "torch_port"}  # networks are no plain data
    return dict(sorted(files.items())), sorted(map(".".join, recorded))


def _is_whole(name, lesson):
    if name == "utils.torch_port":
        return lesson.number == "10"
    return part_of(name) in WHOLE and not name.startswith(("utils.checking.exercises.", "utils.bundling."))


def _grading(package):
    """`check` and the modules of the grader that it consists of."""
    found, ahead = set(), {"utils.grading.check", "utils.grading.worker"}
    while ahead:
        found.add(one := ahead.pop())
        ahead |= {name for name in package.imported(one) if part_of(name) == "grading"} - found
    return found | {"utils.bundling.yours", "utils.bundling.recorded"}


def _is_broken(package, lesson, forbidden, one):
    """Whether a notebook imports something, no exercise, that cannot work in a bundle even when its lesson is solved.

    It is made of an exercise of a later lesson, or of a helper that only answers of this lesson need; or it is
    reference code, all of which would have to be there. An experiment of an earlier lesson must not wait for answers of
    this one: what it gave lies in that lesson's bundle.
    """
    module, name = one
    if module not in package.modules or part_of(module) not in (*HELPING, "reference") or name in known():
        return False
    _, cut = package.closure([one], lambda d: package.home(d) in forbidden)
    later = {package.home(reference_of(name)) for name in lesson.later}
    own = {package.home(reference_of(name)) for name in lesson.own}
    helpers = package.closure(own, lambda d: d not in forbidden)[0] - own
    if part_of(module) == "experiments" and one not in lesson.used:
        later |= own
    return bool(cut) and (module == REFERENCE or bool({package.home(d) for d in cut} & (later | helpers)))


def _instead(package, lesson):
    """The files that a bundle has in its own wording."""
    cli = package.module("utils.cli")
    table = cli.places["COMMANDS"]
    rows = {name: row for name, row in ast.literal_eval(table.value).items() if name in COMMANDS}
    lines = cli.text.splitlines()
    lines[table.lineno - 1 : table.end_lineno] = [f"COMMANDS = {rows!r}"]
    top = TOP.format(lesson=lesson.name, course=utils.__course__, version=utils.__version__, own=lesson.own)
    doc = '"""What stands in the place of the answers: see yours.py."""\n'
    return {"utils/__init__.py": top, "utils/cli.py": "\n".join(lines) + "\n", "utils/bundling/__init__.py": doc}
