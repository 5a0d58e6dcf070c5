"""What nbgrader's gradebook knows of a lesson: its notebooks, their graded cells and the points of each."""

import json
from collections import namedtuple

from utils.errors import CourseError
from utils.paths import did_you_mean, root

Lesson = namedtuple("Lesson", "id name duedate notebooks")
# graded: {grade_id: Cell}; answers: {grade_id: id}, the cells that have a comment
Part = namedtuple("Part", "id graded answers")
Cell = namedtuple("Cell", "id points is_task")


def exercise(grade_id):
    """The name by which people know a graded cell."""
    return grade_id.removesuffix("-check")


def lesson_names(db):
    """The lessons that the gradebook knows, sorted."""
    from nbgrader.api import Assignment
    from sqlalchemy import select

    return sorted(db.scalars(select(Assignment.__table__.c.name)))


def find_lesson(db, name):
    """A lesson as the gradebook knows it now."""
    from nbgrader import api
    from sqlalchemy import func, select

    lesson, notebook, cell = api.Assignment.__table__, api.Notebook.__table__, api.BaseCell.__table__
    grade, task = api.GradeCell.__table__, api.TaskCell.__table__
    rows = db.execute(
        select(lesson.c.id, lesson.c.duedate, notebook.c.id, notebook.c.name, cell.c.id, cell.c.name, cell.c.type,
               func.coalesce(grade.c.max_score, task.c.max_score))
        .select_from(lesson.outerjoin(notebook).outerjoin(cell)
                     .outerjoin(grade, grade.c.id == cell.c.id).outerjoin(task, task.c.id == cell.c.id))
        .where(lesson.c.name == name)
    ).all()  # fmt: skip
    if not rows or rows[0][2] is None:
        near = did_you_mean(name, lesson_names(db))
        raise CourseError(
            f"The lesson {name} was never released to the gradebook{near}: run `python -m utils release`, then this "
            f"again."
        )
    parts = {}
    for *_, notebook_id, notebook_name, cell_id, cell_name, kind, points in rows:
        part = parts.setdefault(notebook_name, Part(notebook_id, {}, {}))
        if kind in ("GradeCell", "TaskCell"):
            part.graded[cell_name] = Cell(cell_id, points, kind == "TaskCell")
        if kind in ("SolutionCell", "TaskCell"):
            part.answers[cell_name] = cell_id
    return Lesson(rows[0][0], name, rows[0][1], parts)


def in_order(lesson, name, part):
    """The grade_ids of a notebook's graded cells, in the order of the released notebook."""
    try:
        cells = json.loads((root() / "notebooks" / lesson / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    except OSError:
        cells = []
    order = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
    return sorted(part.graded, key=lambda grade_id: order.index(grade_id) if grade_id in order else len(order))
