"""The sections about one lesson, each as HTML."""

from html import escape

from utils.grading.report import GRADED

from .gather import AGAIN, SHARED, Again, Exercise, Lesson, again, mistakes
from .html import code, image, narrow_code, sentence, table, wide
from .pictures import draw_exercises, draw_totals
from .words import ABSENT, NOTHING, exercises_alt, lesson_title, mean_words, points, share, totals_alt, unknown_words

COLUMNS = ("exercise", "points", "mean", "median", "attempted", "right", "given earlier")
SHOWN = 10  # known mistakes of an exercise that stand there at once


def again_html(lesson: Lesson) -> str:
    """What to say on Monday morning."""
    found = again(lesson)
    shared = [one for one in found if one.students >= SHARED]
    shown = (shared or found)[:AGAIN]
    said = "" if shown else "<p>No known mistake was made.</p>\n"
    if shown and not shared:
        said = "<p>No known mistake was made by two students. Of those that one made:</p>\n"
    listed = f"<ol>\n{''.join(map(again_item, shown))}</ol>\n" if shown else ""
    more = sum(one.known for one in found) - sum(one.known for one in shown)
    rest = f"<p>{more} more known mistake{'s are' if more > 1 else ' is'} listed below.</p>\n" if more else ""
    return f"<h3>What the class should hear again</h3>\n{said}{listed}{rest}{left_out(lesson)}"


def again_item(one: Again) -> str:
    """A mistake, how many made it, and where the lesson explains it, if the cause is known."""
    names = ", ".join(code(e.name) for e in one.exercises)
    read = ", ".join(dict.fromkeys(escape(e.read) for e in one.exercises if e.read and one.known))
    who = f"{one.students} student{'s' * (one.students > 1)}, in {names}{f'; read again {read}' if read else ''}"
    words = one.words if one.known else unknown_words(one.words)
    return f"<li>{sentence(words)} <span>({who})</span></li>\n"


def left_out(lesson: Lesson) -> str:
    """Which exercise was attempted least."""
    most = min(lesson.judged, key=lambda e: e.attempted / e.of)
    if most.attempted == most.of:
        return "<p>Every exercise was attempted by everybody.</p>\n"
    ties = sum(e.attempted * most.of == most.attempted * e.of for e in lesson.judged) - 1
    names = f"{code(most.name)}{f' and {ties} more' if ties else ''}"
    return f"<p>Most often {ABSENT}: {names}, by {share(most.of - most.attempted, most.of)}.</p>\n"


def points_html(lesson: Lesson) -> str:
    """The distribution of the totals, and what is not in them."""
    waits = "".join(
        f"<p>{code(e.name)} waits for a person in {share(e.waiting, len(lesson.totals))}: its points are not in these "
        "totals yet.</p>\n"
        for e in lesson.exercises
        if e.waiting
    )
    late = sum(line["late_penalty"] > 0 for line in lesson.lines.values())
    taken = f"<p>What is taken off for lateness, from {late}, is still in them.</p>\n" if late else ""
    return f"<h3>Points</h3>\n{image(draw_totals(lesson), totals_alt(lesson))}{waits}{taken}"


def exercises_html(lesson: Lesson) -> str:
    """What became of each exercise: the picture and the table."""
    note = (
        "<p>An exercise is <em>right</em> where nothing in it is wrong as it was handed in. It is right <em>given "
        "earlier functions</em> where nothing is wrong once the earlier functions that it calls are right; it then has "
        "its points.</p>\n"
    )
    picture = image(draw_exercises(lesson.judged), exercises_alt(lesson.judged)) + note if lesson.judged else ""
    label = "Each exercise: points, how many attempted it, how many got it right"
    numbers = table(label, COLUMNS, map(exercise_row, lesson.exercises))
    return f"<h3>Exercises</h3>\n{picture}{wide(f'{lesson_title(lesson.name)}: exercises', numbers)}"


def exercise_row(e: Exercise) -> list[str]:
    """One line of that table."""
    right = ["read by a person"] * 2 if e.in_words else [share(e.right, e.of), share(e.given, e.of)]
    return [narrow_code(e.name), points(e.out_of), mean_words(e), points(e.median), share(e.attempted, e.of), *right]


def mistakes_html(lesson: Lesson, names: bool) -> str:
    """Exercise by exercise, what went wrong, in the check's own words."""
    return "<h3>Mistakes</h3>\n" + "".join(exercise_html(e, names) for e in lesson.judged)


def exercise_html(e: Exercise, names: bool) -> str:
    """How many got one exercise right, and a table of what went wrong in it, most frequent first."""
    right = f"Right: {share(e.right, e.of)}"
    if e.given > e.right:
        blamed = ", ".join(f"{code(name)} {n}" for name, n in e.blamed)
        right += f"; given correct earlier functions: {share(e.given, e.of)} (at fault: {blamed})"
    read = f" Explained in {escape(e.read)}." if e.read else ""
    head = f"<h4>{code(e.name)}</h4>\n<p>{right}.{read}</p>\n"
    found = mistakes(e)
    rare = [m for m in found if m.known][SHOWN:]
    told = mistakes_table(f"What went wrong in {code(e.name)}", [m for m in found if m not in rare], e, names)
    if rare:
        most = len(rare[0].students)
        fewer = f"{most} students or fewer" if most > 1 else "one student"
        rest = mistakes_table(f"What else went wrong in {code(e.name)}", rare, e, names)
        told += f"<details><summary>and {len(rare)} more, each made by {fewer}</summary>\n{rest}</details>\n"
    return head + told


def mistakes_table(caption_html: str, found: list, e: Exercise, names: bool) -> str:
    """A line for each mistake, with those who made it where names were asked for; nothing where there is none."""
    if not found:
        return ""
    who = [f"<br><em>{escape(', '.join(m.students))}</em>" if names else "" for m in found]
    rows = [[mistake_words(m) + by, share(len(m.students), e.of)] for m, by in zip(found, who, strict=True)]
    return f'<div class="mistakes">\n{table(caption_html, ("what went wrong", "students"), rows)}</div>\n'


def mistake_words(m) -> str:
    """A mistake in words: a cause that the check names, or what is known without one."""
    if m.known:
        return sentence(m.words) + together_words(m)
    return escape(m.words if m.absent else unknown_words(m.words))


def together_words(m) -> str:
    """Which other mistake was made with this one, where it was one, or one of them most often."""
    if not m.together:
        return ""
    (other, often), *more = m.partners
    if not more:
        return f" (In {m.together} together with: {sentence(other)})"
    named = f", in {often} with: {sentence(other)}" if often >= SHARED and often > more[0][1] else "."
    return f" (In {m.together} together with another mistake{named})"


def students_html(lesson: Lesson) -> str:
    """A line for each student: only where names were asked for."""
    names = [e.name for e in lesson.exercises]
    rows = []
    for student, line in lesson.lines.items():
        scores = [line["total"], *(line["scores"][name] for name in names)]
        told = [points(p) if line["status"] == GRADED else NOTHING for p in scores]
        rows.append([escape(student), line["status"], *told])
    label = f"Each student's points; the total is of {points(lesson.out_of)}"
    told = table(label, ("student", "status", "total", *names), rows)
    return f"<h3>Students</h3>\n{wide(f'{lesson_title(lesson.name)}: students', told)}"
