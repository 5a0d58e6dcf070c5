"""The same numbers as two tables: report.csv has a line for each exercise, mistakes.csv one for each mistake."""

import csv
import io

from utils.grading.results import guarded
from utils.grading.scores import number

from .gather import mistakes

REPORT = ("lesson", "exercise", "out_of", "graded", "mean", "median", "waiting", "known_of", "attempted", "right",
          "right_given_earlier")  # fmt: skip
MISTAKES = ("lesson", "exercise", "mistake", "cause_known", "students", "known_of", "with_another", "read")


def report_csv(lessons) -> str:
    """A line for each exercise. known_of: of how many students it is known what became of the exercise."""
    rows = [
        (lesson.name, e.name, number(e.out_of), len(lesson.totals), blank(e.mean), blank(e.median), e.waiting, e.of,
         e.attempted, *(("", "") if e.in_words else (e.right, e.given)))
        for lesson in lessons
        for e in lesson.exercises
    ]  # fmt: skip
    return as_csv(REPORT, rows)


def mistakes_csv(lessons) -> str:
    """A line for each mistake in each exercise; with_another: how many of these students made a second one with it."""
    rows = [
        (lesson.name, e.name, m.words, "yes" if m.known else "no", len(m.students), e.of, m.together, e.read)
        for lesson in lessons
        for e in lesson.judged
        for m in mistakes(e)
    ]
    return as_csv(MISTAKES, rows)


def blank(value) -> str:
    """Points, or nothing where there are none."""
    return "" if value is None else number(value)


def as_csv(head, rows) -> str:
    """The text of a table, in which no spreadsheet finds a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([guarded(str(cell)) for cell in row] for row in rows)
    return text.getvalue()
