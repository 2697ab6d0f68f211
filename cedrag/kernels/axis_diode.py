"""The whole calculation of a diode on the mirror axis in one compiled call, for the common case.

Common: T_c/2 <= T < T_c, one Fermi contour per layer around a common origin, pairing strongest
and one minimum of F, both on q_y = 0, and a turning point of J on either side.  Anything else is
told by a status and left to the general search.  Meshes here are not adapted but laid by rule; the
numbers that count are computed on two of them, and their difference is the error.
"""

import math

import numpy as np

from .axis_states import (
    ALPHA,
    ASIDE,
    BETA,
    CURRENT,
    ODD_STENCIL,
    RIGIDITY,
    SLOPE,
    branch_end,
    functions,
    largest_current,
    rising_roots,
    sample,
)
from .cached import njit
from .mesh_builder import equally_spaced, trapezoid_weights
from .mesh_sums import assemble, axis_values, mesh_alpha, mesh_values
from .radial import LINEAR, MOST_INITIAL, grown, initial_panels
from .seeds import hidden

DONE, UNCOMMON, CONTOURS, OFF_AXIS, SERIES, SEVERAL, NO_TURN = range(7)
_SCAN_STEP, _SCAN_RAYS = 2.6, 12  # per cents


@njit(cache=True)
def ruled_mesh(origin, q, model, radius, tail_edges, n_rays, step, rule):
    """Nodes and weights (blocks, 240) of equally spaced rays with panels of one size.

    ``q`` are the extreme momenta.  The last result tells whether each ray crosses each contour
    once.
    """
    T, e_band, h_band, _, _ = model
    theta = equally_spaced(n_rays, False)
    ray_weight = trapezoid_weights(theta, n_rays)
    panels = np.empty((4 * MOST_INITIAL, 5))
    n, good = 0, True
    for i in range(len(theta)):
        if n + MOST_INITIAL > len(panels):
            panels = grown(panels)
        n = initial_panels(
            float(i), theta[i], origin, q, T, e_band, h_band, radius, tail_edges, step, panels, n
        )
    for i in range(n):
        good = good and panels[i, 4] != LINEAR
    kx, ky, weight, ray = assemble(panels[:n], theta, origin, rule)
    for b in range(len(kx)):
        for lane in range(kx.shape[2]):
            weight[b, :, lane] *= ray_weight[ray[b, lane]]
    flat = len(kx), kx.shape[1] * kx.shape[2]
    return kx.reshape(flat), ky.reshape(flat), weight.reshape(flat), good


@njit(cache=True)
def _transform(x, values):
    """Chebyshev coefficients from values at the n nodes x = cos(pi (i + 1/2)/n)."""
    n = len(x)
    out = np.zeros(n)
    for i in range(n):
        before, now = 1.0, x[i]
        out[0] += values[i]
        for k in range(1, n):
            out[k] += values[i] * now
            before, now = now, 2.0 * x[i] * now - before
    out *= 2.0 / n
    out[0] *= 0.5
    return out


@njit(cache=True)
def _derivative(c, scale):
    n = len(c)
    out = np.zeros(n)
    for k in range(n - 2, -1, -1):
        after = out[k + 2] if k + 2 < n else 0.0
        out[k] = after + 2.0 * (k + 1) * c[k + 1]
    out[0] *= 0.5
    return out * scale


@njit(cache=True)
def _largest(a):
    # numpy's own maximum would load scipy.linalg through numba, 18 MB of it
    most = 0.0
    for x in a:
        most = max(most, abs(x))
    return most


@njit(cache=True)
def _series(nodes, lo, hi, n, offset, model):
    """Series (6, n) of alpha, beta and derivatives on [lo, hi], and its relative tail."""
    T, e_band, h_band, E_ref, m_r = model
    x = np.cos(math.pi * (np.arange(n) + 0.5) / n)
    q = np.zeros((n, 2))
    q[:, 0] = 0.5 * (lo + hi) + 0.5 * (hi - lo) * x
    values = mesh_values(nodes[0], nodes[1], nodes[2], q, T, e_band, h_band, E_ref, m_r)
    series = np.empty((6, n))
    tail = 0.0
    for row in range(4):
        column = 4 if row == 3 else row
        series[row] = _transform(x, values[:, column])
        tail = max(tail, _largest(series[row, n - 3 :]) / _largest(series[row]))
    series[0, 0] += offset
    for row in range(2):
        series[4 + row] = _derivative(series[2 + row], 2.0 / (hi - lo))
    return series, tail


@njit(cache=True)
def _length(half, strip, accuracy):
    """Nodes of a Chebyshev series on a half width for poles at +-i strip of high order."""
    s = strip / half
    return max(12, math.ceil((math.log(1.0 / accuracy) + 9.0) / math.asinh(s)))


