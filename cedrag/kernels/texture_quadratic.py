"""The quadratic form of pairs between lower branches with their spinors, and its q-gradient.

Per momentum, with W = [1 - f(e) - f(h)]/(e + h) of the lower branches,

    A = (1/2)/(k^2/2m_r + E_ref) - W P (x) Q,   P = (1 - n_e.sigma)/2,

and Q the same for holes without Rashba coupling, whose spinor does not turn.  Far out the overlap
of the electron's spinor averages to 1/2, and so does what is subtracted.  There n_e tends to
sign(lambda) k/|k|: along one ray that diverges as log k, so the odd function
(1/2)/(k^2/2m_r + E_ref) k.sigma/sqrt(k^2 + 2m_r E_ref), whose integral is zero, goes off too.
The columns are those of ``spin_quadratic``.
"""

import math

import numpy as np

from .bands import energy_and_velocity
from .cached import njit
from .pair import pair_functions
from .spin_bands import inertia, spin_hamiltonian

_TINY = 1e-300


@njit(cache=True)
def _lower(kx, ky, band, n):
    """Coefficients of P on (1, sigma) and their dq-derivatives, (3, 4)."""
    _, bx, by, bz = spin_hamiltonian(kx, ky, band)
    _, lam = inertia(band)
    s = math.sqrt(bx * bx + by * by + bz * bz + _TINY)
    n[0, 0], n[0, 1], n[0, 2], n[0, 3] = 0.5, -0.5 * bx / s, -0.5 * by / s, -0.5 * bz / s
    for i in range(2):
        along = -2.0 * n[0, 1 + i]
        n[1 + i, 0] = 0.0
        for c in range(1, 4):
            unit = 1.0 if c == 1 + i else 0.0
            n[1 + i, c] = -0.25 * lam / s * (unit + 2.0 * along * n[0, c])


@njit(cache=True, error_model="numpy", nogil=True)
def fill_texture(kx, ky, qx, qy, T, e_band, h_band, E_ref, m_r, out):
    """Write c_ab and its gradient at each node into the rows of ``out`` (48, n)."""
    ne, nh, half = np.empty((3, 4)), np.empty((3, 4)), 0.5 / T
    w, chirality = np.empty(3), math.copysign(1.0, inertia(e_band)[1])
    for k in range(len(kx)):
        x, y, u, v = 0.5 * qx + kx[k], 0.5 * qy + ky[k], 0.5 * qx - kx[k], 0.5 * qy - ky[k]
        _lower(x, y, e_band, ne)
        _lower(u, v, h_band, nh)
        e, e_x, e_y = energy_and_velocity(x, y, e_band)
        h, h_x, h_y = energy_and_velocity(u, v, h_band)
        value, _, w_X, w_D, _, _ = pair_functions((e + h) * half, (e - h) * half)
        by_e, by_h = 0.5 * half * half * (w_X + w_D), 0.5 * half * half * (w_X - w_D)
        w[0], w[1], w[2] = half * value, by_e * e_x + by_h * h_x, by_e * e_y + by_h * h_y
        for a in range(4):
            for b in range(4):
                out[4 * a + b, k] = -w[0] * ne[0, a] * nh[0, b]
                for i in range(1, 3):
                    out[16 * i + 4 * a + b, k] = -(w[i] * ne[0, a] + w[0] * ne[i, a]) * nh[0, b]
        square = kx[k] * kx[k] + ky[k] * ky[k]
        vacuum = 0.5 / (square * (0.5 / m_r) + E_ref)
        out[0, k] += vacuum
        outwards = chirality * vacuum / math.sqrt(square + 2.0 * m_r * E_ref)
        for b in range(4):
            out[4 + b, k] -= outwards * kx[k] * nh[0, b]
            out[8 + b, k] -= outwards * ky[k] * nh[0, b]
