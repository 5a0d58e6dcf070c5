"""The same network, trained with two ways back: which of them learns what has to be kept?"""

import numpy as np

from utils.generators.puzzles import echo_task
from utils.loop import on_one_thread
from utils.reference import init_rnn, rnn_forward


def echo_batch(rng, m, n_symbols, T, lag):
    """`echo_task` as a network reads it: x one-hot (n_symbols, m, T), targets int (m, T), mask bool (m, T)."""
    symbols, targets, mask = echo_task(rng, m, n_symbols, T, lag)
    return (np.arange(n_symbols)[:, None, None] == symbols).astype(float), targets, mask


@on_one_thread
def echo_experiment(step, seed=0, *, lags=(1, 2, 3, 4, 5, 6), n_symbols=8, n_a=32, T=12, batches=300, m=32):
    """Train a network for each lag to say which symbol came that many steps before; fresh random symbols each time.

    step: a function like `train_step`; it gets 0.5 as learning rate and 1 as the limit of the norm. The same seed
    means the same first weights and the same data, whatever `step` does.

    Returns the share of right answers on 500 fresh sequences, (len(lags),); guessing gets 1 / n_symbols.
    """
    share = []
    for lag in lags:
        rng = np.random.default_rng(seed)
        P = init_rnn(n_symbols, n_a, n_symbols, rng)
        for _ in range(batches):
            x, targets, mask = echo_batch(rng, m, n_symbols, T, lag)
            P, _, _ = step(x, targets, mask, np.zeros((n_a, m)), P, 0.5, 1.0)
        x, targets, mask = echo_batch(rng, 500, n_symbols, T, lag)
        _, y_pred, _ = rnn_forward(x, np.zeros((n_a, 500)), P)
        share.append(np.mean((y_pred.argmax(axis=0) == targets)[mask]))
    return np.array(share)
