"""The whole calculation of a diode on the mirror axis in one compiled call, for the common case.

Common: T_c/2 <= T < T_c, one Fermi contour per layer around a common origin, pairing strongest
and one minimum of F, both on q_y = 0, and a turning point of J on either side.  Anything else is
told by a status and left to the general search.  Meshes here are not adapted but laid by rule; the
numbers that count are computed on two of them, and their difference is the error.
"""

import math

from .arrays import filled, matrix, vector, vector_of
from .axis_series import converged_series, largest, series_on
from .axis_states import (
    ASIDE,
    CURRENT,
    ODD_STENCIL,
    RIGIDITY,
    SLOPE,
    branch_end,
    current,
    functions,
    largest_current,
    rising_roots,
    sample,
)
from .cached import njit
from .columns import ALPHA, ALPHA_Y, BETA, BETA_Y, N_COMPONENTS
from .mesh_sums import axis_values, mesh_alpha, mesh_values
from .ruled_mesh import fineness, halved, ruled_mesh
from .seeds import hidden

DONE, UNCOMMON, CONTOURS, OFF_AXIS, SERIES, SEVERAL, NO_TURN = range(7)
_SCAN_STEP, _SCAN_RAYS = 2.6, 12  # per cents
_MARGIN = 0.02  # of the density of states: how far into alpha > 0 the series along the axis reach


@njit(cache=True)
def _on_axis_only(points, values, apart):
    """Index of the lowest seed if no seed off the axis is below all its neighbours, else -1."""
    beaten, lowest = hidden(points, values, apart)
    for i in range(len(points)):
        if points[i, 1] != 0.0 and not beaten[i]:
            return -1
    return lowest


@njit(cache=True)
def _scan_grid(points, spacing, speed, t):
    """Momenta (m, 2) on the axis beyond all where alpha may be negative."""
    lo, hi = math.inf, -math.inf
    for i in range(len(points)):
        if points[i, 1] == 0.0:
            lo, hi = min(lo, points[i, 0]), max(hi, points[i, 0])
    reach = 5.5 * math.sqrt(-math.log(t)) / speed + 0.5 * spacing
    lo, hi = lo - reach, hi + reach
    m = int((hi - lo) / (0.4 * spacing)) + 2
    grid = filled(m, 2, 0.0)
    for i in range(m):
        grid[i, 0] = lo + (hi - lo) * i / (m - 1.0)
    return grid


@njit(cache=True)
def _paired_window(points, apart, grid, frame, hot, cold, rule):
    """Where on the axis alpha(t) is negative, or nearly: (status, lo, hi, seed next to q*).

    alpha alone, to a per cent, over the plane and along the axis.
    """
    origin, radius, tail = frame
    corners = filled(3, 2, 0.0)
    corners[0, 0], corners[1, 0] = grid[0, 0], grid[-1, 0]
    corners[2, 0], corners[2, 1] = points[0, 0], largest(points[:, 1], 0)
    x, y, w, good = ruled_mesh(origin, corners, cold, radius, tail, _SCAN_RAYS, _SCAN_STEP, rule)
    if not good:
        return CONTOURS, 0.0, 0.0, 0.0
    at_critical = mesh_alpha(x, y, w, points, *hot)
    best = _on_axis_only(points, at_critical, apart)
    if best < 0 or _on_axis_only(points, mesh_alpha(x, y, w, points, *cold), apart) < 0:
        return OFF_AXIS, 0.0, 0.0, 0.0
    along = mesh_alpha(x, y, w, grid, *cold)
    # alpha(t) < alpha_min(T_c), which is where the interaction puts its zero
    level = at_critical[best] + _MARGIN * hot[4] / math.pi
    first, last = -1, -1
    for i in range(len(grid)):
        if along[i] < level:
            first = i if first < 0 else first
            last = i
    if first <= 0 or last >= len(grid) - 1:
        return UNCOMMON, 0.0, 0.0, 0.0
    step = grid[1, 0] - grid[0, 0]
    lo = grid[first, 0] - step * (level - along[first]) / (along[first - 1] - along[first])
    hi = grid[last, 0] + step * (level - along[last]) / (along[last + 1] - along[last])
    return DONE, lo, hi, points[best, 0]


@njit(cache=True)
def _pairing_momentum(nodes, lo, hi, near, spacing, hot):
    """q* where alpha(T_c) is least: (status, q*, the six integrals there, their norms)."""
    nothing = filled(1, N_COMPONENTS, math.nan)
    half = 0.6 * spacing
    middle = min(max(near, lo + half), hi - half)
    series, tail = series_on(nodes, middle - half, middle + half, 12, 0.0, hot)
    q, table = sample(series, middle - half, middle + half, 25)
    roots = rising_roots(series, middle - half, middle + half, q, table, SLOPE)
    if len(roots) != 1 or tail > 1e-5:
        return UNCOMMON, math.nan, nothing, nothing
    at = _axis_momenta(roots)
    at[0, 1] = ASIDE * spacing
    if mesh_values(*nodes, at, *hot)[0, ALPHA_Y] <= 0.0:
        return OFF_AXIS, math.nan, nothing, nothing
    at[0, 1] = 0.0
    value, norm = axis_values(*nodes, at, *hot)
    return DONE, roots[0], value, norm


