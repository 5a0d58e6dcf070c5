"""The pictures of lesson 05."""

import numpy as np
from matplotlib.patches import Rectangle

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
    centre, unit = (left + 1.95, 2.75), 1.05
    low = [c - 1.6 * unit for c in centre]
    board.axes.add_patch(Rectangle(low, 3.2 * unit, 3.2 * unit, facecolor="#FAFBFC", edgecolor=PALE, zorder=1))
    square = Rectangle([c - unit for c in centre], 2 * unit, 2 * unit, fill=False, edgecolor=GREY, zorder=2)
    square.set_linestyle((0, (4, 3)))
    board.axes.add_patch(square)
    for dx, dy in ((1.6, 0), (0, 1.6)):
        xs, ys = (centre[0] - dx * unit, centre[0] + dx * unit), (centre[1] - dy * unit, centre[1] + dy * unit)
        board.axes.plot(xs, ys, color=PALE, linewidth=1, zorder=2)
    board.text(centre[0], 5.02, head, 17)
    board.text(centre[0], 0.62, note, 15, GREY)
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
    _dot(board, at(AFTER_C), GREY, "(0.76, 0)", (-0.22, -0.32))
    _dot(board, at(turned), BLUE, "(0, 0.38)", (0.62, 0.2))
    at = _plane(board, 4.65, "2  the letter a pushes", r"its column of $W_{ax}$ is added")
    board.arrow(at(turned), at(pushed), colour=GREEN)
    _dot(board, at(turned), BLUE)
    _dot(board, at(pushed), GREEN, "(−1.4, 0.98)", (0.62, 0.3))
    at = _plane(board, 8.9, "3  tanh presses it into the square", "the new state, after c, a")
    board.arrow(at(pushed), at(end), colour=ORANGE)
    _dot(board, at(pushed), GREEN)
    _dot(board, at(end), ORANGE, "(−0.89, 0.75)", (0.85, -0.3))
    return board


def batch_matrix():
    """Three names of different lengths as a table with the ends aligned; the state matrix moves over its columns."""
    board = Board(12.4, 6.3)
    names = ("kot", "neko", "macska")
    left, wide = 2.3, 1.15
    board.text(left - 0.55, 5.72, "t", 17, GREY, ha="right")
    for t in range(1, 7):
        board.text(left + wide * (t - 1), 5.72, str(t), 16, GREY)
    for i, name in enumerate(names):
        y = 4.95 - 0.85 * i
        board.text(left - 0.75, y, f"({i + 1})", 16, GREY, ha="right")
        for t in range(6):
            letter = name.rjust(6)[t]
            kind = "plain" if letter == " " else "input"
            board.node(left + wide * t, y, "−1" if letter == " " else letter, kind, 0.35, 14 if letter == " " else 17)
    board.frame(left + wide * 3 - 0.5, 2.72, 1.0, 2.75, BLUE)
    for t in range(5):
        board.arrow((left + wide * t + 0.43, 1.6), (left + wide * (t + 1) - 0.43, 1.6), colour=BLUE)
    for t in range(6):
        for i in range(3):
            real = len(names[i]) > 5 - t
            x = left + wide * t + 0.27 * (i - 1)
            patch = Rectangle((x - 0.12, 1.05), 0.24, 1.1, zorder=4, linewidth=1.6)
            patch.set(facecolor="#DCEBF7" if real else "white", edgecolor=BLUE if real else PALE)
            board.axes.add_patch(patch)
    board.arrow((left + wide * 3, 2.66), (left + wide * 3, 2.24), colour=GREEN)
    board.text(left - 0.75, 1.6, "H", 18, BLUE, ha="right")
    board.text(left + wide * 2.5, 0.62, "one column per name; white: still zeros, because nothing was read", 16, GREY)
    board.text(9.15, 4.1, "one step\nreads one column\nof the table:\nall names at once", 16, INK, ha="left")
    board.text(9.15, 1.6, "after the last step:\none column\nfor each name", 16, BLUE, ha="left")
    return board


def one_answer_back():
    """One answer for a whole name: the gradient enters once, at the end, and walks back through every letter."""
    board = Board(12.6, 5.9)
    words, xs = ("−1", "k", "o", "t"), [2.9, 5.2, 7.5, 9.8]
    before = board.node(0.95, 3.0, step("a", 0), "state", 0.42)
    states = []
    for t, (x, word) in enumerate(zip(xs, words, strict=True), start=1):
        kind = "plain" if t == 1 else "input"
        below = board.node(x, 1.35, word, kind, 0.4)
        state = board.node(x, 3.0, step("a", t), "plain" if t == 1 else "state", 0.44)
        if t > 1:
            board.arrow(below, state, colour=GREEN)
        board.arrow((before[0] + 0.48, 3.16), (x - 0.48, 3.16), colour=BLUE)
        states.append(state)
        before = state
    board.node(xs[-1], 4.85, r"$\hat{y}$", "output", 0.44)
    board.arrow((xs[-1] - 0.14, 3.5), (xs[-1] - 0.14, 4.4), colour=ORANGE)
    board.arrow((xs[-1] + 0.16, 4.4), (xs[-1] + 0.16, 3.5), colour=INK, dashed=True)
    board.text(xs[-1] + 0.42, 4.0, r"$W_{ya}^{\mathsf{T}} dz$", 16, INK, ha="left")
    board.text(xs[-1] + 0.62, 4.85, r"$dz = \hat{y} - y$", 16, INK, ha="left")
    for right, left in zip(xs[::-1], [*xs[-2::-1], 0.95], strict=True):
        board.arrow((right - 0.48, 2.82), (left + 0.48, 2.82), colour=INK, dashed=True)
        if right > xs[0]:
            board.text(right + 0.16, 2.14, "+ its share", 15, ORANGE, ha="left")
    board.text(xs[0], 0.62, "padding: no part in\nthe weights", 15, GREY)
    board.text(7.5, 0.62, r"each letter adds its share to $dW_{ax}$, $dW_{aa}$ and $db_a$", 15, GREY)
    board.text(4.2, 4.4, "solid: forward\ndashed: the gradient, back", 16, INK)
    return board


FIGURES = {
    "05_sequence_classification/figures/vector_chain.svg": vector_chain,
    "05_sequence_classification/figures/batch_matrix.svg": batch_matrix,
    "05_sequence_classification/figures/one_answer_back.svg": one_answer_back,
}
