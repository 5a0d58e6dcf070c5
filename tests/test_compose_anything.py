"""Random changes to a notebook: whatever is handed in, the result is the release with text in it."""

import copy
import json

from handed_in import ANSWERS, PNG, RELEASE, answers, code, composed, own, sound, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from utils.grading.compose import compose
from utils.grading.submitted import Unreadable, read_cells

SCRAPS = st.sampled_from(
    [
        "",
        "x = 1",
        "def rnn_forward(x): pass",
        "check(rnn_forward)",
        "rnn_forward",
        "sequence_loss",
        "why_share",
        "\ud800",
    ]
    + ["code", "markdown", "raw", "\0", "rnn_forward-check", PNG, "own-1", "source", "metadata", "nbgrader"]
)
JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SCRAPS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCRAPS, inner, max_size=3),
    max_leaves=5,
)
MARK = st.fixed_dictionaries({}, optional={"grade_id": JSONISH, "solution": JSONISH, "points": JSONISH})
CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": SCRAPS,
        "source": JSONISH | SCRAPS,
        "id": JSONISH,
        "metadata": JSONISH | st.fixed_dictionaries({"nbgrader": MARK}),
        "attachments": JSONISH | st.dictionaries(SCRAPS, st.fixed_dictionaries({"image/png": JSONISH})),
    },
)
NUMBER = st.integers(0, len(RELEASE["cells"]))
MUTATION = st.one_of(
    st.tuples(st.just("insert"), NUMBER, CELL | JSONISH),
    st.tuples(st.just("delete"), NUMBER, st.none()),
    st.tuples(st.just("move"), NUMBER, NUMBER),
    st.tuples(st.just("copy"), NUMBER, NUMBER),
    st.tuples(st.just("change"), NUMBER, CELL),
    st.tuples(st.just("top"), NUMBER, st.dictionaries(st.sampled_from(["nbformat", "cells", "metadata"]), JSONISH)),
)


def mutate(notebook, action, where, what):
    cells = notebook.get("cells")
    if action == "top":
        notebook |= what
    elif isinstance(cells, list):
        if action == "insert":
            cells.insert(where, what)
        elif where < len(cells) and action == "delete":
            cells.pop(where)
        elif where < len(cells) and action == "move":
            cells.insert(what, cells.pop(where))
        elif where < len(cells) and action == "copy":
            cells.insert(what, copy.deepcopy(cells[where]))
        elif where < len(cells) and action == "change" and isinstance(cells[where], dict):
            cells[where] = cells[where] | what


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(MUTATION, max_size=8))
def test_whatever_is_handed_in_the_result_is_the_release_with_text_in_it(mutations):
    notebook = written()
    for mutation in mutations:
        mutate(notebook, *mutation)
    try:
        cells, _ = read_cells(json.dumps(notebook).encode())
    except Unreadable:
        return
    result, _ = compose(RELEASE, cells)
    sound(result)
    own(result)


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(len(RELEASE["cells"]))), st.lists(NUMBER, max_size=6))
def test_own_cells_keep_their_order_whatever_was_moved(order, places):
    notebook = written()
    notebook["cells"] = [notebook["cells"][number] for number in order]
    for number, place in enumerate(sorted(places)):
        notebook["cells"].insert(place + number, code(f"x = {number}"))
    result, _ = composed(notebook)
    assert [text for _, text in own(result)] == [f"x = {number}" for number in range(len(places))]
    assert answers(result) == ANSWERS
