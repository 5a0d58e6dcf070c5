"""The page: first what to tell the class, then the details. It loads nothing and runs nothing."""

from html import escape

from utils.grading.standalone import standalone

from .gather import Lesson
from .sections import again_html, exercises_html, mistakes_html, points_html, students_html
from .words import lesson_title, people, share, sources

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; margin: 0; overflow-wrap: anywhere; }
main { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.35rem; margin-top: 3rem; } h3 { font-size: 1.1rem; margin-top: 2rem; }
h4 { font-size: 1rem; margin: 1.8rem 0 .3rem; } a { color: #0b5394; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
img { max-width: 100%; height: auto; display: block; }
.wide { overflow-x: auto; } .wide:focus { outline: .15rem solid #0b5394; }
table { border-collapse: collapse; margin: .6rem 0; } caption { text-align: left; color: #444; padding-bottom: .3rem; }
th, td { padding: .25rem .8rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #ddd; }
.wide td, .wide thead th + th { text-align: right; } .wide th, .wide td { overflow-wrap: normal; }
.wide tbody th { min-width: 10rem; font-weight: normal; }
summary { color: #0b5394; cursor: pointer; padding: .3rem 0; }
.mistakes tbody th { font-weight: normal; } .mistakes td { min-width: 6.5rem; }
@media (min-width: 40rem) { .mistakes td:nth-child(2) { white-space: nowrap; } }
li { margin: .4rem 0; }
"""


def page(lessons: list[Lesson], live: bool, names: bool) -> str:
    """The whole page. live: the points are those of the gradebook now; names: with the students' ids."""
    body = "".join(lesson_html(lesson, live, names) for lesson in lessons)
    links = "".join(f'<li><a href="#{escape(n.name)}">{escape(lesson_title(n.name))}</a></li>\n' for n in lessons)
    contents = f'<nav aria-label="Lessons"><ul>\n{links}</ul></nav>\n' if len(lessons) > 1 else ""
    warning = "<p>This page names students: keep it to yourself.</p>\n" if names else ""
    title = lesson_title(lessons[0].name) if len(lessons) == 1 else f"{len(lessons)} lessons"
    return standalone(f"Class report · {title}", STYLE, f"<h1>Class report</h1>\n{warning}{contents}{body}")


def lesson_html(lesson: Lesson, live: bool, names: bool) -> str:
    """One lesson."""
    title = f'<h2 id="{escape(lesson.name)}">{escape(lesson_title(lesson.name))}</h2>\n'
    said = [people(lesson), sources(lesson, live), old_words(lesson) if lesson.old else ""]
    parts = [title, *(f"<p>{words}</p>\n" for words in said if words)]
    if lesson.judged:
        parts.append(again_html(lesson))
    if lesson.totals:
        parts += [points_html(lesson), exercises_html(lesson)]
    if lesson.judged:
        parts.append(mistakes_html(lesson, names))
    if names:
        parts.append(students_html(lesson))
    return "".join(parts)


def old_words(lesson: Lesson) -> str:
    """Of whom only the points are known."""
    return (
        f"An older version of the course graded {share(lesson.old, len(lesson.totals))} and did not keep what was "
        "wrong: their points count here, their mistakes do not. Grading this lesson again mends that."
    )
