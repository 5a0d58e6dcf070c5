"""The authored text: answers filled in, ids that never change, clear sentences; and absorb, the way back."""

import nbformat
import pytest
import small_course

from utils.authoring import absorb, text
from utils.errors import CourseError


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    path = small_course.make(tmp_path)
    small_course.move_to(monkeypatch, tmp_path)
    return path


def cell(notebook, name):
    return next(c for c in notebook.cells if c.id == name)


def test_an_answer_is_the_textbooks_with_the_docstring_outside(lesson):
    assert cell(text.read_lesson(lesson), "double").source == (
        "def double(x, times=1):\n"
        '    """Return twice x, `times` times.\n'
        "\n"
        "    x: number. Returns a number.\n"
        '    """\n'
        "    ### BEGIN SOLUTION\n"
        "    # the loop is the point of the exercise\n"
        "    for _ in range(times):\n"
        "        x = 2 * x\n"
        "\n"
        "    return x\n"
        "    ### END SOLUTION"
    )


def test_shows_leaves_the_first_statements_with_the_learner(lesson):
    assert cell(text.read_lesson(lesson), "triple").source == (
        "def triple(x):\n"
        '    """Return three times x."""\n'
        "    factor = 3\n"
        "    ### BEGIN SOLUTION\n"
        "    # a reason\n"
        "\n"
        "    result = factor * x\n"
        "    return result\n"
        "    ### END SOLUTION"
    )


def test_of_a_class_only_the_methods_that_are_asked_for_are_hidden():
    one, all_of_it = (text.expand_answer("SeedGRU", methods=methods) for methods in (("forward",), ()))
    assert one.count("### BEGIN SOLUTION") == 1 and all_of_it.count("### BEGIN SOLUTION") == 2
    shown, hidden = one.split("        ### BEGIN SOLUTION\n")
    assert shown.startswith("class SeedGRU(nn.Module):\n") and "super().__init__()" in shown
    assert shown.endswith('transposed.\n        """\n')
    assert hidden.endswith("return torch.stack(states)\n        ### END SOLUTION")
    plain, also = ([line for line in t.splitlines() if "### " not in line] for t in (one, all_of_it))
    assert plain == also  # the marks apart, nothing is added or lost
    with pytest.raises(CourseError, match="SeedGRU has no method backward; it has __init__, forward"):
        text.expand_answer("SeedGRU", methods=("backward",))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("# answer: duoble", "did you mean double?"),
        ("# answer: not_a_function", "does not have"),
        ("# answer: bare", "must have a docstring"),
        ("# answer: double shows 2", "show fewer"),
        ("# answer double", "Expected a cell with only"),
        ("# answer: double shows some", "Expected a cell with only"),
    ],
)
def test_an_answer_line_that_cannot_be_filled_is_one_sentence(lesson, line, sentence):
    lesson.write_text(small_course.LESSON.replace("# answer: double", line))
    with pytest.raises(CourseError, match=sentence.replace("?", r"\?")) as caught:
        text.read_lesson(lesson)
    assert "\n" not in str(caught.value)


def test_a_marker_in_the_wrong_order_is_refused(lesson):
    lesson.write_text(small_course.LESSON + '\n# %% tags=["demo"] [markdown]\n# words\n')
    with pytest.raises(CourseError, match="expected a marker"):
        text.read_lesson(lesson)


def test_ids_depend_on_the_cells_only_and_are_unique(lesson):
    ids = [c.id for c in text.read_lesson(lesson).cells]
    assert ids == [c.id for c in text.read_lesson(lesson).cells]
    assert len(set(ids)) == len(ids)
    assert {"double", "double-check", "why"} <= set(ids)
    repeated = [name for name in ids if name.endswith("--2")]
    assert repeated and repeated[0].removesuffix("--2") in ids
    nbformat.validate(text.read_lesson(lesson))


def test_metadata_is_the_plainest_and_never_pairs(lesson):
    lesson.write_text(
        "# ---\n# jupyter:\n#   jupytext:\n#     formats: ipynb,py:percent\n# ---\n\n" + small_course.LESSON
    )
    notebook = text.read_lesson(lesson)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert "formats" not in text.dump(notebook)


def test_a_damaged_notebook_is_one_sentence(tmp_path):
    for content in ("{", "[]", '{"cells": 3}', '{"nbformat": 4}'):
        (tmp_path / "a.ipynb").write_text(content)
        with pytest.raises(CourseError, match="is not one"):
            text.load(tmp_path / "a.ipynb")
    with pytest.raises(CourseError, match="found none"):
        text.load(tmp_path / "b.ipynb")


# absorb: a solution notebook as `build` leaves it, without the time that executing it takes


