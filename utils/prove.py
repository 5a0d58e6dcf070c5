"""`python -m utils prove`: plant every known mistake and see it rejected and named; see right answers accepted.

A check that has never failed is not yet a check. For each exercise this plants its mistakes one by one, then some in
pairs, spoils right answers in ways that no mistake explains, and passes right answers written in other ways
(tests/also_right). A named cause that was not planted is a false accusation, and so is a right answer turned away.
Each planted mistake, and the right answer, is judged once more from another process and must get the same verdict.
"""

import argparse
import contextlib
import importlib.util
import itertools
import json
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from utils.checking.causes import mistakes_of
from utils.checking.exercise import Exercise, pieces, planted
from utils.checking.exercises import find, known
from utils.checking.judge import Here, Verdict, judge
from utils.errors import CourseError
from utils.grading.elsewhere import Elsewhere
from utils.paths import root

SEED = 20_26
FEW = 10  # exercises for which a second process costs more than it saves
PAIRS = 12  # pairs of mistakes tried per exercise; --pairs tries all
EMPTY = "globals().clear()\n__name__ = '__main__'"  # nothing of the exercise before it helps an answer
COLUMNS = (
    "mistakes",
    "rejected",
    "recognised",
    "distinct",
    "pairs",
    "pairs_named",
    "also_right",
    "accepted",
    "elsewhere",
    "false_accusations",
)


_kept: list[Elsewhere] = []


class Inlined(Here):
    """A learner who wrote everything in one function: there is no earlier function to be blamed."""

    @contextlib.contextmanager
    def with_references(self, names):
        yield False


def verdict_on(exercise: Exercise, function) -> Verdict:
    """The verdict on fixed cases."""
    return judge(exercise, function, np.random.default_rng(SEED))


def prove(exercise: Exercise, all_pairs=False) -> dict:
    """The figures of one exercise, and what went wrong in words under "misses"."""
    misses: list[str] = []
    counts = dict.fromkeys(COLUMNS, 0)
    counts["mistakes"] = len(exercise.mistakes)
    here = _plant_single(exercise, counts, misses)
    _plant_pairs(exercise, counts, misses, all_pairs)
    _spoil(exercise, counts, misses)
    _accept(exercise, counts, misses)
    _judge_elsewhere(exercise, counts, misses, here)
    causes = [mistake.cause for mistake in exercise.mistakes]
    for cause in sorted({cause for cause in causes if causes.count(cause) > 1}):
        misses.append(f"{exercise.name} has two mistakes with the same cause: {cause}")
    if len(exercise.mistakes) < 5:
        misses.append(f"{exercise.name} has {len(exercise.mistakes)} mistakes; at least 5 are wanted")
    return counts | {"misses": misses}


def _plant_single(exercise, counts, misses):
    """Returns the verdicts on what was planted in the exercise's own function, by mistake."""
    outcomes, here = {}, {}
    for mistake in exercise.mistakes:
        function = planted(exercise, (mistake,))
        verdict = verdict_on(exercise, Inlined(function) if mistake.where else function)
        counts["rejected"] += not verdict.ok
        counts["recognised"] += verdict.causes == (mistake.cause,)
        if verdict.ok:
            misses.append(f"{exercise.name} accepts the mistake: {mistake.cause}")
        elif verdict.causes != (mistake.cause,):
            counts["false_accusations"] += bool(verdict.causes)
            misses.append(f"{exercise.name} names {verdict.causes or 'nothing'} for: {mistake.cause}")
        outcomes[mistake.cause] = verdict
        if not mistake.where:
            here[mistake] = verdict
    # a twin of an earlier mistake gives its outputs, so it is named like it
    twins = [c for c, v in outcomes.items() if v.causes and v.causes != (c,)]
    counts["distinct"] = len(outcomes) - len(twins)
    return here


