"""Depth and its price: learning with dropout by place, trials at each depth, held-out curves, bytes by length."""

import matplotlib.pyplot as plt
import numpy as np

from .base import DOTTED, GREY, INK, SERIES, axes_of, draw_curves


def plot_updates_by_lag(lags, updates, limit, *, title):
    """Updates until a memory was learned, by the number of steps that it has to last; above the line: not learned.

    lags: (k,) in steps. updates: {place of the dropout: (seeds, k)}, inf where `limit` updates were not enough. Each
    seed is a dot, the median a curve. Shows the figure and returns None.
    """
    axes = axes_of(title, "steps between the symbol and the answer", "updates until learned")
    ceiling = 1.35 * limit
    drawn = {name: np.minimum(values, ceiling) for name, values in updates.items()}
    draw_curves(axes, lags, {name: np.median(values, axis=0) for name, values in drawn.items()})
    for place, ((colour, _, marker), values) in enumerate(zip(SERIES, drawn.values(), strict=False)):
        aside = np.asarray(lags) + 0.12 * (place - 1.5)
        axes.plot(aside, values.T, marker, color=colour, markersize=5, markerfacecolor="none", alpha=0.8)
    axes.axhline(limit, color=GREY, linestyle=DOTTED, linewidth=1.5)
    axes.text(lags[0] - 0.3, ceiling, f"not learned in {limit} updates", color=INK, va="center")
    axes.set(yscale="log", xticks=lags, ylim=(3.5, 1.7 * limit))
    axes.minorticks_off()
    ticks = [n for n in (10, 20, 50, 100, 200, 500, 1000, 2000) if n <= limit]
    axes.set_yticks(ticks, ticks)
    axes.legend(loc="lower right", ncols=2, frameon=False)
    plt.show()


def plot_trials(best, *, title, ylabel="held-out bits per character, best epoch", rivals=None):
    """One number for each trial at each depth; the trials of one split of the data are joined by a line.

    best: {depth in words: (trials,)}, in order; the same place is the same split. rivals: {name: level}, dotted lines.
    Shows the figure and returns None.
    """
    axes = axes_of(title, "", ylabel)
    table = np.array(list(best.values()))  # (depths, trials)
    places = np.arange(len(best))
    for trial, (values, (colour, line, marker)) in enumerate(zip(table.T, SERIES, strict=False), start=1):
        axes.plot(places, values, color=colour, linestyle=line, marker=marker, markersize=8, linewidth=1.5)
        axes.text(places[-1] + 0.08, values[-1], f"trial {trial}", color=INK, fontsize=11, va="center")
    axes.plot(places, table.mean(axis=1), "_", color=INK, markersize=46, markeredgewidth=3)
    for place, mean in zip(places, table.mean(axis=1), strict=True):
        words = axes.text(place + 0.05, mean + 0.008, f"mean {mean:.2f}", color=INK, fontsize=10, va="bottom")
        words.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    for name, level in (rivals or {}).items():
        axes.axhline(level, color=GREY, linestyle=DOTTED, linewidth=1.5)
        axes.text(places[-1] + 0.5, level, f"{name}, {level:.2f}", color=INK, fontsize=10, va="bottom", ha="right")
    axes.set_xticks(places, list(best))
    axes.set_xlim(-0.4, places[-1] + 0.5)
    axes.margins(y=0.1)
    axes.tick_params(axis="x", labelsize=11, labelcolor=INK)
    plt.show()


def plot_held_out(curves, *, title):
    """Held-out bits per character after each epoch; the lowest point of each curve is ringed.

    curves: {name: (epochs,)}, at most five. Shows the figure and returns None.
    """
    axes = axes_of(title, "epoch: passes through the training names", "held-out bits per character")
    epochs = np.arange(1, len(next(iter(curves.values()))) + 1)
    draw_curves(axes, epochs, curves)
    for values in curves.values():
        axes.plot(epochs[np.argmin(values)], np.min(values), "o", markersize=14, markerfacecolor="none", color=INK)
    everything = np.concatenate(list(curves.values()))
    axes.set_ylim(everything.min() - 0.04, np.quantile(everything, 0.9) + 0.1)
    axes.legend(loc="upper right", frameon=False)
    plt.show()


def plot_bytes_by_length(lengths, megabytes, *, title):
    """Peak memory of a backward pass against the number of steps, both logarithmic, with the slope of each curve.

    lengths: (k,) in steps. megabytes: {way: (k,)}, above 0, at most five. Shows the figure and returns None.
    """
    axes = axes_of(title, "steps T of the sequence", "peak memory, million bytes")
    slopes = {name: np.polyfit(np.log(lengths), np.log(values), 1)[0] for name, values in megabytes.items()}
    draw_curves(axes, lengths, {f"{name}: slope {slopes[name]:.2f}": values for name, values in megabytes.items()})
    axes.set(xscale="log", yscale="log")
    axes.minorticks_off()
    axes.set_xticks(lengths, lengths)
    low, high = (limit(limit(values) for values in megabytes.values()) for limit in (min, max))
    ticks = [n * 10**power for power in range(-3, 5) for n in (1, 2, 5) if low / 2 < n * 10**power < 2 * high]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.legend(loc="upper left", frameon=False)
    plt.show()
