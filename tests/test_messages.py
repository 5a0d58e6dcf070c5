"""What learners read: every message of every mistake, kept in tests/golden and held to its form.

After a change of words: `pytest tests/test_messages.py --update-golden`, then read the difference.
"""

import functools
import re
import zlib

import numpy as np
import pytest
from verdicts import spoil

from utils import textbook
from utils.checking.exercise import planted
from utils.checking.exercises import find, known
from utils.checking.judge import judge
from utils.checking.message import LINES, WIDTH, fit, message
from utils.paths import write_atomic
from utils.prove import Inlined

FORBIDDEN = re.compile(
    r"Traceback|assert|/home|/tmp|site-packages|\.py\b|<mistake>|<listcomp>|\x1b|nan nan|object at 0x"
)


def told(name, function):
    """What `check` says in a notebook."""
    return message(judge(find(name), function, np.random.default_rng(zlib.crc32(name.encode()))))


@functools.cache
def messages(name):
    """The message of every planted mistake, beside its cause."""
    exercise = find(name)
    return [(mistake.cause, told(name, Inlined(planted(exercise, (mistake,))))) for mistake in exercise.mistakes]


JORDAN = find("jordan_forward")
TWO = [m for m in JORDAN.mistakes if m.cause.startswith(("y0 is ignored", "the bias by"))]
GENERAL = {
    "right": ("rnn_cell_forward", textbook.rnn_cell_forward),
    "an error": ("rnn_cell_forward", lambda xt, a_prev, P: P["Wxa"] @ xt),
    "a long error": ("softmax", lambda z: z @ np.zeros((z.shape[1] + 1, 4)) + np.zeros((7, 9))),
    "an error of many words": ("softmax", lambda z: exec("raise ValueError('so much to say ' * 60)")),
    "no return": ("softmax", lambda z: None),
    "too few outputs": ("rnn_cell_forward", lambda xt, a_prev, P: textbook.rnn_cell_forward(xt, a_prev, P)[:2]),
    "a list": ("softmax", lambda z: textbook.softmax(z).tolist()),
    "a generator": ("unfold", lambda f, s0, xs: (f(s0, x) for x in xs)),
    "object dtype": ("softmax", lambda z: textbook.softmax(z).astype(object)),
    "complex": ("softmax", lambda z: textbook.softmax(z) + 0j),
    "float32": ("softmax", lambda z: textbook.softmax(z).astype(np.float32)),
    "wrong shape": ("softmax", lambda z: textbook.softmax(z)[:, :1]),
    "NaN": ("softmax", lambda z: textbook.softmax(z) * np.nan),
    "inputs changed": ("softmax", lambda z: [textbook.softmax(z), z.sort(axis=0)][0]),
    "unexplained": ("rnn_forward", spoil("rnn_forward", lambda v: (2 * v[0], *v[1:]))),
    "a key missing": ("rnn_backward", spoil("rnn_backward", lambda G: {"dx": G["dx"]})),
    "several parts": ("rnn_backward", spoil("rnn_backward", lambda G: {k: 3 * v for k, v in G.items()})),
    "a tuple for a dict": ("rnn_cell_backward", spoil("rnn_cell_backward", lambda G: tuple(G.values()))),
    "two mistakes": ("jordan_forward", planted(JORDAN, TWO)),
}  # fmt: skip


def notebook_of(*texts):
    """The last function of a learner's notebook, whose cells run one after the other."""
    place = {"np": np}
    for text in texts:
        exec(text, place)
    return place


def blamed():
    """A right loop over a cell that is wrong."""
    cell = "def rnn_cell_forward(xt, a_prev, P):\n    return xt, a_prev, None\n"
    loop = (
        "def rnn_forward(x, a0, P):\n"
        "    steps, state = [], a0\n"
        "    for t in range(x.shape[2]):\n"
        "        steps.append(rnn_cell_forward(x[:, :, t], state, P))\n"
        "        state = steps[-1][0]\n"
        "    a, y, cells = zip(*steps)\n"
        "    return np.dstack(a), np.dstack(y), (list(cells), x)\n"
    )
    return notebook_of(cell, loop)["rnn_forward"]


