"""The class report on results that were made by hand: every number here was counted by hand too."""

import base64
import copy
import csv
import hashlib
import io
import json
import re
from html.parser import HTMLParser

import courses
import pytest
from gradebooks import LESSON, home, mark, open_book, released, report_of  # noqa: F401  (fixtures)

from utils.checking.compare import KINDS
from utils.checking.exercises import find
from utils.errors import CourseError
from utils.grading import finding as found
from utils.grading.class_report import main, write_report
from utils.grading.class_report.gather import again, gather, mistakes
from utils.grading.class_report.sections import left_out
from utils.grading.class_report.words import KINDS as SAID
from utils.grading.class_report.words import percent
from utils.grading.finding import finding
from utils.grading.record import Book

CELL, FORWARD, LOSS, WORDS = "rnn_cell_forward", "rnn_forward", "sequence_loss", "why_share"
POINTS = {CELL: 6.0, FORWARD: 6.0, LOSS: 4.0, WORDS: 4.0}
A, B, C = (mistake.cause for mistake in find(CELL).mistakes[:3])
RIGHT, GIVEN = finding("", True, True), finding("", False, True, blame=[CELL])
BLANK, OPEN, NO_WORDS = finding(found.NOT_ATTEMPTED, False, False), finding(found.IN_WORDS), finding("not attempted")


def wrong(*causes, kind="values", error=""):
    return finding(kind, False, False, causes=causes, error=error)


def line(scores, verdicts, status="graded", late=0.0):
    """A student's line, as results.json has it."""
    row = {"status": status, "reason": "", "remarks": [], "received": "", "late_penalty": late}
    total = sum(points or 0.0 for points in scores)
    return row | {"scores": dict(zip(POINTS, scores, strict=True)), "total": total,
                  "verdicts": dict(zip(POINTS, verdicts, strict=False))}  # fmt: skip


def absent(status):
    return line([0.0] * 4, [], status)


# CELL: 3 of 5 attempted it with a known mistake, one of them with two. FORWARD: one right, two given. LOSS: all kinds.
CLASS = {
    "ada-quist": line([6.0, 6.0, 4.0, None], [RIGHT, RIGHT, RIGHT, OPEN]),
    "bo-quist": line([3.0, 6.0, 0.0, None], [wrong(B), GIVEN, wrong(kind="shape"), OPEN], late=1.5),
    "cy-quist": line([0.0, 6.0, 0.0, 0.0], [wrong(A, B), GIVEN, wrong(kind="raised", error="ValueError"), NO_WORDS]),
    "di-quist": line([0.0, 0.0, 0.0, None], [wrong(B, kind="nan"), wrong(C), wrong(kind="values"), OPEN]),
    "ed-quist": line([0.0, 0.0, 0.0, 0.0], [BLANK, BLANK, wrong(kind="values"), NO_WORDS]),
    "fay-quist": absent("missing"),
    "gus-quist": absent("missing"),
    "hal-quist": absent("zero"),
    "ida-quist": absent("review"),
}


def results_of(students=CLASS, points=POINTS, lesson=LESSON):
    run = "20260302T091500.000000Z"
    return {"run": run, "seed": 7, "lessons": {lesson: {"run": run, "points": points, "students": students}}}


def exercises(students=CLASS):
    return {exercise.name: exercise for exercise in gather(results_of(students), LESSON).exercises}


def written(folder, students=CLASS, **options):
    """The page, its words, and the two tables of a report."""
    page, *_ = write_report(results_of(students), folder, **options)
    html = page.read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]*>", " ", html.partition("</style>")[2].replace("<wbr>", "")).split())
    return html, text, *(courses.table(folder / name) for name in ("report.csv", "mistakes.csv"))


def laid(place, content):
    """A course's folder with these results."""
    (place / "grading").mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    (place / "grading" / "results.json").write_bytes(text)
    return place


