"""The gradebook holds what stock nbgrader would have written, whatever happens in between."""

import contextlib
import os
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from utils.errors import CourseError
from utils.grading import database, rows
from utils.grading.autograded import put_away
from utils.grading.record import Book
from utils.grading.report import GRADED, MISSING, REVIEW, ZERO, Report
from utils.paths import ROOT

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


# ---------------------------------------------------------------------------------------------- as stock nbgrader


def late_by_hand(config):
    """A penalty of half the points a day, as a teacher would write one."""
    from nbgrader.plugins import BasePlugin

    class HalfADay(BasePlugin):
        def late_submission_penalty(self, student_id, score, total_seconds_late):
            return total_seconds_late / 86400 * score / 2

    config.AssignLatePenalties.plugin_class = HalfADay


def all_of_it(config):
    config.LateSubmissionPlugin.penalty_method = "zero"


def stock(home, report, config):
    """What stock nbgrader makes of the same verdict, found in the notebooks' outputs. Returns what was unanswered."""
    import nbformat
    from nbgrader.api import Gradebook
    from nbgrader.preprocessors import AssignLatePenalties, OverwriteCells, SaveAutoGrades
    from nbgrader.utils import compute_checksum

    with Gradebook(address(home)) as gradebook:
        gradebook.update_or_create_student(report.student)
        time = datetime.fromtimestamp(report.received, UTC).isoformat()
        gradebook.update_or_create_submission(report.lesson, report.student, timestamp=time)
    unanswered = {}
    for name, scores in report.scores.items():
        notebook = nbformat.read(ROOT / "notebooks" / report.lesson / f"{name}.ipynb", 4)
        where = {"notebook": name, "assignment": report.lesson, "student": report.student, "db_url": address(home)}
        resources = {"nbgrader": where}
        answers = iter(range(100))
        for cell in notebook.cells:
            mark = cell.metadata.get("nbgrader", {})
            if mark.get("solution") and next(answers) % 2 == 0:
                cell.source += "\nSomething of the student's."
            if mark.get("grade") and cell.cell_type == "code":
                data = {"text/plain": str(scores[mark.grade_id])}
                cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
        OverwriteCells(config=config).preprocess(notebook, resources)
        unanswered[name] = [
            mark.grade_id
            for cell in notebook.cells
            if (mark := cell.metadata.get("nbgrader", {})).get("solution") and mark.checksum == compute_checksum(cell)
        ]
        SaveAutoGrades(config=config).preprocess(notebook, resources)
        AssignLatePenalties(config=config).preprocess(notebook, resources)
    return unanswered


@pytest.mark.filterwarnings("ignore:Object of type")  # nbgrader's own
@pytest.mark.parametrize("penalty", [None, all_of_it, late_by_hand])
@pytest.mark.parametrize("hours", [-1, 30])
def test_every_row_is_as_of_stock_nbgrader(home, tmp_path, released, hours, penalty):
    from traitlets.config import Config

    config = Config()
    if penalty:
        penalty(config)
    (tmp_path / "stock").mkdir()
    theirs = tmp_path / "stock"
    shutil.copy(released, theirs / "gradebook.db")
    with open_book(home, config) as book:
        for turn, share in enumerate((1.0, 0.5)):
            received = DUE.replace(tzinfo=UTC).timestamp() + 3600 * hours + turn + 0.25
            report = report_of(book, share=share, received=received)
            report.unanswered = stock(theirs, report, config)
            for part, names in report.unanswered.items():
                report.scores[part] |= {name: 0 for name in names if name in report.scores[part]}
            assert book.write(report)["total"] > 0
            assert dump(home) == dump(theirs)
            for folder in (home, theirs):
                mark(folder, "ada", CELL, 1.5, "A person's words.")
    rows = dump(home)
    assert any(row[4] == "No response." for row in rows["comment"])
    assert any(row[4] is None for row in rows["grade"])
    given = [row[3] for row in rows["submitted_notebook"]]
    assert all(given) if hours > 0 and penalty else given == [None, None]


def test_what_people_gave_is_kept_over_two_writes(home, book):
    book.write(report_of(book))
    mark(home, "ada", CELL, 2.0, "Nearly.")
    sql(home, "UPDATE submitted_notebook SET flagged = 1")
    sql(home, "UPDATE grade SET extra_credit = 0.5 WHERE manual_score IS NOT NULL")
    for _ in range(2):
        now = book.write(report_of(book, share=0.0))
        assert now["scores"]["rnn_cell_forward"] == 2.5 and now["total"] == 2.5
        assert grades(home)[CELL] == (0.0, 2.0, 1)
        assert "Nearly." in [row[5] for row in dump(home)["comment"]]
        assert {row[2] for row in dump(home)["submitted_notebook"]} == {1}
    assert book.totals(LESSON)["ada"]["waiting"].count("rnn_cell_forward") == 1


