"""The numbers of a class report: what became of each exercise, and which mistakes were made. Nothing is drawn here."""

import math
import statistics
from collections import Counter
from dataclasses import dataclass

from utils.checking import exercises as course
from utils.grading.finding import NOT_ATTEMPTED, NOT_HANDED_IN, UNREADABLE
from utils.grading.report import GRADED

from .words import kind_words

ABSENT = (NOT_ATTEMPTED, NOT_HANDED_IN, UNREADABLE)
SHARED = 2  # students from whom on a mistake is the class's
AGAIN = 5  # mistakes that are put at the top


@dataclass(frozen=True)
class Mistake:
    """What went wrong, and with whom. known: the check names the cause; together: how many made a second one with it;
    partners: which, and how often, most often first; absent: there was nothing to judge."""

    words: str
    students: tuple[str, ...]
    known: bool
    together: int
    partners: tuple[tuple[str, int], ...]
    absent: bool


@dataclass(frozen=True)
class Exercise:
    """One exercise in one class. points: those given so far; findings: {student: finding}, where one was kept."""

    name: str
    out_of: float
    read: str
    in_words: bool
    points: tuple[float, ...]
    waiting: int
    findings: dict[str, dict]

    @property
    def of(self) -> int:
        return len(self.findings)

    def count(self, condition) -> int:
        """How many findings fulfil a condition."""
        return sum(map(bool, map(condition, self.findings.values())))

    @property
    def attempted(self) -> int:
        return self.of - self.count(lambda f: f["kind"] in ABSENT)

    @property
    def right(self) -> int:
        return self.count(lambda f: f["right"])

    @property
    def given(self) -> int:
        """Right with earlier functions right that were not."""
        return self.count(lambda f: f["right_given"])

    @property
    def fates(self) -> tuple[int, int, int, int, int]:
        """How many are right, right given earlier functions, wrong with a known cause, without one, absent."""
        named = self.count(lambda f: f["causes"] and not f["right_given"])
        return self.right, self.given - self.right, named, self.attempted - self.given - named, self.of - self.attempted

    @property
    def blamed(self) -> list[tuple[str, int]]:
        """The earlier functions whose fault was all that was wrong, and how often, most often first."""
        found = Counter(name for f in self.findings.values() if f["right_given"] for name in f["blame"])
        return ranked(found)

    @property
    def mean(self) -> float | None:
        """None while one waits for a person: those that do not are mostly blank."""
        return round(statistics.fmean(self.points), 2) if self.points and not self.waiting else None

    @property
    def median(self) -> float | None:
        """As the mean."""
        return round(statistics.median(self.points), 2) if self.points and not self.waiting else None


@dataclass(frozen=True)
class Lesson:
    """One lesson of one class. counts: {status: students}; totals: of all who were graded, sorted; old: how many of
    these were graded before findings were kept; changed: points that were given by hand since the run."""

    name: str
    run: str
    counts: dict[str, int]
    exercises: tuple[Exercise, ...]
    totals: tuple[float, ...]
    out_of: float
    old: int
    changed: int
    lines: dict[str, dict]

    @property
    def half(self) -> float:
        """The largest total that half of those who were graded have, or more."""
        return self.totals[len(self.totals) - math.ceil(len(self.totals) / 2)]

    @property
    def judged(self) -> list[Exercise]:
        """The exercises that are functions, where anything is known of them."""
        return [exercise for exercise in self.exercises if exercise.of and not exercise.in_words]


def gather(results: dict, name: str, standing: dict | None = None) -> Lesson:
    """The numbers of one lesson. results: as in results.json; standing: what the gradebook holds now, as Book.totals.

    Shares are of those who were graded: work that was not handed in, or that nobody could read, is only counted.
    """
    part = results["lessons"][name]
    lines = {student: now(line, (standing or {}).get(student)) for student, line in part["students"].items()}
    graded = {student: line for student, line in lines.items() if line["status"] == GRADED}
    before = part["students"]
    return Lesson(
        name,
        part.get("run", ""),
        dict(Counter(line["status"] for line in lines.values())),
        tuple(exercise_of(exercise, most, graded) for exercise, most in part["points"].items()),
        tuple(sorted(line["total"] for line in graded.values())),
        sum(part["points"].values()),
        sum(not line.get("verdicts") for line in graded.values()),
        sum(line["scores"][e] != before[s]["scores"][e] for s, line in graded.items() for e in part["points"]),
        lines,
    )


def now(line: dict, standing: dict | None) -> dict:
    """A student's line with the points that the gradebook holds now."""
    if not standing:
        return line
    scores = {name: standing["scores"].get(name, points) for name, points in line["scores"].items()}
    return line | {"scores": scores, "total": standing["total"], "late_penalty": standing["late_penalty"]}


def exercise_of(name: str, out_of: float, lines: dict[str, dict]) -> Exercise:
    """What became of one exercise. lines: of the students who were graded."""
    findings = {s: line["verdicts"][name] for s, line in lines.items() if name in line.get("verdicts", {})}
    points = [line["scores"][name] for line in lines.values()]
    known = name in course.known()
    in_words = not known and all(f["right"] is None or f["kind"] in ABSENT for f in findings.values())
    given = tuple(p for p in points if p is not None)
    return Exercise(
        name, out_of, course.find(name).read if known else "", in_words, given, points.count(None), findings
    )


def ranked(counted: Counter) -> list[tuple[str, int]]:
    """Most frequent first; those that are equally frequent by their names."""
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def mistakes(exercise: Exercise) -> list[Mistake]:
    """What went wrong in an exercise: known causes, then wrong answers without one, then what was not attempted; each
    most frequent first. Two causes at once count for each."""
    if exercise.in_words:
        return []
    found: dict[tuple, list[str]] = {}
    pairs: dict[str, Counter] = {}
    together = Counter()
    for student, finding in exercise.findings.items():
        if finding["right_given"]:
            continue
        causes = list(dict.fromkeys(finding["causes"]))
        rank = 0 if causes else 2 if finding["kind"] in ABSENT else 1
        for words in causes or [kind_words(finding)]:
            found.setdefault((rank, words), []).append(student)
            together[words] += len(causes) > 1
            pairs.setdefault(words, Counter()).update(other for other in causes if other != words)
    order = sorted(found, key=lambda key: (key[0], -len(found[key]), key[1]))
    return [
        Mistake(words, tuple(found[rank, words]), rank == 0, together[words], tuple(ranked(pairs[words])), rank == 2)
        for rank, words in order
    ]


@dataclass(frozen=True)
class Again:
    """A mistake in one exercise or in several. known: the check names the cause."""

    words: str
    known: bool
    students: int
    exercises: tuple[Exercise, ...]


def again(lesson: Lesson) -> list[Again]:
    """The mistakes of a lesson: all that are known, and those without a known cause that several students share.

    Those of most students stand first; who made one in two exercises counts once. Among equally frequent ones the
    known stand first, in the lesson's order.
    """
    who: dict[tuple[str, bool], set[str]] = {}
    where: dict[tuple[str, bool], list[Exercise]] = {}
    for exercise in lesson.judged:
        for mistake in mistakes(exercise):
            if not mistake.absent:
                who.setdefault((mistake.words, mistake.known), set()).update(mistake.students)
                where.setdefault((mistake.words, mistake.known), []).append(exercise)
    found = [Again(*key, len(students), tuple(where[key])) for key, students in who.items()]
    told = [one for one in found if one.known or one.students >= SHARED]
    return sorted(told, key=lambda one: (-one.students, not one.known))
