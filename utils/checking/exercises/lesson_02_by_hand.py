"""Lesson 02: backpropagation through time by hand, with one unit."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _cases(rng):
    def number(low=0.3, high=1.2):
        return float(rng.uniform(low, high) * rng.choice([-1, 1]))

    def case(T, **given):
        numbers = {"a0": number(high=0.9), "w_x": number(), "w_a": number(low=0.7), "b": number(low=0.1, high=0.4)}
        return {"x": 0.5 * draw.numbers(rng, T)} | numbers | given  # small inputs: no slope, so no term, is tiny

    listed = case(4)
    listed["x"] = listed["x"].tolist()
    return {
        "several steps": case(5),
        "two steps": case(2),
        "one time step": case(1),
        "a negative weight of the state": case(4, w_a=float(-rng.uniform(0.5, 1.2))),
        "a weight above 1": case(6, w_a=float(rng.uniform(1.3, 2.0))),
        "a list of inputs": listed,
    }


_TERM = "terms[t - 1] = from_later * slope * a[t - 1]"
_BACK = "from_later = from_later * slope * w_a"

scalar_bptt = Exercise(
    name="scalar_bptt",
    lesson="02a",
    reference=reference.scalar_bptt,
    textbook=textbook.scalar_bptt,
    parts={"terms": 3, "dw_a": 1},
    cases=_cases,
    read="section 2.2",
    mistakes=(
        Mistake(
            "the way from a⟨t⟩ to a⟨T⟩ is missing; every later step multiplies by (1 - a²) · w_a",
            ((_BACK, "from_later = from_later"),),
        ),
        Mistake(
            "the slope of tanh is missing on the way back; each later step multiplies by (1 - a²) · w_a",
            ((_BACK, "from_later = from_later * w_a"),),
        ),
        Mistake(
            "the weight w_a is missing on the way back; each later step multiplies by (1 - a²) · w_a",
            ((_BACK, "from_later = from_later * slope"),),
        ),
        Mistake(
            "the way back multiplies by w_x; a state reaches the next one through w_a",
            ((_BACK, "from_later = from_later * slope * w_x"),),
        ),
        Mistake(
            "step t uses its own factor twice: write down its term first, then go one step further back",
            (("        " + _BACK + "\n", ""), (_TERM, _BACK + "\n        " + _TERM)),
        ),
        Mistake(
            "step t has the factor a⟨t⟩; w_a acted on the state before it, a⟨t-1⟩", ((_TERM, _TERM[:-8] + "a[t]"),)
        ),
        Mistake(
            "step t has the factor x⟨t⟩, which belongs to w_x; w_a acted on a⟨t-1⟩", ((_TERM, _TERM[:-8] + "x[t - 1]"),)
        ),
        Mistake(
            "the slope of tanh is missing in the terms: each has the factor 1 - a⟨t⟩²",
            ((_TERM, "terms[t - 1] = from_later * a[t - 1]"),),
        ),
        Mistake("the slope is taken at a⟨t-1⟩; it belongs to a⟨t⟩", (("1 - a[t] ** 2", "1 - a[t - 1] ** 2"),)),
        Mistake(
            "tanh is applied once more: a⟨t⟩ is already tanh(z), so the slope is 1 - a⟨t⟩²",
            (("1 - a[t] ** 2", "1 - np.tanh(a[t]) ** 2"),),
        ),
        Mistake("the square is missing: the slope of tanh is 1 - a⟨t⟩²", (("1 - a[t] ** 2", "1 - a[t]"),)),
        Mistake(
            "the terms stand in reversed order of time; the term of step t belongs in terms[t - 1]",
            ((_TERM, _TERM.replace("terms[t - 1]", "terms[T - t]")),),
        ),
        Mistake(
            "dw_a is the term of the last step alone; w_a is used at every step, so all terms add up",
            (("np.sum(terms)", "terms[-1]"),),
        ),
        Mistake("dw_a is the mean of the terms; it is their sum", (("np.sum(terms)", "np.mean(terms)"),)),
        Mistake("a0 is ignored: the first step starts from zero", (("a = [a0]", "a = [0.0]"),)),
        Mistake("the bias b is missing on the way forward", ((" + b", ""),)),
        Mistake(
            "each term has one factor w_a too many; w_a comes in with a hop, and the last step's term has none",
            ((_TERM, _TERM.replace("slope", "slope * w_a")),),
        ),
        Mistake(
            "step 1 met the last state instead of a0: keep a0 in the list too, or a[-1] is the last state",
            ((_TERM, _TERM[:-8] + "a[t - 1 if t > 1 else -1]"),),
        ),
        Mistake(
            "a hop from a⟨t⟩ to a⟨t-1⟩ has the slope of a⟨t-1⟩; it has the one of a⟨t⟩",
            ((_BACK, "from_later = from_later * (1 - a[t - 1] ** 2) * w_a"),),
        ),
        Mistake(
            "only one hop is kept; multiply what came from later by each new one",
            ((_BACK, "from_later = slope * w_a"),),
        ),
    ),
    hints=(
        "First go forward and keep all states in a list, a0 included. Then walk from the last step to the first.",
        "One variable holds how strongly a⟨t⟩ moves a⟨T⟩. It begins as 1; when you go from t to t - 1 it is multiplied "
        "by (1 - a⟨t⟩²) · w_a.",
        "for t in reversed(range(1, T + 1)): slope = 1 - a[t] ** 2; terms[t - 1] = from_later * slope * a[t - 1]; "
        "from_later = from_later * slope * w_a.",
    ),
)

EXERCISES = (scalar_bptt,)
QUIZZES = ()
