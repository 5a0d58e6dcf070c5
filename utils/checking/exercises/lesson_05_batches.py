"""Lesson 05: cutting a training set into batches, and counting who is taken for whom."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz


def _batch_cases(rng):
    def case(n, size):
        return {"n": int(n), "size": int(size), "rng": np.random.default_rng(rng.integers(2**32))}

    size = rng.integers(3, 6)
    return {
        "a smaller last batch": case(rng.integers(2, 4) * size + 1, size),
        "no remainder": case(8, 4),
        "more room than examples": case(rng.integers(3, 6), 7),
        "a batch of one": case(rng.integers(3, 6), 1),
        "a single example": case(1, 2),
    }


_CUT = "order[start:end]"
_DRAWN = "    order = rng.permutation(n)\n"

minibatches = Exercise(
    name="minibatches",
    lesson="05",
    reference=reference.minibatches,
    textbook=textbook.minibatches,
    parts={"batches": 2},
    cases=_batch_cases,
    read="section 5.6",
    mistakes=(
        Mistake(
            "the last batch is dropped when it is smaller; its examples must be learned from, too",
            (("range(0, n, size)", "range(0, n - size + 1, size)"),),
        ),
        Mistake("the order is not random; draw rng.permutation(n)", ((_DRAWN, "    order = np.arange(n)\n"),)),
        Mistake(
            "some examples come twice and some never; rng.permutation(n) holds each exactly once",
            (("rng.permutation(n)", "rng.integers(n, size=n)"),),
        ),
        Mistake(
            "every batch has an order of its own, so that some examples come twice; draw one order for all",
            ((_DRAWN, ""), (_CUT, "rng.permutation(n)[start:end]")),
        ),
        Mistake(
            "a batch starts at every example, so that they overlap; go on by `size`",
            (("range(0, n, size)", "range(n)"),),
        ),
        Mistake("the first batch is missing", (("range(0, n, size)", "range(size, n, size)"),)),
        Mistake(
            "a batch holds one example too many; order[start:end] ends before `end`",
            (("end = start + size", "end = start + size + 1"),),
        ),
        Mistake(
            "the last batch is filled up with examples used before; it holds only what is left",
            ((_CUT, "np.take(order, np.arange(start, end), mode='wrap')"),),
        ),
        Mistake(
            "the examples are spread evenly; each batch holds `size`, and only the last one fewer",
            (("return batches", "return np.array_split(order, len(batches))"),),
        ),
        Mistake(
            "there are `size` batches; size is how many examples each one holds",
            (("return batches", "return np.array_split(order, size)"),),
        ),
        Mistake(
            "the examples of a batch are sorted; leave them in the order drawn", ((_CUT, "np.sort(order[start:end])"),)
        ),
        Mistake(
            "the order comes from another generator; draw from the rng that was passed in",
            (("rng.permutation(n)", "np.random.default_rng(0).permutation(n)"),),
        ),
        Mistake(
            "an empty batch stands at the end; range(0, n, size) stops before n",
            (("range(0, n, size)", "range(0, n + 1, size)"),),
        ),
        Mistake(
            "only the order of the batches is random; shuffle the examples first, then cut",
            (
                (_DRAWN, "    order = np.arange(n)\n"),
                ("return batches", "return [batches[i] for i in rng.permutation(len(batches))]"),
            ),
        ),
        Mistake(
            "the order is cut from the back, so the small batch or the last examples come first; cut from the front",
            ((_CUT, "order[max(0, n - end) : n - start]"),),
        ),
        Mistake(
            "rng.choice deals another order than the one asked for; draw rng.permutation(n)",
            (("rng.permutation(n)", "rng.choice(n, n, replace=False)"),),
        ),
    ),
    hints=(
        "Draw one random order of all examples. Then cut it into pieces from the front.",
        "range(0, n, size) counts 0, size, 2 size, … up to below n. A slice that reaches past the end takes what "
        "is there.",
        "order = rng.permutation(n); return [order[start : start + size] for start in range(0, n, size)].",
    ),
)


def _confusion_cases(rng):
    def case(n, m, most=None):
        return {"labels": rng.integers(most or n, size=m), "predicted": rng.integers(most or n, size=m), "n": n}

    general = case(4, 30)
    general["labels"][:9], general["predicted"][:9] = 1, 2  # far from symmetric
    general["labels"][9:12] = general["predicted"][9:12] = 0  # some are right
    general["labels"][12:14], general["predicted"][12:14] = 3, 0
    rng.shuffle(general["labels"][14:])
    return {
        "several classes": general,
        "classes that never come": case(6, 9, most=4),
        "two classes": case(2, 11),
        "a batch of one": case(5, 1) | {"labels": np.array([3]), "predicted": np.array([1])},
    }


_COUNT, _TABLE = "counts[i, j] += 1", "counts = np.zeros((n, n), dtype=int)"

confusion_matrix = Exercise(
    name="confusion_matrix",
    lesson="05",
    reference=reference.confusion_matrix,
    textbook=textbook.confusion_matrix,
    parts={"counts": 2},
    cases=_confusion_cases,
    read="section 5.7",
    mistakes=(
        Mistake("rows and columns are swapped: the row is the true class", ((_COUNT, "counts[j, i] += 1"),)),
        Mistake(
            "a pair is counted once, however often it comes; counts[labels, predicted] += 1 does that, too",
            ((_COUNT, "counts[i, j] = 1"),),
        ),
        Mistake(
            "the table is too small when the last classes do not come; it is (n, n)",
            (("np.zeros((n, n)", "np.zeros((max(labels) + 1, max(predicted) + 1)"),),
        ),
        Mistake(
            "only mistakes are counted; the right answers belong on the diagonal", ((_COUNT, "counts[i, j] += i != j"),)
        ),
        Mistake(
            "only right answers are counted; the mistakes belong beside the diagonal",
            ((_COUNT, "counts[i, j] += i == j"),),
        ),
        Mistake("shares came back; wanted are counts", (("return counts", "return counts / len(labels)"),)),
        Mistake(
            "each row was divided by its sum; wanted are counts",
            (("return counts", "return counts / counts.sum(axis=1, keepdims=True)"),),
        ),
        Mistake("the last example is left out", (("range(len(labels))", "range(len(labels) - 1)"),)),
        Mistake(
            "each pair is counted in both directions; one example is one count",
            ((_COUNT, _COUNT + "\n        counts[j, i] += 1"),),
        ),
        Mistake("classes are counted from 1; they begin at 0", ((_COUNT, "counts[i - 1, j - 1] += 1"),)),
        Mistake(
            "each row holds shares of its class; wanted are counts",
            (("return counts", "return counts / np.maximum(1, counts.sum(axis=1, keepdims=True))"),),
        ),
        Mistake(
            "all rows are one and the same list: [[0] * n] * n repeats it; begin with np.zeros((n, n))",
            (
                ("np.zeros((n, n), dtype=int)", "[[0] * n] * n"),
                (_COUNT, "counts[i][j] += 1"),
                ("return counts", "return np.array(counts)"),
            ),
        ),
        Mistake(
            "the size is counted from the classes that came; it is given: the table is (n, n)",
            ((_TABLE, "n = max(max(labels), max(predicted)) + 1\n    " + _TABLE),),
        ),
        Mistake(
            "nothing was counted; counts[labels][:, predicted] += 1 adds to a copy, counts[i, j] += 1 to the table",
            ((_COUNT, "0"),),
        ),
    ),
    hints=(
        "Begin with a table of zeros. Go through the examples, and add one in a single place for each.",
        "The place of an example: its true class says which row, the predicted class which column.",
        "counts = np.zeros((n, n), dtype=int); for k in range(len(labels)): counts[labels[k], predicted[k]] += 1.",
    ),
)

EXERCISES = (minibatches, confusion_matrix)
QUIZZES = (
    Quiz(
        "into-the-next-batch",
        {
            "a": (False, "Every word starts from zeros. Otherwise its answer would depend on words read before it."),
            "b": (False, "Each batch has a gradient of its own, used for one step and then thrown away."),
            "c": (
                True,
                "The weights are what is learned; Adam keeps its running means beside them. All else is made anew.",
            ),
        },
    ),
    Quiz(
        "two-permutations",
        {
            "a": (False, "Then the loss would fall slowly, but fall. This one is at rest after a few batches."),
            "b": (True, "Two draws give two orders. Draw one order and use it for both, as minibatches does."),
            "c": (False, "Your own network has 64, too, and learns."),
        },
    ),
)
