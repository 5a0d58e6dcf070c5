"""Curves: accuracy by shift, memory by lag, learning by epoch."""

import matplotlib.pyplot as plt
import numpy as np

from .base import SKY, axes_of, draw_chance, draw_curves


def plot_accuracy_by_shift(shifts, accuracy, *, title, trained=None, chance=None):
    """Share of right answers against the number of words in front of the sentence.

    shifts: (k,). accuracy: {model: (k,)}, at most five. trained: (fewest, most) shifts seen in training, shaded.
    chance: the share that guessing gets. Shows the figure and returns None.
    """
    axes = axes_of(title, "words in front of the sentence", "share of right answers")
    if trained is not None:
        axes.axvspan(trained[0] - 0.3, trained[1] + 0.3, color=SKY, alpha=0.2, label="seen in training")
    draw_curves(axes, shifts, accuracy)
    draw_chance(axes, chance)
    axes.set_ylim(-0.03, 1.05)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    plt.show()


def plot_memory_by_lag(lags, share, *, title, chance=None):
    """Share of symbols read back right from the state, against how many steps ago they were seen.

    lags: (k,) in steps. share: {network: (k,)}, at most five. Shows the figure and returns None.
    """
    axes = axes_of(title, "lag k: steps since the symbol was seen", "share read back right")
    draw_curves(axes, lags, share)
    draw_chance(axes, chance)
    axes.set_ylim(0, 1.05)
    axes.set_xticks(lags)
    axes.legend(loc="upper right", frameon=False)
    plt.show()


def plot_learning(curves, *, title, ylabel="share of right answers"):
    """One number per epoch for each model: {model: (epochs,)}, at most five. Shows the figure and returns None."""
    axes = axes_of(title, "epoch: passes through the training data", ylabel)
    draw_curves(axes, np.arange(1, len(next(iter(curves.values()))) + 1), curves)
    axes.set_ylim(bottom=0)
    axes.legend(loc="best", frameon=False)
    plt.show()
