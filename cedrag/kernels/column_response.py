"""Second derivatives of Omega for a pair field of one column, and the sums over nodes of a mesh.

As in ``spin_response``: d2Omega/da db = sum_mn f[E_m, E_n] Re(<m|dK/da|n> <n|dK/db|m>) + direct
terms, here for six directions: (Re, Im) of Delta_0 and Delta_1, q_x and q_y.
"""

import numpy as np

from .cached import njit
from .column_levels import BLOCK, COLUMNS, SUMMED, fill_levels, fill_velocities
from .occupation import divided_difference, fermi
from .spin_bands import inertia

DIRECTIONS, Q = 6, 4
PAIRS = DIRECTIONS * (DIRECTIONS + 1) // 2


@njit(cache=True)
def position(a, b):
    """Where the pair a <= b stands in the upper triangle, row by row."""
    return a * DIRECTIONS - a * (a - 1) // 2 + b - a


@njit(cache=True, error_model="numpy", nogil=True)
def _slopes(f, m, n, T, factor, slope):
    for i in range(BLOCK):
        slope[i] = factor * divided_difference(
            f[(9 + m) * BLOCK + i], f[(12 + m) * BLOCK + i], f[(15 + m) * BLOCK + i],
            f[(18 + m) * BLOCK + i], f[(9 + n) * BLOCK + i], f[(12 + n) * BLOCK + i],
            f[(15 + n) * BLOCK + i], f[(18 + n) * BLOCK + i], T,
        )  # fmt: skip


@njit(cache=True, error_model="numpy", nogil=True)
def _pair_elements(f, m, n, out):
    """<m|dK/da|n> of the four parts of Delta: real parts at out[2a BLOCK], imaginary ones behind.

    With K_a = d_i between branch i and the hole: Re d_i (w_mi w_n2 + w_m2 w_ni) and
    i Im d_i (w_mi w_n2 - w_m2 w_ni); d_i = p_is for the real part of Delta_s, i p_is for the other.
    """
    B = BLOCK
    at_m, at_n = (21 + 3 * m) * B, (21 + 3 * n) * B
    for i in range(B):
        a0, a1, a2 = f[at_m + i], f[at_m + B + i], f[at_m + 2 * B + i]
        b0, b1, b2 = f[at_n + i], f[at_n + B + i], f[at_n + 2 * B + i]
        x0, y0 = a0 * b2 + a2 * b0, a0 * b2 - a2 * b0
        x1, y1 = a1 * b2 + a2 * b1, a1 * b2 - a2 * b1
        out[i] = f[i + 30 * B] * x0 + f[i + 34 * B] * x1
        out[i + B] = f[i + 31 * B] * y0 + f[i + 35 * B] * y1
        out[i + 2 * B] = -(f[i + 31 * B] * x0 + f[i + 35 * B] * x1)
        out[i + 3 * B] = f[i + 30 * B] * y0 + f[i + 34 * B] * y1
        out[i + 4 * B] = f[i + 32 * B] * x0 + f[i + 36 * B] * x1
        out[i + 5 * B] = f[i + 33 * B] * y0 + f[i + 37 * B] * y1
        out[i + 6 * B] = -(f[i + 33 * B] * x0 + f[i + 37 * B] * x1)
        out[i + 7 * B] = f[i + 32 * B] * y0 + f[i + 36 * B] * y1


@njit(cache=True, error_model="numpy", nogil=True)
def _velocity_elements(f, m, n, out):
    """The same of q_x and q_y, behind those of Delta."""
    B = BLOCK
    at_m, at_n = (21 + 3 * m) * B, (21 + 3 * n) * B
    for i in range(B):
        a0, a1, a2 = f[at_m + i], f[at_m + B + i], f[at_m + 2 * B + i]
        b0, b1, b2 = f[at_n + i], f[at_n + B + i], f[at_n + 2 * B + i]
        even, odd = a0 * b1 + a1 * b0, a0 * b1 - a1 * b0
        out[i + 8 * B] = (
            f[i + 41 * B] * a0 * b0 + f[i + 42 * B] * a1 * b1 + f[i + 43 * B] * a2 * b2
            + f[i + 47 * B] * even
        )  # fmt: skip
        out[i + 9 * B] = f[i + 48 * B] * odd
        out[i + 10 * B] = (
            f[i + 44 * B] * a0 * b0 + f[i + 45 * B] * a1 * b1 + f[i + 46 * B] * a2 * b2
            + f[i + 49 * B] * even
        )  # fmt: skip
        out[i + 11 * B] = f[i + 50 * B] * odd


@njit(cache=True, error_model="numpy", fastmath={"contract"}, nogil=True)
def _add_products(m, slope, a, b, second, at):
    for i in range(BLOCK):
        second[at + i] += slope[i] * (
            m[2 * a * BLOCK + i] * m[2 * b * BLOCK + i]
            + m[(2 * a + 1) * BLOCK + i] * m[(2 * b + 1) * BLOCK + i]
        )


