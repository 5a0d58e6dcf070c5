"""Tagging: how probable a tag is word by word, and what waiting for more words brings."""

import matplotlib.pyplot as plt
import numpy as np

from .base import BLUE, DOTTED, GREY, INK, ORANGE, axes_of

PAIR = ((BLUE, "o", 9), (ORANGE, "D", 8))  # at most two models in one picture


def plot_tags(sentences, p, *, title, yes):
    """Probability of a tag, word by word: a panel for each sentence, a marker for each model.

    sentences: lists of words. p: {model: list of (T,), one for each sentence}, at most two models. yes: what a
    probability of 1 says, for the axis. Shows the figure and returns None.
    """
    if len(p) > len(PAIR):
        raise ValueError(f"at most {len(PAIR)} models can be told apart, got {len(p)}.")
    figure, panels = plt.subplots(len(sentences), 1, figsize=(8.6, 2.5 * len(sentences) + 0.4), layout="constrained")
    for k, (axes, words) in enumerate(zip(np.atleast_1d(panels), sentences, strict=True)):
        places = np.arange(len(words))
        axes.axhline(0.5, color=GREY, linestyle=DOTTED, linewidth=1.5)
        for j, (model, (colour, marker, size)) in enumerate(zip(p, PAIR, strict=False)):
            at = places + 0.16 * (j - 0.5) * (len(p) > 1)
            axes.vlines(at, 0, p[model][k], color=colour, linewidth=2)
            axes.plot(at, p[model][k], linestyle="", marker=marker, markersize=size, color=colour, label=model)
        axes.set_xticks(places, words, fontsize=13)
        axes.set(ylim=(-0.04, 1.08), yticks=(0, 0.5, 1), xlim=(-0.6, len(words) - 0.4))
        axes.set_ylabel(yes, color=INK, fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
        if k == 0:
            axes.set_title(title, loc="left", color=INK, fontsize=13)
            axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    plt.show()


def plot_share_by_wait(waits, share, *, limit, title):
    """Share of right tags against how many words a tagger waits for before it answers.

    waits: (k,) in words. share: {tagger: (k,)}, at most two. limit: (k,), what could be had at most, a grey
    step at each. Shows the figure and returns None.
    """
    if len(share) > len(PAIR):
        raise ValueError(f"at most {len(PAIR)} taggers can be told apart, got {len(share)}.")
    axes = axes_of(title, "words waited for", "ambiguous words tagged right")
    ends = np.subtract(waits, 0.3), np.add(waits, 0.3)
    axes.hlines(limit, *ends, color=GREY, linewidth=6, alpha=0.45, label="the most, on average")
    for (tagger, values), (colour, marker, size), line in zip(share.items(), PAIR, ("-", "--"), strict=False):
        filled = colour if line == "--" else "white"  # the first stays visible under the second
        size = size + 4 if line == "-" else size - 2
        axes.plot(waits, values, line, color=colour, marker=marker, ms=size, mfc=filled, mew=2, lw=2, label=tagger)
    axes.set_xticks(waits)
    axes.set_ylim(0.45, 1.04)
    axes.legend(loc="lower right", frameon=False)
    plt.show()
