"""Second derivatives of Omega with all four spin states, and the sums over nodes of a mesh.

d2Omega/da db = sum_ij f[E_i, E_j] Re(<i|dK/da|j> <j|dK/db|i>) + Tr f(K) d2K/da db with the
divided differences f[E_i, E_j]: exact, and safe where levels meet.  The ten directions a are
(Re, Im) of Delta_00, 01, 10, 11 and q_x, q_y.

``condensate.pair_sums`` makes of ``response_sums`` what ``mean_field_band`` states for all levels.
"""

import math

import numpy as np

from .arrays import put
from .cached import njit
from .exponential import VECTOR
from .mean_field_full import (
    DENSITIES,
    LEVELS,
    NODE_COLUMNS,
    TURNS,
    UNPAIRED,
    VECTORS,
    fill_nodes,
)
from .occupation import fermi, fermi_slope
from .radial import LANES
from .spin_bands import inertia

_DIRECTIONS = 10
_Q = 8  # q_x, q_y follow the eight parts of Delta


@njit(**VECTOR)
def _vector(f, at, n, i):
    """Column n of the vectors at lane i."""
    p = (at + 8 * n) * LANES + i
    return (
        complex(f[p], f[p + LANES]),
        complex(f[p + 2 * LANES], f[p + 3 * LANES]),
        complex(f[p + 4 * LANES], f[p + 5 * LANES]),
        complex(f[p + 6 * LANES], f[p + 7 * LANES]),
    )


@njit(**VECTOR)
def _pair_element(us, uh, vs, vh):
    """<u|dK|v> for the real and for the imaginary part of one element of Delta."""
    x, y = us.conjugate() * vh, uh.conjugate() * vs
    return x.real + y.real, x.imag + y.imag, y.imag - x.imag, x.real - y.real


@njit(**VECTOR)
def _moments(u0, u1, v0, v1):
    """<u|v>, <u|sigma_x|v>, <u|sigma_y|v> within one layer."""
    a, b = u0.conjugate() * v1, u1.conjugate() * v0
    difference = b - a
    return (
        u0.conjugate() * v0 + u1.conjugate() * v1,
        a + b,
        complex(-difference.imag, difference.real),
    )


@njit(cache=True, error_model="numpy", nogil=True)
def _elements(f, at, n1, n2, kx, ky, qx, qy, e_band, h_band, m):
    """<n1|dK/da|n2> of all ten directions: real parts in m[2a LANES:], imaginary ones behind."""
    per_e, lam_e = inertia(e_band)
    per_h, lam_h = inertia(h_band)
    L = LANES
    for i in range(L):
        u, v = _vector(f, at, n1, i), _vector(f, at, n2, i)
        m[i], m[i + L], m[i + 2 * L], m[i + 3 * L] = _pair_element(u[0], u[2], v[0], v[2])
        m[i + 4 * L], m[i + 5 * L], m[i + 6 * L], m[i + 7 * L] = _pair_element(
            u[0], u[3], v[0], v[3]
        )
        m[i + 8 * L], m[i + 9 * L], m[i + 10 * L], m[i + 11 * L] = _pair_element(
            u[1], u[2], v[1], v[2]
        )
        m[i + 12 * L], m[i + 13 * L], m[i + 14 * L], m[i + 15 * L] = _pair_element(
            u[1], u[3], v[1], v[3]
        )
        ne, ex, ey = _moments(u[0], u[1], v[0], v[1])
        nh, hx, hy = _moments(u[2], u[3], v[2], v[3])
        x = (per_e * (kx[i] + 0.5 * qx)) * ne - (per_h * (0.5 * qx - kx[i])) * nh
        y = (per_e * (ky[i] + 0.5 * qy)) * ne - (per_h * (0.5 * qy - ky[i])) * nh
        x += lam_e * ex - lam_h * hx
        y += lam_e * ey + lam_h * hy
        m[i + 16 * L], m[i + 17 * L] = 0.5 * x.real, 0.5 * x.imag
        m[i + 18 * L], m[i + 19 * L] = 0.5 * y.real, 0.5 * y.imag


