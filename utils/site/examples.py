"""What an instructor gets, shown on an invented class: its report, and the feedback page of one student."""

import shutil
from pathlib import Path

from utils.errors import CourseError
from utils.paths import root

SEED = 1  # of the cases that the class is graded on: the same site each time


def make_examples(home: Path, query: str) -> Path:
    """Grade the sample class of a lesson in the folder `home`; its report and a feedback page. Returns their folder.

    The class is our own: where this machine has no sandbox, it is graded without one. CourseError where no lesson has
    this class, or a step fails.
    """
    from utils.grading.class_report import write_report
    from utils.grading.class_report.read import read_standing
    from utils.grading.course import OURS, find_lesson, make_course, nbgrader_once, page_to_read
    from utils.grading.run import grade
    from utils.grading.sandbox import obstacle

    classes = root() / "tests" / "sample_class"
    lesson = find_lesson(classes, query)
    make_course(home, lesson, classes / lesson)
    for ours in OURS:
        shutil.rmtree(home / "submitted" / ours)
    results = grade(home, [lesson], seed=SEED, unsafe=bool(obstacle()), say=lambda line: None)
    write_report(results, home / "examples" / "report", [lesson], read_standing(home, [lesson])[0])
    student, _, page = page_to_read(classes / lesson).partition("-")
    others = sorted({*results["lessons"][lesson]["students"]} - {student})
    ended = nbgrader_once(home, "generate_feedback", lesson, others)
    if ended.returncode:
        raise CourseError(
            f"nbgrader generate_feedback failed for {student} of the sample class: {ended.stdout.strip()}"
        )
    shutil.copyfile(home / "feedback" / student / lesson / page, home / "examples" / "feedback.html")
    return home / "examples"
