"""The pictures of lesson 04, part A."""

from matplotlib.patches import Rectangle

from utils.authoring.drawing import Board
from utils.plotting.base import BLUE, GREEN, GREY, ORANGE

from .parts import step

SENTENCE = ("cats", "average", "15", "hours", "of", "sleep", "a", "day", "<EOS>")
CANDIDATES = ("pear", "plum", "cherry", "pair")


def _after(board, low, words, shares):
    """Nothing and three words are read; behind the last state stands the distribution over the word that comes next."""
    before = None
    for t, word in enumerate(("zeros", *words)):
        x = 0.85 + 1.5 * t
        below = board.node(x, low, "", "input", 0.26)
        board.text(x, low - 0.52, word, 18, GREY if t == 0 else GREEN)
        state = board.node(x, low + 1.3, "", "state", 0.4)
        board.arrow(below, state, colour=GREEN)
        if before:
            board.arrow(before, state, colour=BLUE)
        before = state
    output = board.node(6.75, low + 1.3, r"$\hat{y}$", "output", 0.42, 18)
    board.arrow(before, output, colour=GREY)
    for k, (word, share) in enumerate(zip(CANDIDATES, shares, strict=True)):
        y = low + 0.85 + 0.56 * ((len(CANDIDATES) - 1) / 2 - k)
        board.text(8.7, y, word, 18, ha="right")
        board.axes.add_patch(Rectangle((8.9, y - 0.17), 2.0 * share, 0.34, color=ORANGE, linewidth=0, zorder=3))
        words_for_it = {0: "never", 1: "always"}.get(share, "one in three")
        board.text(9.02 + 2.0 * share, y, words_for_it, 16, GREY, ha="left")


def next_word():
    """The same question after two beginnings: which word comes next? The answers are those of a perfect model."""
    board = Board(12.3, 7.1)
    board.text(9.6, 6.75, "what a perfect model would say", 16, GREY)
    _after(board, 4.3, ("the", "apple", "and"), (1 / 3, 1 / 3, 1 / 3, 0))
    _after(board, 1.0, ("the", "hat", "and"), (0, 0, 0, 1))
    board.line([(0.5, 3.25), (11.8, 3.25)], "#C9D1D8")
    return board


def cats_unfolded():
    """Nine steps: each word is asked for before it is read, and at the end it is asked whether the sentence is over."""
    board = Board(14.8, 6.2)
    board.text(0.2, 5.42, "asked", 19, GREY, ha="left")
    board.text(0.2, 1.12, "read", 19, GREY, ha="left")
    board.text(0.2, 0.42, "t =", 19, GREY, ha="left")
    before = board.node(0.75, 3.25, "$0$", "state", 0.42, 22)
    for t, word in enumerate(SENTENCE, start=1):
        x = 0.62 + 1.48 * t
        below = board.node(x, 1.8, "$x$", "input", 0.4, 22)
        state = board.node(x, 3.25, "$a$", "state", 0.42, 22)
        above = board.node(x, 4.65, r"$\hat{y}$", "output", 0.42, 22)
        board.arrow(below, state, colour=GREEN)
        board.arrow(state, above, colour=GREY)
        board.arrow(before, state, colour=BLUE)
        board.text(x, 1.12, "zeros" if t == 1 else SENTENCE[t - 2], 19, GREY if t == 1 else GREEN)
        board.text(x, 5.42, word, 19, ORANGE)
        board.text(x, 0.42, str(t), 19, GREY)
        before = state
    return board


def sampling():
    """Writing: a symbol is drawn from each prediction and becomes the next input, until <EOS> is drawn."""
    board = Board(12.2, 6.2)
    drawn = ("a", "r", "x", "<EOS>")
    before = board.node(0.9, 2.45, step("a", 0), "state", 0.4, 17)
    fed_back = None
    for t, symbol in enumerate(drawn, start=1):
        x = 0.25 + 2.75 * t
        below = board.node(x, 1.05, "zeros" if t == 1 else drawn[t - 2], "input", 0.46, 17)
        state = board.node(x, 2.45, step("a", t), "state", 0.42, 17)
        above = board.node(x, 3.85, rf"$\hat{{y}}^{{\langle {t} \rangle}}$", "output", 0.42, 17)
        board.arrow(below, state, colour=GREEN)
        board.arrow(before, state, colour=BLUE)
        board.arrow(state, above, colour=GREY)
        if fed_back:
            right = x - 0.95
            board.line([(fed_back + 0.42, 5.4), (right, 5.4), (right, 1.05)], GREEN)
            board.arrow((right, 1.05), below, colour=GREEN)
        last = symbol == "<EOS>"
        board.box(x, 5.4, 1.25 if last else 0.8, 0.62, symbol, "plain", 18)
        board.arrow((x, 4.3), (x, 5.06), colour=GREY)
        if t == 1:
            board.text(x - 0.2, 4.68, "draw", 16, GREY, ha="right")
        if last:
            board.text(x + 0.2, 4.68, "stop", 16, GREY, ha="left")
        before, fed_back = state, x
    return board


FIGURES = {
    "04_language_model/figures/next_word.svg": next_word,
    "04_language_model/figures/cats_unfolded.svg": cats_unfolded,
    "04_language_model/figures/sampling.svg": sampling,
}
