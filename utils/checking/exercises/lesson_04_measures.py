"""Lesson 04: how good a language model is."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _probability_cases(rng):
    def case(n, n_a, T):
        indices = rng.integers(1, n, T)
        indices[-1] = 0  # <EOS> is symbol 0 here
        return {"indices": indices, "P": draw.rnn_parameters(rng, n, n_a, n)}

    n, n_a, T = draw.sizes(rng, 3)
    repeated = case(4, 3, 6)
    repeated["indices"][:5] = [2, 2, 3, 3, 2]
    surprised = case(5, 2, 4)
    surprised["P"]["by"][surprised["indices"][1]] -= 9.0
    endless = case(8, 3, 120)  # so improbable that the product of its probabilities is stored as 0
    endless["indices"][:-1] = rng.integers(1, 5, 119)
    endless["P"]["by"][1:5] -= 9.0
    return {
        "a sentence": case(n, n_a, T),
        "a long sentence": case(6, 4, 25),
        "the same symbol again": repeated,
        "a great surprise": surprised,
        "one time step": case(4, 3, 1),
        "a very long text": endless,
    }


_RIGHT = "p_right = yt_pred[index, 0]"
_FEED = "xt = one_hot([index], n)"

sequence_log_probability = Exercise(
    name="sequence_log_probability",
    lesson="04a",
    reference=reference.sequence_log_probability,
    textbook=textbook.sequence_log_probability,
    parts={"log_p": 4},
    cases=_probability_cases,
    uses=("rnn_cell_forward", "one_hot"),
    read="section 4.4",
    mistakes=(
        Mistake(
            "the first input is symbol 0; it should be a column of zeros, because nothing was read yet",
            (("xt = np.zeros((n, 1))", "xt = one_hot([0], n)"),),
        ),
        Mistake(
            "the model reads the symbol before it is asked for it; at step t it may only know the ones before",
            (
                (f"        {_FEED}\n", ""),
                ("        a, yt_pred", f"        {_FEED}\n        a, yt_pred"),
            ),
        ),
        Mistake("nothing is read: the symbol of each step must be the next input", ((f"        {_FEED}\n", ""),)),
        Mistake(
            "the state starts again from zeros at each step; carry it on",
            (("rnn_cell_forward(xt, a, P)", "rnn_cell_forward(xt, np.zeros((n_a, 1)), P)"),),
        ),
        Mistake(
            "the probabilities are added up; take the logarithm of each first",
            (("np.log(p_right)", "p_right"),),
        ),
        Mistake(
            "the sign is turned round: a log-probability is 0 or below, a loss would be 0 or above",
            (("return log_p", "return -log_p"),),
        ),
        Mistake(
            "the mean over the steps is returned; the sum is asked for",
            (("return log_p", "return log_p / len(indices)"),),
        ),
        Mistake(
            "the final <EOS> is left out; that the sequence ends here is part of its probability",
            (("in indices:", "in indices[:-1]:"),),
        ),
        Mistake(
            "the first symbol is read for free; it has a probability too, from x⟨1⟩ = 0",
            (("xt = np.zeros((n, 1))", "xt = one_hot([indices[0]], n)"), ("in indices:", "in indices[1:]:")),
        ),
        Mistake("the logarithm is that of base 2; nats want the natural one, np.log", (("np.log(", "np.log2("),)),
        Mistake(
            "the largest probability of each step is taken; take that of the symbol that stands there",
            ((_RIGHT, "p_right = np.max(yt_pred)"),),
        ),
        Mistake(
            "the probability itself is returned; its logarithm is asked for",
            (("return log_p", "return np.exp(log_p)"),),
        ),
        Mistake(
            "the model's own favourite is read next; read the symbol that really stands in the sequence",
            ((_FEED, "xt = one_hot([np.argmax(yt_pred)], n)"),),
        ),
        Mistake(
            "the prediction itself is read next; read the symbol that stands in the sequence, as a one-hot column",
            ((_FEED, "xt = yt_pred"),),
        ),
        Mistake(
            "the probabilities are multiplied; on a long text their product is stored as 0: add logarithms instead",
            (
                ("log_p = 0.0", "log_p = 1.0"),
                ("log_p + np.log(p_right)", "log_p * p_right"),
                ("return log_p", "return np.log(log_p)"),
            ),
        ),
    ),
    hints=(
        "It is rnn_forward with one example, step by step: the input of a step is the symbol of the step before, "
        "and of each prediction you need one entry.",
        "At each step: run the cell, look up the probability of the symbol that comes, add its logarithm, read it.",
        "a, yt_pred, _ = rnn_cell_forward(xt, a, P); log_p = log_p + np.log(yt_pred[index, 0]); "
        "xt = one_hot([index], n).",
    ),
)


def _loss_cases(rng):
    def case(steps, per_step):
        return {"nats": float(steps * per_step * rng.uniform(0.9, 1.1)), "steps": steps}

    return {
        "some steps": case(int(rng.integers(5, 20)), 1.7),
        "many steps": case(int(rng.integers(2000, 9000)), 2.9),
        "a good model": case(int(rng.integers(20, 50)), 0.2),
        "one time step": case(1, 2.2),
        "always sure and right": {"nats": 0.0, "steps": int(rng.integers(2, 9))},
    }


perplexity = Exercise(
    name="perplexity",
    lesson="04a",
    reference=reference.perplexity,
    textbook=textbook.perplexity,
    parts={"perplexity": 1},
    cases=_loss_cases,
    read="section 4.5",
    mistakes=(
        Mistake("the exponential is missing: e to the power of the nats per step", (("np.exp(per_step)", "per_step"),)),
        Mistake("the loss is not divided by the number of steps", (("nats / steps", "nats"),)),
        Mistake(
            "the exponential is taken before the division; divide first",
            (("nats / steps", "nats"), ("np.exp(per_step)", "np.exp(per_step) / steps")),
        ),
        Mistake(
            "2 is raised to the loss; a loss in nats belongs to e, one in bits to 2",
            (("np.exp(per_step)", "2**per_step"),),
        ),
        Mistake(
            "the sign is turned round: that is one over the perplexity, which is 1 or above",
            (("np.exp(per_step)", "np.exp(-per_step)"),),
        ),
        Mistake(
            "the logarithm is taken in place of the exponential",
            (("np.exp(per_step)", "np.log(per_step) if per_step > 0 else -np.inf"),),
        ),
        Mistake(
            "the steps are divided by the loss; it is nats per step", (("nats / steps", "steps / max(nats, 1e-9)"),)
        ),
        Mistake(
            "the division is rounded down to a whole number: use / and not //", (("nats / steps", "nats // steps"),)
        ),
    ),
    hints=(
        "First the mean loss of one step. Then undo the logarithm that is in it.",
        "nats belong to the natural logarithm; what undoes that one?",
        "per_step = nats / steps; the perplexity is np.exp(per_step).",
    ),
)

bits_per_character = Exercise(
    name="bits_per_character",
    lesson="04a",
    reference=reference.bits_per_character,
    textbook=textbook.bits_per_character,
    parts={"bits": 1},
    cases=_loss_cases,
    read="section 4.5",
    mistakes=(
        Mistake(
            "these are nats per character; divide by np.log(2) to have bits", (("per_step / np.log(2)", "per_step"),)
        ),
        Mistake(
            "the nats are multiplied by log 2; a bit is less than a nat, so there are more of them: divide",
            (("per_step / np.log(2)", "per_step * np.log(2)"),),
        ),
        Mistake("the loss is not divided by the number of characters", (("nats / steps", "nats"),)),
        Mistake(
            "the logarithm of the loss is taken; the loss is in nats already and only changes its unit",
            (("per_step / np.log(2)", "(np.log2(per_step) if per_step > 0 else -np.inf)"),),
        ),
        Mistake("the loss is divided by 2; one bit is log 2 = 0.693 nats", (("np.log(2)", "2"),)),
        Mistake(
            "log 2 is taken with base 10; nats want the natural logarithm, np.log", (("np.log(2)", "np.log10(2)"),)
        ),
        Mistake(
            "this is the perplexity: 2 to the power of the bits; the bits themselves are asked for",
            (("return per_step / np.log(2)", "return np.exp(per_step)"),),
        ),
        Mistake("0.693 is rounded; use np.log(2)", (("np.log(2)", "0.693"),)),
    ),
    hints=(
        "First the mean loss of one character, in nats. Then only the unit changes.",
        "One bit is the natural logarithm of 2, about 0.693 nats. How many bits is one nat?",
        "per_step = nats / steps; the bits are per_step / np.log(2).",
    ),
)

EXERCISES = (sequence_log_probability, perplexity, bits_per_character)
QUIZZES = ()
