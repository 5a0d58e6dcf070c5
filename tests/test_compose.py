"""The release with a student's text in it: answers, written answers, cells of the student's own."""

import base64
import copy
import json

import nbformat
import pytest
from handed_in import ANSWERS, PNG, RELEASE, answers, cell_of, code, composed, insert, own, text_cell, written

from utils.grading import submitted
from utils.grading.compose import MAX_OWN
from utils.grading.sample import restructure

# answers


def test_tags_metadata_points_and_outputs_do_not_survive():
    notebook = written()
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "hide"]
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"points": 100, "grade": True, "locked": False, "solution": True}
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "100"}}]
    notebook |= {"metadata": {"kernelspec": {"name": "evil"}}, "nbformat_minor": 99}
    assert composed(notebook) == composed(written())


@pytest.mark.parametrize("structure", ["", "answers-first", "check-before rnn_forward", "delete rnn_forward-check"])
def test_order_and_deletions_do_not_survive(structure):
    notebook = written()
    restructure(notebook, structure, "this")
    assert composed(notebook) == composed(written())


def test_the_type_of_an_answer_does_not_matter():
    notebook = written()
    cell_of(notebook, "rnn_forward")["cell_type"] = "raw"
    cell_of(notebook, "sequence_loss")["cell_type"] = "markdown"
    cell_of(notebook, "why_share")["cell_type"] = "code"
    assert answers(composed(notebook)[0]) == ANSWERS


def strip(notebook, marks=True, ids=True):
    for cell in notebook["cells"]:
        cell["metadata"] = {} if marks else cell["metadata"]
        if ids:
            cell["id"] = "x"
    return notebook


def test_a_notebook_stripped_of_metadata_is_the_same():
    assert composed(strip(written(), ids=False)) == composed(written())


def test_a_notebook_stripped_of_ids_is_the_same():
    assert composed(strip(written(), marks=False)) == composed(written())


def test_a_notebook_stripped_of_both_is_the_same():
    result, remarks = composed(strip(written()))
    assert result == composed(written())[0]
    assert len(remarks) == len(ANSWERS) and "rnn_cell_forward was missing" in remarks[0]


def test_a_stripped_blank_is_the_blank():
    assert composed(strip(copy.deepcopy(RELEASE))) == composed(RELEASE)


def test_one_cell_with_all_functions_is_not_undone_by_the_stubs():
    notebook = written()
    restructure(notebook, "delete rnn_forward", "this")
    restructure(notebook, "delete sequence_loss", "this")
    both = "%matplotlib inline\ndef rnn_forward(x, a0, P):\n    return 1\n\nsequence_loss = lambda *a: 2"
    insert(notebook, "rnn_cell_forward-check", code(both), below=True)
    result, remarks = composed(notebook)
    assert own(result) == [("rnn_cell_forward-check", both)] and len(remarks) == 2
    for name in ("rnn_forward", "sequence_loss"):
        assert answers(result)[name].startswith("#") and "NotImplementedError" not in answers(result)[name]


def test_an_answer_that_was_deleted_stands_as_released():
    notebook = written()
    restructure(notebook, "delete rnn_forward", "this")
    insert(notebook, "sequence_loss", code("print(rnn_forward(1) == 2)\nif True:\n    def rnn_forward(): 0"))
    result, _ = composed(notebook)
    assert answers(result)["rnn_forward"] == "".join(cell_of(RELEASE, "rnn_forward")["source"])


def test_the_last_of_several_answers_counts_and_the_others_are_still_run_before_it():
    notebook = written()
    first = copy.deepcopy(cell_of(notebook, "rnn_forward")) | {"source": "helper = 1"}
    insert(notebook, "rnn_forward", first)
    result, remarks = composed(notebook)
    assert answers(result) == ANSWERS
    above = [cell["id"] for cell in result["cells"]].index("rnn_forward") - 2
    assert own(result) == [(result["cells"][above]["id"], "helper = 1")]
    assert "rnn_forward stands in 2 cells" in remarks[0]


