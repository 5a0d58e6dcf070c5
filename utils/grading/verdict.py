"""From a submission to a report: taken in, replayed in sandboxes, judged here.

Pure: the same files and the same seed give the same report, whoever else is graded, and in whatever order.
"""

import os
import sys
import time
import zlib
from pathlib import Path

from utils.checking.exercises import find
from utils.checking.message import message

from .check import plain
from .distrust import CELLS, StrangersBench
from .elsewhere import Plain
from .finding import IN_WORDS, NOT_ATTEMPTED, NOT_HANDED_IN, UNREADABLE, finding, finding_of, no_function
from .inbox import Handed, read
from .intake import Sheet, releases, take_in
from .known import exercise
from .outputs import check_outputs, display_outputs
from .reduced import data_folder, tree
from .report import MISSING, ZERO, Report
from .sample import grade_id
from .sandbox import Sandbox
from .walls import python_command

SERVE = "from utils.grading.worker import main, nursery; main(nursery)"
NOT_REPLAYED = {"demo", "try-it"}
LEFT_OUT = "it ended its process, or ran for too long, and was left out."
TOO_SLOW = f"it was left out: your cells took more than {CELLS:g} seconds together."


def look_at(student: str, lesson: str, folder: Path, seed: int, unsafe=False, known="") -> Report | None:
    """The report on one submission, from its folder; None where its digest is the known one."""
    handed = news(lesson, folder, known)
    return handed and judge(student, lesson, handed, seed, unsafe)


def news(lesson: str, folder: Path, known: str) -> Handed | None:
    """What was handed in; None where its digest is the known one."""
    handed = read(folder, releases(lesson))
    return None if handed.digest == known else handed


def judge(student: str, lesson: str, handed: Handed, seed: int, unsafe=False) -> Report:
    """The report on one submission, from its bytes.

    unsafe: without a sandbox, for work that is not a stranger's.
    """
    released = releases(lesson)
    intake = take_in(handed, released)
    report = Report(student, lesson, remarks=list(intake.remarks), received=intake.received, digest=intake.digest)
    for name, sheet in intake.sheets.items():
        report.remarks += [f"{name}: {remark}" for remark in (*sheet.remarks, sheet.fault) if remark]
        if sheet.fault:
            report.scores[name], verdicts = refuse(sheet)
        else:
            report.scores[name], verdicts = judge_notebook(sheet, seed, opener(name, unsafe))
        report.verdicts |= verdicts
        report.unanswered[name] = unanswered(sheet.notebook, released[name])
        for blank in set(report.unanswered[name]) & set(report.scores[name]):  # an answer in words that nobody wrote
            report.scores[name][blank] = 0.0
            report.verdicts[exercise(blank)]["kind"] = NOT_ATTEMPTED
        if not sheet.missing:
            report.notebooks[name] = sheet.notebook
    faults = [sheet.fault for sheet in intake.sheets.values()]
    if all(sheet.missing for sheet in intake.sheets.values()):
        report.status, report.reason = MISSING, faults[0]
    elif all(faults):
        report.status, report.reason = ZERO, next(s.fault for s in intake.sheets.values() if not s.missing)
    return report


def opener(notebook: str, unsafe: bool = False):
    """What starts the process for one notebook: a sandbox, or a plain process of this Python."""
    # imported once, before the children are made; none of them has to
    serve = f"import torch; {SERVE}" if (tree(notebook) / "utils/torch_port/probes").is_dir() else SERVE
    if unsafe:
        path = [str(tree(notebook)), *(p for p in sys.path if "site-packages" in p)]
        code = f"import sys; sys.path[:0] = {path!r}; {serve}"
        return lambda: Plain([sys.executable, "-I", "-S", "-c", code])
    slot = os.getpid() % 5000  # a user of its own for each process that judges
    return lambda: Sandbox(tree(notebook), data_folder(), python_command("-c", serve), slot=slot)