def refused(place, *arguments):
    """The one sentence with which the real command line ends."""
    with pytest.raises(CourseError) as caught:
        main(["--course", str(place), *map(str, arguments)])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_points_are_counted_of_those_who_were_graded():
    cell, loss = exercises()[CELL], exercises()[LOSS]
    assert (cell.out_of, cell.mean, cell.median) == (6, 1.8, 0)  # 6 3 0 0 0
    assert (loss.mean, loss.median) == (0.8, 0)
    four = exercises({student: CLASS[student] for student in list(CLASS)[:4]})[CELL]
    assert (four.mean, four.median) == (2.25, 1.5)  # 6 3 0 0
    lesson = gather(results_of(), LESSON)
    assert lesson.totals == (0, 0, 6, 9, 16) and lesson.half == 6 and lesson.out_of == 20


def test_points_that_wait_for_a_person_have_no_mean_of_the_blank_ones(tmp_path):
    words = exercises()[WORDS]
    assert (words.waiting, words.mean, words.median) == (3, None, None)
    done = copy.deepcopy(CLASS)
    for student, points in {"ada-quist": 4.0, "bo-quist": 3.0, "di-quist": 2.0}.items():
        done[student]["scores"][WORDS] = points
    assert (exercises(done)[WORDS].mean, exercises(done)[WORDS].median) == (1.8, 2)
    html, text, report, _ = written(tmp_path)
    assert "why_share waits for a person in 3 of 5 (60 %): its points are not in these totals yet." in text
    assert "why_share 4 – (3 wait) – 3 of 5 (60 %) read by a person" in text
    assert "why_share 4 – (1 waits) – 1 of 1" in written(tmp_path, {"ada-quist": CLASS["ada-quist"]})[1]
    assert (report[3]["mean"], report[3]["waiting"], report[3]["right"]) == ("", "3", "")


def test_right_and_right_given_correct_earlier_functions_are_told_apart(tmp_path):
    forward = exercises()[FORWARD]
    assert (forward.of, forward.attempted, forward.right, forward.given) == (5, 4, 1, 3)
    assert forward.blamed == [(CELL, 2)] and forward.fates == (1, 2, 1, 0, 1)
    html, text, report, _ = written(tmp_path)
    given = "given correct earlier functions: 3 of 5 (60 %) (at fault: rnn_cell_forward 2)."
    assert f"Right: 1 of 5 (20 %); {given}" in text
    row = report[1]
    assert (row["attempted"], row["right"], row["right_given_earlier"], row["known_of"]) == ("4", "1", "3", "5")


def test_mistakes_stand_most_frequent_first_and_two_at_once_count_for_each(tmp_path):
    first, second, blank = mistakes(exercises()[CELL])
    assert (first.words, len(first.students), first.together, first.partners) == (B, 3, 1, ((A, 1),))
    assert (second.words, len(second.students), second.together, second.partners) == (A, 1, 1, ((B, 1),))
    assert (blank.words, len(blank.students), blank.known, blank.absent) == ("not attempted", 1, False, True)
    text, table = written(tmp_path)[1], written(tmp_path)[3]
    assert f"{B}. (In 1 together with: {A}.) 3 of 5 (60 %)" in text
    assert [(row["mistake"], row["students"], row["with_another"]) for row in table[:3]] == [
        (B, "3", "1"), (A, "1", "1"), ("not attempted", "1", "0")]  # fmt: skip


@pytest.mark.parametrize(
    ("third", "said"),
    [(A, f"(In 3 together with another mistake, in 2 with: {A}.)"), (C, "(In 2 together with another mistake.)")],
)
def test_of_several_partners_the_one_that_is_clearly_the_most_frequent_is_named(tmp_path, third, said):
    pairs = [wrong(B, A), wrong(B, C), wrong(B, third)] if third == A else [wrong(B, A), wrong(B, C), wrong(B)]
    students = {f"s{n}": line([0.0] * 4, [one, RIGHT, RIGHT, OPEN]) for n, one in enumerate(pairs)}
    assert f"{B}. {said} 3 of 3 (100 %)" in written(tmp_path, students)[1]


