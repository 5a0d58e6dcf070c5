"""What a run has done so far, so that one that was stopped, however it was stopped, can be continued.

grading/runs/RUN/manifest.json says what the run is: seed, lessons, students, versions, and a hash of everything that
decides a score. journal.jsonl has a line for each submission once its scores and notebooks are in place.
"""

import contextlib
import datetime
import hashlib
import json
import platform
import secrets
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import utils
from utils.errors import CourseError
from utils.paths import PACKAGE, root, write_atomic

KEPT = 20  # runs whose folders stay


def fingerprint(lessons: list[str]) -> str:
    """A hash of the released notebooks of these lessons and of all our code."""
    digest = hashlib.sha256()
    released = [path for lesson in lessons for path in sorted((root() / "notebooks" / lesson).glob("*.ipynb"))]
    for path in [*released, *sorted(PACKAGE.rglob("*.py"))]:
        digest.update(f"{path.relative_to(root())}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def add_line(path: Path, entry) -> None:
    """Write a line of JSON at the end. It begins a line of its own where the last one was cut by the end of a run."""
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(entry))


def read_lines(path: Path) -> Iterator:
    """What `add_line` wrote; nothing where there is no file."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        with contextlib.suppress(ValueError):  # cut
            yield json.loads(line)


class Journal:
    """One run's folder. `done` holds {(lesson, student): line} of what is finished."""

    def __init__(self, folder: Path, manifest: dict):
        self.folder, self.manifest = folder, manifest
        self.done: dict[tuple[str, str], dict] = {}

    @classmethod
    def begin(cls, home: Path, seed: int | None, lessons: list[str], students: list[str], **more) -> "Journal":
        """A new run. more: what else its manifest shall say."""
        name = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        manifest = {
            "run": name,
            "seed": secrets.randbits(48) if seed is None else seed,
            "lessons": lessons,
            "students": students,
            "fingerprint": fingerprint(lessons),
            "versions": {p: version(p) for p in ("numpy", "nbgrader")}
            | {"course": utils.__version__, "python": platform.python_version(), "system": platform.platform()},
            "ended": None,
        } | more
        journal = cls(home / "grading" / "runs" / name, manifest)
        journal._write_manifest()
        return journal

    @classmethod
    def last(cls, home: Path) -> "Journal | None":
        """The newest run, if it was stopped before its end."""
        folders = sorted(path.parent for path in (home / "grading" / "runs").glob("*/manifest.json"))
        if not folders:
            return None
        manifest = json.loads((folders[-1] / "manifest.json").read_text(encoding="utf-8"))
        return None if manifest["ended"] else cls(folders[-1], manifest)

    def resume(self, **asked) -> "Journal":
        """Read what is done. CourseError when the notebooks or our code have changed since, or another run was asked
        for: other lessons, other students, another seed."""
        if self.manifest["fingerprint"] != fingerprint(self.manifest["lessons"]):
            raise CourseError(
                f"The run {self.manifest['run']} was stopped, and the released notebooks or the course's code have "
                "changed since: begin a new run, without --resume."
            )
        for what, wanted in asked.items():
            if wanted not in (None, (), [], self.manifest[what]):
                raise CourseError(
                    f"The run {self.manifest['run']}, which was stopped, has other {what} than those asked for now: "
                    "leave them out to continue it, or leave out --resume to begin a new one."
                )
        for entry in read_lines(self.folder / "journal.jsonl"):
            self.done[entry["lesson"], entry["student"]] = entry
        return self

    def add(self, report) -> None:
        """A submission is finished: its scores are in the gradebook, its notebooks in place."""
        kept = ("lesson", "student", "digest", "status", "reason", "remarks", "received", "verdicts")
        entry = {key: getattr(report, key) for key in kept}
        self.done[report.lesson, report.student] = entry
        add_line(self.folder / "journal.jsonl", entry)

    def end(self) -> None:
        """The run is over; the oldest runs' folders go."""
        self.manifest["ended"] = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        self._write_manifest()
        for folder in sorted(self.folder.parent.iterdir())[:-KEPT]:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()

    def _write_manifest(self):
        write_atomic(self.folder / "manifest.json", json.dumps(self.manifest, indent=1))
