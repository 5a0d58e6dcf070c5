"""A function judged in another process gets the same verdict, with the same words; the process serves nobody else."""

import subprocess
import sys

import numpy as np
import pytest
from verdicts import verdict_on

from utils import reference
from utils.checking.exercise import planted
from utils.checking.exercises import find
from utils.grading import elsewhere
from utils.grading.elsewhere import Elsewhere
from utils.prove import elsewhere_text

ODD = ("unfold", "rnn_backward", "gradient_check", "sample_sequence", "gru_cell_forward")


def seen(verdict):
    """All that a grade and its words are made of."""
    return (
        verdict.right, verdict.points, verdict.cases_right, verdict.problem, verdict.where,
        verdict.others, verdict.causes, verdict.blame, verdict.note,
    )  # fmt: skip


@pytest.fixture
def worker():
    with Elsewhere() as running:
        yield running
    assert running.process.returncode is not None


def replayed(worker, text):
    assert worker.replay(text) == ""
    return worker


@pytest.mark.parametrize("name", ODD)
def test_the_textbook_and_every_mistake_get_the_same_verdict(name, worker):
    exercise = find(name)
    assert verdict_on(exercise.name, replayed(worker, elsewhere_text(exercise))).ok
    for mistake in exercise.mistakes:
        there = verdict_on(exercise.name, replayed(worker, elsewhere_text(exercise, (mistake,))))
        here = verdict_on(exercise.name, planted(exercise, (mistake,)))
        assert seen(there) == seen(here), mistake.cause
        assert not there.ok or there.blame


@pytest.mark.parametrize("name", ODD)
def test_right_answers_in_other_clothes_are_right_there_too(name, worker, root):
    text = (root / "tests" / "also_right" / f"lesson_{find(name).lesson.rstrip('ab')}.py").read_text(encoding="utf-8")
    replayed(worker, text)
    labels = [line.split("(")[0].removeprefix("def ") for line in text.splitlines() if line.startswith(f"def {name}__")]
    assert len(labels) >= 3
    for label in labels:
        verdict = verdict_on(name, replayed(worker, f"{name} = {label}"))
        assert verdict.ok, f"{label}: {verdict.problem}"


def test_numpy_booleans_are_booleans_there_too(worker):
    exercise = find("gradient_check")
    text = elsewhere_text(exercise).replace("bool(error < tolerance)", "np.bool_(error < tolerance)")
    assert "np.bool_" in text and verdict_on(exercise.name, replayed(worker, text)).ok


def test_a_stub_is_not_attempted_and_a_missing_function_too(worker):
    exercise = find("unfold")
    assert verdict_on(exercise.name, worker).problem.kind == "not attempted"
    replayed(worker, "def unfold(f, s0, xs):\n    raise NotImplementedError")
    assert verdict_on(exercise.name, worker).problem.kind == "not attempted"


def test_changed_inputs_are_seen_there(worker):
    text = "import numpy as np\ndef softmax(z):\n    e = np.exp(z - z.max(0))\n    z *= 2\n    return e / e.sum(0)\n"
    problem = verdict_on("softmax", replayed(worker, text)).problem
    assert problem.kind == "inputs" and "changed its input z" in problem.text


def test_errors_have_the_same_words_as_here(worker):
    text = "def softmax(z):\n    return {}['a  key\\nof two lines']"
    here = {}
    exec(text, here)
    there = verdict_on("softmax", replayed(worker, text))
    assert seen(there) == seen(verdict_on("softmax", here["softmax"]))


def test_a_callback_that_raises_has_the_same_words_as_here(worker):
    text = "def unfold(f, s0, xs):\n    return [f(s0, None) for x in xs]"
    here = {}
    exec(text, here)
    there = verdict_on("unfold", replayed(worker, text))
    assert there.problem.kind == "raised"
    assert there.problem == verdict_on("unfold", here["unfold"]).problem


def test_arrays_that_are_to_change_in_place_are_looked_at_there_too(worker):
    text = "import numpy as np\ndef clip_by_value(G, limit):\n    for k in G:\n        {}\n    return G\n"
    replayed(worker, text.format("G[k] = np.clip(G[k], -limit, limit)"))
    assert "should change its arrays in place" in verdict_on("clip_by_value", worker).problem.text
    assert verdict_on("clip_by_value", replayed(worker, text.format("np.clip(G[k], -limit, limit, out=G[k])"))).ok


# ---- the fault of an earlier function, over the wire


WRONG_CELL = """
def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, P = cache
    dz = da_next
    return {"dxt": P["Wax"].T @ dz, "da_prev": P["Waa"].T @ dz, "dWax": dz @ xt.T, "dWaa": dz @ a_prev.T,
            "dba": dz.sum(axis=1, keepdims=True)}
"""


