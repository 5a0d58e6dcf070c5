"""What came out of the gradebook: the table of points, and how it differs from what was expected."""

import csv
import html
import re

from .known import exercise

WAITING = "-"  # stands in the table where a person has to read the answer


def read_scores(home, lesson):
    """Read the gradebook. Returns (exercises with their points, {student: {exercise: points, or WAITING}})."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{home / 'gradebook.db'}") as gradebook:
        assignment = gradebook.find_assignment(lesson)
        cells = [cell for book in sorted(assignment.notebooks, key=lambda b: b.name) for cell in book.grade_cells]
        exercises = {exercise(cell.name): cell.max_score for cell in cells}
        scores = {}
        for submission in gradebook.assignment_submissions(lesson):
            grades = [grade for book in submission.notebooks for grade in book.grades]
            scores[submission.student.id] = {
                exercise(grade.name): WAITING if grade.needs_manual_grade else grade.score
                for grade in grades
            }
    return exercises, scores


def table(exercises, scores):
    """The table as text: a row per student, a column per exercise, the total of what has been graded."""
    heads = ["student", *exercises, "total"]
    rows = [heads, ["out of", *map(number, exercises.values()), number(sum(exercises.values()))]]
    for student, row in sorted(scores.items()):
        rows.append([student, *(number(row.get(name, "?")) for name in exercises), number(total(row))])
    # Long names of exercises stand over several lines, broken at the underscores.
    names = [[word for word in re.split(r"(?<=_)", head) if word] for head in heads]
    height = max(map(len, names))
    top = [[""] * (height - len(words)) + words for words in names]
    lines = [[column[i] for column in top] for i in range(height)] + rows[1:]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    form = [
        "  ".join(f"{t:<{w}}" if i == 0 else f"{t:>{w}}" for i, (t, w) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    ]
    rule = "-" * len(form[0])
    return "\n".join([*form[:height], rule, form[height], rule, *form[height + 1 :]])


def total(row):
    """The sum of the points given so far."""
    return sum(points for points in row.values() if points != WAITING)


def number(value):
    """Points as a person writes them: 6, 2.5, or the sign as it is."""
    return value if isinstance(value, str) else f"{value:g}"


def compare(expected_file, exercises, scores):
    """Compare with the scores written by hand. Returns one sentence per difference."""
    with expected_file.open(encoding="utf-8", newline="") as file:
        expected = {row.pop("student"): row for row in csv.DictReader(file)}
    faults = [
        f"{name} is in the sample class but has no row in {expected_file.name}."
        for name in scores
        if name not in expected
    ]
    for student, row in expected.items():
        came = scores.get(student)
        if came is None:
            faults.append(f"{student} got no grade at all.")
            continue
        faults += [
            f"{student}, {name}: {row.get(name)} expected, {number(came[name])} came."
            for name in exercises
            if row.get(name) != number(came.get(name, "?"))
        ]
        if row.get("total") != number(total(came)):
            faults.append(f"{student}, total: {row.get('total')} expected, {number(total(came))} came.")
    return faults


def words_missing(causes_file, pages):
    """Which of the words that the feedback must say are not in it. Returns one sentence for each."""
    texts = {page.name: plain(page.read_text(encoding="utf-8")) for page in pages}
    faults = []
    with causes_file.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            page = f"{row['student']}-{row['notebook']}.html"
            if " ".join(row["words"].split()) not in texts.get(page, ""):
                faults.append(f"{page} does not say {row['words']!r}.")
    return faults


def plain(page):
    """The words of an HTML page, without tags and line breaks."""
    body = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", body)).split())
