"""The course's own NumPy, training the same network on two threads: what the card is compared with.

It runs in a process of its own, because a library of matrix products asks how many threads it may take once, when NumPy
is imported. This module imports no torch, so that the process does not either.
"""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import numpy as np

from utils.models import every_step_pass
from utils.reference import adam_step, clip_by_norm
from utils.threads import ONE_THREAD

TWO_THREADS = dict.fromkeys(ONE_THREAD, "2")
PATIENCE = 600  # seconds for a call: a process that hangs stops the benchmark


@contextmanager
def on_two_threads():
    """A block with a function call(f, *arguments), which computes f in a process with two threads for its products."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        before = {name: os.environ.get(name) for name in TWO_THREADS}
        os.environ.update(TWO_THREADS)
        try:
            pool.submit(os.getpid).result(PATIENCE)  # it starts now, with these settings
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
        yield lambda function, *arguments: pool.submit(function, *arguments).result(PATIENCE)


def arrays(x, y, n_tokens):
    """Tokens x, y (m, T), y = -1 where nothing is asked, in the form of the course: one-hot x, mask, targets."""
    columns = (np.arange(n_tokens)[:, None, None] == x).astype(np.float32)  # (n_x, m, T)
    return columns, y >= 0, np.maximum(y, 0)


def epoch(P, adam, batches, limit, learning_rate):
    """One step of Adam for each batch of `arrays`. Returns seconds, P, the state of Adam, nats per step."""
    nats, steps, start = 0.0, 0, time.perf_counter()
    for x, mask, targets in batches:
        loss, _, gradients = every_step_pass(P, x, mask, targets)
        count = int(mask.sum())  # a number of Python's: one of NumPy's would turn float32 into float64
        G, _ = clip_by_norm({name: g / count for name, g in gradients().items()}, limit)
        P, adam = adam_step(P, G, adam, learning_rate)
        nats, steps = nats + float(loss), steps + count
    return time.perf_counter() - start, P, adam, nats / steps


def held_out(P, batches):
    """Nats per step without learning."""
    nats = sum(float(every_step_pass(P, *batch)[0]) for batch in batches)
    return nats / sum(int(mask.sum()) for _, mask, _ in batches)
