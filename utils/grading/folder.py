"""A course's folder as the grader sees it: the roster, what was handed in, when it came, and the settings."""

import csv
import datetime
import os
from pathlib import Path

from utils.errors import CourseError
from utils.paths import did_you_mean, root

from .autograded import safe_name
from .journal import add_line, read_lines


def settings(home: Path):
    """nbgrader's settings for the course in `home`, its own or the checkout's, and the address of the gradebook."""
    from traitlets.config.loader import PyFileConfigLoader

    own = (home / "nbgrader_config.py").is_file()
    config = PyFileConfigLoader("nbgrader_config.py", path=str(home if own else root())).load_config()
    there = config.CourseDirectory.get("db_url") if own else None
    return config, there or f"sqlite:///{home.resolve() / 'gradebook.db'}"


class Course:
    """The folder `home`: submitted/STUDENT/LESSON/*.ipynb; perhaps students.csv, receipts.csv, nbgrader_config.py."""

    def __init__(self, home: Path):
        self.home = home.resolve()
        if not (self.home / "submitted").is_dir():
            raise CourseError(
                f"There is no folder {self.home / 'submitted'}: put what was handed in there, as "
                "submitted/STUDENT/LESSON/NOTEBOOK.ipynb, or name another course with --course."
            )

    def entries(self) -> list[str]:
        """All names below submitted/ but hidden ones."""
        return [name for name in os.listdir(self.home / "submitted") if not name.startswith(".")]

    def folders(self) -> list[str]:
        """Those that can be a student's: not files that somebody left there."""
        return [n for n in self.entries() if safe_name(n) and not (self.home / "submitted" / n).is_file()]

    def roster(self) -> list[dict]:
        """The rows of students.csv: id, and if given first_name, last_name, email. [] without one."""
        rows = self._table("students.csv", ("id",))
        for row in rows:
            if not safe_name(row["id"].strip()):
                raise CourseError(f"students.csv holds {row['id']!r}, which cannot be a student's id: correct it.")
        return rows

    def has(self, student: str, lesson: str) -> bool:
        """Whether anything lies where this student's work on the lesson belongs."""
        place = self.home / "submitted" / student
        odd = os.path.lexists(place) and (place.is_symlink() or not place.is_dir())
        return odd or os.path.lexists(place / lesson)

    def inside(self, student: str) -> list[str]:
        """The names in a student's folder but hidden ones, sorted; none where it is no folder."""
        place = self.home / "submitted" / student
        there = os.listdir(place) if place.is_dir() and not place.is_symlink() else []
        return sorted(name for name in there if not name.startswith("."))

    def receipts(self) -> dict[tuple[str, str], float]:
        """{(student, lesson): seconds since 1970} from receipts.csv, which whoever collected the work may give."""
        times = {}
        for row in self._table("receipts.csv", ("student", "lesson", "received")):
            try:
                moment = datetime.datetime.fromisoformat(row["received"].strip())
            except ValueError:
                raise CourseError(
                    f"receipts.csv says {row['received']!r} for {row['student']}, {row['lesson']}: write a time such "
                    "as 2026-11-21T17:00:00+00:00."
                ) from None
            zoned = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
            times[row["student"].strip(), row["lesson"].strip()] = zoned.timestamp()
        return times

    def _table(self, name, columns) -> list[dict]:
        path = self.home / name
        if not path.exists():
            return []
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
        except (UnicodeDecodeError, csv.Error) as error:
            raise CourseError(f"{path} is no table in UTF-8 ({error}): save it as CSV, UTF-8.") from error
        given = list(rows[0]) if rows else columns
        for column in columns:
            if column not in given or any(row[column] is None for row in rows):
                near = did_you_mean(column, [str(c) for c in given])
                raise CourseError(f"{path} needs the column {column} in every row{near}; its columns are "
                                  f"{', '.join(columns)}.")  # fmt: skip
        return rows


class FirstSeen:
    """When each submission came: receipts.csv where it says so, else when its files came to lie here.

    The second is the system's own clock, which nobody can set for a file. It is kept as long as the content stays the
    same, so that moving the folder does not make anybody late: a line of grading/seen.jsonl for each content.
    """

    def __init__(self, course: Course):
        self.given, self.seen = course.receipts(), {}
        self.path = course.home / "grading" / "seen.jsonl"
        for student, lesson, digest, time in read_lines(self.path):
            self.seen[student, lesson] = digest, time

    def stamp(self, report) -> None:
        """Put the time into the report."""
        if report.received is None:
            return
        who = report.student, report.lesson
        digest, time = self.seen.get(who, ("", None))
        if digest != report.digest:
            time = report.received
            self.seen[who] = report.digest, time
            add_line(self.path, [*who, report.digest, time])
        report.received = self.given.get(who, time)
