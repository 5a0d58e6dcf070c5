"""The pictures of lesson 09, part A."""

from matplotlib.patches import Rectangle

from utils.authoring.drawing import EDGE, Board
from utils.plotting.base import BLUE, GREEN, GREY, INK, ORANGE

from .parts import step


def cell_name(layer, t):
    """a[l]⟨t⟩ as mathematical text."""
    return rf"$a^{{[{layer}]\langle {t} \rangle}}$"


def grid_of_layers():
    """Four steps and three layers: every state is made from the one to its left and the one below it."""
    board = Board(13, 8.4)
    places, heights = [3.0, 5.6, 8.2, 10.8], [2.7, 4.3, 5.9]
    for layer, y in enumerate(heights, start=1):
        board.text(0.4, y + 0.62, f"layer {layer}", 16, GREY, ha="left")
    rows = [[board.box(1.0, y, 0.95, 0.8, cell_name(n, 0), "plain", 18)] for n, y in enumerate(heights, start=1)]
    for t, x in enumerate(places, start=1):
        below = board.node(x, 1.15, step("x", t), "input", 0.42, 17)
        for layer, y in enumerate(heights, start=1):
            here = board.box(x, y, 1.15, 0.85, cell_name(layer, t), "state", 20)
            board.text(x + 0.78, y + 0.33, str(layer + t - 1), 15, GREY)
            board.arrow(rows[layer - 1][-1], here, colour=BLUE)
            board.arrow(below, here, colour=GREEN if layer == 1 else BLUE)
            rows[layer - 1].append(here)
            below = here
        above = board.node(x, 7.4, rf"$\hat{{y}}^{{\langle {t} \rangle}}$", "output", 0.42, 17)
        board.arrow(below, above, colour=ORANGE)
    board.text(
        12.6, 0.42, "small grey numbers: rounds. Equal numbers can be computed at the same time", 15, GREY, ha="right"
    )
    return board


def _both(board, start, end, shift):
    """A blue arrow from start to end and, beside it, a dashed orange one from end to start. Both are points."""
    (x1, y1), (x2, y2), (dx, dy) = start, end, shift
    board.arrow((x1 + dx, y1 + dy), (x2 + dx, y2 + dy), colour=BLUE)
    board.arrow((x2 - dx, y2 - dy), (x1 - dx, y1 - dy), colour=ORANGE, dashed=True)


def two_messages():
    """Two layers, three steps: a state hears from the right, in its own layer, and from above, through the mask."""
    board = Board(12.6, 7.0)
    places, low, high = [2.0, 6.2, 10.4], 2.75, 5.3
    across, down = (0, 0.13), (-0.13, 0)
    names = ["t-1", "t", "t+1"]
    for x, t in zip(places, names, strict=True):
        board.box(x, low, 1.5, 0.9, cell_name(1, t), "state", 19)
        board.box(x, high, 1.5, 0.9, cell_name(2, t), "state", 19)
        board.node(x, 0.85, step("x", t), "input", 0.5, 15)
        board.arrow((x - 0.13, 1.4), (x - 0.13, 2.25), colour=GREEN)
        board.arrow((x + 0.13, 2.25), (x + 0.13, 1.4), colour=ORANGE, dashed=True)
        _both(board, (x, 3.25), (x, 3.78), down)
        _both(board, (x, 4.24), (x, 4.8), down)
        board.box(x, 4.01, 0.95, 0.42, "mask", "plain", 13)
        board.arrow((x + 0.13, 6.5), (x + 0.13, 5.8), colour=ORANGE, dashed=True)
        board.text(x + 0.3, 6.25, "$da$", 16, ORANGE, ha="left")
    for y in (low, high):
        for left, right in zip(places, places[1:], strict=False):
            _both(board, (left + 0.8, y), (right - 0.8, y), across)
    board.text(8.3, low - 0.45, "from the right", 16, ORANGE)
    board.text(6.45, 4.52, "from above", 16, ORANGE, ha="left")
    board.axes.add_patch(
        Rectangle((places[1] - 0.75, low - 0.45), 1.5, 0.9, fill=False, edgecolor=ORANGE, linewidth=4, zorder=5)
    )
    board.text(places[1] - 0.95, low - 0.75, "adds both", 16, ORANGE, ha="right")
    board.text(8.6, 6.25, "from the predictions", 15, ORANGE)
    return board


def _row(board, y, shown):
    """States 0 to 9 in a row; shown: {t: "kept" or "again"}; the others are only outlines. Returns their places."""
    places = {t: 1.3 + 1.12 * t for t in range(10)}
    for t, x in places.items():
        kind = shown.get(t)
        if kind == "kept":
            board.node(x, y, step("a", t), "state", 0.36, 18)
            continue
        square = Rectangle((x - 0.36, y - 0.36), 0.72, 0.72, zorder=4)
        square.set(facecolor="white", edgecolor=EDGE["state"] if kind else "#C9D1D8", linewidth=2 if kind else 1.2)
        square.set_linestyle("-" if kind else (0, (2, 2)))
        board.axes.add_patch(square)
        board.text(x, y, step("a", t), 18, INK if kind else "#9AA5AE")
    return places


def kept_states():
    """Nine steps in three segments: three states are kept, then each segment is computed again, the last one first."""
    board = Board(13, 8.6)
    board.text(0.5, 8.05, "forward: keep the state before each segment, forget the others", 16, BLUE, ha="left")
    places = _row(board, 7.2, dict.fromkeys((0, 3, 6), "kept"))
    for t in range(1, 7):
        board.arrow((places[t - 1] + 0.36, 7.2), (places[t] - 0.36, 7.2), colour=BLUE)
    board.text(
        0.5,
        6.2,
        "back: segment by segment, from the last; compute it again, then walk back through it",
        16,
        ORANGE,
        ha="left",
    )
    for number, y in ((3, 5.2), (2, 3.55), (1, 1.9)):
        start = 3 * (number - 1)
        kept = dict.fromkeys(range(0, start + 1, 3), "kept")
        places = _row(board, y, kept | dict.fromkeys(range(start + 1, start + 4), "again"))
        for t in range(start + 1, start + 4):
            board.arrow((places[t - 1] + 0.36, y), (places[t] - 0.36, y), colour=BLUE)
            board.arrow((places[t], y - 0.56), (places[t - 1] + 0.1, y - 0.56), colour=ORANGE, dashed=True)
        if start:
            x = places[start]
            board.text(x - 0.62, y - 0.72, "handed on", 14, ORANGE, ha="right")
            board.arrow((x - 0.05, y - 0.62), (x - 0.05, y - 1.24), colour=ORANGE, dashed=True)
    board.text(
        6.5, 0.55, "filled: kept until its segment is done · white: computed again · pale: not in memory", 15, GREY
    )
    return board


FIGURES = {
    "09_deep_rnn/figures/grid_of_layers.svg": grid_of_layers,
    "09_deep_rnn/figures/two_messages.svg": two_messages,
    "09_deep_rnn/figures/kept_states.svg": kept_states,
}
