"""What functions of a lesson answer that other functions of the same lesson call: noted call by call.

A check may have to put the right function in the place of a learner's earlier one. In a bundle it stands for the calls
that the textbook's answer, right or with one mistake in it, makes on the cases of the key.
"""

import builtins
import inspect

import numpy as np

from utils.checking.exercise import Exercise, planted
from utils.checking.exercises import find
from utils.checking.keyed import named
from utils.checking.packed import Given
from utils.checking.running import call, duplicate, quiet

from .sketches import sketch


def record(exercise: Exercise, names: list[str], calls: dict) -> None:
    """Add to calls[name] what the exercise asks each of these functions, and what the reference answers."""
    cases, _ = exercise.draw(np.random.default_rng(exercise.seed))
    listeners = {name: _listener(name, calls.setdefault(name, {})) for name in names}
    for mistakes in ((), *((m,) for m in exercise.mistakes if not m.where)) if names else ():
        function = planted(exercise, mistakes)
        function.__globals__.update(listeners)
        with quiet():
            for kwargs in cases.values():
                call(function, exercise, kwargs)


def _listener(name, calls):
    """The reference of that name, which notes what it is asked, and what it answers or raises."""
    reference = find(name).reference
    names = calls.setdefault("names", list(inspect.signature(reference).parameters))
    noted, shared = calls.setdefault("calls", []), {}

    def listening(*args, **kwargs):
        given = named(names, args, kwargs)
        asked = sketch(given, shared)
        answer, error = None, None
        try:
            answer = reference(*args, **kwargs)
        except Exception as raised:
            error = raised
        if not any(asked is before for before, *_ in noted) and _can_be_told(error):
            told = [type(error).__name__, *error.args] if error else []
            noted.append((asked, duplicate(_without(answer, _places(given)), {}), told))
        if error:
            raise error
        return answer

    return listening


def _can_be_told(error) -> bool:
    """Whether an error can be raised again by its name and its words."""
    return error is None or (hasattr(builtins, type(error).__name__) and all(type(a) is str for a in error.args))


def _places(value, path=()) -> dict[int, tuple]:
    """Where the objects inside the arguments of a call are found: {id: keys that lead there}."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    found = {id(value): path} if path and isinstance(value, dict | list | tuple | np.ndarray) else {}
    for key, item in items:
        found = _places(item, (*path, key)) | found
    return found


def _without(answer, places):
    """The answer, with what it was given, and hands back as the same object, left out."""
    if id(answer) in places:
        return Given(places[id(answer)])
    if isinstance(answer, dict):
        return {key: _without(item, places) for key, item in answer.items()}
    if isinstance(answer, list | tuple):
        return type(answer)(_without(item, places) for item in answer)
    return answer
