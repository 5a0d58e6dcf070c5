"""The authored text of a lesson as a notebook: `# answer:` lines filled in, cell ids fixed, metadata plain.

A notebook's *inputs* are the type, source and metadata of its cells, without outputs, ids and what editors add.
"""

import ast
import hashlib
import importlib
import inspect
import json
import linecache
import re
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from utils import paths
from utils.authoring.navigation import navigation
from utils.errors import CourseError
from utils.paths import did_you_mean

ANSWER = re.compile(r"# answer: (?P<name>\w+)(?: shows (?P<shown>\d+)| writes (?P<methods>\w+(?: \w+)*))?")
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
# what Jupyter, VS Code and their extensions write into a cell by being used; none of it is the author's
EDITOR_KEYS = {"collapsed", "deletable", "editable", "execution", "ExecuteTime", "jp-MarkdownHeadingCollapsed",
               "lines_to_next_cell", "scrolled", "trusted", "vscode"}  # fmt: skip


def read_lesson(path: Path) -> NotebookNode:
    """The notebook that a lesson's .py describes: answers filled in, navigation below, not executed.

    CourseError when unreadable.
    """
    notebook = read_percent(path.read_text(encoding="utf-8"), path.name)
    for cell in notebook.cells:
        request = answer_request(cell)
        if request:
            cell.source = expand_answer(*request, where=path.name)
    bar = navigation(path)
    if bar is not None:
        notebook.cells.append(bar)
    return normalise(notebook)


def read_percent(text: str, where: str) -> NotebookNode:
    """The cells of a py:percent text as they stand. CourseError for a cell marker that jupytext cannot understand."""
    notebook = jupytext.reads(text, fmt="py:percent")
    for cell in notebook.cells:
        if "incorrectly_encoded_metadata" in cell.metadata:
            marker = cell.metadata["incorrectly_encoded_metadata"]
            raise CourseError(
                f'{where}: expected a marker like `# %% [markdown] tags=["demo"]`, found `# %% {marker}`; correct it.'
            )
        cell.metadata.pop("lines_to_next_cell", None)
    return notebook


def normalise(notebook: NotebookNode) -> NotebookNode:
    """A fresh notebook with the same cells: deterministic ids, the plainest metadata, nothing for jupytext to pair."""
    fresh = nbformat.v4.new_notebook()
    fresh.nbformat_minor = 5
    fresh.metadata = plain_metadata()
    fresh.cells = [nbformat.from_dict({k: v for k, v in cell.items() if k != "id"}) for cell in notebook.cells]
    for cell, identity in zip(fresh.cells, cell_ids(fresh.cells), strict=True):
        cell.id = identity
        cell.pop("attachments", None)
    return fresh


def plain_metadata() -> NotebookNode:
    """Notebook metadata that is the same on every machine."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.from_dict({"kernelspec": kernel, "language_info": {"name": "python"}})


def cell_ids(cells: list[NotebookNode]) -> list[str]:
    """One id per cell: its grade_id, else its type and a hash of its source, numbered when it comes again."""
    ids: list[str] = []
    for cell in cells:
        identity = cell.metadata.get("nbgrader", {}).get("grade_id") or derived_id(cell.cell_type, cell.source)
        again = sum(1 for seen in ids if seen == identity or seen.startswith(f"{identity}--"))
        ids.append(f"{identity}--{again + 1}" if again else identity)
    return ids


def derived_id(cell_type: str, source: str) -> str:
    """`code-` or `markdown-` and twelve hex digits of the source's hash."""
    return f"{cell_type}-{hashlib.sha256(source.encode()).hexdigest()[:12]}"


def inputs(cell: NotebookNode) -> dict:
    """What the author wrote of one cell: type, source and metadata."""
    metadata = {k: v for k, v in cell.metadata.items() if k not in EDITOR_KEYS}
    return {"type": cell.cell_type, "source": cell.source, "metadata": metadata}


def inputs_hash(notebook: NotebookNode) -> str:
    """A hash of the inputs of every cell, in order."""
    return digest([inputs(cell) for cell in notebook.cells])


def digest(value: object) -> str:
    """SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def own_hash(released: NotebookNode) -> str:
    """A hash of everything in a released notebook's cells, by which a hand edit is noticed."""
    return digest(released.cells)


def is_edited(released: NotebookNode) -> bool:
    """Whether somebody changed the notebook after the build wrote it."""
    return released.metadata.get("course", {}).get("release") != own_hash(released)


