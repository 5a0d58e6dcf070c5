"""`python -m utils prove` says what it saw, and sees what is planted: weak cases, twins, too few mistakes."""

import dataclasses
import json

import numpy as np
import pytest

from utils import prove
from utils.checking import exercises
from utils.checking.exercise import Mistake
from utils.checking.exercises import find
from utils.errors import CourseError

UNFOLD = find("unfold")


def run(capsys, *arguments):
    """Exit code and what was printed."""
    code = prove.main(list(arguments))
    out, err = capsys.readouterr()
    assert err == ""
    return code, out


@pytest.fixture
def instead(monkeypatch):
    """Put another `unfold` in the place of the real one."""

    def put(**changes):
        spoilt = dataclasses.replace(UNFOLD, **changes)
        by_name = {**exercises._by_name(), "unfold": spoilt}
        monkeypatch.setattr(exercises, "_by_name", lambda: by_name)
        return spoilt

    return put


def test_one_exercise_in_numbers(capsys):
    code, out = run(capsys, "unfold", "--json")
    result = json.loads(out)
    row = result["exercises"]["unfold"]
    assert code == 0 and list(result["exercises"]) == ["unfold"] and row["misses"] == []
    totals = result["totals"]
    assert totals["exercises"] == 1
    assert totals["mistakes"] == totals["rejected"] == totals["recognised"] == len(UNFOLD.mistakes)
    assert totals["false_accusations"] == 0
    assert totals["also_right"] == totals["accepted"] >= 5 + 3


def test_totals_are_the_sums_of_a_lesson(capsys):
    code, out = run(capsys, "00", "--json")
    result = json.loads(out)
    assert code == 0 and set(result["exercises"]) == {"one_hot", "softmax", "unfold"}
    assert {"exercises", "mistakes", "rejected", "recognised", "false_accusations"} <= set(result["totals"])
    for column in prove.COLUMNS:
        assert result["totals"][column] == sum(row[column] for row in result["exercises"].values())


def test_the_table_for_people(capsys):
    code, out = run(capsys, "unfold")
    lines = out.splitlines()
    assert code == 0 and lines[0].startswith("exercise") and "false accusations" in lines[0]
    assert lines[1].split()[:3] == ["unfold", str(len(UNFOLD.mistakes)), str(len(UNFOLD.mistakes))]
    assert lines[-1] == "Every mistake was rejected, and none was named that was not planted."


def test_all_pairs_on_request(capsys):
    some = json.loads(run(capsys, "unfold", "--json")[1])["totals"]["pairs"]
    every = json.loads(run(capsys, "unfold", "--json", "--pairs")[1])["totals"]["pairs"]
    assert every > some


def test_lessons_and_names_are_chosen():
    assert [e.name for e in prove.chosen("01b")] == [
        "rnn_cell_forward_compact",
        "jordan_forward",
        "sequence_to_one_forward",
    ]
    assert len(prove.chosen("01")) == 7 == len(prove.chosen("01_rnn_cell"))
    assert [e.name for e in prove.chosen("rnn_forward")] == ["rnn_forward"]
    assert len(prove.chosen(None)) == len(exercises.known())


@pytest.mark.parametrize("lesson, words", [("77", "no exercises in lesson 77"), ("unfolt", "did you mean unfold")])
def test_an_unknown_lesson_is_one_sentence(lesson, words):
    with pytest.raises(CourseError, match=words):
        prove.main([lesson])


def test_on_the_command_line(course):
    done = course("prove", "one_hott")
    assert done.returncode == 1 and done.stdout == "" and "did you mean one_hot" in done.stderr
    assert len(done.stderr.splitlines()) == 1


# ---- planted faults


def planted_fault(capsys, *words):
    code, out = run(capsys, "unfold")
    assert code == 1
    assert "Every mistake was rejected" not in out
    for word in words:
        assert word in out, out
    return out


def test_a_mistake_that_changes_nothing_is_named(capsys, instead):
    harmless = Mistake(
        "the loop has another letter", (("for x in xs:\n        s = f(s, x)", "for y in xs:\n        s = f(s, y)"),)
    )
    instead(mistakes=(*UNFOLD.mistakes, harmless))
    planted_fault(capsys, "unfold accepts the mistake: the loop has another letter")


def test_two_identical_mistakes_are_named(capsys, instead):
    instead(
        mistakes=(*UNFOLD.mistakes, dataclasses.replace(UNFOLD.mistakes[0], cause="another name for the same fault"))
    )
    planted_fault(capsys, "for: another name for the same fault")
    row = json.loads(run(capsys, "unfold", "--json")[1])["exercises"]["unfold"]
    assert row["distinct"] == row["mistakes"] - 1


