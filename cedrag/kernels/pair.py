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

import numpy as np

from .bands import band_and_velocity
from .cached import njit
from .exponential import VECTOR, exp_neg

N_COMPONENTS = 6  # alpha (subtracted), beta, and the (qx, qy) gradient of each
X_SERIES = 1.5  # below it the power series, above it the direct form: both lose < 1 digit there
_BLOCK = 240  # nodes per block: six buffers of them stay in the first-level cache

# sinh(X)/X = 1 + z/6 + z^2 U(z)  and  (sinh(X)/X - 3 r)/z = V(z), with r = (cosh X - sinh(X)/X)/z
_TERMS = 13
_U = tuple(1.0 / math.factorial(2 * n + 5) for n in range(_TERMS))
_V = tuple(
    1.0 / math.factorial(2 * n + 3) - 6.0 * (n + 2) / math.factorial(2 * n + 5)
    for n in range(_TERMS)
)


@njit(**VECTOR)
def hyperbolic_ratios(X, D):
    """1, sinh X, cosh X, sinh D, cosh D, each over (cosh X + cosh D), without overflow.

    Built from exp(-M) and exp(-m) with M, m = (|X| + |D|)/2, ||X| - |D||/2: their product and
    ratio are exp(-|X|) and exp(-|D|) in one order or the other.
    """
    x, d = abs(X), abs(D)
    large = exp_neg(min(0.5 * (x + d), 350.0))
    small = exp_neg(min(0.5 * abs(x - d), 350.0))
    product, ratio = large * small, large / small
    gap = small * small
    u = product if x > d else ratio  # exp(-|X|)
    v = ratio if x > d else product  # exp(-|D|)
    near = 1.0 / (1.0 + gap)
    far = gap * near
    norm = 1.0 / (1.0 + large * large)
    sigma = (near if x > d else far) * norm  # v/(u + v)/(1 + u v)
    tau = (far if x > d else near) * norm  # u/(u + v)/(1 + u v)
    sinh_x = (sigma if X >= 0.0 else -sigma) * (1.0 - u * u)
    sinh_d = (tau if D >= 0.0 else -tau) * (1.0 - v * v)
    return 2.0 * u * sigma, sinh_x, sigma * (1.0 + u * u), sinh_d, tau * (1.0 + v * v)


@njit(**VECTOR)
def _entire(z):
    """s = sinh(X)/X, r = (cosh X - s)/z, p = (s cosh X - 1)/z, dp/dz, dr/dz at z = X^2."""
    U = V = 0.0
    for n in range(_TERMS - 1, -1, -1):
        U = U * z + _U[n]
        V = V * z + _V[n]
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
    z = min(X * X, X_SERIES * X_SERIES)
    s, r, p, dp, dr = _entire(z)
    w_0, R_0 = Q * s, Q * r
    y_0 = Q * (p * Q - c2 * r)
    y_X0 = 2.0 * X * (Q * (dp * Q - c2 * dr) - w_0 * y_0)
    # large |X|
    inv = 1.0 / (X_SERIES if series else X)
    S_X = Q * Q + c1 * c2
    w_1 = s1 * inv
    R_1 = (c1 - w_1) * inv * inv
    y_1 = (w_1 - S_X) * inv * inv
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
    quarter = 0.5 * half  # dX/dq = (v_e + v_h)/(4T)
    X_x, D_x = (ve_x + vh_x) * quarter, (ve_x - vh_x) * quarter
    X_y, D_y = (ve_y + vh_y) * quarter, (ve_y - vh_y) * quarter
    b = 0.25 / (T * T * T)
    return (
        1.0 / ((kx * kx + ky * ky) * (0.5 / m_r) + E_ref) - half * w,
        b * y,
        -half * (w_X * X_x + w_D * D_x),
        -half * (w_X * X_y + w_D * D_y),
        b * (y_X * X_x + y_D * D_x),
        b * (y_X * X_y + y_D * D_y),
    )


