"""Folders that hold a reduced package: made at once, once, and anew when the course has changed."""

import shutil
import subprocess
import sys

from reduced_course import copied, linked

from utils.grading import reduced


def test_a_tree_is_made_once_and_for_everybody(tmp_path, monkeypatch):
    folder = linked(tmp_path)
    program = (
        "import pathlib; from utils.grading import reduced; "
        f"reduced.root = lambda: pathlib.Path({str(folder)!r}); print(reduced.tree('01a_rnn_cell'))"
    )
    both = [subprocess.Popen([sys.executable, "-c", program], text=True, stdout=subprocess.PIPE) for _ in range(2)]
    first, second = (process.communicate()[0].strip() for process in both)
    monkeypatch.setattr(reduced, "root", lambda: folder)
    made = reduced.tree("01a_rnn_cell")
    assert first == second == str(made)
    assert [p.name for p in (folder / "build/sandbox").iterdir()] == [made.name]  # no half-made ones
    assert made.name.startswith("01a_rnn_cell-") and len(made.name.rpartition("-")[2]) == 12
    paths = [made, *made.rglob("*")]
    assert {oct(p.stat().st_mode & 0o777) for p in paths if p.is_dir()} == {"0o755"}
    assert {oct(p.stat().st_mode & 0o777) for p in paths if p.is_file()} == {"0o644"}
    texts = {p.relative_to(made).as_posix(): p.read_text(encoding="utf-8") for p in made.rglob("*.py")}
    assert texts == reduced.contents("01a_rnn_cell")
    assert list((made / "utils/data").iterdir()) == []
    assert str(tmp_path).encode() not in b"".join(p.read_bytes() for p in made.rglob("*.pyc"))


def test_two_makers_at_once_end_with_one_folder(tmp_path, monkeypatch):
    """The slower one finds the folder already there when it is to put its own in place."""
    folder = linked(tmp_path)
    monkeypatch.setattr(reduced, "root", lambda: folder)
    rename = reduced.os.rename

    def late(scratch, finished):
        shutil.copytree(scratch, finished)
        (finished / "faster").touch()
        rename(scratch, finished)

    monkeypatch.setattr(reduced.os, "rename", late)
    made = reduced.tree("00_start_here")
    assert (made / "faster").exists()
    assert list((folder / "build/sandbox").iterdir()) == [made]


def test_a_changed_function_makes_another_tree(tmp_path, monkeypatch):
    folder = copied(tmp_path)
    monkeypatch.setattr(reduced, "root", lambda: folder)
    before = reduced.tree("01a_rnn_cell")
    path = folder / "utils/reference/activations.py"
    path.write_text(path.read_text().replace("e = np.exp(", "e = 1.0 * np.exp("))
    assert reduced.tree("01a_rnn_cell") == before  # a run keeps to what it began with
    reduced._sources.cache_clear()  # what a new process knows
    after = reduced.tree("01a_rnn_cell")
    assert after != before and "1.0 * np.exp(" in (after / "utils/reference/activations.py").read_text()
