"""The pictures of lesson 07."""

from matplotlib.patches import Circle

from utils.authoring.drawing import Board
from utils.plotting.base import BLUE, GREEN, GREY, INK, ORANGE, PURPLE

from .parts import step

PALE = "#F6E8F3"  # the fill of a memory


def _memory(board, x, y, words, width=1.1, height=0.8, size=17):
    """A box for the memory: purple."""
    node = board.box(x, y, width, height, words, "plain", size)
    node[2].set(facecolor=PALE, edgecolor=PURPLE)
    return node


def _sign(board, x, y, words):
    """A small circle in which two things meet: a product or a sum."""
    patch = Circle((x, y), 0.27)
    patch.set(facecolor="white", edgecolor=INK, linewidth=1.8, zorder=4)
    board.axes.add_patch(patch)
    board.text(x, y, words, 18)
    return x, y, patch


def _parts(board):
    """What both pictures of one step have in common, by name."""
    parts = {
        "c_prev": _memory(board, 1.0, 5.3, step("c", "t-1")),
        "c": _memory(board, 11.2, 5.3, step("c", "t")),
        "a_prev": board.box(1.0, 1.55, 1.1, 0.8, step("a", "t-1"), "state"),
        "a": board.box(11.2, 2.95, 1.1, 0.8, step("a", "t"), "state"),
        "x": board.node(5.4, 0.62, step("x", "t"), "input", 0.36),
        "seen": board.box(5.4, 1.55, 6.4, 0.5, r"$[\,a^{\langle t-1 \rangle};\; x^{\langle t \rangle}\,]$", size=16),
        "keep": _sign(board, 3.0, 5.3, "×"),
        "write": _sign(board, 5.4, 4.15, "×"),
        "sum": _sign(board, 5.4, 5.3, "+"),
        "show": _sign(board, 9.2, 2.95, "×"),
        "tanh": board.box(9.2, 4.15, 1.0, 0.55, "tanh", size=15),
    }
    for name, x, words in (
        ("f", 3.0, r"$\Gamma_f$"),
        ("u", 4.6, r"$\Gamma_u$"),
        ("new", 6.2, r"$\tilde{c}$"),
        ("o", 7.8, r"$\Gamma_o$"),
    ):
        parts[name] = board.box(x, 2.95, 0.8, 0.62, words, size=18)
    _tint(parts["new"], PALE, PURPLE)
    return parts


def _tint(node, face, edge):
    node[2].set(facecolor=face, edgecolor=edge)


def lstm_cell():
    """One step: the memory runs along the top, what is shown along the bottom, three gates stand between them."""
    board = Board(12.2, 6.2)
    part = _parts(board)
    for start, end, colour in (
        ("c_prev", "keep", PURPLE),
        ("keep", "sum", PURPLE),
        ("sum", "c", PURPLE),
        ("f", "keep", GREY),
        ("u", "write", GREY),
        ("new", "write", PURPLE),
        ("write", "sum", PURPLE),
        ("tanh", "show", PURPLE),
        ("o", "show", GREY),
        ("show", "a", BLUE),
        ("x", "seen", GREEN),
    ):
        board.arrow(part[start], part[end], colour=colour)
    board.arrow(part["a_prev"], (2.2, 1.55), colour=BLUE)
    board.arrow((9.2, 5.3), part["tanh"], colour=PURPLE)
    for name in ("f", "u", "new", "o"):
        board.arrow((part[name][0], 1.81), part[name], colour=GREY)
    board.text(2.85, 4.1, "forget", 15, INK, ha="right")
    board.text(4.75, 3.72, "update", 15, INK, ha="right")
    board.text(8.45, 3.45, "output", 15, INK)
    board.text(4.2, 5.62, "kept", 15, PURPLE)
    board.text(5.85, 4.7, "written", 15, PURPLE, ha="left")
    board.text(10.2, 3.5, "shown", 15, BLUE)
    return board


