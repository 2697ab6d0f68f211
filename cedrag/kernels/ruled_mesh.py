"""Meshes that are laid by rule, not adapted: for the common case, where the rule is known to do.

Equally spaced rays, on each of them panels of one length.
"""

import math

from .arrays import matrix, vector
from .cached import njit
from .mesh_builder import equally_spaced, trapezoid_weights
from .mesh_sums import assemble
from .radial import LINEAR, MOST_INITIAL, grown, initial_panels


@njit(cache=True)
def ruled_mesh(origin, q, model, radius, tail_edges, n_rays, step, rule):
    """Nodes and weights (blocks, 240) of equally spaced rays with panels of one size.

    ``q`` are the extreme momenta.  The last result tells whether each ray crosses each contour
    once.
    """
    T, e_band, h_band, _, _ = model
    theta = equally_spaced(n_rays, False)
    ray_weight = trapezoid_weights(theta, n_rays)
    panels = matrix(4 * MOST_INITIAL, 5)
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
            for i in range(weight.shape[1]):
                weight[b, i, lane] *= ray_weight[ray[b, lane]]
    flat = len(kx), kx.shape[1] * kx.shape[2]
    return kx.reshape(flat), ky.reshape(flat), weight.reshape(flat), good


@njit(cache=True)
def _rays(distance, strip, accuracy):
    """Even number of rays for contours whose centres lie ``distance`` from the origin."""
    n = (math.log(1.0 / accuracy) + 3.0) / math.asinh(strip / max(distance, 1e-3 * strip))
    return 2 * max(5, math.ceil(0.5 * n))


@njit(cache=True)
def fineness(lo, hi, centres, origin, thermal_step, rtol):
    """Number of rays, and a factor for the length of panels, that serve all q_x in [lo, hi].

    ``centres`` (2,) are those of both contours, ``thermal_step`` the width pi T/v of their edges.
    """
    distance = 0.0
    for q in (lo, hi):
        distance = max(
            distance,
            abs(centres[0] - 0.5 * q - origin),
            abs(0.5 * q - centres[1] - origin),
        )
    # one map of the radius serves all momenta, whose contours differ: sin^2 of the poles' distance
    # to the panels is then 1 - shift/width, and the panels were chosen for a distance of 0.9
    shift = 0.25 * (hi - lo)
    poles = math.asin(math.sqrt(1.0 - shift / math.hypot(shift, thermal_step)))
    return _rays(distance, thermal_step, rtol), min(1.0, poles / 0.9)


@njit(cache=True)
def halved(edges):
    """Edges of panels half as long."""
    halves = vector(2 * len(edges) - 1)
    for i in range(len(halves)):
        halves[i] = 0.5 * (edges[i // 2] + edges[(i + 1) // 2])
    return halves
