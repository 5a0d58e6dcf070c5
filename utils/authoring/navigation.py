"""The last cell of a notebook: links to the ones before and after it, in the order of the files."""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from utils.paths import pick_notebooks

TAG = "navigation"
TITLE = re.compile(r"^# # (.+)$", re.MULTILINE)


def is_navigation(cell: NotebookNode) -> bool:
    """Whether the build, not the author, makes this cell."""
    return TAG in cell.metadata.get("tags", [])


def navigation(text: Path) -> NotebookNode | None:
    """The bar below the lesson in this .py, its links relative to the notebook; None for a course of one notebook."""
    order = pick_notebooks(text.parent.parent, ".py")
    if text not in order:
        return None
    here = order.index(text)
    links = []
    if here > 0:
        links.append(f"← {_link(order[here - 1])}")
    if here + 1 < len(order):
        links.append(f"{_link(order[here + 1])} →")
    if not links:
        return None
    return nbformat.v4.new_markdown_cell(f"---\n\n{' | '.join(links)}", metadata={"tags": [TAG]})


def _link(text: Path) -> str:
    title = TITLE.search(text.read_text(encoding="utf-8"))
    words = title[1].strip() if title else text.stem
    return f"[{words}](../{text.parent.name}/{text.stem}.ipynb)"
