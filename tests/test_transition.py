"""T_c of one sample at fixed interaction."""

import math

import pytest

from cedrag import NATURAL, Bilayer, GinzburgLandau, NoPairingError
from cedrag.pairing.transition import critical_temperature, smallest_alpha

CIRCLES = Bilayer.from_fermi_energies(
    fermi_energy_e=500.0,
    fermi_energy_h=500.0,
    rashba_e=0.0,
    zeeman_inplane=0.0,
    zeeman_outofplane=600.0,
)


def test_returns_the_temperature_that_fixed_the_interaction():
    binding = GinzburgLandau(NATURAL).binding_energy
    assert critical_temperature(NATURAL, binding) == pytest.approx(1.0, abs=1e-7)


def test_weak_coupling_formula_for_matched_circles():
    binding = 3e-3
    estimate = math.exp(0.5772156649015329) / math.pi * math.sqrt(2 * 500.0 * binding)
    got = critical_temperature(CIRCLES, binding)
    assert got == pytest.approx(estimate, rel=2e-5)  # corrections of order (T/E_F)^2


def test_mismatch_lowers_then_destroys_the_transition():
    binding = GinzburgLandau(CIRCLES).binding_energy
    near = CIRCLES.replace(mu_e=CIRCLES.mu_e + 0.8, mu_h=CIRCLES.mu_h - 0.8)
    assert 0.7 < critical_temperature(near, binding, rtol=1e-6) < 0.9
    far = CIRCLES.replace(mu_e=CIRCLES.mu_e + 3.0, mu_h=CIRCLES.mu_h - 3.0)
    with pytest.raises(NoPairingError, match=r"binding_energy must be large enough .* \(got"):
        critical_temperature(far, binding, rtol=1e-4)


def test_smallest_alpha_vanishes_at_the_transition():
    binding = GinzburgLandau(NATURAL).binding_energy
    alpha, q = smallest_alpha(NATURAL, 1.0, binding)
    assert abs(alpha) < 1e-9
    assert q == pytest.approx(GinzburgLandau(NATURAL).pairing_momentum, abs=1e-5)


def test_refused_arguments():
    with pytest.raises(ValueError, match=r"binding_energy must be positive \(got -1.0\)"):
        critical_temperature(NATURAL, -1.0)
    with pytest.raises(TypeError, match="bilayer must be a Bilayer"):
        critical_temperature(3.0, 1.0)