def test_a_duplicate_of_an_answer_by_id_counts_only_without_one_by_name():
    notebook = written()
    insert(notebook, "why_share", code("def other(): 1", id="rnn_forward"))
    assert answers(composed(notebook)[0]) == ANSWERS


def test_swapped_names_put_each_text_where_its_name_says():
    notebook = written()
    one, two = (cell_of(notebook, name) for name in ("rnn_forward", "sequence_loss"))
    one["metadata"], two["metadata"] = two["metadata"], one["metadata"]
    found = answers(composed(notebook)[0])
    assert found["rnn_forward"] == ANSWERS["sequence_loss"] and found["sequence_loss"] == ANSWERS["rnn_forward"]


def test_another_notebook_under_this_name_is_remarked_on():
    result, remarks = composed({"nbformat": 4, "cells": [code("1 + 1")]})
    assert "right notebook" in remarks[0] and own(result) == [("", "1 + 1")]


# written answers


def score(result):
    """What nbgrader makes of the written answer: 0 for a blank, None where a person must read."""
    from nbgrader.utils import determine_grade

    return determine_grade(nbformat.from_dict(cell_of(result, "why_share")))[0]


@pytest.mark.parametrize("text", ["*Write your answer here.*", "*Write your answer here.*  \r\n", "", " \n"])
def test_a_blank_answer_is_blank_for_nbgrader(text):
    assert score(composed(written(ANSWERS | {"why_share": text}))[0]) == 0


def test_a_written_answer_is_read_by_a_person():
    assert score(composed(written())[0]) is None
    assert "course" not in cell_of(composed(written())[0], "why_share")["metadata"]


def test_an_answer_in_a_new_cell_at_the_blank_is_found():
    notebook = written(ANSWERS | {"why_share": "*Write your answer here.*"})
    insert(notebook, "why_share", text_cell("One.", attachments={"a.png": {"image/png": PNG}}), below=True)
    insert(notebook, "why_share", text_cell("Two."))
    insert(notebook, "rnn_forward", text_cell("A note."))
    result, remarks = composed(notebook)
    assert cell_of(result, "why_share")["source"] == "Two.\n\nOne." and score(result) is None and len(remarks) == 1
    assert cell_of(result, "why_share")["attachments"] == {"a.png": {"image/png": PNG}}
    assert "A note." not in json.dumps(result)


def test_a_note_beside_a_written_answer_is_not_the_answer():
    notebook = written()
    insert(notebook, "why_share", text_cell("A note."), below=True)
    assert composed(notebook) == composed(written())


def test_of_two_written_answers_the_last_that_is_not_blank_counts():
    notebook = written()
    insert(notebook, "why_share", copy.deepcopy(cell_of(RELEASE, "why_share")), below=True)
    assert answers(composed(notebook)[0]) == ANSWERS


def test_pictures_in_an_answer_are_kept_when_they_are_what_they_say(monkeypatch):
    monkeypatch.setattr(submitted, "MAX_PICTURES", 60)
    jpeg = base64.b64encode(b"\xff\xd8\xff0").decode()
    notebook = written()
    cell_of(notebook, "why_share")["attachments"] = {
        "a.png": {"image/png": [PNG[:8] + "\n", PNG[8:]], "text/html": "<script>"},
        "b.jpg": {"image/jpeg": jpeg},
        "c.svg": {"image/svg+xml": "<svg/>"},
        "d.png": {"image/png": jpeg},
        "e.png": {"image/png": "!" + PNG},
        "f.png": {"image/png": 3},
        "g.png": PNG,
        "h.png": {"image/png": PNG},
        "i.png": {"image/png": PNG},
    }
    cell_of(notebook, "rnn_forward")["attachments"] = {"a.png": {"image/png": PNG}}
    result, _ = composed(notebook)
    kept = {"a.png": {"image/png": PNG}, "b.jpg": {"image/jpeg": jpeg}, "h.png": {"image/png": PNG}}
    assert cell_of(result, "why_share")["attachments"] == kept
    assert "attachments" not in cell_of(result, "rnn_forward")


