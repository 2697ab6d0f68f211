"""Eq (10) with unequal masses, densities and degeneracies: every number by hand."""

import math
import warnings

import pytest
from scipy import constants as si

from cedrag import NATURAL, Scales, ValidityWarning, drag_ratio
from cedrag.drag.parabolic import ParabolicLayer, drag_rate, drag_time, friction_between
from cedrag.drag.ratio import Friction, drag_times, friction
from cedrag.laboratory.plateau import parabolic_friction
from cedrag.laboratory.translation import translate

SAMPLE = {"separation": 10e-9, "permittivity": 4.0}
HEAVY = NATURAL.replace(mass_ratio=2.5, mu_h=NATURAL.mu_h - 4.0)
SCALES = Scales(critical_temperature=10.0, electron_mass=0.2)
ELECTRONS = ParabolicLayer(density=2e15, mass=0.067 * si.m_e, degeneracy=2)
HOLES = ParabolicLayer(density=1e15, mass=0.38 * si.m_e, degeneracy=4)


def exactly(number):
    return pytest.approx(number, rel=1e-12, abs=0.0)


def test_drag_times_by_hand():
    """Gamma = 2, n_h = 3, m_e = 5, m_h = 7: tau_I = 15/2 and tau_II = 21/2."""
    assert drag_times(2.0, density_h=3.0, mass_e=5.0, mass_h=7.0) == (7.5, 10.5)
    assert drag_times(0.0, density_h=3.0, mass_e=5.0, mass_h=7.0) == (math.inf, math.inf)


def test_friction_by_hand():
    """zeta = -(3 5/(11 7))/(7.5/10.5 + 7.5/4) = -(15/77)/(5/7 + 15/8) = -(15/77) 56/145."""
    found = friction(
        2.0, scattering_time=4.0, density_e=11.0, density_h=3.0, mass_e=5.0, mass_h=7.0
    )
    assert found == Friction(7.5, 10.5, exactly(-15.0 * 56.0 / (77.0 * 145.0)))


def test_friction_balances_the_forces_on_the_passive_layer():
    """0 = n_h p_h/tau_2 - Gamma (v_e - v_h) with the velocities of the two currents."""
    gamma, tau, n_e, n_h, m_e, m_h = 1.7, 0.6, 2.3, 1.1, 0.9, 3.1
    found = friction(
        gamma, scattering_time=tau, density_e=n_e, density_h=n_h, mass_e=m_e, mass_h=m_h
    )
    v_e = 1.0
    v_h = -found.ratio * n_e * v_e / n_h
    assert n_h * m_h * v_h / tau == exactly(gamma * (v_e - v_h))


def test_the_time_back_of_parabolic_layers_is_the_default():
    """tau_D^II = tau_D^I m_h/m_ex: with m_ex/m_h = 1/4 it is 4 tau_D^I, not a quarter of it."""
    given = drag_ratio(
        drag_time=2.0, drag_time_back=8.0, scattering_time=1.0, mass_ratio=0.25, density_ratio=3.0
    )
    default = drag_ratio(drag_time=2.0, scattering_time=1.0, mass_ratio=0.25, density_ratio=3.0)
    assert default == given == exactly(-(3.0 / 4.0) / (0.25 + 2.0))


def test_equal_velocities_without_a_lattice():
    with pytest.warns(match="near rest"):
        zeta = drag_ratio(drag_time=1.0, scattering_time=1e15, mass_ratio=0.2, density_ratio=0.7)
    assert zeta == exactly(-0.7)


def test_rate_and_friction_of_unequal_layers():
    """rho_D = Gamma/(e^2 n_1 n_2), so tau_I = m_1/(n_1 e^2 rho_D) without Gamma."""
    options = {**SAMPLE, "temperature": 5.0}
    rate = drag_rate(ELECTRONS, HOLES, **options)
    forth = 0.067 * si.m_e / (2e15 * si.e**2 * rate.resistivity)
    assert rate.time == drag_time(ELECTRONS, HOLES, **options) == exactly(forth)
    assert rate.time_back == exactly(forth * 0.38 / 0.067)
    found = friction_between(ELECTRONS, HOLES, scattering_time=1e-12, **options)
    zeta = -0.5 * (0.067 / 0.38) / (0.067 / 0.38 + forth / 1e-12)
    assert (found.drag_time, found.ratio) == (exactly(forth), exactly(zeta))


