"""Names of dinosaurs, letter by letter: three cells beside n-grams, and one, two and three layers."""

import numpy as np

from utils.baselines import ngram_bits
from utils.datasets import load_dinosaurs
from utils.models import init_deep
from utils.names import LETTERS, arrays_of
from utils.training import on_one_thread, train_deep, train_every_step

from .experiment import CELLS, Experiment, say, split

NGRAMS = ("uniform", "unigram", "bigram", "trigram")
DEPTHS = (1, 2, 3)


def data(seed, m=None):
    """Names for learning and names held out, one tenth; all, or the first m."""
    return split(np.random.default_rng(seed), load_dinosaurs()[:m], 0.1)


@on_one_thread
def names_run(seed=0, *, progress=False, m=None, epochs=40, n_a=64):
    """Held-out bits per character by epoch for each cell, beside those of n-grams."""
    known, held_out = data(seed, m)
    arrays = {name: np.array(ngram_bits(known, held_out, order)) for order, name in enumerate(NGRAMS)}
    for cell, init in CELLS.items():
        rng = np.random.default_rng([seed, 1])
        P = init(len(LETTERS), n_a, len(LETTERS), rng)
        _, history = train_every_step(
            *arrays_of(known), P, rng, held_out=arrays_of(held_out), epochs=epochs, batch=32, learning_rate=0.003
        )
        arrays[cell], arrays[f"{cell}_learning"] = (np.array(h) / np.log(2) for h in (history.held_out, history.loss))
        say(progress, f"names, {cell}: {arrays[cell].min():.3f} bits per character after {history.best} epochs")
    return arrays


def names_figures(arrays):
    """The lowest held-out bits per character, by how many one is over another, and the cells' best epochs, from 1."""
    best = {name: float(arrays[name].min()) for name in (*NGRAMS, *CELLS)}
    best["rnn_over_gated"] = best["rnn"] - min(best["gru"], best["lstm"])
    best["trigram_over_rnn"] = best["trigram"] - best["rnn"]
    return best | {f"{cell}_best_epoch": float(arrays[cell].argmin() + 1) for cell in CELLS}


def count(P):
    """How many numbers a model learns."""
    return sum(theta.size for theta in P.values())


def widest(L, parameters, n):
    """The most units a layer may have so that L layers have at most so many parameters; n symbols in and out."""
    sizes = range(1, 1000)
    fitting = [n_a for n_a in sizes if L * n_a * (n_a + 1) + n_a * n + (L - 1) * n_a**2 + n * (n_a + 1) <= parameters]
    return max(fitting)


@on_one_thread
def depth_run(seed=0, *, progress=False, m=None, epochs=25, parameters=12_000, trials=3):
    """Held-out bits per character by epoch, (trials, epochs), for one, two and three layers of equal size in all."""
    arrays = {"parameters": np.zeros(len(DEPTHS)), "units": np.zeros(len(DEPTHS))}
    for place, L in enumerate(DEPTHS):
        curves, n_a = [], widest(L, parameters, len(LETTERS))
        for trial in range(trials):
            known, held_out = data([seed, trial], m)
            rng = np.random.default_rng([seed, trial, 1])
            P = init_deep(len(LETTERS), n_a, len(LETTERS), L, rng)
            _, history = train_deep(
                *arrays_of(known), P, rng, held_out=arrays_of(held_out), epochs=epochs, batch=32, learning_rate=0.003
            )
            curves.append(np.array(history.held_out) / np.log(2))
        arrays[f"layers_{L}"] = np.array(curves)
        arrays["parameters"][place], arrays["units"][place] = count(P), n_a
        best = arrays[f"layers_{L}"].min(axis=1).mean()
        say(progress, f"depth {L}, {n_a} units a layer: {best:.3f} bits per character")
    return arrays


def depth_figures(arrays):
    """The lowest held-out bits per character, averaged over the trials, and what one layer has more."""
    best = {f"layers_{L}": float(arrays[f"layers_{L}"].min(axis=1).mean()) for L in DEPTHS}
    over = {"one_over_two": best["layers_1"] - best["layers_2"], "one_over_three": best["layers_1"] - best["layers_3"]}
    return best | over


NAMES = Experiment(
    name="names",
    shows="on held-out names GRU and LSTM are a little better than the RNN, and all three better than a trigram",
    run=names_run,
    figures=names_figures,
    bands={
        "uniform": (4.75, 4.76),
        "unigram": (3.9, 4.2),
        "bigram": (2.95, 3.3),
        "trigram": (2.5, 2.8),
        "rnn": (2.4, 2.7),
        "gru": (2.3, 2.6),
        "lstm": (2.3, 2.6),
        "rnn_over_gated": (0.0, 0.25),
        "trigram_over_rnn": (0.0, 0.3),
        "rnn_best_epoch": (10, 40),
        "gru_best_epoch": (10, 35),
        "lstm_best_epoch": (10, 40),
    },
    tiny={"m": 80, "epochs": 1, "n_a": 6},
)
DEPTH = Experiment(
    name="depth",
    shows="at equal numbers of parameters two and three layers are a few hundredths of a bit better than one",
    run=depth_run,
    figures=depth_figures,
    bands={
        "layers_1": (2.3, 2.65),
        "layers_2": (2.3, 2.6),
        "layers_3": (2.3, 2.6),
        "one_over_two": (-0.02, 0.15),
        "one_over_three": (-0.05, 0.15),
    },
    tiny={"m": 80, "epochs": 1, "parameters": 900, "trials": 2},
)
