"""Gradients on their way back: norms by lag, clipping in the plane, what a start and a window do to learning."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Circle, Rectangle

from .base import GREY, INK, ORANGE, SERIES, SKY, axes_of, draw_chance, draw_curves


def _panels(names, title, xlabel, ylabel, size):
    """Axes side by side that share both scales, one title over all of them, a heading over each."""
    figure, row = plt.subplots(
        1, len(names), figsize=size, layout="constrained", sharex=True, sharey=True, squeeze=False
    )
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=14)
    for axes, name in zip(row[0], names, strict=True):
        if len(names) > 1:
            axes.set_title(name, loc="left", color=INK, fontsize=12)
        axes.set_xlabel(xlabel, color=INK, fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#D8DEE3", linewidth=0.8)
        axes.set_axisbelow(True)
    row[0][0].set_ylabel(ylabel, color=INK, fontsize=11)
    return row[0]


def _apart(heights, gap):
    """The heights, moved as little as needed so that neighbours are at least `gap` apart, in the same order."""
    order = np.argsort(heights, kind="stable")
    placed = np.array(heights, float)[order]
    for _ in range(100):
        short = gap - np.diff(placed)
        if (short <= 1e-9).all():
            break
        push = np.maximum(short, 0) / 2
        placed[:-1] -= push
        placed[1:] += push
    result = np.empty_like(placed)
    result[order] = placed
    return result


def plot_gradient_by_lag(panels, *, title, ylabel="norm of ∂L/∂a, relative to lag 0", size=(12.5, 7)):
    """How strong the gradient of the last step's loss still is, k steps back. A logarithmic scale.

    panels: {heading: {name: (T,) norms, above 0}}, at most five curves in a panel; the same name looks the same in all.
    Each curve has its name at its end. Shows the figure and returns None.
    """
    names = list(dict.fromkeys(name for curves in panels.values() for name in curves))
    if len(names) > len(SERIES):
        raise ValueError(f"at most {len(SERIES)} curves can be told apart, got {len(names)}.")
    rows = _panels(panels, title, "lag k: steps back from the loss", ylabel, size)
    norms_of_all = [norms for curves in panels.values() for norms in curves.values()]
    last = max(len(norms) for norms in norms_of_all) - 1
    low, high = (limit(np.log10(limit(norms)) for norms in norms_of_all) for limit in (min, max))
    gap = 0.06 * max(high - low, 1)
    heights = [_apart([np.log10(norms[-1]) for norms in curves.values()], gap) for curves in panels.values()]
    for axes, curves, ends in zip(rows, panels.values(), heights, strict=True):
        axes.plot([0, last], [1, 1], color=GREY, linewidth=1.2, zorder=1)  # as strong as at the last step
        for (name, norms), height in zip(curves.items(), ends, strict=True):
            colour, line, _ = SERIES[names.index(name)]
            axes.semilogy(np.arange(len(norms)), norms, color=colour, linestyle=line, linewidth=2.5)
            axes.annotate(
                name, (len(norms) - 1, norms[-1]), (1.03 * last, 10**height), va="center", fontsize=12, color=INK,
                annotation_clip=False, arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.8},
            )  # fmt: skip
        axes.set_xlim(0, 1.3 * last)
        axes.set_xticks(np.arange(0, last + 1, 10 if last > 11 else 1))
    everything = [low, high, *np.concatenate(heights)]
    if high - low > 15:
        rows[0].set_yticks(10.0 ** np.arange(3 * np.ceil(min(everything) / 3), max(everything), 3))
    rows[0].set_ylim(10 ** (min(everything) - gap), 10 ** (max(everything) + gap))
    plt.show()


def plot_clipping(before, by_value, by_norm, limit, *, title):
    """Gradients of two numbers as arrows from the origin: before clipping, and after it in either way.

    before, by_value, by_norm: (k, 2), an arrow in each row. limit: half the side of the square, and the radius of the
    circle. Shows the figure and returns None.
    """
    reach = 1.15 * max(np.abs(before).max(), limit)
    headings = ("clipped by value: into the square", "clipped by norm: into the circle")
    rows = _panels(headings, title, "first entry of the gradient", "second entry", (10.5, 5.2))
    border = {"facecolor": SKY, "alpha": 0.25, "edgecolor": INK, "linewidth": 1.2}
    shapes = (Rectangle((-limit, -limit), 2 * limit, 2 * limit, **border), Circle((0, 0), limit, **border))
    for axes, shape, after in zip(rows, shapes, (by_value, by_norm), strict=True):
        axes.add_patch(shape)
        for long, short in zip(before, after, strict=True):
            for (x, y), colour, style in ((long, GREY, "--"), (short, ORANGE, "-")):
                arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 2, "linestyle": style, "shrinkA": 0}
                axes.annotate("", (x, y), (0, 0), arrowprops=arrow | {"shrinkB": 0, "mutation_scale": 14})
        axes.plot([], [], color=GREY, linestyle="--", label="before")
        axes.plot([], [], color=ORANGE, label="after")
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        axes.legend(loc="lower left", frameon=False)
    plt.show()


def plot_first_right(epochs, last, *, title):
    """A mark for each seed: the epoch in which a network first got it right, or "not yet" behind the last one.

    epochs: {start: list with an epoch from 1 to `last`, or None}. Shows the figure and returns None.
    """
    xlabel = f"first epoch with more than 9 in 10 right (one mark for each seed, {last} epochs)"
    axes = axes_of(title, xlabel, "")
    names, never = list(epochs), last + 2
    axes.axvspan(last + 1, last + 3, color=GREY, alpha=0.15)
    for row, name in enumerate(reversed(names)):
        colour, _, marker = SERIES[names.index(name) % len(SERIES)]
        places = [never if epoch is None else epoch for epoch in epochs[name]]
        stacked = [places[:i].count(place) for i, place in enumerate(places)]
        heights = [row - 0.22 + 0.13 * height for height in stacked]
        axes.plot(places, heights, marker, color=colour, markersize=9, markeredgecolor="white")
    axes.set(yticks=range(len(names)), ylim=(-0.6, len(names) - 0.4), xlim=(0, last + 3))
    axes.set_yticklabels(reversed(names), color=INK, fontsize=11)
    axes.set_xticks([*range(1, last + 1, 2), never], [*range(1, last + 1, 2), "not yet"])
    plt.show()


def plot_error_by_window(windows, errors, *, title):
    """How far the gradient of short windows is from the full one: {name: (len(windows),)}, ‖difference‖ / ‖full‖.

    Shows the figure and returns None.
    """
    axes = axes_of(title, "steps in a window", "relative error of the gradient")
    draw_curves(axes, np.arange(len(windows)), errors)
    axes.set_xticks(range(len(windows)), windows)
    axes.set_ylim(bottom=-0.02)
    axes.legend(loc="best", frameon=False)
    plt.show()


def plot_along_stream(steps, loss, *, title, chance):
    """Loss while learning along one long text. steps: (k,); loss: {name: (k,)}; chance: the loss of a guess, in nats.

    Shows the figure and returns None.
    """
    axes = axes_of(title, "steps of the stream read", "nats per answer")
    draw_curves(axes, steps, loss)
    draw_chance(axes, chance)
    axes.set_ylim(bottom=-0.05)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    plt.show()


def plot_accuracy_by_gap(panels, *, title, chance=0.5):
    """Share of right verbs against the number of words between subject and verb.

    panels: {heading: {name: (gaps, accuracy)}}. The same name looks the same in all. Shows the figure and returns None.
    """
    names = list(dict.fromkeys(name for curves in panels.values() for name in curves))
    rows = _panels(panels, title, "words between subject and verb", "share of right answers", (11, 4.4))
    for axes, curves in zip(rows, panels.values(), strict=True):
        for name, (gaps, accuracy) in curves.items():
            colour, line, marker = SERIES[names.index(name)]
            axes.plot(
                gaps, accuracy, color=colour, linestyle=line, marker=marker, markersize=5, linewidth=2, label=name
            )
        draw_chance(axes, chance)
        axes.set_ylim(-0.03, 1.08)
        axes.legend(loc="lower left", frameon=False)
    plt.show()