@njit(cache=True, error_model="numpy", nogil=True)
def fill_block(kx, ky, qx, qy, T, e_band, h_band, E_ref, m_r, f0, f1, f2, f3, f4, f5):
    """The loop that vectorises: six integrands at each node, one buffer per component."""
    for i in range(len(kx)):
        f0[i], f1[i], f2[i], f3[i], f4[i], f5[i] = integrands(
            kx[i], ky[i], qx, qy, T, e_band, h_band, E_ref, m_r
        )


@njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc"})
def _panel_sum(f, weight, gauss_ratio):
    """Kronrod, Gauss and absolute sum of one panel."""
    fine = coarse = size = 0.0
    for i in range(len(weight)):
        term = weight[i] * f[i]
        fine += term
        coarse += gauss_ratio[i] * term
        size += abs(term)
    return fine, coarse, size


@njit(cache=True, error_model="numpy", nogil=True)
def panel_sums(kx, ky, weight, gauss_ratio, q, T, e_band, h_band, E_ref, m_r):
    """Kronrod, Gauss and absolute sums per panel of the six integrands at each q.

    ``kx, ky, weight`` have shape (panels, 15); the three results (len(q), 6, panels).
    """
    n_panels, n_nodes = kx.shape
    x, y = kx.ravel(), ky.ravel()
    fine = np.empty((len(q), N_COMPONENTS, n_panels))
    coarse = np.empty_like(fine)
    size = np.empty_like(fine)
    per_block = _BLOCK // n_nodes
    f = np.empty((N_COMPONENTS, _BLOCK))
    for j in range(len(q)):
        for first in range(0, n_panels, per_block):
            last = min(first + per_block, n_panels)
            lo, hi = first * n_nodes, last * n_nodes
            n = hi - lo
            fill_block(
                x[lo:hi], y[lo:hi], q[j, 0], q[j, 1], T, e_band, h_band, E_ref, m_r,
                f[0, :n], f[1, :n], f[2, :n], f[3, :n], f[4, :n], f[5, :n],
            )  # fmt: skip
            for c in range(N_COMPONENTS):
                for p in range(first, last):
                    start = (p - first) * n_nodes
                    fine[j, c, p], coarse[j, c, p], size[j, c, p] = _panel_sum(
                        f[c, start : start + n_nodes], weight[p], gauss_ratio
                    )
    return fine, coarse, size


@njit(cache=True, error_model="numpy", nogil=True)
def mesh_sums(
    kx, ky, weight, gauss_ratio, panel_ray, ray_fine, ray_coarse, ray_group, n_groups,
    q, T, e_band, h_band, E_ref, m_r,
):  # fmt: skip
    """The six integrals over a frozen mesh, error estimates and L1 norms, each (len(q), 6)."""
    value = np.zeros((len(q), N_COMPONENTS))
    error = np.zeros((len(q), N_COMPONENTS))
    size = np.zeros((len(q), N_COMPONENTS))
    difference = np.empty(n_groups)
    for j in range(len(q)):
        fine, coarse, absolute = panel_sums(
            kx, ky, weight, gauss_ratio, q[j : j + 1], T, e_band, h_band, E_ref, m_r
        )
        for c in range(N_COMPONENTS):
            difference[:] = 0.0
            for p in range(len(kx)):
                ray = panel_ray[p]
                k_sum, k_size = fine[0, c, p], absolute[0, c, p]
                value[j, c] += ray_fine[ray] * k_sum
                size[j, c] += ray_fine[ray] * k_size
                error[j, c] += ray_fine[ray] * sharpen(abs(k_sum - coarse[0, c, p]), k_size)
                difference[ray_group[ray]] += (ray_fine[ray] - ray_coarse[ray]) * k_sum
            for group in range(n_groups):
                error[j, c] += abs(difference[group])
    return value, error, size


@njit(cache=True, error_model="numpy")
def sharpen(difference, magnitude):
    """QUADPACK's estimate of the finer rule's error, as in :func:`cedrag.mesh.sharpen`."""
    if difference == 0.0:
        return 0.0
    relative = 200.0 * difference / magnitude
    return min(difference, magnitude * relative * math.sqrt(relative))
