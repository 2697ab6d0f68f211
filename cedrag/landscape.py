"""Minima over the plane of pair momenta, found from the geometry of the Fermi contours."""

import math

import numpy as np
from scipy import optimize

from .errors import ConvergenceError
from .pair_integrals import fermi_interval

__all__ = ["pairing_seeds", "local_minima", "instability", "SeedGrid"]

_COARSE = 1e-3


class SeedGrid:
    """Candidate pair momenta (n, 2) in the half plane q_y >= 0 and their typical spacing."""

    def __init__(self, points, spacing):
        self.points, self.spacing = points, spacing


def pairing_seeds(bilayer, t):
    """Momenta from which a search for strong pairing can start.

    A pair of carriers that both sit on their contours, k_e at angle phi and k_h opposite to it,
    has q = k_e(phi) + k_h(phi + pi).  For concentric circles of different size that is the FFLO
    ring; for nested contours it shrinks to the shift of their centres.  The seeds fill the ring,
    with the spacing on which pairing varies, a fraction of pi T/v.
    """
    e_lo, e_hi = fermi_interval(bilayer, "e")
    h_lo, h_hi = fermi_interval(bilayer, "h")
    centre = 0.5 * (e_lo + e_hi + h_lo + h_hi)
    speed = max(1e-6, *(abs(bilayer.velocity(a, k, 0.0)[0]) for a, k in (("e", e_hi), ("h", h_hi))))
    spacing = 1.5 * max(t, 0.5) / speed
    ring = _pair_ring(bilayer, 0.5 * (e_lo + e_hi), 0.5 * (h_lo + h_hi), 13)
    reach = np.hypot(ring[:, 0] - centre, ring[:, 1]).max()
    n_angle = int(np.clip(math.ceil(math.pi * reach / spacing), 3, 13))
    n_radius = int(np.clip(math.ceil(1.2 * reach / spacing), 1, 8))
    chosen = ring[np.linspace(0, 12, n_angle).astype(int)]
    points = [(centre, 0.0)]
    for fraction in np.linspace(0.0, 1.2, n_radius + 1)[1:]:
        for x, y in chosen:
            points.append((centre + fraction * (x - centre), abs(fraction * y)))
    points = np.array(points)
    points[np.abs(points[:, 1]) < 1e-12 * (1.0 + reach), 1] = 0.0
    return SeedGrid(points, spacing)


def _pair_ring(bilayer, e_centre, h_centre, n):
    """q(phi) = k_e(phi) + k_h(phi + pi) for phi from 0 to pi, shape (n, 2)."""
    ring = []
    for phi in np.linspace(0.0, math.pi, n):
        e = bilayer._radial_roots("e", phi, e_centre)
        h = bilayer._radial_roots("h", phi + math.pi, h_centre)
        if len(e) and len(h):
            gap = e[-1] - h[-1]
            ring.append((e_centre + h_centre + gap * math.cos(phi), abs(gap * math.sin(phi))))
    if not ring:
        ring = [(e_centre + h_centre, 0.0)]
    return np.array(ring)[np.linspace(0, len(ring) - 1, n).astype(int)]


def instability(theory):
    """alpha and its gradient as :func:`local_minima` wants them."""

    def alpha_and_gradient(q, _rtol=None):
        gradient, _ = theory.gradients(q[:, 0], q[:, 1])
        return theory.alpha(q[:, 0], q[:, 1]), gradient.T

    return alpha_and_gradient


def local_minima(function, seeds, most=3):
    """Local minima of ``function`` near the best seeds, lowest first, shape (m, 2).

    Parameters
    ----------
    function : callable
        ``function(q, rtol)`` for q of shape (n, 2) returns values (n,) and gradients (n, 2).
    seeds : SeedGrid
    most : int
        Candidates that are followed downhill at most (one more on the axis q_y = 0).

    Notes
    -----
    Minima off the axis come in mirror pairs; the member with q_y > 0 is returned.
    """
    values, _ = function(seeds.points, _COARSE)
    order = np.argsort(values)
    starts = []
    for i in order:
        q = seeds.points[i]
        if all(np.hypot(*(q - other)) > 1.5 * seeds.spacing for other in starts):
            starts.append(q)
        if len(starts) == most:
            break
    # a state at q often has a rival at the opposite side of the pair ring
    opposite = 2.0 * seeds.points[0] - starts[0]
    if np.hypot(*(opposite - starts[0])) > 1.5 * seeds.spacing:
        starts.append(np.array([opposite[0], abs(opposite[1])]))
    axis = [i for i in order if seeds.points[i, 1] == 0.0]
    if axis and not any(np.array_equal(seeds.points[axis[0]], s) for s in starts):
        starts.append(seeds.points[axis[0]])
    found = []
    for start in starts:
        q, value = _descend(function, start, seeds.spacing)
        q = np.array([q[0], abs(q[1])])
        if q[1] < 1e-5 * seeds.spacing:
            q[1] = 0.0
        if q[1] == 0.0 and start[1] != 0.0:  # restart on the axis: the mirror makes it exact
            q, value = _descend(function, q, seeds.spacing)
        if q[1] == 0.0 and not _is_minimum(function, q, seeds.spacing):  # a saddle: leave the axis
            q, value = _descend(function, q + [0.0, 0.3 * seeds.spacing], seeds.spacing)
            q = np.array([q[0], abs(q[1])])
        if _is_minimum(function, q, seeds.spacing) and all(
            np.hypot(*(q - other)) > 1e-3 * seeds.spacing for other, _ in found
        ):
            found.append((q, value))
    if not found:
        raise ConvergenceError("no minimum over the pair momentum was found")
    found.sort(key=lambda item: item[1])
    return np.array([q for q, _ in found])


def _descend(function, start, scale):
    """Quasi-Newton descent in units of ``scale``; on the axis it stays there by symmetry."""
    value0, _ = function(start[None, :], None)
    size = max(abs(float(value0[0])), 1e-300)
    if start[1] == 0.0:
        return _descend_on_axis(function, start, scale)

    def objective(z):
        value, gradient = function((z * scale)[None, :], None)
        return float(value[0]) / size, gradient[0] * scale / size

    fit = optimize.minimize(
        objective, start / scale, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 100}
    )
    return fit.x * scale, fit.fun * size


def _descend_on_axis(function, start, scale):
    """Root of the slope on q_y = 0, bracketed downhill from ``start``."""

    def slope(x):
        return float(function(np.array([[x, 0.0]]), None)[1][0, 0])

    a, slope_a = start[0], slope(start[0])
    step = -math.copysign(0.25 * scale, slope_a)
    for _ in range(200):
        b = a + step
        slope_b = slope(b)
        if slope_b * slope_a <= 0.0:
            break
        a, slope_a, step = b, slope_b, 1.5 * step
    else:
        raise ConvergenceError(f"no minimum on the axis near q_x = {start[0]:.6g}")
    if slope(a) * slope(b) < 0.0:
        x = optimize.brentq(slope, a, b, xtol=1e-13 * (1.0 + abs(a)), rtol=1e-14)
    else:  # one end is the root to rounding, and its sign is noise
        x = min(a, b, key=lambda end: abs(slope(end)))
    q = np.array([x, 0.0])
    return q, float(function(q[None, :], None)[0][0])


def _is_minimum(function, q, scale):
    """Whether the function rises in both directions (a saddle on the axis does not count)."""
    h = 1e-2 * scale
    probes = q + h * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    _, gradient = function(probes, None)
    _, here = function(q[None, :], None)
    return gradient[0, 0] > gradient[1, 0] and gradient[2, 1] > here[0, 1]
