"""Gauss-Kronrod panels along rays, in a variable that stretches the thermal steps.

Along a ray the integrands step where e or h crosses zero, over pi T/v: there lie their nearest
poles.  With r = a + w sinh(u), a the Fermi radius and w that width, all poles move to |Im u| of
about pi/2 whatever the temperature, and the number of nodes grows as log(E_F/T) only.  Two steps
far apart get a segment each.  Beyond all contours u = 1/r carries the integral to infinity.

A panel is five numbers: ray, lo, hi, centre, width, the last two for the map of its segment.
"""

import math

import numpy as np

from .arrays import add, matrix, put
from .bands import energy_and_velocity
from .cached import njit
from .columns import N_COMPONENTS
from .pair import fill_block
from .resolution import steps_over_feature

NODES = 15  # of the Kronrod rule
LANES = 16  # panels side by side: six buffers of 15 x 16 nodes stay in the first-level cache
LINEAR, TAIL = 0.0, -1.0  # widths that name the maps r = u and r = 1/u
_SAMPLES = 24


@njit(cache=True)
def fermi_radius(theta, origin, qx, qy, sign, band, radius):
    """Zeros of xi(sign k + q/2) along a ray up to ``radius``: how many, where, radial speed there.

    Radius and speed are those of the last zero; the ray starts at (origin, 0).
    """
    c, s = sign * math.cos(theta), sign * math.sin(theta)
    x0, y0 = sign * origin + 0.5 * qx, 0.5 * qy
    count, low, high, inside = 0, 0.0, radius, 0.0
    last, _, _ = energy_and_velocity(x0, y0, band)
    for i in range(1, _SAMPLES + 1):
        r = radius * i / _SAMPLES
        xi, _, _ = energy_and_velocity(x0 + r * c, y0 + r * s, band)
        if (xi < 0.0) != (last < 0.0):
            count, low, high, inside = count + 1, radius * (i - 1) / _SAMPLES, r, last
        last = xi
    if count == 0:
        return 0, 0.0, 1.0
    r = 0.5 * (low + high)
    slope = 1.0
    for _ in range(8):  # Newton, kept inside the bracket; the map needs three digits
        xi, vx, vy = energy_and_velocity(x0 + r * c, y0 + r * s, band)
        slope = vx * c + vy * s
        if (xi < 0.0) == (inside < 0.0):
            low = r
        else:
            high = r
        step = -xi / slope if slope != 0.0 else math.inf
        r = r + step if low < r + step < high else 0.5 * (low + high)
        if abs(step) < 1e-3 * radius / _SAMPLES:
            break
    return count, r, abs(slope)


@njit(cache=True)
def _thermal_step(theta, origin, q, sign, band, T, radius):
    """Centre and width of one layer's step on a ray over all momenta ``q``; zeros at most."""
    most, first, last, speed = 0, math.inf, 0.0, math.inf
    for j in range(len(q)):
        count, r, v = fermi_radius(theta, origin, q[j, 0], q[j, 1], sign, band, radius)
        most = max(most, count)
        if count == 1:
            first, last, speed = min(first, r), max(last, r), min(speed, v)
    if most != 1:
        return most, 0.0, 1.0
    thermal = min(math.pi * T / max(speed, 1e-300), radius)
    return 1, 0.5 * (first + last), math.hypot(thermal, 0.5 * (last - first))


@njit(cache=True)
def _set_panel(panels, i, ray, lo, hi, centre, width):
    panels[i, 0], panels[i, 1], panels[i, 2] = ray, lo, hi
    panels[i, 3], panels[i, 4] = centre, width


@njit(cache=True)
def _segment(panels, n, ray, lo, hi, centre, width, step):
    """Append the panels of one stretched segment [lo, hi]; return the new count."""
    start, end = math.asinh((lo - centre) / width), math.asinh((hi - centre) / width)
    pieces = max(1, math.ceil((end - start) / step))
    for i in range(pieces):
        lo, hi = start + (end - start) * i / pieces, start + (end - start) * (i + 1) / pieces
        _set_panel(panels, n + i, ray, lo, hi, centre, width)
    return n + pieces


MOST_INITIAL = 160  # panels on one ray before any is bisected


