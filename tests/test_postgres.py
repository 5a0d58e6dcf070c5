"""A gradebook in PostgreSQL holds what one in a SQLite file holds, and loses nothing that others write meanwhile."""
# ruff: noqa: F811 - tests name the fixtures that are imported

import contextlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from postgres import LESSON, OTHER, released_there, run_sql, server, url  # noqa: F401
from sqlalchemy import text
from waiting import until

from utils.errors import CourseError
from utils.grading import postgres, rows
from utils.grading.record import Book
from utils.grading.report import MISSING, REVIEW, Report

pytestmark = pytest.mark.postgres
PART, CELL = "00_start_here", "softmax-check"
DUE = datetime(2026, 1, 10, 12, 0)


def report_of(book, student="ada", lesson=LESSON, share=1.0, **more):
    """A report that gives a share of all points, one day late."""
    scores = {
        part: {cell: share * most if cell.endswith("-check") else None for cell, most in cells.items()}
        for part, cells in book.points(lesson).items()
    }
    return Report(student, lesson, **{"received": DUE.replace(tzinfo=UTC).timestamp() + 86400, "scores": scores} | more)


def everything(url):
    """All rows of a gradebook, as Python's values, each id replaced by what it stands for; without courses' names."""
    from nbgrader.api import Base
    from sqlalchemy import create_engine, select

    engine, names, found = create_engine(url), {}, {}
    with engine.connect() as db:
        for table in Base.metadata.sorted_tables:
            lines = []
            for row in db.execute(select(table)).mappings():
                line = {key: names.get(value, value) for key, value in row.items()}
                if table.name not in ("student", "course"):  # theirs are names already
                    del line["id"]
                    keys = (line[key] for key in line if key.endswith("_id") or key == "name")
                    names.setdefault(row["id"], (table.name, *keys))
                lines.append(line)
            found[table.name] = sorted(lines, key=repr)
    engine.dispose()
    del found["course"]  # the nameless one is missing in a file
    return found


def grade_of(url, student="ada", cell=CELL):
    """(auto_score, manual_score, needs_manual_grade) of a cell."""
    from nbgrader.api import Gradebook

    with Gradebook(url) as gradebook:
        grade = gradebook.find_grade(cell, PART, LESSON, student)
        return grade.auto_score, grade.manual_score, grade.needs_manual_grade


@pytest.fixture
def book(tmp_path, url):
    with Book(tmp_path, url) as book:
        yield book


@contextlib.contextmanager
def person(url, points):
    """What formgrader does when a person gives points; they are there for all when the block ends."""
    from nbgrader.api import Gradebook

    with Gradebook(url) as gradebook:
        grade = gradebook.find_grade(CELL, PART, LESSON, "ada")
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.flush()
        yield
        gradebook.db.commit()


