"""The rows of nbgrader's gradebook that a submission has: found, made where they are missing, filled in."""

import math
from datetime import UTC, datetime

from utils.errors import CourseError
from utils.grading.known import exercise
from utils.grading.report import GRADED, MISSING, REVIEW

LAST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()  # no later time fits into a gradebook


def check(report, lesson):
    """Raise CourseError unless the report is about cells that are there, its points within what each can give."""
    for name in {*report.scores, *report.unanswered}:
        part = lesson.notebooks.get(name)
        about = {*report.scores.get(name, ()), *report.unanswered.get(name, ())}
        strange = sorted(about - {*part.graded, *part.answers}) if part else [name]
        if strange:
            raise CourseError(
                f"The gradebook's {lesson.name} has no {strange[0]}, which was graded for {report.student}: "
                f"run `python -m utils release`, then this again."
            )
        for grade_id, points in report.scores.get(name, {}).items():
            most = part.graded[grade_id].points if grade_id in part.graded else 0
            if points is not None and not 0 <= points <= most:
                raise CourseError(
                    f"{points!r} points came for {grade_id} of {report.student}, 0 to {most:g} were expected: nothing "
                    f"was written; tell the authors of the course."
                )


def put_submission(db, lesson, report):
    """The id of the student's row of submitted_assignment, made with the student where missing; the time goes in.

    None where nothing was handed in, now or ever.
    """
    from nbgrader.api import Student, SubmittedAssignment, new_uuid
    from sqlalchemy import insert, select, update

    table, students = SubmittedAssignment.__table__, Student.__table__
    mine = (table.c.assignment_id == lesson.id) & (table.c.student_id == report.student)
    found = db.scalar(select(table.c.id).where(mine).with_for_update())
    time = {} if report.received is None else {"timestamp": moment(report.received)}
    if report.status == MISSING:
        time = {"timestamp": None}
    if found is not None:
        if time:
            db.execute(update(table).where(mine).values(time))
        return found
    if report.status == MISSING:
        return None
    if db.scalar(select(students.c.id).where(students.c.id == report.student)) is None:
        db.execute(insert(students).values(id=report.student))
    made = new_uuid()
    db.execute(insert(table).values(id=made, assignment_id=lesson.id, student_id=report.student, **time))
    return made


def moment(seconds):
    """Seconds since 1970 as the gradebook holds a time: UTC, without saying so. What no calendar holds is cut off."""
    return datetime.fromtimestamp(min(max(0.0, seconds), LAST), UTC).replace(tzinfo=None)


def put_notebooks(db, lesson, submission):
    """{notebook: id of its row of submitted_notebook}, the rows made where missing."""
    from nbgrader.api import SubmittedNotebook, new_uuid
    from sqlalchemy import insert, select

    table = SubmittedNotebook.__table__
    of_lesson = table.c.notebook_id.in_([part.id for part in lesson.notebooks.values()])
    mine = select(table.c.notebook_id, table.c.id).where(of_lesson, table.c.assignment_id == submission)
    found = dict(db.execute(mine).all())
    fresh = [
        {"id": new_uuid(), "assignment_id": submission, "notebook_id": part.id}
        for part in lesson.notebooks.values()
        if part.id not in found
    ]
    if fresh:
        db.execute(insert(table), fresh)
    found |= {row["notebook_id"]: row["id"] for row in fresh}
    return {name: found[part.id] for name, part in lesson.notebooks.items()}


def put_grades(db, lesson, notebooks, report):
    """Give every graded cell the report's points, 0 where it has none, so that no older ones stay.

    A person has to look where there are no points and, as with stock nbgrader, where a person gave others before.
    """
    from nbgrader.api import Grade

    table = Grade.__table__
    cells = [cell.id for part in lesson.notebooks.values() for cell in part.graded.values()]
    found = {
        (notebook, cell): (row, by_hand)
        for row, notebook, cell, by_hand in _get(db, table, notebooks, cells, table.c.manual_score)
    }
    wanted = {}
    for name, part in lesson.notebooks.items():
        for grade_id, cell in part.graded.items():
            key = (notebooks[name], cell.id)
            points = _points(report, name, grade_id, cell)
            by_hand = key in found and found[key][1] is not None
            wanted[key] = {"auto_score": points, "needs_manual_grade": points is None or by_hand}
    _put(db, table, {key: row[0] for key, row in found.items()}, wanted)


