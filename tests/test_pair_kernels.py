"""Closed forms of the Matsubara sums, against explicit sums and against 60-digit arithmetic."""

import math

import mpmath as mp
import numpy as np
import pytest

from cedrag.kernels.bands import Band
from cedrag.kernels.columns import N_COMPONENTS
from cedrag.kernels.exponential import chebyshev_polynomial, exp_neg, horner, power_series
from cedrag.kernels.pair import (
    X_SERIES,
    _entire,
    fill_block,
    hyperbolic_ratios,
    integrands,
    pair_functions,
)


def matsubara(e, h, T, n_max=4000):
    """T sum over n of 1/((-iw+e)(-iw-h)) and of its square, with the tail beyond n_max.

    The tail is the Euler-Maclaurin integral of the large-w expansion of the summand.
    """
    w = (2 * np.arange(n_max) + 1) * np.pi * T
    product = (-1j * w + e) * (-1j * w - h)
    first = 2 * T * np.sum((1 / product).real)
    second = 2 * T * np.sum((1 / product**2).real)
    # 1/product = -1/w^2 + c4/w^4 + O(w^-6), even part in w; 1/product^2 = 1/w^4 + O(w^-6)
    c4 = e * e - e * h + h * h
    edge = 2 * np.pi * T * n_max  # sums over w_n > edge: midpoint rule, corrected to next order
    step = 2 * np.pi * T
    inv2 = 1 / edge - step**2 / (12 * edge**3)
    inv4 = 1 / (3 * edge**3)
    first += 2 * T / step * (-inv2 + c4 * inv4)
    second += 2 * T / step * inv4
    return first, second


def closed_forms(e, h, T):
    w, y, *_ = pair_functions((e + h) / (2 * T), (e - h) / (2 * T))
    return -w / (2 * T), y / (4 * T**3)


@pytest.mark.parametrize(
    ("e", "h"),
    [(0.3, 0.5), (-1.0, 2.5), (2.0, -2.0), (1e-9, 1e-9), (1.7, -1.7 + 1e-7), (-0.2, -0.9), (6, 5)],
)
@pytest.mark.parametrize("T", [0.2, 0.9])
def test_against_explicit_matsubara_sums(e, h, T):
    first, second = matsubara(e, h, T)
    alpha_kernel, beta_kernel = closed_forms(e, h, T)
    assert alpha_kernel == pytest.approx(first, rel=1e-11)
    assert beta_kernel == pytest.approx(second, rel=1e-9, abs=1e-12)


def exact(X, D):
    """All six pair functions in 60 digits, from their definitions."""
    with mp.workdps(60):
        X, D = mp.mpf(X), mp.mpf(D)
        c = mp.cosh(X) + mp.cosh(D)
        S, C = mp.sinh(X) / c, mp.cosh(D)
        S_X = (1 + C * mp.cosh(X)) / c**2
        S_XX = S * (C / c - 2 * S_X)
        S_XD = mp.sinh(D) * (mp.cosh(X) / c**2 - 2 * (1 + C * mp.cosh(X)) / c**3)
        w = S / X
        y = (w - S_X) / X**2
        w_D = -w * mp.sinh(D) / c
        return [float(f) for f in (w, y, -X * y, w_D, -(3 * y + S_XX / X) / X, (w_D - S_XD) / X**2)]


def test_relative_accuracy_away_from_sign_changes():
    rng = np.random.default_rng(7)
    for _ in range(1500):
        X = 10 ** rng.uniform(-6, 2.3) * rng.choice([-1, 1])
        D = 10 ** rng.uniform(-3, 2.3) * rng.choice([-1, 1])
        got, want = pair_functions(X, D), exact(X, D)
        assert got[0] == pytest.approx(want[0], rel=1e-13)
        # rounding X + D alone moves exp(-(X + D)) by (X + D) units in the last place, and y and
        # the derivatives change sign: the second term is relative to the parts of a difference
        size = abs(want[0]) / (1 + X * X) + abs(want[1])
        for i in range(1, 6):
            assert abs(got[i] - want[i]) <= 1e-13 * abs(want[i]) + 2e-15 * size * max(1, abs(X))


@pytest.mark.parametrize("X", [1.499999, 1.5, 1.500001, -1.5])
@pytest.mark.parametrize("D", [0.0, 0.4, 3.0, 40.0])
def test_series_and_direct_form_meet(X, D):
    np.testing.assert_allclose(pair_functions(X, D), exact(X, D), rtol=3e-13, atol=1e-300)


