"""The map of the course: drawn from the lessons themselves, so that its minutes and points cannot grow old."""

import re
from dataclasses import dataclass
from functools import cache

from utils.authoring.drawing import Board
from utils.authoring.navigation import TITLE
from utils.authoring.text import read_percent
from utils.paths import pick_notebooks, root
from utils.plotting.base import BLUE, GREEN, GREY, PURPLE

# what a lesson builds on directly; it needs whatever those need as well
NEEDS = {
    "00": (),
    "01a": ("00",),
    "01b": ("01a",),
    "02a": ("01a",),
    "02b": ("02a",),
    "03": ("02b",),
    "04a": ("03",),
    "04b": ("04a",),
    "05": ("04a",),
    "06": ("03",),
    "07a": ("06",),
    "07b": ("07a",),
    "08": ("04a",),
    "09a": ("04a",),
    "09b": ("05",),
    "10a": ("04a", "07a"),
    "10b": ("10a",),
}
STRETCH = {"01b", "04b", "09b"}  # nothing later builds on these
ROW, BOX_AT, WORDS_AT, MINUTES_AT, POINTS_AT = 0.55, 1.7, 2.2, 8.3, 10.6  # units: height of a row, where things stand
MINUTE = 0.014  # units: length of a bar
LANES = ((1.05, BLUE), (0.75, GREEN), (0.45, PURPLE))  # lines that pass other lessons by, the nearest first


@dataclass
class Stop:
    """One notebook on the map."""

    name: str
    title: str
    minutes: int
    points: int


@cache
def stops() -> list[Stop]:
    """Every notebook of the course, in order, with what its text says of itself."""
    return [_stop(path) for path in pick_notebooks(root() / "solutions", ".py")]


def _stop(path):
    text = path.read_text(encoding="utf-8")
    marks = (cell.metadata.get("nbgrader", {}) for cell in read_percent(text, path.name).cells)
    return Stop(
        name=path.stem.partition("_")[0],
        title=TITLE.search(text)[1].rpartition(" · ")[2],
        minutes=int(re.search(r"^# \*About (\d+) minutes\.", text, re.MULTILINE)[1]),
        points=sum(mark["points"] for mark in marks if mark.get("grade")),
    )


def course_map():
    """Every notebook from top to bottom, an arrow from each to those that build on it, its minutes and its points."""
    rows = stops()
    top = ROW * len(rows) + 0.7
    board = Board(11, top + 0.55)
    board.text(WORDS_AT, top, "lesson", 13, GREY, ha="left")
    board.text(MINUTES_AT, top, "minutes", 13, GREY, ha="left")
    board.text(POINTS_AT, top, "points", 13, GREY, ha="right")
    nodes = {stop.name: _row(board, stop, top - ROW * (k + 0.8)) for k, stop in enumerate(rows)}
    _arrows(board, list(nodes), list(nodes.values()))
    board.text(WORDS_AT, 0.36, "arrows: what builds on what · dashed: may be left out", 13, GREY, ha="left")
    return board


def _row(board, stop, y):
    stretch = stop.name in STRETCH
    number = f"{int(stop.name[:2])}{stop.name[2:].upper()}"
    node = board.box(BOX_AT, y, 0.62, 0.37, number, "plain" if stretch else "state", 13)
    if stretch:
        node[2].set_linestyle((0, (3, 2)))
    board.text(WORDS_AT, y, stop.title, 13, ha="left")
    board.text(MINUTES_AT - 0.1, y, f"{stop.minutes}", 13, GREY, ha="right")
    board.bar(MINUTES_AT, y, stop.minutes * MINUTE, 0.22, GREY if stretch else BLUE)
    board.text(POINTS_AT, y, f"{stop.points:g}", 13, ha="right")
    return node


def _arrows(board, names, nodes):
    """Straight down to the next row; past other rows a line of the lesson's own, out to the left and down."""
    free = [0] * len(LANES)  # the first row that no line reaches in each lane
    for k, name in enumerate(names):
        later = [row for row in range(k + 1, len(names)) if name in NEEDS[names[row]]]
        if k + 1 in later:
            board.arrow(nodes[k], nodes[k + 1], colour=BLUE)
        far = [row for row in later if row > k + 1]
        if not far:
            continue
        lane = next(i for i, row in enumerate(free) if row <= k)
        free[lane] = far[-1] + 1
        (x, colour), side = LANES[lane], nodes[k][0] - 0.33
        out, *into = nodes[k][1] - 0.08, *(nodes[row][1] + 0.08 for row in far)  # room for one of each at a box
        board.line([(side, out), (x, out), (x, into[-1])], colour)
        for y in into:
            board.arrow((x, y), (side, y), colour=colour)


FIGURES = {"00_start_here/figures/course_map.svg": course_map}
