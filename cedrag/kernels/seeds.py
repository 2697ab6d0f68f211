"""Pair momenta from which a search for strong pairing starts, from the geometry of the contours."""

import math

import numpy as np

from .arrays import matrix, vector
from .bands import energy_and_velocity
from .cached import njit
from .radial import fermi_radius

_FEW, _MANY = 13, 25  # directions
_MOST_RADII = 8
_NEIGHBOURS = 1.7  # in units of the distance between seeds


@njit(cache=True)
def pair_ring(n, e_centre, h_centre, reach, e_band, h_band):
    """q(phi) = k_e(phi) + k_h(phi + pi) at n angles from 0 to pi, (m <= n, 2): those that exist."""
    ring = matrix(n, 2)
    m = 0
    for i in range(n):
        phi = math.pi * i / (n - 1)
        found_e, r_e, _ = fermi_radius(phi, e_centre, 0.0, 0.0, 1.0, e_band, reach)
        found_h, r_h, _ = fermi_radius(phi + math.pi, h_centre, 0.0, 0.0, 1.0, h_band, reach)
        if found_e and found_h:
            gap = r_e - r_h
            ring[m, 0] = e_centre + h_centre + gap * math.cos(phi)
            ring[m, 1] = abs(gap * math.sin(phi))
            m += 1
    return ring[:m]


@njit(cache=True)
def _fractions(reach, spacing):
    """Radii of the seeds in units of that of the pair ring."""
    n = min(max(math.ceil(1.2 * reach / spacing), 1), _MOST_RADII)
    fraction = vector(n)
    for j in range(n):
        fraction[j] = 1.2 / n * (j + 1.0)
    if n * spacing < 1.2 * reach:  # a large ring: pairing is strong in a strip along it
        half = n // 2
        for j in range(half):
            fraction[j] = (j + 0.5) / half
            fraction[half + j] = 1.0 + (j - 1.0) * spacing / reach
    return fraction


@njit(cache=True)
def fill_ring(t, e_contour, h_contour, e_band, h_band):
    """Seeds (n, 2) in the half plane q_y >= 0; on what length pairing varies; the distance between
    seeds; the faster Fermi velocity.

    ``e_contour``, ``h_contour`` are the outermost crossings with the axis.  The first seed is the
    shift of the contours' centres; the others lie on rays from it to the pair ring, and beyond.
    """
    e_centre, h_centre = 0.5 * (e_contour[0] + e_contour[1]), 0.5 * (h_contour[0] + h_contour[1])
    e_width, h_width = e_contour[1] - e_contour[0], h_contour[1] - h_contour[0]
    centre, farthest = e_centre + h_centre, 2.0 * max(e_width, h_width)
    _, v_e, _ = energy_and_velocity(e_contour[1], 0.0, e_band)
    _, v_h, _ = energy_and_velocity(h_contour[1], 0.0, h_band)
    speed = max(1e-6, abs(v_e), abs(v_h))
    spacing = 2.0 * max(t, 0.5) / speed
    ring = pair_ring(_FEW, e_centre, h_centre, farthest, e_band, h_band)
    reach = 0.0
    for i in range(len(ring)):
        reach = max(reach, math.hypot(ring[i, 0] - centre, ring[i, 1]))
    n_angle = max(math.ceil(math.pi * reach / spacing), 3)
    if n_angle > _FEW:
        n_angle = min(n_angle, _MANY)
        ring = pair_ring(n_angle, e_centre, h_centre, farthest, e_band, h_band)
    last = len(ring) - 1
    if last < 0:
        n_angle = 0
    apart = spacing
    if n_angle == _MANY:
        apart = max(spacing, math.pi * reach / (_MANY - 1.0))
    fraction = _fractions(reach, spacing)
    seeds = matrix(1 + len(fraction) * n_angle, 2)
    seeds[0, 0], seeds[0, 1] = centre, 0.0
    n = 1
    for j in range(len(fraction)):
        for i in range(n_angle):
            chosen = int(last * i / (n_angle - 1.0))
            y = fraction[j] * ring[chosen, 1]
            seeds[n, 0] = centre + fraction[j] * (ring[chosen, 0] - centre)
            seeds[n, 1] = y if y >= 1e-12 * (1.0 + reach) else 0.0
            n += 1
    return seeds, spacing, apart, speed


@njit(cache=True)
def hidden(seeds, values, distance):
    """Which seeds have a lower neighbour, (n,) bool, and the index of the lowest of all."""
    found = np.zeros(len(seeds), np.bool_)
    lowest = 0
    for i in range(len(seeds)):
        if values[i] < values[lowest]:
            lowest = i
        for j in range(len(seeds)):
            apart = math.hypot(seeds[i, 0] - seeds[j, 0], seeds[i, 1] - seeds[j, 1])
            if apart < _NEIGHBOURS * distance and values[j] < values[i]:
                found[i] = True
    return found, lowest
