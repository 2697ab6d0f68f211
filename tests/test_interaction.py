"""Eq (5) and what a contact coupling means, against direct quadrature."""

import math

import numpy as np
import pytest
from scipy import constants, integrate

from cedrag import Bilayer, GinzburgLandau
from cedrag.laboratory.interaction import (
    binding_from_coupling,
    coupling_from_binding,
    pair_density_of_states,
    printed_coupling,
    screened_coupling,
    sphere_coupling,
    weak_coupling_temperature,
)


def approx(expected, rel=1e-6, abs=0.0):
    """pytest.approx without its default abs = 1e-12, which would pass any small SI number."""
    return pytest.approx(expected, rel=rel, abs=abs)


E2 = constants.e**2 / (4.0 * math.pi * constants.epsilon_0)
GEOMETRY = (2.3e8, 10e-9, 4.0)


@pytest.mark.parametrize("separation", [1e-10, 10e-9, 1e-7])
def test_sphere_coupling_is_the_average_of_eq_4_over_a_sphere(separation):
    k_F, eps = 2.3e8, 4.0

    def integrand(angle):
        p = 2.0 * k_F * math.sin(0.5 * angle)
        return math.sin(angle) * math.exp(-p * separation) / p

    average, _ = integrate.quad(integrand, 0.0, math.pi, epsrel=1e-11, limit=200)
    expected = 0.5 * 2.0 * math.pi * E2 / eps * average
    assert sphere_coupling(k_F, separation, eps) == approx(expected, rel=1e-9)


def test_printed_coupling_lacks_a_length():
    """Rescaling every length by s: energy*area goes as s (E fixed e^2/s), the printed g as s^0."""
    k_F, d, eps = GEOMETRY
    s = 3.0
    coulomb = E2 / (eps * d)  # an energy that scales as 1/s
    before = sphere_coupling(k_F, d, eps) / (coulomb * d**2)
    after = sphere_coupling(k_F / s, s * d, eps) / (coulomb / s * (s * d) ** 2)
    assert after == approx(before, rel=1e-12)
    printed = printed_coupling(k_F, d, eps) / (coulomb * d**2)
    rescaled = printed_coupling(k_F / s, s * d, eps) / (coulomb / s * (s * d) ** 2)
    assert rescaled == approx(printed / s, rel=1e-12)


@pytest.mark.parametrize("separation", [1e-9, 10e-9, 50e-9])
def test_screened_coupling_is_the_inverse_of_the_screened_matrix(separation):
    """U = (V^-1 + Pi)^-1 with V from Poisson's equation, averaged by the trapezoid rule."""
    k_F, eps, m_e, m_h = 2.3e8, 4.0, 0.2, 0.5
    mass = np.array([m_e, m_h]) * constants.m_e
    response = np.diag(mass / (2.0 * math.pi * constants.hbar**2))
    n = 4000
    total = 0.0
    for angle in (np.arange(n) + 0.5) * math.pi / n:
        q = 2.0 * k_F * math.sin(0.5 * angle)
        near, far = 1.0, math.exp(-q * separation)
        bare = 2.0 * math.pi * E2 / (eps * q) * np.array([[near, far], [far, near]])
        total += np.linalg.inv(np.linalg.inv(bare) + response)[0, 1]
    found = screened_coupling(k_F, separation, eps, electron_mass=m_e, hole_mass=m_h)
    assert found == approx(total / n, rel=1e-5)


def test_screening_weakens_the_attraction():
    _, d, eps = GEOMETRY
    light = screened_coupling(*GEOMETRY, electron_mass=1e-3, hole_mass=1e-3)
    heavy = screened_coupling(*GEOMETRY, electron_mass=0.2, hole_mass=0.2)
    assert 0.0 < heavy < light < 100.0 * E2 * d / eps


@pytest.mark.parametrize("binding", [1e-3, 0.1, 10.0])
def test_coupling_and_binding_invert_the_cutoff_integral(binding):
    """1/g = Int_{k<K} d^2k/(2 pi)^2 1/(k^2/2m_r + E_b), here with hbar = m_r = 1."""
    cutoff = 3.8
    K = math.sqrt(2.0 * cutoff)
    inverse, _ = integrate.quad(
        lambda k: k / (2.0 * math.pi) / (0.5 * k * k + binding), 0.0, K, epsrel=1e-12
    )
    coupling = coupling_from_binding(binding, cutoff)
    assert coupling == approx(1.0 / (math.pi * inverse), rel=1e-10)
    assert binding_from_coupling(coupling, cutoff) == approx(binding, rel=1e-12)


def test_a_weak_coupling_does_not_overflow():
    assert binding_from_coupling(1e-3, 1.0) == 0.0


def test_weak_coupling_temperature_agrees_with_the_gap_equation():
    """Matched circles, E_F = 100 T_c: the corrections are of order (T_c/E_F)^2."""
    bilayer = Bilayer(
        mu_e=100.0, mu_h=100.0, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=0.0
    )
    with pytest.warns(UserWarning, match="upper spin branch"):
        theory = GinzburgLandau(bilayer)
    assert weak_coupling_temperature(200.0, theory.binding_energy) == approx(1.0, rel=2e-4)


def test_density_of_states_of_equal_masses_is_that_of_one_layer():
    mass = 0.2 * constants.m_e
    one_layer = mass / (2.0 * math.pi * constants.hbar**2)
    assert pair_density_of_states(0.5 * mass) == approx(one_layer, rel=1e-14)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: sphere_coupling(-1.0, 1e-9, 4.0), "fermi_wavevector"),
        (lambda: sphere_coupling(1e8, 0.0, 4.0), "separation"),
        (lambda: printed_coupling(1e8, 1e-9, 0.0), "permittivity"),
        (lambda: screened_coupling(*GEOMETRY, electron_mass=0.0, hole_mass=1.0), "electron_mass"),
        (lambda: coupling_from_binding(0.0, 1.0), "binding_energy"),
        (lambda: binding_from_coupling(1.0, -1.0), "cutoff"),
    ],
)
def test_bad_input_names_the_argument(call, name):
    with pytest.raises(ValueError, match=rf"{name} must be positive \(got "):
        call()