# ------------------------------------------------------------------------------------------------------- statuses


def test_no_old_points_survive(home, book):
    first = book.write(report_of(book))
    full = sum(most for cells in book.points(LESSON).values() for name, most in cells.items() if "-check" in name)
    assert first["total"] == full > 0
    only = report_of(book)
    del only.scores[PARTS[1]]
    del only.scores[PARTS[0]][CELL]
    second = book.write(only)
    assert second["scores"]["rnn_cell_forward"] == 0.0 and grades(home)[CELL] == (0.0, None, 0)
    assert all(grades(home)[name][0] == 0.0 for name in book.points(LESSON)[PARTS[1]])
    assert 0 < second["total"] < first["total"]
    assert book.write(report_of(book, status=ZERO, scores={}))["total"] == 0
    assert {row[0] for row in grades(home).values()} == {0.0}


def test_a_fault_of_ours_gives_no_grade(home, book):
    book.write(report_of(book))
    now = book.write(report_of(book, status=REVIEW, received=None))
    assert set(now["scores"].values()) == {None} and now["total"] == 0
    assert set(grades(home).values()) == {(None, None, 1)}
    assert dump(home)["submitted_assignment"][0][2] == "2026-01-10 11:00:00.000000"  # it did come in
    assert len(book.totals(LESSON)["ada"]["waiting"]) == len(grades(home))


def test_nothing_handed_in_makes_no_row(home, book):
    before = dump(home)
    now = book.write(report_of(book, status=MISSING, scores={}, received=None))
    assert dump(home) == before and book.totals(LESSON) == {}
    assert set(now["scores"].values()) == {0.0} and "rnn_cell_forward" in now["scores"]


def test_a_withdrawn_submission_is_zero(home, book):
    book.write(report_of(book))
    assert book.write(report_of(book, status=MISSING, scores={}, received=None))["total"] == 0
    assert set(grades(home).values()) == {(0.0, None, 0)}
    assert dump(home)["submitted_assignment"] == [(LESSON, "ada", None, None)]


@pytest.mark.parametrize("seconds", [-1e300, -1.0, float("nan"), 1e300, float("inf"), 253402300800.0])
def test_no_time_of_arrival_stops_a_run(book, seconds):
    book.write(report_of(book, received=seconds))
    assert rows.moment(seconds).year in (1970, 9999)


def test_an_extension_counts(home):
    from traitlets.config import Config

    config = Config()
    all_of_it(config)
    with open_book(home, config) as book:
        late = report_of(book, received=DUE.replace(tzinfo=UTC).timestamp() + 3600)
        now = book.write(late)
        assert now["late_penalty"] == now["total"] > 0
        from nbgrader.api import Gradebook

        with Gradebook(address(home)) as gradebook:
            gradebook.grant_extension(LESSON, "ada", hours=2)
        assert book.write(late)["late_penalty"] == 0


def test_a_broken_penalty_writes_nothing(home):
    from traitlets.config import Config

    config = Config({"AssignLatePenalties": {"plugin_class": "no.such.plugin"}})
    before = dump(home)
    with open_book(home, config) as book:
        with pytest.raises(CourseError, match="^The late penalty of ada could not be found .*plugin_class names, then"):
            book.write(report_of(book, received=DUE.replace(tzinfo=UTC).timestamp() + 3600))
        assert dump(home) == before
        assert book.write(report_of(book))["total"] > 0


# ---------------------------------------------------------------------------------- nothing else, nothing by halves


def test_others_are_untouched(home, book):
    for student in ("ada", "bob"):
        for lesson in (LESSON, OTHER):
            book.write(report_of(book, student, lesson, share=0.5))
    mark(home, "bob", CELL, 3.0, "Good.")

    def others():
        every = {t: sql(home, f"SELECT * FROM {t} ORDER BY id") for t in ("grade", "comment", "submitted_notebook")}
        mine = """SELECT m.id FROM submitted_notebook m JOIN submitted_assignment s ON s.id = m.assignment_id
            JOIN assignment a ON a.id = s.assignment_id WHERE s.student_id = 'ada' AND a.name = ?"""
        changed = {row[0] for row in sql(home, mine, LESSON)}
        return {t: [row for row in found if not changed & set(row)] for t, found in every.items()}

    before, counts = others(), {t: len(found) for t, found in dump(home).items()}
    book.write(report_of(book, share=0.0))
    assert others() == before
    assert {t: len(found) for t, found in dump(home).items()} == counts
    assert grades(home)[CELL][0] == 0.0
    assert sql(home, "PRAGMA integrity_check") == [("ok",)]


