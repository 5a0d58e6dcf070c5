"""nbgrader's own `autograde`, from the command line and from formgrader's button, reaches its verdicts here.

nbgrader_config.py calls `into_nbgrader`. Should a later nbgrader no longer come past `start`, its preprocessors do not
run a student's code either: the only one that is left refuses (refuse.py).
"""

from fnmatch import fnmatch
from pathlib import Path

REFUSE = "utils.grading.refuse.Refuse"


def into_nbgrader(c) -> None:
    """Make every `autograde` of this process one of ours. c: nbgrader's settings."""
    from nbgrader.converters.autograde import Autograde

    c.Autograde.autograde_preprocessors = [REFUSE]
    if not hasattr(Autograde.start, "stock"):
        stock = Autograde.start

        def start(self):
            return trusted(self) if REFUSE in self.autograde_preprocessors else stock(self)

        start.stock = stock
        Autograde.start = start


def trusted(converter) -> None:
    """What `nbgrader autograde LESSON [--student S]` does in this course; NbGraderException as nbgrader expects it."""
    from nbgrader.converters.base import NbGraderException

    from utils.errors import CourseError

    from .report import REVIEW
    from .run import grade

    course, log = converter.coursedir, converter.log
    excluded = course.student_id_exclude.split(",")
    if course.notebook_id != "*":
        log.warning("A submission is graded as a whole; --notebook is left out of account.")

    def chosen(everyone):
        return [s for s in everyone if fnmatch(s, course.student_id) and s not in excluded]

    try:
        results = grade(
            Path(course.root),
            [course.assignment_id],
            students=chosen,
            settings=(converter.config, course.db_url),
            say=log.warning,
        )
    except CourseError as error:
        log.error("%s", error)
        raise NbGraderException(str(error)) from error
    students = results["lessons"][course.assignment_id]["students"]
    for name in chosen(students):
        line = students[name]
        log.info("%s: %s, %g points. %s", name, line["status"], line["total"], line["reason"])
    if left := [name for name in chosen(students) if students[name]["status"] == REVIEW]:
        raise NbGraderException(f"No grade yet, a person must look: {', '.join(left)}.")
