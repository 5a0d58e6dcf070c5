"""Judge a function against an exercise: run it on cases, compare part by part, find the likely cause.

How a function is run is a small object with `run(kwargs) -> Outcome` and `with_references(names)`, so that the same
judgement serves a function beside us (`Here`) and one in another process.
"""

import contextlib
import copy
import inspect
import io
import itertools
import sys
import warnings
from dataclasses import dataclass, field

import numpy as np

from utils import reference

from .compare import Problem, problems, same, split
from .exercise import Exercise, Mistake, called, planted
from .exercises import find, known

PAIRS = 150  # how many pairs of mistakes are tried before a failing check gives up naming a cause


@dataclass
class Outcome:
    """What one call gave: a value, or an error in one line; and the arguments as they were afterwards."""

    value: object = None
    error: str = ""
    stub: bool = False
    arguments: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a function earned, and why."""

    exercise: Exercise
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
    def points(self) -> float:
        return sum(points for part, points in self.exercise.parts.items() if self.right[part])


class Here:
    """Run a function in this process: quietly, with fresh copies of the arguments, its own copy of the result."""

    def __init__(self, function):
        self.function = function

    def run(self, exercise: Exercise, kwargs: dict) -> Outcome:
        fresh = copy.deepcopy(kwargs)
        positional, named = arguments(exercise, fresh)
        errors = io.StringIO()
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings(), contextlib.redirect_stderr(errors):
                warnings.simplefilter("ignore")
                value = copy.deepcopy(self.function(*positional, **named))
        except NotImplementedError:
            return Outcome(error="NotImplementedError", stub=True, arguments=fresh)
        except Exception as error:
            return Outcome(error=last_line(error), arguments=fresh)
        finally:
            sys.stdout.write(errors.getvalue())  # nbgrader gives no points to a cell that wrote to stderr
        return Outcome(value, arguments=fresh)

    @contextlib.contextmanager
    def with_references(self, names):
        """Let the function call the reference in place of the learner's own earlier functions."""
        place = getattr(self.function, "__globals__", {})
        right = {name: getattr(reference, name) for name in names}
        kept = {name: place[name] for name in names if name in place and place[name] is not right[name]}
        try:
            place.update({name: right[name] for name in kept})
            yield bool(kept)
        finally:
            place.update(kept)


def arguments(exercise: Exercise, kwargs: dict) -> tuple[list, dict]:
    """Required arguments by position (learners may rename them), optional ones by name."""
    required = required_names(exercise)
    return [kwargs[name] for name in required], {name: v for name, v in kwargs.items() if name not in required}


def required_names(exercise: Exercise) -> list[str]:
    """The names of the arguments without a default, in order."""
    signature = inspect.signature(exercise.reference).parameters
    return [name for name, parameter in signature.items() if parameter.default is parameter.empty]


