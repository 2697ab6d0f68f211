"""The curve zeta(I): edges, symmetries, rectification against plain sums over time, bad input."""

import math
import warnings

import numpy as np
import pytest
from scipy import constants

from cedrag import AboveBKTWarning, GinzburgLandau, Scales, ValidityWarning
from cedrag.drag.parabolic import drag_ratio, drag_time
from cedrag.drag.parabolic_layer import ParabolicLayer
from cedrag.laboratory.plateau import Plateau, find_plateau, parabolic_friction, zeta_curve
from cedrag.paper.calibration import NATURAL, PAPER, PUBLISHED_SCALE

SCALES = Scales(critical_temperature=10.0, electron_mass=0.2)
LAYERS = {"separation": 10e-9, "permittivity": 4.0, "scattering_time": 1e-9}
BIASED = Plateau(current_plus=3.0, current_minus=-2.0, friction=-0.05)


def quietly(function, *args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValidityWarning)
        return function(*args, **options)


@pytest.fixture(scope="module")
def diode():
    return quietly(GinzburgLandau(NATURAL, 0.9).diode)


# the curve -------------------------------------------------------------------------------------


def test_the_curve_steps_at_the_critical_currents():
    drive = [-2.0 - 1e-9, -2.0, 0.0, 3.0, 3.0 + 1e-9]
    np.testing.assert_array_equal(BIASED.zeta(drive), [-0.05, -1.0, -1.0, -1.0, -0.05])
    assert BIASED.drag_current(-4.0) == pytest.approx(0.2, rel=1e-15)
    assert BIASED.efficiency == pytest.approx(0.2, rel=1e-15)
    assert BIASED.one_way_window == (2.0, 3.0)


def test_no_condensate_no_plateau():
    normal = Plateau(current_plus=0.0, current_minus=0.0, friction=-0.05)
    np.testing.assert_array_equal(normal.zeta([-1.0, 0.0, 1.0]), -0.05)
    assert normal.rectified_sine(1.0) == 0.0
    assert math.isnan(normal.efficiency)


@pytest.mark.parametrize("scale", [1.0, PUBLISHED_SCALE])
def test_edges_are_those_of_the_diode_in_ampere(diode, scale):
    plateau = quietly(
        find_plateau, NATURAL, scales=SCALES, width=2e-6, friction=-0.05, current_scale=scale
    )
    # J_u = 9.98 uA/um (chapter Model, three digits), so 2 um carry 19.96e-6 A per J_u
    assert plateau.current_plus == pytest.approx(diode.jc_plus * 19.96e-6 * scale, rel=1e-3)
    assert plateau.current_minus == pytest.approx(diode.jc_minus * 19.96e-6 * scale, rel=1e-3)
    assert plateau.efficiency == pytest.approx(diode.efficiency, rel=1e-9)


def test_reversing_the_field_exchanges_the_edges():
    options = {"scales": SCALES, "width": "1 um", "friction": -0.05}
    one = quietly(find_plateau, NATURAL, **options)
    other = quietly(find_plateau, NATURAL.replace(zeeman_inplane=-3.0), **options)
    assert other.current_plus == pytest.approx(-one.current_minus, rel=1e-7)
    assert other.current_minus == pytest.approx(-one.current_plus, rel=1e-7)
    middle = 0.5 * sum(one.one_way_window)
    assert other.rectified_square(middle) == -one.rectified_square(middle) != 0.0


def test_without_field_there_is_no_diode_and_nothing_is_rectified():
    even = quietly(
        find_plateau,
        NATURAL.replace(zeeman_inplane=0.0),
        scales=SCALES,
        width=1e-6,
        friction=-0.05,
    )
    assert abs(even.efficiency) < 1e-8
    drive = np.linspace(0.0, 2.0, 33) * even.current_plus
    # the sine sees the rounding of I_c under a square root, at most sqrt(2 eta) of I_c
    assert np.abs(even.rectified_sine(drive)).max() < 1e-4 * even.current_plus
    exact = Plateau(current_plus=1.3, current_minus=-1.3, friction=-0.05)
    np.testing.assert_array_equal(exact.rectified_square(np.linspace(0, 3, 31)), 0.0)
    np.testing.assert_array_equal(exact.rectified_sine(np.linspace(0, 3, 31)), 0.0)


def test_friction_is_eq_10_of_the_drag_time_between_these_layers():
    n_e, n_h = (n * SCALES.density for n in (NATURAL.density_e(0.9), NATURAL.density_h(0.9)))
    electrons, holes = (
        ParabolicLayer(density=n, mass=0.2 * constants.m_e, degeneracy=1) for n in (n_e, n_h)
    )
    time = drag_time(electrons, holes, separation=10e-9, permittivity=4.0, temperature=9.0)
    matched = drag_ratio(drag_time=time, scattering_time=1e-9)
    ours = parabolic_friction(NATURAL, scales=SCALES, **LAYERS)
    assert ours == pytest.approx(matched * n_h / n_e, rel=1e-12)


