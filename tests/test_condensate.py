"""The equilibrium state: minimum, stiffness, several minima, and where there is none."""

import math
import warnings

import numpy as np
import pytest

from cedrag import (
    NATURAL,
    PAPER,
    AboveBKTWarning,
    Bilayer,
    GinzburgLandau,
    NearTricriticalWarning,
    NoCondensateError,
    SeveralMinimaWarning,
    UnstableQuarticWarning,
)
from cedrag.condensate.state import Condensate
from cedrag.condensate.stiffness import hessian


def circles(fermi_e, fermi_h, rashba_e=0.0):
    """Fully polarised layers without in-plane field: contours symmetric under k -> -k."""
    return Bilayer.from_fermi_energies(
        fermi_energy_e=fermi_e,
        fermi_energy_h=fermi_h,
        rashba_e=rashba_e,
        zeeman_inplane=0.0,
        zeeman_outofplane=30.0,
    )


MATCHED_BINDING = GinzburgLandau(circles(20.0, 20.0)).binding_energy
quiet = pytest.mark.filterwarnings("ignore::cedrag.errors.ValidityWarning")


def by_hand(**changes):
    """A state whose derived numbers follow by hand: |q0| = 5 and det D = 5."""
    values = {
        "q0": (3.0, 4.0), "gap": 1.0, "free_energy": -1.0, "margin": 1.0, "t": 0.5,
        "stiffness": np.array([[3.0, 1.0], [1.0, 2.0]]), "other_minima": np.zeros((0, 2)),
        "converged": True, "residual_current": 0.0,
    }  # fmt: skip
    return Condensate(**values | changes)


def test_derived_numbers_by_hand():
    assert by_hand().wavelength == pytest.approx(2.0 * math.pi / 5.0, rel=1e-15)
    assert by_hand(q0=(0.0, 0.0)).wavelength == math.inf
    edge = by_hand().phase_stiffness_temperature
    assert edge == pytest.approx(math.pi / 2.0 * math.sqrt(5.0), rel=1e-15)
    assert [by_hand(t=t).above_bkt for t in (edge, 1.001 * edge)] == [False, True]
    for saddle in ([[1.0, 2.0], [2.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]):
        assert by_hand(stiffness=np.array(saddle)).phase_stiffness_temperature == 0.0


@quiet
def test_minimum_is_lower_than_everything_around():
    theory = GinzburgLandau(NATURAL)
    state = theory.condensate()
    grid = np.linspace(-0.6, 0.6, 25)
    free_energy = theory.free_energy(state.q0[0] + grid[:, None], state.q0[1] + grid)
    assert state.free_energy <= free_energy.min()
    alpha, beta = theory.alpha(*state.q0), theory.beta(*state.q0)
    assert state.free_energy == pytest.approx(-(alpha**2) / (2 * beta))
    assert state.gap == pytest.approx(math.sqrt(-alpha / beta))
    assert state.converged
    assert state.residual_current < 1e-12
    assert state.q0[1] == 0.0
    assert state.wavelength == pytest.approx(2 * math.pi / state.q0[0])


@quiet
def test_stiffness_is_the_curvature_of_the_free_energy():
    theory = GinzburgLandau(NATURAL, rtol=1e-11)
    state = theory.condensate()
    h = 5e-3
    weights = np.array([-1, 16, -30, 16, -1]) / (12 * h * h)
    steps = h * np.arange(-2, 3)
    qx, qy = state.q0
    xx = weights @ theory.free_energy(qx + steps, qy)
    yy = weights @ theory.free_energy(qx, qy + steps)
    assert state.stiffness[0, 0] == pytest.approx(xx, rel=1e-5)
    assert state.stiffness[1, 1] == pytest.approx(yy, rel=1e-5)
    assert abs(state.stiffness[0, 1]) < 1e-10
    coarse = hessian(theory, np.array(state.q0), 0.02)
    np.testing.assert_allclose(state.stiffness, coarse, rtol=1e-7, atol=1e-10)


@quiet
def test_finite_momentum_state_of_mismatched_circles_lies_on_the_ring():
    # h = 1.2 T_c0 at low temperature: concentric circles of different size pair at |q| ~ 2h/v
    theory = GinzburgLandau(circles(21.2, 18.8), 0.3, binding_energy=MATCHED_BINDING)
    state = theory.condensate()
    radius = math.hypot(*state.q0)
    assert 1.5 < radius * math.sqrt(40.0) < 4.0
    turned = radius * np.array([math.cos(2.0), math.sin(2.0)])
    assert theory.free_energy(*turned) == pytest.approx(state.free_energy, rel=1e-8)


@quiet
def test_two_minima_are_reported():
    # B = 0 with a mismatch: q0 and -q0 are degenerate
    theory = GinzburgLandau(circles(21.2, 18.8, 0.4), 0.3, binding_energy=MATCHED_BINDING)
    with pytest.warns(SeveralMinimaWarning, match="several minima"):
        state = theory.condensate()
    assert math.hypot(*state.q0) > 0.05


def test_warns_above_its_own_vortex_transition():
    theory = GinzburgLandau(NATURAL, 0.95)
    with pytest.warns(AboveBKTWarning, match=r"\(pi/2\) sqrt\(det D\)"):
        state = theory.condensate()
    assert state.above_bkt
    assert state.phase_stiffness_temperature < 0.95
    expected = 0.5 * math.pi * math.sqrt(np.linalg.det(state.stiffness))
    assert state.phase_stiffness_temperature == pytest.approx(expected)


@quiet
def test_warns_next_to_the_tricritical_point():
    with pytest.warns(NearTricriticalWarning, match="beta.q0. is 0.14 of its absolute integral"):
        GinzburgLandau(PAPER).condensate()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        GinzburgLandau(NATURAL).condensate()
    assert not any(issubclass(w.category, NearTricriticalWarning) for w in caught)


def test_margin_of_matched_contours_is_one():
    theory = GinzburgLandau(circles(20.0, 20.0))
    assert theory.margin(0.0) == pytest.approx(1.0, rel=1e-12)


def test_first_order_region_is_named_not_numbered():
    b = Bilayer.from_fermi_energies(
        fermi_energy_e=8.57,
        fermi_energy_h=6.00,
        rashba_e=0.956,
        zeeman_inplane=3.0,
        zeeman_outofplane=10.84,
    )
    with pytest.warns(UnstableQuarticWarning, match="falls without bound towards beta = 0"):
        state = GinzburgLandau(b, 0.6, rtol=1e-5).condensate()
    assert state.gap == math.inf
    assert not state.converged


def test_no_condensate_at_or_above_the_transition():
    with pytest.raises(NoCondensateError, match=r"t must be below 1 .* \(got 1.0\)"):
        GinzburgLandau(NATURAL, 1.0).condensate()
    with pytest.raises(NoCondensateError, match=r"t must be below 1 .* \(got 1.3\)"):
        GinzburgLandau(NATURAL, 1.3).diode()


def test_no_condensate_across_a_large_mismatch():
    theory = GinzburgLandau(circles(26.0, 14.0), 0.5, binding_energy=MATCHED_BINDING)
    with pytest.raises(NoCondensateError, match="mismatch of the Fermi contours is too large"):
        theory.condensate()
