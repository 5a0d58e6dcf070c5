"""Lesson 04: letting a model write."""

import copy

import numpy as np

from utils import reference, textbook
from utils.text import EOS, UNK, Vocabulary

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _case(rng, letters, n_a, max_length, temperature=None, eos=-2.0):
    """A model that writes in `letters`: <EOS> and <UNK> stand anywhere but at 0; a larger eos ends it sooner."""
    tokens = list(letters)
    tokens.insert(int(rng.integers(1, len(tokens))), UNK)
    tokens.insert(int(rng.integers(1, len(tokens))), EOS)
    n = len(tokens)
    P = draw.rnn_parameters(rng, n, n_a, n)
    P["Wax"] *= 2
    P["Wax"][:, 0] *= 2  # whoever begins with symbol 0 in place of nothing is soon seen
    P["Wya"] *= 2
    P["by"][tokens.index(EOS)] += eos
    P["by"][tokens.index(UNK)] += 1.0
    kwargs = {"P": P, "vocabulary": Vocabulary(tuple(tokens)), "rng": np.random.default_rng(rng.integers(2**32))}
    return kwargs | {"max_length": max_length} | ({"temperature": temperature} if temperature else {})


def _written(case, **changes):
    return reference.sample_sequence(**case | {"rng": copy.deepcopy(case["rng"])} | changes)


def _until(rng, telling, *arguments, **options):
    """Draw cases until one is telling: luck must not let a mistake through."""
    while True:
        case = _case(rng, *arguments, **options)
        if telling(case):
            return case


def _runs_on(case):
    plain = _written(case)
    forgetful = case["P"] | {"Waa": 0 * case["P"]["Waa"]}  # whoever forgets the state is seen
    others = (_written(case, P=forgetful), _drawn_again(case))
    return len(plain) == case["max_length"] and plain not in others


def _drawn_again(case):
    """What comes of drawing again whenever <UNK> is drawn: a step then takes more than one number from rng."""
    P, vocabulary, rng = case["P"], case["vocabulary"], copy.deepcopy(case["rng"])
    a, driven, written = 0 * P["ba"], P["ba"], []
    while len(written) < case["max_length"]:
        a = np.tanh(P["Waa"] @ a + driven)
        p = np.exp(P["Wya"] @ a + P["by"])[:, 0]
        symbol = vocabulary.unk
        while symbol == vocabulary.unk:
            symbol = int(rng.choice(len(p), p=p / p.sum()))
        if symbol == vocabulary.eos:
            break
        written.append(symbol)
        driven = P["ba"] + P["Wax"][:, [symbol]]
    return written


def _shows_the_temperature(case):
    tau = case["temperature"]
    plain = _written(case)
    return len(plain) >= 2 and plain not in (_written(case, temperature=1.0), _written(case, temperature=1 / tau))


def _ends_soon(case):
    written = _written(case)
    return 2 <= len(written) < case["max_length"] - 8 and _soon_goes_on(case, written)


def _soon_goes_on(case, written):
    """Whether someone who does not stop at <EOS> is sure to write more: the last symbol stays the input."""
    P, vocabulary = case["P"], case["vocabulary"]
    a, chances = np.tanh(P["ba"]), []
    for symbol in [*written, *written[-1:] * 8]:
        a = np.tanh(P["Wax"][:, [symbol]] + P["Waa"] @ a + P["ba"])
        p = np.exp(P["Wya"] @ a + P["by"])[:, 0]
        p[vocabulary.unk] = 0
        chances.append(p[vocabulary.eos] / p.sum())
    return np.prod(chances[len(written) :]) < 1e-3


def _shows_the_start(case):
    """Symbol 0 or <EOS> as the first input is the same as another bias at the first step."""
    P = case["P"]
    others = (_written(case, P=P | {"ba": P["ba"] + P["Wax"][:, [i]]}) for i in (0, case["vocabulary"].eos))
    return _written(case) not in others


def _sample_cases(rng):
    return {
        "many steps": _until(rng, _runs_on, "abcde", 4, 14),
        "low temperature": _until(rng, _shows_the_temperature, "abcdef", 4, 8, temperature=0.5),
        "high temperature": _until(rng, _shows_the_temperature, "abcd", 3, 8, temperature=2.0),
        "<EOS> comes soon": _until(rng, _ends_soon, "abcd", 3, 16, eos=-0.5),
        "<EOS> comes soon, another vocabulary": _until(rng, _ends_soon, "abc", 5, 16, eos=-1.0),
        "one symbol at most": _until(rng, _shows_the_start, "abcde", 4, 1),
    }


