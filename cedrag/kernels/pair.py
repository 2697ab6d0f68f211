"""Pair kernels: the closed Matsubara sums of alpha and beta and their q-gradients.

With X = (e+h)/2T and D = (e-h)/2T for e = xi_e(k+q/2), h = xi_h(-k+q/2),

    S(X, D) = 1 - f(e) - f(h) = sinh X / (cosh X + cosh D)
    alpha   = 1/g - Int  w/(2T),     w = S/X
    beta    =       Int  y/(4T^3),   y = (S/X - dS/dX)/X^2 = -(dw/dX)/X

so that beta is one further application of -(1/X) d/dX.  Everything is written with
the four bounded numbers sinh X, cosh X, sinh D, cosh D over (cosh X + cosh D):
nothing overflows, and nothing cancels for |X| > X_SERIES.  Below X_SERIES the two
entire functions p(X^2), r(X^2) replace the differences that would cancel.
"""

import math

import numpy as np
from numba import njit

from .bands import band_and_velocity

X_SERIES = 1.5  # below it the power series, above it the direct form: both lose < 1 digit there
_TERMS = 15
# p = (sinh(2X)/2X - 1)/X^2 and r = (cosh X - sinh(X)/X)/X^2 as series in z = X^2
_P = tuple(4.0 ** (n + 1) / math.factorial(2 * n + 3) for n in range(_TERMS))
_R = tuple(2.0 * (n + 1) / math.factorial(2 * n + 3) for n in range(_TERMS))
_DP = tuple((n + 1) * _P[n + 1] for n in range(_TERMS - 1)) + (0.0,)
_DR = tuple((n + 1) * _R[n + 1] for n in range(_TERMS - 1)) + (0.0,)

N_COMPONENTS = 6  # -alpha kernel, beta kernel, and the (qx, qy) gradient of each


@njit(cache=True)
def _series(z):
    """p, r, dp/dz, dr/dz at z = X^2 by Horner's rule."""
    p = r = dp = dr = 0.0
    for n in range(_TERMS - 1, -1, -1):
        p = p * z + _P[n]
        r = r * z + _R[n]
        dp = dp * z + _DP[n]
        dr = dr * z + _DR[n]
    return p, r, dp, dr


@njit(cache=True)
def pair_functions(X, D):
    """Return w, y and the derivatives dw/dX, dw/dD, dy/dX, dy/dD; w and y are even in X and D."""
    absX, absD = abs(X), abs(D)
    one_minus_u = -math.expm1(-absX)
    one_minus_v = -math.expm1(-absD)
    u, v = 1.0 - one_minus_u, 1.0 - one_minus_v
    gap = math.exp(-abs(absX - absD))
    larger = 1.0 / (1.0 + gap)
    sigma = larger if absX > absD else gap * larger  # v/(u + v)
    tau = gap * larger if absX > absD else larger  # u/(u + v)
    norm = 1.0 / (1.0 + u * v)
    Q = 2.0 * u * sigma * norm  # 1 / (cosh X + cosh D)
    s1 = math.copysign(sigma * one_minus_u * (1.0 + u) * norm, X)  # sinh X Q = S
    c1 = sigma * (1.0 + u * u) * norm  # cosh X Q
    s2 = math.copysign(tau * one_minus_v * (1.0 + v) * norm, D)  # sinh D Q
    c2 = tau * (1.0 + v * v) * norm  # cosh D Q
    w = s1 / X if absX > 0.0 else Q
    if absX < X_SERIES:
        p, r, dp, dr = _series(X * X)
        R = Q * r
        y = Q * (p * Q - c2 * r)
        y_X = 2.0 * X * Q * (dp * Q - c2 * dr) - 2.0 * s1 * y
    else:
        S_X = Q * Q + c1 * c2
        R = (c1 - w) / (X * X)
        y = (w - S_X) / (X * X)
        y_X = -(3.0 * y + w * (c2 - 2.0 * S_X)) / X
    return w, y, -X * y, -w * s2, y_X, -s2 * (R + 2.0 * y)


