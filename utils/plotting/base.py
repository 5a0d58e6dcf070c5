"""What all plots share.

Colours are Okabe and Ito's, which colour-blind readers can tell apart; a line style and a marker say the same again.
"""

import matplotlib.pyplot as plt

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#AA4499"
SKY, YELLOW, INK, GREY = "#56B4E9", "#E69F00", "#22303C", "#6B7780"
SERIES = (
    (BLUE, "-", "o"),
    (ORANGE, "--", "s"),
    (GREEN, "-.", "^"),
    (PURPLE, ":", "D"),
    (YELLOW, (0, (5, 1, 1, 1)), "v"),
)
DOTTED = (0, (1, 2))  # levels that are not curves
# these models look the same in every plot
PLACE = {"bag of words": 0, "feed-forward": 1, "RNN": 2}


def axes_of(title, xlabel, ylabel, size=(8, 4.2)):
    """The axes of a new figure in the style of the course."""
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    axes.set_title(title, loc="left", color=INK, fontsize=13)
    axes.set_xlabel(xlabel, color=INK, fontsize=11)
    axes.set_ylabel(ylabel, color=INK, fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#D8DEE3", linewidth=0.8)
    axes.set_axisbelow(True)
    return axes


def draw_curves(axes, x, curves):
    """A line for each of at most five series, {name: (len(x),)}; models of PLACE look the same in every plot."""
    if len(curves) > len(SERIES):
        raise ValueError(f"at most {len(SERIES)} curves can be told apart, got {len(curves)}.")
    free = [i for i in range(len(SERIES)) if i not in {PLACE.get(name) for name in curves}]
    for name, values in curves.items():
        colour, line, marker = SERIES[PLACE[name] if name in PLACE else free.pop(0)]
        axes.plot(x, values, color=colour, linestyle=line, marker=marker, markersize=5, linewidth=2, label=name)


def draw_chance(axes, chance):
    """A dotted line at the share that guessing gets, if there is one."""
    if chance is not None:
        axes.axhline(chance, color=GREY, linestyle=DOTTED, linewidth=1.5, label=f"chance, {chance:.3g}")
