"""Grading on a Dask cluster: the same gradebook as one machine makes, whatever happens to scheduler and workers."""

import json
import shutil
import signal

import clusters
import courses
import distributed
import pytest
from courses import ONE, RIGHT, START, WRONG
from sandboxes import require_sandbox

from utils import cli
from utils.grading import cluster, run
from utils.grading.report import GRADED

STUDENTS = {"ada": RIGHT, "bob": WRONG, "cleo": {}, "dan": {"unfold": RIGHT["unfold"]}, "eve": RIGHT}
SAMPLE = ["amara_okafor", "mei_lin"]  # of lesson 01


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout elsewhere, as on another machine."""
    require_sandbox()
    return clusters.copy_of_the_checkout(tmp_path_factory.mktemp("elsewhere") / "checkout")


@pytest.fixture
def dask(checkout, tmp_path, ran):
    """A scheduler without any worker."""
    ran("Dask", distributed.__version__)
    folder = tmp_path / "cluster"
    folder.mkdir()
    with clusters.Cluster(folder, checkout) as dask:
        yield dask


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The class graded by one process of this machine."""
    require_sandbox()
    home = courses.make(tmp_path_factory.mktemp("class") / "course", START, ONE)
    for student, answers in STUDENTS.items():
        courses.hand_in(home, student, answers)
    courses.sample(home, ONE, SAMPLE)
    shutil.copytree(home, home.parent / "fresh")
    courses.graded(home, workers=1)
    return home


@pytest.fixture
def home(alone, tmp_path):
    """The same class before it is graded."""
    return shutil.copytree(alone.parent / "fresh", tmp_path / "course")


def same(home, alone):
    """Whether two runs came to the same: rows of the gradebook, results, notebooks."""
    return all(look(home) == look(alone) for look in (courses.scores, statements, notebooks))


def statements(home):
    """What results.json says of each lesson and student, without the times."""
    lessons = courses.results(home)["lessons"]
    return {(n, s): line | {"received": ""} for n in lessons for s, line in lessons[n]["students"].items()}


def notebooks(home):
    return {path.relative_to(home): path.read_bytes() for path in home.glob("autograded/*/*/*.ipynb")}


def lines(home):
    """The lines of the only journal: (lesson, student) of what was written."""
    (journal,) = home.glob("grading/runs/*/journal.jsonl")
    return [(e["lesson"], e["student"]) for e in map(json.loads, journal.read_text().split("\n")[1:])]


def at_first(monkeypatch, act):
    """Do something as soon as the first submission that was looked at is finished."""
    add, acted = run.Journal.add, []

    def then(journal, report):
        add(journal, report)
        if report.status == GRADED and not acted:
            acted.append(act())

    monkeypatch.setattr(run.Journal, "add", then)
    return acted


def grade(home, dask, *options):
    return cli.main(["grade", "--course", str(home), "--seed", "7", "--scheduler", dask.address, *options])


def test_two_processes_come_to_the_same_as_one(alone, home):
    courses.graded(home, workers=2)
    assert same(home, alone)


def test_a_cluster_that_loses_a_worker_comes_to_the_same_as_one_process(alone, home, dask, monkeypatch):
    for _ in range(2):
        dask.add(apart=True)

    def kill():
        worker, child = clusters.until(dask.judging)
        below = [child, *child.children(recursive=True)]
        child.suspend()  # it cannot end by itself
        worker.kill()
        return below

    acted = at_first(monkeypatch, kill)
    assert grade(home, dask) == 0
    assert same(home, alone)
    assert len(lines(home)) == len(set(lines(home))) == 2 * len({*STUDENTS, *SAMPLE})
    clusters.until(lambda: not any(p.is_running() and p.status() != "zombie" for p in acted[0]))
    assert [worker.poll() is None for worker in dask.workers].count(True) == 1


