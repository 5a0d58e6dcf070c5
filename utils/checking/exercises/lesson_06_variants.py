"""Lesson 06: the other GRU, with the reset gate after the product."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw
from .lesson_06 import cell_cases, parameters


def parameters_reset_after(rng, n_x, n_c, n_y):
    """GRU parameters for the variant that resets after the product; biases are not zero."""
    P = parameters(rng, n_x, n_c, n_y, gates="ur")
    P |= {"Wcc": draw.numbers(rng, n_c, n_c), "bcc": draw.numbers(rng, n_c, 1)}
    return P | {"Wcx": draw.numbers(rng, n_c, n_x), "bcx": draw.numbers(rng, n_c, 1)}


_INSIDE = "gate_r * from_memory + from_input"
_BLEND = "gate_u * c_tilde + (1 - gate_u) * c_prev"

gru_cell_forward_reset_after = Exercise(
    name="gru_cell_forward_reset_after",
    lesson="06",
    reference=reference.gru_cell_forward_reset_after,
    textbook=textbook.gru_cell_forward_reset_after,
    parts={"c_next": 3, "yt_pred": 1, "cache": 0},
    cases=lambda rng: cell_cases(rng, parameters_reset_after),
    uses=("softmax",),
    read="section 6.7",
    mistakes=(
        Mistake(
            "the relevance gate acts before the product; in this variant it multiplies what the product gives",
            (('P["Wcc"] @ c_prev', 'P["Wcc"] @ (gate_r * c_prev)'), (_INSIDE, "from_memory + from_input")),
        ),
        Mistake(
            "the bias bcc is outside the relevance gate; in this variant Γr multiplies Wcc @ c_prev + bcc",
            ((_INSIDE, 'gate_r * (from_memory - P["bcc"]) + P["bcc"] + from_input'),),
        ),
        Mistake(
            "the relevance gate multiplies the input's part as well; it acts on the memory's part alone",
            ((_INSIDE, "gate_r * (from_memory + from_input)"),),
        ),
        Mistake(
            "the relevance gate is not used: it multiplies Wcc @ c_prev + bcc", ((_INSIDE, "from_memory + from_input"),)
        ),
        Mistake(
            "the gates are swapped: Γr belongs into the candidate, Γu into the blend",
            ((_INSIDE, "gate_u * from_memory + from_input"), (_BLEND, "gate_r * c_tilde + (1 - gate_r) * c_prev")),
        ),
        Mistake("the relevance gate has the update gate's bias", (('@ stacked + P["br"]', '@ stacked + P["bu"]'),)),
        Mistake(
            "the update gate is turned round, as PyTorch's z is; here Γu = 1 takes the new value",
            ((_BLEND, "gate_u * c_prev + (1 - gate_u) * c_tilde"),),
        ),
        Mistake("the candidate has no tanh", ((f"np.tanh({_INSIDE})", _INSIDE),)),
        Mistake("the bias bcc is missing", ((' + P["bcc"]', ""),)),
        Mistake("the bias bcx is missing", ((' + P["bcx"]', ""),)),
        Mistake(
            "the input is stacked above the memory; the gates' weights want [c_prev; xt]",
            (("[c_prev, xt]", "[xt, c_prev]"),),
        ),
        Mistake(
            "the prediction is made from c_prev; it belongs to the new memory",
            (('P["Wy"] @ c_next', 'P["Wy"] @ c_prev'),),
        ),
        Mistake(
            "the cache has the two gates in the wrong order", (("c_prev, gate_u, gate_r,", "c_prev, gate_r, gate_u,"),)
        ),
        Mistake(
            "bcc and bcx have changed places: bcc goes with Wcc, bcx with Wcx",
            ((' + P["bcc"]', ' + 1 * P["bcx"]'), ('xt + P["bcx"]', 'xt + P["bcc"]')),
        ),
        Mistake(
            "the bias bcx is inside the relevance gate; Γr multiplies Wcc @ c_prev + bcc alone",
            ((_INSIDE, 'gate_r * (from_memory + P["bcx"]) + from_input - P["bcx"]'),),
        ),
        Mistake(
            "the update gate stands inside the candidate; there it is Γr that multiplies Wcc @ c_prev + bcc",
            ((_INSIDE, "gate_u * from_memory + from_input"),),
        ),
    ),
    hints=(
        "Both gates, the blend and the prediction are those of gru_cell_forward. The candidate alone is different.",
        "The candidate has two sums of its own, one from the memory and one from the input, each with its bias. Γr "
        "multiplies the first of them.",
        "c_tilde = np.tanh(gate_r * (Wcc @ c_prev + bcc) + Wcx @ xt + bcx); c_next = gate_u * c_tilde + "
        "(1 - gate_u) * c_prev.",
    ),
)

EXERCISES = (gru_cell_forward_reset_after,)
QUIZZES = (
    Quiz(
        "bias-of-z",
        {
            "a": (False, "Then z is about 0.12, and z is the share that is kept: nearly all is overwritten."),
            "b": (True, "z = σ(+2) is about 0.88 and keeps; that is 1 - σ(-2)."),
            "c": (False, "With 1/2 only half is kept at each step, in either library."),
        },
    ),
)