# the student's own cells


def test_own_cells_stand_where_they_stood():
    notebook = written()
    first = code("first = 1", id="own-7", metadata={"tags": ["setup"], "nbgrader": {"grade_id": "mine", "points": 100}})
    notebook["cells"].insert(0, first)
    insert(notebook, "rnn_forward", code("helper = 1"))
    insert(notebook, "rnn_forward", code(" \n"))
    insert(notebook, "rnn_forward", text_cell("a note"))
    insert(notebook, "rnn_forward", code("again = 2"), below=True)
    result, remarks = composed(notebook)
    above = RELEASE["cells"][[cell["id"] for cell in RELEASE["cells"]].index("rnn_forward") - 1]["id"]
    assert own(result) == [("", "first = 1"), (above, "helper = 1"), ("rnn_forward", "again = 2")]
    assert remarks == [] and answers(result) == ANSWERS


@pytest.mark.parametrize("tag", ["setup", "demo", "try-it"])
def test_a_released_cell_that_was_edited_is_followed_by_the_edited_text(tag):
    notebook = written()
    edited = next(cell for cell in notebook["cells"] if tag in cell["metadata"].get("tags", []))
    edited["source"] = "changed = 1"
    result, _ = composed(notebook)
    assert own(result) == [(edited["id"], "changed = 1")]


def test_a_released_cell_whose_blanks_alone_changed_is_untouched():
    notebook = written()
    for cell in notebook["cells"]:
        if "demo" in cell["metadata"].get("tags", []):
            cell["source"] = "".join(cell["source"]).replace("\n", " \r\n") + "\n\n"
    assert own(composed(notebook)[0]) == []


def test_checks_are_the_released_ones():
    notebook = written()
    cell_of(notebook, "rnn_forward-check")["source"] = "points = 6"
    insert(notebook, "rnn_forward", code(" check(sequence_loss)\n"))
    insert(notebook, "rnn_forward", code("".join(cell_of(RELEASE, "rnn_forward")["source"])), below=True)
    result, remarks = composed(notebook)
    assert own(result) == [] and remarks == ["rnn_forward-check was changed; the released cell counts."]


def test_a_helper_stays_above_its_answer_where_cells_were_moved():
    notebook = written()
    restructure(notebook, "check-before rnn_forward", "this")
    insert(notebook, "rnn_forward", code("helper = 1"))
    result, _ = composed(notebook)
    ids = [cell["id"] for cell in result["cells"]]
    assert ids.index("rnn_cell_forward") < ids.index("own-1") < ids.index("rnn_forward")


def test_a_helper_stays_below_the_answer_that_it_uses_where_cells_were_moved():
    notebook = written()
    restructure(notebook, "answers-first", "this")
    insert(notebook, "count_rnn_parameters", code("again = rnn_forward"), below=True)
    insert(notebook, "rnn_forward", code("helper = 1"))
    notebook["cells"].insert(0, notebook["cells"].pop())  # the last cell, now at the top
    result, _ = composed(notebook)
    ids = [cell["id"] for cell in result["cells"]]
    assert [text for _, text in own(result)] == ["helper = 1", "again = rnn_forward"]
    assert ids.index("rnn_cell_forward") < ids.index("own-1") < ids.index("rnn_forward")
    assert ids.index("own-2") > ids.index("count_rnn_parameters")


def test_too_many_own_cells():
    notebook = written()
    notebook["cells"] += [code(f"x = {number}") for number in range(MAX_OWN + 5)]
    result, remarks = composed(notebook)
    assert [text for _, text in own(result)] == [f"x = {number}" for number in range(MAX_OWN)]
    assert remarks == [f"Of {MAX_OWN + 5} cells of your own, the first {MAX_OWN} were taken in."]
