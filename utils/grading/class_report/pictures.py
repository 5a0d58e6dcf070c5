"""The two pictures of a lesson, as PNG: the totals, and what became of each exercise."""

import io
import math
import textwrap

from .words import FATES, exercises_finding, totals_finding

WIDTH, DPI = 5.6, 200  # inches, of which a narrow screen still shows two thirds
BARS = 70  # of the totals; one for each point up to there


def new_axes(title: str, height: float):
    """A figure and its axes in the style of the course, without the state that pyplot keeps."""
    from matplotlib.figure import Figure

    from utils.plotting.base import INK

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    figure.suptitle(textwrap.fill(title, 52), x=0.01, ha="left", color=INK, fontsize=13)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def as_png(figure) -> bytes:
    """The bytes of a figure: the same for the same figure, with nothing in them but the picture."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    return file.getvalue()


def draw_totals(lesson) -> bytes:
    """How many have how many points. A dashed line stands at what half of the class has, or more."""
    from matplotlib.ticker import MaxNLocator

    from utils.plotting.base import BLUE, INK, ORANGE

    figure, axes = new_axes(totals_finding(lesson), 3.0)
    most = max(lesson.out_of, lesson.totals[-1], 1)
    step = math.ceil(most / BARS)
    edges = [(i - 0.5) * step for i in range(math.floor(most / step + 0.5) + 2)]
    axes.hist(lesson.totals, edges, color=BLUE, rwidth=0.9)
    axes.axvline(lesson.half, color=ORANGE, linestyle="--", linewidth=2)
    axes.set_xlabel(f"points, of {lesson.out_of:g} (dashed: {lesson.half:g})", color=INK, fontsize=12)
    axes.set_ylabel("students", color=INK, fontsize=12)
    axes.tick_params(labelsize=11)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    return as_png(figure)


def draw_exercises(exercises) -> bytes:
    """A bar for each exercise, cut into what became of it; its name stands above it, so that it may be long."""
    from matplotlib.patches import Patch

    from utils.plotting.base import BLUE, INK, ORANGE, SKY

    looks = ((BLUE, ""), (SKY, "///"), (ORANGE, ""), ("#F0C36D", "..."), ("#E3E7EA", ""))
    figure, axes = new_axes(exercises_finding(exercises), 0.55 * len(exercises) + 1.9)
    for row, exercise in enumerate(exercises):
        left = 0.0
        axes.text(0, row - 0.33, exercise.name, va="bottom", color=INK, fontsize=12)
        for count, (colour, hatch) in zip(exercise.fates, looks, strict=True):
            width = count / exercise.of
            axes.barh(row, width, 0.55, left, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
            if width > 0.022 * len(str(count)) + 0.01:
                box = {"facecolor": colour, "edgecolor": "none", "pad": 1.5}
                ink = "white" if colour in (BLUE,) else "black"
                axes.text(left + width / 2, row, count, ha="center", va="center", color=ink, fontsize=12, bbox=box)
            left += width
    axes.set(xlim=(0, 1), ylim=(len(exercises) - 0.6, -0.85), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    keys = [Patch(facecolor=c, hatch=h, edgecolor="white", linewidth=0) for c, h in looks]
    labels = [textwrap.fill(words, 26) for words in FATES]
    figure.legend(keys, labels, loc="outside lower left", ncols=2, fontsize=11, frameon=False, columnspacing=1.5)
    return as_png(figure)
