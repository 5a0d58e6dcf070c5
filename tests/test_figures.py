"""Pictures: what is committed is what the code draws, nothing runs over the edge, plots draw what they are given."""

import re
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402

from utils.authoring import figures  # noqa: E402
from utils.authoring.drawing import STYLE, Board  # noqa: E402
from utils.errors import CourseError  # noqa: E402
from utils.paths import root  # noqa: E402
from utils.plotting import bars, base, curves  # noqa: E402


def committed(name):
    return (root() / "solutions" / name).read_bytes()


@pytest.mark.parametrize("name", figures.FIGURES)
def test_the_committed_picture_is_what_the_code_draws(name):
    content = committed(name)
    drawn_with = re.search(rb"Matplotlib ([\d.]+)", content).group(1).decode()
    drawn = figures.draw(name)
    assert drawn == figures.draw(name)
    if drawn_with == matplotlib.__version__:  # another one may trace its outlines in another way
        assert drawn == content


@pytest.mark.parametrize("name", figures.FIGURES)
def test_pictures_are_small_undated_and_need_no_font(name):
    content = committed(name)
    tree = ET.fromstring(content)
    assert tree.tag == "{http://www.w3.org/2000/svg}svg" and len(content) < 100_000
    assert b"<dc:date>" not in content and b"<text" not in content and b"<image" not in content


def words_that_stick_out(board):
    """Texts that leave the card or lie on one another."""
    canvas = FigureCanvasAgg(board.figure)
    canvas.draw()
    boxes = [(text.get_text(), text.get_window_extent(canvas.renderer)) for text in board.axes.texts]
    width, height = canvas.get_width_height()
    faults = [
        words for words, box in boxes if box.x0 < 12 or box.y0 < 12 or box.x1 > width - 12 or box.y1 > height - 12
    ]
    for i, (words, box) in enumerate(boxes):
        faults += [f"{words} / {other}" for other, second in boxes[i + 1 :] if words and other and box.overlaps(second)]
    return faults


@pytest.mark.parametrize("name", figures.FIGURES)
def test_no_words_stick_out_or_overlap(name):
    with matplotlib.rc_context(STYLE):
        assert words_that_stick_out(figures.FIGURES[name]()) == []


def test_words_that_stick_out_are_seen():
    with matplotlib.rc_context(STYLE):
        board = Board(4, 2)
        board.text(3.9, 1, "over the edge")
        board.text(1, 1, "one")
        board.text(1.1, 1, "two")
        assert words_that_stick_out(board) == ["over the edge", "one / two"]


def test_figures_writes_what_is_missing_and_check_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(figures, "root", lambda: tmp_path)
    name = "00_start_here/figures/unfold.svg"
    monkeypatch.setattr(figures, "FIGURES", {name: figures.FIGURES[name]})
    with pytest.raises(CourseError, match="missing or not what the code draws"):
        figures.main(["--check"])
    assert not list(tmp_path.iterdir())
    assert figures.main([]) == 0 and figures.main(["--check"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "solutions/00_start_here/figures/unfold.svg: written",
        "solutions/00_start_here/figures/unfold.svg: unchanged",
    ]
    (tmp_path / "solutions/00_start_here/figures/unfold.svg").write_text("<svg/>")
    with pytest.raises(CourseError, match="not what the code draws"):
        figures.main(["--check"])


def labelled(axes, title):
    assert axes.get_title(loc="left") == title and axes.get_xlabel()
    return axes


def test_curves_show_the_given_numbers_in_different_colours_and_lines(shown):
    series = {"bag of words": [1, 1, 1], "feed-forward": [1, 0.5, 0.1], "RNN": [1, 1, 0.9]}
    calls = (
        lambda: curves.plot_accuracy_by_shift([0, 4, 9], series, title="found", trained=(0, 3), chance=0.1),
        lambda: curves.plot_memory_by_lag([0, 4, 9], series, title="found", chance=0.1),
        lambda: curves.plot_learning(series, title="found"),
    )
    for call in calls:
        assert call() is None
        axes = labelled(shown[-1], "found")
        assert axes.get_ylabel()
        lines = [line for line in axes.lines if line.get_label() in series]
        assert {line.get_label(): list(line.get_ydata()) for line in lines} == series
        assert len({line.get_color() for line in lines}) == len({line.get_linestyle() for line in lines}) == 3
    assert list(shown[0].lines[0].get_xdata()) == [0, 4, 9] and list(shown[2].lines[0].get_xdata()) == [1, 2, 3]


def test_a_model_looks_the_same_in_every_plot_and_a_stranger_like_no_other(shown):
    curves.plot_learning({"RNN": [1], "mine": [2], "feed-forward": [3]}, title="")
    rnn, mine, plain = shown[0].lines
    assert (rnn.get_color(), plain.get_color()) == (base.SERIES[2][0], base.SERIES[1][0])
    assert mine.get_color() not in (rnn.get_color(), plain.get_color())
    with pytest.raises(ValueError, match="at most 5 curves"):
        curves.plot_learning({str(i): [1] for i in range(6)}, title="")


def test_next_letters_are_the_likeliest_first_and_the_end_has_a_name(shown):
    p = np.array([0.3, 0.0, 0.1, 0.6])
    bars.plot_next_letters(p, ("<EOS>", "<UNK>", "a", "b"), title="found", top=3)
    axes = labelled(shown[0], "found")
    assert [bar.get_height() for bar in axes.patches] == [0.6, 0.3, 0.1]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["b", "the end", "a"]


def test_bars_have_their_names_from_top_to_bottom(shown):
    bars.plot_bars({"first": 0.25, "second": 1.0}, title="found", xlabel="share", chance=0.1)
    axes = labelled(shown[0], "found")
    assert [bar.get_width() for bar in axes.patches] == [1.0, 0.25]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["second", "first"]


def test_ones_own_bar_is_set_off(shown):
    given = {"high": 0.9, "mine": 0.5, "low": 0.2}
    bars.plot_bars(given, own="mine", title="found", xlabel="share")
    low, mine, high = (bar.get_facecolor() for bar in shown[0].patches)
    assert low == high != mine
    assert [tick.get_weight() for tick in shown[0].get_yticklabels()] == ["normal", "bold", "normal"]
    with pytest.raises(ValueError, match="own must be one of high, mine, low, got 'yours'"):
        bars.plot_bars(given, own="yours", title="", xlabel="")
