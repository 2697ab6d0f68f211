"""Mean field with all four spin states: Omega, its slopes and the densities at each k.

K(k) = [[H_e(k+q/2), Delta], [Delta^dag, -H_h(-k+q/2)^T]], Delta (2, 2), in the basis of
``spin_bands``.  With f(K) known, every first derivative is a trace (Hellmann-Feynman).  Electrons
are counted by f(E), holes by 1 - f(E), so that nothing cancels far out.
"""

import math

from .cached import njit
from .exponential import VECTOR
from .jacobi import mix, sweep_four, turn
from .occupation import fermi, potential_change, thermal_potential
from .radial import LANES
from .spin_bands import inertia, spin_hamiltonian

PAIRING, CURRENT, DENSITIES = 1, 9, 11  # columns after Omega: d/d(Re, Im) Delta_ss'; d/dq; n_e, n_h
LEVELS, VECTORS, UNPAIRED, TURNS = 13, 17, 49, 53  # E; (Re, Im) of the vectors; E at Delta = 0; t
SHIFTS, COUPLINGS = 57, 61  # work space: E less E at Delta = 0; elements 01, 02, 03, 12, 13, 23
NODE_COLUMNS = 73
_SWEEPS = 4


@njit(**VECTOR)
def layers(kx, ky, qx, qy, e_band, h_band):
    """Levels of both layers without pairing, (4,), and the rotations (c, t) to them.

    The levels are those of K: electrons as they are, holes with a minus.
    """
    e, ex, ey, ez = spin_hamiltonian(0.5 * qx + kx, 0.5 * qy + ky, e_band)
    h, hx, hy, hz = spin_hamiltonian(0.5 * qx - kx, 0.5 * qy - ky, h_band)
    ce, te, se = turn(e + ez, e - ez, complex(ex, -ey))
    ch, th, sh = turn(-h - hz, -h + hz, complex(-hx, -hy))
    return (e + ez - se, e - ez + se, -h - hz - sh, -h + hz + sh), ce, te, ch, th


@njit(**VECTOR)
def band_coupling(D00, D01, D10, D11, ce, te, ch, th):
    """U_e^dag Delta U_h: the pair field between the levels of both layers."""
    x00, x01 = mix(D00, D01, ch, th)
    x10, x11 = mix(D10, D11, ch, th)
    y00, y10 = mix(x00.conjugate(), x10.conjugate(), ce, te)
    y01, y11 = mix(x01.conjugate(), x11.conjugate(), ce, te)
    return y00.conjugate(), y01.conjugate(), y10.conjugate(), y11.conjugate()


@njit(**VECTOR)
def _parts(v):
    return (v[0].real, v[0].imag, v[1].real, v[1].imag,
            v[2].real, v[2].imag, v[3].real, v[3].imag)  # fmt: skip


@njit(cache=True, error_model="numpy", nogil=True)
def _start(kx, ky, qx, qy, e_band, h_band, D00, D01, D10, D11, f):
    """The levels without pairing, their vectors, and the pair field between them."""
    L = LANES
    for i in range(L):
        E, ce, te, ch, th = layers(kx[i], ky[i], qx, qy, e_band, h_band)
        a02, a03, a12, a13 = band_coupling(D00, D01, D10, D11, ce, te, ch, th)
        f[i + 49 * L], f[i + 50 * L], f[i + 51 * L], f[i + 52 * L] = E
        f[i + 53 * L], f[i + 54 * L], f[i + 55 * L], f[i + 56 * L] = (
            te.real, te.imag, th.real, th.imag)  # fmt: skip
        for c in range(57, 63):
            f[i + c * L] = 0.0
        for c in range(17, 49):
            f[i + c * L] = 0.0
        f[i + 63 * L], f[i + 64 * L], f[i + 65 * L], f[i + 66 * L] = (
            a02.real, a02.imag, a03.real, a03.imag)  # fmt: skip
        f[i + 67 * L], f[i + 68 * L], f[i + 69 * L], f[i + 70 * L] = (
            a12.real, a12.imag, a13.real, a13.imag)  # fmt: skip
        f[i + 71 * L], f[i + 72 * L] = 0.0, 0.0
        # columns c (1, -t*) and c (t, 1) of each layer
        f[i + 17 * L], f[i + 19 * L], f[i + 20 * L] = ce, -ce * te.real, ce * te.imag
        f[i + 25 * L], f[i + 26 * L], f[i + 27 * L] = ce * te.real, ce * te.imag, ce
        f[i + 37 * L], f[i + 39 * L], f[i + 40 * L] = ch, -ch * th.real, ch * th.imag
        f[i + 45 * L], f[i + 46 * L], f[i + 47 * L] = ch * th.real, ch * th.imag, ch


