"""Judge a function against an exercise: run it on cases, compare part by part, find the likely cause.

How a function is run is a small object with `run(exercise, kwargs) -> Outcome` and `with_references(names)`, so that
the same judgement serves a function beside us (`Here`) and one in another process. If it has `distrust`, cases are new
each time, so that nothing a function has seen or been told is of use the next time.
"""

from dataclasses import dataclass, replace

import numpy as np

from .causes import UNREADABLE, causes
from .compare import SINGLE, Problem, problems, same, split, unchanged
from .exercise import Described
from .running import Here, Outcome, Unrecorded, arguments, last_line

UNFIT = "Unfit: "  # a probe was given something that it cannot ask; the sentence follows
NOT_WRITTEN = Problem("not attempted", "", "not written yet.")

__all__ = ["Here", "Outcome", "Verdict", "arguments", "judge", "last_line"]


@dataclass(frozen=True)
class Verdict:
    """What a function earned, and why."""

    exercise: Described
    right: dict[str, bool]
    cases: int
    cases_right: int
    problem: Problem | None = None
    where: str = ""  # category of the case that the problem was seen in
    others: tuple[str, ...] = ()  # further parts that are wrong
    causes: tuple[str, ...] = ()
    blame: tuple[str, ...] = ()  # earlier functions whose fault spoiled the numbers
    note: str = ""

    @property
    def ok(self) -> bool:
        return all(self.right.values())

    @property
    def open(self) -> bool:
        """Whether nothing is known: the answer key of a bundle cannot say what is right here."""
        return self.problem is None and not self.ok

    @property
    def points(self) -> float:
        return sum(points for part, points in self.exercise.parts.items() if self.right[part])


def judge(exercise: Described, function, rng: np.random.Generator) -> Verdict:
    """Judge a function (or a runner, see above) on the exercise's cases drawn from rng.

    An exercise that calls earlier ones is judged once more with those answered by the reference when that earns more,
    or shows a fault of its own behind an error of theirs: one mistake is paid for once.
    """
    runner = function if hasattr(function, "with_references") else Here(function)
    if exercise.undecided:
        return _undecided(exercise, runner)
    cases, expected = drawn = exercise.draw(rng)
    outcomes = [runner.run(exercise, kwargs) for kwargs in cases.values()]
    verdict = _compare(exercise, cases, expected, outcomes)
    if verdict.ok:
        return verdict
    if exercise.uses:
        fresh = getattr(runner, "distrust", False)
        again = _with_references(
            exercise, runner, lambda: exercise.draw(rng.spawn(1)[0]) if fresh else drawn, verdict
        )
        if again:
            return again
    return replace(verdict, causes=causes(exercise, cases, outcomes))


def _undecided(exercise, runner) -> Verdict:
    """All that can be seen without cases: a stub says so, whatever it is given."""
    wrong = dict.fromkeys(exercise.parts, False)
    if runner.run(exercise, dict.fromkeys(exercise.required)).stub:
        return Verdict(exercise, wrong, 1, 0, NOT_WRITTEN)
    return Verdict(exercise, wrong, 0, 0)


def _with_references(exercise, runner, draw, first):
    """The verdict with earlier functions right, if it goes further; it blames the fewest that make the difference."""
    for names in dict.fromkeys([*((name,) for name in exercise.uses), exercise.uses]):
        with runner.with_references(names) as changed:
            if not changed:
                continue
            cases, expected = draw()
            outcomes = [runner.run(exercise, kwargs) for kwargs in cases.values()]
        if any(outcome.error.startswith(Unrecorded.__name__) for outcome in outcomes):
            continue
        verdict = _compare(exercise, cases, expected, outcomes)
        if verdict.ok or (names == exercise.uses and _goes_further(verdict, first)):
            found = () if verdict.ok else causes(exercise, cases, outcomes)
            return replace(verdict, blame=names, causes=found)
    return None


def _goes_further(verdict, first) -> bool:
    """Whether more was earned, or an error that came from an earlier function has given way to a fault of its own."""
    stopped = first.problem.kind in ("not attempted", "raised")
    return verdict.points > first.points or (stopped and verdict.problem.rank > first.problem.rank)


