"""Drag between parabolic layers: published digits, sum rules, limits, symmetries, bad input."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.polynomial.legendre import leggauss
from scipy import constants as si
from scipy.integrate import quad
from scipy.special import dawsn, zeta

from cedrag.drag.parabolic import (
    ParabolicLayer,
    drag_integrand,
    drag_rate,
    drag_ratio,
    drag_resistivity,
    drag_time,
    polarisability,
)
from cedrag.errors import ConvergenceError, UnrealisticScatteringWarning
from cedrag.kernels.drag_integrand import coulomb_matrix
from cedrag.kernels.gauss_kronrod import EMBEDDED, NODES, WEIGHTS, integrate_adaptively
from cedrag.kernels.polarisability import fermi_k

GAAS = ParabolicLayer(density=1.5e15, mass=0.067 * si.m_e, degeneracy=2)
SAMPLE = {"separation": 375e-10, "permittivity": 12.9}
KELVIN = GAAS.fermi_temperature


# published digits ------------------------------------------------------------


def test_gaas_scales():
    assert GAAS.fermi_wavevector * 375e-10 == pytest.approx(3.640549, rel=1e-6, abs=0.0)
    assert pytest.approx(62.19370, rel=1e-6, abs=0.0) == KELVIN


@pytest.mark.parametrize(
    ("screening", "kelvin", "milliohm", "rtol"),
    [
        ("thomas-fermi", 1.0, 0.524351, 2e-4),
        ("thomas-fermi", 3.0, 5.194460, 2e-4),
        ("rpa", 1.0, 0.505875, 1e-5),
        ("rpa", 3.0, 4.348843, 1e-5),
    ],
)
def test_gaas_benchmark(screening, kelvin, milliohm, rtol):
    rho = drag_resistivity(GAAS, GAAS, temperature=kelvin, screening=screening, **SAMPLE)
    assert rho * 1e3 == pytest.approx(milliohm, rel=rtol)


@pytest.mark.parametrize(
    ("screening", "seconds"), [("thomas-fermi", 1.1908e-8), ("rpa", 1.3766e-8)]
)
def test_drag_time_at_the_estimate_of_the_paper(screening, seconds):
    mass = 0.2 * si.m_e
    density = 0.010 * si.e * mass / (2.0 * np.pi * si.hbar**2)
    layer = ParabolicLayer(density=density, mass=mass, degeneracy=1)
    tau = drag_time(
        layer, layer, separation=10e-9, permittivity=4.0, temperature=10.0, screening=screening
    )
    assert tau == pytest.approx(seconds, rel=2e-4, abs=0.0)


@pytest.mark.parametrize(("nanoseconds", "denominator"), [(1.0, 101.0), (2.0, 51.0)])
def test_drag_ratio_of_eq_10(nanoseconds, denominator):
    zeta_ = drag_ratio(drag_time=1e-7, scattering_time=nanoseconds * 1e-9)
    assert zeta_ == pytest.approx(-1.0 / denominator, rel=1e-13, abs=0.0)


# an independent route to one point -------------------------------------------


def _stern(q, w, mu):
    """Zero-temperature response in units m = hbar = N0 = 1 for arrays of w and mu."""
    kf2 = 2.0 * mu
    total = 0.0
    for nu, sign in ((w / q + q / 2.0, 1.0), (w / q - q / 2.0, -1.0)):
        inside = np.sqrt(np.maximum(kf2 - nu**2, 0.0))
        outside = np.sign(nu) * np.sqrt(np.maximum(nu**2 - kf2, 0.0))
        total = total + sign * (nu - outside - 1j * inside)
    return total / q


def _maldague(q, w, eta, order=300):
    """Finite temperature (T = 1) as the average of T = 0 responses over -df/dmu'.

    The square-root ends of Stern's formula are met with mu' = nu^2/2 + u |u| panels.
    """
    total = np.zeros(w.size, dtype=complex)
    x, weight = leggauss(order)
    for i, wi in enumerate(w):
        edges = [(wi / q + q / 2.0) ** 2 / 2.0, (wi / q - q / 2.0) ** 2 / 2.0]
        top = max(eta, 0.0) + 40.0
        points = np.unique(np.clip([0.0, *edges, eta, top], 0.0, top))
        for a, b in pairwise(points):
            # mu = a + (b - a) s^2 (3 - 2 s) is quadratic at both ends
            s = 0.5 * (x + 1.0)
            mu = a + (b - a) * s**2 * (3.0 - 2.0 * s)
            jacobian = (b - a) * 6.0 * s * (1.0 - s) * 0.5 * weight
            total[i] += np.sum(jacobian * _stern(q, wi, mu) / (4.0 * np.cosh((mu - eta) / 2) ** 2))
    return total


@pytest.mark.parametrize("t", [0.03, 0.3, 1.5])
def test_response_equals_the_maldague_average(t):
    layer = ParabolicLayer(density=1e15, mass=si.m_e, degeneracy=1)
    temperature = t * layer.fermi_temperature
    thermal = si.k * temperature
    unit = np.sqrt(si.m_e * thermal) / si.hbar
    eta = 1.0 / t + np.log(-np.expm1(-1.0 / t))
    flat = si.m_e / (2.0 * np.pi * si.hbar**2)
    w = np.array([0.0, 0.3, 1.7, 6.0])
    for q in (0.4, 2.0):
        ours = (
            polarisability(layer, q * unit, w * thermal / si.hbar, temperature=temperature) / flat
        )
        np.testing.assert_allclose(ours, _maldague(q, w, eta), rtol=2e-9, atol=2e-9)


def test_two_quadratures_agree_on_one_rpa_point():
    """Fixed Gauss rules in q and in w/q with Maldague's response, against the adaptive code."""
    t = 0.08
    eta = 1.0 / t + np.log(-np.expm1(-1.0 / t))
    temperature = t * KELVIN
    thermal = si.k * temperature
    length = si.hbar / np.sqrt(GAAS.mass * thermal)
    d = SAMPLE["separation"] / length
    coulomb = si.e**2 / (4 * np.pi * si.epsilon_0 * 12.9 * thermal * length)
    x, wx = leggauss(24)
    total = 0.0
    for q_start, q_end in pairwise(np.array([0.0, 1.0, 3.0, 9.0]) / d):
        for q in 0.5 * (q_end - q_start) * (x + 1.0) + q_start:
            v = 2.0 * np.pi * coulomb / q
            edge = np.sqrt(2.0 * eta) * q + 0.5 * q * q
            inner = 0.0
            for a, b in pairwise(
                np.minimum([0.0, 0.7 * edge, 0.95 * edge, 1.1 * edge, 1.6 * edge], 50)
            ):
                w = 0.5 * (b - a) * (x + 1.0) + a
                p = 2.0 / (2.0 * np.pi) * _maldague(q, w, eta, order=40)
                dielectric = (1.0 + v * p) ** 2 - (v * np.exp(-q * d) * p) ** 2
                u2 = np.abs(v * np.exp(-q * d) / dielectric) ** 2
                inner += 0.5 * (b - a) * wx @ (u2 * p.imag**2 / np.sinh(w / 2.0) ** 2)
            weight = wx[np.searchsorted(x, 2 * (q - q_start) / (q_end - q_start) - 1 - 1e-9)]
            total += 0.5 * (q_end - q_start) * weight * q**3 * inner
    density = GAAS.density * length**2
    rho = si.hbar / si.e**2 * total / (8.0 * np.pi**2 * density**2)
    ours = drag_resistivity(GAAS, GAAS, temperature=temperature, **SAMPLE)
    assert ours == pytest.approx(rho, rel=2e-5, abs=0.0)