def test_what_its_workers_died_of_waits_for_a_person_and_the_others_are_graded(home, checkout, tmp_path, monkeypatch):
    with clusters.Cluster(tmp_path, checkout, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as dask:
        for _ in range(2):
            dask.add()
        at_first(monkeypatch, lambda: clusters.until(dask.judging)[0].kill())
        assert grade(home, dask) == 2
    found = statements(home).values()
    left = {line["reason"] for line in found if line["status"] == "review"}
    assert left == {cluster.SEVERAL_ENDED} and "graded" in {line["status"] for line in found}
    assert len(lines(home)) == 2 * len({*STUDENTS, *SAMPLE})


def test_a_process_that_judges_and_is_killed_costs_its_student_nothing(alone, home, dask, monkeypatch):
    dask.add()
    acted = at_first(monkeypatch, lambda: clusters.until(dask.judging)[1].kill())
    assert grade(home, dask) == 0
    assert acted and same(home, alone)


def test_a_scheduler_that_is_gone_stops_the_run_and_any_machine_can_go_on(alone, home, dask, monkeypatch, capsys):
    dask.add()
    acted = at_first(monkeypatch, dask.scheduler.kill)
    assert grade(home, dask) == 2
    said = capsys.readouterr()
    assert "does not answer any more. Then `python -m utils grade --resume` goes on" in said.err
    assert said.out == "" and said.err.count("\n") == 1 and acted
    done = lines(home)
    courses.graded(home, resume=True)
    assert done and lines(home)[: len(done)] == done and same(home, alone)


def test_a_cluster_that_loses_all_its_workers_is_waited_for_and_then_stops_the_run(home, dask, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    worker = dask.add()
    at_first(monkeypatch, lambda: (worker.kill(), worker.wait(), clusters.until(lambda: not dask.members())))
    assert grade(home, dask) == 2
    waiting, stopped = capsys.readouterr().err.splitlines()
    assert waiting == f"The cluster at {dask.address} has no worker; waiting 0.3 seconds for one."
    assert "start one with `dask worker" in stopped and "--resume` goes on" in stopped


def test_a_worker_that_comes_while_the_cluster_has_none_goes_on(alone, home, dask, monkeypatch):
    worker = dask.add()
    at_first(monkeypatch, lambda: (worker.kill(), worker.wait(), clusters.until(lambda: not dask.members())))
    wait = cluster.Cluster._wait
    monkeypatch.setattr(cluster.Cluster, "_wait", lambda it: (dask.add(), wait(it))[1])
    assert grade(home, dask) == 0
    assert same(home, alone)


def refused(home, capsys, dask, *options):
    """The one sentence of a run that does not begin."""
    assert grade(home, dask, *options) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1, said.err
    assert not (home / "grading" / "runs").exists() and not (home / "autograded").exists()
    return said.err


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A checkout with one line more."""
    return clusters.copy_of_the_checkout(tmp_path_factory.mktemp("other") / "checkout", "\n# one line more\n")


def test_a_worker_with_another_course_is_refused_and_both_are_named(home, dask, other, capsys):
    dask.add()
    dask.add(other)
    said = refused(home, capsys, dask)
    assert said.startswith("The worker tcp://") and said.count("rnn-course 0.1.0 (code ") == 2
    assert cluster.identity() in said and "install the same on both" in said


def test_a_worker_without_the_course_is_refused(home, dask, tmp_path, capsys):
    (tmp_path / "utils").mkdir()
    (tmp_path / "utils" / "__init__.py").touch()
    dask.add(tmp_path)
    assert "cannot load this course (" in (said := refused(home, capsys, dask)) and cluster.identity() in said


def test_a_scheduler_with_another_course_is_refused(home, other, tmp_path, capsys):
    with clusters.Cluster(tmp_path, other) as dask:
        said = refused(home, capsys, dask)
    assert said.startswith(f"The scheduler {dask.address} has rnn-course 0.1.0 (code ") and cluster.identity() in said


def test_a_stranger_that_joins_later_stops_the_run_before_it_is_believed(alone, home, dask, other, monkeypatch, capsys):
    dask.add()
    at_first(monkeypatch, lambda: dask.add(other))
    assert grade(home, dask) == 2
    assert "install the same on both" in (said := capsys.readouterr().err) and said.count("\n") == 1
    courses.graded(home, resume=True)
    assert same(home, alone)


def test_a_worker_without_a_sandbox_is_refused(home, dask, tmp_path, capsys):
    dask.add(PATH=str(tmp_path))
    said = refused(home, capsys, dask)
    assert said.startswith("The worker tcp://") and "cannot judge strangers' work: a sandbox needs the program" in said


def test_a_cluster_without_workers_is_refused_after_a_while(home, dask, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    assert grade(home, dask) == 1
    waiting, said = capsys.readouterr().err.splitlines()
    assert "has no worker; waiting 0.3 seconds" in waiting and "start one with `dask worker" in said
    assert not (home / "grading" / "runs").exists()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:1", "nothing answered within 0.5 seconds"),
        ("elsewhere", "missing port number"),
        ("http://127.0.0.1:8786", "unknown address scheme"),
        ("tls://127.0.0.1:8786", "TLS"),
        ("", "missing port number"),
    ],
)
def test_an_address_at_which_there_is_no_scheduler(home, address, words, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    assert cli.main(["grade", "--course", str(home), "--scheduler", address]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"There is no Dask scheduler at {address!r} (") and words in said and said.count("\n") == 1
    assert not (home / "grading" / "runs").exists()


def test_the_address_of_a_worker_is_not_that_of_a_scheduler(home, dask, capsys):
    dask.add()
    (address,) = dask.members()
    assert cli.main(["grade", "--course", str(home), "--scheduler", address]) == 1
    assert "(it is that of a worker)" in capsys.readouterr().err


def test_processes_of_this_machine_are_not_those_of_a_cluster(home, dask, capsys):
    assert "--workers is for this machine" in refused(home, capsys, dask, "--workers", "2")


def test_an_interrupt_ends_the_run_and_not_the_cluster(alone, home, dask, monkeypatch):
    dask.add()
    at_first(monkeypatch, lambda: signal.raise_signal(signal.SIGINT))
    assert grade(home, dask) == 130
    monkeypatch.undo()
    done = lines(home)
    assert grade(home, dask, "--resume") == 0
    assert done and len(lines(home)) == len(set(lines(home))) and same(home, alone)  # nothing was done again
