"""Lesson 04: reshaping a distribution before a symbol is drawn from it."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _temperature_cases(rng):
    def case(n, tau, shift=0.0):
        return {"logits": shift + 2 * draw.numbers(rng, n), "tau": tau}

    return {
        "sharper": case(6, float(rng.uniform(0.4, 0.7))),
        "flatter": case(5, float(rng.uniform(1.6, 3.0))),
        "log-probabilities": {"logits": np.log(draw.probabilities(rng, 7)), "tau": 0.5},
        "as it was": case(4, 1.0),
        "nearly greedy": case(6, 0.02, shift=50.0),
        "nearly even": case(5, 40.0),
    }


apply_temperature = Exercise(
    name="apply_temperature",
    lesson="04b",
    reference=reference.apply_temperature,
    textbook=textbook.apply_temperature,
    parts={"p": 2},
    cases=_temperature_cases,
    uses=("softmax",),
    read="section 4.10",
    mistakes=(
        Mistake("the logits are multiplied by the temperature; divide", (("logits / tau", "logits * tau"),)),
        Mistake(
            "the temperature has no effect; divide by it, as a number taken off all the logits changes nothing",
            (("logits / tau", "logits"),),
        ),
        Mistake(
            "the probabilities are divided by the temperature; divide the logits, before the softmax",
            (("scaled = logits / tau", "scaled = logits"), ("softmax(scaled)", "softmax(scaled) / tau")),
        ),
        Mistake(
            "softmax is taken twice: the logits are divided, not the probabilities",
            (("logits / tau", "softmax(logits) / tau"),),
        ),
        Mistake("the softmax is missing: scaled logits do not sum to 1", (("softmax(scaled)", "scaled"),)),
        Mistake("the logarithm of the probabilities is returned", (("softmax(scaled)", "np.log(softmax(scaled))"),)),
        Mistake("the logits are divided by the root of the temperature", (("logits / tau", "logits / np.sqrt(tau)"),)),
        Mistake(
            "the most probable symbol takes everything; a temperature above 0 leaves something for all",
            (("return softmax(scaled)", "return (scaled == np.max(scaled)) * 1.0"),),
        ),
        Mistake(
            "the sign of the logits is turned round: the least probable symbol comes out on top",
            (("logits / tau", "-logits / tau"),),
        ),
        Mistake(
            "the logarithm of the logits is taken; they are logarithms already, and may be negative",
            (("logits / tau", "np.log(logits) / tau"),),
        ),
        Mistake(
            "a power of the probabilities does not sum to 1; divide the logits before the softmax",
            (("scaled = logits / tau", "scaled = logits"), ("softmax(scaled)", "softmax(scaled) ** (1 / tau)")),
        ),
    ),
    hints=(
        "Divide first, then turn the result into probabilities.",
        "A small temperature pulls the logits apart, a large one pushes them together. Which operation does that?",
        "scaled = logits / tau, and then softmax(scaled), which works for a single column (n,) too.",
    ),
)


def _ladder(rng, n):
    """n different probabilities. The first symbol is neither the most nor the least probable, nor are they in order."""
    while True:
        p = rng.permutation(0.7 ** np.arange(n) * rng.uniform(0.93, 1.07, n))
        if np.argmax(p) not in (0, n - 1) and np.argmin(p) not in (0, n - 1) and np.argmax(p[:-1]) != 1:
            return p / p.sum()


def _with_ties(rng):
    """Three equally probable symbols behind the most probable one, so that not all of them fit into the best three."""
    p = np.full(7, 0.2)
    p[2] = 0.25
    p[[0, 4, 6]] = rng.permutation([0.04, 0.05, 0.06])
    return p


def _top_k_cases(rng):
    return {
        "the best three": {"p": _ladder(rng, 8), "k": 3},
        "the best two": {"p": _ladder(rng, 6), "k": 2},
        "the best one": {"p": _ladder(rng, 5), "k": 1},
        "all of them": {"p": _ladder(rng, 6), "k": 6},
        "equally probable symbols": {"p": _with_ties(rng), "k": 3},
    }


_KEEP = "kept[best] = p[best]"
_SHARED = (
    Mistake("what is kept does not sum to 1; divide by its sum", (("kept / np.sum(kept)", "kept"),)),
    Mistake("the least probable symbols are kept; keep the most probable ones", (("np.argsort(-p,", "np.argsort(p,"),)),
    Mistake(
        "of equally probable symbols the later one is kept; sort -p, a reversed list turns equal ones round",
        (('np.argsort(-p, kind="stable")', 'np.argsort(p, kind="stable")[::-1]'),),
    ),
    Mistake(
        "the symbols come out sorted by probability; each belongs in its old place",
        ((_KEEP, "kept[: len(best)] = p[best]"),),
    ),
    Mistake(
        "the softmax is taken of what is left, which gives something to the removed symbols; divide by the sum",
        (("kept / np.sum(kept)", "np.exp(kept) / np.sum(np.exp(kept))"),),
    ),
    Mistake(
        "all that are kept are equally probable; they keep their probabilities and are divided by the sum",
        ((_KEEP, "kept[best] = 1.0"),),
    ),
    Mistake(
        "only the kept symbols are returned; the others stay in their places with probability 0",
        (("return kept / np.sum(kept)", "return p[best] / np.sum(p[best])"),),
    ),
    Mistake(
        "the kept symbols get nothing and the others everything; it is the other way round",
        ((_KEEP, "kept[:] = p\n    kept[best] = 0.0"),),
    ),
)
_WHOLE_NUMBERS = (
    Mistake(
        "the probabilities are put into an array of whole numbers, which cuts them down to 0; use np.zeros(len(p))",
        (("np.zeros(len(p))", "np.zeros_like(order)"),),
    ),
)

top_k = Exercise(
    name="top_k",
    lesson="04b",
    reference=reference.top_k,
    textbook=textbook.top_k,
    parts={"p": 3},
    cases=_top_k_cases,
    read="section 4.11",
    mistakes=(
        *_SHARED,
        Mistake("one symbol too many is kept", (("order[:k]", "order[: k + 1]"),)),
        Mistake("one symbol too few is kept", (("order[:k]", "order[: k - 1]"),)),
        Mistake(
            "everything as probable as the last one kept stays too; keep exactly k, of equals the lower index",
            ((_KEEP, "kept = np.where(p >= np.min(p[best]), p, 0.0)"),),
        ),
        Mistake(
            "the first k symbols are kept, not the k most probable ones",
            (('np.argsort(-p, kind="stable")', "np.arange(len(p))"),),
        ),
        Mistake(
            "a softmax is taken of the probabilities that are kept; divide them by their sum",
            ((_KEEP, "kept[best] = np.exp(p[best])"),),
        ),
        *_WHOLE_NUMBERS,
        Mistake(
            "argsort lists which symbol comes at each rank, not the rank of each symbol; keep p[order[:k]]",
            ((_KEEP, "kept = p * (order < k)"),),
        ),
        Mistake(
            "the last of the k best is lost: its own probability is the limit, so > leaves it out",
            ((_KEEP, "kept = np.where(p > np.min(p[best]), p, 0.0)"),),
        ),
    ),
    hints=(
        "Find the indices of the k largest probabilities. Copy only those into an array of zeros.",
        'np.argsort(-p, kind="stable") lists the indices, the largest probability first, equal ones in order.',
        'best = np.argsort(-p, kind="stable")[:k]; kept[best] = p[best]; return kept / np.sum(kept).',
    ),
)


def _between(p, count):
    """A mass that `count` symbols reach and count - 1 do not, far from both sums."""
    running = np.cumsum(np.sort(p)[::-1])
    return float(running[count - 1] - 0.5 * np.sort(p)[::-1][count - 1])


def _exactly(rng):
    """A mass that the best two reach without rounding: all the sums are exact."""
    p = np.array([0.125, 0.25, 0.0625, 0.5, 0.0625])
    p[[0, 2, 4]] = rng.permutation(p[[0, 2, 4]])
    return {"p": p, "mass": 0.75}


def _nucleus_cases(rng):
    def case(n, count):
        p = _ladder(rng, n)
        return {"p": p, "mass": _between(p, count)}

    ties = _with_ties(rng)
    return {
        "three symbols": case(8, 3),
        "two symbols": case(6, 2),
        "one symbol is enough": case(7, 1),
        "all of them": case(5, 5),
        "equally probable symbols": {"p": ties, "mass": _between(ties, 3)},
        "nearly all of them": case(7, 5),
        "exactly the mass": _exactly(rng),
    }


nucleus = Exercise(
    name="nucleus",
    lesson="04b",
    reference=reference.nucleus,
    textbook=textbook.nucleus,
    parts={"p": 3},
    cases=_nucleus_cases,
    read="section 4.12",
    mistakes=(
        *_SHARED,
        Mistake(
            "the symbol that reaches the mass is left out; keep it too",
            (("order[: not_enough + 1]", "order[:not_enough]"),),
        ),
        Mistake(
            "the symbol that reaches the mass is kept only when it is the first; keep it always",
            (("order[: not_enough + 1]", "order[: max(not_enough, 1)]"),),
        ),
        Mistake("one symbol too many is kept after the mass is reached", (("not_enough + 1", "not_enough + 2"),)),
        Mistake(
            "the sum runs in the order of the symbols; add up the largest probabilities first",
            (("np.cumsum(p[order])", "np.cumsum(p)"),),
        ),
        Mistake(
            "symbols above the mass are kept each on its own; their probabilities are to be added up",
            (("running = np.cumsum(p[order])", "running = -p[order]"), ("running < mass", "running < -mass")),
        ),
        Mistake(
            "the mass is what is left out; it says how much to keep",
            (("running < mass", "running < 1 - mass"),),
        ),
        Mistake(
            "the first symbols are taken in their own order; sort by probability first",
            (('np.argsort(-p, kind="stable")', "np.arange(len(p))"),),
        ),
        Mistake(
            "everything as probable as the last one kept stays too; of equals the lower index comes first",
            ((_KEEP, "kept = np.where(p >= np.min(p[best]), p, 0.0)"),),
        ),
        Mistake(
            "what is kept is divided by the mass asked for; divide by its own sum",
            (("kept / np.sum(kept)", "kept / mass"),),
        ),
        *_WHOLE_NUMBERS,
        Mistake(
            "a sum that equals the mass is enough already; here one symbol more is kept",
            (("running < mass", "running <= mass"),),
        ),
        Mistake(
            "the running sum is in the order of the symbols; sort first, and keep the one that reaches the mass",
            ((_KEEP, "kept = p * (np.cumsum(p) < mass)"),),
        ),
        Mistake(
            "each symbol is compared with 1 - mass on its own; sort, and add up until there is enough",
            ((_KEEP, "kept = np.where(p >= 1 - mass, p, 0.0)"),),
        ),
        Mistake(
            "the mark that says which ranks are kept is laid over the symbols; keep p[order[:count]]",
            ((_KEEP, "kept = p * (running < mass)"),),
        ),
        Mistake(
            "the symbol with which the sum goes beyond the mass is left out; it is the last one to be kept",
            (("order[: not_enough + 1]", "order[: np.sum(running <= mass)]"),),
        ),
        Mistake(
            "the symbol with which the sum goes beyond the mass is kept only when it is the first; keep it each time",
            (("order[: not_enough + 1]", "order[: max(np.sum(running <= mass), 1)]"),),
        ),
    ),
    hints=(
        "Sort the symbols, the most probable first, and add up until there is enough. The last one added is kept.",
        "np.cumsum gives all the sums at once. How many of them are still below mass? One more symbol is kept.",
        'order = np.argsort(-p, kind="stable"); count = np.sum(np.cumsum(p[order]) < mass) + 1; keep order[:count] '
        "as in top_k.",
    ),
)

EXERCISES = (apply_temperature, top_k, nucleus)
QUIZZES = (
    Quiz(
        "one-bit-less",
        {
            "a": (False, "Bits count surprise, not mistakes: a model can be less surprised and miss as often."),
            "b": (
                True,
                "Bits are -log2 p, averaged: one bit less is, on average, a factor of two for the probability.",
            ),
            "c": (False, "The names are the same held-out ones for both models."),
        },
    ),
    Quiz(
        "first-input",
        {
            "a": (False, "That would favour names in which an a stands before the beginning, and there is none."),
            "b": (False, "The first letter is drawn from the first prediction, and that one needs an input."),
            "c": (True, "Nothing was written yet, so nothing is read: x⟨1⟩ is zeros, and so is a⟨0⟩."),
        },
    ),
    Quiz(
        "temperature-order",
        {
            "a": (False, "A high temperature brings the letters closer together; none overtakes another."),
            "b": (False, "A low one pulls them apart, in the order in which they stood."),
            "c": (True, "Dividing by a number above 0 keeps the order. Only the distances change."),
        },
    ),
    Quiz(
        "who-may-slip",
        {
            "a": (False, "The r reaches 0.9 alone, so it is the only one kept."),
            "b": (True, "Five letters are kept whatever they are worth; four of them share what is left beside 0.992."),
            "c": (False, "It takes the r, always."),
        },
    ),
    Quiz(
        "greedy-is-best",
        {
            "a": (
                True,
                "A letter that is second best now may lead to a far more probable rest. Lesson 09 looks for it.",
            ),
            "b": (False, "The best first letter may lead into a part of the list where every letter is a guess."),
            "c": (False, "Training changes the probabilities. That the rule looks one letter ahead stays the same."),
        },
    ),
    Quiz(
        "who-chooses",
        {
            "a": (False, "They favour the model that learned them by heart."),
            "b": (True, "They were not learned from, and they may be looked at again and again. The test stays fresh."),
            "c": (False, "Then the best of twelve was partly lucky on the test, and nothing is left that could tell."),
        },
    ),
    Quiz(
        "probabilities-as-logits",
        {
            "a": (
                False,
                "A low temperature has to sharpen, and dividing by a small number does. Look at what is divided.",
            ),
            "b": (False, "The seed decides which names come, not how strange they are."),
            "c": (True, "softmax wants logits or log p. Fed with p itself it makes everything nearly alike."),
        },
    ),
)
