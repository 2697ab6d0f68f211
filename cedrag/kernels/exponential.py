"""exp(-x) without branches or calls, so that LLVM can vectorise a loop that contains it."""

import math

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

from .cached import njit

# Options for code that must vectorise: inlined, no ZeroDivisionError branch, fused multiply-add,
# nothing kept for NaN, infinities and -0.  Never "reassoc": exp_neg lives by the order of its sums.
INLINED = {
    "error_model": "numpy",
    "fastmath": {"contract", "arcp", "nnan", "ninf", "nsz"},
    "forceinline": True,
}
VECTOR = {"cache": True, **INLINED}


def chebyshev_polynomial(function, degree, interval):
    """Power coefficients of the polynomial through ``function`` at Chebyshev nodes.

    Its error is within a factor of about two of the best polynomial of that degree.
    """
    fit = Chebyshev.interpolate(function, degree, domain=interval)
    return tuple(float(c) for c in fit.convert(kind=Polynomial).coef)


def power_series(z, coefficient, n_terms=20):
    """Sum of ``coefficient(n) z^n``, to rounding for the entire functions that are needed here."""
    total = np.zeros_like(z)
    for n in range(n_terms - 1, -1, -1):
        total = total * z + coefficient(n)
    return total


_LOG2_E = 1.0 / math.log(2.0)
_LN2_HIGH = 6.93147180369123816490e-01  # ln 2 in two parts: n * high is exact for |n| < 2^20
_LN2_LOW = 1.90821492927058770002e-10
_ROUND = 1.5 * 2.0**52  # adding it rounds to an integer, which then stands in the lowest bits
_LARGEST = 0.35  # a little more than ln(2)/2
# exp(r) = 1 + r + r^2 E(r)
EXP_SERIES = chebyshev_polynomial(
    lambda r: power_series(r, lambda n: 1.0 / math.factorial(n + 2)), 9, (-_LARGEST, _LARGEST)
)


@njit(**VECTOR)
def horner(coefficients, z):
    """The polynomial with these coefficients, lowest power first, at z."""
    total = coefficients[-1]
    for c in coefficients[-2::-1]:
        total = total * z + c
    return total


@njit(**VECTOR)
def exp_neg(x):
    """exp(-x) for 0 <= x <= 700, to a unit in the last place: 2^n exp(r), |r| <= ln(2)/2."""
    shifted = _ROUND - x * _LOG2_E
    n = shifted - _ROUND
    r = (-x - n * _LN2_HIGH) - n * _LN2_LOW
    p = (horner(EXP_SERIES, r) * r + 1.0) * r + 1.0
    bits = np.float64(p).view(np.int64) + (np.float64(shifted).view(np.int64) << 52)
    return np.int64(bits).view(np.float64)
