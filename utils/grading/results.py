"""What a run leaves to be read: results.json and results.csv in grading/, and the table on the screen."""

import csv
import datetime
import io
import json
from pathlib import Path

from utils.paths import write_atomic

from .known import exercise
from .report import MISSING, REVIEW, ZERO
from .scores import WAITING, number, table


def collect(home: Path, book, journal, students: list[str]) -> dict:
    """Everything about the lessons of this run, as in results.json; other lessons stay as they were there."""
    path = home / "grading" / "results.json"
    try:
        before = json.loads(path.read_text(encoding="utf-8"))["lessons"]
    except (OSError, ValueError, KeyError):
        before = {}
    lessons = dict(before)
    for lesson in journal.manifest["lessons"]:
        points, totals = exercises(book.points(lesson)), book.totals(lesson)
        old = before.get(lesson, {}).get("students", {})
        rows = {}
        for student in students:
            if entry := journal.done.get((lesson, student)) or old.get(student):  # else nobody has looked yet
                rows[student] = row(entry, points, totals.get(student))
        lessons[lesson] = {"run": journal.manifest["run"], "points": points, "students": rows}
    results = {"run": journal.manifest["run"], "seed": journal.manifest["seed"], "lessons": lessons}
    write_atomic(path, json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    write_atomic(path.with_suffix(".csv"), as_csv(results))
    return results


def exercises(points: dict) -> dict[str, float]:
    """{exercise: points}, from the gradebook's {notebook: {grade_id: points}}."""
    return {exercise(cell): most for cells in points.values() for cell, most in cells.items()}


def row(entry: dict, points: dict, now: dict | None) -> dict:
    """One student's line. now: what the gradebook holds."""
    received = entry.get("received")
    if isinstance(received, float | int):
        received = datetime.datetime.fromtimestamp(received, datetime.UTC).isoformat(timespec="seconds")
    zero = now or {"scores": dict.fromkeys(points, 0.0), "total": 0.0, "late_penalty": 0.0}
    return {
        "status": entry["status"],
        "reason": entry.get("reason", ""),
        "remarks": entry.get("remarks", []),
        "received": received or "",
        "scores": {name: zero["scores"].get(name) for name in points},
        "total": zero["total"],
        "late_penalty": zero["late_penalty"],
        "verdicts": entry.get("verdicts", {}),
    }


def as_csv(results: dict) -> str:
    """A line per student and lesson and exercise, and one for the total."""
    text = io.StringIO()
    writer = csv.writer(text)
    heads = ("lesson", "student", "status", "exercise", "points", "out_of", "late_penalty", "reason", "remarks")
    writer.writerow(heads)
    for lesson, part in results["lessons"].items():
        for student, line in part["students"].items():
            for name, most in part["points"].items():
                points = "" if line["scores"][name] is None else number(line["scores"][name])
                writer.writerow([lesson, student, line["status"], name, points, number(most), "", "", ""])
            out_of = number(sum(part["points"].values()))
            more = number(line["late_penalty"]), guarded(line["reason"]), guarded(" ".join(line["remarks"]))
            writer.writerow([lesson, student, line["status"], "total", number(line["total"]), out_of, *more])
    return text.getvalue()


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def in_words(results: dict, lessons: list[str]) -> str:
    """The tables of these lessons, and a line for everything that a person should look at."""
    parts = []
    for lesson in lessons:
        part = results["lessons"][lesson]
        shown = {
            student: {name: WAITING if points is None else points for name, points in line["scores"].items()}
            for student, line in part["students"].items()
        }
        parts.append(f"{lesson}\n\n{table(part['points'], shown)}")
        for status, words in ((ZERO, "nothing could be read"), (MISSING, "not handed in"), (REVIEW, "needs review")):
            for student, line in part["students"].items():
                if line["status"] == status:
                    parts.append(f"{student}: {words}. {line['reason']}".rstrip())
        if any(WAITING in line.values() for line in shown.values()):
            parts.append(f"{WAITING} waits for a person and is not in the total yet.")
        if remarks := sum(bool(line["remarks"]) for line in part["students"].values()):
            parts.append(f"There are remarks on the work of {remarks}: see the last column of results.csv.")
    return "\n".join(parts)
