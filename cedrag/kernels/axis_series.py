"""Chebyshev series along the mirror axis from integrals on a mesh, for ``axis_states``.

Rows of a series: alpha, beta, their derivatives along the axis, and the second derivatives.
"""

import math

from .arrays import filled, matrix, vector
from .cached import njit
from .columns import ALONG
from .mesh_sums import mesh_values


@njit(cache=True)
def _transform(x, values, column, out):
    """Chebyshev coefficients of a column of values at the n nodes x = cos(pi (i + 1/2)/n)."""
    n = len(x)
    for k in range(n):
        out[k] = 0.0
    for i in range(n):
        before, now, value = 1.0, x[i], values[i, column]
        out[0] += value
        for k in range(1, n):
            out[k] += value * now
            before, now = now, 2.0 * x[i] * now - before
    for k in range(n):
        out[k] *= 2.0 / n if k > 0 else 1.0 / n


@njit(cache=True)
def _derivative(c, scale, out):
    """Coefficients of ``scale`` times the derivative."""
    n = len(c)
    out[n - 1] = 0.0
    for k in range(n - 2, -1, -1):
        after = out[k + 2] if k + 2 < n else 0.0
        out[k] = after + 2.0 * (k + 1) * scale * c[k + 1]
    out[0] *= 0.5


@njit(cache=True)
def largest(a, first):
    """Largest absolute value from index ``first`` on."""
    # numpy's own maximum would load scipy.linalg through numba, 18 MB of it
    most = 0.0
    for i in range(first, len(a)):
        most = max(most, abs(a[i]))
    return most


@njit(cache=True)
def series_on(nodes, lo, hi, n, offset, model):
    """Series (6, n) of alpha, beta and derivatives on [lo, hi], and its relative tail."""
    T, e_band, h_band, E_ref, m_r = model
    x, q = vector(n), filled(n, 2, 0.0)
    for i in range(n):
        x[i] = math.cos(math.pi * (i + 0.5) / n)
        q[i, 0] = 0.5 * (lo + hi) + 0.5 * (hi - lo) * x[i]
    values = mesh_values(nodes[0], nodes[1], nodes[2], q, T, e_band, h_band, E_ref, m_r)
    series = matrix(6, n)
    tail = 0.0
    for row in range(4):
        _transform(x, values, ALONG[row], series[row])
        tail = max(tail, largest(series[row], n - 3) / largest(series[row], 0))
    series[0, 0] += offset
    for row in range(2):
        _derivative(series[2 + row], 2.0 / (hi - lo), series[4 + row])
    return series, tail


@njit(cache=True)
def _length(half, strip, accuracy):
    """Nodes of a Chebyshev series on a half width for poles at +-i strip of high order."""
    s = strip / half
    return max(12, math.ceil((math.log(1.0 / accuracy) + 9.0) / math.asinh(s)))


@njit(cache=True)
def converged_series(nodes, lo, hi, strip, offset, model, rtol):
    """Series on [lo, hi] with poles at +-i ``strip``, and its tail, if need be with more nodes."""
    n = _length(0.5 * (hi - lo), strip, 0.1 * rtol)
    series, tail = series_on(nodes, lo, hi, n, offset, model)
    if tail > 0.3 * rtol:
        n = math.ceil(n * min(2.0, math.log(0.1 * rtol) / math.log(min(tail, 0.1))))
        series, tail = series_on(nodes, lo, hi, n, offset, model)
    return series, tail
