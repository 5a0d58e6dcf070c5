"""Lesson 01, part B: the compact cell and the other two families."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _compact_cases(rng):
    def case(n_x, n_a, m):
        return {
            "xt": draw.numbers(rng, n_x, m),
            "a_prev": 0.8 * draw.numbers(rng, n_a, m),
            "Wa": 0.6 * draw.numbers(rng, n_a, n_a + n_x),
            "ba": 0.5 * draw.numbers(rng, n_a, 1),
        }

    return {
        "several examples": case(*draw.sizes(rng, 3)),
        "other sizes": case(*draw.sizes(rng, 3)),
        "a batch of one": case(*draw.sizes(rng, 2), 1),
        "a single input": case(1, *draw.sizes(rng, 2)),
    }


rnn_cell_forward_compact = Exercise(
    name="rnn_cell_forward_compact",
    lesson="01b",
    reference=reference.rnn_cell_forward_compact,
    textbook=textbook.rnn_cell_forward_compact,
    parts={"a_next": 2},
    cases=_compact_cases,
    read="section 1.10",
    mistakes=(
        Mistake(
            "the input is stacked above the state; Wa = [Waa | Wax] wants the state on top: [a_prev; xt]",
            (("[a_prev, xt]", "[xt, a_prev]"),),
        ),
        Mistake(
            "the bias is added after tanh; it belongs inside",
            (("Wa @ stacked + ba", "Wa @ stacked"), ("np.tanh(z)", "np.tanh(z) + ba")),
        ),
        Mistake("the bias is missing", (("Wa @ stacked + ba", "Wa @ stacked"),)),
        Mistake("tanh is missing", (("np.tanh(z)", "z"),)),
        Mistake(
            "only the state's part of Wa is used; multiply the whole of it with the stacked column",
            (("Wa @ stacked + ba", "Wa[:, : a_prev.shape[0]] @ a_prev + ba"),),
        ),
        Mistake(
            "state and input are put side by side; axis=0 puts one on top of the other",
            (("axis=0", "axis=1"),),
        ),
    ),
    hints=(
        "Put the state and the input on top of each other, so that one matrix can act on both.",
        "np.concatenate([above, below], axis=0) stacks two arrays with the same number of columns. Which one is above?",
        "np.tanh(Wa @ np.concatenate([a_prev, xt], axis=0) + ba).",
    ),
)


def _jordan_cases(rng):
    def case(n_x, n_a, n_y, m, T, teacher=False):
        P = draw.rnn_parameters(rng, n_x, n_a, n_y)
        del P["Waa"]
        P["Way"] = 1.5 * draw.numbers(rng, n_a, n_y)
        kwargs = {"x": draw.numbers(rng, n_x, m, T), "y0": draw.probabilities(rng, n_y, m), "P": P}
        return kwargs | ({"teacher": draw.probabilities(rng, n_y, m, T)} if teacher else {})

    return {
        "its own answers fed back": case(*draw.sizes(rng)),
        "a teacher": case(*draw.sizes(rng), teacher=True),
        "a batch of one": case(*draw.sizes(rng, 3), 1, 4),
        "a teacher, one example": case(*draw.sizes(rng, 3), 1, 3, teacher=True),
        "one time step": case(*draw.sizes(rng, 4), 1),
    }


_FED = 'P["Way"] @ fed_back'

jordan_forward = Exercise(
    name="jordan_forward",
    lesson="01b",
    reference=reference.jordan_forward,
    textbook=textbook.jordan_forward,
    parts={"a": 2, "y_pred": 2},
    cases=_jordan_cases,
    uses=("softmax",),
    read="section 1.11",
    mistakes=(
        Mistake(
            "the teacher is ignored: the net's own answers are fed back all the time",
            (("if teacher is None:", "if True:"),),
        ),
        Mistake(
            "step t is fed teacher[:, :, t], the answer it is asked for; it may only see the one before, t - 1",
            ((_FED, 'P["Way"] @ (fed_back if teacher is None else teacher[:, :, t])'),),
        ),
        Mistake(
            "the teacher comes one step late: after step t the answer to feed back is teacher[:, :, t]",
            (("fed_back = teacher[:, :, t]", "fed_back = teacher[:, :, t - 1]"),),
        ),
        Mistake(
            "Wya stands where Way belongs; Way, (n_a, n_y), takes the answer back in", ((_FED, 'P["Wya"] @ fed_back'),)
        ),
        Mistake("y0 is ignored: the first step is fed zeros", (("fed_back = y0", "fed_back = np.zeros((n_y, m))"),)),
        Mistake(
            "y0 is fed back at every step; feed back the answer of the step before",
            ((_FED, 'P["Way"] @ y0'),),
        ),
        Mistake(
            "what is fed back has no softmax: feed back the probabilities",
            (("fed_back = y_pred[:, :, t]", 'fed_back = P["Wya"] @ a[:, :, t] + P["by"]'),),
        ),
        Mistake(
            "the most probable class alone is fed back as a one-hot; feed back the whole softmax",
            (("fed_back = y_pred[:, :, t]", "fed_back = (y_pred[:, :, t] == y_pred[:, :, t].max(axis=0)) * 1.0"),),
        ),
        Mistake("the feedback term Way @ y is missing", ((" + " + _FED, " + 0 * " + _FED),)),
        Mistake("the bias ba is missing", ((' + P["ba"]', ""),)),
        Mistake("the bias by is missing", ((' + P["by"]', ""),)),
        Mistake("tanh is missing", (("np.tanh(z)", "z"),)),
        Mistake(
            "there is no Waa in this family: the matrix that takes the answer back in is Way",
            (('P["Way"]', 'P["Waa"]'),),
        ),
        Mistake(
            "at t = 0 the column teacher[:, :, t - 1] is the last one of the teacher; the first step is fed y0",
            (("fed_back = y0", "fed_back = y0 if teacher is None else teacher[:, :, -1]"),),
        ),
    ),
    hints=(
        "The loop is that of rnn_forward, but what goes round is the last answer, not the hidden values.",
        "Keep one variable for what is fed back. It begins as y0; at the end of step t it becomes y_pred[:, :, "
        "t] or teacher[:, :, t].",
        'a[:, :, t] = np.tanh(P["Wax"] @ x[:, :, t] + P["Way"] @ fed_back + P["ba"]), then the softmax of the '
        "output layer, then set fed_back.",
    ),
)


def _to_one_cases(rng):
    def case(n_x, n_a, n_y, m, T, masked=False):
        kwargs = {
            "x": draw.numbers(rng, n_x, m, T),
            "a0": 0.8 * draw.numbers(rng, n_a, m),
            "P": draw.rnn_parameters(rng, n_x, n_a, n_y),
        }
        return kwargs | ({"mask": draw.mask(rng, m, T)} if masked else {})

    left = case(3, 5, 2, 6, 4, masked=True)
    left["mask"] = left["mask"][:, ::-1].copy()
    return {
        "no mask": case(*draw.sizes(rng)),
        "padding on the right": case(4, 3, 2, 6, 5, masked=True),
        "padding on the left": left,
        "a batch of one": case(*draw.sizes(rng, 3), 1, 4, masked=True),
        "one time step": case(*draw.sizes(rng, 4), 1),
    }


sequence_to_one_forward = Exercise(
    name="sequence_to_one_forward",
    lesson="01b",
    reference=reference.sequence_to_one_forward,
    textbook=textbook.sequence_to_one_forward,
    parts={"a_last": 2, "y_pred": 2, "caches": 0},
    cases=_to_one_cases,
    uses=("rnn_cell_forward", "softmax"),
    read="section 1.12",
    mistakes=(
        Mistake("the mask is ignored, so padding changes the state", (("if mask is None", "if True"),)),
        Mistake(
            "the mask is turned round: True means that a step counts",
            (("np.where(mask[:, t], a_new, a)", "np.where(mask[:, t], a, a_new)"),),
        ),
        Mistake(
            "a masked step sets the state to zero; it must leave the state as it was",
            (("np.where(mask[:, t], a_new, a)", "np.where(mask[:, t], a_new, 0.0)"),),
        ),
        Mistake("a0 is ignored: the first step starts from zeros", (("    a = a0", "    a = np.zeros_like(a0)"),)),
        Mistake(
            "every step starts from a0; the new state must be handed to the next step",
            (("rnn_cell_forward(x[:, :, t], a, P)", "rnn_cell_forward(x[:, :, t], a0, P)"),),
        ),
        Mistake(
            "the prediction is made from a0; it belongs to the last state",
            (('P["Wya"] @ a + P["by"]', 'P["Wya"] @ a0 + P["by"]'),),
        ),
        Mistake("the prediction has no softmax", (('softmax(P["Wya"] @ a + P["by"])', 'P["Wya"] @ a + P["by"]'),)),
        Mistake("the bias by is missing", (('P["Wya"] @ a + P["by"]', 'P["Wya"] @ a'),)),
        Mistake(
            "the sequence is read from its end; go from the first step to the last",
            (("in range(T)", "in reversed(range(T))"),),
        ),
        Mistake("the last step is skipped", (("in range(T)", "in range(T - 1)"),)),
        Mistake("caches lacks the mask: it should be (list, x, mask)", (("(cells, x, mask)", "(cells, x)"),)),
        Mistake(
            "the answer is that of the last cell, which may have read padding; make it from the kept state",
            (("a_new, _, cache", "a_new, y_last, cache"), ('softmax(P["Wya"] @ a + P["by"])', "y_last")),
        ),
        Mistake(
            "padded inputs are set to zero, but a zero input moves the state, too; keep the old state instead",
            (
                ("if mask is None", "if True"),
                (
                    "rnn_cell_forward(x[:, :, t], a, P)",
                    "rnn_cell_forward(x[:, :, t] * (1 if mask is None else mask[:, t]), a, P)",
                ),
            ),
        ),
        Mistake(
            "a padded step goes back to a0; it must keep the state of the step before",
            (("np.where(mask[:, t], a_new, a)", "np.where(mask[:, t], a_new, a0)"),),
        ),
        Mistake(
            "mask[:, t] has one entry per example, so `if` cannot decide for all; use np.where",
            (("a = np.where(mask[:, t], a_new, a)", "a = a_new if mask[:, t] else a"),),
        ),
    ),
    hints=(
        "The loop is that of rnn_forward, but only the last state is kept, and the output layer is used once, "
        "after the loop.",
        "np.where(mask[:, t], new, old) chooses, example by example, between the new state and the old one.",
        'After the loop: y_pred = softmax(P["Wya"] @ a + P["by"]); return a, y_pred, (cells, x, mask).',
    ),
)

EXERCISES = (rnn_cell_forward_compact, jordan_forward, sequence_to_one_forward)
QUIZZES = (
    Quiz(
        "loss-sum",
        {
            "a": (True, "The loss is a sum over steps and examples; twice as many equal steps, twice the loss."),
            "b": (False, "That would be a mean. Here the loss is summed, and divided once, at the very end."),
            "c": (False, "The logarithm acts inside each step, before the sum."),
        },
    ),
    Quiz(
        "shape-of-task",
        {
            "a": (False, "Many to one gives one answer for the whole message; here each word gets its own."),
            "b": (True, "One answer for each word, so as many go out as come in."),
            "c": (
                False,
                "Unequal lengths are for tasks such as translation; here input and output match word for word.",
            ),
        },
    ),
)
