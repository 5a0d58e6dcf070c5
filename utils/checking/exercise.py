"""An exercise as data: what is right, what learners get wrong, and what each part is worth.

`Exercise` computes both from the course's own functions. `keyed.KeyedExercise` reads them from an answer key, in the
bundle for students, where these functions are not.
"""

import ast
import functools
import inspect
import textwrap
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .running import Outcome, arguments, duplicate


@dataclass(frozen=True)
class Mistake:
    """One thing learners do wrong, as an edit of the textbook's text.

    cause: plain words, as a patient colleague would say it. edits: pairs (old, new); each old text stands exactly once
    in the function. where: the function it sits in, when that is one this one calls.
    """

    cause: str
    edits: tuple[tuple[str, str], ...]
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Described:
    """What is said of a graded function, wherever it is judged.

    parts: output -> points, in the order of the outputs (0: compared only, such as a cache). uses: earlier functions
    that it calls. hints: the last one is nearly the answer. read: where the lesson explains it. view: maps an answer to
    {part: value} where the parts are not simply the outputs. tolerance: largest allowed error, relative to the largest
    expected value. in_place: arguments that are meant to be changed; all others must stay as they are. probe: where an
    answer is no function from numbers to numbers, how to ask it for some: probe(answer, **case); the arguments of a
    case are then those of the probe.
    """

    name: str
    lesson: str
    parts: dict[str, float]
    hints: tuple[str, ...]
    read: str
    uses: tuple[str, ...] = ()
    view: Callable | None = None
    tolerance: float = 1e-9
    in_place: tuple[str, ...] = ()
    probe: Callable | None = None
    undecided: str = ""  # why no verdict can be reached here

    def ask(self, function, *args, **kwargs):
        """What a function answers to a case."""
        return self.probe(function, *args, **kwargs) if self.probe else function(*args, **kwargs)

    def advice(self) -> str:
        """What the learner should know before the check says anything; mostly nothing."""
        return ""

    @property
    def points(self) -> float:
        """All points of this exercise."""
        return sum(self.parts.values())

    @property
    def seed(self) -> int:
        """Seed of the cases that a learner's own checks draw; grading draws its own."""
        return zlib.crc32(self.name.encode())

    def viewed(self, answer):
        """The answer as its parts are looked at."""
        return self.view(answer) if self.view else answer


@dataclass(frozen=True, kw_only=True)
class Exercise(Described):
    """A graded function beside the functions that it is judged by.

    cases: takes a numpy.random.Generator and returns {category: keyword arguments}. prelude: what the textbook's text
    needs imported.
    """

    reference: Callable
    textbook: Callable
    cases: Callable
    mistakes: tuple[Mistake, ...]
    prelude: str = "import numpy as np"

    @property
    def required(self) -> list[str]:
        """The names of the arguments without a default, in order."""
        return list(_required(self.probe)[1:] if self.probe else _required(self.reference))

    def draw(self, rng: np.random.Generator) -> tuple[dict, list[Outcome]]:
        """Cases by category, and what is right for each: the value, and the arguments as they are to be afterwards."""
        cases = self.cases(rng)
        return cases, [self._right(kwargs) for kwargs in cases.values()]

    def _right(self, kwargs) -> Outcome:
        fresh = duplicate(kwargs, {})
        positional, named = arguments(self, fresh)
        with np.errstate(all="ignore"):
            return Outcome(self.ask(self.reference, *positional, **named), arguments=fresh)

    def suspects(self) -> Iterator[tuple]:
        """Likely mistakes, the likeliest first; see `causes.suspects`."""
        from .causes import suspects  # which knows all exercises

        return suspects(self)


@functools.cache
def _required(function) -> tuple[str, ...]:
    signature = inspect.signature(function).parameters
    return tuple(name for name, parameter in signature.items() if parameter.default is parameter.empty)


@dataclass(frozen=True)
class Quiz:
    """A recall question: each answer is (right or not, one sentence that says why)."""

    name: str
    answers: dict[str, tuple[bool, str]]


@functools.cache
def source(function) -> str:
    """The text of a textbook function, or class, without its docstring, which repeats words that mistakes edit."""
    function = inspect.unwrap(function)
    text = textwrap.dedent(inspect.getsource(function))
    first = ast.parse(text).body[0].body[0]
    if inspect.getdoc(function) is None:
        return text
    lines = text.splitlines(keepends=True)
    return "".join(lines[: first.lineno - 1] + lines[first.end_lineno :])


def edited(text: str, edits) -> str:
    """Apply (old, new) pairs. Raises ValueError unless each old text stands exactly once when its turn comes."""
    for old, new in edits:
        if text.count(old) != 1:
            raise ValueError(
                f"a mistake edits {old!r}, which must stand exactly once in the text, not {text.count(old)} times."
            )
        text = text.replace(old, new)
    return text


@functools.cache
def _compiled(text: str):
    return compile(text, "<mistake>", "exec")


@functools.cache
def called(textbook) -> list:
    """The textbook functions that this one calls, directly or not, the deepest first."""
    textbook, found = inspect.unwrap(textbook), []
    if inspect.isclass(textbook):
        return found
    for name in textbook.__code__.co_names:
        inner = textbook.__globals__.get(name)
        if inspect.isfunction(inner) and ".textbook" in inner.__module__:
            found += [f for f in [*called(inner), inner] if f not in found]
    return found


def pieces(exercise: Exercise, mistakes=()) -> list[str]:
    """The texts of the functions that the textbook's answer consists of, the mistakes planted, the answer last."""
    edits: dict[str, tuple] = {}
    for mistake in mistakes:
        place = mistake.where or exercise.name
        edits[place] = edits.get(place, ()) + mistake.edits
    functions = [*called(exercise.textbook), exercise.textbook]
    unknown = set(edits) - {function.__name__ for function in functions}
    if unknown:
        raise ValueError(
            f"{exercise.name} does not call {', '.join(sorted(unknown))}, where a mistake is to be planted."
        )
    return [edited(source(function), edits.get(function.__name__, ())) for function in functions]


def planted(exercise: Exercise, mistakes) -> Callable:
    """The textbook's function with these mistakes in it, or in the functions that it calls."""
    namespace: dict = {"__name__": "planted"}
    exec(_compiled(exercise.prelude), namespace)
    for piece in pieces(exercise, mistakes):  # one namespace for all, so that each calls the edited others
        exec(_compiled(piece), namespace)
    return namespace[exercise.name]
