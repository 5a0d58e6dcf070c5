"""The visual language of the concept pictures: a white card, inputs as circles, states as boxes, outputs as octagons.

One unit is one inch at full size. Text is drawn as outlines, so that a picture looks alike on every system.
"""

import io

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, RegularPolygon

from utils.plotting.base import BLUE, GREEN, GREY, INK, ORANGE

FILL = {"input": "#DDF3EA", "state": "#DCEBF7", "output": "#FBE5D6", "plain": "#F2F4F6", "good": "#DDF3EA"}
EDGE = {"input": GREEN, "state": BLUE, "output": ORANGE, "plain": GREY, "good": GREEN}
STYLE = {
    "svg.hashsalt": "rnn-course",
    "svg.fonttype": "path",
    "mathtext.fontset": "dejavusans",
    "font.family": "DejaVu Sans",
}


class Board:
    """A white card of width × height units to draw on; (0, 0) is its lower left corner."""

    def __init__(self, width, height):
        self.figure = Figure(figsize=(width, height))
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(0, height))
        self.axes.set_axis_off()
        self.figure.patch.set_alpha(0)
        card = FancyBboxPatch((0.12, 0.12), width - 0.24, height - 0.24, boxstyle="round,pad=0,rounding_size=0.18")
        card.set(facecolor="white", edgecolor="#C9D1D8", linewidth=1.2, zorder=0)
        self.axes.add_patch(card)

    def text(self, x, y, words, size=16, colour=INK, **options):
        """Centred text, unless options say otherwise."""
        options = {"ha": "center", "va": "center", "zorder": 6} | options
        self.axes.text(x, y, words, fontsize=size, color=colour, **options)

    def node(self, x, y, words, kind="plain", radius=0.38, size=17):
        """Input: circle; output: octagon; anything else: a box. Returns (x, y, patch) for `arrow`."""
        if kind == "input":
            patch = Circle((x, y), radius)
        elif kind == "output":
            patch = RegularPolygon((x, y), 8, radius=radius * 1.08, orientation=0.3927)
        else:
            return self.box(x, y, 2 * radius, 2 * radius, words, kind, size)
        return self._place(patch, x, y, words, kind, size)

    def box(self, x, y, width, height, words, kind="plain", size=17):
        """A box with rounded corners around (x, y). Returns (x, y, patch) for `arrow`."""
        corner = (x - width / 2, y - height / 2)
        patch = FancyBboxPatch(corner, width, height, boxstyle="round,pad=0,rounding_size=0.1")
        return self._place(patch, x, y, words, kind, size)

    def _place(self, patch, x, y, words, kind, size):
        patch.set(facecolor=FILL[kind], edgecolor=EDGE[kind], linewidth=2, zorder=4)
        self.axes.add_patch(patch)
        self.text(x, y, words, size)
        return x, y, patch

    def frame(self, x, y, width, height, colour=GREY):
        """A dashed frame with its lower left corner at (x, y)."""
        patch = FancyBboxPatch((x, y), width, height, boxstyle="round,pad=0,rounding_size=0.15")
        patch.set(facecolor="#FAFBFC", edgecolor=colour, linewidth=1.5, linestyle=(0, (4, 3)), zorder=1)
        self.axes.add_patch(patch)

    def arrow(self, start, end, label="", at=(0, 0), colour=INK, size=15, dashed=False):
        """An arrow between nodes or points, clipped at their edges; its label stands (dx, dy) = `at` off its middle."""
        patches = {"patchA": start[2] if len(start) > 2 else None, "patchB": end[2] if len(end) > 2 else None}
        line = FancyArrowPatch(
            start[:2],
            end[:2],
            **patches,
            arrowstyle="-|>",
            mutation_scale=17,
            shrinkA=2 if patches["patchA"] is not None else 0,
            shrinkB=2 if patches["patchB"] is not None else 0,
        )
        line.set(color=colour, linewidth=2, linestyle=(0, (2.5, 1.5)) if dashed else "solid", zorder=3)
        self.axes.add_patch(line)
        if label:
            middle = ((start[0] + end[0]) / 2 + at[0], (start[1] + end[1]) / 2 + at[1])
            self.text(*middle, label, size, colour)

    def bar(self, x, y, width, height, colour):
        """A filled bar that begins at x, its middle at the height y."""
        self.axes.barh(y, width, height, left=x, color=colour, zorder=3)

    def line(self, points, colour=INK):
        """A line through the points, without a head."""
        xs, ys = zip(*points, strict=True)
        self.axes.plot(xs, ys, color=colour, linewidth=2, zorder=3, solid_joinstyle="round", solid_capstyle="round")

    def svg(self, title):
        """The picture as SVG bytes: the same on every run with the same Matplotlib."""
        content = io.BytesIO()
        about = {"Title": title, "Date": None, "Creator": f"rnn-course with Matplotlib {matplotlib.__version__}"}
        with matplotlib.rc_context(STYLE):
            FigureCanvasSVG(self.figure).print_svg(content, metadata=about)
        return content.getvalue()
