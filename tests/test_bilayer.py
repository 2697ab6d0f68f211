"""Bands, velocities, densities, contours and the margin to the upper branch."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize

from cedrag import NATURAL, Bilayer, GinzburgLandau
from cedrag.drag.boltzmann import momentum_transfer
from cedrag.view import live

RASHBA = Bilayer(
    mu_e=-2.27, mu_h=-4.84, rashba_e=0.956, zeeman_inplane=3.0, zeeman_outofplane=10.84
)
ANNULAR = Bilayer(mu_e=-1.1, mu_h=1.0, rashba_e=1.5, zeeman_inplane=0.0, zeeman_outofplane=0.2)

bilayers = st.builds(
    Bilayer,
    mu_e=st.floats(-3, 10),
    mu_h=st.floats(-3, 10),
    rashba_e=st.floats(-2, 2),
    rashba_h=st.floats(-2, 2),
    zeeman_inplane=st.floats(-4, 4),
    zeeman_outofplane=st.floats(0.3, 6),
    mass_ratio=st.floats(0.3, 3),
)
momenta = st.floats(-6, 6)


@given(bilayers, momenta, momenta)
def test_band_is_the_lower_eigenvalue(b, kx, ky):
    for layer, xi in (("e", b.xi_e), ("h", b.xi_h)):
        # eq (2) from the parameters themselves: the code's own bands would hide a wrong sign
        mass, mu, lam = (
            (1.0, b.mu_e, b.rashba_e) if layer == "e" else (b.mass_ratio, b.mu_h, b.rashba_h)
        )
        B, J = b.zeeman_inplane, b.zeeman_outofplane
        sigma_y, sigma_x = np.array([[0, -1j], [1j, 0]]), np.array([[0, 1], [1, 0]])
        h = ((kx**2 + ky**2) / (2 * mass) - mu) * np.eye(2)
        h = h + lam * (kx * sigma_y - ky * sigma_x) + B * sigma_y + J * np.diag([1, -1])
        low, high = np.linalg.eigvalsh(h)
        assert xi(kx, ky) == pytest.approx(low, abs=1e-11)
        assert b.upper_branch(layer, kx, ky) == pytest.approx(high, abs=1e-11)


@given(bilayers, momenta, momenta)
def test_velocity_and_inverse_mass_against_fourth_order_differences(b, kx, ky):
    h = 1e-3
    steps, weights = h * np.array([-2, -1, 1, 2]), np.array([1, -8, 8, -1]) / (12 * h)
    for layer, xi in (("e", b.xi_e), ("h", b.xi_h)):
        v = b.velocity(layer, kx, ky)
        assert v[0] == pytest.approx(weights @ xi(kx + steps, ky), abs=2e-8)
        assert v[1] == pytest.approx(weights @ xi(kx, ky + steps), abs=2e-8)
        curvature = b.inverse_mass(layer, kx, ky)
        along_x = b.velocity(layer, kx + steps, ky) @ weights
        along_y = b.velocity(layer, kx, ky + steps) @ weights
        np.testing.assert_allclose(curvature, [along_x, along_y], atol=2e-7)


def test_zero_rashba_coupling_is_regular():
    b = RASHBA.replace(rashba_e=0.0)
    assert b.xi_e(1.0, 2.0) == pytest.approx(2.5 + 2.27 - math.hypot(3.0, 10.84))
    near = RASHBA.replace(rashba_e=1e-12)
    assert near.xi_e(1.0, 2.0) == pytest.approx(float(b.xi_e(1.0, 2.0)), abs=1e-10)


def test_fermi_energies_are_measured_from_the_lower_branch():
    b = Bilayer.from_fermi_energies(
        fermi_energy_e=8.57,
        fermi_energy_h=6.0,
        rashba_e=0.0,
        zeeman_inplane=0.0,
        zeeman_outofplane=-10.84,
    )
    assert b.xi_e(0.0, 0.0) == pytest.approx(-8.57)
    assert b.xi_h(0.0, 0.0) == pytest.approx(-6.0)
    assert (b.fermi_energy_e, b.fermi_energy_h) == pytest.approx((8.57, 6.0))


@pytest.mark.parametrize(("rashba", "mu"), [(2.409, 1.775), (0.3, 6.0), (-1.16, -0.2)])
def test_density_of_a_cone_is_that_of_the_closed_bands(rashba, mu):
    """Without fields xi = k^2/2 - |lambda| k - mu: one integral over k."""

    def filled(k):
        return k / (2.0 * math.pi) / (math.exp(0.5 * k * k - abs(rashba) * k - mu) + 1.0)

    exact = sum(integrate.quad(filled, a, a + 1.0, epsrel=1e-13, epsabs=0.0)[0] for a in range(16))
    bilayer = Bilayer(mu_e=mu, mu_h=0.0, rashba_e=rashba, zeeman_inplane=0.0, zeeman_outofplane=0.0)
    assert bilayer.density_e(1.0) == pytest.approx(exact, rel=1e-11)


def test_density_of_a_parabola_is_exact():
    # n = (m T/2 pi) ln(1 + exp(mu/T)) for a parabola: h has rashba_h = 0
    depth = 4.84 * -1 + math.hypot(3.0, 10.84)
    for t in (1e-3, 0.05, 0.9):
        exact = t / (2 * math.pi) * np.logaddexp(0.0, depth / t)
        assert RASHBA.density_h(t) == pytest.approx(exact, rel=1e-9)
    assert RASHBA.density_h(0.0) == pytest.approx(depth / (2 * math.pi), rel=1e-12)


@pytest.mark.parametrize("b", [RASHBA, ANNULAR, ANNULAR.replace(zeeman_inplane=0.02)])
def test_density_at_zero_temperature_is_the_area_of_the_contours(b):
    def area(sheet):
        x, y = sheet.T
        return 0.5 * abs(x @ np.roll(y, -1) - y @ np.roll(x, -1))

    sheets = b.fermi_contour("e", 6000)
    signs = [1.0, -1.0]
    total = sum(s * area(sheet) for s, sheet in zip(signs, sheets, strict=False))
    assert b.density_e(0.0) == pytest.approx(total / (2 * math.pi) ** 2, rel=1e-5)
    assert b.density_e(1e-3) == pytest.approx(b.density_e(0.0), rel=2e-3)


def test_sheets():
    assert len(RASHBA.fermi_contour("e", 100)) == 1
    assert RASHBA.fermi_contour("e", 3)[0].shape == (3, 2)  # the fewest
    outer, inner = ANNULAR.fermi_contour("e", 200)
    assert outer.shape == inner.shape == (200, 2)
    assert np.hypot(*outer.T).min() > np.hypot(*inner.T).max()
    assert RASHBA.replace(mu_e=-12.0).fermi_contour("e", 50) == ()
    for sheet in (outer, inner):
        assert np.abs(ANNULAR.xi_e(*sheet.T)).max() < 1e-12


def test_margin_to_the_upper_branch():
    # carriers are spin polarised while 2 sqrt(B^2 + J^2) > E_F, exact at lambda = 0
    b = RASHBA.replace(rashba_e=0.0)
    splitting = 2 * math.hypot(3.0, 10.84)
    deepest = max(-float(b.xi_e(0.0, 0.0)), -float(b.xi_h(0.0, 0.0)))
    assert b.spin_gap_margin() == pytest.approx(splitting - deepest)
    grid = np.linspace(-8, 8, 4001)
    for layer in "eh":
        assert RASHBA.spin_gap_margin() <= RASHBA.upper_branch(layer, grid, 0.0).min() + 1e-9
    smallest = min(RASHBA.upper_branch(layer, grid, 0.0).min() for layer in "eh")
    assert RASHBA.spin_gap_margin() == pytest.approx(smallest, abs=1e-5)
    assert ANNULAR.replace(mu_e=2.0).spin_gap_margin() < 0.0


FOOTNOTE = {"rashba_h": -RASHBA.rashba_e, "mu_h": RASHBA.mu_e}


@pytest.mark.parametrize(
    ("changes", "isotropic", "even", "reversible"),
    [
        ({}, False, False, False),
        ({"rashba_e": 0.0}, True, True, True),
        ({"rashba_e": 0.0, "rashba_h": 0.5}, False, False, False),
        ({"zeeman_inplane": 0.0}, True, True, True),
        (FOOTNOTE, False, False, True),
        (FOOTNOTE | {"rashba_h": RASHBA.rashba_e}, False, False, False),
        (FOOTNOTE | {"mu_h": RASHBA.mu_h}, False, False, False),
        (FOOTNOTE | {"mass_ratio": 2.0}, False, False, False),
    ],
)
def test_what_symmetry_says_of_the_parameters(changes, isotropic, even, reversible):
    b = RASHBA.replace(**changes)
    assert (b.is_isotropic, b.has_even_bands, b.is_reversible) == (isotropic, even, reversible)


def test_reduced_mass_by_hand():
    assert RASHBA.replace(mass_ratio=3.0).reduced_mass == 0.75


def test_bottom_of_a_rashba_band_by_hand():
    """Without fields xi = k^2/2 - mu - |lambda k|: the bottom is a ring at k = |lambda|."""
    b = ANNULAR.replace(zeeman_outofplane=0.0)
    k, xi = b.band_minimum("e")
    assert (abs(k), xi) == pytest.approx((1.5, 1.1 - 0.5 * 1.5**2), rel=1e-9)
    assert b.is_occupied("e")
    assert not b.replace(mu_e=-1.2).is_occupied("e")


def test_radius_of_a_circle_seen_from_aside():
    """A parabola of mass 2 with its bottom at -3: k_F^2 = 12."""
    b = RASHBA.replace(mass_ratio=2.0, mu_h=3.0 - math.hypot(3.0, 10.84))
    for origin in (0.0, 1.0, -2.0):
        for theta in (0.0, 0.7, 2.0, math.pi):
            c, s = math.cos(theta), math.sin(theta)
            expected = math.sqrt(12.0 - (origin * s) ** 2) - origin * c
            assert b.radial_roots("h", theta, origin) == pytest.approx([expected], rel=1e-12)
    away = b.radial_roots("h", math.pi, 5.0)  # from outside: in and out again
    assert away == pytest.approx([5.0 - math.sqrt(12.0), 5.0 + math.sqrt(12.0)], rel=1e-12)


@pytest.mark.parametrize("b", [RASHBA, RASHBA.replace(zeeman_inplane=-9.0, rashba_e=1.9)])
def test_radii_of_a_rashba_contour_are_where_the_band_changes_sign(b):
    """Along rays from within the sea, by bisection; every root of the quartic is polished."""
    for origin in (0.0, 1.5, -1.5):
        for theta in np.linspace(0.0, math.pi, 13):
            c, s = math.cos(theta), math.sin(theta)

            def along(r, origin=origin, c=c, s=s):
                return float(b.xi_e(origin + r * c, r * s))

            crossing = optimize.brentq(along, 0.0, 20.0, xtol=1e-13)
            assert b.radial_roots("e", theta, origin) == pytest.approx([crossing], abs=1e-10)


def test_contour_points_are_equally_spaced():
    """To what a grid of 256 points resolves; largest sheet first."""
    assert {len(sheet) for sheet in ANNULAR.fermi_contour("e")} == {200}
    for sheet in ANNULAR.replace(zeeman_inplane=0.02).fermi_contour("e", 60):
        gaps = np.hypot(*(np.roll(sheet, -1, axis=0) - sheet).T)
        assert gaps == pytest.approx(gaps.mean(), rel=1e-2)


def test_an_empty_band_has_no_carriers_but_thermal_ones():
    empty = RASHBA.replace(mu_h=-1.0 - math.hypot(3.0, 10.84), mass_ratio=2.5)
    assert empty.density_h(0.0) == 0.0
    for t in (0.05, 0.9):
        exact = 2.5 * t / (2 * math.pi) * np.log1p(math.exp(-1.0 / t))
        assert empty.density_h(t) == pytest.approx(exact, rel=1e-9)


def test_bilayer_is_immutable_and_keyword_only():
    with pytest.raises(dataclasses.FrozenInstanceError):
        RASHBA.mu_e = 1.0
    with pytest.raises(TypeError):
        Bilayer(1.0, 1.0, 0.5, 0.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("name", "value", "error", "rule"),
    [
        ("mass_ratio", -1.0, ValueError, r"mass_ratio must be positive \(got -1.0\)"),
        ("mass_ratio", 0.0, ValueError, r"mass_ratio must be positive \(got 0.0\)"),
        ("mu_e", math.nan, ValueError, r"mu_e must be finite \(got nan\)"),
        ("zeeman_inplane", math.inf, ValueError, r"zeeman_inplane must be finite \(got inf\)"),
        ("rashba_e", 1j, TypeError, r"rashba_e must be a real number \(got 1j\)"),
        ("mu_h", "3", TypeError, r"mu_h must be a real number \(got '3'\)"),
        ("mu_h", np.ones(2), TypeError, "mu_h must be a real number"),
    ],
)
def test_refused_parameters(name, value, error, rule):
    with pytest.raises(error, match=rule):
        RASHBA.replace(**{name: value})


def test_refused_momenta_and_layers():
    with pytest.raises(TypeError, match="kx must be real"):
        RASHBA.xi_e(np.array([1j]), 0.0)
    with pytest.raises(ValueError, match=r"ky must be finite \(got nan\)"):
        RASHBA.xi_e(0.0, math.nan)
    with pytest.raises(ValueError, match=r"layer must be one of 'e', 'h' \(got 'x'\)"):
        RASHBA.fermi_contour("x", 10)
    with pytest.raises(ValueError, match=r"n must be at least 3 \(got 2\)"):
        RASHBA.fermi_contour("e", 2)
    with pytest.raises(ValueError, match="t must not be negative"):
        RASHBA.density_e(-0.1)


class Tilted(Bilayer):
    """As if a parameter broke the mirror k_y -> -k_y."""

    @property
    def has_mirror(self):
        return False


def without_mirror(bilayer):
    return Tilted(**{name: getattr(bilayer, name) for name in bilayer.to_dict()["values"]})


@pytest.mark.parametrize(
    "use",
    [
        lambda b: b.band_minimum("e"),
        lambda b: b.spin_gap_margin(),
        lambda b: b.density_e(0.9),
        lambda b: b.fermi_contour("e"),
        lambda b: GinzburgLandau(b),
        lambda b: momentum_transfer(b, 0.9, separation=0.5, coulomb=20.0),
        lambda b: live.parameters_of(b, 0.9),
    ],
    ids=["minimum", "margin", "density", "contour", "theory", "drag", "page"],
)
def test_what_rests_on_the_mirror_refuses_a_bilayer_without(use):
    with pytest.raises(ValueError, match=r"bilayer must have the mirror .* \(got Tilted"):
        use(without_mirror(NATURAL))
