"""Bars: a number for each name, the likeliest next letters."""

import matplotlib.pyplot as plt
import numpy as np

from .base import BLUE, DOTTED, GREY, INK, ORANGE, SKY, axes_of


def plot_bars(values, *, title, xlabel, own=None, chance=None):
    """Horizontal bars with their numbers: {name: value}, first one on top. Shows the figure and returns None.

    own: the name of the bar that stands out among its rivals.
    """
    if own is not None and own not in values:
        raise ValueError(f"own must be one of {', '.join(values)}, got {own!r}.")
    axes = axes_of(title, xlabel, "", size=(8, 0.9 + 0.55 * len(values)))
    names, widths = list(values), [float(value) for value in values.values()]
    colours = [ORANGE if name == own else BLUE if own is None else SKY for name in names]
    bars = axes.barh(names[::-1], widths[::-1], color=colours[::-1], edgecolor=INK, height=0.6)
    if own is not None:
        axes.get_yticklabels()[names[::-1].index(own)].set_weight("bold")
    axes.bar_label(bars, fmt="%.2f", padding=4, color=INK)
    if chance is not None:
        axes.axvline(chance, color=GREY, linestyle=DOTTED, linewidth=1.5, label=f"chance, {chance:.3g}")
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    axes.grid(visible=False)
    axes.set_xlim(0, max([*widths, 1e-12]) * 1.12)
    plt.show()


def plot_next_letters(p, tokens, *, title, top=10):
    """Bars of the `top` likeliest next letters. p: (n_y,) probabilities; tokens: their letters. Returns None.

    <EOS> is written as "the end".
    """
    axes = axes_of(title, "next letter, likeliest first", "probability", size=(8, 3.6))
    order = np.argsort(-np.asarray(p), kind="stable")[:top]
    names = ["the end" if tokens[i] == "<EOS>" else tokens[i] for i in order]
    bars = axes.bar(names, np.asarray(p)[order], color=BLUE, edgecolor=INK, width=0.7)
    axes.bar_label(bars, fmt="%.2f", padding=3, color=INK)
    axes.margins(y=0.15)
    plt.show()
