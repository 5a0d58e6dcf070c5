"""The search for a probable sequence, written out."""


def beam_search(step, state0, start, eos, width, max_length):
    """Look for the most probable sequences, several at a time.

    Keep a list of at most `width` beginnings; at first it holds only the empty one, with log p = 0.
    Each round, replace every beginning by all that it can become with one more token; its log p
    grows by the token's. The token eos finishes a beginning: it stays as it is and goes on competing.
    Of all of them together keep the `width` most probable, the best first; of equal ones, the earlier.
    Stop after max_length rounds, or as soon as all that are kept are finished.

    Arguments
    step -- a function: step(token, state) returns log_p (n,), the logarithm of the probability of
            every next token, and the state after reading the token; the old state stays as it was
    state0 -- the state before anything was read
    start -- the token that is read first; it is in no result
    eos -- the token that ends a sequence
    width -- how many beginnings are kept, at least 1
    max_length -- how many rounds at most

    Returns
    a list of at most `width` pairs (tokens, log_p), the best first: tokens is a list of whole numbers
    without start and without eos; log_p is the sum of all its tokens' log-probabilities, eos included
    """
    beams = [([], 0.0, start, state0, False)]
    for _ in range(max_length):
        candidates = []
        for tokens, total, last, state, finished in beams:
            if finished:
                candidates.append((tokens, total, last, state, True))
                continue
            log_p, new_state = step(last, state)
            for token in range(len(log_p)):
                new_total = total + log_p[token]
                ends = token == eos
                longer = tokens if ends else tokens + [token]
                candidates.append((longer, new_total, token, new_state, ends))
        candidates.sort(key=lambda candidate: -candidate[1])  # equal ones keep their order
        beams = candidates[:width]
        if all(finished for *_, finished in beams):
            break
    return [(tokens, float(total)) for tokens, total, *_ in beams]
