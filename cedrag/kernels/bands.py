"""Lower spin branch of the Rashba-Zeeman bands, theory.md eq (3), on bare floats.

A band is five numbers: ``(mass, mu, rashba, zeeman_inplane, zeeman_outofplane)``.
"""

import math

from .cached import njit
from .exponential import VECTOR


@njit(**VECTOR)
def band(kx, ky, mass, mu, lam, B, J):
    """xi(k) = k^2/(2m) - mu - sqrt((lam kx + B)^2 + (lam ky)^2 + J^2), regular at lam = 0."""
    s = math.sqrt((lam * kx + B) ** 2 + (lam * ky) ** 2 + J * J)
    return (kx * kx + ky * ky) * (0.5 / mass) - mu - s


@njit(**VECTOR)
def band_and_velocity(kx, ky, mass, mu, lam, B, J):
    """xi and its gradient; a tiny floor avoids 0/0 where the splitting vanishes."""
    a, b = lam * kx + B, lam * ky
    s = math.sqrt(a * a + b * b + (J * J + 1e-300))
    slope = lam / s
    per_mass = 1.0 / mass
    xi = (kx * kx + ky * ky) * (0.5 * per_mass) - mu - s
    return xi, kx * per_mass - slope * a, ky * per_mass - slope * b
