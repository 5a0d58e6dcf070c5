"""What holds in every lesson: sections, questions, points, the first cell."""

import re
import subprocess
import sys

import pytest
from lessons import NOTEBOOKS, prose, section_of

from utils.checking.exercises import find, known, quizzes
from utils.grading.check import check_notebook

WRITTEN = sorted(NOTEBOOKS)


@pytest.mark.parametrize("name", [name for name in known() if find(name).lesson in NOTEBOOKS])
def test_a_message_sends_readers_to_a_section_that_teaches_the_exercise(name):
    """ "Read again: section 1.4" must be a heading, and the exercise must stand in that section."""
    exercise = find(name)
    section = section_of(exercise.lesson, exercise.read.removeprefix("section "))
    assert f"### Exercise · `{name}`" in section
    statement = section[section.index(f"### Exercise · `{name}`") :].split("\n### ")[0]
    points = f"{exercise.points:g} point{'' if exercise.points == 1 else 's'}"
    assert re.search(rf"^\*\d+ minutes · {points}\b.*\*$", statement, re.MULTILINE)


@pytest.mark.parametrize("notebook", WRITTEN)
def test_every_exercise_of_a_lesson_is_in_it(notebook):
    asked = re.findall(r"^### Exercise · `(\w+)`$", prose(notebook), re.MULTILINE)
    assert sorted(asked) == sorted(name for name in known() if find(name).lesson == notebook)


@pytest.mark.parametrize("notebook", WRITTEN)
def test_sections_are_numbered_through(notebook):
    """02 begins with 2.1; a part B goes on where part A ends."""
    numbers = re.findall(rf"^## {int(notebook[:2])}\.(\d+) ", prose(notebook), re.MULTILINE)
    first = 1
    if notebook.endswith("b"):
        before = prose(notebook[:-1] + "a")
        first += int(re.findall(rf"^## {int(notebook[:2])}\.(\d+) ", before, re.MULTILINE)[-1])
    assert numbers == [str(n) for n in range(first, first + len(numbers))] and len(numbers) >= 4


@pytest.mark.parametrize("notebook", WRITTEN)
def test_questions_are_asked_once_and_have_the_answers_that_the_text_offers(notebook):
    text = prose(notebook)
    asked = re.findall(
        r'^quiz\("([\w-]+)", "\?"\)$', "\n".join("".join(c["source"]) for c in NOTEBOOKS[notebook]), re.MULTILINE
    )
    assert asked
    assert len(set(asked)) == len(asked)
    offered = re.findall(r"^a: .* · b: .* · c: .*$", text, re.MULTILINE)
    assert len(offered) == len(asked)
    assert all(set(quizzes()[name].answers) == {"a", "b", "c"} for name in asked)


def test_every_question_is_asked_in_one_lesson_only():
    everything = "\n".join("".join(c["source"]) for cells in NOTEBOOKS.values() for c in cells)
    assert [name for name in quizzes() if everything.count(f'quiz("{name}"') != 1] == []


@pytest.mark.parametrize("notebook", [n for n in WRITTEN if n not in ("00", "01b", "02a", "07a")])
def test_a_lesson_has_a_written_question_whose_scheme_stays_with_the_instructor(notebook, root):
    graded = [c for c in NOTEBOOKS[notebook] if c["cell_type"] == "markdown" and "nbgrader" in c["metadata"]]
    assert len(graded) == 1
    cell = graded[0]["metadata"]["nbgrader"]
    assert cell["grade"] and cell["solution"] and cell["points"] == 4
    assert "**Marking.**" in "".join(graded[0]["source"])
    release = next((root / "notebooks").glob(f"*/{notebook}_*.ipynb")).read_text(encoding="utf-8")
    assert "Marking" not in release


@pytest.mark.parametrize("notebook", [n for n in WRITTEN if not n.endswith("b")])
def test_part_a_says_its_minutes_which_are_at_most_two_hours(notebook):
    text = prose(notebook)
    stated = int(re.search(r"^\*About (\d+) minutes\.", text, re.MULTILINE)[1])
    exercises = sum(int(n) for n in re.findall(r"^\*(\d+) minutes · ", text, re.MULTILINE))
    assert exercises <= stated <= 120


@pytest.mark.parametrize("notebook", WRITTEN)
def test_a_utils_py_in_the_way_is_named_by_the_first_cell(notebook, tmp_path):
    (tmp_path / "utils.py").write_text("def helper(): pass\n")
    first = next("".join(c["source"]) for c in NOTEBOOKS[notebook] if c["cell_type"] == "code")
    (tmp_path / "first_cell.py").write_text(first)
    ended = subprocess.run([sys.executable, "first_cell.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    last_line = ended.stderr.splitlines()[-1]
    assert last_line.startswith("AssertionError: Another utils.py is in the way: ")
    assert f"{tmp_path / 'utils.py'}. Rename it and restart the kernel." in last_line


@pytest.mark.parametrize("notebook", WRITTEN)
def test_judged_from_another_process_the_solution_is_right_and_the_release_not_written(notebook, root):
    solution, release = (next((root / folder).glob(f"*/{notebook}_*.ipynb")) for folder in ("solutions", "notebooks"))
    exercises = {name for name in known() if find(name).lesson == notebook}
    words, right = check_notebook(solution)
    assert right and {line.partition(":")[0] for line in words} == exercises, words
    words, right = check_notebook(release)
    assert not right and len(words) == len(exercises)
    assert all(": not written yet. 0 of " in line for line in words), words


@pytest.mark.parametrize("notebook", WRITTEN)
def test_the_readme_gives_a_lessons_minutes_and_points(notebook, root):
    (path,) = (root / "solutions").glob(f"*/{notebook}_*.ipynb")
    link = f"](solutions/{path.parent.name}/{path.name})"
    (row,) = [line for line in (root / "README.md").read_text(encoding="utf-8").splitlines() if link in line]
    minutes, points = (int(cell) for cell in row.strip("| ").split("|")[-2:])
    assert minutes == int(re.search(r"^\*About (\d+) minutes\.", prose(notebook), re.MULTILINE)[1])
    graded = [cell["metadata"].get("nbgrader", {}) for cell in NOTEBOOKS[notebook]]
    assert points == sum(cell["points"] for cell in graded if cell.get("grade"))


@pytest.mark.parametrize("notebook", WRITTEN)
def test_a_notebook_ends_with_where_next_and_links_that_lead_somewhere(notebook, root):
    *_, last, bar = ["".join(cell["source"]) for cell in NOTEBOOKS[notebook]]
    assert "**Where next.**" in last
    (path,) = (root / "solutions").glob(f"*/{notebook}_*.ipynb")
    links = re.findall(r"\]\(([^)]+)\)", bar)
    assert len(links) == 2 - (notebook in (WRITTEN[0], WRITTEN[-1]))
    assert all((path.parent / link).resolve().is_file() for link in links)
    assert all((root / "notebooks" / path.parent.name / link).resolve().is_file() for link in links)
