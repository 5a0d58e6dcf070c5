"""Lesson 01, part A: the loss, the number of parameters, the questions."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _loss_cases(rng):
    def case(n_y, m, T, masked=False):
        y_pred = draw.probabilities(rng, n_y, m, T)
        kwargs = {"y_pred": y_pred, "targets": rng.integers(0, n_y, (m, T))}
        return kwargs | ({"mask": draw.mask(rng, m, T)} if masked else {})

    return {
        "no mask": case(*draw.sizes(rng, 3)),
        "a mask": case(4, 3, 5, masked=True),
        "a mask, other sizes": case(3, 6, 4, masked=True),
        "a batch of one": case(4, 1, 3),
        "one time step": case(5, 3, 1),
    }


sequence_loss = Exercise(
    name="sequence_loss",
    lesson="01a",
    reference=reference.sequence_loss,
    textbook=textbook.sequence_loss,
    parts={"loss": 4},
    cases=_loss_cases,
    read="section 1.5",
    mistakes=(
        Mistake("the loss is averaged over the examples; here it is a sum", (("np.sum(loss_t)", "np.mean(loss_t)"),)),
        Mistake(
            "the loss is divided by the number of steps T; here it is a sum", (("return loss", "return loss / T"),)
        ),
        Mistake(
            "the loss is divided by all m · T entries; here it is a sum", (("return loss", "return loss / (m * T)"),)
        ),
        Mistake(
            "the loss is divided by the number of steps that count; here it is a sum",
            (("return loss", "return loss / (m * T if mask is None else np.sum(mask))"),),
        ),
        Mistake("the minus sign is missing", (("-np.log(p_right)", "np.log(p_right)"),)),
        Mistake("log2 gives bits; nats come from the natural logarithm, np.log", (("np.log(", "np.log2("),)),
        Mistake("the mask is ignored, so padding is counted", (("if mask is not None", "if False"),)),
        Mistake(
            "the mask is turned round: True means that a step counts",
            (("np.where(mask[:, t], loss_t, 0.0)", "np.where(mask[:, t], 0.0, loss_t)"),),
        ),
        Mistake(
            "the most probable class is scored; score the probability of the right class",
            (("y_pred[targets[:, t], np.arange(m), t]", "np.max(y_pred[:, :, t], axis=0)"),),
        ),
        Mistake(
            "each step is scored against the target of the step before; step t has targets[:, t]",
            (("targets[:, t]", "targets[:, t - 1]"),),
        ),
        Mistake(
            "only the last step is counted: add each step to what is already there",
            (("loss = loss + np.sum(loss_t)", "loss = np.sum(loss_t)"),),
        ),
        Mistake(
            "y_pred[targets[:, t], :, t] picks m × m numbers; pair each target with its own example: "
            "y_pred[targets[:, t], np.arange(m), t]",
            (("np.arange(m), t]", ":, t]"),),
        ),
        Mistake(
            "1 - p is scored; the loss is -log p of the right class", (("-np.log(p_right)", "-np.log(1 - p_right)"),)
        ),
        Mistake(
            "the mask multiplies the probability, and the logarithm of 0 is minus infinity; mask the loss instead",
            (("loss_t = np.where(mask[:, t], loss_t, 0.0)", "loss_t = -np.log(p_right * mask[:, t])"),),
        ),
        Mistake(
            "the losses of all classes are added up; only the right class counts",
            (("y_pred[targets[:, t], np.arange(m), t]", "y_pred[:, :, t]"),),
        ),
        Mistake(
            "1e-9 is added inside the logarithm, which changes every loss a little",
            (("np.log(p_right)", "np.log(p_right + 1e-9)"),),
        ),
    ),
    hints=(
        "One loop over t. At each step pick, for each example, the probability that the model gave to the right class.",
        "y_pred[targets[:, t], np.arange(m), t] picks m numbers at once. Take minus their logarithm; where the "
        "mask is False it counts 0.",
        "loss_t = -np.log(p_right); if there is a mask, loss_t = np.where(mask[:, t], loss_t, 0.0); add "
        "np.sum(loss_t) to the loss.",
    ),
)


def _count_cases(rng):
    triples = {
        "three sizes": rng.permutation([5, 7, 11]),
        "larger ones": rng.integers(20, 90, 3),
        "sizes of one": [1, 1, 1],
    }
    triples["a dictionary"] = [10_000, 128, 10_000]
    return {name: dict(zip(("n_x", "n_a", "n_y"), map(int, sizes), strict=True)) for name, sizes in triples.items()}


count_rnn_parameters = Exercise(
    name="count_rnn_parameters",
    lesson="01a",
    reference=reference.count_rnn_parameters,
    textbook=textbook.count_rnn_parameters,
    parts={"count": 2},
    cases=_count_cases,
    read="section 1.6",
    mistakes=(
        Mistake(
            "the bias of the state, ba with n_a numbers, is not counted",
            (("state_to_state + state_bias +", "state_to_state +"),),
        ),
        Mistake(
            "the bias of the output, by with n_y numbers, is not counted",
            (("into_output + output_bias", "into_output"),),
        ),
        Mistake(
            "neither bias is counted",
            (("state_to_state + state_bias +", "state_to_state +"), ("into_output + output_bias", "into_output")),
        ),
        Mistake("Waa, n_a × n_a numbers, is not counted", (("into_state + state_to_state +", "into_state +"),)),
        Mistake("the output layer, Wya and by, is not counted", ((" + into_output + output_bias", ""),)),
        Mistake("the input matrix Wax is not counted", (("into_state + state_to_state", "state_to_state"),)),
        Mistake("Wya is (n_y, n_a); it was counted as (n_y, n_x)", (("n_y * n_a", "n_y * n_x"),)),
        Mistake("the state's bias has n_a numbers, not n_x", (("state_bias = n_a", "state_bias = n_x"),)),
    ),
    hints=(
        "Write down the five arrays and their shapes; the table in section 1.6 has them.",
        "A matrix of shape (p, q) holds p · q numbers, a bias of shape (p, 1) holds p.",
        "n_a · n_x + n_a · n_a + n_a for the state, n_y · n_a + n_y for the output.",
    ),
)

EXERCISES = (sequence_loss, count_rnn_parameters)
QUIZZES = (
    Quiz(
        "one-hot-minus-one",
        {
            "a": (False, "NumPy would do that by itself, which is why one_hot has to ask first."),
            "b": (True, "-1 means that nothing is there: a column of zeros. Lesson 04 starts every sentence with one."),
            "c": (False, "No error: -1 is allowed, and means that nothing is there."),
        },
    ),
    Quiz(
        "unfold-three",
        {
            "a": (False, "Two applications lead from s⟨1⟩ to s⟨3⟩. From s⟨0⟩ there is one more."),
            "b": (True, "From s⟨0⟩ to s⟨3⟩ there are three steps, and f is applied once in each."),
            "c": (False, "One application for each step, and there are three steps."),
        },
    ),
    Quiz(
        "needs-memory",
        {
            "a": (False, "One price does not say where it came from; at least the one before is needed."),
            "b": (True, "The photograph is all that counts; whatever was shown before changes nothing."),
            "c": (False, "She was named in an earlier sentence, and that sentence is gone."),
        },
    ),
    Quiz(
        "state-learned",
        {
            "a": (False, "The state is computed anew for each sequence. Nothing of it is kept in training."),
            "b": (True, "Weights and biases are learned; the state is what they compute while they read one sequence."),
            "c": (False, "a⟨0⟩ is zeros here and stays so; training changes the weights and the biases."),
        },
    ),
    Quiz(
        "same-weights",
        {
            "a": (
                False,
                "Then a sentence of eight words would need parameters that a sentence of seven never trained.",
            ),
            "b": (True, "One set of weights serves every step, so the count does not depend on the length."),
            "c": (False, "Examples share the weights too: one column each, the same matrix for all."),
        },
    ),
    Quiz(
        "one-buffer",
        {
            "a": (False, "Saturated states would be near 1 or -1, and the first line would show the same."),
            "b": (
                True,
                "The list holds one and the same array three times. Make a new array at each step, or append a copy.",
            ),
            "c": (False, "It was copied, in the first line of the function, so the caller's a0 is safe."),
        },
    ),
)
