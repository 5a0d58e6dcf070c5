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
from utils.grading import elsewhere
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


def test_arrays_that_are_to_change_in_place_are_looked_at_there_too(worker):
    text = "import numpy as np\ndef clip_by_value(G, limit):\n    for k in G:\n        {}\n    return G\n"
    replayed(worker, text.format("G[k] = np.clip(G[k], -limit, limit)"))
    assert "should change its arrays in place" in verdict_on(find("clip_by_value"), worker).problem.text
    assert verdict_on(find("clip_by_value"), replayed(worker, text.format("np.clip(G[k], -limit, limit, out=G[k])"))).ok


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


# Whoever wants to can find the stream among the open descriptors; what is written there is still judged from outside.
INTO_THE_WIRE = """
import os
def into_the_wire(data):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, data)
        except OSError:
            pass
"""
MISBEHAVIOUR = {
    "dies": ("import os\ndef softmax(z):\n    os._exit(0)", "its process ended"),
    "exits": ("import sys\ndef softmax(z):\n    sys.exit(3)", "SystemExit: 3"),
    "hangs, and what it started holds the pipe": (
        "import os, time\ndef softmax(z):\n    if os.fork() == 0:\n        time.sleep(40)\n    os._exit(0)",
        "it took longer than allowed",
    ),
    "hangs, and so does what it started": (
        "import os\ndef softmax(z):\n    os.system('sleep 40 &')\n    while True:\n        pass",
        "it took longer than allowed",
    ),
    "stops reading": (
        "def softmax(z):\n    import signal, os\n    os.kill(os.getpid(), signal.SIGSTOP)",
        "it took longer than allowed",
    ),
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
        INTO_THE_WIRE + "def softmax(z):\n    into_the_wire(b'x' * 64)\n    return z",
        "its process sent something that is no answer",
    ),
    "writes half a frame and dies": (
        INTO_THE_WIRE + "def softmax(z):\n    into_the_wire(b'\\0' * 3 + b'abcde')\n    os._exit(0)",
        "its process sent something that is no answer",
    ),
    "writes JSON that is no answer": (
        INTO_THE_WIRE + "def softmax(z):\n    into_the_wire(bytes([0, 0, 0, 2, 0, 0, 0, 0]) + b'{}')\n"
        "    os._exit(0)",
        "could not be read",
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


def count_descriptors():
    return len(os.listdir("/proc/self/fd"))


def test_a_command_that_does_not_exist_leaves_no_descriptor():
    before = count_descriptors()
    for _ in range(3):
        with pytest.raises(FileNotFoundError):
            Elsewhere(command=["/nowhere/at/all"])
    assert count_descriptors() == before


# ---- the deadline


def number_becomes(marker, wanted):
    """Wait up to two seconds until so many processes have this word on their command line."""
    until = time.monotonic() + 2
    while alive(marker) != wanted and time.monotonic() < until:
        time.sleep(0.02)
    return alive(marker) == wanted


def alive(marker):
    found = 0
    for folder in os.listdir("/proc"):
        if folder.isdigit():
            try:
                with open(f"/proc/{folder}/cmdline", "rb") as stream:
                    found += marker.encode() in stream.read().split(b"\0")
            except OSError:
                continue
    return found


@pytest.mark.parametrize("text", ["while True:\n    pass", "os._exit(0)", "x = 1"])
def test_what_the_process_started_ends_with_it(text):
    seconds = f"4{os.getpid()}.25"
    with Elsewhere(deadline=1.0) as worker:
        assert worker.replay(f"import os\nos.system('sleep {seconds} &')") == ""
        assert number_becomes(seconds, 1)
        worker.replay(text)
    assert number_becomes(seconds, 0)


def test_a_pipe_that_is_held_open_does_not_hold_us():
    """The process has ended, and one that left its group has the pipe: only the clock helps."""
    text = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(3)\n    os._exit(0)\nos._exit(0)"
    start = time.monotonic()
    with Elsewhere(deadline=0.7) as worker:
        assert worker.replay(text) == "RuntimeError: it took longer than allowed"
    assert time.monotonic() - start < 2


def test_a_process_that_reads_nothing_does_not_hold_us():
    start = time.monotonic()
    with Elsewhere(command=[sys.executable, "-c", "import time; time.sleep(60)"], deadline=0.7) as worker:
        assert worker.replay("#" * (1 << 20)) == "RuntimeError: it took longer than allowed"
    assert time.monotonic() - start < 3


def test_a_process_that_never_stops_talking_does_not_hold_us():
    text = INTO_THE_WIRE + (
        'm = b\'{"back": 7, "args": {"list": []}, "kwargs": {"dict": []}}\'\n'
        "while True:\n    into_the_wire((bytes([0, 0, 0, len(m), 0, 0, 0, 0]) + m) * 200)\n    os.read(3, 1 << 20)\n"
    )
    start = time.monotonic()
    with Elsewhere(deadline=0.7) as worker:
        assert worker.replay(text) == "RuntimeError: it took longer than allowed"
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("text", ["while True: pass", "import os; os.system('sleep 40 &')\nwhile True: pass"])
def test_where_pipes_cannot_be_polled_a_timer_ends_the_process(monkeypatch, text):
    monkeypatch.setattr(elsewhere, "CAN_POLL", False)
    start = time.monotonic()
    with Elsewhere(deadline=0.7) as worker:
        assert worker.replay(text) == "RuntimeError: it took longer than allowed"
    assert time.monotonic() - start < 3
    with Elsewhere() as worker:
        exercise = find("unfold")
        assert verdict_on(exercise, replayed(worker, elsewhere_text(exercise))).ok


def test_the_process_is_ended_as_soon_as_it_failed():
    nonsense = "import sys; sys.stdout.write('x' * 64); sys.stdout.flush(); sys.stdin.read()"
    with Elsewhere(command=[sys.executable, "-c", nonsense]) as worker:
        assert "that is no answer" in worker.replay("x = 1")
        assert_gone(worker.process)
    with Elsewhere(deadline=0.5) as worker:
        worker.replay("while True: pass")
        assert_gone(worker.process)


# ---- what the worker does, whatever the learner does


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
    problem = verdict_on(find("softmax"), replayed(worker, text)).problem
    assert problem.kind == "raised" and "TypeError: the message is too large to be sent." in problem.text
    assert worker.replay("x = 1") == ""


def test_an_answer_of_ours_too_large_to_send_is_an_error_and_no_end(monkeypatch, worker):
    monkeypatch.setitem(vars(elsewhere.reference), "softmax", lambda z: np.zeros((257, 1 << 20), np.uint8))
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
        assert "ValueError: ignore" in verdict_on(find("softmax"), replayed(worker, text)).problem.text


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
