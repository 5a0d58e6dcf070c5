"""Cutting a package per function: what a function is made of, and modules that hold no more than is asked for.

A definition is (module, name), such as ("utils.reference.rnn", "rnn_block"): whatever a statement at the top of a
module binds. It is made of all names that its statement reads, wherever they come from inside the package.
"""

import ast
import functools
from collections.abc import Callable, Iterable
from pathlib import Path

from .absent import bound

Definition = tuple[str, str]
HEAD = "from utils.grading import absent as _absent\n\n__getattr__ = _absent.names(__name__)\n"


class Module:
    """The statements of one module, by the names that they bind."""

    def __init__(self, name: str, path: Path, text: str):
        self.name, self.path, self.text = name, path, text
        self.package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self.tree = ast.parse(self.text)
        self.statements = [part for node in self.tree.body for part in _parts(node)]
        self.places = {name: statement for statement in self.statements for name in bound(statement)}

    def source_of(self, statement: ast.ImportFrom) -> str:
        """The full name of the module that a `from … import` reads."""
        if not statement.level:
            return statement.module
        above = self.package.split(".")[: len(self.package.split(".")) - statement.level + 1]
        return ".".join([*above, *filter(None, [statement.module])])

    def excerpt(self, kept: set[str], cut: dict[str, str]) -> str:
        """The module with the statements that bind a kept name. cut: names that these read -> what is absent there.

        All other names are absent to whoever imports them.
        """
        lines = self.text.splitlines()
        parts = ["\n".join(lines[: self.tree.body[0].end_lineno]) + "\n\n", HEAD]  # its docstring first
        for statement in self.statements[1:]:
            names = bound(statement)
            if names & kept and isinstance(statement, ast.Import | ast.ImportFrom):
                parts.append(ast.unparse(statement) + "\n")
            elif names & kept:
                first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
                parts.append("\n" + "\n".join(lines[first - 1 : statement.end_lineno]) + "\n")
            else:
                parts += [f'\n{name} = _absent.Absent("{cut[name]}")\n' for name in sorted(names & cut.keys())]
        return "".join(parts)


_module = functools.cache(Module)  # packages for all notebooks are made of the same texts


def _parts(statement):
    """An import is as many statements as it has names."""
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return [statement]
    rest = {key: value for key, value in vars(statement).items() if key != "names"}
    return [type(statement)(names=[alias], **rest) for alias in statement.names]


class Package:
    """The modules below a folder. A checkout's `utils` is Package(root() / "utils")."""

    def __init__(self, folder: Path):
        self.folder = folder
        paths = (path.relative_to(folder.parent).with_suffix("") for path in folder.rglob("*.py"))
        self.modules = {".".join(p.parts).removesuffix(".__init__"): folder.parent / p for p in paths}

    @functools.cache  # noqa: B019 - a package lives as long as the answers about it
    def module(self, name: str) -> Module:
        """One of its modules."""
        path = self.modules[name].with_suffix(".py")
        return _module(name, path, path.read_text(encoding="utf-8"))

    def imported(self, name: str) -> set[str]:
        """The modules that a module imports anywhere in its text, and the packages that they lie in."""
        module, found = self.module(name), set()
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom):
                source = module.source_of(node)
                found |= {source, *(f"{source}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
        parents = {one.rpartition(".")[0] for one in (*found, name)}
        return (found | parents) & self.modules.keys() - {self.folder.name}

    @functools.cache  # noqa: B019
    def made_of(self, definition: Definition) -> frozenset[Definition]:
        """What a definition reads, one step deep."""
        module, name = self.module(definition[0]), definition[1]
        statement = module.places.get(name)
        if isinstance(statement, ast.ImportFrom):
            source, original = module.source_of(statement), statement.names[0].name
            inside = source in self.modules and f"{source}.{original}" not in self.modules
            return frozenset({(source, original)} if inside else ())
        found = set()
        for node in ast.walk(statement) if statement else ():
            if isinstance(node, ast.Name) and node.id in module.places:
                found.add((module.name, node.id))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found |= {(source, node.attr) for source in self._module_called(module, node.value.id)}
        return frozenset(found - {definition})

    def _module_called(self, module, name):
        """The module that a name stands for, if it does: `reference` after `from utils import reference`."""
        statement = module.places.get(name)
        if isinstance(statement, ast.ImportFrom):
            source = f"{module.source_of(statement)}.{statement.names[0].name}"
            return {source} & self.modules.keys()
        return set()

    def closure(self, roots: Iterable[Definition], stop: Callable) -> tuple[set[Definition], set[Definition]]:
        """All that the roots are made of, themselves included, and where that met a definition that `stop` names."""
        kept, cut, ahead = set(), set(), list(roots)
        while ahead:
            one = ahead.pop()
            if stop(one):
                cut.add(one)
            elif one not in kept and one[1] in self.module(one[0]).places:
                kept.add(one)
                ahead += self.made_of(one)
        return kept, cut

    def home(self, definition: Definition) -> Definition:
        """Where a name that is imported from module to module is defined."""
        while isinstance(self.module(definition[0]).places.get(definition[1]), ast.ImportFrom):
            further = self.made_of(definition)
            if not further:
                break
            (definition,) = further
        return definition
