"""The build chain on a small lesson, with the real nbgrader and real kernels."""

import gc
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import small_course
from nbgrader.api import Gradebook
from nbgrader.validator import Validator

from utils import paths
from utils.authoring import build as building
from utils.authoring import release
from utils.authoring.depends import reached
from utils.authoring.execute import execute
from utils.authoring.kernel import ThisInterpreter
from utils.authoring.text import load, read_percent
from utils.errors import CourseError

LESSON, NAME = "solutions/07_small/07_small", "notebooks/07_small/07_small.ipynb"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("built") / "course"
    root.mkdir()
    small_course.make(root)
    with pytest.MonkeyPatch.context() as patch:
        small_course.move_to(patch, root)
        building.build(say=lambda line: None)
    return root


@pytest.fixture
def course(built, tmp_path, monkeypatch):
    """A copy of the built course that a test may spoil."""
    root = tmp_path / "course"
    shutil.copytree(built, root)
    small_course.move_to(monkeypatch, root)
    return root


@pytest.fixture
def no_kernel(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a notebook was executed")

    monkeypatch.setattr(building, "execute", refuse)


def lines(**options) -> list[str]:
    said: list[str] = []
    building.build(say=said.append, **options)
    return said


def edit(path: Path, change) -> None:
    notebook = nbformat.read(path, 4)
    change(notebook)
    nbformat.write(notebook, path)


def test_the_solution_is_executed_and_keeps_its_outputs(course):
    notebook = load(course / f"{LESSON}.ipynb")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert "42\n" in [output.text for cell in code for output in cell.outputs]
    assert set(notebook.metadata) == {"kernelspec", "language_info", "course"}
    assert not any("execution" in cell.metadata for cell in code)


def test_building_everything_again_leaves_the_release_to_the_byte(course):
    before = (course / NAME).read_bytes()
    assert "executed" in lines(everything=True)[0]
    assert (course / NAME).read_bytes() == before


def test_a_touched_file_rebuilds_nothing(course, no_kernel):
    for path in course.rglob("*"):
        os.utime(path, (1, 1))
    before = {path: path.stat().st_mtime for path in course.glob("*/07_small/*.ipynb")}
    assert lines() == ["07_small                     unchanged"]
    assert {path: path.stat().st_mtime for path in before} == before


def test_stock_nbgrader_writes_the_same_release(course):
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "07_small"]
    stock = [*command, "--CourseDirectory.release_directory=stock", f"--CourseDirectory.db_url=sqlite:///{course}/s.db"]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(stock, cwd=course, env=environment, check=True, capture_output=True)
    theirs, ours = (
        json.loads((course / top / "07_small/07_small.ipynb").read_text()) for top in ("stock", "notebooks")
    )
    del theirs["metadata"]["course"], ours["metadata"]["course"]
    blanks = 0
    for cell in ours["cells"]:
        if "course" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["checksum"] = cell["metadata"].pop("course")["blank"]
            blanks += 1
    assert ours == theirs
    assert blanks == 1

    def names(top):
        return sorted(p.relative_to(course / top).as_posix() for p in (course / top).rglob("*") if p.is_file())

    assert names("stock") == names("notebooks") == ["07_small/07_small.ipynb", "07_small/figures/box.svg"]

    def cells(db):
        with Gradebook(f"sqlite:///{db}") as book:
            found = book.find_notebook("07_small", "07_small")
            points = {cell.name: cell.max_score for cell in found.grade_cells}
            sources = {cell.name: (cell.source, cell.checksum, cell.locked) for cell in found.source_cells}
            return points, sources, sorted(cell.name for cell in found.solution_cells)

    assert cells(course / "gradebook.db") == cells(course / "s.db")
    assert cells(course / "s.db")[0] == {"double-check": 3, "triple-check": 2, "why": 4}


def fill(course: Path, target: Path) -> None:
    """A learner's notebook: every function right, the written question blank."""
    answers = {cell.id: cell.source for cell in load(course / f"{LESSON}.ipynb").cells}

    def write(notebook):
        for cell in notebook.cells:
            if cell.id in ("double", "triple"):
                cell.source = answers[cell.id]

    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(course / NAME, target)
    edit(target, write)


