"""`python -m utils absorb NB`: take what was edited in a solution notebook back into the lesson's text.

The text is cut at its cell markers. A cell that was not touched keeps its piece of text to the byte; an edited or new
one is written out by jupytext. Answers belong to utils/textbook and are edited there.
"""

import argparse
import inspect
import re
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from utils import paths
from utils.authoring.navigation import is_navigation
from utils.authoring.text import EDITOR_KEYS, answer_request, inputs, inputs_hash, load, read_lesson, read_percent
from utils.errors import CourseError

MARKER = re.compile(r"^# %%(?: .*)?$", re.MULTILINE)


def absorb(text: Path) -> bool:
    """Write the edits of `text`'s solution notebook into it; whether anything changed. Writes all or nothing.

    CourseError when the text changed after the notebook was built, or an answer's cell was edited.
    """
    solution = load(text.with_suffix(".ipynb"))
    built = read_lesson(text)
    if solution.metadata.get("course", {}).get("cells") != inputs_hash(built):
        raise CourseError(
            f"{text.name} or its answers have changed since {text.stem}.ipynb was built, so its edits cannot be told "
            f"apart; undo one of the two, or drop the notebook's with `python -m utils build --force {text.stem}`."
        )
    before = text.read_text(encoding="utf-8")
    after = merged_text(before, built, solution, text.name)
    if after == before:
        return False
    paths.write_atomic(text, after)
    return True


def merged_text(text: str, built: NotebookNode, solution: NotebookNode, name: str) -> str:
    """The text with the solution's cells in the solution's order, untouched ones to the byte."""
    head, pieces = cut(text)
    raw = read_percent(text, name).cells
    made, mine = (_authored(notebook) for notebook in (built, solution))
    if any(inputs(cell) not in map(inputs, built.cells) for cell in solution.cells if is_navigation(cell)):
        raise CourseError(
            f"The links below {Path(name).stem}.ipynb are made from the order of the files; undo their edit."
        )
    if not len(raw) == len(pieces) == len(made):
        raise CourseError(
            f"{name}: expected one cell for each line `# %%`, found another number; begin the text with one."
        )
    known = {cell.id: (cell, piece, source) for cell, piece, source in zip(made, pieces, raw, strict=True)}
    kept = [known.get(cell.id) for cell in mine]
    written = []
    for cell, old in zip(mine, kept, strict=True):
        if old is not None and inputs(cell) == inputs(old[0]):
            written.append(old[1])
            continue
        if old is not None and answer_request(old[2]):
            raise CourseError(
                f"The answer {old[0].id} was edited in {Path(name).stem}.ipynb, but answers are kept once, in "
                f"{_textbook_file(answer_request(old[2])[0])}; edit it there and undo it here."
            )
        written.append(render(cell))
    return head + _join(written, text)


def _authored(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if not is_navigation(cell)]


def cut(text: str) -> tuple[str, list[str]]:
    """What stands above the first marker, and the pieces of text that begin with a marker."""
    starts = [match.start() for match in MARKER.finditer(text)]
    ends = [*starts[1:], len(text)]
    return text[: starts[0] if starts else len(text)], [text[a:b] for a, b in zip(starts, ends, strict=True)]


def render(cell: NotebookNode) -> str:
    """One cell as py:percent text, with an empty line below it."""
    metadata = {key: value for key, value in cell.metadata.items() if key not in EDITOR_KEYS}
    make = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
        "raw": nbformat.v4.new_raw_cell,
    }
    notebook = nbformat.v4.new_notebook(cells=[make[cell.cell_type](cell.source, metadata=metadata)])
    notebook.metadata["jupytext"] = {"notebook_metadata_filter": "-all", "cell_metadata_filter": "all"}
    return jupytext.writes(notebook, fmt="py:percent").strip("\n") + "\n\n"


def _join(pieces: list[str], text: str) -> str:
    """The pieces in order. What stood last gets an empty line below it; the end stays as the text's end was."""
    last = cut(text)[1][-1]
    spaced = [piece.rstrip("\n") + "\n\n" if piece == last else piece for piece in pieces]
    return "".join(spaced).rstrip("\n") + text[len(text.rstrip("\n")) :]


def _textbook_file(name: str) -> str:
    import utils.textbook

    function = getattr(utils.textbook, name, None)
    file = inspect.getsourcefile(function) if inspect.isfunction(function) else None
    return Path(file).relative_to(paths.PACKAGE.parent).as_posix() if file and Path(file).is_relative_to(
        paths.PACKAGE.parent) else f"utils/textbook ({name})"  # fmt: skip


def main(argv: list[str]) -> int:
    """`python -m utils absorb NB`."""
    parser = argparse.ArgumentParser(
        prog="python -m utils absorb", description="Take edits of a solution into its text."
    )
    parser.add_argument("notebook", metavar="NB", help="a number (01, 01a), a lesson or a notebook")
    options = parser.parse_args(argv)
    for text in paths.pick_notebooks(paths.root() / "solutions", ".py", options.notebook):
        changed = absorb(text)
        print(f"{text.name}: {'edits taken over; run `make notebooks`' if changed else 'nothing to take over'}")
    return 0
