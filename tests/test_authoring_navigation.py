"""The links below a lesson: to its neighbours, in the order of the files, and nothing that an author could edit."""

import pytest
import small_course

from utils.authoring import absorb, text
from utils.errors import CourseError


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """07_small between 06_before, whose title is long, and 08_after in two parts."""
    middle = small_course.make(tmp_path)
    small_course.move_to(monkeypatch, tmp_path)
    texts = [middle]
    for name, title in (
        ("06_before/06_before", "6 · What came before"),
        ("08_after/08a_one", ""),
        ("08_after/08b_two", "8B"),
    ):
        path = middle.parent.parent / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# %% [markdown]\n# # {title}\n" if title else "# %% [markdown]\n# no title\n")
        texts.append(path)
    return sorted(texts)


def bar(path):
    return text.read_lesson(path).cells[-1].source


def test_each_notebook_ends_with_links_to_its_neighbours(lessons):
    assert [bar(path) for path in lessons] == [
        "---\n\n[One small lesson](../07_small/07_small.ipynb) →",
        "---\n\n← [6 · What came before](../06_before/06_before.ipynb) | [08a_one](../08_after/08a_one.ipynb) →",
        "---\n\n← [One small lesson](../07_small/07_small.ipynb) | [8B](../08_after/08b_two.ipynb) →",
        "---\n\n← [08a_one](../08_after/08a_one.ipynb)",
    ]


def test_a_course_of_one_notebook_has_no_links(tmp_path, monkeypatch):
    only = small_course.make(tmp_path)
    small_course.move_to(monkeypatch, tmp_path)
    assert bar(only) == "print(double(21))"


def test_a_new_neighbour_makes_the_notebook_stale(lessons):
    before = text.inputs_hash(text.read_lesson(lessons[1]))
    lessons[2].unlink()
    assert text.inputs_hash(text.read_lesson(lessons[1])) != before


@pytest.fixture
def solution(lessons):
    notebook = text.read_lesson(lessons[1])
    notebook.metadata["course"] = {"cells": text.inputs_hash(notebook)}

    def save(change):
        change(notebook)
        lessons[1].with_suffix(".ipynb").write_text(text.dump(notebook))
        return absorb.absorb(lessons[1])

    return save


def test_the_links_never_come_into_the_text(lessons, solution):
    def edit(notebook):
        notebook.cells[2].source = "Another statement."

    assert solution(edit) is True
    assert "Another statement." in lessons[1].read_text()
    assert "06_before" not in lessons[1].read_text()


def test_edited_links_are_refused(lessons, solution):
    def edit(notebook):
        notebook.cells[-1].source += " and home"

    before = lessons[1].read_text()
    with pytest.raises(CourseError, match=r"^The links below 07_small.ipynb are made from the order of the files"):
        solution(edit)
    assert lessons[1].read_text() == before
