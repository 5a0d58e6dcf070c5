"""Courses of a few submissions for the tests of the grader: laid out, graded here or by the real command."""

import csv
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import alembic_once  # noqa: F401  (makes new gradebooks cheap)

from utils.authoring.release import register
from utils.grading.course import submit
from utils.grading.run import grade
from utils.grading.sample import compose

ROOT = Path(__file__).resolve().parent.parent
CLASSES = ROOT / "tests" / "sample_class"
START, ONE, FOUR = "00_start_here", "01_rnn_cell", "04_language_model"
RIGHT = {
    "one_hot": "def one_hot(indices, n_x):\n    return np.where(np.arange(n_x)[:, None] == indices, 1.0, 0.0)",
    "softmax": "def softmax(z):\n    e = np.exp(z - z.max(axis=0))\n    return e / e.sum(axis=0)",
    "unfold": "def unfold(f, s0, xs):\n    s = [s0]\n    for x in xs:\n        s.append(f(s[-1], x))\n    return s[1:]",
}
WRONG = {"softmax": "def softmax(z):\n    e = np.exp(z - z.max())\n    return e / e.sum(axis=1, keepdims=True)"}
SETTINGS = """c = get_config()
load_subconfig({settings!r})
c.CourseDirectory.root = {root!r}
c.CourseDirectory.db_url = "sqlite:///{root}/gradebook.db"
"""
COMMAND = (sys.executable, "-m", "utils", "grade")


def released(lesson, stem):
    """A released notebook as JSON, to be changed."""
    return json.loads((ROOT / "notebooks" / lesson / f"{stem}.ipynb").read_text(encoding="utf-8"))


def code(source, **metadata):
    """A code cell of a student's own."""
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def hand_in(home, student, answers=(), own=(), change=None, lesson=START, stem=START):
    """Hand in a notebook: the release with answers {grade id: text}, own cells behind the setup, `change`d at last."""
    notebook = compose(released(lesson, stem), dict(answers))
    setup = next(i for i, cell in enumerate(notebook["cells"]) if "setup" in cell["metadata"].get("tags", ()))
    notebook["cells"][setup + 1 : setup + 1] = [code(text) for text in own]
    if change:
        change(notebook)
    folder = home / "submitted" / student / lesson
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def sample(home, lesson, students):
    """Hand in the work of some of the sample class."""
    for student in students:
        target = home / "submitted" / student / lesson
        target.mkdir(parents=True)
        for text in sorted((CLASSES / lesson / student).glob("*.py")):
            submit(text, ROOT / "notebooks" / lesson, target)


def make(home, *lessons):
    """A course's folder whose gradebook knows these lessons, with an empty inbox."""
    (home / "submitted").mkdir(parents=True)
    for lesson in lessons:
        register(lesson, f"sqlite:///{home / 'gradebook.db'}")
    return home


def configure(home, more=""):
    """Write a course's own nbgrader_config.py: the checkout's, in this folder, and more."""
    text = SETTINGS.format(settings=str(ROOT / "nbgrader_config.py"), root=str(home))
    (home / "nbgrader_config.py").write_text(text + more, encoding="utf-8")


def command(home, *arguments, **options):
    """The real command, to its end."""
    words = [*COMMAND, "--course", str(home), *map(str, arguments)]
    return subprocess.run(words, cwd=ROOT, text=True, capture_output=True, **options)


def graded(home, *lessons, **options):
    """Grade in this process, quietly. The results by student, where one lesson is named."""
    results = grade(home, lessons, **{"workers": 2, "seed": 7, "say": lambda line: None} | options)
    return results["lessons"][lessons[0]]["students"] if len(lessons) == 1 else results


def results(home):
    """What results.json holds."""
    return json.loads((home / "grading" / "results.json").read_text(encoding="utf-8"))


def scores(home):
    """What decides about grades in the gradebook, row by row."""
    rows = (
        "SELECT a.name, s.student_id, c.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade, "
        "n.late_submission_penalty FROM grade g JOIN submitted_notebook n ON n.id = g.notebook_id "
        "JOIN submitted_assignment s ON s.id = n.assignment_id JOIN assignment a ON a.id = s.assignment_id "
        "JOIN base_cell c ON c.id = g.cell_id ORDER BY 1, 2, 3"
    )
    with sqlite3.connect(home / "gradebook.db") as db:
        return db.execute(rows).fetchall()


def outputs(home, student, lesson=START, stem=START):
    """{grade id or id: all words of its outputs} of an autograded notebook."""
    path = home / "autograded" / student / lesson / f"{stem}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {name(cell): words(cell) for cell in cells}


def name(cell):
    """A cell's grade id, or id."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id") or cell["id"]


def words(cell):
    """What stands in a cell's outputs."""
    found = []
    for output in cell.get("outputs", ()):
        found += [output.get("text", ""), output.get("evalue", ""), *output.get("data", {}).values()]
    return "\n".join(found)


def table(path):
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
