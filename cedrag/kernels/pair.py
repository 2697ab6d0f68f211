"""Pair kernels: the closed Matsubara sums of alpha and beta and their q-gradients.

With X = (e+h)/2T and D = (e-h)/2T for e = xi_e(k+q/2), h = xi_h(-k+q/2),

    S(X, D) = 1 - f(e) - f(h) = sinh X / (cosh X + cosh D)
    alpha   = 1/g - Int  w/(2T),     w = S/X
    beta    =       Int  y/(4T^3),   y = (S/X - dS/dX)/X^2 = -(dw/dX)/X

so that beta is one further application of -(1/X) d/dX.  Everything is written with the four
bounded numbers sinh X, cosh X, sinh D, cosh D over (cosh X + cosh D): nothing overflows.  Where
differences of them would cancel, |X| < X_SERIES, entire functions of X^2 take their place.
No function here branches or calls out, so that LLVM vectorises the loop over the nodes.
"""

import math
from math import factorial

import numpy as np

from .bands import band_and_velocity
from .cached import njit
from .exponential import VECTOR, chebyshev_polynomial, exp_neg, horner, power_series

N_COMPONENTS = 6  # alpha (subtracted), beta, and the (qx, qy) gradient of each
X_SERIES = 1.5  # below it the power series, above it the direct form: both lose < 1 digit there
_NODES = 15  # of a Gauss-Kronrod panel
_LANES = 16  # panels per block: six buffers of 15 x 16 nodes stay in the first-level cache

# sinh(X)/X = 1 + z/6 + z^2 U(z)  and  (sinh(X)/X - 3 r)/z = V(z), with r = (cosh X - sinh(X)/X)/z
_SMALL = (0.0, X_SERIES * X_SERIES)
_U = chebyshev_polynomial(lambda z: power_series(z, lambda n: 1 / factorial(2 * n + 5)), 6, _SMALL)
_V = chebyshev_polynomial(
    lambda z: power_series(z, lambda n: (2 * n + 2) / ((2 * n + 5) * factorial(2 * n + 3))),
    6,
    _SMALL,
)


@njit(**VECTOR)
def hyperbolic_ratios(X, D):
    """1, sinh X, cosh X, sinh D, cosh D, each over (cosh X + cosh D), without overflow.

    With a = exp(-|X+D|) and b = exp(-|X-D|) the denominator is (1 + a)(1 + b)/(2 sqrt(ab)), and
    the larger of |X|, |D| has the hyperbolic functions (1 +- ab), the smaller (b +- a), over
    2 sqrt(ab).
    """
    root_a = exp_neg(min(0.5 * abs(X + D), 350.0))
    root_b = exp_neg(min(0.5 * abs(X - D), 350.0))
    a, b = root_a * root_a, root_b * root_b
    N = 1.0 / ((1.0 + a) * (1.0 + b))
    ab = a * b
    cosh_M, sinh_M = N * (1.0 + ab), N * (1.0 - ab)
    cosh_m, sinh_m = N * (a + b), N * abs(a - b)
    x_larger = abs(X) > abs(D)
    sinh_x = math.copysign(sinh_M if x_larger else sinh_m, X)
    sinh_d = math.copysign(sinh_m if x_larger else sinh_M, D)
    cosh_x, cosh_d = (cosh_M if x_larger else cosh_m), (cosh_m if x_larger else cosh_M)
    return 2.0 * N * (root_a * root_b), sinh_x, cosh_x, sinh_d, cosh_d


@njit(**VECTOR)
def _entire(z):
    """s = sinh(X)/X, r = (cosh X - s)/z, p = (s cosh X - 1)/z, dp/dz, dr/dz at z = X^2."""
    U, V = horner(_U, z), horner(_V, z)
    sigma = 1.0 / 6.0 + z * U
    s = 1.0 + z * sigma
    r = (s - z * V) * (1.0 / 3.0)
    p = sigma * (s + 1.0) + s * r
    dsigma = (sigma - V) * (1.0 / 6.0) - U
    dp = dsigma * (s + 1.0) + 0.5 * (sigma * r + r * r + s * V)
    return s, r, p, dp, 0.5 * V


