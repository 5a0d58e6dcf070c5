"""Every rule of verify, seen to be content with the small course and to fail on a fault planted for it."""

import copy
import shutil

import nbformat
import pytest
import small_course

import utils.checking.exercises as exercises
from utils.authoring import build as building
from utils.authoring import reading, verify
from utils.errors import CourseError


class Parts:
    def __init__(self, **parts):
        self.parts = parts


def find(name):
    return {"double": Parts(value=3, cache=0), "triple": Parts(value=2)}[name]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("verify") / "course"
    root.mkdir()
    small_course.make(root)
    with pytest.MonkeyPatch.context() as patch:
        small_course.move_to(patch, root)
        building.build(say=lambda line: None, to_gradebook=False)
    return root


@pytest.fixture
def course(made, tmp_path, monkeypatch):
    root = tmp_path / "course"
    shutil.copytree(made, root)
    small_course.move_to(monkeypatch, root)
    monkeypatch.setattr(exercises, "find", find)
    return root


@pytest.fixture
def built(course):
    return verify.read_course()[0]


def cell(built, name):
    return next(c for c in built.solution.cells if c.id == name)


def prose(built, source):
    built.solution.cells.append(nbformat.v4.new_markdown_cell(source))


def code(built, source, **metadata):
    built.solution.cells.append(nbformat.v4.new_code_cell(source, metadata=metadata))
    return built.solution.cells[-1]


def stale_release(b):
    b.released = b.released.replace("The end", "The End")


def dropped_cell(b):
    b.solution.cells.pop()


def changed_source(b):
    cell(b, "double-check").source = "pass"


def changed_points(b):
    cell(b, "double-check").metadata["nbgrader"]["points"] = 30


def changed_id(b):
    b.solution.cells[0].id = "another"


def never_run(b):
    cell(b, "double").execution_count = None


def out_of_order(b):
    cell(b, "double").execution_count = 9


def error_output(b):
    cell(b, "double").outputs = [nbformat.v4.new_output("error", ename="ValueError", evalue="x", traceback=[])]


def warning_output(b):
    cell(b, "double").outputs = [nbformat.v4.new_output("stream", name="stderr", text="RuntimeWarning: overflow\n")]


def no_release(b):
    b.released = ""


def delimiter_released(b):
    b.released = b.released.replace("# your code here", "### BEGIN SOLUTION")


def scheme_released(b):
    b.released = b.released.replace("*Write your answer here.*", "### BEGIN MARK SCHEME")


def hidden_released(b):
    b.released = b.released.replace("check(triple)", "### BEGIN HIDDEN TESTS")


def answer_released(b):
    released = reading.notebook(b.released)
    answer = cell(b, "triple").source.partition("### BEGIN SOLUTION")[2].partition("### END SOLUTION")[0]
    released.cells.append(nbformat.v4.new_code_cell(answer))
    b.released = nbformat.writes(released)


def output_released(b):
    released = reading.notebook(b.released)
    released.cells[1].outputs = [nbformat.v4.new_output("stream", text="6")]
    b.released = nbformat.writes(released)


