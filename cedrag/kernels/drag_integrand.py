"""Frequency integral of the Coulomb-drag rate between two parabolic layers, for given q.

Units: hbar = k_B T = 1. ``layer`` is the tuple (m, eta, g, table) of kernels.polarisability and
``interaction`` the tuple (coulomb, separation, width1, width2, dynamic), coulomb = e^2/(4 pi eps).
``same`` says that both layers are equal, which halves the work.
"""

import math

import numpy as np
from numba import njit

from cedrag.kernels.gauss_kronrod import EMBEDDED, NODES, WEIGHTS
from cedrag.kernels.polarisability import response_imaginary, response_real

__all__ = ["coulomb_matrix", "screened_squared", "frequency_integral", "integrand_map"]

W_MAX = 46.0  # sinh^-2(w/2) has fallen to 1e-19
_MAX_PANELS = 400


@njit(cache=True)
def _self_form_factor(x):
    """<exp(-q|z - z'|)> in the lowest state of an infinite well of width x/q."""
    if x < 1e-3:
        return 1.0 - x * (1.0 / 3.0 - 5.0 / (8.0 * math.pi**2) * 2.0)
    p = 4.0 * math.pi**2
    ends = -math.expm1(-x)
    return (3.0 * x + 2.0 * p / x - 2.0 * p * p * ends / (x * x * (x * x + p))) / (x * x + p)


@njit(cache=True)
def _log_tail_form_factor(x):
    """Logarithm of <exp(q z)>, z measured from the middle of a well of width x/q."""
    if x < 1e-3:
        return x * x * (1.0 / 24.0 - 0.25 / math.pi**2)
    p = 4.0 * math.pi**2
    return 0.5 * x + math.log(-math.expm1(-x) * p / (x * (x * x + p)))


@njit(cache=True)
def coulomb_matrix(q, coulomb, separation, width1, width2):
    """Bare V11, V22, V12: 2 pi e^2/(4 pi eps q) times form factors and exp(-q d)."""
    v = 2.0 * math.pi * coulomb / q
    across = _log_tail_form_factor(q * width1) + _log_tail_form_factor(q * width2) - q * separation
    return (
        v * _self_form_factor(q * width1),
        v * _self_form_factor(q * width2),
        v * math.exp(across),
    )


@njit(cache=True)
def screened_squared(v11, v22, v12, r1, i1, r2, i2):
    """|U12|^2 = |V12 / [(1 + V11 P1)(1 + V22 P2) - V12^2 P1 P2]|^2 with P = r + i i."""
    p1, p2 = complex(r1, i1), complex(r2, i2)
    u = v12 / ((1.0 + v11 * p1) * (1.0 + v22 * p2) - v12 * v12 * p1 * p2)
    return u.real * u.real + u.imag * u.imag


@njit(cache=True)
def _real(q, w, layer):
    return response_real(q, w, layer[0], layer[1], layer[2], layer[3])


@njit(cache=True)
def _imaginary(q, w, layer):
    return response_imaginary(q, w, layer[0], layer[1], layer[2])


@njit(cache=True)
def _integrand(q, w, layer1, layer2, v11, v22, v12, dynamic, static_u2, same):
    i1 = _imaginary(q, w, layer1)
    i2 = i1 if same else _imaginary(q, w, layer2)
    product = i1 * i2
    if product == 0.0:
        return 0.0
    u2 = static_u2
    if dynamic:
        r1 = _real(q, w, layer1)
        r2 = r1 if same else _real(q, w, layer2)
        u2 = screened_squared(v11, v22, v12, r1, i1, r2, i2)
    return u2 * product / math.sinh(0.5 * w) ** 2


@njit(cache=True)
def _mode(q, w, layer1, layer2, v11, v22, v12, upper, same):
    """Eigenvalue of the real dielectric matrix whose zero is the optical or acoustic plasmon."""
    r1 = _real(q, w, layer1)
    r2 = r1 if same else _real(q, w, layer2)
    a, b = -v11 * r1, -v22 * r2
    root = math.sqrt(max((a - b) ** 2 + 4.0 * v12 * v12 * r1 * r2, 0.0))
    return 1.0 - 0.5 * (a + b + (root if upper else -root))


@njit(cache=True)
def _plasmon(q, edge, layer1, layer2, v11, v22, v12, upper, same):
    """Frequency and half width of a plasmon above both continua, or (-1, 0)."""
    low, high = edge, W_MAX
    if low >= high:
        return -1.0, 0.0
    if _mode(q, low, layer1, layer2, v11, v22, v12, upper, same) >= 0.0:
        return -1.0, 0.0
    if _mode(q, high, layer1, layer2, v11, v22, v12, upper, same) <= 0.0:
        return -1.0, 0.0
    while high - low > 1e-15 * high:
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            break
        if _mode(q, middle, layer1, layer2, v11, v22, v12, upper, same) < 0.0:
            low = middle
        else:
            high = middle
    w = 0.5 * (low + high)
    step = 1e-4 * w
    slope = (
        _mode(q, w + step, layer1, layer2, v11, v22, v12, upper, same)
        - _mode(q, w - step, layer1, layer2, v11, v22, v12, upper, same)
    ) / (2.0 * step)
    if slope == 0.0:
        return -1.0, 0.0
    damping = max(v11 * _imaginary(q, w, layer1), v22 * _imaginary(q, w, layer2))
    return w, damping / abs(slope)