def test_mistakes_without_a_known_cause_are_counted_by_kind():
    loss = exercises()[LOSS]
    assert [(m.words, len(m.students), m.known) for m in mistakes(loss)] == [
        ("wrong values", 2, False), ("it stopped with ValueError", 1, False), ("wrong shape", 1, False)]  # fmt: skip
    assert loss.fates == (1, 0, 0, 4, 0)


def test_every_kind_of_problem_has_words():
    assert set(SAID) == {*KINDS, found.NO_FUNCTION, found.NOT_HANDED_IN, found.UNREADABLE}


def test_what_the_class_should_hear_again_comes_first_with_the_section_to_read(tmp_path):
    students = copy.deepcopy(CLASS)
    students["ed-quist"]["verdicts"][FORWARD] = wrong(B)  # in another exercise
    students["bo-quist"]["verdicts"][FORWARD] = wrong(B)  # once more: still one student
    lesson = gather(results_of(students), LESSON)
    assert [(one.words, one.students) for one in again(lesson)] == [
        (B, 4), ("wrong values", 2), (A, 1), (C, 1)]  # fmt: skip
    text = written(tmp_path, students)[1]
    said = f"What the class should hear again {B}. (4 students, in rnn_cell_forward , rnn_forward ; read again"
    where = "section 1.3, section 1.4)"
    unknown = "no known cause: wrong values. (2 students, in sequence_loss )"
    assert f"{said} {where} {unknown} 2 more known mistakes are listed below." in text
    assert text.index("hear again") < text.index("Points")


def test_what_several_did_without_a_known_cause_should_be_heard_too(tmp_path):
    stopped, left = wrong(kind=found.NO_FUNCTION), finding(found.NOT_HANDED_IN, False, False)
    both = {f"s{n}": line([0.0] * 4, [stopped, stopped if n else wrong(C), left, OPEN]) for n in range(2)}
    more = {f"t{n}": line([0.0] * 4, [wrong(A), wrong(kind="shape"), left, OPEN]) for n in range(3)}
    alone = {"u": line([0.0] * 4, [wrong(A), wrong(kind="nan"), BLANK, OPEN])}
    lesson = gather(results_of(both | more | alone), LESSON)
    assert [(one.words, one.known, one.students) for one in again(lesson)] == [
        (A, True, 4), ("wrong shape", False, 3), (SAID[found.NO_FUNCTION], False, 2), (C, True, 1)]  # fmt: skip
    text = written(tmp_path, both | more | alone)[1]
    assert f"no known cause: {SAID[found.NO_FUNCTION]}. (2 students, in rnn_cell_forward , rnn_forward )" in text
    assert "1 more known mistake is listed below." in text
    twice = written(tmp_path, {student: row | {"scores": CLASS["bo-quist"]["scores"]} for student, row in both.items()})
    assert "hear again no known cause: its cell stopped" in twice[1] and "made by two students" not in twice[1]


def test_what_was_left_out_most_often_is_said(tmp_path):
    students = {"a": line([0.0] * 4, [BLANK, BLANK, RIGHT, OPEN])}
    assert "<code>rnn_cell_forward</code> and 1 more, by 1\xa0of\xa01" in left_out(gather(results_of(students), LESSON))
    kinds = (found.NOT_ATTEMPTED, found.NOT_HANDED_IN, found.UNREADABLE)
    of_each = {kind: line([0.0] * 4, [finding(kind, False, False), RIGHT, RIGHT, OPEN]) for kind in kinds}
    said = left_out(gather(results_of(of_each), LESSON)).replace("\xa0", " ")
    assert "Most often not attempted, not handed in or unreadable: <code>rnn_cell_forward</code>, by 3 of" in said
    assert "rnn_cell_forward, of 3: 3 not attempted, not handed in or unreadable." in written(tmp_path, of_each)[0]


