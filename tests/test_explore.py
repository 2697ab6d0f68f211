"""The explorers: fast numbers equal to the careful ones, and a sentence instead of a traceback."""

import io
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cedrag import Bilayer, GinzburgLandau, ValidityWarning
from cedrag.explore import currents_on_axis, explore_bands, explore_diode, shift_estimate
from cedrag.plotting import mpl

SETS = {
    "strained": Bilayer.from_fermi_energies(
        fermi_energy_e=8.57,
        fermi_energy_h=6.0,
        rashba_e=0.956,
        zeeman_inplane=3.0,
        zeeman_outofplane=10.84,
    ),
    "ordinary": Bilayer.from_fermi_energies(
        fermi_energy_e=11.6,
        fermi_energy_h=11.6,
        rashba_e=0.7,
        zeeman_inplane=3.0,
        zeeman_outofplane=10.0,
    ),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("t", [0.9, 0.95])
def test_the_fast_look_agrees_with_the_diode(name, t):
    fast = currents_on_axis(SETS[name], t)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        careful = GinzburgLandau(SETS[name], t).diode()
    assert fast.message == ""
    assert_allclose(fast.marks["q0"][0], careful.q0[0], rtol=1e-5)
    assert_allclose(fast.marks["plus"][1], careful.jc_plus, rtol=1e-5)
    assert_allclose(fast.marks["minus"][1], careful.jc_minus, rtol=1e-5)
    assert_allclose(fast.efficiency, careful.efficiency, atol=2e-6)


def test_the_critical_points_lie_on_the_curve_and_are_its_extrema():
    found = currents_on_axis(SETS["ordinary"], 0.9)
    for name, extreme in (("plus", found.current.max()), ("minus", found.current.min())):
        q, j = found.marks[name]
        assert_allclose(j, np.interp(q, found.q, found.current), rtol=2e-3)
        assert abs(j) >= abs(extreme)
        assert_allclose(j, extreme, rtol=2e-3)


def test_opposite_field_mirrors_the_currents():
    plus = currents_on_axis(SETS["ordinary"], 0.9)
    minus = currents_on_axis(SETS["ordinary"].replace(zeeman_inplane=-3.0), 0.9)
    assert_allclose(minus.marks["q0"][0], -plus.marks["q0"][0], rtol=1e-6)
    assert_allclose(minus.marks["plus"][1], -plus.marks["minus"][1], rtol=1e-6)
    assert_allclose(minus.efficiency, -plus.efficiency, atol=1e-7)


@pytest.mark.parametrize(
    ("changes", "t", "words"),
    [
        ({}, 1.0, "t must be below 1"),
        ({"mu_e": -40.0}, 0.9, "mu_e"),
        ({"mu_e": -0.5, "rashba_e": 0.0}, 0.5, "beta <= 0"),
        ({"zeeman_outofplane": 1.0, "mu_e": 10.6, "mu_h": 10.6}, 0.9, "upper spin branch"),
    ],
)
def test_what_goes_wrong_is_said_in_words(changes, t, words):
    found = currents_on_axis(SETS["ordinary"].replace(**changes), t)
    assert words in found.message


def test_shift_estimate_is_exact_for_weak_rashba_coupling():
    errors = []
    for scale in (1.0, 0.1):
        bilayer = SETS["ordinary"].replace(rashba_e=0.7 * scale, rashba_h=0.2 * scale)
        q0 = currents_on_axis(bilayer, 0.9).marks["q0"][0]
        errors.append(abs(q0 / shift_estimate(bilayer) - 1.0))
    # relative corrections are of second order in lambda
    assert errors[0] < 0.03
    assert errors[1] < 0.02 * errors[0]


def test_shift_estimate_without_any_field():
    assert shift_estimate(SETS["ordinary"].replace(zeeman_inplane=0, zeeman_outofplane=0)) == 0.0


@pytest.mark.parametrize("explore", [explore_bands, explore_diode])
def test_moving_a_slider_redraws(explore):
    widget = explore(SETS["ordinary"])
    before = widget.picture.value
    assert mpl.image.imread(io.BytesIO(before)).shape == (390, 800, 4)
    widget.sliders["zeeman_inplane"].value = 6.0
    moved = widget.picture.value
    assert moved != before
    widget.sliders["zeeman_inplane"].value = 3.0
    assert widget.picture.value == before


def test_sliders_start_at_the_bilayer():
    widget = explore_diode(SETS["strained"], t=0.95)
    assert_allclose(widget.sliders["fermi_energy_e"].value, 8.57)
    assert_allclose(widget.sliders["rashba_e"].value, 0.956)
    assert widget.sliders["t"].value == 0.95
    assert "eta = 1.338" in widget.view.title.get_text()


def test_the_bands_explorer_says_when_the_upper_branch_fills():
    widget = explore_bands(SETS["ordinary"])
    assert "empty (margin 8.82" in widget.view.title.get_text()
    widget.sliders["zeeman_outofplane"].value = 1.0
    assert "OCCUPIED" in widget.view.title.get_text()


def test_without_a_condensate_no_momentum_is_marked():
    widget = explore_diode(SETS["ordinary"])
    tip = widget.view.contours.momentum
    assert_allclose(tip.get_xdata()[1], 0.1986, atol=1e-4)
    widget.sliders["t"].value = 1.0
    assert np.isnan(tip.get_xdata()[1])
    assert "t must be below 1" in widget.view.title.get_text()


def test_the_explorer_survives_every_corner():
    widget = explore_diode(SETS["ordinary"])
    for name, slider in widget.sliders.items():
        start = slider.value
        for edge in (slider.min, slider.max):
            slider.value = edge
            assert widget.view.title.get_text(), (name, edge)
        slider.value = start
    assert "q0 = 0.1986" in widget.view.title.get_text()