@njit(cache=True, nogil=True)
def _add_response(f, T, used, m, slope, second):
    """The sum over pairs of levels, for the directions that are ``used``."""
    for n1 in range(3):
        for n2 in range(n1, 3):
            _slopes(f, n1, n2, T, 1.0 if n1 == n2 else 2.0, slope)
            _pair_elements(f, n1, n2, m)
            if used[Q]:
                _velocity_elements(f, n1, n2, m)
            for a in range(DIRECTIONS):
                for b in range(a, DIRECTIONS):
                    if used[a] and used[b]:
                        _add_products(m, slope, a, b, second, position(a, b) * BLOCK)


@njit(cache=True, error_model="numpy", nogil=True)
def _add_vacuum(kx, ky, E_ref, m_r, second):
    B = BLOCK
    for i in range(B):
        vacuum = 2.0 / ((kx[i] * kx[i] + ky[i] * ky[i]) * (0.5 / m_r) + E_ref)
        second[i] += vacuum
        second[i + 6 * B] += vacuum
        second[i + 11 * B] += vacuum
        second[i + 15 * B] += vacuum


@njit(cache=True, error_model="numpy", nogil=True)
def _add_normal(f, T_ref, e_band, h_band, second):
    """Tr f(K) d2K/dq dq = n_e/4m_e + n_h/4m_h, less all of the normal state's response."""
    B = BLOCK
    per_e, per_h = inertia(e_band)[0], inertia(h_band)[0]
    for i in range(B):
        E0, E1, E2 = f[i + 38 * B], f[i + 39 * B], f[i + 40 * B]
        f0, g0 = fermi(E0, T_ref)
        f1, g1 = fermi(E1, T_ref)
        f2, g2 = fermi(E2, T_ref)
        direct = 0.25 * (per_e * (f[i + 5 * B] - f0 - f1) + per_h * (f[i + 6 * B] - g2))
        s0, s1, s2 = f0 * g0 / T_ref, f1 * g1 / T_ref, f2 * g2 / T_ref
        s01 = -2.0 * divided_difference(
            E0, f0, g0, (f0 * g0) ** 0.5, E1, f1, g1, (f1 * g1) ** 0.5, T_ref
        )
        x0, x1, x2 = f[i + 41 * B], f[i + 42 * B], f[i + 43 * B]
        y0, y1, y2 = f[i + 44 * B], f[i + 45 * B], f[i + 46 * B]
        xr, xi, yr, yi = f[i + 47 * B], f[i + 48 * B], f[i + 49 * B], f[i + 50 * B]
        second[i + 18 * B] += direct + (
            s0 * x0 * x0 + s1 * x1 * x1 + s2 * x2 * x2 + s01 * (xr * xr + xi * xi)
        )
        second[i + 19 * B] += s0 * x0 * y0 + s1 * x1 * y1 + s2 * x2 * y2 + s01 * (xr * yr + xi * yi)
        second[i + 20 * B] += direct + (
            s0 * y0 * y0 + s1 * y1 * y1 + s2 * y2 * y2 + s01 * (yr * yr + yi * yi)
        )


@njit(cache=True, error_model="numpy", fastmath=True, nogil=True)
def add_weighted(f, columns, weight, first, count, total):
    """Add the weighted sums of the first columns of ``f`` to ``total`` (2, columns)."""
    for c in range(columns):
        fine = coarse = 0.0
        for i in range(count):
            fine += weight[0, first + i] * f[c * BLOCK + i]
            coarse += weight[1, first + i] * f[c * BLOCK + i]
        total[0, c] += fine
        total[1, c] += coarse


@njit(cache=True, nogil=True)
def column_sums(kx, ky, weight, qx, qy, model, D0, D1, used, first_order, second_order):
    """Sums over nodes with both rows of ``weight``: (2, 9) first and (2, 21) second derivatives.

    ``used`` (6,) bool says which directions are needed.
    """
    T, T_ref, e_band, h_band, E_ref, m_r = model
    px, py, slope = np.empty((3, BLOCK))
    f, shifts = np.empty(COLUMNS * BLOCK), np.empty(3 * BLOCK)
    m, second = np.empty(2 * DIRECTIONS * BLOCK), np.empty(PAIRS * BLOCK)
    for first in range(0, len(kx), BLOCK):
        count = min(BLOCK, len(kx) - first)
        for i in range(BLOCK):
            px[i], py[i] = kx[first + min(i, count - 1)], ky[first + min(i, count - 1)]
        fill_levels(px, py, qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, D0, D1, f, shifts)
        for i in range(PAIRS * BLOCK):
            second[i] = 0.0
        for i in range(2 * BLOCK):
            f[7 * BLOCK + i] = 0.0
        if used[Q]:
            fill_velocities(px, py, qx, qy, T_ref, e_band, h_band, f)
            _add_normal(f, T_ref, e_band, h_band, second)
        _add_response(f, T, used, m, slope, second)
        _add_vacuum(px, py, E_ref, m_r, second)
        add_weighted(f, SUMMED, weight, first, count, first_order)
        add_weighted(second, PAIRS, weight, first, count, second_order)