@njit(cache=True)
def _rays(distance, strip, accuracy):
    """Even number of rays for contours whose centres lie ``distance`` from the origin."""
    n = (math.log(1.0 / accuracy) + 3.0) / math.asinh(strip / max(distance, 1e-3 * strip))
    return 2 * max(5, math.ceil(0.5 * n))


@njit(cache=True)
def _on_axis_only(points, values, apart):
    """Index of the lowest seed if no seed off the axis is below all its neighbours, else -1."""
    beaten, lowest = hidden(points, values, apart)
    for i in range(len(points)):
        if points[i, 1] != 0.0 and not beaten[i]:
            return -1
    return lowest


@njit(cache=True)
def _aside(nodes, qx, h, model):
    """The integrals at momenta (qx, h) off the axis."""
    T, e_band, h_band, E_ref, m_r = model
    q = np.empty((len(qx), 2))
    q[:, 0], q[:, 1] = qx, h
    return mesh_values(nodes[0], nodes[1], nodes[2], q, T, e_band, h_band, E_ref, m_r)


@njit(cache=True, nogil=True)
def axis_diode(points, spacing, apart, speed, centres, geometry, t, e_band, h_band, E_ref, m_r,
               rtol, steps, rule):  # fmt: skip
    """Everything about the states on the axis, or the reason why not.

    ``points`` (n, 2), ``spacing`` and ``apart`` are the seeds; ``speed`` the faster Fermi velocity;
    ``centres`` (2,) those of both contours; ``geometry`` is (origin, size, thermal, edges of the
    tail's panels in units of 1/radius); ``steps`` are the panel lengths of the two meshes.

    Results: status; states (4,); window (2,); extremes (2,); (D_xx, D_yy, J_y beside q_+ and q_-);
    smallest beta between the critical states; integrals (3, 4 states, 6): values on both meshes
    and L1 norms, those of q* at T_c.
    """
    nothing = np.full(4, np.nan)
    integrals = np.full((3, 4, 6), np.nan)
    failed = nothing, nothing[:2], nothing[:2], nothing, math.nan, integrals
    origin, size, thermal, tail = geometry
    hot = (1.0, e_band, h_band, E_ref, m_r)
    cold = (t, e_band, h_band, E_ref, m_r)
    # where is pairing strong?  alpha alone, to a per cent, over the plane and along the axis
    x_lo, x_hi = math.inf, -math.inf
    for i in range(len(points)):
        if points[i, 1] == 0.0:
            x_lo, x_hi = min(x_lo, points[i, 0]), max(x_hi, points[i, 0])
    reach = 5.5 * math.sqrt(-math.log(t)) / speed + 0.5 * spacing
    grid_step = 0.4 * spacing
    m = int((x_hi - x_lo + 2.0 * reach) / grid_step) + 2
    grid = np.zeros((m, 2))
    grid[:, 0] = x_lo - reach + (x_hi - x_lo + 2.0 * reach) * np.arange(m) / (m - 1.0)
    grid_step = grid[1, 0] - grid[0, 0]
    corners = np.empty((3, 2))
    corners[0] = grid[0]
    corners[1] = grid[m - 1]
    corners[2, 0], corners[2, 1] = points[0, 0], _largest(points[:, 1])
    radius = size + 0.5 * max(abs(grid[0, 0]), abs(grid[m - 1, 0])) + 3.0 * thermal
    x, y, w, good = ruled_mesh(
        origin, corners, cold, radius, tail / radius, _SCAN_RAYS, _SCAN_STEP, rule
    )
    if not good:
        return CONTOURS, *failed
    at_critical = mesh_alpha(x, y, w, points, *hot)
    best = _on_axis_only(points, at_critical, apart)
    if best < 0:
        return OFF_AXIS, *failed
    if _on_axis_only(points, mesh_alpha(x, y, w, points, *cold), apart) < 0:
        return OFF_AXIS, *failed
    along = mesh_alpha(x, y, w, grid, *cold)
    lowest = at_critical[best]
    # alpha(t) < alpha_min(T_c), which is where the interaction puts its zero; two per cent aside
    level = lowest + 0.02 * m_r / math.pi
    first, last = -1, -1
    for i in range(m):
        if along[i] < level:
            first = i if first < 0 else first
            last = i
    if first <= 0 or last >= m - 1:
        return UNCOMMON, *failed
    lo = grid[first, 0] - grid_step * (level - along[first]) / (along[first - 1] - along[first])
    hi = grid[last, 0] + grid_step * (level - along[last]) / (along[last + 1] - along[last])
    # the mesh for all that follows
    ends = np.zeros((2, 2))
    ends[0, 0], ends[1, 0] = lo, hi
    distance = 0.0
    for q in (lo, hi):
        distance = max(
            distance,
            abs(centres[0] - 0.5 * q - origin),
            abs(0.5 * q - centres[1] - origin),
        )
    n_rays = _rays(distance, math.pi * t / speed, rtol)
    # one map of the radius serves all momenta, whose contours differ: sin^2 of the poles' distance
    # to the panels is then 1 - shift/width, and the steps were chosen for a distance of 0.9
    thermal_width, shift = math.pi * t / speed, 0.25 * (hi - lo)
    poles = math.asin(math.sqrt(1.0 - shift / math.hypot(shift, thermal_width)))
    coarse, fine = steps[0] * min(1.0, poles / 0.9), steps[1] * min(1.0, poles / 0.9)
    x, y, w, good = ruled_mesh(origin, ends, cold, radius, tail / radius, n_rays, coarse, rule)
    if not good:
        return CONTOURS, *failed
    nodes = x, y, w
    # the interaction: alpha(T_c, q*) = 0
    half = 0.6 * spacing
    middle = min(max(points[best, 0], lo + half), hi - half)
    series, search = _series(nodes, middle - half, middle + half, 12, 0.0, hot)
    q, table = sample(series, middle - half, middle + half, 25)
    roots = rising_roots(series, middle - half, middle + half, q, table, SLOPE)
    if len(roots) != 1 or search > 1e-5:
        return UNCOMMON, *failed
    optimum = np.zeros((1, 2))
    optimum[0, 0] = roots[0]
    value, norm = axis_values(x, y, w, optimum, *hot)
    integrals[0, 0], integrals[2, 0] = value[0], norm[0]
    offset = -integrals[0, 0, 0]
    beside = _aside(nodes, roots, np.full(1, ASIDE * spacing), hot)[0]
    if beside[3] <= 0.0:
        return OFF_AXIS, *failed
    # along the axis at t
    n = _length(0.5 * (hi - lo), 2.0 * math.pi * t / speed, 0.1 * rtol)
    series, tail_size = _series(nodes, lo, hi, n, offset, cold)
    if tail_size > 0.3 * rtol:
        n = math.ceil(n * min(2.0, math.log(0.1 * rtol) / math.log(min(tail_size, 0.1))))
        series, tail_size = _series(nodes, lo, hi, n, offset, cold)
        if tail_size > rtol:
            return SERIES, *failed
    q, table = sample(series, lo, hi, 4 * n + 1)
    rest = rising_roots(series, lo, hi, q, table, CURRENT)
    if len(rest) != 1 or table[ALPHA, 0] < 0.0 or table[ALPHA, 4 * n] < 0.0:
        return SEVERAL, *failed
    step = q[1] - q[0]
    plus, right, blocked = branch_end(series, lo, hi, rest[0], 1.0, step)
    minus, left, blocked_too = branch_end(series, lo, hi, rest[0], -1.0, step)
    if math.isnan(plus + minus + left + right) or blocked or blocked_too:
        return NO_TURN, *failed
    states = np.array([roots[0], rest[0], plus, minus])
    extremes = np.array(
        [
            largest_current(series, lo, hi, q, table, 1.0)[1],
            largest_current(series, lo, hi, q, table, -1.0)[1],
        ]
    )
    lowest_beta = functions(series, lo, hi, rest[0])[BETA]
    for i in range(33):
        at = minus + (plus - minus) * i / 32.0
        lowest_beta = min(lowest_beta, functions(series, lo, hi, at)[BETA])
    # across the axis
    h = 2.0 * ASIDE * spacing
    qx = np.array([rest[0], rest[0], rest[0], plus, minus])
    qy = np.array([h, 2.0 * h, 3.0 * h, 1e-3 * (right - left), 1e-3 * (right - left)])
    v = _aside(nodes, qx, qy, cold)
    alpha = v[:, 0] + offset
    across = -alpha * v[:, 3] / v[:, 1] + alpha**2 * v[:, 5] / (2.0 * v[:, 1] ** 2)
    curvature = np.array(
        [
            functions(series, lo, hi, rest[0])[RIGIDITY],
            (ODD_STENCIL[0] * across[0] + ODD_STENCIL[1] * across[1] + ODD_STENCIL[2] * across[2])
            / h,
            across[3],
            across[4],
        ]
    )
    if curvature[1] <= 0.0:
        return OFF_AXIS, *failed
    # what counts, on a second and finer mesh
    final = np.zeros((3, 2))
    final[:, 0] = states[1:]
    integrals[0, 1:], integrals[2, 1:] = axis_values(x, y, w, final, *cold)
    more = 2 * math.ceil(0.65 * n_rays)
    halves = np.empty(2 * len(tail) - 1)
    halves[::2] = tail
    halves[1::2] = 0.5 * (tail[1:] + tail[:-1])
    x, y, w, _ = ruled_mesh(origin, ends, cold, radius, halves / radius, more, fine, rule)
    integrals[1, 0] = mesh_values(x, y, w, optimum, *hot)[0]
    integrals[1, 1:] = mesh_values(x, y, w, final, *cold)
    window = np.array([left, right])
    return DONE, states, window, extremes, curvature, lowest_beta, integrals
