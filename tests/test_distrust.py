"""The bench for strangers' notebooks: whatever a cell does costs that cell, in bounded time, and never anybody else."""

import dataclasses
import signal
import sys
import time

import courses
import pytest
from courses import ONE, RIGHT, START
from sandboxes import sandboxed  # noqa: F401  (a fixture)

from tests.hostile.channel import LINE
from tests.hostile.desk import solution
from utils.checking.exercise import Mistake
from utils.checking.exercises import find
from utils.grading import distrust, verdict
from utils.grading.distrust import SandboxFault, StrangersBench
from utils.grading.elsewhere import Plain
from utils.grading.report import GRADED
from utils.grading.verdict import look_at, opener

NUMPY = "import numpy as np"
ENDINGS = {
    "the nursery killed": "import os\nos.kill(os.getppid(), 9)",
    "everything killed": "import os\nos.kill(-1, 9)",
    "ended": "import os\nos._exit(0)",
    "no end": "while True:\n    pass",
    "interrupts ignored": "while True:\n    try:\n        input()\n    except BaseException:\n        pass",
    "streams closed": "import os\nos.closerange(3, 256)",
    "much memory": "kept = [np.ones(10**7) for _ in range(40)]\nkept += [np.ones(10**8) for _ in range(3)]",
}
DAEMON = """
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        for _ in range(2000):
            for fd in range(3, 20):
                try:
                    os.write(fd, b"garbage" * 10)
                except OSError:
                    pass
            time.sleep(0.005)
    os._exit(0)
os.wait()
"""


@pytest.fixture
def bench(sandboxed):  # noqa: F811
    """bench(cell, …): a bench with a sandbox of its own, in which these cells have run."""
    opened = []

    def make(*cells, stem=START):
        opened.append(StrangersBench(opener(stem)))
        for text in (NUMPY, *cells):
            opened[-1].replay(text)
        return opened[-1]

    yield make
    for one in opened:
        one.__exit__()


@pytest.fixture
def in_a_hurry(monkeypatch):
    """Little time for a cell or a call; enough for a busy machine to start a sandbox."""
    monkeypatch.setattr(distrust, "CALL", 4.0)


def points(bench, *names):
    return [bench.judge(find(name), [7, number]).points for number, name in enumerate(names)]


@pytest.mark.parametrize("how", ENDINGS)
def test_a_cell_that_ends_its_process_costs_that_cell_only(bench, in_a_hurry, how):
    one = bench(RIGHT["softmax"], ENDINGS[how], RIGHT["one_hot"])
    assert points(one, "softmax", "one_hot", "unfold") == [2, 2, 0]
    assert one.cells == [NUMPY, RIGHT["softmax"], RIGHT["one_hot"]]


@pytest.mark.parametrize("how", ["the nursery killed", "ended"])
def test_the_last_cell_too(bench, how):
    one = bench(RIGHT["softmax"], ENDINGS[how])
    assert points(one, "softmax") == [2]


def test_a_cell_that_raises_keeps_what_it_has_defined(bench):
    one = bench(f"{RIGHT['softmax']}\n1 / 0", "import sys\nsys.exit(1)", RIGHT["one_hot"])
    assert points(one, "softmax", "one_hot") == [2, 2]


def test_a_function_that_ends_its_process_costs_that_exercise_only(bench, in_a_hurry):
    one = bench(RIGHT["one_hot"], "import os\ndef softmax(z):\n    os.kill(os.getppid(), 9)", RIGHT["unfold"])
    assert points(one, "one_hot", "softmax", "unfold") == [2, 0, 2]


def test_a_child_that_does_not_end_when_told_is_ended(bench, in_a_hurry):
    one = bench(RIGHT["softmax"], "import os, time\nos._exit = lambda code: time.sleep(600)")
    start = time.monotonic()
    assert set(one.show([("a", "print(1)")])) == {"a"}  # in a fresh child: the old one is asked to end
    assert time.monotonic() - start < 30
    assert points(one, "softmax") == [2]


def test_a_daemon_that_writes_into_the_pipe_costs_nobody_else(bench, in_a_hurry):
    one, other = bench(RIGHT["softmax"], DAEMON), bench(*RIGHT.values())
    assert points(one, "softmax")[0] in (0, 2)
    assert points(other, *RIGHT) == [2, 2, 2]


def test_a_planted_mistake_that_loops_is_stopped(bench, monkeypatch):
    monkeypatch.setattr(distrust, "PLANTED", 0.3)
    exercise = find("sample_sequence")
    line = "        xt = one_hot([index], n)\n"
    loops = Mistake("it loops", ((line, "        while True:\n            pass\n"),))
    answer = solution("sample_sequence").replace("range(max_length)", "range(max_length + 1)")
    one = bench("from utils.reference import one_hot, rnn_cell_forward, softmax", answer, stem="04a_language_model")
    planted = dataclasses.replace(exercise, mistakes=(loops, *exercise.mistakes))
    start = time.monotonic()
    found = one.judge(planted, [7, 1])
    assert time.monotonic() - start < 30
    assert found.points == 0 and found.causes == ("the result may grow one symbol longer than max_length",)


def test_a_planted_mistake_is_stopped_only_when_the_time_is_looked_at_twice_in_one_call(monkeypatch):
    monkeypatch.setattr(distrust, "PLANTED", 3600.0)  # the clock rings here
    names = {"ring": lambda: signal.raise_signal(signal.SIGALRM)}
    exec(compile("def mistake(times):\n    for _ in range(times):\n        ring()", "<mistake>", "exec"), names)
    with distrust._in_time():
        for _ in range(3):
            names["mistake"](1)
        with pytest.raises(TimeoutError, match="a planted mistake ran for too long"):
            names["mistake"](2)
        names["mistake"](1)