def test_curve_over_temperature():
    drive = np.array([-1e-3, 0.0, 1e-7, 1e-3])
    t = np.array([0.9, 0.99, 1.2])
    zeta = quietly(zeta_curve, NATURAL, drive, scales=SCALES, width=1e-6, t=t, **LAYERS)
    assert zeta.shape == (3, 4)
    # 0.1 uA on 1 um is J = 0.010 J_u: below J_c at 0.9 T_c, above it at 0.99 T_c
    np.testing.assert_array_equal(zeta == -1.0, [[0, 1, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]])
    normal = [parabolic_friction(NATURAL, scales=SCALES, t=now, **LAYERS) for now in t]
    np.testing.assert_array_equal(zeta[:, 0], normal)
    assert normal[0] > normal[1] > normal[2] > -1.0  # friction grows with temperature


def test_the_vortex_warning_passes_through():
    with pytest.warns(AboveBKTWarning):
        find_plateau(NATURAL, scales=SCALES, width=1e-6, friction=-0.05)


# rectification ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("amplitude", "mean"), [(1.9, 0.0), (2.5, -0.95 * 1.25), (3.1, 0.0)])
def test_a_square_wave_is_rectified_between_the_edges_only(amplitude, mean):
    assert BIASED.rectified_square(amplitude) == pytest.approx(mean, abs=1e-15)


@pytest.mark.parametrize("slope", [0.0, 0.01])
def test_a_sine_is_rectified_as_a_sum_over_time_says(slope):
    plateau = Plateau(current_plus=3.0, current_minus=-2.0, friction=-0.05, friction_slope=slope)
    amplitude = np.array([0.0, 1.0, 2.0, 2.5, 3.0, 3.5, 10.0])
    phase = 2.0 * np.pi * (np.arange(200_000) + 0.5) / 200_000
    by_hand = plateau.drag_current(amplitude[:, None] * np.sin(phase)).mean(axis=1)
    # each of four steps is placed to one sample: 4 * 10/200000
    np.testing.assert_allclose(plateau.rectified_sine(amplitude), by_hand, atol=1e-4)


def test_far_above_the_edges_the_rectified_sine_falls_as_one_over_i():
    drive = 1e4
    leading = -(0.95 / math.pi) * (3.0**2 - 2.0**2) / (2.0 * drive)
    assert BIASED.rectified_sine(drive) == pytest.approx(leading, rel=1e-6)


def test_nonreciprocal_friction_rectifies_above_both_edges():
    plateau = Plateau(current_plus=3.0, current_minus=-2.0, friction=-0.05, friction_slope=0.01)
    assert plateau.rectified_square(5.0) == pytest.approx(0.01 * 25.0, rel=1e-12)
    assert plateau.rectified_sine(1e4) == pytest.approx(0.01 * 1e8 / 2.0, rel=1e-6)


# bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"current_plus": -1.0}, r"current_plus must not be negative \(got -1.0\)"),
        ({"current_minus": 1.0}, r"current_minus must not be positive \(got 1.0\)"),
        ({"current_plus": math.inf}, r"current_plus must be finite \(got inf\)"),
        ({"friction": math.nan}, r"friction must be finite \(got nan\)"),
    ],
)
def test_bad_plateau(changes, message):
    good = {"current_plus": 3.0, "current_minus": -2.0, "friction": -0.05}
    with pytest.raises(ValueError, match=message):
        Plateau(**good | changes)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"width": -1e-6}, ValueError, "width must be positive"),
        ({"width": "3 K"}, ValueError, "width must be convertible to m"),
        ({"t": 0.0}, ValueError, "t must be positive"),
        ({"current_scale": 0.0}, ValueError, "current_scale must be positive"),
        ({"scales": 10.0}, TypeError, "scales must be a Scales"),
        ({"separation": -1e-9}, ValueError, "separation must be positive"),
        ({"permittivity": 0.0}, ValueError, "permittivity must be positive"),
        ({"scattering_time": 0.0}, ValueError, "scattering_time must be positive"),
        ({"bilayer": None}, TypeError, "bilayer must be a Bilayer"),
        ({"drive_current": [math.nan]}, ValueError, "drive_current must be finite"),
    ],
)
def test_bad_sample(changes, error, message):
    good = {"bilayer": NATURAL, "drive_current": [0.0], "scales": SCALES, "width": 1e-6, **LAYERS}
    with pytest.raises(error, match=message):
        zeta_curve(**good | changes)


def test_negative_amplitude():
    with pytest.raises(ValueError, match="amplitude must not be negative"):
        BIASED.rectified_sine([1.0, -1.0])


def test_a_diverging_current_is_refused():
    """Reading A meets beta = 0 on the branch between 0.85 T_c and 0.9 T_c."""
    with pytest.raises(ValueError, match="bilayer must have finite critical currents"):
        quietly(find_plateau, PAPER, scales=SCALES, width=1e-6, friction=-0.05, t=0.85)