@njit(cache=True)
def initial_panels(ray, theta, origin, q, T, e_band, h_band, radius, tail_edges, step, panels, n):
    """Append the panels that refinement of one ray starts from; return the new count."""
    steps_e, a, w = _thermal_step(theta, origin, q, 1.0, e_band, T, radius)
    steps_h, b, v = _thermal_step(theta, origin, q, -1.0, h_band, T, radius)
    step = max(step, 0.4)
    if max(steps_e, steps_h) != 1:  # no contour, or one that is crossed several times
        for i in range(4):
            lo, hi = 0.25 * i * radius, 0.25 * (i + 1) * radius
            _set_panel(panels, n + i, ray, lo, hi, 0.0, LINEAR)
        n += 4
    elif steps_e == 0:
        n = _segment(panels, n, ray, 0.0, radius, b, v, step)
    elif steps_h == 0:
        n = _segment(panels, n, ray, 0.0, radius, a, w, step)
    elif abs(a - b) < w + v:
        both = math.hypot(0.5 * (w + v), 0.5 * (a - b))
        n = _segment(panels, n, ray, 0.0, radius, 0.5 * (a + b), both, step)
    else:
        if a > b:
            a, w, b, v = b, v, a, w
        border = (a * v + b * w) / (w + v)
        n = _segment(panels, n, ray, 0.0, border, a, w, step)
        n = _segment(panels, n, ray, border, radius, b, v, step)
    for i in range(len(tail_edges) - 1):
        _set_panel(panels, n + i, ray, tail_edges[i], tail_edges[i + 1], 0.0, TAIL)
    return n + len(tail_edges) - 1


@njit(cache=True)
def panel_nodes(panel, theta, origin, rule, kx, ky, weight):
    """Nodes of one panel, outwards, with weights r dr/(2 pi)^2; ``rule`` is (nodes, weights)."""
    _, lo, hi, centre, width = panel
    c, s = math.cos(theta), math.sin(theta)
    half, middle = 0.5 * (hi - lo), 0.5 * (hi + lo)
    for i in range(NODES):
        if width > 0.0:
            grow = math.exp(middle + half * rule[0, i])
            r = centre + 0.5 * width * (grow - 1.0 / grow)
            dr = 0.5 * width * (grow + 1.0 / grow)
        elif width == LINEAR:
            r, dr = middle + half * rule[0, i], 1.0
        else:
            r = 1.0 / (middle - half * rule[0, i])
            dr = r * r
        kx[i] = origin + r * c
        ky[i] = r * s
        weight[i] = half * rule[1, i] * dr * r / (4.0 * math.pi * math.pi)


@njit(cache=True)
def grown(array):
    """A copy of a table with twice the rows."""
    n, columns = array.shape
    larger = matrix(2 * n, columns)
    for i in range(n):
        put(array[i], larger[i])
    return larger


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def lane_sums(f, weight, gauss_ratio, fine, coarse, size):
    """Kronrod, Gauss and absolute sums of the panels of one block, (15 * 16,) -> (16,)."""
    for lane in range(LANES):  # flat, so that the distance between nodes is a constant
        kronrod = gauss = absolute = 0.0
        for i in range(NODES):
            term = weight[i * LANES + lane] * f[i * LANES + lane]
            kronrod += term
            gauss += gauss_ratio[i] * term
            absolute += abs(term)
        fine[lane], coarse[lane], size[lane] = kronrod, gauss, absolute


@njit(cache=True, error_model="numpy")
def sharpen(fine, coarse, size, error):
    """QUADPACK's estimate of the finer rule's error for each panel of a block.

    The finer rule is better than the difference by the power 3/2 of the relative difference.
    """
    for lane in range(LANES):
        difference = abs(fine[lane] - coarse[lane])
        relative = 200.0 * difference / (size[lane] + 1e-300)
        error[lane] = min(difference, size[lane] * relative * math.sqrt(relative))


