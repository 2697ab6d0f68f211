"""Both layers with both spins: eq (2) in the spin basis in which the mirror is complex conjugation.

H(k) = k^2/2m - mu + b.sigma, b = (lam k_x + B, lam k_y, J): that is eq (2) with the second spinor
component multiplied by i.  Then H(k_x, -k_y) is the complex conjugate of H(k_x, k_y), and at
q_y = 0 a pair field that keeps the mirror is real.

The only place that unpacks the parameters of a band.
"""

import math

from .cached import njit
from .exponential import VECTOR


@njit(**VECTOR)
def spin_hamiltonian(kx, ky, band):
    """The energy without spin, and the three components of b."""
    mass, mu, lam, B, J = band
    return (kx * kx + ky * ky) * (0.5 / mass) - mu, lam * kx + B, lam * ky, J


@njit(**VECTOR)
def inertia(band):
    """1/m and the Rashba coupling: dH/dk = k/m + lam (sigma_x, sigma_y)."""
    mass, _, lam, _, _ = band
    return 1.0 / mass, lam


@njit(**VECTOR)
def field(band):
    """(B, J): b of a layer without Rashba coupling."""
    _, _, _, B, J = band
    return B, J


@njit(**VECTOR)
def reduced_mass(e_band, h_band):
    """m_e m_h/(m_e + m_h)."""
    return 1.0 / (inertia(e_band)[0] + inertia(h_band)[0])


@njit(cache=True)
def lower_hole_spinor(h_band):
    """Lower eigenvector of B sigma_x + J sigma_z: holes without Rashba coupling; (2,) real."""
    B, J = field(h_band)
    half = 0.5 * math.atan2(B, J)
    return -math.sin(half), math.cos(half)
