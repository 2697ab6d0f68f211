"""Nodes for the mean-field integrands, laid along rays by where their singularities are known.

Along a ray the bands are analytic in the radius r, and so are the integrands except at

    e h + |Delta|^2 + (pi T)^2 + 2 i pi T d = 0     (E +- d = +- i pi T: gap and Bogoliubov edges),
    the zeros of the spin splittings (cones), and those of the reference energy.

They are found by Newton's method in the complex plane.  Around each of the first kind, a + i w, the
map r = a + w sinh(u) takes it to Im u = pi/2; beyond all contours u = 1/r carries the integral to
infinity.  Panels in u are then made as long as the nearest of all singularities allows: the Kronrod
rule of 15 nodes on a panel that subtends the ellipse rho errs by about rho^-23.

The trapezoidal rule in the angle has N rays.  Rays are stored in three classes, multiples of 4, of
2, and odd ones, so that the sums with N/4, N/2 and N rays all come from one evaluation.
"""

import math

import numpy as np

from .arrays import put
from .bands import cone, cone_gap, spin_field, spin_slopes, steepness
from .cached import njit
from .radial import NODES

_SAMPLES = 32
_MOST = 28  # singularities on one ray and its continuation to r < 0
CLASSES = 3


@njit(cache=True)
def _energy_on_ray(r, x0, y0, c, s, branch, band):
    """xi and d xi/dr at complex r on the line (x0 + r c, y0 + r s)."""
    kx, ky = x0 + r * c, y0 + r * s
    a, b, d = spin_field(kx, ky, band)
    (a_x, b_x), (a_y, b_y) = spin_slopes(band)
    split = np.sqrt(a * a + b * b + (d * d + 1e-300))
    if split.real < 0.0:
        split = -split
    xi = (kx * kx + ky * ky) / (2.0 * band.mass) - band.mu + branch * split
    slope = a * (a_x * c + a_y * s) + b * (b_x * c + b_y * s)
    return xi, (kx * c + ky * s) / band.mass + branch * slope / split


@njit(cache=True)
def _pole(r, line_e, line_h, branch_e, branch_h, e_band, h_band, T, square):
    """Newton on e h + |Delta|^2 + (pi T)^2 + 2 i pi T d from ``r``; where it ends, and whether."""
    step = 0j
    for _ in range(12):
        e, de = _energy_on_ray(r, line_e[0], line_e[1], line_e[2], line_e[3], branch_e, e_band)
        h, dh = _energy_on_ray(r, line_h[0], line_h[1], line_h[2], line_h[3], branch_h, h_band)
        value = e * h + square + (math.pi * T) ** 2 + 1j * math.pi * T * (e - h)
        slope = de * h + e * dh + 1j * math.pi * T * (de - dh)
        if slope == 0j:
            return r, False
        step = value / slope
        r = r - step
        if abs(step) < 1e-3 * abs(r.imag) + 1e-9 * abs(r):
            return r, True
    return r, False


@njit(cache=True)
def _append(poles, n, kind, r, k, reach):
    """Keep a singularity of kind ``k`` unless it is there already; return the new count."""
    w = max(abs(r.imag), 1e-9 * reach)
    if n == len(poles) or not abs(r.real) < 4.0 * reach:
        return n
    for i in range(n):
        if abs(poles[i].real - r.real) < 0.05 * w and abs(poles[i].imag - w) < 0.05 * w:
            return n
    poles[n] = complex(r.real, w)
    kind[n] = k
    return n + 1


@njit(cache=True)
def _zeros(x0, y0, c, s, branch, band, reach, at, slope):
    """Real zeros of xi for |r| < reach and near misses: how many; r and |slope| of each."""
    count = 0
    before = far = 0.0
    h = reach / _SAMPLES
    for i in range(-_SAMPLES, _SAMPLES + 1):
        xi, _ = _energy_on_ray(complex(i * h), x0, y0, c, s, branch, band)
        now = xi.real
        if i > -_SAMPLES and count < len(at):
            if (now < 0.0) != (before < 0.0):
                at[count] = (i - now / (now - before)) * h
                slope[count] = (now - before) / h
                count += 1
            elif (  # turns round before it reaches zero
                i > 1 - _SAMPLES
                and abs(before) < min(abs(now), abs(far))
                and (far < 0.0) == (before < 0.0)
            ):
                at[count] = (i - 1) * h
                slope[count] = (now - before) / h
                count += 1
        far, before = before, now
    return count


