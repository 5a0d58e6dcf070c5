"""A verdict in words: at most eight lines of eighty characters."""

import textwrap

from .judge import Verdict

WIDTH, LINES = 80, 8


def points_text(points: float) -> str:
    """2 -> "2", 2.5 -> "2.5"."""
    return f"{points:g}"


def refusal(name: str) -> str:
    """What a learner reads who hands in a function of the course's own."""
    return f"{name} comes from the course's own package. Run the cell in which you wrote yours, then check again."


def message(verdict: Verdict, fresh_seed: int | None = None) -> str:
    """What the learner reads. fresh_seed: the seed of the cases when they were drawn for grading."""
    e = verdict.exercise
    if verdict.open:
        who = "which an answer key cannot hold: your instructor's grader decides."
        return "\n".join(fit([f"{e.name}: written. {e.undecided}, {who}"]))
    if verdict.ok:
        return "\n".join(fit([_right(verdict, fresh_seed), *_remarks(verdict)]))
    problem = verdict.problem
    if problem.kind == "not attempted":
        return f"{e.name}: not written yet. {_worth(verdict)}"
    lines = [f"{_headline(verdict)} {_seen(verdict)}"]
    lines.append(_sentence(problem.text))
    if problem.detail:
        lines.append(_sentence(problem.detail))
    lines += _cause(verdict)
    if verdict.others:
        lines.append(f"Also wrong, perhaps for the same reason: {', '.join(verdict.others)}.")
    lines += _remarks(verdict)
    lines.append(f'Read again: {e.read}. Stuck? Run hint("{e.name}").')
    if sum(map(len, wrap(lines))) > LINES:
        lines[0] = f"{_headline(verdict)} {_seen(verdict, where=False)}"
    return "\n".join(fit(lines))


def _right(verdict, fresh_seed) -> str:
    e = verdict.exercise
    if fresh_seed is None:
        return f"{e.name}: {verdict.cases} of {verdict.cases} cases; grading uses fresh ones. {_worth(verdict)}"
    return f"{e.name}: {verdict.cases} of {verdict.cases} fresh cases, seed {fresh_seed}. {_worth(verdict)}"


def _headline(verdict) -> str:
    e = verdict.exercise
    if verdict.points < e.points:
        return f"{e.name}: not right yet. {_worth(verdict)}"
    wrong = " and ".join(part for part, right in verdict.right.items() if not right)
    why = "; the way back needs it" if wrong.startswith("cache") else ""
    return f"{e.name}: {_worth(verdict)[:-1]}, but {wrong} is not right yet{why}."


def _worth(verdict) -> str:
    return f"{points_text(verdict.points)} of {points_text(verdict.exercise.points)} points."


def _seen(verdict, where=True) -> str:
    wrong = verdict.cases - verdict.cases_right
    if wrong == verdict.cases:
        return f"Wrong in all {verdict.cases} cases."
    place = f", seen with {verdict.where}" if where else ""
    return f"Wrong in {wrong} of {verdict.cases} cases{place}."


def _cause(verdict) -> list[str]:
    if not verdict.causes:
        return []
    if len(verdict.causes) == 1:
        return ["Likely cause: " + _sentence(verdict.causes[0])]
    return ["Two likely causes: (1) " + " (2) ".join(map(_sentence, verdict.causes))]


def _remarks(verdict) -> list[str]:
    lines = []
    if verdict.blame and verdict.ok:
        blamed = " or ".join(verdict.blame)
        lines.append(f"This function is right; the fault is in {blamed}, which it calls. Mend that one first.")
    elif verdict.blame:
        lines.append(f"Judged with the right {' and '.join(verdict.blame)} in place of yours, which is not right yet.")
    if verdict.note:
        lines.append(verdict.note)
    return lines


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else text + "."


def wrap(lines: list[str]) -> list[list[str]]:
    """Each paragraph in lines of at most eighty characters."""
    return [textwrap.wrap(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False) or [""] for line in lines]


def fit(lines: list[str]) -> list[str]:
    """Wrap to eighty characters; if that makes more than eight lines, shorten the longest paragraph."""
    wrapped = wrap(lines)
    while sum(map(len, wrapped)) > LINES:
        longest = max(wrapped, key=len)
        longest.pop()
        indent = "  " if len(longest) > 1 else ""
        longest[-1] = indent + textwrap.shorten(longest[-1].strip() + " " + "x" * WIDTH, WIDTH - 6, placeholder=" …")
    return [line for paragraph in wrapped for line in paragraph]
