"""Cells run out of order, exercises not written, np given another meaning: a sentence that helps, in a kernel too."""

import sys

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from utils.checking import check, try_it
from utils.checking.cells import overwritten, sentences
from utils.checking.notebook import NotYet


def raised(text, namespace=None):
    """The error of a cell of code."""
    names = {} if namespace is None else namespace
    with pytest.raises(Exception) as caught:  # noqa: PT011
        exec(compile(text, "cell", "exec"), names)
    return caught.value, names


STUB = "def rnn_forward(x, a0, P):\n    raise NotImplementedError\n"


@pytest.mark.parametrize(
    "text, start",
    [
        ("rnn_forward", "No cell has made rnn_forward since the kernel started: run the cell in which you wrote it"),
        ("tiny", "No cell has made tiny since the kernel started: if one of the cells above does, run that one first"),
        (STUB + "rnn_forward(1, 2, 3)", "rnn_forward is not written yet: fill in its cell"),
        ("np = 3\nnp.zeros(2)", "np is 3 now, no longer the module: give yours another name"),
        ("sum = 0.5\nsum([1, 2])", "sum is 0.5 now, so Python's own sum() is hidden"),
        ("import numpy as np\nlist = np.zeros((30, 30))\nlist(range(3))", "list is something of type ndarray now"),
    ],
)
def test_a_cell_that_stops_gets_one_sentence(text, start):
    (said,) = sentences(*raised(text))
    assert said.startswith(start) and said.endswith(".") and "\n" not in said


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    y = z\n    z = 1\nf()",  # a local name: Python's own words say it all
        "import numpy as np\nnp.zeros(2).nonsense",
        "raise NotImplementedError",
        "1 / 0",
        "def max(a):\n    return a\nmax()",  # a function in place of another one may be meant
    ],
)
def test_other_errors_are_left_alone(text):
    assert sentences(*raised(text)) == []


def test_check_and_try_it_say_that_np_was_given_away(capsys):
    namespace = {"np": 3.5}
    exec("def softmax(z):\n    return np.exp(z) / np.exp(z).sum(axis=0)", namespace)
    softmax = namespace["softmax"]
    with pytest.raises(NotYet, match=r"np is 3.5 now, no longer the module"):
        check(softmax)
    exec("from utils.checking import try_it\ntry_it(lambda: softmax(1))", namespace)
    said = capsys.readouterr().out
    assert said.startswith("Your function stopped with AttributeError") and "np is 3.5 now" in said


def test_an_error_of_the_learners_own_gets_no_such_sentence(capsys):
    def softmax(z):
        return np.exp(z).nonsense

    with pytest.raises(NotYet) as caught:
        check(softmax)
    assert "now" not in str(caught.value).split()
    try_it(lambda: softmax(np.ones((2, 2))))
    assert "no longer" not in capsys.readouterr().out


def test_nothing_is_overwritten_in_a_fresh_notebook():
    assert overwritten({"np": np, "utils": sys, "_": 3, "In": [], "sequence": 1, "my_sum": 2}) == []


def output(cell):
    return "".join(o.get("text", "") for o in cell.outputs if o.output_type == "stream")


def test_in_a_kernel_the_sentence_follows_pythons_own_words():
    begin = ["import numpy as np", "from utils.checking import check"]
    texts = [*begin, "check(rnn_forward)", STUB, "rnn_forward(1, 2, 3)", "np = 3", "np.zeros(2)", "1 + 1"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in texts])
    NotebookClient(notebook, kernel_name="python3", allow_errors=True, timeout=60).execute()
    said = [output(cell) for cell in notebook.cells]
    assert said[2].startswith("No cell has made rnn_forward") and said[4].startswith("rnn_forward is not written yet")
    assert said[6].startswith("np is 3 now") and [len(line) <= 80 for line in said[6].splitlines()] == [True, True]
    assert said[0] == said[1] == said[3] == said[5] == said[7] == ""
    kinds = [[o.output_type for o in notebook.cells[i].outputs] for i in (2, 4, 6)]
    assert all(sorted(kind) == ["error", "stream"] for kind in kinds)