def test_validate_is_content_with_a_blank_written_answer(course):
    target = course / "work/07_small.ipynb"
    fill(course, target)
    assert Validator(config=release.settings()).validate(str(target)) == {}

    def as_stock(notebook):
        for cell in notebook.cells:
            if "course" in cell.metadata:
                cell.metadata.nbgrader["checksum"] = cell.metadata.course["blank"]

    edit(target, as_stock)
    failed = Validator(config=release.settings()).validate(str(target))["failed"]
    assert failed[0]["raw_error"] == "You did not provide a response."


def test_stock_autograde_gives_the_points_and_skips_demos(course):
    fill(course, course / "submitted/ada/07_small/07_small.ipynb")
    with (course / "nbgrader_config.py").open("a") as settings:
        settings.write("\ndel c.Autograde.autograde_preprocessors  # as stock nbgrader has them\n")
    command = [sys.executable, "-m", "nbgrader", "autograde", "07_small"]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(command, cwd=course, env=environment, check=True, capture_output=True)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        grades = book.find_submission_notebook("07_small", "07_small", "ada").grades
        assert {g.name: (g.auto_score, g.needs_manual_grade) for g in grades} == {
            "double-check": (3, False),
            "triple-check": (2, False),
            "why": (0, False),
        }
    graded = load(course / "autograded/ada/07_small/07_small.ipynb")
    demo = [cell for cell in graded.cells if "demo" in cell.metadata.get("tags", [])]
    assert [cell.execution_count for cell in demo] == [None]

    # a graded class exists now: changed words are fine, a new cell is not, and no submission is lost
    text = course / f"{LESSON}.py"
    text.write_text(small_course.LESSON.replace("triple(5) == 15", "triple(6) == 18"))
    assert "executed" in lines()[0]
    before = (course / NAME).read_bytes()
    text.write_text(text.read_text().replace('"triple-check"', '"other-check"'))
    with pytest.raises(CourseError, match="holds submissions for 07_small"):
        lines()
    assert (course / NAME).read_bytes() == before
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        assert len(book.assignment_submissions("07_small")) == 1
    assert "released" in lines(to_gradebook=False)[0]
    assert (course / NAME).read_bytes() != before


@pytest.mark.parametrize("where", ["text", "answer", "data", "module"])
def test_a_change_that_can_change_outputs_is_noticed(course, where, monkeypatch):
    package = course / "utils"
    (package / "reference").mkdir(parents=True)
    (package / "reference/__init__.py").write_text("from .rnn import f\n")
    (package / "reference/rnn.py").write_text('from utils import datasets\nf = 1\nTABLE = "points.csv"\n')
    (package / "datasets.py").write_text("x = 1\n")
    (package / "checking.py").write_text("x = 1\n")
    monkeypatch.setattr(paths, "PACKAGE", package)
    monkeypatch.setattr(building, "execute", lambda notebook, folder, name: notebook)
    text = course / f"{LESSON}.py"
    text.write_text(
        text.read_text().replace("import utils\n", "from utils.reference import f\nimport utils.checking\n")
    )
    lines()
    (package / "checking.py").write_text("x = 2\n")
    assert "unchanged" in lines()[0]
    if where == "text":
        text.write_text(text.read_text().replace("double(21)", "double(22)"))
    elif where == "answer":
        (course / "textbook.py").write_text(small_course.TEXTBOOK.replace("2 * x", "x + x"))
        small_course.move_to(monkeypatch, course)
    elif where == "data":
        (course / "data/points.csv").write_text("3,4\n")
    else:
        (package / "datasets.py").write_text("x = 2\n")
    assert "executed" in lines()[0]
    assert "unchanged" in lines()[0]


def test_imports_are_followed_in_every_form(course, monkeypatch):
    package = course / "utils"
    for name in (
        "reference/__init__",
        "reference/rnn",
        "textbook/__init__",
        *"plotting training text checking".split(),
    ):
        (package / f"{name}.py").parent.mkdir(parents=True, exist_ok=True)
        (package / f"{name}.py").write_text("")
    (package / "plotting.py").write_text("from . import text\n")
    monkeypatch.setattr(paths, "PACKAGE", package)
    source = "# %%\n# %matplotlib inline\nimport utils.plotting as p\nfrom utils import training, checking\n"
    source += "def late():\n    from utils.reference.rnn import f\n"
    names = [path.relative_to(package).as_posix() for path in reached(read_percent(source, "a"))]
    assert names == ["plotting.py", "reference/__init__.py", "reference/rnn.py", "text.py", "training.py"]


