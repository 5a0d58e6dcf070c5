"""The pictures of lesson 03."""

from matplotlib.patches import Rectangle

from utils.authoring.drawing import EDGE, FILL, Board
from utils.plotting.base import BLUE, GREY, ORANGE

from .parts import step


def way_back():
    """Four states in a row: from the loss at the last one a gradient walks back and is multiplied at each step."""
    board = Board(12, 5.2)
    places = [1.4, 4.3, 7.2, 10.1]
    names = [step("a", f"T-{k}" if k else "T") for k in (3, 2, 1, 0)]
    states = [board.node(x, 3.0, name, "state", 0.5, 16) for x, name in zip(places, names, strict=True)]
    board.node(10.1, 4.55, "$L$", "output", 0.38, 19)
    for left, right in zip(states, states[1:], strict=False):
        board.arrow(left, right, r"$W_{aa}$, tanh", (0, 0.28), colour=BLUE, size=15)
    board.arrow((9.95, 3.55), (9.95, 4.15), colour=GREY)
    board.arrow((10.25, 4.15), (10.25, 3.55), colour=ORANGE, dashed=True)
    board.text(0.45, 4.55, "forward: the state is handed on", 16, BLUE, ha="left")
    for k, (left, right) in enumerate(zip(reversed(states[:-1]), reversed(states[1:]), strict=True), start=1):
        start, end = (right[0] - 0.15, 1.9), (left[0] + 0.15, 1.9)
        label = r"$\times\; W_{aa}^{\sf T}\,{\rm diag}(1-a^2)$"
        board.arrow(start, end, label, (0, 0.3), colour=ORANGE, size=15, dashed=True)
        board.text(left[0], 1.35, f"lag {k}", 16, GREY)
        board.axes.add_patch(Rectangle((left[0] - 0.6 * 0.45**k, 0.85), 1.2 * 0.45**k, 0.26, color=ORANGE, zorder=4))
    board.text(10.1, 1.35, "lag 0", 16, GREY)
    board.axes.add_patch(Rectangle((9.5, 0.85), 1.2, 0.26, color=ORANGE, zorder=4))
    board.text(0.45, 0.45, "back: the gradient is multiplied at every step", 16, ORANGE, ha="left")
    return board


def windows():
    """Two windows of three steps: the state crosses the border between them, the gradient stops in front of it."""
    board = Board(12, 5.6)
    before = board.node(1.0, 2.5, step("a", 0), "plain", 0.42, 17)
    for first, name, x in ((1, "first window", 1.75), (4, "second window", 6.95)):
        board.frame(x, 1.0, 4.75, 3.75, GREY)
        board.text(x + 0.2, 5.1, name, 16, GREY, ha="left")
        row = []
        for t in range(first, first + 3):
            here = x + 1.0 + 1.45 * (t - first)
            row.append(board.node(here, 2.5, step("a", t), "state", 0.42, 17))
            board.node(here, 4.1, rf"$L^{{\langle {t} \rangle}}$", "output", 0.42, 17)
            board.arrow((here - 0.12, 2.96), (here - 0.12, 3.64), colour=GREY)
            board.arrow((here + 0.12, 3.64), (here + 0.12, 2.96), colour=ORANGE, dashed=True)
        board.arrow(before, row[0], colour=BLUE)
        for left, right in zip(row, row[1:], strict=False):
            board.arrow(left, right, colour=BLUE)
            board.arrow((right[0], 1.65), (left[0], 1.65), colour=ORANGE, dashed=True)
        board.arrow((row[0][0], 1.65), (x + 0.12, 1.65), colour=ORANGE, dashed=True)
        board.line([(x + 0.1, 1.35), (x + 0.1, 1.95)], ORANGE)
        before = row[-1]
    board.text(0.45, 0.55, "blue: the state goes on", 16, BLUE, ha="left")
    board.text(4.6, 0.55, "orange, dashed: the gradient stops at the border", 16, ORANGE, ha="left")
    return board


def pairs():
    """Ten pairs of a loss and a state before it, a triangle; of these, windows of two steps keep six."""
    board = Board(11, 5.2)
    kept = {(t, s) for t in range(1, 5) for s in range(1, t + 1) if (t - 1) // 2 == (s - 1) // 2}
    for x0, name, shown in ((1.6, "in full: 10 pairs", None), (6.7, "windows of 2: 6 pairs", kept)):
        board.text(x0 + 1.45, 4.8, name, 17)
        for t in range(1, 5):
            board.text(x0 - 0.55, 4.75 - 0.82 * t, f"$L^{{\\langle {t} \\rangle}}$", 16, ORANGE)
            board.text(x0 + 0.25 + 0.82 * (t - 1), 0.76, step("a", t), 16, BLUE)
            for s in range(1, t + 1):
                there = shown is None or (t, s) in shown
                square = Rectangle((x0 - 0.1 + 0.82 * (s - 1), 4.4 - 0.82 * t), 0.7, 0.7)
                square.set(
                    facecolor=FILL["output"] if there else "white", edgecolor=EDGE["output" if there else "plain"]
                )
                square.set(linewidth=2 if there else 1.2, linestyle="-" if there else (0, (2, 2)), zorder=4)
                board.axes.add_patch(square)
    return board


FIGURES = {
    "03_gradients_over_time/figures/way_back.svg": way_back,
    "03_gradients_over_time/figures/windows.svg": windows,
    "03_gradients_over_time/figures/pairs.svg": pairs,
}