def _plant_pairs(exercise, counts, misses, all_pairs):
    pairs = list(itertools.combinations(exercise.mistakes, 2))
    for pair in pairs if all_pairs else pairs[:: max(1, len(pairs) // PAIRS)]:
        try:
            function = planted(exercise, pair)
        except ValueError:
            continue
        counts["pairs"] += 1
        verdict = verdict_on(exercise, Inlined(function))
        planted_causes = {m.cause for m in pair}
        counts["pairs_named"] += set(verdict.causes) == planted_causes
        if not set(verdict.causes) <= planted_causes and not _equivalent(exercise, function, verdict.causes):
            counts["false_accusations"] += 1
            misses.append(f"{exercise.name} names {verdict.causes} for the pair {sorted(planted_causes)}")


def _equivalent(exercise, function, causes) -> bool:
    """Whether the causes named give the very outputs of what was planted, so that no judge could tell them apart."""
    by_cause = {m.cause: m for m in mistakes_of(exercise)}
    if not set(causes) <= set(by_cause):
        return False
    other = planted(exercise, [by_cause[c] for c in causes])
    for seed in range(SEED, SEED + 3):
        one = [judge(exercise, Inlined(f), np.random.default_rng(seed)) for f in (function, other)]
        if one[0].problem != one[1].problem or one[0].right != one[1].right:
            return False
    return True


def spoiled(value, how):
    """A right answer with every number spoiled by `how`; whole numbers grow by one, texts by a mark."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return how(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "iu":
        return value + 1
    if isinstance(value, str):
        return f"{value}'"
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float | int):
        return type(value)(how(np.float64(value)) + (isinstance(value, int)))
    if isinstance(value, dict):
        return {k: spoiled(v, how) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(spoiled(v, how) for v in value)
    return value


SPOILS = {
    "1 % too large": lambda v: v * 1.01,
    "shifted by 0.017": lambda v: v + 0.017,
    "rounded": lambda v: np.round(v, 2) + 0.001,
}


class Changed(Inlined):
    """The textbook's answer, with what comes of each case changed by `how`."""

    def __init__(self, exercise, how):
        super().__init__(exercise.textbook)
        self.how = how

    def run(self, exercise, kwargs):
        outcome = super().run(exercise, kwargs)
        outcome.value = self.how(outcome.value)
        return outcome


def _spoil(exercise, counts, misses):
    for label, how in SPOILS.items():
        verdict = verdict_on(exercise, Changed(exercise, lambda value, how=how: spoiled(value, how)))
        if verdict.ok or verdict.causes:
            counts["false_accusations"] += bool(verdict.causes)
            misses.append(f"{exercise.name}, {label}: {'accepted' if verdict.ok else verdict.causes}")


def _accept(exercise, counts, misses):
    for label, function in also_right(exercise).items():
        counts["also_right"] += 1
        verdict = verdict_on(exercise, function)
        counts["accepted"] += verdict.ok
        if not verdict.ok:
            counts["false_accusations"] += 1
            misses.append(f"{exercise.name} turns away a right answer ({label}): {verdict.problem}")


def _judge_elsewhere(exercise, counts, misses, here):
    """here: verdicts of this process by mistake; those that are not in it are reached now."""
    worker = _worker()
    worker.replay(EMPTY)
    for mistake in (None, *exercise.mistakes):
        mistakes = (mistake,) if mistake else ()
        worker.replay(elsewhere_text(exercise, mistakes))
        beside_us = here.get(mistake) or verdict_on(exercise, planted(exercise, mistakes))
        same = verdict_on(exercise, worker) == beside_us
        counts["elsewhere"] += same
        if not same:
            what = mistake.cause if mistake else "the right answer"
            misses.append(f"{exercise.name} gets another verdict from another process for: {what}")


def _worker() -> Elsewhere:
    """Another process, kept for all exercises that this one judges: its start takes longer than most of them."""
    if not _kept or _kept[0].dead:
        _kept[:] = [Elsewhere()]
    return _kept[0]


def also_right(exercise: Exercise) -> dict:
    """Right answers in other clothes: rearranged by machine, and written by hand in tests/also_right."""

    def dressed(how):
        return Changed(exercise, lambda value: _map(value, how))

    found = {
        "Fortran order": dressed(lambda v: np.asfortranarray(v) if isinstance(v, np.ndarray) else v),
        "float32": dressed(lambda v: v.astype(np.float32) if isinstance(v, np.ndarray) and v.dtype == float else v),
        "lists for tuples": dressed(lambda v: list(v) if isinstance(v, tuple) else v),
        "NumPy numbers": dressed(lambda v: np.asarray(v)[()] if type(v) in (int, float) else v),
        "the reference": lambda *args, **kwargs: exercise.reference(*args, **kwargs),
    }
    prefix = f"{exercise.name}__"
    for path in sorted((root() / "tests" / "also_right").glob("*.py")):
        if f" {prefix}" not in path.read_text(encoding="utf-8"):
            continue
        spec = importlib.util.spec_from_file_location(f"also_right_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= {n.removeprefix(prefix): f for n, f in vars(module).items() if n.startswith(prefix)}
    return found


def _map(value, how):
    if isinstance(value, dict):
        return {k: _map(v, how) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return how(type(value)(_map(v, how) for v in value))
    return how(value)


def elsewhere_text(exercise: Exercise, mistakes=()) -> str:
    """An answer with mistakes in it as a cell for another process."""
    return "\n\n".join([exercise.prelude, *pieces(exercise, mistakes)])


def chosen(lesson: str | None) -> list[Exercise]:
    """The exercises of a lesson ("01", "01a") or one by name; all without an argument."""
    exercises = [find(name) for name in known()]
    if lesson is None:
        return exercises
    wanted = lesson.partition("_")[0] if lesson[:2].isdigit() else lesson
    found = [e for e in exercises if e.lesson.startswith(wanted) or e.name == lesson]
    if not found:
        lessons = sorted({e.lesson for e in exercises})
        if wanted.isdigit():
            raise CourseError(f"There are no exercises in lesson {lesson}; there are some in {', '.join(lessons)}.")
        find(lesson)  # says which name is near
    return found


def prove_all(exercises, all_pairs=False) -> dict:
    """The figures of each exercise by name, over as many processes as there are cores when there is much to do."""
    names = [exercise.name for exercise in exercises]
    if len(names) < FEW or (os.cpu_count() or 1) < 2:
        return {exercise.name: prove(exercise, all_pairs) for exercise in exercises}
    with ProcessPoolExecutor(min(8, os.cpu_count()), mp_context=get_context("spawn")) as pool:
        return dict(zip(names, pool.map(_prove_by_name, names, itertools.repeat(all_pairs)), strict=True))


def _prove_by_name(name, all_pairs):
    return prove(find(name), all_pairs)


def main(argv: list[str]) -> int:
    """Print the table, or JSON, and what went wrong. Returns 1 on any miss."""
    parser = argparse.ArgumentParser(prog="python -m utils prove", description=__doc__.splitlines()[0])
    parser.add_argument("lesson", nargs="?", help="a lesson such as 01, or the name of one exercise")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--pairs", action="store_true", help="plant all pairs of mistakes, not a sample")
    options = parser.parse_args(argv)
    results = prove_all(chosen(options.lesson), options.pairs)
    totals = {"exercises": len(results)} | {c: sum(r[c] for r in results.values()) for c in COLUMNS}
    misses = [m for r in results.values() for m in r["misses"]]
    if options.json:
        print(json.dumps({"exercises": results, "totals": totals}, indent=2, ensure_ascii=False))
    else:
        _print_table(results, totals)
        print("\n".join(misses) if misses else "Every mistake was rejected, and none was named that was not planted.")
    return 1 if misses else 0


def _print_table(results, totals):
    width = max(map(len, [*results, "exercise"]))
    print(f"{'exercise':<{width}}  " + "  ".join(c.replace("_", " ") for c in COLUMNS))
    for name, row in [*results.items(), ("all", totals)]:
        print(f"{name:<{width}}  " + "  ".join(f"{row[c]:>{len(c)}}" for c in COLUMNS))
