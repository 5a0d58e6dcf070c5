"""The package inside the sandbox: everything that a right answer needs, and nothing of what is asked for."""

import ast
import functools
import json
import sys

import numpy as np
import pytest
from reduced_course import copied, inside, linked

from utils.checking.exercise import pieces, source
from utils.checking.exercises import find, known
from utils.checking.judge import judge
from utils.errors import CourseError
from utils.grading import reduced
from utils.grading.elsewhere import Elsewhere
from utils.paths import pick_notebooks
from utils.paths import root as checkout

STEMS = [path.stem for path in pick_notebooks(checkout() / "notebooks", ".ipynb")]
LENT = {"02b_learning": {"clip_by_norm"}}  # an exercise of 03 that 02b is given
# statements of setup cells that are passed over: they work with answers of their own notebook, or for too long
PASSED_OVER = {
    "02b_learning": {"utils.baselines.ngram_bits"},
    "04a_language_model": {"utils.reference.encoding.build_vocabulary", "utils.reference.encoding.encode"},
    "04b_decoders_and_a_project": {"utils.experiments.lesson_04b.judge_of"},
    "09b_sequence_to_sequence": {"utils.experiments.lesson_09b.split_stretches"},
}
WORKER = "import sys; sys.path.insert(0, {!r}); from utils.grading import worker; worker.main()"


def lesson(stem):
    return stem.partition("_")[0]


def secret(stem):
    """The exercises that must not be in the package for this notebook."""
    return {name for name in known() if find(name).lesson >= lesson(stem)} - LENT.get(stem, set())


def own(stem):
    return [name for name in known() if find(name).lesson == lesson(stem)]


def earlier(stem):
    return [name for name in known() if find(name).lesson < lesson(stem)]


def cells(stem, tag):
    (path,) = (path for path in pick_notebooks(checkout() / "notebooks", ".ipynb") if path.stem == stem)
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(c["source"]) for c in found if c["cell_type"] == "code" and tag in c["metadata"].get("tags", ())]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """tree(stem), with the data in place."""
    folder = linked(tmp_path_factory.mktemp("course"))

    def made(stem):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reduced, "root", lambda: folder)
            found = reduced.tree(stem)
            if not (found / "utils/data").is_symlink():
                (found / "utils/data").rmdir()
                (found / "utils/data").symlink_to(reduced.data_folder())
        return str(found)

    return made


def worker_in(folder):
    return Elsewhere([sys.executable, "-I", "-c", WORKER.format(folder)])


@pytest.mark.parametrize("stem", STEMS)
def test_setup_cells_run_and_no_answer_reads_what_is_absent(tree, stem):
    code = f"""
from utils.grading import absent
space, reasons = {{"__name__": "__main__"}}, []
for text in {cells(stem, "setup")!r}:
    reasons += absent.replay(text, space)
gone = [name for name, value in space.items() if isinstance(value, absent.Absent)]
print(json.dumps([reasons, gone]))
"""
    reasons, gone = inside(tree(stem), code)
    assert {reason.partition(" ")[0] for reason in reasons} == PASSED_OVER.get(stem, set())
    for name in own(stem):
        read = {n.id for piece in pieces(find(name)) for n in ast.walk(ast.parse(piece)) if isinstance(n, ast.Name)}
        assert not read & set(gone) - set(own(stem))


@pytest.mark.parametrize("stem", STEMS)
def test_right_answers_are_right_in_it(tree, stem):
    with worker_in(tree(stem)) as worker:
        for text in cells(stem, "setup"):
            passing = f"from utils.grading import absent as _a\n_a.replay({text!r}, globals())"
            assert worker.replay(passing) == ""
        for name in own(stem):
            assert worker.replay("\n".join(pieces(find(name)))) == ""
            verdict = judge(find(name), worker, np.random.default_rng(5))
            assert verdict.ok, f"{name}: {verdict}"


@pytest.mark.parametrize("stem", ["03_gradients_over_time", "06_gru", "09b_sequence_to_sequence"])
def test_earlier_exercises_work_in_it(tree, stem):
    with worker_in(tree(stem)) as worker:
        assert worker.replay(f"from utils.reference import {', '.join(earlier(stem))}") == ""
        failing = [n for n in earlier(stem) if not judge(find(n), worker, np.random.default_rng(5)).ok]
    # it clips by norm, which is an exercise of 03; nothing in 03 calls it
    assert failing == (["train_step"] if stem.startswith("03") else [])


@pytest.mark.parametrize("stem", STEMS)
def test_no_answer_is_in_it(stem):
    files = reduced.contents(stem)
    places = ("utils/reference/", "utils/torch_port/")
    texts = [text for path, text in files.items() if path.startswith(places) and "/probes/" not in path]
    names = {name for text in texts for name in functions(text)}
    assert not names & secret(stem)
    assert set(earlier(stem)) <= names
    bodies = {text for file in files.values() for text in functions(file).values()}
    assert not [name for name in secret(stem) if body(ast.parse(source(find(name).textbook)).body[0]) in bodies]
    assert not [path for path in files if "textbook" in path or "exercises" in path or "mistakes" in path]


