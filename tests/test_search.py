"""Lesson 09: the search for a probable sequence, on paper, against greedy choice and against trying everything."""

import itertools
import math

import numpy as np
import pytest
from nearness import BOTH, near
from refusals import refused

from utils import reference, textbook
from utils.checking.exercises import draw, find

A, B, END = 0, 1, 2
AUTOMATON = {  # by what was read: probabilities of A, B, END. Greedy takes A; B and its end are more probable.
    (-1,): (0.5, 0.4, 0.1),
    (-1, A): (0.4, 0.3, 0.3),
    (-1, B): (0.1, 0.1, 0.8),
    (-1, A, A): (0.2, 0.1, 0.7),
}


def walk(token, state):
    path = (*state, token)
    return np.log(AUTOMATON.get(path, (0.3, 0.3, 0.4))), path


@BOTH
def test_a_search_by_hand(maths):
    assert [t for t, _ in maths.beam_search(walk, (), -1, END, 1, 3)] == [[A, A]]  # 0.5 · 0.4 · 0.7
    found = maths.beam_search(walk, (), -1, END, 2, 3)
    # round 1: A 0.5, B 0.4; round 2: B end 0.32, AA 0.2; round 3: B end 0.32, AA end 0.14
    assert [tokens for tokens, _ in found] == [[B], [A, A]]
    near([log_p for _, log_p in found], np.log([0.32, 0.14]))
    found = maths.beam_search(walk, (), -1, END, 2, 2)  # the second has not ended, and is returned as it is
    assert [tokens for tokens, _ in found] == [[B], [A, A]]
    near([log_p for _, log_p in found], np.log([0.32, 0.2]))
    assert [t for t, _ in maths.beam_search(walk, (), -1, END, 9, 1)] == [[A], [B], []]


@BOTH
def test_equal_ones_keep_their_order(maths):
    def even(token, state):
        return np.log([0.25, 0.25, 0.25, 0.25]), state

    assert [t for t, _ in maths.beam_search(even, None, -1, 3, 3, 2)] == [[0, 0], [0, 1], [0, 2]]
    assert [t for t, _ in maths.beam_search(even, None, -1, 0, 3, 2)] == [[], [1], [1, 1]]


@BOTH
def test_a_search_of_width_one_is_greedy(maths, rng):
    for _ in range(20):
        P, eos = draw.rnn_parameters(rng, 5, 4, 5), int(rng.integers(5))
        step, state, token, want, total = reference.rnn_step(P), np.zeros((4, 1)), -1, [], 0.0
        for _ in range(6):
            log_p, state = step(token, state)
            token = int(np.argmax(log_p))
            total += log_p[token]
            if token == eos:
                break
            want.append(token)
        [(tokens, log_p)] = maths.beam_search(step, np.zeros((4, 1)), -1, eos, 1, 6)
        assert tokens == want
        near(log_p, total)


def enumeration(P, eos, T):
    """All sequences of at most T tokens, the last of which may be eos, with their log-probabilities."""
    found = []
    for length in range(1, T + 1):
        for sequence in itertools.product(range(len(P["by"])), repeat=length):
            ended = sequence[-1] == eos
            if eos in sequence[:-1] or not (ended or length == T):
                continue
            log_p = textbook.sequence_log_probability(np.array(sequence), P)
            found.append((list(sequence[:-1] if ended else sequence), log_p))
    return sorted(found, key=lambda pair: -pair[1])


@BOTH
def test_a_search_with_room_for_all_is_the_enumeration(maths, rng):
    for T in (1, 2, 4):
        P = draw.rnn_parameters(rng, 3, 4, 3)
        want = enumeration(P, 1, T)
        found = maths.beam_search(reference.rnn_step(P), np.zeros((4, 1)), -1, 1, 1000, T)
        assert [tokens for tokens, _ in found] == [tokens for tokens, _ in want]
        near([log_p for _, log_p in found], [log_p for _, log_p in want])
        assert sum(math.exp(log_p) for _, log_p in found) == pytest.approx(1, abs=1e-12)


@BOTH
def test_the_score_is_the_probability_of_what_is_returned(maths, rng):
    for width in (2, 3, 7):
        P = draw.rnn_parameters(rng, 6, 4, 6)
        found = maths.beam_search(reference.rnn_step(P), np.zeros((4, 1)), -1, 2, width, 5)
        assert len(found) == width
        for tokens, log_p in found:
            whole = [*tokens, 2] if len(tokens) < 5 else tokens
            near(log_p, textbook.sequence_log_probability(np.array(whole), P))
        scores = [log_p for _, log_p in found]
        assert scores == sorted(scores, reverse=True)
        assert len({tuple(tokens) for tokens, _ in found}) == width


