"""Pair momenta from which a search for strong pairing starts, from the geometry of the contours."""

import math

import numpy as np

from .bands import band_and_velocity
from .cached import njit
from .radial import fermi_radius

_MOST_ANGLES = 13
_NEIGHBOURS = 1.7  # in units of the spacing


@njit(cache=True)
def pair_ring(n, e_centre, h_centre, reach, e_band, h_band):
    """q(phi) = k_e(phi) + k_h(phi + pi) at n angles from 0 to pi, (m <= n, 2): those that exist."""
    ring = np.empty((n, 2))
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
def fill_ring(t, e_contour, h_contour, e_band, h_band):
    """Seeds (n, 2) in the half plane q_y >= 0, their typical distance, the faster Fermi velocity.

    ``e_contour``, ``h_contour`` are the outermost crossings with the axis.  The first seed is the
    shift of the contours' centres; the others lie on rays from it to the pair ring, and beyond.
    """
    e_centre, h_centre = 0.5 * (e_contour[0] + e_contour[1]), 0.5 * (h_contour[0] + h_contour[1])
    e_width, h_width = e_contour[1] - e_contour[0], h_contour[1] - h_contour[0]
    centre = e_centre + h_centre
    _, v_e, _ = band_and_velocity(
        e_contour[1], 0.0, e_band[0], e_band[1], e_band[2], e_band[3], e_band[4]
    )
    _, v_h, _ = band_and_velocity(
        h_contour[1], 0.0, h_band[0], h_band[1], h_band[2], h_band[3], h_band[4]
    )
    speed = max(1e-6, abs(v_e), abs(v_h))
    spacing = 2.0 * max(t, 0.5) / speed
    ring = pair_ring(_MOST_ANGLES, e_centre, h_centre, 2.0 * max(e_width, h_width), e_band, h_band)
    last, reach = len(ring) - 1, 0.0
    for i in range(len(ring)):
        reach = max(reach, math.hypot(ring[i, 0] - centre, ring[i, 1]))
    n_angle = min(max(math.ceil(math.pi * reach / spacing), 3), _MOST_ANGLES) if last >= 0 else 0
    n_radius = min(max(math.ceil(1.2 * reach / spacing), 1), 8)
    seeds = np.empty((1 + n_radius * n_angle, 2))
    seeds[0, 0], seeds[0, 1] = centre, 0.0
    n = 1
    for j in range(1, n_radius + 1):
        fraction = 1.2 * j / n_radius
        for i in range(n_angle):
            chosen = int(last * i / (n_angle - 1.0))
            y = fraction * ring[chosen, 1]
            seeds[n, 0] = centre + fraction * (ring[chosen, 0] - centre)
            seeds[n, 1] = y if y >= 1e-12 * (1.0 + reach) else 0.0
            n += 1
    return seeds, spacing, speed


@njit(cache=True)
def hidden(seeds, values, spacing):
    """Which seeds have a lower neighbour, (n,) bool, and the index of the lowest of all."""
    found = np.zeros(len(seeds), np.bool_)
    lowest = 0
    for i in range(len(seeds)):
        if values[i] < values[lowest]:
            lowest = i
        for j in range(len(seeds)):
            apart = math.hypot(seeds[i, 0] - seeds[j, 0], seeds[i, 1] - seeds[j, 1])
            if apart < _NEIGHBOURS * spacing and values[j] < values[i]:
                found[i] = True
    return found, lowest
