"""Compare an answer with the expected one, leaf by leaf, and say in one sentence where they part."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .sketch import Sketch, scale

SINGLE = 1e-4  # tolerance for what was computed in float32
TOO_LARGE = 1 << 256  # a float cannot hold whole numbers without end, and nobody can read them
# What can be wrong with an answer, the most fundamental first.
KINDS = ("not attempted", "raised", "none", "type", "shape", "inputs", "nan", "values")


@dataclass(frozen=True)
class Problem:
    """One thing wrong: which kind, in which part, in words, and (for values) got beside expected."""

    kind: str
    part: str
    text: str
    detail: str = ""

    @property
    def rank(self) -> int:
        return KINDS.index(self.kind)


def article(value) -> str:
    """The type of a value in words."""
    names = {"NoneType": "None", "ndarray": "an array", "list": "a list", "tuple": "a tuple", "dict": "a dict"}
    names |= {"generator": "a generator (yield stands where return belongs)", "matrix": "an old-style np.matrix"}
    names |= {"int": "a whole number", "float": "a number", "bool": "True or False", "str": "a text"}
    return names.get(type(value).__name__, f"an object of type {type(value).__name__}")


def split(answer, expected, parts) -> tuple[dict, list[Problem]]:
    """Cut an answer into its parts, in the way that the expected answer is cut. Returns the parts and what is wrong."""
    names = list(parts)
    if len(names) == 1 and not isinstance(expected, dict):
        return {names[0]: answer}, []
    listed = ", ".join(names)
    if isinstance(expected, dict):
        if not isinstance(answer, dict):
            return {}, [Problem("type", names[0], f"Expected a dict with {listed}, got {article(answer)}.")]
        missing = [n for n in names if n not in answer]
        lacking = [Problem("type", n, _missing(missing, answer)) for n in missing]
        return {n: answer[n] for n in names if n in answer}, lacking
    wanted = f"Expected {len(names)} outputs ({listed}), got"
    if not isinstance(answer, tuple | list) or len(answer) > len(names):
        got = f"{len(answer)} values" if isinstance(answer, tuple | list) else article(answer)
        return {}, [Problem("type", names[0], f"{wanted} {got}.")]
    missing = names[len(answer) :]
    return dict(zip(names, answer, strict=False)), [Problem("type", n, f"{wanted} {len(answer)}.") for n in missing]


def _missing(names: list[str], answer: dict) -> str:
    which = f"The key {names[0]} is" if len(names) == 1 else f"The keys {', '.join(names)} are"
    return f"{which} missing; yours has {_listed(answer)}."


def _listed(answer: dict) -> str:
    return ", ".join(map(str, answer)) or "no keys"


def problems(got, want, path: str, part: str, tolerance: float) -> Iterator[Problem]:
    """Everything wrong in one part, in reading order. `path` is what the learner would type to see the leaf.

    A part of None leaves out the words.
    """
    if isinstance(want, dict):
        if not isinstance(got, dict):
            yield Problem("type", part, f"{path} should be a dict, got {article(got)}.")
            return
        for key, value in want.items():
            if key in got:
                yield from problems(got[key], value, f'{path}["{key}"]', part, tolerance)
            else:
                yield Problem("type", part, f'{path} has no key "{key}"; it has {_listed(got)}.')
    elif isinstance(want, tuple | list):
        kind = "list" if isinstance(want, list) else "tuple"
        if not isinstance(got, tuple | list):
            yield Problem("type", part, f"{path} should be a {kind} of {len(want)}, got {article(got)}.")
        elif len(got) != len(want):
            yield Problem("shape", part, f"{path} should have {len(want)} entries, got {len(got)}.")
        else:
            for i, (g, w) in enumerate(zip(got, want, strict=True)):
                yield from problems(g, w, f"{path}[{i}]", part, tolerance)
    elif isinstance(want, np.ndarray | Sketch):
        yield from _array(got, want, path, part, tolerance)
    elif isinstance(want, bool | str) or want is None:
        if isinstance(got, np.bool_):
            got = bool(got)
        if type(got) is not type(want):
            yield Problem("type", part, f"{path} should be {article(want)}, got {article(got)}.")
        elif got != want:
            yield Problem("values", part, f"{path} is wrong", f"{path} is {got!r}, expected {want!r}")
    else:
        yield from _number(got, want, path, part, tolerance)


def _number(got, want, path, part, tolerance):
    plain = got.item() if isinstance(got, np.generic) or (type(got) is np.ndarray and got.ndim == 0) else got
    if isinstance(plain, complex):
        yield Problem("type", part, f"{path} should be a real number, got a complex one.")
    elif type(plain) not in (int, float):
        came = f"an array of shape {got.shape}" if isinstance(got, np.ndarray) else article(got)
        yield Problem("type", part, f"{path} should be one number, got {came}.")
    elif plain != plain and want == want:
        yield Problem("nan", part, f"{path} is NaN, expected {show(want)}.")
    elif type(plain) is int and abs(plain) >= TOO_LARGE:
        yield Problem("values", part, f"{path} is wrong", f"{path} has over 77 digits, expected {show(want)}")
    elif not close(plain, want, _allowed(got, tolerance)):
        yield Problem("values", part, f"{path} is wrong", f"{path} is {beside(plain, want)}")


def _allowed(got, tolerance):
    return max(tolerance, SINGLE) if getattr(got, "dtype", None) == np.float32 else tolerance


def _array(got, want, path, part, tolerance):
    if isinstance(got, np.generic):
        got = np.asarray(got)
    if type(got) is not np.ndarray:
        came = "a masked array" if isinstance(got, np.ma.MaskedArray) else article(got)
        yield Problem("type", part, f"{path} should be a NumPy array of shape {want.shape}, got {came}.")
    elif got.dtype.kind not in "fiub":
        came = {"O": "Python objects (dtype object)", "c": "complex numbers"}.get(got.dtype.kind, f"dtype {got.dtype}")
        yield Problem("type", part, f"{path} should hold real numbers, got {came}.")
    elif got.shape != want.shape:
        yield Problem("shape", part, f"{path} should have shape {want.shape}, got {got.shape}.")
    elif (wanted := _wanted_type(got, want)) is not None:
        yield Problem("type", part, f"{path} should hold {wanted}, got {got.dtype}.")
    elif isinstance(want, Sketch):
        if not want.fits(got, _allowed(got, tolerance)):
            yield Problem("values", part, f"{path} is wrong")
    elif (got == want).all():  # the common case, three times faster than looking at differences
        return
    elif np.isnan(got).any() and not np.isnan(want).any():
        yield Problem("nan", part, f"{path} holds NaN, first at {index_text(path, np.argwhere(np.isnan(got))[0])}.")
    elif not close(got, want, _allowed(got, tolerance)):
        if part is None:  # asked whether, not where: finding words takes longer than comparing
            yield Problem("values", "", "")
        else:
            yield _values(got, want, path, part, _allowed(got, tolerance))


def _wanted_type(got, want):
    """What an array should hold, in words, if it holds something that could not take its place as an index or mask."""
    if want.dtype.kind == "b" and got.dtype.kind != "b":
        return "True and False"
    if want.dtype.kind in "iu" and got.dtype.kind not in "iu":
        return "whole numbers"
    return None


def _values(got, want, path, part, tolerance):
    """The earliest wrong time step (the last of three axes is time), then the first wrong entry in it."""
    wrong = ~np.isclose(got, want, rtol=0, atol=tolerance * scale(want), equal_nan=True)
    when, index = "", np.argwhere(wrong)[0]
    if want.ndim == 3 and want.shape[2] > 1:
        steps = wrong.any(axis=(0, 1))
        when, first = _when(steps), int(np.argmax(steps))
        index = np.append(np.argwhere(wrong[:, :, first])[0], first)
    detail = f"{index_text(path, index)} is {beside(got[tuple(index)], want[tuple(index)])}"
    return Problem("values", part, f"{path} is wrong{when}", detail)


def _when(steps) -> str:
    """Which time steps are wrong, in words. steps: bool (T,), at least one True."""
    first, last = int(np.argmax(steps)), len(steps) - 1 - int(np.argmax(steps[::-1]))
    if steps.all():
        return " at every step"
    if first == last:
        return f" at t = {first} only"
    if steps[first:].all():
        return f" from t = {first} on"
    if steps[: last + 1].all():
        return f" up to t = {last} and right from t = {last + 1} on"
    return f", first at t = {first}"


def index_text(path, index) -> str:
    """`a[0, 2, 1]`: what the learner would type."""
    return f"{path}[{', '.join(str(int(i)) for i in index)}]" if len(index) else path


def show(number, digits=4) -> str:
    """So many significant digits, no -0; whole numbers as they are."""
    return f"{float(number) + 0.0:.{digits}g}" if isinstance(number, float | np.floating) else str(number)


def beside(got, want) -> str:
    """`0.2, expected 0.3`, with as many digits as it takes to see the difference."""
    for digits in (4, 7, 10, 17):
        one, other = show(got, digits), show(want, digits)
        if one != other:
            break
    return f"{one}, expected {other}"


def close(got, want, tolerance) -> bool:
    """Equal to within `tolerance` of the largest expected value; NaN equals NaN."""
    difference = np.abs(np.asarray(got, float) - np.asarray(want, float))
    if np.isfinite(difference).all():
        return bool((difference <= tolerance * scale(want)).all())
    return bool(np.isclose(got, want, rtol=0, atol=tolerance * scale(want), equal_nan=True).all())


def same(got, want, tolerance) -> bool:
    """Whether two answers agree in structure, shape and value."""
    return next(problems(got, want, "", None, tolerance), None) is None


def unchanged(after, before) -> bool:
    """Whether an argument is as it was. Generators may advance; functions cannot change."""
    if isinstance(before, np.random.Generator) or callable(before):
        return True
    if not isinstance(before, np.ndarray | dict | list | tuple):
        return after == before
    return _keys(after) == _keys(before) and same(after, before, 0.0)


def _keys(value):
    """All keys inside, so that one that was added is seen: comparing looks only for those that are expected."""
    if isinstance(value, dict):
        return {key: _keys(item) for key, item in value.items()}
    return [_keys(item) for item in value] if isinstance(value, list | tuple) else None
