r"""Drag force between two layers with the bands of kernels.bands, for given |q|.

Units: hbar = k_B T = 1. The absorption X(w) of a layer at one q is kept on panels in w, in 16
Gauss-Legendre points each. Its Hilbert transform, Re Pi, needs no principal value: on a panel the
Legendre polynomial P_n transforms into -2 Q_n exactly.

Columns of a table: A, S, S_v and G for each displacement (see rashba_polarisability). The drag
integrand is 4 |U12|^2 S_v S exp(-w), without the 0/0 of A^2/sinh^2 at w = 0, where an
interpolated A would not vanish exactly. ``interaction`` is as in drag_integrand.
"""

import math

import numpy as np
from numpy.polynomial import legendre

from .arrays import add, put, zeros
from .band_moments import momentum_reach, thermal_strip
from .bands import cone, is_convex, steepness
from .cached import njit
from .drag_integrand import coulomb_matrix, screened_squared
from .gauss_kronrod import EMBEDDED, NODES, WEIGHTS
from .rashba_polarisability import curve_integrals, falling_part

__all__ = ["response_table", "evaluate", "force_at_q"]

ORDER = 16
W_MAX = 46.0
_X, _W = legendre.leggauss(ORDER)
_TO_LEGENDRE = ((2 * np.arange(ORDER) + 1) / 2)[:, None] * (
    legendre.legvander(_X, ORDER - 1).T * _W
)
_MAX_PANELS = 160
_GRADES = 7


@njit(cache=True)
def _edges(q, c, s, band, extra, resolution):
    """Panel edges in w: one thermal strip to each side of a centre, graded at a van Hove point."""
    m = band.mass
    top = q * (momentum_reach(band) + extra + 0.5 * q) / m + steepness(band) * q
    width = 2.0 * q / m * thermal_strip(band) / resolution
    count = 2 * math.ceil(top / width)
    edges = np.linspace(-top, top, count + 1)
    if is_convex(band):
        return edges
    cone_x, cone_y, _ = cone(band)
    w0 = q * (cone_x * c + cone_y * s) / m
    _, jump = falling_part(cone_y * c - cone_x * s, q, c, s, band)
    special = np.array([w0, w0 - jump, w0 + jump])
    added = np.empty(special.size * (2 * _GRADES + 1))
    n = 0
    for x in special:
        added[n] = x
        n += 1
        offset = width
        for _ in range(_GRADES):
            added[n], added[n + 1] = x - offset, x + offset
            offset *= 0.2
            n += 2
    merged = np.sort(np.concatenate((edges, added)))
    merged = merged[(merged >= -top) & (merged <= top)]
    keep = np.ones(merged.size, dtype=np.bool_)
    for i in range(1, merged.size):
        keep[i] = merged[i] - merged[i - 1] > 1e-9 * top
    return merged[keep]


@njit(cache=True)
def response_table(q, c, s, band, points, px, resolution, everywhere):
    """Edges (P + 1), values (P, 16, 3 + len(px)) and the relative error of the curve integrals.

    ``everywhere`` False leaves out the panels outside 0 < w < W_MAX, which only Re Pi needs.
    """
    extra = 0.0
    for p in px:
        extra = max(extra, abs(p))
    edges = _edges(q, c, s, band, extra, resolution)
    values = np.zeros((edges.size - 1, ORDER, 3 + px.size))
    fine, coarse = np.zeros(3 + px.size), np.zeros(3 + px.size)
    none = np.empty(0)
    error = largest = 0.0
    for i in range(edges.size - 1):
        half, centre = 0.5 * (edges[i + 1] - edges[i]), 0.5 * (edges[i + 1] + edges[i])
        for j in range(ORDER):
            w = centre + half * _X[j]
            if edges[i + 1] > 0.0 and edges[i] < W_MAX:
                curve_integrals(w, q, c, s, band, points, px, fine, coarse)
                put(fine, values[i, j])
            elif everywhere:  # only the Hilbert transform looks here
                curve_integrals(w, q, c, s, band, points, none, fine[:3], coarse[:3])
                put(fine[:3], values[i, j])
            error = max(error, abs(fine[0] - coarse[0]))
            largest = max(largest, abs(fine[0]))
    return edges, values, error / largest if largest > 0.0 else 0.0


