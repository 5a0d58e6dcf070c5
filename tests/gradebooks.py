"""A gradebook that knows two lessons, and what the tests put into it and read from it."""

import contextlib
import shutil
import sqlite3
from datetime import UTC, datetime

import pytest

from utils.grading.record import Book
from utils.grading.report import Report

LESSON, OTHER = "01_rnn_cell", "08_bidirectional"
PARTS = ("01a_rnn_cell", "01b_three_families")
DUE = datetime(2026, 1, 10, 12, 0)
CELL = "rnn_cell_forward-check"
# Every column of what a submission has, names in place of ids.
WHOLE = {
    "submitted_assignment": """SELECT a.name, s.student_id, s.timestamp, s.extension FROM submitted_assignment s
        JOIN assignment a ON a.id = s.assignment_id""",
    "submitted_notebook": """SELECT n.name, s.student_id, m.flagged, m.late_submission_penalty FROM submitted_notebook m
        JOIN notebook n ON n.id = m.notebook_id JOIN submitted_assignment s ON s.id = m.assignment_id""",
    "grade": """SELECT n.name, s.student_id, c.name, c.type, g.auto_score, g.manual_score, g.extra_credit,
        g.needs_manual_grade FROM grade g JOIN base_cell c ON c.id = g.cell_id
        JOIN submitted_notebook m ON m.id = g.notebook_id JOIN notebook n ON n.id = m.notebook_id
        JOIN submitted_assignment s ON s.id = m.assignment_id""",
    "comment": """SELECT n.name, s.student_id, c.name, c.type, g.auto_comment, g.manual_comment FROM comment g
        JOIN base_cell c ON c.id = g.cell_id JOIN submitted_notebook m ON m.id = g.notebook_id
        JOIN notebook n ON n.id = m.notebook_id JOIN submitted_assignment s ON s.id = m.assignment_id""",
    "student": "SELECT * FROM student",
}


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A gradebook that knows two lessons, one with a due date."""
    from nbgrader.api import Gradebook

    from utils.authoring.release import register

    path = tmp_path_factory.mktemp("released") / "gradebook.db"
    for lesson in (LESSON, OTHER):
        register(lesson, f"sqlite:///{path}")
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate=DUE)
    return path


@pytest.fixture
def home(tmp_path, released):
    """A course's folder with its own copy of that gradebook."""
    shutil.copy(released, tmp_path / "gradebook.db")
    return tmp_path


@pytest.fixture
def book(home):
    with open_book(home) as book:
        yield book


def address(home):
    return f"sqlite:///{home / 'gradebook.db'}"


def open_book(home, config=None):
    return Book(home, address(home), config)


def sql(home, command, *values):
    with contextlib.closing(sqlite3.connect(home / "gradebook.db")) as db, db:
        return db.execute(command, values).fetchall()


def dump(home):
    """Everything but ids and the lessons themselves, as sorted lists of rows."""
    return {name: sorted(sql(home, f"{query} ORDER BY 1, 2, 3, 4"), key=repr) for name, query in WHOLE.items()}


def report_of(book, student="ada", lesson=LESSON, share=1.0, **changes):
    """A report that gives a share of all points; what has no check waits for a person."""
    scores = {
        part: {cell: share * most if cell.endswith("-check") else None for cell, most in cells.items()}
        for part, cells in book.points(lesson).items()
    }
    fields = {"received": DUE.replace(tzinfo=UTC).timestamp() - 3600, "scores": scores} | changes
    return Report(student, lesson, **fields)


def mark(home, student, cell, manual, comment=None):
    """What a person does in formgrader."""
    mine = """(SELECT m.id FROM submitted_notebook m JOIN submitted_assignment s ON s.id = m.assignment_id
        WHERE s.student_id = ?)"""
    cells = "(SELECT id FROM base_cell WHERE name = ?)"
    sql(home, f"""UPDATE grade SET manual_score = ?, needs_manual_grade = 0
        WHERE notebook_id IN {mine} AND cell_id IN {cells}""", manual, student, cell)  # fmt: skip
    sql(home, f"""UPDATE comment SET manual_comment = ? WHERE notebook_id IN {mine} AND cell_id IN {cells}""",
        comment, student, cell.removesuffix("-check"))  # fmt: skip


def grades(home, student="ada"):
    """{cell: (auto_score, manual_score, needs_manual_grade)}"""
    return {row[2]: (row[4], row[5], row[7]) for row in dump(home)["grade"] if row[1] == student}


def all_of_it(config):
    """A late penalty that takes everything."""
    config.LateSubmissionPlugin.penalty_method = "zero"