@njit(cache=True, error_model="numpy", nogil=True)
def _slopes(f, levels, n1, n2, T, factor, slope):
    for i in range(LANES):
        slope[i] = factor * fermi_slope(
            f[(levels + n1) * LANES + i], f[(levels + n2) * LANES + i], T
        )


@njit(cache=True, error_model="numpy", fastmath={"contract"}, nogil=True)
def _add_products(m, slope, a, b, second, at):
    for i in range(LANES):
        second[at + i] += slope[i] * (
            m[2 * a * LANES + i] * m[2 * b * LANES + i]
            + m[(2 * a + 1) * LANES + i] * m[(2 * b + 1) * LANES + i]
        )


@njit(cache=True)
def position(a, b):
    """Where the pair a <= b stands in the upper triangle of the ten directions, row by row."""
    return a * _DIRECTIONS - a * (a - 1) // 2 + b - a


@njit(cache=True, nogil=True)
def _add_response(f, vectors, levels, T, sign, used, kx, ky, qx, qy, e_band, h_band, m, second):
    """sign times the sum over pairs of levels, for the directions that are ``used``."""
    slope = np.empty(LANES)
    for n1 in range(4):
        for n2 in range(n1, 4):
            if sign < 0.0 and n1 < 2 <= n2:
                continue  # without pairing electrons and holes do not mix
            _slopes(f, levels, n1, n2, T, sign * (1.0 if n1 == n2 else 2.0), slope)
            _elements(f, vectors, n1, n2, kx, ky, qx, qy, e_band, h_band, m)
            for a in range(_DIRECTIONS):
                for b in range(a, _DIRECTIONS):
                    if used[a] and used[b]:
                        _add_products(m, slope, a, b, second, position(a, b) * LANES)


@njit(cache=True, error_model="numpy", nogil=True)
def _unpaired_vectors(f, g):
    """The vectors without pairing, from the turns of both layers, as ``_vector`` reads them."""
    g[: 32 * LANES] = 0.0
    for i in range(LANES):
        for layer in range(2):
            re, im = f[(TURNS + 2 * layer) * LANES + i], f[(TURNS + 2 * layer + 1) * LANES + i]
            c = 1.0 / math.sqrt(1.0 + re * re + im * im)
            first = 20 * layer  # vector 0 row 0, or vector 2 row 2
            g[first * LANES + i] = c
            g[(first + 2) * LANES + i], g[(first + 3) * LANES + i] = -c * re, c * im
            g[(first + 8) * LANES + i], g[(first + 9) * LANES + i] = c * re, c * im
            g[(first + 10) * LANES + i] = c
    put(f[UNPAIRED * LANES : (UNPAIRED + 4) * LANES], g[32 * LANES :])


@njit(cache=True, error_model="numpy", nogil=True)
def _add_direct(kx, ky, f, e_band, h_band, E_ref, m_r, second):
    """The vacuum term, and Tr f(K) d2K/dq dq = n_e/4m_e + n_h/4m_h."""
    per_e, per_h = inertia(e_band)[0], inertia(h_band)[0]
    for i in range(LANES):
        vacuum = 2.0 / ((kx[i] * kx[i] + ky[i] * ky[i]) * (0.5 / m_r) + E_ref)
        for a in range(_Q):
            second[position(a, a) * LANES + i] += vacuum
        rigid = 0.25 * (per_e * f[DENSITIES * LANES + i] + per_h * f[(DENSITIES + 1) * LANES + i])
        for a in range(_Q, _DIRECTIONS):
            second[position(a, a) * LANES + i] += rigid