@njit(cache=True)
def ray_singularities(theta, origin, q, branches, model, square, reach, poles, kind):
    """Singularities on the line through the origin at angle ``theta``; kind 1 steps, 0 others.

    ``branches`` 1: lower branches paired; 2: also the edges of all four, upper ones unpaired.
    """
    T, T_ref, e_band, h_band, E_ref, m_r = model
    c, s = math.cos(theta), math.sin(theta)
    line_e = (origin + 0.5 * q[0], 0.5 * q[1], c, s)
    line_h = (0.5 * q[0] - origin, 0.5 * q[1], -c, -s)
    at_e, slope_e, at_h, slope_h = np.empty((4, 6))
    n = 0
    for branch in range(branches):
        sign = 2.0 * branch - 1.0
        gap2 = square if branch == 0 else 0.0
        n_e = _zeros(line_e[0], line_e[1], c, s, sign, e_band, reach, at_e, slope_e)
        n_h = _zeros(line_h[0], line_h[1], -c, -s, sign, h_band, reach, at_h, slope_h)
        floor = gap2 + (math.pi * T) ** 2
        for i in range(n_e):
            w = math.sqrt(floor) / max(abs(slope_e[i]), 1e-300)
            paired = False
            for j in range(n_h):
                if slope_e[i] * slope_h[j] > 0.0 and abs(at_e[i] - at_h[j]) < reach:
                    # e = v (r - a), h = u (r - b): a quadratic equation
                    v, u, a, b = slope_e[i], slope_h[j], at_e[i], at_h[j]
                    half = 0.5 * (v * u * (a + b) - 1j * math.pi * T * (v - u)) / (v * u)
                    rest = (v * u * a * b + floor - 1j * math.pi * T * (v * a - u * b)) / (v * u)
                    root = np.sqrt(half * half - rest)
                    for start in (half + root, half - root):
                        r, good = _pole(start, line_e, line_h, sign, sign, e_band, h_band, T, gap2)
                        n = _append(poles, n, kind, r if good else start, 1, reach)
                    paired = True
            if not paired:
                start = complex(at_e[i], min(w, reach))
                r, good = _pole(start, line_e, line_h, sign, sign, e_band, h_band, T, gap2)
                n = _append(poles, n, kind, r if good else start, 1, reach)
        for j in range(n_h):
            paired = False
            for i in range(n_e):
                paired = paired or slope_e[i] * slope_h[j] > 0.0
            if not paired:
                w = math.sqrt(floor) / max(abs(slope_h[j]), 1e-300)
                start = complex(at_h[j], -min(w, reach))
                r, good = _pole(start, line_e, line_h, sign, sign, e_band, h_band, T, gap2)
                n = _append(poles, n, kind, r if good else start, 1, reach)
        for i in range(n_e):  # the normal state that is subtracted
            w = math.pi * T_ref / max(abs(slope_e[i]), 1e-300)
            n = _append(poles, n, kind, complex(at_e[i], min(w, reach)), 0, reach)
        for i in range(n_h):
            w = math.pi * T_ref / max(abs(slope_h[i]), 1e-300)
            n = _append(poles, n, kind, complex(at_h[i], min(w, reach)), 0, reach)
    # cones: |lambda (k0 + r n) + B|^2 + J^2 = 0, and k^2/2m_r + E_ref = 0
    for which in range(3):
        apart, blunt, there = (0.0, 0.0), math.sqrt(2.0 * m_r * E_ref), True
        x0, y0, cx, cy = origin, 0.0, c, s
        if which < 2:
            band = e_band if which == 0 else h_band
            x0, y0, cx, cy = line_e if which == 0 else line_h
            px, py, there = cone(band)
            apart, blunt = (px, py), cone_gap(band) / max(steepness(band), 1e-300)
        if there:
            px, py = x0 - apart[0], y0 - apart[1]
            along = px * cx + py * cy
            aside = px * px + py * py - along * along + blunt * blunt
            r = complex(-along, math.sqrt(max(aside, 0.0)))
            if n < len(poles):
                poles[n] = complex(r.real, max(r.imag, 1e-3 * reach))
                kind[n] = 0
                n += 1
    return n


@njit(cache=True)
def _panel_length(u, poles, n, kappa):
    """Longest panel that starts at ``u`` and keeps all ``poles`` outside its ellipse.

    |p - u| + |p - u - L| = kappa L, kappa = rho + 1/rho, is linear in L once squared.
    """
    length = math.inf
    for i in range(n):
        p = poles[i] - u
        length = min(length, 2.0 * (kappa * abs(p) - p.real) / (kappa * kappa - 1.0))
    return length


@njit(cache=True)
def _room(nodes, n, more):
    if n + more <= nodes.shape[1]:
        return nodes
    larger = np.empty((4, 2 * nodes.shape[1] + more))
    for row in range(4):
        put(nodes[row, :n], larger[row])
    return larger