def test_finite_everywhere():
    values = np.array([0.0, 1e-300, 1e-8, 0.1, 1.5, 30.0, 699.0, 700.0, 701.0, 1e5, 1e8])
    for X in np.concatenate([values, -values]):
        for D in np.concatenate([values, -values]):
            assert np.all(np.isfinite(pair_functions(X, D)))
    assert pair_functions(0.0, 0.0)[:2] == pytest.approx((0.5, 1 / 12))


def test_ratios_are_a_partition_of_one():
    rng = np.random.default_rng(1)
    for X, D in rng.normal(size=(200, 2)) * 40:
        Q, s1, c1, s2, c2 = hyperbolic_ratios(X, D)
        assert c1 + c2 == pytest.approx(1.0, abs=1e-15)
        assert c1**2 - s1**2 == pytest.approx(Q**2, abs=1e-15)
        assert c2**2 - s2**2 == pytest.approx(Q**2, abs=1e-15)


def test_exponential():
    x = np.concatenate([np.linspace(0, 700, 4001), 10.0 ** np.linspace(-18, 2, 200)])
    got = np.array([exp_neg(v) for v in x])
    np.testing.assert_allclose(got, np.exp(-x), rtol=5e-16)


def test_exponential_at_the_edges_of_its_rounding():
    # half-integers of x/ln 2: there the remainder is largest and n changes
    for n in range(0, 1000, 37):
        for x in np.nextafter((n + 0.5) * math.log(2.0), [0.0, 1e3]):
            assert exp_neg(x) == pytest.approx(math.exp(-x), rel=5e-16)


def test_entire_functions_against_60_digits():
    for z in np.linspace(1e-9, X_SERIES**2, 60):
        got = _entire(z)
        with mp.workdps(60):
            x = mp.sqrt(mp.mpf(z))
            s, c = mp.sinh(x) / x, mp.cosh(x)
            # d/dz = d/dX / 2X
            r, p = (c - s) / z, (s * c - 1) / z
            ds = (c - s) / (2 * z)
            dr = (s / 2 - ds - r) / z
            dp = (ds * c + s * s / 2 - p) / z
            want = [float(f) for f in (s, r, p, dp, dr)]
        np.testing.assert_allclose(got, want, rtol=3e-15)


def test_chebyshev_polynomial_is_nearly_the_best():
    c = chebyshev_polynomial(
        lambda z: power_series(z, lambda n: 1.0 / math.factorial(n)), 5, (-1.0, 1.0)
    )
    x = np.linspace(-1.0, 1.0, 401)
    error = np.abs([horner(c, v) - math.exp(v) for v in x]).max()
    # the least possible is close to 1/(2^5 6!)
    assert 4e-5 < error < 2 / (2**5 * math.factorial(6))


def test_the_vectorised_loop_is_the_scalar_function():
    e_band, h_band = Band(1.0, 1.3, 0.8, 0.7, 0.5), Band(1.7, 0.9, -0.4, 0.7, 0.5)
    kx, ky = np.random.default_rng(5).normal(size=(2, 37)) * 2.0  # not a multiple of the width
    f = np.full((N_COMPONENTS, 37), np.nan)
    rest = (0.2, -0.1, 0.3, e_band, h_band, 2.0, 0.6)
    fill_block(kx, ky, *rest, *f)
    want = np.transpose([integrands(x, y, *rest) for x, y in zip(kx, ky, strict=True)])
    np.testing.assert_allclose(f, want, rtol=1e-12, atol=1e-15)


def test_gradients_of_the_integrands_are_derivatives_in_q():
    e_band, h_band = Band(1.0, 1.3, 0.8, 0.7, 0.5), Band(1.7, 0.9, -0.4, 0.7, 0.5)

    def at(qx, qy):
        return np.array(integrands(0.7, -0.4, qx, qy, 0.3, e_band, h_band, 2.0, 0.6))

    h = 1e-3
    for axis, (i, j) in enumerate([(2, 4), (3, 5)]):
        step = np.eye(2)[axis] * h
        q = np.array([0.3, 0.2])
        slope = (
            at(*(q - 2 * step)) - 8 * at(*(q - step)) + 8 * at(*(q + step)) - at(*(q + 2 * step))
        )
        slope /= 12 * h
        assert at(*q)[i] == pytest.approx(slope[0], rel=1e-8)
        assert at(*q)[j] == pytest.approx(slope[1], rel=1e-8)


def test_spinless_limit_needs_no_splitting():
    band = Band(1.0, 1.0, 0.0, 0.0, 0.0)
    assert all(math.isfinite(f) for f in integrands(0.0, 0.0, 0.0, 0.0, 0.1, band, band, 1.0, 0.5))
