"""A project's decisions: what each change to a model does, and whether it does so each time."""

import matplotlib.pyplot as plt
import numpy as np

from .base import BLUE, DOTTED, GREY, INK, axes_of


def plot_changes(changes, *, title, xlabel, nothing="no change"):
    """A dot for each training and a bar at their mean, the first change on top: {name: (trainings,)}.

    A dotted line stands at zero. Shows the figure and returns None.
    """
    axes = axes_of(title, xlabel, "", size=(8, 1.5 + 0.75 * len(changes)))
    places = np.arange(len(changes))[::-1]
    axes.axvline(0, color=GREY, linestyle=DOTTED, linewidth=1.5)
    for place, values in zip(places, changes.values(), strict=True):
        mean = float(np.mean(values))
        axes.plot(values, np.full(len(values), place), "o", color=BLUE, markersize=8)
        axes.plot([mean, mean], [place - 0.2, place + 0.2], color=INK, linewidth=2.5)
        axes.annotate(
            f"{mean:+.3f}".replace("-", "−"), (mean, place + 0.2), xytext=(0, 4), textcoords="offset points",
            ha="center", color=INK,
        )  # fmt: skip
    axes.annotate(nothing, (0, 1), xycoords=("data", "axes fraction"), xytext=(-5, -4), textcoords="offset points",
                  color=GREY, ha="right", va="top")  # fmt: skip
    axes.set_yticks(places, list(changes), fontsize=11)
    axes.set_ylim(-0.5, len(changes) - 0.1)
    axes.grid(visible=False)
    axes.grid(axis="x", color="#D8DEE3", linewidth=0.8)
    plt.show()
