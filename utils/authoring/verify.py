"""`python -m utils verify`: what must hold of every built notebook, one small rule each.

A rule takes one `Built` (or, for the rules about the whole course, all of them) and returns a list of problems.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from utils import paths
from utils.authoring import navigation, reading
from utils.authoring.release import figure_changes, make_release, release_path
from utils.authoring.text import BEGIN, END, dump, inputs, load, read_lesson

KNOWN_TAGS = {"setup", "demo", "try-it", "nbval-ignore-output", "raises-exception", navigation.TAG}
LONGEST_CELL = 60
NEVER_RELEASED = ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "MARK SCHEME")


@dataclass
class Built:
    """One notebook: its expanded text, the executed solution, and the bytes of the released file ('' when absent)."""

    path: Path
    wanted: NotebookNode
    solution: NotebookNode
    released: str

    def code(self) -> list[NotebookNode]:
        return [cell for cell in self.solution.cells if cell.cell_type == "code"]


def mark(cell: NotebookNode) -> dict:
    """A cell's nbgrader metadata, empty for a cell without."""
    return cell.metadata.get("nbgrader", {})


def released_as_rebuilt(built: Built) -> list[str]:
    if built.released == dump(make_release(built.solution, built.path.stem)):
        return []
    return ["the released notebook is not what its solution gives; run `make notebooks`"]


def solution_as_text(built: Built) -> list[str]:
    have, want = built.solution.cells, built.wanted.cells
    if len(have) != len(want):
        return [f"the solution has {len(have)} cells, its text has {len(want)}; run `make notebooks`"]
    return [
        f"cell {k} ({b.id}) of the solution is not what the text says; run `make notebooks`, or absorb the edit"
        for k, (a, b) in enumerate(zip(have, want, strict=True), 1)
        if inputs(a) != inputs(b) or a.id != b.id
    ]


def executed(built: Built) -> list[str]:
    counts = [cell.execution_count for cell in built.code()]
    if counts != list(range(1, len(counts) + 1)):
        return [f"execution counts are {counts}, not 1 to {len(counts)}; run `make notebooks ALL=1`"]
    return []


def no_errors(built: Built) -> list[str]:
    return [
        f"cell {cell.id} ends in {output.ename}"
        for cell in built.code()
        for output in cell.outputs
        if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", [])
    ]


def nothing_on_stderr(built: Built) -> list[str]:
    """nbgrader gives no points to a graded cell that writes to stderr, even for a warning."""
    return [
        f"cell {cell.id} writes to stderr: {output.text.strip().splitlines()[-1][:80]}"
        for cell in built.code()
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]


def nothing_given_away(built: Built) -> list[str]:
    if not built.released:
        return ["there is no released notebook; run `make notebooks`"]
    problems = [f"the released notebook holds the words {word}" for word in NEVER_RELEASED if word in built.released]
    cells = reading.notebook(built.released).cells
    everything = "\n".join(cell.source for cell in cells)
    for cell in built.solution.cells:
        answer = cell.source.partition(BEGIN)[2].partition(END)[0].strip()
        if answer and answer in everything:
            problems.append(f"the released notebook holds the answer of {cell.id}")
    return problems + [
        f"released cell {c.id} has outputs" for c in cells if c.get("outputs") or c.get("execution_count")
    ]


def headings(built: Built) -> list[str]:
    levels = [(len(marks), words) for cell in built.solution.cells for marks, words in reading.headings(cell)]
    problems = [] if sum(level == 1 for level, _ in levels) == 1 else ["expected exactly one heading of level 1"]
    if levels and levels[0][0] != 1:
        problems.append(f"the first heading is '{levels[0][1]}', of level {levels[0][0]}, not 1")
    for (before, _), (level, words) in zip(levels, levels[1:], strict=False):
        if level > before + 1:
            problems.append(f"heading '{words}' jumps from level {before} to {level}")
    return problems


def images(built: Built) -> list[str]:
    problems = []
    for alt, target in (image for cell in built.solution.cells for image in reading.images(cell)):
        if len(alt.split()) < 3:
            problems.append(f"image {target} has no words for those who cannot see it")
        if not (built.path.parent / target).is_file():
            problems.append(f"image {target} is not a file beside the lesson")
    return problems


def short_cells(built: Built) -> list[str]:
    lengths = ((cell.id, len(cell.source.splitlines())) for cell in built.solution.cells)
    return [f"cell {name} has {n} lines, more than {LONGEST_CELL}" for name, n in lengths if n > LONGEST_CELL]


def shadow_guard(built: Built) -> list[str]:
    """A stranger's utils.py beside the notebook is the commonest fault of all: the first cell must notice it."""
    code = built.code()
    return [] if code and "__course__" in code[0].source else ["the first code cell does not look at utils.__course__"]