def test_a_hand_edit_of_a_release_is_never_replaced_unasked(course):
    def write(notebook):
        notebook.cells[3].source += "\n    return 4"

    before = (course / NAME).read_bytes()
    edit(course / NAME, write)
    edited = (course / NAME).read_bytes()
    with pytest.raises(CourseError, match=f"{NAME} was edited by hand.*--force"):
        lines()
    assert (course / NAME).read_bytes() == edited
    lines(force=True)
    assert (course / NAME).read_bytes() == before


def test_a_hand_edit_of_a_solution_is_never_replaced_unasked(course, no_kernel):
    edit(course / f"{LESSON}.ipynb", lambda notebook: notebook.cells.pop())
    with pytest.raises(CourseError, match="absorb 07_small.*--force"):
        lines()
    with pytest.raises(AssertionError, match="executed"):
        lines(force=True)


def test_an_absorbed_edit_is_built(course):
    from utils.authoring import absorb

    def write(notebook):
        notebook.cells[-2].source = "## The very end"

    edit(course / f"{LESSON}.ipynb", write)
    assert absorb.main(["07_small"]) == 0
    assert "executed" in lines()[0]
    assert "The very end" in (course / NAME).read_text()


def test_a_changed_way_of_releasing_releases_again_without_a_kernel(course, no_kernel):
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("# your code here", "# write here"))
    assert "released" in lines()[0]
    assert "# write here" in (course / NAME).read_text()


def test_a_missing_release_and_figure_come_back_and_a_stale_figure_goes(course, no_kernel):
    before = (course / NAME).read_bytes()
    shutil.rmtree(course / "notebooks")
    (course / "notebooks/07_small/figures").mkdir(parents=True)
    (course / "notebooks/07_small/figures/old.svg").write_text("<svg/>")
    lines()
    assert (course / NAME).read_bytes() == before
    assert [path.name for path in (course / "notebooks/07_small/figures").iterdir()] == ["box.svg"]


