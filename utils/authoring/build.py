"""`make notebooks`: lesson text -> solutions/*.ipynb (executed) -> notebooks/*.ipynb (released).

What has changed is decided by hashes kept in the notebooks under `metadata.course`, never by times:

    solution  cells     the inputs as built          depends  utils modules and data that they reach
              release   the released form's cells    recipe   how a release is made
    release   release   its own cells, by which a hand edit is noticed
"""

import argparse
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from utils import paths
from utils.authoring.depends import depends_hash
from utils.authoring.execute import execute
from utils.authoring.text import dump, inputs_hash, is_edited, load, own_hash, read_lesson
from utils.errors import CourseError


@dataclass
class Plan:
    """One notebook to build: where it lies, what its text says now, and what is already there."""

    text: Path
    wanted: NotebookNode
    stamp: dict[str, str]
    existing: NotebookNode | None
    released: NotebookNode | None

    @property
    def name(self) -> str:
        return self.text.stem

    @property
    def solution(self) -> Path:
        return self.text.with_suffix(".ipynb")

    @property
    def release(self) -> Path:
        return paths.root() / "notebooks" / self.text.parent.name / f"{self.name}.ipynb"

    def needs_execution(self) -> bool:
        """Whether the text, or a module or data file that it reaches, has changed since the notebook was executed."""
        course = self.existing.metadata.get("course", {}) if self.existing else {}
        keys = ("cells", "depends")
        return (
            any(course.get(key) != self.stamp[key] for key in keys) or inputs_hash(self.existing) != self.stamp["cells"]
        )

    def needs_release(self) -> bool:
        """Whether the released notebook is absent or is not the one that this solution gave."""
        course = self.existing.metadata.get("course", {}) if self.existing else {}
        kept = self.released.metadata.get("course", {}).get("release") if self.released else None
        return kept is None or kept != course.get("release") or course.get("recipe") != self.stamp["recipe"]


def plan(text: Path, force: bool = False) -> Plan:
    """Read one lesson and what was built of it. With `force`, damaged or edited notebooks count as absent."""
    wanted = read_lesson(text)
    stamp = {"cells": inputs_hash(wanted), "depends": depends_hash(wanted), "recipe": _recipe()}
    made = Plan(text, wanted, stamp, None, None)
    made.existing, made.released = _existing(made.solution, force), _existing(made.release, force)
    return made


def _existing(path: Path, force: bool) -> NotebookNode | None:
    if not path.is_file():
        return None
    try:
        return load(path)
    except CourseError:
        if force:
            return None
        raise


def _recipe() -> str:
    seal = hashlib.sha256()
    for path in (paths.root() / "nbgrader_config.py", Path(__file__).with_name("release.py")):
        seal.update(path.read_bytes())
    return seal.hexdigest()


def refuse_edits(plans: list[Plan]) -> None:
    """CourseError when a notebook that the build would replace was edited by hand. Names the file and the ways out."""
    for one in plans:
        if one.existing is not None:
            held = inputs_hash(one.existing)
            if held not in (one.existing.metadata.get("course", {}).get("cells"), one.stamp["cells"]):
                raise CourseError(
                    f"{_relative(one.solution)} was edited by hand and would be replaced; take the edit into the text "
                    f"with `python -m utils absorb {one.name}`, or drop it with `--force`."
                )
        if one.released is not None and is_edited(one.released):
            raise CourseError(
                f"{_relative(one.release)} was edited by hand and would be replaced; move your copy to work/, or drop "
                f"the edit with `--force`."
            )


def build(
    query: list[str] | None = None,
    *,
    everything: bool = False,
    force: bool = False,
    to_gradebook: bool = True,
    db: str | None = None,
    say: Callable[[str], None] = print,
) -> list[Path]:
    """Build the lessons that `query` names (all when empty) as far as they changed; the solutions, in order.

    `everything` executes each again; `force` replaces notebooks edited by hand; `to_gradebook` registers the lessons,
    in the gradebook `db` if it is not the course's own.
    CourseError when another build runs, a notebook was edited by hand, a cell raises, or a file cannot be written.
    """
    root = paths.root()
    with paths.hold_lock(root / "build" / ".lock", "build"):
        gradebook = _gradebook(db) if to_gradebook else None
        plans = [plan(text, force) for text in lesson_texts(query)]
        if not force:
            refuse_edits(plans)
        stale = set()
        for one in plans:
            if _build_solution(one, everything or force, say):
                stale.add(one.name)
        for lesson in sorted({one.text.parent.name for one in plans}):
            _release_lesson([one for one in plans if one.text.parent.name == lesson], stale, gradebook)
    return [one.solution for one in plans]


