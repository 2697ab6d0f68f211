"""Extrema and zeros of the bands on their mirror axis k_y = 0, where the extrema lie.

The slope of a branch is k/m -+ (h . dh/dk)/s, so every extremum lies within |k| <= m |lambda|.
"""

import math

from .bands import (
    cone,
    cone_gap,
    energy,
    energy_and_velocity,
    largest_splitting,
    steepness,
    upper_energy,
)
from .cached import njit

_SAMPLES = 64


@njit(cache=True)
def _slope(k, band, upper):
    lower = energy_and_velocity(k, 0.0, band)[1]
    return 2.0 * k / band.mass - lower if upper else lower


@njit(cache=True)
def _root_of_slope(lo, hi, band, upper):
    """The zero of a slope that rises from below zero at ``lo`` to above it at ``hi``."""
    for _ in range(200):
        middle = 0.5 * (lo + hi)
        if not lo < middle < hi:
            break
        if _slope(middle, band, upper) < 0.0:
            lo = middle
        else:
            hi = middle
    return 0.5 * (lo + hi)


@njit(cache=True)
def upper_minimum(band):
    """Least energy of the upper branch k^2/2m - mu + s; it is convex on the axis."""
    reach = band.mass * steepness(band)
    k = _root_of_slope(-reach, reach, band, True) if reach > 0.0 else 0.0
    return upper_energy(k, 0.0, band)


@njit(cache=True)
def lower_minimum(band):
    """(k, xi) at the bottom of the lower branch.

    Its slope rises except between the two momenta where s^3 = m lambda^2 J^2, so there is at most
    one minimum on each side of them.
    """
    lam, gap = steepness(band), cone_gap(band)
    reach = band.mass * lam
    middle, _, within_reach = cone(band)
    if not within_reach:  # a shift by m lambda at most
        k = _root_of_slope(-reach, reach, band, False) if reach > 0.0 else 0.0
        return k, energy(k, 0.0, band)
    inflection = (band.mass * lam * lam * gap * gap) ** (1.0 / 3.0)
    away = math.sqrt(max(inflection * inflection - gap * gap, 0.0)) / lam
    best, lowest = 0.0, math.inf
    for lo, hi in ((-reach, min(middle - away, reach)), (max(middle + away, -reach), reach)):
        if lo < hi:
            k = _root_of_slope(lo, hi, band, False)
            xi = energy(k, 0.0, band)
            if xi < lowest:
                best, lowest = k, xi
    return best, lowest


@njit(cache=True)
def axis_crossings(bottom, band):
    """Outermost zeros (left, right) of the lower branch on the axis; xi(bottom) < 0."""
    m, reach = band.mass, band.mass * steepness(band)
    at_rest = max(band.mu + largest_splitting(0.0, band), 0.0)
    farthest = reach + math.sqrt(reach * reach + 2.0 * m * at_rest) + 1e-9
    left = right = 0.0
    for side in range(2):
        sign = 2.0 * side - 1.0
        outside, inside = sign * farthest, bottom
        for i in range(1, _SAMPLES):
            k = sign * farthest + (bottom - sign * farthest) * i / _SAMPLES
            if energy(k, 0.0, band) < 0.0:
                inside = k
                break
            outside = k
        for _ in range(200):
            middle = 0.5 * (inside + outside)
            if middle in (inside, outside):
                break
            if energy(middle, 0.0, band) < 0.0:
                inside = middle
            else:
                outside = middle
        left, right = right, 0.5 * (inside + outside)
    return left, right
