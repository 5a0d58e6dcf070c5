"""Submissions of lesson 01 for the tests of intake, and what must hold for each notebook that comes out of it."""

import base64
import copy
import json

import nbformat

from utils.grading.compose import answer_names, compose
from utils.grading.intake import releases
from utils.grading.sample import compose as hand_in
from utils.grading.sample import grade_id
from utils.grading.submitted import read_cells

LESSON, STEM, OTHER = "01_rnn_cell", "01a_rnn_cell", "01b_three_families"
RELEASES = releases(LESSON)
RELEASE = RELEASES[STEM]
ANSWERS = {
    "rnn_cell_forward": "def rnn_cell_forward(xt, a_prev, P):\n    return 1",
    "rnn_forward": "def rnn_forward(x, a0, P):\n    return 2",
    "sequence_loss": "def sequence_loss(y_pred, targets, mask=None):\n    return 3",
    "count_rnn_parameters": "def count_rnn_parameters(n_x, n_a, n_y):\n    return 4",
    "why_share": "Because it is shared.",
}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 20).decode()


def write(folder, notebook, name=STEM):
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def written(changes=ANSWERS):
    return hand_in(RELEASE, changes)


def code(text, **more):
    return {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": 1} | more


def text_cell(text, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": text} | more


def insert(notebook, name, cell, below=False):
    """Put a cell above (or below) the cell with this grade id or id."""
    where = [grade_id(c) or c.get("id") for c in notebook["cells"]].index(name)
    notebook["cells"].insert(where + below, cell)


def cell_of(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def composed(notebook):
    """The result for a submitted notebook, which must be valid and hold every released cell; and the remarks."""
    cells, remarks = read_cells(json.dumps(notebook).encode())
    result, more = compose(RELEASE, cells)
    sound(result)
    return result, remarks + more


def sound(result, release=RELEASE):
    nbformat.validate(result)
    json.dumps(result, ensure_ascii=False).encode()
    kept = [cell for cell in result["cells"] if "own" not in cell["metadata"].get("course", {})]
    assert [cell["id"] for cell in kept] == [cell["id"] for cell in release["cells"]]
    assert {k: v for k, v in result.items() if k != "cells"} == {k: v for k, v in release.items() if k != "cells"}
    for cell, ours in zip(kept, release["cells"], strict=True):
        assert cell["cell_type"] == ours["cell_type"]
        expected = copy.deepcopy(ours["metadata"])
        blank = expected.pop("course", {}).get("blank")
        assert cell["metadata"] == (expected if not blank else expected | {"nbgrader": cell["metadata"]["nbgrader"]})
        if blank:
            assert cell["metadata"]["nbgrader"] == expected["nbgrader"] | {"checksum": blank}
        if grade_id(ours) not in answer_names(release):
            assert cell["source"] == "".join(ours["source"])
    for cell in result["cells"]:
        assert cell.get("outputs", []) == [] and cell.get("execution_count") is None


def own(result):
    """(id of the released cell above, text) of each of the student's own cells."""
    found, above = [], ""
    for cell in result["cells"]:
        if cell["metadata"].get("course", {}).get("own"):
            assert cell["id"] == f"own-{len(found) + 1}" and cell["metadata"] == {"course": {"own": True}}
            found.append((above, cell["source"]))
        else:
            above = cell["id"]
    return found


def answers(result):
    return {name: cell_of(result, name)["source"] for name in answer_names(RELEASE)}
