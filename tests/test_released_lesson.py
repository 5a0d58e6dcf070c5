"""A released lesson in a learner's hands: worked on, run by Jupyter, validated by nbgrader."""

import inspect
import json
import os
import subprocess
import sys

import pytest

from utils import textbook
from utils.paths import ROOT
from utils.textbook import rnn

LESSON = ROOT / "notebooks" / "01_rnn_cell" / "01a_rnn_cell.ipynb"
CAUSE = "Likely cause: a0 is ignored: the first step starts from zeros."


def text_of(exercise):
    return inspect.getsource(getattr(textbook, exercise))


def run(command, folder):
    """Run a program of this environment; all it printed."""
    env = os.environ | {"PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]}
    ended = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=240, check=False)
    return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """Lesson 01 A with a right cell and a sequence that ignores a0, executed as a learner would; demos left out."""
    folder = tmp_path_factory.mktemp("learner")
    notebook = json.loads(LESSON.read_text(encoding="utf-8"))
    notebook["cells"] = [c for c in notebook["cells"] if "demo" not in c["metadata"].get("tags", [])]
    answers = {
        "rnn_cell_forward": text_of("rnn_cell_forward"),
        "rnn_forward": text_of("rnn_forward").replace("a_next = a0", "a_next = np.zeros((n_a, m))"),
    }
    assert answers["rnn_forward"] != text_of("rnn_forward")
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["metadata"].get("nbgrader", {}).get("grade_id"), cell["source"])
    path = folder / LESSON.name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    run(["jupyter", "execute", "--allow-errors", "--inplace", path.name], folder)
    return path


def check_output(path, exercise):
    """What a check cell shows: stream text, or the lines of an error."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == f"{exercise}-check":
            (output,) = cell["outputs"]
            return output["output_type"], "".join(output.get("text", "")) or "\n".join(output["traceback"])
    raise AssertionError(f"no check of {exercise}")


def test_the_right_function_is_told_so_in_one_line(worked):
    kind, text = check_output(worked, "rnn_cell_forward")
    assert kind == "stream"
    assert text == "rnn_cell_forward: 4 of 4 cases; grading uses fresh ones. 6 of 6 points.\n"


def test_the_wrong_one_is_told_its_cause_in_few_lines(worked):
    kind, text = check_output(worked, "rnn_forward")
    lines = text.splitlines()
    assert kind == "error"
    assert CAUSE in lines
    assert len(lines) <= 8
    assert all(len(line) <= 80 for line in lines)
    assert text.count("cause") == 1
    assert "Traceback" not in text
    assert ".py" not in text


def test_what_is_not_written_says_so(worked):
    assert check_output(worked, "sequence_loss") == ("error", "sequence_loss: not written yet. 0 of 4 points.")


def test_validate_shows_the_same_lines(worked):
    shown = run(["nbgrader", "validate", worked.name], worked.parent)
    _, text = check_output(worked, "rnn_forward")
    assert "\n".join("    " + line for line in text.splitlines()) in shown
    assert "VALIDATION FAILED ON 3 CELL(S)" in shown


def test_the_cause_is_the_one_that_was_planted():
    assert inspect.getsource(rnn.rnn_forward).count("a_next = a0\n") == 1
