"""A function judged in another process gets the same verdict; a process that misbehaves is told, not waited for."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from utils.checking.exercise import planted
from utils.checking.exercises import find
from utils.checking.judge import judge
from utils.grading.elsewhere import Elsewhere
from utils.prove import SEED, elsewhere_text

ODD = ("unfold", "rnn_backward", "gradient_check", "sample_sequence", "gru_cell_forward")


def verdict_on(exercise, function):
    return judge(exercise, function, np.random.default_rng(SEED))


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
    assert verdict_on(exercise, replayed(worker, elsewhere_text(exercise))).ok
    for mistake in exercise.mistakes:
        there = verdict_on(exercise, replayed(worker, elsewhere_text(exercise, (mistake,))))
        here = verdict_on(exercise, planted(exercise, (mistake,)))
        assert seen(there) == seen(here), mistake.cause
        assert not there.ok or there.blame


@pytest.mark.parametrize("name", ODD)
def test_right_answers_in_other_clothes_are_right_there_too(name, worker, root):
    text = (root / "tests" / "also_right" / f"lesson_{find(name).lesson.rstrip('ab')}.py").read_text(encoding="utf-8")
    replayed(worker, text)
    labels = [line.split("(")[0].removeprefix("def ") for line in text.splitlines() if line.startswith(f"def {name}__")]
    assert len(labels) >= 3
    for label in labels:
        verdict = verdict_on(find(name), replayed(worker, f"{name} = {label}"))
        assert verdict.ok, f"{label}: {verdict.problem}"


def test_numpy_booleans_are_booleans_there_too(worker):
    exercise = find("gradient_check")
    text = elsewhere_text(exercise).replace("bool(error < tolerance)", "np.bool_(error < tolerance)")
    assert "np.bool_" in text and verdict_on(exercise, replayed(worker, text)).ok


def test_a_stub_is_not_attempted_and_a_missing_function_too(worker):
    exercise = find("unfold")
    assert verdict_on(exercise, worker).problem.kind == "not attempted"
    replayed(worker, "def unfold(f, s0, xs):\n    raise NotImplementedError")
    assert verdict_on(exercise, worker).problem.kind == "not attempted"


def test_changed_inputs_are_seen_there(worker):
    text = "import numpy as np\ndef softmax(z):\n    e = np.exp(z - z.max(0))\n    z *= 2\n    return e / e.sum(0)\n"
    problem = verdict_on(find("softmax"), replayed(worker, text)).problem
    assert problem.kind == "inputs" and "changed its input z" in problem.text


def test_errors_have_the_same_words_as_here(worker):
    text = "def softmax(z):\n    return {}['a  key\\nof two lines']"
    here = {}
    exec(text, here)
    there = verdict_on(find("softmax"), replayed(worker, text))
    assert seen(there) == seen(verdict_on(find("softmax"), here["softmax"]))


def test_a_callback_that_raises_has_the_same_words_as_here(worker):
    text = "def unfold(f, s0, xs):\n    return [f(s0, None) for x in xs]"
    here = {}
    exec(text, here)
    there = verdict_on(find("unfold"), replayed(worker, text))
    assert there.problem.kind == "raised"
    assert there.problem == verdict_on(find("unfold"), here["unfold"]).problem


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
    verdict = verdict_on(exercise, worker)
    assert verdict.ok and verdict.blame == ("rnn_cell_backward",)
    after = verdict_on(find("rnn_cell_backward"), worker)  # the learner's own is back in its place
    assert not after.ok and after.causes[0].startswith("the slope of tanh is missing")


def test_a_right_earlier_function_is_not_blamed(worker):
    exercise = find("rnn_backward")
    text = elsewhere_text(exercise, exercise.mistakes[:1])
    verdict = verdict_on(exercise, replayed(worker, text))
    assert not verdict.ok and verdict.blame == () and verdict.causes == (exercise.mistakes[0].cause,)


def test_nothing_to_replace_changes_nothing(worker):
    """All in one function: the references are never called."""
    text = "def gru_cell_forward(xt, c_prev, P):\n    return 1, 2, 3\n"
    verdict = verdict_on(find("gru_cell_forward"), replayed(worker, text))
    assert not verdict.ok and verdict.blame == ()


# ---- processes that misbehave


MISBEHAVIOUR = {
    "dies": ("import os\ndef softmax(z):\n    os._exit(0)", "its process ended"),
    "exits": ("import sys\ndef softmax(z):\n    sys.exit(3)", "its process ended"),
    "hangs": ("def softmax(z):\n    while True:\n        pass", "it took longer than allowed"),
    "sleeps": ("import time\ndef softmax(z):\n    time.sleep(60)", "it took longer than allowed"),
    "returns a set": ("def softmax(z):\n    return {1}", "a value of type set cannot be sent"),
    "returns objects": (
        "import numpy as np\ndef softmax(z):\n    return z.astype(object)", "an array of dtype object cannot be sent",
    ),
    "returns a module": ("import os\ndef softmax(z):\n    return os", "a value of type module cannot be sent"),
    "recurses": ("def softmax(z):\n    return softmax(z)", "RecursionError"),
    "returns itself": ("def softmax(z):\n    v = []\n    v.append(v)\n    return v", "nested deeper"),
    "raises what is no Exception": ("def softmax(z):\n    raise KeyboardInterrupt", "its process ended"),
    "closes its descriptors": (
        "import os\ndef softmax(z):\n    os.closerange(3, 256)\n    return z", "its process ended",
    ),
    "writes nonsense into the descriptor": (
        "import os, sys\ndef softmax(z):\n    os.write(int(sys.argv[2]), b'x' * 64)\n    return z",
        "its process sent something that is no answer",
    ),
    "writes half a frame and dies": (
        "import os, sys\ndef softmax(z):\n    os.write(int(sys.argv[2]), b'\\0' * 3 + b'abcde')\n    os._exit(0)",
        "its process sent something that is no answer",
    ),
    "writes JSON that is no answer": (
        "import os, sys\ndef softmax(z):\n    os.write(int(sys.argv[2]), bytes([0, 0, 0, 2, 0, 0, 0, 0]) + b'{}')\n"
        "    os._exit(0)",
        "could not be read",
    ),
    "asks for a function that is none of its": (
        "import os, sys, json\ndef softmax(z):\n"
        "    m = json.dumps({'back': 'exec', 'args': {'list': []}, 'kwargs': {'dict': []}})\n"
        "    os.write(int(sys.argv[2]), bytes([0, 0, 0, len(m), 0, 0, 0, 0]) + m.encode())\n    return None",
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", MISBEHAVIOUR)
def test_misbehaviour_is_an_error_and_no_hang(what):
    text, words = MISBEHAVIOUR[what]
    start = time.monotonic()
    with Elsewhere(deadline=2.0) as worker:
        assert worker.replay(text) == ""
        verdict = verdict_on(find("softmax"), worker)
        assert not verdict.ok and verdict.points == 0
        if words:
            assert verdict.problem.kind == "raised" and words in verdict.problem.text
            assert "\n" not in verdict.problem.text
    assert time.monotonic() - start < 15
    assert_gone(worker.process)


def assert_gone(process):
    """Ended, and waited for: no zombie either."""
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_the_dead_answer_every_later_question_at_once():
    with Elsewhere(deadline=5.0) as worker:
        worker.replay("import os\ndef softmax(z):\n    os._exit(1)")
        first = verdict_on(find("softmax"), worker).problem
        start = time.monotonic()
        assert verdict_on(find("softmax"), worker).problem == first
        assert worker.replay("1 + 1") == "RuntimeError: its process ended"
        with worker.with_references(("softmax",)) as changed:
            assert changed is False
        assert time.monotonic() - start < 1


def test_prints_do_not_get_into_the_wire(capfd):
    text = (
        "import sys, os\nprint('garbage' * 1000)\n"
        "def softmax(z):\n"
        "    print('{\"value\": 1}', flush=True); os.write(1, b'x' * 5000); os.write(2, b'y' * 5000)\n"
        "    e = z - z.max(axis=0)\n    e = 2.718281828459045 ** e\n    return e / e.sum(axis=0)\n"
    )
    with Elsewhere() as worker:
        assert verdict_on(find("softmax"), replayed(worker, text)).ok
    assert capfd.readouterr() == ("", "")


def test_a_cell_that_raises_or_does_not_parse_is_told_and_survived(worker):
    assert worker.replay("1 / 0") == "ZeroDivisionError: division by zero"
    assert worker.replay("def f(:").startswith("SyntaxError: ")
    assert worker.replay("raise NotImplementedError") == "NotImplementedError"
    assert worker.replay("x = 1") == ""


def test_a_cell_that_hangs_is_ended():
    with Elsewhere(deadline=0.7) as worker:
        assert worker.replay("while True: pass") == "RuntimeError: it took longer than allowed"
    assert_gone(worker.process)


def test_no_descriptor_is_left_open():
    def count():
        return len(os.listdir("/proc/self/fd"))

    before = count()
    for text in ("x = 1", "import os; os._exit(0)"):
        with Elsewhere(deadline=5.0) as worker:
            worker.replay(text)
    assert count() == before


def test_leaving_early_ends_the_process():
    with pytest.raises(RuntimeError, match="on purpose"), Elsewhere() as worker:
        raise RuntimeError("on purpose")
    assert_gone(worker.process)


def test_a_command_that_is_no_worker_is_told():
    with Elsewhere(command=[sys.executable, "-c", "pass"], deadline=10.0) as worker:
        assert worker.replay("x = 1") == "RuntimeError: its process ended"


def test_the_worker_needs_neither_a_judge_nor_torch():
    code = (
        "import sys, utils.grading.worker; print([m for m in ('torch', 'matplotlib', 'nbgrader') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
