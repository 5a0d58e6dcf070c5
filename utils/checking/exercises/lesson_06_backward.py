"""Lesson 06: the gated recurrent unit backwards, one step and the whole sequence."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw
from .lesson_06 import cell_cases, sequence_cases

_KEEPDIMS = tuple((f"np.sum(dz{g}, axis=1, keepdims=True)", f"np.sum(dz{g}, axis=1)") for g in "urc")
_MEANS = tuple((f"np.sum(dz{g}", f"np.mean(dz{g}") for g in "urc")
_SLOPE_U, _SLOPE_R = "dgate_u * gate_u * (1 - gate_u)", "dgate_r * gate_r * (1 - gate_r)"
_SUM = "kept + through_reset + dstacked[:n_c]"


def _cell_cases(rng):
    """A step forwards by the textbook, then a gradient that arrives at its new memory."""

    def back(inputs):
        c_next, _, cache = textbook.gru_cell_forward(**inputs)
        return {"dc_next": draw.numbers(rng, *c_next.shape), "cache": cache}

    return {category: back(inputs) for category, inputs in cell_cases(rng).items()}


gru_cell_backward = Exercise(
    name="gru_cell_backward",
    lesson="06",
    reference=reference.gru_cell_backward,
    textbook=textbook.gru_cell_backward,
    # the nearest to dc_next first, so that a fault is told where it begins
    parts={"dbu": 1, "dbc": 1, "dbr": 1, "dWu": 1, "dWc": 1, "dWr": 1, "dc_prev": 3, "dxt": 2},
    cases=_cell_cases,
    read="section 6.5",
    mistakes=(
        Mistake(
            "the slope of σ is missing in the update gate: dzu = dΓu * Γu * (1 - Γu)", ((_SLOPE_U, "dgate_u * 1.0"),)
        ),
        Mistake(
            "the slope of σ is missing in the relevance gate: dzr = dΓr * Γr * (1 - Γr)",
            ((_SLOPE_R, "dgate_r * 1.0"),),
        ),
        Mistake(
            "σ is applied once more: the gates are already σ(z), so their slope is Γ * (1 - Γ)",
            (
                (_SLOPE_U, "dgate_u * np.exp(-gate_u) / (1 + np.exp(-gate_u)) ** 2"),
                (_SLOPE_R, "dgate_r * np.exp(-gate_r) / (1 + np.exp(-gate_r)) ** 2"),
            ),
        ),
        Mistake(
            "the gates have the slope of tanh, 1 - Γ²; a gate is σ, so its slope is Γ * (1 - Γ)",
            ((_SLOPE_U, "dgate_u * (1 - gate_u**2)"), (_SLOPE_R, "dgate_r * (1 - gate_r**2)")),
        ),
        Mistake(
            "the slope of tanh is missing in the candidate: dzc = dc̃ * (1 - c̃²)", ((" * (1 - c_tilde**2)", " * 1.0"),)
        ),
        Mistake(
            "dΓu forgets that the gate also pushes the old memory out: dΓu = dc_next * (c̃ - c_prev)",
            (("(c_tilde - c_prev)", "c_tilde"),),
        ),
        Mistake(
            "the update gate is turned round: it takes the new value, so dΓu = dc_next * (c̃ - c_prev)",
            (("(c_tilde - c_prev)", "(c_prev - c_tilde)"),),
        ),
        Mistake(
            "the shares are swapped: the candidate receives Γu of dc_next, the old memory 1 - Γu",
            (("= dc_next * gate_u", "= dc_next * (1.0 - gate_u)"), ("= dc_next * (1 - gate_u)", "= dc_next * gate_u")),
        ),
        Mistake(
            "dc_prev lacks the direct path through (1 - Γu) * c_prev, the one that lets gradients live long",
            ((_SUM, "through_reset + dstacked[:n_c]"),),
        ),
        Mistake(
            "dc_prev lacks the path through the candidate, which looks at Γr * c_prev",
            ((_SUM, "kept + dstacked[:n_c]"),),
        ),
        Mistake(
            "dc_prev lacks the path through the two gates, which look at c_prev as well",
            ((_SUM, "kept + through_reset"),),
        ),
        Mistake(
            "Γr is missing on the way back from Γr * c_prev to c_prev",
            (("through_reset = dseen[:n_c] * gate_r", "through_reset = dseen[:n_c]"),),
        ),
        Mistake(
            "the relevance gate sends nothing back to c_prev and xt: add Wr.T @ dzr",
            ((' + P["Wr"].T @ dzr', ""),),
        ),
        Mistake(
            "dΓr lacks the factor c_prev: the gate stands in the product Γr * c_prev",
            (("dgate_r = dseen[:n_c] * c_prev", "dgate_r = dseen[:n_c]"),),
        ),
        Mistake("dWc is made with [c_prev; xt]; Wc acted on [Γr * c_prev; xt]", (("dzc @ seen.T", "dzc @ stacked.T"),)),
        Mistake(
            "the halves are taken for [xt; c_prev]: the upper n_c rows belong to c_prev, the rest to xt",
            (
                ("dgate_r = dseen[:n_c]", "dgate_r = dseen[len(xt) :]"),
                ("through_reset = dseen[:n_c]", "through_reset = dseen[len(xt) :]"),
                ("through_reset + dstacked[:n_c]", "through_reset + dstacked[len(xt) :]"),
                ("dseen[n_c:] + dstacked[n_c:]", "dseen[: len(xt)] + dstacked[: len(xt)]"),
            ),
        ),
        Mistake("dxt lacks what comes back through the gates", (("dseen[n_c:] + dstacked[n_c:]", "dseen[n_c:]"),)),
        Mistake("the biases' gradients lost an axis; keepdims=True keeps it: (n_c, 1)", _KEEPDIMS),
        Mistake(
            "the weights' gradients are divided by m; the loss is a sum over the examples",
            (("**weights}", "**{name: value / xt.shape[1] for name, value in weights.items()}}"),),
        ),
        Mistake("the biases' gradients are means over the examples; they are sums", _MEANS),
        Mistake(
            "tanh is applied once more in dzc: c̃ is already tanh(z), so its slope is 1 - c̃²",
            (("1 - c_tilde**2", "1 - np.tanh(c_tilde) ** 2"),),
        ),
        Mistake(
            "Wu and Wr are swapped on the way back: it is Wu.T @ dzu + Wr.T @ dzr",
            (('P["Wu"].T @ dzu + P["Wr"].T @ dzr', 'P["Wr"].T @ dzu + P["Wu"].T @ dzr'),),
        ),
        Mistake(
            "dΓr is multiplied by Γu once more; dzc holds that factor already",
            (("dgate_r = dseen[:n_c] * c_prev", "dgate_r = dseen[:n_c] * c_prev * gate_u"),),
        ),
        Mistake(
            "dWr is made with [Γr * c_prev; xt]; the gate acted on [c_prev; xt]", (("dzr @ stacked.T", "dzr @ seen.T"),)
        ),
    ),
    hints=(
        "Draw the step as a picture and walk every arrow backwards, from c_next to the candidate, to both gates and "
        "to the old memory. Where two arrows leave a value, two gradients come back and are added.",
        "Find three arrays first, the gradients inside the brackets: dzu, dzc, dzr. The last one needs the upper n_c "
        "rows of Wc.T @ dzc. Every weight and bias then follows as in the plain RNN.",
        "dzu = dc_next * (c_tilde - c_prev) * gate_u * (1 - gate_u); dzc = dc_next * gate_u * (1 - c_tilde**2); "
        "dseen = Wc.T @ dzc; dzr = dseen[:n_c] * c_prev * gate_r * (1 - gate_r); dstacked = Wu.T @ dzu + Wr.T @ dzr; "
        "dc_prev = dc_next * (1 - gate_u) + dseen[:n_c] * gate_r + dstacked[:n_c].",
    ),
)


def _sequence_cases(rng):
    def back(inputs):
        c, _, caches = textbook.gru_forward(**inputs)
        return {"dc": draw.numbers(rng, *c.shape), "caches": caches}

    return {category: back(inputs) for category, inputs in sequence_cases(rng).items()}


_STEP = "gru_cell_backward(dc[:, :, t] + dc_from_later, cells[t])"
_ADD = "total[name] + step[name]"

gru_backward = Exercise(
    name="gru_backward",
    lesson="06",
    reference=reference.gru_backward,
    textbook=textbook.gru_backward,
    parts={"dx": 2, "dc0": 2, "dWu": 1, "dbu": 1, "dWr": 1, "dbr": 1, "dWc": 1, "dbc": 1},
    cases=_sequence_cases,
    uses=("gru_cell_backward",),
    read="section 6.6",
    mistakes=(
        Mistake(
            "what comes back from step t + 1 is dropped; add it to dc[:, :, t]",
            ((_STEP, "gru_cell_backward(dc[:, :, t], cells[t])"),),
        ),
        Mistake(
            "only the last step's own gradient enters; every step adds its dc[:, :, t]",
            ((_STEP, "gru_cell_backward((dc[:, :, t] if t == T - 1 else 0) + dc_from_later, cells[t])"),),
        ),
        Mistake(
            "what comes back is added up over the steps; hand on the dc_prev of this step alone",
            (('dc_from_later = step["dc_prev"]', 'dc_from_later = dc_from_later + step["dc_prev"]'),),
        ),
        Mistake(
            "the weights' gradients are overwritten at each step; the steps share the weights, so they add up",
            ((_ADD, 'total[name] * (name[1] == "b") + step[name]'),),
        ),
        Mistake(
            "the biases' gradients are overwritten at each step; the steps share the biases, so they add up",
            ((_ADD, 'total[name] * (name[1] == "W") + step[name]'),),
        ),
        Mistake(
            "the loop runs forwards; gradients flow from the last step to the first",
            (("in reversed(range(T))", "in range(T)"),),
        ),
        Mistake("step t uses the cache of step t + 1", (("cells[t])", "cells[min(t + 1, T - 1)])"),)),
        Mistake("the last step is skipped", (("reversed(range(T))", "reversed(range(T - 1))"),)),
        Mistake("the first step is skipped", (("reversed(range(T))", "reversed(range(1, T))"),)),
        Mistake(
            "dc0 holds dc[:, :, 0]; it should hold what comes back out of the first step, its dc_prev",
            (('"dc0": dc_from_later', '"dc0": dc[:, :, 0] + 0 * dc_from_later'),),
        ),
        Mistake(
            "the weights' gradients are divided by T; the loss is a sum over the steps",
            (("**total}", "**{name: value / T for name, value in total.items()}}"),),
        ),
        Mistake(
            "dx is stored in reversed order of time; the gradient of step t belongs in dx[:, :, t]",
            (('"dx": dx', '"dx": dx[:, :, ::-1]'),),
        ),
        Mistake(
            "the gradients of weights and biases are overwritten at each step; the steps share them, so they add up",
            (("total[name] = " + _ADD, "total[name] = step[name]"),),
        ),
        Mistake(
            "dc0 is zero; it should hold what comes back out of the first step, its dc_prev",
            (('"dc0": dc_from_later', '"dc0": np.zeros((n_c, m))'),),
        ),
    ),
    hints=(
        "The loop is that of rnn_backward: from the last step to the first, with one variable for what comes back.",
        "At step t the cell's backward gets dc[:, :, t] plus what came back. Six gradients are added up over the "
        "steps; a dict and a small inner loop save you six lines.",
        "for t in reversed(range(T)): step = gru_cell_backward(dc[:, :, t] + later, cells[t]); later = "
        "step['dc_prev']; dx[:, :, t] = step['dxt']; add up the six others. dc0 is the last `later`.",
    ),
)

EXERCISES = (gru_cell_backward, gru_backward)
QUIZZES = (
    Quiz(
        "shut-completely",
        {
            "a": (False, "The gate shuts out the new. The old memory is copied, and the gradient comes back with it."),
            "b": (True, "1 - Γu is 1, and the other three ways carry nothing: each has a factor Γu."),
            "c": (False, "The candidate gets the share Γu of the gradient, and that is 0."),
        },
    ),
    Quiz(
        "frozen-gates",
        {
            "a": (True, "It holds the bit by pushing it on, with gates that stand still."),
            "b": (
                False,
                "What a trained network needs is one thing, how it could learn another: from a bias of 0 none did.",
            ),
            "c": (False, "The prediction is made from the memory, and from nothing else."),
        },
    ),
    Quiz(
        "short-works",
        {
            "a": (False, "Gates near 0.12 copy most of the memory, in short sentences as well."),
            "b": (False, "The forward pass is right. Only the way back has been changed."),
            "c": (True, "Each of them shrinks at every step; over a few steps enough is left, over thirty it is not."),
        },
    ),
)
