"""Figures on a page: where their panels part, and how small their smallest letters are."""

import io
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import figures


def svg_of(figure):
    """What a chapter stores."""
    file = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path", "font.size": 10}):
        figure.savefig(file, format="svg")
    return file.getvalue()


def drawn(rows=1, columns=2, *, labels=True, size=(7.2, 2.9), **options):
    with mpl.rc_context({"font.size": 10}):
        figure = Figure(figsize=size, layout="constrained")
        for ax in np.ravel(figure.subplots(rows, columns, **options)):
            ax.plot([0, 1], [0, 1])
            if labels:
                ax.set_ylabel("current")
    return figure


def frames(figure):
    """Left and right edge of each panel in points, from matplotlib."""
    svg_of(figure)  # lays it out
    width = 72.0 * figure.get_figwidth()
    boxes = [ax.get_position() for ax in figure.axes]
    return [(width * box.x0, width * box.x1) for box in boxes]


@pytest.mark.parametrize("columns", [2, 3])
def test_panels_side_by_side_are_cut_between_frame_and_labels(columns):
    figure = drawn(1, columns)
    cuts, edges = figures.panels(svg_of(figure)), frames(figure)
    assert len(cuts) == columns
    assert cuts[0][0] == 0.0
    assert cuts[-1][1] == pytest.approx(72.0 * 7.2)
    for (left, right), (inner, outer) in zip(cuts, edges, strict=True):
        assert left < inner < outer < right
    # the labels of a panel are its own: more room on its left than on its neighbour's right
    for (_, end), (begin, _), cut in zip(edges, edges[1:], cuts[1:], strict=False):
        assert cut[0] - end < begin - cut[0]


def test_two_rows_part_as_one():
    assert len(figures.panels(svg_of(drawn(2, 2)))) == 2


def test_one_panel_and_one_column_stay_whole():
    assert figures.panels(svg_of(drawn(1, 1))) == []
    assert figures.panels(svg_of(drawn(2, 1))) == []


def test_a_panel_takes_the_labels_that_it_shares_along():
    figure = drawn(1, 3, sharey=True)
    for ax in figure.axes[1:]:
        ax.set_ylabel("")
    cuts, edges = figures.panels(svg_of(figure)), frames(figure)
    assert [len(cut) for cut in cuts] == [2, 4, 4]
    for cut, (inner, outer) in zip(cuts[1:], edges[1:], strict=True):
        assert cut[:2] == (0.0, pytest.approx(edges[0][0], abs=1.0))  # all left of the first frame
        assert cut[2] < inner < outer < cut[3]
    # the strip of its own begins after the frame before it
    assert cuts[1][2] > edges[0][1]


def test_a_number_of_the_axis_below_is_no_label_of_the_axis_beside():
    figure = drawn(1, 2, labels=False, sharey=True)
    for ax in figure.axes:
        ax.set(xlim=(0.0, 1.0), xticks=[0.0, 1.0], xticklabels=["far to the left", "1"])
    assert [len(cut) for cut in figures.panels(svg_of(figure))] == [2, 4]


def test_what_cannot_be_parted_stays_whole():
    bare = drawn(1, 2, labels=False)
    bare.axes[0].tick_params(labelleft=False)
    assert figures.panels(svg_of(bare)) == []  # nothing left of it to borrow from
    mixed = drawn(2, 2, labels=False)
    mixed.axes[3].tick_params(labelleft=False)
    assert figures.panels(svg_of(mixed)) == []
    named = drawn(1, 2)
    named.suptitle("both")
    assert figures.panels(svg_of(named)) == []


def test_a_cut_keeps_off_the_frame_before_it():
    figure = drawn(1, 2, labels=False)
    figure.get_layout_engine().set(w_pad=0.02, wspace=0.0)
    (_, cut), (begin, _) = figures.panels(svg_of(figure))
    assert cut == begin
    assert cut > frames(figure)[0][1]


def test_a_colour_bar_is_no_panel():
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    for ax in figure.subplots(1, 2):
        ax.set_ylabel("field")
        figure.colorbar(ax.imshow(np.eye(3)), ax=ax)
    assert len(figures.panels(svg_of(figure))) == 2


def test_a_twin_axis_cuts_nothing():
    figure = drawn(1, 1)
    figure.axes[0].twinx().set_ylabel("right")
    assert figures.panels(svg_of(figure)) == []


def test_the_smallest_letters_are_found():
    figure = drawn(1, 1)
    assert figures.smallest_text(svg_of(figure)) == pytest.approx(10.0)
    figure.axes[0].annotate("small", (0.5, 0.5), fontsize=7)
    assert figures.smallest_text(svg_of(figure)) == pytest.approx(7.0)
    assert figures.smallest_text("<svg></svg>") == 10.0


def test_the_page_learns_size_map_and_panels():
    words = figures.attributes(svg_of(drawn(1, 2)))
    assert words.startswith('data-size="518 209 10.0" data-panels="0.0 ')
    assert "map" not in words
    figure = drawn(1, 1)
    figure.axes[0].imshow(np.eye(3))
    words = figures.attributes(svg_of(figure))
    assert 'class="map"' in words
    assert "data-panels" not in words


def test_filled_contours_are_a_map_and_lines_are_not():
    heights = np.outer(np.arange(4.0), np.arange(4.0))
    figure = drawn(1, 1)
    figure.axes[0].contour(heights)
    assert "map" not in figures.attributes(svg_of(figure))
    figure.axes[0].contourf(heights)
    assert 'class="map"' in figures.attributes(svg_of(figure))
