"""The adding problem: two marked numbers among T, and only their sum is asked for."""

import numpy as np

from utils.generators import adding_problem
from utils.reference import init_gru, init_lstm, init_rnn
from utils.training import on_one_thread, train_to_number

from .experiment import Experiment, say

MODELS = {
    "rnn": init_rnn,
    "gru": init_gru,
    "lstm_0": lambda *sizes: init_lstm(*sizes, forget_bias=0),
    "lstm_1": lambda *sizes: init_lstm(*sizes, forget_bias=1),
    "lstm_4": lambda *sizes: init_lstm(*sizes, forget_bias=4),
}
BATCH, RATE = 20, 0.02
SLOW = 0.002  # the plain RNN learns nothing at RATE, at either length: its own rate, and more epochs
SHORT = {"rnn": SLOW, "lstm_1": RATE}  # the models for the short sequences, each with its learning rate


def learn(model, T, seed, m, epochs, n_a, learning_rate):
    """The held-out squared error after each epoch, (epochs,), and that of always answering 1."""
    rng = np.random.default_rng([seed, T])  # the same numbers for every model
    (x, y), held_out = adding_problem(rng, m, T), adding_problem(rng, 1000, T)
    P = MODELS[model](2, n_a, 1, rng)
    settings = {"epochs": epochs, "batch": BATCH, "learning_rate": learning_rate}
    _, history = train_to_number(x, y, P, rng, held_out=held_out, **settings)
    return np.array(history.held_out), np.mean((held_out[1] - 1) ** 2)


@on_one_thread
def adding_run(seed=0, *, progress=False, m=2000, T=150, epochs=24, T_short=50, epochs_short=80, n_a=16):
    """Held-out squared error by number of steps of Adam: T steps with every model, T_short with two.

    rnn_slow: T steps with the plain RNN once more, at its own rate and for as long as rnn_short.
    """
    arrays = {
        "steps": np.arange(1, epochs + 1) * -(-m // BATCH),
        "steps_short": np.arange(1, epochs_short + 1) * -(-m // BATCH),
        "lengths": np.array([T, T_short]),
    }
    for model in MODELS:
        arrays[model], arrays["baseline"] = learn(model, T, seed, m, epochs, n_a, RATE)
        say(progress, f"adding, T = {T}, {model}: squared error {arrays[model].min():.4f}")
    arrays["rnn_slow"], _ = learn("rnn", T, seed, m, epochs_short, n_a, SLOW)
    say(progress, f"adding, T = {T}, rnn, slowly: squared error {arrays['rnn_slow'].min():.4f}")
    for model, rate in SHORT.items():
        name = f"{model}_short"
        arrays[name], arrays["baseline_short"] = learn(model, T_short, seed, m, epochs_short, n_a, rate)
        say(progress, f"adding, T = {T_short}, {model}: squared error {arrays[name].min():.4f}")
    return arrays


def figures(arrays):
    """The lowest squared error that each model reached."""
    return {name: float(arrays[name].min()) for name in (*MODELS, *(f"{model}_short" for model in SHORT), "rnn_slow")}


ADDING = Experiment(
    name="adding",
    shows="over 150 steps gated cells solve the adding problem, the plain RNN hardly begins to; over 50 steps it does",
    run=adding_run,
    figures=figures,
    bands={
        "rnn": (0.14, 0.2),
        "gru": (0.0, 0.01),
        "lstm_0": (0.0, 0.05),
        "lstm_1": (0.0, 0.05),
        "lstm_4": (0.0, 0.2),
        "rnn_short": (0.0, 0.08),
        "lstm_1_short": (0.0, 0.01),
        "rnn_slow": (0.13, 0.2),
    },
    tiny={"m": 64, "T": 12, "epochs": 2, "T_short": 6, "epochs_short": 2, "n_a": 4},
)
