"""The package `utils` that a learner's cells find inside the sandbox: what the notebook gives them, and no answers.

It holds
- functions of `utils.reference`: the exercises of earlier notebooks, and what this and earlier notebooks import that is
  no exercise, cut out with all that they are made of. Exercises of this notebook and of later ones are absent, and so
  are helpers that only these need in their module. (A later exercise that this notebook's own setup imports is lent.);
- for lesson 10, the same of `utils.torch_port`, and the probes of its exercises, which ask answers for numbers;
- WHOLE modules, which load and make data, and of the HELPING ones what this notebook's setup imports, where nothing
  forbidden is in it;
- a `check` that does nothing, and the worker;
- plots, apart in `display/utils`: a display run adds that folder to `utils.__path__`, a verdict needs none.
Everything else can be imported but not used: see absent.py.
"""

import ast
import compileall
import contextlib
import functools
import hashlib
import json
import os
import py_compile
import shutil
import tempfile
from pathlib import Path

import utils
from utils.checking.exercises import find, known
from utils.checking.later import Later
from utils.errors import CourseError
from utils.paths import did_you_mean, pick_notebooks, root

from .cut import HEAD, Definition, Package

REFERENCE = "utils.reference"
WHOLE = ("errors", "text", "paths", "datasets", "loop", "names", "generators")
HELPING = ("experiments", "stored_runs", "training", "models", "baselines", "torch_port")
IN_SANDBOX = ("frames", "wire", "worker", "display", "absent")  # of utils.grading, with what they import
# a setup cell would be busy with these for half a second, and no answer needs what comes of it
SLOW = {("utils.baselines", "ngram_bits"), ("utils.baselines", "fitted_ngrams")}
SLOW |= {("utils.experiments.lesson_09b", "split_stretches")}

TOP = f'''"""The course's package while grading, without answers: see utils/grading/absent.py."""

from utils.grading import absent as _absent

__course__ = {utils.__course__!r}
__version__ = {utils.__version__!r}
_absent.install()
'''
NOTHING = '''

def {}(*_, **__):
    """Nothing happens while grading."""
'''


def data_folder() -> Path:
    """The folder that belongs on `utils/data` of a tree: datasets, trained models, stored runs."""
    return root() / "data"


def contents(stem: str, folder: Path | None = None) -> dict[str, str]:
    """The package for one notebook, such as 01a_rnn_cell: relative path -> text. folder: another checkout."""
    folder = folder or root()
    package, read, setup = Package(folder / "utils"), *_imports(folder, stem)
    names = _forbidden(stem, setup)
    forbidden = with_helpers(package, names, read)
    whole = {name for name in package.modules if part_of(name) in WHOLE}
    roots = {reference_of(name) for name in _earlier(stem)} | {one for one in read if one[0] == REFERENCE}
    roots |= {place_of(probe) for name in _own(stem) if (probe := find(name).probe)}
    roots |= {(name, place) for name in whole for place in package.module(name).places}
    for one in setup:
        if one[0] in package.modules and part_of(one[0]) in HELPING:
            kept, cut = package.closure([one], lambda d: package.home(d) in forbidden | SLOW)
            roots |= set() if cut else kept
    kept, cut = package.closure(roots, lambda d: package.home(d) in forbidden)
    files = {path_of(package, name): package.module(name).text for name in whole | _worker(package)}
    for name in {module for module, _ in kept} - whole:
        absent = {place: ".".join(package.home((m, place))) for m, place in cut if m == name}
        files[path_of(package, name)] = package.module(name).excerpt({p for m, p in kept if m == name}, absent)
    files["utils/checking/__init__.py"] = HEAD + "".join(map(NOTHING.format, _exported(package, "utils.checking")))
    plots = [module for module in package.modules if part_of(module) == "plotting"]
    files |= {f"display/{path_of(package, module)}": package.module(module).text for module in plots}
    parents = {f"{Path(path).parent}/__init__.py" for path in files if path.startswith("utils/")}
    files = {path: HEAD for path in {"utils/reference/__init__.py", *parents}} | files | {"utils/__init__.py": TOP}
    expect_none(names, stem, files)
    return dict(sorted(files.items()))


def _lesson(stem):
    return stem.partition("_")[0]


def _earlier(stem):
    return {name for name in known() if find(name).lesson < _lesson(stem)}


def _own(stem):
    return {name for name in known() if find(name).lesson == _lesson(stem)}


def reference_of(name) -> Definition:
    """Where the reference of an exercise is found, which for most is the package `utils.reference`."""
    function = find(name).reference
    return place_of(function) if isinstance(function, Later) else (REFERENCE, name)


def place_of(later) -> Definition:
    """Where what a Later stands for is defined."""
    return later.__module__, later.__name__


