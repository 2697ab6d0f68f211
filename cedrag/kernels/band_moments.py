"""What the drag needs to know about one band at k_B T = 1: reach, thermal strip, sums over k.

Units: hbar = k_B T = 1; the band is scaled by T.
"""

import math

from .bands import energy, energy_and_velocity, inverse_mass, largest_splitting
from .cached import njit

__all__ = ["fermi", "momentum_reach", "moments", "thermal_strip"]


@njit(cache=True)
def fermi(xi):
    """1/(exp(xi) + 1) without overflow."""
    if xi > 0.0:
        e = math.exp(-xi)
        return e / (1.0 + e)
    return 1.0 / (1.0 + math.exp(xi))


@njit(cache=True)
def momentum_reach(band):
    """The |k| beyond which every state has xi > 42 k_B T."""
    k = 1.0
    for _ in range(200):
        highest = max(band.mu + 42.0 + largest_splitting(k, band), 0.0)
        new = math.sqrt(2.0 * band.mass * highest)
        if abs(new - k) < 1e-6 * k:
            break
        k = new
    return 1.001 * k


@njit(cache=True)
def thermal_strip(band):
    """Half width of the strip in k in which f(xi(k)) is analytic, for the degenerate edge."""
    m = band.mass
    eta = momentum_reach(band) ** 2 / (2.0 * m) - 42.0
    modulus = math.hypot(eta, math.pi)
    return math.sqrt(m * (modulus - eta)) if eta > 0.0 else math.sqrt(m * (modulus + abs(eta)))


@njit(cache=True)
def moments(band, px, step):
    """Sums over k, trapezoidal with ``step``: n, dn/dmu, n <d^2 xi/dk_x^2>, and for the
    distribution displaced by px the particle current along x.

    Only k_y >= 0 is summed and counted twice: the band has the mirror k_y -> -k_y.
    """
    n = math.ceil(momentum_reach(band) / step)
    density = stiffness = bend = flow = 0.0
    for i in range(-n, n + 1):
        kx = i * step
        for j in range(n + 1):
            ky = j * step
            weight = 1.0 if j == 0 else 2.0
            f = weight * fermi(energy(kx, ky, band))
            density += f
            stiffness += f * (1.0 - f / weight)
            bend += f * inverse_mass(kx, ky, band)[0]
            flow += f * energy_and_velocity(kx + px, ky, band)[1]
    area = step * step / (4.0 * math.pi * math.pi)
    return area * density, area * stiffness, area * bend, area * flow