# sum rules and limits of the response ----------------------------------------


@pytest.mark.parametrize("t", [0.05, 0.5, 3.0, 30.0])
def test_compressibility_sum_rule(t):
    temperature = t * KELVIN
    got = polarisability(GAAS, 1e-4 * GAAS.fermi_wavevector, 0.0, temperature=temperature)
    expected = GAAS.compressibility(temperature)
    assert got.real == pytest.approx(expected, rel=1e-7, abs=0.0)
    assert got.imag == 0.0


@pytest.mark.parametrize("t", [0.05, 0.5, 3.0])
@pytest.mark.parametrize("q", [0.3, 2.5])
def test_f_sum_rule(t, q):
    """int_0^inf w Im Pi dw = pi n q^2/(2m) at every temperature."""
    q = q * GAAS.fermi_wavevector
    temperature = t * KELVIN
    top = si.hbar * q**2 / (2 * GAAS.mass)
    top += q * np.sqrt(2 * si.k * (KELVIN + 40 * temperature) / GAAS.mass)
    x, weight = leggauss(400)
    w = 0.5 * top * (x + 1.0)
    got = 0.5 * top * weight @ (w * polarisability(GAAS, q, w, temperature=temperature).imag)
    assert got == pytest.approx(0.5 * np.pi * GAAS.density * q**2 / GAAS.mass, rel=1e-9, abs=0.0)


