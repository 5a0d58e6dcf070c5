"""The feedback page of one graded notebook, as HTML that anybody can read: on a phone, with the keyboard, by ear.

Nothing in it is loaded or run. What is long is folded or wrapped; only what a person wrote may scroll, in its own box.
"""

import re
from html import escape

from utils.grading.harmless import harmless_html
from utils.grading.known import exercise
from utils.grading.outputs import harmless_outputs, plain
from utils.grading.standalone import standalone

HEADING = re.compile(r"^(#{1,4}) +(\S.*)$", re.MULTILINE)
TITLE = re.compile(r"<h[1-6]>(.*?)</h[1-6]>", re.DOTALL)  # as harmless_html writes a heading
LINES, LENGTH, FIRST = 40, 4_000, 100  # a longer text is folded, under so much of its first line
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: white; overflow-wrap: anywhere;
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; } a { color: #0b5394; }
pre { font: 14px/1.45 ui-monospace, monospace; white-space: pre-wrap; margin: .4rem 0; }
pre.out, pre.error, details pre { background: #f5f5f5; padding: .5rem .8rem; }
pre.error { border-left: .3rem solid #b00020; }
details { margin: .4rem 0; } summary { cursor: pointer; color: #555; }
.verdict, .comment, .answer { border-left: .3rem solid #0b5394; padding: .1rem .8rem; margin: .6rem 0; }
.answer { border-color: #ccc; } .comment { border-color: #c77700; } .points { font-weight: bold; }
.answer, .comment { overflow-x: auto; } :is(.answer, .comment) table { overflow-wrap: break-word; }
table { border-collapse: collapse; } caption { text-align: left; color: #555; }
td, th { padding: .2rem 1rem .2rem 0; text-align: left; vertical-align: top; }
[scope=row] { font-weight: normal; } img { max-width: 100%; }
"""

def page(nb, about) -> str:
    """The feedback page. about: student, notebook, score, max_score, late_penalty, as GetGrades leaves them."""
    graded = [cell for cell in nb.cells if grading(cell).get("grade")]
    waits = sum(bool(grading(cell).get("waits")) for cell in graded)
    notes = [f"{about['late_penalty']:g} points are taken off, because it came late."] if about["late_penalty"] else []
    notes += [f"{waits} answer{'s' if waits > 1 else ''} will be read by a person and may add points."] if waits else []
    title = next((m[2] for m in map(HEADING.search, _prose(nb)) if m), about["notebook"])
    told = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return standalone(
        f"{about['notebook']} · {about['student']}",
        STYLE,
        f"""{_heading(1, title)}
<p>{escape(about["student"])} · {escape(about["notebook"])}</p>
<p class="points">{about["score"]:g} of {about["max_score"]:g} points</p>
{told}
{_table(graded)}{"".join(_sections(nb))}""",
    )


def _table(graded) -> str:
    """The points of the exercises, each with a link to its place in the page."""
    rows = "".join(f'<tr><th scope="row">{_link(cell)}</th><td>{_points(cell)}</td></tr>\n' for cell in graded)
    head = '<tr><th scope="col">Exercise</th><th scope="col">Points</th></tr>\n'
    return f"<table>\n<caption>Points by exercise</caption>\n{head}{rows}</table>\n" if rows else ""


def _prose(nb):
    return [cell.source for cell in nb.cells if cell.cell_type == "markdown" and not grading(cell)]


def _sections(nb):
    """The cells that concern the student, each under the last heading before it; the lesson's own text is left out."""
    heading = ""
    for cell in nb.cells:
        if cell.cell_type == "markdown" and not grading(cell):
            found = HEADING.findall(cell.source)
            heading = found[-1][1] if found else heading
            continue
        shown = _cell(cell)
        if shown and heading:
            yield f"{_heading(2, heading)}\n"
            heading = ""
        yield shown


def _heading(level, text) -> str:
    """A line of Markdown as a heading; as it was written where it holds a formula, which could not be wrapped."""
    html = harmless_html(f"{'#' * level} {text}").strip()
    wraps = TITLE.fullmatch(html) and "<math" not in html
    return html if wraps else f"<h{level}><code>{escape(plain(text))}</code></h{level}>"


def _text(cell, kind, text) -> str:
    """Markdown that a person wrote, in a box that scrolls by itself where a table or a formula is wide.

    Its headings are no headings of this page.
    """
    html = TITLE.sub(r"<p><strong>\1</strong></p>", harmless_html(text))
    label = f"{kind.capitalize()}: {_name(cell)}"
    return f'<div class="{kind}" tabindex="0" role="region" aria-label="{label}">{html}</div>\n'


def _cell(cell) -> str:
    """One cell as HTML, or nothing where it says nothing of the student."""
    about = grading(cell)
    comment = about.get("comment") or ""
    told = _text(cell, "comment", f"Comment:\n\n{comment}") if comment else ""
    if cell.cell_type == "markdown":
        points = f'<p class="points" id="{_name(cell)}">{_points(cell)}</p>\n' if about.get("grade") else ""
        return _text(cell, "answer", cell.source) + points + told
    if cell.cell_type != "code":
        return ""
    source, outputs = plain(cell.source), harmless_outputs(cell.outputs)
    shown = "".join(_output(output, source) for output in outputs)
    if about.get("grade") and not about.get("solution"):
        points = f'<p class="points" id="{_name(cell)}">{_points(cell)}</p>'
        return f'<div class="verdict">{points}{shown}</div>\n'
    if not outputs and not about.get("solution"):
        return ""
    return f"{_folded(source)}{shown}{told}"


def _folded(text, kind="") -> str:
    """A text under its first line, to be opened. kind: words that come before that line."""
    lines = len(text.strip().split("\n"))
    size = f" … {lines} lines" if lines > 1 else ""
    summary = f"<summary>{kind}<code>{escape(_first(text))}</code>{size}</summary>"
    return f"<details>{summary}<pre>{escape(text)}</pre></details>\n"


def _first(text) -> str:
    first = text.strip().split("\n")[0]
    return f"{first[:FIRST]} …" if len(first) > FIRST else first or "(nothing)"


def _output(output, source) -> str:
    """One of harmless_outputs as HTML. The line of points is left to the gradebook, which knows better."""
    data = output.get("data", {})
    if "image/png" in data:  # what it shows, its code alone can tell
        words = escape(f"a plot drawn by the code: {_first(source)}")
        return f'<p><img src="data:image/png;base64,{data["image/png"]}" alt="{words}"></p>\n'
    if output["output_type"] == "error":
        return f'<pre class="error">{escape(output["traceback"][0])}</pre>\n'
    if "text/html" in data:
        return ""
    text = (output.get("text") or data.get("text/plain", "")).rstrip()
    long = len(text) > LENGTH or text.count("\n") >= LINES
    return _folded(text, "printed: ") if long else f'<pre class="out">{escape(text)}</pre>\n'


def grading(cell) -> dict:
    """What nbgrader knows of a cell; empty where it is none of its own."""
    return cell.metadata.get("nbgrader") or {}


def _name(cell) -> str:
    """The exercise's name; the check cell of f is called f-check."""
    return escape(exercise(str(grading(cell).get("grade_id", ""))))


def _link(cell) -> str:
    return f'<a href="#{_name(cell)}">{_name(cell)}</a>'


def _points(cell) -> str:
    about = grading(cell)
    if about.get("waits"):
        return f"waits to be read, up to {about['points']:g} points"
    return f"{about['score']:g} of {about['points']:g} points{', given by a person' if about.get('by_hand') else ''}"
