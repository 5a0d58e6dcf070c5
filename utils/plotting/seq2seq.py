"""One net reads, another writes: answers symbol by symbol, two ways to run, length by length; and melodies."""

from itertools import zip_longest

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from .base import BLUE, GREY, INK, ORANGE, PURPLE, SKY, axes_of, draw_curves

RIGHT, WRONG = "#DCEBF7", "#FBE5D6"


def plot_answers(panels, *, title):
    """What was written, one row an answer, beside what was read; wrong symbols on orange, bold and underlined.

    panels: {name: (read, written, right)}: read, k strings; written, k lists of strings; right, k lists of bool; where
    there are more of these than strings, empty boxes say that something is missing. At most two panels. Returns None.
    """
    figure, all_axes = plt.subplots(1, len(panels), figsize=(10.4, 4.9), layout="constrained", squeeze=False)
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=13)
    widest = max(len(row) for _, _, right in panels.values() for row in right)
    longest = max(len(word) for read, _, _ in panels.values() for word in read)
    for axes, (name, (read, written, right)) in zip(all_axes[0], panels.items(), strict=True):
        axes.set_title(name, color=INK, fontsize=12)
        axes.set_axis_off()
        axes.set_xlim(-0.62 * longest - 0.6, widest)
        axes.set_ylim(len(read), 0)
        for i, (word, row, hits) in enumerate(zip(read, written, right, strict=True)):
            axes.text(-0.4, i + 0.5, word, ha="right", va="center", color=GREY, fontsize=11, family="monospace")
            for t, (symbol, hit) in enumerate(zip_longest(row, hits, fillvalue="")):
                face, edge = (RIGHT, BLUE) if hit else (WRONG, ORANGE)
                axes.add_patch(Rectangle((t + 0.04, i + 0.06), 0.92, 0.88, facecolor=face, edgecolor=edge))
                weight = "normal" if hit else "bold"
                axes.text(t + 0.5, i + 0.52, symbol, ha="center", va="center", color=INK, fontsize=11, weight=weight)
                if symbol and not hit:
                    axes.plot([t + 0.25, t + 0.75], [i + 0.87, i + 0.87], color=ORANGE, linewidth=1.6)
    plt.show()


def plot_by_epoch(epochs, curves, *, title, ylim=(0, 1.03)):
    """Shares after so many epochs: {name: (len(epochs),)}, at most five. Shows the figure and returns None."""
    axes = axes_of(title, "epoch: passes through the training data", "share right, mean of the trials")
    draw_curves(axes, epochs, curves)
    axes.set_ylim(*ylim)
    axes.legend(loc="lower right", frameon=False)
    plt.show()


def plot_by_length(lengths, shares, *, title, trained=None):
    """The share of answers without a mistake by the length of what was read: {name: (k,)}, at most five.

    trained: (shortest, longest) seen in training, shaded. Shows the figure and returns None.
    """
    axes = axes_of(title, "letters to be read", "share of answers without a mistake")
    if trained is not None:
        axes.axvspan(trained[0] - 0.3, trained[1] + 0.3, color=SKY, alpha=0.2, label="seen in training")
    draw_curves(axes, lengths, shares)
    axes.set_ylim(-0.03, 1.05)
    axes.set_xticks(lengths)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    plt.show()


def plot_melodies(panels, chords, *, title):
    """Melodies as steps in height, one panel each, with the chord tones of every quarter as pale bands.

    panels: {name: (pitches, chord)}: pitches (T,) as MIDI numbers; chord, one set of pitches for each quarter, all of
    which are shaded. Notes on a band are filled, others are hollow. chords: the names of the quarters. Returns None.
    """
    figure, all_axes = plt.subplots(
        1, len(panels), figsize=(10.4, 3.6), layout="constrained", sharey=True, squeeze=False
    )
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=13)
    every = np.concatenate([pitches for pitches, _ in panels.values()])
    low, high = every.min() - 2, every.max() + 1
    for axes, (name, (pitches, chord)) in zip(all_axes[0], panels.items(), strict=True):
        quarter = len(pitches) / len(chords)
        axes.set_title(name, color=INK, fontsize=12)
        for q, (label, tones) in enumerate(zip(chords, chord, strict=True)):
            left = q * quarter + 0.5
            for tone in tones:
                if low < tone < high:
                    axes.add_patch(Rectangle((left, tone - 0.4), quarter, 0.8, color=SKY, alpha=0.35, linewidth=0))
            axes.axvline(left, color="#D8DEE3", linewidth=1)
            axes.text(left + quarter / 2, high + 0.6, label, ha="center", va="bottom", color=PURPLE, fontsize=11)
        steps = np.arange(1, len(pitches) + 1)
        axes.plot(steps, pitches, color=GREY, linewidth=1)
        for t, pitch in zip(steps, pitches, strict=True):
            inside = pitch in chord[min(int((t - 1) // quarter), len(chords) - 1)]
            axes.plot(t, pitch, "o", color=BLUE, markersize=6, markerfacecolor=BLUE if inside else "white")
        axes.set_xlim(0.3, len(pitches) + 0.7)
        axes.set_ylim(low, high + 2.2)
        axes.set_xticks(range(1, len(pitches) + 1, len(pitches) // len(chords)))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("step", color=INK, fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
    all_axes[0][0].set_ylabel("height in semitones (60: middle C)", color=INK, fontsize=11)
    plt.show()
