"""What was found of one exercise of a submission, as plain data: what the class report counts.

It comes from the verdict and not from any text, and holds nothing that a student wrote.
"""

import builtins

# Kinds besides those of a Problem (utils/checking/compare.py).
NO_FUNCTION, NOT_HANDED_IN, UNREADABLE, IN_WORDS = "no function", "not handed in", "unreadable", "in words"
NOT_ATTEMPTED = "not attempted"


def finding(kind="", right=None, given=None, causes=(), blame=(), error="") -> dict:
    """A finding.

    kind: of what is wrong, "" where nothing is. right: on its own; given: with earlier functions right that are not
    (blame names them); both None for an answer in words. causes: known mistakes, in the check's words. error: the name
    of the exception that stopped it.
    """
    causes, blame = list(causes), list(blame)
    return {"kind": kind, "right": right, "right_given": given, "causes": causes, "blame": blame, "error": error}


def finding_of(verdict, stopped: str) -> dict:
    """The finding of a verdict (utils/checking/judge.py). stopped: the error of the function's cell, or ""."""
    kind = verdict.problem.kind if verdict.problem else ""
    kind = NO_FUNCTION if no_function(verdict, stopped) else kind
    error = exception_name(verdict.problem.text) if kind == "raised" else ""
    return finding(kind, verdict.ok and not verdict.blame, verdict.ok, verdict.causes, verdict.blame, error)


def no_function(verdict, stopped: str) -> bool:
    """Whether there is nothing to judge because the function's cell stopped with an error of the student's."""
    missing = verdict.problem and verdict.problem.kind == NOT_ATTEMPTED
    return bool(missing and stopped and "NotImplemented" not in stopped)


def exception_name(text: str) -> str:
    """The exception that a sentence of the judge's names; "" unless it is one of Python's own."""
    name = text.partition(" stopped with ")[2].partition(":")[0].strip()
    one = getattr(builtins, name, None)
    return name if isinstance(one, type) and issubclass(one, BaseException) else ""
