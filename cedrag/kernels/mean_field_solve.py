"""Stationary states of the mean-field functional at one pair momentum, with error estimates."""

import math

import numpy as np

from . import mean_field_band as band_level
from . import spin_response as spin_level
from .cached import njit
from .mean_field_band import CURRENT, N_STATE, OMEGA, RIGIDITY
from .mean_field_mesh import CLASSES, lay_mesh

BAND, SPINS = 0, 1  # one number Delta between lower branches; Delta_ss' with a basis of unknowns
CONVERGED, NORMAL, FAILED = 1, 0, -1  # NORMAL: the descent ended at Delta = 0
MOST_RAYS = 4096
_SAFETY = 3.0  # on errors that a mesh tells of itself
_fill_gap_band, _fill_state_band = band_level.fill_gap, band_level.fill_state
_fill_gap_spins, _fill_state_spins = spin_level.fill_gap, spin_level.fill_state


@njit(cache=True)
def branches_paired(level):
    """How many spin branches have nodes of their own."""
    return 1 if level == BAND else 2


@njit(cache=True)
def fill_gap(level, kx, ky, weight, qx, qy, model, z, basis, out):
    """Sums of the derivatives by Delta at one level of spin."""
    if level == BAND:
        _fill_gap_band(kx, ky, weight, qx, qy, model, z, out)
    else:
        _fill_gap_spins(kx, ky, weight, qx, qy, model, z, basis, out)


@njit(cache=True)
def fill_state(level, kx, ky, weight, qx, qy, model, z, basis, out):
    """Sums of all components at one level of spin."""
    if level == BAND:
        _fill_state_band(kx, ky, weight, qx, qy, model, z, out)
    else:
        _fill_state_spins(kx, ky, weight, qx, qy, model, z, basis, out)


@njit(cache=True)
def fix_phase(hessian, z, basis):
    """Make the Hessian stiff against the common phase of Delta, on which nothing depends.

    Where Delta is real by its basis that is no unknown, and nothing changes.
    """
    n = len(z)
    along, total, stiff = np.zeros(n), 0.0, 0.0
    for a in range(n):
        for b in range(n):
            for part in range(4):
                re, im = 2 * part, 2 * part + 1
                along[a] += z[b] * (basis[a, im] * basis[b, re] - basis[a, re] * basis[b, im])
        total += along[a] * along[a]
        stiff = max(stiff, abs(hessian[a, a]))
    if total > 0.0:
        for a in range(n):
            for b in range(n):
                hessian[a, b] += stiff / total * along[a] * along[b]


@njit(cache=True)
def unpacked(upper, n):
    """The symmetric matrix whose upper triangle stands row by row in ``upper``."""
    out = np.empty((n, n))
    c = 0
    for a in range(n):
        for b in range(a, n):
            out[a, b] = out[b, a] = upper[c]
            c += 1
    return out


