"""What learners call, in a real kernel: what stands under the cell, and that nothing stands on stderr."""

import nbformat
import pytest
from nbclient import NotebookClient

from utils.checking import notebook

# One kernel for all: each cell is (name, text); the cells run in this order, and the tests look at what came.
CELLS = {
    "import": """
import os
import numpy as np
from utils.checking import check, hint, progress, quiz, try_it
""",
    "progress before": 'progress("01a")',
    "stub": """
def rnn_forward(x, a0, P):
    raise NotImplementedError
""",
    "check a stub": "check(rnn_forward)",
    "try a stub": "try_it(lambda: rnn_forward(1, 2, 3))",
    "cell": """
def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)

def rnn_cell_forward(xt, a_prev, P):
    a = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"])
    return a, softmax(P["Wya"] @ a + P["by"]), (a, a_prev, xt, P)
""",
    "check the cell": "check(rnn_cell_forward)",
    "wrong": """
def rnn_forward(x, a0, P):
    a, y, cells, state = [], [], [], 0 * a0
    for t in range(x.shape[2]):
        state, answer, cache = rnn_cell_forward(x[:, :, t], state, P)
        a.append(state); y.append(answer); cells.append(cache)
    return np.stack(a, 2), np.stack(y, 2), (cells, x)
""",
    "check the wrong": "check(rnn_forward)",
    "several lines": "check(\n    rnn_forward\n)",
    "after other letters": 'Γ = "ŷ⟨t⟩ — größer"; 数 = 1; check(rnn_forward)',
    "in the middle": 'print("before"); result = check(rnn_cell_forward); print("after", result)',
    "inside a function": "def all_of_them():\n    return check(rnn_cell_forward)\n\nall_of_them()",
    "another name for the wrong function": "rnn_backward = rnn_cell_forward\ncheck(rnn_backward)",
    "lambda": "check(lambda x, a0, P: None)",
    "a call": "check(np.array([1]))",
    "by keyword": "check(function=rnn_forward)",
    "unknown": "rnn_foward = rnn_forward\ncheck(rnn_foward)",
    "ours": "from utils.reference import sequence_loss\ncheck(sequence_loss)",
    "no function": "count_rnn_parameters = 24\ncheck(count_rnn_parameters)",
    "raises": "def count_rnn_parameters(n_x, n_a, n_y):\n    return n_x / 0\n\ncheck(count_rnn_parameters)",
    "noisy": """
import sys, warnings
def softmax(z):
    print("a word on stderr", file=sys.stderr)
    warnings.warn("careful")
    np.log(np.array([0.0, -1.0]))
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)

check(softmax)
""",
    "quiet again": "def softmax(z):\n    e = np.exp(z - z.max(axis=0))\n    return e / e.sum(axis=0)",
    "hint 1": 'hint("rnn_forward")',
    "hint 2": 'hint("rnn_forward")',
    "hint 3": 'hint("rnn_forward")',
    "hint 4": 'hint("rnn_forward")',
    "hint for another": 'hint("softmax")',
    "hint for a function": "hint(softmax)",
    "hint for nothing": 'hint("sofmax")',
    "quiz right": 'quiz("columns", "a")',
    "quiz wrong": 'quiz("columns", "b")',
    "quiz no such answer": 'quiz("columns", "z")',
    "quiz unknown": 'quiz("colums", "a")',
    "try a value": "try_it(lambda: np.array([1 / 3, 2e-9]))",
    "try an error": """
def broken(x):
    return x[5]

try_it(lambda: broken([1, 2]))
""",
    "try inside ours": "try_it(lambda: rnn_cell_forward(np.ones((2, 1)), np.ones((3, 1)), {}))",
    "progress after": 'progress("01a")',
    "progress unknown": 'progress("99")',
    # from here on as nbgrader grades
    "autograde": 'os.environ["NBGRADER_EXECUTION"] = "autograde"',
    "graded right": "value = check(rnn_cell_forward); print(type(value).__name__)",
    "half": """
def rnn_cell_forward(xt, a_prev, P):
    a = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"])
    return a, P["Wya"] @ a + P["by"], (a, a_prev, xt, P)
""",
    "graded half": "check(rnn_cell_forward)",
    "graded half, its type": "value = check(rnn_cell_forward); print(type(value) is float, value)",
    "graded twice": "check(rnn_cell_forward)",
    "nothing right": "def rnn_cell_forward(xt, a_prev, P):\n    return xt, xt, xt",
    "graded nothing": "check(rnn_cell_forward)",
    "only the caches": """
def rnn_cell_forward(xt, a_prev, P):
    a = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"])
    return a, softmax(P["Wya"] @ a + P["by"]), None
""",
    "graded but for the cache": "check(rnn_cell_forward)",
    "graded stub": "def sequence_loss(p, targets, mask=None):\n    raise NotImplementedError\ncheck(sequence_loss)",
    "not autograde": 'os.environ["NBGRADER_EXECUTION"] = "validate"',
    "validated half": "check(rnn_cell_forward)",
}


