"""Gates and memories over one sequence: a row for each unit, a column for each word."""

import matplotlib.pyplot as plt
import numpy as np

from .base import INK, ORANGE


def plot_gates(words, panels, *, title, mark=(), units=None):
    """Values of a few units over one sequence, as shades: a panel for each name, a row for each unit.

    words: the T names on the axis. panels: {name: (units, T)}, gates between 0 and 1 or memories; a panel with a number
    below 0 gets a scale around 0, from -1 to 1 or as far as its largest number. mark: places of words that stand out.
    units: the names of the rows, from above (default: 1, 2, …); a panel with one row has none. Each field shows its
    number when there are at most 16 words. Shows the figure and returns None.
    """
    T = len(words)
    rows = {name: np.atleast_2d(values) for name, values in panels.items()}
    wrong = {name: values.shape for name, values in rows.items() if values.ndim != 2 or values.shape[1] != T}
    if wrong:
        raise ValueError(f"each panel must be (units, {T}), as there are {T} words, got {wrong}.")
    heights = [len(values) for values in rows.values()]
    size = (min(13, 2.6 + 0.68 * T), 1.7 + 0.42 * sum(heights) + 0.45 * len(rows))
    figure, stack = plt.subplots(
        len(rows), 1, figsize=size, layout="constrained", sharex=True, squeeze=False, height_ratios=heights
    )
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=13)
    for axes, (name, values) in zip(stack[:, 0], rows.items(), strict=True):
        signed = values.min() < 0
        high = max(1, np.abs(values).max())
        colours, low = ("PuOr", -high) if signed else ("Greys", 0)
        image = axes.imshow(values, cmap=colours, vmin=low, vmax=high, aspect="auto")
        axes.set_title(name, loc="left", color=INK, fontsize=11)
        several = len(values) > 1
        axes.set_yticks(range(len(values)), units or [str(row + 1) for row in range(len(values))] if several else [""])
        axes.set_ylabel("unit" if several else "", color=INK, fontsize=11)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        figure.colorbar(image, ax=axes, ticks=[-1, 0, 1] if signed else [0, 0.5, 1], pad=0.01, aspect=8)
        if T <= 16:
            for (row, t), value in np.ndenumerate(values):
                dark = abs(value) > 0.6 * high
                number = f"{value:.2f}".replace("-", "−")
                axes.text(t, row, number, ha="center", va="center", color="white" if dark else INK, fontsize=9)
    axes.set_xticks(range(T), words, rotation=0 if T <= 16 else 60, color=INK, fontsize=11)
    for t in mark:
        axes.get_xticklabels()[t].set(color=ORANGE, weight="bold")
    plt.show()
