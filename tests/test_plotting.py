"""Figures show the numbers they are given, and redrawn figures show the new ones."""

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from cedrag import Bilayer
from cedrag.view.plotting import (
    COLORS,
    READINGS,
    contour_line,
    draw_bands,
    draw_contours,
    draw_map,
    mpl,
    plt,
    use_style,
)

NATURAL = Bilayer.from_fermi_energies(
    fermi_energy_e=11.6, fermi_energy_h=11.6, rashba_e=0.7, zeeman_inplane=3, zeeman_outofplane=10
)
ANNULAR = Bilayer.from_fermi_energies(
    fermi_energy_e=-3, fermi_energy_h=3, rashba_e=5, zeeman_inplane=0.5, zeeman_outofplane=2
)


@pytest.fixture
def ax():
    with mpl.rc_context():
        mpl.use("agg")
        figure, axes = plt.subplots()
        yield axes
        plt.close(figure)


def pixels(png):
    return mpl.image.imread(io.BytesIO(png))


def test_the_style_writes_reproducible_svg():
    with mpl.rc_context():
        assert use_style() is plt
        assert mpl.rcParams["svg.hashsalt"] == "cedrag"
        assert mpl.rcParams["svg.fonttype"] == "path"


def test_colours_are_distinct_and_readings_differ_without_colour():
    assert len(set(COLORS.values())) == len(COLORS)
    assert READINGS["A"]["linestyle"] != READINGS["B"]["linestyle"]


# Machado, Oliveira and Fernandes (2009), full loss of one kind of cone, on linear RGB.
VISIONS = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# What book.css does to a figure on a dark page: invert(1) hue-rotate(180deg), W3C filter effects.
HUE_TURNED = 2.0 * np.array([0.213, 0.715, 0.072]) - np.eye(3)
PAGES = {
    "light": (lambda rgb: rgb, 1.0),
    "dark": (lambda rgb: np.clip(HUE_TURNED @ (1.0 - rgb), 0.0, 1.0), 0.07),
}


def linear(rgb):
    """Intensities of sRGB values."""
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def oklab(intensities):
    """Ottosson (2020): coordinates in which equal distances look equally different."""
    cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    opponents = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(opponents) @ np.cbrt(np.array(cones) @ np.clip(intensities, 0.0, 1.0))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("vision", VISIONS)
def test_colours_differ_for_every_eye_on_every_page(page, vision):
    """At least 0.05 in OKLab, more than twice what is just seen.  Black on white is 1 apart."""
    shown, _ = PAGES[page]
    places = [
        oklab(np.array(VISIONS[vision]) @ linear(shown(np.array(mpl.colors.to_rgb(colour)))))
        for colour in COLORS.values()
    ]
    apart = [np.linalg.norm(a - b) for a, b in itertools.combinations(places, 2)]
    assert min(apart) > 0.05


@pytest.mark.parametrize("page", PAGES)
def test_curves_stand_out_from_the_page(page):
    """Contrast 3, as WCAG asks of graphics; but the accent is a bright orange on purpose.

    Any darker orange comes within 0.045 of another colour for some eye.
    """
    shown, paper = PAGES[page]
    for name, colour in COLORS.items():
        light = [0.2126, 0.7152, 0.0722] @ linear(shown(np.array(mpl.colors.to_rgb(colour))))
        low, high = sorted((light, linear(np.array(paper))))
        assert (high + 0.05) / (low + 0.05) > (2.2 if name == "accent" else 3.0), name


def test_the_style_sheet_turns_figures_as_assumed_here():
    sheet = Path(__file__).parent.parent / "chapters" / "_assets" / "book.css"
    assert "filter: invert(1) hue-rotate(180deg);" in sheet.read_text(encoding="utf-8")


def test_bands_of_the_hole_layer_hang_down(ax):
    draw_bands(ax, NATURAL, "h", 6.0)
    k, lower = ax.lines[0].get_data()
    _, upper = ax.lines[1].get_data()
    assert_allclose(lower, -NATURAL.xi_h(-k, 0.0))
    assert_allclose(upper, -NATURAL.upper_branch("h", -k, 0.0))
    assert np.all(upper < lower)


def test_the_fast_contour_lies_on_the_contour():
    for layer, xi in (("e", NATURAL.xi_e), ("h", NATURAL.xi_h)):
        x, y = contour_line(NATURAL, layer, 8.0)
        inside = np.isfinite(x)
        speed = np.hypot(*NATURAL.velocity(layer, x[inside], y[inside]))
        # a straight line through a cell of 0.1 misses by curvature * 0.1^2/8, here 3e-4
        assert_allclose(xi(x[inside], y[inside]) / speed, 0.0, atol=1e-3)


@pytest.mark.parametrize(("mu_e", "sheets"), [(-5.0, 2), (-12.6, 1), (-14.0, 0)])
def test_every_sheet_is_drawn(ax, mu_e, sheets):
    bilayer = ANNULAR.replace(mu_e=mu_e)
    x, _ = contour_line(bilayer, "e", 12.0)
    assert np.isnan(x).sum() == sheets
    draw_contours(ax, bilayer)
    assert sum(line.get_color() == COLORS["electron"] for line in ax.lines) == sheets
    names = [line.get_label() for line in ax.lines]
    assert names.count("electrons") == min(sheets, 1)
    dashed = [line.get_linestyle() == "--" for line in ax.lines]
    assert dashed == [
        line.get_color() == COLORS["hole"] for line in ax.lines
    ]  # told apart by shape


def test_a_line_style_goes_to_both_contours(ax):
    draw_contours(ax, ANNULAR, labels=False, linestyle=":")
    assert {line.get_linestyle() for line in ax.lines} == {":"}


def test_a_map_puts_each_value_at_its_momentum(ax):
    qx, qy = np.linspace(0.0, 1.0, 11), np.linspace(-0.2, 0.2, 5)
    values = qx[None, :] + 10 * qy[:, None]
    draw_map(ax, qx, qy, values, "F", mark=(0.3, 0.1))
    image = ax.images[0]
    left, right, bottom, top = image.get_extent()
    assert_allclose([left, right, bottom, top], [-0.05, 1.05, -0.25, 0.25])
    assert_array_equal(image.get_array(), values)
    assert image.origin == "lower"
    assert_allclose(ax.lines[-1].get_xydata(), [[0.3, 0.1]])
