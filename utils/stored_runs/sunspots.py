"""Next year's sunspots: the same as this year, a linear model of the last years, and an RNN."""

import numpy as np

from utils.datasets import load_sunspots
from utils.reference import init_rnn
from utils.training import on_one_thread, to_number_pass, train_to_number

from .experiment import Experiment, say

LAST_KNOWN = 1939  # what comes later is the test
WINDOW = 9  # years


def windows(numbers, years):
    """The WINDOW years before each year as (1, m, WINDOW), and the year's own number, (m,)."""
    before = np.lib.stride_tricks.sliding_window_view(numbers, WINDOW)[:-1]
    return before[None].copy(), numbers[WINDOW:], years[WINDOW:]


@on_one_thread
def sunspots_run(seed=0, *, progress=False, epochs=150, n_a=12, trials=5):
    """Root mean square errors in sunspots for 1940 to 2008, and what was foretold."""
    years, numbers = load_sunspots()
    x, y, at = windows(numbers / 100, years)
    known = at <= LAST_KNOWN
    design = np.vstack([x[0].T, np.ones(len(y))]).T  # (m, WINDOW + 1)
    weights, *_ = np.linalg.lstsq(design[known], y[known], rcond=None)
    told = {"persistence": x[0, ~known, -1], "linear": (design @ weights)[~known]}
    runs = []
    for trial in range(trials):
        rng = np.random.default_rng([seed, trial])
        P, _ = train_to_number(x[:, known], y[known], init_rnn(1, n_a, 1, rng), rng, epochs=epochs, batch=16)
        runs.append(to_number_pass(P, x[:, ~known], y[~known])[1])
    told["rnn"] = np.mean(runs, axis=0)
    errors = {name: 100 * np.sqrt(np.mean((p - y[~known]) ** 2)) for name, p in told.items()}
    each = 100 * np.sqrt(np.mean((np.array(runs) - y[~known]) ** 2, axis=1))
    say(progress, "sunspots: " + ", ".join(f"{name} {error:.1f}" for name, error in errors.items()))
    arrays = {"years": at[~known], "numbers": 100 * y[~known], "rnn_alone_rmse": each}
    return arrays | {f"{n}_told": 100 * p for n, p in told.items()} | {f"{n}_rmse": e for n, e in errors.items()}


def figures(arrays):
    """Root mean square errors; of the RNN for the mean of its trials, and for one alone on average."""
    return {name: float(np.mean(value)) for name, value in arrays.items() if name.endswith("_rmse")}


SUNSPOTS = Experiment(
    name="sunspots",
    shows="the RNN foretells sunspots far better than persistence, and no better than a linear model",
    run=sunspots_run,
    figures=figures,
    bands={
        "persistence_rmse": (32.7, 32.9),
        "linear_rmse": (19.0, 19.1),
        "rnn_rmse": (18.0, 22.0),
        "rnn_alone_rmse": (18.5, 24.0),
    },
    tiny={"epochs": 1, "n_a": 3, "trials": 2},
)
