"""The pictures of lesson 05."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from utils.authoring.drawing import Board
from utils.plotting.base import BLUE, GREEN, GREY, INK, ORANGE

from .parts import step

# the chain of section 5.1: a quarter turn and half the length; the columns of the letters c and a
TURN = np.array([[0.0, -0.5], [0.5, 0.0]])
AFTER_C = np.tanh([1.0, 0.0])
COLUMN_A = np.array([-1.4, 0.6])
PALE = "#C9D1D8"


def _plane(board, left, head, note):
    """A panel of the plane from -1.6 to 1.6, the square of tanh dashed. Returns point -> place on the board."""
    centre, unit = (left + 1.95, 2.75), 1.12
    low = [c - 1.6 * unit for c in centre]
    board.axes.add_patch(Rectangle(low, 3.2 * unit, 3.2 * unit, facecolor="#FAFBFC", edgecolor=PALE, zorder=1))
    square = Rectangle([c - unit for c in centre], 2 * unit, 2 * unit, fill=False, edgecolor=GREY, zorder=2)
    square.set_linestyle((0, (4, 3)))
    board.axes.add_patch(square)
    for dx, dy in ((1.6, 0), (0, 1.6)):
        xs, ys = (centre[0] - dx * unit, centre[0] + dx * unit), (centre[1] - dy * unit, centre[1] + dy * unit)
        board.axes.plot(xs, ys, color=PALE, linewidth=1, zorder=2)
    for dx, dy, words in ((1.14, -0.15, "1"), (-1.2, -0.15, "−1"), (-0.14, 1.17, "1"), (-0.2, -1.17, "−1")):
        board.text(centre[0] + dx * unit, centre[1] + dy * unit, words, 13, GREY)
    board.text(centre[0], 4.98, head, 17)
    board.text(centre[0], 0.55, note, 15, GREY)
    return lambda p: (centre[0] + unit * p[0], centre[1] + unit * p[1])


def _dot(board, place, colour, words="", at=(0, 0)):
    board.axes.plot(*place, "o", color=colour, markersize=9, zorder=5)
    board.text(place[0] + at[0], place[1] + at[1], words, 15, colour)


def vector_chain():
    """One step as three moves of a vector in the plane: a matrix turns it, a letter pushes it, tanh presses it."""
    board = Board(13.2, 5.5)
    turned = TURN @ AFTER_C
    pushed = turned + COLUMN_A
    end = np.tanh(pushed)
    at = _plane(board, 0.4, r"1  $W_{aa}$ turns and shortens", "the old state, after c")
    board.arrow(at((0, 0)), at(AFTER_C), colour=PALE)
    board.arrow(at((0, 0)), at(turned), colour=BLUE)
    arc = FancyArrowPatch(at((0.62, 0.06)), at((0.06, 0.62)), connectionstyle="arc3,rad=0.38", arrowstyle="-|>")
    arc.set(color=GREY, linewidth=1.4, mutation_scale=13, zorder=3)
    board.axes.add_patch(arc)
    _dot(board, at(AFTER_C), GREY, "(0.76, 0)", (-0.22, -0.32))
    _dot(board, at(turned), BLUE, "(0, 0.38)", (-0.56, 0.02))
    at = _plane(board, 4.65, "2  the letter a pushes", r"its column of $W_{ax}$ is added")
    board.arrow(at(turned), at(pushed), colour=GREEN)
    _dot(board, at(turned), BLUE)
    _dot(board, at(pushed), GREEN, "(−1.4, 0.98)", (0.62, 0.3))
    at = _plane(board, 8.9, "3  tanh presses it inside", "the new state, after c, a")
    board.arrow(at(pushed), at(end), colour=BLUE)
    _dot(board, at(pushed), GREEN)
    _dot(board, at(end), BLUE, "(−0.89, 0.75)", (0.78, -0.32))
    return board


def batch_matrix():
    """Three words of different lengths as a table with the ends aligned; the state matrix moves over its columns."""
    board = Board(12.4, 6.3)
    words = ("kot", "neko", "macska")
    left, wide = 2.3, 1.15
    board.text(left - 0.55, 5.72, "t", 17, GREY, ha="right")
    for t in range(1, 7):
        board.text(left + wide * (t - 1), 5.72, str(t), 16, GREY)
    for i, word in enumerate(words):
        y = 4.95 - 0.85 * i
        board.text(left - 0.75, y, word, 16, GREY, ha="right")
        for t in range(6):
            letter = word.rjust(6)[t]
            kind = "plain" if letter == " " else "input"
            board.node(left + wide * t, y, "−1" if letter == " " else letter, kind, 0.35, 14 if letter == " " else 17)
    board.frame(left + wide * 3 - 0.5, 2.72, 1.0, 2.75, BLUE)
    for t in range(5):
        board.arrow((left + wide * t + 0.43, 1.6), (left + wide * (t + 1) - 0.43, 1.6), colour=BLUE)
    for t in range(6):
        for i in range(3):
            real = len(words[i]) > 5 - t
            x = left + wide * t + 0.27 * (i - 1)
            patch = Rectangle((x - 0.12, 1.05), 0.24, 1.1, zorder=4, linewidth=1.6)
            patch.set(facecolor="#DCEBF7" if real else "white", edgecolor=BLUE if real else PALE)
            board.axes.add_patch(patch)
    board.arrow((left + wide * 3, 2.66), (left + wide * 3, 2.24), colour=GREEN)
    board.text(left - 0.75, 1.6, "H", 18, BLUE, ha="right")
    board.text(left + wide * 2.5, 0.62, "one column per word; white: still zeros, because nothing was read", 16, GREY)
    board.text(9.15, 4.1, "one step\nreads one column\nof the table:\nall words at once", 16, INK, ha="left")
    board.text(9.15, 1.6, "after the last step:\none column\nfor each word", 16, BLUE, ha="left")
    return board


def one_answer_back():
    """One answer for a whole word: the gradient enters once, at the end, and walks back through every letter."""
    board = Board(12.6, 6.1)
    words, xs = ("−1", "k", "o", "t"), [2.9, 5.2, 7.5, 9.8]
    shares = board.box(8.0, 0.72, 6.6, 0.6, r"shares added up:  $dW_{ax}$, $dW_{aa}$, $db_a$", "output", 16)
    before = board.node(0.95, 3.2, step("a", 0), "state", 0.42)
    for t, (x, word) in enumerate(zip(xs, words, strict=True), start=1):
        below = board.node(x, 1.75, word, "plain" if t == 1 else "input", 0.4)
        state = board.node(x, 3.2, step("a", t), "plain" if t == 1 else "state", 0.44)
        board.arrow((before[0] + 0.48, 3.36), (x - 0.48, 3.36), colour=BLUE)
        board.arrow((x - 0.48, 3.02), (before[0] + 0.48, 3.02), colour=ORANGE, dashed=True)
        if t > 1:
            board.arrow(below, state, colour=GREEN)
            board.arrow((x + 0.36, 2.72), (x + 0.62, shares[1] + 0.34), colour=ORANGE, dashed=True)
            board.text(x + 0.62, 1.9, "its\nshare", 15, ORANGE, ha="left")
        before = state
    board.node(xs[-1], 5.05, r"$\hat{y}$", "output", 0.44)
    board.arrow((xs[-1] - 0.15, 3.7), (xs[-1] - 0.15, 4.6), colour=BLUE)
    board.arrow((xs[-1] + 0.15, 4.6), (xs[-1] + 0.15, 3.7), colour=ORANGE, dashed=True)
    board.text(xs[-1] + 0.42, 4.15, r"$W_{ya}^{\mathsf{T}} dz_y$", 16, ORANGE, ha="left")
    board.text(xs[-1] + 0.62, 5.05, r"$dz_y = \hat{y} - y$", 16, ORANGE, ha="left")
    board.text(xs[0], 0.72, "padding adds\nnothing", 15, GREY)
    board.text(4.2, 5.1, "solid: forward", 16, INK)
    board.text(4.2, 4.65, "dashed: the gradient, back", 16, ORANGE)
    return board


FIGURES = {
    "05_sequence_classification/figures/vector_chain.svg": vector_chain,
    "05_sequence_classification/figures/batch_matrix.svg": batch_matrix,
    "05_sequence_classification/figures/one_answer_back.svg": one_answer_back,
}
