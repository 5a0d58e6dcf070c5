"""Lesson 07: one step back through the LSTM."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _cell_cases(rng):
    def case(n_x, n_a, n_y, m):
        P = draw.lstm_parameters(rng, n_x, n_a, n_y)
        before = 0.8 * draw.numbers(rng, n_a, m), draw.numbers(rng, n_a, m)
        cache = textbook.lstm_cell_forward(draw.numbers(rng, n_x, m), *before, P)[3]
        return {"da_next": draw.numbers(rng, n_a, m), "dc_next": draw.numbers(rng, n_a, m), "cache": cache}

    return {
        "several examples": case(*draw.sizes(rng, 4)),
        "other sizes": case(*draw.sizes(rng, 4)),
        "a batch of one": case(*draw.sizes(rng, 3), 1),
    }


def _slope(gate):
    return f"gate_{gate} * (1 - gate_{gate})"


def _again(gate):
    once_more = f"(1 / (1 + np.exp(-gate_{gate})))"
    return f"{once_more} * (1 - {once_more})"


def _unbracketed(factor, gate):
    """The equation as it is sometimes printed: the slope of σ multiplies the second term only."""
    return (f"(dc * {factor}) * {_slope(gate)}", f"dc_next * {factor} + through_a * {factor} * {_slope(gate)}")


_ALL_BACK = 'P["Wf"].T @ dzf + P["Wu"].T @ dzu + P["Wc"].T @ dzc + P["Wo"].T @ dzo'

lstm_cell_backward = Exercise(
    name="lstm_cell_backward",
    lesson="07a",
    reference=reference.lstm_cell_backward,
    textbook=textbook.lstm_cell_backward,
    parts={"dxt": 1, "da_prev": 1, "dc_prev": 2} | {f"d{kind}{gate}": 1 for gate in "fuco" for kind in "Wb"},
    cases=_cell_cases,
    read="section 7.5",
    mistakes=(
        Mistake(
            "the way through a_next is missing: dc = dc_next + da_next * Γo * (1 - tanh²(c_next))",
            (("dc_next + through_a", "dc_next"),),
        ),
        Mistake(
            "what comes from later steps is missing: dc_next is a part of dc", (("dc_next + through_a", "through_a"),)
        ),
        Mistake(
            "dc lacks the slope of tanh: the way through a_next has a factor 1 - tanh²(c_next)",
            (("gate_o * (1 - tanh_c**2)", "gate_o"),),
        ),
        Mistake(
            "dc lacks Γo: a_next is Γo * tanh(c_next), so the way through it has a factor Γo",
            (("da_next * gate_o * (1 - tanh_c**2)", "da_next * (1 - tanh_c**2)"),),
        ),
        Mistake(
            "the slope of tanh is taken as 1 - c_next²; tanh has not been applied yet, so it is 1 - tanh²(c_next)",
            (("1 - tanh_c**2", "1 - c_next**2"),),
        ),
        Mistake(
            "brackets are missing in dzf and dzu: Γ(1 - Γ) must multiply the whole of dc, not its second term only",
            (_unbracketed("c_prev", "f"), _unbracketed("c_tilde", "u")),
        ),
        Mistake(
            "brackets are missing in dzc: 1 - c̃² must multiply the whole of dc, not its second term only",
            (("(dc * gate_u) * (1 - c_tilde**2)", "dc_next * gate_u + through_a * gate_u * (1 - c_tilde**2)"),),
        ),
        Mistake(
            "the slope of σ is missing in all three gates; each has a factor Γ(1 - Γ)",
            tuple((f" * {_slope(gate)}", "") for gate in "fuo"),
        ),
        Mistake(
            "σ is applied once more: Γ is already σ(z), so its slope is Γ(1 - Γ)",
            tuple((_slope(gate), _again(gate)) for gate in "fuo"),
        ),
        Mistake("the slope of tanh is missing in dzc; it has a factor 1 - c̃²", ((" * (1 - c_tilde**2)", ""),)),
        Mistake(
            "tanh is applied once more in dzc: c̃ is already tanh(z), so its slope is 1 - c̃²",
            (("1 - c_tilde**2", "1 - np.tanh(c_tilde) ** 2"),),
        ),
        Mistake(
            "dzo is made with c_next; Γo was multiplied by tanh(c_next)", (("da_next * tanh_c)", "da_next * c_next)"),)
        ),
        Mistake(
            "dzo starts from dc; the output gate acts on a_next only, so it starts from da_next",
            (("(da_next * tanh_c)", "(dc * tanh_c)"),),
        ),
        Mistake(
            "c_prev and c̃ have changed places: Γf was multiplied by c_prev, Γu by c̃",
            (("(dc * c_prev)", "(dc * c_tilde * 1)"), ("(dc * c_tilde)", "(dc * c_prev)")),
        ),
        Mistake("dzf is made with c_next; Γf was multiplied by c_prev", (("(dc * c_prev)", "(dc * c_next)"),)),
        Mistake("dc_prev lacks Γf: c_prev was multiplied by it", (('"dc_prev": dc * gate_f', '"dc_prev": dc'),)),
        Mistake(
            "dc_prev is made from dc_next alone; it is made from the whole dc",
            (('"dc_prev": dc * gate_f', '"dc_prev": dc_next * gate_f'),),
        ),
        Mistake(
            "da_prev and dxt come from the candidate alone; all four products read [a_prev; xt], so add four terms",
            ((_ALL_BACK, 'P["Wc"].T @ dzc'),),
        ),
        Mistake(
            "the halves are swapped: in [a_prev; xt] the first n_a rows belong to a_prev, the others to xt",
            (("dstacked[n_a:]", "dstacked[: len(xt)]"), ("dstacked[:n_a]", "dstacked[len(xt) :]")),
        ),
        Mistake(
            "the weights' gradients are made with [xt; a_prev]; the weights acted on [a_prev; xt]",
            (("[a_prev, xt]", "[xt, a_prev]"),),
        ),
        Mistake(
            "the weights' gradients are made with a_next; the weights acted on a_prev",
            (("[a_prev, xt]", "[a_next, xt]"),),
        ),
        Mistake("the biases' gradients lost an axis; keepdims=True keeps it (n_a, 1)", ((", keepdims=True", ""),)),
        Mistake("the biases' gradients are means over the examples; they are sums", (("np.sum(dz", "np.mean(dz"),)),
        Mistake(
            "the weights' gradients are divided by m; the loss is a sum over the examples",
            (("dz @ stacked.T", "dz @ stacked.T / dz.shape[1]"),),
        ),
        Mistake("the output gate sends nothing back to a_prev and xt: add Wo.T @ dzo", ((' + P["Wo"].T @ dzo', ""),)),
        Mistake(
            "brackets are missing in dzf: Γf(1 - Γf) must multiply the whole of dc, not its second term only",
            (_unbracketed("c_prev", "f"),),
        ),
        Mistake(
            "brackets are missing in dzu: Γu(1 - Γu) must multiply the whole of dc, not its second term only",
            (_unbracketed("c_tilde", "u"),),
        ),
        Mistake(
            "brackets are missing in dzf, dzu and dzc: each slope must multiply the whole of dc",
            (
                _unbracketed("c_prev", "f"),
                _unbracketed("c_tilde", "u"),
                ("(dc * gate_u) * (1 - c_tilde**2)", "dc_next * gate_u + through_a * gate_u * (1 - c_tilde**2)"),
            ),
        ),
        Mistake("the slope of σ is missing in dzf; it has a factor Γf(1 - Γf)", ((f" * {_slope('f')}", ""),)),
        Mistake("the slope of σ is missing in dzu; it has a factor Γu(1 - Γu)", ((f" * {_slope('u')}", ""),)),
        Mistake("the slope of σ is missing in dzo; it has a factor Γo(1 - Γo)", ((f" * {_slope('o')}", ""),)),
        Mistake(
            "tanh is taken of the old memory; a_next shows the new one, so it is tanh(c_next)",
            (("np.tanh(c_next)", "np.tanh(c_prev)"),),
        ),
        Mistake(
            "the slope in dc is taken as 1 - a_next²; tanh was applied to c_next alone, so it is 1 - tanh²(c_next)",
            (("gate_o * (1 - tanh_c**2)", "gate_o * (1 - a_next**2)"),),
        ),
        Mistake(
            "dzc has the slope of σ, c̃(1 - c̃); the candidate is a tanh, so its slope is 1 - c̃²",
            ((" * (1 - c_tilde**2)", " * c_tilde * (1 - c_tilde)"),),
        ),
        *(
            Mistake(
                f"da_prev and dxt come from {where} alone; all four products read [a_prev; xt], so add four terms",
                ((_ALL_BACK, f'P["W{gate}"].T @ dz{gate}'),),
            )
            for gate, where in (("f", "the forget gate"), ("o", "the output gate"))
        ),
        Mistake(
            "the biases' gradients are summed over the units; sum over the examples, axis=1",
            (("axis=1, keepdims", "axis=0, keepdims"),),
        ),
    ),
    hints=(
        "First dc, the whole gradient at the new memory. Then, for each gate and the candidate, the gradient at the "
        "sum inside: dzf, dzu, dzc, dzo.",
        "tanh_c = np.tanh(c_next); dc = dc_next + da_next * gate_o * (1 - tanh_c**2). A factor of a product gets the "
        "other factor: Γf gets dc * c_prev, c_prev gets dc * gate_f.",
        'dzf = (dc * c_prev) * gate_f * (1 - gate_f); dzc = (dc * gate_u) * (1 - c_tilde**2); P["Wf"].T @ dzf + ... '
        "for all four gives da_prev ([:n_a]) above dxt ([n_a:]); dWf = dzf @ stacked.T, dbf = np.sum(dzf, axis=1, "
        "keepdims=True).",
    ),
)

EXERCISES = (lstm_cell_backward,)
QUIZZES = (
    Quiz(
        "passes-with-one-step",
        {
            "a": (False, "Sixty numbers and more were compared. But all of them had one term switched off."),
            "b": (True, "After the last step nothing follows. With dc_next = 0 a wrong factor on it cannot show."),
            "c": (False, "They differ: in the test c0 is random, and c̃ is set to zeros before the first step."),
        },
    ),
    Quiz(
        "repair-raises-error",
        {
            "a": (
                True,
                "Two mistakes together can be nearer to the truth than one of them.",
            ),
            "b": (
                False,
                "Mistakes may point in opposite directions; then mending one uncovers the other.",
            ),
            "c": (False, "Rounding is near 1e-9 here. This was a change of a tenth and more."),
        },
    ),
    Quiz(
        "two-parts-of-dc",
        {
            "a": (False, "These receive something from dc. What arrives at the memory comes from what used it."),
            "b": (True, "The memory is used twice: the next step reads it, and a⟨t⟩ shows it."),
            "c": (False, "That is where the way back goes on. dc collects what comes from later and from above."),
        },
    ),
    Quiz(
        "what-a-witness-runs",
        {
            "a": (False, "If it ran your way back, it would believe what it is to judge."),
            "b": (False, "The way back is the accused. Differences need the loss alone."),
            "c": (
                True,
                "The loss with the weight a little larger and a little smaller. So it knows nothing of your calculus.",
            ),
        },
    ),
    Quiz(
        "the-line-that-is-right",
        {
            "a": (False, "Its Γu(1 - Γu) multiplies the second term only. Compare with dc * c̃ * Γu(1 - Γu)."),
            "b": (False, "Its 1 - c̃² multiplies the second term only. Compare with dc * Γu * (1 - c̃²)."),
            "c": (True, "It has one term, so no bracket can be missing. The output gate never meets dc."),
        },
    ),
    Quiz(
        "two-faults-in-dzf",
        {
            "a": (
                True,
                "dc needs a bracket around it, and the forget gate was multiplied by c⟨t−1⟩, not by a candidate.",
            ),
            "b": (False, "Γo (1 - tanh² c⟨t⟩) is how da_next reaches this step's memory. That part is right."),
            "c": (False, "dc_next is half of dc, and the forget gate was multiplied by the old memory, c⟨t−1⟩."),
        },
    ),
)
