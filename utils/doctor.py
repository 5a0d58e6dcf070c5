"""`python -m utils doctor`: one line per thing that an installation needs, and what to do where it is not so."""

import argparse
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import utils
from utils import paths
from utils.errors import CourseError

OK, NOTE, FAULT = "ok", "note", "FAULT"
CORE = ("numpy", "matplotlib")
# What else a learner's machine may have, and the extra that brings it.
EXTRAS = {"jupyterlab": "lab", "ipykernel": "lab", "nbgrader": "lab", "torch": "torch"}
ROW = re.compile(r"^\|\s*`?([\w./-]+)`?\s*\|.*?\b([0-9a-f]{64})\b", re.MULTILINE)

Finding = tuple[str, str]  # OK, NOTE or FAULT, and a sentence


def python() -> Iterator[Finding]:
    """Which Python is this? (One that is too old never comes this far: `python -m utils` has said so.)"""
    yield OK, f"Python {'.'.join(map(str, sys.version_info[:3]))} ({sys.executable})"


def pinned(text: str) -> dict[str, str]:
    """The versions in constraints.txt, by normalised name."""
    rows = (line.split("==") for line in text.splitlines() if "==" in line and not line.startswith("#"))
    return {re.sub(r"[-_.]+", "-", name.strip()).lower(): version.strip() for name, version in rows}


def packages() -> Iterator[Finding]:
    """Are the packages there, at the versions that were tested?"""
    constraints = paths.ROOT / "constraints.txt" if paths.ROOT else None
    tested = pinned(constraints.read_text(encoding="utf-8")) if constraints and constraints.is_file() else {}
    for name in (*CORE, *EXTRAS):
        try:
            found = metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            if name in CORE:
                yield FAULT, f"{name} is not installed: run `make setup`, or `pip install -e .` in the course's folder."
            else:
                yield NOTE, f'{name} is not installed; if you need it, run `pip install -e ".[{EXTRAS[name]}]"`.'
            continue
        if tested.get(name, found) == found:
            yield OK, f"{name} {found}"
        else:
            advice = f"if something behaves oddly, run `pip install {name}=={tested[name]}`."
            yield NOTE, f"{name} {found}; the course was tested with {tested[name]}: {advice}"


def package() -> Iterator[Finding]:
    """Is `utils` ours, and will it be in a notebook too?"""
    if getattr(utils, "__course__", "") != "rnn-course":
        yield (
            FAULT,
            f"`import utils` finds {utils.__file__}, which is not the course's: rename that file or move it away.",
        )
        return
    yield OK, f"utils is the course's own ({Path(utils.__file__).parent})"
    for shadow in shadows():
        yield FAULT, f"{shadow} hides the course's utils from the notebooks beside it: rename or move that file."


def shadows() -> list[Path]:
    """Every utils.py or utils/ that a notebook would import in place of ours: they stand beside notebooks."""
    ours = Path(utils.__file__).resolve().parent
    folders = {Path.cwd()}
    for top in ("work", "notebooks", "solutions"):
        if paths.ROOT and (paths.ROOT / top).is_dir():
            folders |= {path.parent for path in (paths.ROOT / top).rglob("*.ipynb")}
    found = [folder / name for folder in sorted(folders) for name in ("utils.py", "utils/__init__.py")]
    # A package wins over a module of the same name in the same folder, so our root may hold neither rival.
    return [path for path in found if path.is_file() and path.resolve().parent != ours]


def data() -> Iterator[Finding]:
    """Are the data files those that data/README.md lists?"""
    listed = ROW.findall(paths.data_file("README.md").read_text(encoding="utf-8"))
    if not listed:
        yield FAULT, "data/README.md lists no files: restore it with `git checkout data`."
    for name, wanted in listed:
        content = paths.data_file(name).read_bytes()
        if hashlib.sha256(content).hexdigest() == wanted:
            yield OK, f"data/{name}, {len(content)} bytes"
        else:
            yield (
                FAULT,
                f"data/{name} is not the file that data/README.md describes: restore it with `git checkout data`.",
            )


def kernel() -> Iterator[Finding]:
    """Does Jupyter start this Python when a notebook asks for python3?"""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ModuleNotFoundError:
        yield NOTE, 'Jupyter is not installed; to open the lessons, run `pip install -e ".[lab]"`.'
        return
    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        yield FAULT, 'Jupyter finds no kernel named python3: run `pip install -e ".[lab]"`.'
        return
    # A bare "python" stands for the interpreter that runs Jupyter.
    started = Path(sys.executable if not os.path.isabs(command) else command)
    if started.is_file() and os.path.samefile(started.parent, Path(sys.executable).parent):
        yield OK, f"notebooks run with {started}"
    else:
        advice = f"run `{sys.executable} -m ipykernel install --sys-prefix`."
        yield FAULT, f"notebooks would run with {started}, not with the Python that has the course: {advice}"


def sandbox() -> Iterator[Finding]:
    """Can strangers' work be graded here? Learners need not care."""
    from utils.grading.walls import obstacle

    if reason := obstacle():
        yield NOTE, f"strangers' work cannot be graded here: {reason.rstrip('.')}. To learn, you need none of this."
    else:
        yield OK, "strangers' work is graded in a sandbox"


def work() -> Iterator[Finding]:
    """Is there a learner's copy, and can its notebooks be read?"""
    if paths.ROOT is None:
        return
    notebooks = sorted((paths.ROOT / "work").glob("*/*.ipynb"))
    if not notebooks:
        yield NOTE, "work/ holds no lessons yet: `make lab` copies them there."
        return
    bad = []
    for notebook in notebooks:
        try:
            json.loads(notebook.read_bytes())
        except ValueError:
            bad.append(notebook)
            yield FAULT, f"{notebook} cannot be read: move it away, and `make lab` brings a fresh copy."
    if not bad:
        yield OK, f"work/ holds {len(notebooks)} notebooks"


def examine() -> Iterator[Finding]:
    """All findings, in the order in which one should mend them."""
    for look in (python, package, packages, data, kernel, sandbox, work):
        try:
            yield from look()
        except (CourseError, OSError) as error:
            yield FAULT, str(error)


def main(arguments: list[str]) -> int:
    """Command line. Returns 1 if anything is at fault."""
    argparse.ArgumentParser(prog="python -m utils doctor", description="Look at this installation.").parse_args(
        arguments
    )
    faults = 0
    for state, sentence in examine():
        print(f"{state:<6} {sentence}")
        faults += state == FAULT
    print("Everything that is needed is there." if not faults else f"{faults} to mend, from the top.")
    return 1 if faults else 0
