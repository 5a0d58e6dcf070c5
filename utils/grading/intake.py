"""From the bytes of a submission to notebooks of the release, without running any of it. `inbox` gets the bytes."""

import contextlib
import json
from dataclasses import dataclass, replace

from utils.errors import CourseError
from utils.grading.compose import answer_names, compose
from utils.grading.submitted import Unreadable, read_cells
from utils.paths import pick_notebooks, root

from .inbox import File, Handed, shown


@dataclass(frozen=True)
class Sheet:
    """One notebook of the release, with the student's text in it.

    fault: why nothing of the student's could be read, as a sentence, or "". missing: it was not handed in, nor anything
    that might be it.
    """

    name: str
    notebook: dict
    fault: str = ""
    missing: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intake:
    """A submission: a sheet for each notebook of the release, in its order.

    digest: of all that was read. received: when the newest of the notebooks came to lie here, seconds since 1970 (a
    time that its owner cannot set), or None.
    """

    sheets: dict[str, Sheet]
    digest: str
    received: float | None
    remarks: tuple[str, ...] = ()


def releases(lesson: str) -> dict[str, dict]:
    """{stem: notebook} of a released lesson. CourseError where there is none of this name, with the nearest one."""
    folder = root() / "notebooks"
    found = pick_notebooks(folder, ".ipynb", lesson or "?")[0].parent.name
    try:
        paths = pick_notebooks(folder, ".ipynb", found)
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    except ValueError as error:
        raise CourseError(
            f"A notebook in {folder / found} is damaged; restore it with `git checkout notebooks/{found}`."
        ) from error


def take_in(handed: Handed, releases: dict[str, dict]) -> Intake:
    """A submission as the notebooks of `releases` with the student's text in them."""
    files = _found(handed, releases)
    sheets = {stem: _sheet(stem, file, releases[stem], remarks) for stem, (file, remarks) in files.items()}
    times = [file.time for file, _ in files.values() if file.time is not None]
    return Intake(sheets, handed.digest, max(times, default=None), handed.remarks)


def _found(handed: Handed, releases: dict[str, dict]) -> dict[str, tuple[File, list[str]]]:
    """{stem: (file, remarks)}, where a notebook that is missing was handed in under another name with that one."""
    files, spare = {stem: (file, []) for stem, file in handed.files.items()}, handed.spare
    missing = [stem for stem, file in handed.files.items() if file.missing]
    if spare and not spare.fault and _is_of(spare.raw, releases[missing[0]]):
        return files | {missing[0]: (spare, [f"{shown(spare.name)} was taken for {missing[0]}.ipynb."])}
    names = ", ".join(shown(name) for name in handed.others[:3])
    for stem in missing if names else []:
        fault = f"{stem}.ipynb was not handed in; found {names}: give the notebook its name back."
        files[stem] = (replace(handed.files[stem], fault=fault, missing=False), [])
    return files


def _sheet(stem: str, file: File, release: dict, remarks: list[str]) -> Sheet:
    cells, fault = [], file.fault
    if not fault:
        try:
            cells, more = read_cells(file.raw)
            remarks = remarks + more
        except Unreadable as error:
            fault = f"{shown(file.name)} {error}"
    notebook, more = compose(release, cells)
    return Sheet(stem, notebook, fault, file.missing, tuple(dict.fromkeys(remarks + more)))


def _is_of(raw: bytes, release: dict) -> bool:
    """Whether a notebook holds at least half of a release's answer cells."""
    names = set(answer_names(release))
    with contextlib.suppress(Unreadable):
        there = {cell.grade_id or cell.id for cell in read_cells(raw)[0]}
        return bool(names) and 2 * len(names & there) >= len(names)
    return False
