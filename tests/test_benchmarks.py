"""The benchmark: its parts run, its report says what was measured, and the committed figures are complete."""

import itertools
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import grading, maths, report, through_time

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


LINE = {n: {"submissions": n, "seconds": 5 + n / 4, "driver_mb": 130.0, "worker_mb": 60.0} for n in (10, 1000)}
TIMES = {
    "01_rnn_cell": {"released": {"stock": 20.0, "ours": 0.5}, "bare": {"stock": 3.0, "ours": 1.0}},
    "07_lstm": {"released": {"stock": 14.0, "ours": 0.5}, "bare": {"stock": 6.0, "ours": 0.5}},
}


def test_grading_is_told_as_ratios_and_seconds(stored):
    found = grading.figures(TIMES, LINE, cores=2)
    assert found["lessons"]["01_rnn_cell"]["throughput_over_stock_nbgrader"] == 40
    assert found["lessons"]["01_rnn_cell"]["overhead_over_stock_nbgrader"] == 3
    assert found["seconds_per_submission"] == {"10": 0.75, "1000": 0.255}
    assert found["driver_peak_mb_at_1000"] == 130
    stored["grading"] = found | {"cpu": "a processor"}
    page = report.written(stored)
    assert "| 01_rnn_cell, without demo cells: stock / ours | 3.00 | 4.00 | **no** |" in page
    assert "| 07_lstm, without demo cells: stock / ours | 12.00 | 4.00 | yes |" in page
    assert "| 07_lstm | as released | 14.00 | 0.50 | 28.00 |" in page
    assert "0.75 s at 10" in page and "a processor, 2 cores" in page
    assert "MISSED  01_rnn_cell, without" in report.bars(stored) and "memory of the driver" in report.bars(stored)
    del stored["grading"]
    assert "Grading" not in report.written(stored)


def test_several_runs_count_by_their_submissions():
    assert grading.each([{"seconds": 3.0, "submissions": 1}, {"seconds": 5.0, "submissions": 3}]) == 2


def test_the_class_is_the_same_for_both_and_bare_where_asked(tmp_path):
    grading.make_course(tmp_path / "bare", "07_lstm", "bare", 6)
    grading.make_course(tmp_path / "released", "07_lstm", "released", 6)
    for form in ("bare", "released"):
        desks = sorted(path.name for path in (tmp_path / form / "submitted").iterdir())
        assert [name[5:] for name in desks] == [*grading.CLASS["07_lstm"], grading.CLASS["07_lstm"][0]]
        texts = [path.read_text() for path in (tmp_path / form / "submitted").glob("*/*/*.ipynb")]
        cells = [cell for text in texts for cell in json.loads(text)["cells"]]
        assert any("demo" in cell["metadata"].get("tags", ()) for cell in cells) == (form == "released")
        assert any("check(" in "".join(cell["source"]) for cell in cells)
        config = (tmp_path / form / "nbgrader_config.py").read_text()
        assert "Execute" not in config and str(tmp_path / form) in config


def test_memory_is_that_of_the_process_itself_and_of_its_children():
    if not grading.high_water(os.getpid()):
        pytest.skip("this system does not tell")
    hungry = "x = b'1' * 80_000_000; import time; time.sleep(0.3)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hungry!r}])"
    own, child = grading.highest_memory(subprocess.Popen([sys.executable, "-c", hungry]))
    assert own > 76 and child == 0
    own, child = grading.highest_memory(subprocess.Popen([sys.executable, "-c", parent]))
    assert own < 60 < 76 < child


def test_only_the_parts_that_are_named_are_measured(tmp_path, monkeypatch, capsys, stored):
    for name in ("results.json", "RESULTS.md"):
        (tmp_path / name).write_text(json.dumps(stored))
    monkeypatch.setattr(command, "HERE", tmp_path)
    measured = {"grading": grading.figures(TIMES, LINE, cores=2) | {"cpu": "a processor"}}
    monkeypatch.setitem(command.PARTS, "grading", lambda quick: measured)
    monkeypatch.setitem(command.PARTS, "maths", lambda quick: pytest.fail("nobody asked for it"))
    assert command.main(["grading", "--quick"]) == 0
    assert json.loads((tmp_path / "results.json").read_text()) == stored
    assert command.main(["grading"]) == 0
    assert json.loads((tmp_path / "results.json").read_text()) == stored | measured
    assert (tmp_path / "RESULTS.md").read_text() == report.written(stored | measured)
    with pytest.raises(SystemExit):
        command.main(["grades"])
    assert "there is no part grades" in capsys.readouterr().err
