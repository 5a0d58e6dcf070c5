"""Plots of numbers that others computed. Every caller passes a title that states what was found.

Colours are Okabe and Ito's, which colour-blind readers can tell apart; a line style and a marker say the same again.
"""

import matplotlib.pyplot as plt
import numpy as np

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#AA4499"
SKY, YELLOW, INK, GREY = "#56B4E9", "#E69F00", "#22303C", "#6B7780"
SERIES = (
    (BLUE, "-", "o"),
    (ORANGE, "--", "s"),
    (GREEN, "-.", "^"),
    (PURPLE, ":", "D"),
    (YELLOW, (0, (5, 1, 1, 1)), "v"),
)
# these models look the same in every plot
PLACE = {"bag of words": 0, "feed-forward": 1, "RNN": 2}


def _axes(title, xlabel, ylabel, size=(8, 4.2)):
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    axes.set_title(title, loc="left", color=INK, fontsize=13)
    axes.set_xlabel(xlabel, color=INK, fontsize=11)
    axes.set_ylabel(ylabel, color=INK, fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#D8DEE3", linewidth=0.8)
    axes.set_axisbelow(True)
    return axes


def _curves(axes, x, curves):
    if len(curves) > len(SERIES):
        raise ValueError(f"at most {len(SERIES)} curves can be told apart, got {len(curves)}.")
    free = [i for i in range(len(SERIES)) if i not in {PLACE.get(name) for name in curves}]
    for name, values in curves.items():
        colour, line, marker = SERIES[PLACE[name] if name in PLACE else free.pop(0)]
        axes.plot(x, values, color=colour, linestyle=line, marker=marker, markersize=5, linewidth=2, label=name)


def _chance(axes, chance):
    if chance is not None:
        axes.axhline(chance, color=GREY, linestyle=(0, (1, 2)), linewidth=1.5, label=f"chance, {chance:.3g}")


def plot_accuracy_by_shift(shifts, accuracy, *, title, trained=None, chance=None):
    """Share of right answers against the number of words in front of the sentence.

    shifts: (k,). accuracy: {model: (k,)}, at most five. trained: (fewest, most) shifts seen in training, shaded.
    chance: the share that guessing gets. Shows the figure and returns None.
    """
    axes = _axes(title, "words in front of the sentence", "share of right answers")
    if trained is not None:
        axes.axvspan(trained[0] - 0.3, trained[1] + 0.3, color=SKY, alpha=0.2, label="seen in training")
    _curves(axes, shifts, accuracy)
    _chance(axes, chance)
    axes.set_ylim(-0.03, 1.05)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    plt.show()


def plot_memory_by_lag(lags, share, *, title, chance=None):
    """Share of symbols read back right from the state, against how many steps ago they were seen.

    lags: (k,) in steps. share: {network: (k,)}, at most five. Shows the figure and returns None.
    """
    axes = _axes(title, "lag k: steps since the symbol was seen", "share read back right")
    _curves(axes, lags, share)
    _chance(axes, chance)
    axes.set_ylim(0, 1.05)
    axes.set_xticks(lags)
    axes.legend(loc="upper right", frameon=False)
    plt.show()


def plot_learning(curves, *, title, ylabel="share of right answers"):
    """One number per epoch for each model: {model: (epochs,)}, at most five. Shows the figure and returns None."""
    axes = _axes(title, "epoch: passes through the training data", ylabel)
    _curves(axes, np.arange(1, len(next(iter(curves.values()))) + 1), curves)
    axes.set_ylim(bottom=0)
    axes.legend(loc="best", frameon=False)
    plt.show()


def plot_bars(values, *, title, xlabel, chance=None):
    """Horizontal bars with their numbers: {name: value}, first one on top. Shows the figure and returns None."""
    axes = _axes(title, xlabel, "", size=(8, 0.9 + 0.55 * len(values)))
    names, widths = list(values), [float(value) for value in values.values()]
    bars = axes.barh(names[::-1], widths[::-1], color=BLUE, edgecolor=INK, height=0.6)
    axes.bar_label(bars, fmt="%.2f", padding=4, color=INK)
    if chance is not None:
        axes.axvline(chance, color=GREY, linestyle=(0, (1, 2)), linewidth=1.5, label=f"chance, {chance:.3g}")
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    axes.grid(visible=False)
    axes.set_xlim(0, max([*widths, 1e-12]) * 1.12)
    plt.show()


def plot_next_letters(p, tokens, *, title, top=10):
    """Bars of the `top` likeliest next letters. p: (n_y,) probabilities; tokens: their letters. Returns None.

    <EOS> is written as "the end".
    """
    axes = _axes(title, "next letter, likeliest first", "probability", size=(8, 3.6))
    order = np.argsort(-np.asarray(p), kind="stable")[:top]
    names = ["the end" if tokens[i] == "<EOS>" else tokens[i] for i in order]
    bars = axes.bar(names, np.asarray(p)[order], color=BLUE, edgecolor=INK, width=0.7)
    axes.bar_label(bars, fmt="%.2f", padding=3, color=INK)
    axes.margins(y=0.15)
    plt.show()
