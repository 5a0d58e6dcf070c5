"""autograded/: the old folder or the new one, whenever the writer dies."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from utils.errors import CourseError
from utils.grading.autograded import put_away, safe_name, tidy
from utils.grading.report import Report
from utils.paths import ROOT

LESSON, PART = "01_rnn_cell", "01a_rnn_cell"


def report(words, student="ada"):
    return Report(student, LESSON, notebooks={PART: {"cells": [], "words": words}})


def words(home):
    """What stands in place; nothing else may lie in autograded/."""
    assert sorted(os.listdir(home / "autograded")) == ["ada"]
    return json.loads((home / "autograded" / "ada" / LESSON / f"{PART}.ipynb").read_text(encoding="utf-8"))["words"]


@pytest.mark.parametrize("name", ["ada", "Zoë", "a.b", "a b", "学生", "x" * 128, "o'hara", "a+b", "-x"])
def test_names_that_can_be_used(name):
    assert safe_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "a/b", "a\\b", "a\nb", "a\x00", "a\x7f", "a\u202eb", "a\udc80", "x" * 129]
)
def test_names_that_cannot(tmp_path, name):
    assert not safe_name(name)
    with pytest.raises(CourseError, match="cannot be the name of a student") as caught:
        put_away(tmp_path, report("", name))
    assert "\n" not in str(caught.value) and list(tmp_path.iterdir()) == []


def test_a_folder_is_made_and_replaced(tmp_path):
    put_away(tmp_path, report("old"))
    place = tmp_path / "autograded" / "ada" / LESSON
    (place / "left.txt").write_text("of an older run")
    (place / "left.txt").chmod(0o444)
    (place / "figures").chmod(0o555)
    put_away(tmp_path, report("new"))
    assert words(tmp_path) == "new"
    figures = sorted(path.name for path in (ROOT / "notebooks" / LESSON / "figures").iterdir())
    assert sorted(path.name for path in place.iterdir()) == [f"{PART}.ipynb", "figures"] and figures
    assert sorted(path.name for path in (place / "figures").iterdir()) == figures
    assert (place / f"{PART}.ipynb").stat().st_mode & 0o777 == 0o444 and place.stat().st_mode & 0o500 == 0o500


def test_half_a_surrogate_pair_is_kept(tmp_path):
    put_away(tmp_path, report("\ud800 \U0001f600 ü"))
    assert words(tmp_path) == "\ud800 \U0001f600 ü"


def test_without_notebooks_the_old_ones_go(tmp_path):
    put_away(tmp_path, report("old"))
    for _ in range(2):
        put_away(tmp_path, Report("ada", LESSON))
        assert os.listdir(tmp_path / "autograded") == ["ada"] and os.listdir(tmp_path / "autograded" / "ada") == []


KILLED = """
import os, pathlib, sys
from utils.grading import autograded
from utils.grading.report import Report
home, call, count = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
real, calls = getattr(os, call), []
def die(*arguments, **options):
    calls.append(arguments)
    if len(calls) == count:
        os._exit(9)
    return real(*arguments, **options)
setattr(os, call, die)
autograded.put_away(home, Report("ada", "01_rnn_cell", notebooks={"01a_rnn_cell": {"cells": [], "words": "new"}}))
"""


@pytest.mark.parametrize(
    ("call", "count", "left"),
    [("mkdir", 4, "old"), ("chmod", 1, "old"), ("rename", 1, "old"), ("rename", 2, "old"), ("rmdir", 1, "new")],
)
def test_killed_at_any_moment(tmp_path, call, count, left):
    put_away(tmp_path, report("old"))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), call, str(count)], cwd=ROOT)
    assert killed.returncode == 9
    assert len(os.listdir(tmp_path / "autograded")) > 1  # it did die in the middle
    tidy(tmp_path)
    assert words(tmp_path) == left
    put_away(tmp_path, report("newer"))
    assert words(tmp_path) == "newer"


def test_a_refusal_puts_the_old_folder_back(tmp_path, monkeypatch):
    put_away(tmp_path, report("old"))
    real, calls = os.rename, []

    def refuse(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", refuse)
        with pytest.raises(CourseError, match="^Could not write .*ada.01_rnn_cell .No space left on device.: see"):
            put_away(tmp_path, report("new"))
    assert words(tmp_path) == "old"


def test_a_disk_that_fills_among_the_figures_is_one_sentence(tmp_path, monkeypatch):
    put_away(tmp_path, report("old"))

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(CourseError, match="^Could not write .*ada.01_rnn_cell .No space left on device.: see"):
            put_away(tmp_path, report("new"))
    assert words(tmp_path) == "old"


def test_where_a_file_is_in_the_way(tmp_path):
    (tmp_path / "autograded").write_text("")
    with pytest.raises(CourseError, match="^Could not write .*autograded"):
        put_away(tmp_path, report("new"))


def test_tidying_where_there_is_nothing(tmp_path):
    tidy(tmp_path)
    assert list(tmp_path.iterdir()) == []
