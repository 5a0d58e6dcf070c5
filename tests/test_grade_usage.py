"""What `python -m utils grade` refuses before it grades anything: one sentence, exit code 1, nothing changed."""

import os
import sqlite3

import courses
import pytest
from courses import START
from sandboxes import require_sandbox

from utils import cli
from utils.grading import feedback, plug  # noqa: F401  (settings import them)
from utils.paths import hold_lock


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A course in which one student has handed in; no test grades it."""
    require_sandbox()
    home = courses.make(tmp_path_factory.mktemp("usage") / "course", START)
    courses.hand_in(home, "ada_lovelace")
    return home


@pytest.fixture
def refused(home, capsys):
    """Run the command in this process; it must refuse. Returns its sentence."""

    def run(*arguments, course=home):
        before = (home / "gradebook.db").read_bytes()
        assert cli.main(["grade", "--course", str(course), *arguments]) == 1
        said = capsys.readouterr()
        assert said.out == "" and said.err.count("\n") == 1, said.err
        assert (home / "gradebook.db").read_bytes() == before and not (home / "autograded").exists()
        assert not (home / "grading" / "runs").exists()
        return said.err

    return run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--student", "ada_lovelac"], "There is no student ada_lovelac (did you mean ada_lovelace?)."),
        (["77"], "There is no lesson 77"),
        (["01_rnn_cel"], "There is no lesson 01_rnn_cel (did you mean 01_rnn_cell?)."),
        (["01"], "01_rnn_cell was never released to this gradebook: `python -m utils release 01_rnn_cell --"),
        (["--workers", "0"], "--workers must be 1 or more"),
        (["--seed", "-1"], "--seed not negative"),
    ],
)
def test_what_was_asked_for(refused, arguments, words):
    assert words in refused(*arguments)


@pytest.mark.parametrize("arguments", [["--unsaf"], ["--res"], ["--workers", "many"], ["--seed", "1.5"], ["--json=1"]])
def test_usage_errors_end_with_one_and_options_are_typed_in_full(home, arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["grade", "--course", str(home), *arguments])
    assert ended.value.code == 1 and "usage: python -m utils grade" in capsys.readouterr().err


def test_no_folder_of_submissions(refused, tmp_path):
    assert f"There is no folder {tmp_path / 'submitted'}" in refused(course=tmp_path)


def test_an_empty_inbox(refused, home, tmp_path):
    other = courses.make(tmp_path / "course", START)
    assert "holds nothing for any lesson that the gradebook knows: put what was handed in" in refused(course=other)
    assert f"holds nothing for {START}" in refused("00", course=other)
    (other / "submitted" / "readme.txt").write_text("a file is no student")
    assert "holds nothing" in refused_twice(refused, other)


def refused_twice(refused, other):
    """That of a run which also says what it leaves out."""
    with pytest.raises(AssertionError, match="readme.txt' is no folder"):
        refused(course=other)
    (other / "submitted" / "readme.txt").unlink()
    return refused(course=other)


def test_no_gradebook(refused, tmp_path):
    (tmp_path / "submitted").mkdir()
    assert "No lesson was ever released to a gradebook" in refused(course=tmp_path)
    assert not (tmp_path / "gradebook.db").exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("students.csv", "name,mail\nada,a@b\n", "students.csv needs the column id in every row"),
        ("students.csv", "idd\nada\n", "(did you mean idd?)"),
        ("students.csv", b"id\n\xff\xfe\n", "is no table in UTF-8"),
        ("students.csv", "id\n../ada\n", "cannot be a student's id"),
        ("receipts.csv", "student,lesson\nada,00\n", "receipts.csv needs the column received"),
        ("receipts.csv", "student,lesson,received\nada,00,tomorrow\n", "'tomorrow'"),
    ],
)
def test_a_roster_or_receipts_that_cannot_be_read(home, capsys, name, content, words):
    (home / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        assert cli.main(["grade", "--course", str(home)]) == 1
        assert words in capsys.readouterr().err and not (home / "autograded").exists()
    finally:
        (home / name).unlink()


def test_who_holds_the_lock_is_said(refused, home):
    with hold_lock(home / "grading" / "lock", "grade"):
        said = refused()
    assert f"Process {os.getpid()} has been busy with `grade` since" in said


def test_a_database_that_may_only_be_read(refused, home):
    address = f"sqlite:///file:{home / 'gradebook.db'}?mode=ro&uri=true"
    config = f"c = get_config()\nc.CourseDirectory.root = {str(home)!r}\nc.CourseDirectory.db_url = {address!r}\n"
    (home / "nbgrader_config.py").write_text(config)
    assert "may not be written to" in refused()
    (home / "nbgrader_config.py").unlink()


@pytest.mark.parametrize(("version", "words"), [("50a4d84c131a", "an older nbgrader"), ("f" * 12, "a newer nbgrader")])
def test_a_database_of_another_version(refused, tmp_path, version, words):
    other = courses.make(tmp_path / "course", START)
    courses.hand_in(other, "ada")
    with sqlite3.connect(other / "gradebook.db") as db:
        db.execute("UPDATE alembic_version SET version_num = ?", [version])
    assert words in refused(course=other)


def test_a_lesson_is_made_known_to_another_gradebook(tmp_path, capsys):
    place = courses.make(tmp_path / "other")
    courses.hand_in(place, "ada")
    assert cli.main(["release", "00", "--course", str(place)]) == 0
    assert "known to the gradebook: 00_start_here" in capsys.readouterr().out
    assert list(courses.graded(place, START)) == ["ada"]
    assert cli.main(["release", "00", "--course", str(tmp_path / "nowhere")]) == 1
    assert "There is no folder" in capsys.readouterr().err
