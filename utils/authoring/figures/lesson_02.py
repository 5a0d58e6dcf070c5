"""The pictures of lesson 02. Forward is grey, the way back is orange and dashed."""

from utils.authoring.drawing import Board
from utils.plotting.base import BLUE, GREY, INK, ORANGE

from .parts import step


def _there_and_back(board, start, end, shift):
    """A grey arrow from start to end and, beside it, a dashed one from end to start. Both are points."""
    (x1, y1), (x2, y2), (dx, dy) = start, end, shift
    board.arrow((x1 + dx, y1 + dy), (x2 + dx, y2 + dy), colour=GREY)
    board.arrow((x2 - dx, y2 - dy), (x1 - dx, y1 - dy), colour=ORANGE, dashed=True)


def _stub(board, start, end):
    """The part of a weight's gradient that one step sends."""
    board.arrow(start, end, colour=ORANGE, dashed=True)


def unfolded_backward():
    """Three steps unfolded: the loss is computed forwards, its gradient runs back along every arrow, to each weight."""
    board = Board(13, 7.3)
    across, down, aside = (0, -0.13), (-0.13, 0), 0.46
    board.text(1.0, 6.6, "grey: forwards, to the losses", 16, GREY, ha="left")
    board.text(12.3, 6.6, "orange: backwards, to the states and weights", 16, ORANGE, ha="right")
    places = [1.2, 4.5, 7.8, 11.1]
    states = [board.node(x, 2.9, step("a", t), "state", aside, 18) for t, x in enumerate(places)]
    for t, x in enumerate(places[1:], start=1):
        board.node(x, 1.15, step("x", t), "input", 0.42, 18)
        board.node(x, 4.4, rf"$\hat{{y}}^{{\langle {t} \rangle}}$", "output", 0.44, 18)
        board.box(x, 5.7, 0.95, 0.7, step("L", t), "plain", 17)
        _there_and_back(board, (x, 1.6), (x, 2.4), down)
        _there_and_back(board, (x, 3.4), (x, 3.94), down)
        _there_and_back(board, (x, 4.87), (x, 5.32), down)
    for left, right in zip(states, states[1:], strict=False):
        _there_and_back(board, (left[0] + 0.5, 2.9), (right[0] - 0.5, 2.9), across)
        board.text((left[0] + right[0]) / 2 - 0.35, 2.32, r"$W_{aa}$", 17, GREY)
        _stub(board, (right[0] - 0.5, 2.62), ((left[0] + right[0]) / 2, 2.38))
    for left, right in zip(states[1:], states[2:], strict=False):
        board.text((left[0] + right[0]) / 2 + 0.25, 3.32, "from later", 16, ORANGE)
    for x in places[1:]:
        board.text(x + 0.3, 3.66, "its own", 16, ORANGE, ha="left")
        board.text(x - 1.08, 3.84, r"$W_{ya}$", 17, GREY)
        _stub(board, (x - 0.4, 4.18), (x - 0.78, 3.94))
        board.text(x + 1.02, 1.72, r"$W_{ax}$", 17, GREY)
        _stub(board, (x + 0.36, 2.4), (x + 0.78, 1.9))
    board.text(6.5, 0.42, "each weight is used three times, so its gradient is a sum of three parts", 16, INK)
    return board


def _path(board, height, used, words):
    """One row: the way from a⟨3⟩ back to the use of w_a in step `used`, and the product that it gives."""
    places = [1.0, 2.9, 4.8, 6.7]
    for t, x in enumerate(places):
        board.node(x, height, step("a", t), "state", 0.38, 16)
    for t in (1, 2, 3):
        left, right = places[t - 1] + 0.42, places[t] - 0.42
        middle = (left + right) / 2
        board.line([(left, height), (right, height)], "#C9D1D8")
        colour = ORANGE if t == used else GREY
        board.text(middle, height + 0.62, "$w_a$", 18, colour)
        if t > used:
            board.arrow((right, height), (left, height), colour=ORANGE, dashed=True)
        if t == used:
            board.arrow((right, height), (middle, height + 0.4), colour=ORANGE, dashed=True)
    board.text(7.4, height, words, 17, ha="left")


def three_paths():
    """Three ways from the last state back to the same weight, one for each time that it was used."""
    board = Board(13.4, 6.6)
    board.text(6.7, 6.05, "one weight, used three times: three ways back, three terms", 17)
    s3, s2, s1 = (rf"\mathrm{{slope}}_{t}" for t in (3, 2, 1))
    a = [rf"a^{{\langle {t} \rangle}}" for t in range(3)]
    _path(board, 4.75, 3, rf"term 3:  ${s3} \cdot {a[2]}$")
    _path(board, 2.95, 2, rf"term 2:  ${s3} \cdot w_a \cdot {s2} \cdot {a[1]}$")
    _path(board, 1.15, 1, rf"term 1:  ${s3} \cdot w_a \cdot {s2} \cdot w_a \cdot {s1} \cdot {a[0]}$")
    return board


def cell_backward():
    """One step back: the gradient of the new state passes the slope of tanh and reaches all that made the sum."""
    board = Board(12.4, 6.6)
    board.frame(2.75, 1.85, 6.9, 2.2, BLUE)
    board.text(9.45, 2.12, "one cell, read backwards", 16, BLUE, ha="right")
    da_next = board.box(11.2, 2.75, 1.5, 0.8, "da_next", "state", 16)
    slope = board.box(8.0, 2.75, 2.4, 0.8, r"$*\,(1 - a_{next}^2)$", "plain", 17)
    dz = board.box(4.9, 2.75, 1.1, 0.8, "dz", "output", 18)
    da_prev = board.box(1.25, 2.75, 1.5, 0.8, "da_prev", "state", 16)
    dx = board.box(4.9, 0.75, 1.2, 0.75, "dxt", "input", 16)
    board.arrow(da_next, slope, colour=ORANGE, dashed=True)
    board.arrow(slope, dz, colour=ORANGE, dashed=True)
    board.arrow(dz, da_prev, r"$W_{aa}^{T}$", (0.5, 0.33), ORANGE, 17, dashed=True)
    board.arrow(dz, dx, r"$W_{ax}^{T}$", (0.55, -0.25), ORANGE, 17, dashed=True)
    for x, name, how in (
        (2.3, "dWax", r"with $x^{T}$"),
        (5.9, "dWaa", r"with $a_{prev}^{T}$"),
        (9.5, "dba", "summed"),
    ):
        target = board.box(x, 5.5, 1.4, 0.75, name, "plain", 16)
        board.arrow(dz, target, colour=ORANGE, dashed=True)
        board.text(x + 0.9, 5.5, how, 16, GREY, ha="left")
    return board


FIGURES = {
    "02_bptt/figures/unfolded_backward.svg": unfolded_backward,
    "02_bptt/figures/three_paths.svg": three_paths,
    "02_bptt/figures/cell_backward.svg": cell_backward,
}
