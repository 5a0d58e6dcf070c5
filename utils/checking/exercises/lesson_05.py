"""Lesson 05: from symbols to one column that sums up a whole sequence."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _embed_cases(rng):
    def case(n, n_x, m, *some):
        """`some` stand among the symbols whatever is drawn."""
        indices = rng.integers(n_x, size=m)
        indices[rng.permutation(m)[: len(some)]] = some
        return {"indices": indices, "W": draw.numbers(rng, n, n_x)}

    n, n_x, m = sorted(draw.sizes(rng, 3), key=lambda size: (size > 3, size))
    return {
        "several symbols": case(n, n_x, m, -1, 0, n_x - 1),
        "other sizes": case(6, 4, 5, -1, 0, -1),
        "a batch of one": case(*draw.sizes(rng, 2), 1),
        "nothing there": case(*draw.sizes(rng, 2), 1, -1),
    }


embed_symbols = Exercise(
    name="embed_symbols",
    lesson="05",
    reference=reference.embed_symbols,
    textbook=textbook.embed_symbols,
    parts={"columns": 2},
    cases=_embed_cases,
    read="section 5.2",
    mistakes=(
        Mistake(
            "index -1 fetched the last column of W; it means that nothing is there, so its column stays zero",
            (("if indices[j] >= 0", "if True"),),
        ),
        Mistake(
            "symbol 0 is treated as if nothing were there; only -1 means that", (("indices[j] >= 0", "indices[j] > 0"),)
        ),
        Mistake(
            "rows of W are fetched; the symbols are its columns, W[:, indices]",
            (("W[:, indices[j]]", "W[indices[j]]"),),
        ),
        Mistake(
            "the result lies on its side; one column per symbol, (n, m)", (("return columns", "return columns.T"),)
        ),
        Mistake(
            "index -1 fetched column 0; it means that nothing is there, so its column stays zero",
            (("if indices[j] >= 0", "if True"), ("W[:, indices[j]]", "W[:, max(indices[j], 0)]")),
        ),
        Mistake("the column of index -1 holds ones; it holds zeros", (("np.zeros((n, m))", "np.ones((n, m))"),)),
        Mistake(
            "the column beside the right one is fetched; symbols are counted from 0",
            (("W[:, indices[j]]", "W[:, indices[j] - 1]"),),
        ),
        Mistake(
            "the columns of index -1 are left out; they stay in their place, as zeros",
            (("return columns", "return columns[:, np.asarray(indices) >= 0]"),),
        ),
        Mistake(
            "one-hot columns came back; wanted is what W makes of them, W @ one_hot",
            (
                ("np.zeros((n, m))", "np.zeros((n_x, m))"),
                ("columns[:, j] = W[:, indices[j]]", "columns[indices[j], j] = 1"),
            ),
        ),
        Mistake(
            "the column of the last symbol is zero, too; zeros belong to index -1 alone",
            (("W[:, indices[j]]", "W[:, indices[j]] * (indices[j] < n_x - 1)"),),
        ),
        Mistake(
            "the table holds whole numbers, so fractions are cut off; np.zeros((n, m)) alone holds fractions",
            (("np.zeros((n, m))", "np.zeros((n, m), dtype=int)"),),
        ),
        Mistake(
            "W[indices] fetches rows; the symbols are the columns, W[:, indices]",
            (("np.zeros((n, m))", "W[indices]"), ("columns[:, j] = W[:, indices[j]]", "0")),
        ),
        Mistake(
            "rows were fetched and set to zero; both belong to columns: W[:, indices], columns[:, indices == -1]",
            (
                ("np.zeros((n, m))", "W[indices]"),
                ("if indices[j] >= 0", "if indices[j] < 0"),
                ("columns[:, j] = W[:, indices[j]]", "columns[j] = 0"),
            ),
        ),
    ),
    hints=(
        "A one-hot column has a single 1, so the product W @ one_hot picks a single column of W. Pick it directly.",
        "Begin with zeros of shape (n, m). Then column j gets W[:, indices[j]], unless the index is -1.",
        "columns = np.zeros((W.shape[0], len(indices))); for each j with indices[j] >= 0: columns[:, j] = "
        "W[:, indices[j]].",
    ),
)


def _pad_cases(rng):
    def case(*lengths, n=7):
        """Symbol 0 stands somewhere, and no sequence reads the same backwards."""
        sequences = [rng.permutation(n)[:length] for length in lengths]
        if not any(0 in sequence for sequence in sequences):
            sequences[0][0] = 0
        return [sequence.tolist() for sequence in sequences]

    return {
        "several lengths": {"sequences": case(4, *rng.permutation([2, 3, 6, 5]))},
        "one long sequence": {"sequences": case(*rng.permutation([1, 2, 6]))},
        "arrays in place of lists": {"sequences": [np.array(sequence) for sequence in case(2, 4, 3)]},
        "a batch of one": {"sequences": case(4)},
        "one time step": {"sequences": case(1, 1, 1)},
    }


_SYMBOLS, _MASK = "indices[i, start:] = sequences[i]", "mask[i, start:] = True"
_NO_MASK, _START = "np.zeros((m, T), dtype=bool)", "start = T - len(sequences[i])"

pad_left = Exercise(
    name="pad_left",
    lesson="05",
    reference=reference.pad_left,
    textbook=textbook.pad_left,
    parts={"indices": 2, "mask": 1},
    cases=_pad_cases,
    read="section 5.3",
    mistakes=(
        Mistake(
            "the padding stands on the right; put it on the left, so that every sequence ends in the last column",
            (
                (_SYMBOLS, "indices[i, : len(sequences[i])] = sequences[i]"),
                (_MASK, "mask[i, : len(sequences[i])] = True"),
            ),
        ),
        Mistake(
            "the mask is turned round: True means that a symbol stands there",
            ((_NO_MASK, "np.ones((m, T), dtype=bool)"), (_MASK, "mask[i, start:] = False")),
        ),
        Mistake("the padding is counted: the mask is False there", ((_NO_MASK, "np.ones((m, T), dtype=bool)"),)),
        Mistake("padding holds 0, which is a symbol; it holds -1", (("np.full((m, T), -1)", "np.full((m, T), 0)"),)),
        Mistake(
            "the mask is False under symbol 0; it stands for padding alone, -1",
            (("indices, mask", "indices, indices > 0"),),
        ),
        Mistake("T is the length of the shortest sequence; take the longest", (("max(", "min("),)),
        Mistake(
            "T is the length of the first sequence; take the longest",
            (("max(len(sequence) for sequence in sequences)", "len(sequences[0])"),),
        ),
        Mistake("the symbols are turned round; keep their order", ((_SYMBOLS, _SYMBOLS + "[::-1]"),)),
        Mistake("the table lies on its side; one row per sequence, (m, T)", (("indices, mask", "indices.T, mask.T"),)),
        Mistake("there is a column too many; T is exactly the longest length", (("T = max(", "T = 1 + max("),)),
        Mistake(
            "the lengths came back in place of the mask; it has one entry per place, (m, T)",
            (("indices, mask", "indices, np.array([len(sequence) for sequence in sequences])"),),
        ),
        Mistake(
            "the sequences are sorted by length; row i belongs to sequence i",
            (("    m = len(sequences)", "    sequences = sorted(sequences, key=len)\n    m = len(sequences)"),),
        ),
        Mistake(
            "the results are returned in the wrong order; it is indices, mask", (("indices, mask", "mask, indices"),)
        ),
        Mistake(
            "each row ends one column too early; the last symbol stands in the last column, T - 1",
            (
                (_SYMBOLS, "indices[i, np.arange(start, T) - 1] = sequences[i]"),
                (_MASK, "mask[i, np.arange(start, T) - 1] = True"),
            ),
        ),
        Mistake("start is one too small; a row of length k starts at column T - k", ((_START, _START + " - 1"),)),
        Mistake("start is one too large; a row of length k starts at column T - k", ((_START, _START + " + 1"),)),
        Mistake(
            "the mask begins one column too late; it is True under the first symbol, too",
            ((_MASK, "mask[i, start + 1 :] = True"),),
        ),
    ),
    hints=(
        "First the length of the longest sequence, then a table that holds padding everywhere, then row by row.",
        "np.full((m, T), -1) is the table. A row of length k starts at column T - k.",
        "start = T - len(sequences[i]); indices[i, start:] = sequences[i]; mask[i, start:] = True. The mask begins as "
        "np.zeros((m, T), dtype=bool).",
    ),
)


def _encode_cases(rng):
    def case(n_x, n_a, n_y, m, T, left=True):
        mask = draw.mask(rng, m, T)
        P = draw.rnn_parameters(rng, n_x, n_a, n_y)
        return {"x": draw.numbers(rng, n_x, m, T), "mask": mask[:, ::-1].copy() if left else mask, "P": P}

    return {
        "padding on the left": case(*draw.sizes(rng)),
        "more steps": case(4, 2, 5, 3, 6),
        "padding on the right": case(4, 3, 2, 6, 5, left=False),
        "a batch of one": case(*draw.sizes(rng, 3), 1, 4),
        "one time step": case(*draw.sizes(rng, 4), 1),
    }


_KEEP, _CELL = "np.where(mask[:, t], H_new, H)", "rnn_cell_forward(x[:, :, t], H, P)"

encode_batch = Exercise(
    name="encode_batch",
    lesson="05",
    reference=reference.encode_batch,
    textbook=textbook.encode_batch,
    parts={"H": 4},
    cases=_encode_cases,
    uses=("rnn_cell_forward",),
    read="section 5.4",
    mistakes=(
        Mistake("the mask is ignored, so padding changes the state", ((_KEEP, "H_new"),)),
        Mistake(
            "the mask is turned round: True means that a step counts", ((_KEEP, "np.where(mask[:, t], H, H_new)"),)
        ),
        Mistake(
            "a masked step sets the state to zero; it must leave the state as it was",
            ((_KEEP, "np.where(mask[:, t], H_new, 0.0)"),),
        ),
        Mistake(
            "the state that came out of the last padded step is read; read the one that was kept",
            (("return H\n", "return H_new\n"),),
        ),
        Mistake(
            "padded inputs are set to zero, but a zero input moves the state, too; keep the old state instead",
            ((_CELL, "rnn_cell_forward(x[:, :, t] * mask[:, t], H, P)"), (_KEEP, "H_new")),
        ),
        Mistake(
            "the sequence is read from its end; go from the first step to the last",
            (("in range(T)", "in reversed(range(T))"),),
        ),
        Mistake("the last step is skipped", (("range(T)", "range(T - 1)"),)),
        Mistake("the first step is skipped", (("range(T)", "range(1, T)"),)),
        Mistake(
            "every step starts from zeros; the state must be handed to the next step",
            ((_CELL, "rnn_cell_forward(x[:, :, t], np.zeros((n_a, m)), P)"),),
        ),
        Mistake("the state begins as ones; it begins as zeros", (("np.zeros((n_a, m))", "np.ones((n_a, m))"),)),
        Mistake(
            "the states are averaged over the steps; only the last one is wanted",
            (
                ("    for t", "    total = 0 * H\n    for t"),
                (_KEEP, _KEEP + "\n        total = total + H * mask[:, t]"),
                ("return H\n", "return total / mask.sum(axis=1)\n"),
            ),
        ),
        Mistake(
            "the prediction of the cell came back; H is its state",
            (("H_new, _, _", "H_new, y, _"), (_KEEP, _KEEP + "\n        yt = y"), ("return H\n", "return yt\n")),
        ),
        Mistake(
            "the loop ends as soon as one example is padded; the others still have steps to come",
            (("        H_new,", "        if not mask[:, t].all():\n            break\n        H_new,"),),
        ),
        Mistake(
            "mask[:, t] has one entry per example, so `if` cannot decide for all; use np.where",
            (("H = " + _KEEP, "H = H_new if mask[:, t] else H"),),
        ),
        Mistake(
            "a step is skipped for all where one example is padded; each example goes by its own mask",
            ((_KEEP, "H_new if mask[:, t].all() else H"),),
        ),
        Mistake(
            "rnn_cell_forward gives three things, and the state is the first; take it with [0]",
            (("H_new, _, _ = ", "H_new = "),),
        ),
        Mistake(
            "mask[t] is the row of example t; step t of all examples is mask[:, t]",
            (("mask[:, t]", "mask[t]"),),
        ),
    ),
    hints=(
        "The loop is that of rnn_forward from a state of zeros, but a padded example keeps the state it had.",
        "np.where(mask[:, t], new, old) chooses, example by example, between the new state and the old one.",
        'H = np.zeros((len(P["ba"]), m)); then at every step H_new, _, _ = rnn_cell_forward(x[:, :, t], H, P) and '
        "H = np.where(mask[:, t], H_new, H).",
    ),
)

EXERCISES = (embed_symbols, pad_left, encode_batch)
QUIZZES = (
    Quiz(
        "shared-weight-gradient",
        {
            "a": (True, "Every step used the same Waa, so every step has a share, and the shares add up."),
            "b": (False, "The last step is the nearest to the answer, but the earlier ones used Waa as well."),
            "c": (False, "Nothing is compared here: all steps used Waa, and all their shares count."),
        },
    ),
    Quiz(
        "masked-step",
        {
            "a": (False, "Then everything that was read before would be lost."),
            "b": (
                False,
                "Then padding would change the state, and the answer would depend on how much of it there is.",
            ),
            "c": (True, "The step is padding: for this example nothing happens, and the state is handed on as it was."),
        },
    ),
    Quiz(
        "ninth-in-nats",
        {
            "a": (False, "0.11 is the probability, 1/9. The cost is minus its logarithm."),
            "b": (True, "-log(1/9) = log 9, about 2.20 nats. Keep the number: it is what knowing nothing costs."),
            "c": (False, "One over the probability is 9; the cost is the logarithm of that."),
        },
    ),
    Quiz(
        "embedding-gradient",
        {
            "a": (True, "Only these three columns were fetched; no other has a part in the answer."),
            "b": (False, "The other 23 columns were multiplied by zero, so changing them changes nothing here."),
            "c": (False, "The k and the o moved the state first, and the t moved what they had left."),
        },
    ),
)
