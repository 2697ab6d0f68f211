"""Mean field at level band: integrands of Omega and its derivatives, and their sums over nodes.

One pair species, E = sqrt(x^2 + |Delta|^2) with x = (e+h)/2, d = (e-h)/2.  Per momentum

    G = x - T ln(2 cosh(E/T) + 2 cosh(d/T)),

even in E, hence analytic in x^2 + |Delta|^2: its only singularities are E +- d = i pi T (2n+1).

Every level of spin offers the same two functions, for n real unknowns z of Delta:

    fill_gap(kx, ky, weight, qx, qy, model, z, out)     out (2, n + n(n+1)/2)
    fill_state(kx, ky, weight, qx, qy, model, z, out)   out (2, 8 + n + n(n+1)/2 + 2n)

They set ``out`` to the sums over nodes with both rows of ``weight`` (2, nodes), the Kronrod and the
Gauss weights of one mesh.  ``model`` is (T, T_ref, e_band, h_band, E_ref, m_r).  Components:

    gap:    dOmega/dz_a (n), d2Omega/dz_a dz_b for a <= b, row by row
    state:  Omega; n_e, n_h; dOmega/dq (x, y); d2Omega/dq dq (xx, xy, yy);
            then those of gap; then d2Omega/dz dq_x (n), d2Omega/dz dq_y (n)

where Omega stands for |Delta|^2/(k^2/2m_r + E_ref) plus the integrand of the condensed state less
that of the normal state at the temperature T_ref.  The latter does not depend on q once integrated,
so it leaves all derivatives as they are; T_ref of the order of the gap keeps it from being sharper
than the condensed state.
"""

import math

import numpy as np

from .bands import energy, energy_and_velocity, inverse_mass
from .cached import njit
from .exponential import VECTOR
from .occupation import level
from .pair import pair_functions

N_STATE = 8  # components before those of gap: Omega, densities, and the derivatives by q alone
OMEGA, DENSITY_E, DENSITY_H, CURRENT, RIGIDITY = 0, 1, 2, 3, 5

BLOCK = 128  # nodes at a time; a constant, so that the distance between buffers is one


@njit(**VECTOR)
def gap_integrands(kx, ky, qx, qy, T, e_band, h_band, E_ref, m_r, square):
    """First and second derivative by |Delta|^2 = ``square``."""
    e = energy(kx + 0.5 * qx, ky + 0.5 * qy, e_band)
    h = energy(0.5 * qx - kx, 0.5 * qy - ky, h_band)
    x = 0.5 * (e + h)
    per_T = 1.0 / T
    w, y, _, _, _, _ = pair_functions(math.sqrt(x * x + square) * per_T, 0.5 * (e - h) * per_T)
    reference = 1.0 / ((kx * kx + ky * ky) * (0.5 / m_r) + E_ref)
    return reference - 0.5 * per_T * w, 0.25 * per_T * per_T * per_T * y


@njit(**VECTOR)
def state_integrands(kx, ky, qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, square):
    """The twelve integrands of the state, with |Delta|^2 for the unknown."""
    e, ex, ey = energy_and_velocity(kx + 0.5 * qx, ky + 0.5 * qy, e_band)
    h, hx, hy = energy_and_velocity(0.5 * qx - kx, 0.5 * qy - ky, h_band)
    exx, exy, eyy = inverse_mass(kx + 0.5 * qx, ky + 0.5 * qy, e_band)
    hxx, hxy, hyy = inverse_mass(0.5 * qx - kx, 0.5 * qy - ky, h_band)
    x, d = 0.5 * (e + h), 0.5 * (e - h)
    E = math.sqrt(x * x + (square + 1e-300))
    per_T = 1.0 / T
    w, y, _, _, _, _ = pair_functions(E * per_T, d * per_T)
    f1, g1, log1 = level(E + d, T)
    f2, g2, log2 = level(E - d, T)
    s2, S_X = f2 - f1, g1 + g2
    # x - E and 1 - x/E without cancellation far out, where the weights are large
    beyond = square / (E + abs(x))
    difference = -beyond if x > 0.0 else 2.0 * x - beyond
    share = beyond / E if x > 0.0 else 2.0 - beyond / E
    G_x = share + x / E * (f1 + f2)
    # second derivatives, from w - (E/T)^2 y = S_X
    G_xx = -per_T * (S_X + square * per_T * per_T * y)
    G_xd = x * per_T * per_T * (w * s2)
    G_dd = -per_T * S_X
    n_e, n_h = 0.5 * (G_x - s2), 0.5 * (G_x + s2)
    G_ee, G_hh = 0.25 * (G_xx + G_dd + 2.0 * G_xd), 0.25 * (G_xx + G_dd - 2.0 * G_xd)
    G_eh = 0.25 * (G_xx - G_dd)
    # less the normal state at T_ref
    fe, ge, log_e = level(e, T_ref)
    fh, gh, log_h = level(h, T_ref)
    m_e, m_h = n_e - fe, n_h - fh
    R_ee, R_hh = G_ee + ge / T_ref, G_hh + gh / T_ref
    reference = 1.0 / ((kx * kx + ky * ky) * (0.5 / m_r) + E_ref)
    by_x, by_d = 0.5 * per_T * per_T * per_T * (x * y), 0.5 * per_T * per_T * (w * s2)
    by_e, by_h = 0.25 * (by_x + by_d), 0.25 * (by_x - by_d)
    return (
        square * reference + difference + log1 + log2 - log_e - log_h,
        n_e,
        n_h,
        0.5 * (m_e * ex + m_h * hx),
        0.5 * (m_e * ey + m_h * hy),
        0.25 * (R_ee * ex * ex + R_hh * hx * hx + 2.0 * G_eh * ex * hx + m_e * exx + m_h * hxx),
        0.25 * (
            R_ee * ex * ey + R_hh * hx * hy + G_eh * (ex * hy + ey * hx) + m_e * exy + m_h * hxy
        ),
        0.25 * (R_ee * ey * ey + R_hh * hy * hy + 2.0 * G_eh * ey * hy + m_e * eyy + m_h * hyy),
        reference - 0.5 * per_T * w,
        0.25 * per_T * per_T * per_T * y,
        by_e * ex + by_h * hx,
        by_e * ey + by_h * hy,
    )  # fmt: skip