def _points(report, notebook, grade_id, cell):
    if report.status == REVIEW:
        return None
    # a task is marked by a person, and stock nbgrader leaves it to them
    points = report.scores.get(notebook, {}).get(grade_id, None if cell.is_task and report.status == GRADED else 0)
    return None if points is None else float(points)


def score(db, part, notebook):
    """The points of a submitted notebook, the same to the last digit in whatever order a database holds them."""
    from nbgrader.api import Grade
    from sqlalchemy import select

    cells = [cell.id for cell in part.graded.values()]
    mine = (Grade.notebook_id == notebook, Grade.cell_id.in_(cells))
    return math.fsum(db.scalars(select(Grade.score).where(*mine)))


def put_comments(db, lesson, notebooks, report):
    """Say of every answer that stands as released that there is none; the automatic comments of others go."""
    from nbgrader.api import Comment

    table = Comment.__table__
    cells = [cell for part in lesson.notebooks.values() for cell in part.answers.values()]
    found = {(notebook, cell): row for row, notebook, cell in _get(db, table, notebooks, cells)}
    wanted = {
        (notebooks[name], cell): {
            "auto_comment": "No response." if grade_id in report.unanswered.get(name, ()) else None
        }
        for name, part in lesson.notebooks.items()
        for grade_id, cell in part.answers.items()
    }
    _put(db, table, found, wanted)


def _get(db, table, notebooks, cells, *more):
    """The rows that are there: id, notebook, cell and more columns, kept from others until all is written.

    The cells are named, for the index begins there.
    """
    from sqlalchemy import select

    mine = (table.c.cell_id.in_(cells), table.c.notebook_id.in_(list(notebooks.values())))
    columns = (table.c.id, table.c.notebook_id, table.c.cell_id, *more)
    return db.execute(select(*columns).where(*mine).order_by(table.c.id).with_for_update())


def _put(db, table, found, wanted):
    """Update the rows that are there and make the others: {(notebook, cell): values}."""
    from sqlalchemy import bindparam, insert, update

    fresh = [{"notebook_id": key[0], "cell_id": key[1], **row} for key, row in wanted.items() if key not in found]
    known = [{"key": found[key], **row} for key, row in wanted.items() if key in found]
    if fresh:
        db.execute(insert(table), fresh)
    if known:
        db.execute(update(table).where(table.c.id == bindparam("key")), known)


def standing(db, lesson, student=None):
    """What the gradebook holds now, of all students or of one: {student: scores, waiting, total, late_penalty}.

    A person's points win. None stands in the scores where nobody gave any; waiting are the exercises that a person
    must look at.
    """
    from nbgrader.api import BaseCell, Grade, SubmittedAssignment, SubmittedNotebook
    from sqlalchemy import select

    above, notebook, cell = SubmittedAssignment.__table__, SubmittedNotebook.__table__, BaseCell.__table__
    grade = Grade.__table__
    parts = lesson.notebooks.values()
    # both are known, and the indexes begin with them
    of_lesson = notebook.c.notebook_id.in_([part.id for part in parts])
    graded = grade.c.cell_id.in_([graded.id for part in parts for graded in part.graded.values()])
    given = grade.c.manual_score.is_not(None) | grade.c.auto_score.is_not(None)
    wanted = (
        select(above.c.student_id, notebook.c.id, notebook.c.late_submission_penalty, cell.c.name, Grade.score, given,
               grade.c.needs_manual_grade)
        .select_from(above.join(notebook, notebook.c.assignment_id == above.c.id)
                     .join(grade, grade.c.notebook_id == notebook.c.id).join(cell, cell.c.id == grade.c.cell_id))
        .where(above.c.assignment_id == lesson.id, of_lesson, graded)
    )  # fmt: skip
    if student is not None:
        wanted = wanted.where(above.c.student_id == student)
    now, penalties = {}, {}
    for who, part, penalty, name, points, is_given, waits in sorted(db.execute(wanted), key=lambda row: row.name):
        row = now.setdefault(who, {"scores": {}, "waiting": [], "total": 0.0, "late_penalty": 0.0})
        row["scores"][exercise(name)] = points if is_given else None
        row["total"] += points
        row["waiting"] += [exercise(name)] if waits else []
        penalties[who, part] = penalty or 0.0
    for (who, _), penalty in penalties.items():
        now[who]["late_penalty"] += penalty
    return now


def nothing(lesson):
    """The same of a student who has no submission."""
    names = [exercise(grade_id) for part in lesson.notebooks.values() for grade_id in part.graded]
    return {"scores": dict.fromkeys(names, 0.0), "waiting": [], "total": 0.0, "late_penalty": 0.0}