@njit(**VECTOR)
def pair_functions(X, D):
    """Return w, y and the derivatives dw/dX, dw/dD, dy/dX, dy/dD; w and y are even in X and D."""
    Q, s1, c1, s2, c2 = hyperbolic_ratios(X, D)
    series = abs(X) < X_SERIES
    # small |X|
    s, r, p, dp, dr = _entire(min(X * X, X_SERIES * X_SERIES))
    w_0, R_0 = Q * s, Q * r
    y_0 = Q * (p * Q - c2 * r)
    y_X0 = 2.0 * X * (Q * (dp * Q - c2 * dr) - w_0 * y_0)
    # large |X|
    inv = 1.0 / (X_SERIES if series else X)
    S_X = Q * Q + c1 * c2
    w_1 = s1 * inv
    R_1 = (c1 - w_1) * (inv * inv)
    y_1 = (w_1 - S_X) * (inv * inv)
    y_X1 = -(3.0 * y_1 + w_1 * (c2 - 2.0 * S_X)) * inv
    w = w_0 if series else w_1
    R = R_0 if series else R_1
    y = y_0 if series else y_1
    y_X = y_X0 if series else y_X1
    return w, y, -X * y, -w * s2, y_X, -s2 * (R + 2.0 * y)


@njit(**VECTOR)
def integrands(kx, ky, qx, qy, T, e_band, h_band, E_ref, m_r):
    """The six integrands at one k: alpha (against 1/(k^2/2m_r + E_ref)), beta, their gradients."""
    m, mu, lam, B, J = e_band
    e, ve_x, ve_y = band_and_velocity(kx + 0.5 * qx, ky + 0.5 * qy, m, mu, lam, B, J)
    m, mu, lam, B, J = h_band
    h, vh_x, vh_y = band_and_velocity(0.5 * qx - kx, 0.5 * qy - ky, m, mu, lam, B, J)
    half = 0.5 / T
    w, y, w_X, w_D, y_X, y_D = pair_functions((e + h) * half, (e - h) * half)
    a = -half
    b = 0.25 / (T * T * T)
    # d/dq = (d/de) v_e/2 + (d/dh) v_h/2, with d/de = (d/dX + d/dD)/2T, d/dh = (d/dX - d/dD)/2T
    c = 0.5 * half
    a_e, a_h = (a * c) * (w_X + w_D), (a * c) * (w_X - w_D)
    b_e, b_h = (b * c) * (y_X + y_D), (b * c) * (y_X - y_D)
    return (
        1.0 / ((kx * kx + ky * ky) * (0.5 / m_r) + E_ref) + a * w,
        b * y,
        a_e * ve_x + a_h * vh_x,
        a_e * ve_y + a_h * vh_y,
        b_e * ve_x + b_h * vh_x,
        b_e * ve_y + b_h * vh_y,
    )


@njit(cache=True, error_model="numpy", nogil=True)
def fill_block(kx, ky, qx, qy, T, e_band, h_band, E_ref, m_r, f0, f1, f2, f3, f4, f5):
    """The loop that vectorises: six integrands at each node, one buffer per component."""
    for i in range(len(kx)):
        f0[i], f1[i], f2[i], f3[i], f4[i], f5[i] = integrands(
            kx[i], ky[i], qx, qy, T, e_band, h_band, E_ref, m_r
        )


# The panels go in blocks of _LANES, whose nodes are stored lane by lane: first the first node of
# each panel, then the second ones.  Sums over a panel are then additions of whole vectors.