@njit(cache=True)
def _breakpoints(q, layer1, layer2, v11, v22, v12, dynamic, points, same):
    """Write the sorted points where the integrand may change quickly; return their number."""
    n = 0
    points[n] = 0.0
    n += 1
    edge = 0.0
    for index, layer in enumerate((layer1, layer2)):
        if index == 1 and same:
            continue
        m, eta = layer[0], layer[1]
        kappa = math.sqrt(2.0 * m)
        kf = kappa * math.sqrt(max(eta, 0.0))
        outer = kappa * math.sqrt(max(eta, 0.0) + 9.0)  # the Fermi edge, 9 k_B T wide
        inner = kappa * math.sqrt(max(eta - 9.0, 0.0))
        edge = max(edge, (kf * q + 0.5 * q * q) / m)
        for k in (kf - 0.5 * q, inner + 0.5 * q, kf + 0.5 * q, outer + 0.5 * q):
            w = abs(k) * q / m
            if 0.0 < w < W_MAX:
                points[n] = w
                n += 1
    if dynamic:
        for upper in (True, False):
            w, half_width = _plasmon(q, edge, layer1, layer2, v11, v22, v12, upper, same)
            if w > 0.0 and half_width > 1e-13 * w:
                for factor in (0.0, -5.0, 5.0, -50.0, 50.0):
                    x = w + factor * half_width
                    if 0.0 < x < W_MAX and abs(factor) * half_width < 0.3 * w:
                        points[n] = x
                        n += 1
    points[n] = W_MAX
    n += 1
    points[:n] = np.sort(points[:n])
    return n


@njit(cache=True)
def _panel(a, b, q, layer1, layer2, v11, v22, v12, dynamic, static_u2, same):
    half, centre = 0.5 * (b - a), 0.5 * (a + b)
    fine = coarse = 0.0
    for j in range(NODES.size):
        w = centre + half * NODES[j]
        y = _integrand(q, w, layer1, layer2, v11, v22, v12, dynamic, static_u2, same)
        fine += WEIGHTS[j] * y
        coarse += EMBEDDED[j] * y
    return half * fine, abs(half * (fine - coarse))


@njit(cache=True)
def frequency_integral(q, layer1, layer2, interaction, static, rtol, same):
    """int_0^inf dw |U12|^2 Im Pi1 Im Pi2 / sinh^2(w/2), and its error estimate.

    ``static`` holds the two Thomas-Fermi responses, used when interaction[4] (dynamic) is False.
    Panels are halved, worst first, until the summed |Kronrod - Gauss| is below ``rtol``.
    """
    coulomb, separation, width1, width2, dynamic = interaction
    v11, v22, v12 = coulomb_matrix(q, coulomb, separation, width1, width2)
    u2 = screened_squared(v11, v22, v12, static[0], 0.0, static[1], 0.0)
    points = np.empty(32)
    n = _breakpoints(q, layer1, layer2, v11, v22, v12, dynamic, points, same) - 1
    left, right = np.empty(_MAX_PANELS), np.empty(_MAX_PANELS)
    value, error = np.empty(_MAX_PANELS), np.empty(_MAX_PANELS)
    for i in range(n):
        left[i], right[i] = points[i], points[i + 1]
        value[i], error[i] = _panel(
            left[i], right[i], q, layer1, layer2, v11, v22, v12, dynamic, u2
        )
    while n < _MAX_PANELS and error[:n].sum() > rtol * abs(value[:n].sum()):
        worst = np.argmax(error[:n])
        a, b = left[worst], right[worst]
        middle = 0.5 * (a + b)
        if middle <= a or middle >= b:
            break
        right[worst], left[n], right[n] = middle, middle, b
        value[worst], error[worst] = _panel(
            a, middle, q, layer1, layer2, v11, v22, v12, dynamic, u2
        )
        value[n], error[n] = _panel(middle, b, q, layer1, layer2, v11, v22, v12, dynamic, u2, same)
        n += 1
    return value[:n].sum(), error[:n].sum()


@njit(cache=True)
def momentum_integrand(q, layer1, layer2, interaction, static, rtol, same, value, error):
    """Fill value[i] = q^3 times the frequency integral at q[i], and its error."""
    for i in range(q.size):
        total, uncertainty = frequency_integral(q[i], layer1, layer2, interaction, static, rtol, same)
        value[i] = q[i] ** 3 * total
        error[i] = q[i] ** 3 * uncertainty


@njit(cache=True)
def integrand_map(q, w, layer1, layer2, interaction, static, same, out):
    """Fill out[i, j] with q^3 |U12|^2 Im Pi1 Im Pi2 / sinh^2(w/2) at q[i], w[j]."""
    coulomb, separation, width1, width2, dynamic = interaction
    for i in range(q.size):
        v11, v22, v12 = coulomb_matrix(q[i], coulomb, separation, width1, width2)
        u2 = screened_squared(v11, v22, v12, static[0], 0.0, static[1], 0.0)
        for j in range(w.size):
            y = _integrand(q[i], w[j], layer1, layer2, v11, v22, v12, dynamic, u2, same)
            out[i, j] = q[i] ** 3 * y
