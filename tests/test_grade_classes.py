"""All sample classes through the sandbox in one run: the points and the words that were written down by hand."""

import functools
import shutil

import courses
import pytest
from sandboxes import require_sandbox

from utils.checking.exercises import find, known
from utils.grading.sample import students

TEN, OURS = "10_pytorch_gpu", "our_solution"
NOT_HANDED_IN = shutil.ignore_patterns("*.py", "figures")
LESSONS = sorted(path.name for path in courses.CLASSES.iterdir() if path.is_dir())
# stock nbgrader grades the cells that came, we those that were released; what differs, and why
POINTS = {
    ("mei_lin", "rnn_forward"): ("0", "6", "the check that stood above its answer is back in its place"),
    ("nadia_petrova", "sequence_loss"): ("-", "4", "the check that was deleted is there again"),
}
WORDS = {
    ("mei_lin", "name 'rnn_forward' is not defined"): "rnn_forward: 5 of 5 fresh cases",  # as above
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    require_sandbox()
    home = courses.make(tmp_path_factory.mktemp("classes") / "course", *LESSONS)
    for lesson in LESSONS:
        courses.sample(home, lesson, [folder.name for folder in students(courses.CLASSES / lesson)])
    shutil.copytree(courses.ROOT / "solutions" / TEN, home / "submitted" / OURS / TEN, ignore=NOT_HANDED_IN)
    courses.graded(home)
    return home


@functools.cache
def results(home):
    return courses.results(home)["lessons"]


def written(points):
    """Points as expected_scores.csv has them: - waits for a person."""
    return "-" if points is None else f"{points:g}"


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_points_are_those_written_by_hand(home, lesson):
    part, wrong = results(home)[lesson], []
    expected = courses.table(courses.CLASSES / lesson / "expected_scores.csv")
    for row in expected:
        student, total = row.pop("student"), float(row.pop("total"))
        line = part["students"][student]
        assert line["status"] == "graded" and line["reason"] == "", student
        assert list(line["scores"]) == list(row)
        for name, points in row.items():
            stock, ours, _ = POINTS.get((student, name), (points, points, ""))
            assert stock == points, f"{student}, {name}: expected_scores.csv has changed"
            total += sum(float(p) * sign for p, sign in ((ours, 1), (stock, -1)) if p != "-")
            if written(line["scores"][name]) != ours:
                wrong.append(f"{student}, {name}: {ours} expected, {written(line['scores'][name])} came")
        if line["total"] != total:
            wrong.append(f"{student}, total: {total:g} expected, {line['total']:g} came")
    assert wrong == []
    others = {name for name, line in part["students"].items() if line["status"] != "graded"}
    there = {row["student"] for row in read_students(lesson)} | ({OURS} if lesson == TEN else set())
    assert others == set(part["students"]) - there


def test_our_solution_of_the_last_lesson_has_all_points_and_its_release_none(home):
    line = results(home)[TEN]["students"][OURS]
    assert line["scores"] == {n: find(n).points if n in known() else None for n in line["scores"]}
    assert {n for n in line["scores"] if n in known()} == {n for n in known() if find(n).lesson in ("10a", "10b")}
    blank = results(home)[TEN]["students"]["kaori_tanaka"]
    assert line["total"] == 59 and blank["total"] == 0 and set(blank["scores"].values()) == {0}


def read_students(lesson):
    return courses.table(courses.CLASSES / lesson / "expected_scores.csv")


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_words_are_those_of_the_notebook(home, lesson):
    missing = []
    for row in courses.table(courses.CLASSES / lesson / "expected_words.csv"):
        said = " ".join("\n".join(courses.outputs(home, row["student"], lesson, row["notebook"]).values()).split())
        wanted = " ".join(row["words"].split())
        ours = WORDS.get((row["student"], wanted), wanted)
        if ours not in said or (ours != wanted and wanted in said):
            missing.append((row["student"], row["notebook"], ours))
    assert missing == []


def test_the_table_of_differences_is_needed(home):
    for student, name in POINTS:
        assert any(row["student"] == student and row.get(name) for row in read_students(courses.ONE))
    for student, words in WORDS:
        rows = courses.table(courses.CLASSES / courses.ONE / "expected_words.csv")
        assert any((row["student"], row["words"]) == (student, words) for row in rows)


def test_who_handed_in_nothing_has_a_row_that_says_so(home):
    line = results(home)[courses.ONE]["students"]["priya_raghavan"]  # in the class of lesson 02 only
    assert line["status"] == "missing" and line["total"] == 0 and not any(line["scores"].values())
    assert not (home / "autograded" / "priya_raghavan" / courses.ONE).exists()


def test_a_notebook_that_was_not_handed_in_is_said(home):
    line = results(home)[courses.ONE]["students"]["diego_fernandez"]
    assert any("01b_three_families.ipynb was not handed in." in remark for remark in line["remarks"])


def test_the_gradebook_says_the_same(home):
    rows = {(lesson, student, cell): row for lesson, student, cell, *row in courses.scores(home)}
    for lesson, part in results(home).items():
        for student, line in part["students"].items():
            for name, points in line["scores"].items():
                row = rows.get((lesson, student, name + "-check")) or rows.get((lesson, student, name))
                assert (row is None) == (line["status"] == "missing")
                if row:
                    auto, manual, _, waits, penalty = row
                    assert (auto, manual, bool(waits), penalty or 0) == (points, None, points is None, 0)