def refuse(sheet: Sheet) -> tuple[dict, dict]:
    """Nothing for a notebook that could not be read; its check cells say why. As `judge_notebook`."""
    for cell in graded(sheet.notebook):
        if cell["cell_type"] == "code":
            put_verdict(cell, 0.0, f"{exercise(grade_id(cell))}: {sheet.fault}")
    names = [grade_id(cell) for cell in graded(sheet.notebook)]
    why = NOT_HANDED_IN if sheet.missing else UNREADABLE
    return dict.fromkeys(names, 0.0), {exercise(name): finding(why, False, False) for name in names}


def judge_notebook(sheet: Sheet, seed: int, start) -> tuple[dict[str, float | None], dict[str, dict]]:
    """Replay a notebook's cells, judge its exercises, and write what came of both into its cells.

    Returns the points by grade_id, None for an answer in words, which a person has to read; and what was found by
    exercise.
    """
    points = dict.fromkeys(map(grade_id, graded(sheet.notebook)))
    verdicts = {exercise(name): finding(IN_WORDS) for name in points}
    cells = [cell for cell in sheet.notebook["cells"] if is_replayed(cell)]
    with StrangersBench(start) as bench:
        errors = replay_all(bench, cells)
        for cell in graded(sheet.notebook):
            if cell["cell_type"] == "code":
                asked = find(exercise(grade_id(cell)))
                verdict = bench.judge(asked, [seed, zlib.crc32(asked.name.encode())])
                parts = [(p, most * verdict.right[p], most) for p, most in asked.parts.items()]
                put_verdict(cell, verdict.points, in_words(verdict, seed, errors[asked.name]), parts)
                points[grade_id(cell)] = verdict.points
                verdicts[asked.name] = finding_of(verdict, errors[asked.name])
        left_out = {key for key, error in errors.items() if error in (LEFT_OUT, TOO_SLOW)}
        seen = bench.show([(cell["id"], plain(source(cell))) for cell in cells if cell["id"] not in left_out])
    for cell in cells:
        cell["outputs"] = display_outputs(*seen.get(cell["id"], ("", errors[cell["id"]], [])))
    return points, verdicts


def replay_all(bench, cells) -> dict[str, str]:
    """Replay the cells. Returns {cell's id: the error that it stopped with, or ""}."""
    errors, left = {}, CELLS
    for cell in cells:
        own, start = "course" in cell["metadata"], time.monotonic()
        if own and left <= 0:
            errors[cell["id"]] = TOO_SLOW
            continue
        errors[cell["id"]] = bench.replay(plain(source(cell)))
        left -= (time.monotonic() - start) * own
    for cell in cells:
        if errors[cell["id"]] != TOO_SLOW and plain(source(cell)) not in bench.cells:
            errors[cell["id"]] = LEFT_OUT
    return errors


def in_words(verdict, seed, stopped: str) -> str:
    """What the learner reads; where no function came of a cell that stopped, why it stopped."""
    if no_function(verdict, stopped):
        name, most = verdict.exercise.name, verdict.exercise.points
        return f"{name}: there is no such function, because its cell stopped with {stopped} 0 of {most:g} points."
    return message(verdict, seed)


def put_verdict(cell, points, words, parts=()) -> None:
    """Write a verdict into a check cell."""
    cell["outputs"] = check_outputs(points, cell["metadata"]["nbgrader"]["points"], words, list(parts))


def unanswered(notebook, release) -> list[str]:
    """The grade_ids of answers that stand as they were released."""
    blank = {grade_id(cell): source(cell) for cell in release["cells"] if nbgrader(cell).get("solution")}
    there = {grade_id(cell): source(cell) for cell in notebook["cells"]}
    return [name for name, text in blank.items() if there.get(name) == text]


def graded(notebook) -> list[dict]:
    """The cells that give points."""
    return [cell for cell in notebook["cells"] if nbgrader(cell).get("grade")]


def is_replayed(cell) -> bool:
    """Setup, answers and the student's own code: what functions may stand on."""
    return (
        cell["cell_type"] == "code"
        and not nbgrader(cell).get("grade")
        and not NOT_REPLAYED & set(cell["metadata"].get("tags", ()))
    )


def nbgrader(cell) -> dict:
    return cell["metadata"].get("nbgrader", {})


def source(cell) -> str:
    return "".join(cell["source"])
