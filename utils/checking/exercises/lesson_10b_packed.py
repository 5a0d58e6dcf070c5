"""Lesson 10, part B: sequences of different lengths, packed."""

import numpy as np

from ..exercise import Mistake, Quiz
from . import draw
from .lesson_10a_weights import ported


def _lengths(rng, m, T):
    """m lengths, one of them T, in an order that sorting by length changes, and sorting twice, too."""
    if m == 1 or T == 1:
        return np.full(m, max(1, T - 1))
    lengths = np.sort(rng.integers(1, T, m))
    lengths[m // 2] = T
    return np.roll(lengths, -1)


def _cases(rng):
    def case(kind, layers, both, n_x, n, m, T):
        lengths = _lengths(rng, m, T)
        sizes = {"kind": kind, "n": n, "layers": layers, "both": both}
        return sizes | {"x": 2 * draw.numbers(rng, n_x, m, T), "lengths": lengths, "seed": int(rng.integers(10**6))}

    return {
        "an nn.GRU": case("GRU", 1, False, 3, 4, 6, 5),
        "an nn.LSTM of two layers": case("LSTM", 2, False, 2, 3, 5, 4),
        "an nn.LSTM in both directions": case("LSTM", 1, True, 4, 2, 5, 6),
        "an nn.RNN of two layers in both directions": case("RNN", 2, True, 2, 5, 4, 6),
        "a batch of one": case("RNN", 1, True, 3, 2, 1, 5),
        "one time step": case("GRU", 1, False, 3, 4, 2, 1),
    }


_PACK = "packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
_RUN = "    _, last = rnn(packed)\n"
_BOTH, _ONE = "torch.cat([last[-2], last[-1]], dim=1)", "return last[-1]"
_ROWS = "torch.arange(len(x))"
_APART = "    if isinstance(last, tuple):\n        last = last[0]  # an LSTM gives (a, c)\n"


def _read_off(text):
    """Edits: the answer is read off the outputs `out` (m, T, n), which `text` makes into `last`, of one layer."""
    return (
        (_RUN, f"    out, _ = rnn(packed)\n{text}"),
        (f"        return {_BOTH}", "        return last"),
        (_ONE, "return last"),
    )


_UNPACK = "    out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)\n"

encode_packed = ported(
    "encode_packed",
    probe="packed",
    textbook="packed",
    module="packed",
    lesson="10b",
    parts={"forwards": 3, "backwards": 2, "dx": 1},
    cases=_cases,
    read="section 10.14",
    mistakes=(
        Mistake(
            "the rows were sorted by length for packing and not put back in the caller's order",
            (
                (
                    _PACK,
                    "order = torch.argsort(lengths, descending=True, stable=True)\n    "
                    "packed = nn.utils.rnn.pack_padded_sequence(x[order], lengths[order], batch_first=True)",
                ),
            ),
        ),
        Mistake(
            "the rows were put back with the sorting order itself; to undo it you need its inverse, order.argsort()",
            (
                (
                    _PACK,
                    "order = torch.argsort(lengths, descending=True, stable=True)\n    "
                    "packed = nn.utils.rnn.pack_padded_sequence(x[order], lengths[order], batch_first=True)",
                ),
                (_BOTH, _BOTH + "[order]"),
                (_ONE, _ONE + "[order]"),
            ),
        ),
        Mistake(
            "with two directions only h_n[-1] is returned, the backward one; h_n[-2] is the forward one",
            ((_BOTH, "last[-1]"),),
        ),
        Mistake(
            "the two directions are in the wrong order; the forward one, h_n[-2], comes first",
            ((_BOTH, "torch.cat([last[-1], last[-2]], dim=1)"),),
        ),
        Mistake(
            "the states are those of the first layer; the top layer's come last in h_n",
            ((_BOTH, "torch.cat([last[0], last[1]], dim=1)"), (_ONE, "return last[0]")),
        ),
        Mistake(
            "with two directions and several layers h_n[0] and h_n[1] belong to the first layer; take [-2] and [-1]",
            ((_BOTH, "torch.cat([last[0], last[1]], dim=1)"),),
        ),
        Mistake(
            "the memory c of the LSTM is returned; its state a comes first in the pair",
            (("last = last[0]", "last = last[1]"),),
        ),
        Mistake(
            "the padding was read as if it were part of the sequences; x was not packed",
            ((_PACK, "packed = x"),),
        ),
        Mistake(
            "x was not packed, and the output at the last padded step was taken",
            ((_PACK, "packed = x"), *_read_off("    last = out[:, -1]\n")),
        ),
        Mistake(
            "the output at the last valid step holds a backward direction that has read one step only; take h_n",
            _read_off(f"{_UNPACK}    last = out[{_ROWS}, lengths - 1]\n"),
        ),
        Mistake(
            "the mean over the valid steps is returned; asked for is the state after the last of them",
            _read_off(f"{_UNPACK}    last = out.sum(dim=1) / lengths[:, None]\n"),
        ),
        Mistake(
            "the lengths are one too small; a length of 3 means three valid steps",
            ((_PACK, _PACK.replace("x, lengths,", "x, (lengths - 1).clamp(min=1),")),),
        ),
        Mistake(
            "packing wants the longest sequence first unless it is told enforce_sorted=False",
            ((_PACK, _PACK.replace(", enforce_sorted=False", "")),),
        ),
        Mistake(
            "batch_first=True is missing in pack_padded_sequence; without it x is taken for (T, m, n_x)",
            ((_PACK, _PACK.replace(", batch_first=True", "")),),
        ),
        Mistake(
            "the LSTM's pair was not taken apart; it returns (h_n, c_n), and h_n comes first",
            ((_APART, ""),),
        ),
        Mistake(
            "after unpacking, out[:, -1] is 0 wherever a sequence is shorter; take h_n, which no padding touches",
            _read_off(f"{_UNPACK}    last = out[:, -1]\n"),
        ),
        Mistake(
            "x was not packed, so the backward direction, read at lengths - 1, began with the padding",
            ((_PACK, "packed = x"), *_read_off(f"    last = out[{_ROWS}, lengths - 1]\n")),
        ),
        Mistake(
            "x was not packed, so the backward direction, read at step 0, has seen the padding first",
            (
                (_PACK, "packed = x"),
                *_read_off(
                    "    n = rnn.hidden_size\n"
                    f"    last = torch.cat([out[{_ROWS}, lengths - 1, :n], out[:, 0, n:]], dim=1)\n"
                ),
            ),
        ),
    ),
    hints=(
        "Three steps: pack, run the layer on what was packed, read the answer off the second thing that it returns.",
        "h_n is (layers · directions, m, n), the top layer last, in each layer the forward direction first. An LSTM "
        "returns the pair (h_n, c_n).",
        "packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False); _, last = "
        "rnn(packed); for an LSTM last = last[0]; torch.cat([last[-2], last[-1]], dim=1) if rnn.bidirectional, else "
        "last[-1].",
    ),
)

EXERCISES = (encode_packed,)
QUIZZES = (
    Quiz(
        "what-packing-saves",
        {
            "a": (False, "The weights are the same, and as many of them. What is saved are steps."),
            "b": (True, "Eight valid steps out of twelve are computed: the padding is never touched."),
            "c": (
                False,
                "Short sequences would have to wait for the long ones then. They drop out of the batch instead.",
            ),
        },
    ),
)