@njit(cache=True, error_model="numpy", nogil=True)
def _subtract_normal_numbers(f, T_ref, e_band, h_band, second):
    per_e, per_h = inertia(e_band)[0], inertia(h_band)[0]
    for i in range(LANES):
        rigid = 0.0
        for n in range(4):
            E = f[(UNPAIRED + n) * LANES + i]
            rigid += per_e * fermi(E, T_ref)[0] if n < 2 else per_h * fermi(E, T_ref)[1]
        for a in range(_Q, _DIRECTIONS):
            second[position(a, a) * LANES + i] -= 0.25 * rigid


@njit(cache=True, error_model="numpy", fastmath=True, nogil=True)
def _add_weighted(f, columns, weight, first, count, total):
    """Add the weighted sums of the first columns of ``f`` to ``total`` (2, columns)."""
    for c in range(columns):
        fine = coarse = 0.0
        for i in range(count):
            fine += weight[0, first + i] * f[c * LANES + i]
            coarse += weight[1, first + i] * f[c * LANES + i]
        total[0, c] += fine
        total[1, c] += coarse


@njit(cache=True, nogil=True)
def response_sums(kx, ky, weight, qx, qy, model, delta, used, first_order, second_order):
    """Sums over nodes with both rows of ``weight``: (2, 13) first and (2, 55) second derivatives.

    ``delta`` (2, 2) complex; ``used`` (10,) bool says which directions are needed.
    """
    T, T_ref, e_band, h_band, E_ref, m_r = model
    px, py = np.empty(LANES), np.empty(LANES)
    f, g = np.empty(NODE_COLUMNS * LANES), np.empty(36 * LANES)
    m, second = np.empty(2 * _DIRECTIONS * LANES), np.empty(55 * LANES)
    only_q = np.zeros(_DIRECTIONS, np.bool_)
    put(used[_Q:], only_q[_Q:])
    first_order[:] = 0.0
    second_order[:] = 0.0
    for first in range(0, len(kx), LANES):
        count = min(LANES, len(kx) - first)
        for i in range(LANES):
            px[i], py[i] = kx[first + min(i, count - 1)], ky[first + min(i, count - 1)]
        fill_nodes(
            px, py, qx, qy, T, T_ref, e_band, h_band, E_ref, m_r,
            delta[0, 0], delta[0, 1], delta[1, 0], delta[1, 1], f,
        )  # fmt: skip
        second[:] = 0.0
        _add_response(
            f, VECTORS, LEVELS, T, 1.0, used, px, py, qx, qy, e_band, h_band, m, second
        )  # fmt: skip
        _add_direct(px, py, f, e_band, h_band, E_ref, m_r, second)
        if used[_Q]:
            _unpaired_vectors(f, g)
            _add_response(
                g, 0, 32, T_ref, -1.0, only_q, px, py, qx, qy, e_band, h_band, m, second
            )  # fmt: skip
            _subtract_normal_numbers(f, T_ref, e_band, h_band, second)
        _add_weighted(f, LEVELS, weight, first, count, first_order)
        _add_weighted(second, 55, weight, first, count, second_order)


@njit(cache=True, nogil=True)
def spectrum(kx, ky, qx, qy, e_band, h_band, delta):
    """The four eigenvalues of K at each node, (4, n), in no order."""
    E, px, py, f = np.empty((4, len(kx))), np.empty(LANES), np.empty(LANES), np.empty(
        NODE_COLUMNS * LANES
    )  # fmt: skip
    for first in range(0, len(kx), LANES):
        count = min(LANES, len(kx) - first)
        for i in range(LANES):
            px[i], py[i] = kx[first + min(i, count - 1)], ky[first + min(i, count - 1)]
        fill_nodes(
            px, py, qx, qy, 1.0, 1.0, e_band, h_band, 1.0, 1.0,
            delta[0, 0], delta[0, 1], delta[1, 0], delta[1, 1], f,
        )  # fmt: skip
        for n in range(4):
            at = (LEVELS + n) * LANES
            put(f[at : at + count], E[n, first:])
    return E
