"""The one writer to nbgrader's gradebook: a report goes in as a whole, in one transaction, or not at all.

What stock nbgrader writes with add_submission, SaveAutoGrades and AssignLatePenalties, row for row. The points, the
comments, the flags and the extensions that people gave stay as they are.
"""

import os
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from utils.errors import CourseError
from utils.grading import known, rows
from utils.grading.autograded import safe_name
from utils.grading.copies import copy_to
from utils.grading.database import file_of, first_line, keep_others_out, open_database, place, reading, writing

ABOUT = ("first_name", "last_name", "email")


class Book:
    """nbgrader's gradebook, written by one process, one transaction a submission. A context manager.

    home: the course's folder. db_url: as nbgrader's setting. config: nbgrader's settings, for the late penalty.
    Every method raises CourseError, one sentence, when the database refuses; the gradebook is then as it was.
    """

    def __init__(self, home, db_url, config=None):
        self.home, self.config = Path(home), config
        self.engine = open_database(db_url)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.engine.dispose()

    def keep_others_out(self):
        """Keep other runs out of a gradebook in PostgreSQL until this one is closed. CourseError when one is there."""
        keep_others_out(self.engine)

    @property
    def where(self):
        """Which gradebook this is: a file as seen from the course's folder, or an address without its password."""
        file = file_of(self.engine)
        return place(self.engine) if file is None else os.path.relpath(file, self.home)

    def lessons(self):
        """The names of the lessons that the gradebook knows, sorted."""
        with reading(self.engine) as db:
            return known.lesson_names(db)

    def points(self, lesson):
        """{notebook: {grade_id: most points}}, the cells in the order of the released notebook."""
        with reading(self.engine) as db:
            parts = known.find_lesson(db, lesson).notebooks
        order = {name: known.in_order(lesson, name, parts[name]) for name in sorted(parts)}
        return {name: {cell: parts[name].graded[cell].points for cell in cells} for name, cells in order.items()}

    def students(self):
        """The ids of all students, sorted."""
        from nbgrader.api import Student
        from sqlalchemy import select

        with reading(self.engine) as db:
            return sorted(db.scalars(select(Student.__table__.c.id)))

    def backup(self, folder=None):
        """Copy the gradebook to grading/backups/, and keep the newest ten copies. None where it cannot be copied."""
        return copy_to(self.engine, Path(folder or self.home / "grading" / "backups"))

    def ensure_students(self, roster):
        """Make the students of a roster, rows of id, first_name, last_name, email, or bring their names up to date.

        What a row leaves out or blank stays as it is; nobody is removed.
        """
        from nbgrader.api import Student
        from sqlalchemy import insert, select, update

        table = Student.__table__
        with writing(self.engine) as db:
            there = set(db.scalars(select(table.c.id)))
            for row in roster:
                student = (row.get("id") or "").strip()
                if not safe_name(student):
                    raise CourseError(f"The roster holds {student!r}, which cannot be a student's id: correct it.")
                about = {name: row[name].strip() for name in ABOUT if (row.get(name) or "").strip()}
                if student not in there:
                    db.execute(insert(table).values(id=student, **about))
                    there.add(student)
                elif about:
                    db.execute(update(table).where(table.c.id == student).values(about))

    def write(self, report):
        """Write a report. Returns {"scores": {exercise: points, None where a person has to mark it}, "total",
        "late_penalty"} as they are in the gradebook now; the total is before the penalty.

        A student without a submission gets no row when nothing was handed in, as with stock nbgrader.
        """
        if not safe_name(report.student):
            raise CourseError(f"{report.student!r} cannot be a student's id: rename that folder.")
        with writing(self.engine) as db:
            lesson = known.find_lesson(db, report.lesson)
            rows.check(report, lesson)
            submission = rows.put_submission(db, lesson, report)
            if submission is not None:
                notebooks = rows.put_notebooks(db, lesson, submission)
                rows.put_grades(db, lesson, notebooks, report)
                rows.put_comments(db, lesson, notebooks, report)
                self._put_penalties(db, lesson, submission, notebooks, report.student)
            now = rows.standing(db, lesson, report.student).get(report.student) or rows.nothing(lesson)
            return {key: now[key] for key in ("scores", "total", "late_penalty")}

    def totals(self, lesson):
        """{student: {"scores", "total", "late_penalty" as of `write`, "waiting": exercises that a person must see}}."""
        with reading(self.engine) as db:
            return rows.standing(db, known.find_lesson(db, lesson))

    def _put_penalties(self, db, lesson, submission, notebooks, student):
        """Ask the plugin of nbgrader's settings for each notebook of a late submission, as AssignLatePenalties does."""
        from nbgrader.api import SubmittedAssignment, SubmittedNotebook
        from sqlalchemy import select, update

        table, above = SubmittedNotebook.__table__, SubmittedAssignment.__table__
        db.execute(update(table).where(table.c.id.in_(list(notebooks.values()))).values(late_submission_penalty=None))
        handed_in, extension = db.execute(
            select(above.c.timestamp, above.c.extension).where(above.c.id == submission)
        ).one()
        if handed_in is None or lesson.duedate is None:
            return
        late = (handed_in - lesson.duedate - (extension or timedelta())).total_seconds()
        if late <= 0:
            return
        for name, notebook in notebooks.items():
            penalty = self._penalty(student, rows.score(db, lesson.notebooks[name], notebook), late)
            db.execute(update(table).where(table.c.id == notebook).values(late_submission_penalty=penalty))

    def _penalty(self, student, score, late):
        """From 0 to all of the score; None where the plugin has no penalty to give."""
        try:
            penalty = self._plugin.late_submission_penalty(student, score, late)
            return None if penalty is None else float(min(max(0, penalty), score))
        except Exception as error:  # the plugin may be anybody's
            raise CourseError(
                f"The late penalty of {student} could not be found ({type(error).__name__}: {first_line(error)}): "
                f"mend the plugin that AssignLatePenalties.plugin_class names, then run this again."
            ) from error

    @cached_property
    def _plugin(self):
        from nbgrader.preprocessors import AssignLatePenalties

        step = AssignLatePenalties(config=self.config)
        step.init_plugin()
        return step.plugin_inst