@pytest.mark.parametrize("t", [0.1, 2.0])
def test_kramers_kronig(t):
    """The real part is the Hilbert transform of the imaginary part, sampled between its points."""
    temperature = t * KELVIN
    q = 0.7 * GAAS.fermi_wavevector
    top = q * np.sqrt(2 * si.k * (KELVIN + 45 * temperature) / GAAS.mass)
    top += si.hbar * q**2 / (2 * GAAS.mass)
    step = top / 3000.0
    grid = (np.arange(-3000, 3000) + 0.5) * step
    imaginary = polarisability(GAAS, q, grid, temperature=temperature).imag
    for n in (0, 100, 700, 2000):
        real = polarisability(GAAS, q, n * step, temperature=temperature).real
        transform = np.sum(imaginary / (grid - n * step)) * step / np.pi
        assert real == pytest.approx(transform, rel=1e-8, abs=0.0)


def test_zero_temperature_limit_is_stern():
    q, w = 1.3, np.array([0.0, 0.2, 0.9, 3.0])
    kf, scale = GAAS.fermi_wavevector, 2.0 * GAAS.fermi_energy
    flat = GAAS.compressibility(1e-3)
    got = polarisability(GAAS, q * kf, w * scale / si.hbar, temperature=1e-3 * KELVIN) / flat
    np.testing.assert_allclose(got, _stern(q, w, np.array(0.5)), atol=3e-6)


def test_hot_limit_is_maxwell_boltzmann():
    """Pi(q, 0) = (n/T) D(y)/y with Dawson's integral, y = q/sqrt(8 m T)."""
    temperature = 1e4 * KELVIN
    y = 0.8
    q = y * np.sqrt(8.0 * GAAS.mass * si.k * temperature) / si.hbar
    got = polarisability(GAAS, q, 0.0, temperature=temperature).real
    expected = GAAS.density / (si.k * temperature) * dawsn(y) / y
    assert got == pytest.approx(expected, rel=1e-4, abs=0.0)  # the next term is of order T_F/T


def test_response_is_odd_in_frequency_in_its_imaginary_part():
    w = np.array([1e10, 3e12, 2e13])
    plus = polarisability(GAAS, 1e8, w, temperature=4.0)
    minus = polarisability(GAAS, 1e8, -w, temperature=4.0)
    np.testing.assert_allclose(minus, plus.conj(), rtol=1e-13)
    assert np.all(plus.imag >= 0.0)


@pytest.mark.parametrize("c", [-50.0, -6.01, -5.99, -0.2, 3.3, 47.99, 48.01, 300.0])
def test_fermi_dirac_integral(c):
    top = np.sqrt(max(c, 0.0) + 45.0)
    bend = np.sqrt(max(c, 0.0))
    expected = quad(
        lambda s: 1.0 / (np.exp(s * s - c) + 1.0),
        0.0,
        top,
        points=[bend, 0.9 * bend, 1.1 * bend],
        epsabs=0,
        epsrel=1e-13,
        limit=400,
    )[0]
    assert fermi_k(c) == pytest.approx(expected, rel=1e-12, abs=0.0)


# physics of the drag ---------------------------------------------------------


@pytest.mark.parametrize("screening", ["rpa", "thomas-fermi"])
def test_square_law_at_low_temperature(screening):
    rho = drag_resistivity(
        GAAS, GAAS, temperature=[0.02, 0.04, 0.08], screening=screening, **SAMPLE
    )
    np.testing.assert_allclose(rho[1:] / rho[:-1], 4.0, rtol=2e-3)


