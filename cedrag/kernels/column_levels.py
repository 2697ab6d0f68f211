"""Mean field of one column: electrons of both spins pair with holes that have one spin state.

For lambda_h = 0 the spinor of the holes does not turn, and Delta = (Delta_0, Delta_1) pairs their
lower branch with both spins of the electron.  In the basis of the electron's branches v_i(k)

    K = [[E_0, 0, a_0], [0, E_1, a_1], [a_0*, a_1*, -h]],   a_i = v_i^dag Delta.

The phases of a_i go into the v_i, which leaves K real symmetric.  The spin basis is that of
``spin_bands``.  ``fill_levels`` sets the columns named below, ``fill_velocities`` those behind.
"""

import math

from .cached import njit
from .exponential import VECTOR
from .jacobi import sweep_three, turn
from .occupation import fermi, potential_change, thermal_potential
from .spin_bands import inertia, spin_hamiltonian

BLOCK = 32  # nodes side by side; a constant, so that distances between columns are constants

OMEGA, SLOPE, DENSITIES, CURRENT = 0, 1, 5, 7  # d/d(Re, Im) of Delta_0, Delta_1; n_e, n_h; d/dq
SUMMED = 9  # columns that are integrands
LEVELS, OCCUPIED, EMPTY, MIXED = 9, 12, 15, 18  # E_m, f, 1 - f and sqrt(f (1 - f))
VECTORS, COUPLING, UNPAIRED = 21, 30, 38  # w_mi; p_is = v_i^dag e_s as (Re, Im); E at Delta = 0
VELOCITY, TURNING = 41, 47  # dK/dq_x of both branches and the hole, dq_y; between branches (Re, Im)
COLUMNS = 51


@njit(**VECTOR)
def _electrons(kx, ky, band):
    """Two levels and the rotation (c, t) to the branches v_0 = c (1, -t*), v_1 = c (t, 1)."""
    e, x, y, z = spin_hamiltonian(kx, ky, band)
    c, t, s = turn(e + z, e - z, complex(x, -y))
    return e + z - s, e - z + s, c, t


@njit(**VECTOR)
def _hole(kx, ky, band):
    e, x, y, z = spin_hamiltonian(kx, ky, band)
    return e - math.sqrt(x * x + y * y + z * z)


@njit(**VECTOR)
def _aligned(a):
    """|a| and its phase; 1 where a = 0."""
    a = a + 1e-150
    size = math.sqrt(a.real * a.real + a.imag * a.imag)
    return size, a * (1.0 / size)


@njit(**VECTOR)
def _node(kx, ky, qx, qy, e_band, h_band, D0, D1):
    """Levels without pairing, their shifts, the vectors, and the couplings p."""
    E0, E1, c, t = _electrons(0.5 * qx + kx, 0.5 * qy + ky, e_band)
    E2 = -_hole(0.5 * qx - kx, 0.5 * qy - ky, h_band)
    r0, phase0 = _aligned(c * (D0 - t * D1))
    r1, phase1 = _aligned(c * (t.conjugate() * D0 + D1))
    E, shift, a = (E0, E1, E2), (0.0, 0.0, 0.0), (0.0, r0, r1)
    v = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    shift, a, v = sweep_three(E, shift, a, v)
    shift, a, v = sweep_three(E, shift, a, v)
    shift, a, v = sweep_three(E, shift, a, v)
    shift, a, v = sweep_three(E, shift, a, v)
    p00, p10 = c * phase0.conjugate(), c * phase1.conjugate() * t.conjugate()
    p01, p11 = -c * phase0.conjugate() * t, c * phase1.conjugate()
    return E, shift, v, p00, p01, p10, p11


@njit(**VECTOR)
def _filled(E0, shift, T, T_ref):
    """f, 1 - f and what one level adds to Omega."""
    f, g = fermi(E0 + shift, T)
    omega = potential_change(E0, shift, T)
    return f, g, omega + (thermal_potential(E0, T) - thermal_potential(E0, T_ref))


