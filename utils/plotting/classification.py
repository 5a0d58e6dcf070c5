"""Classification: who is taken for whom, where states lie in a plane, probabilities letter by letter."""

import os

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patheffects import withStroke

from .base import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, SKY, YELLOW, axes_of

SHADES = LinearSegmentedColormap.from_list("white to blue", ["#FFFFFF", SKY, BLUE])
CLASSES = (
    (BLUE, "o"),
    (ORANGE, "s"),
    (GREEN, "^"),
    (PURPLE, "D"),
    (YELLOW, "v"),
    (SKY, "P"),
    (INK, "X"),
    ("#8C6D1F", "<"),
    (GREY, ">"),
)
PATHS = ((INK, "-"), (PURPLE, (0, (4, 1.5))))


def _table(axes, shares, words, rows, columns):
    """Shaded fields (rows, columns) with words in them, white words on the dark ones; an empty word stays away."""
    axes.imshow(shares, cmap=SHADES, vmin=0, vmax=1, aspect="auto")
    axes.set_yticks(range(len(rows)), rows, fontsize=12)
    axes.set_xticks(range(len(columns)), columns, fontsize=12)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    for i, j in np.ndindex(*shares.shape):
        colour = "white" if shares[i, j] > 0.6 else INK
        axes.text(j, i, words[i][j], ha="center", va="center", color=colour, fontsize=12)


def plot_confusion(counts, names, *, title):
    """Who is taken for whom: counts written in the fields, each row shaded by its shares.

    counts: (n, n), row = true class, column = what the network said. names: n. Shows the figure and returns None.
    """
    counts = np.asarray(counts)
    if counts.shape != (len(names), len(names)):
        raise ValueError(f"counts must be ({len(names)}, {len(names)}) for {len(names)} names, got {counts.shape}.")
    axes = axes_of(title, "the network said", "true spelling", size=(8.6, 6.6))
    words = [[str(count) if count else "" for count in row] for row in counts]
    _table(axes, counts / np.maximum(1, counts.sum(axis=1, keepdims=True)), words, names, names)
    axes.tick_params(axis="x", labelrotation=30)
    plt.show()


def plot_letter_by_letter(p, name, classes, *, title):
    """What the network would answer after each letter: probabilities written in the fields, in per cent.

    p: (n, T). name: its T letters. classes: n names. Fields below 1 per cent are left empty. Returns None.
    """
    p = np.asarray(p)
    if p.shape != (len(classes), len(name)):
        raise ValueError(f"p must be ({len(classes)}, {len(name)}) for this name and these classes, got {p.shape}.")
    axes = axes_of(title, "letters read so far", "", size=(min(14.0, max(6.0, 2.2 + 0.62 * len(name))), 4.6))
    words = [[f"{100 * value:.0f}" if value >= 0.01 else "" for value in row] for row in p]
    _table(axes, p, words, classes, list(name))
    plt.show()


def plot_states(points, labels, classes, paths, *, title, xlabel, ylabel):
    """Last states as a cloud in a plane, each class named at its outer edge, and paths letter by letter.

    points: (2, m). labels: int (m,), places in classes, at most nine. paths: {name: (2, T + 1)}, at most two, each
    beginning with the state before the first letter, marked 0; what both begin with is drawn once. Returns None.
    """
    if len(classes) > len(CLASSES) or len(paths) > len(PATHS):
        raise ValueError(f"at most {len(CLASSES)} classes and {len(PATHS)} paths can be told apart.")
    axes = axes_of(title, xlabel, ylabel, size=(8.6, 6.4))
    axes.grid(visible=False)
    axes.set_aspect("equal", adjustable="datalim")
    middle = points.mean(axis=1)
    for k, one in enumerate(classes):
        colour, marker = CLASSES[k]
        some = points[:, labels == k]
        axes.plot(*some, linestyle="", marker=marker, color=colour, markersize=4, alpha=0.3)
        way = some.mean(axis=1) - middle
        way /= max(np.linalg.norm(way), 1e-12)
        edge = middle + way * np.max(way @ (some - middle[:, None])) * 1.1  # beyond the cloud, where no path runs
        axes.plot(*edge, alpha=0)  # so that the name lies within the axes
        axes.text(*edge, one, color=colour, fontsize=14, weight="bold", ha="center", va="center", zorder=8)
    drawn = ""
    for (name, path), (colour, line) in zip(paths.items(), PATHS, strict=False):
        shared = len(os.path.commonprefix([drawn, name]))
        axes.plot(*path[:, shared:], color=colour, linestyle=line, linewidth=2, marker="o", markersize=5, zorder=6)
        for k in range(shared, len(name)):
            _letter(axes, path, k, name, colour)
        if not shared:
            _write(axes, "0", path[:, 0], path[:, 0] - path.mean(axis=1), colour)
        drawn = name
    plt.show()


def _write(axes, words, place, way, colour, side="center"):
    """Words beside a place, on the side that `way` points to."""
    dx, dy = 11 * way / max(np.linalg.norm(way), 1e-12)
    text = axes.annotate(
        words, place, (dx, dy), textcoords="offset points", color=colour, ha=side, va="center", fontsize=15,
        weight="bold", zorder=9,
    )  # fmt: skip
    text.set_path_effects([withStroke(linewidth=3, foreground="white")])


def _letter(axes, path, k, name, colour):
    """Write letter k at its point, on the outer side of the path; the whole name stands at the end."""
    if k < len(name) - 1:
        _write(axes, name[k], path[:, k + 1], path[:, k + 1] - path.mean(axis=1), colour)
        return
    right = path[0, -1] > 0  # away from the middle of the cloud, where there is room for a word
    _write(axes, name, path[:, -1], np.array([1.0 if right else -1.0, 0.0]), colour, "left" if right else "right")
