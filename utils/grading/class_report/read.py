"""What a class report is made from: results.json, and the gradebook, where a person may have given points since."""

import contextlib
import json
from pathlib import Path

from utils.errors import CourseError
from utils.grading.report import GRADED, MISSING, REVIEW, ZERO
from utils.paths import did_you_mean

POINTS = {"type": "number", "minimum": 0, "maximum": 10_000}
TEXTS = {"type": "array", "items": {"type": "string"}}
JUDGED = {"type": ["boolean", "null"]}


def table_of(item: dict) -> dict:
    """The schema of a table from names to something."""
    return {"type": "object", "additionalProperties": item}


def record_of(**items) -> dict:
    """The schema of something that has these items, and perhaps more."""
    return {"type": "object", "properties": items, "required": list(items)}


FINDING = record_of(
    kind={"type": "string"}, right=JUDGED, right_given=JUDGED, causes=TEXTS, blame=TEXTS, error={"type": "string"}
)
LINE = record_of(
    status={"enum": [GRADED, ZERO, MISSING, REVIEW]},
    scores=table_of({"anyOf": [POINTS, {"type": "null"}]}),
    total=POINTS,
    late_penalty=POINTS,
)
LINE["properties"] |= {"verdicts": table_of(FINDING)}  # results of an older version have none
PART = record_of(points=table_of(POINTS), students=table_of(LINE))
PART["properties"] |= {"run": {"type": "string"}}
RESULTS = record_of(lessons=table_of(PART))


def read_results(home: Path) -> dict:
    """What grading/results.json holds. CourseError where nothing was graded yet, or the file is damaged."""
    path = home / "grading" / "results.json"
    try:
        results = json.loads(path.read_text(encoding="utf-8"), parse_constant=no_number)
        json.dumps(results, ensure_ascii=False).encode()  # half a character can be read, but not be written
    except FileNotFoundError:
        raise CourseError(
            f"Nothing was graded in {home.resolve()} yet, as there is no {path.name} in grading/: run `python -m utils "
            "grade` first, or name another course with --course."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, str(error)) from error
    expect_whole(path, results)
    if not any(part["students"] and part["points"] for part in results["lessons"].values()):
        raise CourseError(f"{path} holds no graded student: run `python -m utils grade` first.")
    return results


def expect_whole(path: Path, results) -> None:
    """CourseError unless the results have the form that `python -m utils grade` gives them."""
    import jsonschema

    for error in jsonschema.Draft202012Validator(RESULTS).iter_errors(results):
        raise damaged(path, f"{error.json_path} is not as expected")
    for name, part in results["lessons"].items():
        for student, line in part["students"].items():
            if missing := set(part["points"]) - set(line["scores"]):
                raise damaged(path, f"{name}, {student} has no {min(missing)}")


def damaged(path: Path, why: str) -> CourseError:
    """The sentence about a file that cannot be used."""
    return CourseError(f"{path} is damaged ({' '.join(why.split())[:200]}): run `python -m utils grade` again, which "
                       "writes it anew.")  # fmt: skip


def no_number(word: str):
    """JSON knows no NaN and no infinity, but Python reads them."""
    raise ValueError(f"{word} is no number")


def pick(results: dict, wanted) -> list[str]:
    """The lessons that are named, or all that have students. CourseError for one that was not graded."""
    graded = [name for name, part in sorted(results["lessons"].items()) if part["students"] and part["points"]]
    chosen = []
    for query in wanted:
        name = query.strip("/")
        found = [n for n in graded if name in (n, n.partition("_")[0]) or name.zfill(2) == n.partition("_")[0]]
        if not found:
            raise CourseError(
                f"No lesson {query} was graded here{did_you_mean(name, graded)}; graded are {', '.join(graded)}."
            )
        chosen += found
    return list(dict.fromkeys(chosen)) or graded


def read_standing(home: Path, lessons, db_url: str | None = None) -> tuple[dict | None, str]:
    """({lesson: Book.totals}, ""), or (None, why) where the gradebook cannot be read."""
    from utils.grading.folder import settings
    from utils.grading.record import Book

    config, known = settings(home)
    with contextlib.ExitStack() as stack:
        try:
            book = stack.enter_context(Book(home, db_url or known, config))
            return {lesson: book.totals(lesson) for lesson in lessons}, ""
        except CourseError as error:
            return None, str(error)
