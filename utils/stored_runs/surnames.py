"""The language of a surname's spelling: runs of letters with logistic regression, and recurrent networks."""

import numpy as np

from utils.baselines import LetterRuns
from utils.datasets import LANGUAGES, load_surnames
from utils.names import LETTERS, name_batch
from utils.training import on_one_thread, train_to_one

from .experiment import CELLS, Experiment, say, split

NETS = ("rnn", "lstm")


def encoded(pairs):
    """The arrays of `train_to_one`: the letters of each name and its end, padded on the right."""
    _, letters, mask = name_batch([name for name, _ in pairs])
    x = (np.arange(len(LETTERS))[:, None, None] == np.where(mask, letters, -1)).astype(float)
    return x, mask, numbers(pairs)


def numbers(pairs):
    """Languages as numbers, places in LANGUAGES."""
    return np.array([list(LANGUAGES).index(language) for _, language in pairs])


@on_one_thread
def surnames_run(seed=0, *, progress=False, every=1, epochs=15, n_a=64):
    """Held-out accuracy by epoch of the nets, and that of logistic regression; every: take each such name only."""
    known, held_out = split(np.random.default_rng(seed), load_surnames()[::every], 0.2)
    model = LetterRuns([name for name, _ in known], numbers(known), len(LANGUAGES))
    right = model.predict([name for name, _ in held_out]) == numbers(held_out)
    arrays = {"letter_runs": right.mean(), "largest": np.bincount(numbers(held_out)).max() / len(held_out)}
    say(progress, f"surnames, logistic regression on runs of letters: {right.mean():.3f} right")
    for cell in NETS:
        rng = np.random.default_rng([seed, 1])
        P = CELLS[cell](len(LETTERS), n_a, len(LANGUAGES), rng)
        _, history = train_to_one(*encoded(known), P, rng, held_out=encoded(held_out), epochs=epochs, batch=32)
        arrays[cell], arrays[f"{cell}_learning"] = np.array(history.held_out_accuracy), np.array(history.accuracy)
        say(progress, f"surnames, {cell}: {arrays[cell][-1]:.3f} right after the last epoch")
    return arrays


def figures(arrays):
    """Held-out accuracy; of the nets after the last epoch, so that nothing was chosen with the help of the test."""
    nets = {cell: float(arrays[cell][-1]) for cell in NETS}
    runs = float(arrays["letter_runs"])
    return {"letter_runs": runs, "runs_over_nets": runs - max(nets.values())} | nets


SURNAMES = Experiment(
    name="surnames",
    shows="runs of letters with logistic regression beat both nets, and the LSTM beats the RNN",
    run=surnames_run,
    figures=figures,
    bands={
        "letter_runs": (0.91, 0.95),
        "rnn": (0.75, 0.9),
        "lstm": (0.84, 0.92),
        "runs_over_nets": (0.01, 0.12),
    },
    tiny={"every": 40, "epochs": 1, "n_a": 5},
)