def _forbidden(stem, setup):
    """The names of the exercises of this notebook, and of the later ones that it does not lend."""
    lent = {name for module, name in setup if module == REFERENCE}
    return _own(stem) | (set(known()) - _earlier(stem) - lent)


def with_helpers(package, names, read) -> set[Definition]:
    """Where these functions are defined, and what in the same module nothing but these is made of."""
    taken = [package.home(reference_of(name)) for name in names]
    left = set(_exported(package, REFERENCE)) & ({*known()} - names | {name for _, name in read})
    others = [package.home((REFERENCE, name)) for name in left]
    forbidden = set(taken)
    for module in {module for module, _ in taken}:

        def elsewhere(one, module=module):
            return package.home(one)[0] != module

        theirs, _ = package.closure((d for d in taken if d[0] == module), elsewhere)
        allowed = [d for d in others if d[0] == module and d not in taken]
        shared, _ = package.closure(allowed, lambda d: elsewhere(d) or d in taken)  # noqa: B023 - used at once
        forbidden |= theirs - shared
    return forbidden


def _imports(folder, stem) -> tuple[set[Definition], set[Definition]]:
    """What is imported from the package, as (module, name): by this notebook and earlier ones, and by its own setup."""
    paths = pick_notebooks(folder / "notebooks", ".ipynb")
    if stem not in (stems := [path.stem for path in paths]):
        raise CourseError(f"There is no released notebook {stem}{did_you_mean(stem, stems)}; run `make course`.")
    read, setup = set(), set()
    for path in paths[: stems.index(stem) + 1]:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            tags, answer = set(cell["metadata"].get("tags", ())), cell["metadata"].get("nbgrader", {}).get("solution")
            if cell["cell_type"] != "code" or not (tags & {"setup", "try-it"} or answer):
                continue
            found = imported("".join(cell["source"]))
            read |= found
            setup |= found if "setup" in tags and path.stem == stem else set()
    return read, setup


@functools.cache
def imported(text: str) -> frozenset[Definition]:
    """What a cell imports from modules, as (module, name)."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {(node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "reference":  # imported from utils
            found.add((REFERENCE, node.attr))
    return frozenset(found)


def _worker(package) -> set[str]:
    """The modules that the worker consists of. CourseError when they are not harmless."""
    found = {"utils.grading"}
    ahead = {f"utils.grading.{name}" for name in IN_SANDBOX} & package.modules.keys()
    while ahead:
        found.add(one := ahead.pop())
        ahead |= package.imported(one) - found
    if strange := sorted(name for name in found if part_of(name) not in (*WHOLE, "grading")):
        raise CourseError(
            f"The worker was expected to import utils.grading and plain modules, got {', '.join(strange)}; "
            "import these on the judge's side only."
        )
    return found


def expect_none(names, stem, files):
    """CourseError if one of these functions is in the package all the same."""
    for path, text in files.items():
        if not path.startswith(("display/", "utils/grading/", "utils/torch_port/probes/")):
            defined = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
            if leaked := sorted(defined & names):
                raise CourseError(f"A package without answers was expected for {stem}; {path} has {', '.join(leaked)}.")


def _exported(package, name) -> list[str]:
    return ast.literal_eval(package.module(name).places["__all__"].value)


def part_of(module: str) -> str:
    """The part of the package that a module belongs to: "reference" for utils.reference.rnn."""
    return (module + ".").split(".")[1]


def path_of(package: Package, name: str) -> str:
    """Where the file of a module lies, such as utils/text.py."""
    return package.module(name).path.relative_to(package.folder.parent).as_posix()


@functools.cache
def _sources(folder: Path) -> str:
    """A hash of all that `contents` reads, as it was when it was first asked for."""
    digest = hashlib.sha256()
    for path in (*sorted((folder / "utils").rglob("*.py")), *sorted((folder / "notebooks").rglob("*.ipynb"))):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def tree(stem: str) -> Path:
    """The folder that holds this package, in build/sandbox. Made at once, so that two processes may make the same."""
    folder = root() / "build" / "sandbox"
    finished = folder / f"{stem}-{_sources(root())[:12]}"
    if not finished.is_dir():
        files = contents(stem)
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=folder, prefix="."))
        try:
            _write(scratch, files)
            with contextlib.suppress(OSError):  # another process was faster
                os.rename(scratch, finished)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        if not finished.is_dir():
            raise CourseError(f"Could not write {finished}; run this in a copy of the course that you may write to.")
    return finished


def _write(folder, files):
    (folder / "utils/data").mkdir(parents=True)  # a place to mount the data on
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    # nobody can write there later: every start would compile all modules again
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(folder, quiet=2, invalidation_mode=mode, stripdir=folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