def test_asymptotic_formula_is_approached_from_below_at_large_distance():
    """rho_D -> (h/e^2)(pi zeta(3)/(8 g^2)) (T/E_F)^2/[(k_F d)^2 (q_TF d)^2]; corrections ~ 1/d."""
    temperature = 1e-6 * KELVIN  # far below T_F/(k_F d)
    q_tf = 2.0 * 0.067 * 2 / 2 / 12.9 / si.physical_constants["Bohr radius"][0]
    misses = []
    for d in (5e-6, 10e-6, 20e-6):
        rho = drag_resistivity(GAAS, GAAS, separation=d, permittivity=12.9, temperature=temperature)
        law = si.h / si.e**2 * np.pi * zeta(3) / 32.0 * 1e-12
        law /= (GAAS.fermi_wavevector * d) ** 2 * (q_tf * d) ** 2
        misses.append(1.0 - rho / law)
    assert q_tf * 375e-10 == pytest.approx(7.361142, rel=1e-6, abs=0.0)
    assert 0.0 < misses[2] < 5e-3
    # a 1/d correction halves with each doubling, so rho d^4 is the constant that is left
    np.testing.assert_allclose(np.array(misses[:-1]) / misses[1:], 2.0, rtol=0.05)


def test_rate_over_t_squared_rises_has_a_maximum_and_falls():
    t = np.linspace(0.05, 2.0, 30)
    scaled = drag_resistivity(GAAS, GAAS, temperature=t * KELVIN, **SAMPLE) / t**2
    peak = np.argmax(scaled)
    assert 0.4 < t[peak] < 0.9
    assert scaled[peak] > 3.5 * scaled[0]
    assert np.all(np.diff(scaled[peak:]) < 0.0)
    start = np.argmin(scaled[:peak])
    assert np.all(np.diff(scaled[start : peak + 1]) > 0.0)


def test_plasmons_make_the_difference_between_the_screenings():
    rpa, static = (
        drag_resistivity(GAAS, GAAS, temperature=0.6 * KELVIN, screening=name, **SAMPLE)
        for name in ("rpa", "thomas-fermi")
    )
    assert rpa > 4.0 * static


def test_exchange_of_layers_and_of_charges():
    heavy = ParabolicLayer(density=1.1e15, mass=0.38 * si.m_e, degeneracy=1)
    one = drag_rate(GAAS, heavy, temperature=5.0, **SAMPLE)
    other = drag_rate(heavy, GAAS, temperature=5.0, **SAMPLE)
    assert one.resistivity == pytest.approx(other.resistivity, rel=1e-12, abs=0.0)
    same_sign = drag_rate(GAAS, heavy, temperature=5.0, carriers="electron-electron", **SAMPLE)
    assert one.resistivity > 0.0
    assert same_sign.resistivity == -one.resistivity
    # rho_D = m_1/(n_1 e^2 tau_D)
    expected = GAAS.mass / (GAAS.density * si.e**2 * one.time)
    assert one.resistivity == pytest.approx(expected, rel=1e-12, abs=0.0)
    assert one.time / other.time == pytest.approx(
        GAAS.mass * heavy.density / (heavy.mass * GAAS.density), rel=1e-12, abs=0.0
    )


def test_equal_layers_written_as_unequal_give_the_same():
    almost = ParabolicLayer(density=1.5e15 * (1 + 1e-9), mass=GAAS.mass, degeneracy=2)
    one = drag_resistivity(GAAS, GAAS, temperature=15.0, **SAMPLE)
    other = drag_resistivity(GAAS, almost, temperature=15.0, **SAMPLE)
    assert other == pytest.approx(one, rel=5e-6, abs=0.0)


def test_error_estimate_covers_the_error():
    for kelvin in (0.5, 10.0, 60.0):
        loose = drag_rate(GAAS, GAAS, temperature=kelvin, rtol=1e-4, **SAMPLE)
        tight = drag_rate(GAAS, GAAS, temperature=kelvin, rtol=1e-10, **SAMPLE)
        assert abs(loose.resistivity / tight.resistivity - 1.0) <= loose.error + 1e-10


def test_arrays_are_broadcast():
    grid = drag_resistivity(
        GAAS, GAAS, separation=[[3e-8], [5e-8]], permittivity=12.9, temperature=[1.0, 2.0, 4.0]
    )
    assert grid.shape == (2, 3)
    one = drag_resistivity(GAAS, GAAS, separation=5e-8, permittivity=12.9, temperature=4.0)
    assert isinstance(one, float)
    assert grid[1, 2] == one


