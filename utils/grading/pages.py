"""Pages made of a student's graded notebook: the feedback page, and what formgrader gets to see."""

import base64
import hashlib
import re
from html import escape

from nbconvert.exporters import Exporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import GetGrades
from traitlets import default

from utils.grading.harmless import harmless_html
from utils.grading.known import exercise
from utils.grading.outputs import harmless_outputs, plain

NAME = re.compile(r"[\w-]{1,100}", re.ASCII)  # an exercise's name, which stands in attributes of the page
HEADING = re.compile(r"^(#{1,4}) +(.+)$", re.MULTILINE)
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
h3, h4, h5, h6 { font-size: 1rem; } a { color: #0b5394; }
pre { font: 14px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; }
pre.out, pre.error, details pre { background: #f5f5f5; padding: .5rem .8rem; max-height: 30rem; overflow: auto; }
pre.error { border-left: .3rem solid #b00020; }
details { margin: .4rem 0; } summary { cursor: pointer; color: #555; overflow-wrap: anywhere; }
.verdict, .comment, .answer { border-left: .3rem solid #0b5394; padding: .1rem .8rem; margin: .6rem 0; }
.answer { border-color: #ccc; } .comment { border-color: #c77700; } .points { font-weight: bold; }
table { border-collapse: collapse; } td, th { padding: .2rem 1rem .2rem 0; text-align: left; }
td + td { text-align: right; } img { max-width: 100%; }
"""
# second wall: whatever else might stand in the page, the browser loads nothing and runs nothing
DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src 'sha256-{DIGEST}'"


class Grades(GetGrades):
    """nbgrader's own preprocessor, which writes points and comments into the cells, and what a person has yet to do."""

    def _get_score(self, cell, resources):
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader["grade_id"], self.notebook_id, self.assignment_id, self.student_id
        )
        cell.metadata.nbgrader["waits"] = grade.needs_manual_grade
        cell.metadata.nbgrader["by_hand"] = grade.auto_score is not None and grade.manual_score is not None


class FeedbackPage(Exporter):
    """What one student wants to know of one notebook, as a page of its own that loads nothing."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self):
        return ".html"

    def from_notebook_node(self, nb, resources=None, **kw):
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        return page(nb, resources["nbgrader"]), resources


class Harmless(Preprocessor):
    """Leaves of a notebook what formgrader needs: sources, nbgrader's own data, plain text and PNG pictures."""

    enabled = True

    def preprocess(self, nb, resources):
        cells = []
        for number, cell in enumerate(nb.cells):
            if cell.cell_type == "raw":
                continue
            kept = {"id": f"c{number}", "cell_type": cell.cell_type, "source": plain(cell.source), "metadata": {}}
            if NAME.fullmatch(str(_grading(cell).get("grade_id", ""))):
                kept["metadata"] = {"nbgrader": cell.metadata["nbgrader"]}
            if cell.cell_type == "code":
                kept |= {"outputs": harmless_outputs(cell.outputs), "execution_count": None}
            cells.append(from_dict(kept))
        return NotebookNode(nb, cells=cells, metadata=NotebookNode()), resources


def page(nb, about) -> str:
    """The feedback page. about: student, notebook, score, max_score, late_penalty, as GetGrades leaves them."""
    graded = [cell for cell in nb.cells if _grading(cell).get("grade")]
    rows = "".join(f"<tr><td>{_link(cell)}</td><td>{_points(cell)}</td></tr>\n" for cell in graded)
    waits = sum(bool(_grading(cell).get("waits")) for cell in graded)
    notes = [f"{about['late_penalty']:g} points are taken off, because it came late."] if about["late_penalty"] else []
    notes += [f"{waits} answer{'s' if waits > 1 else ''} will be read by a person and may add points."] if waits else []
    title = next((m[2] for m in map(HEADING.search, _prose(nb)) if m), about["notebook"])
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(about["notebook"])} · {escape(about["student"])}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p>{escape(about["student"])} · {escape(about["notebook"])}</p>
<p class="points">{about["score"]:g} of {about["max_score"]:g} points</p>
{"".join(f"<p>{escape(note)}</p>" for note in notes)}
<table>
{rows}</table>
{"".join(_sections(nb))}</body>
</html>
"""


def _prose(nb):
    return [cell.source for cell in nb.cells if cell.cell_type == "markdown" and not _grading(cell)]


def _sections(nb):
    """The cells that concern the student, each under the last heading before it; the lesson's own text is left out."""
    heading = ""
    for cell in nb.cells:
        if cell.cell_type == "markdown" and not _grading(cell):
            found = HEADING.findall(cell.source)
            heading = found[-1][1] if found else heading
            continue
        shown = _cell(cell)
        if shown and heading:
            yield f"<h2>{re.sub('</?p>', '', harmless_html(heading)).strip()}</h2>\n"
            heading = ""
        yield shown


def _cell(cell) -> str:
    """One cell as HTML, or nothing where it says nothing of the student."""
    about = _grading(cell)
    comment = about.get("comment") or ""
    told = f'<div class="comment">Comment:\n{harmless_html(comment)}</div>\n' if comment else ""
    if cell.cell_type == "markdown":
        answer = f'<div class="answer">{harmless_html(cell.source)}</div>\n'
        points = f'<p class="points" id="{_name(cell)}">{_points(cell)}</p>\n' if about.get("grade") else ""
        return answer + points + told
    if cell.cell_type != "code":
        return ""
    outputs = harmless_outputs(cell.outputs)
    if about.get("grade") and not about.get("solution"):
        points = f'<p class="points" id="{_name(cell)}">{_points(cell)}</p>'
        return f'<div class="verdict">{points}{"".join(map(_output, outputs))}</div>\n'
    if not outputs and not about.get("solution"):
        return ""
    first, *rest = plain(cell.source).strip().split("\n")
    size = f" … {len(rest) + 1} lines" if rest else ""
    source = f"<details><summary><code>{escape(first)}</code>{size}</summary><pre>{escape(plain(cell.source))}</pre>"
    return f"{source}</details>\n{''.join(map(_output, outputs))}{told}"


def _output(output) -> str:
    """One of harmless_outputs as HTML. The line of points is left to the gradebook, which knows better."""
    data = output.get("data", {})
    if "image/png" in data:
        return f'<p><img src="data:image/png;base64,{data["image/png"]}" alt="a plot drawn by this cell"></p>\n'
    if output["output_type"] == "error":
        return f'<pre class="error">{escape(output["traceback"][0])}</pre>\n'
    if "text/html" in data:
        return ""
    return f'<pre class="out">{escape(output.get("text") or data.get("text/plain", "")).rstrip()}</pre>\n'


def _grading(cell) -> dict:
    return cell.metadata.get("nbgrader") or {}


def _name(cell) -> str:
    """The exercise's name; the check cell of f is called f-check."""
    return escape(exercise(str(_grading(cell).get("grade_id", ""))))


def _link(cell) -> str:
    return f'<a href="#{_name(cell)}">{_name(cell)}</a>'


def _points(cell) -> str:
    about = _grading(cell)
    if about.get("waits"):
        return f"waits to be read, up to {about['points']:g} points"
    return f"{about['score']:g} of {about['points']:g} points{', given by a person' if about.get('by_hand') else ''}"
