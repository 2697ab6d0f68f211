"""Is a set of nodes fine enough to see every thermal feature of the pair kernels?

The kernels vary on the scale T where xi_e(k+q/2) or xi_h(-k+q/2) crosses zero, and a quadrature
rule that steps over such a place converges to the wrong number.  One rule guards against it:
a field that may pass zero between neighbouring nodes must change by less than STEP * T there.
"""

import math

import numpy as np

from .bands import cone, cone_gap, energy, steepness
from .cached import njit

STEP = 4.0  # the nearest poles of the kernels lie at +- i pi T
MAX_ROOTS = 4  # the squared band is a quartic in the radius


@njit(cache=True)
def pair_energies(kx, ky, qx, qy, e_band, h_band):
    """e = xi_e(k + q/2) and h = xi_h(-k + q/2)."""
    e = energy(kx + 0.5 * qx, ky + 0.5 * qy, e_band)
    h = energy(0.5 * qx - kx, 0.5 * qy - ky, h_band)
    return e, h


@njit(cache=True)
def steps_over_zero(field, T):
    """Whether the sampled ``field`` could pass zero, by more than STEP * T, between two samples.

    It does where the sign changes, and it could where straight lines through the samples on
    both sides of an interval point across zero.
    """
    n = len(field)
    for i in range(n - 1):
        here, there = field[i], field[i + 1]
        change = abs(there - here)
        dips = True
        if i > 0:
            change = max(change, abs(here - field[i - 1]))
            dips = here * (2.0 * here - field[i - 1]) < 0.0
        if dips and i < n - 2:
            change = max(change, abs(field[i + 2] - there))
            dips = there * (2.0 * there - field[i + 2]) < 0.0
        if change > STEP * T and (here * there < 0.0 or (dips and n > 2)):
            return True
    return False


@njit(cache=True)
def _steps_over_cone(kx, ky, shift, sign, band, floor):
    """Whether nodes are farther apart than the conical point of the spin splitting is blunt.

    The splitting s(k) has branch points at a distance s/|lambda|; ``floor`` bounds the effort
    at an exact cone, whose kink contributes as the third power of the panel.
    """
    cone_x, cone_y, within_reach = cone(band)
    if not within_reach:
        return False
    lam, J = steepness(band), cone_gap(band)
    # (x, y): from the conical point to the node; (dx, dy): to the next node
    for i in range(len(kx) - 1):
        x = sign * kx[i] + shift[0] - cone_x
        y = sign * ky[i] + shift[1] - cone_y
        dx, dy = sign * (kx[i + 1] - kx[i]), sign * (ky[i + 1] - ky[i])
        length2 = dx * dx + dy * dy
        foot = -(x * dx + y * dy) / length2
        if -0.1 < foot < 1.1:
            aside2 = x * x + y * y - foot * foot * length2
            if lam * lam * length2 > 2.0 * max(lam * lam * aside2 + J * J, floor * floor):
                return True
    return False


@njit(cache=True)
def _nothing_to_step_over(kx, ky, T, band):
    """Whether neighbouring nodes are so close that no feature of the band fits between them."""
    lam, J = steepness(band), cone_gap(band)
    gap2 = far2 = 0.0
    for i in range(len(kx) - 1):
        gap2 = max(gap2, (kx[i + 1] - kx[i]) ** 2 + (ky[i + 1] - ky[i]) ** 2)
        far2 = max(far2, kx[i + 1] ** 2 + ky[i + 1] ** 2)
    # |v| <= |k|/m + |lambda|, with room for the shift by q/2
    fastest = 1.5 * math.sqrt(far2) / band.mass + lam
    return fastest * fastest * gap2 < STEP * STEP * T * T and lam * lam * gap2 <= 2.0 * J * J


@njit(cache=True)
def steps_over_feature(kx, ky, q, T, e_band, h_band, floor):
    """Whether the nodes along one radial panel step over a sharp feature at any momentum ``q``."""
    if _nothing_to_step_over(kx, ky, T, e_band) and _nothing_to_step_over(kx, ky, T, h_band):
        return False
    n = len(kx)
    e, h = np.empty(n), np.empty(n)
    for j in range(len(q)):
        for i in range(n):
            e[i], h[i] = pair_energies(kx[i], ky[i], q[j, 0], q[j, 1], e_band, h_band)
        if (
            steps_over_zero(e, T)
            or steps_over_zero(h, T)
            or _steps_over_cone(kx, ky, 0.5 * q[j], 1.0, e_band, floor)
            or _steps_over_cone(kx, ky, 0.5 * q[j], -1.0, h_band, floor)
        ):
            return True
    return False


@njit(cache=True)
def scan_ray(field, other, roots, lobes):
    """Values of ``other`` at the zeros of ``field`` along a ray, and peak |field| between zeros."""
    count, peak = 0, 0.0
    for i in range(len(field) - 1):
        if count < MAX_ROOTS and (field[i] < 0.0) != (field[i + 1] < 0.0):
            share = field[i] / (field[i] - field[i + 1])
            roots[count] = other[i] + share * (other[i + 1] - other[i])
            lobes[count] = peak
            count += 1
            peak = 0.0
        peak = max(peak, abs(field[i + 1]))
    return count


@njit(cache=True)
def unresolved_angles(counts, crossings, lobes, T):
    """Whether neighbouring rays (in the order given) step over a crossing or a tangency."""
    n_rays, n_fields = counts.shape
    run = np.empty(n_rays)
    for f in range(n_fields):
        for r in range(n_rays - 1):
            if counts[r, f] != counts[r + 1, f]:
                more = r if counts[r, f] > counts[r + 1, f] else r + 1
                smallest = np.inf
                for c in range(1, counts[more, f]):
                    smallest = min(smallest, lobes[more, f, c])
                if counts[more, f] > 1 and smallest > STEP * T:
                    return True
        for c in range(MAX_ROOTS):
            length = 0
            for r in range(n_rays):
                if counts[r, f] > c:
                    run[length] = crossings[r, f, c]
                    length += 1
                if length and (counts[r, f] <= c or r == n_rays - 1):
                    if steps_over_zero(run[:length], T):
                        return True
                    length = 0
    return False


@njit(cache=True)
def rays_step_over_cone(angles, origin, q, sign, band, floor):
    """Whether the rays on both sides of a conical point are farther apart than it is blunt."""
    cone_x, cone_y, within_reach = cone(band)
    if not within_reach:
        return False
    x, y = sign * (cone_x - 0.5 * q[0]) - origin, sign * (cone_y - 0.5 * q[1])
    if y < 0.0:  # seen by the mirror image of q
        return False
    angle = math.atan2(y, x)
    if not angles[0] - 1e-9 <= angle <= angles[-1] + 1e-9:
        return False
    i = min(max(np.searchsorted(angles, angle), 1), len(angles) - 1)
    gap = steepness(band) * math.hypot(x, y) * (angles[i] - angles[i - 1])
    return gap > 2.0 * max(cone_gap(band), floor)
