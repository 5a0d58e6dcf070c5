"""Lesson 10, part B: a recurrence that need not wait."""

import numpy as np

from ..exercise import Mistake
from . import draw
from .lesson_10a_weights import ported


def _cases(rng):
    def case(n, m, T):
        z = rng.uniform(0.1, 0.9, (n, m, T))
        return {"z": z, "h_tilde": draw.numbers(rng, n, m, T), "h0": 2 * draw.numbers(rng, n, m)}

    def long(n, m, T):
        """Doors shut, nearly or wholly, and doors wide open: the product of all factors is soon 0."""
        z = 1 / (1 + np.exp(-4 * rng.standard_normal((n, m, T))))
        z[rng.random(z.shape) < 0.1] = 0
        z[rng.random(z.shape) < 0.1] = 1
        return case(n, m, T) | {"z": z}

    return {
        "T no power of two": case(4, 3, 11),
        "T a power of two": case(3, 5, 8),
        "other sizes": case(2, 4, 6),
        "a batch of one": case(3, 1, 5),
        "one time step": case(4, 2, 1),
        "a long sequence, z of 0 and 1 in it": long(3, 2, 200),
    }


_ADD = "add = torch.cat([add[:reach], keep[reach:] * add[:-reach] + add[reach:]])"
_KEEP = "keep = torch.cat([keep[:reach], keep[reach:] * keep[:-reach]])"
_RETURN, _OPEN = "return keep * h0 + add", "keep, add = 1 - z, z * h_tilde"
_LOOP = f"""    while reach < len(z):
        {_ADD}
        {_KEEP}
        reach = 2 * reach
"""

min_gru_scan = ported(
    "min_gru_scan",
    probe="scan",
    textbook="scan",
    module="scan",
    lesson="10b",
    parts={"h": 4, "gradients": 2, "operations": 0},
    cases=_cases,
    read="section 10.18",
    mistakes=(
        Mistake(
            "the operations grow with T, as in a loop over the steps; join stretches of 1, 2, 4, … in log2 T rounds",
            (
                (_LOOP, ""),
                (
                    _RETURN,
                    "states = [h0]\n    for t in range(len(z)):\n"
                    "        states.append(keep[t] * states[-1] + add[t])\n    return torch.stack(states[1:])",
                ),
            ),
        ),
        Mistake(
            "z and 1 - z have changed places; z lets the new value in, 1 - z keeps the old",
            ((_OPEN, "keep, add = z, (1 - z) * h_tilde"),),
        ),
        Mistake("h0 is left out; every step keeps a share of it", ((_RETURN, "return add"),)),
        Mistake(
            "h0 is weakened once only; at step t it has passed all factors 1 - z up to t",
            ((_RETURN, "return (1 - z) * h0 + add"),),
        ),
        Mistake(
            "h0 is added whole at every step; it is weakened by all factors 1 - z up to t",
            ((_RETURN, "return h0 + add"),),
        ),
        Mistake(
            "a round is missing unless T is a power of two; go on while the stretch is shorter than T",
            (("while reach < len(z)", "while 2 * reach <= len(z)"),),
        ),
        Mistake(
            "the factors of the joined stretches were not multiplied: keep must be renewed in every round as well",
            ((f"        {_KEEP}\n", ""),),
        ),
        Mistake(
            "keep is renewed before add uses it; add needs the factors of the round before",
            ((f"{_ADD}\n        {_KEEP}", f"{_KEEP}\n        {_ADD}"),),
        ),
        Mistake(
            "the sums do not decay; a stretch multiplies what came before it by its keep",
            ((_ADD, "add = torch.cat([add[:reach], add[:-reach] + add[reach:]])"),),
        ),
        Mistake(
            "the stretch grows by one each round; it doubles",
            (("reach = 2 * reach", "reach = reach + 1"),),
        ),
        Mistake(
            "the earlier stretch got the factor of the earlier one; the later stretch weakens what came before it",
            ((_ADD, "add = torch.cat([add[:reach], keep[:-reach] * add[:-reach] + add[reach:]])"),),
        ),
        Mistake(
            "numbers that the tape still needs were overwritten in place; make new tensors with torch.cat",
            ((_ADD, "add[reach:] += keep[reach:] * add[:-reach]"),),
        ),
        Mistake(
            "keep was multiplied in place, by rows of its own; make a new tensor with torch.cat",
            ((_KEEP, "keep[reach:] *= keep[:-reach]"),),
        ),
        Mistake(
            "h[t] = … in a loop over t overwrites what the tape still needs; join stretches in log2 T rounds instead",
            (
                (_LOOP, "    h = torch.zeros_like(z)\n"),
                (
                    _RETURN,
                    "for t in range(len(z)):\n        h[t] = keep[t] * (h[t - 1] if t else h0) + add[t]\n    return h",
                ),
            ),
        ),
        Mistake(
            "the product of all factors 1 - z becomes 0, and dividing by it gives nan; join stretches, never divide",
            ((_LOOP, "    keep = keep.cumprod(dim=0)\n    add = keep * (add / keep).cumsum(dim=0)\n"),),
        ),
        Mistake(
            "the logarithm of 1 - z is infinite where z is 1, and gives nan; join stretches, which only multiplies",
            (
                (_LOOP, "    sums = keep.log().cumsum(dim=0)\n"),
                (_RETURN, "return sums.exp() * (h0 + (add * (-sums).exp()).cumsum(dim=0))"),
            ),
        ),
        Mistake(
            "z is missing in what is written; a step adds z * h_tilde",
            ((_OPEN, "keep, add = 1 - z, h_tilde"),),
        ),
        Mistake(
            "earlier and later have changed places: the later stretch's keep weakens the earlier stretch's add",
            ((_ADD, "add = torch.cat([add[:reach], keep[:-reach] * add[reach:] + add[:-reach]])"),),
        ),
        Mistake(
            "torch.roll brings the last rows round to the front; the first rows have nothing before them and stay",
            (
                (_ADD, "add = keep * add.roll(reach, 0) + add"),
                (_KEEP, "keep = keep * keep.roll(reach, 0)"),
            ),
        ),
    ),
    hints=(
        "Each step is a straight line, h → keep · h + add. Two lines one after the other are a line again.",
        "In a round of reach r, row t ≥ r of (keep, add) is joined with row t − r; the first r rows stay. Renew add "
        "first: it needs the old keep.",
        "keep, add = 1 - z, z * h_tilde; while reach < len(z): add = torch.cat([add[:reach], keep[reach:] * "
        "add[:-reach] + add[reach:]]); keep likewise, as a product; reach = 2 * reach. In the end h = keep * h0 + add.",
    ),
)

EXERCISES = (min_gru_scan,)
QUIZZES = ()
