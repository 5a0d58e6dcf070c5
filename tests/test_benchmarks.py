"""The benchmark: its parts run, its report says what was measured, and the committed figures are complete."""

import itertools
import json

import numpy as np
import pytest

from benchmarks import maths, report, through_time

KEYS = {
    "cell", "shape", "pass", "dtype", "threads",
    "reference_over_torch", "textbook_over_reference", "floor_over_reference",
}  # fmt: skip


@pytest.fixture
def stored(root):
    return json.loads((root / "benchmarks" / "results.json").read_text(encoding="utf-8"))


def test_the_committed_figures_are_complete(stored):
    places = [(r["cell"], r["shape"], r["pass"], r["dtype"], r["threads"]) for r in stored["maths"]]
    wanted = itertools.product(maths.CELLS, maths.SHAPES, maths.PASSES, ("float32", "float64"), (1, 2))
    assert len(places) == len(set(places)) and set(places) == set(wanted)
    for row in stored["maths"]:
        assert set(row) == KEYS and row["reference_over_torch"] > 0 and row["floor_over_reference"] > 0
        assert (row["textbook_over_reference"] is None) == (row["threads"] == 2)
    assert [row["T"] for row in stored["through_time"]] == list(through_time.LENGTHS)
    assert set(stored["sampling"]) == {"batch_1", "batch_256"}


def test_the_page_says_what_the_figures_say(root, stored):
    assert (root / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8") == report.written(stored)


@pytest.mark.parametrize("cell", maths.CELLS)
def test_one_row_can_be_measured(cell, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setitem(maths.SHAPES, "tiny", (3, 4, 2, 5, 1))
    forward, both = maths.rows(cell, "tiny", np.float32, 1)
    assert (forward["pass"], both["pass"]) == maths.PASSES and set(both) == KEYS
    assert all(both[key] > 0 for key in KEYS if "_over_" in key)


def test_what_is_compared_computes_the_same(monkeypatch):
    """The public pair of the reference and the textbook, of one draw of numbers."""
    pytest.importorskip("torch")
    monkeypatch.setitem(maths.SHAPES, "tiny", (3, 4, 2, 5, 1))
    for cell in maths.CELLS:
        functions = maths.contestants(cell, "tiny", np.float64)
        one, other = (functions[who, "forward+backward"]() for who in ("public", "textbook"))
        assert set(one) == set(other)
        block, _, _ = functions["reference", "forward+backward"]()
        for name, value in one.items():
            np.testing.assert_allclose(value, other[name], rtol=0, atol=1e-12)
            if name in block and cell != "LSTM":  # the public LSTM starts from a memory of zeros
                np.testing.assert_allclose(value, block[name], rtol=0, atol=1e-12)


def test_a_bar_that_is_missed_is_said_to_be(stored):
    row = next(row for row in stored["maths"] if row["pass"] == "forward+backward" and row["dtype"] == "float32")
    row["reference_over_torch"] = 9.0
    wrong = [what for what, ratio, _, ok in report.verdicts(stored) if ratio == 9.0 and not ok]
    assert wrong == [f"{row['cell']} {row['shape']}: reference / torch"]
    assert f"MISSED  {wrong[0]}" in report.bars(stored) and "| 9.00 |" in report.written(stored)


def test_memory_at_its_height_is_seen():
    assert through_time.peak(lambda: np.ones(1_000_000)) >= 8_000_000
    assert through_time.peak(lambda: None) < 10_000
