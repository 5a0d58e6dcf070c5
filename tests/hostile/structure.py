"""What can be done to a notebook as a file: tags, metadata, cells, formats, and things that are no notebooks."""

import json

from utils.grading.sample import grade_id

from .desk import answers, attack, code, solution

SOME = ("rnn_cell_forward", "sequence_loss", "jordan_forward")


def checks(change):
    """Do this to every check cell."""

    def make(desk):
        for cell in desk.cells():
            if grade_id(cell).endswith("-check"):
                change(cell)

    return make


def everything(change):
    """Do this to every cell."""
    return lambda desk: [change(cell) for cell in desk.cells()] and None


def kept(test):
    """Keep the cells for which this is true."""

    def make(desk):
        for book in desk.books.values():
            book["cells"] = [cell for cell in book["cells"] if test(cell)]

    return make


def books(change):
    """Do this to every notebook."""
    return lambda desk: [change(book) for book in desk.books.values()] and None


def is_check(cell):
    """Whether a cell is a check."""
    return grade_id(cell).endswith("-check")


def marks(**changes):
    """Change nbgrader's own metadata in every cell that has any."""
    return everything(lambda cell: grade_id(cell) and cell["metadata"]["nbgrader"].update(changes))


def duplicated(desk):
    """Each check stands three times."""
    for book in desk.books.values():
        book["cells"] = [
            c for cell in book["cells"] for c in [json.loads(json.dumps(cell))] * (3 if is_check(cell) else 1)
        ]


def last_wins(first, then):
    """The answer cell of rnn_cell_forward twice."""

    def make(desk):
        desk.answer("rnn_cell_forward", then)
        cells = desk.book["cells"]
        place = next(i for i, cell in enumerate(cells) if grade_id(cell) == "rnn_cell_forward")
        cells.insert(place, json.loads(json.dumps(cells[place])) | {"source": first, "id": "twice"})

    return make


def foreign(desk):
    """A check of the student's own, worth a hundred points."""
    mark = {"grade": True, "solution": False, "locked": True, "points": 100, "schema_version": 3, "task": False}
    for number, name in enumerate(("mine-check", "why_share-check", "rnn_forward-more")):
        cell = code("print('right')\n100.0")
        cell |= {"id": f"mine{number}", "metadata": {"nbgrader": mark | {"grade_id": name, "cell_type": "code"}}}
        desk.book["cells"].append(cell)


def swapped(desk):
    """The small exercise's check under the name of the large one, and the other way round."""
    small, large = desk.cell("count_rnn_parameters-check"), desk.cell("rnn_forward-check")
    for cell, name in ((small, "rnn_forward-check"), (large, "count_rnn_parameters-check")):
        cell["metadata"]["nbgrader"] |= {"grade_id": name}
    small["metadata"]["nbgrader"]["points"] = 6


def outputs(desk):
    """Outputs that claim points."""
    for cell in desk.cells():
        if is_check(cell):
            data = {"text/plain": ["6.0"], "text/html": ["<b>6 points</b><script>alert(1)</script>"]}
            result = {"output_type": "execute_result", "execution_count": 7, "metadata": {}, "data": data}
            cell |= {"execution_count": 7, "outputs": [result]}
            cell["metadata"]["nbgrader"]["score"] = 6


def surrogates(desk):
    """Half a character in an answer, written as JSON can write it."""
    desk.answer("rnn_forward", "\ud800 = '\ud800'")
    for name, book in list(desk.books.items()):
        desk.write(name, json.dumps(book).encode())


def turned(desk):
    """All cells in the opposite order."""
    for book in desk.books.values():
        book["cells"].reverse()


SKIP = {"tags": ["skip-execution"]}
WRONG, RIGHT = "rnn_cell_forward = print", solution("rnn_cell_forward")

