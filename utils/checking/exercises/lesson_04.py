"""Lesson 04: letting a model write."""

import numpy as np

from utils import reference, textbook
from utils.text import EOS, UNK, Vocabulary

from ..exercise import Exercise, Mistake
from . import draw


def _sample_cases(rng):
    def case(letters, n_a, max_length, sharp=2.0, **more):
        tokens = list(letters)
        tokens.insert(int(rng.integers(1, len(tokens))), UNK)
        tokens.insert(int(rng.integers(1, len(tokens))), EOS)
        n = len(tokens)
        P = draw.rnn_parameters(rng, n, n_a, n)
        P["Wya"] *= sharp
        P["by"][tokens.index(EOS)] -= 2.0
        return {"P": P, "vocabulary": Vocabulary(tuple(tokens)), "rng": np.random.default_rng(rng.integers(2**32)), "max_length": max_length, **more}

    often_ends = case("abcd", 3, 60)
    often_ends["P"]["by"][often_ends["vocabulary"].eos] += 3.0
    return {
        "many steps": case("abcde", 4, 40),
        "another vocabulary": case("abc", 5, 40, sharp=1.0),
        "low temperature": case("abcdef", 4, 30, temperature=0.5),
        "high temperature": case("abcd", 3, 30, temperature=2.0),
        "<EOS> comes soon": often_ends,
        "one symbol at most": case("abcde", 4, 1),
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
        Mistake("the most probable symbol is taken every time; draw from the distribution", (("int(rng.choice(n, p=p))", "int(np.argmax(p))"),)),
        Mistake("the state starts again from zeros at each step; carry it on", (("rnn_cell_forward(xt, a, P)", "rnn_cell_forward(xt, np.zeros_like(a), P)"),)),
        Mistake("the symbol drawn is not fed back as the next input", (("        xt = one_hot([index], n)\n", ""),)),
        Mistake("<UNK> can be drawn; set its probability to zero first", (("        p[vocabulary.unk] = 0.0\n", ""),)),
        Mistake("after <UNK> was set to zero the probabilities no longer sum to 1; divide by their sum", (("        p = p / np.sum(p)\n", ""),)),
        Mistake("<EOS> is put into the result; it only says where to stop", (("        if index == vocabulary.eos:\n            break\n        indices.append(index)\n", "        indices.append(index)\n        if index == vocabulary.eos:\n            break\n"),)),
        Mistake("<EOS> does not stop the writing", (("            break", "            continue"),)),
        Mistake("the logarithm is multiplied by the temperature; divide by it", (("/ temperature)", "* temperature)"),)),
        Mistake("the temperature is ignored", (("softmax(np.log(yt_pred) / temperature)[:, 0]", "yt_pred[:, 0].copy()"),)),
        Mistake("the result may grow one symbol longer than max_length", (("range(max_length)", "range(max_length + 1)"),)),
        Mistake("the first input is symbol 0; it should be a column of zeros", (("xt = np.zeros((n, 1))", "xt = one_hot([0], n)"),)),
        Mistake("the probabilities themselves are divided by the temperature; take their logarithm first", (("np.log(yt_pred) / temperature", "yt_pred / temperature"),)),
    ),
    hints=(
        "One step is: run the cell, mend the distribution, draw, stop at <EOS>, and make the drawn symbol the next input.",
        "Temperature: softmax(np.log(yt_pred) / temperature). Then set p[vocabulary.unk] to zero and divide p by its sum.",
        "index = int(rng.choice(n, p=p)), exactly once a step; if it is vocabulary.eos, break; else append it and set xt = one_hot([index], n).",
    ),
)

EXERCISES = (sample_sequence,)
QUIZZES = ()
