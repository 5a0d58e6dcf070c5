"""What a gate is worth: where its bias starts, what the candidate may look at, whether it opens and shuts at all."""

import numpy as np

from utils.datasets import encode_words
from utils.generators import VERBS, agreement_sentences, agreement_words
from utils.reference import gru_forward, init_gru, init_rnn
from utils.training import EVERY_STEP, evaluate, on_one_thread, train_every_step, train_to_number, train_to_one

TOP = 4  # the running total of `totals_since_stop` is kept between -TOP and TOP


@on_one_thread
def bias_experiment(seeds, biases=(0, -1, -2, -4), *, learned=(20, 30), m=600, n_c=24, epochs=7, progress=False):
    """Was or were, from far subjects alone: in which epoch are more than 9 in 10 right for the first time?

    biases: what bu is filled with before learning; None stands for a plain RNN. All networks of a seed read the same
    sentences. Returns {name: a list with an epoch, or None, for each seed}.
    """
    words, result = agreement_words(), {}
    for bias in biases:
        name = "plain RNN" if bias is None else f"GRU, bias {bias:+d}".replace("-", "−").replace("+0", "0")
        result[name] = []
        for seed in seeds:
            sentences, labels, _ = agreement_sentences(np.random.default_rng([seed, *learned]), m, learned)
            x, mask = encode_words(sentences, words)
            sizes = len(words), n_c, len(VERBS), np.random.default_rng([seed, 1])
            P = init_rnn(*sizes) if bias is None else init_gru(*sizes, update_bias=bias)
            options = {"epochs": epochs, "batch": 32, "learning_rate": 0.01}
            _, history = train_to_one(x, mask, labels, P, np.random.default_rng([seed, 2]), **options)
            right = (epoch for epoch, share in enumerate(history.accuracy, start=1) if share > 0.9)
            result[name].append(next(right, None))
        if progress:
            learned_it = sum(epoch is not None for epoch in result[name])
            print(f"{name:12} learned it on {learned_it} of {len(result[name])} seeds", flush=True)
    return result


def always_relevant(P):
    """The same parameters with Γr = 1 for good: the full cell becomes the simple one, in learning as well.

    σ(40) is 1 to the last digit, and its slope is so small that Adam, too, leaves these two parameters where they are.
    """
    return P | {"Wr": np.zeros_like(P["Wr"]), "br": np.full_like(P["br"], 40.0)}


def totals_since_stop(rng, m, T=30):
    """Ups, downs and stops, m sequences: the total of ups minus downs since the last stop, kept within -TOP and TOP.

    Returns one-hot x (3, m, T) for down, up, stop; mask bool (m, T), all True; targets int (m, T), total + TOP.
    """
    steps = np.where(rng.random((m, T)) < 0.1, 2, rng.integers(2, size=(m, T)))
    total, targets = np.zeros(m, int), np.zeros((m, T), int)
    for t in range(T):
        total = np.where(steps[:, t] == 2, 0, total + 2 * steps[:, t] - 1)
        targets[:, t] = np.clip(total, -TOP, TOP) + TOP
    return (np.arange(3)[:, None, None] == steps).astype(float), np.ones((m, T), bool), targets


@on_one_thread
def relevance_experiment(seeds, *, m=500, n_c=16, epochs=12, progress=False):
    """`totals_since_stop` with both gates, and with Γr = 1 for good: nats per step on fresh sequences after learning.

    Returns {"both gates": (seeds,), "update gate alone": (seeds,)}.
    """
    result = {"both gates": [], "update gate alone": []}
    for seed in seeds:
        data, fresh = (
            totals_since_stop(np.random.default_rng([seed, which]), size) for which, size in ((0, m), (9, 300))
        )
        for name, losses in result.items():
            P = init_gru(3, n_c, 2 * TOP + 1, np.random.default_rng([seed, 1]))
            P = always_relevant(P) if name == "update gate alone" else P
            options = {"epochs": epochs, "batch": 32, "learning_rate": 0.01}
            P, _ = train_every_step(*data, P, np.random.default_rng([seed, 2]), **options)
            losses.append(evaluate(EVERY_STEP, fresh, P)[0])
        if progress:
            line = ", ".join(f"{name} {losses[-1]:.3f}" for name, losses in result.items())
            print(f"seed {seed}: nats per step on fresh sequences: {line}", flush=True)
    return {name: np.array(losses) for name, losses in result.items()}


def marked_numbers(rng, m, T):
    """A number at each step, some of them marked; what is asked for at the end is the last marked one.

    Returns x (2, m, T), the number between -1 and 1 and its mark, 0 or 1; y (m,). The first step is always marked.
    """
    numbers, marks = rng.uniform(-1, 1, size=(m, T)), rng.random((m, T)) < 0.12
    marks[:, 0] = True
    last = T - 1 - np.argmax(marks[:, ::-1], axis=1)
    return np.stack([numbers, marks.astype(float)]), numbers[np.arange(m), last]


@on_one_thread
def learn_marked_numbers(seed=0, *, n_c=3, m=500, T=30, epochs=25):
    """A GRU of a few units learns `marked_numbers` from sequences of T steps. Returns its parameters."""
    x, y = marked_numbers(np.random.default_rng([seed, 0]), m, T)
    P = init_gru(2, n_c, 1, np.random.default_rng([seed, 1]), update_bias=-2)
    options = {"epochs": epochs, "batch": 32, "learning_rate": 0.02}
    return train_to_number(x, y, P, np.random.default_rng([seed, 2]), **options)[0]


def squared_error(x, y, P):
    """Mean squared error of a GRU that answers with a number after the last step. x: (n_x, m, T); y: (m,)."""
    c, _, _ = gru_forward(x, np.zeros((len(P["bu"]), x.shape[1])), P)
    return float(np.mean(((P["Wy"] @ c[:, :, -1] + P["by"])[0] - y) ** 2))


def gates_of(x, P):
    """A GRU reads x from zeros: update gate Γu, relevance gate Γr and memory c, three arrays (n_c, m, T)."""
    c, _, (cells, _) = gru_forward(x, np.zeros((len(P["bu"]), x.shape[1])), P)
    return np.stack([cell[2] for cell in cells], axis=-1), np.stack([cell[3] for cell in cells], axis=-1), c


def freeze_gates(P, **gates):
    """The same network with gates that no word can move: u, r or both, fixed at their means, unit by unit.

    gates: the values of each, (n_c, m, T).
    """
    for name, values in gates.items():
        mean = values.mean(axis=(1, 2))[:, None]
        P = P | {f"W{name}": np.zeros_like(P[f"W{name}"]), f"b{name}": np.log(mean / (1 - mean))}
    return P
