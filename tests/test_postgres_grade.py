"""`python -m utils grade --db URL`: the results of a file, also when the server goes away in the middle."""
# ruff: noqa: F811 - tests name the fixtures that are imported

import shutil
import signal

import courses
import pytest
from courses import RIGHT, START, WRONG
from postgres import door, empty, mortal, plain, released_there, server, url  # noqa: F401
from sandboxes import require_sandbox
from test_postgres import everything

from utils import cli, paths
from utils.authoring.release import register
from utils.grading import run
from utils.grading.database import prepare

pytestmark = pytest.mark.postgres
STUDENTS = {"ada": RIGHT, "bob": RIGHT | WRONG, "cleo": {}}
ARGUMENTS = ("--seed", "7", "--workers", "1")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """(folder before, folder after) of a course that was graded into a file."""
    require_sandbox()
    home = courses.make(tmp_path_factory.mktemp("file") / "course", START, courses.ONE)
    for student, answers in STUDENTS.items():
        courses.hand_in(home, student, answers)
    lines = [f"{student},{START},2026-01-10T12:00:00+00:00" for student in STUDENTS]
    (home / "receipts.csv").write_text("\n".join(["student,lesson,received", *lines]))
    before = shutil.copytree(home, home.parent / "before")
    assert cli.main(["grade", "--course", str(home), *ARGUMENTS]) == 0
    return before, home


@pytest.fixture
def home(file, tmp_path):
    return shutil.copytree(file[0], tmp_path / "course")


def grade(home, *arguments):
    return cli.main(["grade", "--course", str(home), *ARGUMENTS, *arguments])


def same(file, home, url):
    """See that rows and results are those of the run into a file, and that no password lies about."""
    assert everything(url) == everything(f"sqlite:///{file[1] / 'gradebook.db'}")
    here, there = (courses.results(folder)["lessons"][START] for folder in (home, file[1]))
    assert here | {"run": ""} == there | {"run": ""}
    for path in (path for path in home.rglob("*") if path.is_file()):
        assert url.password.encode() not in path.read_bytes(), path


def test_a_run_into_a_database_is_one_into_a_file(file, home, url, capsys):
    untouched = (home / "gradebook.db").read_bytes()
    assert grade(home, "--db", plain(url)) == 0
    same(file, home, url)
    assert (home / "gradebook.db").read_bytes() == untouched
    said = capsys.readouterr()
    assert url.password not in said.out + said.err


def test_a_server_that_goes_away_stops_the_run_and_it_can_be_continued(file, home, url, door, monkeypatch, capsys):
    put = run.put_away

    def last(*arguments):
        put(*arguments)
        door.shut()

    with monkeypatch.context() as patch:
        patch.setattr(run, "put_away", last)
        assert grade(home, "--db", plain(door.url)) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "cannot be reached" in said and "--resume` goes on" in said
    assert url.password not in said
    assert grade(home, "--resume", "--db", plain(door.url)) == 1
    assert "cannot be reached" in capsys.readouterr().err
    assert grade(home, "--resume") == 1
    assert "name that one with --db to continue it" in capsys.readouterr().err
    door.open()
    assert grade(home, "--resume", "--db", plain(door.url)) == 0
    same(file, home, url)


@pytest.mark.postgres(own=True)
def test_a_server_that_is_killed_and_started_again_has_lost_nothing(file, home, mortal, monkeypatch, capsys):
    prepare(mortal.url)
    for lesson in (START, courses.ONE):
        register(lesson, mortal.url)
    put = run.put_away

    def last(*arguments):
        put(*arguments)
        mortal.stop(signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr(run, "put_away", last)
        assert grade(home, "--db", plain(mortal.url)) == 2
    assert "cannot be reached" in capsys.readouterr().err
    mortal.start()
    assert grade(home, "--resume", "--db", plain(mortal.url)) == 0
    same(file, home, mortal.url)


def test_a_lesson_is_released_to_a_database_and_nbgrader_reads_it(home, empty, monkeypatch, capsys):
    with monkeypatch.context() as patch:  # other tests release too, at the same time
        patch.setattr(paths, "hold_lock", lambda path, doing, hold=paths.hold_lock: hold(home / path.name, doing))
        assert cli.main(["release", "00", "--db", plain(empty)]) == 0
    courses.configure(home, f"c.CourseDirectory.db_url = {plain(empty)!r}\n")
    assert grade(home) == 0  # the course's own settings name it
    from nbgrader.apps import ExportApp, GenerateFeedbackApp
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(home)).load_config()
    for app, arguments in ((ExportApp, ["--to", str(home / "grades.csv")]), (GenerateFeedbackApp, [START])):
        it = app(config=config)
        it.initialize(arguments, root=str(home)) if app is ExportApp else it.initialize(arguments)
        it.start()
    totals = {row["student_id"]: float(row["score"]) for row in courses.table(home / "grades.csv")}
    assert totals == {"ada": 6.0, "bob": 4.0, "cleo": 0.0}
    assert (home / "feedback" / "ada" / START / f"{START}.html").is_file()
    assert empty.password not in str(capsys.readouterr())
