"""A learner's first hours: `python -m utils lab`, a wrong answer, a right one, Validate, and the work found again."""

import json
import re
import sys

import pytest
from lab_notebook import LabNotebook
from playwright.sync_api import expect

ONE, START = "01_rnn_cell/01a_rnn_cell.ipynb", "00_start_here/00_start_here.ipynb"
NO_BIAS = """a_next = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev)
yt_pred = softmax(P["Wya"] @ a_next + P["by"])
return a_next, yt_pred, (a_next, a_prev, xt, P)"""
ANSWERS = {
    "rnn_cell_forward": """def rnn_cell_forward(xt, a_prev, P):
    a_next = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"])
    yt_pred = softmax(P["Wya"] @ a_next + P["by"])
    return a_next, yt_pred, (a_next, a_prev, xt, P)""",
    "rnn_forward": """def rnn_forward(x, a0, P):
    states, predictions, cells, a_next = [], [], [], a0
    for t in range(x.shape[2]):
        a_next, yt_pred, cache = rnn_cell_forward(x[:, :, t], a_next, P)
        states.append(a_next)
        predictions.append(yt_pred)
        cells.append(cache)
    return np.stack(states, axis=-1), np.stack(predictions, axis=-1), (cells, x)""",
    "sequence_loss": """def sequence_loss(y_pred, targets, mask=None):
    examples, steps = np.indices(targets.shape)
    surprise = -np.log(y_pred[targets, examples, steps])
    return surprise.sum() if mask is None else surprise[mask].sum()""",
    "count_rnn_parameters": """def count_rnn_parameters(n_x, n_a, n_y):
    return n_a * (n_x + n_a + 1) + n_y * (n_a + 1)""",
}
WORDS = "With 300 places the word *refund* is learned anew at each of them; a recurrent network shares its weights."

LATER = "It forgets more of a long message."


@pytest.fixture(scope="module")
def lab(open_jupyter):
    """What `python -m utils lab 01a` opens."""
    return open_jupyter(sys.executable, "-m", "utils", "lab", "01a")


@pytest.fixture
def opened(page, lab, checkout):
    """opened(lesson): a notebook in JupyterLab. Without a lesson, the one that the command opens."""

    def open_notebook(lesson=ONE):
        page.goto(lab.replace(ONE, lesson))
        return LabNotebook(page, checkout / "notebooks" / lesson)

    return open_notebook


def test_an_untouched_lesson_says_not_written_yet_and_gives_hints(opened, station, checkout):
    book = opened(START)
    book.menu("Run", "Run All Cells")
    said = book.cell("one_hot-check").get_by_text("one_hot: not written yet. 0 of 2 points.")
    expect(said).to_be_visible()
    book.idle()
    expect(book.sheet).not_to_contain_text("Traceback")
    said.scroll_into_view_if_needed()
    station("learner-1-not-written-yet")
    expect(book.append('hint("one_hot")')).to_contain_text("Hint 1 of")
    expect(book.append('progress("00")')).to_contain_text("0 of 3 right, 0 of 6 points.")
    station("learner-2-hint-and-progress")
    book.sheet.get_by_role("link", name="1A · A cell that remembers").click()
    LabNotebook(book.page, checkout / "notebooks" / ONE)


def test_from_a_wrong_answer_to_success_and_the_work_is_found_again(opened, station, checkout):
    book = opened()
    book.run("import utils")
    book.run("tiny = {")
    is_told_what_is_wrong(book, station)
    is_told_what_is_right(book, station)
    validates(book, station)
    finds_the_work_again(book, station, checkout)


def is_told_what_is_wrong(book, station):
    """Forgets the bias, typing below the docstring, and reads so."""
    book.cell("rnn_cell_forward").locator(".cm-content").click()
    for keys in ("Control+End", "Shift+Home"):
        book.keyboard.press(keys)
    book.keyboard.type(NO_BIAS)
    book.run("rnn_cell_forward")
    said = book.run("rnn_cell_forward-check")
    for words in ("not right yet. 0 of 6 points.", "Likely cause: the bias ba is missing."):
        expect(said.get_by_text(words)).to_be_in_viewport()
    expect(said).not_to_contain_text("Traceback")
    station("learner-3-wrong")


def is_told_what_is_right(book, station):
    """Writes all answers, and reads of each that it is right on these cases."""
    for name, answer in ANSWERS.items():
        book.write(name, answer)
        book.run(name)
        said = book.run(f"{name}-check")
        expect(said).to_contain_text(re.compile(rf"{name}: (\d+) of \1 cases; grading uses fresh ones"))
        expect(said).to_be_in_viewport()
        station(f"learner-4-right-{name}")


def validates(book, station):
    """Answers in words, presses Validate and reads of success."""
    book.write_words("why_share", WORDS)
    expect(book.cell("why_share")).to_contain_text("the word refund is learned anew")
    dialog = book.validate()
    expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")
    station("learner-5-validate")
    dialog.get_by_role("button", name="Ok").click()


def finds_the_work_again(book, station, checkout):
    """Adds a word, saves, restarts the kernel, loads the page anew: all is there, in work/ and nowhere else."""
    book.write_words("why_share", f"{WORDS} {LATER}")
    expect(book.unsaved).to_be_visible()
    book.keyboard.press("Control+S")
    expect(book.unsaved).to_be_hidden()
    book.restart()
    book.run("rnn_cell_forward")
    expect(book.cell("rnn_cell_forward").locator(".jp-InputPrompt").first).to_have_text("[1]:")
    book.page.reload()
    book.ready()
    book.cell("rnn_cell_forward").scroll_into_view_if_needed()
    expect(book.cell("rnn_cell_forward").locator(".cm-content")).to_contain_text('@ a_prev + P["ba"])')
    expect(book.cell("why_share")).to_contain_text(LATER)
    station("learner-6-found-again")
    assert written(checkout / "work" / ONE) == ANSWERS | {"why_share": f"{WORDS} {LATER}"}
    assert "NotImplementedError" in written(checkout / "notebooks" / ONE)["rnn_cell_forward"]


def written(notebook):
    """{grade id: text} of the answer cells of a notebook's file."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    about = [(cell["metadata"].get("nbgrader", {}), "".join(cell["source"])) for cell in cells]
    return {grading["grade_id"]: text for grading, text in about if grading.get("solution")}
