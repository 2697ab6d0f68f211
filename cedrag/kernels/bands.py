"""Lower spin branch of the Rashba-Zeeman bands, theory.md eq (3), on bare floats.

A band is five numbers: ``(mass, mu, rashba, zeeman_inplane, zeeman_outofplane)``.
"""

import math

from numba import njit


@njit(cache=True)
def band(kx, ky, mass, mu, lam, B, J):
    """xi(k) = k^2/(2m) - mu - sqrt((lam kx + B)^2 + (lam ky)^2 + J^2), regular at lam = 0."""
    s = math.sqrt((lam * kx + B) ** 2 + (lam * ky) ** 2 + J * J)
    return (kx * kx + ky * ky) / (2.0 * mass) - mu - s


@njit(cache=True)
def band_and_velocity(kx, ky, mass, mu, lam, B, J):
    """Return xi, d xi/d kx, d xi/d ky.  The velocity is zero-field regular: 0/0 at s = 0 gives 0."""
    a = lam * kx + B
    b = lam * ky
    s = math.sqrt(a * a + b * b + J * J)
    slope = lam / s if s > 0.0 else 0.0
    xi = (kx * kx + ky * ky) / (2.0 * mass) - mu - s
    return xi, kx / mass - slope * a, ky / mass - slope * b
