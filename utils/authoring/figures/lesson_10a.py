"""The pictures of lesson 10, part A."""

from utils.authoring.drawing import EDGE, FILL, Board
from utils.plotting.base import BLUE, GREEN, GREY, INK, ORANGE


def _pair(board, start, end, label="", at=(0, 0), lift=0.0):
    """Forward along a line, and the gradient back along the same line, a little lower."""
    (x0, y0), (x1, y1) = start, end
    board.arrow((x0, y0 + 0.1 + lift), (x1, y1 + 0.1 + lift), colour=BLUE)
    board.arrow((x1, y1 - 0.14 + lift), (x0, y0 - 0.14 + lift), colour=ORANGE, dashed=True)
    if label:
        board.text((x0 + x1) / 2 + at[0], (y0 + y1) / 2 - 0.45 + at[1], label, 15, ORANGE)


def tape():
    """One step forward, the tape that it leaves, and the way back along the tape."""
    board = Board(13.4, 6.2)
    rows = ((5.2, r"$W_{ax}$", "0.8"), (4.0, r"$W_{aa}$", "−0.4"), (2.8, r"$b_a$", "0.1"))
    for y, name, number in rows:
        board.node(1.5, y, name, "input", 0.42)
        board.text(0.72, y, number, 15, GREY)
    board.box(3.8, 5.2, 1.6, 0.7, r"$\cdot\; x$", "plain")
    board.box(3.8, 4.0, 1.6, 0.7, r"$\cdot\; a^{\langle 0 \rangle}$", "plain")
    board.box(6.5, 4.0, 1.0, 0.8, "+", "plain", 20)
    board.box(8.6, 4.0, 1.2, 0.8, "tanh", "plain", 16)
    board.box(10.7, 4.0, 1.2, 0.8, r"$(\;)^2$", "plain", 16)
    board.node(12.6, 4.0, r"$L$", "output", 0.4)
    _pair(board, (1.96, 5.2), (2.95, 5.2), "0.767")
    _pair(board, (1.96, 4.0), (2.95, 4.0), "0.384")
    _pair(board, (1.96, 2.8), (5.95, 3.6), "0.767", (0.9, -0.05))
    _pair(board, (4.65, 5.1), (5.95, 4.3))
    _pair(board, (4.65, 4.0), (5.95, 4.0))
    _pair(board, (7.05, 4.0), (7.95, 4.0), "0.767")
    _pair(board, (9.25, 4.0), (10.05, 4.0), "1.209")
    _pair(board, (11.35, 4.0), (12.13, 4.0), "1")
    board.text(7.5, 4.62, r"$z$ = 0.7", 14, BLUE)
    board.text(9.65, 4.62, r"$a$ = 0.604", 14, BLUE)
    board.text(12.6, 4.72, "0.365", 14, BLUE)
    board.text(9.2, 5.6, "forward: each operation leaves an entry on the tape", 15, BLUE)
    board.text(9.6, 2.55, "backward() walks the tape to its beginning", 15, ORANGE)
    board.frame(0.5, 0.55, 12.4, 1.35)
    board.text(1.35, 1.22, "the tape", 16, INK)
    entries = (
        (3.2, "times x\nx = 1"),
        (5.35, "times a⟨0⟩\na⟨0⟩ = 0.5"),
        (7.5, "add"),
        (9.65, "tanh\na = 0.604"),
        (11.8, "square\na = 0.604"),
    )
    for x, words in entries:
        board.box(x, 1.22, 1.6, 0.95, words, "plain", 14)
    for (left, _), (right, _) in zip(entries[1:], entries, strict=False):
        board.arrow((left - 0.82, 1.22), (right + 0.82, 1.22), colour=ORANGE, dashed=True)
    return board


GATES = (
    ("u", "i", BLUE, "#DCEBF7"),
    ("f", "f", GREEN, "#DDF3EA"),
    ("c", "g", ORANGE, "#FBE5D6"),
    ("o", "o", GREY, "#F2F4F6"),
)


def _block(board, x, y, width, words, colour, fill, dashed=False):
    place = board.box(x, y, width, 0.72, words, "plain", 16)
    place[2].set(facecolor=fill, edgecolor=colour)
    if dashed:
        place[2].set_linestyle((0, (3, 2)))
    return place


def gate_rows():
    """The course's four matrices, and PyTorch's two tall ones in the order u, f, c, o."""
    board = Board(13.4, 6.3)
    by_name = {gate: (torch_name, colour, fill) for gate, torch_name, colour, fill in GATES}
    ends = {}
    for row, gate in enumerate("fuco"):
        _, colour, fill = by_name[gate]
        y = 4.6 - 1.1 * row
        board.text(0.85, y, rf"$W_{gate}$", 18, colour)
        _block(board, 2.0, y, 1.4, r"on $a$", colour, fill)
        _block(board, 3.3, y, 1.1, r"on $x$", colour, fill, dashed=True)
        ends[gate] = y
    for row, (gate, torch_name, colour, fill) in enumerate(GATES):
        y = 4.26 - 0.78 * row
        _block(board, 8.7, y, 1.7, rf"$W_{gate}$ on $a$", colour, fill)
        _block(board, 11.3, y, 1.7, rf"$W_{gate}$ on $x$", colour, fill, dashed=True)
        board.text(7.45, y, torch_name, 18, colour)
        board.arrow((3.95, ends[gate]), (7.15, y), colour=colour)
    board.text(2.35, 5.55, "the course: one matrix for each gate,\n" + r"on $[a;\, x]$", 16, INK)
    board.text(8.7, 5.35, "weight_hh\n" + r"$(4\,n_a,\; n_a)$", 16, INK)
    board.text(11.3, 5.35, "weight_ih\n" + r"$(4\,n_a,\; n_x)$", 16, INK)
    board.text(10.0, 0.75, "PyTorch: i, f, g, o from top to bottom", 16, INK)
    return board