ATTACKS = [
    attack("structure-skip", "the tag skip-execution on the checks", checks(lambda c: c["metadata"].update(SKIP))),
    attack(
        "structure-skip-all",
        "the same on every cell, beside work",
        everything(lambda c: c["metadata"].update(SKIP)),
        *SOME,
    ),
    attack(
        "structure-demo",
        "every check is a demo",
        checks(lambda c: c["metadata"].update(tags=["demo"])),
        "sequence_loss",
    ),
    attack(
        "structure-setup", "every cell is a setup", everything(lambda c: c["metadata"].update(tags=["setup"])), *SOME
    ),
    attack("structure-points", "a hundred points each", marks(points=100), "sequence_loss", quick=True),
    attack("structure-minus", "points below zero", marks(points=-5), "sequence_loss"),
    attack(
        "structure-deleted",
        "the checks are deleted, the work is right",
        kept(lambda c: not is_check(c)),
        *SOME,
        quick=True,
    ),
    attack("structure-deleted-blank", "the checks are deleted, nothing is right", kept(lambda c: not is_check(c))),
    attack("structure-only-answers", "nothing is left but answers", kept(lambda c: grade_id(c) in SOME), *SOME),
    attack("structure-no-cells", "no cells at all", kept(lambda c: False)),
    attack("structure-duplicated", "each check three times", duplicated, "sequence_loss"),
    attack("structure-edited", "checks that say 6.0", checks(lambda c: c.update(source="6.0")), "sequence_loss"),
    attack("structure-edited-pass", "checks that do nothing", checks(lambda c: c.update(source="pass"))),
    attack("structure-reordered", "everything in the opposite order", turned, *SOME),
    attack("structure-stripped", "no cell has metadata", everything(lambda c: c.update(metadata={})), *SOME),
    attack("structure-no-metadata", "cells without the key", everything(lambda c: c.pop("metadata")), *SOME),
    attack("structure-markdown", "checks as text", checks(lambda c: c.update(cell_type="markdown")), "sequence_loss"),
    attack("structure-raw", "checks as raw cells", checks(lambda c: c.update(cell_type="raw")), *SOME),
    attack("structure-schema-1", "nbgrader's first schema", marks(schema_version=1), "sequence_loss"),
    attack("structure-schema-99", "a schema of the future", marks(schema_version=99), "sequence_loss"),
    attack("structure-manual", "checks that a person should mark", marks(solution=True, grade=True), "sequence_loss"),
    attack("structure-foreign", "a hundred points for a cell of one's own", foreign, "sequence_loss", quick=True),
    attack("structure-swapped", "a small check under a large one's name", swapped, "count_rnn_parameters", quick=True),
    attack("structure-outputs", "outputs that claim points", outputs, "sequence_loss"),
    attack("structure-last-right", "two answers, the last is right", last_wins(WRONG, RIGHT), "rnn_cell_forward"),
    attack("structure-last-wrong", "two answers, the last is wrong", last_wins(RIGHT, WRONG)),
    attack(
        "structure-kernel",
        "another kernel's name",
        books(lambda b: b["metadata"].update(kernelspec={"name": "bash"})),
        *SOME,
    ),
    attack("structure-metadata", "metadata that is a list", books(lambda b: b.update(metadata=[1])), "sequence_loss"),
    attack("structure-cells", "cells that are no cells", books(lambda b: b.update(cells=[1, None, "x", {}, []]))),
    attack("structure-sources", "sources that are numbers", everything(lambda c: c.update(source=7))),
    attack(
        "structure-source-list",
        "sources as lists of lines",
        everything(lambda c: c.update(source=[c["source"]] if isinstance(c["source"], str) else c["source"])),
        *SOME,
    ),
    attack("structure-surrogates", "half a character", surrogates, "sequence_loss"),
    attack("structure-null", "null characters in an answer", answers(rnn_forward="x = 1\0\ny = 2"), "sequence_loss"),
    attack("structure-format-99", "nbformat 99", books(lambda b: b.update(nbformat=99))),
]
