"""The class report on the sample class of lesson 01, graded once in the sandbox, with four more students.

The numbers were counted by hand from expected_scores.csv and expected_words.csv.
"""

import base64
import json
import re

import courses
import pytest
from courses import ONE, START
from sandboxes import require_sandbox

from utils.errors import CourseError
from utils.grading import run
from utils.grading.class_report import main, write_report
from utils.grading.class_report.gather import gather, mistakes
from utils.grading.finding import exception_name
from utils.grading.journal import read_lines
from utils.grading.sample import students

CELL = "rnn_cell_forward"
OWN_ERROR = """class amara_okafor(Exception):
    pass

def rnn_cell_forward(xt, a_prev, P):
    raise amara_okafor("I am quist_zoe")"""
# exercise: mean of 16, attempted, right, right given correct earlier functions
EXPECTED = {
    CELL: (4.5, 15, 11, 11),  # 11 · 6 and 2 · 3
    # 11 · 6, mei_lin's among them, and tomasz_nowak's, though not all of it is right; two right given rnn_cell_forward
    "rnn_forward": (4.12, 13, 8, 10),
    "sequence_loss": (2.75, 12, 11, 11),  # 11 · 4, nadia_petrova's among them
    "count_rnn_parameters": (1.25, 12, 10, 10),
    "why_share": (None, 11, 0, 0),
    "rnn_cell_forward_compact": (1.38, 12, 11, 11),  # 22 / 16
    "jordan_forward": (2.25, 12, 9, 9),
    "sequence_to_one_forward": (2.5, 12, 10, 10),
}
ANSWERS = {
    "quist_ada": courses.RIGHT,
    "quist_bo": {"softmax": "def softmax(z):\n    return np.exp(z - z.max(axis=0))"},
    "quist_cy": {},
    "quist_di": {"one_hot": "def one_hot(indices, n_x)\n    pass"},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """zoe raises an error of her own, yan's cell is no Python, xia hands in no notebook, una nothing."""
    require_sandbox()
    home = courses.make(tmp_path_factory.mktemp("report") / "course", ONE)
    names = [folder.name for folder in students(courses.CLASSES / ONE)]
    courses.sample(home, ONE, names)
    for student, answer in {"quist_zoe": OWN_ERROR, "quist_yan": "def rnn_cell_forward(xt"}.items():
        courses.hand_in(home, student, {CELL: answer}, lesson=ONE, stem="01a_rnn_cell")
    nothing = home / "submitted" / "quist_xia" / ONE / "01a_rnn_cell.ipynb"
    nothing.parent.mkdir(parents=True)
    nothing.write_text("no notebook")
    everyone = [*names, "quist_zoe", "quist_yan", "quist_xia", "quist_una"]
    roster = [f"{name},First{n:02},Last{n:02}" for n, name in enumerate(everyone)]
    (home / "students.csv").write_text("\n".join(["id,first_name,last_name", *roster]), encoding="utf-8")
    courses.graded(home)
    return home


@pytest.fixture(scope="module")
def lesson(home):
    return gather(courses.results(home), ONE)


def test_the_numbers_of_each_exercise_are_those_counted_by_hand(lesson):
    assert lesson.counts == {"graded": 16, "zero": 1, "missing": 1}
    assert {e.name: (e.mean, e.attempted, e.right, e.given) for e in lesson.exercises} == EXPECTED
    assert {e.of for e in lesson.exercises} == {16} and lesson.exercises[4].waiting == 11
    assert lesson.totals == (0, 0, 0, 12, 16, 18, 20, 21, 22, 23, 28, 28, 28, 28, 28, 28)


def test_who_is_wrong_first_and_right_given_it_is_counted_so(lesson):
    forward = lesson.exercises[1]
    given = {name for name, f in forward.findings.items() if f["right_given"] and not f["right"]}
    assert given == {"hana_sato", "isabel_moreau"} and forward.blamed == [(CELL, 2)]


def test_each_cause_is_that_of_the_students_in_whom_it_was_written_down(lesson):
    found = {(who, m.words) for e in lesson.judged for m in mistakes(e) if m.known for who in m.students}
    rows = courses.table(courses.CLASSES / ONE / "expected_words.csv")
    marker = "Likely cause: "
    asked = {(row["student"], row["words"].removeprefix(marker).rstrip("."))
             for row in rows if row["words"].startswith(marker)}  # fmt: skip
    assert len(asked) == len(found) == 12  # of 13, as georgios_pappas ignores a0 twice
    assert [one for one in asked if not any(who == one[0] and words.startswith(one[1]) for who, words in found)] == []


def test_errors_and_blanks_are_told_apart(lesson):
    cell = {m.words: m.students for m in mistakes(lesson.exercises[0]) if not m.known}
    assert cell == {
        "it stopped with an error": ("quist_zoe",),
        "its cell stopped with an error, so there was no function": ("quist_yan",),
        "not attempted": ("farah_haddad",),
    }
    jordan = {m.words: m.students for m in mistakes(lesson.exercises[6]) if m.absent}
    assert jordan["not attempted"] == ("farah_haddad",)
    assert jordan["not handed in: the notebook is missing"] == ("diego_fernandez", "quist_yan", "quist_zoe")


def test_a_finding_holds_no_name_of_an_error_that_a_student_made():
    assert exception_name("Your function stopped with ValueError: amara") == "ValueError"
    for text in ("amara_okafor: x", "<b>: x", "print: x", "__name__: x", "", "KeyError\x00: y"):
        assert exception_name(f"Your function stopped with {text}") == ""


def test_no_student_is_named_in_the_report_of_the_real_command(home, tmp_path, course):
    ended = course("report", "--course", str(home), "--out", str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == "" and str(tmp_path / "index.html") in ended.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.html", "mistakes.csv", "report.csv"]
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    data += b"".join(map(base64.b64decode, re.findall(rb"data:image/png;base64,([^\"]+)", data)))
    ids = [*courses.results(home)["lessons"][ONE]["students"]]
    names = [word for n in range(len(ids)) for word in (f"First{n:02}", f"Last{n:02}")]
    assert len(ids) == 18 and [word for word in (*ids, "quist", *names) if word.encode() in data] == []
    text = re.sub(r"<[^>]*>", "", (tmp_path / "index.html").read_text(encoding="utf-8")).replace("\xa0", " ")
    assert "16 of 18 students were graded; 1 handed in nothing; 1 handed in what could not be read." in text
    assert "by hand" not in text
    again = tmp_path.parent / f"{tmp_path.name}-again"  # another process, the same bytes
    assert main(["--course", str(home), "--out", str(again)]) == 0
    assert all((again / path.name).read_bytes() == path.read_bytes() for path in tmp_path.iterdir())


def test_the_site_makes_the_same_page_from_the_results_alone(home, tmp_path):
    page, *_ = write_report(courses.results(home), tmp_path, [ONE])
    assert "Fewest right, given earlier functions: jordan_forward, 9 of 16" in page.read_text(encoding="utf-8")


def test_a_run_that_was_stopped_and_resumed_keeps_all_findings(tmp_path, monkeypatch):
    require_sandbox()
    home = courses.make(tmp_path / "course", START)
    for student, answers in ANSWERS.items():
        courses.hand_in(home, student, answers)
    put_away, calls = run.put_away, []

    def full(*arguments):
        calls.append(arguments)
        if len(calls) > 2:
            raise OSError("no room")
        put_away(*arguments)

    monkeypatch.setattr(run, "put_away", full)
    with pytest.raises(CourseError, match="--resume"):
        courses.graded(home)
    (journal,) = home.glob("grading/runs/*/journal.jsonl")
    first = [entry["student"] for entry in read_lines(journal)]
    assert len(first) == 2 and not (home / "grading" / "results.json").exists()
    monkeypatch.setattr(run, "put_away", put_away)
    courses.graded(home, resume=True)
    assert [entry["student"] for entry in read_lines(journal)][:2] == first and len(list(read_lines(journal))) == 4
    one_hot, softmax, unfold = gather(courses.results(home), START).exercises
    assert [(e.of, e.attempted, e.right) for e in (one_hot, softmax, unfold)] == [(4, 2, 1), (4, 2, 1), (4, 1, 1)]
    assert [(m.words, m.students) for m in mistakes(softmax)] == [
        ("the division by the sum is missing", ("quist_bo",)), ("not attempted", ("quist_cy", "quist_di"))]  # fmt: skip
    assert json.loads(journal.with_name("manifest.json").read_text())["ended"]
