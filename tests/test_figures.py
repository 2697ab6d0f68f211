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


def test_shared_labels_and_shared_words_stay_whole():
    shared = drawn(1, 2, labels=False, sharey=True)
    for ax in shared.axes[1:]:
        ax.tick_params(labelleft=False)
    assert figures.panels(svg_of(shared)) == []
    named = drawn(1, 2)
    named.suptitle("both")
    assert figures.panels(svg_of(named)) == []


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
    assert words.startswith('data-size="518 209 10.0" data-panels="0 ')
    assert "map" not in words
    figure = drawn(1, 1)
    figure.axes[0].imshow(np.eye(3))
    words = figures.attributes(svg_of(figure))
    assert 'class="map"' in words
    assert "data-panels" not in words