@njit(cache=True, error_model="numpy", nogil=True)
def _fill_vectors(kx, ky, qx, qy, e_band, h_band, D0, D1, f, shifts):
    B = BLOCK
    for i in range(B):
        E, z, v, p00, p01, p10, p11 = _node(kx[i], ky[i], qx, qy, e_band, h_band, D0, D1)
        f[i + 38 * B], f[i + 39 * B], f[i + 40 * B] = E
        f[i + 9 * B], f[i + 10 * B], f[i + 11 * B] = E[0] + z[0], E[1] + z[1], E[2] + z[2]
        shifts[i], shifts[i + B], shifts[i + 2 * B] = z
        f[i + 21 * B], f[i + 22 * B], f[i + 23 * B] = v[0]
        f[i + 24 * B], f[i + 25 * B], f[i + 26 * B] = v[1]
        f[i + 27 * B], f[i + 28 * B], f[i + 29 * B] = v[2]
        f[i + 30 * B], f[i + 31 * B], f[i + 32 * B], f[i + 33 * B] = (
            p00.real, p00.imag, p01.real, p01.imag)  # fmt: skip
        f[i + 34 * B], f[i + 35 * B], f[i + 36 * B], f[i + 37 * B] = (
            p10.real, p10.imag, p11.real, p11.imag)  # fmt: skip


@njit(cache=True, error_model="numpy", nogil=True)
def _fill_occupations(T, T_ref, f, shifts):
    """f, 1 - f and sqrt(f (1 - f)) of one level after the other, and Omega without the vacuum."""
    B = BLOCK
    for i in range(B):
        f[i] = 0.0
    for i in range(3 * B):
        f1, g1, omega = _filled(f[i + 38 * B], shifts[i], T, T_ref)
        f[i + 12 * B], f[i + 15 * B], f[i + 18 * B] = f1, g1, math.sqrt(f1 * g1)
        shifts[i] = omega
    for i in range(B):
        f[i] = shifts[i] + shifts[i + B] + shifts[i + 2 * B]


@njit(cache=True, error_model="numpy", nogil=True)
def _fill_slopes(kx, ky, E_ref, m_r, D0, D1, f):
    """Omega's vacuum term, dOmega/dDelta and the densities."""
    B = BLOCK
    norm = D0.real * D0.real + D0.imag * D0.imag + D1.real * D1.real + D1.imag * D1.imag
    for i in range(B):
        g0 = g1 = n_e = n_h = 0.0
        f0, f1, f2 = f[i + 12 * B], f[i + 13 * B], f[i + 14 * B]
        a0, a1, a2 = f[i + 21 * B], f[i + 22 * B], f[i + 23 * B]
        b0, b1, b2 = f[i + 24 * B], f[i + 25 * B], f[i + 26 * B]
        c0, c1, c2 = f[i + 27 * B], f[i + 28 * B], f[i + 29 * B]
        g0 = 2.0 * (f0 * a0 * a2 + f1 * b0 * b2 + f2 * c0 * c2)
        g1 = 2.0 * (f0 * a1 * a2 + f1 * b1 * b2 + f2 * c1 * c2)
        n_e = f0 * (a0 * a0 + a1 * a1) + f1 * (b0 * b0 + b1 * b1) + f2 * (c0 * c0 + c1 * c1)
        n_h = f[i + 15 * B] * a2 * a2 + f[i + 16 * B] * b2 * b2 + f[i + 17 * B] * c2 * c2
        vacuum = 1.0 / ((kx[i] * kx[i] + ky[i] * ky[i]) * (0.5 / m_r) + E_ref)
        f[i] += vacuum * norm
        f[i + B] = 2.0 * vacuum * D0.real + (f[i + 30 * B] * g0 + f[i + 34 * B] * g1)
        f[i + 2 * B] = 2.0 * vacuum * D0.imag - (f[i + 31 * B] * g0 + f[i + 35 * B] * g1)
        f[i + 3 * B] = 2.0 * vacuum * D1.real + (f[i + 32 * B] * g0 + f[i + 36 * B] * g1)
        f[i + 4 * B] = 2.0 * vacuum * D1.imag - (f[i + 33 * B] * g0 + f[i + 37 * B] * g1)
        f[i + 5 * B], f[i + 6 * B] = n_e, n_h


