"""What an experiment is: how to run it, which figures it comes to, and between which bounds they lie."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utils.reference import init_gru, init_lstm, init_rnn

CELLS = {"rnn": init_rnn, "gru": init_gru, "lstm": init_lstm}


@dataclass(frozen=True)
class Experiment:
    """One comparison, too long for a lesson.

    shows: what came out, in a sentence. run: (seed, progress=…, **sizes) -> {name: array}, the curves. figures: arrays
    -> {name: number}, the few numbers that a lesson quotes. bands: (lowest, highest) for each figure; wide enough for
    other machines, whose rounding takes other turns after some thousand steps. tiny: sizes for a test of seconds.
    """

    name: str
    shows: str
    run: Callable
    figures: Callable
    bands: dict[str, tuple[float, float]]
    tiny: dict

    def outside(self, arrays):
        """A sentence for each figure that is not between its bounds."""
        figures = self.figures(arrays)
        return [
            f"{self.name}: {figure} is {figures[figure]:.3f}, expected between {low} and {high}."
            for figure, (low, high) in self.bands.items()
            if not low <= figures[figure] <= high
        ]


def npz_bytes(arrays):
    """Arrays as the content of an .npz file whose bytes depend on nothing else: no date, no compression."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # zipfile writes 0 on Windows
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array, order="C"), allow_pickle=False)
            archive.writestr(entry, content.getvalue())
    return whole.getvalue()


def runs_bytes(results):
    """The content of data/runs.npz. results: {experiment: {name: array}}; entries EXPERIMENT.NAME, float32, sorted."""
    named = {f"{experiment}.{name}": a for experiment, arrays in results.items() for name, a in arrays.items()}
    return npz_bytes({name: np.asarray(named[name], "<f4") for name in sorted(named)})


def split(rng, things, held_out):
    """A list in random order, cut in two: what is learned from and what is held out, that share of it, at least one."""
    order = [things[i] for i in rng.permutation(len(things))]
    size = max(1, round(held_out * len(things)))
    return order[size:], order[:size]


def say(progress, words):
    """A line while running, when asked for."""
    if progress:
        print(words, flush=True)
