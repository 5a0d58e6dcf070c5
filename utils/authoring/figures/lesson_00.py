"""The pictures of lesson 00."""

from utils.authoring.drawing import Board
from utils.plotting.base import GREEN, GREY, ORANGE

from .parts import step


def parts_of_a_lesson():
    """Statement, answer, try it, check, and the way back."""
    board = Board(11, 4.1)
    places = [
        (1.55, "statement", "read", "plain"),
        (4.15, "answer", "write", "state"),
        (6.75, "try it", "look", "input"),
    ]
    nodes = []
    for x, name, verb, kind in places:
        nodes.append(board.box(x, 2.35, 1.9, 1.0, name, kind, 18))
        board.text(x, 3.2, verb, 16, GREY)
    check = board.box(9.35, 2.35, 1.9, 1.0, "check", "output", 18)
    board.text(9.35, 3.2, "be told", 16, GREY)
    for start, end in zip([*nodes, check], [*nodes[1:], check], strict=False):
        if start is not end:
            board.arrow(start, end)
    board.line([(9.35, 1.83), (9.35, 0.95), (4.15, 0.95)], ORANGE)
    board.arrow((4.15, 0.95), nodes[1], colour=ORANGE)
    board.text(6.75, 0.6, "not yet: a likely cause, a hint, another go", 16, ORANGE)
    return board


def unfold():
    """s⟨t⟩ = f(s⟨t-1⟩) written out, then the same with a signal from outside."""
    board = Board(11, 5.6)
    board.text(0.5, 5.12, "on its own, from the first state: f is applied twice", 16, GREY, ha="left")
    row = [board.node(x, 4.2, step("s", t), "state", 0.42, 19) for x, t in ((1.1, 1), (5.6, 2), (10.1, 3))]
    for left, right in zip(row, row[1:], strict=False):
        f = board.box((left[0] + right[0]) / 2, 4.2, 0.75, 0.6, "$f$", "plain", 20)
        board.arrow(left, f)
        board.arrow(f, right)
    board.text(
        0.5, 3.0, "with a signal from outside, from the state before the first: three times", 16, GREY, ha="left"
    )
    row = [board.node(1.1, 2.1, step("s", 0), "state", 0.42, 19)]
    row += [board.node(1.1 + 3.0 * t, 2.1, step("s", t), "state", 0.42, 19) for t in (1, 2, 3)]
    for t, (left, right) in enumerate(zip(row, row[1:], strict=False), start=1):
        f = board.box((left[0] + right[0]) / 2, 2.1, 0.75, 0.6, "$f$", "plain", 20)
        x = board.node(f[0], 0.78, step("x", t), "input", 0.4, 17)
        board.arrow(left, f)
        board.arrow(f, right)
        board.arrow(x, f, colour=GREEN)
    return board


FIGURES = {
    "00_start_here/figures/parts_of_a_lesson.svg": parts_of_a_lesson,
    "00_start_here/figures/unfold.svg": unfold,
}
