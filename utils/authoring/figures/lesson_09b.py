"""The pictures of lesson 09, part B."""

from utils.authoring.drawing import Board
from utils.plotting.base import BLUE, GREEN, GREY, INK, ORANGE

from .parts import step

READ = "fghi"
SAID = ("i", "h", "g", "f", "end")
FED = ("–", "i", "h", "g", "f")


def _read(board, xs, y=2.9):
    """The encoder: a letter from below into each state. Returns the last state."""
    before = None
    for t, (x, letter) in enumerate(zip(xs, READ, strict=True), start=1):
        state = board.node(x, y, step("a", t), "state", 0.42)
        board.arrow(board.node(x, y - 1.4, letter, "input", 0.38), state, colour=GREEN)
        if before:
            board.arrow(before, state, colour=BLUE)
        before = state
    return before


def encoder_decoder():
    """One net reads f g h i, its last state is the first state of another, which writes i h g f and the end."""
    board = Board(13.4, 5.9)
    board.frame(0.4, 0.85, 5.35, 2.75)
    board.frame(6.4, 0.85, 6.6, 4.1)
    before = _read(board, [1.1, 2.4, 3.7, 5.0])
    for t, x in enumerate([7.1, 8.4, 9.7, 11.0, 12.3]):
        state = board.node(x, 2.9, step("s", t + 1), "state", 0.42)
        board.arrow(before, state, colour=BLUE)
        fed = board.node(x, 1.5, FED[t], "input" if t else "plain", 0.38)
        board.arrow(fed, state, colour=GREEN if t else GREY)
        said = board.node(x, 4.3, SAID[t], "output", 0.44, 17 if t < 4 else 14)
        board.arrow(state, said, colour=ORANGE)
        before = state
    board.text(6.07, 3.38, step("s", 0), 17, BLUE)
    board.text(3.05, 4.0, "the encoder reads", 17, GREEN)
    board.text(9.7, 5.35, "the decoder writes", 17, ORANGE)
    board.text(9.7, 0.5, "fed: nothing, then the right answer of the step before", 15, GREY)
    board.text(3.05, 0.5, "nothing is asked here", 15, GREY)
    return board


def gradient_bridge():
    """The way back: from the answers into the decoder, over one arrow into the encoder, to each letter's share."""
    board = Board(13.4, 7.1)
    xs_read, xs_write = [1.5, 3.2, 4.9], [8.3, 10.0, 11.7]
    enc_share = board.box(3.2, 0.8, 4.3, 0.62, r"$dW_{ax}$, $dW_{aa}$, $db_a$ of the encoder", "output", 14)
    out_share = board.box(10.0, 5.98, 4.3, 0.62, r"$dW_{ya}$, $db_y$", "output", 16)
    dec_share = board.box(10.0, 0.8, 4.3, 0.62, r"$dW_{ax}$, $dW_{aa}$, $db_a$ of the decoder", "output", 14)
    before = None
    for t, x in enumerate(xs_read, start=1):
        state = board.node(x, 2.9, step("a", t), "state", 0.44)
        board.arrow((x, 2.4), (x, enc_share[1] + 0.36), colour=ORANGE, dashed=True)
        if before:
            board.arrow((before[0] + 0.5, 3.06), (x - 0.5, 3.06), colour=BLUE)
            board.arrow((x - 0.5, 2.74), (before[0] + 0.5, 2.74), colour=ORANGE, dashed=True)
        before = state
    for t, x in enumerate(xs_write, start=1):
        board.node(x, 2.9, step("s", t), "state", 0.44)
        board.arrow((x, 2.4), (x, dec_share[1] + 0.36), colour=ORANGE, dashed=True)
        left = before[0]
        board.arrow((left + 0.5, 3.06), (x - 0.5, 3.06), colour=BLUE)
        board.arrow((x - 0.5, 2.74), (left + 0.5, 2.74), colour=ORANGE, dashed=True)
        before = (x, 2.9)
        board.node(x, 4.7, rf"$\hat{{y}}^{{\langle {t} \rangle}}$", "output", 0.44)
        board.arrow((x - 0.13, 3.4), (x - 0.13, 4.2), colour=BLUE)
        board.arrow((x + 0.13, 4.2), (x + 0.13, 3.4), colour=ORANGE, dashed=True)
        board.text(x + 0.24, 3.8, rf"$W_{{ya}}^{{\mathsf{{T}}}} dz^{{\langle {t} \rangle}}$", 17, ORANGE, ha="left")
        board.arrow((x, 5.22), (x, out_share[1] - 0.36), colour=ORANGE, dashed=True)
    board.text(6.6, 2.3, "da0: the only\ngradient that crosses", 16, ORANGE)
    board.text(6.6, 3.5, "one state crosses", 16, BLUE)
    board.text(3.2, 4.7, "nothing was asked here,\nso no gradient enters from above", 16, GREY)
    board.text(10.0, 6.65, r"$dz = \hat{y} - y$ where an answer counts", 16, ORANGE)
    return board


