"""Run a learner's function beside us: on copies, quietly, with whatever happens told as an outcome."""

import contextlib
import copy
import inspect
import io
import linecache
import sys
import warnings
from dataclasses import dataclass, field

import numpy as np

from .exercises import right

LONGEST_ERROR = 400  # characters of an error's own words


class Unrecorded(Exception):
    """A function was called with something that an answer key holds no answer to; see keyed.py."""


@dataclass
class Outcome:
    """What one call gave: a value, or an error in one line; and the arguments as they were afterwards.

    line: the line of the learner's code at which the error arose, where its source is at hand.
    """

    value: object = None
    error: str = ""
    line: str = ""
    stub: bool = False
    arguments: dict = field(default_factory=dict)


class Here:
    """Run a function in this process: quietly, with fresh copies of the arguments, its own copy of the result."""

    def __init__(self, function):
        self.function = function

    def run(self, exercise, kwargs: dict) -> Outcome:
        errors = io.StringIO()
        try:
            with quiet(), contextlib.redirect_stderr(errors):
                outcome = call(self.function, exercise, kwargs)
                outcome.value = duplicate(outcome.value, {})  # a function may hand out one buffer again and again
        except RecursionError:
            return Outcome(error="RecursionError: the result contains itself")
        finally:
            sys.stdout.write(errors.getvalue())  # nbgrader gives no points to a cell that wrote to stderr
        return outcome

    @contextlib.contextmanager
    def with_references(self, names):
        """Let the function call the reference in place of the learner's own earlier functions."""
        place = namespace_of(self.function)
        right_ones = {name: right(name) for name in names}
        kept = {name: place[name] for name in names if name in place and place[name] is not right_ones[name]}
        try:
            place.update({name: right_ones[name] for name in kept})
            yield bool(kept)
        finally:
            place.update(kept)


def namespace_of(function) -> dict:
    """The names that a function, or the methods of a class, look up: those of its notebook."""
    function = inspect.unwrap(function)
    if inspect.isclass(function):
        return getattr(sys.modules.get(function.__module__), "__dict__", {})
    return getattr(function, "__globals__", {})


@contextlib.contextmanager
def quiet():
    """Keep NumPy's and other warnings to ourselves."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def call(function, exercise, kwargs: dict) -> Outcome:
    """Call a function with fresh copies of the arguments; an exception is an outcome too."""
    fresh = duplicate(kwargs, {})
    positional, named = arguments(exercise, fresh)
    # whoever holds an array that is to change in place sees the old object, whatever stands in the dict by then
    seen = fresh | {name: dict(fresh[name]) for name in exercise.in_place}
    try:
        return Outcome(exercise.ask(function, *positional, **named), arguments=seen)
    except NotImplementedError:
        return Outcome(error="NotImplementedError", stub=True, arguments=seen)
    except (Exception, SystemExit) as error:
        return Outcome(error=last_line(error), line=line_of(error, function), arguments=seen)


def duplicate(value, memo):
    """A deep copy: what is one object inside stays one. The common types are copied directly, ten times faster.

    What cannot be copied, such as a running generator, is returned as it is; comparing finds words for it.
    """
    kind = type(value)
    if kind in (float, int, str, bool, type(None)):
        return value
    if id(value) in memo:
        return memo[id(value)]
    if kind is np.ndarray and value.dtype.kind in "fiubc":
        result = value.copy(order="K")
    elif kind is dict:
        result = {key: duplicate(item, memo) for key, item in value.items()}
    elif kind in (tuple, list):
        result = kind([duplicate(item, memo) for item in value])
    else:
        try:
            result = copy.deepcopy(value)
        except Exception:
            result = value
    memo[id(value)] = result
    return result


def arguments(exercise, kwargs: dict) -> tuple[list, dict]:
    """Required arguments by position (learners may rename them), optional ones by name."""
    required = exercise.required
    return [kwargs[name] for name in required], {name: v for name, v in kwargs.items() if name not in required}


def last_line(error: BaseException) -> str:
    """`ValueError: what it says`, on one line and not without end."""
    try:
        text = " ".join(str(error)[:LONGEST_ERROR].split())
    except Exception:  # an error may fail at telling itself
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def line_of(error: BaseException, function) -> str:
    """The line of the notebook at which an error arose below a call of `function`; "" where there is no source."""
    own, line, place = namespace_of(function), "", error.__traceback__
    while place:
        if place.tb_frame.f_globals is own:
            line = linecache.getline(place.tb_frame.f_code.co_filename, place.tb_lineno).strip()
        place = place.tb_next
    return line
