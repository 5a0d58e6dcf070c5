"""Lesson 09: the search for a probable sequence."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw

# Probabilities of the next letter after a beginning; "." ends. Greedy goes along a, a, a …; b, c, end is more probable.
MIXED = {
    "": {"a": 0.5, "b": 0.35, "c": 0.1},
    "a": {"a": 0.5, "b": 0.3, ".": 0.08},
    "b": {"c": 0.8, ".": 0.1},
    "aa": {"a": 0.95},
    "ab": {".": 0.6, "a": 0.2},
    "bc": {".": 0.9},
    "aaa": {"a": 0.94},
    "aaaa": {"a": 0.93},
}
# b and its end are more probable than a, c and its end, which is more probable per token.
EARLY = {"": {"a": 0.55, "b": 0.35}, "a": {"c": 0.5, ".": 0.3}, "b": {".": 0.75}, "ac": {".": 0.9}}
# Two places. An end takes one from round 1 on, so a, b is given up, though with its end it would be the second best.
TAKEN = {"": {".": 0.45, "a": 0.4}, "a": {"a": 0.45, "b": 0.4}, "aa": {"a": 0.35, "b": 0.3, ".": 0.1}, "ab": {".": 0.9}}
GREEDY = {"": {"b": 0.6, "a": 0.2}, "b": {"c": 0.55, ".": 0.3}, "bc": {"a": 0.7, ".": 0.2}, "bca": {".": 0.8}}


def _table(rng, rows, n, width, max_length, start=-1):
    """Such a table with n tokens in place of the letters, a little shaken. The state is all that was read so far."""
    eos = int(rng.integers(1, n))
    others = rng.permutation([token for token in range(n) if token != eos])
    number = dict(zip("abc", map(int, others), strict=False)) | {".": eos}
    start = eos if start == "eos" else start
    table = {}
    for beginning, given in rows.items():
        p = rng.uniform(0.5, 1.0, n)
        p[[number[letter] for letter in given]] = 0
        p *= (1 - sum(given.values())) / p.sum()
        for letter, share in given.items():
            p[number[letter]] = share * rng.uniform(0.98, 1.02)
        table[(start, *(number[letter] for letter in beginning))] = np.log(p / p.sum())

    def step(token, state):
        path = (*state, int(token))
        if path in table:
            return table[path].copy(), path
        p = 1.3 + np.sin((1 + np.arange(n)) * (2 + sum((i + 2) * (token + 2) for i, token in enumerate(path))))
        return np.log(p / p.sum()), path

    return {"step": step, "state0": (), "start": start, "eos": eos, "width": width, "max_length": max_length}


def _tie(rng):
    """At first all tokens but eos are equally probable, to the last digit, and there is room for two of them."""
    case = _table(rng, GREEDY, 5, 2, 4)
    first = np.full(5, np.log(0.24))
    first[case["eos"]] = np.log(0.04)
    later = case["step"]

    def step(token, state):
        log_p, path = later(token, state)
        return (first.copy() if len(path) == 1 else log_p), path

    return case | {"step": step}


def _network(rng, n, n_a, width, max_length, ending):
    """A small RNN that predicts n tokens; a negative `ending` makes eos less probable."""
    eos = int(rng.integers(1, n))
    P = draw.rnn_parameters(rng, n, n_a, n)
    P["by"][eos] += ending
    kwargs = {"step": reference.rnn_step(P), "state0": draw.numbers(rng, n_a, 1), "start": -1, "eos": eos}
    return kwargs | {"width": width, "max_length": max_length}


def _search_cases(rng):
    return {
        "some end and some do not": _table(rng, MIXED, 5, 3, 4),
        "an early end takes a place": _table(rng, TAKEN, 6, 2, 4),
        "all end early": _table(rng, EARLY, 4, 2, 9),
        "none ends": _network(rng, 5, 3, 2, 3, -9.0),
        "a width of one, from eos": _table(rng, GREEDY, 5, 1, 6, start="eos"),
        "room for all": _network(rng, 3, 4, 20, 2, 0.5),
        "one time step": _network(rng, 4, 3, 2, 1, 0.5),
        "a tie": _tie(rng),
    }


def _two_lists(answer):
    """The sequences and their log-probabilities, each as a part."""
    return {
        "tokens": [list(tokens) for tokens, _ in answer],
        "log_p": np.array([log_p for _, log_p in answer], dtype=float),
    }


_FINISHED = "candidates.append((tokens, total, last, state, True))"
_STEP = "log_p, new_state = step(last, state)"
_SORT = "candidates.sort(key=lambda candidate: -candidate[1])"
_ANSWER = "[(tokens, float(total)) for tokens, total, *_ in beams]"

beam_search = Exercise(
    name="beam_search",
    lesson="09b",
    reference=reference.beam_search,
    textbook=textbook.beam_search,
    parts={"tokens": 5, "log_p": 3},
    cases=_search_cases,
    read="section 9.12",
    view=_two_lists,
    mistakes=(
        Mistake(
            "a finished sequence drops out of the competition; keep it as it is among the candidates",
            ((f"                {_FINISHED}\n", ""),),
        ),
        Mistake(
            "a finished sequence is extended beyond its end; it stays as it is",
            (("            if finished:\n", "            if False:\n"),),
        ),
        Mistake(
            "all beginnings share one state; each must be continued from the state that it left itself",
            ((_STEP, "log_p, state0 = step(last, state0)"), ("token, new_state, ends", "token, state0, ends")),
        ),
        Mistake(
            "each step starts again from state0; hand the new state on", ((_STEP, _STEP.replace("state)", "state0)")),)
        ),
        Mistake(
            "the start is read at every step; after it, read the last token of the beginning",
            ((_STEP, _STEP.replace("last", "start")),),
        ),
        Mistake(
            "the least probable beginnings are kept; sort by log p, the largest first",
            (("-candidate[1]", "candidate[1]"),),
        ),
        Mistake(
            "eos stays in the tokens; it only says that the sequence ends",
            (("longer = tokens if ends else tokens + [token]", "longer = tokens + [token]"),),
        ),
        Mistake("the start stands in the tokens; it was only read", (("beams = [([], 0.0", "beams = [([start], 0.0"),)),
        Mistake(
            "the sequences are compared by their mean per token; compare the plain sums of log p",
            (("-candidate[1]", "-candidate[1] / (len(candidate[0]) + candidate[4])"),),
        ),
        Mistake(
            "each beginning keeps its own best ones; only `width` of all candidates together may stay",
            (
                ("        beams = candidates[:width]\n", "        beams = candidates\n"),
                ("            log_p, new", "            own = len(candidates)\n            log_p, new"),
                (
                    "token, new_state, ends))\n",
                    "token, new_state, ends))\n            candidates[own:] = sorted(candidates[own:], "
                    "key=lambda candidate: -candidate[1])[:width]\n",
                ),
            ),
        ),
        Mistake(
            "the search stops when the first sequence ends; go on until all that are kept have ended",
            (("if all(", "if any("),),
        ),
        Mistake(
            "sequences that did not end are thrown away; after max_length rounds they are returned as they are",
            (
                (
                    _ANSWER,
                    _ANSWER.replace("for tokens, total, *_ in beams", "for tokens, total, _, _, done in beams if done"),
                ),
            ),
        ),
        Mistake(
            "log p holds the last token only; add it to that of the beginning",
            (("new_total = total + log_p[token]", "new_total = log_p[token]"),),
        ),
        Mistake(
            "the probabilities are added up; add up their logarithms, as step returns them",
            (("total + log_p[token]", "total + np.exp(log_p[token])"),),
        ),
        Mistake(
            "the logarithms are multiplied; the logarithm of a product is a sum",
            (("[([], 0.0,", "[([], 1.0,"), ("total + log_p[token]", "-abs(total * log_p[token])")),
        ),
        Mistake(
            "the probability is returned, not its logarithm",
            (("float(total))", "float(np.exp(total)))"),),
        ),
        Mistake(
            "the worst of the kept sequences comes first; return the best first", (("in beams]", "in beams[::-1]]"),)
        ),
        Mistake(
            "only the best sequence is returned; all that are kept are asked for", (("in beams]", "in beams[:1]]"),)
        ),
        Mistake(
            "the probability of eos is not counted; that the sequence ends there is part of it",
            (("total + log_p[token]", "total + (0.0 if token == eos else log_p[token])"),),
        ),
        Mistake(
            "a start that equals eos ends the search before it began; only a token that was chosen can end it",
            (("            if finished:\n", "            if last == eos:\n"),),
        ),
        Mistake(
            "only the best beginning is kept in each round; keep the `width` best",
            (("beams = candidates[:width]", "beams = candidates[:1]"),),
        ),
        Mistake(
            "finished sequences are set aside and take no place any more; they go on competing for the `width` places",
            (
                ("    for _ in range(max_length):\n", "    done = []\n    for _ in range(max_length):\n"),
                (
                    "        beams = candidates[:width]\n",
                    "        done += [beam for beam in candidates[:width] if beam[4]]\n"
                    "        beams = [beam for beam in candidates[:width] if not beam[4]]\n",
                ),
                ("in beams]", "in sorted(done + beams, key=lambda beam: -beam[1])[:width]]"),
            ),
        ),
        Mistake(
            "all beginnings write into one and the same list; tokens + [token] makes a new one",
            (
                (
                    "longer = tokens if ends else tokens + [token]",
                    "longer = tokens\n                if not ends:\n                    tokens.append(token)",
                ),
            ),
        ),
        Mistake(
            "the empty beginning stands in the list `width` times at first, so copies take all places; begin with one",
            (("state0, False)]", "state0, False)] * width"),),
        ),
        Mistake(
            "the search stops one round early; there are max_length rounds",
            (("range(max_length)", "range(max_length - 1)"),),
        ),
        Mistake(
            "there is one round too many; there are max_length rounds",
            (("range(max_length)", "range(max_length + 1)"),),
        ),
        Mistake(
            "the candidates are cut without being sorted; sort them by log p first, the largest in front",
            ((f"        {_SORT}  # equal ones keep their order\n", ""),),
        ),
        Mistake(
            "the candidates are sorted by their tokens; sort them by log p, the largest first",
            ((_SORT, _SORT.replace("-candidate[1]", "candidate[0]")),),
        ),
        Mistake(
            "of two that are equally probable the later one comes first; let the earlier one, so do not turn a sorted "
            "list round",
            ((_SORT, _SORT.replace("-candidate[1]", "candidate[1]") + "\n        candidates.reverse()"),),
        ),
        Mistake(
            "the search stops when the best sequence has ended; go on until all that are kept have ended",
            (("if all(finished for *_, finished in beams)", "if beams[0][4]"),),
        ),
        Mistake(
            "the sequences are compared by their mean per token, the end not counted; compare the plain sums of log p",
            (("-candidate[1]", "-candidate[1] / max(1, len(candidate[0]))"),),
        ),
        Mistake(
            "a logarithm is taken of what step returns, which holds logarithms already; add it as it is",
            (("total + log_p[token]", "total + np.log(log_p[token])"),),
        ),
    ),
    hints=(
        "Keep for each beginning what you need to go on: its tokens, its log p, its last token, its state, and "
        "whether it has ended.",
        "Each round makes one new list of candidates from all beginnings. Sort it by log p, the largest first, and "
        "cut it to `width`. A finished beginning enters the list unchanged.",
        "For an unfinished one: log_p, new_state = step(last, state); for each token append (tokens + [token], "
        "total + log_p[token], token, new_state, False), or (tokens, total + log_p[eos], eos, new_state, True).",
    ),
)

EXERCISES = (beam_search,)
QUIZZES = ()