@pytest.fixture
def solution(lesson):
    notebook = text.read_lesson(lesson)
    notebook.metadata["course"] = {"cells": text.inputs_hash(notebook)}

    def save(change=None):
        if change:
            change(notebook)
        lesson.with_suffix(".ipynb").write_text(text.dump(notebook))
        return absorb.absorb(lesson)

    return save


@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
def test_absorb_without_edits_leaves_the_text_to_the_byte(lesson, solution, ending):
    odd = "# ---\n# jupyter:\n#   jupytext: {}\n# ---\n\n" + small_course.LESSON.replace(
        "\n# %% [markdown]\n# ## The end", "# %% [markdown]\n# ## End"
    )
    for content in (small_course.LESSON.rstrip("\n") + ending, odd):
        lesson.write_text(content)
        notebook = text.read_lesson(lesson)
        notebook.metadata["course"] = {"cells": text.inputs_hash(notebook)}
        lesson.with_suffix(".ipynb").write_text(text.dump(notebook))
        assert absorb.merged_text(content, notebook, notebook, lesson.name) == content
        assert absorb.absorb(lesson) is False
        assert lesson.read_text() == content


def test_absorb_takes_an_edit_and_nothing_else(lesson, solution):
    def edit(notebook):
        notebook.cells[2].source = "## Exercise\n\nWrite it *well*."

    assert solution(edit) is True
    expected = small_course.LESSON.replace(
        "# ## Exercise · `double`\n#\n# Write it. `# not a heading`", "# ## Exercise\n#\n# Write it *well*."
    )
    assert lesson.read_text() == expected


def test_absorb_takes_new_moved_deleted_and_copied_cells(lesson, solution):
    def edit(notebook):
        moved = notebook.cells.pop(4)
        notebook.cells.insert(1, moved)
        new = nbformat.v4.new_code_cell("%timeit pass\nx = 1", metadata={"tags": ["demo"], "editable": True})
        notebook.cells.append(new)
        notebook.cells[-2].source = "print(1)"

    solution(edit)
    written = text.read_lesson(lesson)
    assert [c.source for c in written.cells][1] == "print(double(21))"
    assert written.cells[-1].source == "%timeit pass\nx = 1"
    assert written.cells[-1].metadata == {"tags": ["demo"]}
    assert lesson.read_text().endswith("# %timeit pass\nx = 1\n")
    assert lesson.read_text().count("# answer: ") == 2


def test_absorb_moves_the_last_cell_up_with_an_empty_line_below_it(lesson, solution):
    assert solution(lambda notebook: notebook.cells.insert(0, notebook.cells.pop())) is True
    last = '# %% tags=["try-it"]\nprint(double(21))\n'
    assert small_course.LESSON.endswith("\n\n" + last)
    assert lesson.read_text() == last + "\n" + small_course.LESSON.removesuffix("\n" + last)


def test_absorb_keeps_the_marks_of_a_graded_cell_it_writes(lesson, solution):
    def edit(notebook):
        cell(notebook, "why").source = "Because."
        cell(notebook, "double-check").metadata["nbgrader"]["points"] = 7

    solution(edit)
    written = text.read_lesson(lesson)
    assert cell(written, "why").metadata["nbgrader"]["points"] == 4
    assert cell(written, "double-check").metadata["nbgrader"]["points"] == 7


def test_absorb_refuses_an_edited_answer_and_names_its_file(lesson, solution):
    def edit(notebook):
        cell(notebook, "double").source = cell(notebook, "double").source.replace("2 * x", "x + x")

    with pytest.raises(CourseError, match="utils/textbook"):
        solution(edit)
    assert lesson.read_text() == small_course.LESSON


def test_absorb_refuses_when_both_sides_changed(lesson, solution):
    solution()
    lesson.write_text(small_course.LESSON.replace("The end", "The very end"))
    with pytest.raises(CourseError, match="have changed since"):
        absorb.absorb(lesson)
    assert "The very end" in lesson.read_text()


def test_absorb_says_what_it_did(lesson, solution, capsys):
    solution()
    assert absorb.main(["07"]) == 0
    assert "nothing to take over" in capsys.readouterr().out


def test_a_marker_inside_a_string_is_refused(lesson, solution):
    lesson.write_text(small_course.LESSON + '\n# %%\ns = """\n# %% [markdown]\n"""\n')
    notebook = text.read_lesson(lesson)
    notebook.metadata["course"] = {"cells": text.inputs_hash(notebook)}
    lesson.with_suffix(".ipynb").write_text(text.dump(notebook))
    with pytest.raises(CourseError, match="one cell for each line"):
        absorb.absorb(lesson)
