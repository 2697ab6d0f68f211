"""The bands of eqs (2) and (3): the one place that knows their parameters and their formula.

In the layer's own spin space eq (2) is

    H(k) = k^2/(2m) - mu + h(k) . sigma,   h = (lambda k_x + B, lambda k_y, J),

with h counted along B, across it in the plane, and out of the plane (sigma_y, -sigma_x, sigma_z).
The branches are xi = k^2/(2m) - mu -+ s with s = |h|; all else follows from h, which is linear in
k, and from its constant slopes.  A further linear term of the spin field goes into ``spin_field``,
``spin_slopes``, ``steepness``, ``cone`` and ``largest_splitting``.  What uses more of the
Rashba form than these functions tell, and has to be looked at or refused, is

- a mirror k_y -> -k_y, as ``Bilayer.has_mirror`` says: the meshes of the half plane
  (``mesh_builder``, ``ruled_mesh``, ``mesh_sums``), ``seeds`` and everything on the axis
  (``contours``, ``axis_states``, ``axis_series``, ``axis_diode``);
- one isotropic slope: ``rashba_polarisability`` and ``rashba_drag`` (their curves are odd about
  the cone at fixed k_perp), the quartic of ``Bilayer.radial_roots``, the page of the live control
  and the copies outside the package: benchmarks/pair_kernel.c and benchmarks/reference.py.

Functions here take floats inside kernels and arrays of numpy outside.
"""

from typing import NamedTuple

import numpy as np

from .cached import formula
from .exponential import INLINED

_TINY = 1e-300  # added to squares, so that nothing divides by zero at a cone


class Band(NamedTuple):
    """Parameters of one layer as kernels take them; in E_u, l_u and m_e, or scaled."""

    mass: float
    mu: float
    rashba: float
    zeeman_inplane: float
    zeeman_outofplane: float

    def in_units_of(self, t):
        """The band with energies in units of ``t`` and lengths as they are (hbar = 1)."""
        m, mu, lam, B, J = self
        return Band(m * t, mu / t, lam / t, B / t, J / t)


# the spin field ------------------------------------------------------------------------------


@formula(**INLINED)
def spin_field(kx, ky, band):
    """h(k): along B, across it in the plane, out of the plane."""
    lam = band.rashba
    return lam * kx + band.zeeman_inplane, lam * ky, band.zeeman_outofplane


@formula(**INLINED)
def spin_slopes(band):
    """dh/dk_x and dh/dk_y, both in the plane and the same at all k."""
    return (band.rashba, 0.0), (0.0, band.rashba)


@formula(**INLINED)
def steepness(band):
    """Largest |dh/dk|: no spin velocity exceeds it."""
    return abs(band.rashba)


@formula(**INLINED)
def cone(band):
    """Where the splitting is least, (k_x, k_y), and whether it lies within reach at all."""
    if abs(band.rashba) * 1e8 <= abs(band.zeeman_inplane):
        return 0.0, 0.0, False
    return -band.zeeman_inplane / band.rashba, 0.0, True


@formula(**INLINED)
def cone_gap(band):
    """The splitting s at the cone, which blunts it."""
    return abs(band.zeeman_outofplane)


@formula(**INLINED)
def largest_splitting(k, band):
    """A bound of s for |k| <= ``k``."""
    in_plane = steepness(band) * k + abs(band.zeeman_inplane)
    return np.sqrt(in_plane * in_plane + band.zeeman_outofplane * band.zeeman_outofplane)


@formula(**INLINED)
def is_convex(band):
    """Whether the lower branch is convex at the cone, and with that everywhere."""
    return band.mass * steepness(band) ** 2 <= cone_gap(band)


# the branches --------------------------------------------------------------------------------


@formula(**INLINED)
def spin_splitting(kx, ky, band):
    """s(k) = |h(k)|, half the splitting."""
    a, b, c = spin_field(kx, ky, band)
    return np.sqrt(a * a + b * b + c * c)


