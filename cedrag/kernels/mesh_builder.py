"""Rays over the half plane k_y >= 0, and how many of them the integrals need.

The integral over the angle is that of a periodic analytic function: the trapezoidal rule converges
geometrically and is doubled until two levels agree; the coarser of the two is kept.  Where
contours cross at low temperature, or a cone is sharp, Gauss-Kronrod panels in the angle are
bisected instead.  The lower half plane is taken from the mirror that all bands have by now
(``Bilayer.has_mirror``), f(kx, -ky; qx, qy) = +-f(kx, ky; qx, -qy) with the signs of
``columns.MIRROR_SIGN``, so a momentum off the axis comes with its mirror image.

Each error is measured at a few design momenta against a finer rule.  The ratio of that error to
the estimate that the kept rule can make by itself calibrates the estimate at all other momenta.
"""

import math

import numpy as np

from .arrays import add, filled, matrix, put, vector, zeros
from .cached import njit
from .columns import MIRROR_SIGN, N_COMPONENTS, ODD, VALUE_OF
from .radial import MOST_INITIAL, NODES, grown, initial_panels, panel_nodes, refine
from .resolution import MAX_ROOTS, pair_energies, rays_step_over_cone, scan_ray, unresolved_angles

FIRST, MOST_RAYS = 8, 256  # equally spaced rays on the full circle
_SHARP = 2e-3  # of E_ref: cones blunter than this are resolved by the rays, sharper ones cannot be
_DEPTH = 40
SUMS, SIZES, ERRORS, ESTIMATES = range(4)


@njit(cache=True)
def refined_rays(theta, origin, q, model, rule, tolerance, geometry, done, n_done):
    """Accepted panels of the rays ``theta`` appended to ``done``; four tables per ray.

    Returns ``done``, their count (-1 if too many) and (4, rays, len(q), 6): sums, sizes, errors,
    estimates.  Rays are numbered from 0.
    """
    radius, tail_edges, step, floor, rounding, most = geometry
    T, e_band, h_band, _, _ = model
    pending = matrix(4 * MOST_INITIAL, 5)
    n = 0
    for ray in range(len(theta)):
        if n + MOST_INITIAL > len(pending):
            pending = grown(pending)
        n = initial_panels(
            float(ray), theta[ray], origin, q, T, e_band, h_band, radius, tail_edges, step,
            pending, n,
        )  # fmt: skip
    table = np.zeros((4, len(theta), len(q), N_COMPONENTS))
    _, done, n_done = refine(
        pending, n, theta, origin, q, model, rule, tolerance, rounding, floor, done, n_done,
        table[0], table[1], table[2], table[3], most,
    )  # fmt: skip
    return done, n_done, table


@njit(cache=True)
def both_images(weight, table, image, signed):
    """:func:`fill_images` in a new array."""
    out = matrix(len(image), N_COMPONENTS)
    fill_images(weight, table, image, signed, out)
    return out


@njit(cache=True)
def fill_images(weight, table, image, signed, out):
    """Sum over rays, then the mean over both mirror images: (momenta, 6).

    ``image`` (momenta, 2) are the rows of a momentum and of its mirror image.
    """
    total = filled(table.shape[1], N_COMPONENTS, 0.0)
    for ray in range(len(weight)):
        if weight[ray] != 0.0:
            for j in range(len(total)):
                add(weight[ray], table[ray, j], total[j])
    for j in range(len(image)):
        for c in range(N_COMPONENTS):
            sign = MIRROR_SIGN[c] if signed else 1.0
            out[j, c] = 0.5 * (total[image[j, 0], c] + sign * total[image[j, 1], c])


@njit(cache=True)
def renumber(panels, rays):
    """Move the panels to rays that come after so many others."""
    for panel in range(len(panels)):
        panels[panel, 0] += rays


