"""The alphabet backwards by encoder–decoder: with the right answers at hand, and running freely."""

import numpy as np

from utils.generators import END, alphabets
from utils.reference import init_encoder_decoder
from utils.training import accuracy_of_decoding, on_one_thread, train_encoder_decoder

from .experiment import Experiment, say


def distinct(rng, shortest, longest):
    """Every stretch of the alphabet of these lengths, once, in random order, as the arrays of `alphabets`."""
    x, x_mask, y, y_mask = alphabets(rng, 20_000, shortest, longest)
    _, first = np.unique(x, axis=0, return_index=True)
    first = rng.permutation(first)
    return x[first], x_mask[first], y[first], y_mask[first]


def learn(seed, shortest, longest, epochs, n_a, every):
    """One trial: History, and running freely (looks, held out or known, symbols or answers)."""
    rng = np.random.default_rng(seed)
    x, x_mask, y, y_mask = distinct(rng, shortest, longest)
    x = (np.arange(END)[:, None, None] == x).astype(float)
    size = max(1, len(y) // 5)
    held_out, known = ((x[:, now], x_mask[now], y[now], y_mask[now]) for now in (slice(size), slice(size, None)))
    P, free = init_encoder_decoder(END, n_a, END + 1, rng), []

    def watch(epoch, P):
        if epoch % every == 0:
            free.append([accuracy_of_decoding(*some, P, END) for some in (held_out, known)])

    settings = {"epochs": epochs, "batch": 16, "learning_rate": 0.003, "watch": watch}
    _, history = train_encoder_decoder(*known, P, rng, held_out=held_out, **settings)
    return history, free


@on_one_thread
def alphabet_run(seed=0, *, progress=False, shortest=3, longest=12, epochs=150, n_a=48, every=10, trials=5):
    """Held-out accuracy by epoch, of symbols, with teacher forcing; every so many epochs also running freely.

    A whole answer is right running freely exactly if it is right with teacher forcing, so `answers` serves for both.
    All arrays but `epochs` have a row for each trial.
    """
    forced, learning, free = [], [], []
    for trial in range(trials):
        history, looks = learn([seed, trial], shortest, longest, epochs, n_a, every)
        forced.append(history.held_out_accuracy)
        learning.append(history.accuracy)
        free.append(looks)
        symbols, answers = looks[-1][0]
        say(progress, f"alphabet, trial {trial + 1}, free running: {symbols:.3f} of symbols, {answers:.3f} of answers")
    free = np.array(free)  # (trials, looks, held out or known, symbols or answers)
    return {
        "epochs": np.arange(every, epochs + 1, every),
        "free_running": free[:, :, 0, 0],
        "free_running_known": free[:, :, 1, 0],
        "answers": free[:, :, 0, 1],
        "answers_known": free[:, :, 1, 1],
        "teacher_forced": np.array(forced)[:, every - 1 :: every],
        "teacher_forced_learning": np.array(learning)[:, every - 1 :: every],
    }


def figures(arrays):
    """Shares at the end, averaged over the trials: symbols with teacher forcing and running freely, whole answers.

    gap: how much lower running freely is, averaged over all looks.
    """
    names = ("teacher_forced", "free_running", "free_running_known", "answers", "answers_known")
    gap = float(np.mean(arrays["teacher_forced"] - arrays["free_running"]))
    return {name: float(arrays[name][:, -1].mean()) for name in names} | {"gap": gap}


ALPHABET = Experiment(
    name="alphabet",
    shows="running freely costs a few symbols in a hundred beside teacher forcing, on stretches never seen",
    run=alphabet_run,
    figures=figures,
    bands={
        "teacher_forced": (0.85, 1.0),
        "free_running": (0.8, 1.0),
        "free_running_known": (0.95, 1.0),
        "answers": (0.5, 1.0),
        "answers_known": (0.9, 1.0),
        "gap": (0.0, 0.08),
    },
    tiny={"shortest": 1, "longest": 2, "epochs": 2, "n_a": 5, "every": 1, "trials": 2},
)
