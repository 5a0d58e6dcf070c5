"""Files that are no notebooks, or more than that, where a notebook is asked for."""

import json
import os

from .desk import ROOT, attack, code, notebooks

FIRST, SECOND = "01a_rnn_cell.ipynb", "01b_three_families.ipynb"
SOME = ("rnn_cell_forward", "sequence_loss", "jordan_forward")
B = ("jordan_forward", "sequence_to_one_forward")


def file(content):
    """The first notebook is this."""
    return lambda desk: desk.write(FIRST, content) and None


def beside(*names, content):
    """Files of the student's beside the notebooks."""
    return lambda desk: [desk.write(name, content) for name in names] and None


def link(target):
    """The first notebook is a link."""

    def make(desk):
        desk.books.pop(FIRST)
        os.symlink(desk.fill(target), desk.folder / FIRST)

    return make


def fifo(desk):
    """The first notebook is a FIFO."""
    desk.books.pop(FIRST)
    os.mkfifo(desk.folder / FIRST)


def folder(desk):
    """The first notebook is a folder."""
    desk.books.pop(FIRST)
    os.mkdir(desk.folder / FIRST)


def hard_link(desk):
    """The first notebook is a second name of our solution's copy."""
    desk.books.pop(FIRST)
    source = desk.folder.parent / "copy"
    source.write_bytes((ROOT / "solutions/01_rnn_cell" / FIRST).read_bytes())
    os.link(source, desk.folder / FIRST)


def format_3(desk):
    """The first notebook as it would have been saved in 2014."""
    cells = [
        {"input" if cell["cell_type"] == "code" else "source": cell["source"], "language": "python"}
        | {"cell_type": cell["cell_type"], "metadata": cell["metadata"], "outputs": []}
        for cell in desk.book["cells"]
    ]
    sheets = [{"cells": cells, "metadata": {}}]
    desk.write(FIRST, json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": sheets}).encode())


def many_cells(desk):
    """A hundred thousand cells."""
    desk.book["cells"] = [code("x = 1")] * 100_000 + desk.book["cells"]


def other_lesson(desk):
    """A notebook of another lesson, solved, among these."""
    desk.write("07a_lstm.ipynb", json.dumps(notebooks("solutions", "07_lstm")["07a_lstm.ipynb"]).encode())


def renamed(desk):
    """The first notebook under another name."""
    desk.write("my homework (1).ipynb", desk.raw(FIRST))
    desk.books.pop(FIRST)


def deep(desk):
    """Metadata a hundred thousand levels deep."""
    text = (
        desk.raw(FIRST).decode().replace('"metadata": {', '"metadata": {"deep": ' + "[" * 10**5 + "]" * 10**5 + ",", 1)
    )
    desk.write(FIRST, text.encode())


def huge(desk):
    """60 MB of words."""
    words = {"cell_type": "markdown", "metadata": {}, "source": "word " * 12_000_000, "id": "words"}
    desk.book["cells"].append(words)


FAKE = b"def check(f):\n    return 6.0\ndef hint(*a): pass\nquiz = progress = try_it = hint\n__course__ = 1\n"

ATTACKS = [
    attack("structure-format-3", "a notebook of nbformat 3", format_3, *SOME),
    attack(
        "structure-truncated",
        "half a notebook",
        lambda desk: desk.write(FIRST, desk.raw(FIRST)[:5000]) and None,
        *B,
        quick=True,
    ),
    attack("structure-empty", "an empty file", file(b""), *B),
    attack("structure-noise", "noise", file(bytes(range(256)) * 400), *B),
    attack("structure-json-number", "JSON that is a number", file(b"7"), *B),
    attack(
        "structure-nan", "JSON with NaN and Infinity", file(b'{"cells": NaN, "metadata": Infinity, "nbformat": 4}'), *B
    ),
    attack("structure-deep-json", "100,000 lists in one another", file(b"[" * 100_000), *B),
    attack("structure-deep-metadata", "the same inside a notebook", deep, *B),
    attack("structure-huge", "60 MB of words", huge, *B),
    attack("structure-folder", "a folder of that name", folder, *B),
    attack("structure-fifo", "a FIFO", fifo, *B, quick=True),
    attack("structure-zero", "a link to /dev/zero", link("/dev/zero"), *B, quick=True),
    attack("structure-link-solution", "a link to the solution", link("@ROOT@/solutions/01_rnn_cell/" + FIRST), *B),
    attack("structure-link-peer", "a link to another's work", link("../../chiara_rossi/01_rnn_cell/" + FIRST), *B),
    attack("structure-link-itself", "a link to itself", link(FIRST), *B),
    attack("structure-hard-link", "a file with two names", hard_link, *B),
    attack("structure-renamed", "another name", renamed, *SOME),
    attack("structure-many-cells", "a hundred thousand cells", many_cells, *B),
    attack("structure-other-lesson", "a solved notebook of another lesson", other_lesson, *SOME),
    attack(
        "structure-shadows",
        "modules of one's own beside the notebook",
        beside("numpy.py", "utils.py", "json.py", "sitecustomize.py", content=FAKE),
    ),
    attack(
        "structure-shadow-package",
        "a `utils` of one's own, with a kind check",
        beside("utils/__init__.py", "utils/checking.py", "utils/reference.py", content=FAKE),
    ),
    attack(
        "structure-config",
        "a configuration beside the notebook",
        beside("nbgrader_config.py", "ipython_config.py", content=b"c.SaveAutoGrades.enabled = False\n"),
        "sequence_loss",
    ),
    attack(
        "structure-timestamp", "a time of one's own", beside("timestamp.txt", content=b"1999-01-01 00:00:00 UTC"), *SOME
    ),
    attack(
        "structure-many-files",
        "a thousand files beside it",
        beside(*(f"{i}.txt" for i in range(1000)), content=b"x"),
        *SOME,
    ),
]
