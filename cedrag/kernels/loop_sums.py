"""Loops of two, four and six Green functions: the pair functional expanded in the pair field.

With G_e(k) = 1/(i w - H_e(k + q/2)), for the hole as a propagating antiparticle
G_h(k) = 1/(i w + H_h(-k + q/2)^T), and a pair field Delta_ss',

    F_2n = (T/n) sum_w Int Tr (G_e Delta G_h Delta^dag)^n.

F_2 is the quadratic form without 1/g, F_4 = beta |Delta|^4/2, F_6 = c |Delta|^6/3.  Derivatives by
Delta^dag and by q differentiate one propagator: no levels are compared, so none can meet.

The sum over frequencies is a quadrature.  Where a level is within 40 T of the Fermi level, the
frequencies are those of ``frequencies``, a Gauss rule for sums over w; elsewhere f = 0 or 1, and an
integral over w = W tan(theta) is left.
"""

import math

import numpy as np

from .arrays import add
from .cached import njit
from .spin_bands import inertia, spin_hamiltonian

BAND, SPINS, TEXTURE = 0, 1, 2  # lower branches; all four states; lower branches with spinors
FIELD_COLUMNS = 22  # F_4, its q-gradient, dF_4/dDelta^dag (Re, Im of four); the same of F_6
_DEGENERATE = 40.0  # levels this many T above the Fermi level: f = exp(-40) is below rounding
_SIMILAR = 0.1  # smallest over largest level that one integral over w resolves
_REACH = 0.24  # N frequencies reach levels of 0.24 N^2 T
_TINY = 1e-300


@njit(cache=True)
def _times(a, b, out):
    """Product of two 2 x 2 matrices."""
    for i in range(2):
        for j in range(2):
            out[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j]


@njit(cache=True)
def _trace(a, b):
    """Tr a b."""
    return a[0, 0] * b[0, 0] + a[0, 1] * b[1, 0] + a[1, 0] * b[0, 1] + a[1, 1] * b[1, 1]


@njit(cache=True)
def _dagger(a, out):
    for i in range(2):
        for j in range(2):
            out[i, j] = a[j, i].conjugate()


@njit(cache=True)
def _layer(kx, ky, band, hole, out):
    """Energy without spin, b (b_y turned for the hole's transpose), |b|, k/m and lambda."""
    e, bx, by, bz = spin_hamiltonian(kx, ky, band)
    per_m, lam = inertia(band)
    out[0], out[1], out[2], out[3] = e, bx, -by if hole else by, bz
    out[4] = math.sqrt(bx * bx + by * by + bz * bz)
    out[5], out[6], out[7] = kx * per_m, ky * per_m, lam


@njit(cache=True)
def _pauli(out, scale, one, x, y, z):
    """scale (one + x sigma_x + y sigma_y + z sigma_z)."""
    out[0, 0], out[1, 1] = scale * (one + z), scale * (one - z)
    out[0, 1], out[1, 0] = scale * (x - 1j * y), scale * (x + 1j * y)


@njit(cache=True)
def _propagator(level, iw, layer, hole, green, work):
    """G and its derivatives by q_x and q_y, (3, 2, 2): 1/(i w - H) or, of a hole, 1/(i w + H)."""
    e, bx, by, bz, s, vx, vy, lam = layer
    sign = -1.0 if hole else 1.0
    turned = -lam if hole else lam  # of sigma_y
    if level == SPINS:
        z = iw - sign * e
        _pauli(green[0], 1.0 / (z * z - s * s), z, sign * bx, sign * by, sign * bz)
        for i in range(2):
            v = vx if i == 0 else vy
            _pauli(work[0], 0.5 * sign, v, lam if i == 0 else 0.0, turned if i == 1 else 0.0, 0.0j)
            _times(green[0], work[0], work[1])
            _times(work[1], green[0], green[1 + i])
        return
    g = 1.0 / (iw - sign * (e - s))
    per_s = 1.0 / max(s, _TINY)
    nx, ny, nz = bx * per_s, by * per_s, bz * per_s
    slope_x, slope_y = 0.5 * (vx - lam * nx), 0.5 * (vy - turned * ny)
    if level == BAND:
        green[:] = 0.0
        green[0, 0, 0] = g
        green[1, 0, 0], green[2, 0, 0] = sign * g * g * slope_x, sign * g * g * slope_y
        return
    _pauli(green[0], 0.5 * g, 1.0 + 0j, -nx, -ny, -nz)
    for i in range(2):
        # n turns with q at the rate (lambda/2|b|) (unit - n n)
        unit, along = (lam, nx) if i == 0 else (turned, ny)
        rate = -0.5 * unit * per_s
        dx, dy = (rate, 0.0) if i == 0 else (0.0, rate)
        dx, dy, dz = dx - rate * along * nx, dy - rate * along * ny, -rate * along * nz
        slope = slope_x if i == 0 else slope_y
        _pauli(green[1 + i], 0.5 * g, 0j, dx, dy, dz)
        _pauli(work[0], 0.5 * sign * g * g * slope, 1.0 + 0j, -nx, -ny, -nz)
        for j in range(2):
            add(1.0, work[0, j], green[1 + i, j])


