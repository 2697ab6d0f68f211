"""Mean field of level texture: lower branches that pair with the overlap of the electron's spinor.

The closed form of ``mean_field_band`` with |Delta|^2 replaced by the weight

    s(k) = (Delta^dag Delta - n.S)/2,   S = Delta^dag sigma Delta,   n = b/|b| at k + q/2,

in the spin basis of ``spin_bands``.  The vacuum term carries half the weight: N/2 of N = Delta^dag
Delta, made (N - m.S)/2 with the odd m = sgn(lam) k/sqrt(k^2 + 2 m_r E_ref), which adds nothing to
the integral and makes every ray converge by itself.
"""

import math

import numpy as np

from .cached import njit
from .column_levels import BLOCK, SUMMED
from .column_response import PAIRS, add_weighted
from .mean_field_band import state_integrands
from .spin_bands import inertia, spin_hamiltonian


@njit(cache=True, error_model="numpy", nogil=True)
def _fill(kx, ky, qx, qy, model, r0, i0, r1, i1, f):
    """The 9 first and behind them the 21 second derivatives for BLOCK nodes."""
    T, T_ref, e_band, h_band, E_ref, m_r = model
    B = BLOCK
    S_x, S_y = 2.0 * (r0 * r1 + i0 * i1), 2.0 * (r0 * i1 - i0 * r1)
    up, down = r0 * r0 + i0 * i0, r1 * r1 + i1 * i1
    N, S_z = up + down, up - down
    lam = inertia(e_band)[1]
    sign = 1.0 if lam >= 0.0 else -1.0
    for i in range(B):
        _, bx, by, bz = spin_hamiltonian(kx[i] + 0.5 * qx, ky[i] + 0.5 * qy, e_band)
        per_b = 1.0 / math.sqrt(bx * bx + by * by + bz * bz)
        nx, ny, nz = bx * per_b, by * per_b, bz * per_b
        kappa = 0.5 * lam * per_b
        along = nx * S_x + ny * S_y + nz * S_z
        s = 0.5 * (N - along)
        # n.sigma Delta, and the derivatives of s
        c0, c1 = nz * r0 + nx * r1 + ny * i1, nz * i0 + nx * i1 - ny * r1
        c2, c3 = nx * r0 - ny * i0 - nz * r1, nx * i0 + ny * r0 - nz * i1
        s0, s1, s2, s3 = r0 - c0, i0 - c1, r1 - c2, i1 - c3
        tx, ty = S_x - nx * along, S_y - ny * along
        sx, sy = -0.5 * kappa * tx, -0.5 * kappa * ty
        square = 0.5 * kappa * kappa
        sxx = square * (2.0 * nx * tx + (1.0 - nx * nx) * along)
        sxy = square * (ny * tx + nx * ty - nx * ny * along)
        syy = square * (2.0 * ny * ty + (1.0 - ny * ny) * along)
        x0, x1 = -kappa * (r1 - nx * c0), -kappa * (i1 - nx * c1)
        x2, x3 = -kappa * (r0 - nx * c2), -kappa * (i0 - nx * c3)
        y0, y1 = -kappa * (i1 - ny * c0), -kappa * (-r1 - ny * c1)
        y2, y3 = -kappa * (-i0 - ny * c2), -kappa * (r0 - ny * c3)
        omega, n_e, n_h, jx, jy, xx, xy, yy, with_vacuum, bend, px, py = state_integrands(
            kx[i], ky[i], qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, s
        )
        square = kx[i] * kx[i] + ky[i] * ky[i]
        vacuum = 1.0 / (square * (0.5 / m_r) + E_ref)
        slope = with_vacuum - vacuum
        # the vacuum's own texture
        far = sign / math.sqrt(square + 2.0 * m_r * E_ref)
        mx, my = far * kx[i], far * ky[i]
        f[i] = omega + vacuum * (0.5 * (N - mx * S_x - my * S_y) - s)
        f[i + B] = slope * s0 + vacuum * (r0 - mx * r1 - my * i1)
        f[i + 2 * B] = slope * s1 + vacuum * (i0 - mx * i1 + my * r1)
        f[i + 3 * B] = slope * s2 + vacuum * (r1 - mx * r0 + my * i0)
        f[i + 4 * B] = slope * s3 + vacuum * (i1 - mx * i0 - my * r0)
        f[i + 5 * B], f[i + 6 * B] = n_e, n_h
        f[i + 7 * B], f[i + 8 * B] = jx + slope * sx, jy + slope * sy
        # rows of the upper triangle: Re 0, Im 0, Re 1, Im 1, q_x, q_y
        f[i + 9 * B] = slope * (1.0 - nz) + bend * s0 * s0 + vacuum
        f[i + 10 * B] = bend * s0 * s1
        f[i + 11 * B] = -slope * nx + bend * s0 * s2 - vacuum * mx
        f[i + 12 * B] = -slope * ny + bend * s0 * s3 - vacuum * my
        f[i + 13 * B] = slope * x0 + (bend * sx + px) * s0
        f[i + 14 * B] = slope * y0 + (bend * sy + py) * s0
        f[i + 15 * B] = slope * (1.0 - nz) + bend * s1 * s1 + vacuum
        f[i + 16 * B] = slope * ny + bend * s1 * s2 + vacuum * my
        f[i + 17 * B] = -slope * nx + bend * s1 * s3 - vacuum * mx
        f[i + 18 * B] = slope * x1 + (bend * sx + px) * s1
        f[i + 19 * B] = slope * y1 + (bend * sy + py) * s1
        f[i + 20 * B] = slope * (1.0 + nz) + bend * s2 * s2 + vacuum
        f[i + 21 * B] = bend * s2 * s3
        f[i + 22 * B] = slope * x2 + (bend * sx + px) * s2
        f[i + 23 * B] = slope * y2 + (bend * sy + py) * s2
        f[i + 24 * B] = slope * (1.0 + nz) + bend * s3 * s3 + vacuum
        f[i + 25 * B] = slope * x3 + (bend * sx + px) * s3
        f[i + 26 * B] = slope * y3 + (bend * sy + py) * s3
        f[i + 27 * B] = xx + slope * sxx + bend * sx * sx + 2.0 * px * sx
        f[i + 28 * B] = xy + slope * sxy + bend * sx * sy + px * sy + py * sx
        f[i + 29 * B] = yy + slope * syy + bend * sy * sy + 2.0 * py * sy


@njit(cache=True, nogil=True)
def texture_sums(kx, ky, weight, qx, qy, model, D0, D1, used, first_order, second_order):
    """As ``column_sums``."""
    px, py = np.empty((2, BLOCK))
    f = np.empty((SUMMED + PAIRS) * BLOCK)
    second = f[SUMMED * BLOCK :]
    for first in range(0, len(kx), BLOCK):
        count = min(BLOCK, len(kx) - first)
        for i in range(BLOCK):
            px[i], py[i] = kx[first + min(i, count - 1)], ky[first + min(i, count - 1)]
        _fill(px, py, qx, qy, model, D0.real, D0.imag, D1.real, D1.imag, f)
        add_weighted(f, SUMMED, weight, first, count, first_order)
        add_weighted(second, PAIRS, weight, first, count, second_order)
