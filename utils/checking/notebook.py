"""What learners call in a notebook: check, hint, progress, quiz, try_it. Plain text on stdout, nothing on stderr."""

import ast
import functools
import inspect
import linecache
import os
import sys

import numpy as np

from utils.errors import CourseError
from utils.paths import did_you_mean

from . import cells
from .compare import article
from .exercise import Described
from .exercises import find, known, quizzes
from .judge import judge, last_line
from .message import fit, message, refusal, wrap
from .running import line_of, namespace_of

_results: dict[str, tuple[bool, float]] = {}  # this kernel's checks: name -> all right or not, and the points
_hints_given: dict[str, int] = {}


def say(text) -> None:
    """Print in one piece; print itself writes the end of the line apart, and some notebooks then show two outputs."""
    sys.stdout.write(f"{text}\n")


def tell(text: str) -> None:
    """Say it in lines of at most eighty characters: JupyterLab would break a longer one inside a word."""
    say("\n".join(line for paragraph in wrap(str(text).splitlines()) for line in paragraph))


class NotYet(AssertionError):
    """A check that is not passed. Notebooks show its lines and no traceback."""

    def __init__(self, text):
        super().__init__("\n".join(fit(text.splitlines())))

    def _render_traceback_(self):
        return str(self).splitlines()


def check(function) -> float | None:
    """Check one of your functions: `check(rnn_forward)`.

    Which exercise it is, is the name written between the brackets. Prints one line when it is right; stops the cell
    with what is wrong, and the likely cause, when it is not. While nbgrader grades, cases are fresh, and the points of
    the right parts are returned.
    """
    name = _name_written_in(inspect.currentframe().f_back)
    exercise = _exercise(name)
    _refuse_ours(name, function)
    grading = os.environ.get("NBGRADER_EXECUTION") == "autograde"
    seed = int.from_bytes(os.urandom(4)) if grading else exercise.seed
    try:
        verdict = judge(exercise, function, np.random.default_rng(seed))
    except CourseError as error:  # the answer key is damaged, or for another release
        raise NotYet(str(error)) from None
    text = "\n".join([message(verdict, seed if grading else None), *_names_given_away(function, verdict)])
    _results[name] = verdict.ok, verdict.points
    if verdict.ok or verdict.open or (grading and verdict.points > 0):
        say(text)
        return float(verdict.points) if grading and not verdict.ok else None
    raise NotYet(text)


def _names_given_away(function, verdict) -> list[str]:
    """Why a function may have stopped that has nothing wrong in it: the notebook's np is no longer NumPy."""
    if verdict.problem is None or verdict.problem.kind != "raised":
        return []
    return cells.overwritten(namespace_of(_innermost(function)))


def _name_written_in(frame) -> str:
    """The name between the brackets of the call that `frame` is at."""
    position = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    first, last, start, end = position
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)[first - 1 : last] if first else []
    try:
        encoded = [line.encode() for line in lines]
        encoded[-1] = encoded[-1][:end]
        encoded[0] = encoded[0][start:]
        call = ast.parse(b"".join(encoded).decode().strip(), mode="eval").body
        argument = call.args[0]
    except (IndexError, SyntaxError, AttributeError, TypeError):
        argument = None
    if not isinstance(argument, ast.Name):
        raise NotYet("check takes the plain name of your function, written in a cell: check(rnn_forward).")
    return argument.id


def _exercise(name: str) -> Described:
    try:
        exercise = find(name)
        if advice := exercise.advice():
            tell(advice)
        return exercise
    except CourseError as error:
        raise NotYet(str(error)) from None


def _refuse_ours(name, function):
    if not callable(function):
        raise NotYet(f"{name} should be a function, got {article(function)}.")
    inner = _innermost(function)
    if (getattr(inner, "__module__", None) or "").split(".")[0] == "utils":
        raise NotYet(refusal(name))


def _innermost(function):
    """The function inside decorators and functools.partial."""
    function = inspect.unwrap(function)
    return _innermost(function.func) if isinstance(function, functools.partial) else function


def _in_words(function):
    """What cannot be done is said in a sentence, and stops no cell."""

    @functools.wraps(function)
    def spoken(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except CourseError as error:
            tell(error)

    return spoken


@_in_words
def hint(name: str) -> None:
    """Print the next hint of an exercise, `hint("rnn_forward")`; the last one is nearly the answer."""
    name = getattr(name, "__name__", name)  # the function itself will do
    hints = find(name).hints
    given = min(_hints_given.get(name, 0), len(hints) - 1)
    _hints_given[name] = given + 1
    more = f" Run it again for hint {given + 2}." if given + 1 < len(hints) else " That was the last one."
    tell(f"Hint {given + 1} of {len(hints)}. {hints[given]}\n{more.strip()}")


@_in_words
def progress(lesson: str) -> None:
    """Print which exercises of a lesson this kernel has seen right: `progress("01a")`. Nothing is stored."""
    exercises = [find(name) for name in known() if find(name).lesson == lesson]
    if not exercises:
        lessons = sorted({find(name).lesson for name in known()})
        tell(f'There is no lesson "{lesson}"; the lessons are {", ".join(lessons)}.')
        return
    width = max(len(e.name) for e in exercises)
    for e in exercises:
        say(f"{e.name:<{width}}  {e.points:>3g} points  {_so_far(e)}")
    seen = [_results[e.name] for e in exercises if e.name in _results]
    earned, all_points = sum(points for _, points in seen), sum(e.points for e in exercises)
    say(f"{sum(ok for ok, _ in seen)} of {len(exercises)} right, {earned:g} of {all_points:g} points.")


def _so_far(exercise) -> str:
    """What this kernel knows of an exercise, in words."""
    if exercise.undecided:
        return "your instructor's grader decides"
    if exercise.name not in _results:
        return "not checked since the kernel started"
    ok, points = _results[exercise.name]
    if ok:
        return "right"
    return f"{points:g} of {exercise.points:g} points" + ("; its check says what is left" if points else "")


@_in_words
def quiz(name: str, answer: str) -> None:
    """Answer a recall question: `quiz("state", "b")`. Says whether it is right, and why."""
    if name not in quizzes():
        tell(f"There is no question {name}{did_you_mean(name, quizzes())}; write the name back as it was.")
        return
    answers = quizzes()[name].answers
    answer = str(answer).strip().lower()
    if answer not in answers:
        tell(f'Put one of {", ".join(answers)} between the quotes, for example:\nquiz("{name}", "{min(answers)}")')
        return
    right, why = answers[answer]
    tell(f"{answer}: {'right' if right else 'not this one'}. {why}")


def try_it(experiment) -> None:
    """Run a small experiment with your own functions and print what it gives: `try_it(lambda: softmax(z))`.

    A function that is not written yet, or that stops with an error, gives a line instead of stopping the notebook.
    """
    try:
        with np.errstate(all="ignore"):
            value = experiment()
    except NotImplementedError:
        tell("Nothing to show yet: a function used here is not written. Write it above, then run this cell again.")
        return
    except (Exception, SystemExit) as error:
        line = line_of(error, experiment)
        tell(f"Your function stopped with {last_line(error)}" + (f"\n  in the line: {line}" if line else ""))
        for sentence in cells.sentences(error, getattr(experiment, "__globals__", {})):
            tell(sentence)
        return
    with np.printoptions(precision=4, suppress=True, linewidth=100):
        say(value)


cells.watch()
