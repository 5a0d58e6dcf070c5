"""What is written to the gradebook, and what is not."""
# ruff: noqa: F811 - tests name the fixtures that are imported

from datetime import UTC

import pytest
from gradebooks import (  # noqa: F401
    CELL,
    DUE,
    LESSON,
    OTHER,
    PARTS,
    address,
    all_of_it,
    book,
    dump,
    grades,
    home,
    mark,
    open_book,
    released,
    report_of,
    sql,
)

from utils.errors import CourseError
from utils.grading import rows
from utils.grading.report import MISSING, REVIEW, ZERO, Report
from utils.paths import ROOT


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