def test_a_long_list_shows_the_ten_most_frequent_and_folds_the_others(tmp_path):
    causes = [f"mistake {n:02}" for n in range(13)]
    made = [cause for n, cause in enumerate(causes) for _ in range(15 - n)] + [""]
    students = {
        f"s{n:03}": line([0.0] * 4, [wrong(cause) if cause else BLANK, RIGHT, RIGHT, OPEN])
        for n, cause in enumerate(made)
    }
    html, _, _, table = written(tmp_path, students)
    shown, _, folded = html.partition("<h4><code>rnn_cell_forward")[2].partition("<h4>")[0].partition("<details>")
    assert re.findall(r"mistake \d\d", shown) == causes[:10] and "not attempted" in shown
    assert re.findall(r"mistake \d\d", folded) == causes[10:]
    assert "and 3 more, each made by 5 students or fewer</summary>" in folded
    assert [row["mistake"] for row in table if row["exercise"] == CELL] == [*causes, "not attempted"]


def test_who_is_counted_and_who_is_not_is_said(tmp_path):
    _, text, report, _ = written(tmp_path)
    assert (
        "5 of 9 students were graded; 2 handed in nothing; 1 handed in what could not be read; 1 still needs a person"
        in text
    )
    assert "What is taken off for lateness, from 1, is still in them." in text
    assert {row["graded"] for row in report} == {"5"}
    assert "Graded in the run of 2 March 2026, 09:15 UTC." in text


def test_a_class_of_one(tmp_path):
    html, text, report, _ = written(tmp_path, {"solo-quist": CLASS["cy-quist"]})
    assert "1 of 1 student was graded" in text and "1 of 1 has 6 of 20 points." in html
    assert "0 of 1 (0 %)" in text and report[0]["graded"] == "1"
    assert "No known mistake was made by two students. Of those that one made:" in text


def test_a_class_that_handed_in_nothing(tmp_path):
    html, text, report, table = written(tmp_path, {"ann-quist": absent("missing"), "ben-quist": absent("missing")})
    assert "0 of 2 students were graded; 2 handed in nothing" in text
    assert "<img" not in html and table == [] and [row["mean"] for row in report] == [""] * 4


def test_results_of_an_older_version_count_for_points_only_and_the_page_says_so(tmp_path):
    old = copy.deepcopy(CLASS)
    for student in ("ada-quist", "bo-quist"):
        del old[student]["verdicts"]
    cell = exercises(old)[CELL]
    assert (cell.mean, cell.of, cell.right, cell.attempted) == (1.8, 3, 0, 2)
    assert "An older version of the course graded 2 of 5 (40 %)" in written(tmp_path, old)[1]
    none = {name: {key: row[key] for key in row if key != "verdicts"} for name, row in CLASS.items()}
    html, text, report, table = written(tmp_path / "all", none)
    assert "graded 5 of 5 (100 %) and did not keep what was wrong" in text and "hear again" not in text
    assert table == [] and report[0]["mean"] == "1.8" and "rnn_cell_forward 6 1.8 0 – – –" in text


def test_no_share_is_rounded_to_nobody_or_to_all():
    assert [percent(n, 300) for n in (0, 1, 2, 150, 299, 300)] == [
        "0\xa0%", "<\xa01\xa0%", "1\xa0%", "50\xa0%", ">\xa099\xa0%", "100\xa0%"]  # fmt: skip


def everything(folder):
    """All bytes of a report, pictures decoded."""
    data = b"".join(path.name.encode() + path.read_bytes() for path in sorted(folder.iterdir()))
    return data + b"".join(map(base64.b64decode, re.findall(rb"data:image/png;base64,([^\"]+)", data)))


