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

from .bands import energy_and_velocity
from .cached import njit
from .exponential import VECTOR, chebyshev_polynomial, exp_neg, horner, power_series

X_SERIES = 1.5  # below it the power series, above it the direct form: both lose < 1 digit there

# sinh(X)/X = 1 + z/6 + z^2 U(z)  and  (sinh(X)/X - 3 r)/z = V(z), with r = (cosh X - sinh(X)/X)/z
_SMALL = (0.0, X_SERIES * X_SERIES)
U_SERIES = chebyshev_polynomial(
    lambda z: power_series(z, lambda n: 1 / factorial(2 * n + 5)), 6, _SMALL
)
V_SERIES = chebyshev_polynomial(
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
    U, V = horner(U_SERIES, z), horner(V_SERIES, z)
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
    """The six integrands at one k, see ``columns``; alpha is against 1/(k^2/2m_r + E_ref)."""
    e, ve_x, ve_y = energy_and_velocity(kx + 0.5 * qx, ky + 0.5 * qy, e_band)
    h, vh_x, vh_y = energy_and_velocity(0.5 * qx - kx, 0.5 * qy - ky, h_band)
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