GENERAL["not written yet"] = ("rnn_forward", notebook_of("def f(x, a0, P):\n    raise NotImplementedError")["f"])
GENERAL["an earlier function is wrong"] = ("rnn_forward", blamed())


def written(pairs):
    return "\n".join(f"## {heading}\n\n{text}\n" for heading, text in pairs)


def golden(root, request, name, text):
    """Compare with the file of that name, or write it."""
    path = root / "tests" / "golden" / f"{name}.txt"
    if request.config.getoption("--update-golden"):
        write_atomic(path, text)
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    assert text == kept, f"the messages of {name} have changed: run pytest with --update-golden and read the difference"


@pytest.mark.parametrize("name", known())
def test_messages_of_the_mistakes(name, root, request):
    golden(root, request, name, written(messages(name)))


def test_messages_of_the_general_kinds(root, request):
    golden(root, request, "_general", written((kind, told(*what)) for kind, what in GENERAL.items()))


def test_no_golden_file_is_left_over(root):
    assert {path.stem for path in (root / "tests" / "golden").iterdir()} == {*known(), "_general"}


def holds_to_the_form(text):
    lines = text.splitlines()
    assert 1 <= len(lines) <= LINES == 8
    assert max(map(len, lines)) <= WIDTH == 80
    assert not FORBIDDEN.search(text), text
    assert text.isprintable() or set(text) - {"\n"} and all(c.isprintable() or c == "\n" for c in text)
    assert "!" not in text.replace("!=", "")


def unscored(name):
    """The parts that are compared but earn nothing."""
    return [part for part, points in find(name).parts.items() if points == 0]


@pytest.mark.parametrize("name", known())
def test_every_message_is_short_and_plain(name):
    for cause, text in messages(name):
        holds_to_the_form(text)
        flat = " ".join(text.split())
        only_unscored = any(f"but {part} is not right yet" in flat for part in unscored(name))
        assert flat.startswith(f"{name}: not right yet. ") or only_unscored
        assert f"Likely cause: {cause}" in flat.replace(" …", "") or "…" in text, text
        assert f"Read again: {find(name).read}." in flat and f'hint("{name}")' in flat


@pytest.mark.parametrize("kind", GENERAL)
def test_general_messages_are_short_and_plain(kind):
    holds_to_the_form(told(*GENERAL[kind]))


@pytest.mark.parametrize("name", known())
def test_causes_are_never_cut(name):
    for cause, text in messages(name):
        assert cause in " ".join(text.split()), text


def test_a_message_that_would_be_too_long_loses_its_longest_part():
    lines = fit(["a head", "word " * 300, "the last line"])
    assert len(lines) == LINES and lines[0] == "a head" and lines[-1] == "the last line"
    assert lines[-2].endswith(" …") and max(map(len, lines)) <= WIDTH


def test_words_without_a_space_stillfit():
    lines = fit(["x" * 700])
    assert len(lines) == LINES and max(map(len, lines)) <= WIDTH


def test_fresh_cases_are_named_with_their_seed():
    verdict = judge(find("softmax"), textbook.softmax, np.random.default_rng(5))
    assert message(verdict, 5) == "softmax: 4 of 4 fresh cases, seed 5. 2 of 2 points."


def test_a_changed_message_is_seen(root, request, tmp_path):
    """The comparison itself: one changed letter fails it."""
    if request.config.getoption("--update-golden"):
        return
    (tmp_path / "tests" / "golden").mkdir(parents=True)
    text = written(messages("unfold"))
    (tmp_path / "tests" / "golden" / "unfold.txt").write_text(text.replace("unfold", "unfolt", 1), encoding="utf-8")
    with pytest.raises(AssertionError, match="messages of unfold have changed"):
        golden(tmp_path, request, "unfold", text)