def test_the_plateau_knows_the_hole_mass():
    """m_h = 2.5 m_e and other densities: from rho_D of layers written out here."""
    t, tau = 0.9, 3e-12
    electrons, holes = (
        ParabolicLayer(density=n * SCALES.density, mass=m * 0.2 * si.m_e, degeneracy=1)
        for n, m in ((HEAVY.density_e(t), 1.0), (HEAVY.density_h(t), 2.5))
    )
    rho = drag_rate(electrons, holes, temperature=9.0, **SAMPLE).resistivity
    forth = 0.2 * si.m_e / (electrons.density * si.e**2 * rho)
    zeta = -holes.density / electrons.density / 2.5 / (1.0 / 2.5 + forth / tau)
    assert parabolic_friction(
        HEAVY, scales=SCALES, scattering_time=tau, t=t, **SAMPLE
    ) == exactly(zeta)  # fmt: skip


def test_drift_is_the_current_per_carrier_over_the_fermi_velocity():
    with warnings.catch_warnings(action="ignore", category=ValidityWarning):
        sample = translate(NATURAL, critical_temperature=10.0, electron_mass=0.2, **SAMPLE)
    carriers = si.e * min(sample.density_e, sample.density_h)
    velocity = si.hbar * sample.fermi_wavevector / (0.2 * si.m_e)
    assert sample.drift_ratio == exactly(sample.sheet_current_plus / carriers / velocity)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"momentum_transfer": -1.0}, r"momentum_transfer must not be negative \(got -1"),
        ({"momentum_transfer": 0.0}, r"momentum_transfer must be positive \(got 0.0\)"),
        ({"density_e": 0.0}, r"density_e must be positive \(got 0.0\)"),
        ({"density_h": -1.0}, r"density_h must be positive \(got -1.0\)"),
        ({"mass_e": 0.0}, r"mass_e must be positive \(got 0.0\)"),
        ({"mass_h": math.nan}, r"mass_h must be finite \(got nan\)"),
        ({"scattering_time": 0.0}, r"scattering_time must be positive \(got 0.0\)"),
    ],
)
def test_bad_friction(changes, message):
    good = {
        "momentum_transfer": 1.0, "scattering_time": 1.0, "density_e": 1.0, "density_h": 1.0,
        "mass_e": 1.0, "mass_h": 1.0,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        friction(**good | changes)


@pytest.mark.parametrize(
    ("carriers", "sign"), [("electron-hole", -1.0), ("electron-electron", 1.0)]
)
def test_equal_charges_turn_the_sign_and_nothing_else(carriers, sign):
    """By hand: 2 * 3/(5/7 + 5/1); without the back time, 5/(5/3) = 3 in place of 5/7."""
    given = {
        "drag_time": 5.0, "scattering_time": 1.0, "density_ratio": 2.0, "mass_ratio": 3.0,
        "carriers": carriers,
    }  # fmt: skip
    assert drag_ratio(**given, drag_time_back=7.0) == pytest.approx(sign * 6.0 / (5.0 / 7.0 + 5.0))
    assert drag_ratio(**given) == pytest.approx(sign * 6.0 / 8.0)


def test_times_carry_a_unit_or_none_does():
    pint = pytest.importorskip("pint")
    with pytest.raises(ValueError, match=r"must all carry a unit or none \(got "):
        drag_ratio(drag_time=pint.Quantity(1.0, "ns"), scattering_time=1e-12)
    both = {"drag_time": pint.Quantity(5.0, "ns"), "scattering_time": pint.Quantity(1000.0, "ps")}
    assert drag_ratio(**both) == pytest.approx(drag_ratio(drag_time=5.0, scattering_time=1.0))


def test_layers_are_equal_by_default():
    assert drag_ratio(drag_time=5.0, scattering_time=1.0) == pytest.approx(-1.0 / 6.0)


def test_a_number_gives_a_float_and_an_array_an_array():
    assert type(drag_ratio(drag_time=5.0, scattering_time=1.0)) is float
    assert drag_ratio(drag_time=[5.0, 6.0], scattering_time=1.0).shape == (2,)
    assert drag_ratio(drag_time=[5.0], scattering_time=1.0).shape == (1,)