@njit(cache=True)
def angular_error(fine, coarse, coarser):
    """Error of the finest of three trapezoidal sums, each with twice the rays of the next.

    Geometric convergence: d_1/d_2 <= 1 is the factor gained by the last doubling, and the next
    gains at least as much.  Algebraic convergence gains exactly as much.
    """
    last, before = abs(fine - coarse), abs(coarse - coarser)
    return last * last / before if before > last else last


@njit(cache=True)
def _raise_scale(scale, l1, slope):
    """Raise ``scale`` (momenta, 6) to L1 norms seen, gradients' not below ``slope`` x values'.

    Where a gradient vanishes by symmetry its own norm is rounding error, and no accuracy can be
    asked relative to that.
    """
    for j in range(len(scale)):
        for c in range(N_COMPONENTS):
            least = slope * l1[j, VALUE_OF[c]] if VALUE_OF[c] != c else 0.0
            scale[j, c] = max(scale[j, c], l1[j, c], least)


@njit(cache=True)
def _panel_tolerance(scale, rtol, image, n):
    """Tolerance per radial panel for each row of momenta: a ray has some ten panels at most."""
    out = np.full((n, N_COMPONENTS), np.inf)
    for j in range(len(image)):
        for row in image[j]:
            for c in range(N_COMPONENTS):
                out[row, c] = 0.5 * rtol * scale[j, c] / (2.0 * math.pi) / 10.0
        if image[j, 0] == image[j, 1]:  # on the axis the q_y gradients vanish by symmetry
            for c in ODD:
                out[image[j, 0], c] = np.inf
    return out