@njit(cache=True)
def _near_transform(x, column):
    """P int_{-1}^{1} a(t)/(t - x) dt for a(t) given in the Legendre points, by -2 Q_n(x)."""
    if abs(abs(x) - 1.0) < 1e-12:
        x *= 1.0 - 1e-12
    q_last = 0.5 * math.log(abs((1.0 + x) / (1.0 - x)))
    q_this = x * q_last - 1.0
    total = 0.0
    for n in range(ORDER):
        coefficient = 0.0
        for j in range(ORDER):
            coefficient += _TO_LEGENDRE[n, j] * column[j]
        total -= 2.0 * coefficient * q_last
        q_last, q_this = q_this, ((2 * n + 3) * x * q_this - (n + 1) * q_last) / (n + 2)
    return total


@njit(cache=True)
def evaluate(w, edges, values, out):
    """Fill ``out`` with the columns at w and return Re Pi(w)."""
    out[:] = 0.0
    if edges[0] < w < edges[-1]:
        i = min(max(np.searchsorted(edges, w) - 1, 0), edges.size - 2)
        x = (2.0 * w - edges[i] - edges[i + 1]) / (edges[i + 1] - edges[i])
        p_last, p_this = 1.0, x
        for n in range(ORDER):
            for j in range(ORDER):
                weight = p_last * _TO_LEGENDRE[n, j]
                for k in range(out.size):
                    out[k] += weight * values[i, j, k]
            p_last, p_this = p_this, ((2 * n + 3) * x * p_this - (n + 1) * p_last) / (n + 2)
    real = 0.0
    for i in range(edges.size - 1):
        half, centre = 0.5 * (edges[i + 1] - edges[i]), 0.5 * (edges[i + 1] + edges[i])
        x = (w - centre) / half
        if abs(x) < 1.3:
            real += _near_transform(x, values[i, :, 0])
        else:
            for j in range(ORDER):
                real += _W[j] * values[i, j, 0] / (_X[j] - x)
    return real / math.pi


@njit(cache=True)
def _squared_interaction(bare, r1, i1, r2, i2):
    return screened_squared(bare, complex(r1, i1), complex(r2, i2))


@njit(cache=True)
def _integrand(w, table1, table2, cosine2, bare, dynamic, static_u2, row1, row2, out):
    """|U12|^2 times the absorption of both layers and the thermal factor, for each column."""
    r1 = evaluate(w, table1[0], table1[1], row1)
    r2 = evaluate(w, table2[0], table2[1], row2)
    u2 = _squared_interaction(bare, r1, row1[0], r2, row2[0]) if dynamic else static_u2
    thermal = 4.0 * u2 * math.exp(-w)
    out[0] = thermal * row1[2] * row2[1]
    out[1] = thermal * row1[1] * row2[2] * cosine2
    for k in range(2, out.size):
        out[k] = thermal * row1[k + 1] * row2[1]


@njit(cache=True)
def _mode(w, table1, table2, bare, optical, row1, row2):
    r1 = evaluate(w, table1[0], table1[1], row1)
    r2 = evaluate(w, table2[0], table2[1], row2)
    a, b = -bare[0] * r1, -bare[1] * r2
    root = math.sqrt(max((a - b) ** 2 + 4.0 * bare[2] ** 2 * r1 * r2, 0.0))
    return 1.0 - 0.5 * (a + b + (root if optical else -root))


@njit(cache=True)
def _plasmon_points(table1, table2, bare, row1, row2, points, n):
    """Append points about each upward zero of the real dielectric matrix below W_MAX."""
    scan = 24
    for optical in (True, False):
        last, w_last = 0.0, 0.0
        for i in range(1, scan + 1):
            w = W_MAX * (i / scan) ** 2
            y = _mode(w, table1, table2, bare, optical, row1, row2)
            if i > 1 and last < 0.0 <= y:
                low, high = w_last, w
                for _ in range(40):
                    middle = 0.5 * (low + high)
                    if _mode(middle, table1, table2, bare, optical, row1, row2) < 0.0:
                        low = middle
                    else:
                        high = middle
                step = 1e-3 * high
                above = _mode(high + step, table1, table2, bare, optical, row1, row2)
                below = _mode(high - step, table1, table2, bare, optical, row1, row2)
                _mode(high, table1, table2, bare, optical, row1, row2)
                slope = abs(above - below) / (2.0 * step)
                damping = max(abs(bare[0] * row1[0]), abs(bare[1] * row2[0]))
                half_width = max(damping / max(slope, 1e-300), 1e-7 * high)
                for factor in (0.0, -5.0, 5.0, -50.0, 50.0):
                    offset = factor * half_width
                    if abs(offset) < 0.3 * high and high + offset < W_MAX and n < points.size:
                        points[n] = high + offset
                        n += 1
            last, w_last = y, w
    return n


