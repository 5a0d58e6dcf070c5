"""Right answers to beam_search as students write them. `python -m utils prove` must accept every one."""

import heapq
from dataclasses import dataclass

import numpy as np


def beam_search__two_lists(step, state0, start, eos, width, max_length):
    """The finished and the unfinished apart; they meet when the best are chosen."""
    finished, running = [], [([start], 0.0, state0)]
    for _ in range(max_length):
        grown = []
        for path, total, state in running:
            log_p, after = step(path[-1], state)
            grown += [(path + [i], total + value, after) for i, value in enumerate(log_p)]
        together = sorted(finished + grown, key=lambda item: item[1], reverse=True)[:width]
        finished = [item for item in together if item[2] is None or item[0][-1] == eos]
        finished = [(path, total, None) for path, total, _ in finished]
        running = [item for item in together if not (item[2] is None or item[0][-1] == eos)]
        if not running:
            break
    found = sorted(finished + running, key=lambda item: item[1], reverse=True)
    return [([i for i in path[1:] if i != eos], float(total)) for path, total, _ in found]


@dataclass
class Hypothesis:
    tokens: tuple
    log_p: float
    last: int
    state: object
    finished: bool = False

    def successors(self, step, eos):
        if self.finished:
            return [self]
        log_p, state = step(self.last, self.state)
        return [
            Hypothesis(self.tokens + (i,) * (i != eos), self.log_p + log_p[i], i, state, i == eos)
            for i in range(log_p.shape[0])
        ]


def beam_search__objects(step, state0, start, eos, width, max_length):
    beam, rounds = [Hypothesis((), 0.0, start, state0)], 0
    while rounds < max_length and not all(h.finished for h in beam):
        candidates = [new for h in beam for new in h.successors(step, eos)]
        beam = heapq.nlargest(width, candidates, key=lambda h: h.log_p)
        rounds += 1
    return [(list(h.tokens), float(h.log_p)) for h in beam]


def beam_search__whole_table(step, state0, start, eos, width, max_length):
    """The scores of all as one table; a finished one has a row in which only its own score is not -inf."""
    paths, scores, states = [[]], np.array([0.0]), [state0]
    for _ in range(max_length):
        rows, after = [], []
        for path, score, state in zip(paths, scores, states, strict=True):
            done = bool(path) and path[-1] == eos
            log_p, new = (None, None) if done else step(path[-1] if path else start, state)
            rows.append(log_p if done else score + log_p)
            after.append(new)
        n = max(len(row) for row in rows if row is not None)
        table = np.full((len(rows), n), -np.inf)
        for i, row in enumerate(rows):
            if row is None:
                table[i, 0] = scores[i]
            else:
                table[i] = row
        best = np.argsort(-table, axis=None, kind="stable")[:width]
        best = [(i // n, i % n) for i in best if table[i // n, i % n] > -np.inf]
        states = [after[i] for i, _ in best]
        scores = np.array([table[i, j] for i, j in best])
        paths = [paths[i] if rows[i] is None else [*paths[i], int(j)] for i, j in best]
        if all(path[-1] == eos for path in paths):
            break
    return [(path[:-1] if path[-1] == eos else path, float(s)) for path, s in zip(paths, scores, strict=True)]


def beam_search__recursion(step, state0, start, eos, width, max_length):
    def search(beams, left):
        if left == 0 or all(state is None for *_, state in beams):
            return beams
        candidates = []
        for tokens, total, last, state in beams:
            if state is None:
                candidates.append((tokens, total, last, None))
            else:
                log_p, (new,) = (lambda answer: (answer[0], answer[1:]))(step(last, state[0]))
                for i in range(len(log_p)):
                    state_of_it = None if i == eos else (new,)
                    candidates.append((tokens if i == eos else [*tokens, i], total + log_p[i], i, state_of_it))
        return search(sorted(candidates, key=lambda c: -c[1])[:width], left - 1)

    found = search([([], 0.0, start, (state0,))], max_length)
    return [(tokens, float(total)) for tokens, total, *_ in found]