@njit(cache=True)
def equally_spaced(n, new_only):
    """Angles in [0, pi] of n rays of the full circle; only those that n/2 rays do not have."""
    first, every = (1, 2) if new_only else (0, 1)
    angles = vector((n // 2 + 1) // 2 if new_only else n // 2 + 1)
    for i in range(len(angles)):
        angles[i] = 2.0 * math.pi / n * (first + i * every)
    return angles


@njit(cache=True)
def trapezoid_weights(theta, n):
    """Weights of the rays ``theta`` in the rule with n rays on the full circle; 0 if not in it."""
    weight = zeros(len(theta))
    for i in range(len(theta)):
        index = theta[i] * n / (2.0 * math.pi)
        if abs(index - round(index)) < 1e-6:
            inner = 1e-9 < theta[i] < math.pi - 1e-9
            weight[i] = 2.0 * math.pi / n * (2.0 if inner else 1.0)
    return weight


@njit(cache=True)
def _innermost(panel):
    """Radius of a panel's inner end."""
    _, lo, hi, centre, width = panel
    if width > 0.0:
        return centre + width * math.sinh(lo)
    return lo if width == 0.0 else 1.0 / hi


@njit(cache=True)
def rays_unresolved(panels, n, theta, origin, q, T, e_band, h_band, rule, sharp):
    """Whether neighbouring rays step over a crossing of contours, a tangency or a cone."""
    order = np.argsort(theta)
    n_rays = len(theta)
    rank = np.empty(n_rays, np.int64)
    for i in range(n_rays):
        rank[order[i]] = i
    key = np.empty(n)
    farthest = 1.0
    for p in range(n):
        key[p] = _innermost(panels[p])
        farthest = max(farthest, key[p])
    for p in range(n):  # along each ray, ray by ray
        key[p] = rank[int(panels[p, 0])] + key[p] / (2.0 * farthest)
    sequence = np.argsort(key)
    counts = np.zeros((n_rays, 2 * len(q)), np.int64)
    crossings = np.zeros((n_rays, 2 * len(q), MAX_ROOTS))
    lobes = np.zeros_like(crossings)
    x, y, e, h = np.empty((4, n * NODES))
    unused = np.empty(NODES)
    first = 0
    for i in range(n_rays):
        m = 0
        while first < n and rank[int(panels[sequence[first], 0])] == i:
            nodes = slice(m, m + NODES)
            panel = panels[sequence[first]]
            panel_nodes(panel, theta[order[i]], origin, rule, x[nodes], y[nodes], unused)
            first, m = first + 1, m + NODES
        for j in range(len(q)):
            for s in range(m):
                e[s], h[s] = pair_energies(x[s], y[s], q[j, 0], q[j, 1], e_band, h_band)
            counts[i, 2 * j] = scan_ray(e[:m], h[:m], crossings[i, 2 * j], lobes[i, 2 * j])
            counts[i, 2 * j + 1] = scan_ray(
                h[:m], e[:m], crossings[i, 2 * j + 1], lobes[i, 2 * j + 1]
            )
    if unresolved_angles(counts, crossings, lobes, T):
        return True
    angles = theta[order]
    for j in range(len(q)):
        if rays_step_over_cone(angles, origin, q[j], 1.0, e_band, sharp):
            return True
        if rays_step_over_cone(angles, origin, q[j], -1.0, h_band, sharp):
            return True
    return False


@njit(cache=True)
def _calibrate(error, estimate, scale, rounding, out):
    """Largest measured error over estimate, and largest estimate, of each component: (2, 6).

    The ratio is at most 1.  It is 1 where symmetry or rounding leaves nothing to compare.
    """
    out[:] = 0.0
    for j in range(len(error)):
        for c in range(N_COMPONENTS):
            noise = rounding * scale[j, c]
            if estimate[j, c] > noise:
                ratio = max(error[j, c], 0.25 * noise) / estimate[j, c]
                out[0, c] = max(out[0, c], min(ratio, 1.0))
                out[1, c] = max(out[1, c], estimate[j, c])
    for c in range(N_COMPONENTS):
        if out[1, c] == 0.0:
            out[0, c] = out[1, c] = 1.0


@njit(cache=True)
def calibrated(estimate, calibration, c):
    """Error from a rule's own estimate of it; the ratio is less favourable the larger it is."""
    ratio, reference = calibration[0, c], calibration[1, c]
    return estimate * min(1.0, ratio * max(1.0, estimate / reference))


@njit(cache=True, nogil=True)
def build_trapezoid(origin, q, image, model, rule, geometry, rtol, slope):
    """Equally spaced rays.  Returns panels, rays, weights (3, rays), scale, calibration, status.

    ``q`` holds the design momenta and their mirror images, ``image`` (momenta, 2) which is which.
    Status: 1 good, 0 too many rays, -1 too many panels.
    """
    T, e_band, h_band, E_ref, _ = model
    rounding = geometry[4]
    scale = np.zeros((len(image), N_COMPONENTS))
    calibration = np.ones((2, 2, N_COMPONENTS))
    theta = equally_spaced(FIRST, False)
    anything = np.full((len(q), N_COMPONENTS), np.inf)
    done, n, table = refined_rays(
        theta[1::2], origin, q, model, rule, anything, geometry, np.empty((512, 5)), 0
    )
    _raise_scale(scale, both_images(np.full(2, math.pi), table[SIZES], image, False), slope)
    tolerance = _panel_tolerance(scale, rtol, image, len(q))
    done, n, table = refined_rays(theta, origin, q, model, rule, tolerance, geometry, done, 0)
    rays = FIRST
    while n >= 0 and rays < MOST_RAYS:
        old, old_n, rays = len(theta), n, 2 * rays
        new = equally_spaced(rays, True)
        done, n, new_table = refined_rays(new, origin, q, model, rule, tolerance, geometry, done, n)
        if n < 0:
            break
        renumber(done[old_n:n], old)
        theta = np.append(theta, new)
        table = np.concatenate((table, new_table), axis=1)
        weight = trapezoid_weights(theta, rays)
        _raise_scale(scale, both_images(weight, table[SIZES], image, False), slope)
        tolerance = _panel_tolerance(scale, rtol, image, len(q))
        levels = np.empty((4, len(image), N_COMPONENTS))
        weights = np.empty((4, len(theta)))
        for level in range(4):
            put(trapezoid_weights(theta, rays >> level), weights[level])
            fill_images(weights[level], table[SUMS], image, True, levels[level])
        error = np.abs(levels[0] - levels[1])
        if np.all(error <= 0.5 * rtol * scale) and not rays_unresolved(
            done, n, theta, origin, q, T, e_band, h_band, rule, _SHARP * E_ref
        ):
            estimate = np.empty_like(error)
            for j in range(len(image)):
                for c in range(N_COMPONENTS):
                    estimate[j, c] = angular_error(
                        levels[1][j, c], levels[2][j, c], levels[3][j, c]
                    )
            _calibrate(error, estimate, scale, rounding, calibration[1])
            _calibrate(
                both_images(weights[1], table[ERRORS], image, False),
                both_images(weights[1], table[ESTIMATES], image, False),
                scale,
                rounding,
                calibration[0],
            )
            return done[:old_n], theta[:old], weights[1:, :old], scale, calibration, 1
    return done[:0], theta, np.empty((3, 0)), scale, calibration, min(n, 0)


@njit(cache=True, nogil=True)
def build_angular_panels(origin, q, image, model, rule, geometry, rtol, slope, scale):
    """As :func:`build_trapezoid`, with Gauss-Kronrod panels of 15 rays in the angle."""
    T, e_band, h_band, E_ref, _ = model
    rounding = geometry[4]
    calibration = np.ones((2, 2, N_COMPONENTS))
    done, n_done = np.empty((4096, 5)), 0
    theta, fine_weight, coarse_weight = np.empty(0), np.empty(0), np.empty(0)
    edges = np.empty((8192, 2))
    for i in range(4):
        edges[i, 0], edges[i, 1] = 0.25 * math.pi * i, 0.25 * math.pi * (i + 1)
    n_edges, i = 4, 0
    accepted, errors, estimates = np.zeros((3, *scale.shape))
    while i < n_edges:
        lo, hi = edges[i]
        half = 0.5 * (hi - lo)
        angles = 0.5 * (hi + lo) + half * rule[0]
        before = n_done
        tolerance = _panel_tolerance(scale, rtol, image, len(q))
        done, n_done, table = refined_rays(
            angles, origin, q, model, rule, tolerance, geometry, done, n_done
        )
        if n_done < 0 or half < math.pi / 2.0**_DEPTH or n_edges + 2 > len(edges):
            return done[:0], theta, np.empty((3, 0)), scale, calibration, -1
        weight = 2.0 * half * rule[1]
        fine = both_images(weight, table[SUMS], image, True)
        coarse = both_images(weight * rule[2], table[SUMS], image, True)
        l1 = both_images(weight, table[SIZES], image, False)
        _raise_scale(scale, accepted + l1, slope)
        allowed = np.maximum(rtol * scale / 40.0, rounding * l1)
        if np.all(np.abs(fine - coarse) <= allowed) and not rays_unresolved(
            done[before:n_done], n_done - before, angles, origin, q, T, e_band, h_band, rule,
            _SHARP * E_ref,
        ):  # fmt: skip
            renumber(done[before:n_done], len(theta))
            theta = np.append(theta, angles)
            fine_weight = np.append(fine_weight, weight)
            coarse_weight = np.append(coarse_weight, weight * rule[2])
            accepted += l1
            errors += both_images(weight, table[ERRORS], image, False)
            estimates += both_images(weight, table[ESTIMATES], image, False)
        else:
            n_done = before
            edges[n_edges, 0], edges[n_edges, 1] = lo, 0.5 * (lo + hi)
            edges[n_edges + 1, 0], edges[n_edges + 1, 1] = 0.5 * (lo + hi), hi
            n_edges += 2
        i += 1
    weights = np.empty((3, len(theta)))
    put(fine_weight, weights[0])
    put(coarse_weight, weights[1])
    put(coarse_weight, weights[2])
    _calibrate(errors, estimates, scale, rounding, calibration[0])
    return done[:n_done], theta, weights, scale, calibration, 1
