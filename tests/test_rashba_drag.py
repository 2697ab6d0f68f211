"""Lower Rashba branch: response, sum rules, rates of the Boltzmann equation, nonreciprocal drag."""

import math

import numpy as np
import pytest
from numpy.polynomial.legendre import leggauss
from scipy import constants as si

from cedrag.bilayer import Bilayer
from cedrag.drag.boltzmann import (
    MomentumTransfer,
    coulomb_strength,
    lower_branch_response,
    momentum_transfer,
)
from cedrag.drag.nonreciprocal import nonlinear_drag
from cedrag.drag.parabolic import ParabolicLayer, drag_rate
from cedrag.errors import ConvergenceError, OccupiedUpperBranchWarning, UnrealisticScatteringWarning
from cedrag.kernels.band_moments import moments, momentum_reach
from cedrag.kernels.bands import Band
from cedrag.kernels.polarisability import response_imaginary, response_real, response_table
from cedrag.kernels.rashba_drag import evaluate
from cedrag.kernels.rashba_drag import response_table as spectral_table
from cedrag.units import Scales

SCALES = Scales(critical_temperature=10.0, electron_mass=0.2)
COULOMB = coulomb_strength(SCALES, 4.0)
DISTANCE = 10e-9 / SCALES.length
PLACE = {"separation": DISTANCE, "coulomb": COULOMB}
FLAT = Bilayer(mu_e=1.6, mu_h=1.6, rashba_e=0.0, zeeman_inplane=0.0, zeeman_outofplane=10.0)
TILTED = Bilayer(mu_e=-4.0, mu_h=-4.0, rashba_e=1.5, zeeman_inplane=3.0, zeeman_outofplane=8.0)
# mass, mu, lam, B, J in units of T: convex, and two with m lam^2 > |J| (closed energy curves)
CONVEX = Band(1.0, 1.6, 0.7, 3.0, 10.0)
CAMEL = Band(1.0, 3.0, 2.5, 1.0, 2.0)
STEEP = Band(0.7, 5.0, 3.0, -2.0, 1.0)


def _states(kx, ky, band):
    m, mu, lam, B, J = band
    hx, hy = lam * kx + B, lam * ky
    s = np.sqrt(hx**2 + hy**2 + J**2)
    return (kx**2 + ky**2) / (2 * m) - mu - s, (hx / s, hy / s, J / s)


def _plane_integral(q, angle, band, function, n=700):
    """int d^2k/(2 pi)^2 W (f_- - f_+) function(xi_+ - xi_-) on a plain grid: no delta function."""
    reach = momentum_reach(band) + q
    k = (np.arange(n) + 0.5) / n * 2 * reach - reach
    kx, ky = np.meshgrid(k, k)
    c, s = 0.5 * q * math.cos(angle), 0.5 * q * math.sin(angle)
    low, spin_low = _states(kx - c, ky - s, band)
    high, spin_high = _states(kx + c, ky + s, band)
    overlap = 0.5 + 0.5 * sum(a * b for a, b in zip(spin_low, spin_high, strict=True))
    difference = 0.5 * (np.tanh(high / 2) - np.tanh(low / 2))
    return np.sum(overlap * difference * function(high - low)) * (2 * reach / n) ** 2 / 4 / np.pi**2


# the response --------------------------------------------------------------------------------


@pytest.mark.parametrize("band", [CONVEX, CAMEL, STEEP])
@pytest.mark.parametrize(("q", "angle"), [(0.7, 0.4), (3.0, 2.0), (9.0, 0.0)])
def test_absorption_has_the_moments_of_the_plane(band, q, angle):
    """int w Im Pi/pi and others, from curves and from a grid that never sees the delta function."""
    c, s = math.cos(angle), math.sin(angle)
    edges, values, error = spectral_table(q, c, s, band, 480, np.empty(0), 2.0, True)
    # not convex: the largest difference sits in the panels next to a saddle or an extremum
    assert error < (1e-6 if band is CONVEX else 5e-3)
    x, weight = leggauss(16)
    half = 0.5 * np.diff(edges)[:, None]
    w = half * x + 0.5 * (edges[1:] + edges[:-1])[:, None]
    absorbed = half * weight * values[:, :, 0] / np.pi
    size = np.sum(np.abs(absorbed))
    # behind the logarithm of a saddle the innermost graded panel is left over
    accuracy = 1e-9 if band is CONVEX else 1e-6
    for function in (lambda y: y / q**2, lambda y: y * np.exp(-((y / 6.0) ** 2)), np.sin):
        expected = _plane_integral(q, angle, band, function)
        assert np.sum(absorbed * function(w)) == pytest.approx(expected, abs=accuracy * size)


