"""Which gate is needed for what: an LSTM with all its gates beside four that lack one, on three tasks."""

from dataclasses import replace

import numpy as np

from utils.generators import adding_problem
from utils.names import LETTERS, arrays_of
from utils.reference import init_lstm
from utils.training import EVERY_STEP, TO_NUMBER, on_one_thread, train

from .experiment import Experiment, say
from .language import data

HELD_OPEN = {"full": "", "no_forget": "f", "no_update": "u", "no_output": "o", "coupled": ""}
OPEN = 40.0  # σ(40) is 1 to the last digit that a computer keeps, and its slope is 0: learning never moves it


def init_ablated(variant, n_x, n_a, n_y, rng):
    """The first weights of an LSTM, one gate held open for good: its weights are zero, its bias is so large."""
    P = init_lstm(n_x, n_a, n_y, rng, forget_bias=1)
    for gate in HELD_OPEN[variant]:
        P[f"W{gate}"], P[f"b{gate}"] = np.zeros_like(P[f"W{gate}"]), np.full_like(P[f"b{gate}"], OPEN)
    return P


def coupled(task):
    """The same task for an LSTM whose update gate is 1 - Γf.

    1 - σ(z) is σ(-z), so Wu = -Wf and bu = -bf; whatever Wu and bu hold is not used and gets no gradient.
    """

    def forward(P, *some):
        loss, y_pred, back = task.forward(P | {"Wu": -P["Wf"], "bu": -P["bf"]}, *some)

        def gradients():
            G = back()
            tied = {f"d{kind}f": G[f"d{kind}f"] - G[f"d{kind}u"] for kind in "Wb"}
            return G | tied | {f"d{kind}u": np.zeros_like(G[f"d{kind}u"]) for kind in "Wb"}

        return loss, y_pred, gradients

    return replace(task, forward=forward)


def last_marked(rng, m, T, marks=4):
    """T random numbers in [0, 1), some of them marked: what is the last marked one?

    Returns x (2, m, T), the numbers in row 0 and the marks (1 or 0) in row 1, and y (m,). Always answering 1/2 has a
    mean squared error of 1/12, the variance of one such number.
    """
    numbers, marked = rng.random((m, T)), np.zeros((m, T))
    places = rng.permuted(np.tile(np.arange(T), (m, 1)), axis=1)[:, :marks]
    np.put_along_axis(marked, places, 1.0, axis=1)
    return np.stack([numbers, marked]), numbers[np.arange(m), places.max(axis=1)]


NUMBERS = {"sum": (adding_problem, 1.0), "last": (last_marked, 0.5)}  # how to draw them, and the blind answer


def learn(task, examples, held_out, variant, sizes, rng, **settings):
    """The held-out loss after each epoch, (epochs,)."""
    P = init_ablated(variant, *sizes, rng)
    task = coupled(task) if variant == "coupled" else task
    return np.array(train(task, examples, P, rng, held_out=held_out, **settings)[1].held_out)


@on_one_thread
def ablation_run(
    seed=0, *, progress=False, m=2000, T=30, epochs=12, n_a=16, trials=4, names=None, epochs_names=12, n_a_names=64,
    trials_names=3,
):  # fmt: skip
    """Held-out losses by epoch, (trials, epochs), for each task and each LSTM: TASK_VARIANT.

    sum and last: squared errors, and those of a blind answer, (trials,). names: bits per character; names: how many of
    them, all where None.
    """
    arrays = {}
    for name, (draw, blind) in NUMBERS.items():
        rngs = [np.random.default_rng([seed, trial]) for trial in range(trials)]
        sets = [(draw(rng, m, T), draw(rng, 1000, T)) for rng in rngs]
        arrays[f"{name}_blind"] = np.array([np.mean((held_out[1] - blind) ** 2) for _, held_out in sets])
        for variant in HELD_OPEN:
            settings = {"epochs": epochs, "batch": 20, "learning_rate": 0.02}
            arrays[f"{name}_{variant}"] = np.array([
                learn(TO_NUMBER, *some, variant, (2, n_a, 1), np.random.default_rng([seed, trial, 1]), **settings)
                for trial, some in enumerate(sets)
            ])  # fmt: skip
            best = arrays[f"{name}_{variant}"].min(axis=1).round(4)
            say(progress, f"ablation, {name}, {variant}: squared errors {best.tolist()}")
    for variant in HELD_OPEN:
        curves, settings = [], {"epochs": epochs_names, "batch": 32, "learning_rate": 0.003}
        for trial in range(trials_names):
            known, fresh = (arrays_of(some) for some in data([seed, trial], names))
            rng = np.random.default_rng([seed, trial, 1])
            sizes = len(LETTERS), n_a_names, len(LETTERS)
            curves.append(learn(EVERY_STEP, known, fresh, variant, sizes, rng, **settings) / np.log(2))
        arrays[f"names_{variant}"] = np.array(curves)
        say(progress, f"ablation, names, {variant}: {arrays[f'names_{variant}'].min(axis=1).mean():.3f} bits")
    return arrays


SOLVED = 0.01  # a squared error below this counts as solved


def figures(arrays):
    """In how many trials sum and last are solved; the lowest bits per character on names, averaged over the trials.

    And what a forget gate that is held open costs: how many times the error of last, how many bits more on names.
    """
    solved = {
        f"{task}_{variant}": float((arrays[f"{task}_{variant}"].min(axis=1) < SOLVED).sum())
        for task in NUMBERS
        for variant in HELD_OPEN
        if (task, variant) != ("sum", "no_forget")  # anything from none to all, by seed
    }
    bits = {f"names_{variant}": float(arrays[f"names_{variant}"].min(axis=1).mean()) for variant in HELD_OPEN}
    last = {variant: float(np.median(arrays[f"last_{variant}"].min(axis=1))) for variant in HELD_OPEN}
    return (
        solved
        | bits
        | {
            "last_no_forget_times": last["no_forget"] / last["full"],
            "names_no_forget_costs": bits["names_no_forget"] - bits["names_full"],
        }
    )


ABLATION = Experiment(
    name="ablation",
    shows="the sum needs the update gate, names are dearer without the forget gate, the output gate is hardly missed",
    run=ablation_run,
    figures=figures,
    bands={
        "sum_full": (3, 4),
        "sum_no_update": (0, 1),
        "sum_no_output": (3, 4),
        "sum_coupled": (3, 4),
        "last_full": (3, 4),
        "last_no_forget": (2, 4),
        "last_no_update": (3, 4),
        "last_no_output": (3, 4),
        "last_coupled": (3, 4),
        "names_full": (2.45, 2.65),
        "names_no_forget": (2.5, 2.75),
        "names_no_update": (2.45, 2.65),
        "names_no_output": (2.45, 2.65),
        "names_coupled": (2.45, 2.68),
        "last_no_forget_times": (1, 100),
        "names_no_forget_costs": (0.03, 0.2),
    },
    tiny={
        "m": 40, "T": 6, "epochs": 1, "n_a": 4, "trials": 2, "names": 60, "epochs_names": 1, "n_a_names": 5,
        "trials_names": 2,
    },
)  # fmt: skip