FAULTS = [
    (verify.released_as_rebuilt, stale_release, "is not what its solution gives"),
    (verify.solution_as_text, dropped_cell, "the solution has 11 cells, its text has 12"),
    (verify.solution_as_text, changed_source, "(double-check) of the solution is not what the text says"),
    (verify.solution_as_text, changed_points, "(double-check) of the solution is not what the text says"),
    (verify.solution_as_text, changed_id, "of the solution is not what the text says"),
    (verify.executed, never_run, "execution counts"),
    (verify.executed, out_of_order, "execution counts"),
    (verify.no_errors, error_output, "cell double ends in ValueError"),
    (verify.nothing_on_stderr, warning_output, "RuntimeWarning: overflow"),
    (verify.nothing_given_away, no_release, "there is no released notebook"),
    (verify.nothing_given_away, delimiter_released, "BEGIN SOLUTION"),
    (verify.nothing_given_away, scheme_released, "MARK SCHEME"),
    (verify.nothing_given_away, hidden_released, "HIDDEN TESTS"),
    (verify.nothing_given_away, answer_released, "the answer of triple"),
    (verify.nothing_given_away, output_released, "has outputs"),
    (verify.headings, lambda b: prose(b, "# Again"), "exactly one heading of level 1"),
    (verify.headings, lambda b: prose(b, "#### Deep"), "'Deep' jumps from level 2 to 4"),
    (verify.headings, lambda b: b.solution.cells.insert(0, nbformat.v4.new_markdown_cell("## First")), "not 1"),
    (verify.images, lambda b: prose(b, "![](figures/box.svg)"), "no words"),
    (verify.images, lambda b: prose(b, '<img src="figures/box.svg">'), "no words"),
    (verify.images, lambda b: prose(b, "![words enough for it](figures/none.svg)"), "is not a file"),
    (verify.images, lambda b: prose(b, "![words enough for it](https://example.org/a.svg)"), "is not a file"),
    (verify.short_cells, lambda b: prose(b, "line\n" * 61), "has 61 lines"),
    (verify.shadow_guard, lambda b: b.solution.cells.pop(1), "utils.__course__"),
    (verify.known_tags, lambda b: code(b, "1", tags=["demos"]), "unknown tag demos (did you mean demo?)"),
    (verify.checks_follow, lambda b: b.solution.cells.remove(cell(b, "double-check")), "double has no check below it"),
    (verify.checks_follow, lambda b: b.solution.cells.remove(cell(b, "double")), "no exercise double above it"),
    (verify.checks_follow, lambda b: cell(b, "double-check").update(source="check(triple)"), "must be named"),
    (verify.checks_follow, lambda b: b.solution.cells.reverse(), "above it"),
]


@pytest.mark.parametrize(
    ("rule", "plant", "words"), FAULTS, ids=[f"{r.__name__}-{n}" for n, (r, *_) in enumerate(FAULTS)]
)
def test_each_rule_sees_its_fault(built, rule, plant, words):
    assert rule(built) == []
    plant(built)
    assert any(words in problem for problem in rule(built)), rule(built)


def test_every_rule_is_planted():
    planted = {rule for rule, *_ in FAULTS}
    assert planted == set(verify.NOTEBOOK_RULES)


def test_raises_exception_may_end_in_an_error(built):
    error_output(built)
    cell(built, "double").metadata["tags"] = ["raises-exception"]
    assert verify.no_errors(built) == []


def test_code_in_prose_is_no_heading_and_no_image(built):
    prose(built, "```\n# one\n![](x.png)\n```\n`![](y.png)`")
    assert verify.headings(built) == [] and verify.images(built) == []


def test_a_grade_id_used_in_two_notebooks(built):
    assert verify.unique_grade_ids([built]) == []
    other = copy.deepcopy(built)
    assert "grade_id double is used 2 times" in verify.unique_grade_ids([built, other])[0]


def test_points_are_the_sum_of_the_parts(built):
    assert verify.points_of_parts([built]) == []
    changed_points(built)
    assert verify.points_of_parts([built]) == ["double-check is worth 30 points, its parts 3"]
    cell(built, "double-check").metadata["nbgrader"]["grade_id"] = "unknown-check"
    assert "unknown" in verify.points_of_parts([built])[0]


def test_nothing_stray_is_handed_out(course, built):
    assert verify.nothing_stray([built]) == []
    (course / "notebooks/07_small/answers.py").write_text("")
    (course / "notebooks/07_small/figures/box.svg").write_text("<svg/>")
    (course / "solutions/07_small/table.csv").write_text("")
    problems = verify.nothing_stray([built])
    assert len(problems) == 3
    assert "figures/box.svg is not as in solutions/" in problems[0]
    assert "table.csv is not released" in problems[1]
    assert "answers.py has no lesson text" in problems[2]


def test_the_command_prints_problems_and_fails(course, capsys):
    assert verify.main([]) == 0
    assert "1 notebooks hold to" in capsys.readouterr().out
    release = course / "notebooks/07_small/07_small.ipynb"
    release.write_text(release.read_text().replace("The end", "The End"))
    assert verify.main([]) == 1
    assert "07_small: the released notebook is not what its solution gives" in capsys.readouterr().out
    release.write_text("{")
    with pytest.raises(CourseError, match="is not one"):
        verify.main([])
    release.unlink()
    (course / "solutions/07_small/07_small.ipynb").unlink()
    with pytest.raises(CourseError, match="make notebooks"):
        verify.main([])
