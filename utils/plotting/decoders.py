"""Decoders: how likely and how varied the names are that each writes, and how many letters it keeps."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from .base import BLUE, DOTTED, GREY, INK, ORANGE, SERIES, axes_of


def plot_likelihood_and_diversity(sweep, *, title, real=None, labels=None):
    """Each decoder as a line through its settings: bits per letter to the right, the share of new names upwards.

    sweep: {decoder: {"setting", "bits", "fresh"}}, arrays of one length, at most five decoders. real: bits per letter
    of real names, a dotted line. labels: {decoder: {setting: (dx, dy)}}: which settings are written beside their
    points, and how far off, in points. Shows the figure and returns None.
    """
    axes = axes_of(title, "bits per letter under the judge (left: likelier)", "share of names new and different")
    for (name, curve), (colour, line, marker) in zip(sweep.items(), SERIES, strict=False):
        axes.plot(
            curve["bits"], curve["fresh"], color=colour, linestyle=line, marker=marker, markersize=6, linewidth=2,
            label=name,
        )  # fmt: skip
        for setting, bits, fresh in zip(curve["setting"], curve["bits"], curve["fresh"], strict=True):
            offset = (labels or {}).get(name, {}).get(float(setting))
            if offset is not None:
                axes.annotate(
                    f"{setting:g}", (bits, fresh), xytext=offset, textcoords="offset points", color=colour,
                    fontsize=10, ha="center", va="center",
                )  # fmt: skip
    if real is not None:
        axes.axvline(real, color=GREY, linestyle=DOTTED, linewidth=1.5, label=f"real names, {real:.2f}")
    axes.set_ylim(-0.05, 1.09)
    axes.legend(loc="lower right", frameon=False)
    plt.show()


def plot_kept(letters, kept, *, title, fixed=None, fixed_name="kept by a fixed k"):
    """How many letters a decoder lets through before each letter of a name.

    letters: (T,) labels, the last one the end. kept: (T,) whole numbers. fixed: a dashed line. Returns None.
    """
    axes = axes_of(title, "the letter that comes next", "letters that may be drawn", size=(8, 3.8))
    places = np.arange(len(letters))
    bars = axes.bar(places, kept, color=BLUE, edgecolor=INK, width=0.66, label="kept by the nucleus")
    for number in axes.bar_label(bars, fmt="%d", padding=4, color=INK):
        number.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # in front of the dashed line
    if fixed is not None:
        axes.axhline(fixed, color=ORANGE, linestyle="--", linewidth=2, label=fixed_name)
    axes.set_xticks(places, letters, fontsize=11)
    axes.margins(y=0.12)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper right", frameon=False)
    plt.show()
