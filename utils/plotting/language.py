"""Language models: bits by epoch beside what counting gets, and one number for each symbol of a sequence."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from .base import BLUE, DOTTED, GREY, INK, ORANGE, axes_of, draw_curves


def plot_bits_by_epoch(curves, *, title, levels=None, best=None, ylim=None, ylabel="bits per character"):
    """Bits per character after each epoch: {name: (epochs,)}, at most five curves.

    levels: {name: bits} of models that have no epochs, each a dotted line with its name at the right. best: {curve:
    epoch}, epochs counted from 1, marked by a ring. ylim: (lowest, highest) bits to show. Returns None.
    """
    axes = axes_of(title, "epoch: passes through the training data", ylabel)
    epochs = max(len(values) for values in curves.values())
    draw_curves(axes, np.arange(1, epochs + 1), curves)
    axes.set_xlim(0.5, epochs + 0.5)
    for line, name in zip(axes.lines, curves, strict=True):
        few = range(0, epochs, 1 + epochs // 25)  # more markers than that run into one another
        ringed = {best[name] - 1} if name in (best or {}) else set()
        line.set_markevery(sorted({*few, *ringed}))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for name, bits in (levels or {}).items():
        axes.axhline(bits, color=GREY, linestyle=DOTTED, linewidth=1.5)
        axes.annotate(f"{name} {bits:.2f}", (1.01, bits), xycoords=("axes fraction", "data"), color=GREY, va="center")
    for name, epoch in (best or {}).items():
        axes.plot(epoch, curves[name][epoch - 1], "o", markersize=14, fillstyle="none", color=INK, markeredgewidth=1.8)
    if ylim:
        axes.set_ylim(*ylim)
    axes.legend(loc="best", frameon=False)
    plt.show()


def plot_by_symbol(symbols, values, *, title, ylabel, expected=None, expected_name="expected"):
    """A bar for each symbol of one sequence, in reading order.

    symbols: (T,) labels, repeats allowed. values: (T,); bars too low to be seen say so. expected: (T,), a short line
    across each bar. Returns None.
    """
    axes = axes_of(title, "", ylabel, size=(max(7.5, 0.62 * len(symbols) + 1.5), 3.8))
    places = np.arange(len(symbols))
    bars = axes.bar(places, values, color=BLUE, edgecolor=INK, width=0.62)
    labels = [f"{value:.1f}" if value >= 0.05 else "<0.05" for value in values]
    axes.bar_label(bars, labels, padding=4, color=INK)
    if expected is not None:
        axes.hlines(expected, places - 0.42, places + 0.42, color=ORANGE, linewidth=2.5, label=expected_name)
        axes.legend(loc="upper right", frameon=False)
    axes.set_xticks(places, symbols, fontsize=11)
    axes.margins(y=0.18)
    plt.show()