def aside(work, *arguments):
    """Start work in a thread; `result()` of what comes back waits for it."""
    from concurrent.futures import Future

    future = Future()

    def run():
        try:
            future.set_result(work(*arguments))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def waiting(url):
    """How many connections to this database wait for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return run_sql(url, query)[0][0]


# ------------------------------------------------------------------------------------------------------ the same rows


def test_every_row_is_as_in_a_file(tmp_path, url):
    import alembic_once  # noqa: F401
    from nbgrader.api import Gradebook
    from traitlets.config import Config

    from utils.authoring.release import register

    run_sql(url, f'ALTER DATABASE "{url.database}" SET timezone = "Asia/Tokyo"')
    config = Config({"LateSubmissionPlugin": {"penalty_method": "zero"}})
    file = f"sqlite:///{tmp_path}/gradebook.db"
    for lesson in (LESSON, OTHER):
        register(lesson, file)
    for where in (file, url):
        with Gradebook(where) as gradebook:
            gradebook.update_or_create_assignment(LESSON, duedate=DUE)
        with Book(tmp_path, where, config) as book:
            book.ensure_students([{"id": "ada", "first_name": "Ada"}, {"id": "zoë", "email": "z@x"}, {"id": "bob"}])
            for student, share in (("ada", 1.0), ("zoë", 1 / 3)):
                book.write(report_of(book, student, share=share, unanswered={PART: {"unfold"}}))
            book.write(report_of(book, "bob", OTHER, status=REVIEW))
            book.write(report_of(book, "bob", status=MISSING, scores={}, received=None))
            with Gradebook(where) as gradebook:
                gradebook.grant_extension(LESSON, "zoë", days=2)
                grade = gradebook.find_grade(CELL, PART, LESSON, "ada")
                grade.manual_score, grade.extra_credit = 1.5, 0.25
                gradebook.find_comment("softmax", PART, LESSON, "ada").manual_comment = "Nearly. — ∂L/∂z"
                gradebook.db.commit()
            for student, share in (("ada", 1 / 7), ("zoë", 0.7)):
                book.write(report_of(book, student, share=share))
    assert everything(url) == everything(file)
    found = everything(url)
    assert len(found["grade"]) > 6 and {row["manual_score"] for row in found["grade"]} == {None, 1.5}
    with Book(tmp_path, url) as there, Book(tmp_path, file) as here:
        for lesson in (LESSON, OTHER):
            assert there.points(lesson) == here.points(lesson) and there.totals(lesson) == here.totals(lesson)
        assert there.students() == here.students() and there.lessons() == here.lessons()
        assert there.totals(LESSON)["zoë"]["late_penalty"] == 0 < there.totals(LESSON)["ada"]["late_penalty"]


# ------------------------------------------------------------------------------------------------- at the same time


def test_points_that_a_person_gives_while_a_report_is_written_are_kept(book, url):
    book.write(report_of(book))
    with person(url, 1.25):
        written = aside(book.write, report_of(book, share=0.5))
        until(lambda: waiting(url) or written.done())
        assert not written.done()
    assert written.result(30)["scores"]["softmax"] == 1.25
    assert grade_of(url) == (1.0, 1.25, True)  # they were there first, so a person shall look at the new answer


def test_points_that_a_person_gives_after_the_old_ones_were_read_wait_for_the_report(book, url, monkeypatch):
    book.write(report_of(book))
    read, go, put = threading.Event(), threading.Event(), rows._put

    def stop(*arguments):  # between the reading of the old grades and the writing of the new ones
        read.set()
        assert go.wait(30)
        put(*arguments)

    monkeypatch.setattr(rows, "_put", stop)
    written = aside(book.write, report_of(book, share=0.5))
    assert read.wait(30)

    def give():
        with person(url, 1.25):
            pass

    given = aside(give)
    until(lambda: waiting(url) or given.done())
    early = given.done()
    go.set()
    assert written.result(30)["scores"]["softmax"] == 1.0 and given.result(30) is None and not early
    assert grade_of(url) == (1.0, 1.25, False)


def test_an_extension_that_is_granted_while_a_report_is_written_counts(tmp_path, url):
    from nbgrader.api import Gradebook
    from traitlets.config import Config

    config = Config({"LateSubmissionPlugin": {"penalty_method": "zero"}})
    with Gradebook(url) as gradebook, Book(tmp_path, url, config) as book:
        gradebook.update_or_create_assignment(LESSON, duedate=DUE)
        assert book.write(report_of(book))["late_penalty"] > 0
        gradebook.find_submission(LESSON, "ada").extension = timedelta(days=2)
        gradebook.db.flush()
        written = aside(book.write, report_of(book, received=None))
        until(lambda: waiting(url) or written.done())
        gradebook.db.commit()
        assert written.result(30)["late_penalty"] == 0


def test_people_who_give_points_and_reports_do_not_stop_each_other(book, url):
    book.write(report_of(book))
    start = threading.Barrier(2)

    def people():
        start.wait()
        for points in range(30):
            with person(url, points / 100):
                pass

    given = aside(people)
    start.wait()
    for turn in range(30):
        book.write(report_of(book, share=turn % 2))
    given.result(60)
    assert grade_of(url)[:2] == (2.0, 0.29)


def test_a_person_who_waits_for_the_report_that_waits_for_him_is_one_sentence(tmp_path, url, monkeypatch):
    from nbgrader.api import Comment, Gradebook

    monkeypatch.setitem(postgres.SETTINGS, "deadlock_timeout", "3s")  # the person has so long to close the circle
    with Book(tmp_path, url) as book, Gradebook(url) as gradebook:
        book.write(report_of(book))
        comments = gradebook.db.query(Comment).order_by(Comment.id).all()
        comments[-1].manual_comment = "One."
        gradebook.db.flush()
        gradebook.db.execute(text("SET deadlock_timeout = '60s'"))
        written = aside(book.write, report_of(book, share=0.0))
        until(lambda: waiting(url) or written.done())
        comments[0].manual_comment = "Two."
        gradebook.db.commit()
        with pytest.raises(CourseError, match="was being changed by another program at the same moment"):
            written.result(30)
        assert grade_of(url) == (2.0, None, False)


def test_a_lock_that_stays_is_one_sentence(tmp_path, url, monkeypatch):
    monkeypatch.setitem(postgres.SETTINGS, "lock_timeout", "200ms")
    with Book(tmp_path, url) as book:
        book.write(report_of(book))
        with (
            person(url, 1.25),
            pytest.raises(CourseError, match="has been locked by another program for 10 seconds: wai"),
        ):
            book.write(report_of(book, share=0.0))
        assert grade_of(url) == (2.0, 1.25, False)


def test_a_second_run_is_told_to_wait(tmp_path, url):
    with Book(tmp_path, url) as one, Book(tmp_path, url) as two:
        one.keep_others_out()
        with pytest.raises(
            CourseError, match="^Another run is grading into the gradebook postgresql.*wait until it has"
        ):
            two.keep_others_out()
        two.totals(LESSON)  # to read is allowed
    with Book(tmp_path, url) as three:
        three.keep_others_out()


def test_a_run_whose_connection_was_lost_writes_nothing_more(tmp_path, url):
    with Book(tmp_path, url) as one, Book(tmp_path, url) as two:
        one.keep_others_out()
        one.write(report_of(one))
        before = everything(url)
        run_sql(url, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        with pytest.raises(CourseError, match="cannot be reached: start its server or mend the address, then run this"):
            one.write(report_of(one, share=0.0))
        until(lambda: everything(url) == before)
        two.keep_others_out()