@njit(cache=True)
def pair_point(kx, ky, qx, qy, T, e_band, h_band, E_ref, m_r, out):
    """Fill ``out`` with the six integrands at one k: alpha (against 1/(k^2/2m_r + E_ref)), beta, gradients."""
    e, ve_x, ve_y = band_and_velocity(kx + 0.5 * qx, ky + 0.5 * qy, *e_band)
    h, vh_x, vh_y = band_and_velocity(0.5 * qx - kx, 0.5 * qy - ky, *h_band)
    half = 0.5 / T
    w, y, w_X, w_D, y_X, y_D = pair_functions((e + h) * half, (e - h) * half)
    quarter = 0.5 * half  # dX/dq = (v_e + v_h)/(4T)
    X_x, D_x = (ve_x + vh_x) * quarter, (ve_x - vh_x) * quarter
    X_y, D_y = (ve_y + vh_y) * quarter, (ve_y - vh_y) * quarter
    b = 0.25 / (T * T * T)
    out[0] = 1.0 / ((kx * kx + ky * ky) / (2.0 * m_r) + E_ref) - half * w
    out[1] = b * y
    out[2] = -half * (w_X * X_x + w_D * D_x)
    out[3] = -half * (w_X * X_y + w_D * D_y)
    out[4] = b * (y_X * X_x + y_D * D_x)
    out[5] = b * (y_X * X_y + y_D * D_y)


@njit(cache=True, nogil=True)
def panel_sums(kx, ky, weight, gauss_ratio, q, T, e_band, h_band, E_ref, m_r):
    """Kronrod, Gauss and absolute sums per panel of the six integrands at each design q.

    ``kx, ky, weight`` are (panels, 15); the results are (panels, 6 len(q)).
    """
    n_panels, n_nodes = kx.shape
    n = N_COMPONENTS
    fine = np.zeros((n_panels, n * len(q)))
    coarse = np.zeros_like(fine)
    size = np.zeros_like(fine)
    point = np.empty(n)
    for p in range(n_panels):
        for j in range(len(q)):
            for i in range(n_nodes):
                pair_point(
                    kx[p, i], ky[p, i], q[j, 0], q[j, 1], T, e_band, h_band, E_ref, m_r, point
                )
                for c in range(n):
                    f = weight[p, i] * point[c]
                    fine[p, n * j + c] += f
                    coarse[p, n * j + c] += gauss_ratio[i] * f
                    size[p, n * j + c] += abs(f)
    return fine, coarse, size


@njit(cache=True, nogil=True)
def mesh_sums(
    kx, ky, weight, gauss_ratio, panel_ray, ray_fine, ray_coarse, ray_group, n_groups,
    q, T, e_band, h_band, E_ref, m_r,
):  # fmt: skip
    """The six integrals over a frozen mesh, their error estimates and L1 norms, each (len(q), 6)."""
    n = N_COMPONENTS
    value = np.zeros((len(q), n))
    error = np.zeros((len(q), n))
    size = np.zeros((len(q), n))
    point, k_sum, g_sum, a_sum = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for j in range(len(q)):
        fine = np.zeros((n_groups, n))
        coarse = np.zeros((n_groups, n))
        for p in range(len(kx)):
            k_sum[:] = 0.0
            g_sum[:] = 0.0
            a_sum[:] = 0.0
            for i in range(kx.shape[1]):
                pair_point(
                    kx[p, i], ky[p, i], q[j, 0], q[j, 1], T, e_band, h_band, E_ref, m_r, point
                )
                for c in range(n):
                    f = weight[p, i] * point[c]
                    k_sum[c] += f
                    g_sum[c] += gauss_ratio[i] * f
                    a_sum[c] += abs(f)
            ray = panel_ray[p]
            group = ray_group[ray]
            for c in range(n):
                fine[group, c] += ray_fine[ray] * k_sum[c]
                coarse[group, c] += ray_coarse[ray] * k_sum[c]
                error[j, c] += ray_fine[ray] * _sharpen(abs(k_sum[c] - g_sum[c]), a_sum[c])
                size[j, c] += ray_fine[ray] * a_sum[c]
        for group in range(n_groups):
            for c in range(n):
                value[j, c] += fine[group, c]
                error[j, c] += _sharpen(
                    abs(fine[group, c] - coarse[group, c]), size[j, c] / n_groups
                )
    return value, error, size


@njit(cache=True)
def _sharpen(difference, magnitude):
    """QUADPACK's estimate of the finer rule's error, see mesh.sharpen."""
    if difference == 0.0:
        return 0.0
    return min(difference, magnitude * (200.0 * difference / magnitude) ** 1.5)