def test_two_mistakes_with_the_same_words_are_named(capsys, instead):
    instead(mistakes=(*UNFOLD.mistakes, dataclasses.replace(UNFOLD.mistakes[4], cause=UNFOLD.mistakes[0].cause)))
    planted_fault(capsys, "unfold has two mistakes with the same cause")


def test_one_mistake_written_down_twice_is_named(capsys, instead):
    instead(mistakes=(*UNFOLD.mistakes, UNFOLD.mistakes[0]))
    planted_fault(capsys, "unfold has two mistakes with the same cause: s0 stands at the head")


def test_four_mistakes_are_too_few(capsys, instead):
    instead(mistakes=UNFOLD.mistakes[:4])
    planted_fault(capsys, "unfold has 4 mistakes; at least 5 are wanted")


def test_cases_too_weak_to_tell_are_named(capsys, instead):
    """With one step only, most mistakes look right: what a careless `cases` would do."""
    one_step = lambda rng: {"one step": UNFOLD.cases(rng)["one step"]}  # noqa: E731
    instead(cases=one_step)
    planted_fault(capsys, "accepts the mistake: every step starts again from s0")


def test_a_tolerance_too_wide_is_named(capsys, instead):
    instead(tolerance=0.5)
    planted_fault(capsys, "unfold, 1 % too large: accepted")


def test_a_wrong_reference_is_named(capsys, instead):
    instead(reference=lambda f, s0, xs: [s0] * len(xs))
    planted_fault(capsys, "unfold turns away a right answer")


@pytest.mark.parametrize(
    "text, words",
    [
        ("def unfold__backwards(f, s0, xs):\n    return [s0 for _ in xs]\n", "turns away a right answer (backwards)"),
        ("def unfold__raising(f, s0, xs):\n    return 1 / 0\n", "turns away a right answer (raising)"),
    ],
)
def test_a_wrong_also_right_answer_is_named(capsys, monkeypatch, tmp_path, text, words):
    (tmp_path / "tests" / "also_right").mkdir(parents=True)
    (tmp_path / "tests" / "also_right" / "lesson_00.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(prove, "root", lambda: tmp_path)
    planted_fault(capsys, words)


def test_a_false_accusation_is_counted(monkeypatch, capsys):
    """A judge that guesses: it names the first mistake whatever came."""
    guess = (UNFOLD.mistakes[0].cause,)
    real = prove.judge

    def guessing(exercise, function, rng):
        verdict = real(exercise, function, rng)
        return verdict if verdict.ok else dataclasses.replace(verdict, causes=guess)

    monkeypatch.setattr(prove, "judge", guessing)
    code, out = run(capsys, "unfold", "--json")
    totals = json.loads(out)["totals"]
    assert code == 1 and totals["recognised"] == 1
    assert totals["false_accusations"] >= len(UNFOLD.mistakes) - 1 + len(prove.SPOILS)


def test_spoiling_changes_every_number_and_nothing_else():
    value = {"a": (np.array([1.0, 2.0]), [3.0, 4]), "b": None, "c": True}
    got = prove.spoiled(value, lambda v: v + 1)
    assert got["a"][0].tolist() == [2.0, 3.0] and got["a"][1] == [4.0, 6] and got["b"] is None and got["c"] is True


@pytest.mark.parametrize("name", exercises.known())
def test_right_answers_in_other_clothes_are_accepted(name):
    for label, function in prove.also_right(find(name)).items():
        verdict = prove.verdict_on(find(name), function)
        assert verdict.ok, f"{label}: {verdict.problem}"


def test_another_verdict_from_another_process_is_a_miss(monkeypatch, capsys):
    planted_text = prove.elsewhere_text
    monkeypatch.setattr(
        prove, "elsewhere_text", lambda exercise, mistakes=(): planted_text(exercise, mistakes or UNFOLD.mistakes[:1])
    )
    code, out = run(capsys, "unfold")
    assert code == 1
    assert out.splitlines()[-1] == "unfold gets another verdict from another process for: the right answer"


def test_a_mistake_that_nothing_names_is_a_miss(monkeypatch, capsys):
    monkeypatch.setattr("utils.checking.judge.causes", lambda exercise, cases, outcomes: ())
    code, out = run(capsys, "unfold")
    assert code == 1
    assert f"unfold names nothing for: {UNFOLD.mistakes[0].cause}" in out