@njit(cache=True)
def _branch(series, lo, hi):
    """The states between which the current rises, from the series.

    (status; q0, q_+ and q_-; the window where alpha < 0; extreme currents; smallest beta)
    """
    nothing = filled(1, 3, math.nan)[0]
    failed = nothing, nothing[:2], nothing[:2], math.nan
    q, table = sample(series, lo, hi, 4 * series.shape[1] + 1)
    rest = rising_roots(series, lo, hi, q, table, CURRENT)
    if len(rest) != 1 or table[ALPHA, 0] < 0.0 or table[ALPHA, -1] < 0.0:
        return SEVERAL, *failed
    step = q[1] - q[0]
    plus, right, blocked = branch_end(series, lo, hi, rest[0], 1.0, step)
    minus, left, blocked_too = branch_end(series, lo, hi, rest[0], -1.0, step)
    if math.isnan(plus + minus + left + right) or blocked or blocked_too:
        return NO_TURN, *failed
    _, highest = largest_current(series, lo, hi, q, table, 1.0)
    _, lowest = largest_current(series, lo, hi, q, table, -1.0)
    lowest_beta = functions(series, lo, hi, rest[0])[BETA]
    for i in range(33):
        at = minus + (plus - minus) * i / 32.0
        lowest_beta = min(lowest_beta, functions(series, lo, hi, at)[BETA])
    states = vector_of((rest[0], plus, minus))
    return DONE, states, vector_of((left, right)), vector_of((highest, lowest)), lowest_beta


@njit(cache=True)
def _axis_momenta(qx):
    """Momenta (n, 2) with q_y = 0."""
    q = filled(len(qx), 2, 0.0)
    for i in range(len(qx)):
        q[i, 0] = qx[i]
    return q


@njit(cache=True)
def _store(rows, table, first):
    """table[first:] = rows, without numpy's checks of shapes, which take seconds to compile."""
    for i in range(len(rows)):
        for c in range(N_COMPONENTS):
            table[first + i, c] = rows[i, c]


@njit(cache=True)
def _across(nodes, states, window, spacing, offset, cold):
    """D_yy at q0, and J_y just beside q_+ and q_-."""
    h, near = 2.0 * ASIDE * spacing, 1e-3 * (window[1] - window[0])
    q, J_y = matrix(5, 2), vector(5)
    for i in range(5):
        q[i, 0] = states[max(i - 2, 0)]
        q[i, 1] = (i + 1.0) * h if i < 3 else near
    v = mesh_values(*nodes, q, *cold)
    for i in range(5):
        J_y[i] = current(v[i, ALPHA] + offset, v[i, BETA], v[i, ALPHA_Y], v[i, BETA_Y])
    D_yy = 0.0
    for i in range(3):
        D_yy += ODD_STENCIL[i] * J_y[i] / h
    return D_yy, J_y[3], J_y[4]


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
    nothing = filled(1, 4, math.nan)[0]
    integrals = filled(12, N_COMPONENTS, math.nan).reshape((3, 4, N_COMPONENTS))
    failed = nothing, nothing[:2], nothing[:2], nothing, math.nan, integrals
    origin, size, thermal, tail = geometry
    hot = (1.0, e_band, h_band, E_ref, m_r)
    cold = (t, e_band, h_band, E_ref, m_r)
    grid = _scan_grid(points, spacing, speed, t)
    radius = size + 0.5 * max(abs(grid[0, 0]), abs(grid[-1, 0])) + 3.0 * thermal
    frame = origin, radius, tail / radius
    status, lo, hi, near = _paired_window(points, apart, grid, frame, hot, cold, rule)
    if status != DONE:
        return status, *failed
    ends = _axis_momenta(vector_of((lo, hi)))
    n_rays, shorter = fineness(lo, hi, centres, origin, math.pi * t / speed, rtol)
    x, y, w, good = ruled_mesh(
        origin, ends, cold, radius, tail / radius, n_rays, shorter * steps[0], rule
    )
    if not good:
        return CONTOURS, *failed
    nodes = x, y, w
    # the interaction: alpha(T_c, q*) = 0
    status, optimum, value, norm = _pairing_momentum(nodes, lo, hi, near, spacing, hot)
    if status != DONE:
        return status, *failed
    _store(value, integrals[0], 0)
    _store(norm, integrals[2], 0)
    offset = -value[0, ALPHA]
    series, series_tail = converged_series(
        nodes, lo, hi, 2.0 * math.pi * t / speed, offset, cold, rtol
    )
    if series_tail > rtol:
        return SERIES, *failed
    status, branch, window, extremes, lowest_beta = _branch(series, lo, hi)
    if status != DONE:
        return status, *failed
    D_xx = functions(series, lo, hi, branch[0])[RIGIDITY]
    D_yy, aside_plus, aside_minus = _across(nodes, branch, window, spacing, offset, cold)
    if D_yy <= 0.0:
        return OFF_AXIS, *failed
    # what counts, on a second and finer mesh
    final = _axis_momenta(branch)
    value, norm = axis_values(x, y, w, final, *cold)
    _store(value, integrals[0], 1)
    _store(norm, integrals[2], 1)
    more = 2 * math.ceil(0.65 * n_rays)
    x, y, w, _ = ruled_mesh(
        origin, ends, cold, radius, halved(tail) / radius, more, shorter * steps[1], rule
    )
    _store(mesh_values(x, y, w, _axis_momenta(vector_of((optimum,))), *hot), integrals[1], 0)
    _store(mesh_values(x, y, w, final, *cold), integrals[1], 1)
    states = vector_of((optimum, branch[0], branch[1], branch[2]))
    curvature = vector_of((D_xx, D_yy, aside_plus, aside_minus))
    return DONE, states, window, extremes, curvature, lowest_beta, integrals
