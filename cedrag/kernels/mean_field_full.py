"""Mean field with all four spin states: Omega, its slopes and the densities at each k.

K(k) = [[H_e(k+q/2), Delta], [Delta^dag, -H_h(-k+q/2)^T]], Delta (2, 2), in the basis of
``spin_bands``.  With f(K) known, every first derivative is a trace (Hellmann-Feynman).  Electrons
are counted by f(E), holes by 1 - f(E), so that nothing cancels far out.
"""

from .cached import njit
from .exponential import VECTOR
from .jacobi import mix, mix_columns, sweep_four, turn
from .occupation import fermi, potential_change, thermal_potential
from .radial import LANES
from .spin_bands import inertia, spin_hamiltonian

PAIRING, CURRENT, DENSITIES = 1, 9, 11  # columns after Omega: d/d(Re, Im) Delta_ss'; d/dq; n_e, n_h
LEVELS, VECTORS, UNPAIRED, TURNS = 13, 17, 49, 53  # E; (Re, Im) of the vectors; E at Delta = 0; t
NODE_COLUMNS = 57


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
def eigen_full(kx, ky, qx, qy, e_band, h_band, D00, D01, D10, D11):
    """Levels without pairing, their shifts, the four eigenvectors in the spin basis, both turns."""
    E, ce, te, ch, th = layers(kx, ky, qx, qy, e_band, h_band)
    a02, a03, a12, a13 = band_coupling(D00, D01, D10, D11, ce, te, ch, th)
    one, zero = complex(1.0, 0.0), complex(0.0, 0.0)
    v0, v1 = mix_columns((one, zero, zero, zero), (zero, one, zero, zero), ce, te)
    v2, v3 = mix_columns((zero, zero, one, zero), (zero, zero, zero, one), ch, th)
    shift, a, v = (0.0, 0.0, 0.0, 0.0), (zero, a02, a03, a12, a13, zero), (v0, v1, v2, v3)
    shift, a, v = sweep_four(E, shift, a, v)
    shift, a, v = sweep_four(E, shift, a, v)
    shift, a, v = sweep_four(E, shift, a, v)
    shift, a, v = sweep_four(E, shift, a, v)
    return E, shift, v, (ce, te), (ch, th)


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
def _add3(a, b, c, d):
    return a[0] + b[0] + c[0] + d[0], a[1] + b[1] + c[1] + d[1], a[2] + b[2] + c[2] + d[2]


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


@njit(**VECTOR)
def _parts(v):
    return (v[0].real, v[0].imag, v[1].real, v[1].imag,
            v[2].real, v[2].imag, v[3].real, v[3].imag)  # fmt: skip


@njit(**VECTOR)
def full_node(kx, ky, qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, D00, D01, D10, D11):
    """The columns up to NODE_COLUMNS at one k; the normal state at T_ref is subtracted."""
    E, z, v, (ce, te), (ch, th) = eigen_full(kx, ky, qx, qy, e_band, h_band, D00, D01, D10, D11)
    w0, p0, e0, h0 = _one_level(E[0], z[0], v[0], T, T_ref)
    w1, p1, e1, h1 = _one_level(E[1], z[1], v[1], T, T_ref)
    w2, p2, e2, h2 = _one_level(E[2], z[2], v[2], T, T_ref)
    w3, p3, e3, h3 = _one_level(E[3], z[3], v[3], T, T_ref)
    electrons, holes = _add3(e0, e1, e2, e3), _add3(h0, h1, h2, h3)
    normal_e = unpaired_spins(fermi(E[0], T_ref)[0], fermi(E[1], T_ref)[0], ce, te)
    normal_h = unpaired_spins(fermi(E[2], T_ref)[1], fermi(E[3], T_ref)[1], ch, th)
    jx, jy = current_of(
        kx, ky, qx, qy, e_band, h_band,
        (electrons[0] - normal_e[0], electrons[1] - normal_e[1], electrons[2] - normal_e[2]),
        (holes[0] - normal_h[0], holes[1] - normal_h[1], holes[2] - normal_h[2]),
    )  # fmt: skip
    vacuum = 1.0 / ((kx * kx + ky * ky) * (0.5 / m_r) + E_ref)
    norm = (D00 * D00.conjugate() + D01 * D01.conjugate()
            + D10 * D10.conjugate() + D11 * D11.conjugate()).real  # fmt: skip
    g00 = 2.0 * vacuum * D00 + ((p0[0] + p1[0]) + (p2[0] + p3[0]))
    g01 = 2.0 * vacuum * D01 + ((p0[1] + p1[1]) + (p2[1] + p3[1]))
    g10 = 2.0 * vacuum * D10 + ((p0[2] + p1[2]) + (p2[2] + p3[2]))
    g11 = 2.0 * vacuum * D11 + ((p0[3] + p1[3]) + (p2[3] + p3[3]))
    return (
        (vacuum * norm + ((w0 + w1) + (w2 + w3)),
         g00.real, g00.imag, g01.real, g01.imag, g10.real, g10.imag, g11.real, g11.imag,
         jx, jy, electrons[0], holes[0]),
        (E[0] + z[0], E[1] + z[1], E[2] + z[2], E[3] + z[3]),
        _parts(v[0]), _parts(v[1]), _parts(v[2]), _parts(v[3]),
        E, (te.real, te.imag, th.real, th.imag),
    )  # fmt: skip


@njit(cache=True, error_model="numpy", nogil=True)
def fill_nodes(kx, ky, qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, D00, D01, D10, D11, f):
    """LANES nodes at once, column c at f[c LANES:]; constant distances let LLVM vectorise."""
    for i in range(LANES):
        (
            (f[i], f[i + LANES], f[i + 2 * LANES], f[i + 3 * LANES], f[i + 4 * LANES],
             f[i + 5 * LANES], f[i + 6 * LANES], f[i + 7 * LANES], f[i + 8 * LANES],
             f[i + 9 * LANES], f[i + 10 * LANES], f[i + 11 * LANES], f[i + 12 * LANES]),
            (f[i + 13 * LANES], f[i + 14 * LANES], f[i + 15 * LANES], f[i + 16 * LANES]),
            (f[i + 17 * LANES], f[i + 18 * LANES], f[i + 19 * LANES], f[i + 20 * LANES],
             f[i + 21 * LANES], f[i + 22 * LANES], f[i + 23 * LANES], f[i + 24 * LANES]),
            (f[i + 25 * LANES], f[i + 26 * LANES], f[i + 27 * LANES], f[i + 28 * LANES],
             f[i + 29 * LANES], f[i + 30 * LANES], f[i + 31 * LANES], f[i + 32 * LANES]),
            (f[i + 33 * LANES], f[i + 34 * LANES], f[i + 35 * LANES], f[i + 36 * LANES],
             f[i + 37 * LANES], f[i + 38 * LANES], f[i + 39 * LANES], f[i + 40 * LANES]),
            (f[i + 41 * LANES], f[i + 42 * LANES], f[i + 43 * LANES], f[i + 44 * LANES],
             f[i + 45 * LANES], f[i + 46 * LANES], f[i + 47 * LANES], f[i + 48 * LANES]),
            (f[i + 49 * LANES], f[i + 50 * LANES], f[i + 51 * LANES], f[i + 52 * LANES]),
            (f[i + 53 * LANES], f[i + 54 * LANES], f[i + 55 * LANES], f[i + 56 * LANES]),
        ) = full_node(
            kx[i], ky[i], qx, qy, T, T_ref, e_band, h_band, E_ref, m_r, D00, D01, D10, D11
        )  # fmt: skip