@njit(**VECTOR)
def _four(a0, b0, a1, b1, a2, b2, a3, b3):
    return complex(a0, b0), complex(a1, b1), complex(a2, b2), complex(a3, b3)


@njit(cache=True, error_model="numpy", nogil=True)
def _sweep(f):
    """All six rotations once.  Compiled once and called _SWEEPS times: inlined it takes minutes."""
    L = LANES
    for i in range(L):
        E = f[i + 49 * L], f[i + 50 * L], f[i + 51 * L], f[i + 52 * L]
        shift = f[i + 57 * L], f[i + 58 * L], f[i + 59 * L], f[i + 60 * L]
        a = (
            complex(f[i + 61 * L], f[i + 62 * L]), complex(f[i + 63 * L], f[i + 64 * L]),
            complex(f[i + 65 * L], f[i + 66 * L]), complex(f[i + 67 * L], f[i + 68 * L]),
            complex(f[i + 69 * L], f[i + 70 * L]), complex(f[i + 71 * L], f[i + 72 * L]),
        )  # fmt: skip
        v = (
            _four(f[i + 17 * L], f[i + 18 * L], f[i + 19 * L], f[i + 20 * L],
                  f[i + 21 * L], f[i + 22 * L], f[i + 23 * L], f[i + 24 * L]),
            _four(f[i + 25 * L], f[i + 26 * L], f[i + 27 * L], f[i + 28 * L],
                  f[i + 29 * L], f[i + 30 * L], f[i + 31 * L], f[i + 32 * L]),
            _four(f[i + 33 * L], f[i + 34 * L], f[i + 35 * L], f[i + 36 * L],
                  f[i + 37 * L], f[i + 38 * L], f[i + 39 * L], f[i + 40 * L]),
            _four(f[i + 41 * L], f[i + 42 * L], f[i + 43 * L], f[i + 44 * L],
                  f[i + 45 * L], f[i + 46 * L], f[i + 47 * L], f[i + 48 * L]),
        )  # fmt: skip
        shift, a, v = sweep_four(E, shift, a, v)
        f[i + 57 * L], f[i + 58 * L], f[i + 59 * L], f[i + 60 * L] = shift
        f[i + 61 * L], f[i + 62 * L], f[i + 63 * L], f[i + 64 * L] = (
            a[0].real, a[0].imag, a[1].real, a[1].imag)  # fmt: skip
        f[i + 65 * L], f[i + 66 * L], f[i + 67 * L], f[i + 68 * L] = (
            a[2].real, a[2].imag, a[3].real, a[3].imag)  # fmt: skip
        f[i + 69 * L], f[i + 70 * L], f[i + 71 * L], f[i + 72 * L] = (
            a[4].real, a[4].imag, a[5].real, a[5].imag)  # fmt: skip
        (
            (f[i + 17 * L], f[i + 18 * L], f[i + 19 * L], f[i + 20 * L],
             f[i + 21 * L], f[i + 22 * L], f[i + 23 * L], f[i + 24 * L]),
            (f[i + 25 * L], f[i + 26 * L], f[i + 27 * L], f[i + 28 * L],
             f[i + 29 * L], f[i + 30 * L], f[i + 31 * L], f[i + 32 * L]),
            (f[i + 33 * L], f[i + 34 * L], f[i + 35 * L], f[i + 36 * L],
             f[i + 37 * L], f[i + 38 * L], f[i + 39 * L], f[i + 40 * L]),
            (f[i + 41 * L], f[i + 42 * L], f[i + 43 * L], f[i + 44 * L],
             f[i + 45 * L], f[i + 46 * L], f[i + 47 * L], f[i + 48 * L]),
        ) = _parts(v[0]), _parts(v[1]), _parts(v[2]), _parts(v[3])  # fmt: skip


@njit(**VECTOR)
def spin_of(x, y):
    """|x|^2 + |y|^2 and the spin components x and y of the spinor (x, y)."""
    cross = x.conjugate() * y
    number = x.real * x.real + x.imag * x.imag + y.real * y.real + y.imag * y.imag
    return number, 2.0 * cross.real, 2.0 * cross.imag


@njit(**VECTOR)
def _one_level(E0, shift, v, T, T_ref):
    """What one level adds: Omega, e-h coherences, (N, S_x, S_y) of electrons and of holes."""
    f, g = fermi(E0 + shift, T)
    ne, sx, sy = spin_of(v[0], v[1])
    nh, tx, ty = spin_of(v[2], v[3])
    up, down = 2.0 * f * v[0], 2.0 * f * v[1]
    hole_up, hole_down = v[2].conjugate(), v[3].conjugate()
    return (
        potential_change(E0, shift, T) + (thermal_potential(E0, T) - thermal_potential(E0, T_ref)),
        (up * hole_up, up * hole_down, down * hole_up, down * hole_down),
        (f * ne, f * sx, f * sy),
        (g * nh, g * tx, g * ty),
    )