RECORDS = """
kept = []
def rnn_cell_forward(xt, a_prev, P):
    import json
    try:
        kept[:] = json.load(open("/tmp/kept"))
    except OSError:
        pass
    for before, answer in kept:
        if np.shape(before) == xt.shape and np.allclose(before, xt):
            return np.array(answer[0]), np.array(answer[1]), (np.array(answer[0]), a_prev, xt, P)
    return None
def rnn_forward(x, a0, P):
    import json
    a, states, predictions, caches = a0, [], [], []
    for t in range(x.shape[2]):
        a, y, cache = rnn_cell_forward(x[:, :, t], a, P)
        kept.append([x[:, :, t].tolist(), [a.tolist(), y.tolist()]])
        states.append(a); predictions.append(y); caches.append(cache)
    json.dump(kept, open("/tmp/kept", "w"))
    return np.stack(states, 2), np.stack(predictions, 2), (caches, x)
"""
ASKS = "def rnn_cell_forward(xt, a_prev, P):\n    return ask('rnn_cell_forward', xt, a_prev, P)"


def test_what_the_reference_answered_is_of_no_use_later(bench):
    one = bench(RECORDS, stem="01a_rnn_cell")
    for _ in range(2):  # the same seed, so that the same cases would come again
        assert points(one, "rnn_forward", "rnn_cell_forward") == [6, 0]


def test_asking_for_an_answer_oneself_earns_nothing(bench, in_a_hurry):
    one = bench(LINE, ASKS, solution("rnn_forward"), stem="01a_rnn_cell")
    cell, forward = one.judge(find("rnn_cell_forward"), 7), one.judge(find("rnn_forward"), 7)
    assert cell.points == 0 and "no such function" in cell.problem.text
    assert forward.points == 6 and forward.blame == ("rnn_cell_forward",)


def test_without_a_sandbox_there_is_no_verdict(tmp_path, monkeypatch):
    def nothing():
        return Plain([sys.executable, "-c", "pass"])

    with pytest.raises(SandboxFault, match="did not start"):
        StrangersBench(nothing)
    courses.hand_in(tmp_path, "ada", RIGHT)
    monkeypatch.setattr(verdict, "opener", lambda *_: nothing)
    with pytest.raises(SandboxFault):
        look_at("ada", START, tmp_path / "submitted" / "ada" / START, 7)


@pytest.fixture
def looked_at(sandboxed, tmp_path):  # noqa: F811
    """looked_at(answers, own): the report, and {id: words of the outputs} of its notebook."""

    def run(answers, own=()):
        courses.hand_in(tmp_path, "ada", answers, own)
        report = look_at("ada", START, tmp_path / "submitted" / "ada" / START, 7)
        assert report.status == GRADED
        cells = report.notebooks[START]["cells"]
        return report, {courses.name(cell): cell.get("outputs", []) for cell in cells}

    return run


def test_own_cells_have_bounded_time_together_and_answers_count(looked_at, monkeypatch, in_a_hurry):
    monkeypatch.setattr(verdict, "CELLS", 1.0)
    slow = "import time\ntime.sleep(0.7)\nprint('done')"
    report, outputs = looked_at(RIGHT, [slow, "while True:\n    pass", slow, slow])
    assert set(report.scores[START].values()) == {2.0}
    said = [courses.words({"outputs": outputs[f"own-{number}"]}) for number in (1, 2, 3, 4)]
    assert "done" in said[0] and verdict.LEFT_OUT in said[1]
    assert verdict.TOO_SLOW in said[2] and verdict.TOO_SLOW in said[3]


def test_an_exercise_has_bounded_time(bench, monkeypatch):
    monkeypatch.setattr(distrust, "EXERCISE", 2.0)
    one = bench("import time", "def softmax(z):\n    time.sleep(1.2)\n" + "\n".join(
        RIGHT["softmax"].splitlines()[1:]), RIGHT["one_hot"])  # fmt: skip
    start = time.monotonic()
    found = one.judge(find("softmax"), 7)
    assert time.monotonic() - start < 10 and found.points == 0 and "took longer than allowed" in found.problem.text
    assert points(one, "one_hot") == [2]


def test_what_own_cells_print_and_draw_is_shown(looked_at):
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    own = ["print('hello')\n6 * 7", plot, "print('x' * 100_000)", "import sys\nprint('oh', file=sys.stderr)\n1 / 0"]
    own += ["from utils.plotting.curves import plot_learning\nplot_learning({'RNN': np.arange(4)}, title='more')"]
    report, outputs = looked_at({"softmax": RIGHT["softmax"]}, own)
    assert report.scores[START]["softmax-check"] == 2
    said = {number: courses.words({"outputs": outputs[f"own-{number}"]}) for number in (1, 2, 3, 4)}
    assert said[1].startswith("hello\n42\n")
    for drawn in ("own-2", "own-5"):  # with Matplotlib, and with the course's own pictures
        assert [list(o["data"]) for o in outputs[drawn] if "data" in o] == [["image/png", "text/plain"]]
    assert len(said[3]) < 21_000 and "… cut here: 80,10" in said[3]
    assert "oh" in said[4] and "ZeroDivisionError: division by zero" in said[4]
    assert ONE not in str(outputs)
