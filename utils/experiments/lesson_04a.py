"""Rules for the step, on the names: gradient descent, each of the two ideas of Adam alone, and Adam."""

import numpy as np

from utils.datasets import load_dinosaurs
from utils.names import LETTERS, arrays_of
from utils.reference import adam_step, clip_by_norm, init_rnn, update_parameters
from utils.training import EVERY_STEP, evaluate, every_step_gradients, on_one_thread

RATES = {"Adam": 0.01, "mean alone": 2.0, "usual size alone": 0.003, "plain, 0.3": 0.3, "plain, 1": 1.0}


def _plain_step(P, G, state, learning_rate):
    return update_parameters(P, G, learning_rate), None


def _mean_step(P, G, state, learning_rate, beta=0.9):
    """Along the running mean of the gradients, with one length for all weights."""
    means = {name: beta * (0.0 if state is None else state[name]) + (1 - beta) * G["d" + name] for name in P}
    return {name: P[name] - learning_rate * means[name] for name in P}, means


def _size_step(P, G, state, learning_rate):
    """Each gradient divided by its usual size, and no mean of the gradients."""
    return adam_step(P, G, state, learning_rate, beta1=0.0)


RULES = {"plain": _plain_step, "mean": _mean_step, "usual size": _size_step, "Adam": adam_step}


@on_one_thread
def step_rule_experiment(seed=0, *, rates=None, epochs=6, n_a=64, batch=32, limit=1.0, m=None, progress=False):
    """Held-out bits per character by epoch: the same network and order of names, another rule for the step.

    rates: {name: learning rate}; a name begins with the name of its rule, one of RULES.
    m: only the first m names. Returns {name: (epochs,)}.
    """
    names = load_dinosaurs()[:m]
    order = np.random.default_rng(seed).permutation(len(names))
    held = max(1, round(0.1 * len(names)))
    held_out, (x, mask, targets) = (arrays_of([names[i] for i in part]) for part in (order[:held], order[held:]))
    curves = {}
    for name, rate in (RATES if rates is None else rates).items():
        (step,) = (RULES[rule] for rule in RULES if name.startswith(rule))
        rng = np.random.default_rng([seed, 1])
        P, state, bits = init_rnn(len(LETTERS), n_a, len(LETTERS), rng), None, []
        for _ in range(epochs):
            shuffled = rng.permutation(len(targets))
            for first in range(0, len(shuffled), batch):
                some = shuffled[first : first + batch]
                G, _, _ = every_step_gradients(x[:, some], mask[some], targets[some], P)
                G, _ = clip_by_norm({key: g / mask[some].sum() for key, g in G.items()}, limit)
                P, state = step(P, G, state, rate)
            bits.append(evaluate(EVERY_STEP, held_out, P)[0] / np.log(2))
        curves[name] = np.array(bits)
        if progress:
            print(f"{name:16} held out {bits[-1]:.2f} bits per character after {epochs} epochs", flush=True)
    return curves