@pytest.mark.parametrize("band", [CONVEX, CAMEL, STEEP])
@pytest.mark.parametrize(("q", "angle"), [(0.7, 0.4), (3.0, 2.0)])
def test_static_response_by_its_own_integral(band, q, angle):
    """Re Pi(q, 0) = int W (f_- - f_+)/(xi_+ - xi_-) has no pole: a second way to it."""
    table = spectral_table(q, math.cos(angle), math.sin(angle), band, 480, np.empty(0), 2.0, True)
    got = evaluate(0.0, table[0], table[1], np.empty(3))
    expected = _plane_integral(q, angle, band, lambda y: 1.0 / y)
    assert got == pytest.approx(expected, rel=1e-8 if band is CONVEX else 2e-5)


def test_projected_f_sum_is_below_the_full_one():
    """(1/pi) int w Im Pi = <[[rho_q, H], rho_-q]> of the projected density, not n q^2/m."""
    density = moments(CONVEX, 0.0, 0.05)[0]
    q = 1.0
    projected = _plane_integral(q, 0.3, CONVEX, lambda w: w)
    assert 0.9 < projected / (density * q**2) < 0.999
    flat = CONVEX._replace(rashba=0.0)
    density = moments(flat, 0.0, 0.05)[0]
    assert _plane_integral(q, 0.3, flat, lambda w: w) == pytest.approx(density * q**2, rel=1e-9)


@pytest.mark.parametrize("q", [0.2, 1.0, 6.0])
def test_parabolic_limit_of_the_response(q):
    """lambda = 0 against the closed form: Im Pi and Re Pi, relative to dn/dmu = 1/2 pi."""
    w = np.linspace(-20.0, 40.0, 13)
    ours, error = lower_branch_response(FLAT, "e", 1.0, wavevector=q, angle=0.6, frequency=w)
    table = response_table(11.6)
    exact = [
        complex(
            response_real(q, x, 1.0, 11.6, 1.0, table), response_imaginary(q, x, 1.0, 11.6, 1.0)
        )
        for x in w
    ]
    np.testing.assert_allclose(ours, exact, atol=2e-8 / (2 * np.pi))
    assert error < 1e-5


def test_response_is_continuous_as_lambda_goes_to_zero():
    w = np.array([0.5, 3.0, 9.0])
    args = {"wavevector": 1.5, "angle": 0.9, "frequency": w}
    zero, _ = lower_branch_response(FLAT, "e", 1.0, **args)
    small, _ = lower_branch_response(FLAT.replace(rashba_e=1e-5), "e", 1.0, **args)
    np.testing.assert_allclose(small, zero, rtol=1e-7)


def test_compressibility():
    """Re Pi(q -> 0, 0) = dn/dmu, the latter from the densities of the Bilayer."""
    got, _ = lower_branch_response(TILTED, "e", 0.9, wavevector=1e-3, angle=0.0, frequency=0.0)
    step = 1e-3
    up, down = (TILTED.replace(mu_e=TILTED.mu_e + x).density_e(0.9) for x in (step, -step))
    assert got.real == pytest.approx((up - down) / (2 * step), rel=1e-5)
    assert abs(got.imag) < 1e-9


def test_kramers_kronig():
    """Re Pi from Legendre functions against a midpoint Hilbert transform of Im Pi."""
    args = {"wavevector": 1.2, "angle": 0.7}
    step = 0.02
    grid = (np.arange(-1200, 1200) + 0.5) * step
    absorbed, _ = lower_branch_response(TILTED, "e", 1.0, frequency=grid, **args)
    at = np.array([-100, 0, 45, 300]) * step
    real, _ = lower_branch_response(TILTED, "e", 1.0, frequency=at, **args)
    transform = [np.sum(absorbed.imag / (grid - w)) * step / np.pi for w in at]
    np.testing.assert_allclose(real.real, transform, atol=1e-6 * np.abs(real).max())


def test_an_occupied_upper_branch_is_named():
    crowded = TILTED.replace(zeeman_outofplane=1.0, mu_e=3.0)
    with pytest.warns(OccupiedUpperBranchWarning, match="spin_gap_margin"):
        lower_branch_response(crowded, "e", 1.0, wavevector=1.0, angle=0.0, frequency=0.0)


