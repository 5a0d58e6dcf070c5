"""Inside the sandbox: what stands in the place of everything that is not there, and cells that run in spite of it.

A name of the course's package that was left out can be imported, stored and handed on; whoever uses it is told that it
is not available while grading. See reduced.py for what is left out.
"""

import ast
import importlib.machinery
import sys

_answers = {}  # {beginning of an absent name: full name -> the function that stands for it}


class NotAvailable(RuntimeError):
    """Something was used that is not there while grading."""


def _refusal(name):
    """What is raised when an absent thing is used."""
    return NotAvailable(f"{name} is not available while grading")


class Absent:
    """Stands for a name of the package that was left out. Its attributes are absent too; any use is NotAvailable."""

    __slots__ = ("__name",)

    def __init__(self, name):
        self.__name = name

    def __getattr__(self, name):
        if name.startswith("_"):  # what Python and its libraries ask for is answered as of any plain object
            raise AttributeError(name)
        return Absent(f"{self.__name}.{name}")

    def __repr__(self):
        return f"<{_refusal(self.__name)}>"

    def __call__(self, *args, **kwargs):
        for beginning, function in _answers.items():
            if self.__name.startswith(beginning):
                return function(self.__name)(*args, **kwargs)
        self._refuse()

    def _refuse(self, *_, **__):
        raise _refusal(self.__name)

    __hash__ = object.__hash__


_SIGNS = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()
_USES = [f"{before}{sign}" for sign in _SIGNS for before in ("", "r")] + (
    "neg pos abs invert eq ne lt le gt ge bool len iter next contains getitem setitem delitem int float complex index "
    "round trunc enter mro_entries array array_ufunc array_function"
).split()
for _use in _USES:
    setattr(Absent, f"__{_use}__", Absent._refuse)


def names(module: str):
    """The `__getattr__` of a module of which some names were left out."""

    def absent(name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{module}.{name}")

    return absent


class _Finder:
    """Finds every module of the package that no other finder has found; all its names are absent."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.startswith("utils."):
            return importlib.machinery.ModuleSpec(name, _Finder, is_package=True)

    @staticmethod
    def create_module(spec):
        """As usual."""

    @staticmethod
    def exec_module(module):
        module.__getattr__ = names(module.__name__)


def install() -> None:
    """From now on any module of the package can be imported. The last finder: what is there is found first."""
    if _Finder not in sys.meta_path:
        sys.meta_path.append(_Finder)


def answer_with(reference, plotting) -> None:
    """For a display run: reference(name), plotting(full name) give the functions that stand for absent ones there."""
    _answers["utils.reference."] = lambda name: reference(name.rpartition(".")[2])
    _answers["utils.plotting."] = plotting


def stand_in(function, refusal) -> None:
    """In a student's bundle: function(full name) stands for an absent one, any other use raises refusal(full name)."""
    global _refusal
    _answers["utils."], _refusal = function, refusal


def replay(cell: str | ast.Module, namespace: dict) -> list[str]:
    """Run a cell, as text or parsed, one statement at a time. Returns why statements were passed over.

    A statement that uses something absent is passed over, and so that nobody works with older values, the names that it
    would have bound are absent too. Any other error ends the cell, as usual.
    """
    reasons = []
    for statement in (ast.parse(cell, "<cell>") if isinstance(cell, str) else cell).body:
        try:
            exec(compile(ast.Module([statement], []), "<cell>", "exec"), namespace)
        except NotAvailable as error:
            reasons.append(str(error))
            what = str(error).removesuffix(" is not available while grading")
            namespace.update({name: Absent(what) for name in bound(statement)})
    return reasons


def bound(statement) -> set[str]:
    """The names that a statement binds in its own scope."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    if isinstance(statement, ast.Name):
        return set() if isinstance(statement.ctx, ast.Load) else {statement.id}
    if isinstance(statement, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return set()
    return set().union(*map(bound, ast.iter_child_nodes(statement)))