def charlm():
    """Four letters through embedding, LSTM, dropout and output layer."""
    board = Board(13.4, 7.6)
    names = (("embed", 2.0), ("LSTM", 3.2), ("drop", 4.4), ("out", 5.6))
    for words, y in names:
        board.text(1.2, y, words, 17, INK)
    notes = (
        (0.8, "tokens (m, T)"),
        (2.0, "(m, T, n_embed)"),
        (5.6, "logits (m, T, n_tokens)"),
    )
    for y, words in notes:
        board.text(11.3, y, words, 14, GREY)
    before = None
    for x, (fed, asked) in zip((3.0, 4.9, 6.8, 8.7), (("end", "r"), ("r", "e"), ("e", "x"), ("x", "end")), strict=True):
        token = board.node(x, 0.8, fed, "input", 0.4, 14 if fed == "end" else 17)
        vector = board.box(x, 2.0, 1.1, 0.6, "row", "plain", 14)
        state = board.box(x, 3.2, 1.1, 0.7, r"$h$", "state")
        mask = board.box(x, 4.4, 1.1, 0.6, "", "plain")
        for k, fill in enumerate((BLUE, "white", BLUE, BLUE) if x < 6 else (BLUE, BLUE, "white", BLUE)):
            number = board.box(x - 0.36 + 0.24 * k, 4.4, 0.17, 0.36, "", "plain")
            number[2].set(facecolor=fill, edgecolor=BLUE, linewidth=1, zorder=5)
        logits = board.box(x, 5.6, 1.1, 0.6, "27", "output", 15)
        answer = board.node(x, 6.8, asked, "output", 0.4, 14 if asked == "end" else 17)
        for low, high, colour in (
            (token, vector, GREEN),
            (vector, state, GREEN),
            (state, mask, BLUE),
            (mask, logits, BLUE),
        ):
            board.arrow(low, high, colour=colour)
        board.arrow(answer, logits, colour=ORANGE, dashed=True)
        if before:
            board.arrow(before, state, colour=BLUE)
        before = state
    board.arrow((9.3, 3.2), (9.95, 3.2), colour=BLUE)
    board.text(11.65, 3.2, "state (h, c),\neach (1, m, n_hidden)", 14, BLUE)
    board.text(11.3, 6.8, "asked for: the loss\ncompares", 14, ORANGE)
    board.text(11.3, 4.4, "h, (m, T, n_hidden); white:\ndropped, while training", 14, GREY)
    return board


def one_step():
    """The lines of one training step in their order, and what each leaves behind."""
    board = Board(14.6, 4.6)
    steps = (
        ("zero_grad", "empty\ngradients", "plain"),
        ("forward", "logits,\nand a tape", "state"),
        ("loss", "one number", "state"),
        ("backward", "gradients,\nscaled", "output"),
        ("unscale", "gradients,\nown size", "output"),
        ("clip", "no longer\nthan the limit", "output"),
        ("step", "new\nweights", "input"),
        ("detach", "a state\nwithout past", "plain"),
    )
    before = None
    for k, (name, left, kind) in enumerate(steps):
        x = 1.25 + 1.73 * k
        place = board.box(x, 3.0, 1.42, 0.8, name, "plain", 15)
        place[2].set(facecolor=FILL[kind], edgecolor=EDGE[kind])
        board.text(x, 2.05, left, 13, GREY)
        if before:
            board.arrow(before, place)
        before = place
    last = 1.25 + 1.73 * 7
    board.line([(last, 3.45), (last, 4.0), (1.25, 4.0)], GREY)
    board.arrow((1.25, 4.0), (1.25, 3.42), colour=GREY)
    board.text(7.3, 4.22, "the next batch", 14, GREY)
    board.text(3.85, 0.95, "the tape is written", 15, BLUE)
    board.text(8.2, 0.95, "the tape is played, and what came of it is tidied", 15, ORANGE)
    board.text(11.9, 0.95, "the weights move", 15, GREEN)
    board.line([(2.3, 1.35), (5.4, 1.35)], BLUE)
    board.line([(5.75, 1.35), (10.6, 1.35)], ORANGE)
    board.line([(10.95, 1.35), (12.35, 1.35)], GREEN)
    return board


FIGURES = {
    "10_pytorch_gpu/figures/tape.svg": tape,
    "10_pytorch_gpu/figures/gate_rows.svg": gate_rows,
    "10_pytorch_gpu/figures/charlm.svg": charlm,
    "10_pytorch_gpu/figures/one_step.svg": one_step,
}
