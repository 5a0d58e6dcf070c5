"""Lesson 09: the full gradient in little memory."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _cases(rng):
    return draw.cut_sequences(rng, "segment")


_AGAIN = "rnn_forward(x[:, :, steps], before[start], P)"
_ENTER = "da[:, :, -1] = da[:, :, -1] + from_later"
_BACKWARDS = "reversed(list(before))"

checkpointed_bptt = Exercise(
    name="checkpointed_bptt",
    lesson="09a",
    reference=reference.checkpointed_bptt,
    textbook=textbook.checkpointed_bptt,
    parts={"G": 7, "loss": 1},
    cases=_cases,
    uses=("rnn_forward", "output_layer_backward", "rnn_backward"),
    read="section 9.6",
    mistakes=(
        Mistake(
            "the gradient stops at the segments; what comes out of one enters at the last step of the one before",
            ((f"        {_ENTER}\n", ""),),
        ),
        Mistake(
            "the gradient of the later segment enters at the first step; it enters at the last step of the segment",
            ((_ENTER, _ENTER.replace("-1", "0")),),
        ),
        Mistake(
            "the gradient of the later segment enters at every step; it enters at the last step of the segment",
            ((_ENTER, "da = da + from_later[:, :, None]"),),
        ),
        Mistake(
            "the last step's own gradient is replaced; add what comes from the later segment to it",
            ((_ENTER, "da[:, :, -1] = from_later if start + segment < T else da[:, :, -1]"),),
        ),
        Mistake(
            "what is handed back is da of the first step; hand back what comes out of it, da0",
            (('from_later = back["da0"]', "from_later = da[:, :, 0]"),),
        ),
        Mistake(
            "the second walk goes forwards; gradients flow from the last segment to the first",
            ((_BACKWARDS, "list(before)"),),
        ),
        Mistake(
            "every segment is computed again from a0; start from the state that was kept for it",
            ((_AGAIN, "rnn_forward(x[:, :, steps], a0, P)"),),
        ),
        Mistake(
            "the state that is kept is the first of a segment; keep the last one for the next segment",
            (("a[:, :, -1].copy()", "a[:, :, 0].copy()"),),
        ),
        Mistake(
            "the last segment is dropped because it is shorter; it counts as well",
            ((_BACKWARDS, "[start for start in reversed(list(before)) if start + segment <= T]"),),
        ),
        Mistake(
            "the first segment is left out on the way back",
            ((_BACKWARDS, "reversed(list(before)[1:])"),),
        ),
        Mistake(
            "the gradients of Wax, Waa and ba are overwritten by each segment; add them up",
            (("G[name] = G[name] + back[name]", "G[name] = back[name]"),),
        ),
        Mistake(
            "the gradient of Wya is overwritten by each segment; add them up",
            (('G["dWya"] = G["dWya"] + dWya', 'G["dWya"] = dWya'),),
        ),
        Mistake(
            "the gradient of by is overwritten by each segment; add them up",
            (('G["dby"] = G["dby"] + dby', 'G["dby"] = dby'),),
        ),
        Mistake(
            "the loss is that of one segment alone; add up all segments",
            (("loss = loss + segment_loss", "loss = segment_loss"),),
        ),
        Mistake("the mask is ignored", (("None if mask is None else mask[:, steps]", "None"),)),
        Mistake(
            "all gradients are overwritten by each segment; add them up",
            (
                ("G[name] = G[name] + back[name]", "G[name] = back[name]"),
                ('G["dWya"] = G["dWya"] + dWya', 'G["dWya"] = dWya'),
                ('G["dby"] = G["dby"] + dby', 'G["dby"] = dby'),
            ),
        ),
        Mistake(
            "a segment is computed again from the state after it; start from the state before it",
            ((_AGAIN, _AGAIN.replace("before[start]", f"{_AGAIN}[0][:, :, -1]")),),
        ),
        Mistake(
            "the loss is divided by the number of steps; it is a sum",
            (("return G, loss", "return G, loss / T"),),
        ),
        Mistake(
            "the last step's own gradient is overwritten in every segment, in the last one by zeros; add to it",
            ((_ENTER, "da[:, :, -1] = from_later"),),
        ),
        Mistake(
            "the loss is a mean over examples and steps; it is a sum",
            (("return G, loss", "return G, loss / targets.size"),),
        ),
        Mistake(
            "on the way forwards every segment starts from a0; each starts from the state that the one before left",
            (
                (
                    "rnn_forward(x[:, :, start : start + segment], before[start], P)",
                    "rnn_forward(x[:, :, start : start + segment], a0, P)",
                ),
            ),
        ),
    ),
    hints=(
        "Two walks. Forwards: keep the state before each segment, a0 for the first. Backwards: compute the states of "
        "one segment again, then go back through them.",
        "rnn_backward hands out da0, the gradient of the state before the segment. It belongs to the last state of the "
        "segment before.",
        "for start in reversed(starts): a, y_pred, caches = rnn_forward(x[:, :, start : start + segment], "
        'before[start], P); ... da[:, :, -1] += from_later; back = rnn_backward(da, caches); from_later = back["da0"].',
    ),
)

EXERCISES = (checkpointed_bptt,)
QUIZZES = (
    Quiz(
        "best-segment",
        {
            "a": (False, "The best segment has 50 steps; the 50 checkpoints have to be kept as well."),
            "b": (True, "Segments of 50 steps: 50 checkpoints and 50 states of the segment at work."),
            "c": (False, "That is half of all; with two segments there would be 2 + 1,250."),
        },
    ),
    Quiz(
        "view-keeps-all",
        {
            "a": (False, "It frees an array as soon as nothing refers to it; find out what still does."),
            "b": (False, "They have √T steps, which is best, and the expected memory was measured with the same ones."),
            "c": (True, "A view refers to the array it was cut from, so none of the segments can be freed."),
        },
    ),
)