def _gradebook(db: str | None):
    """The address `db`, or that of the course's own gradebook, once it is fit to be released to."""
    from utils.grading.database import prepare
    from utils.grading.folder import settings

    return prepare(db or settings(paths.root())[1])


def lesson_texts(query: list[str] | None) -> list[Path]:
    """The .py files that the queries name, each once, in the order of the course."""
    folder = paths.root() / "solutions"
    chosen = {path for one in (query or [None]) for path in paths.pick_notebooks(folder, ".py", one)}
    return sorted(chosen)


def _build_solution(one: Plan, again: bool, say: Callable[[str], None]) -> bool:
    """Execute and write one solution, when it needs to be. Whether its release must be made anew."""
    if not (again or one.needs_execution() or one.needs_release()):
        say(f"{one.name:<28} unchanged")
        return False
    from utils.authoring.release import make_release  # nbgrader takes a second to import

    begun, execution = time.perf_counter(), again or one.needs_execution()
    solution = execute(one.wanted, one.text.parent, one.name) if execution else one.existing
    solution.metadata["course"] = one.stamp | {"release": own_hash(make_release(solution, one.name))}
    content = dump(solution)
    if not one.solution.is_file() or one.solution.read_text(encoding="utf-8") != content:
        paths.write_atomic(one.solution, content)
    say(f"{one.name:<28} {'executed' if execution else 'released'} {time.perf_counter() - begun:8.1f} s")
    return True


def _release_lesson(plans: list[Plan], stale: set[str], gradebook) -> None:
    """Register one lesson, then write its releases and figures: never one that the gradebook does not know."""
    from utils.authoring.release import copy_figures, make_release, register, write_release

    lesson = plans[0].text.parent.name
    if gradebook is not None:
        register(lesson, gradebook)
    for one in plans:
        if one.name in stale:
            write_release(one.release, make_release(load(one.solution), one.name))
    copy_figures(lesson)


def _relative(path: Path) -> str:
    return path.relative_to(paths.root()).as_posix()


def main(argv: list[str]) -> int:
    """`python -m utils build [--all] [--force] [--no-register] [NB ...]`."""
    parser = argparse.ArgumentParser(prog="python -m utils build", description="Build the lessons that have changed.")
    parser.add_argument(
        "notebooks", nargs="*", metavar="NB", help="a number (01, 01a), a lesson or a notebook; default all"
    )
    parser.add_argument("--all", action="store_true", help="execute every notebook again")
    parser.add_argument("--force", action="store_true", help="replace notebooks that somebody has edited")
    parser.add_argument("--no-register", action="store_true", help="leave the gradebook alone")
    options = parser.parse_args(argv)
    begun = time.perf_counter()
    built = build(options.notebooks, everything=options.all, force=options.force, to_gradebook=not options.no_register)
    print(f"{len(built)} notebook{'s' * (len(built) != 1)} up to date in {time.perf_counter() - begun:.1f} s")
    return 0


def release(argv: list[str]) -> int:
    """`python -m utils release [NB ...]`: what an instructor runs before `nbgrader autograde`."""
    parser = argparse.ArgumentParser(
        prog="python -m utils release", description="Build what has changed; make the lessons known to the gradebook."
    )
    parser.add_argument("notebooks", nargs="*", metavar="NB", help="a number (01), a lesson or a notebook; default all")
    parser.add_argument("--course", type=Path, help="the folder whose gradebook it is, if it is not this one")
    parser.add_argument("--db", metavar="URL", help="the gradebook, if it is not that folder's own; see README")
    options = parser.parse_args(argv)
    from utils.grading.folder import settings

    course = options.course or paths.root()
    if not course.is_dir():
        raise CourseError(f"There is no folder {course}: make it, or name another one.")
    built = build(options.notebooks, db=options.db or settings(course)[1])
    lessons = sorted({path.parent.name for path in built})
    print(f"Released in notebooks/ and known to the gradebook: {', '.join(lessons)}")
    return 0
