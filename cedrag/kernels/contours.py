"""Extrema and zeros of the bands on the mirror axis.

On k_y = 0 the slope of a branch is k/m -+ lambda (lambda k + B)/s with the splitting
s = sqrt((lambda k + B)^2 + J^2), so every extremum lies within |k| <= m |lambda|.
"""

import math

import numpy as np

from .bands import band
from .cached import njit

_SAMPLES = 64


@njit(cache=True)
def _slope(k, m, lam, B, J, branch):
    a = lam * k + B
    s = math.sqrt(a * a + J * J)
    return k / m + (branch * lam * a / s if s > 0.0 else 0.0)


@njit(cache=True)
def _root_of_slope(lo, hi, m, lam, B, J, branch):
    """The zero of a slope that rises from below zero at ``lo`` to above it at ``hi``."""
    for _ in range(200):
        middle = 0.5 * (lo + hi)
        if not lo < middle < hi:
            break
        if _slope(middle, m, lam, B, J, branch) < 0.0:
            lo = middle
        else:
            hi = middle
    return 0.5 * (lo + hi)


@njit(cache=True)
def upper_minimum(m, mu, lam, B, J):
    """Least energy of the upper branch k^2/2m - mu + s; it is convex on the axis."""
    reach = m * abs(lam)
    k = _root_of_slope(-reach, reach, m, lam, B, J, 1.0) if reach > 0.0 else 0.0
    return k * k / (2.0 * m) - mu + math.sqrt((lam * k + B) ** 2 + J * J)


@njit(cache=True)
def lower_minimum(m, mu, lam, B, J):
    """(k, xi) at the bottom of the lower branch.

    Its slope k/m - lambda a/s rises except between the two momenta where s^3 = m lambda^2 J^2,
    so there is at most one minimum on each side of them.
    """
    reach = m * abs(lam)
    if reach == 0.0:
        return 0.0, band(0.0, 0.0, m, mu, lam, B, J)
    cone = -B / lam
    inflection = (m * lam * lam * J * J) ** (1.0 / 3.0)
    away = math.sqrt(max(inflection * inflection - J * J, 0.0)) / abs(lam)
    best, lowest = 0.0, math.inf
    for lo, hi in ((-reach, min(cone - away, reach)), (max(cone + away, -reach), reach)):
        if lo < hi:
            k = _root_of_slope(lo, hi, m, lam, B, J, -1.0)
            xi = band(k, 0.0, m, mu, lam, B, J)
            if xi < lowest:
                best, lowest = k, xi
    return best, lowest


@njit(cache=True)
def axis_crossings(bottom, m, mu, lam, B, J):
    """Outermost zeros (left, right) of the lower branch on the axis; xi(bottom) < 0."""
    reach = m * abs(lam)
    farthest = reach + math.sqrt(reach * reach + 2.0 * m * max(mu + math.hypot(B, J), 0.0)) + 1e-9
    ends = np.empty(2)
    for side in range(2):
        sign = 2.0 * side - 1.0
        outside, inside = sign * farthest, bottom
        for i in range(1, _SAMPLES):
            k = sign * farthest + (bottom - sign * farthest) * i / _SAMPLES
            if band(k, 0.0, m, mu, lam, B, J) < 0.0:
                inside = k
                break
            outside = k
        for _ in range(200):
            middle = 0.5 * (inside + outside)
            if middle in (inside, outside):
                break
            if band(middle, 0.0, m, mu, lam, B, J) < 0.0:
                inside = middle
            else:
                outside = middle
        ends[side] = 0.5 * (inside + outside)
    return ends[0], ends[1]
