"""The release with a student's text in it: all that is ever replayed, judged or shown of a submitted notebook.

Answers go into the answer cells of the release. The student's other code becomes plain cells between its cells. The
rest of the submission (tags, points, outputs, ids, order of the released cells) cannot get this far.
"""

import copy
import re
from collections import defaultdict, deque

from utils.grading.submitted import MAX_TEXT, Cell, pictures, read_cell

MAX_OWN = 300
DEFINED = re.compile(r"^(?:async +)?def +(\w+)[ \t]*\(|^(\w+)[ \t]*=(?!=)", re.MULTILINE)
ANSWER, CHECK, SETUP, OTHER = "answer", "check", "setup", "other"


def compose(release: dict, cells: list[Cell]) -> tuple[dict, list[str]]:
    """The release (a dict of nbformat 4, left as it is) with the text of the student's cells, and remarks on them."""
    ours = [read_cell(cell) for cell in release["cells"]]
    kinds = [_kind(cell) for cell in release["cells"]]
    places = _places(ours, cells)
    answers, remarks = _answers(ours, kinds, cells, places)
    if cells and ANSWER in kinds and not answers:
        remarks.append("None of the exercises was found in it: is it the right notebook?")
    own, more = _own(ours, kinds, cells, places)
    return _notebook(release, ours, answers, own), remarks + more


def answer_names(release: dict) -> list[str]:
    """The nbgrader names of the cells that a student fills in."""
    return [cell["metadata"]["nbgrader"]["grade_id"] for cell in release["cells"] if _kind(cell) == ANSWER]


def _kind(cell: dict) -> str:
    mark = cell["metadata"].get("nbgrader")
    if mark:
        return ANSWER if mark.get("solution") else CHECK
    return SETUP if cell["cell_type"] == "code" and "setup" in cell["metadata"].get("tags", []) else OTHER


def _places(ours, cells) -> list[int | None]:
    """For each of the student's cells, which released cell it is: by nbgrader's name, else by id, else by its text."""
    places: list[int | None] = [None] * len(cells)
    for name_of in (lambda cell: cell.grade_id, lambda cell: cell.id):
        known = {name_of(cell): i for i, cell in enumerate(ours) if name_of(cell) and i not in places}
        for n, cell in enumerate(cells):
            places[n] = known.get(name_of(cell)) if places[n] is None else places[n]
    spare = defaultdict(deque)
    for i, cell in enumerate(ours):
        if i not in places:
            spare[cell.code, cell.key].append(i)
    for n, cell in enumerate(cells):
        if places[n] is None and spare.get((cell.code, cell.key)):
            places[n] = spare[cell.code, cell.key].popleft()
    return places


def _answers(ours, kinds, cells, places):
    """{number of an answer cell: the student's Cell for it}, and remarks. Copies that do not count lose their place."""
    answers, remarks = {}, []
    for index, mine in enumerate(ours):
        if kinds[index] != ANSWER:
            continue
        found = [n for n, place in enumerate(places) if place == index]
        if not mine.code:
            found = [n for n in found if not _blank(cells[n], mine)]
        if len(found) > 1:
            remarks.append(f"{mine.grade_id} stands in {len(found)} cells: the last of them is the answer.")
        for n in found[:-1]:
            places[n] = None
        if found:
            answers[index] = cells[found[-1]]
    open_code = [i for i, kind in enumerate(kinds) if kind == ANSWER and ours[i].code]
    remarks += _by_function({ours[i].grade_id: i for i in open_code}, cells, places, answers)
    open_text = [i for i, kind in enumerate(kinds) if kind == ANSWER and not ours[i].code]
    remarks += _by_place(ours, open_text, cells, places, answers)
    return answers, remarks


def _blank(cell, mine) -> bool:
    return cell.key in ("", mine.key)