@formula(**INLINED)
def energy(kx, ky, band):
    """Lower branch xi(k) = k^2/(2m) - mu - s(k), regular at lambda = 0."""
    return (kx * kx + ky * ky) * (0.5 / band.mass) - band.mu - spin_splitting(kx, ky, band)


@formula(**INLINED)
def upper_energy(kx, ky, band):
    """Upper branch k^2/(2m) - mu + s(k)."""
    return (kx * kx + ky * ky) * (0.5 / band.mass) - band.mu + spin_splitting(kx, ky, band)


@formula(**INLINED)
def energy_and_velocity(kx, ky, band):
    """xi and its gradient k/m - (h . dh/dk)/s; at a cone, that of the parabola."""
    a, b, c = spin_field(kx, ky, band)
    (a_x, b_x), (a_y, b_y) = spin_slopes(band)
    s = np.sqrt(a * a + b * b + (c * c + _TINY))
    per_s, per_mass = 1.0 / s, 1.0 / band.mass
    xi = (kx * kx + ky * ky) * (0.5 * per_mass) - band.mu - s
    return (
        xi,
        kx * per_mass - (a_x * a + b_x * b) * per_s,
        ky * per_mass - (a_y * a + b_y * b) * per_s,
    )


@formula(**INLINED)
def inverse_mass(kx, ky, band):
    """d^2 xi/dk_i dk_j = delta_ij/m - [d_i h . d_j h - (n . d_i h)(n . d_j h)]/s with n = h/s.

    Returns xx, xy, yy; at a cone, those of the parabola.
    """
    a, b, c = spin_field(kx, ky, band)
    (a_x, b_x), (a_y, b_y) = spin_slopes(band)
    s = np.sqrt(a * a + b * b + c * c)
    per_s = s / (s * s + _TINY)
    along_x, along_y = (a_x * a + b_x * b) * per_s, (a_y * a + b_y * b) * per_s
    return (
        1.0 / band.mass - per_s * (a_x * a_x + b_x * b_x - along_x * along_x),
        -per_s * (a_x * a_y + b_x * b_y - along_x * along_y),
        1.0 / band.mass - per_s * (a_y * a_y + b_y * b_y - along_y * along_y),
    )


@formula(**INLINED)
def overlap(kx, ky, px, py, band):
    """|<u_k|u_p>|^2 = (1 + n_k . n_p)/2 of the lower spinors; 1/2 where one of them is a cone's."""
    a, b, c = spin_field(kx, ky, band)
    d, e, f = spin_field(px, py, band)
    s = np.sqrt(a * a + b * b + (c * c + _TINY))
    t = np.sqrt(d * d + e * e + (f * f + _TINY))
    return 0.5 + 0.5 * (a * d + b * e + c * f) / (s * t)


@formula(**INLINED)
def energy_difference(kx, ky, q, c, s, band):
    """D = xi(k + q/2) - xi(k - q/2) without cancellation, and dD/dk along q = q (c, s)."""
    x, y, z = spin_field(kx, ky, band)
    (x_x, y_x), (x_y, y_y) = spin_slopes(band)
    dx, dy = x_x * c + x_y * s, y_x * c + y_y * s  # dh/dk along q: h is linear in k
    up_x, up_y, low_x, low_y = (
        x + 0.5 * q * dx, y + 0.5 * q * dy, x - 0.5 * q * dx, y - 0.5 * q * dy
    )  # fmt: skip
    rest = z * z + _TINY
    up = np.sqrt(up_x * up_x + up_y * up_y + rest)
    low = np.sqrt(low_x * low_x + low_y * low_y + rest)
    value = q * (kx * c + ky * s) / band.mass - 2.0 * q * (dx * x + dy * y) / (up + low)
    slope = q / band.mass - ((up_x * dx + up_y * dy) / up - (low_x * dx + low_y * dy) / low)
    return value, slope
