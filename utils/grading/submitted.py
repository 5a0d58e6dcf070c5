"""The bytes of a submitted notebook as plain cells: type, names and text, and nothing else that may be in them."""

import base64
import functools
import json
import re
from dataclasses import dataclass, field

MAX_CELLS = 5_000
MAX_TEXT = 200_000  # characters of one cell
MAX_BRACKETS = 1_000_000  # a file of nothing but empty lists would fill the memory
MAX_PICTURES = 5_000_000  # bytes, of one answer together
MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
SURROGATE = re.compile("[\ud800-\udfff]")
DAMAGED = "is damaged or not a notebook; open it in JupyterLab, save it and hand it in again."


class Unreadable(Exception):
    """A file that is no notebook, by its student's doing. Its text follows the file's name in a sentence."""


@dataclass(frozen=True)
class Cell:
    """One cell: whether it is code, its text, its cell id, its nbgrader name (both may be empty), its attachments."""

    code: bool
    text: str
    id: str = ""
    grade_id: str = ""
    attachments: dict = field(default_factory=dict)

    @functools.cached_property
    def key(self) -> str:
        """The text without blanks at the ends of its lines, which editors take away: what makes two cells the same."""
        return "\n".join(map(str.rstrip, self.text.split("\n"))).strip()


def read_cells(raw: bytes) -> tuple[list[Cell], list[str]]:
    """The cells of a notebook of format 4 or 3, and remarks on what was left out. Unreadable where it is neither."""
    if not raw.strip():
        raise Unreadable("is empty; save the notebook and hand it in again.")
    text, remarks = _decode(raw)
    if text.count("[") + text.count("{") > MAX_BRACKETS:
        raise Unreadable("holds too much besides its text; clear its outputs and hand it in again.")
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:  # no JSON, a number too long, lists too deep
        raise Unreadable(DAMAGED) from error
    found = _cells(notebook)
    if len(found) > MAX_CELLS:
        raise Unreadable(f"has {len(found):,} cells; at most {MAX_CELLS:,} are read.")
    cells = [read_cell(cell) for cell in found]
    kept = [cell for cell in cells if cell is not None and len(cell.text) <= MAX_TEXT]
    if len(kept) < len(cells):
        remarks.append(
            f"{len(cells) - len(kept)} of the cells had no readable text, or more than {MAX_TEXT:,} characters, "
            "and were left out."
        )
    return kept, remarks


def _decode(raw: bytes) -> tuple[str, list[str]]:
    encoding = json.detect_encoding(raw)
    try:
        return raw.decode(encoding), []
    except UnicodeDecodeError:
        return raw.decode(encoding, "replace"), ["Letters that are not valid UTF-8 were replaced."]


def _cells(notebook) -> list:
    """The cells as they stand in the file, still of any shape."""
    found = None
    if isinstance(notebook, dict) and notebook.get("nbformat") == 4:
        found = notebook.get("cells")
    elif isinstance(notebook, dict) and notebook.get("nbformat") == 3:
        sheets = notebook.get("worksheets")
        lists = [_dict(sheet).get("cells") for sheet in sheets] if isinstance(sheets, list) else [None]
        found = [cell for cells in lists for cell in cells] if all(isinstance(x, list) for x in lists) else None
    if not isinstance(found, list):
        raise Unreadable("is not a notebook of format 4; open it in JupyterLab, save it and hand it in again.")
    return found


def read_cell(cell) -> Cell | None:
    """One cell as plain text, or None where its source is no text."""
    cell = _dict(cell)
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    mark = _dict(_dict(cell.get("metadata")).get("nbgrader"))
    return Cell(
        cell.get("cell_type") == "code",
        sound(source),
        _text(cell.get("id")),
        _text(mark.get("grade_id")),
        _dict(cell.get("attachments")),
    )


def sound(text: str) -> str:
    """The text with plain line ends, and such that it can be written as UTF-8."""
    return SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _dict(value) -> dict:
    return value if isinstance(value, dict) else {}


def _text(value) -> str:
    return value if isinstance(value, str) else ""


def pictures(attachments: dict) -> dict:
    """Of an answer's attachments, the PNG and JPEG images that are what they say, as long as all of them are small."""
    kept: dict[str, dict[str, str]] = {}
    room = MAX_PICTURES
    for name, bundle in attachments.items():
        for kind, magic in MAGIC.items():
            picture = _base64(_dict(bundle).get(kind))
            if picture.startswith(magic) and len(picture) <= room:
                room -= len(picture)
                kept.setdefault(sound(name), {})[kind] = base64.b64encode(picture).decode()
    return kept


def _base64(value) -> bytes:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    try:
        return base64.b64decode("".join(_text(value).split()), validate=True)
    except ValueError:
        return b""