def _decoder(board, left, head, fed, said, wrong, free):
    """Four steps of the decoder. free: each choice is fed to the next step; else the right answers are."""
    board.text(left + 2.55, 5.5, head, 17, INK)
    before = board.node(left, 2.9, step("s", 0), "plain", 0.42)
    for t in range(4):
        x = left + 1.3 * (t + 1)
        state = board.node(x, 2.9, step("s", t + 1), "state", 0.42)
        board.arrow(before, state, colour=BLUE)
        kind = "plain" if t == 0 else "output" if free else "input"
        below = board.node(x, 1.5, fed[t], kind, 0.38)
        board.arrow(below, state, colour=GREY if t == 0 else GREEN)
        above = board.node(x, 4.3, said[t], "output", 0.44)
        board.arrow(state, above, colour=ORANGE)
        if t in wrong:
            above[2].set_facecolor("#F3B183")
            board.text(x, 5.0, "wrong", 14, ORANGE)
        if free and t < 3:
            board.arrow((x + 0.36, 3.98), (x + 1.0, 1.78), colour=GREY)
        before = state


def forced_and_free():
    """Teacher forcing feeds the right letters, whatever was chosen; running freely feeds what was chosen."""
    board = Board(13.6, 6.0)
    _decoder(board, 0.9, "forced: the right letters are fed", ("–", "f", "g", "h"), "hghi", (0,), free=False)
    _decoder(board, 7.6, "free: what was chosen is fed", ("–", "h", "i", "j"), "hijk", (0, 1, 2, 3), free=True)
    board.line([(6.85, 0.6), (6.85, 5.6)], "#C9D1D8")
    board.text(3.45, 0.65, "asked for: f g h i", 15, GREY)
    board.text(10.15, 0.65, "asked for: f g h i", 15, GREY)
    return board


def beam_tree():
    """The tree of section 9.12: greedy goes along a, a; the beam of two keeps b as well and ends with it."""
    board = Board(13.0, 6.8)
    nodes = {"": (0.95, 3.1)}
    rows = (
        ("a", 3.6, 4.4, "", "0.5", True), ("b", 3.6, 1.9, "", "0.4", True), ("end", 3.6, 0.75, "", "0.1", False),
        ("aa", 7.1, 5.2, "a", "0.20", True), ("ab", 7.1, 4.25, "a", "0.15", False),
        ("a, end", 7.1, 3.3, "a", "0.15", False), ("b, end", 7.1, 1.9, "b", "0.36", True),
        ("ba, bb", 7.1, 0.75, "b", "0.02 each", False),
        ("aa, end", 10.6, 5.2, "aa", "0.12", True), ("aaa, aab", 10.6, 4.1, "aa", "0.04 each", False),
        ("b, end", 10.6, 1.9, "b, end", "0.36", True),
    )  # fmt: skip
    start = board.node(*nodes[""], "start", "plain", 0.5, 14)
    placed = {"": start}
    for words, x, y, parent, p, kept in rows:
        kind = "state" if kept else "plain"
        box = board.box(x, y, 2.25 if "each" in p else 1.75, 0.62, f"{words}  {p}", kind, 14 if len(words) > 4 else 15)
        board.arrow(placed[parent], box, colour=BLUE if kept else "#C9D1D8")
        if not (x > 10 and words == "b, end"):
            placed[words] = box
    for x, words in ((3.6, "round 1"), (7.1, "round 2"), (10.6, "round 3")):
        board.text(x, 6.4, words, 16, GREY)
    board.text(10.6, 5.8, "where greedy ends", 15, GREY)
    board.text(10.6, 1.25, "likelier, found by\na beam of two", 15, BLUE)
    return board


FIGURES = {
    "09_deep_rnn/figures/encoder_decoder.svg": encoder_decoder,
    "09_deep_rnn/figures/gradient_bridge.svg": gradient_bridge,
    "09_deep_rnn/figures/forced_and_free.svg": forced_and_free,
    "09_deep_rnn/figures/beam_tree.svg": beam_tree,
}
