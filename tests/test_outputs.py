"""What others wrote, drew or earned, as outputs and as HTML: nbgrader reads the exact points, people read text."""

import base64
import json
import re
from pathlib import Path

import hostile_notebook as hostile
import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.utils import determine_grade

from utils.grading.harmless import OPENED, formula, harmless_html
from utils.grading.outputs import check_outputs, display_outputs, harmless_outputs, not_judged, plain

ROOT = Path(__file__).resolve().parent.parent


def check_cell(outputs, points=6.0):
    about = hostile.graded("code", "f-check", grade=True, locked=True, points=points)
    cell = nbformat.v4.new_code_cell("check(f)", metadata=about, outputs=[nbformat.from_dict(o) for o in outputs])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    return cell


@settings(deadline=None)
@given(st.data())
def test_nbgrader_reads_exactly_the_points(data):
    out_of = data.draw(st.floats(0, 1e6))
    points = data.draw(st.floats(0, out_of))
    message = data.draw(st.text())
    outputs = check_outputs(points, out_of, message, [(data.draw(st.text()), points, out_of)] * 2)
    assert determine_grade(check_cell(outputs, out_of)) == (points, out_of)
    assert determine_grade(check_cell(harmless_outputs(outputs), out_of)) == (points, out_of)


def test_a_numpy_number_is_not_taken_for_full_marks():
    assert determine_grade(check_cell(check_outputs(np.float64(0.5), 6, "", []))) == (0.5, 6)


@pytest.mark.parametrize("points", [-1, 6.5, np.nan, np.inf])
def test_points_outside_of_the_range_are_refused(points):
    with pytest.raises(ValueError, match="must lie between 0 and 6"):
        check_outputs(points, 6, "", [])


def test_a_cell_without_a_verdict_earns_nothing():
    assert determine_grade(check_cell(not_judged())) == (0, 6)
    assert determine_grade(check_cell([])) == (6, 6)  # which is why it may not stay empty


def test_a_verdict_reads_well():
    stream, result = check_outputs(3, 6, "f: not right yet.", [("a", 3, 3), ("y_pred", 0, 2), ("cache", 0, 0)])
    assert stream["text"] == "f: not right yet.\na 3 of 3 · y_pred 0 of 2\n"
    assert result["data"] == {"text/plain": "3.0", "text/html": "<strong>3 of 6 points</strong>"}
    assert check_outputs(6, 6, "f: right.", [("f", 6, 6)])[0]["text"] == "f: right.\n"


def test_text_of_others_is_plain():
    assert plain("\x1b[31mred\x1b[0m \x1b]0;title\x07\x9b2J\x00\u202eok\ud800\x1b") == "red ok"
    assert plain("10%\r50%\r100%\r\nend\r") == "100%\nend"
    assert plain("a" * 20_005).endswith("aaa\n… cut here: 5 more characters")
    assert plain("a" * 20_000) == "a" * 20_000


def test_what_a_cell_printed_drew_and_raised():
    good = hostile.png()
    printed, picture, lost, error = display_outputs(
        "hello\n", "ValueError: a\nb <i>", [good, good[:20], b"GIF89a" * 20]
    )
    assert printed == {"output_type": "stream", "name": "stdout", "text": "hello\n"}
    assert base64.b64decode(picture["data"]["image/png"]) == good
    assert lost["text"].startswith("2 plots are left out: only PNG pictures of up to 4,000 × 4,000 pixels")
    assert error["traceback"] == ["ValueError: a b <i>"]
    assert display_outputs("", "", []) == []
    outputs = [printed, picture, lost, error]
    check_cell(outputs)
    assert harmless_outputs(outputs) == outputs


def test_pictures_that_are_too_large_or_too_many_are_left_out():
    wrong = [
        hostile.png(4001, 2),
        hostile.png(2, 0),
        hostile.png() + bytes(2_000_000),
        hostile.png().replace(b"IHDR", b"IHDX"),
    ]
    kinds = [output["output_type"] for output in display_outputs("", "", wrong + [hostile.png(4000, 4000)] * 11)]
    assert kinds == ["display_data"] * 10 + ["stream"]


# Markdown


def test_markdown_and_formulas_stay_readable():
    html = harmless_html(
        "It *is* **so**, `a <b> $x$`:\n\n- one $a^{<t>} \\leq \\tfrac{1}{2}$\n- two\n\n1. [page](https://a.test/?b=1&c=2)\n"
    )
    for piece in (
        "<em>is</em> <strong>so</strong>, <code>a &lt;b&gt; $x$</code>",
        "<li>one <math",
        "<mo>&lt;</mo><mi>t</mi><mo>&gt;</mo>",
        "<mfrac>",
        '<ol>\n<li><a href="https://a.test/?b=1&amp;c=2" rel="noopener noreferrer nofollow">page</a>',
    ):
        assert piece in html


def test_every_formula_of_the_course_can_be_drawn():
    found = set()
    for path in sorted((ROOT / "notebooks").glob("*/*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                found.update(re.findall(r"\$\$(.+?)\$\$|(?<![$\\])\$([^$\n]+?)\$", "".join(cell["source"]), re.DOTALL))
    assert len(found) > 500
    drawn = {one or two: formula(one or two) for one, two in found}
    assert [tex for tex, html in drawn.items() if not html.startswith("<math") or "&amp;</mi>" in html] == []


@pytest.mark.parametrize(
    "tex", ["{" * 900, "\\frac", "x_x_x", r"\newcommand{\a}{xx}\newcommand{\b}{\a\a}\b", r"\def\a{x}\a", "x" * 1001]
)
def test_a_formula_that_cannot_be_read_is_shown_as_it_was_written(tex):
    assert formula(tex) == f"<code>{tex}</code>"


def test_a_formula_neither_links_nor_styles_nor_names_its_parts():
    html = formula(r"\href{page}{x} \style{color}{y} \class{panel}{z}")
    assert not re.search(r"href|style|class|page|color|panel", html)


def test_a_text_made_to_be_slow_is_shown_as_it_was_written():
    assert harmless_html(r"\\[" * OPENED).startswith("<p>")
    assert harmless_html(r"\\[" * (OPENED + 1)).startswith("<pre>")


@given(
    st.lists(st.sampled_from([*hostile.MARKDOWN, "$", "`", "<", '"', "[x](", ")", "\n", "&lt;", "\\", "![", "<!--"]))
)
def test_attacks_in_any_mixture_stay_text(pieces):
    assert hostile.Finder(harmless_html("".join(pieces))).found == []
