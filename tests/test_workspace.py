"""The learner's copy: never overwritten, brought up to date with the answers kept, one cell put back."""

import copy
import json
import shutil
import subprocess

import nbformat
import pytest
import small_course
from nbgrader.utils import compute_checksum

import utils.workspace as workspace
from utils.authoring import build as building
from utils.errors import CourseError
from utils.workspace import merging


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("workspace") / "course"
    root.mkdir()
    small_course.make(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "execute", lambda notebook, folder, name: notebook)
        small_course.move_to(patch, root)
        building.build(say=lambda line: None, to_gradebook=False)
    return root


@pytest.fixture
def course(made, tmp_path, monkeypatch):
    root = tmp_path / "course"
    shutil.copytree(made, root)
    small_course.move_to(monkeypatch, root)
    monkeypatch.setattr(building, "execute", lambda notebook, folder, name: notebook)
    return root


@pytest.fixture
def mine(course):
    workspace.copy_lessons()
    return course / "work/07_small/07_small.ipynb"


def change(path, function):
    notebook = nbformat.read(path, 4)
    function(notebook, {cell.id: cell for cell in notebook.cells})
    nbformat.write(notebook, path)


def read(path):
    notebook = nbformat.read(path, 4)
    return notebook, {cell.id: cell for cell in notebook.cells}


def newer(course, *replacements, textbook=()):
    """Release the lesson again with other words."""
    text = course / "solutions/07_small/07_small.py"
    source = text.read_text()
    for old, new in replacements:
        assert old in source
        source = source.replace(old, new)
    text.write_text(source)
    building.build(say=lambda line: None, to_gradebook=False)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_lab_copies_once_and_never_overwrites(course, capsys):
    assert workspace.lab(["--no-open"]) == 0
    assert str(course / "work") in capsys.readouterr().out
    assert files(course / "work") == files(course / "notebooks")
    (course / "work/07_small/07_small.ipynb").write_text("mine")
    (course / "work/07_small/figures/box.svg").unlink()
    workspace.lab(["--no-open"])
    assert (course / "work/07_small/07_small.ipynb").read_text() == "mine"
    assert (course / "work/07_small/figures/box.svg").is_file()


def test_what_a_killed_write_left_is_not_copied(course):
    released = files(course / "notebooks")
    hidden = [".07_small.ipynb.x1", "figures/.box.svg.x2", ".ipynb_checkpoints/07_small-checkpoint.ipynb"]
    for name in hidden:
        path = course / "notebooks/07_small" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("part")
    workspace.copy_lessons()
    assert files(course / "work") == released
    workspace.update(["07"])
    assert files(course / "work") == released


def test_a_course_below_a_hidden_folder_is_copied(course, monkeypatch):
    hidden = course.parent / ".hidden"
    course.rename(hidden)
    small_course.move_to(monkeypatch, hidden)
    workspace.copy_lessons()
    assert files(hidden / "work") == files(hidden / "notebooks") != {}


def test_lab_opens_the_lesson_in_the_copy(course, monkeypatch):
    calls = []
    monkeypatch.setattr(subprocess, "call", lambda command, cwd: calls.append((command, cwd)) or 0)
    assert workspace.lab(["07"]) == 0
    command, cwd = calls[0]
    assert f"--ServerApp.root_dir={course}/work" in command
    assert "--LabApp.default_url=/lab/tree/07_small/07_small.ipynb" in command
    assert cwd == course


def test_without_jupyterlab_lab_says_how_to_get_it(course, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CourseError, match=r"pip install -e .*\[lab\]"):
        workspace.lab([])


def test_our_checksum_is_nbgraders(course):
    path = course / "notebooks/07_small/07_small.ipynb"
    notebook, plain = nbformat.read(path, 4), json.loads(path.read_text())
    marked = [k for k, cell in enumerate(notebook.cells) if "nbgrader" in cell.metadata]
    assert len(marked) == 5
    for k in marked:
        assert merging.checksum(plain["cells"][k]) == compute_checksum(notebook.cells[k])


