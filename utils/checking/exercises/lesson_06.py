"""Lesson 06: one step of the gated recurrent unit."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _cell_cases(rng):
    def case(n_x, n_c, n_y, m):
        P = {f"W{gate}": draw.numbers(rng, n_c, n_c + n_x) for gate in "urc"}
        P |= {f"b{gate}": draw.numbers(rng, n_c, 1) for gate in "urc"}
        P |= {"Wy": draw.numbers(rng, n_y, n_c), "by": draw.numbers(rng, n_y, 1)}
        return {"xt": draw.numbers(rng, n_x, m), "c_prev": draw.numbers(rng, n_c, m), "P": P}

    return {
        "several examples": case(*draw.sizes(rng, 4)),
        "other sizes": case(*draw.sizes(rng, 4)),
        "a batch of one": case(*draw.sizes(rng, 3), 1),
        "a single input": case(1, *draw.sizes(rng, 3)),
    }


_BLEND = "gate_u * c_tilde + (1 - gate_u) * c_prev"
_CANDIDATE = 'np.tanh(P["Wc"] @ np.concatenate([looked_at, xt], axis=0) + P["bc"])'

gru_cell_forward = Exercise(
    name="gru_cell_forward",
    lesson="06",
    reference=reference.gru_cell_forward,
    textbook=textbook.gru_cell_forward,
    parts={"c_next": 4, "yt_pred": 2, "cache": 0},
    cases=_cell_cases,
    uses=("sigmoid", "softmax"),
    read="section 6.3",
    mistakes=(
        Mistake(
            "the update gate is turned round: Γu = 1 takes the new value, Γu = 0 keeps the old one",
            ((_BLEND, "gate_u * c_prev + (1 - gate_u) * c_tilde"),),
        ),
        Mistake(
            "the update gate uses tanh; a gate lies between 0 and 1, so it uses σ",
            (('sigmoid(P["Wu"] @ stacked + P["bu"])', 'np.tanh(P["Wu"] @ stacked + P["bu"])'),),
        ),
        Mistake(
            "the relevance gate uses tanh; a gate lies between 0 and 1, so it uses σ",
            (('sigmoid(P["Wr"] @ stacked + P["br"])', 'np.tanh(P["Wr"] @ stacked + P["br"])'),),
        ),
        Mistake(
            "the relevance gate is not used: the candidate must look at Γr * c_prev",
            (("looked_at = gate_r * c_prev", "looked_at = c_prev"),),
        ),
        Mistake(
            "the relevance gate acts after the product; here it acts on c_prev before it",
            (
                (
                    _CANDIDATE,
                    'np.tanh(gate_r * (P["Wc"][:, : len(c_prev)] @ c_prev) + P["Wc"][:, len(c_prev) :] @ xt + P["bc"])',
                ),
            ),
        ),
        Mistake("the relevance gate has the update gate's bias", (('@ stacked + P["br"]', '@ stacked + P["bu"]'),)),
        Mistake(
            "the two gates are swapped",
            (
                ('P["Wu"] @ stacked + P["bu"]', 'P["Wr"] @ stacked + P["br"] + 0'),
                ('gate_r = sigmoid(P["Wr"] @ stacked + P["br"])', 'gate_r = sigmoid(P["Wu"] @ stacked + P["bu"])'),
            ),
        ),
        Mistake("the candidate has no tanh", ((_CANDIDATE, _CANDIDATE.removeprefix("np.tanh")),)),
        Mistake(
            "the candidate uses σ; it may be negative, so it uses tanh",
            ((_CANDIDATE, "sigmoid" + _CANDIDATE.removeprefix("np.tanh")),),
        ),
        Mistake(
            "the input is stacked above the memory; the weights want [c_prev; xt]", (("[c_prev, xt]", "[xt, c_prev]"),)
        ),
        Mistake("the candidate's bias bc is missing", ((' + P["bc"]', ""),)),
        Mistake("the old memory is dropped: the term (1 - Γu) * c_prev is missing", ((_BLEND, "gate_u * c_tilde"),)),
        Mistake(
            "the prediction is made from c_prev; it belongs to the new memory",
            (('P["Wy"] @ c_next', 'P["Wy"] @ c_prev'),),
        ),
        Mistake(
            "the cache has the two gates in the wrong order", (("c_prev, gate_u, gate_r,", "c_prev, gate_r, gate_u,"),)
        ),
    ),
    hints=(
        "Five equations, five lines. Both gates look at the same stacked column [c_prev; xt].",
        "The candidate looks at [Γr * c_prev; xt]: the relevance gate is applied before the product.",
        "c_next = gate_u * c_tilde + (1 - gate_u) * c_prev; the prediction is softmax(Wy @ c_next + by).",
    ),
)

EXERCISES = (gru_cell_forward,)
QUIZZES = ()