def load(path: Path) -> NotebookNode:
    """Read a notebook file. CourseError when it is missing or is no notebook."""
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        if not isinstance(notebook.get("cells"), list):
            raise ValueError("no cells")
    except FileNotFoundError as error:
        raise CourseError(f"Expected a notebook at {path}, found none; run `make notebooks`.") from error
    except Exception as error:  # nbformat raises errors of five families for a damaged file
        raise CourseError(
            f"Expected a notebook in {path}, but the file is not one (damaged JSON?); restore it, or delete it and run "
            f"`make notebooks`."
        ) from error
    return notebook


def dump(notebook: NotebookNode) -> str:
    """The bytes of a notebook file, the same for the same notebook."""
    return nbformat.writes(notebook) + "\n"


def answer_request(cell: NotebookNode) -> tuple[str, int, tuple[str, ...]] | None:
    """(NAME, K, METHODS) when the cell's source is the line `# answer: NAME [shows K | writes METHODS]`, else None.

    CourseError when misspelt.
    """
    source = cell.source.strip()
    if cell.cell_type != "code" or not source.startswith("# answer"):
        return None
    match = ANSWER.fullmatch(source)
    if match is None:
        raise CourseError(
            f"Expected a cell with only `# answer: NAME`, `# answer: NAME shows K` or `# answer: NAME writes METHOD`, "
            f"found `{source}`."
        )
    return match["name"], int(match["shown"] or 0), tuple((match["methods"] or "").split())


def expand_answer(name: str, shown: int = 0, methods: tuple[str, ...] = (), where: str = "the lesson") -> str:
    """The solution cell of the textbook's NAME: signature, docstring, `shown` statements, solution.

    Of a class, the bodies of its `methods` are the solution, by default of all. CourseError when there is no such
    function or class, it lacks a docstring, or it is too short to show so much.
    """
    lines = _textbook_lines(name, where)
    node = ast.parse("\n".join(lines)).body[0]
    lines = lines[node.lineno - 1 : node.body[-1].end_lineno]
    if ast.get_docstring(node) is None or len(node.body) < 2:
        raise CourseError(f"{where}: the textbook's {name} must have a docstring, which a stub shows, and a body.")
    if isinstance(node, ast.FunctionDef):
        return "\n".join(_hidden(lines, node, shown, name, where))
    there = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
    if unknown := set(methods) - set(there):
        raise CourseError(f"{where}: {name} has no method {', '.join(sorted(unknown))}; it has {', '.join(there)}.")
    for method in sorted(methods or there, key=lambda m: -there[m].lineno):  # from below: the numbers above stay right
        lines = _hidden(lines, there[method], 0, name, where)
    return "\n".join(lines)


def _textbook_lines(name: str, where: str) -> list[str]:
    """The lines of a function of `utils.textbook`, or of a function or class of `utils.torch_port.textbook`.

    The latter is read and not imported: torch need not be there.
    """
    textbook = importlib.import_module("utils.textbook")
    function = getattr(textbook, name, None)
    if inspect.isfunction(function):
        linecache.checkcache(inspect.getsourcefile(function))
        return inspect.getsource(function).splitlines()
    known = [n for n, value in vars(textbook).items() if inspect.isfunction(value)]
    for path in sorted((paths.PACKAGE / "torch_port" / "textbook").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                known.append(node.name)
                if node.name == name:
                    return text.splitlines()[node.lineno - 1 : node.end_lineno]
    raise CourseError(
        f"{where}: `# answer: {name}` asks for a function that utils.textbook does not have"
        f"{did_you_mean(name, known)}; write it there or correct the name."
    )


def _hidden(lines: list[str], node: ast.FunctionDef, shown: int, name: str, where: str) -> list[str]:
    """The lines with what follows the docstring of one function, and `shown` statements, between the two marks."""
    statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if shown >= len(statements):
        raise CourseError(
            f"{where}: `# answer: {name} shows {shown}` leaves nothing to write, as the body has {len(statements)} "
            f"statements; show fewer."
        )
    before = statements[shown - 1] if shown else node.body[0]
    above = statements[0].lineno - 1 if statements is node.body else before.end_lineno
    body = lines[above : node.end_lineno]
    while not body[0].strip():
        body = body[1:]
    indent = " " * statements[0].col_offset
    return [*lines[:above], indent + BEGIN, *body, indent + END, *lines[node.end_lineno :]]