def test_a_kill_before_the_folder_is_in_place_is_harmless(home, book, monkeypatch):
    report = report_of(book, notebooks={PARTS[0]: {"cells": []}})
    book.write(report)
    before, ids = dump(home), sql(home, "SELECT id FROM grade ORDER BY id")
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            put_away(home, report)
    book.write(report)
    put_away(home, report)
    assert dump(home) == before and sql(home, "SELECT id FROM grade ORDER BY id") == ids


@pytest.mark.parametrize("where", ["put_grades", "put_comments", "standing"])
def test_an_interrupt_in_the_middle_leaves_what_was(home, book, monkeypatch, where):
    book.write(report_of(book))
    before = dump(home)

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rows, where, stop)
        with pytest.raises(KeyboardInterrupt):
            book.write(report_of(book, share=0.0))
    assert dump(home) == before
    assert book.write(report_of(book, share=0.0))["total"] == 0


def pages(book, setting):
    with book.engine.connect() as db:
        return db.exec_driver_sql(f"PRAGMA {setting}").scalar()


def test_a_full_disk_is_one_sentence_and_loses_nothing(home, book):
    before = dump(home)
    pages(book, f"max_page_count = {pages(book, 'page_count')}")
    with pytest.raises(CourseError, match="finds no room on its disk: make some, .*database or disk is full") as caught:
        for number in range(100):
            book.write(report_of(book, f"student{number}"))
            before = dump(home)
    assert "\n" not in str(caught.value) and dump(home) == before
    pages(book, "max_page_count = 1000000")
    assert book.write(report_of(book))["total"] > 0
    assert sql(home, "PRAGMA integrity_check") == [("ok",)]


def test_a_disk_that_fills_at_the_commit(home, book):
    from sqlalchemy import event

    def full(_):
        raise sqlite3.OperationalError("database or disk is full")

    before = dump(home)
    event.listen(book.engine, "commit", full)
    with pytest.raises(CourseError, match="database or disk is full"):
        book.write(report_of(book))
    event.remove(book.engine, "commit", full)
    assert dump(home) == before
    assert book.write(report_of(book))["total"] > 0


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ({PARTS[0]: {CELL: 1000.0}}, "1000.0 points came for rnn_cell_forward-check of ada, 0 to 6 were expected"),
        ({PARTS[0]: {CELL: float("nan")}}, "nan points came"),
        ({PARTS[0]: {CELL: -1}}, "-1 points came"),
        ({PARTS[0]: {"rnn_cell_forward": 1}}, "0 to 0 were expected"),
        ({PARTS[0]: {"strange": 0}}, "01_rnn_cell has no strange, which was graded for ada: run `python -m utils rel"),
        ({"02a_bptt": {}}, "01_rnn_cell has no 02a_bptt"),
    ],
)
def test_a_report_that_cannot_be_true_is_refused(home, book, scores, words):
    before = dump(home)
    with pytest.raises(CourseError, match=words):
        book.write(report_of(book, scores=scores))
    assert dump(home) == before


# -------------------------------------------------------------------------------------------- what a run asks for


def test_what_the_book_knows(home, book):
    assert book.lessons() == [LESSON, OTHER] and book.students() == []
    points = book.points(LESSON)
    assert tuple(points) == PARTS and all(most > 0 for cells in points.values() for most in cells.values())
    text = (ROOT / "notebooks" / LESSON / f"{PARTS[0]}.ipynb").read_text(encoding="utf-8")
    places = [text.index(f'"grade_id": "{cell}"') for cell in points[PARTS[0]]]
    assert places == sorted(places) and list(points[PARTS[0]]) != sorted(points[PARTS[0]])


def test_a_lesson_never_released(book):
    for ask in (book.points, book.totals, lambda lesson: book.write(Report("ada", lesson))):
        with pytest.raises(CourseError, match=r"lesson 01_rn_cell was never .* \(did you mean 01_rnn_cell\?\): run"):
            ask("01_rn_cell")


def test_the_totals_of_a_class(book):
    now = {student: book.write(report_of(book, student, share=share)) for student, share in (("ada", 1), ("bob", 0.5))}
    totals = book.totals(LESSON)
    assert {who: {k: v for k, v in row.items() if k != "waiting"} for who, row in totals.items()} == now
    assert set(totals["bob"]["waiting"]) == {name for name, points in now["bob"]["scores"].items() if points is None}
    assert totals["ada"]["total"] == 2 * totals["bob"]["total"]


def test_a_roster_makes_and_renames(home, book):
    book.ensure_students([{"id": "ada", "first_name": "Ada", "last_name": "L", "email": "a@x"}, {"id": "bob"}])
    book.ensure_students([{"id": "ada", "last_name": "Lovelace", "first_name": ""}, {"id": "ada", "email": "b@x"}])
    assert sql(home, "SELECT id, first_name, last_name, email FROM student ORDER BY id") == [
        ("ada", "Ada", "Lovelace", "b@x"),
        ("bob", None, None, None),
    ]
    with pytest.raises(CourseError, match="holds '../eve', which"):
        book.ensure_students([{"id": "carl"}, {"id": "../eve"}])
    assert book.students() == ["ada", "bob"]