def test_both_find_the_same(rng):
    for seed in range(5):
        for kwargs in find("beam_search").cases(np.random.default_rng(seed)).values():
            one, other = reference.beam_search(**kwargs), textbook.beam_search(**kwargs)
            assert [tokens for tokens, _ in one] == [tokens for tokens, _ in other]
            near([log_p for _, log_p in one], [log_p for _, log_p in other])


@BOTH
def test_the_search_asks_each_unfinished_one_once_a_round(maths):
    asked = []

    def counted(token, state):
        asked.append((*state, token))
        return walk(token, state)

    maths.beam_search(counted, (), -1, END, 2, 9)
    assert len(asked) == len(set(asked)) == 1 + 2 + 1  # in round 3 only AA goes on; then both have ended


@BOTH
def test_the_search_changes_no_state(maths, rng):
    state, P = rng.standard_normal((4, 1)), draw.rnn_parameters(rng, 5, 4, 5)
    kept = state.copy()
    maths.beam_search(reference.rnn_step(P), state, -1, 2, 3, 4)
    near(state, kept, 0)


@BOTH
def test_the_start_may_be_eos(maths):
    def first(token, state):
        return walk(-1 if state == () else token, state)

    assert maths.beam_search(first, (), END, END, 2, 3) == maths.beam_search(walk, (), -1, END, 2, 3)


@BOTH
def test_a_wider_search_finds_what_greedy_misses(maths):
    greedy, wide = (maths.beam_search(walk, (), -1, END, width, 3)[0] for width in (1, 2))
    assert wide[1] > greedy[1] and wide[0] != greedy[0]


def test_the_step_of_a_network_is_its_cell(rng):
    P, state = draw.rnn_parameters(rng, 5, 4, 5), rng.standard_normal((4, 1))
    for token in (-1, 0, 4):
        log_p, after = reference.rnn_step(P)(token, state)
        a, y, _ = textbook.rnn_cell_forward(textbook.one_hot([token], 5), state, P)
        near(log_p, np.log(y[:, 0]))
        near(after, a)
    single = {k: v.astype(np.float32) for k, v in P.items()}
    log_p, after = reference.rnn_step(single)(2, state.astype(np.float32))
    assert log_p.dtype == after.dtype == np.float32


RNG = np.random.default_rng(0)
EVEN = np.full(4, 0.25)
STEP = reference.rnn_step(draw.rnn_parameters(RNG, 5, 4, 5))


def search(step=walk, eos=END, width=2, max_length=3):
    return lambda: reference.beam_search(step, (), -1, eos, width, max_length)


def giving(*answers):
    """A step whose answers come from a list."""
    left = list(answers)
    return lambda token, state: (left.pop(0), state)


# what is called, the name at the head of the sentence, what was expected, what came
WRONG = {
    "a beam of no width": (search(width=0), "width", "at least 1", "got 0"),
    "a beam of half a width": (search(width=1.5), "width", "whole number", "got 1.5"),
    "a search without a round": (search(max_length=0), "max_length", "at least 1", "got 0"),
    "an end that is no token": (search(eos=3), "eos", "at most 2", "got 3"),
    "an end of -1": (search(eos=-1), "eos", "at least 0", "got -1"),
    "probabilities for logarithms": (search(step=giving(EVEN)), "log_p", "at most 0", "got 0.25"),
    "log_p in a column": (search(step=giving(np.log(EVEN)[:, None])), "log_p", "axes (n)", "(4, 1)"),
    "log_p with NaN": (search(step=giving(np.full(3, np.nan))), "log_p", "holds NaN", "the step that made it"),
    "log_p in a list": (search(step=giving([-1.0, -1.0])), "log_p", "a NumPy array", "list"),
    "a second log_p of another length": (
        search(step=giving(np.log(EVEN), np.log(EVEN)[:3])), "log_p", "n = 4", "got (3,)",
    ),
    "a step from a token outside": (lambda: STEP(5, np.zeros((4, 1))), "token", "at most 4", "got 5"),
    "a step from a token below": (lambda: STEP(-2, np.zeros((4, 1))), "token", "at least -1", "got -2"),
    "a step from a flat state": (lambda: STEP(0, np.zeros(4)), "state", "2 axes (n_a, 1)", "(4,)"),
    "a step from another state": (lambda: STEP(0, np.zeros((3, 1))), "state", "n_a = 4", "(3, 1)"),
    "a step of two alphabets": (
        lambda: reference.rnn_step(draw.rnn_parameters(RNG, 5, 3, 4)), "P", "the same symbols", "n_y = 4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_right_input_passes_every_door():
    """The cases above differ from these in one thing each."""
    search()()
    STEP(np.int64(4), np.zeros((4, 1)))