@njit(cache=True)
def _span(level, e, h):
    """Lowest of the lower branches, and the largest |level| of all that take part."""
    top = 1.0 if level == SPINS else -1.0
    low_e, low_h = e[0] - e[4], h[0] - h[4]
    high = max(e[0] + top * e[4], h[0] + top * h[4])
    return min(low_e, low_h), max(abs(low_e), abs(low_h), high)


@njit(cache=True)
def _rule(span, T, thermal, sizes, vacuum):
    """Which frequencies serve these levels: (table, count, unit of w)."""
    low, high = span
    if low > _DEGENERATE * T and low > _SIMILAR * high:
        return vacuum, vacuum.shape[1], math.sqrt(low * high)
    which = 0
    while which < len(sizes) - 1 and _REACH * sizes[which] ** 2 * T < high:
        which += 1
    return thermal[which], sizes[which], T


@njit(cache=True)
def _add_field(d, green_e, green_h, weight, spinors, out, w):
    """Add one frequency w > 0 and its negative to the row ``out`` of one pair field."""
    back, n1, m, p, c = w[0], w[1], w[2], w[3], w[4]
    _dagger(d, back)
    _times(d, green_h[0], c)
    _times(c, back, n1)  # d G_h d^dag
    _times(green_e[0], n1, m)
    _times(back, green_e[0], c)
    _times(c, d, p)  # d^dag G_e d
    mm, chain, hole, longer = w[5], w[6], w[7], w[8]
    _times(m, m, mm)
    _times(n1, m, chain)
    _times(p, green_h[0], c)
    _times(c, p, hole)
    _times(c, hole, longer)
    out[0] += weight * (mm[0, 0] + mm[1, 1]).real
    out[11] += weight * (2.0 / 3.0) * _trace(mm, m).real
    _times(chain, m, mm)
    for i in range(1, 3):
        out[i] += 2.0 * weight * (_trace(green_e[i], chain) + _trace(green_h[i], hole)).real
        out[11 + i] += 2.0 * weight * (_trace(green_e[i], mm) + _trace(green_h[i], longer)).real
    if not spinors:
        return
    for side in range(2):
        if side == 0:
            a, b = green_e[0], green_h[0]
        else:  # G(-w) is the adjoint
            a, b = w[7], w[8]
            _dagger(green_e[0], a)
            _dagger(green_h[0], b)
        _times(a, d, c)
        _times(c, b, n1)  # G_e d G_h
        _times(n1, back, m)
        _times(m, n1, p)
        _times(m, p, c)
        for i in range(2):
            for j in range(2):
                at = 3 + 2 * (2 * i + j)
                out[at] += weight * p[i, j].real
                out[at + 1] += weight * p[i, j].imag
                out[11 + at] += weight * c[i, j].real
                out[12 + at] += weight * c[i, j].imag


