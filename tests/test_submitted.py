"""The bytes of a submitted notebook: every encoding, format 3, and all that is no notebook."""

import json

import pytest
from handed_in import ANSWERS, RELEASE, answers, cell_of, composed, own, written

from utils.grading import submitted
from utils.grading.compose import compose
from utils.grading.submitted import Unreadable, read_cells


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_encodings(encoding):
    changed = ANSWERS | {"why_share": "Für später 🦉"}
    cells, remarks = read_cells(json.dumps(written(changed), ensure_ascii=False).encode(encoding))
    assert answers(compose(RELEASE, cells)[0]) == changed and remarks == []


def test_a_letter_in_another_encoding_costs_that_letter_only():
    raw = json.dumps(written(ANSWERS | {"why_share": "für"}), ensure_ascii=False).encode("latin-1", "replace")
    cells, remarks = read_cells(raw)
    assert answers(compose(RELEASE, cells)[0]) == ANSWERS | {"why_share": "f\ufffdr"} and len(remarks) == 1


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (json.dumps(RELEASE).encode()[:-100], "damaged"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "damaged"),
        (b"[" * 200_000 + b"]" * 200_000, "damaged"),
        (b'{"cells": [], "nbformat": 4, "x": ' + b'{"a":' * 200_000 + b"1" + b"}" * 200_001, "damaged"),
        (b'{"cells": [], "nbformat": 4, "x": 1' + b"0" * 5000 + b"}", "damaged"),
        (b"[" + b"[]," * 1_000_001 + b"0]", "too much"),
        (b"[]", "format 4"),
        (b"null", "format 4"),
        (b'"nbformat"', "format 4"),
        (b'{"nbformat": 4}', "format 4"),
        (b'{"nbformat": 4, "cells": {}}', "format 4"),
        (b'{"nbformat": 3, "worksheets": 3}', "format 4"),
        (b'{"nbformat": 3, "worksheets": [3]}', "format 4"),
        (b'{"nbformat": 3}', "format 4"),
        (b'{"nbformat": 2, "cells": []}', "format 4"),
        (b'{"nbformat": 99, "cells": []}', "format 4"),
        (b'{"nbformat": [4], "cells": []}', "format 4"),
        (b'{"nbformat": 4, "cells": [' + b"0," * submitted.MAX_CELLS + b"0]}", "5,001 cells"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_notebook_is_said(raw, words):
    with pytest.raises(Unreadable, match=words):
        read_cells(raw)


def test_odd_numbers_and_double_keys_are_harmless():
    raw = b'{"nbformat": 4, "nbformat": 4, "nbformat_minor": 99, "x": [NaN, -Infinity, 1e999], "cells": []}'
    assert read_cells(raw) == ([], [])


def test_format_3():
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": []}, {"cells": []}]}
    for number, cell in enumerate(written()["cells"]):
        cell = {key: value for key, value in cell.items() if key not in ("id", "execution_count")}
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python", "prompt_number": 1}
        old["worksheets"][number > 20]["cells"].append(cell)
    result, remarks = composed(old)
    assert answers(result) == ANSWERS and own(result) == [] and remarks == []


@pytest.mark.parametrize("source", [None, 3, {}, ["a", 1], "x" * (submitted.MAX_TEXT + 1)])
def test_a_source_that_is_no_text_costs_that_cell_only(source):
    notebook = written()
    cell_of(notebook, "rnn_forward")["source"] = source
    notebook["cells"].append(7)
    result, remarks = composed(notebook)
    stub = "".join(cell_of(RELEASE, "rnn_forward")["source"])
    assert answers(result) == ANSWERS | {"rnn_forward": stub}
    assert "2 of the cells" in remarks[0]


def test_letters_that_cannot_be_written_are_replaced():
    result, _ = composed(written(ANSWERS | {"rnn_forward": "x = '\ud800\0'\r\ny = 1\rz = 2"}))
    assert cell_of(result, "rnn_forward")["source"] == "x = '\ufffd\0'\ny = 1\nz = 2"