def known_tags(built: Built) -> list[str]:
    tags = [(cell.id, tag) for cell in built.solution.cells for tag in cell.metadata.get("tags", [])]
    return [f"cell {name} has the unknown tag {tag}{paths.did_you_mean(tag, KNOWN_TAGS)}" for name, tag in tags
            if tag not in KNOWN_TAGS]  # fmt: skip


def checks_follow(built: Built) -> list[str]:
    """A graded check is named NAME-check, calls check(NAME) and stands below its exercise; each exercise has one."""
    seen: list[str] = []
    checked: set[str] = set()
    problems = []
    for cell in built.code():
        name, graded, answer = mark(cell).get("grade_id", ""), mark(cell).get("grade"), mark(cell).get("solution")
        checked |= {exercise for exercise in seen if f"check({exercise})" in cell.source}
        if answer:
            seen.append(name)
        elif graded:
            exercise = name.removesuffix("-check")
            if f"check({exercise})" not in cell.source or exercise == name:
                problems.append(f"check cell {name} must be named NAME-check and call check(NAME)")
            elif exercise not in seen:
                problems.append(f"check cell {name} has no exercise {exercise} above it")
    return problems + [f"exercise {name} has no check below it" for name in seen if name not in checked]


def unique_grade_ids(course: list[Built]) -> list[str]:
    where: dict[str, list[str]] = {}
    for built in course:
        for cell in built.solution.cells:
            if "grade_id" in mark(cell):
                where.setdefault(mark(cell)["grade_id"], []).append(built.path.stem)
    return [f"grade_id {name} is used {len(at)} times: {', '.join(at)}" for name, at in where.items() if len(at) > 1]


def points_of_parts(course: list[Built]) -> list[str]:
    from utils.checking.exercises import find

    problems = []
    for cell in (cell for built in course for cell in built.solution.cells):
        name = mark(cell).get("grade_id", "")
        if mark(cell).get("grade") and name.endswith("-check"):
            try:
                expected = sum(find(name.removesuffix("-check")).parts.values())
            except Exception as error:  # whatever is wrong with one exercise, the others are to be looked at too
                problems.append(f"{name}: {error}")
                continue
            if mark(cell)["points"] != expected:
                problems.append(f"{name} is worth {mark(cell)['points']} points, its parts {expected:g}")
    return problems


def nothing_stray(course: list[Built]) -> list[str]:
    """notebooks/ holds the releases and their figures, up to date, and nothing else; so nothing else is handed out."""
    problems = []
    allowed = {release_path(built.path) for built in course}
    for lesson in sorted({built.path.parent for built in course}):
        changes = figure_changes(lesson.name)
        problems += [
            f"{path.relative_to(paths.root())} is not as in solutions/; run `make notebooks`" for path, _ in changes
        ]
        for path in reading.files(lesson):
            if path.suffix not in (".py", ".ipynb") and "figures" not in path.parts:
                problems.append(f"{path.relative_to(paths.root())} is not released; put it into figures/ or data/")
    for path in reading.files(paths.root() / "notebooks"):
        if path not in allowed and path.parent.name != "figures":
            problems.append(f"{path.relative_to(paths.root())} has no lesson text; delete it")
    return problems


NOTEBOOK_RULES = (released_as_rebuilt, solution_as_text, executed, no_errors, nothing_on_stderr, nothing_given_away,
                  headings, images, short_cells, shadow_guard, known_tags, checks_follow)  # fmt: skip
COURSE_RULES = (unique_grade_ids, points_of_parts, nothing_stray)


def read_course() -> list[Built]:
    """Every lesson with what was built of it. CourseError when a solution is missing or damaged."""
    course = []
    for text in paths.pick_notebooks(paths.root() / "solutions", ".py"):
        release = release_path(text)
        released = release.read_text(encoding="utf-8") if release.is_file() else ""
        if released:
            load(release)
        course.append(Built(text, read_lesson(text), load(text.with_suffix(".ipynb")), released))
    return course


def verify() -> list[str]:
    """Every problem of the course, each with the notebook's name in front; empty when all rules hold."""
    course = read_course()
    found = [f"{built.path.stem}: {words}" for built in course for rule in NOTEBOOK_RULES for words in rule(built)]
    return found + [words for rule in COURSE_RULES for words in rule(course)]


def main(argv: list[str]) -> int:
    """`python -m utils verify`: prints the problems; 1 when there are any."""
    argparse.ArgumentParser(prog="python -m utils verify", description="Check every built notebook.").parse_args(argv)
    problems = verify()
    for words in problems:
        print(words)
    rules = len(NOTEBOOK_RULES) + len(COURSE_RULES)
    print(f"{len(problems)} problems" if problems else f"{len(read_course())} notebooks hold to {rules} rules")
    return 1 if problems else 0