@njit(cache=True, nogil=True)
def fill_levels(kx, ky, qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, D0, D1, f, shifts):
    """All columns up to VELOCITY but the current, for BLOCK nodes; ``shifts`` is work space."""
    _fill_vectors(kx, ky, qx, qy, e_band, h_band, D0, D1, f, shifts)
    _fill_occupations(T, T_ref, f, shifts)
    _fill_slopes(kx, ky, E_ref, m_r, D0, D1, f)


@njit(cache=True, error_model="numpy", nogil=True)
def fill_velocities(kx, ky, qx, qy, T_ref, e_band, h_band, f):
    """dK/dq between the branches, and the current less that of the normal state at T_ref."""
    B = BLOCK
    per_e, lam = inertia(e_band)
    per_h, _ = inertia(h_band)
    for i in range(B):
        p00, p01 = complex(f[i + 30 * B], f[i + 31 * B]), complex(f[i + 32 * B], f[i + 33 * B])
        p10, p11 = complex(f[i + 34 * B], f[i + 35 * B]), complex(f[i + 36 * B], f[i + 37 * B])
        # sigma_x = |0><1| + |1><0|, and sigma_y with -i and i; p_is = <v_i|s>
        x0, x1 = 2.0 * (p00 * p01.conjugate()).real, 2.0 * (p10 * p11.conjugate()).real
        y0, y1 = 2.0 * (p00 * p01.conjugate()).imag, 2.0 * (p10 * p11.conjugate()).imag
        a, b = p00 * p11.conjugate(), p01 * p10.conjugate()
        ox, oy = a + b, complex((a - b).imag, -(a - b).real)
        ex, ey = 0.5 * per_e * (kx[i] + 0.5 * qx), 0.5 * per_e * (ky[i] + 0.5 * qy)
        hx, hy = 0.5 * per_h * (kx[i] - 0.5 * qx), 0.5 * per_h * (ky[i] - 0.5 * qy)
        half = 0.5 * lam
        vx0, vx1, vy0, vy1 = ex + half * x0, ex + half * x1, ey + half * y0, ey + half * y1
        f[i + 41 * B], f[i + 42 * B], f[i + 43 * B] = vx0, vx1, hx
        f[i + 44 * B], f[i + 45 * B], f[i + 46 * B] = vy0, vy1, hy
        f[i + 47 * B], f[i + 48 * B] = half * ox.real, half * ox.imag
        f[i + 49 * B], f[i + 50 * B] = half * oy.real, half * oy.imag
        f0, f1, f2 = f[i + 12 * B], f[i + 13 * B], f[i + 14 * B]
        a0, a1, b0, b1 = f[i + 21 * B], f[i + 22 * B], f[i + 24 * B], f[i + 25 * B]
        c0, c1 = f[i + 27 * B], f[i + 28 * B]
        n00 = f0 * a0 * a0 + f1 * b0 * b0 + f2 * c0 * c0 - fermi(f[i + 38 * B], T_ref)[0]
        n11 = f0 * a1 * a1 + f1 * b1 * b1 + f2 * c1 * c1 - fermi(f[i + 39 * B], T_ref)[0]
        n01 = 2.0 * (f0 * a0 * a1 + f1 * b0 * b1 + f2 * c0 * c1)
        n_h = f[i + 6 * B] - fermi(f[i + 40 * B], T_ref)[1]
        f[i + 7 * B] = n00 * vx0 + n11 * vx1 + n01 * half * ox.real - n_h * hx
        f[i + 8 * B] = n00 * vy0 + n11 * vy1 + n01 * half * oy.real - n_h * hy
