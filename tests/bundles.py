"""Bundles for tests: made once, unzipped, and run with nothing else of the course on the path."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from utils.bundling import archive
from utils.bundling.package import chosen
from utils.grading.sample import compose
from utils.paths import root

LESSON = "03_gradients_over_time"
HERE = Path(__file__).resolve().parent


def made(query="03", checkout=None):
    """The files of a bundle, by path below rnn-course/."""
    return archive.files(chosen(query, checkout))


def unzipped(files, folder):
    """Where the bundle lies below a folder, unzipped over what is there."""
    with zipfile.ZipFile(io.BytesIO(archive.zipped(files))) as bundle:
        bundle.extractall(folder)
    return folder / archive.TOP


def released(lesson=LESSON, stem=LESSON):
    """A released notebook as a dict."""
    return json.loads((root() / "notebooks" / lesson / f"{stem}.ipynb").read_text(encoding="utf-8"))


def solutions(lesson=LESSON, stem=LESSON):
    """The answers of the solved notebook: {grade id: source}."""
    cells = json.loads((root() / "solutions" / lesson / f"{stem}.ipynb").read_text(encoding="utf-8"))["cells"]
    marks = [(cell, cell["metadata"].get("nbgrader", {})) for cell in cells]
    return {mark["grade_id"]: "".join(cell["source"]) for cell, mark in marks if mark.get("solution")}


def in_work(bundle, answers, release=None):
    """A learner's copy with these answers; its path. release: another notebook than the one that is released."""
    path = bundle / "work" / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(compose(release or released(), answers)), encoding="utf-8")
    return path


def cells_of(bundle, notebook):
    """What in_bundle.py says of all cells of a notebook."""
    program = [sys.executable, "-I", str(HERE / "in_bundle.py"), str(bundle), str(notebook)]
    ended = subprocess.run(program, cwd=notebook.parent, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["utils"] == str(bundle / "utils/__init__.py")
    return told


def command(bundle, *arguments):
    """`python -m utils …` in the bundle's folder; the current folder comes first on the path."""
    return subprocess.run([sys.executable, "-m", "utils", *arguments], cwd=bundle, capture_output=True, text=True)