def test_update_keeps_answers_edits_own_cells_and_outputs(course, mine, capsys):
    def write(notebook, cells):
        cells["double"].source = "def double(x, times=1):\n    return x * 2**times"
        cells["double"].execution_count = 4
        cells["why"].source = "Because I counted."
        notebook.cells[4].source = "print(double(4))  # my try"
        notebook.cells[4].outputs = [nbformat.v4.new_output("stream", text="8\n")]
        notebook.cells[2].source += "\n\nMy note."
        notebook.cells.insert(5, nbformat.v4.new_code_cell("my = 'own'"))
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell("Notes at the top"))

    change(mine, write)
    before = mine.read_bytes()
    newer(
        course, ("## The end", "## The new end"), ("check(double)", "# better\ncheck(double)"), ("Write it.", "Write.")
    )
    assert workspace.update(["07"]) == 0
    notebook, cells = read(mine)
    nbformat.validate(notebook)
    sources = [cell.source for cell in notebook.cells]
    assert cells["double"].source.endswith("return x * 2**times") and cells["double"].execution_count == 4
    assert cells["why"].source == "Because I counted."
    assert sources[0] == "Notes at the top"
    at = sources.index("print(double(4))  # my try")
    assert notebook.cells[at].outputs[0].text == "8\n"
    assert sources[at + 1] == "my = 'own'"
    assert (
        any(s.endswith("My note.") for s in sources) and "## Exercise · `double`\n\nWrite. `# not a heading`" in sources
    )
    assert "## The new end" in sources and "## The end" not in sources
    assert cells["double-check"].source == "# better\ncheck(double)"
    assert "raise NotImplementedError" in cells["triple"].source
    backup = mine.with_name("07_small.backup-1.ipynb")
    assert backup.read_bytes() == before
    assert str(backup) in capsys.readouterr().out
    workspace.update(["07"])
    assert "already the newest" in capsys.readouterr().out
    assert not mine.with_name("07_small.backup-2.ipynb").exists()


def test_update_brings_a_changed_stub_only_where_nothing_was_written(course, mine):
    def write(notebook, cells):
        cells["double"].source = "mine"

    change(mine, write)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("# your code here", "# write here").replace("*Write your", "*Your"))
    newer(course)
    workspace.update(["07_small"])
    _, cells = read(mine)
    assert cells["double"].source == "mine"
    assert "# write here" in cells["triple"].source
    assert cells["why"].source == "*Your answer here.*"


def test_update_keeps_the_answer_of_an_exercise_that_is_gone_and_of_a_copied_cell(course, mine):
    def write(notebook, cells):
        cells["double"].source = "first"
        twin = copy.deepcopy(cells["double"])
        twin.id, twin.source = "twin", "second"
        notebook.cells.append(twin)
        cells["triple"].source = "gone, but mine"

    change(mine, write)
    text = (course / "solutions/07_small/07_small.py").read_text()
    cut = text[text.index('# %% nbgrader={"grade": false, "grade_id": "triple"') : text.index('# %% tags=["demo"]')]
    newer(course, (cut, ""))
    workspace.update(["07"])
    notebook, cells = read(mine)
    assert cells["double"].source == "first"
    own = [cell for cell in notebook.cells if cell.source in ("second", "gone, but mine")]
    assert len(own) == 2
    assert all("nbgrader" not in cell.metadata for cell in own)
    assert "triple-check" not in cells


def test_update_restores_a_deleted_cell_and_copies_a_new_lesson(course, mine):
    def write(notebook, cells):
        notebook.cells.remove(cells["double-check"])
        cells["double"].source = "mine"

    change(mine, write)
    workspace.update(["07"])
    _, cells = read(mine)
    assert cells["double-check"].source == "check(double)" and cells["double"].source == "mine"
    shutil.rmtree(course / "work/07_small")
    workspace.update(["07"])
    assert files(course / "work") == files(course / "notebooks")


def test_update_restores_an_edited_check_and_drops_its_copies(course, mine):
    def write(notebook, cells):
        cells["double-check"].source = "print('all right')"
        for source in ("print('right too')", "print('right too')"):
            twin = copy.deepcopy(cells["double-check"])
            twin.id, twin.source = f"twin{len(notebook.cells)}", source
            notebook.cells.append(twin)

    change(mine, write)
    workspace.update(["07"])
    notebook, cells = read(mine)
    assert cells["double-check"].source == "check(double)"
    assert len(notebook.cells) == len(read(course / "notebooks/07_small/07_small.ipynb")[0].cells)