def test_integrand_map_is_where_the_drag_is():
    q = np.linspace(0.02, 3.0, 60) * GAAS.fermi_wavevector
    w = np.linspace(0.02, 4.0, 80) * GAAS.fermi_energy / si.hbar
    cold = drag_integrand(GAAS, GAAS, q, w, temperature=0.05 * KELVIN, **SAMPLE)
    assert cold.shape == (60, 80)
    assert cold.max() == 1.0
    i, j = np.unravel_index(np.argmax(cold), cold.shape)
    velocity = si.hbar * GAAS.fermi_wavevector / GAAS.mass
    assert w[j] < velocity * q[i]  # inside the continuum when cold
    warm = drag_integrand(GAAS, GAAS, q, w, temperature=0.3 * KELVIN, **SAMPLE)
    i, j = np.unravel_index(np.argmax(warm), warm.shape)
    assert w[j] > velocity * q[i]  # on a plasmon when warm


# finite wells ----------------------------------------------------------------


def _well_average(q, width, function):
    """Average of function(z - z') or function(z) over cos^2 densities of an infinite well."""
    x, weight = leggauss(60)
    z = 0.5 * width * x
    density = 0.5 * width * weight * 2.0 / width * np.cos(np.pi * z / width) ** 2
    return z, density


def test_form_factors_of_an_infinite_well():
    q, width, distance, coulomb = 0.9, 2.3, 4.0, 1.7
    z, density = _well_average(q, width, None)
    outside = np.sum(density * np.exp(q * z))
    # |z - z'| has a corner: integrate the inner variable up to it
    inside = quad(
        lambda a: (
            2.0
            / width
            * np.cos(np.pi * a / width) ** 2
            * 2.0
            * quad(
                lambda b: 2.0 / width * np.cos(np.pi * b / width) ** 2 * np.exp(-q * (a - b)),
                -width / 2,
                a,
            )[0]
        ),
        -width / 2,
        width / 2,
    )[0]
    bare = 2.0 * np.pi * coulomb / q
    v11, v22, v12 = coulomb_matrix(q, coulomb, distance, width, 0.0)
    assert v11 == pytest.approx(bare * inside, rel=1e-8, abs=0.0)
    assert v22 == bare
    assert v12 == pytest.approx(bare * outside * np.exp(-q * distance), rel=1e-12, abs=0.0)


def test_form_factors_join_their_series():
    for width in (0.99e-3, 1.01e-3):
        v11, _, v12 = coulomb_matrix(1.0, 1.0, 0.0, width, 0.0)
        slope = 5.0 / (4.0 * np.pi**2) - 1.0 / 3.0
        assert v11 / (2 * np.pi) - 1.0 == pytest.approx(slope * width, rel=2e-4, abs=0.0)
        assert v12 / (2 * np.pi) - 1.0 == pytest.approx(
            width**2 * (1 / 24 - 1 / (4 * np.pi**2)), rel=1e-5, abs=0.0
        )


def test_wide_wells_drag_more():
    """At a fixed distance of centres the facing halves are nearer, and screening is weaker."""
    thin = drag_resistivity(GAAS, GAAS, temperature=2.0, **SAMPLE)
    wide = drag_resistivity(GAAS, GAAS, temperature=2.0, well_width=20e-9, **SAMPLE)
    assert 1.2 * thin < wide < 3.0 * thin


# quadrature rule -------------------------------------------------------------


def test_gauss_kronrod_is_exact_for_polynomials():
    for k in range(31):
        exact = 2.0 / (k + 1) if k % 2 == 0 else 0.0
        assert WEIGHTS @ NODES**k == pytest.approx(exact, abs=1e-14)
        if k < 20:
            assert EMBEDDED @ NODES**k == pytest.approx(exact, abs=1e-14)
    assert abs(WEIGHTS @ NODES**32 - 2.0 / 33.0) > 1e-12  # and no further
    assert np.all(WEIGHTS > 0.0)


def test_adaptive_rule_reports_a_true_bound():
    value, error, _ = integrate_adaptively(
        lambda x: 1.0 / (1e-4 + (x - 0.3) ** 2), np.array([0.0, 1.0]), 1e-10
    )
    exact = 100.0 * (np.arctan(70.0) + np.arctan(30.0))
    assert abs(value - exact) <= error <= 1e-10 * exact


# eq (10) ---------------------------------------------------------------------


