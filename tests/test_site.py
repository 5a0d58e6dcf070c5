"""The site's sources: what becomes a page, where its links lead, and what is said when something is missing."""

import json
import subprocess
import sys

import pytest

from utils import site
from utils.errors import CourseError
from utils.site import notebooks, sources

ADDRESS = "https://github.com/somebody/course"


def notebook(*cells):
    """A notebook of cells: a text is Markdown, a list the outputs of a code cell."""
    made = [
        {"cell_type": "code", "metadata": {}, "source": ["draw()"], "outputs": cell, "execution_count": 1}
        if isinstance(cell, list)
        else {"cell_type": "markdown", "metadata": {}, "source": cell}
        for cell in cells
    ]
    return {"cells": made, "metadata": {"course": {"release": "x"}, "kernelspec": {"name": "python3"}}, "nbformat": 4}


PLOT = [{"output_type": "display_data", "data": {"image/png": "AA=="}, "metadata": {}}]


def test_a_lesson_has_a_button_for_colab_made_from_the_one_address():
    first = notebooks.released(notebook("# A title\n\nWords."), "01_x/01a.ipynb", ADDRESS)["cells"][0]["source"]
    assert first.startswith("# A title\n\n[Open in Colab](")
    assert "(https://colab.research.google.com/github/somebody/course/blob/main/notebooks/01_x/01a.ipynb)" in first
    assert f'`%pip install "rnn-course @ git+{ADDRESS}"`' in first
    assert first.endswith("\n\nWords.")


def test_lesson_10_asks_for_torch_in_colab():
    first = notebooks.released(notebook("# T"), "10_pytorch_gpu/10a.ipynb", ADDRESS)["cells"][0]["source"]
    assert f'"rnn-course[torch] @ git+{ADDRESS}"' in first


def test_a_solved_notebook_says_so_and_is_in_no_contents_and_no_search():
    made = notebooks.solved(
        notebook("# T\n\nWords.", "### BEGIN SOLUTION\nIt is so.\n### END SOLUTION"), "01_x/01a.ipynb"
    )
    assert "This page shows the answers." in made["cells"][0]["source"]
    assert made["cells"][1]["source"] == "It is so.\n"
    assert made["metadata"] == {"kernelspec": {"name": "python3"}, "orphan": True, "nosearch": True}


def test_a_plot_gets_the_words_under_it():
    made = notebooks.solved(notebook("# T", PLOT, "It **falls**.\nAt $t$ it [stops](x.md).\n\nMore."), "01_x/01a.ipynb")
    assert made["cells"][1]["metadata"]["mystnb"]["image"]["alt"] == "Plot. It falls. At t it stops."


def test_long_words_end_with_a_sentence():
    words = notebooks.description(f"The first one has more than forty characters. {'A long one ' * 30}.")
    assert words == "Plot. The first one has more than forty characters."


def test_a_page_leaves_the_notebook_as_it_was():
    given = notebook("# T", PLOT, "Words.")
    before = json.dumps(given)
    notebooks.solved(given, "01_x/01a.ipynb")
    notebooks.released(given, "01_x/01a.ipynb", ADDRESS)
    assert json.dumps(given) == before


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("solutions/01_x/01a.ipynb", "lessons/01_x/01a.ipynb"),
        ("NOTATION.md", "NOTATION.md"),
        ("benchmarks/RESULTS.md", f"{ADDRESS}/blob/main/benchmarks/RESULTS.md"),
        ("https://elsewhere.org/x", "https://elsewhere.org/x"),
        ("solutions/01_x/figures/a.svg", "solutions/01_x/figures/a.svg"),
    ],
)
def test_a_link_of_readme_leads_to_a_page_here_or_to_the_repository(link, leads_to):
    assert sources.target(link, ADDRESS) == leads_to


def test_the_sources_hold_every_notebook_twice_and_an_index_of_the_lessons(root, tmp_path):
    source = sources.lay_out(tmp_path / "source")
    names = {path.relative_to(root / "notebooks").as_posix() for path in root.glob("notebooks/*/*.ipynb")}
    for folder in ("lessons", "solutions"):
        assert {path.relative_to(source / folder).as_posix() for path in source.glob(f"{folder}/*/*.ipynb")} == names
    index = (source / "index.md").read_text(encoding="utf-8")
    assert index.count("](lessons/") == len(names)
    assert "For instructors\n" not in index and sources.SAID_OF_LINKS not in index
    solutions = (source / "solutions" / "index.md").read_text(encoding="utf-8")
    assert "These pages show the answers" in solutions and solutions.count(".ipynb)") == len(names)


def test_every_plot_of_the_solved_notebooks_has_words(tmp_path):
    source = sources.lay_out(tmp_path / "source")
    cells = [
        cell
        for path in source.glob("solutions/*/*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]
    assert len(cells) > 50
    for cell in cells:
        words = cell["metadata"]["mystnb"]["image"]["alt"]
        assert len(words) > 30 and not set(words) & set("$\\*`"), words


def test_what_has_not_changed_is_not_written_again_and_what_is_gone_is_removed(tmp_path):
    source = sources.lay_out(tmp_path / "source")
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*.*")}
    (source / "lessons" / "old.md").write_text("# Old\n")
    sources.lay_out(source)
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*.*")} == before


def a_checkout(monkeypatch, place, **files):
    """A checkout with these files in it, which the sources are then made of."""
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(sources, "root", lambda: place)


def test_an_address_that_nobody_wrote_is_one_sentence(monkeypatch, tmp_path):
    a_checkout(monkeypatch, tmp_path, **{"pyproject.toml": "[project]\nname = 'x'\n"})
    with pytest.raises(CourseError, match=r"names no Repository under \[project.urls\]: put its address there"):
        sources.repository()


def test_a_missing_notebook_is_named(monkeypatch, tmp_path):
    (tmp_path / "solutions" / "01_x").mkdir(parents=True)
    (tmp_path / "solutions" / "01_x" / "01a.py").touch()
    a_checkout(monkeypatch, tmp_path)
    with pytest.raises(CourseError, match=r"notebooks/01_x/01a.ipynb is missing: `python -m utils build` makes it"):
        sources.notebook_pairs()


def test_a_damaged_notebook_is_named(monkeypatch, tmp_path):
    a_checkout(monkeypatch, tmp_path, **{"a.ipynb": "{"})
    with pytest.raises(CourseError, match=r"a.ipynb is no notebook"):
        sources.read(tmp_path / "a.ipynb")


def test_a_readme_that_says_something_else_is_noticed(monkeypatch, tmp_path):
    a_checkout(monkeypatch, tmp_path, **{"README.md": "# Course\n"})
    with pytest.raises(CourseError, match="README.md no longer says"):
        sources.index([], ADDRESS)


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CourseError, match="holds files that are no site of ours"):
        site.writable(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match="Could not write the site to .*: name a folder that you may write to"):
        site.writable(tmp_path / "file" / "site")


def test_a_warning_of_sphinx_stops_the_build(root, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "index.md").write_text("# T\n\n[nowhere](gone.md)\n")
    words = "import sys, pathlib; from utils.site import run_sphinx; run_sphinx(*map(pathlib.Path, sys.argv[1:]))"
    folders = [source, tmp_path / "html", tmp_path / "doctrees"]
    ended = subprocess.run([sys.executable, "-c", words, *folders], cwd=root, text=True, capture_output=True)
    assert ended.returncode == 1
    assert "gone.md" in ended.stderr and "CourseError: Sphinx found the faults above" in ended.stderr
