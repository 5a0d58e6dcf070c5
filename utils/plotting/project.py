"""A project's decisions: what each change to a model does, beside how sure one can be of it."""

import matplotlib.pyplot as plt
import numpy as np

from .base import BLUE, GREY, INK, axes_of


def plot_changes(changes, *, title, xlabel, nothing="no change"):
    """A point and a whisker for each change, the first one on top: {name: (difference, error)}.

    The whisker reaches two errors to either side. A dotted line stands at zero. Shows the figure and returns None.
    """
    axes = axes_of(title, xlabel, "", size=(8, 1.3 + 0.5 * len(changes)))
    places = np.arange(len(changes))[::-1]
    difference, error = np.array([[float(d), float(e)] for d, e in changes.values()]).T
    axes.axvline(0, color=GREY, linestyle=(0, (1, 2)), linewidth=1.5)
    axes.errorbar(difference, places, xerr=2 * error, fmt="o", color=BLUE, markersize=8, linewidth=2, capsize=5)
    for place, d in zip(places, difference, strict=True):
        axes.annotate(
            f"{d:+.2f}".replace("-", "−"),
            (d, place),
            xytext=(0, 11),
            textcoords="offset points",
            ha="center",
            color=INK,
        )
    axes.annotate(nothing, (0, 1), xycoords=("data", "axes fraction"), xytext=(5, -4), textcoords="offset points",
                  color=GREY, va="top")  # fmt: skip
    axes.set_yticks(places, list(changes), fontsize=11)
    axes.set_ylim(-0.6, len(changes) - 0.1)
    axes.grid(visible=False)
    axes.grid(axis="x", color="#D8DEE3", linewidth=0.8)
    plt.show()
