"""An exercise as data: what is right, what learners get wrong, and what each part is worth."""

import ast
import functools
import inspect
import textwrap
import zlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """One thing learners do wrong, as an edit of the textbook's text.

    cause: plain words, as a patient colleague would say it. edits: pairs (old, new); each old text stands exactly once
    in the function. where: the function it sits in, when that is one this one calls.
    """

    cause: str
    edits: tuple[tuple[str, str], ...]
    where: str = ""


@dataclass(frozen=True)
class Exercise:
    """A graded function.

    parts: output -> points, in the order of the outputs (0: compared only, such as a cache). cases: takes a
    numpy.random.Generator and returns {category: keyword arguments}. uses: earlier functions that it calls. hints: the
    last one is nearly the answer. read: where the lesson explains it. view: maps an answer to {part: value} where the
    parts are not simply the outputs. tolerance: largest allowed error, relative to the largest expected value.
    in_place: arguments that are meant to be changed; all others must stay as they are. probe: where an answer is no
    function from numbers to numbers, how to ask it for some: probe(answer, **case); the arguments of a case are then
    those of the probe. prelude: what the textbook's text needs imported.
    """

    name: str
    lesson: str
    reference: Callable
    textbook: Callable
    parts: dict[str, float]
    cases: Callable
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    read: str
    uses: tuple[str, ...] = ()
    view: Callable | None = None
    tolerance: float = 1e-9
    in_place: tuple[str, ...] = ()
    probe: Callable | None = None
    prelude: str = "import numpy as np"

    def ask(self, function, *args, **kwargs):
        """What a function answers to a case."""
        return self.probe(function, *args, **kwargs) if self.probe else function(*args, **kwargs)

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