def test_two_equal_copies_of_an_answer_get_ids_of_their_own(course, mine):
    def write(notebook, cells):
        for number in (1, 2):
            twin = copy.deepcopy(cells["double"])
            twin.id, twin.source = f"twin{number}", "the same"
            notebook.cells.append(twin)
        cells["double"].source = "first"

    change(mine, write)
    workspace.update(["07"])
    ids = [cell.id for cell in read(mine)[0].cells]
    assert len(ids) == len(set(ids))
    assert [cell.source for cell in read(mine)[0].cells].count("the same") == 2


def test_metadata_that_an_editor_adds_is_no_reason_to_update(course, mine, capsys):
    def write(notebook, cells):
        notebook.metadata.language_info["version"] = "3.11"
        cells["double"].metadata["editable"] = True

    change(mine, write)
    workspace.update(["07"])
    assert "already the newest" in capsys.readouterr().out


def test_reset_puts_one_cell_back_and_keeps_the_text(course, mine, capsys):
    def write(notebook, cells):
        cells["double"].source, cells["triple"].source = "def double(x): return 3", "other work"

    change(mine, write)
    for number in (1, 2):
        change(mine, write)
        assert workspace.reset(["07", "double"]) == 0
        backup = mine.with_name(f"double.backup-{number}.py")
        assert backup.read_text() == "def double(x): return 3\n"
        assert str(backup) in capsys.readouterr().out
    _, cells = read(mine)
    _, released = read(course / "notebooks/07_small/07_small.ipynb")
    assert cells["double"] == released["double"]
    assert cells["triple"].source == "other work"


def test_reset_of_an_untouched_cell_writes_nothing(course, mine, capsys):
    before = files(course)
    assert workspace.reset(["07", "double"]) == 0
    assert "is as it was released" in capsys.readouterr().out
    assert files(course) == before


def test_reset_of_a_written_answer_and_of_a_deleted_cell(course, mine):
    def write(notebook, cells):
        cells["why"].source = "My words"
        notebook.cells.remove(cells["triple"])

    change(mine, write)
    workspace.reset(["07", "why"])
    assert mine.with_name("why.backup-1.md").read_text() == "My words\n"
    workspace.reset(["07", "triple"])
    assert [cell.id for cell in read(mine)[0].cells] == [
        cell.id for cell in read(course / "notebooks/07_small/07_small.ipynb")[0].cells
    ]


@pytest.mark.parametrize("content", ["{", "[]", "3", '{"cells": [3], "metadata": {}}', '{"cells": []}', "\udce9"])
def test_a_damaged_notebook_is_one_sentence_and_nothing_is_written(course, mine, content):
    mine.write_bytes(content.encode(errors="surrogateescape"))
    before = files(course)
    newest = [lambda: workspace.update(["07"]), lambda: workspace.reset(["07", "double"])]
    for command in newest:
        with pytest.raises(CourseError, match="Expected a notebook in .*07_small.ipynb") as caught:
            command()
        assert "\n" not in str(caught.value)
    assert files(course) == before


def test_unknown_names_suggest_the_nearest_and_write_nothing(course, mine):
    before = files(course)
    with pytest.raises(CourseError, match=r"no exercise duble in 07 \(did you mean double\?\)"):
        workspace.reset(["07", "duble"])
    with pytest.raises(CourseError, match=r"no lesson 07_smalll in notebooks/ \(did you mean 07_small\?\)"):
        workspace.update(["07_smalll"])
    with pytest.raises(CourseError, match="There is no lesson 8"):
        workspace.lab(["8"])
    assert files(course) == before


def test_without_a_copy_or_without_lessons_the_sentence_says_what_to_do(course):
    before = files(course)
    for command in (lambda: workspace.update(["07"]), lambda: workspace.reset(["07", "double"])):
        with pytest.raises(CourseError, match=r"in .*work, found none; `python -m utils lab --no-open` makes it\."):
            command()
    assert files(course) == before
    (course / "work").mkdir()
    with pytest.raises(CourseError, match=r"no copy of 07_small.ipynb .* `python -m utils lab --no-open` makes one\."):
        workspace.reset(["07", "double"])
    shutil.rmtree(course / "notebooks")
    with pytest.raises(CourseError, match="found none; restore that folder"):
        workspace.lab(["--no-open"])


def test_the_workspace_waits_for_none_of_jupyters_packages():
    code = "import sys, utils.workspace; print([m for m in ('nbformat', 'jupytext', 'nbgrader') if m in sys.modules])"
    run = subprocess.run(["python", "-c", code], cwd=small_course.HERE, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
