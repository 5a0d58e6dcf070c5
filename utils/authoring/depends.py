"""Which files of the course a lesson's outputs depend on: found by reading its imports, never by running them."""

import ast
import hashlib
from pathlib import Path

from nbformat import NotebookNode

from utils import paths

# a check may learn a better sentence without a lesson having to be run again; the others compute nothing for a lesson
NOT_FOLLOWED = frozenset(
    "authoring bootstrap checking cli doctor errors grading paths prove selftest workspace".split()
)


def depends_hash(notebook: NotebookNode) -> str:
    """A hash of the modules and data files that a notebook's code reaches."""
    seal = hashlib.sha256()
    for path in reached(notebook):
        seal.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return seal.hexdigest()


def reached(notebook: NotebookNode) -> list[Path]:
    """Those files, sorted: utils modules imported directly or by one another, and files of data/ named in a string."""
    data = _data_files()
    todo = [tree for cell in notebook.cells if cell.cell_type == "code" and (tree := _parse(cell.source))]
    found: set[Path] = set()
    while todo:
        tree = todo.pop()
        for path in [*_modules(tree), *_named_data(tree, data)]:
            if path not in found:
                found.add(path)
                if path.suffix == ".py" and (inner := _parse(path.read_text(encoding="utf-8"), path)):
                    todo.append(inner)
    return sorted(found)


def _parse(source: str, path: Path | None = None) -> ast.Module | None:
    """The syntax tree, without IPython's lines, with relative imports made absolute; None when it cannot be parsed."""
    kept = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
    try:
        tree = ast.parse(kept)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and path is not None:
            parts = ["utils", *path.relative_to(paths.PACKAGE).parts[:-1]]
            package = parts[: len(parts) - node.level + 1]
            node.module = ".".join([*package, *([node.module] if node.module else [])])
    return tree


def _modules(tree: ast.Module) -> list[Path]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [path for name in names for path in _files_of(name)]


def _files_of(name: str) -> list[Path]:
    """The files that importing `utils.x.y` runs, unless x is not followed."""
    top, *rest = name.split(".")
    if top != "utils" or not rest or rest[0] in NOT_FOLLOWED:
        return []
    found, folder = [], paths.PACKAGE
    for part in rest:
        folder = folder / part
        found += [p for p in (folder / "__init__.py", folder.with_suffix(".py")) if p.is_file()]
    return found


def _data_files() -> dict[str, Path]:
    folder = paths.root() / "data"
    return {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()} if folder.is_dir() else {}


def _named_data(tree: ast.Module, data: dict[str, Path]) -> list[Path]:
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return [path for name, path in data.items() if name in strings]
