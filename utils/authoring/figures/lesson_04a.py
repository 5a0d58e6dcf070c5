"""The pictures of lesson 04, part A."""

from matplotlib.patches import Rectangle

from utils.authoring.drawing import Board
from utils.plotting.base import BLUE, GREEN, GREY, ORANGE

from .parts import step

SENTENCE = ("cats", "average", "15", "hours", "of", "sleep", "a", "day", "<EOS>")


def _after(board, low, words, next_words):
    """Three words are read; behind the last state stands the distribution over the word that comes next."""
    before = None
    for t, word in enumerate(words):
        x = 1.0 + 1.75 * t
        below = board.node(x, low, "", "input", 0.26)
        board.text(x, low - 0.52, word, 18)
        state = board.node(x, low + 1.3, "", "state", 0.4)
        board.arrow(below, state, colour=GREEN)
        if before:
            board.arrow(before, state, colour=BLUE)
        before = state
    output = board.node(5.95, low + 1.3, r"$\hat{y}$", "output", 0.42, 18)
    board.arrow(before, output, colour=ORANGE)
    for k, (word, share, words_for_it) in enumerate(next_words):
        y = low + 0.85 + 0.56 * ((len(next_words) - 1) / 2 - k)
        board.text(8.3, y, word, 18, ha="right")
        board.axes.add_patch(Rectangle((8.5, y - 0.17), max(2.1 * share, 0.03), 0.34, color=ORANGE, zorder=3))
        board.text(8.62 + 2.1 * share, y, words_for_it, 16, GREY, ha="left")


def next_word():
    """The same question after two beginnings: which word comes next? Each answer is a list of probabilities."""
    board = Board(12, 6.6)
    third = [(fruit, 1 / 3, "one in three") for fruit in ("pear", "plum", "cherry")]
    _after(board, 4.2, ("the", "apple", "and"), [*third, ("pair", 0, "never")])
    _after(board, 1.05, ("the", "hat", "and"), [("pear", 0, "never"), ("pair", 1, "always")])
    board.line([(0.5, 3.2), (11.5, 3.2)], "#C9D1D8")
    return board


def cats_unfolded():
    """Nine steps: each word is asked for before it is read, and at the end it is asked whether the sentence is over."""
    board = Board(14.8, 5.7)
    board.text(0.3, 4.92, "asked", 16, GREY, ha="left")
    board.text(0.3, 0.62, "read", 16, GREY, ha="left")
    before = board.node(0.75, 2.75, step("a", 0), "state", 0.36, 15)
    for t, word in enumerate(SENTENCE, start=1):
        x = 0.62 + 1.48 * t
        below = board.node(x, 1.3, step("x", t), "input", 0.36, 15)
        state = board.node(x, 2.75, step("a", t), "state", 0.36, 15)
        above = board.node(x, 4.15, rf"$\hat{{y}}^{{\langle {t} \rangle}}$", "output", 0.38, 15)
        board.arrow(below, state, colour=GREEN)
        board.arrow(state, above, colour=ORANGE)
        board.arrow(before, state, colour=BLUE)
        board.text(x, 0.62, "zeros" if t == 1 else SENTENCE[t - 2], 16, GREY if t == 1 else GREEN)
        board.text(x, 4.92, word, 16, ORANGE)
        before = state
    return board


def sampling():
    """Writing: a symbol is drawn from each prediction and becomes the next input, until <EOS> is drawn."""
    board = Board(12.2, 6.2)
    drawn = ("r", "a", "x", "<EOS>")
    before = board.node(0.9, 2.45, step("a", 0), "state", 0.4, 17)
    fed_back = None
    for t, symbol in enumerate(drawn, start=1):
        x = 0.25 + 2.75 * t
        below = board.node(x, 1.05, "0" if t == 1 else drawn[t - 2], "input", 0.4, 18)
        state = board.node(x, 2.45, step("a", t), "state", 0.42, 17)
        above = board.node(x, 3.85, rf"$\hat{{y}}^{{\langle {t} \rangle}}$", "output", 0.42, 17)
        board.arrow(below, state, colour=GREEN)
        board.arrow(before, state, colour=BLUE)
        board.arrow(state, above, colour=ORANGE)
        if fed_back:
            right = x - 0.95
            board.line([(fed_back + 0.42, 5.4), (right, 5.4), (right, 1.05)], ORANGE)
            board.arrow((right, 1.05), below, colour=ORANGE)
        last = symbol == "<EOS>"
        board.box(x, 5.4, 1.25 if last else 0.8, 0.62, symbol, "plain", 18)
        board.arrow((x, 4.3), (x, 5.06), colour=ORANGE, dashed=True)
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
