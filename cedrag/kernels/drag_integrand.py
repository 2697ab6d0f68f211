"""Frequency integral of the Coulomb-drag rate between two parabolic layers, for given q.

Units: hbar = k_B T = 1. A layer is the tuple (m, eta, g, table) of kernels.polarisability.
``pair`` is (layer1, layer2, same); ``same`` says that both are equal, which halves the work.
``interaction`` is (coulomb, separation, width1, width2, dynamic, static1, static2) with
coulomb = e^2/(4 pi eps) and the Thomas-Fermi responses, which are used if ``dynamic`` is False.
"""

import math

import numpy as np

from .cached import njit
from .gauss_kronrod import EMBEDDED, NODES, WEIGHTS
from .polarisability import response_imaginary, response_real

__all__ = ["coulomb_matrix", "screened_squared", "frequency_integral", "momentum_integrand"]
__all__ += ["integrand_map"]

W_MAX = 46.0  # sinh^-2(w/2) has fallen to 1e-19
_MAX_PANELS = 400
_SCAN_STEP = 0.25  # logarithmic, between the frequencies at which a plasmon is looked for
_FOUR_PI2 = 4.0 * math.pi**2


@njit(cache=True)
def _self_form_factor(x):
    """<exp(-q|z - z'|)> in the lowest state of an infinite well, x = q width."""
    if x < 1e-3:
        return 1.0 + x * (5.0 / _FOUR_PI2 - 1.0 / 3.0 + x * (1.0 / 12.0 - 2.0 / _FOUR_PI2))
    ends = -math.expm1(-x)
    sharp = 2.0 * _FOUR_PI2**2 * ends / (x * x * (x * x + _FOUR_PI2))
    return (3.0 * x + 2.0 * _FOUR_PI2 / x - sharp) / (x * x + _FOUR_PI2)


@njit(cache=True)
def _log_outside_form_factor(x):
    """Logarithm of <exp(q z)>, z measured from the middle of the well, x = q width."""
    if x < 1e-3:
        return x * x * (1.0 / 24.0 - 1.0 / _FOUR_PI2)
    return 0.5 * x + math.log(-math.expm1(-x) * _FOUR_PI2 / (x * (x * x + _FOUR_PI2)))


@njit(cache=True)
def coulomb_matrix(q, coulomb, separation, width1, width2):
    """Bare V11, V22, V12: 2 pi coulomb/q times form factors, and exp(-q d) between the layers."""
    v = 2.0 * math.pi * coulomb / q
    across = _log_outside_form_factor(q * width1) + _log_outside_form_factor(q * width2)
    return (
        v * _self_form_factor(q * width1),
        v * _self_form_factor(q * width2),
        v * math.exp(across - q * separation),
    )


@njit(cache=True)
def screened_squared(bare, p1, p2):
    """|U12|^2 = |V12 / [(1 + V11 P1)(1 + V22 P2) - V12^2 P1 P2]|^2 with P = -chi."""
    v11, v22, v12 = bare
    u = v12 / ((1.0 + v11 * p1) * (1.0 + v22 * p2) - v12 * v12 * p1 * p2)
    return u.real * u.real + u.imag * u.imag


@njit(cache=True)
def _real_parts(q, w, pair):
    layer1, layer2, same = pair
    r1 = response_real(q, w, layer1[0], layer1[1], layer1[2], layer1[3])
    if same:
        return r1, r1
    return r1, response_real(q, w, layer2[0], layer2[1], layer2[2], layer2[3])


@njit(cache=True)
def _imaginary_parts(q, w, pair):
    layer1, layer2, same = pair
    i1 = response_imaginary(q, w, layer1[0], layer1[1], layer1[2])
    if same:
        return i1, i1
    return i1, response_imaginary(q, w, layer2[0], layer2[1], layer2[2])


@njit(cache=True)
def _integrand(q, w, pair, bare, dynamic, static_u2):
    i1, i2 = _imaginary_parts(q, w, pair)
    if i1 * i2 == 0.0:
        return 0.0
    u2 = static_u2
    if dynamic:
        r1, r2 = _real_parts(q, w, pair)
        u2 = screened_squared(bare, complex(r1, i1), complex(r2, i2))
    return u2 * i1 * i2 / math.sinh(0.5 * w) ** 2


@njit(cache=True)
def _modes(q, w, pair, bare):
    """Eigenvalues of the real dielectric matrix: zero at the optical and the acoustic plasmon."""
    r1, r2 = _real_parts(q, w, pair)
    a, b = -bare[0] * r1, -bare[1] * r2
    root = math.sqrt(max((a - b) ** 2 + 4.0 * bare[2] ** 2 * r1 * r2, 0.0))
    return 1.0 - 0.5 * (a + b + root), 1.0 - 0.5 * (a + b - root)


@njit(cache=True)
def _plasmon(low, high, which, q, pair, bare):
    """Frequency and half width of the plasmon between ``low`` and ``high``."""
    for _ in range(60):
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            break
        if _modes(q, middle, pair, bare)[which] < 0.0:
            low = middle
        else:
            high = middle
    w = 0.5 * (low + high)
    step = 1e-4 * w
    rise = _modes(q, w + step, pair, bare)[which] - _modes(q, w - step, pair, bare)[which]
    i1, i2 = _imaginary_parts(q, w, pair)
    return w, max(bare[0] * i1, bare[1] * i2) * 2.0 * step / abs(rise)


