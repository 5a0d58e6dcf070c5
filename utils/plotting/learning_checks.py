"""Plots that tell whether learning can be trusted: measured slopes, losses beside baselines, answers by lag."""

import matplotlib.pyplot as plt
import numpy as np

from .base import DOTTED, GREY, INK, axes_of, draw_chance, draw_curves


def plot_error_by_step(steps, errors, *, title):
    """Relative error of measured gradients against the step h of the measurement, both on logarithmic axes.

    steps: (k,), above 0. errors: {way of measuring: (k,)}, above 0, at most five. Shows the figure and returns None.
    """
    axes = axes_of(title, "step h, from long to short", "relative error")
    draw_curves(axes, steps, errors)
    axes.set(xscale="log", yscale="log")
    axes.invert_xaxis()
    axes.legend(loc="lower left", frameon=False)
    plt.show()


def plot_losses(losses, *, title, baselines=None):
    """Loss per letter after each epoch, from epoch 0, before learning, on; baselines as dotted lines with their names.

    losses: {name: (epochs + 1,)} in nats, at most five. baselines: {name: nats}. Shows the figure and returns None.
    """
    axes = axes_of(title, "epoch: passes through the training names", "loss, nats per letter")
    last = len(next(iter(losses.values()))) - 1
    for name, nats in (baselines or {}).items():
        axes.axhline(nats, color=GREY, linestyle=DOTTED, linewidth=1.5)
        left = nats < min(values[-1] for values in losses.values())  # there no curve is in the way
        place = {"x": 0, "ha": "left"} if left else {"x": last, "ha": "right"}
        words = axes.text(y=nats + 0.02, s=f"{name}, {nats:.2f}", color=INK, fontsize=10, va="bottom", **place)
        words.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # no grid line through the words
    draw_curves(axes, np.arange(last + 1), losses)
    axes.set_xticks(np.arange(last + 1))
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    plt.show()


def plot_recall_by_lag(lags, share, *, title, chance=None):
    """Share of right answers against how many steps ago the symbol came that is asked for.

    lags: (k,) in steps. share: {network: (k,)}, at most five. Shows the figure and returns None.
    """
    axes = axes_of(title, "lag: how many steps ago the symbol came", "share of right answers")
    draw_curves(axes, lags, share)
    draw_chance(axes, chance)
    axes.set_ylim(0, 1.05)
    axes.set_xticks(lags)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    plt.show()