def lstm_back():
    """The same step backwards: two gradients arrive, meet at the new memory, and part again."""
    board = Board(12.2, 6.4)
    part = _parts(board)

    def back(start, end, words="", at=(0, 0), size=14):
        board.arrow(start, end, words, at, colour=ORANGE, size=size, dashed=True)

    board.text(11.2, 5.97, r"$dc_{\rm next}$ arrives", 15, ORANGE)
    board.text(11.2, 2.25, r"$da_{\rm next}$ arrives", 15, ORANGE)
    back(part["a"], part["show"])
    back(part["show"], part["tanh"])
    back(part["tanh"], (9.2, 5.2))
    board.text(9.35, 4.72, r"$\times\;\Gamma_o\,(1-\tanh^2 c)$", 14, ORANGE, ha="left")
    back(part["c"], (9.3, 5.3))
    meeting = Circle((9.2, 5.3), 0.1)
    meeting.set(facecolor=ORANGE, edgecolor=ORANGE, zorder=5)
    board.axes.add_patch(meeting)
    back((9.1, 5.3), part["sum"], "dc: both together", (0, 0.27), 15)
    back(part["sum"], part["keep"])
    back(part["keep"], part["c_prev"], r"$\times\;\Gamma_f$", (0, 0.3), 15)
    back(part["sum"], part["write"])
    back(part["keep"], part["f"], r"$\times\;c^{\langle t-1 \rangle}$", (-0.62, -0.3), 15)
    back(part["write"], part["u"], r"$\times\;\tilde{c}$", (-0.42, -0.05), 15)
    back(part["write"], part["new"], r"$\times\;\Gamma_u$", (0.5, -0.02), 15)
    back(part["show"], part["o"], r"$\times\;\tanh c$", (-0.1, 0.5), 14)
    for name in ("f", "u", "new", "o"):
        x = part[name][0]
        slope = r"$(1-\tilde{c}^2)$" if name == "new" else rf"$\Gamma_{name}(1-\Gamma_{name})$"
        back(part[name], (x, 1.83))
        board.text(x + 0.1, 2.43, rf"$\times\,${slope}", 14, ORANGE, ha="left")
        board.text(x + 0.1, 2.04, rf"$= dz_{'c' if name == 'new' else name}$", 15, INK, ha="left")
    back((2.2, 1.55), part["a_prev"])
    back(part["seen"], part["x"])
    return board


def product():
    """Three steps of the memory in a row: forward each is multiplied by its forget gate, and backward as well."""
    board = Board(12, 3.6)
    places = (1.2, 4.6, 8.0, 11.0)
    nodes = [
        _memory(board, x, 2.2, step("c", name), 1.2, 0.75, 16)
        for x, name in zip(places, ("T-3", "T-2", "T-1", "T"), strict=True)
    ]
    for left, right, k in zip(nodes, nodes[1:], ("T-2", "T-1", "T"), strict=False):
        middle = (left[0] + right[0]) / 2
        gate = rf"$\Gamma_f^{{\langle {k} \rangle}}$"
        board.arrow(left, right, rf"$\times$ {gate}, $+$ new", (0, 0.33), colour=PURPLE, size=15)
        board.arrow((right[0] - 0.3, 1.45), (left[0] + 0.3, 1.45), colour=ORANGE, dashed=True)
        board.text(middle, 1.1, rf"$\times$ {gate}", 15, ORANGE)
    board.text(0.5, 3.15, "forward: keep a part, add something new", 15, PURPLE, ha="left")
    board.text(
        0.5, 0.55, "back, along the memory: the same part, no matrix and no slope of tanh", 15, ORANGE, ha="left"
    )
    return board


FIGURES = {
    "07_lstm/figures/lstm_cell.svg": lstm_cell,
    "07_lstm/figures/lstm_back.svg": lstm_back,
    "07_lstm/figures/product.svg": product,
}