@njit(cache=True)
def _interleave(nodes, filler):
    """(panels, 15) to (blocks, 15 * _LANES), the last block filled up."""
    n_panels = len(nodes)
    blocks = np.full(((n_panels + _LANES - 1) // _LANES, _NODES, _LANES), filler)
    for p in range(n_panels):
        blocks[p // _LANES, :, p % _LANES] = nodes[p]
    return blocks.reshape(len(blocks), _NODES * _LANES)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, nogil=True)
def _lane_sums(f, weight, gauss_ratio, sums):
    """Kronrod, Gauss and absolute sums of the panels of one block, for one component."""
    for lane in range(_LANES):  # flat indices: the distance between the nodes is a constant
        fine = coarse = size = 0.0
        for i in range(_NODES):
            term = weight[i * _LANES + lane] * f[i * _LANES + lane]
            fine += term
            coarse += gauss_ratio[i] * term
            size += abs(term)
        sums[lane], sums[_LANES + lane], sums[2 * _LANES + lane] = fine, coarse, size


@njit(cache=True, error_model="numpy", nogil=True)
def _block_sums(
    x, y, weight, gauss_ratio, qx, qy, T, e_band, h_band, E_ref, m_r, f, sums
):  # fmt: skip
    """Fill ``sums`` (6, blocks, 3 * _LANES) at one q; ``f`` is a buffer (6, 15 * _LANES)."""
    for block in range(len(x)):
        fill_block(
            x[block], y[block], qx, qy, T, e_band, h_band, E_ref, m_r,
            f[0], f[1], f[2], f[3], f[4], f[5],
        )  # fmt: skip
        for c in range(N_COMPONENTS):
            _lane_sums(f[c], weight[block], gauss_ratio, sums[c, block])


@njit(cache=True, error_model="numpy", nogil=True)
def panel_sums(kx, ky, weight, gauss_ratio, q, T, e_band, h_band, E_ref, m_r):
    """Kronrod, Gauss and absolute sums per panel of the six integrands at each q.

    ``kx, ky, weight`` have shape (panels, 15); the three results (len(q), 6, panels).
    """
    x, y, w = _interleave(kx, 1.0), _interleave(ky, 1.0), _interleave(weight, 0.0)
    f = np.empty((N_COMPONENTS, _NODES * _LANES))
    sums = np.empty((N_COMPONENTS, len(x), 3 * _LANES))
    result = np.empty((3, len(q), N_COMPONENTS, len(kx)))
    for j in range(len(q)):
        _block_sums(x, y, w, gauss_ratio, q[j, 0], q[j, 1], T, e_band, h_band, E_ref, m_r, f, sums)
        for c in range(N_COMPONENTS):
            for p in range(len(kx)):
                for kind in range(3):
                    result[kind, j, c, p] = sums[c, p // _LANES, kind * _LANES + p % _LANES]
    return result[0], result[1], result[2]


@njit(cache=True, error_model="numpy", nogil=True)
def mesh_sums(
    kx, ky, weight, gauss_ratio, panel_ray, ray_fine, ray_coarse, ray_group, n_groups,
    q, T, e_band, h_band, E_ref, m_r,
):  # fmt: skip
    """The six integrals over a frozen mesh, error estimates and L1 norms, each (len(q), 6)."""
    x, y, w = _interleave(kx, 1.0), _interleave(ky, 1.0), _interleave(weight, 0.0)
    f = np.empty((N_COMPONENTS, _NODES * _LANES))
    sums = np.empty((N_COMPONENTS, len(x), 3 * _LANES))
    angle, angle_change = np.zeros(len(x) * _LANES), np.zeros(len(x) * _LANES)
    group = np.zeros(len(x) * _LANES, dtype=np.int64)
    for p in range(len(kx)):
        ray = panel_ray[p]
        angle[p], angle_change[p] = ray_fine[ray], ray_fine[ray] - ray_coarse[ray]
        group[p] = ray_group[ray]
    value = np.empty((len(q), N_COMPONENTS))
    error, size = np.empty_like(value), np.empty_like(value)
    difference = np.empty((n_groups, N_COMPONENTS))
    for j in range(len(q)):
        _block_sums(x, y, w, gauss_ratio, q[j, 0], q[j, 1], T, e_band, h_band, E_ref, m_r, f, sums)
        for c in range(N_COMPONENTS):
            value[j, c], error[j, c], size[j, c] = _angular_sums(angle, sums[c])
        difference[:] = 0.0
        for block in range(len(x)):
            for lane in range(_LANES):
                p = block * _LANES + lane
                for c in range(N_COMPONENTS):
                    difference[group[p], c] += angle_change[p] * sums[c, block, lane]
        for g in range(n_groups):
            for c in range(N_COMPONENTS):
                error[j, c] += abs(difference[g, c])
    return value, error, size


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"}, nogil=True)
def _angular_sums(angle, sums):
    """Over all panels: integral, radial error estimate and integral of the absolute value."""
    value = error = size = 0.0
    for block in range(len(sums)):
        for lane in range(_LANES):
            weight = angle[block * _LANES + lane]
            fine, coarse = sums[block, lane], sums[block, _LANES + lane]
            absolute = sums[block, 2 * _LANES + lane]
            value += weight * fine
            error += weight * sharpen(abs(fine - coarse), absolute)
            size += weight * absolute
    return value, error, size


@njit(**VECTOR)
def sharpen(difference, magnitude):
    """QUADPACK's estimate of the finer rule's error, as in :func:`cedrag.mesh.sharpen`."""
    relative = 200.0 * difference / max(magnitude, 1e-300)  # an integral of nothing has no error
    return min(difference, magnitude * relative * math.sqrt(relative))