@njit(cache=True, error_model="numpy", nogil=True)
def field_sums(level, kx, ky, weights, qx, qy, model, fields, thermal, sizes, vacuum):
    """Sums over nodes of ``FIELD_COLUMNS`` for pair fields (n, 2, 2): (rules, n, columns)."""
    T, _, e_band, h_band, _, _ = model
    out = np.zeros((len(weights), len(fields), FIELD_COLUMNS))
    here = np.empty((len(fields), FIELD_COLUMNS))
    e, h = np.empty(8), np.empty(8)
    green_e, green_h = np.zeros((3, 2, 2), np.complex128), np.zeros((3, 2, 2), np.complex128)
    work = np.zeros((9, 2, 2), np.complex128)
    for k in range(len(kx)):
        _layer(0.5 * qx + kx[k], 0.5 * qy + ky[k], e_band, False, e)
        _layer(0.5 * qx - kx[k], 0.5 * qy - ky[k], h_band, True, h)
        table, count, unit = _rule(_span(level, e, h), T, thermal, sizes, vacuum)
        here[:] = 0.0
        for n in range(count):
            iw = 1j * unit * table[0, n]
            _propagator(level, iw, e, False, green_e, work)
            _propagator(level, iw, h, True, green_h, work)
            for f in range(len(fields)):
                weight = unit * table[1, n]
                _add_field(fields[f], green_e, green_h, weight, level != BAND, here[f], work)
        for rule in range(len(weights)):
            for f in range(len(fields)):
                add(weights[rule, k], here[f], out[rule, f])
    return out


@njit(cache=True, error_model="numpy", nogil=True)
def wave_sums(level, kx, ky, weights, q1, q2, model, fields, thermal, sizes, vacuum):
    """What |D_1|^2 |D_2|^2 multiplies for two waves with fields (2, 2, 2), and F_4 of the first.

    gamma = T sum_w Int Tr [G_e(p) v1 G_h(q1-p) v1^dag G_e(p) v2 G_h(q2-p) v2^dag
                            + G_e(p) v1 G_h(q1-p) v2^dag G_e(p+q2-q1) v2 G_h(q1-p) v1^dag]

    at p = k + q1/2: (rules, 2), with 2 F_4 + 2 F_4 = 2 beta behind it.
    """
    T, _, e_band, h_band, _, _ = model
    out = np.zeros((len(weights), 2))
    e, h, other_e, other_h = np.empty(8), np.empty(8), np.empty(8), np.empty(8)
    g = np.zeros((4, 3, 2, 2), np.complex128)
    w = np.zeros((6, 2, 2), np.complex128)
    back = np.zeros((2, 2, 2), np.complex128)
    for i in range(2):
        _dagger(fields[i], back[i])
    for k in range(len(kx)):
        px, py = kx[k] + 0.5 * q1[0], ky[k] + 0.5 * q1[1]
        _layer(px, py, e_band, False, e)
        _layer(px + q2[0] - q1[0], py + q2[1] - q1[1], e_band, False, other_e)
        _layer(q1[0] - px, q1[1] - py, h_band, True, h)
        _layer(q2[0] - px, q2[1] - py, h_band, True, other_h)
        first, second = _span(level, e, h), _span(level, other_e, other_h)
        span = min(first[0], second[0]), max(first[1], second[1])
        table, count, unit = _rule(span, T, thermal, sizes, vacuum)
        crossed, same = 0.0, 0.0
        for n in range(count):
            iw, weight = 1j * unit * table[0, n], unit * table[1, n]
            _propagator(level, iw, e, False, g[0], w)
            _propagator(level, iw, h, True, g[1], w)
            _propagator(level, iw, other_e, False, g[2], w)
            _propagator(level, iw, other_h, True, g[3], w)
            _times(g[0, 0], fields[0], w[0])
            _times(w[0], g[1, 0], w[1])  # G_e v1 G_h
            _times(w[1], back[0], w[2])
            same += 2.0 * weight * 2.0 * _trace(w[2], w[2]).real
            _times(g[0, 0], fields[1], w[0])
            _times(w[0], g[3, 0], w[3])
            _times(w[3], back[1], w[0])
            crossed += 2.0 * weight * _trace(w[2], w[0]).real
            _times(w[1], back[1], w[0])
            _times(g[2, 0], fields[1], w[2])
            _times(w[2], g[1, 0], w[3])
            _times(w[3], back[0], w[4])
            crossed += 2.0 * weight * _trace(w[0], w[4]).real
        for rule in range(len(weights)):
            out[rule, 0] += weights[rule, k] * crossed
            out[rule, 1] += weights[rule, k] * same
    return out