def test_ratio_solves_the_balance_of_forces():
    rng = np.random.default_rng(3)
    for _ in range(20):
        forth, n_ratio, m_ratio = rng.uniform(0.2, 3.0, 3)
        back, lattice = rng.uniform(2.0, 3.0), rng.uniform(0.1, 1.9)
        p_e, m_h, n_e = 1.0, 1.0, 1.0
        p_h = p_e / forth / (1.0 / back + 1.0 / lattice)
        current = (n_ratio * p_h / m_h) / (-n_e * p_e / m_ratio)
        got = drag_ratio(
            drag_time=forth,
            drag_time_back=back,
            scattering_time=lattice,
            density_ratio=n_ratio,
            mass_ratio=m_ratio,
        )
        assert got == pytest.approx(current, rel=1e-12, abs=0.0)


def test_ratio_has_the_sign_of_the_charges():
    args = {"drag_time": 1e-7, "scattering_time": 1e-9}
    assert drag_ratio(**args) < 0.0 < drag_ratio(carriers="electron-electron", **args)


def test_ratio_warns_when_the_lattice_time_is_longer_than_the_drag_time():
    with pytest.warns(UnrealisticScatteringWarning, match="near rest"):
        zeta_ = drag_ratio(drag_time=1e-7, scattering_time=1.0)
    assert zeta_ == pytest.approx(-1.0, rel=1e-6, abs=0.0)


# bad input -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"density": 0.0}, ValueError, "density must be positive"),
        ({"density": -1e15}, ValueError, "density must be positive"),
        ({"mass": np.nan}, ValueError, "mass must be finite"),
        ({"mass": "heavy"}, TypeError, "mass must be a real number"),
        ({"degeneracy": 0}, ValueError, "degeneracy must be at least 1"),
        ({"degeneracy": 1.5}, TypeError, "degeneracy must be an integer"),
        ({"degeneracy": True}, TypeError, "degeneracy must be an integer"),
    ],
)
def test_bad_layer(changes, error, message):
    with pytest.raises(error, match=message):
        ParabolicLayer(**{"density": 1e15, "mass": si.m_e, "degeneracy": 1, **changes})


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"separation": -1e-8}, ValueError, "separation must be positive"),
        ({"separation": 0.0}, ValueError, "separation must be positive"),
        ({"permittivity": 0.0}, ValueError, "permittivity must be positive"),
        ({"temperature": 0.0}, ValueError, "temperature must be positive"),
        ({"temperature": [1.0, -1.0]}, ValueError, "temperature must be positive"),
        ({"temperature": np.inf}, ValueError, "temperature must be finite"),
        ({"temperature": 1j}, TypeError, "temperature must be real"),
        ({"screening": "hubbard"}, ValueError, "screening must be one of"),
        ({"carriers": "holes"}, ValueError, "carriers must be one of"),
        ({"well_width": -1e-9}, ValueError, "well_width must not be negative"),
        ({"well_width": 5e-8}, ValueError, "must exceed the mean well_width"),
        ({"well_width": [1e-9, 1e-9, 1e-9]}, ValueError, "well_width must be one number or two"),
        ({"rtol": 0.0}, ValueError, "rtol must be positive"),
    ],
)
def test_bad_call(changes, error, message):
    with pytest.raises(error, match=message):
        drag_resistivity(GAAS, GAAS, **{**SAMPLE, "temperature": 1.0, **changes})


def test_layers_must_be_layers():
    with pytest.raises(TypeError, match="layer2 must be a ParabolicLayer"):
        drag_resistivity(GAAS, 1.0, temperature=1.0, **SAMPLE)
    with pytest.raises(ValueError, match="wavevector must be positive"):
        polarisability(GAAS, [1e8, 0.0], 0.0, temperature=1.0)
    with pytest.raises(ValueError, match="scattering_time must be positive"):
        drag_ratio(drag_time=1e-7, scattering_time=0.0)


def test_unreachable_accuracy_is_an_error(monkeypatch):
    with pytest.raises(ValueError, match="rtol must be at least 1e-11"):
        drag_rate(GAAS, GAAS, temperature=1.0, rtol=1e-18, **SAMPLE)

    def gives_up(function, points, rtol):
        return integrate_adaptively(function, points, rtol, max_evaluations=1)

    monkeypatch.setattr("cedrag.drag.parabolic.integrate_adaptively", gives_up)
    with pytest.raises(ConvergenceError, match="not rtol"):
        drag_rate(GAAS, GAAS, temperature=0.5, rtol=1e-9, **SAMPLE)