sample_sequence = Exercise(
    name="sample_sequence",
    lesson="04a",
    reference=reference.sample_sequence,
    textbook=textbook.sample_sequence,
    parts={"indices": 6},
    cases=_sample_cases,
    uses=("rnn_cell_forward", "softmax", "one_hot"),
    read="section 4.8",
    mistakes=(
        Mistake(
            "the most probable symbol is taken every time; draw from the distribution",
            (("int(rng.choice(n, p=p))", "int(np.argmax(p))"),),
        ),
        Mistake(
            "the state starts again from zeros at each step; carry it on",
            (("rnn_cell_forward(xt, a, P)", "rnn_cell_forward(xt, np.zeros_like(a), P)"),),
        ),
        Mistake("the symbol drawn is not fed back as the next input", (("        xt = one_hot([index], n)\n", ""),)),
        Mistake("<UNK> can be drawn; set its probability to zero first", (("        p[vocabulary.unk] = 0.0\n", ""),)),
        Mistake(
            "<UNK> is drawn and the step draws again; set its probability to zero, so that each step draws once",
            (
                (
                    "        p[vocabulary.unk] = 0.0\n        p = p / np.sum(p)\n"
                    "        index = int(rng.choice(n, p=p))\n",
                    "        index = int(rng.choice(n, p=p))\n        while index == vocabulary.unk:\n"
                    "            index = int(rng.choice(n, p=p))\n",
                ),
            ),
        ),
        Mistake(
            "after <UNK> was set to zero the probabilities no longer sum to 1; divide by their sum",
            (("        p = p / np.sum(p)\n", ""),),
        ),
        Mistake(
            "<EOS> is put into the result; it only says where to stop",
            (
                (
                    "        if index == vocabulary.eos:\n            break\n        indices.append(index)\n",
                    "        indices.append(index)\n        if index == vocabulary.eos:\n            break\n",
                ),
            ),
        ),
        Mistake("<EOS> does not stop the writing", (("            break", "            continue"),)),
        Mistake(
            "the logarithm is multiplied by the temperature; divide by it", (("/ temperature)", "* temperature)"),)
        ),
        Mistake(
            "the temperature is ignored", (("softmax(np.log(yt_pred) / temperature)[:, 0]", "yt_pred[:, 0].copy()"),)
        ),
        Mistake(
            "the result may grow one symbol longer than max_length", (("range(max_length)", "range(max_length + 1)"),)
        ),
        Mistake(
            "the first input is symbol 0; it should be a column of zeros",
            (("xt = np.zeros((n, 1))", "xt = one_hot([0], n)"),),
        ),
        Mistake(
            "the probabilities themselves are divided by the temperature; take their logarithm first",
            (("np.log(yt_pred) / temperature", "yt_pred / temperature"),),
        ),
        Mistake(
            "<EOS> is written and read like any other symbol; it ends the writing",
            (("        if index == vocabulary.eos:\n            break\n", ""),),
        ),
        Mistake(
            "<EOS> is left out of the result, but the writing goes on behind it; stop there",
            (
                (
                    "        if index == vocabulary.eos:\n            break\n        indices.append(index)\n",
                    "        if index != vocabulary.eos:\n            indices.append(index)\n",
                ),
            ),
        ),
        Mistake(
            "the first input is <EOS>; nothing was read yet, which is a column of zeros",
            (("xt = np.zeros((n, 1))", "xt = one_hot([vocabulary.eos], n)"),),
        ),
        Mistake(
            "after <UNK> was set to zero a second softmax is taken, which gives it something again; divide by the sum",
            (("p = p / np.sum(p)", "p = softmax(p)"),),
        ),
        Mistake(
            "the numbers of <UNK> and <EOS> are taken to be 1 and 0; they are vocabulary.unk and vocabulary.eos",
            (("p[vocabulary.unk] = 0.0", "p[1] = 0.0"), ("index == vocabulary.eos", "index == 0")),
        ),
    ),
    hints=(
        "One step is: run the cell, mend the distribution, draw, stop at <EOS>, and make the drawn symbol the "
        "next input.",
        "Temperature: softmax(np.log(yt_pred) / temperature). Then set p[vocabulary.unk] to zero and divide p by "
        "its sum.",
        "index = int(rng.choice(n, p=p)), exactly once a step; if it is vocabulary.eos, break; else append it "
        "and set xt = one_hot([index], n).",
    ),
)

EXERCISES = (sample_sequence,)
QUIZZES = (
    Quiz(
        "three-quarters",
        {
            "a": (False, "That is the loss of one step. The loss is a sum over the steps, and there are three."),
            "b": (
                True,
                "Each step costs minus log 1/4, which is log 4, and the loss adds the steps up: about 4.16 nats.",
            ),
            "c": (False, "The probabilities are not added. Their logarithms are, with the sign turned round."),
        },
    ),
    Quiz(
        "clip-eight",
        {
            "a": (True, "All entries are multiplied by 2/8, so the direction stays and the norm becomes 2."),
            "b": (False, "That would be clip_by_value, and the direction could change."),
            "c": (False, "8 is above the limit of 2, so the gradient is shortened."),
        },
    ),
    Quiz(
        "held-out",
        {
            "a": (False, "They cost time: they are measured again and again. What they tell is worth it."),
            "b": (False, "The gradient is divided by the number of steps, so leaving examples out does not shrink it."),
            "c": (
                True,
                "What was learned from can be known by heart. Only examples that were not show what carries over.",
            ),
        },
    ),
    Quiz(
        "read-before-five",
        {
            "a": (False, "15 went in at t = 4. One more word has gone in since."),
            "b": (
                True,
                "At t = 5 hours goes in, and with it everything before it, in the state; then of is asked for.",
            ),
            "c": (False, "That is the answer. It goes in one step later, at t = 6."),
        },
    ),
    Quiz(
        "perplexity-27",
        {
            "a": (False, "Guessing among 27 alike gives each symbol 1/27, and that is a perplexity of 27 as well."),
            "b": (False, "Worse would be more than 27: a model can be sure and wrong. This one is at 27."),
            "c": (
                True,
                "Guessing alike gives each symbol 1/27: a perplexity of 27 too. It may know something and be too sure.",
            ),
        },
    ),
    Quiz(
        "always-the-best",
        {
            "a": (False, "The most probable letter at each step is one way through, and it is the same one each time."),
            "b": (True, "Nothing is left to chance, so each run takes the same way: a thousand times one name."),
            "c": (False, "One name a thousand times; whether it stands in the list is another question."),
        },
    ),
    Quiz(
        "reads-the-answer",
        {
            "a": (False, "Then the names that it never saw would have cost it bits, and they did not."),
            "b": (
                True,
                "read and targets are the same row: the answer goes in with the question. Writing, it repeats itself.",
            ),
            "c": (False, "It learned what it was given to learn, and very well. Look at what it was given."),
        },
    ),
)
