"""From a model to its most probable sequence, as nearly as a narrow search can find it."""

import numpy as np

from .door import expect, expect_function, expect_language_model, expect_number


def beam_search(step, state0, start, eos, width, max_length):
    """Keep the `width` most probable beginnings, extend each by every token, keep the best of all of them, and so on.

    step(token, state) -> log_p (n,), state: pure, so that several beginnings can share a state; start is read first;
    eos finishes a beginning, which stays as it is and goes on competing. Ends after max_length rounds, or when all that
    are kept are finished. Ties: the one that stands earlier wins. No length penalty (Sutskever et al. 2014,
    arXiv:1409.3215). Returns [(tokens, log_p)], the best first; tokens without start and eos, log_p in nats.

    The scores of a round are one array, sorted once. ValueError for a width or max_length below 1, an eos that is no
    token, and what step returns when it is no (n,) of log-probabilities (NaN, or above 0: has it seen a softmax?).
    """
    expect_function("step", step, "takes a token and a state")
    expect_number("start", start, whole=True)
    for name, value in (("width", width), ("max_length", max_length)):
        expect_number(name, value, least=1, whole=True)
    beams, n = [((), 0.0, start, state0)], None  # a finished one has no state left, and None as its last token
    for _ in range(max_length):
        scores, origins = [], []
        for beam, (_, total, last, state) in enumerate(beams):
            if last is None:
                scores.append(np.array([total]))
                origins.append((beam, None))
                continue
            log_p, after = step(last, state)
            n = _expect_log_p(log_p, eos, n)
            scores.append(total + log_p.astype(float))
            origins += [(beam, (token, after)) for token in range(n)]
        scores = np.concatenate(scores)
        grown = []
        for i in np.argsort(-scores, kind="stable")[:width]:
            beam, more = origins[i]
            tokens, total = beams[beam][0], float(scores[i])
            if more is None or more[0] == eos:
                grown.append((tokens, total, None, None))
            else:
                grown.append(((*tokens, more[0]), total, *more))
        beams = grown
        if all(last is None for _, _, last, _ in beams):
            break
    return [(list(tokens), total) for tokens, total, _, _ in beams]


def rnn_step(P):
    """The step of an RNN language model for `beam_search`: step(token, state) -> log ŷ (n,), new state (n_a, 1).

    P: Wax (n_a, n), Waa, ba, Wya (n, n_a), by. Start with state0 = zeros (n_a, 1) and the token -1, which is nothing.
    ValueError for parameters that do not fit, a token outside -1 … n - 1, a state of another shape.
    """
    n = expect_language_model(P)

    def step(token, state):
        expect_number("token", token, least=-1, whole=True)
        if token >= n:
            raise ValueError(f"token must be at most {n - 1}, got {token}.")
        expect({"n_a": len(P["ba"])}, state=(state, "n_a 1"))
        driven = P["Wax"][:, token, None] + P["ba"] if token >= 0 else P["ba"]
        a = np.tanh(driven + P["Waa"] @ state)
        z = (P["Wya"] @ a + P["by"])[:, 0]
        z -= z.max()
        return z - np.log(np.exp(z).sum()), a

    return step


def _expect_log_p(log_p, eos, n):
    """Check what step gave: (n,) log-probabilities, eos among them. Returns n."""
    n = expect({} if n is None else {"n": n}, log_p=(log_p, "n"))["n"]
    if log_p.dtype.kind != "f" or log_p.max() > 1e-6:
        came = f"{log_p.max()}" if log_p.dtype.kind == "f" else f"dtype {log_p.dtype}"
        raise ValueError(f"log_p must hold logarithms of probabilities, at most 0, got {came}.")
    expect_number("eos", eos, least=0, whole=True)
    if eos >= n:
        raise ValueError(f"eos must be at most {n - 1}, the last token, got {eos}.")
    return n
