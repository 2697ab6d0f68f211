r"""Density response of one lower Rashba-Zeeman branch, without broadening.

Units: hbar = k_B T = 1; a band is that of kernels.bands, scaled by T. With
k_pm = k pm q/2, D = xi(k_+) - xi(k_-) and the overlap W = |<u_{k-}|u_{k+}>|^2 = (1 + n_- . n_+)/2,

    X(q, w) = pi int d^2k/(2 pi)^2 W x(k) delta(D - w)
            = (1/4 pi) sum over curves int dk_perp W x / |dD/dk_par| .

The delta function is exact: the curve D = w is found by root finding, k_par(k_perp). The integrand
is analytic and decays, so the trapezoidal rule converges exponentially; the difference from a
rule with half the points (a third, on closed curves) is the error estimate. Weights x on offer:

    f_- - f_+                              A = Im Pi, the absorption (f_pm = f(xi(k_pm))),
    f_-(1 - f_+)                           S = A/(1 - exp(-w)), finite at w = 0,
    f_-(1 - f_+)(v_x(k_+) - v_x(k_-))      S_v, the velocity-weighted S,
    f_-(1 - f_+) [exp(w - b + a) - 1]      G, the net rate with the distribution displaced by p:
        f_-, f_+ have the energies a = xi(k_- - p), b = xi(k_+ - p). To first order in p,
        G = p S_v.

About k0 = (-B/lam, 0), D - q.k0/m is odd in k_par. At fixed k_perp it is monotonic, or, if the
band is not convex (m lam^2 > |J|), N-shaped near k0: then small |w - q.k0/m| adds a closed curve,
a pair of roots for |k_perp - k0_perp| < r, which k_perp - k0_perp = r sin(theta) makes regular.
"""

import math

import numpy as np

from .band_moments import fermi, momentum_reach
from .bands import (
    cone,
    energy,
    energy_and_velocity,
    energy_difference,
    is_convex,
    overlap,
    steepness,
)
from .cached import njit

__all__ = ["curve_integrals", "falling_part", "tabulate_absorption"]


@njit(cache=True)
def _difference(k_par, k_perp, q, c, s, band):
    """D and dD/dk_par at the midpoint k = k_par (c, s) + k_perp (-s, c)."""
    kx, ky = k_par * c - k_perp * s, k_par * s + k_perp * c
    return energy_difference(kx, ky, q, c, s, band)


@njit(cache=True)
def _root(low, high, start, w, k_perp, q, c, s, band):
    """Root of D = w in [low, high], on which D is monotonic; returns it and dD/dk_par there."""
    d_low, _ = _difference(low, k_perp, q, c, s, band)
    rising = d_low <= w
    x = min(max(start, low), high)
    slope = 0.0
    for _ in range(100):
        value, slope = _difference(x, k_perp, q, c, s, band)
        miss = value - w
        if (miss > 0.0) == rising:
            high = x
        else:
            low = x
        step = miss / slope if slope != 0.0 else math.inf
        new = x - step
        if not (low < new < high):
            new = 0.5 * (low + high)
        if abs(new - x) <= 1e-15 * (abs(x) + 1e-3) or new in (low, high):
            x = new
            break
        small = abs(new - x) < 1e-9 * (abs(x) + 1e-3)
        x = new
        if small:  # Newton has doubled its digits with the last step
            break
    _, slope = _difference(x, k_perp, q, c, s, band)
    return x, slope


@njit(cache=True)
def falling_part(k_perp, q, c, s, band):
    """Half width of the falling part of D about k0, and D - q.k0/m at its left end."""
    cone_x, cone_y, _ = cone(band)
    centre = cone_x * c + cone_y * s
    _, slope = _difference(centre, k_perp, q, c, s, band)
    if slope >= 0.0:
        return 0.0, 0.0
    low, high = 0.0, 0.5 * q + band.mass * steepness(band)
    while _difference(centre + high, k_perp, q, c, s, band)[1] < 0.0:
        high *= 2.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _difference(centre + middle, k_perp, q, c, s, band)[1] < 0.0:
            low = middle
        else:
            high = middle
    half = 0.5 * (low + high)
    value, _ = _difference(centre - half, k_perp, q, c, s, band)
    return half, value - q * centre / band.mass


@njit(cache=True)
def _closed_radius(w, q, c, s, band):
    """Half extent in k_perp of the closed curve D - q.k0/m = w; 0 if there is none."""
    cone_x, cone_y, _ = cone(band)
    k0_perp = cone_y * c - cone_x * s
    if falling_part(k0_perp, q, c, s, band)[1] <= abs(w):
        return 0.0
    low, high = 0.0, 0.5 * q + band.mass * steepness(band)
    while falling_part(k0_perp + high, q, c, s, band)[1] > abs(w):
        high *= 2.0
    for _ in range(55):
        middle = 0.5 * (low + high)
        if falling_part(k0_perp + middle, q, c, s, band)[1] > abs(w):
            low = middle
        else:
            high = middle
    return low


