"""The sentences of a class report: every number in them was counted, and every text in them is the course's own."""

import datetime

from utils.grading.finding import NO_FUNCTION, NOT_ATTEMPTED, NOT_HANDED_IN, UNREADABLE
from utils.grading.report import GRADED, MISSING, REVIEW, ZERO
from utils.grading.scores import number

NOTHING = "–"
KINDS = {
    NOT_ATTEMPTED: "not attempted",
    NOT_HANDED_IN: "not handed in: the notebook is missing",
    UNREADABLE: "the notebook could not be read",
    NO_FUNCTION: "its cell stopped with an error, so there was no function",
    "raised": "it stopped with an error",
    "none": "it returned None",
    "type": "the result has another form than documented",
    "shape": "wrong shape",
    "inputs": "an argument was changed, or not changed as asked",
    "nan": "NaN in the result",
    "values": "wrong values",
}
ABSENT = "not attempted, not handed in or unreadable"
FATES = ("right", "right given earlier functions", "wrong, cause known", "wrong, cause unknown", ABSENT)


def kind_words(finding: dict) -> str:
    """What went wrong where no cause is known."""
    return f"it stopped with {finding['error']}" if finding["error"] else KINDS.get(finding["kind"], "something else")


def unknown_words(words: str) -> str:
    """The same, where it is told among mistakes with a known cause."""
    return f"no known cause: {words}"


def share(count: int, of: int) -> str:
    """"3 of 14 (21 %)". A line may end before the bracket, and nowhere else."""
    return f"{count}\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}{of} ({percent(count, of)})" if of else NOTHING


def percent(count: int, of: int) -> str:
    """"21 %"; 0 and 100 are said of none and of all only."""
    whole = round(100 * count / of)
    shown = "< 1" if not whole and count else "> 99" if whole == 100 and count < of else whole
    return f"{shown} %".replace(" ", "\N{NO-BREAK SPACE}")


def mean_words(exercise) -> str:
    """The mean of an exercise, or how many wait for a person before there can be one."""
    if not exercise.waiting:
        return points(exercise.mean)
    return f"{NOTHING} ({exercise.waiting}\N{NO-BREAK SPACE}wait{'s' * (exercise.waiting == 1)})"


def points(value: float | None) -> str:
    """Points as a person writes them."""
    return NOTHING if value is None else number(round(value, 2))


def lesson_title(name: str) -> str:
    """"03_gradients_over_time" -> "Lesson 03: gradients over time"."""
    first, _, rest = name.partition("_")
    return f"Lesson {first}: {rest.replace('_', ' ')}" if rest else name


def moment(run: str) -> str:
    """When a run began, from its name; "" where the name does not say it."""
    try:
        begun = datetime.datetime.strptime(run, "%Y%m%dT%H%M%S.%fZ")
    except ValueError:
        return ""
    return f"{begun.day} {begun:%B %Y, %H:%M} UTC"


def people(lesson) -> str:
    """Who is counted, and who is not."""
    of = sum(lesson.counts.values())
    graded, review = lesson.counts.get(GRADED, 0), lesson.counts.get(REVIEW)
    said = [f"{graded} of {of} student{'s' * (of > 1)} {'was' if graded == 1 else 'were'} graded"]
    for status, words in (
        (MISSING, "handed in nothing"),
        (ZERO, "handed in what could not be read"),
        (REVIEW, f"still need{'s' * (review == 1)} a person, because our own machine failed on this work"),
    ):
        said += [f"{lesson.counts[status]} {words}"] if lesson.counts.get(status) else []
    return "; ".join(said) + ". All numbers below are of those who were graded."


def sources(lesson, live: bool) -> str:
    """From when the numbers are; "" where there is nothing to say."""
    when = moment(lesson.run)
    said = [f"Graded in the run of {when}."] if when else []
    if not live:
        said.append("The gradebook could not be read: points given by hand since the run are not counted.")
    elif lesson.changed:
        said.append(f"Points given by hand since then are counted: {lesson.changed}.")
    return " ".join(said)


def totals_finding(lesson) -> str:
    """What half of those who were graded reached."""
    totals, of = lesson.totals, len(lesson.totals)
    reached = sum(total >= lesson.half for total in totals)
    more = "" if totals[0] == totals[-1] else " or more"
    who = f"All {of}" if of == reached > 1 else f"{reached} of {of}"
    return f"{who} {'has' if reached == 1 else 'have'} {points(lesson.half)} of {points(lesson.out_of)} points{more}"


def exercises_finding(exercises) -> str:
    """Which exercise was right least often, given correct earlier functions."""
    least = min(exercises, key=lambda e: e.given / e.of)
    if least.given == least.of:
        return f"Every exercise is right in all {least.of}"
    ties = [e for e in exercises if e.given * least.of == least.given * e.of]
    names = ties[0].name if len(ties) == 1 else f"{ties[0].name} and {len(ties) - 1} more"
    return f"Fewest right, given earlier functions: {names}, {least.given} of {least.of}"


def totals_alt(lesson) -> str:
    """The picture of the totals in words."""
    low, high = points(lesson.totals[0]), points(lesson.totals[-1])
    return f"Bar chart of the totals: {totals_finding(lesson)}. The lowest total is {low}, the highest {high}."


def exercises_alt(exercises) -> str:
    """The picture of the exercises in words."""
    said = []
    for exercise in exercises:
        parts = [f"{n} {words}" for n, words in zip(exercise.fates, FATES, strict=True) if n]
        said.append(f"{exercise.name}, of {exercise.of}: {'; '.join(parts)}.")
    return f"Bars, one for each exercise: {exercises_finding(exercises)}. {' '.join(said)}"