@njit(cache=True)
def _lay(nodes, n, lo, hi, centre, width, poles, n_poles, kappa, rule, c, s, origin, factor):
    """Append the panels of one segment: width > 0 sinh map, 0 linear, -1 inverse."""
    u = lo
    while u < hi:
        length = _panel_length(u, poles, n_poles, kappa)
        if u + 1.1 * length >= hi:
            length = hi - u
        elif u + 2.0 * length > hi:
            length = 0.5 * (hi - u)
        half, middle = 0.5 * length, u + 0.5 * length
        nodes = _room(nodes, n, NODES)
        for i in range(NODES):
            v = middle + half * rule[0, i]
            if width > 0.0:
                grow = math.exp(v)
                r = centre + 0.5 * width * (grow - 1.0 / grow)
                dr = 0.5 * width * (grow + 1.0 / grow)
            elif width == 0.0:
                r, dr = v, 1.0
            else:
                r = 1.0 / v
                dr = r * r
            weight = factor * half * rule[1, i] * dr * r
            nodes[0, n] = origin + r * c
            nodes[1, n] = r * s
            nodes[2, n] = weight
            nodes[3, n] = weight * rule[2, i]
            n += 1
        u += length
        if hi - u < 1e-12 * abs(hi):
            break
    return nodes, n


@njit(cache=True)
def _ray(nodes, n, theta, origin, poles, kind, n_poles, radius, kappa, rule, factor):
    """Append the nodes of one ray."""
    c, s = math.cos(theta), math.sin(theta)
    # centres of the stretched segments, in order; near ones become one
    centre, width = np.empty(n_poles + 1), np.empty(n_poles + 1)
    m = 0
    for i in range(n_poles):
        if kind[i] == 1 and 0.0 <= poles[i].real <= radius:
            a, w = poles[i].real, min(poles[i].imag, radius)
            j = m
            while j > 0 and centre[j - 1] > a:
                centre[j], width[j] = centre[j - 1], width[j - 1]
                j -= 1
            centre[j], width[j] = a, w
            m += 1
    i = 0
    while i < m - 1:
        if centre[i + 1] - centre[i] < width[i] + width[i + 1]:
            apart = centre[i + 1] - centre[i]
            both = math.hypot(0.5 * (width[i] + width[i + 1]), 0.5 * apart)
            centre[i], width[i] = 0.5 * (centre[i] + centre[i + 1]), both
            for j in range(i + 1, m - 1):
                centre[j], width[j] = centre[j + 1], width[j + 1]
            m -= 1
            i = max(i - 1, 0)
        else:
            i += 1
    image = np.empty(n_poles + 1, np.complex128)
    if m == 0:
        nodes, n = _lay(
            nodes, n, 0.0, radius, 0.0, 0.0, poles, n_poles, kappa, rule, c, s, origin, factor
        )
    lo = 0.0
    for i in range(m):
        a, w = centre[i], width[i]
        hi = radius
        if i + 1 < m:
            hi = (a * width[i + 1] + centre[i + 1] * w) / (w + width[i + 1])
        for j in range(n_poles):
            image[j] = np.arcsinh((poles[j] - a) / w)
        nodes, n = _lay(
            nodes, n, math.asinh((lo - a) / w), math.asinh((hi - a) / w), a, w, image, n_poles,
            kappa, rule, c, s, origin, factor,
        )  # fmt: skip
        lo = hi
    for j in range(n_poles):
        image[j] = 1.0 / poles[j]
    return _lay(
        nodes, n, 0.0, 1.0 / radius, 0.0, -1.0, image, n_poles, kappa, rule, c, s, origin, factor
    )


@njit(cache=True, nogil=True)
def lay_mesh(n_rays, half, origin, radius, q, branches, model, square, kappa, rule):
    """Nodes (4, n): k_x, k_y, Kronrod and Gauss weights; and the ends of the three classes.

    ``half``: rays of the upper half plane only, which count twice.  ``n_rays`` is a multiple of 8.
    """
    rays = n_rays // 2 + 1 if half else n_rays
    poles = np.empty((rays, _MOST), np.complex128)
    kind = np.empty((rays, _MOST), np.int64)
    count = np.empty(rays, np.int64)
    for i in range(rays):
        count[i] = ray_singularities(
            2.0 * math.pi * i / n_rays, origin, q, branches, model, square, radius, poles[i],
            kind[i],
        )  # fmt: skip
    nodes, n = np.empty((4, 90 * rays)), 0
    ends = np.zeros(CLASSES, np.int64)
    for part in range(CLASSES):
        first, every = ((0, 4), (2, 4), (1, 2))[part]
        for i in range(first, rays, every):
            factor = 1.0 / (2.0 * math.pi * n_rays)  # 2 pi/N of the angle over (2 pi)^2
            if half and 0 < i < rays - 1:
                factor *= 2.0
            nodes, n = _ray(
                nodes, n, 2.0 * math.pi * i / n_rays, origin, poles[i], kind[i], count[i],
                radius, kappa, rule, factor,
            )  # fmt: skip
        ends[part] = n
    return nodes[:, :n].copy(), ends