@functools.cache
def functions(text):
    """The bodies of all functions of a module, by name."""
    kinds = ast.FunctionDef | ast.ClassDef
    return {node.name: body(node) for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)}


def body(function):
    rest = function.body[1:] if ast.get_docstring(function) else function.body
    return "\n".join(map(ast.unparse, rest))


@pytest.mark.parametrize("stem", ["06_gru", "07a_lstm"])
def test_helpers_of_an_answer_are_not_in_it_either(stem):
    cell = "gru" if stem == "06_gru" else "lstm"
    text = "".join(t for path, t in reduced.contents(stem).items() if path.startswith("utils/reference/"))
    assert f"def {cell}_block" not in text
    assert "def truncated_bptt" in text  # which knows all three cells


def test_an_answer_that_got_in_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(reduced, "with_helpers", lambda *_: set())
    with pytest.raises(CourseError, match="without answers was expected for 01a_rnn_cell"):
        reduced.contents("01a_rnn_cell")
    monkeypatch.undo()
    folder = copied(tmp_path)
    with open(folder / "utils/names.py", "a") as stream:
        stream.write("\n\ndef rnn_forward(x, a0, P):\n    return x\n")
    with pytest.raises(CourseError, match="names.py has rnn_forward"):
        reduced.contents("01a_rnn_cell", folder)
    assert reduced.contents("02a_bptt", folder)


def test_a_worker_that_imports_the_judge_is_refused(tmp_path):
    folder = copied(tmp_path)
    with open(folder / "utils/grading/frames.py", "a") as stream:
        stream.write("\n\nfrom utils.checking import judge  # noqa\n")
    with pytest.raises(CourseError, match="got utils.checking, utils.checking"):
        reduced.contents("01a_rnn_cell", folder)


def test_an_unknown_notebook_is_one_sentence():
    with pytest.raises(CourseError, match="no released notebook 01a_rnn_cel .did you mean 01a_rnn_cell.?"):
        reduced.contents("01a_rnn_cel")


def test_everything_else_can_be_imported_and_not_used(tree):
    code = """
import importlib.util
import utils.textbook as book, utils.checking.exercises
from utils import baselines, reference, textbook
from utils.checking import check, hint, progress, quiz, try_it
from utils.checking.exercises.lesson_01a import EXERCISES
from utils.experiments.lesson_07 import adding_run
from utils.grading.course import anything
from utils.plotting.curves import plot_curves
from utils.reference import gru_backward, no_such_name, softmax
from utils.reference.rnn import rnn_cell_forward
from utils.grading.absent import Absent, NotAvailable

names = [book.softmax, textbook.rnn_forward, utils.checking.exercises.find, EXERCISES, adding_run, anything,
         plot_curves, gru_backward, no_such_name, rnn_cell_forward, reference.pad_left, baselines.ngram_bits]
lines = []
for name in names:
    try:
        name(1)
    except NotAvailable as error:
        lines.append(str(error))
missing = importlib.util.find_spec("no_such_package_at_all")
nothing = [f(1, 2, three=4) for f in (check, hint, progress, quiz, try_it)]
print(json.dumps([[type(n) is Absent for n in names], lines, missing, nothing, softmax.__module__,
                  utils.__course__, hasattr(utils, "__path__")]))
"""
    kinds, lines, missing, nothing, module, course, path = inside(tree("01a_rnn_cell"), code)
    assert all(kinds) and len(lines) == len(kinds)
    assert lines[4] == "utils.experiments.lesson_07.adding_run is not available while grading"
    assert missing is None and nothing == [None] * 5
    assert (module, course, path) == ("utils.reference.activations", "rnn-course", True)


def test_importing_it_loads_little(tree):
    code = """
import utils, numpy
few = sorted(name for name in sys.modules if name.split(".")[0] == "utils")
from utils.grading import worker
from utils.reference import softmax
print(json.dumps([few, sorted({name.split(".")[0] for name in sys.modules})]))
"""
    few, roots = inside(tree("07a_lstm"), code)
    assert few == ["utils", "utils.grading", "utils.grading.absent"]
    assert not {"matplotlib", "nbgrader", "nbformat", "IPython", "traitlets", "torch", "dask", "zmq"} & set(roots)


def test_plots_are_there_in_a_display_run_only(tree):
    code = """
import utils
utils.__path__.append(FOLDER)
from utils.plotting.curves import axes_of
from utils.grading import absent
from utils.reference import lstm_forward
from utils.experiments.lesson_07 import adding_run
absent.answer_with(lambda name: lambda x: [name, x], None)
answers = [lstm_forward(3)]
try:
    adding_run()
except absent.NotAvailable:
    answers.append("absent")
print(json.dumps([axes_of.__module__, answers]))
"""
    folder = tree("07a_lstm")
    module, answers = inside(folder, code.replace("FOLDER", repr(f"{folder}/display/utils")))
    assert module == "utils.plotting.base"
    assert answers == [["lstm_forward", 3], "absent"]
