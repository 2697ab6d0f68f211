"""The quadratic form of the pair field with all four spin states, and its q-gradient.

Per momentum, with W_ij = [1 - f(e_i) - f(h_j)]/(e_i + h_j) for the branches i, j = +-1,

    A = 1/(k^2/2m_r + E_ref) - sum_ij W_ij P_i (x) Q_j,   P_i = (1 + i n_e.sigma)/2,

and Q_j the same for the holes: A = sum_ab c_ab sigma_a (x) sigma_b, with sixteen real numbers c_ab
(a, b = 1, x, y, z), on the vector (Delta_00, Delta_01, Delta_10, Delta_11).  W_ij is finite where
e_i + h_j = 0.  At q_y = 0 whatever holds one sigma_y integrates to zero: A is real there.
"""

import math

import numpy as np

from .cached import njit
from .pair import pair_functions
from .spin_bands import inertia, spin_hamiltonian

QUADRATIC_COLUMNS = 48  # c_ab (16), dc_ab/dq_x, dc_ab/dq_y


@njit(cache=True, error_model="numpy", nogil=True)
def _branches(kx, ky, band, n, slopes):
    """Energies (lower, upper) at k; n = (1, unit vector of b) and its dq-derivatives, (3, 4).

    ``slopes`` (2, 2): the dq-derivatives of the branches.
    """
    e, bx, by, bz = spin_hamiltonian(kx, ky, band)
    per_m, lam = inertia(band)
    s = math.sqrt(bx * bx + by * by + bz * bz + 1e-300)
    n[0, 0], n[0, 1], n[0, 2], n[0, 3] = 1.0, bx / s, by / s, bz / s
    for i in range(2):
        along = n[0, 1 + i]
        n[1 + i, 0] = 0.0
        for c in range(1, 4):
            n[1 + i, c] = 0.5 * lam / s * ((1.0 if c == 1 + i else 0.0) - along * n[0, c])
        kinetic = 0.5 * per_m * (kx if i == 0 else ky)
        slopes[i, 0], slopes[i, 1] = kinetic - 0.5 * lam * along, kinetic + 0.5 * lam * along
    return e - s, e + s


@njit(cache=True, error_model="numpy", nogil=True)
def _expansion(c, e, h, e_slopes, h_slopes, T):
    """-1/4 sum_ij W_ij i^a j^b for a, b = 0, 1 and its dq-derivatives, (3, 2, 2)."""
    half = 0.5 / T
    c[:] = 0.0
    for i in range(2):
        for j in range(2):
            w, _, w_X, w_D, _, _ = pair_functions((e[i] + h[j]) * half, (e[i] - h[j]) * half)
            by_e, by_h = half * half * (w_X + w_D), half * half * (w_X - w_D)
            for a in range(2):
                for b in range(2):
                    sign = -0.25 * (2 * i - 1) ** a * (2 * j - 1) ** b
                    c[0, a, b] += sign * half * w
                    for x in range(2):
                        slope = by_e * e_slopes[x, i] + by_h * h_slopes[x, j]
                        c[1 + x, a, b] += sign * slope


@njit(cache=True, error_model="numpy", nogil=True)
def fill_quadratic(kx, ky, qx, qy, T, e_band, h_band, E_ref, m_r, out):
    """Write c_ab and its gradient at each node into the rows of ``out`` (48, n)."""
    ne, nh, c = np.empty((3, 4)), np.empty((3, 4)), np.empty((3, 2, 2))
    e_slopes, h_slopes = np.empty((2, 2)), np.empty((2, 2))
    for k in range(len(kx)):
        e = _branches(0.5 * qx + kx[k], 0.5 * qy + ky[k], e_band, ne, e_slopes)
        h = _branches(0.5 * qx - kx[k], 0.5 * qy - ky[k], h_band, nh, h_slopes)
        _expansion(c, e, h, e_slopes, h_slopes, T)
        for a in range(4):
            for b in range(4):
                i, j = min(a, 1), min(b, 1)
                product = ne[0, a] * nh[0, b]
                out[4 * a + b, k] = c[0, i, j] * product
                for x in range(1, 3):
                    out[16 * x + 4 * a + b, k] = c[x, i, j] * product + c[0, i, j] * (
                        ne[x, a] * nh[0, b] + ne[0, a] * nh[x, b]
                    )
        out[0, k] += 1.0 / ((kx[k] * kx[k] + ky[k] * ky[k]) * (0.5 / m_r) + E_ref)


@njit(cache=True)
def quadratic_matrix(c):
    """The Hermitian 4 x 4 matrix sum_ab c_ab sigma_a (x) sigma_b from sixteen real numbers."""
    sigma = np.zeros((4, 2, 2), np.complex128)
    sigma[0, 0, 0] = sigma[0, 1, 1] = sigma[1, 0, 1] = sigma[1, 1, 0] = sigma[3, 0, 0] = 1.0
    sigma[2, 0, 1], sigma[2, 1, 0], sigma[3, 1, 1] = -1j, 1j, -1.0
    A = np.zeros((4, 4), np.complex128)
    for a in range(4):
        for b in range(4):
            for i in range(4):
                for j in range(4):
                    A[i, j] += c[4 * a + b] * (sigma[a, i // 2, j // 2] * sigma[b, i % 2, j % 2])
    return A
