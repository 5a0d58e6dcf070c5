"""nbgrader's own `autograde`, from the command line and from formgrader's button, reaches its verdicts here.

nbgrader_config.py calls `into_nbgrader`. Should a later nbgrader no longer come past `start`, its preprocessors do not
run a student's code either: the only one that is left refuses (refuse.py).
"""

import datetime
import os
from fnmatch import fnmatch
from pathlib import Path

REFUSE = "utils.grading.refuse.Refuse"


def into_nbgrader(c) -> None:
    """Make every `autograde` of this process one of ours. c: nbgrader's settings."""
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.converters.autograde import Autograde

    c.Autograde.autograde_preprocessors = [REFUSE]
    if not hasattr(Autograde.start, "stock"):
        stock = Autograde.start

        def start(self):
            return trusted(self) if REFUSE in self.autograde_preprocessors else stock(self)

        start.stock = stock
        Autograde.start = start
        NbGraderAPI.get_submitted_timestamp = received


def received(api, assignment: str, student: str):
    """When work came in, for formgrader, which takes it for graded if the gradebook names the same time.

    Stock nbgrader reads timestamp.txt, which a student may have written, or made a pipe that is never filled.
    """
    from nbgrader.api import MissingEntry

    course = api.coursedir
    submitted, autograded = (
        Path(course.format_path(folder, student, assignment))
        for folder in (course.submitted_directory, course.autograded_directory)
    )
    try:
        newest = max((entry.stat(follow_symlinks=False).st_ctime for entry in os.scandir(submitted)), default=None)
        if newest is not None and newest <= autograded.stat().st_ctime:
            with api.gradebook as gradebook:
                return gradebook.find_submission(assignment, student).timestamp
    except (OSError, MissingEntry):
        newest = None
    return newest and datetime.datetime.fromtimestamp(newest, datetime.UTC).replace(tzinfo=None)


def trusted(converter) -> None:
    """What `nbgrader autograde LESSON [--student S]` does in this course; NbGraderException as nbgrader expects it."""
    from nbgrader.converters.base import NbGraderException

    from utils.errors import CourseError
    from utils.paths import did_you_mean

    from .report import REVIEW
    from .run import grade, graded_now

    course, log = converter.coursedir, converter.log
    excluded = course.student_id_exclude.split(",")
    if course.notebook_id != "*":
        log.warning("A submission is graded as a whole; --notebook is left out of account.")

    def chosen(everyone):
        found = [s for s in everyone if fnmatch(s, course.student_id) and s not in excluded]
        if not found:
            raise CourseError(f"There is no student {course.student_id}{did_you_mean(course.student_id, everyone)}.")
        return found

    try:
        results = grade(
            Path(course.root),
            [course.assignment_id],
            students=chosen,
            known=(converter.config, course.db_url),
            say=log.warning,
        )
    except CourseError as error:
        log.error("%s", error)
        raise NbGraderException(str(error)) from error
    students = results["lessons"][graded_now(results, Path(course.root))[0]]["students"]
    for name in chosen(students):
        line = students[name]
        log.info("%s: %s, %g points. %s", name, line["status"], line["total"], line["reason"])
    if left := [name for name in chosen(students) if students[name]["status"] == REVIEW]:
        raise NbGraderException(f"No grade yet, a person must look: {', '.join(left)}.")
