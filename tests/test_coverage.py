"""COVERAGE.md points at cells that exist."""

import json
import re

import pytest

from utils.paths import ROOT

LESSONS = {path.name[:2] for path in (ROOT / "solutions").iterdir() if path.is_dir()}


def rows(text):
    """The cells of each table row whose first one is an id such as S01 or W01."""
    lines = [line.strip().strip("|").split("|") for line in text.splitlines() if re.match(r"\| [SW]\d\d \|", line)]
    return [[cell.strip() for cell in line] for line in lines]


def cells():
    """The cells of each built solution by its short name: {"01a": [...]}."""
    found = {}
    for path in (ROOT / "solutions").glob("*/*.ipynb"):
        found[path.name.partition("_")[0]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def leads_somewhere(pointer, notebooks):
    """Whether a pointer names a test file, or a cell: by heading number, cell id, or a word in its code."""
    if pointer.startswith("tests/"):
        return (ROOT / pointer).is_file()
    notebook, _, anchor = pointer.partition("#")
    for cell in notebooks.get(notebook, []):
        source = "".join(cell["source"])
        if cell["id"] == anchor or re.search(rf"^#+ {re.escape(anchor)} ", source, re.MULTILINE):
            return True
        if cell["cell_type"] == "code" and re.search(rf"(?<![\w-]){re.escape(anchor)}(?![\w-])", source):
            return True
    return False


def broken(text, notebooks, lessons):
    """Every pointer that leads nowhere, and every row of a written lesson that points at nothing yet."""
    wrong = []
    for row in rows(text):
        pointers = [pointer for cell in row[3:] for pointer in cell.split(", ")]
        written = row[0][0] == "W" or set(row[2].split(", ")) & lessons
        for pointer in pointers:
            later = re.fullmatch(r"lesson (\d\d)", pointer)
            if later and written and later[1] in lessons:
                wrong.append(f"{row[0]}: lesson {later[1]} is written, but the row names no cell")
            elif not later and not leads_somewhere(pointer, notebooks):
                wrong.append(f"{row[0]}: {pointer} leads nowhere")
            elif later and not row[2].startswith(later[1]):
                wrong.append(f"{row[0]}: put off to lesson {later[1]}, which is not its first")
    return wrong


COVERAGE = (ROOT / "COVERAGE.md").read_text(encoding="utf-8")


def test_every_pointer_leads_to_a_cell():
    assert broken(COVERAGE, cells(), LESSONS) == []


def test_every_topic_has_a_row():
    assert [row[0] for row in rows(COVERAGE) if row[0][0] == "S"] == [f"S{n:02d}" for n in range(1, 39)]


def test_rows_of_lessons_00_and_01_name_cells():
    early = [row for row in rows(COVERAGE) if row[0][0] == "S" and set(row[2].split(", ")) & {"00", "01"}]
    assert len(early) == 19
    assert all("#" in row[3] and "#" in row[4] for row in early)


@pytest.mark.parametrize(
    "old, new",
    [
        ("01a#1.3", "01a#1.99"),
        ("00#one_hot ", "00#one_cold "),
        ("tests/test_lessons.py", "tests/test_none.py"),
        ("01a#1.1 |", "lesson 01 |"),
    ],
)
def test_a_broken_pointer_is_found(old, new):
    assert old in COVERAGE
    assert broken(COVERAGE.replace(old, new, 1), cells(), LESSONS)
