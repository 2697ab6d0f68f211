"""The six integrands in plain numpy, as a careful user would write them: no numba, no C."""

import math

import numpy as np

_SERIES = 1.5
_TERMS = 13
_SINHC = [1.0 / math.factorial(2 * n + 1) for n in range(_TERMS)]
_R = [(2 * n + 2) / math.factorial(2 * n + 3) for n in range(_TERMS)]
_P = [4.0 ** (n + 1) / math.factorial(2 * n + 3) for n in range(_TERMS + 4)]


def _horner(coefficients, z):
    total = np.zeros_like(z)
    for c in reversed(coefficients):
        total = total * z + c
    return total


def _slope(coefficients):
    return [n * c for n, c in enumerate(coefficients)][1:]


def _band(kx, ky, mass, mu, lam, B, J):
    split = np.sqrt((lam * kx + B) ** 2 + (lam * ky) ** 2 + J * J)
    energy = (kx * kx + ky * ky) / (2.0 * mass) - mu - split
    return energy, kx / mass - lam * (lam * kx + B) / split, ky / mass - lam * lam * ky / split


def pair_functions(X, D):
    """w, y and dw/dX, dw/dD, dy/dX, dy/dD of arrays, as in cedrag/kernels/pair.py."""
    root_a = np.exp(-0.5 * np.minimum(np.abs(X + D), 700.0))
    root_b = np.exp(-0.5 * np.minimum(np.abs(X - D), 700.0))
    a, b = root_a**2, root_b**2
    norm = 1.0 / ((1.0 + a) * (1.0 + b))
    x_larger = np.abs(X) > np.abs(D)
    sinh_x = np.sign(X) * norm * np.where(x_larger, 1.0 - a * b, np.abs(a - b))
    sinh_d = np.sign(D) * norm * np.where(x_larger, np.abs(a - b), 1.0 - a * b)
    cosh_x = norm * np.where(x_larger, 1.0 + a * b, a + b)
    cosh_d = 1.0 - cosh_x
    Q = 2.0 * norm * root_a * root_b
    small = np.abs(X) < _SERIES
    z = np.where(small, X * X, 0.0)
    s, r, p = _horner(_SINHC, z), _horner(_R, z), _horner(_P, z)
    dp, dr = _horner(_slope(_P), z), _horner(_slope(_R), z)
    x = np.where(small, 1.0, X)
    S_X = Q * Q + cosh_x * cosh_d
    w = np.where(small, Q * s, sinh_x / x)
    y_small = Q * (p * Q - cosh_d * r)
    y = np.where(small, y_small, (w - S_X) / (x * x))
    R = np.where(small, Q * r, (cosh_x - w) / (x * x))
    y_X = np.where(
        small,
        2.0 * X * (Q * (dp * Q - cosh_d * dr) - Q * s * y_small),
        -(3.0 * y + w * (cosh_d - 2.0 * S_X)) / x,
    )
    return w, y, -X * y, -w * sinh_d, y_X, -sinh_d * (R + 2.0 * y)


def integrands(kx, ky, qx, qy, T, e_band, h_band, E_ref, m_r):
    """The six integrands at arrays of nodes, shape (6, n)."""
    e, ve_x, ve_y = _band(kx + 0.5 * qx, ky + 0.5 * qy, *e_band)
    h, vh_x, vh_y = _band(0.5 * qx - kx, 0.5 * qy - ky, *h_band)
    w, y, w_X, w_D, y_X, y_D = pair_functions((e + h) / (2.0 * T), (e - h) / (2.0 * T))
    a, b = -1.0 / (2.0 * T), 1.0 / (4.0 * T**3)
    sum_x, sum_y = (ve_x + vh_x) / (4.0 * T), (ve_y + vh_y) / (4.0 * T)
    gap_x, gap_y = (ve_x - vh_x) / (4.0 * T), (ve_y - vh_y) / (4.0 * T)
    return np.array(
        [
            1.0 / ((kx * kx + ky * ky) / (2.0 * m_r) + E_ref) + a * w,
            b * y,
            a * (w_X * sum_x + w_D * gap_x),
            a * (w_X * sum_y + w_D * gap_y),
            b * (y_X * sum_x + y_D * gap_x),
            b * (y_X * sum_y + y_D * gap_y),
        ]
    )