def test_two_builds_at_once_and_who_holds_the_lock(course, no_kernel):
    script = (
        "import sys, time, pathlib; from utils.paths import hold_lock\n"
        "with hold_lock(pathlib.Path(sys.argv[1]), 'a long build'): print('held', flush=True); time.sleep(60)"
    )
    environment = os.environ | {"PYTHONPATH": str(small_course.HERE)}
    command = [sys.executable, "-c", script, str(course / "build/.lock")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(CourseError, match=f"Process {other.pid} has been busy with `a long build`"):
            lines()
        other.kill()
    assert "unchanged" in lines()[0]  # a killed build leaves no lock behind


def test_a_failing_cell_is_named_and_nothing_is_written(course):
    before = {path: path.read_bytes() for path in course.rglob("*.ipynb")}
    text = course / f"{LESSON}.py"
    text.write_text(small_course.LESSON + '\n# %%\nraise ValueError("first\\nthe last line")\n')
    with pytest.raises(
        CourseError, match=r"07_small: cell 13 \(code-\w+\) raised ValueError: the last line; correct it."
    ):
        lines()
    assert {path: path.read_bytes() for path in course.rglob("*.ipynb")} == before
    assert not [path for path in course.rglob(".*.ipynb.*")]


def run_text(source: str, folder: Path, **options):
    from utils.authoring.text import normalise

    return execute(normalise(read_percent(source, "a")), folder, "a", **options)


def test_the_kernel_is_this_python_in_the_lessons_folder(tmp_path):
    source = (
        "# %%\nimport sys, os\nprint(sys.executable)\nprint(os.getcwd())\nprint(os.environ.get('NBGRADER_EXECUTION'))"
    )
    source += '\n\n# %% tags=["raises-exception"]\n1 / 0\n\n# %%\n6 * 7'
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBGRADER_EXECUTION", "autograde")
        code = run_text(source, tmp_path).cells
    assert code[0].outputs[0].text == f"{sys.executable}\n{tmp_path}\nNone\n"
    assert code[1].outputs[0].ename == "ZeroDivisionError"
    assert code[2].outputs[0].data["text/plain"] == "42"


def test_a_kernel_is_reached_through_files_of_its_own_that_go_with_it():
    one, other = ThisInterpreter(), ThisInterpreter()
    folders = [Path(each.connection_file).parent for each in (one, other)]
    assert one.transport == ("tcp" if os.name == "nt" else "ipc")
    assert os.name == "nt" or one.ip.startswith(f"{folders[0]}/")  # elsewhere the kernel would never find it
    assert folders[0] != folders[1] and all(folder.is_dir() for folder in folders)
    del one
    gc.collect()
    assert [folder.is_dir() for folder in folders] == [False, True]


def test_a_cell_that_never_ends_or_ends_the_kernel_is_one_sentence(tmp_path):
    with pytest.raises(CourseError, match=r"cell 1 \(.*longer than 1 seconds"):
        run_text("# %%\nwhile True: pass", tmp_path, timeout=1)
    with pytest.raises(CourseError, match=r"the kernel died in cell 2"):
        run_text("# %%\nx = 1\n\n# %%\nimport os; os._exit(3)", tmp_path)


def test_what_nbgrader_refuses_is_one_sentence(course, no_kernel):
    notebook = load(course / f"{LESSON}.ipynb")
    notebook.cells[5].metadata["nbgrader"]["grade_id"] = "double"
    with pytest.raises(CourseError, match="Duplicate grade id: double"):
        release.make_release(notebook, "07_small")
    notebook = load(course / f"{LESSON}.ipynb")
    notebook.cells[3].source = notebook.cells[3].source.replace("### END SOLUTION", "")
    with pytest.raises(CourseError, match="no end solution statement found"):
        release.make_release(notebook, "07_small")


def test_a_gradebook_that_cannot_be_used_is_one_sentence(course, no_kernel):
    (course / "gradebook.db").write_text("not a database, and long enough to be read as one")
    before = (course / NAME).read_bytes()
    with pytest.raises(CourseError, match="Could not use the gradebook"):
        lines()
    assert (course / NAME).read_bytes() == before


def test_a_notebook_taken_out_of_a_lesson_leaves_the_gradebook(course, no_kernel):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.add_notebook("07_gone", "07_small")
    lines()
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        assert [notebook.name for notebook in book.find_assignment("07_small").notebooks] == ["07_small"]


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # from within nbgrader's add_submission
def test_a_notebook_with_submissions_stays_in_the_gradebook(course, no_kernel):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.add_notebook("07_gone", "07_small")
        book.add_student("ada")
        book.add_submission("07_small", "ada")
    with pytest.raises(CourseError, match="holds submissions for 07_small"):
        lines()
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        assert len(book.find_assignment("07_small").notebooks) == 2
        assert len(book.assignment_submissions("07_small")) == 1


def test_a_read_only_checkout_is_one_sentence(course, monkeypatch):
    before = {path: path.read_bytes() for path in course.rglob("*.ipynb")}

    def refuse(*arguments, **options):
        raise OSError(30, "Read-only file system")

    real = paths.tempfile.mkstemp
    for_course = lambda *a, **o: refuse() if str(course) in str(o.get("dir")) else real(*a, **o)  # noqa: E731
    monkeypatch.setattr(paths.tempfile, "mkstemp", for_course)
    with pytest.raises(
        CourseError, match="Could not write .*07_small.ipynb .Read-only file system.; run this in a copy"
    ):
        lines(everything=True)
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(CourseError, match="Could not write .*lock"):
        lines()
    monkeypatch.undo()
    assert {path: path.read_bytes() for path in course.rglob("*.ipynb")} == before


def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    paths.write_atomic(path, "old")

    def crash(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(paths.os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            paths.write_atomic(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("query", ["07", "7", "07_small", "solutions/07_small", "07_small.ipynb"])
def test_a_lesson_is_found_by_number_name_or_stem(course, query):
    assert [path.name for path in building.lesson_texts([query])] == ["07_small.py"]


def test_an_unknown_lesson_suggests_the_nearest(course):
    with pytest.raises(CourseError, match=r"no lesson 07_smal in solutions/ \(did you mean 07_small\?\)"):
        building.lesson_texts(["07_smal"])


def test_the_command_says_what_it_did(course, capsys):
    assert building.main(["--no-register", "07"]) == 0
    assert "1 notebook up to date" in capsys.readouterr().out


def test_a_release_makes_the_lesson_known_to_the_gradebook(course, capsys):
    (course / "gradebook.db").unlink(missing_ok=True)
    assert building.release(["07"]) == 0
    assert "Released in notebooks/ and known to the gradebook: 07_small" in capsys.readouterr().out
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert [a.name for a in gradebook.assignments] == ["07_small"]


def test_a_wheel_cannot_build(monkeypatch):
    monkeypatch.setattr(paths, "ROOT", None)
    with pytest.raises(CourseError, match="clone the repository"):
        building.build()
