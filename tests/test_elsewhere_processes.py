"""A process that misbehaves is told, ended and left behind; it is never waited for."""

import os
import sys
import time

import pytest
from verdicts import verdict_on

from utils.checking.exercises import find
from utils.grading import elsewhere
from utils.grading.elsewhere import Elsewhere
from utils.prove import elsewhere_text

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
        verdict = verdict_on("softmax", worker)
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
        first = verdict_on("softmax", worker).problem
        start = time.monotonic()
        assert verdict_on("softmax", worker).problem == first
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
        assert worker.replay(text) == ""
        assert verdict_on("softmax", worker).ok
    assert capfd.readouterr() == ("", "")


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
        assert worker.replay(elsewhere_text(exercise)) == ""
        assert verdict_on(exercise.name, worker).ok


def test_the_process_is_ended_as_soon_as_it_failed():
    nonsense = "import sys; sys.stdout.write('x' * 64); sys.stdout.flush(); sys.stdin.read()"
    with Elsewhere(command=[sys.executable, "-c", nonsense]) as worker:
        assert "that is no answer" in worker.replay("x = 1")
        assert_gone(worker.process)
    with Elsewhere(deadline=0.5) as worker:
        worker.replay("while True: pass")
        assert_gone(worker.process)
