"""The pictures of lesson 08."""

from utils.authoring.drawing import Board
from utils.plotting.base import BLUE, GREEN, GREY, INK, ORANGE

from .parts import step

SLATE = "#4F6475"  # the direction that reads from the end: forward, too, so neither orange nor dashed
PALE = "#E4E9EE"
WORDS = ("he", "said", "teddy", "roosevelt")


def _from_end(board, x, y, t):
    """A state of the direction that reads from the end."""
    node = _state(board, x, y, t, "plain", "←")
    node[2].set(facecolor=PALE, edgecolor=SLATE)
    return node


def _state(board, x, y, t, kind="state", way="→"):
    """A state with the arrow of its direction above the letter."""
    node = board.node(x, y, "", kind, 0.42)
    board.text(x, y - 0.1, step("a", t), 17)
    board.text(x - 0.1, y + 0.22, way, 14)
    return node


def _columns(board, xs):
    """Words, states of both directions and predictions of each step, without arrows."""
    columns = []
    for t, (x, word) in enumerate(zip(xs, WORDS, strict=True), start=1):
        below = board.node(x, 1.25, step("x", t), "input", 0.42, 16)
        board.text(x, 0.56, word, 15, GREEN)
        forward = _state(board, x - 0.5, 2.95, t)
        columns.append((below, forward, _from_end(board, x + 0.5, 4.55, t)))
    return columns


def both_directions():
    """Two chains of states over one sentence, one from the start and one from the end; each prediction has both."""
    board = Board(13.2, 7.0)
    xs = [2.6, 5.3, 8.0, 10.7]
    columns = _columns(board, xs)
    for t, (x, (below, forward, from_end)) in enumerate(zip(xs, columns, strict=True), start=1):
        above = board.node(x, 6.2, rf"$\hat{{y}}^{{\langle {t} \rangle}}$", "output", 0.42, 16)
        board.arrow(below, forward, colour=GREEN)
        board.arrow(below, from_end, colour=GREEN)
        board.arrow(forward, above, colour=ORANGE)
        board.arrow(from_end, above, colour=ORANGE)
    for left, right in zip(columns, columns[1:], strict=False):
        board.arrow(left[1], right[1], colour=BLUE)
        board.arrow(right[2], left[2], colour=SLATE)
    board.text(0.78, 2.95, "zeros", 15, BLUE)
    board.arrow((1.15, 2.95), columns[0][1], colour=BLUE)
    board.text(12.55, 4.55, "zeros", 15, SLATE)
    board.arrow((12.18, 4.55), columns[-1][2], colour=SLATE)
    board.text(1.05, 2.2, "from the start", 14, BLUE)
    board.text(12.2, 5.3, "from the end", 14, SLATE)
    return board


def turned_round():
    """A sentence of three words and two steps of padding, turned round in the wrong way and in the right way."""
    board = Board(11.6, 4.9)
    rows = (
        ("the row", ("he", "said", "teddy", "0", "0"), INK),
        ("all of it turned", ("0", "0", "teddy", "said", "he"), INK),
        ("three words turned", ("teddy", "said", "he", "0", "0"), INK),
    )
    for i, (name, words, colour) in enumerate(rows):
        y = 3.85 - 1.35 * i
        board.text(2.75, y, name, 16, colour, ha="right")
        for k, word in enumerate(words):
            board.box(3.75 + 1.6 * k, y, 1.4, 0.72, word, "plain" if word == "0" else "input", 15)
    board.text(2.75, 3.85 - 1.35 - 0.36, "reads padding first", 13, GREY, ha="right")
    board.text(2.75, 3.85 - 2.7 - 0.36, "padding stays at the end", 13, GREY, ha="right")
    return board


def two_ways_back():
    """The gradients of both directions: the loss of one step reaches the words before it and the words after it."""
    board = Board(13.2, 7.0)
    xs = [2.6, 5.3, 8.0, 10.7]
    columns = _columns(board, xs)
    above = board.node(xs[1], 6.2, "L", "output", 0.42, 16)
    _, forward, from_end = columns[1]
    board.arrow(above, forward, colour=ORANGE, dashed=True)
    board.arrow(above, from_end, colour=ORANGE, dashed=True)
    board.arrow(columns[1][1], columns[0][1], colour=ORANGE, dashed=True)
    for left, right in zip(columns[1:], columns[2:], strict=False):
        board.arrow(left[2], right[2], colour=ORANGE, dashed=True)
    for below, forward, _ in columns[:2]:
        board.arrow(forward, below, colour=ORANGE, dashed=True)
    for below, _, from_end in columns[1:]:
        board.arrow(from_end, below, colour=ORANGE, dashed=True)
    board.text(8.7, 6.2, "dashed: gradients, against the arrows\nof the way forward", 15, ORANGE, ha="left")
    board.text(xs[1] + 0.75, 6.2, r"the loss of $\hat{y}^{\langle 2 \rangle}$", 15, ORANGE, ha="left")
    board.text(0.95, 2.0, "to the words\nbefore it", 14, ORANGE)
    board.text(12.3, 5.35, "to the words\nafter it", 14, ORANGE)
    return board


FIGURES = {
    "08_bidirectional/figures/both_directions.svg": both_directions,
    "08_bidirectional/figures/turned_round.svg": turned_round,
    "08_bidirectional/figures/two_ways_back.svg": two_ways_back,
}
