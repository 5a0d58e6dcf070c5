"""`python -m utils check`: a bad cell or function is named once, and costs nobody else anything."""

import json
import shutil

import pytest

from utils import paths
from utils.checking.exercise import pieces
from utils.checking.exercises import find
from utils.checking.notebook import NotYet, _refuse_ours
from utils.errors import CourseError
from utils.grading import check
from utils.grading.check import check_notebook, chosen, main, plain, read
from utils.prove import elsewhere_text
from utils.reference import softmax

HANG, EXIT, DIE = "while True:\n    pass", "exit()", "import os\nos._exit(1)"


def cell(source, tags=(), **nbgrader):
    return {
        "cell_type": "code",
        "source": source.splitlines(keepends=True),
        "metadata": ({"tags": list(tags)} if tags else {}) | ({"nbgrader": nbgrader} if nbgrader else {}),
        "outputs": [],
        "execution_count": None,
    }


def graded(name):
    return cell(f"check({name})", grade=True, grade_id=f"{name}-check", points=1)


def answer(name, mistakes=()):
    return cell(elsewhere_text(find(name), mistakes), grade=False, grade_id=name, solution=True)


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook of these cells: notebook(cell, …) returns its path."""

    def write(*cells):
        path = tmp_path / "00_small.ipynb"
        prose = {"cell_type": "markdown", "source": ["# Prose"], "metadata": {}}
        path.write_text(json.dumps({"cells": [prose, *cells], "metadata": {}, "nbformat": 4}), encoding="utf-8")
        return path

    return write


def right(words, name):
    return [w for w in words if w.startswith(f"{name}: ") and "cases; grading uses fresh ones" in w]


def test_right_answers_are_all_right(notebook, capsys):
    path = notebook(answer("softmax"), graded("softmax"), answer("unfold"), graded("unfold"))
    assert main([str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "00_small" and len(lines) == 4 and right(lines, "softmax") and right(lines, "unfold")


@pytest.mark.parametrize("bad", [0, 1])
def test_one_wrong_answer_is_not_all_right_wherever_it_stands(notebook, capsys, bad):
    names = ["softmax", "unfold"]
    cells = [answer(n, find(n).mistakes[:1] if i == bad else ()) for i, n in enumerate(names)]
    assert main([str(notebook(*cells, *map(graded, names)))]) == 1
    out = capsys.readouterr().out
    assert f"{names[bad]}: not right yet" in out and right(out.splitlines(), names[1 - bad])


@pytest.mark.parametrize("bad", [0, 1])
def test_one_wrong_notebook_is_not_all_right_wherever_it_stands(monkeypatch, capsys, tmp_path, bad):
    made = [tmp_path / "one.ipynb", tmp_path / "two.ipynb"]
    monkeypatch.setattr(check, "chosen", lambda lesson: made)
    monkeypatch.setattr(check, "check_notebook", lambda path: ([f"words of {path.stem}"], path != made[bad]))
    assert main(["01"]) == 1
    assert capsys.readouterr().out == "one\nwords of one\n\ntwo\nwords of two\n\n"


# ---- cells that lose the worker


@pytest.mark.parametrize("text", [HANG, EXIT, DIE])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_cell_that_loses_the_worker_costs_nobody_else(notebook, text, place):
    cells = [answer("softmax"), graded("softmax"), answer("unfold"), graded("unfold")]
    cells.insert(place, cell(f"\n\n{text}"))
    words, all_right = check_notebook(notebook(*cells), deadline=1.5)
    assert right(words, "softmax") and right(words, "unfold")
    bad = [w for w in words if w.startswith("A cell stopped with ")]
    assert len(words) == 3 and len(bad) == 1 and not all_right
    assert bad[0].endswith(f"\n  It begins: {text.splitlines()[0]}")


def test_cells_that_raise_are_replayed_with_the_rest(notebook):
    """In a notebook too, what stands above the line that stopped has happened."""
    half = cell(f"{elsewhere_text(find('softmax'))}\n1 / 0")
    words, all_right = check_notebook(notebook(half, graded("softmax"), cell(DIE)), deadline=5.0)
    assert right(words, "softmax") and len(words) == 3 and not all_right
    assert sum("ZeroDivisionError" in w for w in words) == 1


@pytest.mark.parametrize("line", HANG.splitlines()[:1] + ["__import__('os')._exit(1)", "exit()"])
def test_a_function_that_loses_the_worker_costs_no_other_exercise(notebook, line):
    text = f"def softmax(z):\n    {line}" + (" pass" if line.startswith("while") else "")
    cells = [cell(text), graded("softmax"), answer("unfold"), graded("unfold"), answer("one_hot"), graded("one_hot")]
    words, all_right = check_notebook(notebook(*cells), deadline=1.5)
    assert words[0].startswith("softmax: not right yet") and len(words) == 3
    assert right(words, "unfold") and right(words, "one_hot") and not all_right


def test_a_function_that_hangs_is_blamed_in_those_that_call_it(notebook):
    answers = [cell("import numpy as np")] + [cell(piece) for piece in pieces(find("rnn_forward"))]
    hangs = cell("def rnn_cell_forward(xt, a_prev, P):\n    while True:\n        pass")
    path = notebook(*answers, hangs, graded("rnn_cell_forward"), graded("rnn_forward"))
    words, all_right = check_notebook(path, deadline=1.5)
    flat = [" ".join(w.split()) for w in words]
    assert "rnn_cell_forward: not right yet" in flat[0] and "it took longer than allowed" in flat[0]
    assert right(words, "rnn_forward") and "the fault is in rnn_cell_forward" in flat[1] and not all_right


# ---- cells that are not the learner's answers


@pytest.mark.parametrize("tag", ["demo", "try-it", "nbval-ignore-output"])
def test_demonstrations_are_left_out(notebook, tag):
    spoils = cell("def softmax(z):\n    return 0", tags=["a", tag])
    assert check_notebook(notebook(answer("softmax"), spoils, graded("softmax")))[1]
    spoils["metadata"]["tags"] = ["setup"]
    assert not check_notebook(notebook(answer("softmax"), spoils, graded("softmax")))[1]


def test_a_deleted_check_is_named_with_the_way_to_get_it_back(notebook):
    path = notebook(answer("softmax"), answer("unfold"), graded("unfold"))
    words, right_too = check_notebook(path)
    assert not right_too and right(words, "unfold")
    assert words[-1] == ("softmax: its check cell is gone; `python -m utils reset 00 softmax-check` puts it back.")


def test_a_check_without_a_name_is_ignored(notebook):
    nameless = cell("check(softmax)", grade=True)
    words, all_right = check_notebook(notebook(answer("softmax"), nameless, graded("softmax")))
    assert all_right and len(words) == 1


def test_a_function_of_ours_is_refused_with_the_words_of_the_notebook(notebook):
    path = notebook(cell("from utils.reference import softmax"), graded("softmax"), answer("unfold"), graded("unfold"))
    words, all_right = check_notebook(path)
    with pytest.raises(NotYet) as caught:
        _refuse_ours("softmax", softmax)
    assert words[0] == str(caught.value) and "comes from the course's own package" in words[0]
    assert right(words, "unfold") and not all_right


def test_a_function_of_ours_is_refused_after_one_that_lost_the_worker(notebook):
    dies = cell("def unfold(f, s0, xs):\n    __import__('os')._exit(1)")
    path = notebook(dies, graded("unfold"), cell("from utils.reference import softmax"), graded("softmax"))
    assert "comes from the course's own package" in check_notebook(path)[0][1]


# ---- magics


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("x = 1\n!pip install a 'b\ny = 2", "x = 1\npass\ny = 2"),
        ("if True:\n    %time x = f(3)\n    !ls", "if True:\n    x = f(3)\n    pass"),
        ("files = !ls\nsoftmax?\n?softmax\nx = 1", "pass\npass\npass\nx = 1"),
        ("%%time\nx = 1", "x = 1"),
        ("\n%%capture out\n%time x = 1", "x = 1"),
        ("%%bash\nls\nrm x", ""),
        ("x = (7\n  % 4)", "x = (7\n  % 4)"),
        ('x = """\n%ls\n!ls\n"""', 'x = """\n%ls\n!ls\n"""'),
        ("x = 'why?'  # why?", "x = 'why?'  # why?"),
        ("def f(:\n    %ls", "def f(:\n    %ls"),
        ("x = \0", "x = \0"),
        ("", ""),
    ],
)
def test_lines_of_ipython_are_left_out(text, wanted):
    assert plain(text) == wanted


def test_an_answer_beside_magics_is_judged(notebook):
    text = f"%matplotlib inline\n{elsewhere_text(find('softmax'))}\n%time softmax(np.zeros((2, 1)))\n!ls"
    words, all_right = check_notebook(notebook(cell(text), graded("softmax")))
    assert all_right and right(words, "softmax")


def test_a_cell_that_does_not_parse_is_named(notebook):
    words, all_right = check_notebook(notebook(cell("def f(:"), answer("softmax"), graded("softmax")))
    assert words[0].startswith("A cell stopped with SyntaxError: ") and right(words, "softmax") and not all_right


# ---- notebooks that are none, and lessons that are not there


UNREADABLE = {
    "half": '{"cells": [',
    "a list": "[]",
    "no cells": "{}",
    "cells that are a number": '{"cells": 3}',
    "a cell that is a number": '{"cells": [3]}',
    "a cell without a source": '{"cells": [{"cell_type": "code", "metadata": {}}]}',
    "metadata that are a list": '{"cells": [{"cell_type": "code", "metadata": [], "source": ""}]}',
    "nbgrader that is a list": '{"cells": [{"cell_type": "code", "metadata": {"nbgrader": []}, "source": ""}]}',
    "tags that are lists": '{"cells": [{"cell_type": "code", "metadata": {"tags": [[]]}, "source": ""}]}',
    "a thousand brackets": "[" * 100_000,
    "not UTF-8": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_no_notebook_is_told_in_one_sentence(tmp_path, what):
    path = tmp_path / "00_small.ipynb"
    content = UNREADABLE[what]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CourseError) as caught:
        main([str(path)])
    text = str(caught.value)
    assert text.startswith(f"Expected a notebook in {path}, but") and "a backup beside it" in text
    assert text.endswith("move it away and run `python -m utils lab --no-open` for a fresh copy.") and "\n" not in text


def test_a_notebook_saved_with_a_mark_is_read(notebook):
    path = notebook(answer("softmax"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read(path)) == 1


@pytest.mark.parametrize("made", [False, True])
def test_a_fresh_clone_is_told_how_to_get_lessons(monkeypatch, tmp_path, made):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    if made:
        (tmp_path / "work").mkdir()
    with pytest.raises(CourseError) as caught:
        main(["01"])
    assert str(caught.value) == "work/ has no lessons yet; `python -m utils lab --no-open` makes your copy."


def test_lessons_are_chosen_by_number_name_or_path(monkeypatch, tmp_path, root):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    shutil.copytree(root / "notebooks", tmp_path / "work")
    lesson = tmp_path / "work" / "01_rnn_cell" / "01a_rnn_cell.ipynb"
    assert chosen("01a") == chosen("01a_rnn_cell.ipynb") == chosen(str(lesson)) == [lesson]
    assert len(chosen("01")) == 2
    for wrong in ("77", "nowhere/a.ipynb"):
        with pytest.raises(CourseError, match="There is no lesson"):
            chosen(wrong)


def test_a_released_lesson_is_not_written_yet(root, capsys):
    path = root / "notebooks" / "00_start_here" / "00_start_here.ipynb"
    assert main([str(path)]) == 1
    lines = capsys.readouterr().out.split("\n")
    assert [line.split(". ")[0] for line in lines[1:-2]] == [
        f"{name}: not written yet" for name in ("one_hot", "softmax", "unfold")
    ]