@njit(cache=True)
def _add_plasmons(q, edges, pair, bare, points, n):
    """Append each plasmon and points around it to ``points``; return their number.

    A warm layer has no sharp edge, and below its plasmon an eigenvalue may be positive again:
    the zeros are therefore looked for on all frequencies at which one can lie, and on the edges,
    above which that of a cold layer may follow at once.
    """
    first = 0.7 * edges.min()
    count = int(math.log(W_MAX / first) / _SCAN_STEP) + 1 if first < W_MAX else 0
    scan = np.empty(count + edges.size + 1)
    for i in range(count):
        scan[i] = first * math.exp(i * _SCAN_STEP)
    for i in range(edges.size):
        scan[count + i] = min(edges[i], W_MAX)
    scan[-1] = W_MAX
    scan.sort()
    before = _modes(q, scan[0], pair, bare)
    for i in range(1, scan.size):
        after = _modes(q, scan[i], pair, bare)
        for which in range(2):
            if before[which] < 0.0 < after[which] and n + 5 <= points.size:
                w, half_width = _plasmon(scan[i - 1], scan[i], which, q, pair, bare)
                # a narrower pole has an area below 1e-12 of the rest: its weight is its width
                if half_width > 1e-13 * w:
                    for factor in (0.0, -5.0, 5.0, -50.0, 50.0):
                        offset = factor * half_width
                        if abs(offset) < 0.3 * w and w + offset < W_MAX:
                            points[n] = w + offset
                            n += 1
        before = after
    return n


@njit(cache=True)
def _breakpoints(q, pair, bare, dynamic, points):
    """Write the sorted points where the integrand may change quickly; return their number."""
    layer1, layer2, same = pair
    points[0], points[1] = 0.0, W_MAX
    n = 2
    edges = np.empty(2)
    for i, (m, eta) in enumerate(((layer1[0], layer1[1]), (layer2[0], layer2[1]))):
        kappa = math.sqrt(2.0 * m)
        kf = kappa * math.sqrt(max(eta, 0.0))
        inner = kappa * math.sqrt(max(eta - 9.0, 0.0))  # the Fermi step, 9 k_B T to each side
        outer = kappa * math.sqrt(max(eta, 0.0) + 9.0)
        far = kappa * math.sqrt(max(eta, 0.0) + 20.0)
        end = kappa * math.sqrt(max(eta, 0.0) + 42.0)  # exp(-42) is beyond any rtol
        # a dilute layer has its thermal velocity instead of an edge
        edges[i] = (max(kf, kappa) * q + 0.5 * q * q) / m
        if same and i == 1:
            break
        for k in (kf - q, inner, kf, outer, far, end):
            w = abs(k + 0.5 * q) * q / m
            if w < W_MAX:
                points[n] = w
                n += 1
    if dynamic:
        n = _add_plasmons(q, edges, pair, bare, points, n)
    points[:n].sort()
    return n


@njit(cache=True)
def _panel(a, b, q, pair, bare, dynamic, static_u2):
    half, centre = 0.5 * (b - a), 0.5 * (a + b)
    fine = coarse = 0.0
    for j in range(NODES.size):
        y = _integrand(q, centre + half * NODES[j], pair, bare, dynamic, static_u2)
        fine += WEIGHTS[j] * y
        coarse += EMBEDDED[j] * y
    return half * fine, abs(half * (fine - coarse))


@njit(cache=True)
def frequency_integral(q, pair, interaction, rtol):
    """int_0^inf dw |U12|^2 Im Pi1 Im Pi2 / sinh^2(w/2), and its error estimate.

    Panels are halved, worst first, until the summed |Kronrod - Gauss| is below ``rtol``.
    """
    coulomb, separation, width1, width2, dynamic, static1, static2 = interaction
    bare = coulomb_matrix(q, coulomb, separation, width1, width2)
    u2 = screened_squared(bare, complex(static1, 0.0), complex(static2, 0.0))
    points = np.empty(48)
    count = _breakpoints(q, pair, bare, dynamic, points)
    left, right = np.empty(_MAX_PANELS), np.empty(_MAX_PANELS)
    value, error = np.empty(_MAX_PANELS), np.empty(_MAX_PANELS)
    n = 0
    for i in range(count - 1):
        a, b = points[i], points[i + 1]
        if b > a:
            left[n], right[n] = a, b
            value[n], error[n] = _panel(a, b, q, pair, bare, dynamic, u2)
            n += 1
    while n < _MAX_PANELS and error[:n].sum() > rtol * abs(value[:n].sum()):
        worst = np.argmax(error[:n])
        a, b = left[worst], right[worst]
        middle = 0.5 * (a + b)
        if middle <= a or middle >= b:
            break
        right[worst], left[n], right[n] = middle, middle, b
        value[worst], error[worst] = _panel(a, middle, q, pair, bare, dynamic, u2)
        value[n], error[n] = _panel(middle, b, q, pair, bare, dynamic, u2)
        n += 1
    return value[:n].sum(), error[:n].sum()


@njit(cache=True)
def momentum_integrand(q, pair, interaction, rtol, value, error):
    """Fill value[i] = q^3 times the frequency integral at q[i], and its error."""
    for i in range(q.size):
        total, uncertainty = frequency_integral(q[i], pair, interaction, rtol)
        value[i] = q[i] ** 3 * total
        error[i] = q[i] ** 3 * uncertainty


@njit(cache=True)
def integrand_map(q, w, pair, interaction, out):
    """Fill out[i, j] with q^3 |U12|^2 Im Pi1 Im Pi2 / sinh^2(w/2) at q[i], w[j]."""
    coulomb, separation, width1, width2, dynamic, static1, static2 = interaction
    for i in range(q.size):
        bare = coulomb_matrix(q[i], coulomb, separation, width1, width2)
        u2 = screened_squared(bare, complex(static1, 0.0), complex(static2, 0.0))
        for j in range(w.size):
            out[i, j] = q[i] ** 3 * _integrand(q[i], w[j], pair, bare, dynamic, u2)