def test_backups(home, book):
    folder = home / "grading" / "backups"
    folder.mkdir(parents=True)
    (folder / "mine.db").write_text("kept")
    (folder / ".new.db").write_text("of a killed run")
    book.write(report_of(book))
    first = book.backup()
    before = dump(home)
    for _ in range(database.KEPT):
        last = book.backup(folder)
    assert not first.exists() and (folder / "mine.db").read_text() == "kept"
    assert len(list(folder.iterdir())) == database.KEPT + 1
    book.write(report_of(book, share=0.0))
    shutil.copy(last, home / "gradebook.db")
    assert dump(home) == before


def test_a_backup_that_cannot_be_made(home, book):
    (home / "grading").write_text("")
    with pytest.raises(CourseError, match="^Could not copy the gradebook .* nothing was graded.$"):
        book.backup()


def test_other_databases_are_not_copied(home, caplog):
    from sqlalchemy import create_engine

    assert database.copy_to(create_engine("sqlite://"), home / "backups") is None
    assert "only one in a SQLite file can be copied" in caplog.text and not (home / "backups").exists()


# --------------------------------------------------------------------------------------- gradebooks that do not fit


def refused(home, words, url=None):
    """Open a gradebook that must not be opened; it is one sentence, and no byte of the file changes."""
    path = home / "gradebook.db"
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(CourseError, match=words) as caught:
        Book(home, url or address(home))
    text = str(caught.value)
    assert "\n" not in text and text.endswith(".") and "Traceback" not in text
    assert (path.read_bytes() if path.is_file() else None) == before
    assert [p.name for p in home.iterdir()] == ([path.name] if before is not None else [])


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("'167914646830'", r"untouched, as an older .*version 167914646830 .*: run `nbgrader db upgrade`, then"),
        ("'ffffffffffff'", r"untouched, as a newer .*version ffffffffffff .*: install that nbgrader"),
    ],
)
def test_another_version_of_nbgrader(home, version, words):
    sql(home, f"UPDATE alembic_version SET version_num = {version}")
    refused(home, words)


def test_tables_without_a_version(home):
    sql(home, "DROP TABLE alembic_version")
    refused(home, "as an older nbgrader made it .version None")


def test_what_is_no_gradebook(home):
    path = home / "gradebook.db"
    path.write_bytes(b"rubbish" * 1000)
    refused(home, "is damaged or not a database: put back the newest copy from grading/backups/, then")
    path.write_bytes(b"")
    refused(home, "No lesson was ever released to a gradebook at .*: run `python -m utils release`")
    sql(home, "CREATE TABLE x (y)")
    refused(home, "is no gradebook of nbgrader: mend db_url")
    path.unlink()
    refused(home, "No lesson was ever released")
    refused(home, "^The gradebook's address cannot be used", "no address")
    refused(home, "^The gradebook's address cannot be used", "nodb://x")


def test_a_file_that_may_only_be_read(home):
    read_only = f"sqlite:///file:{home / 'gradebook.db'}?mode=ro&uri=true"
    refused(home, "or its folder may not be written to: allow that, .*readonly database", read_only)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="folders have no owner here")
def test_a_folder_that_may_only_be_read(released, tmp_path_factory):
    # below /tmp itself: others may not even enter pytest's own folders
    home = Path("/tmp") / f"test_record_{os.getpid()}"
    home.mkdir(mode=0o755)
    try:
        shutil.copy(released, home / "gradebook.db")
        (home / "gradebook.db").chmod(0o666)
        with open_book(home):
            pass  # everything is imported now
        home.chmod(0o555)
        with as_nobody():
            refused(home, "or its folder may not be written to: allow that")
    finally:
        home.chmod(0o755)
        shutil.rmtree(home)


@contextlib.contextmanager
def as_nobody():
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_lock_that_stays_is_one_sentence(home, monkeypatch):
    monkeypatch.setattr(database, "WAIT", 0.1)
    book = open_book(home)
    with contextlib.closing(sqlite3.connect(home / "gradebook.db", isolation_level=None)) as other, book:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CourseError, match="has been locked by another program for 10 seconds: wait for that"):
            open_book(home)
        other.execute("ROLLBACK")
        report = report_of(book)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CourseError, match="has been locked by another program"):
            book.write(report)
        other.execute("ROLLBACK")
        assert book.write(report)["total"] > 0


def test_the_wait_for_a_lock_is_what_the_sentence_says(book):
    assert pages(book, "busy_timeout") == database.WAIT * 1000 == 10_000


def test_statuses_are_those_of_a_report():
    assert (GRADED, ZERO, MISSING, REVIEW) == ("graded", "zero", "missing", "review")
