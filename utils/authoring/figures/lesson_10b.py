"""The pictures of lesson 10, part B."""

from utils.authoring.drawing import Board
from utils.plotting.base import BLUE, GREEN, GREY, INK, ORANGE

LENGTHS = (2, 4, 3)  # of the sequences of packed_steps, in the caller's order


def _lanes(board, y, head, pieces):
    """A host that hands over one piece of work after the other, and a card that does each in its own time."""
    board.text(0.55, y + 1.25, head, 17, INK, ha="left")
    board.text(1.75, y + 0.55, "Python", 15, GREY, ha="right")
    board.text(1.75, y - 0.35, "GPU", 15, GREY, ha="right")
    for start, launch, work in pieces:
        board.box(start + launch / 2, y + 0.55, launch - 0.06, 0.5, "", "plain")
        board.box(start + launch + work / 2 + 0.08, y - 0.35, work, 0.5, "", "state")
        board.arrow((start + launch - 0.03, y + 0.26), (start + launch + 0.06, y - 0.07), colour=GREY)


def launches():
    """Above: a loop launches many small kernels, and the GPU waits. Below: one call, and the GPU works through."""
    board = Board(13.4, 5.9)
    _lanes(board, 4.0, "your loop: a launch for every operation", [(2.0 + 0.8 * k, 0.8, 0.22) for k in range(9)])
    _lanes(board, 1.65, "one call into cuDNN: the whole sequence", [(2.0, 0.8, 2.2)])
    board.text(11.4, 3.65, "the GPU\nmostly waits", 15, ORANGE)
    board.text(7.2, 1.3, "done, with the same arithmetic", 15, BLUE)
    board.arrow((2.0, 0.6), (11.6, 0.6), colour=GREY)
    board.text(12.05, 0.6, "time", 15, GREY)
    return board


def reset_two_ways():
    """After: one product serves gates and candidate. Before: the candidate's product has to wait for the gate."""
    board = Board(13.4, 5.9)
    old = r"$c^{\langle t-1 \rangle}$"
    c = board.node(1.0, 2.9, old, "state", 0.5, 15)
    one = board.box(2.95, 2.9, 1.75, 1.9, "one product:\n$W_u$, $W_r$\nand $W_{cc}$", "output", 14)
    gates = board.box(4.95, 3.75, 1.15, 0.62, r"$\Gamma_u$, $\Gamma_r$", "plain", 15)
    new = board.box(4.95, 2.05, 1.15, 0.62, r"$\tilde{c}$", "plain", 16)
    board.arrow(c, one, colour=BLUE)
    board.arrow((3.85, 3.3), gates, colour=GREY)
    board.arrow((3.85, 2.5), new, colour=GREY)
    board.arrow(gates, new, colour=GREY)
    board.text(3.2, 5.2, "reset after: nn.GRU", 17, INK)
    board.text(3.2, 0.85, "one wait in every step", 16, BLUE)
    board.line([(6.2, 0.6), (6.2, 5.4)], "#C9D1D8")
    c = board.node(7.0, 2.9, old, "state", 0.5, 15)
    one = board.box(8.65, 3.75, 1.35, 1.0, "product:\n$W_u$, $W_r$", "output", 14)
    gates = board.box(10.35, 3.75, 1.15, 0.62, r"$\Gamma_u$, $\Gamma_r$", "plain", 15)
    mixed = board.box(10.35, 2.05, 1.15, 0.62, r"$\Gamma_r * c$", "plain", 14)
    two = board.box(11.95, 2.9, 1.15, 1.0, "product:\n$W_c$", "output", 14)
    new = board.box(11.95, 1.35, 1.15, 0.62, r"$\tilde{c}$", "plain", 16)
    board.arrow(c, one, colour=BLUE)
    board.arrow(c, mixed, colour=BLUE)
    board.arrow(one, gates, colour=GREY)
    board.arrow(gates, mixed, colour=GREY)
    board.arrow(mixed, two, colour=GREY)
    board.arrow(two, new, colour=GREY)
    board.text(9.8, 5.2, "reset before: the course's GRU", 17, INK)
    board.text(9.8, 0.75, "two waits, one behind the other", 16, ORANGE)
    return board


def _cells(board, left, top, rows, names, kinds):
    for i, row in enumerate(rows):
        if names:
            board.text(left - 0.75, top - 0.72 * i, names[i], 15, GREY, ha="right")
        for t, words in enumerate(row):
            if words is not None:
                board.box(left + 0.72 * t, top - 0.72 * i, 0.6, 0.6, words, kinds[i][t], 15)


def packed_steps():
    """A padded table of three sequences, and the same steps packed: column by column, longest first, no padding."""
    board = Board(13.4, 5.3)
    table = [list("ab··"), list("cdef"), list("ghi·")]
    kinds = [["input" if t < n else "plain" for t in range(4)] for n in LENGTHS]
    _cells(board, 2.3, 3.35, table, ["length 2", "length 4", "length 3"], kinds)
    board.text(3.3, 4.55, "padded: 12 cells, 3 of them empty", 16, INK)
    board.text(3.35, 1.05, "every cell is computed", 15, ORANGE)
    board.arrow((5.5, 2.65), (7.2, 2.65), colour=GREY)
    order = [["c", "d", "e", "f"], ["g", "h", "i", None], ["a", "b", None, None]]
    _cells(board, 8.4, 3.35, order, None, [["state"] * 4] * 3)
    for t, m in enumerate((3, 3, 2, 1)):
        board.text(8.4 + 0.72 * t, 1.25, str(m), 16, BLUE)
    board.text(9.5, 4.55, "packed: 9 cells", 16, INK)
    board.text(9.5, 0.7, "rows still running at each step", 15, BLUE)
    board.text(12.0, 2.65, "longest first;\nthe caller gets\nits own order", 15, GREY)
    return board


def scan_rounds():
    """Eight steps in three rounds: each cell is joined with the one that lies 1, then 2, then 4 before it."""
    board = Board(13.4, 6.6)
    xs = [2.9 + 1.05 * t for t in range(8)]
    ys = [1.2, 2.65, 4.1, 5.55]
    labels = ["each step alone", "joined with 1 before", "joined with 2 before", "joined with 4 before"]
    nodes = []
    for k, y in enumerate(ys):
        board.text(11.05, y, labels[k], 15, GREY, ha="left")
        row = []
        for t, x in enumerate(xs):
            first = max(1, t + 2 - 2**k)
            words = str(t + 1) if first == t + 1 else f"{first}–{t + 1}"
            row.append(board.box(x, y, 0.78, 0.6, words, "good" if first == 1 else "state", 14))
        nodes.append(row)
    for k in range(3):
        for t in range(8):
            board.arrow(nodes[k][t], nodes[k + 1][t], colour="#9AA5AD")
            if t >= 2**k:
                board.arrow((xs[t - 2**k] + 0.2, ys[k] + 0.33), (xs[t] - 0.2, ys[k + 1] - 0.33), colour=BLUE)
    for k in range(1, 4):
        board.text(1.2, ys[k], f"round {k}", 16, INK)
    board.text(1.2, ys[0], "start", 16, INK)
    board.text(6.6, 0.5, "green: reaches back to step 1, so this step is done", 15, GREEN)
    return board


FIGURES = {
    "10_pytorch_gpu/figures/launches.svg": launches,
    "10_pytorch_gpu/figures/reset_two_ways.svg": reset_two_ways,
    "10_pytorch_gpu/figures/packed_steps.svg": packed_steps,
    "10_pytorch_gpu/figures/scan_rounds.svg": scan_rounds,
}