@njit(cache=True)
def _block_nodes(panels, n, lo, hi, theta, origin, rule, kx, ky, weight):
    """Nodes of the parts [lo, hi] (fractions) of ``n`` panels, one per lane; the rest repeat."""
    x, y, w = np.empty((3, NODES))
    part = np.empty(5)
    for lane in range(LANES):
        panel = panels[min(lane, n - 1)]
        put(panel, part)
        part[1] = panel[1] + lo * (panel[2] - panel[1])
        part[2] = panel[1] + hi * (panel[2] - panel[1])
        panel_nodes(part, theta[int(panel[0])], origin, rule, x, y, w)
        for i in range(NODES):
            kx[i, lane], ky[i, lane], weight[i, lane] = x[i], y[i], w[i]


@njit(cache=True, nogil=True)
def refine(pending, n, theta, origin, q, model, rule, tolerance, rounding, floor, done, n_done,
           sums, sizes, errors, estimates, most):  # fmt: skip
    """Bisect ``n`` pending panels until each agrees with its halves at all momenta ``q``.

    ``tolerance`` (len(q), 6) is absolute, per panel.  Accepted panels are appended to ``done``;
    added up per ray, (rays, len(q), 6), are their Kronrod ``sums``, absolute ``sizes``, ``errors``
    against their halves, and the ``estimates`` that the rule makes of its error by itself.
    Returns the count of accepted panels, -1 if more than ``most`` would be needed.
    """
    T, e_band, h_band, E_ref, m_r = model
    kx, ky, weight = np.empty((3, 3, NODES, LANES))  # a panel, its inner and its outer half
    f = np.empty((N_COMPONENTS, NODES * LANES))
    fine, size, error, estimate = np.empty((4, len(q), N_COMPONENTS, LANES))
    coarse, half, unused = np.empty((3, LANES))
    good = np.empty(LANES, np.bool_)
    first = 0
    while first < n:
        lanes = min(LANES, n - first)
        batch = pending[first : first + lanes]
        for part, (lo, hi) in enumerate(((0.0, 1.0), (0.0, 0.5), (0.5, 1.0))):
            _block_nodes(
                batch, lanes, lo, hi, theta, origin, rule, kx[part], ky[part], weight[part]
            )
        good[:] = True
        for j in range(len(q)):
            for part in range(3):
                fill_block(
                    kx[part].ravel(), ky[part].ravel(), q[j, 0], q[j, 1], T, e_band, h_band,
                    E_ref, m_r, f[0], f[1], f[2], f[3], f[4], f[5],
                )  # fmt: skip
                for c in range(N_COMPONENTS):
                    flat = weight[part].ravel()
                    if part == 0:
                        lane_sums(f[c], flat, rule[2], fine[j, c], coarse, size[j, c])
                        sharpen(fine[j, c], coarse, size[j, c], estimate[j, c])
                        put(fine[j, c], error[j, c])
                    else:
                        lane_sums(f[c], flat, rule[2], half, coarse, unused)
                        add(-1.0, half, error[j, c])
            for c in range(N_COMPONENTS):
                for lane in range(lanes):
                    error[j, c, lane] = abs(error[j, c, lane])
                    allowed = max(tolerance[j, c], rounding * size[j, c, lane])
                    good[lane] = good[lane] and error[j, c, lane] <= allowed
        if n_done + n - first + 2 * lanes > most:
            return pending, done, -1
        for lane in range(lanes):
            panel = pending[first + lane]
            if (
                good[lane]
                and not steps_over_feature(
                    kx[1, :, lane], ky[1, :, lane], q, T, e_band, h_band, floor
                )
                and not steps_over_feature(
                    kx[2, :, lane], ky[2, :, lane], q, T, e_band, h_band, floor
                )
            ):
                if n_done == len(done):
                    done = grown(done)
                put(panel, done[n_done])
                n_done += 1
                ray = int(panel[0])
                for j in range(len(q)):
                    for c in range(N_COMPONENTS):
                        sums[ray, j, c] += fine[j, c, lane]
                        sizes[ray, j, c] += size[j, c, lane]
                        errors[ray, j, c] += error[j, c, lane]
                        estimates[ray, j, c] += estimate[j, c, lane]
            else:
                if n + 2 > len(pending):
                    pending = grown(pending)
                middle = 0.5 * (panel[1] + panel[2])
                put(panel, pending[n])
                put(panel, pending[n + 1])
                pending[n, 2] = middle
                pending[n + 1, 1] = middle
                n += 2
        first += lanes
    return pending, done, n_done
