"""The learner's copy of the lessons in work/: made once, brought up to date, one cell put back.

`git pull` never meets what somebody has written, because work/ is ignored by git and released notebooks are never
written to. Notebooks are handled as plain JSON, so that nothing here waits for Jupyter's packages.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

from utils import paths
from utils.errors import CourseError
from utils.workspace.merging import grade_id, merge, named, put_back, same, source


def lab(argv: list[str]) -> int:
    """`python -m utils lab [--no-open] [NB]`: copy new lessons to work/, never overwriting; open JupyterLab."""
    parser = argparse.ArgumentParser(prog="python -m utils lab", description="Open your own copy of the lessons.")
    parser.add_argument("notebook", nargs="?", metavar="NB", help="the lesson to open: 01, 01a, a lesson or a notebook")
    parser.add_argument("--no-open", action="store_true", help="only make the copy, and print where it is")
    options = parser.parse_args(argv)
    first = _released(options.notebook)[0]
    copied = copy_lessons()
    work = _work()
    print(f"Your lessons are in {work} ({len(copied)} new files)." if copied else f"Your lessons are in {work}.")
    if options.no_open:
        return 0
    if importlib.util.find_spec("jupyterlab") is None:
        raise CourseError(
            'Expected JupyterLab, found none; install it with `pip install -e ".[lab]"`, or use --no-open.'
        )
    start = f"/lab/tree/{first.parent.name}/{first.name}"
    # started in the course's folder, where the Validate button looks for nbgrader_config.py
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={work}", f"--LabApp.default_url={start}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in a container; Jupyter would end with thirty lines of log
        command.append("--allow-root")
    try:
        return subprocess.call(command, cwd=paths.root())
    except KeyboardInterrupt:
        return 0


def copy_lessons() -> list[Path]:
    """Copy to work/ every released file that is not there yet; the copies made."""
    source, made = paths.root() / "notebooks", []
    for path in _files(source):
        target = _work() / path.relative_to(source)
        if not target.exists():
            paths.write_atomic(target, path.read_bytes())
            made.append(target)
    return made


def update(argv: list[str]) -> int:
    """`python -m utils update NB`: bring the newer release of a lesson into work/, keeping what was written there."""
    parser = argparse.ArgumentParser(
        prog="python -m utils update", description="Bring a newer release, keep your answers."
    )
    parser.add_argument("notebook", metavar="NB", help="a number (01, 01a), a lesson or a notebook")
    options = parser.parse_args(argv)
    releases, jobs = _released(options.notebook), []
    _begun()
    for release in releases:
        mine = _work() / release.parent.name / release.name
        old = _read(mine) if mine.exists() else None
        jobs.append((release, mine, old, merge(_read(release), old) if old else _read(release)))
    for release, mine, old, new in jobs:
        for path in _files(release.parent / "figures"):
            paths.write_atomic(mine.parent / path.relative_to(release.parent), path.read_bytes())
        if old is None:
            paths.write_atomic(mine, release.read_bytes())
            print(f"{mine.name}: copied to {mine.parent}")
        elif same(old, new):
            print(f"{mine.name}: already the newest release")
        else:
            backup = _backup(mine, mine.read_bytes(), ".ipynb")
            paths.write_atomic(mine, _dump(new))
            print(f"{mine.name}: brought up to date, your answers kept; the notebook as it was is {backup}")
    return 0


def reset(argv: list[str]) -> int:
    """`python -m utils reset NB NAME`: put one cell of work/ back to the release's; the old text is kept in a file."""
    parser = argparse.ArgumentParser(prog="python -m utils reset", description="Put one exercise back to its stub.")
    parser.add_argument("notebook", metavar="NB", help="a number (01, 01a), a lesson or a notebook")
    parser.add_argument("name", metavar="NAME", help="the exercise, such as rnn_forward")
    options = parser.parse_args(argv)
    found = {path: _read(path) for path in _released(options.notebook)}
    known = {grade_id(cell): path for path, notebook in found.items() for cell in notebook["cells"] if grade_id(cell)}
    if options.name not in known:
        exercises = [name for name in known if not name.endswith("-check")]
        raise CourseError(
            f"There is no exercise {options.name} in {options.notebook}{paths.did_you_mean(options.name, exercises)}; "
            f"it has {', '.join(exercises) or 'none'}."
        )
    _begun()
    release = known[options.name]
    mine = _work() / release.parent.name / release.name
    if not mine.exists():
        raise CourseError(
            f"There is no copy of {release.name} in {mine.parent} yet; `python -m utils lab --no-open` makes one."
        )
    notebook = _read(mine)
    old = put_back(notebook, found[release], options.name)
    if old is None:
        paths.write_atomic(mine, _dump(notebook))
        print(f"{options.name} was missing from {mine.name} and is back; load the notebook again in your browser.")
        return 0
    if old == source(named(found[release], options.name)):
        print(f"{options.name} is as it was released; nothing was changed.")
        return 0
    suffix = ".md" if named(found[release], options.name)["cell_type"] == "markdown" else ".py"
    backup = _backup(mine.with_name(f"{options.name}{suffix}"), (old + "\n").encode(), suffix)
    paths.write_atomic(mine, _dump(notebook))
    print(f"{options.name} is back to its stub; your text is in {backup}. Load the notebook again in your browser.")
    return 0


def _work() -> Path:
    return paths.root() / "work"


def _begun() -> None:
    if not _work().is_dir():
        raise CourseError(
            f"Expected your copy of the lessons in {_work()}, found none; `python -m utils lab --no-open` makes it."
        )


def _files(folder: Path) -> list[Path]:
    """The files below a folder, without hidden ones: checkpoints, and what a killed write left behind."""
    found = sorted(p for p in folder.rglob("*") if p.is_file())
    return [p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts)]


def _released(query: str | None) -> list[Path]:
    found = paths.pick_notebooks(paths.root() / "notebooks", ".ipynb", query)
    if not found:
        raise CourseError(
            f"Expected lessons in {paths.root() / 'notebooks'}, found none; restore that folder from the repository."
        )
    return found


def _read(path: Path) -> dict:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            source(cell) + cell["cell_type"] + grade_id(cell)
        notebook["metadata"].get("course")
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise CourseError(
            f"Expected a notebook in {path}, but it is not one; restore it from a backup, or move it off and "
            f"run `python -m utils lab` for a fresh copy."
        ) from error
    return notebook


def _dump(notebook: dict) -> str:
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _backup(path: Path, content: bytes, suffix: str) -> Path:
    """Keep `content` beside `path` under the first free name STEM.backup-N; where."""
    number = 1
    while (target := path.with_name(f"{path.stem}.backup-{number}{suffix}")).exists():
        number += 1
    paths.write_atomic(target, content)
    return target
