r"""Density response of a two-dimensional parabolic layer at finite temperature.

Units here: hbar = 1 and k_B T = 1. With kappa = sqrt(2m), eta = mu/T, N0 = g m/(2 pi) and
x_pm = (m w/q pm q/2)/kappa,

    Pi(q, w) = N0 (kappa/q) { H(x_+) - H(x_-) + i [F(x_-) - F(x_+)] },
    F(x) = int_0^inf ds / (exp(s^2 + x^2 - eta) + 1),
    H(x) = int_0^x   ds / (exp(x^2 - s^2 - eta) + 1).

Pi = -chi: Re Pi(q -> 0, w = 0) = dn/dmu > 0 and w Im Pi >= 0. H is the Hilbert transform of F,
and F turned by s -> i s, so no principal value is left. At T = 0 both are Stern's square roots.
With K(c) = int_0^inf ds/(exp(s^2 - c) + 1), a Fermi-Dirac integral of order -1/2,

    F(x) = K(eta - x^2),     H(x) = x - K(x^2 - eta) + int_x^inf ds/(exp(s^2 - x^2 + eta) + 1).

K is tabulated once. The last integral is below exp(-eta) and is tabulated for each eta < 40.
"""

import math

import numpy as np
from numpy.polynomial import chebyshev
from numpy.polynomial.legendre import leggauss

from .cached import njit

__all__ = [
    "degeneracy_parameter",
    "response_table",
    "fermi_k",
    "response_imaginary",
    "response_real",
    "response_map",
]

ETA_DEGENERATE = 40.0
ETA_DILUTE = 1.0
_PANEL = 0.5
_FIRST = -6.0
_LAST = 48.0
_ORDER = 12
_MAP_LENGTH = 1.5


def _composite(panels, order):
    """Nodes and weights of a Gauss rule on ``panels`` equal panels of [0, 1]."""
    x, w = leggauss(order)
    left = np.arange(panels)[:, None] / panels
    return (left + (x + 1.0) / (2 * panels)).ravel(), np.tile(w / (2 * panels), panels)


def _k_by_quadrature(c):
    unit, weight = _composite(60, 16)
    top = np.sqrt(np.maximum(c, 0.0) + 42.0)[:, None]
    exponent = (top * unit) ** 2 - c[:, None]
    return (top[:, 0]) * ((1.0 / (np.exp(exponent) + 1.0)) @ weight)


def _chebyshev_fit(order):
    """Nodes on [-1, 1] and the matrix from values there to power-series coefficients."""
    u = np.cos(np.pi * (np.arange(order) + 0.5) / order)
    to_power = np.zeros((order, order))
    for j in range(order):
        power = chebyshev.cheb2poly(np.eye(order)[j])
        to_power[: power.size, j] = power
    return u, to_power @ np.linalg.inv(chebyshev.chebvander(u, order - 1))


def _tabulate_k():
    """Local power series of K, one row per panel; poles at distance pi make 12 terms do."""
    u, fit = _chebyshev_fit(_ORDER)
    starts = np.arange(_FIRST, _LAST, _PANEL)
    c = starts[:, None] + 0.5 * _PANEL * (u + 1.0)
    return _k_by_quadrature(c.ravel()).reshape(c.shape) @ fit.T


def _sommerfeld(terms=11):
    """Coefficients of K(c) = sqrt(c) sum_j a_j c^(-2j), from the moments of -df/dxi."""
    binomial, coefficients = 1.0, [1.0]
    for j in range(1, terms):
        for i in (2 * j - 2, 2 * j - 1):
            binomial *= (0.5 - i) / (i + 1)
        k = np.arange(1.0, 200.0)
        eta_function = np.sum((-1.0) ** (k + 1) / k ** (2 * j)) if j > 4 else _ETA_EVEN[j - 1]
        coefficients.append(binomial * 2.0 * math.factorial(2 * j) * eta_function)
    return np.array(coefficients)


_ETA_EVEN = (
    math.pi**2 / 12,
    7 * math.pi**4 / 720,
    31 * math.pi**6 / 30240,
    127 * math.pi**8 / 1209600,
)
_K_DENSE = _tabulate_k()
_K_SOMMERFELD = _sommerfeld()
_K_DILUTE = 0.5 * math.sqrt(math.pi) * np.array([(-1) ** n / math.sqrt(n + 1) for n in range(7)])


@njit(cache=True)
def _horner(coefficients, u):
    total = 0.0
    for j in range(coefficients.size - 1, -1, -1):
        total = total * u + coefficients[j]
    return total