def last_line(error: BaseException) -> str:
    """`ValueError: what it says`, on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def judge(exercise: Exercise, function, rng: np.random.Generator) -> Verdict:
    """Judge a function (or a runner, see above) on the exercise's cases drawn from rng.

    An exercise that calls earlier ones is judged once more with those answered by the reference when that earns more:
    one mistake is paid for once.
    """
    runner = function if hasattr(function, "with_references") else Here(function)
    cases = exercise.cases(rng)
    expected = [_reference(exercise, kwargs) for kwargs in cases.values()]
    outcomes = [runner.run(exercise, kwargs) for kwargs in cases.values()]
    verdict = _compare(exercise, cases, expected, outcomes)
    if verdict.ok:
        return verdict
    if exercise.uses:
        again = _with_references(exercise, runner, cases, expected, verdict)
        if again:
            return again
    return _replace(verdict, causes=causes(exercise, cases, outcomes))


def _reference(exercise, kwargs):
    fresh = copy.deepcopy(kwargs)
    positional, named = arguments(exercise, fresh)
    with np.errstate(all="ignore"):
        return exercise.reference(*positional, **named)


def _with_references(exercise, runner, cases, expected, first):
    """The verdict with earlier functions right, if it earns more; it blames the fewest that make the difference."""
    for names in [*((name,) for name in exercise.uses), exercise.uses]:
        with runner.with_references(names) as changed:
            if not changed:
                continue
            outcomes = [runner.run(exercise, kwargs) for kwargs in cases.values()]
        verdict = _compare(exercise, cases, expected, outcomes)
        if verdict.ok or (names == exercise.uses and verdict.points > first.points):
            found = () if verdict.ok else causes(exercise, cases, outcomes)
            return _replace(verdict, blame=names, causes=found)
    return None


def _replace(verdict, **changes):
    return Verdict(**{**verdict.__dict__, **changes})


def _compare(exercise, cases, expected, outcomes) -> Verdict:
    """Which parts are right on every case, and the most fundamental thing that is wrong."""
    found = []
    for number, (category, kwargs) in enumerate(cases.items()):
        for problem in case_problems(exercise, kwargs, expected[number], outcomes[number]):
            found.append((problem.rank, number, category, problem))
    wrong = {p.part for _, _, _, p in found}
    right = {part: part not in wrong and "" not in wrong for part in exercise.parts}
    note = "float32 came back; float64 is what the course computes in." if _single(outcomes) else ""
    if not found:
        return Verdict(exercise, right, len(cases), len(cases), note=note)
    _, _, where, problem = min(found, key=lambda f: f[:2])
    others = tuple(p for p, ok in right.items() if not ok and p != problem.part) if problem.part else ()
    return Verdict(exercise, right, len(cases), len(cases) - len({n for _, n, _, _ in found}), problem, where, others, note=note)


def case_problems(exercise, kwargs, expected, outcome) -> list[Problem]:
    """What is wrong with one outcome: a problem for each wrong part; part "" means the whole function."""
    if outcome.stub:
        return [Problem("not attempted", "", "not written yet.")]
    if outcome.error:
        return [Problem("raised", "", f"your function stopped with {outcome.error}")]
    if outcome.value is None:
        return [Problem("none", "", "your function returned None. Did you forget the return?")]
    try:
        viewed, wanted = _view(exercise, outcome.value), _view(exercise, expected)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        shape = next(problems(outcome.value, expected, "result", "", exercise.tolerance), None)
        return [shape or Problem("type", "", "the result does not have the documented form.")]
    pieces, found = split(viewed, wanted, exercise.parts)
    if not pieces and found:  # nothing to compare: the whole answer has the wrong form
        found = [Problem(p.kind, "", p.text) for p in found]
    want, _ = split(wanted, wanted, exercise.parts)
    for part, value in pieces.items():
        worst = min(problems(value, want[part], part, part, exercise.tolerance), key=lambda p: p.rank, default=None)
        found += [worst] if worst else []
    changed = [name for name, value in kwargs.items() if not unchanged(outcome.arguments.get(name), value)]
    if changed:
        found.append(Problem("inputs", "", f"your function changed its input {', '.join(changed)}; work on a copy."))
    return found


def _view(exercise, value):
    return exercise.view(value) if exercise.view else value


def unchanged(after, before) -> bool:
    """Whether an argument is as it was. Generators may advance; functions cannot change."""
    if isinstance(before, np.random.Generator) or callable(before):
        return True
    return same(after, before, 0.0) if isinstance(before, np.ndarray | dict | list | tuple) else after == before


def _single(value) -> bool:
    """Whether float32 stands anywhere in the outcomes."""
    if isinstance(value, Outcome):
        return _single(value.value) and not _single(value.arguments)
    if isinstance(value, dict):
        return any(map(_single, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_single, value))
    return getattr(value, "dtype", None) == np.float32


def mistakes_of(exercise: Exercise) -> list[Mistake]:
    """The mistakes of an exercise, then those of the functions that it calls."""
    inherited = []
    for function in reversed(called(exercise.textbook)):
        if function.__name__ in known():
            inherited += [Mistake(m.cause, m.edits, m.where or function.__name__) for m in find(function.__name__).mistakes]
    return [*exercise.mistakes, *inherited]


def causes(exercise: Exercise, cases: dict, outcomes: list[Outcome]) -> tuple[str, ...]:
    """The mistake, or the two, that give exactly these outcomes on every case; nothing where none does. Never a guess."""
    if all(o.stub or (o.value is None and not o.error) for o in outcomes):
        return ()
    single = mistakes_of(exercise)
    pairs = itertools.islice(itertools.combinations(single, 2), PAIRS)
    for mistakes in itertools.chain(((m,) for m in single), pairs):
        try:
            function = planted(exercise, mistakes)
        except ValueError:  # two edits of the same words cannot both stand
            continue
        if _reproduces(exercise, Here(function), cases, outcomes):
            return tuple(m.cause for m in mistakes)
    return ()


def _reproduces(exercise, runner, cases, outcomes) -> bool:
    for kwargs, outcome in zip(cases.values(), outcomes, strict=True):
        with contextlib.redirect_stdout(io.StringIO()):
            other = runner.run(exercise, kwargs)
        if not alike(exercise, outcome, other, kwargs):
            return False
    return True


def alike(exercise, one: Outcome, other: Outcome, kwargs) -> bool:
    """Whether two outcomes are the same: the values, or the error word for word, and what was done to the inputs."""
    if one.error or other.error:
        return one.error == other.error
    try:
        values = same(_view(exercise, one.value), _view(exercise, other.value), exercise.tolerance)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return False
    return values and all(unchanged(one.arguments.get(n), v) == unchanged(other.arguments.get(n), v) for n, v in kwargs.items())
