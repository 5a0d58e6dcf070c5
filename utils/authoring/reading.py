"""What verify reads out of a cell's Markdown: headings and images, and which files lie in a folder."""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^(#{1,6})\s+(.*)$", re.MULTILINE)
# an alternative text may run over several lines
IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*([^)\s]+)[^)]*\)")
TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)


def notebook(text: str) -> NotebookNode:
    """A notebook from the text of its file."""
    return nbformat.reads(text, as_version=4)


def headings(cell: NotebookNode) -> list[tuple[str, str]]:
    """(marks, words) of each heading of a Markdown cell; nbgrader's delimiters look like headings and are none."""
    return [found for found in HEADING.findall(_prose(cell)) if not re.match(r"(BEGIN|END) [A-Z]", found[1])]


def images(cell: NotebookNode) -> list[tuple[str, str]]:
    """(alternative text, file) of each image of a Markdown cell, written in Markdown or as HTML."""
    prose = _prose(cell)
    tags = [(_attribute(tag, "alt"), _attribute(tag, "src")) for tag in TAG.findall(prose)]
    return IMAGE.findall(prose) + tags


def files(folder: Path) -> list[Path]:
    """Every file below a folder, without hidden ones and caches."""
    found = (p for p in folder.rglob("*") if p.is_file())
    return sorted(
        p for p in found if not any(x.startswith(".") or x == "__pycache__" for x in p.relative_to(folder).parts)
    )


def _prose(cell: NotebookNode) -> str:
    return SPAN.sub("", FENCE.sub("", cell.source)) if cell.cell_type == "markdown" else ""


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"{name}\s*=\s*[\"']([^\"']*)[\"']", tag, re.IGNORECASE)
    return found[1] if found else ""