def test_reversal_and_mirror():
    """Im Pi(-q, -w) = -Im Pi(q, w) and k_y -> -k_y; q -> -q alone is no symmetry."""
    w = np.array([-4.0, -1.0, 2.0, 6.0])
    get = lambda angle, x: lower_branch_response(  # noqa: E731
        TILTED, "e", 1.0, wavevector=2.0, angle=angle, frequency=x
    )[0]
    here = get(0.5, w)
    np.testing.assert_allclose(get(0.5 + np.pi, -w), here.conj(), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(get(-0.5, w), here, rtol=1e-9)
    assert np.max(np.abs(get(0.5 + np.pi, w) - here)) > 1e-4


# the rates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("screening", ["thomas-fermi", "rpa"])
def test_rates_are_the_parabolic_resistivity_at_zero_rashba(screening):
    """Identity of tau_D^I, tau_D^II and rho_D with drag.drag_rate; unequal masses and densities."""
    bilayer = FLAT.replace(mass_ratio=1.5, mu_h=0.4)
    ours = momentum_transfer(bilayer, 1.0, screening=screening, **PLACE)
    mass = 0.2 * si.m_e
    electrons, holes = (
        ParabolicLayer(density=n * SCALES.density, mass=m * mass, degeneracy=1)
        for n, m in ((ours.density_e, 1.0), (ours.density_h, 1.5))
    )
    reference = drag_rate(
        electrons, holes, separation=10e-9, permittivity=4.0, temperature=10.0, screening=screening
    )
    time = si.hbar / SCALES.energy
    assert ours.drag_time * time == pytest.approx(reference.time, rel=2e-6)
    assert ours.drag_time_back == pytest.approx(1.5 * ours.drag_time, rel=1e-7)
    ohm = si.hbar / si.e**2
    assert ours.resistivity * ohm == pytest.approx(reference.resistivity, rel=2e-6)
    assert ours.density_e == pytest.approx(bilayer.density_e(1.0), rel=1e-8)
    assert (ours.mass_e, ours.mass_h) == pytest.approx((1.0, 1.5), rel=1e-10)


def test_ratio_is_rho_drag_over_rho_passive():
    """zeta = -rho_D/rho_hh with rho_hh = (m_h/n_h e^2)(1/tau_2 + 1/tau_D^II)."""
    transfer = MomentumTransfer(18000.0, 18000.0, 1.8, 1.8, 1.0, 1.0, 0.0, 0.0)
    for tau in (100.0, 1300.0):
        rho_hh = (1.0 / tau + 1.0 / 18000.0) / 1.8
        assert transfer.ratio(tau) == pytest.approx(-transfer.resistivity / rho_hh, rel=1e-12)
    with pytest.warns(UnrealisticScatteringWarning):
        transfer.ratio(1e6)


def test_rashba_branch_has_different_rates_each_way():
    """Two accuracies agree, and the asymmetry of the two directions is real."""
    rough = momentum_transfer(TILTED, 1.0, screening="thomas-fermi", rtol=3e-3, **PLACE)
    fine = momentum_transfer(TILTED, 1.0, screening="thomas-fermi", rtol=3e-4, **PLACE)
    assert rough.drag_time == pytest.approx(fine.drag_time, rel=1e-5)
    assert fine.error < 1e-3
    assert rough.mass_e == pytest.approx(fine.mass_e, rel=1e-12)
    assert fine.mass_e > 1.05  # the branch is heavier than the bare band along x
    kx = np.linspace(-9.0, 9.0, 361)
    f = 0.5 - 0.5 * np.tanh(TILTED.xi_e(kx[:, None], kx[None, :]) / 2)
    inverse = TILTED.inverse_mass("e", kx[:, None], kx[None, :])
    bend = inverse[0, 0] if inverse.ndim == 4 else inverse[0]
    assert np.sum(f) / np.sum(f * bend) == pytest.approx(fine.mass_e, rel=1e-8)


# finite drive ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tilted_drive():
    return nonlinear_drag(
        TILTED, 1.0, [0.05, 0.1, 0.3], screening="thomas-fermi", rtol=3e-3, **PLACE
    )


def test_small_drive_is_the_linear_response(tilted_drive):
    """The finite-difference force has the slope of the linearised Boltzmann equation."""
    linear = tilted_drive.linear
    slope = linear.density_h / linear.drag_time
    odd = (tilted_drive.force[0] - tilted_drive.force[1]) / 2 / tilted_drive.displacement
    deviation = odd / slope - 1.0
    np.testing.assert_allclose(deviation[1] / deviation[0], 4.0, rtol=0.02)  # the p^3 term
    extrapolated = (4 * odd[0] - odd[1]) / 3
    assert extrapolated == pytest.approx(slope, rel=1e-6)
    zeta = tilted_drive.ratio(1000.0)
    assert zeta.mean(axis=1)[0] == pytest.approx(linear.ratio(1000.0), rel=0.05)
    assert np.all(zeta < 0.0)


def test_even_force_grows_as_the_square_and_is_converged(tilted_drive):
    even = tilted_drive.even_force
    assert abs(even[0]) > 20.0 * tilted_drive.even_error[0]
    assert even[1] / even[0] == pytest.approx(4.0, rel=0.05)
    value, error = tilted_drive.second_order()
    assert abs(error) < 0.05 * abs(value)
    finer = nonlinear_drag(
        TILTED, 1.0, [0.05], screening="thomas-fermi", rtol=3e-3, angles=16, **PLACE
    )
    assert finer.even_force[0] == pytest.approx(even[0], rel=1e-3)


def test_field_reversal_reverses_the_even_part(tilted_drive):
    mirrored = nonlinear_drag(
        TILTED.replace(zeeman_inplane=-3.0),
        1.0,
        [0.1],
        screening="thomas-fermi",
        rtol=3e-3,
        **PLACE,
    )
    assert mirrored.even_force[0] == pytest.approx(-tilted_drive.even_force[1], rel=1e-6)
    assert mirrored.force[0, 0] == pytest.approx(-tilted_drive.force[1, 1], rel=1e-10)


@pytest.mark.parametrize("change", [{"zeeman_inplane": 0.0}, {"rashba_e": 0.0}])
def test_either_symmetry_makes_the_drag_reciprocal(change):
    bilayer = TILTED.replace(**change)
    drive = nonlinear_drag(bilayer, 1.0, [0.2], screening="thomas-fermi", rtol=1e-2, **PLACE)
    assert abs(drive.nonreciprocity[0]) < 1e-12
    zeta = drive.ratio(1000.0)
    assert zeta[0, 0] == pytest.approx(zeta[1, 0], rel=1e-11)


def test_ratio_at_a_current(tilted_drive):
    tau = 1000.0
    zeta, error = tilted_drive.ratio_at(tilted_drive.current[:, 1], tau)
    np.testing.assert_allclose(zeta, tilted_drive.ratio(tau)[:, 1], rtol=1e-12)
    i = 0.5 * np.abs(tilted_drive.current[:, 1]).min()
    (plus, minus), error = tilted_drive.ratio_at([i, -i], tau)
    assert np.all(error < 0.05 * abs(plus - minus))
    assert plus != pytest.approx(minus, rel=1e-8)
    with pytest.raises(ValueError, match="current must be within"):
        tilted_drive.ratio_at(100.0, tau)


# bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"separation": -1.0}, ValueError, "separation must be positive"),
        ({"coulomb": 0.0}, ValueError, "coulomb must be positive"),
        ({"screening": "none"}, ValueError, "screening must be"),
        ({"rtol": 1e-9}, ValueError, "rtol must be at least 1e-6"),
        ({"angles": 7}, ValueError, "angles must be even"),
        ({"t": 0.0}, ValueError, "t must be positive"),
        ({"bilayer": 3}, TypeError, "bilayer must be a Bilayer"),
        ({"bilayer": FLAT.replace(mu_h=-80.0)}, ValueError, "layer 'h' must hold carriers"),
    ],
)
def test_bad_call(changes, error, message):
    arguments = {"bilayer": FLAT, "t": 1.0, **PLACE, **changes}
    with pytest.raises(error, match=message):
        momentum_transfer(arguments.pop("bilayer"), arguments.pop("t"), **arguments)


def test_bad_displacement():
    for bad in (0.0, [-0.1, 0.1], []):
        with pytest.raises(ValueError, match="displacement must be positive"):
            nonlinear_drag(FLAT, 1.0, bad, **PLACE)
    with pytest.raises(ValueError, match="displacement must be below k_F"):
        nonlinear_drag(FLAT, 1.0, 50.0, **PLACE)
    with pytest.raises(ValueError, match="wavevector must be positive"):
        lower_branch_response(FLAT, "e", 1.0, wavevector=0.0, angle=0.0, frequency=1.0)
    with pytest.raises(TypeError, match="scales must be a Scales"):
        coulomb_strength(10.0, 4.0)


def test_quadrature_that_gives_up_is_an_error(monkeypatch):
    def gives_up(function, points, rtol, max_evaluations):
        value = np.array([1.0, 1.0])
        function(points[1:2])
        return value, 0.5 * value, 1

    monkeypatch.setattr("cedrag.drag.boltzmann.integrate_adaptively", gives_up)
    with pytest.raises(ConvergenceError, match="not rtol"):
        momentum_transfer(FLAT, 1.0, **PLACE)