def test_a_wrong_earlier_function_is_blamed_over_the_wire(worker):
    exercise = find("rnn_backward")
    replayed(worker, elsewhere_text(exercise))
    replayed(worker, WRONG_CELL)
    verdict = verdict_on(exercise.name, worker)
    assert verdict.ok and verdict.blame == ("rnn_cell_backward",)
    after = verdict_on("rnn_cell_backward", worker)  # the learner's own is back in its place
    assert not after.ok and after.causes[0].startswith("the slope of tanh is missing")


def test_a_right_earlier_function_is_not_blamed(worker):
    exercise = find("rnn_backward")
    text = elsewhere_text(exercise, exercise.mistakes[:1])
    verdict = verdict_on(exercise.name, replayed(worker, text))
    assert not verdict.ok and verdict.blame == () and verdict.causes == (exercise.mistakes[0].cause,)


def test_nothing_to_replace_changes_nothing(worker):
    """All in one function: the references are never called."""
    text = "def gru_cell_forward(xt, c_prev, P):\n    return 1, 2, 3\n"
    verdict = verdict_on("gru_cell_forward", replayed(worker, text))
    assert not verdict.ok and verdict.blame == ()


# ---- what the worker does, whatever the learner does


def test_a_cell_that_raises_or_does_not_parse_is_told_and_survived(worker):
    assert worker.replay("1 / 0") == "ZeroDivisionError: division by zero"
    assert worker.replay("def f(:").startswith("SyntaxError: ")
    assert worker.replay("raise NotImplementedError") == "NotImplementedError"
    assert worker.replay("x = 1") == ""


def test_no_way_of_printing_reaches_the_wire():
    text = """
import os, subprocess, sys
sys.stdout.buffer.write(b"a" * 99999); sys.stdout.flush(); print("ŷ", file=sys.__stdout__, flush=True)
os.write(1, b"b" * 99999); os.system("echo from a shell"); subprocess.run(["echo", "from a child"])
sys.stdout.close()
for name in os.listdir("/proc/self/fd"):
    try:
        assert int(name) < 3 or not os.get_inheritable(int(name)), name
    except OSError:  # the listing's own
        pass
assert os.read(0, 9) == b"" and sys.stdin.read() == ""
"""
    with Elsewhere() as worker:
        assert worker.replay(text) == ""
        assert worker.replay("1 / 0") == "ZeroDivisionError: division by zero"


def test_the_letters_of_the_course_can_be_printed_in_any_locale(monkeypatch):
    for name, value in {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}.items():
        monkeypatch.setenv(name, value)
    with Elsewhere() as worker:
        assert worker.replay("print('ŷ⟨t⟩ \\ud800')") == ""


def test_an_answer_too_large_to_send_is_an_error_and_no_end(worker):
    text = "import numpy as np\ndef softmax(z):\n    return np.zeros((257, 1 << 20), np.uint8)"
    problem = verdict_on("softmax", replayed(worker, text)).problem
    assert problem.kind == "raised" and "TypeError: the message is too large to be sent." in problem.text
    assert worker.replay("x = 1") == ""


def test_an_answer_of_ours_too_large_to_send_is_an_error_and_no_end(monkeypatch, worker):
    monkeypatch.setitem(vars(reference), "softmax", lambda z: np.zeros((257, 1 << 20), np.uint8))
    replayed(worker, "def softmax(z):\n    pass\ndef unfold(f, s0, xs):\n    return softmax(1)")
    with worker.with_references(("softmax",)):
        outcome = worker.run(find("unfold"), {"f": abs, "s0": 0, "xs": []})
    assert outcome.error == "WireError: the message is too large to be sent." and not worker.dead


@pytest.mark.parametrize("text, line", [("exit(3)", "SystemExit: 3"), ("raise SystemExit", "SystemExit")])
def test_leaving_is_an_error_and_no_end(worker, text, line):
    assert worker.replay(text) == line
    assert worker.replay("x = 1") == "" and not worker.dead


def test_a_long_error_is_cut(worker):
    assert worker.replay("raise ValueError('x' * 100_000)") == "ValueError: " + "x" * 388