def _by_function(exercises, cells, places, answers) -> list[str]:
    """Answers whose cell lost its names, or was deleted, found by the function in a cell of the student's own.

    A cell that is this one answer takes its place. Where several cells define the function, or one cell more than one,
    they stay where they are, and only the released stub, which would undo them, goes.
    """
    remarks = []
    found = {
        n: {name for pair in DEFINED.findall(cell.text) for name in pair} & set(exercises)
        for n, cell in enumerate(cells)
        if places[n] is None and cell.code
    }
    for name, index in exercises.items():
        here = [n for n, names in found.items() if name in names]
        if index in answers or not here:
            continue
        if len(here) == 1 and found[here[0]] == {name}:
            places[here[0]], answers[index] = index, cells[here[0]]
        else:
            answers[index] = Cell(True, f"# {name} is defined in another cell of this notebook.")
        remarks.append(f"The cell of {name} was missing; the function was found in a cell of your own.")
    return remarks


def _by_place(ours, written, cells, places, answers) -> list[str]:
    """Written answers that were left blank, or whose cell is gone, found in new text cells at that place."""
    remarks, above, near = [], None, defaultdict(list)
    for cell, place in zip(cells, places, strict=True):
        if place is not None:
            above = place
        elif not cell.code and cell.text.strip():
            near[above].append(cell)
    for index in written:
        found = near[index - 1] + near[index]
        if found and index not in answers:
            attachments = {name: bundle for cell in found for name, bundle in cell.attachments.items()}
            text = "\n\n".join(cell.text for cell in found)[:MAX_TEXT]
            answers[index] = Cell(False, text, attachments=attachments)
            remarks.append(f"The answer {ours[index].grade_id} was found in a text cell of your own.")
    return remarks


def _own(ours, kinds, cells, places):
    """{number of a released cell: texts of the student's own that follow it}, -1 for the top; and remarks.

    The student's cells keep their order. Each stands below the replayed cells (setup and answers) that it stood below,
    and otherwise above those that it stood above: only where a student moved released cells about can both not be had.
    """
    replayed = {i for i, kind in enumerate(kinds) if kind == SETUP or kind == ANSWER and ours[i].code}
    next_replayed, ceilings = len(ours), []
    for place in reversed(places):
        ceilings.append(next_replayed)
        next_replayed = min(next_replayed, place) if place in replayed else next_replayed
    not_own = {mine.key for mine, kind in zip(ours, kinds, strict=True) if kind in (CHECK, ANSWER)} | {""}
    own, remarks, top, floor, number = defaultdict(list), [], -1, -1, 0
    for cell, place, ceiling in zip(cells, places, reversed(ceilings), strict=True):
        if place is not None:
            top, floor = max(top, place), max(floor, place if place in replayed else -1)
            if kinds[place] == ANSWER or cell.key == ours[place].key:
                continue
            if kinds[place] == CHECK:
                remarks.append(f"{ours[place].grade_id} was changed; the released cell counts.")
                continue
        if cell.code and cell.key not in not_own:
            number += 1
            if number <= MAX_OWN:
                own[max(floor, min(top, ceiling - 1))].append(cell.text)
    if number > MAX_OWN:
        remarks.append(f"Of {number} cells of your own, the first {MAX_OWN} were taken in.")
    return own, remarks


def _notebook(release, ours, answers, own) -> dict:
    result, number = [], 0
    for index in range(-1, len(ours)):
        if index >= 0:
            result.append(_released(release["cells"][index], ours[index], answers.get(index)))
        for text in own.get(index, []):
            number += 1
            result.append(
                {"cell_type": "code", "id": f"own-{number}", "metadata": {"course": {"own": True}}, "source": text}
                | {"outputs": [], "execution_count": None}
            )
    return {key: copy.deepcopy(value) for key, value in release.items() if key != "cells"} | {"cells": result}


def _released(cell: dict, mine: Cell, answer: Cell | None) -> dict:
    """A cell of the release, without outputs, with the answer in it where there is one."""
    cell = copy.deepcopy(cell) | {"source": mine.text}
    if mine.code:
        cell |= {"outputs": [], "execution_count": None}
    blank = cell["metadata"].get("course", {}).get("blank")
    if blank:  # nbgrader gives 0 where this is still the checksum of the cell
        cell["metadata"]["nbgrader"]["checksum"] = blank
        del cell["metadata"]["course"]
    if answer is None:
        return cell
    if mine.code or not _blank(answer, mine):
        cell["source"] = answer.text
    attached = {} if mine.code else pictures(answer.attachments)
    return cell | {"attachments": attached} if attached else cell