@njit(cache=True)
def _weights(k_par, k_perp, w, q, c, s, band, px, out):
    """Overlap times the weights x at one point of the curve."""
    kx, ky = k_par * c - k_perp * s, k_par * s + k_perp * c
    ux, uy = kx + 0.5 * q * c, ky + 0.5 * q * s
    dx, dy = kx - 0.5 * q * c, ky - 0.5 * q * s
    _, faster, _ = energy_and_velocity(ux, uy, band)
    a, slower, _ = energy_and_velocity(dx, dy, band)
    common = overlap(ux, uy, dx, dy, band)
    filled = common * fermi(a) * fermi(-(a + w))
    # f(a) - f(a + w) without cancellation or overflow, for either sign of w
    if w >= 0.0:
        out[0] = filled * -math.expm1(-w)
    else:
        out[0] = common * fermi(a + w) * fermi(-a) * math.expm1(w)
    out[1] = filled
    out[2] = filled * (faster - slower)
    for i in range(px.size):
        a = energy(dx - px[i], dy, band)
        b = energy(ux - px[i], uy, band)
        out[3 + i] = common * fermi(a) * fermi(-b) * math.expm1(w - (b - a))


@njit(cache=True)
def curve_integrals(w, q, c, s, band, points, px, fine, coarse):
    """Write X(q, w) for each weight into ``fine``, and with half the points into ``coarse``.

    q = |q| > 0 at the angle with cosine c and sine s; ``points`` (a multiple of 12) trapezoidal
    points per curve; fine and coarse (3 + len(px),) hold A, S, S_v and G for each px.
    """
    reach = momentum_reach(band)
    if px.size > 0:
        reach += np.max(np.abs(px))
    fine[:] = 0.0
    coarse[:] = 0.0
    x = np.zeros(fine.size)
    several = not is_convex(band)
    cone_x, cone_y, _ = cone(band)
    centre = cone_x * c + cone_y * s if several else 0.0
    shifted = w - q * centre / band.mass
    sign = 1.0 if shifted >= 0.0 else -1.0
    middle = band.mass * w / q
    spread = band.mass * steepness(band) + 1e-12 * (1.0 + abs(middle))
    step = 2.0 * reach / points
    start = middle
    for i in range(points):
        k_perp = -reach + i * step
        low, high = middle - spread, middle + spread
        if several:
            half, _ = falling_part(k_perp, q, c, s, band)
            if half > 0.0:  # the outer root, beyond the turning point on the side of the sign
                if sign > 0.0:
                    low = centre + half
                else:
                    high = centre - half
        # fmt: off
        k_par, slope = _root(low, high, start, w, k_perp, q, c, s, band)
        start = k_par
        _weights(k_par, k_perp, w, q, c, s, band, px, x)
        # fmt: on
        for j in range(fine.size):
            value = step * x[j] / abs(slope)
            fine[j] += value
            if i % 2 == 0:
                coarse[j] += 2.0 * value
    if several:
        _add_closed_curve(w, shifted, sign, q, c, s, band, points, px, fine, coarse)
    for j in range(fine.size):
        fine[j] /= 4.0 * math.pi
        coarse[j] /= 4.0 * math.pi


@njit(cache=True)
def _add_closed_curve(w, shifted, sign, q, c, s, band, points, px, fine, coarse):
    radius = _closed_radius(shifted, q, c, s, band)
    if radius <= 0.0:
        return
    cone_x, cone_y, _ = cone(band)
    centre, k0_perp = cone_x * c + cone_y * s, cone_y * c - cone_x * s
    far = band.mass * (abs(w) / q + steepness(band)) + abs(centre) + q
    x = np.zeros(fine.size)
    step = math.pi / points
    for i in range(points):
        theta = -0.5 * math.pi + (i + 0.5) * step
        k_perp = k0_perp + radius * math.sin(theta)
        half, _ = falling_part(k_perp, q, c, s, band)
        for inner in (True, False):
            if inner:
                low, high = centre - half, centre + half
            elif sign > 0.0:
                low, high = centre - half - far, centre - half
            else:
                low, high = centre + half, centre + half + far
            k_par, slope = _root(low, high, 0.5 * (low + high), w, k_perp, q, c, s, band)
            if slope == 0.0:
                continue
            _weights(k_par, k_perp, w, q, c, s, band, px, x)
            for j in range(fine.size):
                value = step * radius * math.cos(theta) * x[j] / abs(slope)
                fine[j] += value
                if i % 3 == 1:
                    coarse[j] += 3.0 * value


@njit(cache=True)
def tabulate_absorption(w, q, c, s, band, points, out, error):
    """Fill out[i, :] with A, S, S_v at w[i], error[:] with the largest differences."""
    fine, coarse = np.zeros(3), np.zeros(3)
    none = np.empty(0)
    error[:] = 0.0
    for i in range(w.size):
        curve_integrals(w[i], q, c, s, band, points, none, fine, coarse)
        for j in range(3):
            out[i, j] = fine[j]
            error[j] = max(error[j], abs(fine[j] - coarse[j]))
