"""The pictures of lesson 06."""

from matplotlib.patches import Rectangle

from utils.authoring.drawing import Board
from utils.plotting.base import BLUE, GREEN, GREY, INK, ORANGE

from .parts import step

BEFORE, AFTER = step("c", "t-1"), step("c", "t")
X = step("x", "t")
WORDS = ("The", "cats", "that", "he", "fed", "were")


def _cell(board, reset, down=0.0):
    """The boxes of one step, without arrows, by name: four places where the old memory is used, or three."""
    boxes = {
        "before": board.node(1.1, 3.3 - down, BEFORE, "state", 0.52, 18),
        "keep": board.box(4.7, 5.3 - down, 2.5, 0.76, r"$(1-\Gamma_u) * c^{\langle t-1 \rangle}$", "plain", 16),
        "u": board.box(4.7, 4.05 - down, 1.0, 0.72, r"$\Gamma_u$"),
        "new": board.box(7.9, 2.5 - down, 1.0, 0.72, r"$\tilde{c}$", "state"),
        "share": board.box(7.9, 4.05 - down, 1.4, 0.76, r"$\Gamma_u * \tilde{c}$", "plain", 17),
        "sum": board.node(9.7, 4.7 - down, "+", "plain", 0.32, 19),
        "after": board.node(11.4, 4.7 - down, AFTER, "state", 0.5, 18),
    }
    if reset:
        boxes["seen"] = board.box(4.7, 2.5, 2.1, 0.76, r"$\Gamma_r * c^{\langle t-1 \rangle}$", "plain", 16)
        boxes["r"] = board.box(4.7, 1.1, 1.0, 0.72, r"$\Gamma_r$")
    return boxes


def _inputs(reset, down=0.0):
    """Where the input enters: (x, y, the box beside it)."""
    return (6.1, 3.3 - down, "u"), (9.4, 2.5 - down, "new"), *(((6.2, 1.1, "r"),) if reset else ())


def _forward(board, reset, down=0.0):
    """One step with all its arrows."""
    box = _cell(board, reset, down)
    for name in ("keep", "u", *(("seen", "r") if reset else ("new",))):
        board.arrow(box["before"], box[name], colour=BLUE)
    for start, end in (("u", "keep"), ("u", "share"), *((("r", "seen"),) if reset else ())):
        board.arrow(box[start], box[end], colour=GREY)
    for start, end in (("new", "share"), ("keep", "sum"), ("share", "sum"), ("sum", "after")):
        board.arrow(box[start], box[end], colour=BLUE)
    if reset:
        board.arrow(box["seen"], box["new"], colour=BLUE)
    for x, y, name in _inputs(reset, down):
        board.arrow(board.node(x, y, X, "input", 0.38, 16), box[name], colour=GREEN)
    answer = board.node(11.4, 2.9 - down, step(r"\hat{y}", "t"), "output", 0.46, 17)
    board.arrow(box["after"], answer, colour=ORANGE)
    return board


def copy_or_overwrite():
    """Above, every word goes through tanh and overwrites the state; below, a line of memory, a gate at each word."""
    board = Board(12, 6.9)
    places = [1.6 + 1.85 * i for i in range(6)]
    board.text(0.45, 6.45, "overwriting: each step makes a new state", 16, INK, ha="left")
    states = [board.node(x, 5.55, step("a", t), "state", 0.42, 17) for t, x in enumerate(places[:-1], start=1)]
    for left, right in zip(states, states[1:], strict=False):
        board.arrow(left, right, "tanh", (0, 0.25), colour=BLUE, size=13)
    board.arrow(states[-1], (places[-1] - 0.5, 5.55), colour=ORANGE)
    board.text(places[-1], 5.55, "were", 15, ORANGE, weight="bold")
    for x, word, state in zip(places, WORDS[:-1], states, strict=False):
        board.arrow((x, 4.4), state, colour=GREEN)
        board.text(x, 4.12, word, 15, INK)
    board.text(0.45, 3.3, "copying: one line of memory, a gate at each word", 16, INK, ha="left")
    board.arrow((0.6, 2.6), (11.6, 2.6), colour=BLUE)
    for x, word in zip(places, WORDS, strict=True):
        asked = word == "were"
        board.text(x, 0.6, word, 17, ORANGE if asked else INK, weight="bold" if word in ("cats", "were") else "normal")
        if asked:
            board.arrow((x, 2.6), (x, 0.95), colour=ORANGE)
            continue
        open_ = word == "cats"
        board.arrow((x, 0.95), (x, 2.55 if open_ else 1.5), colour=GREEN)
        gate = Rectangle((x - 0.36 - (0.5 if open_ else 0), 1.6), 0.72, 0.15, facecolor=GREY, edgecolor=INK, zorder=4)
        board.axes.add_patch(gate)
    board.text(places[1] + 0.3, 1.65, "open", 14, INK, ha="left")
    board.text(places[0] - 0.5, 1.67, "shut", 14, INK, ha="right")
    return board


def one_gate():
    """One step with the update gate alone: the old memory is used in three places, the input in two."""
    board = _forward(Board(12.4, 5.0), reset=False, down=1.1)
    board.text(0.6, 1.0, r"$\Gamma_u$ near 0: the old memory is copied", 15, INK, ha="left")
    board.text(0.6, 0.55, r"$\Gamma_u$ near 1: the candidate takes its place", 15, INK, ha="left")
    return board


def two_gates():
    """One step with both gates: the old memory is used in four places, the input in three."""
    return _forward(Board(12.4, 6.1), reset=True)


def four_ways_back():
    """One step backwards: four gradients come back to the old memory, three to the input; they are added."""
    board = Board(12.4, 6.1)
    box = _cell(board, reset=True)
    ways = {"keep": "1", "u": "2", "seen": "3", "r": "4"}
    for name, number in ways.items():
        board.arrow(box[name], box["before"], colour=ORANGE, dashed=True)
        x, y = (0.45 * box["before"][i] + 0.55 * box[name][i] for i in (0, 1))
        board.node(x, y, number, "output", 0.24, 14)
    for start, end in (
        ("after", "sum"), ("sum", "keep"), ("sum", "share"), ("share", "u"), ("share", "new"), ("keep", "u"),
        ("new", "seen"), ("seen", "r"),
    ):  # fmt: skip
        board.arrow(box[start], box[end], colour=ORANGE, dashed=True)
    for x, y, name in _inputs(reset=True):
        board.arrow(box[name], board.node(x, y, X, "input", 0.38, 16), colour=ORANGE, dashed=True)
    board.text(11.4, 5.55, step("dc", "t"), 17, ORANGE)
    lines = (
        "1  copied: $(1-\\Gamma_u) * dc$",
        "2  through the update gate",
        "3  through the candidate, times $\\Gamma_r$",
        "4  through the relevance gate",
    )
    for i, line in enumerate(lines):
        board.text(7.3, 1.68 - 0.36 * i, line, 15, INK, ha="left")
    return board


FIGURES = {
    "06_gru/figures/copy_or_overwrite.svg": copy_or_overwrite,
    "06_gru/figures/one_gate.svg": one_gate,
    "06_gru/figures/two_gates.svg": two_gates,
    "06_gru/figures/four_ways_back.svg": four_ways_back,
}
