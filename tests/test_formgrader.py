"""What formgrader's list says of a submission: graded or not, and since when, without asking the submission itself."""

import datetime
import os
import time

import courses
import pytest
from courses import RIGHT, START, WRONG
from sandboxes import require_sandbox
from traitlets.config.loader import PyFileConfigLoader


@pytest.fixture
def home(tmp_path):
    require_sandbox()
    home = courses.make(tmp_path / "course", START)
    courses.hand_in(home, "ada", RIGHT)
    courses.hand_in(home, "bob", RIGHT | WRONG)
    courses.configure(home)
    return home


def listed(home):
    """{student: (whether it is graded, score, time)} as formgrader's page shows it."""
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    config = PyFileConfigLoader("nbgrader_config.py", path=str(home)).load_config()
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    lines = api.get_submissions(START)
    return {line["student"]: (line["autograded"], line["score"], line["timestamp"]) for line in lines}


def test_the_list_tells_what_was_graded_and_what_came_after(home):
    os.mkfifo(home / "submitted" / "ada" / START / "timestamp.txt")  # who reads it waits for ever
    (home / "submitted" / "bob" / START / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    assert not any(graded for graded, *_ in listed(home).values())
    courses.graded(home, START)
    now = listed(home)
    assert {name: line[:2] for name, line in now.items()} == {"ada": (True, 6), "bob": (True, 4)}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    assert all(moment.startswith(today[:4]) for *_, moment in now.values())
    time.sleep(0.05)  # the system's clock for files has ticks of some milliseconds
    courses.hand_in(home, "bob", RIGHT)
    assert {name: line[0] for name, line in listed(home).items()} == {"ada": True, "bob": False}
    courses.graded(home, START)
    assert {name: line[:2] for name, line in listed(home).items()} == {"ada": (True, 6), "bob": (True, 6)}


def test_a_student_who_handed_in_nothing_is_no_trouble(home):
    (home / "submitted" / "cleo").mkdir()
    courses.graded(home, START)
    assert "cleo" not in listed(home) or listed(home)["cleo"][1] == 0