@njit(cache=True)
def fermi_k(c):
    """K(c) = int_0^inf ds/(exp(s^2 - c) + 1), relative error below 1e-14."""
    if c < _FIRST:
        z = math.exp(c)
        return z * _horner(_K_DILUTE, z)
    if c < _LAST:
        panel = int((c - _FIRST) / _PANEL)
        start = _FIRST + panel * _PANEL
        return _horner(_K_DENSE[panel], (c - start) * (2.0 / _PANEL) - 1.0)
    return math.sqrt(c) * _horner(_K_SOMMERFELD, 1.0 / (c * c))


def degeneracy_parameter(t_fermi):
    """eta = mu/T of a parabolic layer with E_F/T = ``t_fermi``: exp(eta) = expm1(E_F/T)."""
    return t_fermi + math.log(-math.expm1(-t_fermi))


_TABLE_ROWS = 24
_TABLE_U, _TABLE_FIT = _chebyshev_fit(_ORDER)
_UNIT, _UNIT_WEIGHT = _composite(10, 16)


def _decaying_integral(x, top, sign, offset):
    """int_0^top dt / (exp(2 x t + sign t^2 + offset) + 1) for arrays x, top."""
    t = top[:, None] * _UNIT
    exponent = 2.0 * x[:, None] * t + sign * t * t + offset
    return top * ((1.0 / (np.exp(exponent) + 1.0)) @ _UNIT_WEIGHT)


def response_table(eta):
    """Return what ``response`` needs besides eta: power series in panels of
    (x - L)/(x + L).

    Empty for eta >= 40 (nothing to add), the last integral of H times (x + L) for
    1 <= eta < 40, and H (x^2 + L^2)/x itself for a dilute layer, eta < 1.
    """
    if eta >= ETA_DEGENERATE:
        return np.zeros((0, _ORDER))
    starts = -1.0 + 2.0 * np.arange(_TABLE_ROWS)[:, None] / _TABLE_ROWS
    u = (starts + (1.0 + _TABLE_U) / _TABLE_ROWS).ravel()
    x = _MAP_LENGTH * (1.0 + u) / (1.0 - u)
    if eta >= ETA_DILUTE:
        values = _decaying_integral(x, 42.0 / (x + np.sqrt(x * x + 42.0)), 1.0, eta)
        return (values * (x + _MAP_LENGTH)).reshape(_TABLE_ROWS, _ORDER) @ _TABLE_FIT.T
    reach = 42.0 + max(eta, 0.0)  # beyond this the integrand has fallen by exp(-42)
    top = np.where(x * x > reach, reach / (x + np.sqrt(np.maximum(x * x - reach, 0.0))), x)
    values = _decaying_integral(x, top, -1.0, -eta)
    values = values * (x * x + _MAP_LENGTH**2) / x
    return values.reshape(_TABLE_ROWS, _ORDER) @ _TABLE_FIT.T


@njit(cache=True)
def _h(x, eta, table):
    """H(x) for x >= 0."""
    if table.shape[0] == 0:
        return x - fermi_k(x * x - eta)
    u = x / (x + _MAP_LENGTH) * _TABLE_ROWS
    row = min(int(u), _TABLE_ROWS - 1)
    tail = _horner(table[row], 2.0 * (u - row) - 1.0)
    if eta < ETA_DILUTE:
        return tail * x / (x * x + _MAP_LENGTH**2)
    return x - fermi_k(x * x - eta) + tail / (x + _MAP_LENGTH)


@njit(cache=True)
def response_imaginary(q, w, m, eta, g):
    """Im Pi(q, w) of one layer; q > 0, any real w, k_B T = 1."""
    kappa = math.sqrt(2.0 * m)
    centre, shift = m * w / (q * kappa), 0.5 * q / kappa
    up, down = centre + shift, centre - shift
    scale = g * m / (2.0 * math.pi) * kappa / q
    return scale * (fermi_k(eta - down * down) - fermi_k(eta - up * up))


@njit(cache=True)
def response_real(q, w, m, eta, g, table):
    """Re Pi(q, w) of one layer, absolute error about 1e-15 N0 kappa (1 + |x|)/q."""
    kappa = math.sqrt(2.0 * m)
    centre, shift = m * w / (q * kappa), 0.5 * q / kappa
    up, down = centre + shift, centre - shift
    scale = g * m / (2.0 * math.pi) * kappa / q
    h_up = math.copysign(_h(abs(up), eta, table), up)
    h_down = math.copysign(_h(abs(down), eta, table), down)
    return scale * (h_up - h_down)


@njit(cache=True)
def response_map(q, w, m, eta, g, table, out):
    """Fill ``out[i] = Pi(q[i], w[i])`` for flat arrays."""
    for i in range(q.size):
        real = response_real(q[i], w[i], m, eta, g, table)
        out[i] = complex(real, response_imaginary(q[i], w[i], m, eta, g))
