"""What machines make of recurrences: growth with a size, sums in two precisions, answers by length."""

import matplotlib.pyplot as plt

from .base import SKY, axes_of, draw_chance, draw_curves


def plot_growth(sizes, curves, *, title, xlabel, ylabel, log=True):
    """How something grows with a size that doubles: {name: (len(sizes),)}, at most five. log: the heights, too.

    Shows the figure and returns None.
    """
    axes = axes_of(title, xlabel, ylabel)
    draw_curves(axes, sizes, curves)
    axes.set_xscale("log", base=2)
    if log:
        axes.set_yscale("log", base=2)
        axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.legend(loc="upper left", frameon=False)
    plt.show()


def plot_running_sums(counts, sums, *, title):
    """Sums after so many numbers, {name: (len(counts),)}. Shows the figure and returns None."""
    axes = axes_of(title, "numbers added so far", "their sum")
    draw_curves(axes, counts, sums)
    axes.legend(loc="upper left", frameon=False)
    plt.show()


def plot_right_by_length(lengths, shares, *, title, trained):
    """The share of right answers after so many bits, {name: (len(lengths),)}; trained: the longest seen in training.

    Shows the figure and returns None.
    """
    axes = axes_of(title, "bits read", "share of right answers")
    axes.axvspan(lengths[0] - 0.3, trained + 0.3, color=SKY, alpha=0.2, label="lengths of the training")
    draw_curves(axes, lengths, shares)
    draw_chance(axes, 0.5)
    axes.set_ylim(0.35, 1.05)
    axes.set_xticks(lengths)
    axes.legend(loc="center right", frameon=False)
    plt.show()
