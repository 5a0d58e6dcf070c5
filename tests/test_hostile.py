"""The quick part of the hostile suite against the grader; and the suite itself: it finds what is planted."""

import collections
import json
import subprocess
import sys

import numpy as np
import pytest
from sandboxes import sandboxed  # noqa: F401  (a fixture)

from tests.hostile import attacks, channel, class_, desk, holds, tally
from utils.checking.exercises import find
from utils.grading.elsewhere import Elsewhere

GROUPS = {"kernel", "values", "leaks", "others", "liveness", "structure", "oddities", "channel", "regrade"}
LARGE = ("structure-huge", "structure-many-cells")
PLACES = {"COURSE": "/tmp/no-course", "ROOT": str(desk.ROOT), "HOME": "/tmp/no-home", "PORT": "9", "SOCKET": "%x"}


def test_the_quick_part_finds_nothing(sandboxed):  # noqa: F811
    command = [sys.executable, "-m", "tests.hostile", "--quick"]
    done = subprocess.run(command, cwd=desk.ROOT, text=True, capture_output=True)
    told = [line for line in done.stdout.splitlines() if ": " in line or "broken" in line]
    assert done.returncode == 0, "\n".join(told[-60:]) + done.stderr[-2000:]
    assert done.stdout.rstrip().endswith(
        "0 unearned points, 0 honest points lost, 0 others changed, 0 invariants broken"
    )


def test_there_are_enough_of_them_in_every_group():
    table = attacks()
    assert len(table) >= 110
    assert GROUPS == {attack.group for attack in table} == {attack.group for attack in attacks(quick=True)}
    assert [name for name, count in collections.Counter(a.name for a in table).items() if count > 1] == []


def test_what_an_attack_earns_can_be_earned():
    for attack in attacks():
        for name, points in attack.earns.items():
            assert points == find(name).points and name in desk.written_in_code(attack.lesson), attack.name


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_every_attack_can_be_handed_in(group, tmp_path):
    for attack in (a for a in attacks() if a.group == group and a.name not in LARGE):
        desk.submit(attack, tmp_path, PLACES)
        folder = tmp_path / attack.name / attack.lesson
        assert list(folder.iterdir()), attack.name
        for path in (path for path in folder.glob("*.ipynb") if path.is_file() and not path.is_symlink()):
            assert not any(f"@{word}@".encode() in path.read_bytes() for word in PLACES), attack.name
        if attack.then:
            desk.submit(attack, tmp_path, PLACES, second=True)


def test_the_channel_is_found_in_a_worker_and_lent_functions_can_be_asked():
    with Elsewhere(deadline=10) as worker:
        for text in (
            "import numpy as np",
            channel.LINE,
            "def softmax(z): return 0",
            "def rnn_cell_forward(xt, a_prev, P):\n    return ask('softmax', xt)",
        ):
            assert worker.replay(text) == ""
        exercise = find("rnn_cell_forward")
        kwargs = next(iter(exercise.cases(np.random.default_rng(1)).values()))
        assert "no such function" in worker.run(exercise, kwargs).error
        with worker.with_references(["softmax"]):
            assert np.allclose(worker.run(exercise, kwargs).value.sum(axis=0), 1)


def test_what_is_planted_is_counted():
    attack = next(a for a in attacks() if a.name == "structure-points")
    count = tally.Tally()
    count.judge(attack, {"status": "graded", "scores": {"sequence_loss": 4, "rnn_forward": None}})
    assert count.ok
    count.judge(attack, {"status": "graded", "scores": {"sequence_loss": 3, "rnn_forward": 6.0, "why_share": 4}})
    count.judge(attack, None)
    entry = {"status": "graded", "scores": {"rnn_forward": 6.0}}
    count.same({("01", "ann"): entry}, {("01", "ann"): entry | {"scores": {"rnn_forward": 5.0}}}, "now")
    count.same({("01", "ann"): entry}, {("01", "ann"): entry}, "now")
    count.below({("01", "ann"): entry}, {("01", "ann"): {"rnn_forward": 6.0, "sequence_loss": 1.0}})
    count.holds("8 no leak", ["the canary stands in results.json"])
    count.holds("9 bounded", [])
    last = "3 submissions, 10 unearned points, 6 honest points lost, 1 others changed, 1 invariants broken"
    assert count.last_line() == last and not count.ok
    assert any("structure-points, rnn_forward: 6 points" in line for line in count.told())


def test_what_is_left_leaked_or_changed_is_seen(tmp_path):
    with class_.Course(tmp_path / "here", ["01_rnn_cell"], few=True) as course:
        assert set(course.honest) == set(class_.FEW) and holds.leaked(course) == []
        before = holds.untouched(course)
        (course.folder / "grading" / "results.json").write_text(json.dumps({"lessons": {}, "x": course.canary}))
        next((course.folder / "submitted").rglob("*.ipynb")).write_text("{}")
        (course.tmp / "left").touch()
        assert [line for line in holds.leaked(course) if "results.json" in line]
        changed = holds.differences(before, holds.untouched(course))
        assert any("/submitted/" in line for line in changed)
        assert "a temporary file is left: left" in holds.left_behind(course, "", 1e12)
        assert holds.one_status_each(course, [("01_rnn_cell", "chiara_rossi")])