@pytest.fixture(scope="module")
def cells():
    """The outputs of every cell, by name."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text.strip("\n")) for text in CELLS.values()])
    NotebookClient(notebook, timeout=120, allow_errors=True, kernel_name="python3").execute()
    return dict(zip(CELLS, (cell.outputs for cell in notebook.cells), strict=True))


def printed(outputs):
    """What a cell printed; fails when it raised or gave a value."""
    assert {output.output_type for output in outputs} <= {"stream"}, outputs
    return "".join(output.text for output in outputs)


def refused(outputs):
    """The lines of a check that was not passed: one error output whose traceback is our lines and no more."""
    (error,) = (output for output in outputs if output.output_type == "error")
    assert error.ename == "NotYet"
    lines = [line for part in error.traceback for line in part.split("\n")]
    assert lines == error.evalue.splitlines() and 1 <= len(lines) <= 8 and max(map(len, lines)) <= 80
    assert not any(word in line for line in lines for word in ("Traceback", "ipykernel", "\x1b", "assert", "utils/"))
    return lines


def test_nothing_on_stderr(cells):
    for name, outputs in cells.items():
        assert all(output.get("name") != "stderr" for output in outputs), name


def test_right_is_one_line_and_no_value(cells):
    text = "rnn_cell_forward: 4 of 4 cases; grading uses fresh ones. 6 of 6 points.\n"
    assert printed(cells["check the cell"]) == text
    assert printed(cells["in the middle"]) == f"before\n{text}after None\n"
    assert printed(cells["inside a function"]) == text


def test_a_stub_is_not_written_yet(cells):
    assert refused(cells["check a stub"]) == ["rnn_forward: not written yet. 0 of 6 points."]


def test_wrong_shows_our_lines_and_the_cause(cells):
    lines = refused(cells["check the wrong"])
    assert lines[0] == "rnn_forward: not right yet. 0 of 6 points. Wrong in all 5 cases."
    assert "Likely cause: a0 is ignored: the first step starts from zeros." in lines
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", ["several lines", "after other letters"])
def test_wherever_the_call_stands(cells, name):
    assert refused(cells[name]) == refused(cells["check the wrong"])


def test_the_name_that_is_written_decides(cells):
    assert refused(cells["another name for the wrong function"])[0].startswith("rnn_backward: not right yet.")


@pytest.mark.parametrize("name", ["lambda", "a call", "by keyword"])
def test_only_a_plain_name_will_do(cells, name):
    expected = "check takes the plain name of your function, written in a cell: check(rnn_forward)."
    assert " ".join(" ".join(refused(cells[name])).split()) == expected


def test_an_unknown_name_suggests_the_nearest(cells):
    assert refused(cells["unknown"]) == ["There is no exercise called rnn_foward (did you mean rnn_forward?)."]


def test_our_own_function_is_refused(cells):
    assert refused(cells["ours"])[0].startswith("sequence_loss comes from the course's own package.")


def test_what_is_no_function_is_refused(cells):
    assert refused(cells["no function"]) == ["count_rnn_parameters should be a function, got a whole number."]


def test_an_error_is_told_by_its_last_line(cells):
    assert "Your function stopped with ZeroDivisionError: division by zero." in refused(cells["raises"])


def test_a_noisy_function_is_heard_on_stdout(cells):
    text = printed(cells["noisy"])
    assert text.count("a word on stderr\n") == 4 and text.endswith("2 of 2 points.\n")
    assert "careful" not in text and "RuntimeWarning" not in text


def test_hints_count_up_and_stop_at_the_last(cells):
    texts = [printed(cells[f"hint {n}"]) for n in (1, 2, 3, 4)]
    assert [text.split(".")[0] for text in texts] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"]
    assert texts[0].endswith("Run it again for hint 2.\n") and texts[3].endswith("That was the last one.\n")
    assert len(set(texts)) == 3
    assert printed(cells["hint for another"]).startswith("Hint 1 of 3.")
    assert printed(cells["hint for a function"]).startswith("Hint 2 of 3.")  # of softmax, which had its first
    assert "did you mean softmax?" in printed(cells["hint for nothing"])


def test_questions(cells):
    assert printed(cells["quiz right"]).startswith("a: right. ")
    assert printed(cells["quiz wrong"]).startswith("b: not this one. ")
    assert printed(cells["quiz no such answer"]).startswith("Put one of a, b")
    assert "did you mean columns?" in printed(cells["quiz unknown"])


def test_no_line_of_a_hint_or_an_answer_is_longer_than_eighty(cells):
    for name in ("hint 1", "hint 2", "hint 3", "hint for nothing", "quiz right", "quiz wrong", "quiz unknown"):
        assert 0 < max(map(len, printed(cells[name]).splitlines())) <= 80, name
    assert any(len(printed(cells[name])) > 120 for name in ("hint 1", "quiz right"))


def test_try_it_never_stops_the_notebook(cells):
    assert printed(cells["try a stub"]).startswith("Nothing to show yet: ")
    assert printed(cells["try a value"]) == "[0.3333 0.    ]\n"
    text = printed(cells["try an error"])
    assert text == "Your function stopped with IndexError: list index out of range\n  in the line: return x[5]\n"
    assert "KeyError: 'Wax'\n  in the line: a = np.tanh(" in printed(cells["try inside ours"])


def test_progress_adds_up_the_points_of_parts(monkeypatch, capsys):
    monkeypatch.setattr(notebook, "_results", {"one_hot": (True, 2.0), "softmax": (False, 1.5), "unfold": (False, 0.0)})
    notebook.progress("00")
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("points  ")[2] for line in lines[:3]] == [
        "right", "1.5 of 2 points; its check says what is left", "0 of 2 points"
    ]  # fmt: skip
    assert lines[3] == "1 of 3 right, 3.5 of 6 points."


def test_progress_counts_this_kernel(cells):
    before, after = (printed(cells[name]).splitlines() for name in ("progress before", "progress after"))
    assert before[-1].startswith("0 of 4 right, 0 of ") and all("not checked" in line for line in before[:-1])
    assert after[0].split() == ["rnn_cell_forward", "6", "points", "right"]
    assert after[1].endswith("0 of 6 points") and after[-1].startswith("1 of 4 right, 6 of ")
    assert printed(cells["progress unknown"]).startswith('There is no lesson "99"; the lessons are 00, 01a')


# ---- as nbgrader grades


def test_full_points_are_printed_and_not_returned(cells):
    text = printed(cells["graded right"])
    assert text.startswith("rnn_cell_forward: 4 of 4 fresh cases, seed ") and text.endswith("NoneType\n")


def test_part_points_are_a_plain_float(cells):
    assert cells["graded half"][-1].output_type == "execute_result"
    assert cells["graded half"][-1].data["text/plain"] == "3.0"
    assert "Likely cause: the prediction has no softmax." in printed(cells["graded half"][:-1])
    assert printed(cells["graded half, its type"]).endswith("True 3.0\n")


def test_no_points_raise(cells):
    assert refused(cells["graded nothing"])[0].startswith("rnn_cell_forward: not right yet. 0 of 6 points.")
    assert refused(cells["graded stub"]) == ["sequence_loss: not written yet. 0 of 4 points."]


def test_a_part_that_costs_nothing_takes_no_points(cells):
    assert cells["graded but for the cache"][-1].data["text/plain"] == "6.0"
    text = " ".join(printed(cells["graded but for the cache"][:-1]).split())
    assert text.startswith("rnn_cell_forward: 6 of 6 points, but cache is not right yet; the way back needs it.")


def test_outside_grading_half_is_not_passed(cells):
    assert refused(cells["validated half"])[0].startswith("rnn_cell_forward: 6 of 6 points, but cache is not right yet")


def test_grading_draws_its_own_cases(cells):
    """What was printed names the seed; two gradings have two."""
    texts = [printed(cells[name][:-1]) for name in ("graded half", "graded twice")]
    assert texts[0].splitlines()[0] == texts[1].splitlines()[0]
    assert texts[0] != texts[1], "the numbers shown should come from other cases"