@njit(cache=True, error_model="numpy", nogil=True)
def _gap_block(kx, ky, qx, qy, model, square, f):
    T, _, e_band, h_band, E_ref, m_r = model
    for i in range(BLOCK):
        f[i], f[BLOCK + i] = gap_integrands(
            kx[i], ky[i], qx, qy, T, e_band, h_band, E_ref, m_r, square
        )


@njit(cache=True, error_model="numpy", nogil=True)
def _state_block(kx, ky, qx, qy, model, square, f):
    T, T_ref, e_band, h_band, E_ref, m_r = model
    for i in range(BLOCK):
        (
            f[i], f[BLOCK + i], f[2 * BLOCK + i], f[3 * BLOCK + i], f[4 * BLOCK + i],
            f[5 * BLOCK + i], f[6 * BLOCK + i], f[7 * BLOCK + i], f[8 * BLOCK + i],
            f[9 * BLOCK + i], f[10 * BLOCK + i], f[11 * BLOCK + i],
        ) = state_integrands(
            kx[i], ky[i], qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, square
        )  # fmt: skip


@njit(cache=True, error_model="numpy", fastmath=True, nogil=True)
def add_block(f, weight, first, count, out):
    """Add weighted sums of the buffers ``f``, components x BLOCK, to ``out`` (2, components)."""
    for c in range(out.shape[1]):
        fine = coarse = 0.0
        for i in range(count):
            fine += weight[0, first + i] * f[c * BLOCK + i]
            coarse += weight[1, first + i] * f[c * BLOCK + i]
        out[0, c] += fine
        out[1, c] += coarse


@njit(cache=True)
def _block_of(nodes, first, block):
    """Copy up to BLOCK of ``nodes`` and fill up with the last; return how many."""
    count = min(BLOCK, len(nodes) - first)
    for i in range(count):
        block[i] = nodes[first + i]
    for i in range(count, BLOCK):
        block[i] = nodes[first + count - 1]
    return count


@njit(cache=True, nogil=True)
def fill_gap(kx, ky, weight, qx, qy, model, z, out):
    """Sums of dOmega/dDelta and d2Omega/dDelta2; see the module."""
    x, y, f = np.empty(BLOCK), np.empty(BLOCK), np.empty(2 * BLOCK)
    out[:] = 0.0
    for first in range(0, len(kx), BLOCK):
        count = _block_of(kx, first, x)
        _block_of(ky, first, y)
        _gap_block(x, y, qx, qy, model, z[0] * z[0], f)
        add_block(f, weight, first, count, out)
    for row in range(2):
        out[row, 1] = 2.0 * out[row, 0] + 4.0 * z[0] * z[0] * out[row, 1]
        out[row, 0] *= 2.0 * z[0]


@njit(cache=True, nogil=True)
def fill_state(kx, ky, weight, qx, qy, model, z, out):
    """Sums of Omega, densities and all first and second derivatives; see the module."""
    x, y, f = np.empty(BLOCK), np.empty(BLOCK), np.empty(12 * BLOCK)
    out[:] = 0.0
    for first in range(0, len(kx), BLOCK):
        count = _block_of(kx, first, x)
        _block_of(ky, first, y)
        _state_block(x, y, qx, qy, model, z[0] * z[0], f)
        add_block(f, weight, first, count, out)
    for row in range(2):
        out[row, 9] = 2.0 * out[row, 8] + 4.0 * z[0] * z[0] * out[row, 9]
        for c in (8, 10, 11):
            out[row, c] *= 2.0 * z[0]
