"""The pictures of lesson 01."""

from utils.authoring.drawing import Board
from utils.plotting.base import BLUE, GREEN, GREY, ORANGE

from .parts import column, step


def rnn_cell():
    """One step: the input from below, the old state from the left; the new state leaves to the right and upwards."""
    board = Board(11, 6.2)
    board.frame(2.35, 1.6, 6.3, 3.15, BLUE)
    board.text(2.55, 4.45, "one cell", 16, BLUE, ha="left")
    a_prev = board.node(1.15, 2.75, step("a", "t-1"), "state", 0.48, 17)
    x = board.node(4.9, 0.75, step("x", "t"), "input", 0.44, 18)
    board.text(6.0, 3.75, "$b_a$", 18)
    total = board.node(4.9, 2.75, "+", "plain", 0.34, 24)
    squash = board.box(6.9, 2.75, 1.15, 0.75, "tanh", "plain", 18)
    a_next = board.node(9.85, 2.75, step("a", "t"), "state", 0.48, 18)
    y = board.node(8.1, 5.35, r"$\hat{y}^{\langle t \rangle}$", "output", 0.46, 18)
    board.arrow(a_prev, total, r"$W_{aa}$", (-0.1, 0.3), colour=BLUE, size=18)
    board.arrow(x, total, r"$W_{ax}$", (0.42, 0.33), colour=GREEN, size=18)
    board.arrow((5.75, 3.6), total)
    board.arrow(total, squash)
    board.arrow(squash, a_next, colour=BLUE)
    board.arrow((8.1, 2.75), y, colour=ORANGE)
    board.text(7.98, 4.45, r"$W_{ya}$, $b_y$, softmax", 17, ORANGE, ha="right")
    board.text(1.15, 1.95, "old state", 16, GREY)
    board.text(9.85, 1.95, "new state", 16, GREY)
    board.text(5.5, 0.75, "input", 16, GREY, ha="left")
    board.text(8.75, 5.35, "prediction", 16, GREY, ha="left")
    return board


def circuit_unfolded():
    """The same network twice: drawn as a circuit with a delay, and unfolded over a sentence of three words."""
    board = Board(12, 6.1)
    board.text(1.75, 5.55, "circuit", 18)
    board.text(7.8, 5.55, "unfolded: three words, three layers", 18)
    x = board.node(1.5, 1.5, step("x", "t"), "input", 0.42)
    a = board.node(1.5, 2.9, step("a", "t"), "state", 0.44)
    y = board.node(1.5, 4.5, r"$\hat{y}^{\langle t \rangle}$", "output", 0.44)
    board.arrow(x, a, r"$W_{ax}$", (-0.45, 0), colour=GREEN, size=16)
    board.arrow(a, y, r"$W_{ya}$", (-0.45, 0), colour=ORANGE, size=16)
    board.line([(1.96, 3.18), (2.85, 3.18), (2.85, 2.62)], BLUE)
    board.arrow((2.85, 2.62), (1.96, 2.62), colour=BLUE)
    board.axes.plot([2.85], [2.9], marker="s", markersize=14, color=BLUE, zorder=5)
    board.text(2.85, 3.5, r"$W_{aa}$", 16, BLUE)
    board.text(2.85, 2.2, "one step\nlater", 15, BLUE, va="top")
    board.line([(4.0, 0.8), (4.0, 5.2)], "#C9D1D8")
    before = board.node(4.85, 2.9, step("a", 0), "state", 0.42)
    for t, word in enumerate(("I", "saw", "Nepal"), start=1):
        centre = 4.85 + 2.1 * t
        board.text(centre, 0.72, f"“{word}”", 16)
        _, state, _ = column(board, centre, t, low=1.5, high=2.9, top=4.5)
        board.arrow(before, state, r"$W_{aa}$", (0, 0.28), colour=BLUE, size=16)
        board.text(centre + 0.12, 2.2, r"$W_{ax}$", 16, GREEN, ha="left")
        board.text(centre + 0.12, 3.7, r"$W_{ya}$", 16, ORANGE, ha="left")
        before = state
    return board


def three_families():
    """Recurrence through the state; through the output only; a whole sequence read for one answer."""
    board = Board(13.5, 6.0)
    heads = ("state to state", "output to state only", "whole sequence, one answer")
    for k, head in enumerate(heads):
        left = 0.95 + 4.4 * k
        board.text(left + 1.3, 5.4, head, 18)
        before = None
        for t in (1, 2, 3):
            x = left + 1.3 * (t - 1)
            if k < 2:
                _, state, output = column(board, x, t)
                if before and k == 0:
                    board.arrow(before[0], state, colour=BLUE)
                if before and k == 1:
                    board.arrow(before[1], state, colour=ORANGE)
                before = state, output
                continue
            below = board.node(x, 1.5, step("x", t), "input", 0.4)
            state = board.node(x, 2.9, step("a", t), "state", 0.42)
            board.arrow(below, state, colour=GREEN)
            if before:
                board.arrow(before, state, colour=BLUE)
            before = state
        if k == 2:
            board.arrow(before, board.node(left + 2.6, 4.3, r"$\hat{y}$", "output", 0.42), colour=ORANGE)
    notes = (r"the state is fed back: $W_{aa}$", r"the prediction is fed back: $W_{ay}$", "only the last state answers")
    for k, note in enumerate(notes):
        board.text(0.95 + 4.4 * k + 1.3, 0.65, note, 16, GREY)
    return board


def _panel(board, left, low, head, example, inputs, outputs, steps):
    """A small network: which steps have an input, which an output."""
    width = 0.85 * (steps - 1)
    board.text(left + 1.7, low + 3.42, head, 18)
    board.text(left + 1.7, low + 0.08, example, 16, GREY)
    before = answer = None
    for t in range(1, steps + 1):
        x = left + 1.7 - width / 2 + 0.85 * (t - 1)
        state = board.node(x, low + 1.72, "", "state", 0.24)
        if t in inputs:
            board.arrow(board.node(x, low + 0.7, "", "input", 0.24), state, colour=GREEN)
        elif answer:  # nothing comes in from outside, so the last answer does
            board.arrow(answer, state, colour=ORANGE, dashed=True)
        if t in outputs:
            answer = board.node(x, low + 2.74, "", "output", 0.25)
            board.arrow(state, answer, colour=ORANGE)
        if before:
            board.arrow(before, state, colour=BLUE)
        before = state


def one_many_table():
    """Five shapes of a task: how many inputs, how many outputs."""
    board = Board(12, 8.6)
    _panel(board, 0.4, 4.6, "one to one", "a photo → its label", {1}, {1}, 1)
    _panel(board, 4.3, 4.6, "one to many", "a first note → a melody", {1}, {1, 2, 3}, 3)
    _panel(board, 8.2, 4.6, "many to one", "a sentence → its year", {1, 2, 3}, {3}, 3)
    _panel(board, 1.3, 0.55, "many to many, equal", "each word → name or not", {1, 2, 3}, {1, 2, 3}, 3)
    _panel(board, 7.0, 0.55, "many to many, unequal", "a sentence → its translation", {1, 2}, {3, 4, 5}, 5)
    return board


FIGURES = {
    "01_rnn_cell/figures/rnn_cell.svg": rnn_cell,
    "01_rnn_cell/figures/circuit_unfolded.svg": circuit_unfolded,
    "01_rnn_cell/figures/three_families.svg": three_families,
    "01_rnn_cell/figures/one_many_table.svg": one_many_table,
}