def _compare(exercise, cases, expected, outcomes) -> Verdict:
    """Which parts are right on every case, and the most fundamental thing that is wrong."""
    found = []
    for number, (category, kwargs) in enumerate(cases.items()):
        for problem in case_problems(exercise, kwargs, expected[number], outcomes[number]):
            unscored = exercise.parts.get(problem.part, 1) == 0  # what earns points is told first
            found.append((unscored, problem.rank, number, category, problem))
    wrong = {problem.part for *_, problem in found}
    right = {part: part not in wrong and "" not in wrong for part in exercise.parts}
    note = "float32 came back; float64 is what the course computes in." if _single(outcomes) else ""
    if not found:
        return Verdict(exercise, right, len(cases), len(cases), note=note)
    *_, where, problem = min(found, key=lambda f: f[:3])
    told = {p.part for *_, p in found if p.text == problem.text}  # one sentence names all keys that are missing
    others = tuple(p for p, ok in right.items() if not ok and p not in told) if problem.part else ()
    return Verdict(
        exercise,
        right,
        len(cases),
        len(cases) - len({number for _, _, number, _, _ in found}),
        problem,
        where,
        others,
        note=note,
    )


def case_problems(exercise, kwargs, expected: Outcome, outcome: Outcome) -> list[Problem]:
    """What is wrong with one outcome: a problem for each wrong part; part "" means the whole function."""
    if outcome.stub:
        return [NOT_WRITTEN]
    if outcome.error.startswith(UNFIT):
        return [Problem("type", "", outcome.error.removeprefix(UNFIT))]
    if outcome.error:
        line = f"It stopped in the line `{outcome.line}`" if outcome.line else ""
        return [Problem("raised", "", f"Your function stopped with {outcome.error}", line)]
    if outcome.value is None:
        return [Problem("none", "", "Your function returned None. Did you forget the return?")]
    try:
        viewed, wanted = exercise.viewed(outcome.value), exercise.viewed(expected.value)
    except UNREADABLE:
        shape = next(problems(outcome.value, expected.value, "result", "", exercise.tolerance), None)
        return [shape or Problem("type", "", "the result does not have the documented form.")]
    # float32 in one place makes everything that is computed from it coarser
    tolerance = max(exercise.tolerance, SINGLE) if _single(outcome) else exercise.tolerance
    pieces, found = split(viewed, wanted, exercise.parts)
    if not pieces and found:  # nothing to compare: the whole answer has the wrong form
        found = [Problem(p.kind, "", p.text) for p in found]
    want, _ = split(wanted, wanted, exercise.parts)
    for part, value in pieces.items():
        worst = min(problems(value, want[part], part, part, tolerance), key=lambda p: p.rank, default=None)
        found += [worst] if worst else []
    return found + _arguments_problems(exercise, kwargs, expected, outcome, told=bool(found))


def _arguments_problems(exercise, kwargs, expected, outcome, told) -> list[Problem]:
    """What is wrong with what was done to the arguments; told: the value that came back is wrong as well."""
    kept = [name for name, value in kwargs.items() if unchanged(outcome.arguments.get(name), value)]
    changed = ", ".join(name for name in kwargs if name not in kept and name not in exercise.in_place)
    found = [Problem("inputs", "", f"Your function changed its input {changed}; work on a copy.")] if changed else []
    for name in exercise.in_place:
        if same(outcome.arguments.get(name), expected.arguments[name], exercise.tolerance):
            continue
        if name in kept:
            text = f"{name} is as it was before; this function should change its arrays in place."
            found.append(Problem("inputs", "", text))
        elif not told:
            found.append(Problem("inputs", "", f"{name} holds other numbers after the call than it should."))
    return found


def _single(value) -> bool:
    """Whether float32 stands anywhere in the outcomes."""
    if isinstance(value, Outcome):
        return _single(value.value) and not _single(value.arguments)
    if isinstance(value, dict):
        return any(map(_single, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_single, value))
    return getattr(value, "dtype", None) == np.float32