@njit(cache=True)
def _frequency_integral(table1, table2, cosine2, bare, dynamic, static_u2, rtol, columns):
    """Integral over 0 < w < W_MAX of every column and its |Kronrod - Gauss|, halving panels."""
    row1, row2 = np.empty(table1[1].shape[2]), np.empty(3)
    points = np.empty(40)
    points[0], points[1], points[2], points[3] = 0.0, 3.0, 12.0, W_MAX
    n = 4
    if dynamic:
        n = _plasmon_points(table1, table2, bare, row1, row2, points, n)
    points = np.sort(points[:n])
    left, right = np.empty(_MAX_PANELS), np.empty(_MAX_PANELS)
    value, error = np.zeros((_MAX_PANELS, columns)), np.zeros((_MAX_PANELS, columns))
    y = np.empty(columns)
    count = done = 0
    for i in range(n - 1):
        left[count], right[count] = points[i], points[i + 1]
        count += 1
    while True:
        for i in range(done, count):
            half, centre = 0.5 * (right[i] - left[i]), 0.5 * (right[i] + left[i])
            value[i], error[i] = 0.0, 0.0
            for j in range(NODES.size):
                w = centre + half * NODES[j]
                _integrand(w, table1, table2, cosine2, bare, dynamic, static_u2, row1, row2, y)
                add(half * WEIGHTS[j], y, value[i])
                add(half * (WEIGHTS[j] - EMBEDDED[j]), y, error[i])
        worst, left_over, size = 0, 0.0, 0.0
        for i in range(count):
            left_over += abs(error[i, 0])
            size += abs(value[i, 0])
            if abs(error[i, 0]) > abs(error[worst, 0]):
                worst = i
        if left_over <= rtol * size or count + 2 > _MAX_PANELS:
            break
        middle = 0.5 * (left[worst] + right[worst])
        # the halves go to the end; the parent becomes an empty panel
        left[count], right[count] = left[worst], middle
        left[count + 1], right[count + 1] = middle, right[worst]
        right[worst] = left[worst]
        value[worst], error[worst] = 0.0, 0.0
        done = count
        count += 2
    total, total_error = zeros(columns), zeros(columns)
    for i in range(count):
        for c in range(columns):
            total[c] += value[i, c]
            total_error[c] += abs(error[i, c])
    return total, total_error


@njit(cache=True)
def force_at_q(q, angles, bands, points, px, resolution, interaction, rtol, out, error):
    """Angular and frequency integral of the drag force at |q|, hbar = k_B T = 1.

    out[0] = q^2 int dphi cos phi int dw 4 |U12|^2 exp(-w) S_v1 S2; out[1] with S1 S_v2;
    out[2...] with G1 S2 for each displacement px of layer 1. The drag force per area is
    int dq out/(8 pi^3).
    error[0]: trapezoid of ``angles`` steps on [0, pi] against half of them, absolute, column 0;
    error[1]: frequency quadrature, absolute, column 0; error[2]: curve integrals, relative.
    """
    band1, band2 = bands
    coulomb, separation, width1, width2, dynamic, static1, static2 = interaction
    bare = coulomb_matrix(q, coulomb, separation, width1, width2)
    static_u2 = screened_squared(bare, complex(static1, 0.0), complex(static2, 0.0))
    none = np.empty(0)
    round2 = steepness(band2) == 0.0
    table2 = response_table(q, 1.0, 0.0, band2, points[1], none, resolution, dynamic)
    out[:] = 0.0
    error[:] = 0.0
    coarse = 0.0
    for i in range(angles + 1):
        c, s = math.cos(math.pi * i / angles), math.sin(math.pi * i / angles)
        if 2 * i == angles:
            continue  # cos phi = 0: no momentum along x
        if not round2 and i > 0:
            table2 = response_table(q, c, s, band2, points[1], none, resolution, dynamic)
        table1 = response_table(q, c, s, band1, points[0], px, resolution, dynamic)
        # an isotropic layer is tabulated along x; its V_x carries the cosine
        cosine2 = c if round2 else 1.0
        part, uncertainty = _frequency_integral(
            table1, table2, cosine2, bare, dynamic, static_u2, rtol, out.size
        )
        end = 0.5 if i in (0, angles) else 1.0
        weight = 2.0 * math.pi / angles * end * q * q * c
        out += weight * part
        if i % 2 == 0:
            coarse += 2.0 * weight * part[0]
        error[1] += abs(weight) * uncertainty[0]
        error[2] = max(error[2], table1[2], table2[2])
    error[0] = abs(out[0] - coarse)
