"""An instructor in formgrader: the points reached in the sandbox, points and words by hand, and that they stay."""

import subprocess
import sys

import courses
import pytest
from courses import ONE
from playwright.sync_api import expect

PART, HANA = "01a_rnn_cell", "hana_sato"
CLASS = ["chiara_rossi", "diego_fernandez", "georgios_pappas", HANA, "mei_lin", "tomasz_nowak"]
COMMENT = "Your sum is right. Which state belongs in the prediction?"


def course_command(checkout, *words):
    """`python -m utils …` in the copy of the course, as an instructor types it."""
    done = subprocess.run([sys.executable, "-m", "utils", *words], cwd=checkout, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def course(checkout):
    """Lesson 01 is released, the six of the roster have handed it in, and all but one are graded."""
    roster = [[name, *name.title().split("_")] for name in CLASS]
    lines = [",".join(line) for line in [["id", "first_name", "last_name"], *roster]]
    (checkout / "students.csv").write_text("\n".join(lines), encoding="utf-8")
    course_command(checkout, "release", "01")
    courses.sample(checkout, ONE, CLASS)
    course_command(checkout, "grade", "01", "--student", *(name for name in CLASS if name != HANA))
    return checkout


@pytest.fixture
def formgrader(page, open_jupyter, course):
    """Formgrader, opened from JupyterLab's menu; formgrader("path") shows one of its pages in the whole window."""
    lab = open_jupyter(sys.executable, "-m", "jupyterlab")
    page.goto(lab)
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.locator(".lm-Menu-item").get_by_text("Formgrader", exact=True).click()
    expect(page.frame_locator("iframe").get_by_role("link", name=ONE)).to_be_visible()

    return lambda path: page.goto(f"{lab.partition('/lab')[0]}/formgrader/{path}")


def test_points_and_words_given_by_hand_stay_when_all_is_graded_again(formgrader, page, station, course):
    station("instructor-1-in-jupyterlab")
    formgrader("manage_assignments")
    expect(page.get_by_role("row", name=ONE).locator(".num-submissions")).to_have_text(str(len(CLASS)))
    station("instructor-2-assignments")
    page.get_by_role("row", name=ONE).locator(".num-submissions a").click()
    expect(row(page, HANA).locator(".status")).to_have_text("needs autograding")
    press(page, HANA, "autograde", "hana_sato: graded, 21 points.")
    station("instructor-3-class")
    shows_the_trusted_points(page, course)
    grades_by_hand(page, station, course)
    is_graded_again(formgrader, page, station, course)
    gets_feedback(formgrader, page, station, course)


def row(page, student):
    """A student's line in the list of submissions."""
    return page.get_by_role("row").filter(has=page.locator(".student-id", has_text=student))


def press(page, student, button, words):
    """Press a button in a student's line; read what the dialog says, and close it."""
    row(page, student).locator(f".{button} a").click()
    dialog = page.locator(".modal-dialog")
    expect(dialog).to_contain_text(words)
    dialog.get_by_role("button", name="OK").click()
    expect(page.locator(".modal-backdrop")).to_have_count(0)


def shows_the_trusted_points(page, course):
    """The list has the totals of results.json, of all that were graded in the sandbox."""
    lines = courses.results(course)["lessons"][ONE]["students"]
    assert sorted(lines) == CLASS and len({line["total"] for line in lines.values()}) > 2
    for name, line in lines.items():
        expect(row(page, name).locator(".score")).to_have_text(f"{line['total']:g} / 32")


def grades_by_hand(page, station, course):
    """Opens a submission from the list, corrects a point, gives some for the written answer, and says why."""
    row(page, HANA).get_by_role("link", name="Sato, Hana").click()
    page.get_by_role("link", name=PART).click()
    box = page.locator("#rnn_cell_forward-check")
    scores = courses.results(course)["lessons"][ONE]["students"][HANA]["scores"]
    expect(box).to_have_attribute("placeholder", f"{scores['rnn_cell_forward']:g}")
    expect(page.get_by_text("Likely cause: the prediction is made from a_prev").first).to_be_visible()
    write(page, "rnn_cell_forward-check", "4.5", "grade")
    write(page, "why_share", "3", "grade")
    write(page, "rnn_cell_forward-comment", COMMENT, "comment")
    box.scroll_into_view_if_needed()
    station("instructor-4-by-hand")


def write(page, box, text, kind):
    """Write into a box, leave it, and wait until it has been kept."""
    with page.expect_response(lambda answer: f"/api/{kind}/" in answer.url and answer.request.method == "PUT") as kept:
        page.locator(f"#{box}").fill(text)
        page.locator(f"#{box}").blur()
    assert kept.value.ok


def is_graded_again(formgrader, page, station, course):
    """By the button and by the command: what a person gave is there, on the screen and in the total."""
    formgrader(f"manage_submissions/{ONE}")
    press(page, HANA, "autograde", "hana_sato: graded, 25.5 points.")
    course_command(course, "grade", "01")
    page.reload()
    expect(row(page, HANA).locator(".score")).to_have_text("25.5 / 32")
    shows_the_trusted_points(page, course)
    station("instructor-5-graded-again")
    row(page, HANA).get_by_role("link", name="Sato, Hana").click()
    page.get_by_role("link", name=PART).click()
    expect(page.locator("#rnn_cell_forward-check")).to_have_value("4.5")
    expect(page.locator("#why_share")).to_have_value("3")
    expect(page.locator("#rnn_cell_forward-comment")).to_have_value(COMMENT)
    page.locator("#why_share").scroll_into_view_if_needed()
    station("instructor-6-kept")


def gets_feedback(formgrader, page, station, course):
    """What the student will read tells who gave which points."""
    formgrader(f"manage_submissions/{ONE}")
    press(page, HANA, "generate-feedback", "Successfully generated feedback")
    formgrader(f"../lab/tree/feedback/{HANA}/{ONE}/{PART}.html")
    sheet = page.frame_locator(".jp-HTMLViewer iframe")
    expect(sheet.get_by_text("4.5 of 6 points, given by a person").first).to_be_visible()
    sheet.get_by_text(COMMENT).scroll_into_view_if_needed()
    station("instructor-7-feedback")
