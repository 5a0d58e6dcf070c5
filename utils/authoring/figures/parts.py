"""What the pictures of several lessons share."""

from utils.plotting.base import GREEN, ORANGE


def step(name, t):
    """x⟨t⟩ as mathematical text."""
    return rf"${name}^{{\langle {t} \rangle}}$"


def column(board, x, t, low=1.5, high=2.9, top=4.3, words=None):
    """Input, state and output of one step, one above the other."""
    below = board.node(x, low, words or step("x", t), "input", 0.4, 15 if words else 17)
    state = board.node(x, high, step("a", t), "state", 0.42, 17)
    above = board.node(x, top, rf"$\hat{{y}}^{{\langle {t} \rangle}}$", "output", 0.42, 17)
    board.arrow(below, state, colour=GREEN)
    board.arrow(state, above, colour=ORANGE)
    return below, state, above
