"""The minimum of F up to |Delta|^6, and theories of that order."""

import numpy as np
import pytest

from cedrag import NATURAL, GinzburgLandau, MeanField, UnstableQuarticWarning
from cedrag.condensate.sixth_order import SixthCoefficients, sixth_minimum, sixth_uncertainty


def point(*numbers):
    return SixthCoefficients(*(np.array(x, dtype=float) for x in numbers))


@pytest.mark.parametrize(
    ("alpha", "beta", "c"), [(-0.1, 0.2, -0.05), (-0.1, 0.2, 0.3), (-0.1, -0.2, 0.3), (0.01, -1, 1)]
)
def test_it_is_a_minimum(alpha, beta, c):
    state = sixth_minimum(point(alpha, beta, 0.0, 0.0, c, 0.0))
    y = float(state.square)
    F = np.polynomial.Polynomial([0.0, alpha, beta / 2.0, c / 3.0])
    assert state.exists
    assert F.deriv()(y) == pytest.approx(0.0, abs=1e-15)
    assert F.deriv(2)(y) > 0.0
    assert state.free_energy == pytest.approx(F(y), rel=1e-14)


@pytest.mark.parametrize(("alpha", "beta", "c"), [(-0.3, 0.2, -0.05), (-0.1, -0.2, -0.3)])
def test_no_minimum_is_told(alpha, beta, c):
    state = sixth_minimum(point(alpha, beta, 1.0, 1.0, c, 1.0))
    assert state.unstable
    assert not state.exists
    assert state.square == 0.0


def test_without_c_it_is_the_quartic_theory():
    state = sixth_minimum(point(-0.1, 0.2, 0.3, 0.4, 0.0, 0.0))
    assert state.square == pytest.approx(0.5)
    assert state.current == pytest.approx(0.2)


def test_error_moves_the_current():
    values = np.array([-0.1, 0.2, 0.3, 0.4, -0.05, 0.1])
    for i in range(6):
        step = 1e-6 * np.eye(6)[i]
        moved = sixth_minimum(point(*(values + step))).current
        moved -= sixth_minimum(point(*(values - step))).current
        told = sixth_uncertainty(point(*values), point(*step))
        assert abs(moved) / 2.0 == pytest.approx(float(told), rel=1e-6)


@pytest.mark.parametrize("spin", ["band", "full"])
def test_mean_field_is_approached_one_order_better(spin):
    energy = MeanField(NATURAL, 0.99, spin=spin).binding_energy
    off = {}
    for t in (0.98, 0.99):
        exact = float(MeanField(NATURAL, t, spin=spin, binding_energy=energy).free_energy(0.2))
        for order in (4, 6):
            theory = GinzburgLandau(NATURAL, t, spin=spin, order=order, binding_energy=energy)
            off[order, t] = float(theory.free_energy(0.2)) / exact - 1.0
    # errors of the order (1 - t) and (1 - t)^2
    assert off[4, 0.98] / off[4, 0.99] == pytest.approx(2.0, rel=0.1)
    assert off[6, 0.98] / off[6, 0.99] == pytest.approx(4.0, rel=0.2)
    assert abs(off[6, 0.99]) < 0.05 * abs(off[4, 0.99])


def test_current_is_a_derivative():
    theory, h = GinzburgLandau(NATURAL, 0.9, order=6), 1e-3
    at = 0.3 + h * np.array([-2, -1, 1, 2])
    slope = np.array([1, -8, 8, -1]) / (12 * h) @ theory.free_energy(at)
    assert float(theory.current(0.3)[0]) == pytest.approx(slope, rel=1e-8)


def test_metastable_minimum_is_lost_at_low_temperature():
    with pytest.warns(UnstableQuarticWarning, match="no minimum"):
        assert np.isinf(GinzburgLandau(NATURAL, 0.4, order=6).free_energy(0.2))


def test_bad_arguments():
    with pytest.raises(ValueError, match="order must be 4 or 6"):
        GinzburgLandau(NATURAL, order=5)
    with pytest.raises(ValueError, match="spin must be one of"):
        GinzburgLandau(NATURAL, spin="none")
    with pytest.raises(ValueError, match="order must be 6 for c"):
        GinzburgLandau(NATURAL).sixth(0.2)