def test_a_judge_that_goes_away_in_the_middle_of_a_call_is_the_end():
    """A learner who catches every error, and SystemExit too, meets the end of the stream, not an answer."""
    asks = "try:\n    softmax(1)\nexcept Exception:\n    pass\nwhile True:\n    import time; time.sleep(1)"
    process = subprocess.Popen(
        [sys.executable, "-m", "utils.grading.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with process, process.stdin as to, process.stdout as back:
        for message in ({"replay": "def softmax(z): pass"}, {"replace": ["softmax"]}, {"replay": asks}):
            elsewhere.send(to, message)
            answer = elsewhere.receive(back)[0]
        assert answer["back"] == "softmax"
        to.close()
        assert back.read() == b""
        assert process.wait(5) == 0


def test_replacing_twice_keeps_the_own_function(worker):
    replayed(worker, "def softmax(z):\n    return 'own'")
    with worker.with_references(("softmax",)), worker.with_references(("softmax",)) as changed:
        assert changed and worker.replay("assert softmax.__name__ == 'over_the_wire'") == ""
    assert worker.replay("assert softmax(1) == 'own'") == ""


def test_replacing_another_puts_the_first_back(worker):
    replayed(worker, "def softmax(z):\n    return 'own'\ndef sigmoid(z):\n    return 'own'")
    with worker.with_references(("softmax",)), worker.with_references(("sigmoid",)):
        assert worker.replay("assert softmax(1) == 'own' and sigmoid.__name__ == 'over_the_wire'") == ""


def test_cells_and_calls_are_quiet(monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    text = (
        "import numpy as np\nnp.log(np.zeros(1))\n"
        "def softmax(z):\n    np.log(0 * z)\n    np.array([1]) / 0\n    raise ValueError(np.geterr()['divide'])"
    )
    with Elsewhere() as worker:
        assert "ValueError: ignore" in verdict_on("softmax", replayed(worker, text)).problem.text


ASKS = """
import json, sys
from utils.grading.frames import receive, send
from utils.grading.wire import Packer
while (frame := receive(sys.stdin.buffer)) is not None:
    if "replace" in frame[0]:
        send(sys.stdout.buffer, {"changed": True})
    if "call" not in frame[0]:
        continue
    send(sys.stdout.buffer, {"back": json.loads(sys.argv[1]), "args": {"list": [3]}, "kwargs": {"dict": []}})
    reply, _ = receive(sys.stdin.buffer)
    send(sys.stdout.buffer, {"error": json.dumps(reply)})
"""


@pytest.mark.parametrize("which", ['"np"', '"__loader__"', '"rnn"', '"exec"', "-1", "1", "false", "null", "[0]", "{}"])
def test_a_function_that_is_not_offered_is_refused(which):
    with Elsewhere(command=[sys.executable, "-c", ASKS, which], deadline=10.0) as worker:
        outcome = worker.run(find("unfold"), {"f": lambda x: x + 1, "s0": 0, "xs": []})
    assert outcome.error == '{"error": "WireError: there is no such function."}'


def test_a_function_that_is_offered_is_answered():
    with Elsewhere(command=[sys.executable, "-c", ASKS, "0"], deadline=10.0) as worker:
        outcome = worker.run(find("unfold"), {"f": lambda x: x + 1, "s0": 0, "xs": []})
    assert outcome.error == '{"value": 4}'


def test_the_reference_answers_only_for_the_functions_that_are_replaced_just_now():
    """Else a function could ask for the right answer to the very exercise that it is judged on."""
    with Elsewhere(command=[sys.executable, "-c", ASKS, '"count_rnn_parameters"'], deadline=10.0) as worker:
        asked = find("unfold"), {"f": lambda x: x + 1, "s0": 0, "xs": []}
        assert "no such function" in worker.run(*asked).error
        with worker.with_references(["softmax"]):
            assert "no such function" in worker.run(*asked).error
        with worker.with_references(["count_rnn_parameters"]):
            assert "missing 2 required positional arguments" in worker.run(*asked).error
        assert "no such function" in worker.run(*asked).error


@pytest.mark.parametrize(
    "text, ours",
    [
        ("from utils.reference import softmax", True),
        ("from utils.textbook import softmax", True),
        ("import functools, utils.reference\nsoftmax = functools.wraps(utils.reference.softmax)(lambda z: z)", True),
        ("import functools, utils.reference\nsoftmax = functools.partial(utils.reference.softmax)", True),
        ("def softmax(z):\n    return z", False),
        ("import numpy as np\nsoftmax = np.exp", False),
        ("softmax = 3", False),
        ("", False),
    ],
)
def test_a_function_of_ours_is_recognised(worker, text, ours):
    assert replayed(worker, text).is_ours("softmax") is ours


def test_the_worker_needs_neither_a_judge_nor_torch():
    code = (
        "import sys, utils.grading.worker; print([m for m in ('torch', 'matplotlib', 'nbgrader') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
