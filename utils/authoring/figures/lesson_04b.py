"""The pictures of lesson 04, part B."""

from matplotlib.patches import Rectangle

from utils.authoring.drawing import Board
from utils.plotting.base import GREEN, GREY, INK, ORANGE

LETTERS = ("a", "n", "o", "r", "s")
AS_IT_WAS = (0.10, 0.20, 0.05, 0.15, 0.50)


def _bars(board, x, low, shares, colour, gap=0.5, tall=2.6, numbers=False):
    """Five letters and a bar over each; a letter without probability is grey."""
    for k, (letter, share) in enumerate(zip(LETTERS, shares, strict=True)):
        centre = x + gap * k
        board.text(centre, low - 0.28, letter, 17, GREY if share == 0 else INK)
        height = max(tall * share, 0.02)
        bar = Rectangle((centre - 0.16, low), 0.32, height, color=GREY if share == 0 else colour, zorder=3)
        board.axes.add_patch(bar)
        if numbers and share:
            board.text(centre, low + height + 0.17, f"{share:.2f}".lstrip("0"), 14, GREY)


def decoder():
    """Where a decoder stands: between the model's probabilities and the draw."""
    board = Board(13.4, 4.9)
    model = board.box(1.5, 2.6, 1.7, 1.1, "model", "state", 19)
    _bars(board, 3.55, 1.9, AS_IT_WAS, ORANGE)
    board.text(4.55, 4.1, "probabilities", 17, GREY)
    box = board.box(7.0, 2.6, 1.7, 1.1, "decoder", "plain", 19)
    kept = (0, 0.2 / 0.85, 0, 0.15 / 0.85, 0.5 / 0.85)
    _bars(board, 8.7, 1.9, kept, GREEN)
    board.text(9.7, 4.1, "what may be drawn", 17, GREY)
    drawn = board.node(12.45, 2.6, "s", "output", 0.46, 20)
    board.arrow(model, (3.15, 2.6))
    board.arrow((5.85, 2.6), box)
    board.arrow(box, (8.3, 2.6))
    board.arrow((11.05, 2.6), drawn, "draw", (-0.1, 0.3), size=16)
    board.line([(12.45, 2.1), (12.45, 0.75), (1.5, 0.75)], GREEN)
    board.arrow((1.5, 0.75), model, colour=GREEN)
    board.text(6.85, 1.03, "the letter drawn is the next input", 16, GREEN)
    return board


def four_decoders():
    """Five probabilities as they are, and after three decoders."""
    board = Board(13.4, 4.5)
    squares = [p * p for p in AS_IT_WAS]
    panels = (
        ("as the model says", AS_IT_WAS, ORANGE),
        (r"temperature $\frac{1}{2}$", [p / sum(squares) for p in squares], GREEN),
        ("top-k, k = 2", (0, 0.2 / 0.7, 0, 0, 0.5 / 0.7), GREEN),
        ("nucleus, 0.8", (0, 0.2 / 0.85, 0, 0.15 / 0.85, 0.5 / 0.85), GREEN),
    )
    for k, (title, shares, colour) in enumerate(panels):
        left = 0.8 + 3.2 * k
        board.text(left + 1.0, 3.95, title, 17)
        _bars(board, left, 0.85, shares, colour, tall=3.0, numbers=True)
    for k in (1, 2, 3):
        board.line([(0.8 + 3.2 * k - 0.6, 0.5), (0.8 + 3.2 * k - 0.6, 4.1)], "#C9D1D8")
    return board


def six_stages():
    """A project: six stages, and below each the parts of the list that it may look at."""
    board = Board(16.4, 4.7)
    names = ("data set", "architecture", "training", "better\ngeneralisation", "testing", "deployment")
    nodes = [board.box(3.35 + 2.35 * k, 3.2, 2.0, 1.05, name, "plain", 16) for k, name in enumerate(names)]
    for k, node in enumerate(nodes, start=1):
        board.text(node[0], 4.08, f"{k}", 17, GREY)
    for left, right in zip(nodes, nodes[1:], strict=False):
        board.arrow(left, right)
    rows = (("training names", 0, 3, "learned from"), ("validation names", 0, 3, "looked at to decide"))
    for row, (part, first, last, words) in enumerate((*rows, ("test names", 4, 4, "once"))):
        low, left, right = 1.95 - 0.65 * row, nodes[first][0] - 1.0, nodes[last][0] + 1.0
        board.text(0.2, low, part, 16, ha="left")
        board.axes.add_patch(Rectangle((left, low - 0.22), right - left, 0.44, color=GREY, alpha=0.22, zorder=2))
        board.text((left + right) / 2, low, words, 16)
    return board


FIGURES = {
    "04_language_model/figures/decoder.svg": decoder,
    "04_language_model/figures/four_decoders.svg": four_decoders,
    "04_language_model/figures/six_stages.svg": six_stages,
}
