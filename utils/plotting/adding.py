"""The adding problem and what a missing gate costs: squared errors on a logarithmic scale, a dot for each trial."""

import matplotlib.pyplot as plt
import numpy as np

from .base import BLUE, DOTTED, GREY, INK, SERIES, SKY

# the same network looks the same here and among the gradients by lag; the first of two that coincide is the wider
LOOKS = {
    "plain RNN": (BLUE, "-", 5),
    "GRU": (*SERIES[3][:2], 2.5),
    "LSTM, forget bias 0": (*SERIES[1][:2], 2.5),
    "LSTM, forget bias 1": (*SERIES[2][:2], 2.5),
    "LSTM, forget bias 4": (*SERIES[4][:2], 2.5),
    "plain RNN, 150 steps": (BLUE, "-", 2.5),
    "plain RNN, 50 steps": (SKY, (0, (6, 2)), 2.5),
}


def _row(headings, title, size, **sharing):
    """Axes side by side, a title over all of them and a heading over each."""
    figure, row = plt.subplots(1, len(headings), figsize=size, layout="constrained", squeeze=False, **sharing)
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=14)
    for axes, heading in zip(row[0], headings, strict=True):
        axes.set_title(heading, loc="left", color=INK, fontsize=12)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_axisbelow(True)
    return row[0]


def plot_adding(panels, *, title, blind):
    """Held-out squared error while learning, on a logarithmic scale.

    panels: {heading: {name of LOOKS: (steps, errors)}}, errors above 0. blind: the error of always giving the same
    answer, a dotted line. Shows the figure and returns None.
    """
    row = _row(panels, title, (13, 4.6), sharey=True)
    for axes, curves in zip(row, panels.values(), strict=True):
        axes.axhline(blind, color=GREY, linestyle=DOTTED, linewidth=2, label=f"always the same answer, {blind:.3f}")
        for name, (steps, errors) in curves.items():
            colour, line, width = LOOKS[name]
            axes.semilogy(steps, errors, color=colour, linestyle=line, linewidth=width, label=name)
        axes.set_xlabel("steps of Adam", color=INK, fontsize=11)
        axes.grid(axis="y", color="#D8DEE3", linewidth=0.8)
    lines = {line.get_label(): line for axes in row for line in axes.get_lines()}
    row[0].figure.legend(lines.values(), lines, loc="outside right upper", frameon=False, fontsize=11)
    row[0].set_ylabel("held-out squared error", color=INK, fontsize=11)
    plt.show()


def plot_trials_by_task(panels, *, title, blind=None):
    """A dot for each trial of each network: how low its held-out loss came. The further left, the better.

    panels: {heading: {name: (trials,)}}, the same names in each; with "squared error" in its heading a panel gets a
    logarithmic scale. blind: {heading: level}, dotted lines. Shows the figure and returns None.
    """
    row = _row(panels, title, (12.5, 3.9), sharey=True)
    names = list(next(iter(panels.values())))
    for axes, (heading, found) in zip(row, panels.items(), strict=True):
        for place, name in enumerate(names):
            colour, _, marker = SERIES[place % len(SERIES)]
            height = len(names) - 1 - place + np.linspace(-0.16, 0.16, len(found[name]))
            axes.plot(found[name], height, marker, color=colour, markersize=8, markeredgecolor="white")
        if blind and heading in blind:
            axes.axvline(blind[heading], color=GREY, linestyle=DOTTED, linewidth=2)
            axes.annotate(
                "always the same", (blind[heading], 1), xycoords=("data", "axes fraction"), ha="right", va="top",
                xytext=(-4, 0), textcoords="offset points", color=INK, fontsize=10,
            )  # fmt: skip
        if "squared error" in heading:
            axes.set_xscale("log")
        axes.grid(axis="x", color="#D8DEE3", linewidth=0.8)
        axes.set_xlabel("lowest held-out loss", color=INK, fontsize=11)
        axes.set_ylim(-0.6, len(names) - 0.4)
    row[0].set_yticks(range(len(names)), names[::-1], fontsize=11, color=INK)
    plt.show()