@njit(**VECTOR)
def unpaired_spins(lower, upper, c, t):
    """N, S_x, S_y of a layer without pairing, from the occupations of its two levels."""
    difference = 2.0 * c * c * (upper - lower)
    return lower + upper, difference * t.real, -difference * t.imag


@njit(**VECTOR)
def current_of(kx, ky, qx, qy, e_band, h_band, electrons, holes):
    """dOmega/dq from the (N, S_x, S_y) of each layer in the spin basis of K."""
    per_e, lam_e = inertia(e_band)
    per_h, lam_h = inertia(h_band)
    ne, ex, ey = electrons
    nh, hx, hy = holes
    jx = per_e * (kx + 0.5 * qx) * ne + lam_e * ex + per_h * (0.5 * qx - kx) * nh + lam_h * hx
    jy = per_e * (ky + 0.5 * qy) * ne + lam_e * ey + per_h * (0.5 * qy - ky) * nh - lam_h * hy
    return 0.5 * jx, 0.5 * jy


@njit(cache=True, error_model="numpy", nogil=True)
def _finish(kx, ky, qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, D00, D01, D10, D11, f):
    """Omega, its slopes and the densities; the normal state at T_ref is subtracted."""
    L = LANES
    norm = (D00 * D00.conjugate() + D01 * D01.conjugate()
            + D10 * D10.conjugate() + D11 * D11.conjugate()).real  # fmt: skip
    for i in range(L):
        vacuum = 1.0 / ((kx[i] * kx[i] + ky[i] * ky[i]) * (0.5 / m_r) + E_ref)
        omega = vacuum * norm
        g00, g01 = 2.0 * vacuum * D00, 2.0 * vacuum * D01
        g10, g11 = 2.0 * vacuum * D10, 2.0 * vacuum * D11
        ne = ex = ey = nh = hx = hy = 0.0
        for n in range(4):
            p = i + (17 + 8 * n) * L
            v = _four(f[p], f[p + L], f[p + 2 * L], f[p + 3 * L],
                      f[p + 4 * L], f[p + 5 * L], f[p + 6 * L], f[p + 7 * L])  # fmt: skip
            E0, shift = f[i + (49 + n) * L], f[i + (57 + n) * L]
            f[i + (13 + n) * L] = E0 + shift
            w, pairs, electrons, holes = _one_level(E0, shift, v, T, T_ref)
            omega += w
            g00, g01, g10, g11 = g00 + pairs[0], g01 + pairs[1], g10 + pairs[2], g11 + pairs[3]
            ne, ex, ey = ne + electrons[0], ex + electrons[1], ey + electrons[2]
            nh, hx, hy = nh + holes[0], hx + holes[1], hy + holes[2]
        te = complex(f[i + 53 * L], f[i + 54 * L])
        th = complex(f[i + 55 * L], f[i + 56 * L])
        ce = 1.0 / math.sqrt(1.0 + te.real * te.real + te.imag * te.imag)
        ch = 1.0 / math.sqrt(1.0 + th.real * th.real + th.imag * th.imag)
        E0, E1, E2, E3 = f[i + 49 * L], f[i + 50 * L], f[i + 51 * L], f[i + 52 * L]
        normal_e = unpaired_spins(fermi(E0, T_ref)[0], fermi(E1, T_ref)[0], ce, te)
        normal_h = unpaired_spins(fermi(E2, T_ref)[1], fermi(E3, T_ref)[1], ch, th)
        jx, jy = current_of(
            kx[i], ky[i], qx, qy, e_band, h_band,
            (ne - normal_e[0], ex - normal_e[1], ey - normal_e[2]),
            (nh - normal_h[0], hx - normal_h[1], hy - normal_h[2]),
        )  # fmt: skip
        f[i], f[i + L], f[i + 2 * L], f[i + 3 * L] = omega, g00.real, g00.imag, g01.real
        f[i + 4 * L], f[i + 5 * L], f[i + 6 * L] = g01.imag, g10.real, g10.imag
        f[i + 7 * L], f[i + 8 * L] = g11.real, g11.imag
        f[i + 9 * L], f[i + 10 * L], f[i + 11 * L], f[i + 12 * L] = jx, jy, ne, nh


@njit(cache=True, nogil=True)
def fill_nodes(kx, ky, qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, D00, D01, D10, D11, f):
    """LANES nodes at once, column c at f[c LANES:]; constant distances let LLVM vectorise."""
    _start(kx, ky, qx, qy, e_band, h_band, D00, D01, D10, D11, f)
    for _ in range(_SWEEPS):
        _sweep(f)
    _finish(kx, ky, qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, D00, D01, D10, D11, f)