def test_no_student_is_named_unless_that_is_asked_for(tmp_path):
    write_report(results_of(), tmp_path / "a")
    assert b"quist" not in everything(tmp_path / "a") and b"Software" not in everything(tmp_path / "a")
    write_report(results_of(), tmp_path / "b", names=True)
    page = (tmp_path / "b" / "index-names.html").read_text(encoding="utf-8")
    assert all(student in page for student in CLASS) and "This page names students: keep it to yourself." in page
    assert "<br><em>bo-quist, cy-quist, di-quist</em></th>" in page
    tables = [(tmp_path / "b" / name).read_bytes() for name in ("report.csv", "mistakes.csv")]
    assert b"quist" not in b"".join(tables)


def test_the_page_with_names_leaves_the_one_without_as_it_is(tmp_path, capsys):
    folder = laid(tmp_path, results_of()) / "grading" / "report"
    assert main(["--course", str(tmp_path)]) == 0
    before = (folder / "index.html").read_bytes()
    capsys.readouterr()
    assert main(["--course", str(tmp_path), "--names"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == str(folder / "index-names.html")
    assert (folder / "index.html").read_bytes() == before and b"quist" not in before
    assert b"quist" in (folder / "index-names.html").read_bytes()


class Tags(HTMLParser):
    """What tags a page has, and what they would load."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.loads, self.alts = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        self.tags.append(tag)
        self.loads += [value for name, value in attrs if name in ("src", "href", "srcset", "action", "data", "style")]
        self.alts += [about.get("alt")] if tag == "img" else []
        assert not [name for name in about if name.startswith("on")]


HOSTILE = '<b>x</b>"\'&<script>alert(1)</script>'


def test_what_comes_from_outside_is_escaped(tmp_path):
    kind = wrong(kind="raised", error=f"E{HOSTILE}")
    students = {HOSTILE: line([0.0] * 4, [wrong(f"C{HOSTILE}"), kind, kind, OPEN])}
    results = results_of(students) | {"lessons": {f"01_{HOSTILE}": results_of(students)["lessons"][LESSON]}}
    write_report(results, tmp_path, names=True)
    page = (tmp_path / "index-names.html").read_text(encoding="utf-8")
    assert page.count("&lt;b&gt;x&lt;/b&gt;") > 5
    assert not {"b", "script"} & set(Tags(page).tags)


def test_the_page_loads_nothing_and_a_browser_is_told_so(tmp_path):
    html = written(tmp_path, names=True)[0]
    seen = Tags(html)
    assert seen.loads and [value[:22] for value in seen.loads if not value.startswith("#")] == [
        "data:image/png;base64,"] * 2  # fmt: skip
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(seen.tags)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    assert "url(" not in style and "@import" not in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.startswith("default-src 'none'; ") and f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy and "script-src" not in policy and "img-src data:;" in policy


def test_a_picture_is_told_in_words(tmp_path):
    totals, bars = Tags(written(tmp_path)[0]).alts
    assert totals == (
        "Bar chart of the totals: 3 of 5 have 6 of 20 points or more. The lowest total is 0, the highest 16."
    )
    assert "Fewest right, given earlier functions: rnn_cell_forward and 1 more, 1 of 5." in bars
    assert "rnn_forward, of 5: 1 right; 2 right given earlier functions; 1 wrong, cause known; 1 not attempted," in bars


def test_the_same_results_give_the_same_bytes(tmp_path):
    write_report(results_of(), tmp_path / "a")
    write_report(json.loads(json.dumps(results_of())), tmp_path / "b")
    assert everything(tmp_path / "a") == everything(tmp_path / "b")


def test_no_cell_of_a_table_is_a_formula(tmp_path):
    students = {"a": line([0.0] * 4, [wrong("=1+1", "@x"), wrong("-2"), wrong("+3"), OPEN])}
    write_report(results_of(students), tmp_path)
    for name in ("report.csv", "mistakes.csv"):
        rows = csv.reader(io.StringIO((tmp_path / name).read_text(encoding="utf-8")))
        assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r") and cell]
    assert "'=1+1" in (tmp_path / "mistakes.csv").read_text(encoding="utf-8")


def test_nothing_graded_is_one_sentence(tmp_path):
    said = refused(tmp_path)
    assert "Nothing was graded in" in said and "run `python -m utils grade` first" in said
    assert "holds no graded student" in refused(laid(tmp_path, results_of({})))
    assert "holds no graded student" in refused(laid(tmp_path, {"lessons": {}}))


def test_the_real_command_ends_with_1_where_nothing_was_graded(course, tmp_path):
    ended = course("report", "--course", str(tmp_path))
    assert ended.returncode == 1 and ended.stderr.startswith("Nothing was graded in") and ended.stdout == ""
    assert ended.stderr.count("\n") == 1 and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("query", ["01_rnn_sell", "9", "no-such-lesson"])
def test_an_unknown_lesson_is_one_sentence(tmp_path, query):
    said = refused(laid(tmp_path, results_of()), query)
    assert said.startswith(f"No lesson {query} was graded here") and said.endswith("graded are 01_rnn_cell.")
    assert ("(did you mean 01_rnn_cell?)" in said) == (query == "01_rnn_sell")


@pytest.mark.parametrize("query", ["1", "01", "01_rnn_cell", "01_rnn_cell/"])
def test_a_lesson_is_named_by_number_or_name(tmp_path, capsys, query):
    results = results_of()
    results["lessons"]["02_bptt"] = results["lessons"][LESSON]
    assert main(["--course", str(laid(tmp_path, results)), query]) == 0
    page = (tmp_path / "grading" / "report" / "index.html").read_text(encoding="utf-8")
    assert "Lesson 01: rnn cell" in page and "Lesson 02" not in page  # a picture's bytes may spell bptt


def changed(*path, to):
    """The results with one value replaced."""
    results = json.loads(json.dumps(results_of()))
    *above, last = ("lessons", LESSON, *path)
    place = results
    for key in above:
        place = place[key]
    place[last] = to
    return results


ADA = ("students", "ada-quist")
DAMAGED = {
    "cut off": json.dumps(results_of()).encode()[:-40],
    "empty": b"",
    "no text": b"\xff\xfe\x00{",
    "no object": b"[1, 2]",
    "no lessons": b'{"run": "x"}',
    "too deep": b"[" * 100_000,
    "not a number": json.dumps(results_of()).replace(": 6.0", ": NaN").encode(),
    "without end": json.dumps(results_of()).replace(": 6.0", ": 1e999").encode(),
    "half a character": json.dumps(results_of()).replace("ada-quist", "\\ud800").encode(),
    "a lesson is a list": changed("students", to=[]),
    "points are words": changed(*ADA, "scores", CELL, to="six"),
    "points are missing": changed(*ADA, "scores", to={CELL: 6.0}),
    "an unknown status": changed(*ADA, "status", to="gone"),
    "a finding is a word": changed(*ADA, "verdicts", CELL, to="right"),
    "causes are a word": changed(*ADA, "verdicts", CELL, to=RIGHT | {"causes": "abc"}),
    "a total is missing": changed(*ADA, to={"status": "graded", "scores": {}}),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_results_are_one_sentence_and_nothing_is_lost(tmp_path, damage):
    laid(tmp_path, DAMAGED[damage])
    before = (tmp_path / "grading" / "results.json").read_bytes()
    (tmp_path / "grading" / "report").mkdir()
    (tmp_path / "grading" / "report" / "index.html").write_text("the last report")
    said = refused(tmp_path)
    assert "results.json is damaged (" in said
    assert said.endswith("run `python -m utils grade` again, which writes it anew.")
    assert (tmp_path / "grading" / "results.json").read_bytes() == before
    assert (tmp_path / "grading" / "report" / "index.html").read_text() == "the last report"


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    said = refused(laid(tmp_path, results_of()), "--out", tmp_path / "file" / "report")
    assert said.startswith("Could not write") and "file/report/index.html" in said


def test_without_a_gradebook_the_report_is_made_and_says_what_is_not_in_it(tmp_path, capsys):
    assert main(["--course", str(laid(tmp_path, results_of()))]) == 0
    heard = capsys.readouterr()
    assert heard.err.startswith("Points given by hand since the run are not counted. No lesson was ever released")
    page = (tmp_path / "grading" / "report" / "index.html").read_text(encoding="utf-8")
    assert "The gradebook could not be read: points given by hand since the run are not counted." in page
    assert heard.out.splitlines()[0] == str(tmp_path / "grading" / "report" / "index.html")


@pytest.fixture
def marked(home):  # noqa: F811
    """A course with two students in gradebook and results; a person gave points for an answer since."""
    with open_book(home) as book:
        students = {}
        for student in ("ada-quist", "bo-quist"):
            now = book.write(report_of(book, student))
            students[student] = {"status": "graded", "verdicts": {}, **now}
        points = {cell.removesuffix("-check"): most for part in book.points(LESSON).values()
                  for cell, most in part.items()}  # fmt: skip
    laid(home, results_of(students, points))
    mark(home, "ada-quist", "why_share", 3.0)
    mark(home, "bo-quist", "why_share", 2.0)
    return home


def why(home, capsys, *arguments):  # noqa: F811
    """The line of why_share in report.csv, and the words of the page about hand-given points."""
    assert main(["--course", str(home), *arguments]) == 0
    rows = {row["exercise"]: row for row in courses.table(home / "grading" / "report" / "report.csv")}
    page = (home / "grading" / "report" / "index.html").read_text(encoding="utf-8")
    return rows["why_share"]["mean"], rows["why_share"]["waiting"], page, capsys.readouterr().err


def test_points_given_by_hand_since_the_run_count(marked, capsys):
    mean, waiting, page, heard = why(marked, capsys)
    assert (mean, waiting, heard) == ("2.5", "0", "")
    assert "Points given by hand since then are counted: 2." in page
    assert "1 of 2 has 31 of 32 points" in page  # 28 and what a person gave


def test_points_given_by_hand_before_the_run_are_not_said_to_be_lost(marked, capsys):
    with open_book(marked) as book:  # as after a regrade: the results hold what the gradebook holds
        kept = {s: {"status": "graded", "verdicts": {}, **now} for s, now in book.totals(LESSON).items()}
    points = json.loads((marked / "grading" / "results.json").read_text())["lessons"][LESSON]["points"]
    laid(marked, results_of(kept, points))
    mean, _, page, heard = why(marked, capsys)
    assert (mean, heard) == ("2.5", "") and "1 of 2 has 31 of 32 points" in page
    assert "by hand" not in page and "<p></p>" not in page


def test_another_gradebook_can_be_named(marked, capsys):
    (marked / "gradebook.db").rename(marked / "elsewhere.db")
    url = f"sqlite:///{marked / 'elsewhere.db'}"
    with Book(marked, url) as book:
        assert book.totals(LESSON)["ada-quist"]["scores"]["why_share"] == 3
    assert why(marked, capsys)[:2] == ("", "2")
    assert why(marked, capsys, "--db", url)[:2] == ("2.5", "0")


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////nowhere/at/all.db", "sqlite:///"])
def test_a_gradebook_that_cannot_be_opened_is_said_on_the_page_and_beside_it(marked, capsys, url):
    mean, waiting, page, heard = why(marked, capsys, "--db", url)
    assert (mean, waiting) == ("", "2") and "The gradebook could not be read" in page
    assert heard.startswith("Points given by hand since the run are not counted. ") and heard.count("\n") == 1
