"""Lesson 06: the gated recurrent unit forwards, one step and the whole sequence."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def parameters(rng, n_x, n_c, n_y, gates="urc"):
    """GRU parameters with biases that are not zero. Each gate has its own."""
    P = {f"W{gate}": draw.numbers(rng, n_c, n_c + n_x) for gate in gates}
    P |= {f"b{gate}": draw.numbers(rng, n_c, 1) for gate in gates}
    return P | {"Wy": draw.numbers(rng, n_y, n_c), "by": draw.numbers(rng, n_y, 1)}


def cell_cases(rng, parameters=parameters):
    """Inputs of one step, the parameters drawn by `parameters`."""

    def case(n_x, n_c, n_y, m):
        P = parameters(rng, n_x, n_c, n_y)
        return {"xt": draw.numbers(rng, n_x, m), "c_prev": draw.numbers(rng, n_c, m), "P": P}

    return {
        "several examples": case(*draw.sizes(rng, 4)),
        "other sizes": case(*draw.sizes(rng, 4)),
        "a batch of one": case(*draw.sizes(rng, 3), 1),
        "a single input": case(1, *draw.sizes(rng, 3)),
    }


def sequence_cases(rng):
    """Inputs of a whole sequence."""

    def case(n_x, n_c, n_y, m, T):
        P = parameters(rng, n_x, n_c, n_y)
        return {"x": draw.numbers(rng, n_x, m, T), "c0": 0.8 * draw.numbers(rng, n_c, m), "P": P}

    return draw.sequences(rng, case)


_BLEND = "gate_u * c_tilde + (1 - gate_u) * c_prev"
_GATE = 'sigmoid(P["Wu"] @ stacked + P["bu"])'
_CANDIDATE = 'np.tanh(P["Wc"] @ np.concatenate([looked_at, xt], axis=0) + P["bc"])'

gru_cell_forward_simple = Exercise(
    name="gru_cell_forward_simple",
    lesson="06",
    reference=reference.gru_cell_forward_simple,
    textbook=textbook.gru_cell_forward_simple,
    parts={"c_next": 3, "yt_pred": 1, "cache": 0},
    cases=lambda rng: cell_cases(rng, lambda *args: parameters(*args, gates="uc")),
    uses=("softmax",),
    read="section 6.2",
    mistakes=(
        Mistake(
            "the gate is turned round: Γu = 1 takes the new value, Γu = 0 keeps the old one",
            ((_BLEND, "gate_u * c_prev + (1 - gate_u) * c_tilde"),),
        ),
        Mistake(
            "the gate uses tanh; it lies between 0 and 1, so it uses σ",
            ((_GATE, _GATE.replace("sigmoid", "np.tanh")),),
        ),
        Mistake("the gate has the candidate's bias; its own is bu", (('@ stacked + P["bu"]', '@ stacked + P["bc"]'),)),
        Mistake(
            "the candidate uses σ; it may be negative, so it uses tanh",
            (('np.tanh(P["Wc"]', 'sigmoid(P["Wc"]'),),
        ),
        Mistake("the candidate has no tanh", (('np.tanh(P["Wc"]', '(P["Wc"]'),)),
        Mistake("the candidate's bias bc is missing", ((' + P["bc"]', ""),)),
        Mistake(
            "the input is stacked above the memory; the weights want [c_prev; xt]", (("[c_prev, xt]", "[xt, c_prev]"),)
        ),
        Mistake("the old memory is dropped: the term (1 - Γu) * c_prev is missing", ((_BLEND, "gate_u * c_tilde"),)),
        Mistake(
            "the old memory is kept whole; what the gate lets in must push as much of it out: (1 - Γu) * c_prev",
            ((_BLEND, "gate_u * c_tilde + c_prev"),),
        ),
        Mistake(
            "the prediction is made from the candidate; it belongs to the new memory",
            (('P["Wy"] @ c_next', 'P["Wy"] @ c_tilde'),),
        ),
        Mistake("the prediction has no softmax", (("softmax(P", "(P"),)),
        Mistake("the cache lacks the candidate c_tilde", (("gate_u, c_tilde, xt, P", "gate_u, xt, P"),)),
        Mistake("the gate's bias bu is missing", ((' + P["bu"]', ""),)),
        Mistake(
            "the prediction is made from c_prev; it belongs to the new memory",
            (('P["Wy"] @ c_next', 'P["Wy"] @ c_prev'),),
        ),
        Mistake(
            "the candidate looks at Γu * c_prev; in the simplest GRU it looks at c_prev itself",
            (('P["Wc"] @ stacked', 'P["Wc"] @ np.concatenate([gate_u * c_prev, xt], axis=0)'),),
        ),
        Mistake(
            "the cache has gate and candidate in the wrong order; it is gate_u, c_tilde",
            (("gate_u, c_tilde, xt, P", "c_tilde, gate_u, xt, P"),),
        ),
        Mistake(
            "the cache has the old memory before the new one; it begins with c_next, c_prev",
            (("(c_next, c_prev, gate_u", "(c_prev, c_next, gate_u"),),
        ),
    ),
    hints=(
        "The gate and the candidate look at the same column, the old memory stacked on the input. They differ in "
        "their weights and in the last function: σ for the gate, tanh for the candidate.",
        "The gate is a share between 0 and 1, unit by unit: that much of the candidate goes in, the rest stays old.",
        "gate_u = sigmoid(Wu @ stacked + bu), c_tilde = np.tanh(Wc @ stacked + bc), c_next = gate_u * c_tilde + "
        "(1 - gate_u) * c_prev, yt_pred = softmax(Wy @ c_next + by).",
    ),
)

gru_cell_forward = Exercise(
    name="gru_cell_forward",
    lesson="06",
    reference=reference.gru_cell_forward,
    textbook=textbook.gru_cell_forward,
    parts={"c_next": 4, "yt_pred": 2, "cache": 0},
    cases=cell_cases,
    uses=("softmax",),
    read="section 6.3",
    mistakes=(
        Mistake(
            "the update gate is turned round: Γu = 1 takes the new value, Γu = 0 keeps the old one",
            ((_BLEND, "gate_u * c_prev + (1 - gate_u) * c_tilde"),),
        ),
        Mistake(
            "the update gate uses tanh; a gate lies between 0 and 1, so it uses σ",
            ((_GATE, _GATE.replace("sigmoid", "np.tanh")),),
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
        Mistake(
            "the relevance gate multiplies the whole product, the input's part too; it acts on c_prev alone, before it",
            ((_CANDIDATE, 'np.tanh(gate_r * (P["Wc"] @ stacked) + P["bc"])'),),
        ),
        Mistake(
            "the relevance gate multiplies all that stands inside tanh; it acts on c_prev alone, before the product",
            ((_CANDIDATE, 'np.tanh(gate_r * (P["Wc"] @ stacked + P["bc"]))'),),
        ),
        Mistake(
            "the relevance gate stands in the kept share as well; what is kept is (1 - Γu) * c_prev",
            ((_BLEND, "gate_u * c_tilde + (1 - gate_u) * looked_at"),),
        ),
        Mistake(
            "the relevance gate is turned round: the candidate sees Γr * c_prev, not (1 - Γr) * c_prev",
            (("looked_at = gate_r * c_prev", "looked_at = (1 - gate_r) * c_prev"),),
        ),
        Mistake(
            "the relevance gate is computed with Wu and bu; its own are Wr and br",
            (('gate_r = sigmoid(P["Wr"] @ stacked + P["br"])', 'gate_r = sigmoid(P["Wu"] @ stacked + P["bu"])'),),
        ),
    ),
    hints=(
        "Five equations, five lines. Both gates look at the same stacked column [c_prev; xt].",
        "The candidate looks at [Γr * c_prev; xt]: the relevance gate is applied before the product.",
        "c_next = gate_u * c_tilde + (1 - gate_u) * c_prev; the prediction is softmax(Wy @ c_next + by).",
    ),
)

_CELL = "gru_cell_forward(x[:, :, t], c_next, P)"

gru_forward = Exercise(
    name="gru_forward",
    lesson="06",
    reference=reference.gru_forward,
    textbook=textbook.gru_forward,
    parts={"c": 3, "y_pred": 2, "caches": 0},
    cases=sequence_cases,
    uses=("gru_cell_forward",),
    read="section 6.4",
    mistakes=(
        Mistake("c0 is ignored: the first step starts from zeros", (("c_next = c0", "c_next = np.zeros((n_c, m))"),)),
        Mistake(
            "every step starts from c0; the new memory must be handed to the next step",
            ((_CELL, "gru_cell_forward(x[:, :, t], c0, P)"),),
        ),
        Mistake(
            "x[:, t] picks an example; time is the last axis: x[:, :, t]",
            ((_CELL, "gru_cell_forward(x[:, t], c_next, P)"),),
        ),
        Mistake(
            "every step reads the first input; step t reads x[:, :, t]",
            ((_CELL, "gru_cell_forward(x[:, :, 0], c_next, P)"),),
        ),
        Mistake(
            "at t = 0 the column c[:, :, t - 1] is the last one of c; the first step starts from c0",
            ((_CELL, "gru_cell_forward(x[:, :, t], c[:, :, t - 1], P)"),),
        ),
        Mistake(
            "the sequence is read from its end; go from the first step to the last",
            (("in range(T)", "in reversed(range(T))"),),
        ),
        Mistake("the last step is skipped", (("in range(T)", "in range(T - 1)"),)),
        Mistake(
            "c holds the memory before each step; store the one after it",
            (("c[:, :, t] = c_next", "c[:, :, t] = cache[1]"),),
        ),
        Mistake(
            "c holds the candidates; store the new memory, which blends candidate and old",
            (("c[:, :, t] = c_next", "c[:, :, t] = cache[4]"),),
        ),
        Mistake(
            "only the last cell cache is kept; append each of them to a list",
            (("cells.append(cache)", "cells = [cache]"),),
        ),
        Mistake("caches is the bare list; it should be the pair (list, x)", (("(cells, x)", "cells"),)),
        Mistake(
            "x is read from its last step on; the first step reads x[:, :, 0]",
            (("forward(x[:, :, t]", "forward(x[:, :, T - 1 - t]"),),
        ),
        Mistake(
            "caches has its two parts in the wrong order; it is the pair (list, x)", (("(cells, x)", "(x, cells)"),)
        ),
        Mistake("the loop counts the m examples; it goes over the T steps", (("in range(T)", "in range(m)"),)),
    ),
    hints=(
        "This is the loop of rnn_forward with another cell and another letter for what is handed on.",
        "One variable holds the memory. It begins as c0 and is replaced by what the cell returns at each step.",
        "for t in range(T): c_next, yt_pred, cache = gru_cell_forward(x[:, :, t], c_next, P); store c[:, :, t] and "
        "y_pred[:, :, t], append the cache; return c, y_pred, (cells, x).",
    ),
)

EXERCISES = (gru_cell_forward_simple, gru_cell_forward, gru_forward)
QUIZZES = (
    Quiz(
        "hold-or-find-out",
        {
            "a": (False, "The network trained on near sentences held it over 40 words. Holding was not the trouble."),
            "b": (True, "Holding a bit over 40 words it could. What failed was learning which bit, from far away."),
            "c": (False, "From near sentences it learned that within an epoch or two."),
        },
    ),
    Quiz(
        "one-small-bias",
        {
            "a": (False, "A mean hides the one that is wrong. That is why the check looks at each parameter alone."),
            "b": (False, "Rounding gives errors near 1e-9 here, for biases too. 0.3 is a mistake in the formula."),
            "c": (True, "Right gradients agree to many digits, small parameters included."),
        },
    ),
    Quiz(
        "half-open",
        {
            "a": (True, "Half of it is copied at each step, and 0.5 · 0.5 · 0.5 = 1/8."),
            "b": (False, "Half is what one step leaves. The second step halves that again."),
            "c": (False, "The candidate is 0, but only half of it is taken; half of the old memory is copied."),
        },
    ),
)