@njit(cache=True)
def gap_derivatives(level, nodes, q, model, offset, z, basis):
    """Gradient (n) and Hessian (n, n) of Omega by Delta, with ``offset`` |Delta|^2 included."""
    n = len(z)
    out = np.empty((2, n + n * (n + 1) // 2))
    fill_gap(level, nodes[0], nodes[1], nodes[2:], q[0], q[1], model, z, basis, out)
    gradient = out[0, :n] + 2.0 * offset * z
    hessian = unpacked(out[0, n:], n)
    for a in range(n):
        hessian[a, a] += 2.0 * offset
    return gradient, hessian


@njit(cache=True)
def solved(matrix, rhs):
    """Solution of a small symmetric system, and whether the matrix is positive definite."""
    n = len(rhs)
    lower, x = np.zeros((n, n)), rhs.copy()
    for i in range(n):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            if i == j:
                if not total > 0.0:
                    return x, False
                lower[i, i] = math.sqrt(total)
            else:
                lower[i, j] = total / lower[j, j]
    for i in range(n):
        for k in range(i):
            x[i] -= lower[i, k] * x[k]
        x[i] /= lower[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            x[i] -= lower[k, i] * x[k]
        x[i] /= lower[i, i]
    return x, True


@njit(cache=True)
def stiffest(matrix):
    """Largest absolute value on the diagonal, not zero."""
    most = 1e-300
    for a in range(len(matrix)):
        most = max(most, abs(matrix[a, a]))
    return most


@njit(cache=True)
def norm(z):
    """Euclidean norm of a short vector."""
    total = 0.0
    for x in z:
        total += x * x
    return math.sqrt(total)


@njit(cache=True)
def descend(level, nodes, q, model, offset, z, basis, tolerance):
    """Newton with exact second derivatives to the minimum of Omega next to ``z``.

    Returns z, the last step's relative length and a status.  Where the Hessian is not positive it
    is made so by a multiple of one, and the step is as long as steps may be.
    """
    size, n = norm(z), len(z)
    for _ in range(60):
        gradient, hessian = gap_derivatives(level, nodes, q, model, offset, z, basis)
        fix_phase(hessian, z, basis)
        step, convex = solved(hessian, gradient)
        length = norm(step)
        downhill, shift = convex, 0.0
        while not downhill:  # the least multiple of one, but for a factor, that makes it positive
            shift = max(4.0 * shift, 1e-3 * stiffest(hessian))
            for a in range(n):
                hessian[a, a] += shift
            step, downhill = solved(hessian, gradient)
        longest = 0.4 * norm(z)
        if norm(step) > longest or not convex:
            if norm(step) == 0.0:
                return z, 0.0, FAILED
            step = step * (longest / norm(step))
        z = z - step
        if convex and length < tolerance * norm(z):
            return z, length / norm(z), CONVERGED
        if norm(z) < 1e-4 * size or norm(z) < 1e-7:
            return z, 1.0, NORMAL
    return z, 1.0, FAILED


@njit(cache=True)
def _angular_error(fine, coarse, coarser):
    last, before = abs(fine - coarse), abs(coarse - coarser)
    return last * last / before if before > last else last


@njit(cache=True, nogil=True)
def state_on(level, nodes, ends, half, q, model, offset, z, basis):
    """All components at z, (components,), with the offset; errors over rays, and along them.

    With ``half`` the components odd in q_y vanish by symmetry.
    """
    n = len(z)
    count = N_STATE + n + n * (n + 1) // 2 + 2 * n
    sums = np.empty((CLASSES, 2, count))
    first = 0
    for part in range(CLASSES):
        last = ends[part]
        fill_state(
            level, nodes[0, first:last], nodes[1, first:last], nodes[2:, first:last], q[0], q[1],
            model, z, basis, sums[part],
        )  # fmt: skip
        first = last
    if half:
        sums[:, :, CURRENT + 1] = 0.0
        sums[:, :, RIGIDITY + 1] = 0.0
        sums[:, :, count - n :] = 0.0
    value, around, along = np.empty((3, count))
    for c in range(count):
        a, b, d = sums[0, 0, c], sums[1, 0, c], sums[2, 0, c]
        value[c] = a + b + d
        around[c] = _angular_error(a + b + d, 2.0 * (a + b), 4.0 * a)
        along[c] = abs(value[c] - (sums[0, 1, c] + sums[1, 1, c] + sums[2, 1, c]))
    value[OMEGA] += offset * norm(z) ** 2
    c = N_STATE + n
    for a in range(n):
        value[N_STATE + a] += 2.0 * offset * z[a]
        value[c] += 2.0 * offset
        c += n - a
    return value, around, along


@njit(cache=True)
def scales(value, n, z, model, rtol):
    """Natural scale of each component: none is judged against a value that may vanish.

    Nor is more asked than rounding leaves: Omega is a difference of numbers n E_F, and close to
    Delta = 0 the curvature one of numbers N_0 = m_r/pi.
    """
    E_ref, m_r = model[4], model[5]
    out = np.empty(len(value))
    hessian = unpacked(value[N_STATE + n : N_STATE + n + n * (n + 1) // 2], n)
    curvature = 1e-6 * m_r
    for a in range(n):
        curvature = max(curvature, abs(hessian[a, a]))
    size = max(norm(z), 1e-300)
    energy = 0.25 * curvature * size * size
    rigidity = max(abs(value[RIGIDITY]), abs(value[RIGIDITY + 2]), 1e-300)
    current = math.sqrt(energy * rigidity)
    out[:] = math.inf
    rounding = 4e-15 * (abs(value[1]) + abs(value[2])) * E_ref
    out[OMEGA] = max(energy, rounding / rtol)
    out[1:3] = np.abs(value[1:3]) + 1e-300
    out[CURRENT : CURRENT + 2] = current
    out[RIGIDITY : RIGIDITY + 3] = rigidity
    first = N_STATE
    out[first : first + n] = curvature * size
    first += n
    out[first : first + n * (n + 1) // 2] = curvature
    out[first + n * (n + 1) // 2 :] = math.sqrt(curvature * rigidity)
    return out


@njit(cache=True)
def _sharpened(difference, scale):
    """QUADPACK's estimate for the finer of two rules."""
    relative = difference / scale
    return difference * min(1.0, math.sqrt(200.0 * relative))


@njit(cache=True, nogil=True)
def solve(level, q, half, model, offset, z, basis, geometry, kappa, n_rays, rtol, rule):
    """The minimum of Omega at ``q`` next to ``z``, on a mesh fine enough for ``rtol``.

    Returns status, z, components, their errors, n_rays and kappa used.  The derivatives by q and
    Omega are corrected to first order for what is left of the gradient by Delta.
    """
    origin, radius = geometry
    n = len(z)
    count = N_STATE + n + n * (n + 1) // 2 + 2 * n
    nothing = np.zeros(count)
    branches = branches_paired(level)
    while True:
        for _ in range(3):
            laid_for = norm(z)
            nodes, ends = lay_mesh(
                n_rays, half, origin, radius, q, branches, model, laid_for**2, kappa, rule
            )
            z, _, status = descend(level, nodes, q, model, offset, z, basis, 1e-4)
            if status != CONVERGED:
                break
            if 0.6 * laid_for < norm(z) < 1.6 * laid_for:
                break
        if status == FAILED:
            return status, z, nothing, nothing, n_rays, kappa
        if status == NORMAL:
            return status, np.zeros(n), nothing, nothing, n_rays, kappa
        value, around, along = state_on(level, nodes, ends, half, q, model, offset, z, basis)
        scale = scales(value, n, z, model, rtol)
        worst_around = worst_along = 0.0
        error = np.empty(count)
        for c in range(count):
            along[c] = _sharpened(along[c], scale[c])
            error[c] = around[c] + along[c]
            loose = 30.0 if c >= RIGIDITY and (c < N_STATE or c >= N_STATE + n) else 1.0
            worst_around = max(worst_around, around[c] / (loose * scale[c]))
            worst_along = max(worst_along, along[c] / (loose * scale[c]))
        if worst_along > 0.5 * rtol and kappa < 12.0:
            kappa *= 1.3
        elif worst_around > 0.5 * rtol and n_rays < MOST_RAYS:
            n_rays *= 2
        else:
            break
    # what is left of the gradient, to first order
    gradient = value[N_STATE : N_STATE + n]
    hessian = unpacked(value[N_STATE + n : N_STATE + n + n * (n + 1) // 2], n)
    fix_phase(hessian, z, basis)
    step, _ = solved(hessian, gradient)
    mixed = N_STATE + n + n * (n + 1) // 2
    for a in range(n):
        value[OMEGA] -= 0.5 * gradient[a] * step[a]
        value[CURRENT] -= value[mixed + a] * step[a]
        value[CURRENT + 1] -= value[mixed + n + a] * step[a]
    for i in range(2):  # an error of Delta moves J as Delta moves with q
        drift, _ = solved(hessian, value[mixed + i * n : mixed + (i + 1) * n])
        for a in range(n):
            error[CURRENT + i] += abs(drift[a]) * error[N_STATE + a]
    error *= _SAFETY
    z = z - step
    status = CONVERGED if max(worst_around, worst_along) <= 0.5 * rtol else FAILED
    return status, z, value, error, n_rays, kappa


@njit(cache=True)
def stiffness(value, z, basis):
    """Total second derivative (xx, xy, yy) of min Omega by q: Delta relaxes (Schur complement).

    Also d z/dq, (2, n), and whether Omega is convex in Delta.
    """
    n = len(z)
    hessian = unpacked(value[N_STATE + n : N_STATE + n + n * (n + 1) // 2], n)
    fix_phase(hessian, z, basis)
    mixed = N_STATE + n + n * (n + 1) // 2
    by_x, by_y = value[mixed : mixed + n], value[mixed + n : mixed + 2 * n]
    along, convex = solved(hessian, by_x)
    across, _ = solved(hessian, by_y)
    out = value[RIGIDITY : RIGIDITY + 3].copy()
    for a in range(n):
        out[0] -= by_x[a] * along[a]
        out[1] -= by_x[a] * across[a]
        out[2] -= by_y[a] * across[a]
    drift = np.empty((2, n))
    drift[0], drift[1] = -along, -across
    return out, drift, convex


@njit(cache=True, nogil=True)
def quadratic_form(level, q, half, model, offset, basis, geometry, kappa, n_rays, rule):
    """Half the Hessian of Omega at Delta = 0, (n, n), with N and with N/2 rays."""
    origin, radius = geometry
    n = len(basis)
    nodes, ends = lay_mesh(
        n_rays, half, origin, radius, q, branches_paired(level), model, 0.0, kappa, rule
    )
    out = np.empty((2, 2, n + n * (n + 1) // 2))
    z = np.full(n, 1e-9)
    both = np.zeros((2, n, n))
    for part, (first, last) in enumerate(((0, ends[1]), (ends[1], ends[2]))):
        fill_gap(
            level, nodes[0, first:last], nodes[1, first:last], nodes[2:, first:last], q[0], q[1],
            model, z, basis, out[part],
        )  # fmt: skip
    both[0] = 0.5 * unpacked(out[0, 0, n:] + out[1, 0, n:], n)
    both[1] = unpacked(out[0, 0, n:], n)
    for a in range(n):
        both[0, a, a] += offset
        both[1, a, a] += offset
    return both[0], both[1]


@njit(cache=True, nogil=True)
def scan_gaps(level, q, half, model, offset, direction, basis, gaps, geometry, kappa, n_rays, rule):
    """alpha; dOmega/d|Delta| and Omega at ``gaps``, which rise, along ``direction``.

    Omega by Hermite's rule from its slopes.  One mesh for all, laid for the smallest gap, so that
    the two belong to one function.
    """
    origin, radius = geometry
    nodes, _ = lay_mesh(
        n_rays,
        half,
        origin,
        radius,
        q,
        branches_paired(level),
        model,
        gaps[0] ** 2,
        kappa,
        rule,
    )
    slope, energy = np.empty(len(gaps)), np.empty(len(gaps))
    before, curved_before, last = 0.0, 0.0, 0.0
    gradient, hessian = gap_derivatives(level, nodes, q, model, offset, 1e-9 * direction, basis)
    for a in range(len(direction)):
        for b in range(len(direction)):
            curved_before += direction[a] * hessian[a, b] * direction[b]
    alpha = 0.5 * curved_before
    total = 0.0
    for i in range(len(gaps)):
        gradient, hessian = gap_derivatives(
            level, nodes, q, model, offset, gaps[i] * direction, basis
        )
        now = curved = 0.0
        for a in range(len(direction)):
            now += gradient[a] * direction[a]
            for b in range(len(direction)):
                curved += direction[a] * hessian[a, b] * direction[b]
        h = gaps[i] - last
        total += 0.5 * h * (before + now) + h * h / 12.0 * (curved_before - curved)
        slope[i], energy[i] = now, total
        before, curved_before, last = now, curved, gaps[i]
    return alpha, slope, energy
